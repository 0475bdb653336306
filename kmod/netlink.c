// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family: its operations, and what they share. Requests of one
 * network namespace exclude each other by ksrtp_net.lock alone (parallel_ops).
 */
#include <linux/module.h>

#include "event.h"
#include "net.h"
#include "netlink.h"
#include "netlink_policy.h"

#define POLICY(name)	.policy = ksrtp_nl_##name##_policy, \
			.maxattr = ARRAY_SIZE(ksrtp_nl_##name##_policy) - 1
#define DO		(GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DO)
#define DUMP		(GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP)

static const struct genl_split_ops ops[] = {
	{
		.cmd = KSRTP_CMD_STATS_GET,
		.doit = ksrtp_nl_stats_get,
		POLICY(none),
		.flags = DO,
	},
	{
		.cmd = KSRTP_CMD_CALL_NEW,
		.doit = ksrtp_nl_call_new,
		POLICY(call_new),
		.flags = DO,
	},
	{
		.cmd = KSRTP_CMD_CALL_GET,
		.doit = ksrtp_nl_call_get,
		POLICY(call_get),
		.flags = DO,
	},
	{
		.cmd = KSRTP_CMD_CALL_GET,
		.dumpit = ksrtp_nl_call_dump,
		POLICY(none),
		.flags = DUMP,
	},
	{
		.cmd = KSRTP_CMD_CALL_DEL,
		.doit = ksrtp_nl_call_del,
		POLICY(call_del),
		.flags = DO,
	},
	{
		.cmd = KSRTP_CMD_LEG_NEW,
		.doit = ksrtp_nl_leg_new,
		POLICY(leg_new),
		.flags = DO,
	},
	{
		.cmd = KSRTP_CMD_LEG_GET,
		.doit = ksrtp_nl_leg_get,
		POLICY(leg_get),
		.flags = DO,
	},
	{
		.cmd = KSRTP_CMD_LEG_GET,
		.dumpit = ksrtp_nl_leg_dump,
		POLICY(leg_dump),
		.flags = DUMP,
	},
	{
		.cmd = KSRTP_CMD_LEG_SET,
		.doit = ksrtp_nl_leg_set,
		POLICY(leg_set),
		.flags = DO,
	},
	{
		.cmd = KSRTP_CMD_LEG_DEL,
		.doit = ksrtp_nl_leg_del,
		POLICY(leg_del),
		.flags = DO,
	},
	{
		.cmd = KSRTP_CMD_KEY_NEW,
		.doit = ksrtp_nl_key_new,
		POLICY(key_new),
		.flags = DO,
	},
	{
		.cmd = KSRTP_CMD_KEY_GET,
		.doit = ksrtp_nl_key_get,
		POLICY(key_get),
		.flags = DO,
	},
	{
		.cmd = KSRTP_CMD_KEY_GET,
		.dumpit = ksrtp_nl_key_dump,
		POLICY(key_dump),
		.flags = DUMP,
	},
	{
		.cmd = KSRTP_CMD_KEY_ACTIVATE,
		.doit = ksrtp_nl_key_activate,
		POLICY(key_activate),
		.flags = DO,
	},
	{
		.cmd = KSRTP_CMD_KEY_DEL,
		.doit = ksrtp_nl_key_del,
		POLICY(key_del),
		.flags = DO,
	},
	{
		.cmd = KSRTP_CMD_ROUTE_NEW,
		.doit = ksrtp_nl_route_new,
		POLICY(route_new),
		.flags = DO,
	},
	{
		.cmd = KSRTP_CMD_ROUTE_GET,
		.doit = ksrtp_nl_route_get,
		POLICY(route_get),
		.flags = DO,
	},
	{
		.cmd = KSRTP_CMD_ROUTE_GET,
		.dumpit = ksrtp_nl_route_dump,
		POLICY(route_dump),
		.flags = DUMP,
	},
	{
		.cmd = KSRTP_CMD_ROUTE_DEL,
		.doit = ksrtp_nl_route_del,
		POLICY(route_del),
		.flags = DO,
	},
	{
		.cmd = KSRTP_CMD_STREAM_GET,
		.dumpit = ksrtp_nl_stream_dump,
		POLICY(stream_dump),
		.flags = DUMP,
	},
	{
		.cmd = KSRTP_CMD_OWNER_ALIVE,
		.doit = ksrtp_nl_owner_alive,
		POLICY(owner_alive),
		.flags = DO,
	},
	{
		.cmd = KSRTP_CMD_ROUTE_SET,
		.doit = ksrtp_nl_route_set,
		POLICY(route_set),
		.flags = DO,
	},
	{
		.cmd = KSRTP_CMD_CALL_SET,
		.doit = ksrtp_nl_call_set,
		POLICY(call_set),
		.flags = DO,
	},
};

static const struct genl_multicast_group groups[] = {
	{ .name = KSRTP_MCGRP_EVENTS, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

struct genl_family ksrtp_nl_family __ro_after_init = {
	.name = KSRTP_FAMILY_NAME,
	.version = KSRTP_FAMILY_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.split_ops = ops,
	.n_split_ops = ARRAY_SIZE(ops),
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

MODULE_ALIAS_GENL_FAMILY(KSRTP_FAMILY_NAME);

int ksrtp_nl_init(void)
{
	int err = genl_register_family(&ksrtp_nl_family);

	if (!err)
		ksrtp_nl_events_set(true);
	return err;
}

void ksrtp_nl_uninit(void)
{
	ksrtp_nl_events_set(false);
	genl_unregister_family(&ksrtp_nl_family);
}

struct ksrtp_net *ksrtp_nl_lock(const struct genl_info *info)
{
	struct ksrtp_net *kn = ksrtp_net(genl_info_net(info));

	mutex_lock(&kn->lock);
	return kn;
}

struct sk_buff *ksrtp_nl_reply_new(struct genl_info *info, void **hdr)
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL_ACCOUNT);

	if (skb) {
		*hdr = genlmsg_iput(skb, info);
		if (*hdr)
			return skb;
		nlmsg_free(skb);
	}
	GENL_SET_ERR_MSG(info, "no memory for the reply");
	return NULL;
}

int ksrtp_nl_reply_send(struct genl_info *info, struct sk_buff *skb, void *hdr)
{
	int err;

	genlmsg_end(skb, hdr);
	err = genlmsg_reply(skb, info);
	if (err)
		GENL_SET_ERR_MSG(info, "the reply could not be queued: read the socket's earlier replies first");
	return err;
}

void *ksrtp_nl_dump_begin(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct genl_info *info = genl_info_dump(cb);
	void *hdr = __genlmsg_iput(skb, info, NLM_F_MULTI);

	if (hdr)
		genl_dump_check_consistent(cb, hdr);
	return hdr;
}

int ksrtp_nl_dump_end(struct sk_buff *skb, void *hdr, int err)
{
	if (err)
		genlmsg_cancel(skb, hdr);
	else
		genlmsg_end(skb, hdr);
	return err;
}

int ksrtp_nl_dump_status(const struct sk_buff *skb, int err)
{
	return err == -EMSGSIZE && skb->len ? skb->len : err;
}
