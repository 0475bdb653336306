# SPDX-License-Identifier: GPL-2.0
#
# build/tests/unit/NAME for each program; its objects are NAME_OBJS.

UNIT := core vectors peer race
UNIT_CFLAGS = $(CFLAGS) $(SANITIZE) $(CORE) -Itests

TESTS += $(UNIT:%=$(TB)/unit/%)

UNIT_core := core index replay numbers rtp rtcp rtcp_map report wire kdf stun
UNIT_vectors := vectors
UNIT_peer := peer

UNIT_ALL := $(UNIT_core) $(UNIT_vectors) $(UNIT_peer)
UNIT_objs = $(patsubst %,$(TB)/unit/%.o,$(1)) $(CORE_OBJS)

$(UNIT_ALL:%=$(TB)/unit/%.o): $(TB)/unit/%.o: tests/unit/%.c tests/unit/part.mk
	@mkdir -p $(@D)
	$(CC) $(UNIT_CFLAGS) -c $< -o $@

$(TB)/unit/core: $(call UNIT_objs,$(UNIT_core))
	$(CC) $(SANITIZE) $(LDFLAGS) $^ -lcrypto -o $@

$(TB)/unit/vectors: $(call UNIT_objs,$(UNIT_vectors))
	$(CC) $(SANITIZE) $(LDFLAGS) $^ -lcrypto -o $@

$(TB)/unit/peer: $(call UNIT_objs,$(UNIT_peer))
	$(CC) $(SANITIZE) $(LDFLAGS) $^ -lsrtp2 -lcrypto -o $@

# Threads, so another sanitizer; it wants its own objects.
$(TB)/unit/race: tests/unit/race.c kmod/core/replay.c $(wildcard kmod/core/*.h tests/unit/*.h) tests/unit/part.mk
	@mkdir -p $(@D)
	$(CC) $(filter-out -MMD -MP,$(CFLAGS)) -fsanitize=thread $(CORE) $(LDFLAGS) -pthread \
		$(filter %.c,$^) -o $@
