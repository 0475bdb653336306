// SPDX-License-Identifier: GPL-2.0
#include "aead.h"
#include "engine.h"
#include "net.h"
#include "netlink.h"
#include "version.h"

static int fill(struct sk_buff *skb, struct ksrtp_net *kn)
{
	struct ksrtp_leg_stats sum = {};

	ksrtp_net_stats_sum(kn, &sum);
	if (nla_put_string(skb, KSRTP_A_INFO_VERSION, KSRTP_VERSION) ||
	    nla_put_string(skb, KSRTP_A_INFO_AEAD_DRIVER, ksrtp_aead_driver()) ||
	    nla_put_string(skb, KSRTP_A_INFO_AEAD_FALLBACK, ksrtp_aead_fallback()) ||
	    nla_put_u32(skb, KSRTP_A_INFO_CALLS, kn->call_count) ||
	    nla_put_u32(skb, KSRTP_A_INFO_LEGS, kn->leg_count) ||
	    nla_put_u32(skb, KSRTP_A_INFO_LEGS_MAX, kn->legs_max) ||
	    nla_put_u32(skb, KSRTP_A_INFO_KEYRING_USED, kn->keyring.count) ||
	    nla_put_u32(skb, KSRTP_A_INFO_KEYRING_MAX, READ_ONCE(ksrtp_keyring_max)) ||
	    ksrtp_nl_put_stats(skb, KSRTP_A_INFO_STATS, &sum) ||
	    nla_put_u64_64bit(skb, KSRTP_A_INFO_AEAD_FALLBACK_USED,
			      ksrtp_engine_without_fpu(), KSRTP_A_INFO_PAD))
		return -EMSGSIZE;
	return 0;
}

int ksrtp_nl_stats_get(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn;
	struct sk_buff *reply;
	void *hdr;
	int err;

	reply = ksrtp_nl_reply_new(info, &hdr);
	if (!reply)
		return -ENOMEM;
	kn = ksrtp_nl_lock(info);
	err = fill(reply, kn);
	mutex_unlock(&kn->lock);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return ksrtp_nl_reply_send(info, reply, hdr);
}
