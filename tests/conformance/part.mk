# SPDX-License-Identifier: GPL-2.0
#
# One suite for three datapaths:
#	build/tests/conformance/user	with the agent's own engine in it
#	build/tests/conformance/kernel	xdp and skb, against the module

CONF := $(TB)/conformance
CONF_COMMON := main script script_control script_packet packet srtp_peer results
CONF_CFLAGS = $(CFLAGS) -Iuserspace -Ikmod -I$(O)/bpf -Wno-missing-field-initializers
CONF_ENGINE := addr user_engine user_key user_quality user_receive user_relay user_srtp user_stream user_transmit

TESTS += $(CONF)/user $(CONF)/kernel $(CONF)/peer_test

$(CONF)/%.san.o: tests/conformance/%.c tests/conformance/part.mk
	@mkdir -p $(@D)
	$(CC) $(CONF_CFLAGS) $(SANITIZE) -c $< -o $@

$(CONF)/%.o: tests/conformance/%.c tests/conformance/part.mk
	@mkdir -p $(@D)
	$(CC) $(CONF_CFLAGS) -c $< -o $@

$(CONF)/user: $(CONF_COMMON:%=$(CONF)/%.san.o) $(CONF)/driver_user.san.o \
		$(CONF_ENGINE:%=$(TB)/agent/%.o) $(CORE_OBJS) $(LIBKSRTP)
	$(CC) $(SANITIZE) $(LDFLAGS) $^ -o $@ $(LIBKSRTP_LIBS) -lsrtp2 -ljansson -lcrypto

$(CONF)/peer_test: $(CONF)/peer_test.san.o $(CONF)/srtp_peer.san.o $(CONF)/packet.san.o
	$(CC) $(SANITIZE) $(LDFLAGS) $^ -o $@ -lsrtp2 -lcrypto

$(CONF)/kernel: $(CONF_COMMON:%=$(CONF)/%.o) $(CONF)/driver_kernel.o \
		$(call BPFT_objs,world srtp prog frame) $(LIBKSRTP)
	$(CC) $(LDFLAGS) $^ -o $@ $(LIBKSRTP_LIBS) -ljansson -lcrypto
