# SPDX-License-Identifier: GPL-2.0
#
# The module between devices: build/tests/netns/truth on tests/bpf's world.

NETNS_truth := truth path size form ipsec egress generic fpu
NETNS_world := world srtp prog frame

TESTS += $(TB)/netns/truth

NETNS_objs := $(NETNS_truth:%=$(TB)/netns/%.o)

$(NETNS_objs): $(TB)/netns/%.o: tests/netns/%.c tests/netns/part.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -I$(O)/bpf -Wno-missing-field-initializers -c $< -o $@

$(TB)/netns/truth: $(NETNS_objs) $(NETNS_world:%=$(TB)/bpf/%.o) $(LIBKSRTP)
	$(CC) $(LDFLAGS) $^ $(LIBKSRTP_LIBS) -lcrypto -o $@

# Native XDP on virtio-net: both ends of it are one program.
TESTS += $(TB)/netns/virtio

NETNS_virtio := $(TB)/netns/virtio.o $(TB)/netns/virtio_many.o

$(NETNS_virtio): $(TB)/netns/%.o: tests/netns/%.c tests/netns/part.mk
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Wno-missing-field-initializers -c $< -o $@

$(TB)/netns/virtio: $(NETNS_virtio) $(LIBKSRTP)
	$(CC) $(LDFLAGS) $^ $(LIBKSRTP_LIBS) -lcrypto -lsrtp2 -o $@
