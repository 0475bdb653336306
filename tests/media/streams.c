// SPDX-License-Identifier: GPL-2.0
/* Streams: who makes one, how many there are, where their indices begin, how far back they look. */
#include <stdlib.h>
#include <string.h>

#include "../unit/tap.h"
#include "call.h"
#include "streams.h"

#define GCM128	KSRTP_SUITE_AEAD_AES_128_GCM
#define GCM256	KSRTP_SUITE_AEAD_AES_256_GCM
#define CM80	KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80
#define CM32	KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32

static const struct setup side_b = { .link = LINK_B, .suite = GCM256, .family = 6 };

static void cap(void)
{
	struct setup s = { .link = LINK_A, .suite = GCM128, .streams_max = 5 };
	struct rtp r = { .payload = 40 };
	uint8_t p[PACKET_MAX], wire[PACKET_MAX + GROWTH_MAX] __attribute__((aligned(8)));
	struct ksrtp_stream stream;
	struct peer *a, *b;
	struct call c;
	size_t n, w;

	pair_open(&c, &s, &side_b, &a, &b);
	for (r.ssrc = 1; r.ssrc <= 5; r.ssrc++) {
		pass_new_rtp(a, b, &r, "a new SSRC");
	}
	refuse_rtp(a, b, &r, KSRTP_REASON_STREAMS, "one more than allowed");
	r.ssrc++;
	refuse_rtp(a, b, &r, KSRTP_REASON_STREAMS, "and another");
	n = rtcp_rr(p, 99, NULL, 0);
	w = peer_protect(a, true, p, n, wire);
	refuse_raw(a, b, wire, w, KSRTP_REASON_STREAMS, "RTCP of one more");
	CHECK(!stream_now(a, KSRTP_DIRECTION_RX, 99, &stream), "a stream was made");
	r.seq = 1000;
	for (r.ssrc = 1; r.ssrc <= 5; r.ssrc++)
		pass_rtp(a, b, &r, "those that are there go on");
	expect_datapath(a, b, 1);
	call_close(&c);
	tap_end("S7,S8", "streams are capped per leg, the others go on");
}

/* In the other direction: five legs with an SSRC each toward one that may have three. */
static void cap_tx(void)
{
	struct setup s = { .link = LINK_A, .suite = GCM128 };
	struct setup t = { .link = LINK_B, .suite = CM80, .streams_max = 3 };
	struct rtp r = { .payload = 40 };
	struct peer *a, *b;
	struct call c;

	pair_open(&c, &s, &t, &a, &b);
	for (r.ssrc = 1; r.ssrc <= 3; r.ssrc++) {
		pass_new_rtp(a, b, &r, "a new SSRC");
	}
	refuse_rtp(a, b, &r, KSRTP_REASON_TX_STREAMS, "one more than may leave");
	CHECK(route_dropped(c.routes[0], KSRTP_REASON_TX_STREAMS) == 1, "counted on the route");
	call_close(&c);
	tap_end("S7,S8", "streams are capped toward a leg as well");
}

/* Over all legs of the network namespace; who goes makes room for who stays. */
static void cap_total(void)
{
	struct setup s = { .link = LINK_A, .suite = GCM128 };
	struct rtp r = { .ssrc = 1, .payload = 40 };
	struct peer *a, *b, *d, *e;
	struct call one, two;

	CHECK(!net_command("f=/proc/sys/net/ksrtp/streams_max; cat $f >/run/streams_max; echo 6 >$f"),
	      "sysctl");
	pair_open(&one, &s, &side_b, &a, &b);
	pair_open(&two, &s, &side_b, &d, &e);
	/* Each SSRC is a stream that comes and a stream that leaves. */
	pass_new_rtp(a, b, &r, "the first");
	pass_new_rtp(d, e, &r, "another leg's");
	r.ssrc = 2;
	pass_new_rtp(a, b, &r, "the third");
	r.ssrc = 3;
	refuse_rtp(a, b, &r, KSRTP_REASON_STREAMS, "one more than allowed");
	refuse_rtp(d, e, &r, KSRTP_REASON_STREAMS, "and on the other leg");
	r.ssrc = 1;
	r.seq += 100;
	pass_rtp(d, e, &r, "those that are there go on");
	call_close(&one);
	r.ssrc = 4;
	pass_new_rtp(d, e, &r, "there is room again");
	call_close(&two);
	CHECK(!net_command("cat /run/streams_max >/proc/sys/net/ksrtp/streams_max"), "sysctl");
	tap_end("S7,S8", "streams are capped in total, over all legs");
}

static void default_cap(void)
{
	struct setup s = { .link = LINK_A, .suite = GCM128 };
	struct rtp r = { .payload = 20 };
	struct peer *a, *b;
	struct call c;

	pair_open(&c, &s, &side_b, &a, &b);
	for (r.ssrc = 1; r.ssrc <= KSRTP_STREAMS_DEFAULT; r.ssrc++) {
		pass_new_rtp(a, b, &r, "a new SSRC");
	}
	refuse_rtp(a, b, &r, KSRTP_REASON_STREAMS, "number 65");
	call_close(&c);
	tap_end("S7", "a leg that says nothing has 64 streams");
}

static void change(void)
{
	struct setup s = { .link = LINK_A, .suite = CM32 };
	struct rtp r = { .payload = 80 }, old;
	struct ksrtp_stream one, two;
	struct peer *a, *b;
	struct call c;
	int i;

	pair_open(&c, &s, &side_b, &a, &b);
	r.ssrc = 0xaaaa;
	for (i = 0; i < 20; i++) {
		r.seq = (uint16_t)(65530 + i);
		pass_rtp(a, b, &r, "before");
	}
	old = r;
	/* Another source, another start; and a latecomer of the old one. */
	r.ssrc = 0xbbbb;
	for (i = 0; i < 20; i++) {
		r.seq = (uint16_t)(65520 + i);
		pass_rtp(a, b, &r, "after");
		if (i != 10)
			continue;
		old.seq++;
		pass_rtp(a, b, &old, "the old one");
	}
	CHECK(stream_now(a, KSRTP_DIRECTION_RX, 0xaaaa, &one) && one.index == 65550 &&
	      one.packets == 21, "%llu", (unsigned long long)one.index);
	CHECK(stream_now(a, KSRTP_DIRECTION_RX, 0xbbbb, &two) && two.index == 65539 &&
	      two.packets == 20, "%llu", (unsigned long long)two.index);
	CHECK(stream_now(b, KSRTP_DIRECTION_TX, 0xbbbb, &two) && two.index == 65539, "leaving");
	expect_datapath(a, b, 1);
	call_close(&c);
	tap_end("D1,D2", "another SSRC in mid-call has a roll-over counter and window of its own");
}

/*
 * The roll-over counter that a stream begins with, in and out. It is XDP that finds it, where
 * XDP is.
 */
static void start(uint32_t suite, uint32_t roc_in, uint32_t late, uint32_t roc_out, uint16_t seq)
{
	struct setup s = { .link = LINK_A, .suite = suite, .roc_in = roc_in, .room = true };
	struct setup t = side_b;
	struct rtp r = { .ssrc = 0x123, .payload = 60 };
	struct ksrtp_stream stream = {};
	struct ksrtp_stats before;
	struct peer *a, *b;
	struct call c;
	uint64_t at;
	int i;

	t.roc_out = roc_out;
	pair_open(&c, &s, &t, &a, &b);
	session_set_roc(&a->out, r.ssrc, roc_in + late);
	session_set_roc(&b->in, r.ssrc, roc_out);
	peer_warm(&c, b);
	before = leg_now(a).stats;
	for (i = 0; i < 10; i++) {
		r.seq = (uint16_t)(seq + i);
		pass_rtp(a, b, &r, "from there on");
	}
	expect_by_xdp(a, &before, 10, "from there on");
	at = ((uint64_t)(roc_in + late) << 16 | seq) + 9;
	CHECK(stream_now(a, KSRTP_DIRECTION_RX, r.ssrc, &stream) && stream.index == at,
	      "receives index %llu, not %llu", (unsigned long long)stream.index,
	      (unsigned long long)at);
	at = ((uint64_t)roc_out << 16 | seq) + 9;
	CHECK(stream_now(b, KSRTP_DIRECTION_TX, r.ssrc, &stream) && stream.index == at,
	      "sends index %llu, not %llu", (unsigned long long)stream.index,
	      (unsigned long long)at);
	call_close(&c);
}

static void late_start(void)
{
	uint32_t suite;

	for (suite = 1; suite < SUITES; suite++)
		start(suite, 0, 1, 0, 2);
	tap_end("D2", "the first packet to arrive has roll-over counter 1: the stream is found");
}

static void handed_over(void)
{
	start(GCM128, 5, 0, 0, 100);
	start(CM80, 5, 1, 0, 1);
	start(GCM128, 0, 0, 9, 100);
	start(CM32, 7, 0, 4000000000u, 65530);
	tap_end("D1,D2", "roll-over counters that the keys come with, received and sent");
}

/* A plain source has no roll-over counter: what leaves begins with that of the key. */
static void handed_over_plain(void)
{
	struct setup s = { .link = LINK_A }, t = side_b;
	struct rtp r = { .ssrc = 0x123, .payload = 60 };
	struct peer *a, *b;
	struct call c;
	int i;

	t.roc_out = 3;
	pair_open(&c, &s, &t, &a, &b);
	session_set_roc(&b->in, r.ssrc, 3);
	for (i = 0; i < 10; i++) {
		r.seq = (uint16_t)(65530 + i);
		pass_rtp(a, b, &r, "from there on");
	}
	call_close(&c);
	tap_end("D1,D2", "a plain source leaves with the roll-over counter of the key");
}

/* Nothing wraps at the end of the index space: neither in nor out. */
static void end_of_indices(void)
{
	struct setup s = { .link = LINK_A }, t = side_b;
	struct rtp r = { .ssrc = 0x123, .payload = 60 };
	struct ksrtp_stream stream = {};
	struct peer *a, *b;
	struct call c;

	t.roc_out = 0xffffffff;
	pair_open(&c, &s, &t, &a, &b);
	session_set_roc(&b->in, r.ssrc, 0xffffffff);
	r.seq = 65534;
	pass_rtp(a, b, &r, "the last but one");
	r.seq = 65535;
	pass_rtp(a, b, &r, "the last");
	for (r.seq = 0; r.seq < 5; r.seq++) {
		uint8_t p[PACKET_MAX];
		size_t n = rtp_build(&r, p);

		peer_send(a, false, p, n);
	}
	peer_expect_nothing(a, b, "after the last index");
	CHECK(dropped(a, KSRTP_REASON_TX_LIMIT) && dropped(a, KSRTP_REASON_TX_LIMIT) +
	      dropped(a, KSRTP_REASON_TX_JUMP) == 5, "%llu at the limit",
	      (unsigned long long)dropped(a, KSRTP_REASON_TX_LIMIT));
	CHECK(stream_now(b, KSRTP_DIRECTION_TX, r.ssrc, &stream) &&
	      stream.index == 0xffffffffffff, "index %llx", (unsigned long long)stream.index);
	call_close(&c);
	tap_end("S3,S4", "after index 2^48 - 1 nothing is sent, and nothing wraps");
}

/* -- windows */

#define BACK_MAX	(KSRTP_WINDOW_MAX + 2)

struct wire {
	uint8_t octet[64 + GROWTH_MAX] __attribute__((aligned(8)));
	size_t len;
};

static void window(uint32_t suite, uint32_t size)
{
	struct setup s = { .link = LINK_A, .suite = suite, .window = size };
	struct wire *wires = calloc(BACK_MAX, sizeof(*wires));
	struct rtp r = { .ssrc = 4, .payload = 20 };
	uint32_t last = size + 1, i;
	uint8_t p[PACKET_MAX];
	struct peer *a, *b;
	struct call c;

	pair_open(&c, &s, &side_b, &a, &b);
	for (i = 0; i <= last; i++) {
		r.seq = (uint16_t)(65000 + i);
		r.id = i;
		wires[i].len = peer_protect(a, false, p, rtp_build(&r, p), wires[i].octet);
	}
	/* 0 in time, all others late but for the last one. */
	for (i = 0; i <= last; i += last) {
		peer_send_raw(a, wires[i].octet, wires[i].len);
		r.seq = (uint16_t)(65000 + i);
		r.id = i;
		peer_expect(b, false, p, rtp_build(&r, p), "in time");
	}
	refuse_raw(a, b, wires[0].octet, wires[0].len, KSRTP_REASON_OLD, "behind the window");
	refuse_raw(a, b, wires[1].octet, wires[1].len, KSRTP_REASON_OLD, "just behind the window");
	for (i = 2; i < last; i += i < 5 ? 1 : size / 7) {
		peer_send_raw(a, wires[i].octet, wires[i].len);
		r.seq = (uint16_t)(65000 + i);
		r.id = i;
		peer_expect(b, false, p, rtp_build(&r, p), "late, but in the window");
		refuse_raw(a, b, wires[i].octet, wires[i].len, KSRTP_REASON_REPLAY, "twice");
	}
	refuse_raw(a, b, wires[last].octet, wires[last].len, KSRTP_REASON_REPLAY, "the last twice");
	call_close(&c);
	free(wires);
}

static void windows(void)
{
	uint32_t size;

	for (size = KSRTP_WINDOW_MIN; size <= KSRTP_WINDOW_MAX; size *= 2)
		window(size & 0x5555 ? GCM128 : CM80, size);
	tap_end("D2", "replay windows from 64 to 8192: what is in them passes once and late");
}

void stream_tests(void)
{
	cap();
	cap_tx();
	cap_total();
	default_cap();
	change();
	late_start();
	handed_over();
	handed_over_plain();
	end_of_indices();
	windows();
}
