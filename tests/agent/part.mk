# SPDX-License-Identifier: GPL-2.0
#
# Tests of the agent, from its own sources under the sanitizers:
#	build/tests/unit/agent_NAME	one part of it
#	build/tests/agent/ksrtpd	the whole of it, on a recording libksrtp

AGENT_SRC := $(wildcard userspace/ksrtpd/*.c)
AGENT_OBJ := $(AGENT_SRC:userspace/ksrtpd/%.c=$(TB)/agent/%.o)
AGENT_UNIT := $(patsubst tests/unit/agent_%.c,%,$(wildcard tests/unit/agent_*.c))
AGENT_CFLAGS = $(CFLAGS) $(SANITIZE) -DKSRTPD_VERSION='"$(KSRTP_VERSION)"' -Iuserspace -Itests \
	-Itests/unit -Ikmod
AGENT_LIBS = $(shell $(PKG_CONFIG) --libs libevent_core libevent_openssl libssl libcrypto jansson libsrtp2 sqlite3) -pthread
# It records what is asked, and has the library's own names.
AGENT_FAKE := $(TB)/agent/fake_ksrtp.o $(O)/userspace/libksrtp/names.o
agent_obj = $(1:%=$(TB)/agent/%.o)

TESTS += $(AGENT_UNIT:%=$(TB)/unit/agent_%) $(TB)/agent/ksrtpd

$(AGENT_OBJ): $(TB)/agent/%.o: userspace/ksrtpd/%.c tests/agent/part.mk
	@mkdir -p $(@D)
	$(CC) $(AGENT_CFLAGS) -c $< -o $@

$(call agent_obj,fake_ksrtp peer point): $(TB)/agent/%.o: tests/agent/%.c tests/agent/part.mk
	@mkdir -p $(@D)
	$(CC) $(AGENT_CFLAGS) -c $< -o $@

$(AGENT_UNIT:%=$(TB)/unit/agent_%.o): $(TB)/unit/%.o: tests/unit/%.c tests/agent/part.mk
	@mkdir -p $(@D)
	$(CC) $(AGENT_CFLAGS) -c $< -o $@

$(call agent_obj,main agent_method metrics): kmod/version.h

# All of it but main(), from which each program takes what it needs.
AGENT_LIB := $(TB)/agent/libagent.a
# The description that the agent serves, from where the agent's own program has it.
AGENT_DATA := $(O)/userspace/ksrtpd/openapi.o
$(AGENT_LIB): $(filter-out $(TB)/agent/main.o,$(AGENT_OBJ)) $(CORE_OBJS) $(AGENT_FAKE) $(AGENT_DATA)
	@rm -f $@
	$(AR) rcs $@ $^

$(TB)/unit/agent_store: $(call agent_obj,store store_schema log failure)
$(TB)/unit/agent_policy: $(call agent_obj,store store_schema policy policy_decide federation log failure)
$(TB)/unit/agent_dtls $(TB)/unit/agent_dtls_net $(TB)/unit/agent_leg $(TB)/unit/agent_candidates: $(call agent_obj,peer)
$(TB)/unit/agent_leg $(TB)/unit/agent_candidates: $(call agent_obj,point)
# SRTP on OpenSSL alone
$(TB)/unit/agent_engine $(TB)/unit/agent_random: $(TB)/conformance/srtp_peer.san.o

$(AGENT_UNIT:%=$(TB)/unit/agent_%): $(TB)/unit/agent_%: $(TB)/unit/agent_%.o $(AGENT_LIB)
	$(CC) $(SANITIZE) $(LDFLAGS) $(filter %.o,$^) $(AGENT_LIB) -o $@ $(AGENT_LIBS)

$(TB)/agent/ksrtpd: $(AGENT_OBJ) $(CORE_OBJS) $(AGENT_FAKE) $(AGENT_DATA)
	$(CC) $(SANITIZE) $(LDFLAGS) $^ -o $@ $(AGENT_LIBS)

# The fuzz targets have the sources that they test inside them; their libraries come
# from here, before the sources on the command line.
$(TB)/fuzz/replay_sdp $(TB)/fuzz/fuzz_sdp: LDFLAGS += -Wl,--no-as-needed -lcrypto
$(TB)/fuzz/replay_request $(TB)/fuzz/fuzz_request: LDFLAGS += -Wl,--no-as-needed -lssl -lcrypto -ljansson
$(TB)/fuzz/replay_http $(TB)/fuzz/fuzz_http: LDFLAGS += -Wl,--no-as-needed -ljansson
$(TB)/fuzz/replay_token $(TB)/fuzz/fuzz_token: LDFLAGS += -Wl,--no-as-needed -lcrypto
$(TB)/fuzz/replay_stun $(TB)/fuzz/fuzz_stun: LDFLAGS += -Wl,--no-as-needed -lcrypto
$(foreach t,sdp request,$(TB)/fuzz/replay_$t $(TB)/fuzz/fuzz_$t): $(TB)/agent/sources

$(TB)/agent/sources: $(wildcard userspace/ksrtpd/*.[ch])
	@mkdir -p $(@D)
	@touch $@
