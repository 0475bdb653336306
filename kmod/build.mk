# SPDX-License-Identifier: GPL-2.0
#
# The module: build/kmod/VERSION/ksrtp.ko, for as many kernels as wanted.

ALL += module

module:
	@kmod/build.sh $(KDIR)

module-vm:
	@ver=$$(tests/vm/fetch-kernel) && \
	kmod/build.sh $(O)/kernel/$$ver/lib/modules/$$ver/build

# The test build: self-tests at load, switches that only tests need.
module-test:
	@ver=$$(tests/vm/fetch-kernel) && \
	KSRTP_TEST=1 kmod/build.sh $(O)/kernel/$$ver/lib/modules/$$ver/build
