# SPDX-License-Identifier: GPL-2.0
#
# Tests of the control ABI: that its three descriptions agree, and what the
# kernel refuses.

NETLINK_TESTS := policy_dump refusals answers random faults scene
NETLINK_BIN := $(NETLINK_TESTS:%=$(TB)/netlink/%)

TESTS += $(NETLINK_BIN)

$(TB)/netlink/raw.o: tests/netlink/raw.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<

$(NETLINK_BIN): $(TB)/netlink/%: tests/netlink/%.c $(TB)/netlink/raw.o $(LIBKSRTP)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Itests/unit $(LDFLAGS) -o $@ $< $(TB)/netlink/raw.o $(LIBKSRTP) $(LIBKSRTP_LIBS) \
		$(shell $(PKG_CONFIG) --libs jansson)

-include $(NETLINK_BIN:%=%.d) $(TB)/netlink/raw.d
