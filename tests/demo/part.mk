# SPDX-License-Identifier: GPL-2.0
#
# The demo; it installs packages and builds by itself, so it wants nothing.

TESTS += $(O)/tests/demo/holder

demo:
	+@MAKE='$(MAKE)' tests/demo/run

$(O)/tests/demo/holder: tests/demo/holder.c $(O)/libksrtp.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(O)/libksrtp.a \
		$$($(PKG_CONFIG) --libs libmnl libbpf libcrypto)
