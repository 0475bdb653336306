# SPDX-License-Identifier: GPL-2.0
#
# tests/fuzz/fuzz_NAME.c is the target NAME, its seeds are in corpus/NAME/:
#	build/tests/fuzz/replay_NAME	runs the seeds, part of the tests
#	build/tests/fuzz/fuzz_NAME	libFuzzer, for `make fuzz FUZZ_TIME=60`
# What it finds on the way is kept in build/fuzz/NAME/.

FUZZ_TIME := 60
FUZZ := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_REPLAY := $(FUZZ:%=$(TB)/fuzz/replay_%)
FUZZ_CFLAGS = $(filter-out -MMD -MP,$(CFLAGS)) $(CORE) -Itests -Itests/fuzz
FUZZ_DEPS := $(CORE_SRCS) $(wildcard kmod/core/*.h tests/fuzz/*.h tests/unit/*.h include/ksrtp/wire.h) \
	Makefile tests/build.mk tests/fuzz/part.mk

TESTS += $(FUZZ_REPLAY)

$(FUZZ_REPLAY): $(TB)/fuzz/replay_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c $(FUZZ_DEPS)
	@mkdir -p $(@D)
	$(CC) $(FUZZ_CFLAGS) $(SANITIZE) $(LDFLAGS) $(filter %.c,$^) -o $@

$(FUZZ:%=$(TB)/fuzz/fuzz_%): $(TB)/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(FUZZ_DEPS)
	@mkdir -p $(@D)
	$(CLANG) $(filter-out -fstack-clash-protection,$(FUZZ_CFLAGS)) -fsanitize=fuzzer $(SANITIZE) \
		$(LDFLAGS) $(filter %.c,$^) -o $@

.PHONY: $(FUZZ:%=fuzz-%)
fuzz: $(FUZZ:%=fuzz-%)

$(FUZZ:%=fuzz-%): fuzz-%: $(TB)/fuzz/fuzz_%
	@mkdir -p $(O)/fuzz/$*
	@echo "fuzz $*: $(FUZZ_TIME) s"
	@$< -max_total_time=$(FUZZ_TIME) -print_final_stats=1 -artifact_prefix=$(O)/fuzz/$*- \
		$(O)/fuzz/$* tests/fuzz/corpus/$* >$(O)/fuzz/$*.log 2>&1 || \
		{ tail -n 60 $(O)/fuzz/$*.log >&2; exit 1; }
	@sed -n 's/^stat::number_of_executed_units: */  inputs run: /p' $(O)/fuzz/$*.log
