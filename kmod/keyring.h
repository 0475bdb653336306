/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_KEYRING_H
#define KSRTP_KEYRING_H

#include <linux/rhashtable.h>
#include <linux/siphash.h>

struct ksrtp_keyring_entry;
struct netlink_ext_ack;

#define KSRTP_KEYRING_KEEP	(24 * 60 * 60)	/* seconds after the call */
/* Octets that an entry takes with its share of the table and of the accounting. */
#define KSRTP_KEYRING_COST	48

/**
 * struct ksrtp_keyring - which session keys this namespace has seen
 * @table: keyed digest -> entry
 * @secret: of the digests; random, and never leaves
 * @oldest: of the transmit keys of calls that are gone, up to @newest
 * @count: entries; an install is refused when ksrtp_keyring_max is reached
 *
 * A transmit key is remembered while its call lives and KSRTP_KEYRING_KEEP after,
 * a receive key while its leg has it or may have it back. Under ksrtp_net.lock.
 */
struct ksrtp_keyring {
	struct rhashtable		table;
	siphash_key_t			secret;
	struct ksrtp_keyring_entry	*oldest;
	struct ksrtp_keyring_entry	*newest;
	u32				count;
};

/* Module parameter keyring_max. */
extern unsigned int ksrtp_keyring_max;

int ksrtp_keyring_init(struct ksrtp_keyring *ring);
void ksrtp_keyring_uninit(struct ksrtp_keyring *ring);

/*
 * Enter a session key for transmission: refused (-EKEYREJECTED) if it was ever
 * entered for transmission or is entered for reception now (S3), or (-ENOSPC) if the
 * keyring is full. @call_keys are those of the call that it belongs to; NULL: none yet.
 */
int ksrtp_keyring_add_tx(struct ksrtp_keyring *ring, const u8 *key, size_t len,
			 struct ksrtp_keyring_entry **call_keys, struct netlink_ext_ack *extack);
/* Take the call's last one back, only if it was never published. */
void ksrtp_keyring_undo_tx(struct ksrtp_keyring *ring, struct ksrtp_keyring_entry **call_keys);
/* Enter for reception; -EKEYREJECTED if it was entered for transmission, or -ENOSPC. */
int ksrtp_keyring_add_rx(struct ksrtp_keyring *ring, const u8 *key, size_t len, u64 *digest,
			 struct netlink_ext_ack *extack);
void ksrtp_keyring_del_rx(struct ksrtp_keyring *ring, u64 digest);
/* The call is gone: its transmit keys are forgotten after KSRTP_KEYRING_KEEP. */
void ksrtp_keyring_call_gone(struct ksrtp_keyring *ring, struct ksrtp_keyring_entry **call_keys);
/* Drop what has expired. */
void ksrtp_keyring_prune(struct ksrtp_keyring *ring);
#ifdef KSRTP_TEST
/* As if so much time had passed for what waits to expire. */
void ksrtp_keyring_age(struct ksrtp_keyring *ring, u32 seconds);
#endif

#endif /* KSRTP_KEYRING_H */
