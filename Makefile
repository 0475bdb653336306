# SPDX-License-Identifier: GPL-2.0
#
# The human verbs; `make help` lists them. Nothing here needs root or writes
# outside build/. Each part adds its own rules and names what `make` shall
# build in ALL, what the tests need besides in TESTS.

# Where Debian keeps bpftool and depmod, and an ordinary user does not look.
export PATH := $(PATH):/usr/sbin:/sbin

O := build
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SUFFIXES:

CC := gcc
CLANG := clang
AR := ar
PKG_CONFIG := pkg-config
OPT := -O2 -g
CPPFLAGS := -D_GNU_SOURCE -Iinclude -Iinclude/uapi
CFLAGS := -std=gnu11 $(OPT) $(CPPFLAGS) -MMD -MP -Wall -Wextra -Werror -Wshadow \
	-Wmissing-prototypes -Wstrict-prototypes -Wold-style-definition -Wformat=2 \
	-fno-common -fno-strict-aliasing -fPIE -fstack-protector-strong \
	-fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
LDFLAGS := -pie -Wl,-z,relro,-z,now -Wl,--as-needed
LDLIBS :=

# Headers folder of the kernel to build the module for; empty: the running one.
KDIR ?=

ALL :=
TESTS :=

.PHONY: all module module-vm module-test check check-native check-interop check-kernels check-debug demo vm-shell vm-kernel deps fuzz clean clean-kernel help
all:

# Say what is missing, and how to get it, before a compiler does in its words. The two
# verbs that a newcomer starts with install it, where they run as root.
ifneq ($(filter-out deps clean clean-kernel help vm-kernel,$(or $(MAKECMDGOALS),all)),)
include $(O)/tools.mk
endif
$(O)/tools.mk: tests/deps.sh
	@mkdir -p $(@D)
	@sh tests/deps.sh $(if $(filter check demo,$(MAKECMDGOALS)),,--check build)
	@touch $@

-include kmod/build.mk
-include bpf/build.mk
-include userspace/build.mk
-include userspace/install.mk
-include tests/build.mk

all: $(ALL)

vm-kernel:
	@tests/vm/fetch-kernel

check: $(ALL) $(TESTS) module-vm module-test
	@sh tests/deps.sh --check test
	@/usr/bin/python3 tests/run $(SUITES)

check-native: $(filter-out module,$(ALL)) $(TESTS)
	@/usr/bin/python3 tests/run --native $(SUITES)

# Real browsers and phones, and a whole systemd with the module; one suite at a time, since
# all of them talk in real time.
check-interop: $(ALL) $(TESTS) module-vm
	@sh tests/deps.sh --check interop 2>/dev/null || sh tests/deps.sh interop
	@/usr/bin/python3 tests/run --jobs 1 --suites tests/interop/suites \
		--results $(O)/check-interop.json $(SUITES)

# Every kernel that is supported, and the one that finds mistakes; neither is part of check.
check-kernels: $(filter-out module,$(ALL)) $(TESTS)
	@sh tests/deps.sh --check kernels 2>/dev/null || sh tests/deps.sh kernels
	@tests/vm/check-kernels --suites "$(SUITES)" default backports

check-debug: $(filter-out module,$(ALL)) $(TESTS)
	@sh tests/deps.sh --check debug 2>/dev/null || sh tests/deps.sh debug
	@tests/vm/check-kernels --results $(O)/check-debug.json --suites "$(SUITES)" debug

vm-shell: module-vm
	@tests/vm/run -i

deps:
	@sh tests/deps.sh

# The kernels for the VM stay, and the Debian 13 that builds for one of them.
clean:
	@if [ -d $(O) ]; then find $(O) -mindepth 1 -maxdepth 1 ! -name kernel ! -name roots -exec rm -rf {} +; fi

clean-kernel:
	@rm -rf $(O)/kernel $(O)/roots

help:
	@echo 'make               everything: module, BPF, library, agent, CLI'
	@echo 'make module        ksrtp.ko for the running kernel, else for the test VM; KDIR=headers for another'
	@echo 'make module-vm     ksrtp.ko for the kernel of the test VM'
	@echo 'make check         all tests, in a VM what needs the module; SUITES="name ..." for some'
	@echo 'make check-native  the tests that need no VM'
	@echo 'make check-interop Chromium and baresip through the host, and the units with the module;'
	@echo '                   installs them (root)'
	@echo 'make check-kernels the tests of the module on 6.12 and on the newest kernel of Debian 13'
	@echo '                   backports, built in a Debian 13 made for it (root)'
	@echo 'make check-debug   the same on a kernel with KASAN, lockdep and kmemleak, built first'
	@echo '                   (20 minutes, 4 GB)'
	@echo 'make demo          a call end to end, in a VM'
	@echo 'make fuzz          fuzz the parsers'
	@echo 'make vm-shell      a root shell in the test VM'
	@echo 'make vm-kernel     fetch and unpack the kernel for the test VM (no root)'
	@echo 'make install       what was built, and the module for DKMS; DESTDIR, prefix, sysconfdir,'
	@echo '                   unitdir and the other GNU names are respected; make uninstall'
	@echo 'make install-module  ksrtp.ko for the running kernel (KDIR=headers for another), without DKMS'
	@echo 'make deps          install the Debian packages that all this needs (root)'
	@echo 'make clean         remove what was built; clean-kernel: the kernels of the VM'
