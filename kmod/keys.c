// SPDX-License-Identifier: GPL-2.0
/*
 * Two key slots per direction. A key is built outside every lock of the packet path,
 * published by rcu_assign_pointer(), and freed, wiped, after a grace period.
 */
#include <linux/netlink.h>
#include <linux/slab.h>

#include <ksrtp/wire.h>

#include "call.h"
#include "core/internal.h"
#include "core/cryptex.h"
#include "hdrext.h"
#include "keys.h"
#include "leg.h"
#include "net.h"
#include "past.h"
#include "stream.h"

static const struct suite {
	u8 kind, key_len, salt_len, auth_len, tag_rtp, tag_rtcp;
} suites[] = {
	[KSRTP_SUITE_NONE] = { KSRTP_KIND_NONE },
	[KSRTP_SUITE_AEAD_AES_128_GCM] = { KSRTP_KIND_GCM, 16, KSRTP_GCM_SALT_LEN, 0,
					   KSRTP_GCM_TAG_LEN, KSRTP_GCM_TAG_LEN },
	[KSRTP_SUITE_AEAD_AES_256_GCM] = { KSRTP_KIND_GCM, 32, KSRTP_GCM_SALT_LEN, 0,
					   KSRTP_GCM_TAG_LEN, KSRTP_GCM_TAG_LEN },
	[KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80] = { KSRTP_KIND_CM, 16, KSRTP_CM_SALT_LEN,
						  KSRTP_CM_AUTH_LEN, 10, 10 },
	[KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32] = { KSRTP_KIND_CM, 16, KSRTP_CM_SALT_LEN,
						  KSRTP_CM_AUTH_LEN, 4, 10 },
	[KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80] = { KSRTP_KIND_CM, 32, KSRTP_CM_SALT_LEN,
						  KSRTP_CM_AUTH_LEN, 10, 10 },
	[KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32] = { KSRTP_KIND_CM, 32, KSRTP_CM_SALT_LEN,
						  KSRTP_CM_AUTH_LEN, 4, 10 },
};

static_assert(ARRAY_SIZE(suites) == __KSRTP_SUITE_MAX);
/* So that KSRTP_GROWTH_MAX, which has the word of SRTCP, is enough for RTP as well. */
static_assert(KSRTP_CRYPTEX_GROWTH <= KSRTP_SRTCP_WORD_LEN);

struct ksrtp_key *ksrtp_key_find(const struct ksrtp_leg *leg, u32 direction, u32 slot)
{
	return rcu_dereference_protected(leg->keys[direction][slot],
					 lockdep_is_held(&leg->kn->lock));
}

bool ksrtp_key_is_active(const struct ksrtp_leg *leg, const struct ksrtp_key *key)
{
	return key->slot == (key->direction == KSRTP_DIRECTION_TX ? READ_ONCE(leg->tx_slot) :
								    READ_ONCE(leg->rx_slot));
}

static int check_octets(const struct ksrtp_key_params *p, struct netlink_ext_ack *extack)
{
	const struct suite *suite = &suites[p->suite];

	if (p->srtp_key.len != suite->key_len) {
		NL_SET_ERR_MSG(extack, "srtp-key is not as long as the suite demands");
		return -EINVAL;
	}
	if (p->srtcp_key.len != suite->key_len) {
		NL_SET_ERR_MSG(extack, "srtcp-key is not as long as the suite demands");
		return -EINVAL;
	}
	if (p->srtp_salt.len != suite->salt_len) {
		NL_SET_ERR_MSG(extack, "srtp-salt is not as long as the suite demands");
		return -EINVAL;
	}
	if (p->srtcp_salt.len != suite->salt_len) {
		NL_SET_ERR_MSG(extack, "srtcp-salt is not as long as the suite demands");
		return -EINVAL;
	}
	if (p->srtp_auth.len != suite->auth_len) {
		NL_SET_ERR_MSG(extack, "srtp-auth is not as long as the suite demands");
		return -EINVAL;
	}
	if (p->srtcp_auth.len != suite->auth_len) {
		NL_SET_ERR_MSG(extack, "srtcp-auth is not as long as the suite demands");
		return -EINVAL;
	}
	if (suite->key_len && !memcmp(p->srtp_key.data, p->srtcp_key.data, suite->key_len)) {
		NL_SET_ERR_MSG(extack, "srtp-key and srtcp-key are equal; derive them by labels 0 and 3");
		return -EINVAL;
	}
	if (suite->kind == KSRTP_KIND_NONE && p->mki.len) {
		NL_SET_ERR_MSG(extack, "suite none has no MKI");
		return -EINVAL;
	}
	return 0;
}

static int check_cryptex(const struct ksrtp_key_params *p, struct netlink_ext_ack *extack)
{
	if (p->cryptex != KSRTP_CRYPTEX_OFF && p->suite == KSRTP_SUITE_NONE) {
		NL_SET_ERR_MSG(extack, "suite none has no cryptex");
		return -EINVAL;
	}
	/* A sender hides what it can; what it cannot, only a receiver may refuse. */
	if (p->cryptex == KSRTP_CRYPTEX_REQUIRED && p->direction == KSRTP_DIRECTION_TX) {
		NL_SET_ERR_MSG(extack, "cryptex required goes with direction rx only");
		return -EINVAL;
	}
	return 0;
}

static bool are_equal(const struct ksrtp_octets *a, const struct ksrtp_octets *b)
{
	return a->len == b->len && !memcmp(a->data, b->data, a->len);
}

static int check_hdrext(const struct ksrtp_key_params *p, struct netlink_ext_ack *extack)
{
	const struct suite *suite = &suites[p->suite];

	if (!p->hdrext_ids.len && !p->hdrext_key.len && !p->hdrext_salt.len)
		return 0;
	if (suite->kind == KSRTP_KIND_NONE) {
		NL_SET_ERR_MSG(extack, "suite none encrypts no header extensions");
		return -EINVAL;
	}
	if (!p->hdrext_ids.len) {
		NL_SET_ERR_MSG(extack, "hdrext-key and hdrext-salt go with hdrext-ids");
		return -EINVAL;
	}
	if (p->cryptex != KSRTP_CRYPTEX_OFF) {
		NL_SET_ERR_MSG(extack, "hdrext-ids and cryptex exclude each other");
		return -EINVAL;
	}
	if (p->hdrext_key.len != suite->key_len) {
		NL_SET_ERR_MSG(extack, "hdrext-key is not as long as the suite demands");
		return -EINVAL;
	}
	if (p->hdrext_salt.len != suite->salt_len) {
		NL_SET_ERR_MSG(extack, "hdrext-salt is not as long as the suite demands");
		return -EINVAL;
	}
	if (memchr(p->hdrext_ids.data, 0, p->hdrext_ids.len)) {
		NL_SET_ERR_MSG(extack, "hdrext-ids names 0, which is padding");
		return -EINVAL;
	}
	if (are_equal(&p->hdrext_key, &p->srtp_key) || are_equal(&p->hdrext_key, &p->srtcp_key)) {
		NL_SET_ERR_MSG(extack, "hdrext-key is equal to another key; derive it by label 6");
		return -EINVAL;
	}
	return 0;
}

/* Both keys of a receive direction are live: can a packet's be told? */
static int check_mki(const struct ksrtp_key *other, const struct ksrtp_key_params *p,
		     struct netlink_ext_ack *extack)
{
	if (p->direction != KSRTP_DIRECTION_RX)
		return 0;
	if (other->mki_len != p->mki.len) {
		NL_SET_ERR_MSG(extack, "mki must be as long as that of the other slot");
		return -EINVAL;
	}
	if (p->mki.len && !memcmp(other->mki, p->mki.data, p->mki.len)) {
		NL_SET_ERR_MSG(extack, "mki is that of the other slot");
		return -EEXIST;
	}
	return 0;
}

static int check_install(const struct ksrtp_leg *leg, const struct ksrtp_key_params *p,
			 struct netlink_ext_ack *extack)
{
	const struct ksrtp_key *other = ksrtp_key_find(leg, p->direction, !p->slot);

	if (leg->call->mode == KSRTP_MODE_E2EE) {
		NL_SET_ERR_MSG(extack, "an end-to-end call takes no key");
		return -EPERM;
	}
	if (leg->call->mode == KSRTP_MODE_NONE && p->suite != KSRTP_SUITE_NONE) {
		NL_SET_ERR_MSG(extack, "a call of mode none takes suite none only");
		return -EPERM;
	}
	if (ksrtp_key_find(leg, p->direction, p->slot)) {
		NL_SET_ERR_MSG(extack, "the key slot is in use; delete its key first or use the other slot");
		return -EEXIST;
	}
	if (p->context == KSRTP_CONTEXT_SAME && !other) {
		NL_SET_ERR_MSG(extack, "context same needs a key in the other slot");
		return -EINVAL;
	}
	/* Plain and protected packets on one leg cannot be told apart. */
	if (other && (other->suite == KSRTP_SUITE_NONE) != (p->suite == KSRTP_SUITE_NONE)) {
		NL_SET_ERR_MSG(extack, "suite none and a protected suite cannot share a leg and direction");
		return -EINVAL;
	}
	if (p->context == KSRTP_CONTEXT_SAME && p->roc) {
		NL_SET_ERR_MSG(extack, "roc goes with context new; in context same the indices go on");
		return -EINVAL;
	}
	if (other) {
		int err = check_mki(other, p, extack);

		if (err)
			return err;
	}
	return check_cryptex(p, extack) ?: check_octets(p, extack) ?: check_hdrext(p, extack);
}

void ksrtp_key_free(struct ksrtp_key *key)
{
	if (key->kind == KSRTP_KIND_GCM) {
		ksrtp_aead_uninit(&key->gcm.srtp);
		ksrtp_aead_uninit(&key->gcm.srtcp);
	} else if (key->kind == KSRTP_KIND_CM) {
		ksrtp_cm_uninit(&key->cm.srtp);
		ksrtp_cm_uninit(&key->cm.srtcp);
	}
	ksrtp_hdrext_destroy(key->hdrext);
	kfree_sensitive(key);
}

static void free_after_grace(struct work_struct *work)
{
	ksrtp_key_free(container_of(to_rcu_work(work), struct ksrtp_key, free_work));
}

static int set_ciphers(struct ksrtp_key *key, const struct ksrtp_key_params *p, size_t len)
{
	int err = 0;

	switch (key->kind) {
	case KSRTP_KIND_GCM:
		err = ksrtp_aead_init(&key->gcm.srtp, p->srtp_key.data, len);
		if (!err)
			err = ksrtp_aead_init(&key->gcm.srtcp, p->srtcp_key.data, len);
		break;
	case KSRTP_KIND_CM:
		err = ksrtp_cm_init(&key->cm.srtp, p->srtp_key.data, len, p->srtp_auth.data);
		if (!err)
			err = ksrtp_cm_init(&key->cm.srtcp, p->srtcp_key.data, len,
					    p->srtcp_auth.data);
		break;
	}
	return err;
}

static int set_hdrext(struct ksrtp_key *key, const struct ksrtp_key_params *p)
{
	struct ksrtp_hdrext *x;

	if (!p->hdrext_ids.len)
		return 0;
	x = ksrtp_hdrext_create(p->hdrext_key.data, p->hdrext_key.len, p->hdrext_salt.data,
				p->hdrext_salt.len, p->hdrext_ids.data, p->hdrext_ids.len);
	if (IS_ERR(x))
		return PTR_ERR(x);
	key->hdrext = x;
	return 0;
}

struct ksrtp_key *ksrtp_key_build(const struct ksrtp_key_params *p,
				  struct netlink_ext_ack *extack)
{
	static atomic64_t last_serial = ATOMIC64_INIT(0);
	const struct suite *suite = &suites[p->suite];
	struct ksrtp_key *key;
	int err;

	key = kzalloc(struct_size(key, mki, p->mki.len), GFP_KERNEL_ACCOUNT);
	if (!key)
		return ERR_PTR(-ENOMEM);
	key->serial = atomic64_inc_return(&last_serial);
	key->suite = p->suite;
	key->kind = suite->kind;
	key->direction = p->direction;
	key->slot = p->slot;
	key->roc = p->roc;
	key->mki_len = p->mki.len;
	key->cryptex = p->cryptex;
	key->tag_rtp = suite->tag_rtp;
	key->tag_rtcp = suite->tag_rtcp;
	if (suite->kind != KSRTP_KIND_NONE) {
		key->overhead_rtp = suite->tag_rtp + p->mki.len;
		key->overhead_rtcp = suite->tag_rtcp + KSRTP_SRTCP_WORD_LEN + p->mki.len;
	}
	if (p->direction == KSRTP_DIRECTION_TX && p->cryptex != KSRTP_CRYPTEX_OFF)
		key->overhead_rtp += KSRTP_CRYPTEX_GROWTH;
	INIT_RCU_WORK(&key->free_work, free_after_grace);
	memcpy(key->mki, p->mki.data, p->mki.len);
	memcpy(key->srtp_salt, p->srtp_salt.data, suite->salt_len);
	memcpy(key->srtcp_salt, p->srtcp_salt.data, suite->salt_len);
	err = set_ciphers(key, p, suite->key_len) ?: set_hdrext(key, p);
	if (err) {
		NL_SET_ERR_MSG(extack, "the kernel's crypto refused the key");
		ksrtp_key_free(key);
		return ERR_PTR(err);
	}
	return key;
}

/* Encryption keys of one installation, by which no two may do the same (S3): returns how many. */
static unsigned int session_keys(const struct ksrtp_key_params *p, const u8 *keys[3])
{
	keys[0] = p->srtp_key.data;
	keys[1] = p->srtcp_key.data;
	keys[2] = p->hdrext_key.data;
	return p->suite == KSRTP_SUITE_NONE ? 0 : p->hdrext_ids.len ? 3 : 2;
}

static int enter_one(struct ksrtp_leg *leg, struct ksrtp_key *key, const u8 *octets, size_t len,
		     unsigned int i, struct netlink_ext_ack *extack)
{
	struct ksrtp_keyring *ring = &leg->kn->keyring;

	if (key->direction == KSRTP_DIRECTION_TX)
		return ksrtp_keyring_add_tx(ring, octets, len, &leg->call->tx_keys, extack);
	return ksrtp_keyring_add_rx(ring, octets, len, &key->digest[i], extack);
}

/* Take back the last @n that were entered; a transmit key was never used. */
static void leave(struct ksrtp_leg *leg, struct ksrtp_key *key, unsigned int n)
{
	struct ksrtp_keyring *ring = &leg->kn->keyring;

	while (n--) {
		if (key->direction == KSRTP_DIRECTION_TX)
			ksrtp_keyring_undo_tx(ring, &leg->call->tx_keys);
		else
			ksrtp_keyring_del_rx(ring, key->digest[n]);
	}
}

/* Enter all session keys into the keyring, or none. */
static int enter(struct ksrtp_leg *leg, struct ksrtp_key *key, const struct ksrtp_key_params *p,
		 struct netlink_ext_ack *extack)
{
	const u8 *keys[3];
	unsigned int n = session_keys(p, keys), i;
	int err;

	for (i = 0; i < n; i++) {
		err = enter_one(leg, key, keys[i], suites[p->suite].key_len, i, extack);
		if (err) {
			leave(leg, key, i);
			return err;
		}
	}
	return 0;
}

/*
 * Where the windows and roll-over counters of @key are: in a context of its own or in that of
 * @other; those of a receive key that was here before come along, so that nothing which was
 * received under it is received again (S2).
 */
static int set_context(struct ksrtp_leg *leg, struct ksrtp_key *key, u32 context,
		       const struct ksrtp_key *other, struct netlink_ext_ack *extack)
{
	u32 past;
	bool was_here = ksrtp_past_find(leg, key, &past);

	if (other && ksrtp_past_same(key->digest, ksrtp_key_digests(key), other->digest,
				     ksrtp_key_digests(other))) {
		NL_SET_ERR_MSG(extack, "this receive key is in the other slot");
		return -EKEYREJECTED;
	}
	if (context == KSRTP_CONTEXT_SAME) {
		if (was_here && past != other->context) {
			NL_SET_ERR_MSG(extack, "this receive key was here before in another context; install it with context new");
			return -EKEYREJECTED;
		}
		key->context = other->context;
		key->roc = other->roc;
	} else if (was_here && other && other->context == past) {
		key->context = past;
	} else {
		/* Also of one that was here: what comes under it is the source's newest. */
		key->context = leg->next_context[key->direction]++;
	}
	if (was_here)
		ksrtp_past_resume(leg, key);
	return 0;
}

int ksrtp_key_install(struct ksrtp_leg *leg, const struct ksrtp_key_params *p,
		      struct netlink_ext_ack *extack)
{
	const struct ksrtp_key *other = ksrtp_key_find(leg, p->direction, !p->slot);
	struct ksrtp_key *key;
	int err;

	lockdep_assert_held(&leg->kn->lock);
	err = check_install(leg, p, extack);
	if (err)
		return err;
	key = ksrtp_key_build(p, extack);
	if (IS_ERR(key))
		return PTR_ERR(key);
	err = enter(leg, key, p, extack);
	if (err) {
		ksrtp_key_free(key);
		return err;
	}
	err = set_context(leg, key, p->context, other, extack);
	if (err) {
		leave(leg, key, ksrtp_key_digests(key));
		ksrtp_key_free(key);
		return err;
	}
	/* The first key of a direction is the one in use. */
	if (!other && p->direction == KSRTP_DIRECTION_TX)
		WRITE_ONCE(leg->tx_slot, p->slot);
	else if (!other)
		WRITE_ONCE(leg->rx_slot, p->slot);
	rcu_assign_pointer(leg->keys[p->direction][p->slot], key);
	ksrtp_net_changed(leg->kn);
	return 0;
}

int ksrtp_key_activate(struct ksrtp_leg *leg, u32 slot, struct netlink_ext_ack *extack)
{
	lockdep_assert_held(&leg->kn->lock);
	if (!ksrtp_key_find(leg, KSRTP_DIRECTION_TX, slot)) {
		NL_SET_ERR_MSG(extack, "no transmit key in this slot");
		return -ENOENT;
	}
	WRITE_ONCE(leg->tx_slot, slot);
	ksrtp_net_changed(leg->kn);
	return 0;
}

static void unlink_key(struct ksrtp_leg *leg, struct ksrtp_key *key)
{
	const struct ksrtp_key *other = ksrtp_key_find(leg, key->direction, !key->slot);

	spin_lock_bh(&leg->lock);
	rcu_assign_pointer(leg->keys[key->direction][key->slot], NULL);
	if (!other || other->context != key->context) {
		if (ksrtp_key_digests(key))
			ksrtp_streams_shelve(leg, key->context);
		else
			ksrtp_streams_retire(leg, key->direction, key->context);
	}
	spin_unlock_bh(&leg->lock);
	/* A transmit key is remembered by the keyring. */
	if (ksrtp_key_digests(key))
		ksrtp_past_remember(leg, key);
	queue_rcu_work(ksrtp_wq, &key->free_work);
}

int ksrtp_key_remove(struct ksrtp_leg *leg, u32 direction, u32 slot,
		     struct netlink_ext_ack *extack)
{
	struct ksrtp_key *key = ksrtp_key_find(leg, direction, slot);

	lockdep_assert_held(&leg->kn->lock);
	if (!key) {
		NL_SET_ERR_MSG(extack, "no key in this slot");
		return -ENOENT;
	}
	unlink_key(leg, key);
	ksrtp_net_changed(leg->kn);
	return 0;
}

void ksrtp_keys_purge(struct ksrtp_leg *leg)
{
	struct ksrtp_key *key;
	int direction, slot;

	lockdep_assert_held(&leg->kn->lock);
	for (direction = 0; direction < 2; direction++) {
		for (slot = 0; slot < 2; slot++) {
			key = ksrtp_key_find(leg, direction, slot);
			if (key)
				unlink_key(leg, key);
		}
	}
	ksrtp_past_forget_all(leg);
}

void ksrtp_key_index_ends(struct ksrtp_leg *leg, struct ksrtp_key *key, bool over)
{
	unsigned int which = key->direction * 2 + key->slot;

	if (READ_ONCE(key->told[over]))
		return;
	WRITE_ONCE(key->told[over], true);
	ksrtp_leg_event(leg, (over ? KSRTP_EVENT_KEY_HARD : KSRTP_EVENT_KEY_SOFT) + which);
}

bool ksrtp_key_settle(struct ksrtp_leg *leg, struct ksrtp_key *key, bool rtcp)
{
	u64 step = rtcp ? KSRTP_KEY_SRTCP_SETTLE : KSRTP_KEY_SRTP_SETTLE;
	u64 soft = rtcp ? KSRTP_KEY_SRTCP_SOFT : KSRTP_KEY_SRTP_SOFT;
	u64 hard = rtcp ? KSRTP_KEY_SRTCP_HARD : KSRTP_KEY_SRTP_HARD;
	u64 used = atomic64_add_return(step, &key->used[rtcp]);
	unsigned int which = key->direction * 2 + key->slot;

	if (used >= soft && used - step < soft)
		ksrtp_leg_event(leg, KSRTP_EVENT_KEY_SOFT + which);
	if (used <= hard)
		return true;
	/* Every packet comes here from now on: told once. */
	if (used - step <= hard)
		ksrtp_leg_event(leg, KSRTP_EVENT_KEY_HARD + which);
	return false;
}
