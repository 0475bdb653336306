# SPDX-License-Identifier: GPL-2.0
#
# build/tests/bpf/NAME for each program; its objects are BPFT_NAME.

BPFT := parse_test script_test attach_test frame_test
# Rows of tables end where only zeros follow.
BPFT_CFLAGS = $(CFLAGS) -I$(O)/bpf -Wno-missing-field-initializers

TESTS += $(BPFT:%=$(TB)/bpf/%)

# The parser runs natively under sanitizers, the others against the kernel.
BPFT_parse_test := parse_test.san frame.san
BPFT_script_test := script_test egress prog frame
BPFT_attach_test := attach_test
BPFT_frame_test := frame_test forward refuse plain slow live world srtp prog frame

BPFT_objs = $(patsubst %,$(TB)/bpf/%.o,$(1))

$(TB)/bpf/%.o: tests/bpf/%.c tests/bpf/part.mk
	@mkdir -p $(@D)
	$(CC) $(BPFT_CFLAGS) -c $< -o $@

$(TB)/bpf/%.san.o: tests/bpf/%.c tests/bpf/part.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SANITIZE) -c $< -o $@

$(TB)/bpf/prog.o $(TB)/bpf/egress.o: $(BPF_SKEL)

# A program for a test alone.
$(TB)/bpf/room.bpf.o: tests/bpf/room.bpf.c tests/bpf/part.mk
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) -MMD -MP -MT $@ -c $< -o $@

$(TB)/bpf/room.skel.h: $(TB)/bpf/room.bpf.o
	$(BPFTOOL) gen skeleton $< name room_bpf >$@.new
	@mv $@.new $@

$(TB)/bpf/slow.o: $(TB)/bpf/room.skel.h
$(TB)/bpf/slow.o: BPFT_CFLAGS += -I$(TB)/bpf

$(TB)/bpf/parse_test: $(call BPFT_objs,$(BPFT_parse_test))
	$(CC) $(SANITIZE) $(LDFLAGS) $^ -o $@

$(TB)/bpf/script_test: $(call BPFT_objs,$(BPFT_script_test))
	$(CC) $(LDFLAGS) $^ -lbpf -o $@

$(TB)/bpf/frame_test: $(call BPFT_objs,$(BPFT_frame_test)) $(LIBKSRTP)
	$(CC) $(LDFLAGS) $^ $(LIBKSRTP_LIBS) -lcrypto -o $@

$(TB)/bpf/attach_test: $(call BPFT_objs,$(BPFT_attach_test)) $(LIBKSRTP)
	$(CC) $(LDFLAGS) $^ $(LIBKSRTP_LIBS) -o $@

# The module that answers by a script, for the kernel that the VM suites run on.
.PHONY: bpf-script-module bpf-script-source
check: bpf-script-module
check-kernels check-debug: bpf-script-source

bpf-script-source:
	@rm -rf $(TB)/bpf/script && mkdir -p $(TB)/bpf/script
	@cp -rp tests/bpf/script/Kbuild tests/bpf/script/kmod include $(TB)/bpf/script/

bpf-script-module: bpf-script-source
	@kdir= && \
	if [ "$$KSRTP_HOST" != 1 ]; then \
		ver=$$(tests/vm/fetch-kernel) && kdir=$(O)/kernel/$$ver/lib/modules/$$ver/build; \
	fi && \
	SRC=$(CURDIR)/$(TB)/bpf/script OUT=$(CURDIR)/$(TB)/bpf/kmod kmod/build.sh $$kdir >/dev/null

$(TB)/fuzz/replay_frame $(TB)/fuzz/fuzz_frame: bpf/parse.bpf.h
