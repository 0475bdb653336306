// SPDX-License-Identifier: GPL-2.0
/* The XDP program's parser, compiled for userspace: what it serves, what it leaves alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/parse.bpf.h"
#include "../unit/tap.h"
#include "frame.h"

#define TAG_C	{ 0x8100, 0x2005 }
#define TAG_S	{ 0x88a8, 0x000a }

static const uint8_t media[] = { 0x80, 0x60, 0x12, 0x34, 0, 0, 0, 1, 0xde, 0xad, 0xbe, 0xef, 9, 8, 7 };

static const struct frame_spec base4 = {
	.dst_mac = { 2, 0, 0, 0, 0, 1 }, .src_mac = { 2, 0, 0, 0, 0, 2 },
	.family = 4, .src = { 192, 0, 2, 2 }, .dst = { 192, 0, 2, 1 },
	.src_port = 5004, .dst_port = 40000, .ttl = 64, .frag = 0x4000,
	.payload = media, .payload_len = sizeof(media),
};

static const struct frame_spec base6 = {
	.dst_mac = { 2, 0, 0, 0, 0, 1 }, .src_mac = { 2, 0, 0, 0, 0, 2 },
	.family = 6, .src = { 0x20, 1, 0xd, 0xb8, [15] = 2 }, .dst = { 0x20, 1, 0xd, 0xb8, [15] = 1 },
	.src_port = 5004, .dst_port = 40000, .ttl = 64, .flow = 0xabcde,
	.payload = media, .payload_len = sizeof(media),
};

/*
 * From a heap block of just that size, so that the sanitizer sees every octet too
 * far, and two octets in, so that the IP header is aligned as in a driver's.
 */
static int parse(const uint8_t *octets, size_t len, struct parse_frame *out)
{
	uint8_t *copy = malloc(2 + len);
	int ret;

	memcpy(copy + 2, octets, len);
	memset(out, 0xee, sizeof(*out));
	ret = parse_frame(copy + 2, copy + 2 + len, out);
	free(copy);
	return ret;
}

static void served(void)
{
	const struct {
		struct frame_tag tag[3];
		uint16_t l3;
	} row[] = {
		{ {}, 14 },
		{ { TAG_C }, 18 },
		{ { TAG_S }, 18 },
		{ { TAG_S, TAG_C }, 22 },
		{ { TAG_C, TAG_C }, 22 },
	};
	const size_t padding[] = { 0, 1, 4, 46 };
	struct parse_frame got;
	struct frame_spec spec;
	struct frame frame;
	size_t i, k, len;
	int six;

	for (six = 0; six < 2; six++) {
		for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
			for (len = 0; len <= sizeof(media); len++) {
				spec = six ? base6 : base4;
				memcpy(spec.tag, row[i].tag, sizeof(spec.tag));
				spec.payload_len = len;
				frame_build(&frame, &spec);
				for (k = 0; k < 4; k++) {
					CHECK(!parse(frame.octet, frame.len + padding[k], &got),
					      "IPv%d row %zu len %zu", spec.family, i, len);
					CHECK(got.family == spec.family, "%u", got.family);
					CHECK(got.l3_off == row[i].l3, "%u", got.l3_off);
					CHECK(got.payload_off == frame.payload, "%u",
					      got.payload_off);
					CHECK(got.payload_len == len, "%u", got.payload_len);
				}
			}
		}
		tap_end("D4", "IPv%d with up to two VLAN tags, any payload length, padding behind",
			six ? 6 : 4);
	}
}

/* Change octets of a good frame; none of the changes leaves one that is served. */
struct change {
	const char *what;
	int six;
	int from;		/* 0: frame, 3: IP header, 4: UDP header */
	int at;
	uint16_t value;
	int octets;		/* 1 or 2 */
	int keep_checksum;
};

static const struct change changes[] = {
	{ "to a multicast group", 0, 0, 0, 0x01, 1, 0 },
	{ "to all", 0, 0, 0, 0xff, 1, 0 },
	{ "ARP", 0, 0, 12, 0x0806, 2, 0 },
	{ "802.3 length", 0, 0, 12, 0x0030, 2, 0 },
	{ "IPv6 type before IPv4", 0, 0, 12, 0x86dd, 2, 0 },
	{ "IPv4 type before IPv6", 1, 0, 12, 0x0800, 2, 0 },
	{ "MPLS", 0, 0, 12, 0x8847, 2, 0 },
	{ "IP version 6 in IPv4", 0, 3, 0, 0x65, 1, 0 },
	{ "IP version 0", 0, 3, 0, 0x05, 1, 0 },
	{ "header of 16 octets", 0, 3, 0, 0x44, 1, 0 },
	{ "header of 24 octets: options", 0, 3, 0, 0x46, 1, 0 },
	{ "header of 60 octets: options", 0, 3, 0, 0x4f, 1, 0 },
	{ "total length 0", 0, 3, 2, 0, 2, 0 },
	{ "total length 19", 0, 3, 2, 19, 2, 0 },
	{ "total length 27", 0, 3, 2, 27, 2, 0 },
	{ "total length one less than UDP says", 0, 3, 2, 42, 2, 0 },
	{ "total length one more than there is", 0, 3, 2, 44, 2, 0 },
	{ "total length 65535", 0, 3, 2, 0xffff, 2, 0 },
	{ "more fragments", 0, 3, 6, 0x2000, 2, 0 },
	{ "fragment offset 1", 0, 3, 6, 0x0001, 2, 0 },
	{ "fragment offset 8191", 0, 3, 6, 0x1fff, 2, 0 },
	{ "TCP", 0, 3, 9, 6, 1, 0 },
	{ "ICMP", 0, 3, 9, 1, 1, 0 },
	{ "UDP-Lite", 0, 3, 9, 136, 1, 0 },
	{ "IPv4 header checksum wrong", 0, 3, 10, 0x1234, 2, 1 },
	{ "IPv4 header checksum 0", 0, 3, 10, 0, 2, 1 },
	{ "TTL changed under the checksum", 0, 3, 8, 63, 1, 1 },
	{ "UDP length 0", 0, 4, 4, 0, 2, 0 },
	{ "UDP length 7", 0, 4, 4, 7, 2, 0 },
	{ "UDP length one less than IP says", 0, 4, 4, 22, 2, 0 },
	{ "UDP length one more than IP says", 0, 4, 4, 24, 2, 0 },
	{ "UDP length 65535", 0, 4, 4, 0xffff, 2, 0 },
	{ "IP version 4 in IPv6", 1, 3, 0, 0x45, 1, 0 },
	{ "hop-by-hop options", 1, 3, 6, 0, 1, 0 },
	{ "routing header", 1, 3, 6, 43, 1, 0 },
	{ "fragment header", 1, 3, 6, 44, 1, 0 },
	{ "destination options", 1, 3, 6, 60, 1, 0 },
	{ "IPv6 TCP", 1, 3, 6, 6, 1, 0 },
	{ "IPv6 no next header", 1, 3, 6, 59, 1, 0 },
	{ "payload length 0: jumbogram", 1, 3, 4, 0, 2, 0 },
	{ "payload length 7", 1, 3, 4, 7, 2, 0 },
	{ "payload length one less than UDP says", 1, 3, 4, 22, 2, 0 },
	{ "payload length one more than there is", 1, 3, 4, 24, 2, 0 },
	{ "payload length 65535", 1, 3, 4, 0xffff, 2, 0 },
	{ "IPv6 UDP length 0", 1, 4, 4, 0, 2, 0 },
	{ "IPv6 UDP length one more", 1, 4, 4, 24, 2, 0 },
};

static void left_alone(void)
{
	const struct change *c;
	struct parse_frame got;
	struct frame frame;
	uint8_t *p;
	size_t i;

	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		c = &changes[i];
		frame_build(&frame, c->six ? &base6 : &base4);
		CHECK(!parse(frame.octet, frame.len, &got), "before the change");
		p = frame.octet + (c->from == 3 ? frame.l3 : c->from == 4 ? frame.l4 : 0) + c->at;
		if (c->octets == 1)
			*p = (uint8_t)c->value;
		else
			frame_put16(p, c->value);
		/* The change is to be found by itself, not by the checksum. */
		if (!c->six && !c->keep_checksum && (frame.octet[frame.l3] & 15) == 5)
			frame_fix_ip_checksum(&frame);
		CHECK(parse(frame.octet, frame.len, &got) == -1, "%s", c->what);
	}
	tap_end("D4", "options, fragments, extension headers, wrong lengths: left to the stack");
}

static void three_tags(void)
{
	static const struct frame_tag tags[] = { TAG_S, TAG_C, TAG_C };
	struct frame_spec spec = base4;
	struct parse_frame got;
	struct frame frame;
	uint8_t octets[FRAME_MAX];

	spec.tag[0] = tags[0];
	spec.tag[1] = tags[1];
	frame_build(&frame, &spec);
	/* one more tag after the MAC addresses */
	memcpy(octets, frame.octet, 12);
	memcpy(octets + 12, "\x88\xa8\x00\x01", 4);
	memcpy(octets + 16, frame.octet + 12, frame.len - 12);
	CHECK(parse(octets, frame.len + 4, &got) == -1, "three tags");
	tap_end("D4", "a third VLAN tag is left to the stack");
}

static void truncated(void)
{
	static const struct frame_tag tags[] = { TAG_S, TAG_C };
	struct parse_frame got;
	struct frame_spec spec;
	struct frame frame;
	size_t len;
	int six, n;

	for (six = 0; six < 2; six++) {
		for (n = 0; n <= 2; n++) {
			spec = six ? base6 : base4;
			memcpy(spec.tag, tags, n * sizeof(tags[0]));
			frame_build(&frame, &spec);
			for (len = 0; len < frame.len; len++)
				CHECK(parse(frame.octet, len, &got) == -1, "IPv%d %d tags %zu",
				      spec.family, n, len);
		}
	}
	tap_end("D4,S7", "frames cut at every length are left to the stack, nothing past them is read");
}

/* What is served has lengths that fit: over all values of each header octet. */
static void every_octet(void)
{
	struct parse_frame got;
	struct frame_spec spec;
	struct frame frame;
	unsigned int v, served_ones;
	size_t at;
	int six;

	for (six = 0; six < 2; six++) {
		spec = six ? base6 : base4;
		spec.tag[0] = (struct frame_tag)TAG_C;
		frame_build(&frame, &spec);
		served_ones = 0;
		for (at = 0; at < frame.payload; at++) {
			for (v = 0; v < 256; v++) {
				struct frame f = frame;

				f.octet[at] = (uint8_t)v;
				if (parse(f.octet, f.len, &got))
					continue;
				served_ones++;
				CHECK(got.payload_off + got.payload_len <= f.len,
				      "octet %zu value %u", at, v);
				CHECK(got.family == (f.octet[got.l3_off] >> 4), "octet %zu", at);
			}
		}
		CHECK(served_ones > 256, "IPv%d: %u", spec.family, served_ones);
	}
	tap_end("D4,S7", "every value of every header octet: what is served lies inside the frame");
}

int main(void)
{
	served();
	left_alone();
	three_tags();
	truncated();
	every_octet();
	return tap_done();
}
