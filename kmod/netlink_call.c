// SPDX-License-Identifier: GPL-2.0
#include "call.h"
#include "net.h"
#include "netlink.h"

static int fill(struct sk_buff *skb, const struct ksrtp_call *call)
{
	if (nla_put_u32(skb, KSRTP_A_CALL_ID, call->id) ||
	    nla_put_string(skb, KSRTP_A_CALL_NAME, call->name) ||
	    nla_put_u32(skb, KSRTP_A_CALL_MODE, call->mode) ||
	    nla_put_u32(skb, KSRTP_A_CALL_OWNER, call->owner) ||
	    (call->owner && nla_put_u32(skb, KSRTP_A_CALL_LEASE, call->lease)) ||
	    nla_put_u32(skb, KSRTP_A_CALL_LEGS, call->leg_count))
		return -EMSGSIZE;
	return 0;
}

int ksrtp_nl_call_new(struct sk_buff *skb, struct genl_info *info)
{
	u32 owner = ksrtp_nl_u32(info, KSRTP_A_CALL_OWNER, 0);
	u32 lease = ksrtp_nl_u32(info, KSRTP_A_CALL_LEASE, 0);
	struct ksrtp_call *call;
	struct ksrtp_net *kn;
	struct sk_buff *reply;
	const char *name;
	void *hdr;
	int err;

	if (ksrtp_nl_missing(info, KSRTP_A_CALL_NAME, "name") ||
	    ksrtp_nl_missing(info, KSRTP_A_CALL_MODE, "mode"))
		return -EINVAL;
	name = nla_data(info->attrs[KSRTP_A_CALL_NAME]);
	if (!*name)
		return ksrtp_nl_refuse(info, KSRTP_A_CALL_NAME, -EINVAL,
				       "the name of a call must not be empty");
	if (lease && !owner)
		return ksrtp_nl_refuse(info, KSRTP_A_CALL_LEASE, -EINVAL,
				       "a lease needs an owner, who renews it");
	reply = ksrtp_nl_reply_new(info, &hdr);
	if (!reply)
		return -ENOMEM;

	kn = ksrtp_nl_lock(info);
	call = ksrtp_call_create(kn, name, nla_get_u32(info->attrs[KSRTP_A_CALL_MODE]), owner,
				 lease, info->extack);
	if (IS_ERR(call)) {
		err = PTR_ERR(call);
		nlmsg_free(reply);
		goto out;
	}
	err = nla_put_u32(reply, KSRTP_A_CALL_ID, call->id);
	if (err)
		nlmsg_free(reply);
	else
		err = ksrtp_nl_reply_send(info, reply, hdr);
	/* A call whose id nobody knows would only be in the way. */
	if (err)
		ksrtp_call_destroy(call);
out:
	mutex_unlock(&kn->lock);
	return err;
}

/* By whichever of id and name is there; exactly one must be. */
static struct ksrtp_call *find(struct ksrtp_net *kn, struct genl_info *info)
{
	const struct nlattr *id = info->attrs[KSRTP_A_CALL_ID];
	const struct nlattr *name = info->attrs[KSRTP_A_CALL_NAME];
	struct ksrtp_call *call;

	call = id ? ksrtp_call_find(kn, nla_get_u32(id)) :
		    ksrtp_call_find_name(kn, nla_data(name));
	if (call)
		return call;
	NL_SET_ERR_MSG_ATTR(info->extack, id ?: name, "no such call in this network namespace");
	return ERR_PTR(-ENOENT);
}

int ksrtp_nl_call_get(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_call *call;
	struct ksrtp_net *kn;
	struct sk_buff *reply;
	void *hdr;
	int err;

	if (!info->attrs[KSRTP_A_CALL_ID] && !info->attrs[KSRTP_A_CALL_NAME]) {
		GENL_SET_ERR_MSG(info, "attribute 'id' or 'name' is missing");
		return -EINVAL;
	}
	if (info->attrs[KSRTP_A_CALL_ID] && info->attrs[KSRTP_A_CALL_NAME])
		return ksrtp_nl_refuse(info, KSRTP_A_CALL_NAME, -EINVAL,
				       "id and name exclude each other");
	reply = ksrtp_nl_reply_new(info, &hdr);
	if (!reply)
		return -ENOMEM;
	kn = ksrtp_nl_lock(info);
	call = find(kn, info);
	err = PTR_ERR_OR_ZERO(call);
	if (!err)
		err = fill(reply, call);
	mutex_unlock(&kn->lock);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return ksrtp_nl_reply_send(info, reply, hdr);
}

int ksrtp_nl_call_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct ksrtp_nl_cursor *cursor = ksrtp_nl_cursor(cb);
	struct ksrtp_net *kn = ksrtp_nl_lock(genl_info_dump(cb));
	struct ksrtp_call *call;
	unsigned long id;
	int err = 0;
	void *hdr;

	cb->seq = kn->seq;
	xa_for_each_start(&kn->calls, id, call, cursor->id) {
		hdr = ksrtp_nl_dump_begin(skb, cb);
		err = hdr ? ksrtp_nl_dump_end(skb, hdr, fill(skb, call)) : -EMSGSIZE;
		if (err)
			break;
		cursor->id = id + 1;
	}
	mutex_unlock(&kn->lock);
	return ksrtp_nl_dump_status(skb, err);
}

int ksrtp_nl_call_set(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_call *call;
	struct ksrtp_net *kn;
	u32 owner, lease;
	int err = 0;

	if (ksrtp_nl_missing(info, KSRTP_A_CALL_ID, "id"))
		return -EINVAL;
	if (!info->attrs[KSRTP_A_CALL_OWNER] && !info->attrs[KSRTP_A_CALL_LEASE]) {
		GENL_SET_ERR_MSG(info, "nothing to change: give the owner or lease");
		return -EINVAL;
	}
	kn = ksrtp_nl_lock(info);
	call = ksrtp_call_find(kn, nla_get_u32(info->attrs[KSRTP_A_CALL_ID]));
	if (!call) {
		err = ksrtp_nl_refuse(info, KSRTP_A_CALL_ID, -ENOENT,
				      "no such call in this network namespace");
		goto out;
	}
	owner = ksrtp_nl_u32(info, KSRTP_A_CALL_OWNER, call->owner);
	lease = ksrtp_nl_u32(info, KSRTP_A_CALL_LEASE, call->lease);
	if (info->attrs[KSRTP_A_CALL_LEASE] && !owner)
		err = ksrtp_nl_refuse(info, KSRTP_A_CALL_LEASE, -EINVAL,
				      "a lease needs an owner, who renews it");
	else
		ksrtp_call_own(call, owner, lease);
out:
	mutex_unlock(&kn->lock);
	return err;
}

int ksrtp_nl_call_del(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_call *call;
	struct ksrtp_net *kn;

	if (ksrtp_nl_missing(info, KSRTP_A_CALL_ID, "id"))
		return -EINVAL;
	kn = ksrtp_nl_lock(info);
	call = ksrtp_call_find(kn, nla_get_u32(info->attrs[KSRTP_A_CALL_ID]));
	if (call)
		ksrtp_call_destroy(call);
	mutex_unlock(&kn->lock);
	if (call)
		return 0;
	return ksrtp_nl_refuse(info, KSRTP_A_CALL_ID, -ENOENT,
			       "no such call in this network namespace");
}

int ksrtp_nl_owner_alive(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_net *kn;
	u32 calls;

	if (ksrtp_nl_missing(info, KSRTP_A_OWNER_ID, "id"))
		return -EINVAL;
	kn = ksrtp_nl_lock(info);
	calls = ksrtp_owner_alive(kn, nla_get_u32(info->attrs[KSRTP_A_OWNER_ID]));
	mutex_unlock(&kn->lock);
	if (calls)
		return 0;
	return ksrtp_nl_refuse(info, KSRTP_A_OWNER_ID, -ENOENT,
			       "this owner has no call in this network namespace");
}
