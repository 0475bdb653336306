# SPDX-License-Identifier: GPL-2.0
#
# The test endpoints: OpenSSL and libsrtp2, nothing of ksrtp (so its include
# folders are not searched).

INTEROP_OBJ := $(patsubst tests/interop/%.c,$(O)/tests/interop/%.o,$(wildcard tests/interop/*.c))
TESTS += $(O)/tests/interop/endpoint

$(INTEROP_OBJ): $(O)/tests/interop/%.o: tests/interop/%.c
	@mkdir -p $(@D)
	$(CC) $(filter-out -Iinclude%,$(CFLAGS)) \
		$$($(PKG_CONFIG) --cflags openssl libsrtp2 jansson) -c -o $@ $<

$(O)/tests/interop/endpoint: $(INTEROP_OBJ)
	$(CC) $(LDFLAGS) -o $@ $^ $$($(PKG_CONFIG) --libs openssl libsrtp2 jansson) -lm

# The bad wire of check-interop.
check-interop: $(O)/tests/interop/loss.bpf.o

$(O)/tests/interop/loss.bpf.o: tests/interop/clients/loss.bpf.c
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) -c $< -o $@

-include $(INTEROP_OBJ:.o=.d)
