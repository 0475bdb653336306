// SPDX-License-Identifier: GPL-2.0
/*
 * Calls whose media is encrypted end to end: this host relays octets for which it has no
 * key (S6), and shows that it has none.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../unit/tap.h"
#include "call.h"
#include "media.h"

#define GCM128	KSRTP_SUITE_AEAD_AES_128_GCM
#define DATAGRAMS_MAX	1400

static struct setup side(int link, int family)
{
	return (struct setup){ .link = link, .family = family, .suite = GCM128,
			       .no_rx_key = true, .no_tx_key = true };
}

/* The endpoints agree on keys with each other alone: each one's way out is the other's way in. */
static void share(struct peer *from, struct peer *to)
{
	session_close(&to->in);
	to->in.secret[0] = from->out.secret[0];
	session_open(&to->in);
}

static void relay_open(struct call *c, int family_a, int family_b, struct peer **a, struct peer **b)
{
	struct setup sa = side(LINK_A, family_a), sb = side(LINK_B, family_b);

	call_open(c, KSRTP_MODE_E2EE);
	*a = peer_open(c, &sa);
	*b = peer_open(c, &sb);
	share(*a, *b);
	share(*b, *a);
	route_open(c, *a, *b, BOTH);
	route_open(c, *b, *a, BOTH);
}

/* Exactly these octets come out. */
static void pass(struct peer *from, struct peer *to, const uint8_t *octets, size_t len,
		 const char *what)
{
	struct datagram *d;

	peer_send_raw(from, octets, len);
	d = peer_next(to, tap.bad < 3 ? 3000 : 20);
	CHECK(d, "%s of %zu octets: nothing came", what, len);
	CHECK(!d || (d->len == len && !memcmp(d->octet, octets, len)),
	      "%s of %zu octets: %zu others came", what, len, d ? d->len : 0);
	free(d);
}

static size_t make_dtls(uint8_t *p, uint8_t type, size_t len)
{
	random_octets(p, len);
	p[0] = type;
	return len;
}

static int count_any(const struct ksrtp_key *key, void *arg)
{
	(void)key;
	++*(unsigned int *)arg;
	return 0;
}

static int count_stream(const struct ksrtp_stream *stream, void *arg)
{
	(void)stream;
	++*(unsigned int *)arg;
	return 0;
}

/* What the kernel says it has of the call. */
static void expect_no_keys(struct call *c, struct peer *a, struct peer *b)
{
	struct ksrtp_call call = {};
	unsigned int n = 0;

	CHECK(!ksrtp_call_get(ksrtp, c->id, &call) && call.mode == KSRTP_MODE_E2EE, "mode %s",
	      ksrtp_mode_name(call.mode));
	CHECK(!ksrtp_key_dump(ksrtp, a->leg, count_any, NULL, &n) &&
	      !ksrtp_key_dump(ksrtp, b->leg, count_any, NULL, &n) && !n, "%u keys", n);
	CHECK(!ksrtp_stream_dump(ksrtp, a->leg, count_stream, NULL, &n) &&
	      !ksrtp_stream_dump(ksrtp, b->leg, count_stream, NULL, &n) && !n, "%u streams", n);
}

static void bit_exact(int family_a, int family_b)
{
	struct rtp r = { .ssrc = 7, .payload = 100, .seq = 65533 };
	uint8_t p[DATAGRAMS_MAX + GROWTH_MAX] __attribute__((aligned(8)));
	struct peer *a, *b;
	struct call c;
	size_t len;
	int i;

	relay_open(&c, family_a, family_b, &a, &b);
	/* Octets nobody can decrypt: only shape and length count. */
	for (len = 12; len <= DATAGRAMS_MAX; len += len < 64 ? 1 : 61) {
		random_octets(p, len);
		p[0] = 0x80;
		p[1] &= 0xbf;
		pass(a, b, p, len, "RTP");
	}
	for (len = 8; len <= DATAGRAMS_MAX; len += len < 64 ? 1 : 61) {
		random_octets(p, len);
		p[0] = 0x80 | (p[0] & 0x3f);
		p[1] = (uint8_t)(192 + p[1] % 32);
		pass(b, a, p, len, "RTCP");
	}
	for (i = 20; i < 64; i++)
		pass(i % 2 ? a : b, i % 2 ? b : a, p, make_dtls(p, (uint8_t)i, (size_t)(13 + 20 * (i - 20))),
		     "DTLS");
	/* The endpoints' own SRTP, over the end of the sequence numbers. */
	for (i = 0; i < 8; i++, r.seq++) {
		r.csrcs = (unsigned int)i % 4;
		r.ext_profile = i % 2 ? 0xbede : 0;
		r.ext_words = (unsigned int)i % 3;
		pass_rtp(a, b, &r, "SRTP");
		pass_rtcp(a, b, p, rtcp_sr(p, r.ssrc, NULL, 0), "SRTCP");
		pass_rtp(b, a, &r, "SRTP back");
	}
	expect_no_keys(&c, a, b);
	expect_datapath(a, b, 2);
	call_close(&c);
	tap_end("K4,S6,S8,D4", "K4: a relay passes RTP, RTCP and DTLS octet for octet, IPv%d to IPv%d, "
		"and has no key", family_a, family_b);
}

static void forged_source(void)
{
	uint8_t p[200];
	struct peer *a, *b;
	struct endpoint from;
	struct call c;
	int i;

	relay_open(&c, 4, 4, &a, &b);
	random_octets(p, sizeof(p));
	for (i = 0; i < 30; i++) {
		struct ksrtp_leg before = leg_now(a), after;

		from = a->remote;
		switch (i % 3) {
		case 0:
			from.port++;
			break;
		case 1:
			from.ip[3]++;
			break;
		default:
			from = b->remote;
		}
		p[0] = i % 2 ? 0x80 : 22;
		p[1] = (uint8_t)i;
		CHECK(!net_send(-1, LINK_A, &from, &a->local, p, sizeof(p)), "send");
		a->wire_sent++;
		peer_expect_nothing(a, b, "from another address");
		after = leg_now(a);
		CHECK(after.stats.dropped[KSRTP_REASON_SRC] ==
		      before.stats.dropped[KSRTP_REASON_SRC] + 1, "not dropped as src");
		CHECK(!memcmp(&before.remote, &after.remote, sizeof(before.remote)),
		      "the remote address moved");
		pass(a, b, p, sizeof(p), "from the right one");
	}
	call_close(&c);
	tap_end("S6,S8,E2", "a relay takes packets from exactly its remote address, and never learns");
}

static void refused_keys(void)
{
	struct ksrtp_leg leg = { .flags = KSRTP_LEG_F_LEARN };
	struct ksrtp_route map = { .flags = BOTH | KSRTP_ROUTE_F_MAP_SSRC };
	uint32_t suite, direction;
	struct peer *a, *b, *stranger, *other;
	struct setup sc = side(LINK_C, 4);
	struct call c, d;
	uint8_t p[100];

	relay_open(&c, 4, 6, &a, &b);
	for (suite = 0; suite <= KSRTP_SUITE_MAX; suite++) {
		for (direction = 0; direction < 2; direction++) {
			struct secret s;
			int err;

			secret_make(&s, suite, 0);
			err = peer_key(a, direction, 0, KSRTP_CONTEXT_NEW, &s, 0);
			CHECK(err == -EPERM && strstr(ksrtp_error(ksrtp), "end-to-end"),
			      "%s: %d, %s", ksrtp_suite_name(suite), err, ksrtp_error(ksrtp));
		}
	}
	leg.id = a->leg;
	CHECK(ksrtp_leg_set(ksrtp, &leg, KSRTP_LEG_SET_FLAGS) == -EPERM &&
	      strstr(ksrtp_error(ksrtp), "learn"), "learning: %s", ksrtp_error(ksrtp));
	call_open(&d, KSRTP_MODE_E2EE);
	stranger = peer_open(&d, &sc);
	other = peer_open(&c, &sc);
	map.from = a->leg;
	map.to = other->leg;
	CHECK(ksrtp_route_new(ksrtp, &map) == -EPERM && strstr(ksrtp_error(ksrtp), "as they came"),
	      "SSRC mapping: %s", ksrtp_error(ksrtp));
	map = (struct ksrtp_route){ .from = a->leg, .to = other->leg, .flags = BOTH, .pt_count = 1,
				    .pt = { { 96, 97 } } };
	CHECK(ksrtp_route_new(ksrtp, &map) == -EPERM, "payload type mapping: %s",
	      ksrtp_error(ksrtp));
	CHECK(ksrtp_route_set(ksrtp, c.routes[0], BOTH | KSRTP_ROUTE_F_MAP_SSRC) == -EPERM,
	      "SSRC mapping later: %s", ksrtp_error(ksrtp));
	map = (struct ksrtp_route){ .from = a->leg, .to = stranger->leg, .flags = BOTH };
	CHECK(ksrtp_route_new(ksrtp, &map) == -EXDEV, "a leg of another call: %s",
	      ksrtp_error(ksrtp));
	expect_no_keys(&c, a, b);
	random_octets(p, sizeof(p));
	p[0] = 0x80;
	pass(a, b, p, sizeof(p), "and it goes on");
	call_close(&d);
	call_close(&c);
	tap_end("K4,S6,S5", "K4: the kernel refuses keys, learning and rewriting in an end-to-end call");
}

static void not_relayed(void)
{
	uint8_t p[200];
	struct ksrtp_leg leg;
	struct peer *a, *b;
	struct call c;
	unsigned int i;

	relay_open(&c, 4, 4, &a, &b);
	for (i = 0; i < 256; i++) {
		random_octets(p, sizeof(p));
		p[0] = (uint8_t)i;
		if (i < 4 || (i >= 20 && i < 64) || (i >= 128 && i < 192))
			continue;
		refuse_raw(a, b, p, sizeof(p), KSRTP_REASON_NOT_MEDIA, "first octet");
	}
	memset(p, 0, sizeof(p));
	for (i = 0; i < 4; i++) {
		p[0] = (uint8_t)i;
		peer_send_raw(a, p, 20);
		peer_expect_nothing(a, b, "STUN");
	}
	leg = leg_now(a);
	CHECK(leg.stats.passed_up == 4, "%llu passed up", (unsigned long long)leg.stats.passed_up);
	p[0] = 0x80;
	for (i = 1; i < 12; i++)
		refuse_raw(a, b, p, i, KSRTP_REASON_MALFORMED, "RTP too short");
	p[0] = 0x8f;
	refuse_raw(a, b, p, 71, KSRTP_REASON_MALFORMED, "fewer CSRCs than it says");
	p[0] = 0x90;
	p[15] = 50;
	refuse_raw(a, b, p, 16 + 199 - 16, KSRTP_REASON_MALFORMED, "extension behind the end");
	p[0] = 0x80;
	p[1] = 200;
	for (i = 2; i < 8; i++)
		refuse_raw(a, b, p, i, KSRTP_REASON_MALFORMED, "RTCP too short");
	p[0] = 22;
	for (i = 1; i < 13; i++)
		refuse_raw(a, b, p, i, KSRTP_REASON_MALFORMED, "DTLS too short");
	call_close(&c);
	tap_end("S6,S7,S8", "a relay drops what is no RTP, RTCP or DTLS, each under its reason");
}

static void set_rate(struct peer *p, uint64_t rate)
{
	struct ksrtp_leg leg = { .id = p->leg, .rate = rate };

	CHECK(!ksrtp_leg_set(ksrtp, &leg, KSRTP_LEG_SET_RATE), "%s", ksrtp_error(ksrtp));
	leg = leg_now(p);
	CHECK(leg.rate == rate, "the rate is %llu", (unsigned long long)leg.rate);
}

#define FLOOD	60

static void rate_cap(void)
{
	struct setup plain = { .link = LINK_C, .suite = GCM128 };
	struct ksrtp_leg leg = { .rate = 100000 };
	uint8_t p[1000];
	struct peer *a, *b, *keyed;
	struct call c, d;
	uint64_t rest, start;
	int i;

	relay_open(&c, 4, 4, &a, &b);
	leg = leg_now(a);
	CHECK(leg.rate == KSRTP_RATE_DEFAULT, "%llu at first", (unsigned long long)leg.rate);
	random_octets(p, sizeof(p));
	p[0] = 0x80;
	pass(a, b, p, sizeof(p), "at the usual rate");
	/* 16 of these octets' thousands at once, then one a second. */
	set_rate(a, KSRTP_RATE_MIN);
	start = now_ms();
	for (i = 0; i < FLOOD; i++)
		peer_send_raw(a, p, sizeof(p));
	peer_settle(a);
	rest = (now_ms() - start) / 1000;
	leg = leg_now(a);
	CHECK(leg.stats.forwarded >= 1 + 16 && leg.stats.forwarded <= 1 + 16 + rest + 1,
	      "%llu forwarded in %llu s", (unsigned long long)leg.stats.forwarded,
	      (unsigned long long)rest);
	CHECK(leg.stats.dropped[KSRTP_REASON_RATE] + leg.stats.forwarded == FLOOD + 1,
	      "%llu dropped as rate", (unsigned long long)leg.stats.dropped[KSRTP_REASON_RATE]);
	/* The other leg has a cap of its own; more is there at once when it is raised. */
	while (b->first)
		free(peer_next(b, 0));
	pass(b, a, p, sizeof(p), "the other way");
	set_rate(a, 1000000);
	pass(a, b, p, sizeof(p), "with more");
	call_close(&c);

	call_open(&d, KSRTP_MODE_TRANSPORT);
	keyed = peer_open(&d, &plain);
	leg = (struct ksrtp_leg){ .id = keyed->leg, .rate = 100000 };
	CHECK(ksrtp_leg_set(ksrtp, &leg, KSRTP_LEG_SET_RATE) == -EINVAL &&
	      strstr(ksrtp_error(ksrtp), "end-to-end"), "a leg with keys: %s", ksrtp_error(ksrtp));
	call_close(&d);
	tap_end("S6,S7,S8", "a relay drops what exceeds its bit-rate cap, as rate");
}

static void set_state(struct peer *p, uint32_t state)
{
	struct ksrtp_leg leg = { .id = p->leg, .state = state };

	CHECK(!ksrtp_leg_set(ksrtp, &leg, KSRTP_LEG_SET_STATE), "%s", ksrtp_error(ksrtp));
}

static void held(void)
{
	uint8_t p[100], dtls[100];
	struct peer *a, *b;
	struct call c;

	relay_open(&c, 6, 4, &a, &b);
	random_octets(p, sizeof(p));
	p[0] = 0x80;
	make_dtls(dtls, 22, sizeof(dtls));
	set_state(a, KSRTP_LEG_STATE_HELD);
	refuse_raw(a, b, p, sizeof(p), KSRTP_REASON_HELD, "held");
	pass(a, b, dtls, sizeof(dtls), "DTLS from a held leg");
	refuse_raw(b, a, p, sizeof(p), KSRTP_REASON_TX_HELD, "toward a held leg");
	pass(b, a, dtls, sizeof(dtls), "DTLS to a held leg");
	set_state(a, KSRTP_LEG_STATE_ACTIVE);
	pass(a, b, p, sizeof(p), "active again");
	CHECK(!ksrtp_route_set(ksrtp, c.routes[0], RTCP), "%s", ksrtp_error(ksrtp));
	refuse_raw(a, b, p, sizeof(p), KSRTP_REASON_NO_ROUTE, "RTP on a route for RTCP");
	pass(a, b, dtls, sizeof(dtls), "DTLS on a route for RTCP");
	CHECK(!ksrtp_route_set(ksrtp, c.routes[0], 0), "%s", ksrtp_error(ksrtp));
	refuse_raw(a, b, dtls, sizeof(dtls), KSRTP_REASON_NO_ROUTE, "DTLS on a route for nothing");
	call_close(&c);
	tap_end("S6,S8", "a held relay passes DTLS alone");
}

void media_tests(void)
{
	bit_exact(4, 4);
	bit_exact(4, 6);
	bit_exact(6, 4);
	forged_source();
	refused_keys();
	not_relayed();
	rate_cap();
	held();
}

void media_tests_once(void)
{
	struct ksrtp_call call = { .owner = 0x10ad }, now = {};
	struct call c;

	call_own(&c, KSRTP_MODE_E2EE, 0xdead, 60);
	call.id = c.id;
	CHECK(!ksrtp_call_set(ksrtp, &call), "%s", ksrtp_error(ksrtp));
	CHECK(!ksrtp_call_get(ksrtp, c.id, &now) && now.owner == 0x10ad && now.lease == 60,
	      "owner %x, lease %u", now.owner, now.lease);
	CHECK(ksrtp_owner_alive(ksrtp, 0xdead) == -ENOENT && !ksrtp_owner_alive(ksrtp, 0x10ad),
	      "who may renew it");
	call.lease = 90;
	CHECK(!ksrtp_call_set(ksrtp, &call) && !ksrtp_call_get(ksrtp, c.id, &now) && now.lease == 90,
	      "lease %u", now.lease);
	call.owner = 0;
	CHECK(ksrtp_call_set(ksrtp, &call) == -EINVAL, "a lease and nobody who renews it");
	call.lease = 0;
	CHECK(!ksrtp_call_set(ksrtp, &call) && !ksrtp_call_get(ksrtp, c.id, &now) && !now.owner,
	      "owner %x", now.owner);
	call_close(&c);
	tap_end("O1,O2", "a call is taken over by another owner");
}
