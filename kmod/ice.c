// SPDX-License-Identifier: GPL-2.0
#include <crypto/utils.h>
#include <linux/ctype.h>
#include <linux/netlink.h>
#include <linux/slab.h>

#include "core/internal.h"
#include "core/stun.h"
#include "cm.h"
#include "ice.h"

#define UFRAG_MIN	4	/* RFC 8839, section 5.4 */
#define PWD_MIN		22

/**
 * struct ksrtp_ice - credentials that an endpoint's checks come with
 * @mac: HMAC-SHA1, keyed with our password
 * @used: a check came with them
 * @name_len: octets of @name: our fragment, a colon, the endpoint's
 */
struct ksrtp_ice {
	struct crypto_shash	*mac;
	bool			used;
	struct rcu_work		free_work;
	u16			name_len;
	char			name[];
};

static bool ice_chars(const char *text)
{
	for (; *text; text++)
		/* The kernel's isalnum() knows Latin-1. */
		if (!(isascii(*text) && isalnum(*text)) && *text != '+' && *text != '/')
			return false;
	return true;
}

static int check(const char *ufrag, const char *pwd, const char *remote_ufrag,
		 struct netlink_ext_ack *extack)
{
	if (!ufrag || !pwd || !remote_ufrag) {
		NL_SET_ERR_MSG(extack, "ice-ufrag, ice-pwd and ice-remote-ufrag go together");
		return -EINVAL;
	}
	if (strlen(ufrag) < UFRAG_MIN || !ice_chars(ufrag)) {
		NL_SET_ERR_MSG(extack, "ice-ufrag must be 4 to 256 letters, digits, + and /");
		return -EINVAL;
	}
	if (strlen(pwd) < PWD_MIN || !ice_chars(pwd)) {
		NL_SET_ERR_MSG(extack, "ice-pwd must be 22 to 256 letters, digits, + and /");
		return -EINVAL;
	}
	if (!*remote_ufrag) {
		NL_SET_ERR_MSG(extack, "ice-remote-ufrag must not be empty");
		return -EINVAL;
	}
	return 0;
}

void ksrtp_ice_free(struct ksrtp_ice *ice)
{
	if (IS_ERR_OR_NULL(ice))
		return;
	ksrtp_mac_destroy(ice->mac);
	kfree_sensitive(ice);
}

static void free_after_grace(struct work_struct *work)
{
	ksrtp_ice_free(container_of(to_rcu_work(work), struct ksrtp_ice, free_work));
}

struct ksrtp_ice *ksrtp_ice_create(const char *ufrag, const char *pwd, const char *remote_ufrag,
				   struct netlink_ext_ack *extack)
{
	size_t local_len, remote_len;
	struct ksrtp_ice *ice;
	int err;

	if (!ufrag && !pwd && !remote_ufrag)
		return NULL;
	err = check(ufrag, pwd, remote_ufrag, extack);
	if (err)
		return ERR_PTR(err);
	local_len = strlen(ufrag);
	remote_len = strlen(remote_ufrag);
	ice = kzalloc(struct_size(ice, name, local_len + 1 + remote_len), GFP_KERNEL_ACCOUNT);
	if (!ice)
		return ERR_PTR(-ENOMEM);
	ice->mac = ksrtp_mac_create((const u8 *)pwd, strlen(pwd));
	if (IS_ERR(ice->mac)) {
		err = PTR_ERR(ice->mac);
		NL_SET_ERR_MSG(extack, "the kernel's crypto refused the password");
		kfree_sensitive(ice);
		return ERR_PTR(err);
	}
	INIT_RCU_WORK(&ice->free_work, free_after_grace);
	memcpy(ice->name, ufrag, local_len);
	ice->name[local_len] = ':';
	memcpy(ice->name + local_len + 1, remote_ufrag, remote_len);
	ice->name_len = local_len + 1 + remote_len;
	return ice;
}

static struct ksrtp_ice *swap_in(struct ksrtp_leg *leg, int which, struct ksrtp_ice *ice)
{
	return rcu_replace_pointer(leg->ice[which], ice, lockdep_is_held(&leg->lock));
}

static void free_later(struct ksrtp_ice *ice)
{
	if (ice)
		queue_rcu_work(ksrtp_wq, &ice->free_work);
}

void ksrtp_ice_set(struct ksrtp_leg *leg, struct ksrtp_ice *ice)
{
	struct ksrtp_ice *before = swap_in(leg, 0, ice);

	/* Twice restarted before a check came: it is the first ones that are in use. */
	if (before && !READ_ONCE(before->used) &&
	    rcu_dereference_protected(leg->ice[1], lockdep_is_held(&leg->lock)))
		free_later(before);
	else
		free_later(swap_in(leg, 1, before));
}

void ksrtp_ice_purge(struct ksrtp_leg *leg)
{
	struct ksrtp_ice *now, *before;

	spin_lock_bh(&leg->lock);
	now = swap_in(leg, 0, NULL);
	before = swap_in(leg, 1, NULL);
	spin_unlock_bh(&leg->lock);
	free_later(now);
	free_later(before);
}

static bool is_right(const struct ksrtp_ice *ice, const struct ksrtp_stun *stun, const u8 *data)
{
	u8 mac[KSRTP_SHA1_LEN];

	return ice && stun->username_len == ice->name_len &&
	       !memcmp(stun->username, ice->name, ice->name_len) &&
	       !ksrtp_mac_of(ice->mac, stun->head, sizeof(stun->head), data + sizeof(stun->head),
			     stun->integrity - sizeof(stun->head), mac) &&
	       !crypto_memneq(mac, stun->mac, sizeof(mac));
}

/* The first check with the credentials after an ICE restart: those before have served. */
static void begin_use(struct ksrtp_leg *leg, struct ksrtp_ice *ice)
{
	struct ksrtp_ice *before = NULL;

	spin_lock(&leg->lock);
	if (rcu_dereference_protected(leg->ice[0], lockdep_is_held(&leg->lock)) == ice) {
		WRITE_ONCE(ice->used, true);
		before = swap_in(leg, 1, NULL);
	}
	spin_unlock(&leg->lock);
	free_later(before);
}

u32 ksrtp_ice_answer(struct ksrtp_leg *leg, const struct ksrtp_addr *from, const u8 *data, u32 len,
		     u8 *out)
{
	struct ksrtp_ice *ice = rcu_dereference(leg->ice[0]);
	bool v4 = ksrtp_addr_is_v4(from);
	u8 mac[KSRTP_SHA1_LEN];
	struct ksrtp_stun stun;
	size_t covered;

	if (ksrtp_stun_parse(data, len, &stun))
		return 0;
	if (is_right(ice, &stun, data)) {
		if (unlikely(!READ_ONCE(ice->used)))
			begin_use(leg, ice);
	} else {
		ice = rcu_dereference(leg->ice[1]);
		if (!is_right(ice, &stun, data))
			return 0;
	}
	covered = ksrtp_stun_answer(out, data, from->ip.s6_addr + (v4 ? 12 : 0), !v4,
				    be16_to_cpu(from->port));
	if (ksrtp_mac_of(ice->mac, out, sizeof(stun.head), out + sizeof(stun.head),
			 covered - sizeof(stun.head), mac))
		return 0;
	if (READ_ONCE(leg->consent) != jiffies)
		WRITE_ONCE(leg->consent, jiffies);
	return ksrtp_stun_finish(out, covered, mac);
}
