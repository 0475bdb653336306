# SPDX-License-Identifier: GPL-2.0
#
# build/tests/media/NAME for each program; its objects are MEDIA_NAME.

MEDIA := protect keys routes incumbent stress limits relay stun faults
MEDIA_LIB := main call net session packet vector
MEDIA_CFLAGS = $(CFLAGS) -Wno-missing-field-initializers -pthread

TESTS += $(MEDIA:%=$(TB)/media/%)

MEDIA_protect := protect streams move port vectors cryptex
MEDIA_keys := keys_main keys rekey hdrext
MEDIA_routes := routes ssrc fanout quality
MEDIA_incumbent := incumbent secrecy hidden
MEDIA_stress := stress stress_keys stress_move
MEDIA_limits := limits
MEDIA_relay := relay
MEDIA_stun := stun
MEDIA_faults := faults

$(TB)/media/%.o: tests/media/%.c tests/media/part.mk
	@mkdir -p $(@D)
	$(CC) $(MEDIA_CFLAGS) -c $< -o $@

$(foreach p,$(MEDIA),$(eval $(TB)/media/$(p): $(MEDIA_$(p):%=$(TB)/media/%.o)))

$(MEDIA:%=$(TB)/media/%): $(MEDIA_LIB:%=$(TB)/media/%.o) $(TB)/bpf/frame.o $(LIBKSRTP)
	$(CC) $(LDFLAGS) -pthread $(filter %.o,$^) $(LIBKSRTP) $(LIBKSRTP_LIBS) -lsrtp2 -lmnl -lcrypto -o $@

.SECONDARY: $(MEDIA_LIB:%=$(TB)/media/%.o)
