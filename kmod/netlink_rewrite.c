// SPDX-License-Identifier: GPL-2.0
/* What a route rewrites: SSRCs and payload types, from and to netlink. */
#include <linux/slab.h>

#include "netlink.h"
#include "netlink_policy.h"
#include "route.h"

static int get_ssrc(struct genl_info *info, const struct nlattr *nest, struct ksrtp_rewrite *rw)
{
	struct nlattr *tb[KSRTP_A_SSRC_OUT + 1];
	int err, i;
	u32 in;

	err = nla_parse_nested(tb, KSRTP_A_SSRC_OUT, nest, ksrtp_nl_ssrc_policy, info->extack);
	if (err)
		return err;
	if (!tb[KSRTP_A_SSRC_IN] || !tb[KSRTP_A_SSRC_OUT]) {
		NL_SET_ERR_MSG_ATTR(info->extack, nest, "ssrc needs in and out");
		return -EINVAL;
	}
	if (rw->n_ssrcs == KSRTP_ROUTE_SSRCS_MAX) {
		NL_SET_ERR_MSG_ATTR(info->extack, nest, "a route maps at most 16 SSRCs itself");
		return -E2BIG;
	}
	in = nla_get_u32(tb[KSRTP_A_SSRC_IN]);
	for (i = 0; i < rw->n_ssrcs; i++) {
		if (rw->ssrcs[i].in == in) {
			NL_SET_ERR_MSG_ATTR(info->extack, nest, "the same SSRC is mapped twice");
			return -EEXIST;
		}
	}
	rw->ssrcs[rw->n_ssrcs].in = in;
	rw->ssrcs[rw->n_ssrcs].out = nla_get_u32(tb[KSRTP_A_SSRC_OUT]);
	rw->n_ssrcs++;
	return 0;
}

/* With the marker bit these would be RTCP on a shared port (RFC 5761, section 4). */
static bool looks_like_rtcp(u8 pt)
{
	return pt >= 64 && pt <= 95;
}

static int get_pt(struct genl_info *info, const struct nlattr *nest, struct ksrtp_rewrite *rw)
{
	struct nlattr *tb[KSRTP_A_PT_OUT + 1];
	int err;

	err = nla_parse_nested(tb, KSRTP_A_PT_OUT, nest, ksrtp_nl_pt_policy, info->extack);
	if (err)
		return err;
	if (!tb[KSRTP_A_PT_IN] || !tb[KSRTP_A_PT_OUT]) {
		NL_SET_ERR_MSG_ATTR(info->extack, nest, "pt needs in and out");
		return -EINVAL;
	}
	if (looks_like_rtcp(nla_get_u8(tb[KSRTP_A_PT_IN])) ||
	    looks_like_rtcp(nla_get_u8(tb[KSRTP_A_PT_OUT]))) {
		NL_SET_ERR_MSG_ATTR(info->extack, nest, "payload types 64 to 95 collide with RTCP");
		return -EINVAL;
	}
	rw->pt[nla_get_u8(tb[KSRTP_A_PT_IN])] = nla_get_u8(tb[KSRTP_A_PT_OUT]);
	rw->maps_pt = true;
	return 0;
}

int ksrtp_nl_get_rewrite(struct genl_info *info, struct ksrtp_rewrite **rewrite)
{
	const struct nlattr *nest;
	struct ksrtp_rewrite *rw;
	int left, err = 0, i;

	*rewrite = NULL;
	if (!info->attrs[KSRTP_A_ROUTE_SSRC] && !info->attrs[KSRTP_A_ROUTE_PT])
		return 0;
	rw = kzalloc(sizeof(*rw), GFP_KERNEL_ACCOUNT);
	if (!rw)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(rw->pt); i++)
		rw->pt[i] = i;
	/* Repeated attributes: info->attrs has the last one only. */
	nla_for_each_attr(nest, genlmsg_data(info->genlhdr), genlmsg_len(info->genlhdr), left) {
		if (nla_type(nest) == KSRTP_A_ROUTE_SSRC)
			err = get_ssrc(info, nest, rw);
		else if (nla_type(nest) == KSRTP_A_ROUTE_PT)
			err = get_pt(info, nest, rw);
		if (err) {
			kfree(rw);
			return err;
		}
	}
	*rewrite = rw;
	return 0;
}

static int put_pair(struct sk_buff *skb, int type, bool octets, u32 in, u32 out)
{
	struct nlattr *nest = nla_nest_start(skb, type);
	int err;

	if (!nest)
		return -EMSGSIZE;
	if (octets)
		err = nla_put_u8(skb, KSRTP_A_PT_IN, in) ?: nla_put_u8(skb, KSRTP_A_PT_OUT, out);
	else
		err = nla_put_u32(skb, KSRTP_A_SSRC_IN, in) ?:
		      nla_put_u32(skb, KSRTP_A_SSRC_OUT, out);
	if (err)
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int ksrtp_nl_put_rewrite(struct sk_buff *skb, const struct ksrtp_rewrite *rw)
{
	int err = 0, i;

	if (!rw)
		return 0;
	for (i = 0; i < rw->n_ssrcs && !err; i++)
		err = put_pair(skb, KSRTP_A_ROUTE_SSRC, false, rw->ssrcs[i].in, rw->ssrcs[i].out);
	for (i = 0; i < ARRAY_SIZE(rw->pt) && !err; i++)
		if (rw->pt[i] != i)
			err = put_pair(skb, KSRTP_A_ROUTE_PT, true, i, rw->pt[i]);
	return err;
}
