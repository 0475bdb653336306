/* SPDX-License-Identifier: GPL-2.0 */
/* What the files netlink_*.c share. */
#ifndef KSRTP_NETLINK_H
#define KSRTP_NETLINK_H

#include <net/genetlink.h>
#include <linux/ksrtp.h>

#include "stats.h"

struct ksrtp_addr;
struct ksrtp_leg;
struct ksrtp_net;

extern struct genl_family ksrtp_nl_family;

/* Say that a demanded attribute is missing, by number and in words. */
#define ksrtp_nl_missing(info, attr, name)				\
	({								\
		bool __missing = GENL_REQ_ATTR_CHECK(info, attr);	\
									\
		if (__missing)						\
			GENL_SET_ERR_MSG(info, "attribute '" name "' is missing"); \
		__missing;						\
	})

/* Refusal of what attribute @attr says. */
#define ksrtp_nl_refuse(info, attr, err, msg)				\
	({ NL_SET_ERR_MSG_ATTR((info)->extack, (info)->attrs[attr], msg); (err); })

static inline u32 ksrtp_nl_u32(const struct genl_info *info, int attr, u32 otherwise)
{
	return info->attrs[attr] ? nla_get_u32(info->attrs[attr]) : otherwise;
}

/* The namespace's state, with its lock taken. */
struct ksrtp_net *ksrtp_nl_lock(const struct genl_info *info);

/*
 * A reply to @info with its header; NULL without memory. Made before anything is
 * changed, so that afterwards only the sending can fail.
 */
struct sk_buff *ksrtp_nl_reply_new(struct genl_info *info, void **hdr);
/* Ends and sends it; consumes @skb in any case. */
int ksrtp_nl_reply_send(struct genl_info *info, struct sk_buff *skb, void *hdr);

/**
 * struct ksrtp_nl_cursor - where a dump goes on, kept in netlink_callback.ctx
 * @id: of the object, or of the leg that the objects belong to
 * @sub: how many of that leg's objects are done, or, for streams, the last one's id
 */
struct ksrtp_nl_cursor {
	unsigned long	id;
	u64		sub;
};

static inline struct ksrtp_nl_cursor *ksrtp_nl_cursor(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct ksrtp_nl_cursor) > sizeof(cb->ctx));
	return (struct ksrtp_nl_cursor *)cb->ctx;
}

/* Header of one object in a dump; NULL when the message is full. */
void *ksrtp_nl_dump_begin(struct sk_buff *skb, struct netlink_callback *cb);
/* With @err 0 the object stays, else it is taken back; returns @err. */
int ksrtp_nl_dump_end(struct sk_buff *skb, void *hdr, int err);
/* What a dumpit answers: @err -EMSGSIZE with something in @skb means more to come. */
int ksrtp_nl_dump_status(const struct sk_buff *skb, int err);

/* The leg that attribute @id names, or -ENOENT with its text. */
struct ksrtp_leg *ksrtp_nl_find_leg(struct ksrtp_net *kn, const struct nlattr *id,
				    struct netlink_ext_ack *extack);

/* netlink_attr.c */
int ksrtp_nl_put_addr(struct sk_buff *skb, const struct ksrtp_addr *addr, int ipv4, int ipv6,
		      int port);
/* A remote address out of three attributes: 1 found, 0 none of them there, or an errno. */
int ksrtp_nl_get_remote(struct genl_info *info, struct ksrtp_addr *addr);
int ksrtp_nl_put_drops(struct sk_buff *skb, int type, const u64 *dropped);
int ksrtp_nl_put_stats(struct sk_buff *skb, int type, const struct ksrtp_leg_stats *stats);

/* netlink_event.c: may events be sent? */
void ksrtp_nl_events_set(bool on);

/* Operations, by object; with do and dump of a get. */
int ksrtp_nl_stats_get(struct sk_buff *skb, struct genl_info *info);

int ksrtp_nl_call_new(struct sk_buff *skb, struct genl_info *info);
int ksrtp_nl_call_get(struct sk_buff *skb, struct genl_info *info);
int ksrtp_nl_call_dump(struct sk_buff *skb, struct netlink_callback *cb);
int ksrtp_nl_call_set(struct sk_buff *skb, struct genl_info *info);
int ksrtp_nl_call_del(struct sk_buff *skb, struct genl_info *info);
int ksrtp_nl_owner_alive(struct sk_buff *skb, struct genl_info *info);

int ksrtp_nl_leg_new(struct sk_buff *skb, struct genl_info *info);
int ksrtp_nl_leg_get(struct sk_buff *skb, struct genl_info *info);
int ksrtp_nl_leg_dump(struct sk_buff *skb, struct netlink_callback *cb);
int ksrtp_nl_leg_set(struct sk_buff *skb, struct genl_info *info);
int ksrtp_nl_leg_del(struct sk_buff *skb, struct genl_info *info);

int ksrtp_nl_key_new(struct sk_buff *skb, struct genl_info *info);
int ksrtp_nl_key_get(struct sk_buff *skb, struct genl_info *info);
int ksrtp_nl_key_dump(struct sk_buff *skb, struct netlink_callback *cb);
int ksrtp_nl_key_activate(struct sk_buff *skb, struct genl_info *info);
int ksrtp_nl_key_del(struct sk_buff *skb, struct genl_info *info);

int ksrtp_nl_route_new(struct sk_buff *skb, struct genl_info *info);
int ksrtp_nl_route_get(struct sk_buff *skb, struct genl_info *info);
int ksrtp_nl_route_dump(struct sk_buff *skb, struct netlink_callback *cb);
int ksrtp_nl_route_set(struct sk_buff *skb, struct genl_info *info);
int ksrtp_nl_route_del(struct sk_buff *skb, struct genl_info *info);

struct ksrtp_rewrite;
/* Allocates *@rewrite from the request, or sets it to NULL. */
int ksrtp_nl_get_rewrite(struct genl_info *info, struct ksrtp_rewrite **rewrite);
int ksrtp_nl_put_rewrite(struct sk_buff *skb, const struct ksrtp_rewrite *rewrite);

int ksrtp_nl_stream_dump(struct sk_buff *skb, struct netlink_callback *cb);

#endif /* KSRTP_NETLINK_H */
