// SPDX-License-Identifier: GPL-2.0
#include <linux/file.h>
#include <linux/jiffies.h>

#include "call.h"
#include "ice.h"
#include "leg.h"
#include "net.h"
#include "netlink.h"
#include "port.h"

static int fill(struct sk_buff *skb, const struct ksrtp_leg *leg)
{
	const struct ksrtp_port *port = ksrtp_leg_port(leg);
	unsigned long seen = READ_ONCE(leg->last_seen);
	struct ksrtp_leg_stats sum = {};
	struct ksrtp_addr remote;

	ksrtp_leg_stats_sum(leg->stats, &sum);
	if (nla_put_u32(skb, KSRTP_A_LEG_ID, leg->id) ||
	    nla_put_u32(skb, KSRTP_A_LEG_CALL_ID, leg->call->id) ||
	    ksrtp_nl_put_addr(skb, &port->local, KSRTP_A_LEG_LOCAL_IPV4,
			      KSRTP_A_LEG_LOCAL_IPV6, KSRTP_A_LEG_LOCAL_PORT) ||
	    (ksrtp_port_remote(port, &remote) &&
	     ksrtp_nl_put_addr(skb, &remote, KSRTP_A_LEG_REMOTE_IPV4,
			       KSRTP_A_LEG_REMOTE_IPV6, KSRTP_A_LEG_REMOTE_PORT)) ||
	    nla_put_u32(skb, KSRTP_A_LEG_STATE, READ_ONCE(leg->state)) ||
	    nla_put_u32(skb, KSRTP_A_LEG_FLAGS, READ_ONCE(leg->flags)) ||
	    nla_put_u8(skb, KSRTP_A_LEG_DSCP, READ_ONCE(leg->dscp)) ||
	    nla_put_u32(skb, KSRTP_A_LEG_WINDOW, leg->window[KSRTP_DIRECTION_RX]) ||
	    nla_put_u32(skb, KSRTP_A_LEG_STREAMS_MAX, leg->streams_max) ||
	    nla_put_u32(skb, KSRTP_A_LEG_DATAPATH, READ_ONCE(leg->datapath)) ||
	    nla_put_u32(skb, KSRTP_A_LEG_SLOW, READ_ONCE(leg->slow)) ||
	    ksrtp_nl_put_stats(skb, KSRTP_A_LEG_STATS, &sum))
		return -EMSGSIZE;
	if (seen && nla_put_u64_64bit(skb, KSRTP_A_LEG_IDLE_MS,
				      jiffies_to_msecs(jiffies - seen), KSRTP_A_LEG_PAD))
		return -EMSGSIZE;
	if (leg->relay && nla_put_u64_64bit(skb, KSRTP_A_LEG_RATE, leg->rate, KSRTP_A_LEG_PAD))
		return -EMSGSIZE;
	if (leg->source != leg->id && nla_put_u32(skb, KSRTP_A_LEG_RTCP_OF, leg->source))
		return -EMSGSIZE;
	if (ksrtp_ice_is_on(leg) &&
	    nla_put_u64_64bit(skb, KSRTP_A_LEG_CONSENT_MS,
			      jiffies_to_msecs(jiffies - READ_ONCE(leg->consent)), KSRTP_A_LEG_PAD))
		return -EMSGSIZE;
	return 0;
}

static const char *text(const struct genl_info *info, int attr)
{
	return info->attrs[attr] ? nla_data(info->attrs[attr]) : NULL;
}

/* ICE's credentials out of the request: NULL if there are none, or an ERR_PTR(). */
static struct ksrtp_ice *get_ice(struct genl_info *info)
{
	return ksrtp_ice_create(text(info, KSRTP_A_LEG_ICE_UFRAG), text(info, KSRTP_A_LEG_ICE_PWD),
				text(info, KSRTP_A_LEG_ICE_REMOTE_UFRAG), info->extack);
}

/* All of it, as with keys: what came twice is in info->attrs only once. */
static void wipe(struct genl_info *info)
{
	if (info->attrs[KSRTP_A_LEG_ICE_PWD])
		memzero_explicit(genlmsg_data(info->genlhdr), genlmsg_len(info->genlhdr));
}

static int get_params(struct genl_info *info, struct ksrtp_leg_params *params,
		      struct ksrtp_addr *remote)
{
	int found;

	if (ksrtp_nl_missing(info, KSRTP_A_LEG_CALL_ID, "call-id") ||
	    ksrtp_nl_missing(info, KSRTP_A_LEG_SOCKET, "socket"))
		return -EINVAL;
	found = ksrtp_nl_get_remote(info, remote);
	if (found < 0)
		return found;
	params->remote = found ? remote : NULL;
	params->socket = nla_get_s32(info->attrs[KSRTP_A_LEG_SOCKET]);
	params->state = ksrtp_nl_u32(info, KSRTP_A_LEG_STATE, KSRTP_LEG_STATE_HELD);
	params->flags = ksrtp_nl_u32(info, KSRTP_A_LEG_FLAGS, 0);
	params->window = ksrtp_nl_u32(info, KSRTP_A_LEG_WINDOW, KSRTP_WINDOW_DEFAULT);
	params->streams_max = ksrtp_nl_u32(info, KSRTP_A_LEG_STREAMS_MAX,
					   KSRTP_STREAMS_DEFAULT);
	params->rtcp_of = ksrtp_nl_u32(info, KSRTP_A_LEG_RTCP_OF, 0);
	if (info->attrs[KSRTP_A_LEG_DSCP])
		params->dscp = nla_get_u8(info->attrs[KSRTP_A_LEG_DSCP]);
	if (info->attrs[KSRTP_A_LEG_RATE])
		params->rate = nla_get_u64(info->attrs[KSRTP_A_LEG_RATE]);
	if (!is_power_of_2(params->window))
		return ksrtp_nl_refuse(info, KSRTP_A_LEG_WINDOW, -EINVAL,
				       "window must be a power of two from 64 to 8192");
	return 0;
}

static int leg_new(struct genl_info *info)
{
	struct ksrtp_leg_params params = {};
	struct ksrtp_addr remote;
	struct ksrtp_call *call;
	struct ksrtp_leg *leg;
	struct ksrtp_net *kn;
	struct sk_buff *reply;
	void *hdr;
	int err;

	err = get_params(info, &params, &remote);
	if (err)
		return err;
	params.ice = get_ice(info);
	if (IS_ERR(params.ice))
		return PTR_ERR(params.ice);
	reply = ksrtp_nl_reply_new(info, &hdr);
	if (!reply) {
		ksrtp_ice_free(params.ice);
		return -ENOMEM;
	}

	kn = ksrtp_nl_lock(info);
	call = ksrtp_call_find(kn, nla_get_u32(info->attrs[KSRTP_A_LEG_CALL_ID]));
	if (!call) {
		err = ksrtp_nl_refuse(info, KSRTP_A_LEG_CALL_ID, -ENOENT,
				      "no such call in this network namespace");
		goto err_reply;
	}
	leg = ksrtp_leg_create(call, &params, info->extack);
	if (IS_ERR(leg)) {
		err = PTR_ERR(leg);
		goto err_reply;
	}
	err = nla_put_u32(reply, KSRTP_A_LEG_ID, leg->id);
	if (err)
		nlmsg_free(reply);
	else
		err = ksrtp_nl_reply_send(info, reply, hdr);
	/* A leg whose id nobody knows would only hold its socket. */
	if (err)
		ksrtp_leg_destroy(leg);
	mutex_unlock(&kn->lock);
	return err;

err_reply:
	mutex_unlock(&kn->lock);
	ksrtp_ice_free(params.ice);
	nlmsg_free(reply);
	return err;
}

int ksrtp_nl_leg_new(struct sk_buff *skb, struct genl_info *info)
{
	int err = leg_new(info);

	wipe(info);
	return err;
}

struct ksrtp_leg *ksrtp_nl_find_leg(struct ksrtp_net *kn, const struct nlattr *id,
				    struct netlink_ext_ack *extack)
{
	struct ksrtp_leg *leg = ksrtp_leg_find(kn, nla_get_u32(id));

	if (leg)
		return leg;
	NL_SET_ERR_MSG_ATTR(extack, id, "no such leg in this network namespace");
	return ERR_PTR(-ENOENT);
}

/*
 * Sends the leg, with a new descriptor of its socket for the caller. The number is
 * reserved before and put into service only when the reply is queued, because a
 * descriptor in service can no longer be taken back.
 */
static int reply_with_socket(struct genl_info *info, struct sk_buff *reply, void *hdr,
			     struct file *file)
{
	int err, fd = get_unused_fd_flags(O_CLOEXEC);

	if (fd < 0) {
		nlmsg_free(reply);
		GENL_SET_ERR_MSG(info, "no free file descriptor for the socket");
		return fd;
	}
	err = nla_put_s32(reply, KSRTP_A_LEG_SOCKET, fd);
	if (err)
		nlmsg_free(reply);
	else
		err = ksrtp_nl_reply_send(info, reply, hdr);
	if (err) {
		put_unused_fd(fd);
		return err;
	}
	fd_install(fd, get_file(file));
	return 0;
}

int ksrtp_nl_leg_get(struct sk_buff *skb, struct genl_info *info)
{
	struct file *file = NULL;
	struct ksrtp_leg *leg;
	struct ksrtp_net *kn;
	struct sk_buff *reply;
	void *hdr;
	int err;

	if (ksrtp_nl_missing(info, KSRTP_A_LEG_ID, "id"))
		return -EINVAL;
	reply = ksrtp_nl_reply_new(info, &hdr);
	if (!reply)
		return -ENOMEM;
	kn = ksrtp_nl_lock(info);
	leg = ksrtp_nl_find_leg(kn, info->attrs[KSRTP_A_LEG_ID], info->extack);
	err = PTR_ERR_OR_ZERO(leg);
	if (!err)
		err = fill(reply, leg);
	if (!err && info->attrs[KSRTP_A_LEG_SOCKET_WANTED])
		file = get_file(ksrtp_leg_port(leg)->file);
	mutex_unlock(&kn->lock);
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	if (!file)
		return ksrtp_nl_reply_send(info, reply, hdr);
	err = reply_with_socket(info, reply, hdr, file);
	fput(file);
	return err;
}

static int dump_one(struct sk_buff *skb, struct netlink_callback *cb, const struct ksrtp_leg *leg)
{
	void *hdr = ksrtp_nl_dump_begin(skb, cb);

	return hdr ? ksrtp_nl_dump_end(skb, hdr, fill(skb, leg)) : -EMSGSIZE;
}

static int dump_call(struct sk_buff *skb, struct netlink_callback *cb, struct ksrtp_net *kn,
		     const struct nlattr *id)
{
	struct ksrtp_nl_cursor *cursor = ksrtp_nl_cursor(cb);
	struct ksrtp_call *call;
	struct ksrtp_leg *leg;
	u64 done = 0;
	int err;

	call = ksrtp_call_find(kn, nla_get_u32(id));
	if (!call) {
		NL_SET_ERR_MSG_ATTR(cb->extack, id, "no such call in this network namespace");
		return -ENOENT;
	}
	list_for_each_entry(leg, &call->legs, call_node) {
		if (done++ < cursor->sub)
			continue;
		err = dump_one(skb, cb, leg);
		if (err)
			return err;
		cursor->sub = done;
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
		err = dump_one(skb, cb, leg);
		if (err)
			return err;
		cursor->id = id + 1;
	}
	return 0;
}

int ksrtp_nl_leg_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct genl_info *info = genl_info_dump(cb);
	struct ksrtp_net *kn = ksrtp_nl_lock(info);
	int err;

	cb->seq = kn->seq;
	if (info->attrs[KSRTP_A_LEG_CALL_ID])
		err = dump_call(skb, cb, kn, info->attrs[KSRTP_A_LEG_CALL_ID]);
	else
		err = dump_all(skb, cb, kn);
	mutex_unlock(&kn->lock);
	return ksrtp_nl_dump_status(skb, err);
}

static int leg_set(struct genl_info *info)
{
	struct ksrtp_leg_change change = {};
	struct ksrtp_addr remote;
	struct ksrtp_leg *leg;
	struct ksrtp_net *kn;
	u32 state, flags;
	int err, socket;
	u64 rate;
	u8 dscp;

	if (ksrtp_nl_missing(info, KSRTP_A_LEG_ID, "id"))
		return -EINVAL;
	err = ksrtp_nl_get_remote(info, &remote);
	if (err < 0)
		return err;
	if (err)
		change.remote = &remote;
	if (info->attrs[KSRTP_A_LEG_SOCKET]) {
		socket = nla_get_s32(info->attrs[KSRTP_A_LEG_SOCKET]);
		change.socket = &socket;
	}
	if (info->attrs[KSRTP_A_LEG_STATE]) {
		state = nla_get_u32(info->attrs[KSRTP_A_LEG_STATE]);
		change.state = &state;
	}
	if (info->attrs[KSRTP_A_LEG_FLAGS]) {
		flags = nla_get_u32(info->attrs[KSRTP_A_LEG_FLAGS]);
		change.flags = &flags;
	}
	if (info->attrs[KSRTP_A_LEG_DSCP]) {
		dscp = nla_get_u8(info->attrs[KSRTP_A_LEG_DSCP]);
		change.dscp = &dscp;
	}
	if (info->attrs[KSRTP_A_LEG_RATE]) {
		rate = nla_get_u64(info->attrs[KSRTP_A_LEG_RATE]);
		change.rate = &rate;
	}
	change.ice = get_ice(info);
	if (IS_ERR(change.ice))
		return PTR_ERR(change.ice);
	if (!change.socket && !change.remote && !change.state && !change.flags && !change.dscp &&
	    !change.rate && !change.ice) {
		GENL_SET_ERR_MSG(info, "nothing to change: give a socket, the remote address, state, flags, dscp, rate or ice-ufrag, ice-pwd and ice-remote-ufrag");
		return -EINVAL;
	}

	kn = ksrtp_nl_lock(info);
	leg = ksrtp_nl_find_leg(kn, info->attrs[KSRTP_A_LEG_ID], info->extack);
	err = PTR_ERR_OR_ZERO(leg);
	if (!err)
		err = ksrtp_leg_set(leg, &change, info->extack);
	mutex_unlock(&kn->lock);
	if (err)
		ksrtp_ice_free(change.ice);
	return err;
}

int ksrtp_nl_leg_set(struct sk_buff *skb, struct genl_info *info)
{
	int err = leg_set(info);

	wipe(info);
	return err;
}

int ksrtp_nl_leg_del(struct sk_buff *skb, struct genl_info *info)
{
	struct ksrtp_leg *leg;
	struct ksrtp_net *kn;

	if (ksrtp_nl_missing(info, KSRTP_A_LEG_ID, "id"))
		return -EINVAL;
	kn = ksrtp_nl_lock(info);
	leg = ksrtp_nl_find_leg(kn, info->attrs[KSRTP_A_LEG_ID], info->extack);
	if (!IS_ERR(leg))
		ksrtp_leg_destroy(leg);
	mutex_unlock(&kn->lock);
	return PTR_ERR_OR_ZERO(leg);
}
