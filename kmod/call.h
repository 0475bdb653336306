/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_CALL_H
#define KSRTP_CALL_H

#include <linux/list.h>
#include <linux/rhashtable-types.h>
#include <linux/ksrtp.h>

struct ksrtp_net;
struct netlink_ext_ack;

/**
 * struct ksrtp_call - legs that belong together; everything under ksrtp_net.lock
 * @tx_keys: the keyring's entries of its transmit keys
 * @name_node: in ksrtp_net.names
 * @name: with zeros behind it, for it is hashed whole
 * @alive: jiffies of the owner's last heartbeat
 */
struct ksrtp_call {
	struct ksrtp_net	*kn;
	u32			id;
	u32			mode;
	u32			owner;
	u32			lease;
	unsigned long		alive;
	struct list_head	legs;
	struct ksrtp_keyring_entry *tx_keys;
	struct rhash_head	name_node;
	u32			leg_count;
	char			name[KSRTP_NAME_MAX + 1];
};

int ksrtp_call_names_init(struct ksrtp_net *kn);
void ksrtp_call_names_uninit(struct ksrtp_net *kn);

/* All of them under ksrtp_net.lock. */
struct ksrtp_call *ksrtp_call_create(struct ksrtp_net *kn, const char *name, u32 mode,
				     u32 owner, u32 lease, struct netlink_ext_ack *extack);
void ksrtp_call_destroy(struct ksrtp_call *call);
/* Its lease begins anew. */
void ksrtp_call_own(struct ksrtp_call *call, u32 owner, u32 lease);
struct ksrtp_call *ksrtp_call_find(struct ksrtp_net *kn, u32 id);
struct ksrtp_call *ksrtp_call_find_name(struct ksrtp_net *kn, const char *name);
/* Renews the lease of the owner's calls; how many those are. */
u32 ksrtp_owner_alive(struct ksrtp_net *kn, u32 owner);
/* Ends the calls whose lease has run out. */
void ksrtp_call_expire(struct ksrtp_net *kn);

#endif /* KSRTP_CALL_H */
