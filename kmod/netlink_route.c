// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>

#include "leg.h"
#include "net.h"
#include "netlink.h"
#include "route.h"

static int fill(struct sk_buff *skb, const struct ksrtp_route *route)
{
	struct ksrtp_route_stats sum = {};

	ksrtp_route_stats_sum(route->stats, &sum);
	if (nla_put_u32(skb, KSRTP_A_ROUTE_ID, route->id) ||
	    nla_put_u32(skb, KSRTP_A_ROUTE_FROM, route->from->id) ||
	    nla_put_u32(skb, KSRTP_A_ROUTE_TO, route->to->id) ||
	    nla_put_u32(skb, KSRTP_A_ROUTE_FLAGS, route->flags) ||
	    nla_put_u64_64bit(skb, KSRTP_A_ROUTE_COPIES, sum.copies, KSRTP_A_ROUTE_PAD) ||
	    nla_put_u64_64bit(skb, KSRTP_A_ROUTE_SENT, sum.sent, KSRTP_A_ROUTE_PAD) ||
	    ksrtp_nl_put_drops(skb, KSRTP_A_ROUTE_DROP, sum.dropped) ||
	    ksrtp_nl_put_rewrite(skb, route->rewrite))
		return -EMSGSIZE;
	return 0;
}

static struct ksrtp_route *create(struct ksrtp_net *kn, struct genl_info *info, u32 flags,
				  struct ksrtp_rewrite *rewrite)
{
	struct ksrtp_leg *from, *to;

	from = ksrtp_nl_find_leg(kn, info->attrs[KSRTP_A_ROUTE_FROM], info->extack);
	if (IS_ERR(from))
		return ERR_CAST(from);
	to = ksrtp_nl_find_leg(kn, info->attrs[KSRTP_A_ROUTE_TO], info->extack);
	if (IS_ERR(to))
		return ERR_CAST(to);
	return ksrtp_route_create(from, to, flags, rewrite, info->extack);
}

int ksrtp_nl_route_new(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_rewrite *rewrite;
	struct ksrtp_route *route;
	struct ksrtp_net *kn;
	struct sk_buff *reply;
	u32 flags;
	void *hdr;
	int err;

	if (ksrtp_nl_missing(info, KSRTP_A_ROUTE_FROM, "from") ||
	    ksrtp_nl_missing(info, KSRTP_A_ROUTE_TO, "to") ||
	    ksrtp_nl_missing(info, KSRTP_A_ROUTE_FLAGS, "flags"))
		return -EINVAL;
	flags = nla_get_u32(info->attrs[KSRTP_A_ROUTE_FLAGS]);
	if (!(flags & (KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP)))
		return ksrtp_nl_refuse(info, KSRTP_A_ROUTE_FLAGS, -EINVAL,
				       "a route carries RTP, RTCP or both: flags must not be 0");
	err = ksrtp_nl_get_rewrite(info, &rewrite);
	if (err)
		return err;
	reply = ksrtp_nl_reply_new(info, &hdr);
	if (!reply) {
		kfree(rewrite);
		return -ENOMEM;
	}

	kn = ksrtp_nl_lock(info);
	route = create(kn, info, flags, rewrite);
	if (IS_ERR(route)) {
		err = PTR_ERR(route);
		kfree(rewrite);
		nlmsg_free(reply);
		goto out;
	}
	err = nla_put_u32(reply, KSRTP_A_ROUTE_ID, route->id);
	if (err)
		nlmsg_free(reply);
	else
		err = ksrtp_nl_reply_send(info, reply, hdr);
	/* A route whose id nobody knows would go on forwarding. */
	if (err)
		ksrtp_route_destroy(route);
out:
	mutex_unlock(&kn->lock);
	return err;
}

static struct ksrtp_route *find(struct ksrtp_net *kn, struct genl_info *info)
{
	struct ksrtp_route *route;

	route = ksrtp_route_find(kn, nla_get_u32(info->attrs[KSRTP_A_ROUTE_ID]));
	if (route)
		return route;
	NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[KSRTP_A_ROUTE_ID],
			    "no such route in this network namespace");
	return ERR_PTR(-ENOENT);
}

int ksrtp_nl_route_get(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_route *route;
	struct ksrtp_net *kn;
	struct sk_buff *reply;
	void *hdr;
	int err;

	if (ksrtp_nl_missing(info, KSRTP_A_ROUTE_ID, "id"))
		return -EINVAL;
	reply = ksrtp_nl_reply_new(info, &hdr);
	if (!reply)
		return -ENOMEM;
	kn = ksrtp_nl_lock(info);
	route = find(kn, info);
	err = PTR_ERR_OR_ZERO(route);
	if (!err)
		err = fill(reply, route);
	mutex_unlock(&kn->lock);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	return ksrtp_nl_reply_send(info, reply, hdr);
}

static int dump_one(struct sk_buff *skb, struct netlink_callback *cb,
		    const struct ksrtp_route *route)
{
	void *hdr = ksrtp_nl_dump_begin(skb, cb);

	return hdr ? ksrtp_nl_dump_end(skb, hdr, fill(skb, route)) : -EMSGSIZE;
}

static int dump_leg(struct sk_buff *skb, struct netlink_callback *cb, const struct ksrtp_leg *leg)
{
	struct ksrtp_nl_cursor *cursor = ksrtp_nl_cursor(cb);
	const struct ksrtp_route *route;
	u64 done = 0;
	int err;

	list_for_each_entry(route, &leg->routes, from_node) {
		if (done++ < cursor->sub)
			continue;
		err = dump_one(skb, cb, route);
		if (err)
			return err;
		cursor->sub = done;
	}
	return 0;
}

static int dump_all(struct sk_buff *skb, struct netlink_callback *cb, struct ksrtp_net *kn)
{
	struct ksrtp_nl_cursor *cursor = ksrtp_nl_cursor(cb);
	struct ksrtp_route *route;
	unsigned long id;
	int err;

	xa_for_each_start(&kn->routes, id, route, cursor->id) {
		err = dump_one(skb, cb, route);
		if (err)
			return err;
		cursor->id = id + 1;
	}
	return 0;
}

int ksrtp_nl_route_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct genl_info *info = genl_info_dump(cb);
	const struct nlattr *id = info->attrs[KSRTP_A_ROUTE_FROM];
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

int ksrtp_nl_route_set(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_route *route;
	struct ksrtp_net *kn;
	int err;

	if (ksrtp_nl_missing(info, KSRTP_A_ROUTE_ID, "id") ||
	    ksrtp_nl_missing(info, KSRTP_A_ROUTE_FLAGS, "flags"))
		return -EINVAL;
	kn = ksrtp_nl_lock(info);
	route = find(kn, info);
	err = PTR_ERR_OR_ZERO(route);
	if (!err)
		err = ksrtp_route_set(route, nla_get_u32(info->attrs[KSRTP_A_ROUTE_FLAGS]),
				      info->extack);
	mutex_unlock(&kn->lock);
	return err;
}

int ksrtp_nl_route_del(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_route *route;
	struct ksrtp_net *kn;

	if (ksrtp_nl_missing(info, KSRTP_A_ROUTE_ID, "id"))
		return -EINVAL;
	kn = ksrtp_nl_lock(info);
	route = find(kn, info);
	if (!IS_ERR(route))
		ksrtp_route_destroy(route);
	mutex_unlock(&kn->lock);
	return PTR_ERR_OR_ZERO(route);
}
