// SPDX-License-Identifier: GPL-2.0
/* What a leg with a key drops or leaves to the stack, and that neither changes anything. */
#include <stdio.h>
#include <string.h>

#include <linux/ksrtp.h>

#include "../unit/tap.h"
#include "frame_test.h"

#define FIRST	3000

static const struct rtp_spec usual = { .payload = 60 };

static void frames_at(const struct flow *flow, uint64_t index, struct frame *in,
		      struct frame *out)
{
	struct rtp_spec spec = usual;

	spec.index = index;
	rtp_frames(flow, &spec, in, out);
}

static void still_forwards(struct flow *flow, uint64_t index)
{
	struct frame in, out;

	frames_at(flow, index, &in, &out);
	expect_forwarded(flow, "valid afterwards", &in, &out);
}

static void replays(struct flow *flow)
{
	struct frame in, out, old[3];
	int i;

	for (i = 0; i < 3; i++) {
		frames_at(flow, FIRST + 1 + (uint64_t)i, &old[i], &out);
		expect_forwarded(flow, "first time", &old[i], &out);
	}
	for (i = 2; i >= 0; i--) {
		expect_dropped(flow, "second time", &old[i], KSRTP_REASON_REPLAY);
		expect_dropped(flow, "third time", &old[i], KSRTP_REASON_REPLAY);
	}
	still_forwards(flow, FIRST + 2000);
	expect_dropped(flow, "behind the window", &old[0], KSRTP_REASON_OLD);
	frames_at(flow, FIRST + 2000 - KSRTP_WINDOW_DEFAULT, &in, &out);
	expect_dropped(flow, "just behind the window", &in, KSRTP_REASON_OLD);
	frames_at(flow, FIRST + 2001 - KSRTP_WINDOW_DEFAULT, &in, &out);
	expect_forwarded(flow, "last in the window", &in, &out);
	rtcp_frames(flow, 0, 1, &in, &out);
	expect_forwarded(flow, "RTCP", &in, &out);
	expect_dropped(flow, "RTCP again", &in, KSRTP_REASON_REPLAY);
	tap_end("D2,S2", "replayed and old packets are dropped, RTCP as well");
}

/* A flipped bit can also turn it into something that is not media, or is up to the socket. */
static void every_bit(struct flow *flow)
{
	struct frame in, out, bad;
	unsigned int reason, bit;
	size_t i;

	frames_at(flow, FIRST + 2002, &in, &out);
	for (i = in.payload; i < in.len; i++) {
		for (bit = 0; bit < 8; bit++) {
			bad = in;
			bad.octet[i] ^= (uint8_t)(1 << bit);
			if (i == in.payload && bit >= 6)
				continue;
			reason = expect_dropped_any(flow, "flipped bit", &bad);
			CHECK(reason == KSRTP_REASON_AUTH || reason == KSRTP_REASON_MALFORMED ||
			      reason == KSRTP_REASON_RTCP_CLEAR || reason == KSRTP_REASON_REPLAY ||
			      reason == KSRTP_REASON_OLD || reason == KSRTP_REASON_INDEX,
			      "octet %zu bit %u: %s", i - in.payload, bit, ksrtp_reason_name(reason));
			if (i >= in.payload + 12)
				CHECK(reason == KSRTP_REASON_AUTH, "octet %zu bit %u: %s",
				      i - in.payload, bit, ksrtp_reason_name(reason));
		}
	}
	expect_forwarded(flow, "the packet itself", &in, &out);
	tap_end("S1,S2", "every flipped bit of an SRTP packet is found, then the packet passes");

	rtcp_frames(flow, 1, 1, &in, &out);
	for (i = in.payload + 4; i < in.len; i++) {
		for (bit = 0; bit < 8; bit++) {
			bad = in;
			bad.octet[i] ^= (uint8_t)(1 << bit);
			reason = expect_dropped_any(flow, "flipped bit of RTCP", &bad);
			/* The index may also become one that was seen. */
			CHECK(reason == KSRTP_REASON_AUTH || (i >= in.len - 4 &&
			      (reason == KSRTP_REASON_REPLAY || reason == KSRTP_REASON_OLD)),
			      "octet %zu bit %u: %s", i - in.payload, bit, ksrtp_reason_name(reason));
		}
	}
	expect_forwarded(flow, "the packet itself", &in, &out);
	tap_end("S1,S2", "every flipped bit of an SRTCP packet is found, then the packet passes");
}

static void jumps(struct flow *flow)
{
	static const uint32_t jump[] = { 0x7fff, 0x8000, 0x8001, 1, 0xffff };
	uint64_t last = FIRST + 2003;
	struct frame in, out;
	unsigned int reason;
	size_t i;
	int k;

	still_forwards(flow, last);
	for (i = 0; i < sizeof(jump) / sizeof(jump[0]); i++) {
		for (k = 0; k < 20; k++) {
			frames_at(flow, last + jump[i], &in, &out);
			in.octet[in.len - 1] ^= 1;
			reason = expect_dropped_any(flow, "forged jump", &in);
			CHECK(reason == KSRTP_REASON_AUTH || reason == KSRTP_REASON_INDEX ||
			      reason == KSRTP_REASON_OLD || reason == KSRTP_REASON_REPLAY, "%s",
			      ksrtp_reason_name(reason));
		}
		still_forwards(flow, last + 1 + i);
	}
	tap_end("S2,D2", "forged packets with jumping sequence numbers move nothing");
}

static void new_streams(struct flow *flow)
{
	struct rtp_spec spec = usual;
	struct frame in, out;
	uint32_t i;

	for (i = 0; i < 3 * KSRTP_STREAMS_DEFAULT; i++) {
		spec.ssrc = 0xabc00000 + i;
		spec.index = 77 + i;
		rtp_frames(flow, &spec, &in, &out);
		in.octet[in.len - 1] ^= 1;
		expect_dropped(flow, "forged SSRC", &in, KSRTP_REASON_AUTH);
	}
	spec.ssrc = 0xabc00000;
	spec.index = 77;
	rtp_frames(flow, &spec, &in, &out);
	expect_forwarded(flow, "a real second stream", &in, &out);
	tap_end("S2,S7", "forged SSRCs take no room from a real stream");
}

static void sources(struct flow *flow)
{
	struct frame in, out, bad;

	frames_at(flow, FIRST + 2100, &in, &out);
	bad = in;
	bad.octet[bad.l3 + 15] ^= 4;
	frame_fix_ip_checksum(&bad);
	expect_dropped(flow, "from another host", &bad, KSRTP_REASON_SRC);
	bad = in;
	bad.octet[bad.l4 + 1] ^= 1;
	expect_dropped(flow, "from another port", &bad, KSRTP_REASON_SRC);
	bad = in;
	bad.octet[bad.l4 + 3] ^= 1;
	expect_passed(flow, "to another port", &bad, KSRTP_PROG_PASS);
	bad = in;
	bad.octet[bad.l3 + 19] ^= 8;
	frame_fix_ip_checksum(&bad);
	expect_passed(flow, "to another address", &bad, KSRTP_PROG_PASS);
	expect_forwarded(flow, "as it should be", &in, &out);
	tap_end("S1,S2", "another source is dropped, another destination not ours");
}

/* All 256 values of the first octet (RFC 7983, section 7). */
static void first_octet(struct flow *flow)
{
	struct frame in, out, bad;
	unsigned int v;

	frames_at(flow, FIRST + 2101, &in, &out);
	for (v = 0; v < 256; v++) {
		bad = in;
		bad.octet[bad.payload] = (uint8_t)v;
		if (v == in.octet[in.payload])
			continue;
		if (v < 4 || (v >= 20 && v < 64))
			expect_passed(flow, "STUN or DTLS", &bad, KSRTP_PROG_PASS);
		else if (v < 128 || v > 191)
			expect_dropped(flow, "not media", &bad, KSRTP_REASON_NOT_MEDIA);
		else
			expect_dropped_any(flow, "media", &bad);
	}
	flow_frame_in(flow, in.octet, 0, &bad);
	expect_passed(flow, "an empty datagram", &bad, KSRTP_PROG_PASS);
	expect_forwarded(flow, "as it was", &in, &out);
	tap_end("D4,E3", "STUN and DTLS go up untouched, what is no media is dropped");
}

static void short_packets(struct flow *flow)
{
	struct frame in, out, bad;
	unsigned int reason;
	size_t len;

	frames_at(flow, FIRST + 2102, &in, &out);
	for (len = 1; len < in.len - in.payload; len++) {
		flow_frame_in(flow, in.octet + in.payload, len, &bad);
		reason = expect_dropped_any(flow, "shortened SRTP", &bad);
		CHECK(reason == (len < 28 ? KSRTP_REASON_MALFORMED : KSRTP_REASON_AUTH),
		      "%zu octets: %s", len, ksrtp_reason_name(reason));
	}
	expect_forwarded(flow, "whole", &in, &out);

	rtcp_frames(flow, 1, 1, &in, &out);
	for (len = 2; len < in.len - in.payload; len++) {
		flow_frame_in(flow, in.octet + in.payload, len, &bad);
		reason = expect_dropped_any(flow, "shortened SRTCP", &bad);
		CHECK(reason == (len < 28 ? KSRTP_REASON_RTCP_CLEAR : KSRTP_REASON_AUTH) ||
		      reason == KSRTP_REASON_REPLAY || reason == KSRTP_REASON_OLD,
		      "%zu octets: %s", len, ksrtp_reason_name(reason));
	}
	expect_forwarded(flow, "whole", &in, &out);
	tap_end("S1,S7", "SRTP and SRTCP of every shorter length are dropped");
}

static void lying_headers(struct flow *flow)
{
	uint8_t plain[64] = { 0x8f, 96 }, ext[64] = { 0x90, 96 };
	uint8_t clear[28];
	struct frame bad;

	flow_frame_in(flow, plain, 30, &bad);
	expect_dropped(flow, "15 CSRCs in 30 octets", &bad, KSRTP_REASON_MALFORMED);
	frame_put16(ext + 14, 0xffff);
	flow_frame_in(flow, ext, sizeof(ext), &bad);
	expect_dropped(flow, "extension of 65535 words", &bad, KSRTP_REASON_MALFORMED);
	frame_put16(ext + 14, 9);
	flow_frame_in(flow, ext, sizeof(ext), &bad);
	expect_dropped(flow, "extension into the tag", &bad, KSRTP_REASON_MALFORMED);
	make_rtcp(clear, SSRC_USUAL, 0);
	flow_frame_in(flow, clear, 8, &bad);
	expect_dropped(flow, "clear RTCP", &bad, KSRTP_REASON_RTCP_CLEAR);
	flow_frame_in(flow, clear, 28, &bad);
	CHECK(expect_dropped_any(flow, "clear RTCP", &bad), "clear RTCP");
	tap_end("S1,S7", "headers that lie and clear RTCP are dropped");
}

/* What the parser does not serve is not even asked about, though media be inside. */
static void foreign_frames(struct flow *flow)
{
	static const struct {
		const char *what;
		int from_l3, at;
		uint8_t value;
	} row[] = {
		{ "to a group", 0, 0, 0x03 },
		{ "to all", 0, 0, 0xff },
		{ "ARP", 0, 13, 0x06 },
		{ "options", 1, 0, 0x46 },
		{ "more fragments", 1, 6, 0x20 },
		{ "fragment offset", 1, 7, 0x01 },
		{ "TCP", 1, 9, 6 },
		{ "total length", 1, 3, 0x41 },
	};
	struct frame in, out, bad;
	size_t i;

	frames_at(flow, FIRST + 2103, &in, &out);
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		bad = in;
		bad.octet[(row[i].from_l3 ? bad.l3 : 0) + row[i].at] = row[i].value;
		if (row[i].from_l3 && (bad.octet[bad.l3] & 15) == 5)
			frame_fix_ip_checksum(&bad);
		expect_passed(flow, row[i].what, &bad, KSRTP_PROG_PASS_OTHER);
	}
	bad = in;
	bad.octet[bad.l3 + 10] ^= 1;
	expect_passed(flow, "IP header checksum", &bad, KSRTP_PROG_PASS_OTHER);
	for (i = 14; i < in.len; i++) {
		bad = in;
		bad.len = i;
		expect_passed(flow, "a cut frame", &bad, KSRTP_PROG_PASS_OTHER);
	}
	expect_forwarded(flow, "as it was", &in, &out);
	tap_end("D4,S7", "options, fragments, wrong lengths, cut frames: passed untouched");
}

static void held(struct flow *flow)
{
	struct ksrtp_leg set = { .id = flow->in.id, .state = KSRTP_LEG_STATE_HELD };
	struct frame in, out;

	CHECK(!ksrtp_leg_set(world.ksrtp, &set, KSRTP_LEG_SET_STATE), "%s",
	      ksrtp_error(world.ksrtp));
	frames_at(flow, FIRST + 2104, &in, &out);
	expect_dropped(flow, "held", &in, KSRTP_REASON_HELD);
	set.state = KSRTP_LEG_STATE_ACTIVE;
	CHECK(!ksrtp_leg_set(world.ksrtp, &set, KSRTP_LEG_SET_STATE), "%s",
	      ksrtp_error(world.ksrtp));
	expect_dropped(flow, "what came while held", &in, KSRTP_REASON_REPLAY);
	still_forwards(flow, FIRST + 2105);

	set.id = flow->out.id;
	set.state = KSRTP_LEG_STATE_HELD;
	CHECK(!ksrtp_leg_set(world.ksrtp, &set, KSRTP_LEG_SET_STATE), "%s",
	      ksrtp_error(world.ksrtp));
	frames_at(flow, FIRST + 2106, &in, &out);
	expect_dropped(flow, "held on the other side", &in, KSRTP_REASON_TX_HELD);
	set.state = KSRTP_LEG_STATE_ACTIVE;
	CHECK(!ksrtp_leg_set(world.ksrtp, &set, KSRTP_LEG_SET_STATE), "%s",
	      ksrtp_error(world.ksrtp));
	still_forwards(flow, FIRST + 2107);
	tap_end("C7,S1", "a held leg lets nothing through");
}

void refuse_tests(void)
{
	struct flow flow;

	CHECK(!flow_open(&flow, SIDE_A, 4, GCM128, SIDE_B, 4, GCM256), "flow");
	warm(&flow, "warm", FIRST);
	replays(&flow);
	every_bit(&flow);
	jumps(&flow);
	new_streams(&flow);
	sources(&flow);
	first_octet(&flow);
	short_packets(&flow);
	lying_headers(&flow);
	foreign_frames(&flow);
	held(&flow);
	flow_close(&flow);
}
