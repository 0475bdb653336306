// SPDX-License-Identifier: GPL-2.0
/*
 * No session key may encrypt on two legs, twice on one leg, or in both directions:
 * each would repeat nonces (S3). So the namespace remembers a keyed digest of every
 * session key that it ever transmitted with, as long as its call lives and a day
 * longer, and of every receive key while its leg has it or remembers it (past.h).
 */
#include <linux/ktime.h>
#include <linux/netlink.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "keyring.h"

unsigned int ksrtp_keyring_max;

/*
 * Kept for a day of every key of every call, so it is small: 32 octets. A digest of 64 bits
 * never misses a key that was used. That it takes another one for it comes to pass once in
 * 2^64 / ksrtp_keyring_max keys, cannot be brought about without the secret, and costs a
 * refused install. A master key has an entry for each session key, two, or three with
 * encrypted header extensions: one for all would not see when one of them comes again.
 *
 * @life: the next one in its call's list or, when the call is gone, in that of the keyring
 * @expires: then, in seconds
 * @rx: legs that receive with it
 * @tx: it was given out for transmission
 */
struct ksrtp_keyring_entry {
	u64				digest;
	struct rhash_head		node;
	struct ksrtp_keyring_entry	*life;
	u32				expires;
	u32				rx : 31;
	u32				tx : 1;
};

static_assert(sizeof(struct ksrtp_keyring_entry) <= 32);

static const struct rhashtable_params params = {
	.key_len = sizeof_field(struct ksrtp_keyring_entry, digest),
	.key_offset = offsetof(struct ksrtp_keyring_entry, digest),
	.head_offset = offsetof(struct ksrtp_keyring_entry, node),
	.automatic_shrinking = true,
};

int ksrtp_keyring_init(struct ksrtp_keyring *ring)
{
	get_random_bytes(&ring->secret, sizeof(ring->secret));
	ring->oldest = NULL;
	ring->newest = NULL;
	ring->count = 0;
	return rhashtable_init(&ring->table, &params);
}

static void entry_free(void *ptr, void *arg)
{
	kfree(ptr);
}

void ksrtp_keyring_uninit(struct ksrtp_keyring *ring)
{
	rhashtable_free_and_destroy(&ring->table, entry_free, NULL);
	memzero_explicit(&ring->secret, sizeof(ring->secret));
}

static struct ksrtp_keyring_entry *find(struct ksrtp_keyring *ring, u64 digest)
{
	return rhashtable_lookup_fast(&ring->table, &digest, params);
}

static struct ksrtp_keyring_entry *add(struct ksrtp_keyring *ring, u64 digest,
				       struct netlink_ext_ack *extack)
{
	struct ksrtp_keyring_entry *e;
	int err;

	if (ring->count >= READ_ONCE(ksrtp_keyring_max))
		ksrtp_keyring_prune(ring);
	if (ring->count >= READ_ONCE(ksrtp_keyring_max)) {
		NL_SET_ERR_MSG(extack, "too many keys remembered, each until 24 h after its call; raise module parameter keyring_max");
		return ERR_PTR(-ENOSPC);
	}
	e = kzalloc(sizeof(*e), GFP_KERNEL_ACCOUNT);
	if (!e)
		return ERR_PTR(-ENOMEM);
	e->digest = digest;
	err = rhashtable_insert_fast(&ring->table, &e->node, params);
	if (err) {
		kfree(e);
		return ERR_PTR(err);
	}
	ring->count++;
	return e;
}

/* Of a transmit key: it is in no list any more. */
static void del(struct ksrtp_keyring *ring, struct ksrtp_keyring_entry *e)
{
	rhashtable_remove_fast(&ring->table, &e->node, params);
	ring->count--;
	kfree(e);
}

int ksrtp_keyring_add_tx(struct ksrtp_keyring *ring, const u8 *key, size_t len,
			 struct ksrtp_keyring_entry **call_keys, struct netlink_ext_ack *extack)
{
	u64 digest = siphash(key, len, &ring->secret);
	struct ksrtp_keyring_entry *e = find(ring, digest);

	if (e) {
		if (e->tx)
			NL_SET_ERR_MSG(extack, "this transmit key was used before; derive a new one");
		else
			NL_SET_ERR_MSG(extack, "this transmit key is installed as a receive key");
		return -EKEYREJECTED;
	}
	e = add(ring, digest, extack);
	if (IS_ERR(e))
		return PTR_ERR(e);
	e->tx = 1;
	e->life = *call_keys;
	*call_keys = e;
	return 0;
}

void ksrtp_keyring_undo_tx(struct ksrtp_keyring *ring, struct ksrtp_keyring_entry **call_keys)
{
	struct ksrtp_keyring_entry *e = *call_keys;

	*call_keys = e->life;
	del(ring, e);
}

int ksrtp_keyring_add_rx(struct ksrtp_keyring *ring, const u8 *key, size_t len, u64 *digest,
			 struct netlink_ext_ack *extack)
{
	struct ksrtp_keyring_entry *e;

	*digest = siphash(key, len, &ring->secret);
	e = find(ring, *digest);
	if (e && e->tx) {
		NL_SET_ERR_MSG(extack, "this receive key was used as a transmit key");
		return -EKEYREJECTED;
	}
	if (!e)
		e = add(ring, *digest, extack);
	if (IS_ERR(e))
		return PTR_ERR(e);
	e->rx++;
	return 0;
}

void ksrtp_keyring_del_rx(struct ksrtp_keyring *ring, u64 digest)
{
	struct ksrtp_keyring_entry *e = find(ring, digest);

	if (e && !--e->rx)
		del(ring, e);
}

void ksrtp_keyring_call_gone(struct ksrtp_keyring *ring, struct ksrtp_keyring_entry **call_keys)
{
	u32 expires = (u32)ktime_get_seconds() + KSRTP_KEYRING_KEEP;
	struct ksrtp_keyring_entry *e = *call_keys;

	if (!e)
		return;
	if (ring->newest)
		ring->newest->life = e;
	else
		ring->oldest = e;
	for (; e; e = e->life) {
		e->expires = expires;
		ring->newest = e;
		cond_resched();
	}
	*call_keys = NULL;
}

void ksrtp_keyring_prune(struct ksrtp_keyring *ring)
{
	u32 now = (u32)ktime_get_seconds();
	struct ksrtp_keyring_entry *e;

	while ((e = ring->oldest) && (s32)(now - e->expires) >= 0) {
		ring->oldest = e->life;
		if (!e->life)
			ring->newest = NULL;
		del(ring, e);
		cond_resched();
	}
}

#ifdef KSRTP_TEST
void ksrtp_keyring_age(struct ksrtp_keyring *ring, u32 seconds)
{
	struct ksrtp_keyring_entry *e;

	for (e = ring->oldest; e; e = e->life)
		e->expires -= seconds;
}
#endif
