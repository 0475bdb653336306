// SPDX-License-Identifier: GPL-2.0
/* Transmit keys are used once, whatever is tried. */
#include <errno.h>
#include <string.h>

#include "../unit/tap.h"
#include "call.h"
#include "keys.h"

#define RX	KSRTP_DIRECTION_RX
#define TX	KSRTP_DIRECTION_TX

static int count_key(const struct ksrtp_key *key, void *arg)
{
	(void)key;
	++*(unsigned int *)arg;
	return 0;
}

static unsigned int keys_of(struct peer *p)
{
	unsigned int n = 0;

	CHECK(!ksrtp_key_dump(ksrtp, p->leg, count_key, NULL, &n), "key dump");
	return n;
}

/* Refused with a reason, and nothing is there that was not before. */
static void refused(struct peer *p, uint32_t direction, uint32_t slot, uint32_t context,
		    const struct secret *s, const char *what)
{
	unsigned int before = keys_of(p);
	int err = peer_key(p, direction, slot, context, s, 0);

	CHECK(err == -EKEYREJECTED, "%s: %s", what, strerror(-err));
	CHECK(strstr(ksrtp_error(ksrtp), "transmit key") || strstr(ksrtp_error(ksrtp), "receive key"),
	      "%s: says '%s'", what, ksrtp_error(ksrtp));
	CHECK(keys_of(p) == before, "%s: %u keys, not %u", what, keys_of(p), before);
}

static void one_suite(uint32_t suite)
{
	struct setup s = { .link = LINK_A, .suite = suite }, t = { .link = LINK_B, .suite = suite };
	struct secret used, fresh, received, mixed;
	struct peer *a, *b, *d;
	struct call c, other;

	pair_open(&c, &s, &t, &a, &b);
	used = a->in.secret[0];
	received = b->out.secret[0];

	refused(a, TX, 1, KSRTP_CONTEXT_NEW, &used, "the same leg, the other slot");
	refused(a, TX, 1, KSRTP_CONTEXT_SAME, &used, "the same leg, context same");
	CHECK(!ksrtp_key_del(ksrtp, b->leg, TX, 0), "%s", ksrtp_error(ksrtp));
	refused(b, TX, 0, KSRTP_CONTEXT_NEW, &used, "another leg of the call");
	refused(b, TX, 0, KSRTP_CONTEXT_NEW, &b->in.secret[0], "the same slot, deleted before");
	refused(b, RX, 1, KSRTP_CONTEXT_NEW, &used, "as a receive key");
	refused(a, TX, 1, KSRTP_CONTEXT_NEW, &received, "a receive key to transmit with");

	/* Another salt, another MKI, another roll-over counter: it is the key that counts. */
	mixed = used;
	random_octets(mixed.salt, sizeof(mixed.salt));
	if (suite != KSRTP_SUITE_NONE) {
		CHECK(!peer_key(a, TX, 1, KSRTP_CONTEXT_NEW, &mixed, 0), "another salt derives another key");
		CHECK(!ksrtp_key_del(ksrtp, a->leg, TX, 1), "%s", ksrtp_error(ksrtp));
	}
	mixed = used;
	mixed.mki_len = 4;
	refused(a, TX, 1, KSRTP_CONTEXT_NEW, &mixed, "with an MKI");

	call_open(&other, KSRTP_MODE_TRANSPORT);
	t.no_tx_key = true;
	d = peer_open(&other, &t);
	refused(d, TX, 0, KSRTP_CONTEXT_NEW, &used, "a leg of another call");
	refused(d, TX, 0, KSRTP_CONTEXT_NEW, &b->in.secret[0], "deleted, and another call");
	refused(d, RX, 1, KSRTP_CONTEXT_NEW, &used, "as a receive key of another call");
	call_close(&c);
	refused(d, TX, 0, KSRTP_CONTEXT_NEW, &used, "its call is gone");
	refused(d, TX, 0, KSRTP_CONTEXT_NEW, &b->in.secret[0], "its slot and call are gone");
	refused(d, RX, 1, KSRTP_CONTEXT_NEW, &used, "as a receive key, its call is gone");

	/* Receive keys may come again, as everything that was never sent with. */
	secret_make(&fresh, suite, 0);
	CHECK(!peer_key(d, TX, 0, KSRTP_CONTEXT_NEW, &fresh, 0), "%s", ksrtp_error(ksrtp));
	CHECK(!peer_key(d, RX, 1, KSRTP_CONTEXT_NEW, &received, 0), "%s", ksrtp_error(ksrtp));
	CHECK(!ksrtp_key_del(ksrtp, d->leg, RX, 1), "%s", ksrtp_error(ksrtp));
	CHECK(!peer_key(d, RX, 1, KSRTP_CONTEXT_NEW, &received, 0), "%s", ksrtp_error(ksrtp));
	call_close(&other);
}

/* A key that differs in its half for SRTP only still repeats SRTCP's nonces. */
static void half_equal(void)
{
	struct setup s = { .link = LINK_A, .suite = KSRTP_SUITE_AEAD_AES_128_GCM };
	struct ksrtp_key one = {}, two = {};
	struct secret x, y;
	struct peer *a;
	struct call c;
	int err;

	call_open(&c, KSRTP_MODE_TRANSPORT);
	s.no_tx_key = true;
	a = peer_open(&c, &s);
	secret_make(&x, s.suite, 0);
	secret_make(&y, s.suite, 0);
	CHECK(!ksrtp_key_derive(&one, s.suite, x.key, x.salt), "derive");
	CHECK(!ksrtp_key_derive(&two, s.suite, y.key, y.salt), "derive");
	one.leg_id = two.leg_id = a->leg;
	one.direction = two.direction = TX;
	two.slot = 1;
	CHECK(!ksrtp_key_new(ksrtp, &one), "%s", ksrtp_error(ksrtp));
	memcpy(two.srtcp_key, one.srtcp_key, sizeof(two.srtcp_key));
	err = ksrtp_key_new(ksrtp, &two);
	CHECK(err == -EKEYREJECTED, "the SRTCP half: %s", strerror(-err));
	/* The refused half must not stand in the way of its true owner. */
	CHECK(!ksrtp_key_derive(&two, s.suite, y.key, y.salt), "derive");
	memcpy(two.srtp_key, one.srtcp_key, sizeof(two.srtp_key));
	err = ksrtp_key_new(ksrtp, &two);
	CHECK(err == -EKEYREJECTED, "SRTCP's as SRTP's: %s", strerror(-err));
	CHECK(!ksrtp_key_derive(&two, s.suite, y.key, y.salt), "derive");
	CHECK(!ksrtp_key_new(ksrtp, &two), "%s", ksrtp_error(ksrtp));
	ksrtp_key_wipe(&one);
	ksrtp_key_wipe(&two);
	call_close(&c);
}

static const char set_max[] = "echo %u >/sys/module/ksrtp/parameters/keyring_max";

static unsigned int remembered(unsigned int *max)
{
	struct ksrtp_info info = {};

	CHECK(!ksrtp_info_get(ksrtp, &info), "%s", ksrtp_error(ksrtp));
	*max = info.keyring_max;
	return info.keyring_used;
}

static void full_refuses(struct peer *p, uint32_t direction, const struct secret *s)
{
	unsigned int before = keys_of(p);
	int err = peer_key(p, direction, 1, KSRTP_CONTEXT_NEW, s, 0);

	CHECK(err == -ENOSPC && strstr(ksrtp_error(ksrtp), "keyring_max"), "%s: says '%s'",
	      strerror(-err), ksrtp_error(ksrtp));
	CHECK(keys_of(p) == before, "%u keys, not %u", keys_of(p), before);
}

/* No room to remember another key: it is refused, and what is there goes on. */
static void full(void)
{
	struct setup s = { .link = LINK_A, .suite = KSRTP_SUITE_AEAD_AES_128_GCM };
	struct setup t = { .link = LINK_B, .suite = KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80 };
	struct rtp r = { .ssrc = 1, .payload = 60 };
	unsigned int before, used, max, now;
	struct secret fresh, received;
	struct peer *a, *b;
	struct call c;

	before = remembered(&max);
	CHECK(max >= 1u << 20, "keyring_max is %u by default", max);
	pair_open(&c, &s, &t, &a, &b);
	used = remembered(&now);
	CHECK(used == before + 8, "four keys of two halves take %u entries", used - before);
	secret_make(&fresh, s.suite, 0);
	secret_make(&received, s.suite, 0);
	/* One short of a pair: the half that found room must not stay. */
	CHECK(!net_command(set_max, used + 1), "keyring_max");
	full_refuses(a, TX, &fresh);
	full_refuses(a, RX, &received);
	CHECK(remembered(&now) == used && now == used + 1, "%u of %u remembered", used, now);
	/* As full as can be, and less than that is allowed. */
	CHECK(!net_command(set_max, used / 2), "keyring_max");
	full_refuses(a, TX, &fresh);
	for (r.seq = 0; r.seq < 5; r.seq++)
		pass_rtp(a, b, &r, "with the keys that are there");
	refused(b, TX, 1, KSRTP_CONTEXT_NEW, &a->in.secret[0], "and they are still remembered");
	CHECK(!net_command(set_max, used + 2), "keyring_max");
	CHECK(!peer_key(a, TX, 1, KSRTP_CONTEXT_NEW, &fresh, 0), "%s", ksrtp_error(ksrtp));
	/* Receive keys are forgotten with their leg: until then one may come back. */
	full_refuses(b, RX, &received);
	CHECK(!ksrtp_key_del(ksrtp, b->leg, RX, 0), "%s", ksrtp_error(ksrtp));
	full_refuses(b, RX, &received);
	CHECK(!net_command(set_max, used + 4), "keyring_max");
	CHECK(!peer_key(b, RX, 1, KSRTP_CONTEXT_NEW, &received, 0), "%s", ksrtp_error(ksrtp));
	CHECK(!net_command(set_max, max), "keyring_max");
	call_close(&c);
	CHECK(remembered(&now) == before + 6, "%u remembered of three transmit keys",
	      remembered(&now) - before);
}

void key_reuse_tests(void)
{
	uint32_t suite;

	for (suite = 1; suite < SUITES; suite++) {
		one_suite(suite);
		tap_end("S3", "a transmit key is refused wherever it was seen before, %s",
			ksrtp_suite_name(suite));
	}
	half_equal();
	tap_end("S3", "a key of which one half was used is refused, the other half stays free");
	full();
	tap_end("S3", "when no more keys can be remembered none is installed, and those that are go on");
}
