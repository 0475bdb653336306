/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_KEYRING_H
#define KSRTP_KEYRING_H

#include <linux/rhashtable.h>
#include <linux/siphash.h>

struct netlink_ext_ack;

/**
 * struct ksrtp_keyring - which session keys this namespace has seen
 * @table: keyed digest -> entry; the digest's keys are random and never leave
 * @expiring: transmit keys of calls that are gone, oldest first
 * @count: entries; an install is refused when ksrtp_keyring_max is reached
 *
 * A transmit key is remembered while its call lives and KSRTP_KEYRING_KEEP after,
 * a receive key while it is installed. Under ksrtp_net.lock.
 */
struct ksrtp_keyring {
	struct rhashtable	table;
	siphash_key_t		secret[2];
	struct list_head	expiring;
	u32			count;
};

extern unsigned int ksrtp_keyring_max;

int ksrtp_keyring_init(struct ksrtp_keyring *ring);
void ksrtp_keyring_uninit(struct ksrtp_keyring *ring);

/*
 * Enter a session key for transmission: refused (-EKEYREJECTED) if it was ever
 * entered for transmission or is entered for reception now (S3). @call_keys is the
 * list head of the call that it belongs to.
 */
int ksrtp_keyring_add_tx(struct ksrtp_keyring *ring, const u8 *key, size_t len, struct list_head *call_keys,
			 struct netlink_ext_ack *extack);
/* Undo it, only for a key that was never published. */
void ksrtp_keyring_undo_tx(struct ksrtp_keyring *ring, const u8 *key, size_t len);
/* Enter for reception; -EKEYREJECTED if it was entered for transmission. */
int ksrtp_keyring_add_rx(struct ksrtp_keyring *ring, const u8 *key, size_t len,
			 u64 digest[2], struct netlink_ext_ack *extack);
void ksrtp_keyring_del_rx(struct ksrtp_keyring *ring, const u64 digest[2]);
/* The call is gone: its transmit keys are forgotten after KSRTP_KEYRING_KEEP. */
void ksrtp_keyring_call_gone(struct ksrtp_keyring *ring, struct list_head *call_keys);
/* Drop what has expired. */
void ksrtp_keyring_prune(struct ksrtp_keyring *ring);

#endif /* KSRTP_KEYRING_H */
