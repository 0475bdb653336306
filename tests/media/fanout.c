// SPDX-License-Identifier: GPL-2.0
/* One to many: each with a suite, an MKI, an address family and a link of its own. */
#include <stdlib.h>
#include <string.h>

#include "../unit/tap.h"
#include "call.h"
#include "routes.h"

#define MANY	KSRTP_ROUTES_MAX

struct many {
	struct call call;
	struct peer *from, *to[MANY];
};

static void many_open(struct many *m, uint32_t suite)
{
	struct setup s = { .link = LINK_A, .suite = suite };
	unsigned int i;

	call_open(&m->call, KSRTP_MODE_TRANSPORT);
	m->from = peer_open(&m->call, &s);
	for (i = 0; i < MANY; i++) {
		struct setup t = {
			.link = i % 5 == 4 ? LINK_A : i & 1 ? LINK_B : LINK_C,
			.suite = i % SUITES, .family = i % 3 ? 4 : 6,
			.mki_len = i % 11 == 3 ? 4 : 0, .dscp = (uint8_t)(i % 64),
		};

		m->to[i] = peer_open(&m->call, &t);
		route_open(&m->call, m->from, m->to[i], BOTH);
		route_open(&m->call, m->to[i], m->from, RTCP);
	}
}

static unsigned int expect_all(struct many *m, bool rtcp, const uint8_t *p, size_t n)
{
	unsigned int i, right = 0;
	char what[32];

	for (i = 0; i < MANY; i++) {
		snprintf(what, sizeof(what), "to number %u", i);
		right += peer_expect(m->to[i], rtcp, p, n, what);
	}
	return right;
}

static void everyone(uint32_t suite)
{
	struct rtp r = { .ssrc = 0x5050, .pt = 96 };
	uint8_t p[PACKET_MAX];
	unsigned int i;
	struct many m;
	size_t n;

	many_open(&m, suite);
	for (i = 0; i < 12; i++) {
		r.seq = (uint16_t)(65530 + i);
		r.id = i;
		r.payload = i * 100;
		r.csrcs = i % 3;
		n = rtp_build(&r, p);
		peer_send(m.from, false, p, n);
		CHECK(expect_all(&m, false, p, n) == MANY, "RTP %u", i);
	}
	n = rtcp_everything(p, 0x5050, 1, 2);
	peer_send(m.from, true, p, n);
	CHECK(expect_all(&m, true, p, n) == MANY, "RTCP");
	/* The way back carries RTCP only. */
	for (i = 0; i < MANY; i++) {
		n = rtcp_pli(p, 0x6000 + i, 0x5050);
		pass_new_rtcp(m.to[i], m.from, p, n, "back");
	}
	r.ssrc = 0x6000;
	refuse_rtp(m.to[0], m.from, &r, KSRTP_REASON_NO_ROUTE, "RTP back");
	expect_datapath(m.from, m.to[1], 12);
	call_close(&m.call);
	tap_end("D5,S3,S8", "%s to 64 legs of all suites, both families, three links: each gets each packet",
		ksrtp_suite_name(suite));
}

/* One held, one without a key, one gone: the others do not notice. */
static void some(void)
{
	struct ksrtp_leg leg = { .state = KSRTP_LEG_STATE_HELD };
	struct rtp r = { .ssrc = 0x5050, .pt = 96, .payload = 160 };
	uint8_t p[PACKET_MAX];
	unsigned int i, j;
	struct many m;
	size_t n;

	many_open(&m, KSRTP_SUITE_AEAD_AES_128_GCM);
	leg.id = m.to[5]->leg;
	CHECK(!ksrtp_leg_set(ksrtp, &leg, KSRTP_LEG_SET_STATE), "%s", ksrtp_error(ksrtp));
	CHECK(!ksrtp_key_del(ksrtp, m.to[9]->leg, KSRTP_DIRECTION_TX, 0), "%s", ksrtp_error(ksrtp));
	leg.id = m.to[MANY - 1]->leg;
	CHECK(!ksrtp_leg_set(ksrtp, &leg, KSRTP_LEG_SET_STATE), "%s", ksrtp_error(ksrtp));
	for (i = 0; i < 5; i++) {
		r.seq = (uint16_t)i;
		n = rtp_build(&r, p);
		peer_send(m.from, false, p, n);
		for (j = 0; j < MANY; j++)
			if (j != 5 && j != 9 && j != MANY - 1)
				peer_expect(m.to[j], false, p, n, "to the others");
	}
	peer_expect_nothing(m.from, m.to[5], "to the one held");
	peer_expect_nothing(m.from, m.to[9], "to the one without a key");
	CHECK(route_dropped(m.call.routes[10], KSRTP_REASON_TX_HELD) == 5, "held");
	CHECK(route_dropped(m.call.routes[18], KSRTP_REASON_TX_NO_KEY) == 5, "no key");
	CHECK(route_dropped(m.call.routes[2 * MANY - 2], KSRTP_REASON_TX_HELD) == 5,
	      "held, the last");
	CHECK(leg_now(m.from).stats.forwarded == 5, "forwarded");
	call_close(&m.call);
	tap_end("D5,S8", "one to many, some of them held or without a key: the others get all");
}

/*
 * Copies that nobody takes for a while, more than XDP has frames for: the skb path sends
 * what XDP cannot, and not one is lost. Then they are taken, and XDP has frames again.
 */
static void exhaustion(void)
{
	struct rtp r = { .ssrc = 0x5050, .pt = 96, .payload = 100 };
	bool xdp = !strcmp(tap.datapath, "xdp");
	struct ksrtp_route route = {};
	struct ksrtp_leg leg;
	uint8_t p[PACKET_MAX];
	struct datagram *d;
	uint64_t got = 0;
	unsigned int i;
	struct many m;
	size_t n;

	many_open(&m, KSRTP_SUITE_AEAD_AES_128_GCM);
	n = rtp_build(&r, p);
	peer_send(m.from, false, p, n);
	CHECK(expect_all(&m, false, p, n) == MANY, "the first");
	for (i = 1; i <= 60; i++) {
		r.seq = (uint16_t)i;
		peer_send(m.from, false, p, rtp_build(&r, p));
	}
	for (i = 0; i < MANY; i++)
		while ((d = peer_next(m.to[i], 1))) {
			CHECK(session_unprotect(&m.to[i]->in, false, d->octet, d->len),
			      "libsrtp2 refuses");
			got++;
			free(d);
		}
	peer_settle(m.from);
	for (i = 0; i < MANY; i++) {
		CHECK(!ksrtp_route_get(ksrtp, m.call.routes[2 * i], &route), "%s",
		      ksrtp_error(ksrtp));
		CHECK(route.copies == 61 && route.sent == 61, "%llu copies, %llu sent",
		      (unsigned long long)route.copies, (unsigned long long)route.sent);
	}
	CHECK(got == 60 * MANY, "%llu of %u came", (unsigned long long)got, 60 * MANY);
	leg = leg_now(m.from);
	CHECK(xdp ? leg.stats.xdp && leg.stats.skb > 30 && leg.slow == KSRTP_SLOW_FANOUT :
		    leg.stats.skb == 61, "%llu by XDP, %llu by skb, slow: %s",
	      (unsigned long long)leg.stats.xdp, (unsigned long long)leg.stats.skb,
	      ksrtp_slow_name(leg.slow));
	r.seq = 61;
	n = rtp_build(&r, p);
	peer_send(m.from, false, p, n);
	CHECK(expect_all(&m, false, p, n) == MANY, "after the drought");
	CHECK(leg_now(m.from).stats.xdp == leg.stats.xdp + xdp, "by the path it had before");
	call_close(&m.call);
	tap_end("D5,S7,S8", "one to many while nobody takes: not one copy is lost, then all is as before");
}

/* Of what XDP may not send at once, nothing is lost either. */
static void bounded(void)
{
	static const char set[] = "echo %u >/sys/module/ksrtp/parameters/copies_max";
	struct rtp r = { .ssrc = 0x5050, .pt = 96, .payload = 100 };
	bool xdp = !strcmp(tap.datapath, "xdp");
	struct ksrtp_leg before, after;
	uint8_t p[PACKET_MAX];
	struct many m;
	size_t n;

	many_open(&m, KSRTP_SUITE_AEAD_AES_128_GCM);
	n = rtp_build(&r, p);
	peer_send(m.from, false, p, n);
	CHECK(expect_all(&m, false, p, n) == MANY, "the first");
	CHECK(!net_command(set, MANY - 2), "no module parameter copies_max");
	before = leg_now(m.from);
	for (r.seq = 1; r.seq < 4; r.seq++) {
		n = rtp_build(&r, p);
		peer_send(m.from, false, p, n);
		CHECK(expect_all(&m, false, p, n) == MANY, "more copies than at once");
	}
	after = leg_now(m.from);
	CHECK(after.stats.skb == before.stats.skb + 3, "%llu by XDP",
	      (unsigned long long)(after.stats.xdp - before.stats.xdp));
	CHECK(!xdp || after.slow == KSRTP_SLOW_FANOUT, "slow: %s", ksrtp_slow_name(after.slow));
	CHECK(!net_command(set, 512), "no module parameter copies_max");
	for (; r.seq < 20; r.seq++) {
		n = rtp_build(&r, p);
		peer_send(m.from, false, p, n);
		CHECK(expect_all(&m, false, p, n) == MANY, "as many as at once");
	}
	/* Each of them came in a run of its own, or few together. */
	CHECK(leg_now(m.from).stats.xdp == after.stats.xdp + (xdp ? 16 : 0), "%llu of 16 by XDP",
	      (unsigned long long)(leg_now(m.from).stats.xdp - after.stats.xdp));
	call_close(&m.call);
	tap_end("D5,S7", "one to many beyond copies_max: the skb path sends it, and nothing is lost");
}

void fanout_tests(void)
{
	everyone(KSRTP_SUITE_AEAD_AES_128_GCM);
	everyone(KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80);
	everyone(KSRTP_SUITE_NONE);
	some();
	exhaustion();
	bounded();
}
