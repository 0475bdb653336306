// SPDX-License-Identifier: GPL-2.0
/* Plain RTP: there is no tag, so source, checksum and the form of the packet must do. */
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "../unit/tap.h"
#include "frame_test.h"

#define FIRST	20000

static void frames_at(const struct flow *flow, uint64_t index, struct frame *in,
		      struct frame *out)
{
	struct rtp_spec spec = { .index = index, .payload = 60 };

	rtp_frames(flow, &spec, in, out);
}

/* The sum of the pseudo header alone, as a local sender leaves it for the device. */
static uint16_t partial_sum(const struct frame *frame, int family)
{
	const uint8_t *ip = frame->octet + frame->l3;
	size_t addresses = family == 4 ? 12 : 8, octets = family == 4 ? 8 : 32;
	uint16_t len = frame_get16(frame->octet + frame->l4 + 4);

	return (uint16_t)~frame_checksum(ip + addresses, octets, 17u + len);
}

static void checksums(int family)
{
	struct frame in, out;
	struct flow flow;

	CHECK(!flow_open(&flow, SIDE_A, family, PLAIN, SIDE_B, 4, GCM128), "flow");
	warm(&flow, "warm", FIRST);
	frames_at(&flow, FIRST + 1, &in, &out);
	frame_put16(in.octet + in.l4 + 6, frame_get16(in.octet + in.l4 + 6) ^ 0x0100);
	expect_passed(&flow, "wrong checksum", &in, KSRTP_PROG_PASS);
	frame_put16(in.octet + in.l4 + 6, partial_sum(&in, family));
	expect_forwarded(&flow, "pseudo header only", &in, &out);
	frames_at(&flow, FIRST + 2, &in, &out);
	in.octet[in.len - 1] ^= 0x10;
	expect_passed(&flow, "damaged payload", &in, KSRTP_PROG_PASS);
	in.octet[in.len - 1] ^= 0x10;
	frame_put16(in.octet + in.l4 + 6, 0);
	if (family == 4)
		expect_forwarded(&flow, "no checksum", &in, &out);
	else
		expect_passed(&flow, "no checksum in IPv6", &in, KSRTP_PROG_PASS);
	flow_close(&flow);
	tap_end("D4,S2", "plain, IPv%d: a wrong UDP checksum is left to the stack", family);
}

static void malformed(struct flow *flow)
{
	uint8_t rtp[80] = { 0xa0, 96 }, rtcp[44];
	static const uint8_t pads[] = { 0, 69, 255 };
	struct frame in, out;
	size_t i;

	for (i = 0; i < sizeof(pads); i++) {
		rtp[sizeof(rtp) - 1] = pads[i];
		flow_frame_in(flow, rtp, sizeof(rtp), &in);
		expect_dropped(flow, "pad count", &in, KSRTP_REASON_MALFORMED);
	}
	rtp[0] = 0x80;
	for (i = 1; i < 12; i++) {
		flow_frame_in(flow, rtp, i, &in);
		expect_dropped(flow, "too short", &in, KSRTP_REASON_MALFORMED);
	}
	make_rtcp(rtcp, SSRC_USUAL, 1);
	for (i = 0; i < 44; i++) {
		if (i == 28)
			continue;
		/* i octets of it; the length in its header says 28, then 16 */
		flow_frame_in(flow, rtcp, i, &in);
		if (i > 1)
			expect_dropped(flow, "RTCP cut", &in, KSRTP_REASON_MALFORMED);
	}
	rtcp[3] = 7;
	flow_frame_in(flow, rtcp, sizeof(rtcp), &in);
	expect_dropped(flow, "RTCP length", &in, KSRTP_REASON_MALFORMED);
	frames_at(flow, FIRST + 1, &in, &out);
	expect_forwarded(flow, "valid afterwards", &in, &out);
	tap_end("S7", "plain: pad counts and lengths that lie are dropped");
}

static void repeats(struct flow *flow)
{
	struct frame in, out, other;

	frames_at(flow, FIRST + 2, &in, &out);
	expect_forwarded(flow, "first", &in, &out);
	expect_dropped(flow, "the same", &in, KSRTP_REASON_TX_DUP);
	frames_at(flow, FIRST + 2, &in, &out);
	expect_dropped(flow, "another with its number", &in, KSRTP_REASON_TX_DUP);
	frames_at(flow, FIRST + 1300, &in, &out);
	expect_forwarded(flow, "ahead", &in, &out);
	frames_at(flow, FIRST + 3, &in, &out);
	expect_dropped(flow, "behind the window", &in, KSRTP_REASON_TX_LATE);
	frames_at(flow, FIRST + 1299, &other, &out);
	expect_forwarded(flow, "in the window", &other, &out);
	tap_end("S3", "plain: no sequence number is encrypted twice");
}

/* Where the source starts again, with a smaller number, and with what index that leaves. */
#define AGAIN		101
#define AGAIN_INDEX	(FIRST + 10304)

/* A packet after that: it comes with @seq and leaves under a number that goes on. */
static void frames_again(const struct flow *flow, uint16_t seq, struct frame *in,
			 struct frame *out)
{
	struct rtp_spec spec = { .index = seq, .payload = 20 };
	uint8_t rtp[SRTP_PACKET_MAX], sealed[SRTP_PACKET_MAX];
	uint64_t index = AGAIN_INDEX + seq - AGAIN;
	size_t len = make_rtp(rtp, &spec);

	flow_frame_in(flow, rtp, len, in);
	rtp[2] = index >> 8;
	rtp[3] = index;
	flow_frame_out(flow, sealed, srtp_rtp(&flow->out.tx, index, rtp, len, sealed), out);
}

/* RFC 3550, A.1: two in a row make a jump of more than 3,000 believable. */
static void far_jumps(struct flow *flow)
{
	struct frame in, out;

	frames_at(flow, FIRST + 1300 + 9000, &in, &out);
	expect_dropped(flow, "one far ahead", &in, KSRTP_REASON_TX_JUMP);
	frames_at(flow, FIRST + 1301, &in, &out);
	expect_forwarded(flow, "where it was", &in, &out);
	frames_at(flow, FIRST + 1302 + 9000, &in, &out);
	expect_dropped(flow, "far ahead", &in, KSRTP_REASON_TX_JUMP);
	frames_at(flow, FIRST + 1303 + 9000, &in, &out);
	expect_forwarded(flow, "and the next", &in, &out);
	/* Backwards, receivers could not follow: the index goes on, the numbers shift. */
	frames_again(flow, AGAIN - 1, &in, &out);
	expect_dropped(flow, "far behind", &in, KSRTP_REASON_TX_JUMP);
	frames_again(flow, AGAIN, &in, &out);
	expect_forwarded(flow, "starts again", &in, &out);
	expect_dropped(flow, "the same", &in, KSRTP_REASON_TX_DUP);
	frames_again(flow, AGAIN + 1, &in, &out);
	expect_forwarded(flow, "and goes on", &in, &out);
	tap_end("S2,S3", "plain: a far jump needs two packets, and no index repeats");
}

/*
 * The next streams are made beforehand, a few at a time, by a worker: a new SSRC
 * that comes before it has run is dropped, and takes its place a little later.
 */
static void new_ssrc(struct flow *flow, uint32_t ssrc)
{
	struct rtp_spec spec = { .index = 1, .payload = 20, .ssrc = ssrc };
	struct frame in, out, got;
	int action, i;

	rtp_frames(flow, &spec, &in, &out);
	for (i = 0; i < 100; i++) {
		action = prog_run(&world.prog, if_nametoindex(flow->in.side->dev), &in, &got, 0);
		if (action != XDP_DROP)
			break;
		usleep(20000);
	}
	CHECK(action == XDP_REDIRECT, "SSRC %x: %s", ssrc, prog_action(action));
	CHECK(got.len == out.len && !memcmp(got.octet, out.octet, out.len), "SSRC %x: frame", ssrc);
}

static void sources(struct flow *flow)
{
	struct rtp_spec spec = { .index = 1, .payload = 20 };
	struct frame in, out, bad;
	unsigned int i;

	frames_again(flow, AGAIN + 2, &in, &out);
	bad = in;
	bad.octet[bad.l4 + 1] ^= 1;
	expect_dropped(flow, "another port", &bad, KSRTP_REASON_SRC);
	expect_forwarded(flow, "the right one", &in, &out);
	/* one SSRC is in use */
	for (i = 1; i < KSRTP_STREAMS_DEFAULT; i++)
		new_ssrc(flow, 0x1000 + i);
	spec.ssrc = 0x9999;
	for (i = 0; i < 10; i++) {
		rtp_frames(flow, &spec, &in, &out);
		expect_dropped(flow, "one SSRC too many", &in, KSRTP_REASON_STREAMS);
		usleep(20000);
	}
	frames_again(flow, AGAIN + 3, &in, &out);
	expect_forwarded(flow, "the first SSRC", &in, &out);
	tap_end("S2,S7", "plain: only from the remote address, and so many SSRCs");
}

void plain_tests(void)
{
	struct flow flow;

	checksums(4);
	checksums(6);
	CHECK(!flow_open(&flow, SIDE_A, 4, PLAIN, SIDE_B, 4, GCM256), "flow");
	warm(&flow, "warm", FIRST);
	malformed(&flow);
	repeats(&flow);
	far_jumps(&flow);
	sources(&flow);
	flow_close(&flow);
}
