# SPDX-License-Identifier: GPL-2.0
#
# BPF objects and their skeletons. What includes a skeleton adds
# -I$(O)/bpf to its flags and depends on $(BPF_SKEL).

BPFTOOL := $(firstword $(wildcard /usr/sbin/bpftool /usr/bin/bpftool) bpftool)
BPF_SKEL := $(O)/bpf/ksrtp.skel.h

# The tracepoints hand over more than every program wants, hence no
# -Wunused-parameter. The triplet has <asm/types.h>.
BPF_CFLAGS := -target bpf -mcpu=v3 -O2 -g -Iinclude -Iinclude/uapi \
	-I/usr/include/$(shell $(CC) -print-multiarch) \
	-Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wno-unused-parameter

ALL += $(BPF_SKEL)

$(O)/bpf/%.bpf.o: bpf/%.bpf.c
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) -MMD -MP -MT $@ -c $< -o $@

# Linking drops the debug sections, but not the BTF.
$(O)/bpf/%.linked.o: $(O)/bpf/%.bpf.o
	$(BPFTOOL) gen object $@ $<

$(O)/bpf/%.skel.h: $(O)/bpf/%.linked.o
	$(BPFTOOL) gen skeleton $< name $*_bpf >$@.new
	@mv $@.new $@

.SECONDARY: $(O)/bpf/ksrtp.bpf.o $(O)/bpf/ksrtp.linked.o

-include $(wildcard $(O)/bpf/*.bpf.d)

# The library holds the program.
$(O)/userspace/libksrtp/xdp_load.o: $(BPF_SKEL)
