// SPDX-License-Identifier: GPL-2.0
/*
 * Two sources that chose one SSRC, toward one leg:
 *
 *	A (SSRC X) ---+
 *	              +---> C (SSRC Z)
 *	B (SSRC X) ---+
 *
 * The second is refused, or C knows it by another SSRC: everywhere, both ways.
 */
#include <stdlib.h>
#include <string.h>

#include "../unit/tap.h"
#include "call.h"
#include "routes.h"

#define X	0x0badf00du
#define Z	0x00c0ffeeu
#define OTHER	0x12121212u	/* of nobody */

struct three {
	struct call call;
	struct peer *a, *b, *c;
	uint32_t a_c, b_c;
};

static void three_open(struct three *t, const uint32_t suites[3], struct ksrtp_route b_c)
{
	const struct setup a = { .link = LINK_A, .suite = suites[0] };
	const struct setup b = { .link = LINK_C, .suite = suites[1], .family = 6 };
	const struct setup c = { .link = LINK_B, .suite = suites[2] };

	call_open(&t->call, KSRTP_MODE_TRANSPORT);
	t->a = peer_open(&t->call, &a);
	t->b = peer_open(&t->call, &b);
	t->c = peer_open(&t->call, &c);
	t->a_c = route_open(&t->call, t->a, t->c, BOTH);
	b_c.flags |= BOTH;
	t->b_c = route_add(&t->call, t->b, t->c, &b_c);
	route_open(&t->call, t->c, t->a, BOTH);
	route_open(&t->call, t->c, t->b, BOTH);
}

static const uint32_t mixed[] = {
	KSRTP_SUITE_AEAD_AES_128_GCM, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80,
	KSRTP_SUITE_AEAD_AES_256_GCM,
};

static const uint32_t plain_sources[] = {
	KSRTP_SUITE_NONE, KSRTP_SUITE_NONE, KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32,
};

static void refuse(void)
{
	struct rtp r = { .ssrc = X, .payload = 50 };
	uint8_t p[PACKET_MAX];
	struct three t;
	size_t n;
	int i;

	three_open(&t, mixed, (struct ksrtp_route){});
	for (i = 0; i < 5; i++) {
		r.seq = (uint16_t)(10 + i);
		pass_rtp(t.a, t.c, &r, "the first source");
		refuse_rtp(t.b, t.c, &r, KSRTP_REASON_TX_SSRC, "the second");
	}
	n = rtcp_everything(p, X, Z, OTHER);
	pass_rtcp(t.a, t.c, p, n, "RTCP of the first");
	peer_send(t.b, true, p, n);
	peer_expect_nothing(t.b, t.c, "RTCP of the second");
	CHECK(route_dropped(t.b_c, KSRTP_REASON_TX_SSRC) == 6, "%llu on the route",
	      (unsigned long long)route_dropped(t.b_c, KSRTP_REASON_TX_SSRC));
	/* Another SSRC of the same leg is none of this. */
	r.ssrc = X + 1;
	pass_rtp(t.b, t.c, &r, "the second leg's other source");
	/* As which it may say goodbye, but not as the first. */
	n = rtcp_rr(p, X + 1, NULL, 0);
	n += rtcp_bye(p + n, X);
	peer_send(t.b, true, p, n);
	peer_expect_nothing(t.b, t.c, "a BYE of the first by the second");
	CHECK(route_dropped(t.b_c, KSRTP_REASON_TX_SSRC) == 7, "a BYE of the first is counted");
	n = rtcp_rr(p, X + 1, NULL, 0);
	n += rtcp_bye(p + n, X + 1);
	pass_rtcp(t.b, t.c, p, n, "its own BYE");
	/* The first one gone for good, the second takes over, and no index repeats. */
	peer_leg_del(t.a);
	r.ssrc = X;
	for (i = 0; i < 5; i++) {
		r.seq = (uint16_t)(100 + i);
		pass_rtp(t.b, t.c, &r, "the second, the first gone");
	}
	call_close(&t.call);
	tap_end("S3", "two sources with one SSRC, no mapping: the second is refused");
}

/* What came to C with the SSRC that the second source got there; 0: nothing came. */
static uint32_t learn_mapped(struct three *t, const struct rtp *r)
{
	struct rtp want = *r;
	uint8_t p[PACKET_MAX];
	struct datagram *d;
	size_t n, got;

	peer_send(t->b, false, p, rtp_build(r, p));
	d = peer_next(t->c, WAIT_MS);
	CHECK(d, "nothing came");
	if (!d)
		return 0;
	want.ssrc = get32(d->octet + 8);
	n = rtp_build(&want, p);
	got = session_unprotect(&t->c->in, false, d->octet, d->len);
	CHECK(got == n && !memcmp(p, d->octet, n), "nothing but the SSRC is another");
	free(d);
	CHECK(want.ssrc && want.ssrc != r->ssrc, "SSRC %08x", want.ssrc);
	return want.ssrc;
}

/* Everything that the three say about each other; C knows B's X as @y. */
static void talk(struct three *t, uint32_t y)
{
	struct rtp r = { .ssrc = X, .payload = 120 }, leaves;
	uint8_t p[PACKET_MAX], want[PACKET_MAX];
	size_t n;
	int i;

	for (i = 0; i < 30; i++) {
		r.seq = (uint16_t)(65520 + i);
		r.id = (uint64_t)i;
		pass_rtp(t->a, t->c, &r, "the first source");
		n = rtp_build(&r, p);
		peer_send(t->b, false, p, n);
		leaves = r;
		leaves.ssrc = y;
		n = rtp_build(&leaves, want);
		peer_expect(t->c, false, want, n, "the second");
	}
	r.ssrc = Z;
	r.seq = 7;
	n = rtp_build(&r, p);
	peer_send(t->c, false, p, n);
	peer_expect(t->a, false, p, n, "from C to A");
	peer_expect(t->b, false, p, n, "from C to B");

	n = rtcp_everything(p, X, Z, OTHER);
	pass_rtcp(t->a, t->c, p, n, "RTCP of the first");
	peer_send(t->b, true, p, n);
	n = rtcp_everything(want, y, Z, OTHER);
	peer_expect(t->c, true, want, n, "RTCP of the second");

	/* C speaks about both; each hears its own under X, and the other's not as its own. */
	n = rtcp_everything(p, Z, X, y);
	peer_send(t->c, true, p, n);
	peer_expect(t->a, true, p, n, "to A, about A's X and B's");
	n = rtcp_everything(want, Z, y, X);
	peer_expect(t->b, true, want, n, "to B, about A's X and B's");
	n = rtcp_pli(p, Z, y);
	peer_send(t->c, true, p, n);
	peer_expect(t->a, true, p, n, "to A, a PLI for B");
	n = rtcp_pli(want, Z, X);
	peer_expect(t->b, true, want, n, "to B, a PLI for B");
	n = rtcp_nack(p, Z, y, 65535);
	peer_send(t->c, true, p, n);
	peer_expect(t->a, true, p, n, "to A, a NACK for B");
	n = rtcp_nack(want, Z, X, 65535);
	peer_expect(t->b, true, want, n, "to B, a NACK for B");
}

static void map(const uint32_t suites[3], const char *what)
{
	struct rtp r = { .ssrc = X, .payload = 50 };
	struct three t;
	uint32_t y;

	three_open(&t, suites, (struct ksrtp_route){ .flags = KSRTP_ROUTE_F_MAP_SSRC });
	r.seq = 65510;
	pass_rtp(t.a, t.c, &r, "the first source");
	y = learn_mapped(&t, &r);
	if (y)
		talk(&t, y);
	expect_datapath(t.a, t.c, 2);
	expect_datapath(t.b, t.c, 2);
	call_close(&t.call);
	tap_end("S3,D1", "two sources with one SSRC, %s: the second is mapped, in RTP and in all RTCP, both ways",
		what);
}

/* RTCP comes first: what it calls the source, RTP does. */
static void map_rtcp_first(void)
{
	struct rtp r = { .ssrc = X, .payload = 50, .seq = 1 }, leaves;
	uint8_t p[PACKET_MAX], want[PACKET_MAX];
	struct datagram *d;
	struct three t;
	size_t n, got;
	uint32_t y;

	three_open(&t, mixed, (struct ksrtp_route){ .flags = KSRTP_ROUTE_F_MAP_SSRC });
	pass_rtp(t.a, t.c, &r, "the first source");
	n = rtcp_everything(p, X, OTHER, OTHER + 1);
	peer_send(t.b, true, p, n);
	d = peer_next(t.c, WAIT_MS);
	CHECK(d, "nothing came");
	if (d) {
		y = get32(d->octet + 4);
		got = session_unprotect(&t.c->in, true, d->octet, d->len);
		n = rtcp_everything(want, y, OTHER, OTHER + 1);
		CHECK(y != X && got == n && !memcmp(d->octet, want, n), "RTCP under another SSRC");
		leaves = r;
		leaves.ssrc = y;
		n = rtp_build(&r, p);
		peer_send(t.b, false, p, n);
		n = rtp_build(&leaves, want);
		peer_expect(t.c, false, want, n, "RTP under the same");
		free(d);
	}
	call_close(&t.call);
	tap_end("S3", "an SSRC that RTCP got first is RTP's too");
}

/* The route says which SSRC leaves as which. */
static void map_by_route(void)
{
	struct ksrtp_route route = {
		.ssrc_count = 1, .ssrc = { { .in = X, .out = 0xabcdef01 } },
	};
	struct three t;

	three_open(&t, mixed, route);
	talk(&t, 0xabcdef01);
	call_close(&t.call);
	tap_end("S3", "an SSRC that the route replaces is replaced everywhere, both ways");
}

/* What must be rewritten but cannot be is not let through as it is. */
static void malformed(void)
{
	struct rtp r = { .ssrc = X, .payload = 50, .seq = 1 };
	uint8_t p[PACKET_MAX];
	struct three t;
	size_t n;

	three_open(&t, mixed, (struct ksrtp_route){ .flags = KSRTP_ROUTE_F_MAP_SSRC });
	pass_rtp(t.a, t.c, &r, "the first source");
	learn_mapped(&t, &r);
	n = rtcp_rr(p, X, NULL, 0);
	n += rtcp_bye(p + n, X);
	/* A BYE of 31 sources that has room for one. */
	p[n - 8] |= 31;
	peer_send(t.b, true, p, n);
	peer_expect_nothing(t.b, t.c, "a BYE that lies");
	CHECK(route_dropped(t.b_c, KSRTP_REASON_TX_RTCP) == 1, "tx-rtcp");
	n = rtcp_sr(p, X, NULL, 0);
	n += rtcp_sdes(p + n, X, "cname");
	/* An item longer than its packet. */
	p[n - 7] = 200;
	peer_send(t.b, true, p, n);
	peer_expect_nothing(t.b, t.c, "an SDES that lies");
	CHECK(route_dropped(t.b_c, KSRTP_REASON_TX_RTCP) == 2, "tx-rtcp");
	call_close(&t.call);
	tap_end("S3,S7", "RTCP whose SSRCs cannot be found is dropped as tx-rtcp");
}

void ssrc_tests(void)
{
	refuse();
	map(mixed, "protected");
	map(plain_sources, "plain");
	map_rtcp_first();
	map_by_route();
	malformed();
}
