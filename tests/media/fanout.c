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

/* Copies that nobody takes: the pool ends, each copy it cost is counted, and it comes back. */
static void exhaustion(void)
{
	struct rtp r = { .ssrc = 0x5050, .pt = 96, .payload = 100 };
	uint64_t no_memory = 0, sent = 0, got = 0;
	struct ksrtp_route route = {};
	uint8_t p[PACKET_MAX];
	unsigned int i, j;
	struct datagram *d;
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
		CHECK(route.copies == 61, "%llu copies", (unsigned long long)route.copies);
		no_memory += route.dropped[KSRTP_REASON_TX_NOMEM];
		sent += route.sent;
		for (j = 1; j <= KSRTP_REASON_MAX; j++)
			CHECK(!route.dropped[j] || j == KSRTP_REASON_TX_NOMEM, "%s",
			      ksrtp_reason_name(j));
	}
	CHECK(sent + no_memory == 61 * MANY && sent == got + MANY, "%llu sent, %llu came",
	      (unsigned long long)sent, (unsigned long long)got + MANY);
	CHECK((no_memory != 0) == !strcmp(tap.datapath, "xdp"), "%llu without a frame",
	      (unsigned long long)no_memory);
	r.seq = 61;
	n = rtp_build(&r, p);
	peer_send(m.from, false, p, n);
	CHECK(expect_all(&m, false, p, n) == MANY, "after the drought");
	call_close(&m.call);
	tap_end("D5,S7,S8", "one to many while nobody takes: what is not sent is counted, then all is well");
}

void fanout_tests(void)
{
	everyone(KSRTP_SUITE_AEAD_AES_128_GCM);
	everyone(KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80);
	everyone(KSRTP_SUITE_NONE);
	some();
	exhaustion();
}
