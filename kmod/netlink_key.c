// SPDX-License-Identifier: GPL-2.0
/* Keys go in and never come out; a request that holds some is wiped when it is done. */
#include "hdrext.h"
#include "keys.h"
#include "leg.h"
#include "net.h"
#include "netlink.h"

static int fill_hdrext(struct sk_buff *skb, const struct ksrtp_hdrext *x)
{
	struct nlattr *nla;
	unsigned int id;
	u8 *at;

	if (!x)
		return 0;
	nla = nla_reserve(skb, KSRTP_A_KEY_HDREXT_IDS, bitmap_weight(x->ids, 256));
	if (!nla)
		return -EMSGSIZE;
	at = nla_data(nla);
	for_each_set_bit(id, x->ids, 256)
		*at++ = id;
	return 0;
}

static int fill(struct sk_buff *skb, const struct ksrtp_leg *leg, const struct ksrtp_key *key)
{
	if (nla_put_u32(skb, KSRTP_A_KEY_LEG_ID, leg->id) ||
	    nla_put_u32(skb, KSRTP_A_KEY_DIRECTION, key->direction) ||
	    nla_put_u32(skb, KSRTP_A_KEY_SLOT, key->slot) ||
	    nla_put_u32(skb, KSRTP_A_KEY_SUITE, key->suite) ||
	    (key->mki_len && nla_put(skb, KSRTP_A_KEY_MKI, key->mki_len, key->mki)) ||
	    nla_put_u32(skb, KSRTP_A_KEY_CRYPTEX, key->cryptex) ||
	    fill_hdrext(skb, key->hdrext) ||
	    nla_put_u8(skb, KSRTP_A_KEY_ACTIVE, ksrtp_key_is_active(leg, key)) ||
	    nla_put_u64_64bit(skb, KSRTP_A_KEY_SRTP_USED, atomic64_read(&key->used[0]),
			      KSRTP_A_KEY_PAD) ||
	    nla_put_u64_64bit(skb, KSRTP_A_KEY_SRTCP_USED, atomic64_read(&key->used[1]),
			      KSRTP_A_KEY_PAD))
		return -EMSGSIZE;
	return 0;
}

static bool missing_slot(struct genl_info *info)
{
	return ksrtp_nl_missing(info, KSRTP_A_KEY_LEG_ID, "leg-id") ||
	       ksrtp_nl_missing(info, KSRTP_A_KEY_DIRECTION, "direction") ||
	       ksrtp_nl_missing(info, KSRTP_A_KEY_SLOT, "slot");
}

static struct ksrtp_octets octets(const struct genl_info *info, int attr)
{
	const struct nlattr *nla = info->attrs[attr];

	return (struct ksrtp_octets){
		.data = nla ? nla_data(nla) : NULL,
		.len = nla ? nla_len(nla) : 0,
	};
}

static bool missing_octets(struct genl_info *info)
{
	return ksrtp_nl_missing(info, KSRTP_A_KEY_SRTP_KEY, "srtp-key") ||
	       ksrtp_nl_missing(info, KSRTP_A_KEY_SRTP_SALT, "srtp-salt") ||
	       ksrtp_nl_missing(info, KSRTP_A_KEY_SRTCP_KEY, "srtcp-key") ||
	       ksrtp_nl_missing(info, KSRTP_A_KEY_SRTCP_SALT, "srtcp-salt");
}

static bool missing_hdrext(struct genl_info *info)
{
	return info->attrs[KSRTP_A_KEY_HDREXT_IDS] &&
	       (ksrtp_nl_missing(info, KSRTP_A_KEY_HDREXT_KEY, "hdrext-key") ||
		ksrtp_nl_missing(info, KSRTP_A_KEY_HDREXT_SALT, "hdrext-salt"));
}

static int get_params(struct genl_info *info, struct ksrtp_key_params *params)
{
	static const int secrets[] = {
		KSRTP_A_KEY_SRTP_KEY, KSRTP_A_KEY_SRTP_SALT, KSRTP_A_KEY_SRTP_AUTH,
		KSRTP_A_KEY_SRTCP_KEY, KSRTP_A_KEY_SRTCP_SALT, KSRTP_A_KEY_SRTCP_AUTH,
		KSRTP_A_KEY_HDREXT_KEY, KSRTP_A_KEY_HDREXT_SALT,
	};
	size_t i;

	if (missing_slot(info) ||
	    ksrtp_nl_missing(info, KSRTP_A_KEY_SUITE, "suite") ||
	    ksrtp_nl_missing(info, KSRTP_A_KEY_CONTEXT, "context"))
		return -EINVAL;
	params->direction = nla_get_u32(info->attrs[KSRTP_A_KEY_DIRECTION]);
	params->slot = nla_get_u32(info->attrs[KSRTP_A_KEY_SLOT]);
	params->suite = nla_get_u32(info->attrs[KSRTP_A_KEY_SUITE]);
	params->context = nla_get_u32(info->attrs[KSRTP_A_KEY_CONTEXT]);
	params->roc = ksrtp_nl_u32(info, KSRTP_A_KEY_ROC, 0);
	params->cryptex = ksrtp_nl_u32(info, KSRTP_A_KEY_CRYPTEX, KSRTP_CRYPTEX_OFF);
	if (params->suite == KSRTP_SUITE_NONE) {
		for (i = 0; i < ARRAY_SIZE(secrets); i++)
			if (info->attrs[secrets[i]])
				return ksrtp_nl_refuse(info, secrets[i], -EINVAL,
						       "suite none takes no keys and salts");
	} else if (missing_octets(info) || missing_hdrext(info)) {
		return -EINVAL;
	}
	params->srtp_key = octets(info, KSRTP_A_KEY_SRTP_KEY);
	params->srtp_salt = octets(info, KSRTP_A_KEY_SRTP_SALT);
	params->srtp_auth = octets(info, KSRTP_A_KEY_SRTP_AUTH);
	params->srtcp_key = octets(info, KSRTP_A_KEY_SRTCP_KEY);
	params->srtcp_salt = octets(info, KSRTP_A_KEY_SRTCP_SALT);
	params->srtcp_auth = octets(info, KSRTP_A_KEY_SRTCP_AUTH);
	params->mki = octets(info, KSRTP_A_KEY_MKI);
	params->hdrext_key = octets(info, KSRTP_A_KEY_HDREXT_KEY);
	params->hdrext_salt = octets(info, KSRTP_A_KEY_HDREXT_SALT);
	params->hdrext_ids = octets(info, KSRTP_A_KEY_HDREXT_IDS);
	return 0;
}

int ksrtp_nl_key_new(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_key_params params = {};
	struct ksrtp_leg *leg;
	struct ksrtp_net *kn;
	int err;

	err = get_params(info, &params);
	if (err)
		goto out;
	kn = ksrtp_nl_lock(info);
	leg = ksrtp_nl_find_leg(kn, info->attrs[KSRTP_A_KEY_LEG_ID], info->extack);
	err = PTR_ERR_OR_ZERO(leg);
	if (!err)
		err = ksrtp_key_install(leg, &params, info->extack);
	mutex_unlock(&kn->lock);
out:
	/* All of it: an attribute that came twice is in info->attrs only once. */
	memzero_explicit(genlmsg_data(info->genlhdr), genlmsg_len(info->genlhdr));
	return err;
}

int ksrtp_nl_key_get(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_leg *leg;
	struct ksrtp_key *key;
	struct ksrtp_net *kn;
	struct sk_buff *reply;
	void *hdr;
	int err;

	if (missing_slot(info))
		return -EINVAL;
	reply = ksrtp_nl_reply_new(info, &hdr);
	if (!reply)
		return -ENOMEM;
	kn = ksrtp_nl_lock(info);
	leg = ksrtp_nl_find_leg(kn, info->attrs[KSRTP_A_KEY_LEG_ID], info->extack);
	err = PTR_ERR_OR_ZERO(leg);
	if (err)
		goto out;
	key = ksrtp_key_find(leg, nla_get_u32(info->attrs[KSRTP_A_KEY_DIRECTION]),
			     nla_get_u32(info->attrs[KSRTP_A_KEY_SLOT]));
	if (key)
		err = fill(reply, leg, key);
	else
		err = ksrtp_nl_refuse(info, KSRTP_A_KEY_SLOT, -ENOENT, "no key in this slot");
out:
	mutex_unlock(&kn->lock);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return ksrtp_nl_reply_send(info, reply, hdr);
}

/* Four slots a leg; the cursor's @sub is the next one. */
static int dump_leg(struct sk_buff *skb, struct netlink_callback *cb, const struct ksrtp_leg *leg)
{
	struct ksrtp_nl_cursor *cursor = ksrtp_nl_cursor(cb);
	const struct ksrtp_key *key;
	void *hdr;
	int err;

	for (; cursor->sub < 4; cursor->sub++) {
		key = ksrtp_key_find(leg, cursor->sub / 2, cursor->sub % 2);
		if (!key)
			continue;
		hdr = ksrtp_nl_dump_begin(skb, cb);
		err = hdr ? ksrtp_nl_dump_end(skb, hdr, fill(skb, leg, key)) : -EMSGSIZE;
		if (err)
			return err;
	}
	return 0;
}

static int dump_all(struct sk_buff *skb, struct netlink_callback *cb, struct ksrtp_net *kn)
{
	struct ksrtp_nl_cursor *cursor = ksrtp_nl_cursor(cb);
	struct ksrtp_leg *leg;
	unsigned long id;
	int err;

	xa_for_each_start(&kn->legs, id, leg, cursor->id) {
		/* The leg that the cursor stood in may have gone meanwhile. */
		if (id != cursor->id)
			cursor->sub = 0;
		cursor->id = id;
		err = dump_leg(skb, cb, leg);
		if (err)
			return err;
		cursor->id = id + 1;
		cursor->sub = 0;
	}
	return 0;
}

int ksrtp_nl_key_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct genl_info *info = genl_info_dump(cb);
	const struct nlattr *id = info->attrs[KSRTP_A_KEY_LEG_ID];
	struct ksrtp_net *kn = ksrtp_nl_lock(info);
	struct ksrtp_leg *leg;
	int err;

	cb->seq = kn->seq;
	if (id) {
		leg = ksrtp_nl_find_leg(kn, id, cb->extack);
		err = PTR_ERR_OR_ZERO(leg);
		if (!err)
			err = dump_leg(skb, cb, leg);
	} else {
		err = dump_all(skb, cb, kn);
	}
	mutex_unlock(&kn->lock);
	return ksrtp_nl_dump_status(skb, err);
}

int ksrtp_nl_key_activate(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_leg *leg;
	struct ksrtp_net *kn;
	int err;

	if (ksrtp_nl_missing(info, KSRTP_A_KEY_LEG_ID, "leg-id") ||
	    ksrtp_nl_missing(info, KSRTP_A_KEY_SLOT, "slot"))
		return -EINVAL;
	kn = ksrtp_nl_lock(info);
	leg = ksrtp_nl_find_leg(kn, info->attrs[KSRTP_A_KEY_LEG_ID], info->extack);
	err = PTR_ERR_OR_ZERO(leg);
	if (!err)
		err = ksrtp_key_activate(leg, nla_get_u32(info->attrs[KSRTP_A_KEY_SLOT]),
					 info->extack);
	mutex_unlock(&kn->lock);
	return err;
}

int ksrtp_nl_key_del(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_leg *leg;
	struct ksrtp_net *kn;
	int err;

	if (missing_slot(info))
		return -EINVAL;
	kn = ksrtp_nl_lock(info);
	leg = ksrtp_nl_find_leg(kn, info->attrs[KSRTP_A_KEY_LEG_ID], info->extack);
	err = PTR_ERR_OR_ZERO(leg);
	if (!err)
		err = ksrtp_key_remove(leg, nla_get_u32(info->attrs[KSRTP_A_KEY_DIRECTION]),
				       nla_get_u32(info->attrs[KSRTP_A_KEY_SLOT]),
				       info->extack);
	mutex_unlock(&kn->lock);
	return err;
}
