# SPDX-License-Identifier: GPL-2.0
#
# The library, the agent and the CLI. Each has a part.mk of its own, which adds
# to ALL; here are the rules that they share: objects lie under build/ as their
# sources lie in the tree.

# One version for everything that ships together.
KSRTP_VERSION := $(shell sed -n 's/^.define KSRTP_VERSION "\(.*\)"/\1/p' kmod/version.h)

$(O)/userspace/%.o: userspace/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<

# The library first: the others link it by the name LIBKSRTP.
include userspace/libksrtp/part.mk
-include $(filter-out userspace/libksrtp/part.mk,$(wildcard userspace/*/part.mk))
