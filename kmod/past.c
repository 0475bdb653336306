// SPDX-License-Identifier: GPL-2.0
/*
 * Receive keys that a leg had. A peer may come back to one (SDES, after music on hold), and
 * whoever has recorded its packets may play them again: so what came under it stays known, its
 * streams wait with their windows, and the same key, installed again, finds them.
 */
#include "keyring.h"
#include "keys.h"
#include "leg.h"
#include "net.h"
#include "past.h"
#include "stream.h"

bool ksrtp_past_same(const u64 *a, unsigned int n_a, const u64 *b, unsigned int n_b)
{
	unsigned int i, j;

	for (i = 0; i < n_a; i++)
		for (j = 0; j < n_b; j++)
			if (a[i] == b[j])
				return true;
	return false;
}

/* Is there a key, in a slot or remembered, whose streams are in @context? */
static bool has_key(const struct ksrtp_leg *leg, u32 context)
{
	const struct ksrtp_key *key;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		key = ksrtp_key_find(leg, KSRTP_DIRECTION_RX, i);
		if (key && key->context == context)
			return true;
	}
	for (i = 0; i < leg->past_count; i++)
		if (leg->past[i].context == context)
			return true;
	return false;
}

/* Its digests leave the keyring; its streams stay. */
static void drop(struct ksrtp_leg *leg, unsigned int i)
{
	const struct ksrtp_past_key *past = &leg->past[i];
	unsigned int n;

	for (n = 0; n < past->n; n++)
		ksrtp_keyring_del_rx(&leg->kn->keyring, past->digest[n]);
	leg->past_count--;
	memmove(&leg->past[i], &leg->past[i + 1], (leg->past_count - i) * sizeof(leg->past[0]));
}

static void forget_oldest(struct ksrtp_leg *leg)
{
	u32 context = leg->past[0].context;

	drop(leg, 0);
	if (has_key(leg, context))
		return;
	spin_lock_bh(&leg->lock);
	ksrtp_streams_retire(leg, KSRTP_DIRECTION_RX, context);
	spin_unlock_bh(&leg->lock);
}

void ksrtp_past_remember(struct ksrtp_leg *leg, const struct ksrtp_key *key)
{
	struct ksrtp_past_key *past;

	if (leg->past_count == KSRTP_PAST_KEYS)
		forget_oldest(leg);
	past = &leg->past[leg->past_count++];
	memcpy(past->digest, key->digest, sizeof(past->digest));
	past->n = ksrtp_key_digests(key);
	past->context = key->context;
	past->used[0] = atomic64_read(&key->used[0]);
	past->used[1] = atomic64_read(&key->used[1]);
}

/* The newest of those that are alike. */
static int find(const struct ksrtp_leg *leg, const struct ksrtp_key *key)
{
	int i;

	for (i = leg->past_count - 1; i >= 0; i--)
		if (ksrtp_past_same(leg->past[i].digest, leg->past[i].n, key->digest,
				    ksrtp_key_digests(key)))
			return i;
	return -1;
}

bool ksrtp_past_find(const struct ksrtp_leg *leg, const struct ksrtp_key *key, u32 *context)
{
	int i = find(leg, key);

	if (i < 0)
		return false;
	*context = leg->past[i].context;
	return true;
}

void ksrtp_past_resume(struct ksrtp_leg *leg, struct ksrtp_key *key)
{
	int i = find(leg, key), other;
	u32 context = leg->past[i].context;

	atomic64_set(&key->used[0], leg->past[i].used[0]);
	atomic64_set(&key->used[1], leg->past[i].used[1]);
	/* @key has entered them into the keyring for itself. */
	drop(leg, i);
	for (other = 0; other < leg->past_count; other++)
		if (leg->past[other].context == context)
			leg->past[other].context = key->context;
	spin_lock_bh(&leg->lock);
	ksrtp_streams_resume(leg, context, key->context);
	spin_unlock_bh(&leg->lock);
}

void ksrtp_past_forget_all(struct ksrtp_leg *leg)
{
	while (leg->past_count)
		forget_oldest(leg);
}
