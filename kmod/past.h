/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_PAST_H
#define KSRTP_PAST_H

#include <linux/types.h>

struct ksrtp_key;
struct ksrtp_leg;

/* Receive keys that a leg remembers; what waits for them counts in ksrtp_net.streams. */
#define KSRTP_PAST_KEYS	8

/**
 * struct ksrtp_past_key - a receive key that a leg had
 * @digest: of its session keys, @n of them, in the keyring as long as this is here
 * @context: where its streams still are
 * @used: what it was used for, see struct ksrtp_key
 */
struct ksrtp_past_key {
	u64	digest[3];
	u64	used[2];
	u32	context;
	u8	n;
};

/* All of them on the control path, under ksrtp_net.lock. */

/* @key, which has just left its slot, may come back; the oldest is forgotten for it. */
void ksrtp_past_remember(struct ksrtp_leg *leg, const struct ksrtp_key *key);
/* Was a key with one of these session keys here before? Its context, or false. */
bool ksrtp_past_find(const struct ksrtp_leg *leg, const struct ksrtp_key *key, u32 *context);
/* It was: @key, not yet in its slot, goes on in its context with what was received before. */
void ksrtp_past_resume(struct ksrtp_leg *leg, struct ksrtp_key *key);
/* The leg dies. */
void ksrtp_past_forget_all(struct ksrtp_leg *leg);
/* Do two receive keys have a session key in common? */
bool ksrtp_past_same(const u64 *a, unsigned int n_a, const u64 *b, unsigned int n_b);

#endif /* KSRTP_PAST_H */
