// SPDX-License-Identifier: GPL-2.0
/*
 * The user datapath where keys, SSRCs and sources come again: no (key, nonce) pair twice on
 * the way out (S3), no packet twice on the way in.
 */
#include <stdio.h>
#include <string.h>

#include "ksrtpd/addr.h"
#include "ksrtpd/user_state.h"
#include "srtp.h"
#include "tap.h"

#define SSRC	0x5501a0b2u
#define MKI_LEN	2
/* Packets after which a stream settles its share. */
#define RTP_STEP	(1ULL << 16)
#define RTCP_STEP	(1ULL << 10)

/* An engine, and what left it last. */
struct world {
	struct ksrtpd_engine *engine;
	uint32_t call;
	unsigned int legs, sent, hard;
	uint8_t wire[256];
	size_t len;
};

static enum ksrtp_reason deliver(void *arg, uint32_t leg, const struct sockaddr_storage *to,
				 const uint8_t *data, size_t len)
{
	struct world *w = arg;

	(void)leg;
	(void)to;
	w->sent++;
	w->len = len;
	memcpy(w->wire, data, len);
	return KSRTP_REASON_NONE;
}

static void hear(void *arg, const struct ksrtp_event *event)
{
	((struct world *)arg)->hard += event->type == KSRTP_CMD_KEY_HARD_NTF;
}

static uint32_t add_call(struct world *w, const char *name)
{
	struct ksrtp_call call = { .mode = KSRTP_MODE_TRANSPORT };

	snprintf(call.name, sizeof(call.name), "%s", name);
	CHECK(!ksrtpd_engine_call_new(w->engine, &call), "%s", ksrtpd_engine_error(w->engine));
	return call.id;
}

static void world_init(struct world *w)
{
	const struct ksrtpd_engine_net net = { .send = deliver, .event = hear, .arg = w };

	memset(w, 0, sizeof(*w));
	w->engine = ksrtpd_engine_create(&net);
	w->call = add_call(w, "test");
}

static struct leg *add_leg(struct world *w, uint32_t call)
{
	struct ksrtp_leg new = { .call_id = call, .state = KSRTP_LEG_STATE_ACTIVE };

	w->legs++;
	ksrtpd_addr_parse("192.0.2.1", AF_INET, &new.local);
	ksrtpd_addr_set_port(&new.local, (uint16_t)(40000 + w->legs));
	ksrtpd_addr_parse("192.0.2.2", AF_INET, &new.remote);
	ksrtpd_addr_set_port(&new.remote, (uint16_t)(50000 + w->legs));
	CHECK(!ksrtpd_engine_leg_new(w->engine, &new), "%s", ksrtpd_engine_error(w->engine));
	return find_leg(w->engine, new.id);
}

static struct route *add_route(struct world *w, struct leg *from, const struct leg *to)
{
	struct ksrtp_route route = {
		.from = from->id, .to = to->id, .flags = KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP,
	};

	CHECK(!ksrtpd_engine_route_new(w->engine, &route), "%s", ksrtpd_engine_error(w->engine));
	return STAILQ_FIRST(&from->routes);
}

/* -- keys, by a number; 0 is plain RTP */

/* Key @n for AES-GCM with an MKI that says so; what differs is the caller's to change. */
static struct ksrtpd_key make_key(const struct leg *leg, uint32_t direction, uint32_t slot, uint8_t n)
{
	struct ksrtpd_key key = {
		.leg_id = leg->id, .direction = direction, .slot = slot,
		.suite = n ? KSRTP_SUITE_AEAD_AES_128_GCM : KSRTP_SUITE_NONE,
		.context = KSRTP_CONTEXT_NEW, .mki_len = n ? MKI_LEN : 0, .mki = { 0, n },
	};

	memset(key.master_key, n, sizeof(key.master_key));
	return key;
}

static void add_key(struct world *w, const struct ksrtpd_key *key)
{
	CHECK(!ksrtpd_engine_key_new(w->engine, key), "%s", ksrtpd_engine_error(w->engine));
}

static void add(struct world *w, const struct leg *leg, uint32_t direction, uint32_t slot, uint8_t n)
{
	struct ksrtpd_key key = make_key(leg, direction, slot, n);

	add_key(w, &key);
}

static void drop(struct world *w, const struct leg *leg, uint32_t direction, uint32_t slot)
{
	CHECK(!ksrtpd_engine_key_del(w->engine, leg->id, direction, slot), "%s",
	      ksrtpd_engine_error(w->engine));
}

static void activate(struct world *w, const struct leg *leg, uint32_t slot)
{
	CHECK(!ksrtpd_engine_key_activate(w->engine, leg->id, slot), "%s",
	      ksrtpd_engine_error(w->engine));
}

/* What the peer makes of key @n. */
static struct gcm_keys session(uint8_t n)
{
	uint8_t master[16], salt[12] = { 0 };
	struct gcm_keys keys;

	memset(master, n, sizeof(master));
	CHECK(gcm_keys_derive(&keys, master, sizeof(master), salt), "no keys");
	keys.mki_len = MKI_LEN;
	keys.mki[1] = n;
	return keys;
}

/* -- packets */

static size_t make_rtp(uint8_t *p, uint32_t ssrc, uint16_t seq)
{
	const uint8_t head[12] = { 0x80, 8 };

	memset(p, 0x55, 32);
	memcpy(p, head, sizeof(head));
	put_unaligned_be16(seq, p + KSRTP_RTP_SEQ_OFF);
	put_unaligned_be32(ssrc, p + KSRTP_RTP_SSRC_OFF);
	return 32;
}

/* A receiver report about nobody. */
static size_t make_rtcp(uint8_t *p, uint32_t ssrc)
{
	const uint8_t head[8] = { 0x80, 201, 0, 1 };

	memcpy(p, head, sizeof(head));
	put_unaligned_be32(ssrc, p + KSRTP_RTCP_SSRC_OFF);
	return sizeof(head);
}

/* True: it left. */
static bool input(struct world *w, struct leg *leg, const uint8_t *data, size_t len)
{
	unsigned int before = w->sent;

	ksrtpd_engine_input(w->engine, leg->id, &leg->remote, data, len);
	return w->sent == before + 1;
}

static bool say_rtp(struct world *w, struct leg *leg, uint16_t seq)
{
	uint8_t p[256];

	return input(w, leg, p, make_rtp(p, SSRC, seq));
}

static bool say_rtcp(struct world *w, struct leg *leg)
{
	uint8_t p[256];

	return input(w, leg, p, make_rtcp(p, SSRC));
}

/* Did the last packet leave under key @n, with this index? */
static bool left_rtp(struct world *w, uint8_t n, uint64_t index)
{
	struct gcm_keys keys = session(n);
	uint8_t p[sizeof(w->wire)];

	memcpy(p, w->wire, w->len);
	return get_unaligned_be16(p + KSRTP_RTP_SEQ_OFF) == (uint16_t)index &&
	       rtp_unprotect(&keys, index, p, w->len);
}

static bool left_rtcp(struct world *w, uint8_t n, uint32_t index)
{
	struct gcm_keys keys = session(n);
	uint8_t p[sizeof(w->wire)];
	u32 word;

	memcpy(p, w->wire, w->len);
	return rtcp_unprotect(&keys, &word, p, w->len) && word == (KSRTP_SRTCP_E_BIT | index);
}

/* -- the way out */

static unsigned int count_out(const struct leg *leg, const struct context *context, uint32_t out)
{
	const struct stream *s;
	unsigned int n = 0;

	LIST_FOREACH(s, &leg->streams[TX], entry)
		n += s->out == out && (!context || s->context == context);
	return n;
}

/* Leg @a's source is gone after it left under two contexts; @b's of the same SSRC comes. */
static void hand_over(void)
{
	struct leg *a, *b, *to;
	struct route *route;
	struct world w;
	uint16_t seq;

	world_init(&w);
	a = add_leg(&w, w.call);
	b = add_leg(&w, w.call);
	to = add_leg(&w, w.call);
	add(&w, a, RX, 0, 0);
	add(&w, b, RX, 0, 0);
	add(&w, to, TX, 0, 1);
	add_route(&w, a, to);
	for (seq = 10; seq < 15; seq++)
		CHECK(say_rtp(&w, a, seq) && left_rtp(&w, 1, seq), "A's packet %u", seq);
	CHECK(say_rtcp(&w, a) && left_rtcp(&w, 1, 1) && say_rtcp(&w, a) && left_rtcp(&w, 1, 2),
	      "A's reports");
	add(&w, to, TX, 1, 2);
	activate(&w, to, 1);
	CHECK(say_rtp(&w, a, 15) && left_rtp(&w, 2, 15), "A under the second key");
	CHECK(say_rtcp(&w, a) && left_rtcp(&w, 2, 1), "A's report under the second key");
	CHECK(!ksrtpd_engine_leg_del(w.engine, a->id), "delete");
	route = add_route(&w, b, to);
	CHECK(say_rtp(&w, b, 16) && left_rtp(&w, 2, 16), "B under the second key");
	CHECK(say_rtcp(&w, b) && left_rtcp(&w, 2, 2), "B's report under the second key");

	activate(&w, to, 0);
	CHECK(!say_rtp(&w, b, 12) && route->dropped[KSRTP_REASON_TX_DUP] == 1,
	      "an index that A used: %llu", (unsigned long long)route->dropped[KSRTP_REASON_TX_DUP]);
	CHECK(!route->dropped[KSRTP_REASON_TX_CRYPTO], "libsrtp had to refuse it");
	CHECK(say_rtp(&w, b, 17) && left_rtp(&w, 1, 17), "the next number");
	CHECK(say_rtcp(&w, b) && left_rtcp(&w, 1, 3), "the report after A's");
	CHECK(count_out(to, to->keys[TX][0]->context, SSRC) == 1 &&
	      count_out(to, to->keys[TX][1]->context, SSRC) == 1, "one SSRC, two streams");
	CHECK(stream_find_wire(to, to->keys[TX][0]->context, SSRC)->rtcp_last == 3, "our own count");
	ksrtpd_engine_destroy(w.engine);
	tap_end("S3", "user datapath: who takes over a source's SSRC goes on with its indices under every key");
}

/* Only under the key that is not in use has the source that is gone left. */
static void hand_over_other_key(void)
{
	struct leg *a, *b, *to;
	struct route *route;
	struct world w;

	world_init(&w);
	a = add_leg(&w, w.call);
	b = add_leg(&w, w.call);
	to = add_leg(&w, w.call);
	add(&w, a, RX, 0, 0);
	add(&w, b, RX, 0, 0);
	add(&w, to, TX, 0, 1);
	add_route(&w, a, to);
	CHECK(say_rtp(&w, a, 10) && say_rtp(&w, a, 11) && say_rtcp(&w, a), "A");
	CHECK(!ksrtpd_engine_leg_del(w.engine, a->id), "delete");
	add(&w, to, TX, 1, 2);
	activate(&w, to, 1);
	route = add_route(&w, b, to);
	CHECK(say_rtp(&w, b, 10) && left_rtp(&w, 2, 10), "a key that A never used");
	activate(&w, to, 0);
	CHECK(!say_rtp(&w, b, 11) && route->dropped[KSRTP_REASON_TX_DUP] == 1, "one that A used");
	CHECK(say_rtp(&w, b, 12) && left_rtp(&w, 1, 12), "the next number");
	CHECK(say_rtcp(&w, b) && left_rtcp(&w, 1, 2), "the next report");
	CHECK(count_out(to, NULL, SSRC) == 2, "%u streams", count_out(to, NULL, SSRC));
	ksrtpd_engine_destroy(w.engine);
	tap_end("S3", "user datapath: an SSRC is taken over from a source that left under another key");
}

/* However it came about: two sources do not leave with one SSRC under one key. */
static void taken_under_this_key(void)
{
	struct leg *a, *b, *to;
	struct route *route;
	struct stream *s;
	struct world w;

	world_init(&w);
	a = add_leg(&w, w.call);
	b = add_leg(&w, w.call);
	to = add_leg(&w, w.call);
	add(&w, a, RX, 0, 0);
	add(&w, b, RX, 0, 0);
	add(&w, to, TX, 0, 1);
	add(&w, to, TX, 1, 2);
	add_route(&w, a, to);
	route = add_route(&w, b, to);
	CHECK(say_rtp(&w, a, 10), "A");
	activate(&w, to, 1);
	CHECK(say_rtp(&w, a, 11), "A under the second key");
	s = stream_find_wire(to, to->keys[TX][1]->context, SSRC);
	s->source_leg = b->source;
	activate(&w, to, 0);
	CHECK(!say_rtp(&w, b, 12) && route->dropped[KSRTP_REASON_TX_SSRC] == 1, "B");
	route->flags |= KSRTP_ROUTE_F_MAP_SSRC;
	CHECK(say_rtp(&w, b, 13) && get_unaligned_be32(w.wire + KSRTP_RTP_SSRC_OFF) != SSRC,
	      "B with its SSRC mapped");
	CHECK(count_out(to, to->keys[TX][0]->context, SSRC) == 1, "one stream");
	ksrtpd_engine_destroy(w.engine);
	tap_end("S3", "user datapath: an SSRC that another source has under this key is refused or mapped");
}

/* Where libsrtp's session has streams of a template, and others of their own. */
static void rekey_beyond_roll_over(uint32_t roc)
{
	struct leg *from, *to;
	struct ksrtpd_key key;
	struct world w;
	unsigned int i;

	world_init(&w);
	from = add_leg(&w, w.call);
	to = add_leg(&w, w.call);
	add(&w, from, RX, 0, 0);
	key = make_key(to, TX, 0, 1);
	key.roc = roc;
	add_key(&w, &key);
	add_route(&w, from, to);
	CHECK(say_rtp(&w, from, 0xffff) && left_rtp(&w, 1, (uint64_t)roc << 16 | 0xffff), "before");
	CHECK(say_rtcp(&w, from) && left_rtcp(&w, 1, 1), "the report before");
	/* And again with a third key, and with one whose counter has rolled over by now. */
	for (i = 0; i < 3; i++) {
		uint64_t index = ((uint64_t)roc << 16) + 0x10000 + i;

		if (i)
			drop(&w, to, TX, (i + 1) % 2);
		key = make_key(to, TX, (i + 1) % 2, (uint8_t)(2 + i));
		key.context = KSRTP_CONTEXT_SAME;
		add_key(&w, &key);
		activate(&w, to, (i + 1) % 2);
		CHECK(say_rtp(&w, from, (uint16_t)i) && left_rtp(&w, (uint8_t)(2 + i), index), "key %u", i);
		CHECK(say_rtcp(&w, from) && left_rtcp(&w, (uint8_t)(2 + i), 2 + i), "key %u: report", i);
	}
	ksrtpd_engine_destroy(w.engine);
	tap_end("S3,D5", "user datapath: a stream that began at roll-over counter %u takes the keys of its context", roc);
}

/* A step is settled by every key that protects some of it. */
static void use_of_new_key(void)
{
	struct leg *from, *to;
	struct stream *s;
	struct ksrtpd_key key;
	struct world w;
	unsigned int i;

	world_init(&w);
	from = add_leg(&w, w.call);
	to = add_leg(&w, w.call);
	add(&w, from, RX, 0, 0);
	add(&w, to, TX, 0, 1);
	add_route(&w, from, to);
	CHECK(say_rtp(&w, from, 10) && say_rtcp(&w, from), "the first key");
	key = make_key(to, TX, 1, 2);
	key.context = KSRTP_CONTEXT_SAME;
	add_key(&w, &key);
	activate(&w, to, 1);
	CHECK(say_rtp(&w, from, 11) && say_rtcp(&w, from), "the second key");
	for (i = 0; i < 2; i++)
		CHECK(to->keys[TX][i]->used[0] == RTP_STEP && to->keys[TX][i]->used[1] == RTCP_STEP,
		      "key %u: %llu and %llu used", i, (unsigned long long)to->keys[TX][i]->used[0],
		      (unsigned long long)to->keys[TX][i]->used[1]);
	/* To and fro within a step costs nothing; the next step is both keys' again. */
	activate(&w, to, 0);
	CHECK(say_rtp(&w, from, 12) && to->keys[TX][0]->used[0] == RTP_STEP, "the first key again");
	s = LIST_FIRST(&to->streams[TX]);
	s->packets = RTP_STEP;
	CHECK(say_rtp(&w, from, 13) && to->keys[TX][0]->used[0] == 2 * RTP_STEP, "the next step");
	activate(&w, to, 1);
	CHECK(say_rtp(&w, from, 14) && to->keys[TX][1]->used[0] == 2 * RTP_STEP,
	      "the next step, the second key: %llu", (unsigned long long)to->keys[TX][1]->used[0]);
	/* A key that comes into the slot of another is not that one. */
	drop(&w, to, TX, 0);
	key = make_key(to, TX, 0, 3);
	key.context = KSRTP_CONTEXT_SAME;
	add_key(&w, &key);
	activate(&w, to, 0);
	CHECK(say_rtp(&w, from, 15) && to->keys[TX][0]->used[0] == RTP_STEP, "the third key: %llu",
	      (unsigned long long)to->keys[TX][0]->used[0]);
	ksrtpd_engine_destroy(w.engine);
	tap_end("S4", "user datapath: a new key of the same context counts its own use from its first packet");
}

/* No number of packets ends this key, but its last index. */
static void last_index(void)
{
	struct leg *from, *to;
	struct ksrtpd_key key;
	struct route *route;
	struct world w;
	unsigned int i;

	world_init(&w);
	from = add_leg(&w, w.call);
	to = add_leg(&w, w.call);
	add(&w, from, RX, 0, 0);
	key = make_key(to, TX, 0, 1);
	key.roc = 0xffffffff;
	add_key(&w, &key);
	route = add_route(&w, from, to);
	CHECK(say_rtp(&w, from, 0xffff) && left_rtp(&w, 1, KSRTP_INDEX_MAX), "the last index");
	CHECK(!w.hard, "told too early");
	for (i = 0; i < 4; i++)
		CHECK(!say_rtp(&w, from, (uint16_t)i), "packet %u after it", i);
	CHECK(w.hard == 1 && route->dropped[KSRTP_REASON_TX_LIMIT] == 2, "told %u times, %llu counted",
	      w.hard, (unsigned long long)route->dropped[KSRTP_REASON_TX_LIMIT]);
	drop(&w, to, TX, 0);
	add(&w, to, TX, 0, 2);
	CHECK(say_rtcp(&w, from) && left_rtcp(&w, 2, 1), "a report");
	LIST_FIRST(&to->streams[TX])->rtcp_last = KSRTP_SRTCP_INDEX_MASK;
	for (i = 0; i < 3; i++)
		CHECK(!say_rtcp(&w, from), "report %u after the last index", i);
	CHECK(w.hard == 2 && route->dropped[KSRTP_REASON_TX_LIMIT] == 5, "told %u times, %llu counted",
	      w.hard, (unsigned long long)route->dropped[KSRTP_REASON_TX_LIMIT]);
	CHECK(say_rtp(&w, from, 20) && left_rtp(&w, 2, 20), "RTP of the same key");
	ksrtpd_engine_destroy(w.engine);
	tap_end("S4", "user datapath: that no index is left under a key is told once, for RTP and for RTCP");
}

/* -- the keyring */

static uint32_t remembered(struct world *w)
{
	uint32_t used, max;

	ksrtpd_engine_keyring(w->engine, &used, &max);
	return used;
}

/* The transmit key @n on a new leg of a call that lives: 0 or why not. */
static int try_tx(struct world *w, uint32_t call, uint8_t n)
{
	struct ksrtpd_key key = make_key(add_leg(w, call), TX, 0, n);

	return ksrtpd_engine_key_new(w->engine, &key);
}

static void keyring_forgets(void)
{
	uint64_t before, first, second;
	struct ksrtpd_key key;
	struct leg *leg;
	uint32_t call;
	struct world w;

	world_init(&w);
	call = add_call(&w, "short");
	leg = add_leg(&w, call);
	add(&w, leg, RX, 0, 1);
	add(&w, leg, TX, 0, 2);
	add(&w, leg, TX, 1, 3);
	drop(&w, leg, TX, 1);
	CHECK(remembered(&w) == 6, "%u", remembered(&w));
	/* Of a key whose second half was used before, the first one is not remembered. */
	key = make_key(leg, TX, 1, 5);
	key.apart = true;
	memset(key.rtcp_key, 3, sizeof(key.rtcp_key));
	CHECK(ksrtpd_engine_key_new(w.engine, &key) == -EKEYREJECTED && remembered(&w) == 6, "%u",
	      remembered(&w));
	keyring_prune(w.engine->keyring, now_ms() + 2 * KEYRING_KEEP);
	CHECK(remembered(&w) == 6 && try_tx(&w, w.call, 2) == -EKEYREJECTED, "while the call lives");
	before = now_ms();
	CHECK(!ksrtpd_engine_call_del(w.engine, call), "delete");
	first = now_ms();
	CHECK(remembered(&w) == 4, "without the receive key: %u", remembered(&w));
	call = add_call(&w, "later");
	CHECK(!try_tx(&w, call, 4), "another call");
	/* A second later, had the test the time. */
	keyring_call_gone(w.engine->keyring, LIST_FIRST(&w.engine->calls), first + 1000);
	second = first + 1000;
	ksrtpd_engine_watch(w.engine);
	CHECK(remembered(&w) == 6 && try_tx(&w, w.call, 3) == -EKEYREJECTED, "just after the call");
	keyring_prune(w.engine->keyring, before + KEYRING_KEEP - 1);
	CHECK(remembered(&w) == 6 && try_tx(&w, w.call, 3) == -EKEYREJECTED, "a day later, nearly");
	keyring_prune(w.engine->keyring, first + KEYRING_KEEP);
	CHECK(remembered(&w) == 2 && try_tx(&w, w.call, 4) == -EKEYREJECTED, "a day later: %u",
	      remembered(&w));
	CHECK(!try_tx(&w, w.call, 2) && !try_tx(&w, w.call, 3) && remembered(&w) == 6, "they are new again");
	keyring_prune(w.engine->keyring, second + KEYRING_KEEP);
	CHECK(remembered(&w) == 4 && !try_tx(&w, w.call, 4), "the other call's: %u", remembered(&w));
	ksrtpd_engine_destroy(w.engine);
	tap_end("S3,S7", "user datapath: a transmit key is remembered until a day after its call, and no longer");
}

/* -- the way in */

/* A leg whose peer has keys, routed to a plain one. */
struct hearer {
	struct world w;
	struct leg *leg;
};

static void hearer_init(struct hearer *h)
{
	struct leg *to;

	world_init(&h->w);
	h->leg = add_leg(&h->w, h->w.call);
	to = add_leg(&h->w, h->w.call);
	add(&h->w, to, TX, 0, 0);
	add_route(&h->w, h->leg, to);
}

/* The peer's packet @index under key @n: KSRTP_REASON_NONE, or why it did not pass. */
static enum ksrtp_reason hear_from(struct hearer *h, uint8_t n, uint32_t ssrc, uint64_t index)
{
	struct gcm_keys keys = session(n);
	struct ksrtp_stats before = h->leg->stats;
	uint8_t p[256];
	size_t len = make_rtp(p, ssrc, (uint16_t)index);
	unsigned int i;

	len = rtp_protect(&keys, index, p, len);
	if (input(&h->w, h->leg, p, len))
		return KSRTP_REASON_NONE;
	for (i = 0; i <= KSRTP_REASON_MAX; i++)
		if (h->leg->stats.dropped[i] != before.dropped[i])
			return i;
	return KSRTP_REASON_MAX + 1;
}

static enum ksrtp_reason hear_rtp(struct hearer *h, uint8_t n, uint64_t index)
{
	return hear_from(h, n, SSRC, index);
}

static bool hear_rtcp(struct hearer *h, uint8_t n, uint32_t index)
{
	struct gcm_keys keys = session(n);
	uint8_t p[256];
	size_t len = make_rtcp(p, SSRC);

	len = rtcp_protect(&keys, KSRTP_SRTCP_E_BIT | index, p, len);
	return input(&h->w, h->leg, p, len);
}

static int try_rx(struct hearer *h, uint32_t slot, uint8_t n, uint32_t context)
{
	struct ksrtpd_key key = make_key(h->leg, RX, slot, n);

	key.context = context;
	return ksrtpd_engine_key_new(h->w.engine, &key);
}

/* One key in both slots would let each packet in twice. */
static void rx_key_twice(void)
{
	struct ksrtpd_key key;
	struct hearer h;
	unsigned int i;

	hearer_init(&h);
	add(&h.w, h.leg, RX, 0, 1);
	CHECK(hear_rtp(&h, 1, 10) == KSRTP_REASON_NONE, "the first");
	for (i = 0; i < 4; i++) {
		key = make_key(h.leg, RX, 1, 1);
		key.context = i % 2 ? KSRTP_CONTEXT_SAME : KSRTP_CONTEXT_NEW;
		key.mki[1] = 7;
		if (i > 1) {
			/* The half of SRTP is enough. */
			key.apart = !(i % 2);
			memset(key.rtcp_key, 9, sizeof(key.rtcp_key));
		}
		CHECK(ksrtpd_engine_key_new(h.w.engine, &key) == -EKEYREJECTED &&
		      strstr(ksrtpd_engine_error(h.w.engine), "other slot"), "%u: %s", i,
		      ksrtpd_engine_error(h.w.engine));
	}
	CHECK(!h.leg->keys[RX][1] && remembered(&h.w) == 2, "%u remembered", remembered(&h.w));
	CHECK(hear_rtp(&h, 1, 10) == KSRTP_REASON_REPLAY && hear_rtp(&h, 1, 11) == KSRTP_REASON_NONE,
	      "what there was goes on");
	drop(&h.w, h.leg, RX, 0);
	/* It may come back here, and is nobody's to send with. */
	key = make_key(h.leg, TX, 0, 1);
	CHECK(remembered(&h.w) == 2 && ksrtpd_engine_key_new(h.w.engine, &key) == -EKEYREJECTED,
	      "%u remembered", remembered(&h.w));
	CHECK(!ksrtpd_engine_leg_del(h.w.engine, h.leg->id) && !remembered(&h.w), "%u remembered",
	      remembered(&h.w));
	/* Another leg has windows of its own. */
	add(&h.w, add_leg(&h.w, h.w.call), RX, 0, 1);
	ksrtpd_engine_destroy(h.w.engine);
	tap_end("S3,D2", "user datapath: a receive key in both slots of a leg is refused, under whatever MKI");
}

/* Music on hold: the peer takes another key, and comes back to this one. */
static void rx_key_again(uint32_t roc)
{
	uint64_t first = (uint64_t)roc << 16 | 0xfffe, i;
	struct ksrtpd_key key;
	struct hearer h;

	hearer_init(&h);
	key = make_key(h.leg, RX, 0, 1);
	key.roc = roc;
	add_key(&h.w, &key);
	for (i = first - 1; i < first + 4; i++)
		CHECK(hear_rtp(&h, 1, i) == KSRTP_REASON_NONE, "%llu", (unsigned long long)i);
	CHECK(hear_rtcp(&h, 1, 5) && hear_rtcp(&h, 1, 6), "SRTCP");
	add(&h.w, h.leg, RX, 1, 2);
	drop(&h.w, h.leg, RX, 0);
	CHECK(hear_rtp(&h, 2, 10) == KSRTP_REASON_NONE && hear_rtp(&h, 1, i) == KSRTP_REASON_MKI,
	      "the other key");
	/* With a counter that is wrong: what is remembered wins. */
	key.roc = roc + 7;
	add_key(&h.w, &key);
	CHECK(hear_rtp(&h, 1, first) == KSRTP_REASON_REPLAY && hear_rtp(&h, 1, i - 1) == KSRTP_REASON_REPLAY,
	      "packets that were there");
	CHECK(!hear_rtcp(&h, 1, 5) && !hear_rtcp(&h, 1, 6), "SRTCP that was there");
	CHECK(hear_rtp(&h, 1, i) == KSRTP_REASON_NONE && hear_rtp(&h, 1, i) == KSRTP_REASON_REPLAY, "the next");
	CHECK(hear_rtcp(&h, 1, 7) && !hear_rtcp(&h, 1, 7), "the next of SRTCP");
	CHECK(hear_rtp(&h, 1, first - 40) == KSRTP_REASON_NONE, "one that was late");
	CHECK(hear_rtp(&h, 1, i + 2000) == KSRTP_REASON_NONE, "far ahead");
	drop(&h.w, h.leg, RX, 0);
	drop(&h.w, h.leg, RX, 1);
	add(&h.w, h.leg, RX, 1, 1);
	CHECK(hear_rtp(&h, 1, first) == KSRTP_REASON_OLD && hear_rtp(&h, 1, i + 2001) == KSRTP_REASON_NONE,
	      "after both were gone");
	/* From the other key too, and with no key at all between. */
	add(&h.w, h.leg, RX, 0, 2);
	CHECK(hear_rtp(&h, 2, 10) == KSRTP_REASON_REPLAY && hear_rtp(&h, 2, 11) == KSRTP_REASON_NONE,
	      "the other key again");
	CHECK(h.leg->keys[RX][1]->used[0] == RTP_STEP * 3, "use goes on: %llu",
	      (unsigned long long)h.leg->keys[RX][1]->used[0]);
	ksrtpd_engine_destroy(h.w.engine);
	tap_end("S3,D2", "user datapath: a receive key that comes again goes on, and replays nothing, from roll-over counter %u", roc);
}

/* What it then sends is no late part of what it sent before: it leaves, under new indices. */
static void rx_key_again_sent(void)
{
	static const uint8_t turns[] = { 1, 2, 3, 1, 2 };
	uint64_t index[4] = { 0, 65530, 10, 70000 };
	uint16_t last = 0, seq;
	struct hearer h;
	struct leg *to;
	unsigned int i, j;

	hearer_init(&h);
	to = STAILQ_FIRST(&h.leg->routes)->to;
	drop(&h.w, to, TX, 0);
	add(&h.w, to, TX, 0, 50);
	for (i = 0; i < sizeof(turns); i++) {
		add(&h.w, h.leg, RX, i % 2, turns[i]);
		for (j = 0; j < 20; j++) {
			CHECK(hear_rtp(&h, turns[i], index[turns[i]]++) == KSRTP_REASON_NONE, "turn %u, packet %u",
			      i, j);
			seq = get_unaligned_be16(h.w.wire + KSRTP_RTP_SEQ_OFF);
			CHECK(!i || j || (uint16_t)(seq - last) < 0x7fff, "turn %u: %u after %u", i, seq, last);
			CHECK(!j || seq == (uint16_t)(last + 1), "turn %u: %u after %u", i, seq, last);
			last = seq;
		}
		if (i)
			drop(&h.w, h.leg, RX, !(i % 2));
	}
	ksrtpd_engine_destroy(h.w.engine);
	tap_end("S3,D2", "user datapath: what comes under a receive key that came again leaves, each with an index of its own");
}

/* Two keys of one context, of which one goes and comes. */
static void rx_key_of_context(void)
{
	struct hearer h;

	hearer_init(&h);
	add(&h.w, h.leg, RX, 0, 1);
	CHECK(hear_rtp(&h, 1, 10) == KSRTP_REASON_NONE && !try_rx(&h, 1, 2, KSRTP_CONTEXT_SAME) &&
	      hear_rtp(&h, 2, 11) == KSRTP_REASON_NONE, "a rekey");
	drop(&h.w, h.leg, RX, 0);
	CHECK(!try_rx(&h, 0, 1, KSRTP_CONTEXT_NEW) && hear_rtp(&h, 1, 10) == KSRTP_REASON_REPLAY &&
	      hear_rtp(&h, 1, 12) == KSRTP_REASON_NONE && hear_rtp(&h, 2, 11) == KSRTP_REASON_REPLAY &&
	      hear_rtp(&h, 2, 13) == KSRTP_REASON_NONE, "as of a new context, while the other one lives");
	CHECK(h.leg->stream_count[RX] == 1, "%u streams", h.leg->stream_count[RX]);
	drop(&h.w, h.leg, RX, 0);
	CHECK(!try_rx(&h, 0, 1, KSRTP_CONTEXT_SAME) && hear_rtp(&h, 1, 12) == KSRTP_REASON_REPLAY &&
	      hear_rtp(&h, 1, 14) == KSRTP_REASON_NONE, "as of the same");
	drop(&h.w, h.leg, RX, 0);
	drop(&h.w, h.leg, RX, 1);
	add(&h.w, h.leg, RX, 0, 3);
	CHECK(hear_rtp(&h, 3, 20) == KSRTP_REASON_NONE, "another context");
	CHECK(try_rx(&h, 1, 1, KSRTP_CONTEXT_SAME) == -EKEYREJECTED, "one that knows nothing of it");
	CHECK(!try_rx(&h, 1, 2, KSRTP_CONTEXT_NEW) && hear_rtp(&h, 2, 13) == KSRTP_REASON_REPLAY &&
	      hear_rtp(&h, 2, 15) == KSRTP_REASON_NONE, "its own");
	ksrtpd_engine_destroy(h.w.engine);
	tap_end("S3,D2", "user datapath: a receive key that comes again has the windows that it had, of whatever context");
}

/* Eight past keys, and their streams beside those that a leg may have. */
static void rx_past_bounded(void)
{
	struct ksrtp_leg new = { .state = KSRTP_LEG_STATE_ACTIVE, .streams_max = 2 };
	struct hearer h;
	uint8_t n;

	hearer_init(&h);
	new.call_id = h.w.call;
	new.local = h.leg->local;
	new.remote = h.leg->remote;
	CHECK(!ksrtpd_engine_leg_del(h.w.engine, h.leg->id) && !ksrtpd_engine_leg_new(h.w.engine, &new),
	      "%s", ksrtpd_engine_error(h.w.engine));
	h.leg = find_leg(h.w.engine, new.id);
	add_route(&h.w, h.leg, LIST_NEXT(h.leg, entry));
	for (n = 1; n <= PAST_MAX; n++) {
		add(&h.w, h.leg, RX, 0, n);
		CHECK(hear_from(&h, n, SSRC, 10) == KSRTP_REASON_NONE &&
		      hear_from(&h, n, SSRC + 1, 10) == KSRTP_REASON_NONE &&
		      hear_from(&h, n, SSRC + 2, 10) == KSRTP_REASON_STREAMS, "key %u", n);
		drop(&h.w, h.leg, RX, 0);
		CHECK(!h.leg->stream_count[RX] && LIST_EMPTY(&h.leg->streams[RX]), "counted");
	}
	add(&h.w, h.leg, RX, 0, 1);
	CHECK(h.leg->stream_count[RX] == 2 && hear_rtp(&h, 1, 10) == KSRTP_REASON_REPLAY, "the first of eight");
	/* With it there are eight once more; the second is the oldest now. */
	drop(&h.w, h.leg, RX, 0);
	add(&h.w, h.leg, RX, 0, n);
	drop(&h.w, h.leg, RX, 0);
	CHECK(h.leg->past_count == PAST_MAX, "%u", h.leg->past_count);
	add(&h.w, h.leg, RX, 0, 1);
	CHECK(hear_rtp(&h, 1, 10) == KSRTP_REASON_REPLAY, "the first, which was here again");
	add(&h.w, h.leg, RX, 1, 3);
	CHECK(hear_rtp(&h, 3, 10) == KSRTP_REASON_REPLAY && h.leg->stream_count[RX] == 4,
	      "the third: %u streams", h.leg->stream_count[RX]);
	CHECK(hear_from(&h, 3, SSRC + 2, 10) == KSRTP_REASON_STREAMS, "a new one beyond the limit");
	drop(&h.w, h.leg, RX, 1);
	add(&h.w, h.leg, RX, 1, 2);
	CHECK(hear_rtp(&h, 2, 10) == KSRTP_REASON_STREAMS, "the second is forgotten");
	ksrtpd_engine_destroy(h.w.engine);
	tap_end("S3,S7", "user datapath: a leg remembers its last eight receive keys, outside its limit of streams");
}

int main(void)
{
	tap.datapath = "user";
	hand_over();
	hand_over_other_key();
	taken_under_this_key();
	rekey_beyond_roll_over(0);
	rekey_beyond_roll_over(1);
	use_of_new_key();
	last_index();
	keyring_forgets();
	rx_key_twice();
	rx_key_again(0);
	rx_key_again(1);
	rx_key_again_sent();
	rx_key_of_context();
	rx_past_bounded();
	return tap_done();
}
