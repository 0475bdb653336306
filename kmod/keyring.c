// SPDX-License-Identifier: GPL-2.0
/*
 * No session key may encrypt on two legs, twice on one leg, or in both directions:
 * each would repeat nonces (S3). So the namespace remembers a keyed digest of every
 * session key that it ever transmitted with, as long as its call lives and a day
 * longer, and of every receive key while it is installed.
 */
#include <linux/jiffies.h>
#include <linux/netlink.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "keyring.h"

#define KSRTP_KEYRING_KEEP	(24UL * 60 * 60 * HZ)

unsigned int ksrtp_keyring_max = 1U << 20;

/*
 * @rx: legs that receive with it
 * @tx: it was given out for transmission; then @life is in the call's list, or in
 *	the keyring's, oldest first, when the call is gone
 */
struct entry {
	u64			digest[2];
	struct rhash_head	node;
	struct list_head	life;
	unsigned long		expires;
	u32			rx;
	bool			tx;
};

static const struct rhashtable_params params = {
	.key_len = sizeof_field(struct entry, digest),
	.key_offset = offsetof(struct entry, digest),
	.head_offset = offsetof(struct entry, node),
	.automatic_shrinking = true,
};

int ksrtp_keyring_init(struct ksrtp_keyring *ring)
{
	get_random_bytes(ring->secret, sizeof(ring->secret));
	INIT_LIST_HEAD(&ring->expiring);
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
	memzero_explicit(ring->secret, sizeof(ring->secret));
}

static void compute_digest(const struct ksrtp_keyring *ring, const u8 *key, size_t len,
			   u64 digest[2])
{
	digest[0] = siphash(key, len, &ring->secret[0]);
	digest[1] = siphash(key, len, &ring->secret[1]);
}

static struct entry *find(struct ksrtp_keyring *ring, const u64 digest[2])
{
	return rhashtable_lookup_fast(&ring->table, digest, params);
}

static struct entry *add(struct ksrtp_keyring *ring, const u64 digest[2],
			 struct netlink_ext_ack *extack)
{
	struct entry *e;
	int err;

	if (ring->count >= READ_ONCE(ksrtp_keyring_max)) {
		NL_SET_ERR_MSG(extack, "too many keys remembered; raise module parameter keyring_max");
		return ERR_PTR(-ENOSPC);
	}
	e = kzalloc(sizeof(*e), GFP_KERNEL_ACCOUNT);
	if (!e)
		return ERR_PTR(-ENOMEM);
	memcpy(e->digest, digest, sizeof(e->digest));
	err = rhashtable_insert_fast(&ring->table, &e->node, params);
	if (err) {
		kfree(e);
		return ERR_PTR(err);
	}
	ring->count++;
	return e;
}

static void del(struct ksrtp_keyring *ring, struct entry *e)
{
	rhashtable_remove_fast(&ring->table, &e->node, params);
	if (e->tx)
		list_del(&e->life);
	ring->count--;
	kfree(e);
}

int ksrtp_keyring_add_tx(struct ksrtp_keyring *ring, const u8 *key, size_t len,
			 struct list_head *call_keys, struct netlink_ext_ack *extack)
{
	struct entry *e;
	u64 digest[2];

	compute_digest(ring, key, len, digest);
	e = find(ring, digest);
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
	e->tx = true;
	list_add_tail(&e->life, call_keys);
	return 0;
}

void ksrtp_keyring_undo_tx(struct ksrtp_keyring *ring, const u8 *key, size_t len)
{
	struct entry *e;
	u64 digest[2];

	compute_digest(ring, key, len, digest);
	e = find(ring, digest);
	if (e)
		del(ring, e);
}

int ksrtp_keyring_add_rx(struct ksrtp_keyring *ring, const u8 *key, size_t len,
			 u64 digest[2], struct netlink_ext_ack *extack)
{
	struct entry *e;

	compute_digest(ring, key, len, digest);
	e = find(ring, digest);
	if (e && e->tx) {
		NL_SET_ERR_MSG(extack, "this receive key was used as a transmit key");
		return -EKEYREJECTED;
	}
	if (!e)
		e = add(ring, digest, extack);
	if (IS_ERR(e))
		return PTR_ERR(e);
	e->rx++;
	return 0;
}

void ksrtp_keyring_del_rx(struct ksrtp_keyring *ring, const u64 digest[2])
{
	struct entry *e = find(ring, digest);

	if (e && !--e->rx)
		del(ring, e);
}

void ksrtp_keyring_call_gone(struct ksrtp_keyring *ring, struct list_head *call_keys)
{
	struct entry *e;

	list_for_each_entry(e, call_keys, life)
		e->expires = jiffies + KSRTP_KEYRING_KEEP;
	list_splice_tail_init(call_keys, &ring->expiring);
}

void ksrtp_keyring_prune(struct ksrtp_keyring *ring)
{
	struct entry *e, *next;

	list_for_each_entry_safe(e, next, &ring->expiring, life) {
		if (time_before(jiffies, e->expires))
			break;
		del(ring, e);
	}
}
