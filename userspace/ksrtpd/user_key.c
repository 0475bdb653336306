// SPDX-License-Identifier: GPL-2.0
/*
 * Key slots, contexts and their use. The keyring has digests of every master key that
 * was transmitted with, as long as its call lives and a day longer, and of those that a leg
 * receives with or may have back, one for SRTP and one for SRTCP, as the module has of their
 * session keys: a key that comes again would repeat nonces (S3). Without module there is nobody
 * who could remember longer than the process; a new one has new calls with new keys.
 */
#include <stdio.h>
#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "user_state.h"

#define KEYRING_MAX	(1u << 20)
#define BUCKETS		4096

/* A master key's life (RFC 3711, section 9.2), and when to say that it ends. */
static const struct {
	uint64_t hard, step;	/* a stream settles its share each time it used a step */
} life[2] = { { 1ULL << 48, 1ULL << 16 }, { 1ULL << 31, 1ULL << 10 } };

/* -- the keyring */

struct entry {
	LIST_ENTRY(entry) entry;
	struct entry *life;	/* the next one of its call or, when that is gone, of the keyring */
	uint64_t expires;	/* then, in ms */
	uint8_t digest[32];
	unsigned int rx;	/* legs that receive with it */
	bool tx;		/* it was given out for transmission */
};

struct keyring {
	uint8_t secret[32];
	LIST_HEAD(, entry) buckets[BUCKETS];
	unsigned int count;
	struct entry *oldest, *newest;	/* of calls that are gone */
};

struct keyring *keyring_create(void)
{
	struct keyring *keyring = OPENSSL_zalloc(sizeof(*keyring));

	if (keyring && RAND_bytes(keyring->secret, sizeof(keyring->secret)) != 1) {
		keyring_destroy(keyring);
		return NULL;
	}
	return keyring;
}

void ksrtpd_engine_keyring(const struct ksrtpd_engine *engine, uint32_t *used, uint32_t *max)
{
	*used = engine->keyring->count;
	*max = KEYRING_MAX;
}

static void forget(struct keyring *keyring, struct entry *e)
{
	LIST_REMOVE(e, entry);
	keyring->count--;
	OPENSSL_free(e);
}

void keyring_destroy(struct keyring *keyring)
{
	unsigned int i;

	if (!keyring)
		return;
	for (i = 0; i < BUCKETS; i++) {
		while (!LIST_EMPTY(&keyring->buckets[i]))
			forget(keyring, LIST_FIRST(&keyring->buckets[i]));
	}
	OPENSSL_clear_free(keyring, sizeof(*keyring));
}

static unsigned int bucket(const uint8_t *digest)
{
	return (digest[0] | digest[1] << 8) % BUCKETS;
}

static struct entry *find_digest(struct keyring *keyring, const uint8_t *digest)
{
	struct entry *e;

	LIST_FOREACH(e, &keyring->buckets[bucket(digest)], entry)
		if (!memcmp(e->digest, digest, sizeof(e->digest)))
			return e;
	return NULL;
}

void keyring_call_gone(struct keyring *keyring, struct call *call, uint64_t now)
{
	struct entry *e = call->tx_keys;

	if (!e)
		return;
	if (keyring->newest)
		keyring->newest->life = e;
	else
		keyring->oldest = e;
	for (; e; e = e->life) {
		e->expires = now + KEYRING_KEEP;
		keyring->newest = e;
	}
	call->tx_keys = NULL;
}

void keyring_prune(struct keyring *keyring, uint64_t now)
{
	struct entry *e;

	while ((e = keyring->oldest) && now >= e->expires) {
		keyring->oldest = e->life;
		if (!e->life)
			keyring->newest = NULL;
		forget(keyring, e);
	}
}

static int enter_one(struct leg *leg, const uint8_t *digest, unsigned int direction)
{
	struct ksrtpd_engine *engine = leg->engine;
	struct keyring *keyring = engine->keyring;
	struct entry *e = find_digest(keyring, digest);

	if (e && direction == TX)
		return refuse(engine, -EKEYREJECTED, e->tx ?
			      "this transmit key was used before; derive a new one" :
			      "this transmit key is installed as a receive key");
	if (e && e->tx)
		return refuse(engine, -EKEYREJECTED,
			      "this receive key was used as a transmit key");
	if (!e) {
		if (keyring->count >= KEYRING_MAX)
			keyring_prune(keyring, now_ms());
		if (keyring->count >= KEYRING_MAX)
			return refuse(engine, -ENOSPC, "too many keys remembered, each until 24 h after its call");
		e = OPENSSL_zalloc(sizeof(*e));
		if (!e)
			return refuse(engine, -ENOMEM, "no memory");
		memcpy(e->digest, digest, sizeof(e->digest));
		LIST_INSERT_HEAD(&keyring->buckets[bucket(e->digest)], e, entry);
		keyring->count++;
	}
	if (direction == TX) {
		e->tx = true;
		e->life = leg->call->tx_keys;
		leg->call->tx_keys = e;
	} else {
		e->rx++;
	}
	return 0;
}

/* Both, or neither. */
static int enter(struct leg *leg, const struct key *key)
{
	struct keyring *keyring = leg->engine->keyring;
	int err = enter_one(leg, key->digest[0], key->direction);
	struct entry *e;

	if (err)
		return err;
	err = enter_one(leg, key->digest[1], key->direction);
	if (!err)
		return 0;
	/* A transmit key was never used. */
	e = find_digest(keyring, key->digest[0]);
	if (key->direction == TX)
		leg->call->tx_keys = e->life;
	if (key->direction == TX || !--e->rx)
		forget(keyring, e);
	return err;
}

/* Of a receive key: one leg less has it, or may have it back. */
static void leave(struct keyring *keyring, const uint8_t (*digest)[32])
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct entry *e = find_digest(keyring, digest[i]);

		if (e && !--e->rx)
			forget(keyring, e);
	}
}

/* -- install and remove */

static int check_mki(struct ksrtpd_engine *engine, const struct key *other,
		     const struct ksrtpd_key *p)
{
	if (p->direction != RX)
		return 0;
	if (other->mki_len != p->mki_len)
		return refuse(engine, -EINVAL, "mki must be as long as that of the other slot");
	if (p->mki_len && !memcmp(other->mki, p->mki, p->mki_len))
		return refuse(engine, -EEXIST, "mki is that of the other slot");
	return 0;
}

static int check_values(struct ksrtpd_engine *engine, const struct ksrtpd_key *p)
{
	if (p->direction > TX || p->slot > 1 || p->suite > KSRTP_SUITE_MAX ||
	    p->context > KSRTP_CONTEXT_MAX || p->mki_len > KSRTP_MKI_MAX)
		return refuse(engine, -EINVAL, "direction, slot, suite, context or mki is out of range");
	if (p->suite == KSRTP_SUITE_NONE && p->mki_len)
		return refuse(engine, -EINVAL, "suite none has no MKI");
	if (p->cryptex != KSRTP_CRYPTEX_OFF)
		return refuse(engine, -EOPNOTSUPP, "libsrtp2 has no Cryptex here");
	return 0;
}

static int check_install(const struct leg *leg, const struct ksrtpd_key *p)
{
	struct ksrtpd_engine *engine = leg->engine;
	const struct key *other = leg->keys[p->direction][!p->slot];

	if (leg->relay)
		return refuse(engine, -EPERM,
			      "an end-to-end call takes no key: its endpoints alone have them");
	if (leg->call->mode == KSRTP_MODE_NONE && p->suite != KSRTP_SUITE_NONE)
		return refuse(engine, -EPERM, "a call of mode none takes suite none only");
	if (leg->keys[p->direction][p->slot])
		return refuse(engine, -EEXIST,
			      "the key slot is in use; delete its key first or use the other slot");
	if (p->context == KSRTP_CONTEXT_SAME && !other)
		return refuse(engine, -EINVAL, "context same needs a key in the other slot");
	if (other && other->plain != (p->suite == KSRTP_SUITE_NONE))
		return refuse(engine, -EINVAL,
			      "suite none and a protected suite cannot share a leg and direction");
	if (p->context == KSRTP_CONTEXT_SAME && (p->apart || other->apart))
		return refuse(engine, -EINVAL,
			      "where SRTCP has a master key of its own, a new one begins a new context");
	if (p->context == KSRTP_CONTEXT_SAME && p->roc)
		return refuse(engine, -EINVAL,
			      "roc goes with context new; in context same the indices go on");
	return other ? check_mki(engine, other, p) : 0;
}

static void free_key(struct key *key)
{
	if (!key)
		return;
	ksrtpd_user_srtp_destroy(key->srtp);
	OPENSSL_secure_clear_free(key->master, 2 * KSRTPD_MASTER_MAX);
	OPENSSL_clear_free(key, sizeof(*key));
}

/* The master of SRTCP; NULL: that of SRTP. */
static const uint8_t *rtcp_master(const struct key *key)
{
	return key->apart ? key->master + KSRTPD_MASTER_MAX : NULL;
}

/* Two half keys of one master are two keys, but not two of the same half. */
static bool make_digests(struct key *key, const uint8_t *secret, int len)
{
	const uint8_t *masters[2] = { key->master, rtcp_master(key) };
	uint8_t own[33];
	bool made = true;
	unsigned int i;

	memcpy(own, secret, 32);
	for (i = 0; i < 2; i++) {
		own[32] = (uint8_t)i;
		made &= HMAC(EVP_sha256(), own, sizeof(own), masters[i] ? masters[i] : key->master,
			     (size_t)len, key->digest[i], NULL) != NULL;
	}
	OPENSSL_cleanse(own, sizeof(own));
	return made;
}

static bool make_secrets(struct key *key, const struct ksrtpd_key *p, const uint8_t *secret)
{
	const struct ksrtpd_user_suite *suite = ksrtpd_user_suite(p->suite);

	key->master = OPENSSL_secure_zalloc(2 * KSRTPD_MASTER_MAX);
	if (!key->master)
		return false;
	memcpy(key->master, p->master_key, suite->key);
	memcpy(key->master + suite->key, p->master_salt, suite->salt);
	if (key->apart) {
		memcpy(key->master + KSRTPD_MASTER_MAX, p->rtcp_key, suite->key);
		memcpy(key->master + KSRTPD_MASTER_MAX + suite->key, p->rtcp_salt, suite->salt);
	}
	if (!make_digests(key, secret, suite->key + suite->salt))
		return false;
	if (p->direction == TX)
		return true;
	key->srtp = ksrtpd_user_srtp_create(p->suite, false, key->master, rtcp_master(key));
	OPENSSL_secure_clear_free(key->master, 2 * KSRTPD_MASTER_MAX);
	key->master = NULL;
	return key->srtp;
}

static struct key *build(const struct ksrtpd_key *p, const uint8_t *secret)
{
	const struct ksrtpd_user_suite *suite = ksrtpd_user_suite(p->suite);
	struct key *key = OPENSSL_zalloc(sizeof(*key));

	if (!key)
		return NULL;
	key->suite = p->suite;
	key->direction = p->direction;
	key->slot = p->slot;
	key->roc = p->roc;
	key->plain = p->suite == KSRTP_SUITE_NONE;
	key->apart = p->apart;
	key->mki_len = p->mki_len;
	memcpy(key->mki, p->mki, p->mki_len);
	if (key->plain)
		return key;
	key->overhead_rtp = suite->tag_rtp + p->mki_len;
	key->overhead_rtcp = suite->tag_rtcp + KSRTP_SRTCP_WORD_LEN + p->mki_len;
	if (make_secrets(key, p, secret))
		return key;
	free_key(key);
	return NULL;
}

/* -- receive keys that come again */

/* Whoever has one half of a key has what one of its session keys protects. */
static bool share_half(const uint8_t (*a)[32], const uint8_t (*b)[32])
{
	return !memcmp(a[0], b[0], sizeof(a[0])) || !memcmp(a[1], b[1], sizeof(a[1]));
}

static void put_context(struct ksrtpd_engine *engine, struct context *context)
{
	if (context->keys || context->pasts)
		return;
	streams_forget(engine, context);
	ksrtpd_user_srtp_destroy(context->srtp);
	free(context);
}

static void forget_past(struct leg *leg, unsigned int i)
{
	struct context *context = leg->past[i].context;

	leave(leg->engine->keyring, leg->past[i].digest);
	leg->past_count--;
	memmove(&leg->past[i], &leg->past[i + 1], (leg->past_count - i) * sizeof(leg->past[0]));
	context->pasts--;
	put_context(leg->engine, context);
}

static void remember_past(struct leg *leg, const struct key *key)
{
	struct past *past;

	if (key->plain || key->direction == TX)
		return;
	if (leg->past_count == PAST_MAX)
		forget_past(leg, 0);
	past = &leg->past[leg->past_count++];
	past->context = key->context;
	past->context->pasts++;
	memcpy(past->used, key->used, sizeof(past->used));
	memcpy(past->digest, key->digest, sizeof(past->digest));
}

/*
 * *@known is the context whose windows have seen @key's packets, NULL if none has. In
 * another one they would all be new once more.
 */
static int find_known(const struct leg *leg, const struct key *key, const struct ksrtpd_key *p,
		      struct context **known)
{
	const struct key *other = leg->keys[p->direction][!p->slot];
	unsigned int i;

	*known = NULL;
	if (key->plain || key->direction == TX)
		return 0;
	if (other && share_half(other->digest, key->digest))
		return refuse(leg->engine, -EKEYREJECTED,
			      "this receive key is that of the other slot");
	for (i = 0; i < leg->past_count; i++) {
		const struct past *past = &leg->past[i];

		if (!share_half(past->digest, key->digest))
			continue;
		if ((*known && *known != past->context) ||
		    (p->context == KSRTP_CONTEXT_SAME && past->context != other->context))
			return refuse(leg->engine, -EKEYREJECTED,
				      "this receive key was used in another context of this leg");
		*known = past->context;
	}
	return 0;
}

/* It is no past key any more, and its use goes on. */
static void take_back(struct leg *leg, struct key *key)
{
	unsigned int i;

	for (i = leg->past_count; i--;) {
		if (memcmp(leg->past[i].digest, key->digest, sizeof(key->digest)))
			continue;
		memcpy(key->used, leg->past[i].used, sizeof(key->used));
		forget_past(leg, i);
	}
}

/* The one that @key goes into; NULL: no memory. */
static struct context *pick_context(const struct leg *leg, const struct ksrtpd_key *p,
				    struct context *known)
{
	if (known)
		return known;
	if (p->context == KSRTP_CONTEXT_SAME)
		return leg->keys[p->direction][!p->slot]->context;
	return calloc(1, sizeof(struct context));
}

int ksrtpd_engine_key_new(struct ksrtpd_engine *engine, const struct ksrtpd_key *p)
{
	struct leg *leg = find_leg(engine, p->leg_id);
	struct context *context = NULL, *known = NULL;
	struct key *key, *other;
	int err;

	if (!leg)
		return refuse(engine, -ENOENT, "no such leg");
	err = check_values(engine, p);
	if (!err)
		err = check_install(leg, p);
	if (err)
		return err;
	other = leg->keys[p->direction][!p->slot];
	key = build(p, engine->keyring->secret);
	err = key ? find_known(leg, key, p, &known) : -ENOMEM;
	if (!err) {
		context = pick_context(leg, p, known);
		err = context ? 0 : -ENOMEM;
	}
	if (err == -ENOMEM)
		refuse(engine, err, "libsrtp2 refused the key");
	if (!err && !key->plain)
		err = enter(leg, key);
	if (err) {
		if (context)
			put_context(engine, context);
		free_key(key);
		return err;
	}
	if (p->context == KSRTP_CONTEXT_SAME)
		key->roc = other->roc;
	/* What begins, and what is there again, is younger than all else (core/numbers.h). */
	if (!context->keys)
		context->number = leg->next_context[p->direction]++;
	if (known && !context->keys)
		streams_resume(leg, context);
	key->id = ++engine->last_key;
	key->context = context;
	context->keys++;
	take_back(leg, key);
	/* The first key of a direction is the one in use. */
	if (!other)
		*(p->direction == TX ? &leg->tx_slot : &leg->rx_slot) = p->slot;
	leg->keys[p->direction][p->slot] = key;
	return 0;
}

int ksrtpd_engine_key_activate(struct ksrtpd_engine *engine, uint32_t leg_id, uint32_t slot)
{
	struct leg *leg = find_leg(engine, leg_id);

	if (!leg)
		return refuse(engine, -ENOENT, "no such leg");
	if (slot > 1 || !leg->keys[TX][slot])
		return refuse(engine, -ENOENT, "no transmit key in this slot");
	leg->tx_slot = slot;
	return 0;
}

static void remove_key(struct leg *leg, struct key *key)
{
	struct context *context = key->context;

	leg->keys[key->direction][key->slot] = NULL;
	if (context->current == key)
		context->current = NULL;
	remember_past(leg, key);
	if (!--context->keys)
		streams_retire(leg, key->direction, context);
	put_context(leg->engine, context);
	free_key(key);
}

int ksrtpd_engine_key_del(struct ksrtpd_engine *engine, uint32_t leg_id, uint32_t direction,
			  uint32_t slot)
{
	struct leg *leg = find_leg(engine, leg_id);

	if (!leg)
		return refuse(engine, -ENOENT, "no such leg");
	if (direction > TX || slot > 1 || !leg->keys[direction][slot])
		return refuse(engine, -ENOENT, "no key in this slot");
	remove_key(leg, leg->keys[direction][slot]);
	return 0;
}

int ksrtpd_engine_key_dump(struct ksrtpd_engine *engine, uint32_t leg_id, ksrtp_key_cb cb, void *arg)
{
	const struct leg *leg = find_leg(engine, leg_id);
	unsigned int i;

	if (!leg)
		return refuse(engine, -ENOENT, "no such leg");
	for (i = 0; i < 4; i++) {
		const struct key *key = leg->keys[i / 2][i % 2];
		struct ksrtp_key told = { .leg_id = leg_id };

		if (!key)
			continue;
		told.direction = key->direction;
		told.slot = key->slot;
		told.suite = key->suite;
		told.mki_len = key->mki_len;
		memcpy(told.mki, key->mki, key->mki_len);
		told.active = key == (key->direction == TX ? tx_key(leg) : rx_key(leg));
		told.srtp_used = key->used[0];
		told.srtcp_used = key->used[1];
		if (cb(&told, arg))
			return refuse(engine, -ENOMEM, "no memory");
	}
	return 0;
}

void keys_purge(struct leg *leg)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		if (leg->keys[i / 2][i % 2])
			remove_key(leg, leg->keys[i / 2][i % 2]);
	while (leg->past_count)
		forget_past(leg, 0);
}

/* -- use */

struct key *rx_key(const struct leg *leg)
{
	struct key *key = leg->keys[RX][leg->rx_slot];

	return key ? key : leg->keys[RX][!leg->rx_slot];
}

struct key *tx_key(const struct leg *leg)
{
	return leg->keys[TX][leg->tx_slot];
}

struct ksrtpd_user_srtp *tx_session(struct key *key)
{
	struct context *context = key->context;

	if (context->current == key)
		return context->srtp;
	/* When it fails on the way, some streams have the new key and others the old one. */
	context->current = NULL;
	if (!context->srtp)
		context->srtp = ksrtpd_user_srtp_create(key->suite, true, key->master,
							rtcp_master(key));
	else if (!ksrtpd_user_srtp_rekey(context->srtp, key->suite, key->master))
		return NULL;
	context->current = context->srtp ? key : NULL;
	return context->srtp;
}

void key_ended(const struct leg *leg, struct key *key)
{
	struct ksrtp_event event = {
		.type = KSRTP_CMD_KEY_HARD_NTF, .direction = key->direction, .slot = key->slot,
	};

	if (!key->end_told)
		tell(leg, &event);
	key->end_told = true;
}

static bool settle(struct leg *leg, struct key *key, bool rtcp)
{
	uint64_t hard = life[rtcp].hard, soft = hard - (hard >> 4), step = life[rtcp].step;
	uint64_t before = key->used[rtcp], now = before + step;
	struct ksrtp_event event = { .direction = key->direction, .slot = key->slot };

	key->used[rtcp] = now;
	if (now >= soft && before < soft) {
		event.type = KSRTP_CMD_KEY_SOFT_NTF;
		tell(leg, &event);
	}
	if (now <= hard)
		return true;
	/* Every packet comes here from now on. */
	key_ended(leg, key);
	return false;
}

bool use_key(struct leg *leg, struct key *key, struct stream *stream, bool rtcp)
{
	uint64_t *packets = rtcp ? &stream->rtcp_packets : &stream->packets;
	struct share *share = &stream->shares[rtcp][key->slot];
	const struct share now = { .key = key->id, .step = *packets / life[rtcp].step };

	/* The share is settled before it is used, by each key that the step is used with. */
	if (share->key != now.key || share->step != now.step) {
		if (!settle(leg, key, rtcp))
			return false;
		*share = now;
		/* Of a receive stream's first packet the index is committed by now. */
		if (!*packets && !rtcp)
			stream->first = stream->rtp.highest;
	}
	++*packets;
	return true;
}
