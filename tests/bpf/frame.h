/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frames for tests, octet by octet from the standards, without any code of the
 * parts under test.
 */
#ifndef TESTS_BPF_FRAME_H
#define TESTS_BPF_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX	9000

struct frame_tag {
	uint16_t proto;		/* 0x8100, 0x88a8 */
	uint16_t tci;
};

struct frame_spec {
	uint8_t dst_mac[6], src_mac[6];
	struct frame_tag tag[3];	/* until one with proto 0 */
	int family;			/* 4 or 6 */
	uint8_t src[16], dst[16];
	uint16_t src_port, dst_port;
	uint8_t dscp, ttl;
	uint16_t id, frag;		/* IPv4: identification; flags and offset */
	uint32_t flow;			/* IPv6: flow label */
	const uint8_t *payload;
	size_t payload_len;
};

struct frame {
	uint8_t octet[FRAME_MAX];
	size_t len;
	/* where things are in it */
	size_t l3, l4, payload;
};

uint16_t frame_get16(const uint8_t *p);
void frame_put16(uint8_t *p, uint16_t v);
/* Internet checksum of RFC 1071 over @len octets, starting from @sum. */
uint16_t frame_checksum(const uint8_t *p, size_t len, uint32_t sum);
/* With right lengths and checksums. */
void frame_build(struct frame *frame, const struct frame_spec *spec);
/* Again, after a test changed the headers. */
void frame_fix_ip_checksum(struct frame *frame);

#endif /* TESTS_BPF_FRAME_H */
