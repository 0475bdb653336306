// SPDX-License-Identifier: GPL-2.0
/* One to many: each with a suite, an MKI, an SSRC, an address family and a link of its own. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../unit/tap.h"
#include "call.h"
#include "routes.h"

#define MANY	KSRTP_ROUTES_MAX
#define SOURCE	0x5050u
#define COUNT(list)	(sizeof(list) / sizeof((list)[0]))

struct many {
	struct call call;
	struct peer *from, *to[MANY];
	uint32_t knows[MANY];	/* what each has the source's SSRC for; 0: not yet known */
};

/* With @maps every fourth has a map, and one of the others takes what the route chooses. */
static void route_to(struct many *m, unsigned int i, bool maps)
{
	struct ksrtp_route route = { .flags = BOTH };

	m->knows[i] = SOURCE;
	if (maps && i % 4 == 1) {
		route.ssrc_count = 2;
		route.ssrc[0].in = SOURCE + i;
		route.ssrc[0].out = 0x51000000 + i;
		route.ssrc[1].in = SOURCE;
		route.ssrc[1].out = 0x52000000 + i;
		m->knows[i] = 0x52000000 + i;
	} else if (maps && i % 4 == 2) {
		route.flags |= KSRTP_ROUTE_F_MAP_SSRC;
		m->knows[i] = 0;
	}
	route_add(&m->call, m->from, m->to[i], &route);
}

static void many_open(struct many *m, uint32_t suite, bool maps)
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
		route_to(m, i, maps);
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

/* Another source has the SSRC where the route may map: one packet of it to each of these. */
static void clash(struct many *m)
{
	const struct setup s = { .link = LINK_A, .suite = KSRTP_SUITE_AEAD_AES_128_GCM };
	struct rtp r = { .ssrc = SOURCE, .seq = 1, .pt = 96, .payload = 20 };
	struct peer *other = peer_open(&m->call, &s);
	uint8_t p[PACKET_MAX];
	unsigned int i;
	size_t n;

	for (i = 2; i < MANY; i += 4)
		route_open(&m->call, other, m->to[i], BOTH);
	n = rtp_build(&r, p);
	peer_send(other, false, p, n);
	for (i = 2; i < MANY; i += 4)
		peer_expect(m->to[i], false, p, n, "of the source that was first");
}

/* The first packet says what SSRC the route chose. */
static bool learn(struct many *m, unsigned int i, const struct rtp *r)
{
	struct datagram *d = peer_next(m->to[i], WAIT_MS);
	struct rtp want = *r;
	uint8_t p[PACKET_MAX];
	size_t n, got;
	bool right;

	if (!d)
		return false;
	want.ssrc = get32(d->octet + 8);
	n = rtp_build(&want, p);
	got = session_unprotect(&m->to[i]->in, false, d->octet, d->len);
	right = got == n && !memcmp(p, d->octet, n) && want.ssrc && want.ssrc != SOURCE;
	CHECK(right, "to number %u, SSRC %08x", i, want.ssrc);
	free(d);
	m->knows[i] = want.ssrc;
	return right;
}

static unsigned int expect_rtp(struct many *m, const struct rtp *r)
{
	unsigned int i, right = 0;
	uint8_t p[PACKET_MAX];
	char what[32];

	for (i = 0; i < MANY; i++) {
		struct rtp want = *r;

		if (!m->knows[i]) {
			right += learn(m, i, r);
			continue;
		}
		want.ssrc = m->knows[i];
		snprintf(what, sizeof(what), "to number %u", i);
		right += peer_expect(m->to[i], false, p, rtp_build(&want, p), what);
	}
	return right;
}

static void everyone(uint32_t suite)
{
	struct rtp r = { .ssrc = SOURCE, .pt = 96 };
	struct ksrtp_stats first = {};
	uint8_t p[PACKET_MAX];
	unsigned int i, right = 0;
	struct many m;
	char what[32];
	size_t n;

	many_open(&m, suite, true);
	clash(&m);
	for (i = 0; i < 12; i++) {
		r.seq = (uint16_t)(65530 + i);
		r.id = i;
		r.payload = i * 100;
		r.csrcs = i % 3;
		peer_send(m.from, false, p, rtp_build(&r, p));
		CHECK(expect_rtp(&m, &r) == MANY, "RTP %u", i);
		/* It finds the ways. */
		if (!i)
			first = leg_now(m.from).stats;
	}
	peer_send(m.from, true, p, rtcp_everything(p, SOURCE, 1, 2));
	for (i = 0; i < MANY; i++) {
		n = rtcp_everything(p, m.knows[i], 1, 2);
		snprintf(what, sizeof(what), "RTCP to number %u", i);
		right += peer_expect(m.to[i], true, p, n, what);
	}
	CHECK(right == MANY, "RTCP: %u", right);
	CHECK(first.skb == 1, "the first: %llu by XDP", (unsigned long long)first.xdp);
	expect_by_xdp(m.from, &first, 12, "11 of RTP, one of RTCP");
	/* The way back carries RTCP only, and what it says of the source, of the source's own. */
	for (i = 0; i < MANY; i++) {
		n = rtcp_pli(p, 0x6000 + i, 0x7777);
		pass_new_rtcp(m.to[i], m.from, p, n, "back");
		n = rtcp_pli(p, 0x6000 + i, m.knows[i]);
		peer_send(m.to[i], true, p, n);
		n = rtcp_pli(p, 0x6000 + i, SOURCE);
		peer_expect(m.from, true, p, n, "back, about the source");
	}
	r.ssrc = 0x6000;
	refuse_rtp(m.to[0], m.from, &r, KSRTP_REASON_NO_ROUTE, "RTP back");
	call_close(&m.call);
	tap_end("D5,S3,S8", "%s to 64 legs of all suites, both families, three links, with maps of SSRCs: each gets each packet",
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

	many_open(&m, KSRTP_SUITE_AEAD_AES_128_GCM, false);
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

static const char *first_reason(const struct ksrtp_route *route)
{
	unsigned int i = 0;

	while (i < KSRTP_REASON_MAX && !route->dropped[i])
		i++;
	return ksrtp_reason_name(i);
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
	unsigned int i, waited, droughts = 0;
	uint64_t got = 0;
	struct many m;
	size_t n;

	many_open(&m, KSRTP_SUITE_AEAD_AES_128_GCM, false);
	n = rtp_build(&r, p);
	peer_send(m.from, false, p, n);
	CHECK(expect_all(&m, false, p, n) == MANY, "the first");
	/* Each in a run of its own: the ring of a veth holds no more than 256 frames. */
	for (i = 1; i <= 60; i++) {
		r.seq = (uint16_t)i;
		peer_send(m.from, false, p, rtp_build(&r, p));
		for (waited = 0; leg_now(m.from).stats.received <= i && waited < WAIT_MS; waited++)
			usleep(1000);
		droughts += leg_now(m.from).slow == KSRTP_SLOW_FANOUT;
	}
	for (i = 0; i < MANY; i++) {
		for (n = 0; n < 60 && (d = peer_next(m.to[i], WAIT_MS)); n++) {
			CHECK(session_unprotect(&m.to[i]->in, false, d->octet, d->len),
			      "libsrtp2 refuses");
			got++;
			free(d);
		}
	}
	for (i = 0; i < MANY; i++) {
		CHECK(!ksrtp_route_get(ksrtp, m.call.routes[2 * i], &route), "%s",
		      ksrtp_error(ksrtp));
		CHECK(route.copies == 61 && route.sent == 61, "%llu copies, %llu sent, %s",
		      (unsigned long long)route.copies, (unsigned long long)route.sent,
		      first_reason(&route));
	}
	CHECK(got == 60 * MANY, "%llu of %u came", (unsigned long long)got, 60 * MANY);
	leg = leg_now(m.from);
	/* Each of two processors has frames for 16 packets. */
	CHECK(xdp ? leg.stats.xdp && leg.stats.skb >= 61 - 2 * 17 && droughts :
		    leg.stats.skb == 61, "%llu by XDP, %llu by skb, %u for want of frames",
	      (unsigned long long)leg.stats.xdp, (unsigned long long)leg.stats.skb, droughts);
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

	many_open(&m, KSRTP_SUITE_AEAD_AES_128_GCM, false);
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

/* A device whose ring has no room: its queue takes what it would not (in the test build). */
static void refused(void)
{
	static const char file[] = "/sys/module/ksrtp/parameters/bulk_max";
	static const char set[] = "echo %u >/sys/module/ksrtp/parameters/bulk_max";
	static const unsigned int takes[] = { 0, 1, 7, 15 };
	struct rtp r = { .ssrc = 0x5050, .pt = 96, .payload = 400 };
	bool xdp = !strcmp(tap.datapath, "xdp");
	struct ksrtp_route route = {};
	uint64_t by_skb = 0, sent = 0;
	uint8_t p[PACKET_MAX];
	unsigned int i;
	struct many m;
	size_t n;

	if (access(file, W_OK))
		return;
	many_open(&m, KSRTP_SUITE_AEAD_AES_128_GCM, false);
	n = rtp_build(&r, p);
	peer_send(m.from, false, p, n);
	CHECK(expect_all(&m, false, p, n) == MANY, "the first");
	for (i = 0; i < 4 * COUNT(takes); i++) {
		CHECK(!net_command(set, takes[i % COUNT(takes)]), "bulk_max");
		r.seq++;
		n = rtp_build(&r, p);
		peer_send(m.from, false, p, n);
		CHECK(expect_all(&m, false, p, n) == MANY, "of 16 it takes %u", takes[i % COUNT(takes)]);
	}
	CHECK(!net_command(set, 16), "bulk_max");
	for (i = 0; i < MANY; i++) {
		CHECK(!ksrtp_route_get(ksrtp, m.call.routes[2 * i], &route), "%s", ksrtp_error(ksrtp));
		CHECK(route.sent == 17 && route.copies == 17, "%llu sent of %llu, %s",
		      (unsigned long long)route.sent, (unsigned long long)route.copies,
		      first_reason(&route));
		by_skb += leg_now(m.to[i]).stats.sent_skb;
		sent += leg_now(m.to[i]).stats.sent;
	}
	CHECK(sent == 17 * MANY, "%llu sent", (unsigned long long)sent);
	CHECK(leg_now(m.from).stats.xdp >= (xdp ? 16 : 0), "%llu by XDP",
	      (unsigned long long)leg_now(m.from).stats.xdp);
	/* All but the frame itself, and what the device took. */
	CHECK(!xdp || (by_skb > 4 * MANY && by_skb < sent), "%llu of %llu by the queue",
	      (unsigned long long)by_skb, (unsigned long long)sent);
	call_close(&m.call);
	tap_end("D5,S7,S8", "one to many to a device without room: its queue takes them, none is lost");
}

void fanout_tests(void)
{
	everyone(KSRTP_SUITE_AEAD_AES_128_GCM);
	everyone(KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80);
	everyone(KSRTP_SUITE_NONE);
	some();
	exhaustion();
	bounded();
	refused();
}
