// SPDX-License-Identifier: GPL-2.0
/*
 * The XDP program and the module on one frame at a time: the whole frame that
 * leaves, the verdict, the counters. What must leave is built by frame.c and
 * srtp.c, which share no code with what is tested.
 */
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include <linux/bpf.h>

#include "../unit/tap.h"
#include "frame_test.h"

static void put32(uint8_t *p, uint32_t v)
{
	frame_put16(p, (uint16_t)(v >> 16));
	frame_put16(p + 2, (uint16_t)v);
}

/* -- packets */

size_t make_rtp(uint8_t *p, const struct rtp_spec *spec)
{
	size_t at = 12, i;

	p[0] = (uint8_t)(0x80 | (spec->padding ? 0x20 : 0) | (spec->ext ? 0x10 : 0) | spec->csrcs);
	p[1] = (uint8_t)((spec->marker ? 0x80 : 0) | 96);
	frame_put16(p + 2, (uint16_t)spec->index);
	put32(p + 4, (uint32_t)spec->index * 160);
	put32(p + 8, spec->ssrc ? spec->ssrc : SSRC_USUAL);
	for (i = 0; i < spec->csrcs; i++, at += 4)
		put32(p + at, (uint32_t)(0x11110000 + i));
	if (spec->ext) {
		frame_put16(p + at, 0xbede);
		frame_put16(p + at + 2, (uint16_t)spec->ext_words);
		at += 4;
		random_fill(p + at, spec->ext_words * 4);
		at += spec->ext_words * 4;
	}
	random_fill(p + at, spec->payload);
	at += spec->payload;
	if (spec->padding) {
		memset(p + at, 0, spec->padding);
		at += spec->padding;
		p[at - 1] = (uint8_t)spec->padding;
	}
	return at;
}

size_t make_rtcp(uint8_t *p, uint32_t ssrc, int sdes)
{
	static const uint8_t cname[] = { 1, 5, 'a', '@', 'b', '.', 'c', 0 };

	p[0] = 0x80;
	p[1] = 200;
	frame_put16(p + 2, 6);
	put32(p + 4, ssrc);
	random_fill(p + 8, 20);
	if (!sdes)
		return 28;
	p[28] = 0x81;
	p[29] = 202;
	frame_put16(p + 30, 3);
	put32(p + 32, ssrc);
	memcpy(p + 36, cname, 8);
	return 44;
}

void rtp_frames(const struct flow *flow, const struct rtp_spec *spec, struct frame *in,
		struct frame *out)
{
	uint8_t rtp[SRTP_PACKET_MAX], sealed[SRTP_PACKET_MAX];
	size_t len = make_rtp(rtp, spec), n;

	n = srtp_rtp(&flow->in.rx, spec->index, rtp, len, sealed);
	flow_frame_in(flow, sealed, n, in);
	n = srtp_rtp(&flow->out.tx, spec->index, rtp, len, sealed);
	flow_frame_out(flow, sealed, n, out);
}

void rtcp_frames(struct flow *flow, int sdes, int encrypt, struct frame *in, struct frame *out)
{
	uint8_t rtcp[SRTP_PACKET_MAX], sealed[SRTP_PACKET_MAX];
	size_t len = make_rtcp(rtcp, SSRC_USUAL, sdes), n;

	n = srtp_rtcp(&flow->in.rx, flow->rtcp_sent++, encrypt, rtcp, len, sealed);
	flow_frame_in(flow, sealed, n, in);
	n = srtp_rtcp(&flow->out.tx, ++flow->rtcp_left, 1, rtcp, len, sealed);
	flow_frame_out(flow, sealed, n, out);
}

/* -- runs */

static void check_same_frame(const char *what, const struct frame *got, const struct frame *want)
{
	size_t i;

	CHECK(got->len == want->len, "%s: %zu octets, not %zu", what, got->len, want->len);
	for (i = 0; i < want->len && i < got->len && got->octet[i] == want->octet[i]; i++)
		;
	CHECK(i == want->len, "%s: octet %zu is %02x, not %02x", what, i, got->octet[i],
	      want->octet[i]);
}

void warm(struct flow *flow, const char *what, uint64_t index)
{
	struct rtp_spec spec = { .index = index, .payload = 160 };
	struct frame in, want, got;
	int err;

	rtp_frames(flow, &spec, &in, &want);
	wire_drain();
	counters_before(flow);
	err = wire_send(flow->in.side, &in);
	CHECK(!err, "%s: send: %s", what, strerror(-err));
	err = wire_receive(flow->out.side, &got, 2000);
	CHECK(!err, "%s: nothing left by the skb path", what);
	if (err)
		return;
	check_same_frame(what, &got, &want);
	counters_forwarded(flow, what, in.len - in.payload, want.len - want.payload, 0);
}

static int run(struct flow *flow, const struct frame *in, struct frame *out)
{
	counters_before(flow);
	return prog_run(&world.prog, if_nametoindex(flow->in.side->dev), in, out, 0);
}

void expect_forwarded(struct flow *flow, const char *what, const struct frame *in,
		      const struct frame *out)
{
	int back = !strcmp(flow->in.side->dev, flow->out.side->dev);
	int action;
	struct frame got;

	action = run(flow, in, &got);
	CHECK(action == XDP_REDIRECT, "%s: %s, not REDIRECT", what, prog_action(action));
	CHECK(prog_counted(&world.prog, back ? KSRTP_PROG_TX : KSRTP_PROG_REDIRECT),
	      "%s: the program's counters", what);
	check_same_frame(what, &got, out);
	/* What the UDP header says: a trailer behind the packet is none of it. */
	counters_forwarded(flow, what, frame_get16(in->octet + in->l4 + 4) - 8u,
			   out->len - out->payload, 1);
}

void expect_passed(struct flow *flow, const char *what, const struct frame *in,
		   unsigned int verdict)
{
	struct frame got;
	int action;

	action = run(flow, in, &got);
	CHECK(action == XDP_PASS, "%s: %s, not PASS", what, prog_action(action));
	CHECK(prog_counted(&world.prog, verdict), "%s: the program's counters", what);
	check_same_frame(what, &got, in);
	counters_same(flow, what);
}

static void run_dropped(struct flow *flow, const char *what, const struct frame *in)
{
	struct frame got;
	int action;

	action = run(flow, in, &got);
	CHECK(action == XDP_DROP, "%s: %s, not DROP", what, prog_action(action));
	CHECK(prog_counted(&world.prog, KSRTP_PROG_DROP), "%s: the program's counters", what);
}

void expect_dropped(struct flow *flow, const char *what, const struct frame *in,
		    unsigned int reason)
{
	run_dropped(flow, what, in);
	counters_dropped(flow, what, in->len - in->payload, reason);
}

unsigned int expect_dropped_any(struct flow *flow, const char *what, const struct frame *in)
{
	run_dropped(flow, what, in);
	return counters_dropped_any(flow, what, in->len - in->payload);
}

int main(void)
{
	tap.datapath = "xdp";
	if (world_open()) {
		printf("Bail out! no world to test in\n");
		return 1;
	}
	forward_tests();
	refuse_tests();
	plain_tests();
	slow_tests();
	live_tests();
	world_close();
	return tap_done();
}
