// SPDX-License-Identifier: GPL-2.0
/* What goes where: holds, directions, payload types, header extensions. */
#include <stdlib.h>
#include <string.h>

#include "../unit/tap.h"
#include "call.h"
#include "media.h"
#include "routes.h"

#define GCM128	KSRTP_SUITE_AEAD_AES_128_GCM
#define CM80	KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80

static const struct setup side_a = { .link = LINK_A, .suite = GCM128 };
static const struct setup side_b = { .link = LINK_B, .suite = CM80, .family = 6 };

static void set_state(struct peer *p, uint32_t state)
{
	struct ksrtp_leg leg = { .id = p->leg, .state = state };

	CHECK(!ksrtp_leg_set(ksrtp, &leg, KSRTP_LEG_SET_STATE), "%s", ksrtp_error(ksrtp));
}

static void held(void)
{
	uint8_t p[PACKET_MAX], wire[PACKET_MAX + GROWTH_MAX] __attribute__((aligned(8)));
	struct rtp r = { .ssrc = 1, .payload = 70 };
	struct ksrtp_stream stream = {};
	struct peer *a, *b;
	struct call c;
	size_t w;

	pair_open(&c, &side_a, &side_b, &a, &b);
	for (r.seq = 0; r.seq < 5; r.seq++)
		pass_rtp(a, b, &r, "active");
	set_state(a, KSRTP_LEG_STATE_HELD);
	for (; r.seq < 10; r.seq++)
		refuse_rtp(a, b, &r, KSRTP_REASON_HELD, "the leg that sends is held");
	w = peer_protect(a, false, p, rtp_build(&r, p), wire);
	refuse_raw(a, b, wire, w, KSRTP_REASON_HELD, "held");
	/* It was authenticated, and counts as seen. */
	CHECK(stream_now(a, KSRTP_DIRECTION_RX, 1, &stream) && stream.index == 10, "index %llu",
	      (unsigned long long)stream.index);
	set_state(a, KSRTP_LEG_STATE_ACTIVE);
	refuse_raw(a, b, wire, w, KSRTP_REASON_REPLAY, "what came during the hold, again");
	for (r.seq = 11; r.seq < 15; r.seq++)
		pass_rtp(a, b, &r, "active again");
	set_state(b, KSRTP_LEG_STATE_HELD);
	for (; r.seq < 20; r.seq++)
		refuse_rtp(a, b, &r, KSRTP_REASON_TX_HELD, "the leg that gets is held");
	CHECK(route_dropped(c.routes[0], KSRTP_REASON_TX_HELD) == 5, "on the route");
	set_state(b, KSRTP_LEG_STATE_ACTIVE);
	for (; r.seq < 25; r.seq++)
		pass_rtp(a, b, &r, "both active again");
	expect_datapath(a, b, 2);
	call_close(&c);
	tap_end("C7,D2,S8", "held legs: nothing passes, and all goes on afterwards");
}

static void directions(void)
{
	struct rtp r = { .ssrc = 1, .payload = 70 }, back = { .ssrc = 2, .payload = 70 };
	static const struct {
		uint32_t forth, back;
		const char *what;
	} rows[] = {
		{ BOTH, BOTH, "both ways" },
		{ BOTH, RTCP, "send only" },
		{ RTCP, BOTH, "receive only" },
		{ RTCP, RTCP, "inactive, RTCP goes on" },
		{ 0, 0, "nothing at all" },
		{ RTP, RTP, "RTP without RTCP" },
		{ BOTH, BOTH, "both ways again" },
	};
	uint8_t p[PACKET_MAX];
	struct peer *a, *b;
	struct call c;
	unsigned int i;
	size_t n;

	pair_open(&c, &side_a, &side_b, &a, &b);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *what = rows[i].what;

		CHECK(!ksrtp_route_set(ksrtp, c.routes[0], rows[i].forth), "%s", ksrtp_error(ksrtp));
		CHECK(!ksrtp_route_set(ksrtp, c.routes[1], rows[i].back), "%s", ksrtp_error(ksrtp));
		r.seq = back.seq = (uint16_t)(100 * i);
		for (; r.seq < 100 * i + 3; r.seq++, back.seq++) {
			if (rows[i].forth & RTP)
				pass_rtp(a, b, &r, what);
			else
				refuse_rtp(a, b, &r, KSRTP_REASON_NO_ROUTE, what);
			if (rows[i].back & RTP)
				pass_rtp(b, a, &back, what);
			else
				refuse_rtp(b, a, &back, KSRTP_REASON_NO_ROUTE, what);
		}
		n = rtcp_sr(p, 1, &back.ssrc, 1);
		if (rows[i].forth & RTCP) {
			pass_rtcp(a, b, p, n, what);
		} else {
			peer_send(a, true, p, n);
			peer_expect_nothing(a, b, what);
		}
	}
	call_close(&c);
	tap_end("C7,D1", "directions of a route, changed in mid-call");
}

static void payload_types(void)
{
	struct ksrtp_route route = {
		.flags = BOTH, .pt_count = 3,
		.pt = { { 96, 111 }, { 0, 8 }, { 111, 96 } },
	};
	static const uint8_t rows[][2] = {
		{ 96, 111 }, { 0, 8 }, { 8, 8 }, { 111, 96 }, { 97, 97 }, { 127, 127 }, { 63, 63 },
	};
	struct rtp r = { .ssrc = 1, .payload = 70 }, leaves;
	uint8_t p[PACKET_MAX];
	struct peer *a, *b;
	struct call c;
	unsigned int i;
	size_t n;

	call_open(&c, KSRTP_MODE_TRANSPORT);
	a = peer_open(&c, &side_a);
	b = peer_open(&c, &side_b);
	route_add(&c, a, b, &route);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]) * 2; i++) {
		r.pt = rows[i / 2][0];
		r.marker = i & 1;
		r.seq = (uint16_t)i;
		leaves = r;
		leaves.pt = rows[i / 2][1];
		n = rtp_build(&r, p);
		peer_send(a, false, p, n);
		n = rtp_build(&leaves, p);
		peer_expect(b, false, p, n, "payload type");
	}
	expect_datapath(a, b, 1);
	call_close(&c);
	tap_end("D1", "payload types are replaced as the route says, markers stay");
}

static void extensions(void)
{
	struct rtp r = { .ssrc = 1, .pt = 96 };
	struct peer *a, *b;
	struct call c;
	unsigned int i;

	pair_open(&c, &side_a, &side_b, &a, &b);
	for (i = 0; i < 40; i++) {
		r.seq = (uint16_t)i;
		r.id = random_u64();
		r.ext_profile = i % 3 == 0 ? 0xbede : i % 3 == 1 ? 0x1000 : (uint16_t)random_u64();
		r.ext_words = i < 5 ? i : (unsigned int)(random_u64() % 280);
		r.csrcs = i % 16;
		/* Up to the last octet: nothing behind the extension. */
		r.payload = i % 4 ? random_u64() % 120 : 0;
		if (!r.ext_profile)
			r.ext_profile = 1;
		pass_rtp(a, b, &r, "with an extension");
	}
	expect_datapath(a, b, 1);
	call_close(&c);
	tap_end("D1", "header extensions of all kinds and lengths pass untouched");
}

/* What a leg lacks is said by its name. */
static void lacking(void)
{
	struct setup no_rx = side_a, no_tx = side_b;
	struct rtp r = { .ssrc = 1, .payload = 70 };
	struct peer *a, *b;
	struct call c;

	no_rx.no_rx_key = true;
	pair_open(&c, &no_rx, &side_b, &a, &b);
	refuse_rtp(a, b, &r, KSRTP_REASON_NO_KEY, "no receive key");
	call_close(&c);
	no_tx.no_tx_key = true;
	pair_open(&c, &side_a, &no_tx, &a, &b);
	refuse_rtp(a, b, &r, KSRTP_REASON_TX_NO_KEY, "no transmit key");
	CHECK(!peer_key(b, KSRTP_DIRECTION_TX, 0, KSRTP_CONTEXT_NEW, &b->in.secret[0], 0), "%s",
	      ksrtp_error(ksrtp));
	r.seq = 1;
	pass_rtp(a, b, &r, "with the key");
	CHECK(!ksrtp_route_del(ksrtp, c.routes[0]), "%s", ksrtp_error(ksrtp));
	c.routes[0] = 0;
	r.seq = 2;
	refuse_rtp(a, b, &r, KSRTP_REASON_NO_ROUTE, "the route gone");
	route_open(&c, a, b, BOTH);
	r.seq = 3;
	pass_rtp(a, b, &r, "the route there again");
	call_close(&c);
	tap_end("S1,S8", "without key or route nothing leaves, and the counter says why");
}

/* What arrives by another device than the socket is bound to is not for it, on any path. */
static void bound_device(void)
{
	uint8_t p[PACKET_MAX], wire[PACKET_MAX + GROWTH_MAX] __attribute__((aligned(8)));
	struct setup s = { .link = LINK_A, .suite = GCM128 };
	struct rtp r = { .ssrc = 1, .payload = 70 };
	struct ksrtp_leg before, after;
	struct peer *a, *b;
	struct call c;
	size_t n, w;
	int bound;

	for (bound = 0; bound < 2; bound++) {
		s.device = bound ? net_device(LINK_A) : NULL;
		pair_open(&c, &s, &side_b, &a, &b);
		for (r.seq = 0; r.seq < 5; r.seq++)
			pass_rtp(a, b, &r, "by its own link");
		before = leg_now(a);
		n = rtp_build(&r, p);
		w = peer_protect(a, false, p, n, wire);
		/* The host takes its addresses from every link; a bound socket does not. */
		CHECK(!net_send(-1, LINK_C, &a->remote, &a->local, wire, w), "send");
		if (bound) {
			free(peer_next(b, 200));
			after = leg_now(a);
			CHECK(after.stats.received == before.stats.received &&
			      after.datapath == before.datapath && after.slow == before.slow,
			      "%llu received from another device, by %s (%s)",
			      (unsigned long long)(after.stats.received - before.stats.received),
			      ksrtp_datapath_name(after.datapath), ksrtp_slow_name(after.slow));
			peer_send_raw(a, wire, w);
		} else {
			a->wire_sent++;
		}
		peer_expect(b, false, p, n, bound ? "by the right one" : "by another link");
		r.seq++;
		pass_rtp(a, b, &r, "by its own link again");
		expect_datapath(a, b, 2);
		call_close(&c);
	}
	tap_end("D4,S2", "a socket that is bound to a device gets what comes by that one alone");
}

void media_tests_once(void)
{
}

void media_tests(void)
{
	if (media_wants("routes")) {
		held();
		directions();
		payload_types();
		extensions();
		lacking();
		bound_device();
	}
	if (media_wants("ssrc"))
		ssrc_tests();
	if (media_wants("fanout"))
		fanout_tests();
	if (media_wants("quality"))
		quality_tests();
}
