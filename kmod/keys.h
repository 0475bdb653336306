/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_KEYS_H
#define KSRTP_KEYS_H

#include <linux/atomic.h>
#include <linux/workqueue.h>
#include <linux/ksrtp.h>

#include "aead.h"
#include "cm.h"

struct ksrtp_hdrext;
struct ksrtp_leg;
struct netlink_ext_ack;

/* A master key's life (RFC 3711, section 9.2), and when to say that it ends. */
#define KSRTP_KEY_SRTP_HARD	(1ULL << 48)
#define KSRTP_KEY_SRTP_SOFT	(KSRTP_KEY_SRTP_HARD - (KSRTP_KEY_SRTP_HARD >> 4))
#define KSRTP_KEY_SRTCP_HARD	(1ULL << 31)
#define KSRTP_KEY_SRTCP_SOFT	(KSRTP_KEY_SRTCP_HARD - (KSRTP_KEY_SRTCP_HARD >> 4))
/* A stream settles its share of the use each time it has used this much. */
#define KSRTP_KEY_SRTP_SETTLE	(1ULL << 16)
#define KSRTP_KEY_SRTCP_SETTLE	(1ULL << 10)

enum ksrtp_kind {
	KSRTP_KIND_NONE,
	KSRTP_KIND_GCM,
	KSRTP_KIND_CM,
};

/**
 * struct ksrtp_key - one key slot's content; but for @used and @told never changed once published
 * @suite: enum ksrtp_suite
 * @kind: which transform, from @suite
 * @tag_rtp: octets of the tag of SRTP; @tag_rtcp, of SRTCP
 * @overhead_rtp: octets by which protection grows an RTP packet at most: tag and MKI, and
 *	what Cryptex may add on departure
 * @overhead_rtcp: likewise RTCP, with its word
 * @cryptex: enum ksrtp_cryptex
 * @context: number of the context within leg and direction; streams belong to it
 * @roc: roll-over counter that new streams begin with
 * @serial: of all keys' of this host, not 0: which key a stream has settled with
 * @used: SRTP and SRTCP packets, settled
 * @told: that an index comes to its end; that it has
 * @hdrext: elements of header extensions encrypted by themselves (RFC 6904); NULL: none
 * @digest: of the receive key's entries in the keyring; the third with @hdrext alone
 */
struct ksrtp_key {
	u8			suite;
	u8			kind;
	u8			direction;
	u8			slot;
	u8			tag_rtp;
	u8			tag_rtcp;
	u8			overhead_rtp;
	u8			overhead_rtcp;
	u8			mki_len;
	u8			cryptex;
	u32			context;
	u32			roc;
	u64			serial;
	u8			srtp_salt[KSRTP_CM_SALT_LEN];
	u8			srtcp_salt[KSRTP_CM_SALT_LEN];
	union {
		struct {
			struct ksrtp_aead srtp, srtcp;
		} gcm;
		struct {
			struct ksrtp_cm srtp, srtcp;
		} cm;
	};
	struct ksrtp_hdrext	*hdrext;
	atomic64_t		used[2];
	bool			told[2];
	u64			digest[3];
	struct rcu_work		free_work;
	u8			mki[];
};

/* Octets from outside; NULL and 0 where the suite takes none. */
struct ksrtp_octets {
	const u8	*data;
	size_t		len;
};

struct ksrtp_key_params {
	u32			direction;
	u32			slot;
	u32			suite;
	u32			context;	/* enum ksrtp_context */
	u32			roc;
	u32			cryptex;	/* enum ksrtp_cryptex */
	struct ksrtp_octets	srtp_key, srtp_salt, srtp_auth;
	struct ksrtp_octets	srtcp_key, srtcp_salt, srtcp_auth;
	struct ksrtp_octets	mki;
	struct ksrtp_octets	hdrext_key, hdrext_salt, hdrext_ids;
};

/*
 * Process context. A key that is on no leg and in no keyring, an ERR_PTR() when there is no
 * memory for it or the kernel's crypto refuses it. @p was checked: octets as long as the suite
 * demands. Freed, wiped, at once: for a key that no packet has seen.
 */
struct ksrtp_key *ksrtp_key_build(const struct ksrtp_key_params *p,
				  struct netlink_ext_ack *extack);
void ksrtp_key_free(struct ksrtp_key *key);
/* How many of @key->digest there are: of a receive key that is not plain. */
static inline unsigned int ksrtp_key_digests(const struct ksrtp_key *key)
{
	if (key->direction == KSRTP_DIRECTION_TX || key->suite == KSRTP_SUITE_NONE)
		return 0;
	return key->hdrext ? 3 : 2;
}
/* Control path, under ksrtp_net.lock. The parameters' octets stay the caller's to wipe. */
int ksrtp_key_install(struct ksrtp_leg *leg, const struct ksrtp_key_params *params,
		      struct netlink_ext_ack *extack);
int ksrtp_key_activate(struct ksrtp_leg *leg, u32 slot, struct netlink_ext_ack *extack);
int ksrtp_key_remove(struct ksrtp_leg *leg, u32 direction, u32 slot,
		     struct netlink_ext_ack *extack);
/* The key of a slot, or NULL. */
struct ksrtp_key *ksrtp_key_find(const struct ksrtp_leg *leg, u32 direction, u32 slot);
bool ksrtp_key_is_active(const struct ksrtp_leg *leg, const struct ksrtp_key *key);
/* The leg dies: unlink and free all its keys after a grace period. */
void ksrtp_keys_purge(struct ksrtp_leg *leg);

/*
 * Packet path: a stream of @key has used up another settle unit (@rtcp: of SRTCP).
 * False: the key has reached its hard limit.
 */
bool ksrtp_key_settle(struct ksrtp_leg *leg, struct ksrtp_key *key, bool rtcp);
/*
 * Packet path: an index under the transmit @key comes near its end, or (@over) is there, however
 * little the key was used. Told once of each.
 */
void ksrtp_key_index_ends(struct ksrtp_leg *leg, struct ksrtp_key *key, bool over);

#endif /* KSRTP_KEYS_H */
