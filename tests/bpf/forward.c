// SPDX-License-Identifier: GPL-2.0
/* What is forwarded: every pair of families, tags and suites, every form of packet. */
#include <stdio.h>
#include <string.h>

#include "../unit/tap.h"
#include "frame_test.h"

#define FIRST	65530	/* so that the sequence number wraps soon */

struct pair {
	const char *what, *rows;
	enum side_name from;
	int from_family;
	unsigned int from_suite;
	enum side_name to;
	int to_family;
	unsigned int to_suite;
};

static const struct pair pairs[] = {
	{ "GCM-128 to GCM-256, IPv4", "D1,D3,D4", SIDE_A, 4, GCM128, SIDE_B, 4, GCM256 },
	{ "GCM-256 to GCM-128, IPv6", "D1,D3,D4", SIDE_A, 6, GCM256, SIDE_B, 6, GCM128 },
	{ "GCM-128 to GCM-128, IPv4 to IPv6", "D1,D4", SIDE_A, 4, GCM128, SIDE_B, 6, GCM128 },
	{ "GCM-128 to GCM-256, IPv6 to IPv4", "D1,D4", SIDE_A, 6, GCM128, SIDE_B, 4, GCM256 },
	{ "plain to GCM-128, IPv4", "D1,D4", SIDE_A, 4, PLAIN, SIDE_B, 4, GCM128 },
	{ "plain to GCM-256, IPv6 to IPv4", "D1,D4", SIDE_A, 6, PLAIN, SIDE_B, 4, GCM256 },
	{ "GCM-256 to plain, IPv4", "D1,D4", SIDE_A, 4, GCM256, SIDE_B, 4, PLAIN },
	{ "GCM-128 to plain, IPv4 to IPv6", "D1,D4", SIDE_A, 4, GCM128, SIDE_B, 6, PLAIN },
	{ "plain to plain, IPv4", "D4", SIDE_A, 4, PLAIN, SIDE_B, 4, PLAIN },
	{ "one tag to none, IPv4", "D4", SIDE_TAG, 4, GCM128, SIDE_B, 4, GCM128 },
	{ "one tag to two, IPv4 to IPv6", "D4", SIDE_TAG, 4, GCM128, SIDE_QINQ, 6, GCM256 },
	{ "two tags to none, IPv6 to IPv4", "D4", SIDE_QINQ, 6, GCM256, SIDE_A, 4, PLAIN },
	{ "two tags to one, IPv6", "D4", SIDE_QINQ, 6, GCM128, SIDE_TAG, 6, GCM128 },
	{ "none to two tags, plain to GCM-256", "D4", SIDE_A, 4, PLAIN, SIDE_QINQ, 4, GCM256 },
	{ "back out of the same device, IPv4", "D4", SIDE_A, 4, GCM128, SIDE_A, 4, GCM256 },
	{ "back out of the same device, tag to none", "D4", SIDE_TAG, 4, GCM128, SIDE_A, 6, GCM128 },
};

static const struct {
	const char *what;
	struct rtp_spec spec;
} forms[] = {
	{ "160 octets", { .payload = 160 } },
	{ "no payload", { .payload = 0 } },
	{ "one octet, marker", { .payload = 1, .marker = 1 } },
	{ "odd length", { .payload = 333 } },
	{ "15 CSRCs", { .payload = 40, .csrcs = 15 } },
	{ "extension of 0 words", { .payload = 40, .ext = 1 } },
	{ "15 CSRCs and extension of 17 words", { .payload = 40, .csrcs = 15, .ext = 1,
	  .ext_words = 17 } },
	{ "extension to the end", { .payload = 0, .ext = 1, .ext_words = 3 } },
	{ "padding", { .payload = 20, .padding = 4 } },
	{ "nothing but padding", { .payload = 0, .padding = 255 } },
	{ "video, marker", { .payload = 1200, .marker = 1 } },
};

static void send_rtp(struct flow *flow, const char *what, const struct rtp_spec *form,
		     uint64_t index)
{
	struct rtp_spec spec = *form;
	struct frame in, out;

	spec.index = index;
	rtp_frames(flow, &spec, &in, &out);
	expect_forwarded(flow, what, &in, &out);
}

static void all_forms(struct flow *flow)
{
	/* late ones among them, as they cross the wrap */
	static const uint64_t order[] = { 65533, 65535, 65536, 65537, 65534, 65538 };
	static const struct rtp_spec usual = { .payload = 160 };
	struct frame in, out;
	uint64_t index = 65539;
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		send_rtp(flow, "across the wrap", &usual, order[i]);
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		send_rtp(flow, forms[i].what, &forms[i].spec, index++);
	for (i = 0; i < 4; i++) {
		rtcp_frames(flow, i % 2, 1, &in, &out);
		expect_forwarded(flow, i % 2 ? "RTCP, two packets" : "RTCP", &in, &out);
	}
}

/* Ethernet pads short frames: what lies behind the packet is not sent on. */
static void trailers(struct flow *flow)
{
	static const size_t octets[] = { 1, 4, 46, 200 };
	struct frame in, out;
	size_t i;

	for (i = 0; i < sizeof(octets) / sizeof(octets[0]); i++) {
		struct rtp_spec spec = { .index = 65600 + i, .payload = 20 };

		rtp_frames(flow, &spec, &in, &out);
		memset(in.octet + in.len, 0xaa, octets[i]);
		in.len += octets[i];
		expect_forwarded(flow, "trailer", &in, &out);
	}
}

/* RFC 7714, section 9.3: RTCP that is authenticated but not encrypted is legal. */
static void unencrypted_rtcp(struct flow *flow)
{
	struct frame in, out;

	rtcp_frames(flow, 1, 0, &in, &out);
	expect_forwarded(flow, "E bit 0", &in, &out);
}

/* On a leg with a key the tag says more than the checksum. */
static void udp_checksums(struct flow *flow)
{
	static const uint16_t sums[] = { 0, 0x1234, 0xffff };
	struct frame in, out;
	size_t i;

	for (i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
		struct rtp_spec spec = { .index = 65700 + i, .payload = 20 };

		rtp_frames(flow, &spec, &in, &out);
		frame_put16(in.octet + in.l4 + 6, sums[i]);
		expect_forwarded(flow, "UDP checksum", &in, &out);
	}
}

/* One packet of 65,535 has it: so many have none once in 10^13 runs. */
#define TRIES	2000000

/*
 * A checksum that comes out as zero is sent as ffff. The search takes a while, in which IPv6
 * may change its mind about a route, so that the next packet is the skb path's: it comes first.
 */
static void checksum_never_zero(struct flow *flow)
{
	struct rtp_spec spec = { .payload = 20, .index = FIRST + 1 };
	struct frame in, out;
	unsigned int i;

	for (i = 0; i < TRIES; i++) {
		rtp_frames(flow, &spec, &in, &out);
		if (frame_get16(out.octet + out.l4 + 6) == 0xffff)
			break;
	}
	CHECK(i < TRIES, "no packet with that checksum was found");
	warm(flow, "warm", FIRST);
	expect_forwarded(flow, "checksum zero", &in, &out);
}

void forward_tests(void)
{
	const struct pair *p;
	struct flow flow;
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		p = &pairs[i];
		CHECK(!flow_open(&flow, p->from, p->from_family, p->from_suite, p->to,
				 p->to_family, p->to_suite), "flow");
		warm(&flow, p->what, FIRST);
		all_forms(&flow);
		trailers(&flow);
		if (flow.in.rx.len) {
			unencrypted_rtcp(&flow);
			udp_checksums(&flow);
		}
		flow_close(&flow);
		tap_end(p->rows, "%s: whole frames, verdicts, counters", p->what);
	}
	CHECK(!flow_open(&flow, SIDE_A, 4, PLAIN, SIDE_B, 6, GCM128), "flow");
	checksum_never_zero(&flow);
	flow_close(&flow);
	tap_end("D4", "a UDP checksum of zero leaves as ffff");
}
