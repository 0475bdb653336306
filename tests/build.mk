# SPDX-License-Identifier: GPL-2.0
#
# What the tests are built from. Each folder's part.mk adds its programs to
# TESTS and its own rules; here is what they share.

TB := $(O)/tests

# kmod/core/ in userspace, under sanitizers that end the program.
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
CORE := -include kmod/core/user.h -Ikmod
CORE_SRCS := $(wildcard kmod/core/*.c)
CORE_OBJS := $(CORE_SRCS:kmod/core/%.c=$(TB)/core/%.o)

$(CORE_OBJS): $(TB)/core/%.o: kmod/core/%.c Makefile tests/build.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SANITIZE) $(CORE) -c $< -o $@

-include $(wildcard tests/*/part.mk)
-include $(wildcard $(TB)/*/*.d)
