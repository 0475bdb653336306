# SPDX-License-Identifier: GPL-2.0
#
# The module's packet engine in userspace: the sources of kmod/ named in ENGINE_KMOD,
# on the stand-ins for the kernel in tests/engine/include/, and programs that use it:
#	build/tests/engine/NAME

ENGINE_KMOD := receive transmit relay quality ice transform hdrext path stream keys past keyring route leg port call
ENGINE_LIB := engine kernel crypto peer differential differences
ENGINE := libsrtp2 unit
ENGINE_UNIT := receive past attack transmit limits ssrc quality vectors cryptex hdrext ice port

# The kernel's own build warns of none of these.
ENGINE_FLAGS := -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers \
	-include kmod/core/user.h -Itests/engine/include -Ikmod -Itests
ENGINE_CFLAGS = $(CFLAGS) $(SANITIZE) $(ENGINE_FLAGS)

ENGINE_SRCS := $(ENGINE_KMOD:%=kmod/%.c) $(ENGINE_LIB:%=tests/engine/%.c)
ENGINE_KMOD_OBJS := $(ENGINE_KMOD:%=$(TB)/engine/kmod_%.o)
ENGINE_CORE_OBJS := $(CORE_SRCS:kmod/core/%.c=$(TB)/engine/core_%.o)
ENGINE_OBJS := $(ENGINE_LIB:%=$(TB)/engine/%.o)

TESTS += $(ENGINE:%=$(TB)/engine/%)

$(ENGINE_KMOD_OBJS): $(TB)/engine/kmod_%.o: kmod/%.c tests/engine/part.mk
	@mkdir -p $(@D)
	$(CC) $(ENGINE_CFLAGS) -c $< -o $@

$(ENGINE_CORE_OBJS): $(TB)/engine/core_%.o: kmod/core/%.c tests/engine/part.mk
	@mkdir -p $(@D)
	$(CC) $(ENGINE_CFLAGS) -c $< -o $@

ENGINE_UNIT_OBJS := $(ENGINE_UNIT:%=$(TB)/engine/unit_%.o)

$(ENGINE_OBJS) $(ENGINE_UNIT_OBJS) $(ENGINE:%=$(TB)/engine/%.o): $(TB)/engine/%.o: tests/engine/%.c tests/engine/part.mk
	@mkdir -p $(@D)
	$(CC) $(ENGINE_CFLAGS) -c $< -o $@

$(TB)/engine/unit: $(ENGINE_UNIT_OBJS)
$(ENGINE:%=$(TB)/engine/%): $(TB)/engine/%: $(TB)/engine/%.o $(ENGINE_OBJS) $(ENGINE_KMOD_OBJS) \
		$(ENGINE_CORE_OBJS)
	$(CC) $(SANITIZE) $(LDFLAGS) $^ -lsrtp2 -lcrypto -o $@

# The fuzz target has all these sources inside.
ENGINE_FUZZ := $(TB)/fuzz/replay_engine $(TB)/fuzz/fuzz_engine
$(ENGINE_FUZZ): $(ENGINE_SRCS) $(wildcard kmod/*.h tests/engine/*.h tests/engine/include/*/*.h)
$(ENGINE_FUZZ): FUZZ_CFLAGS += $(ENGINE_FLAGS)
$(ENGINE_FUZZ): LDFLAGS += -Wl,--no-as-needed -lsrtp2 -lcrypto
