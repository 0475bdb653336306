// SPDX-License-Identifier: GPL-2.0
/* Attributes that several objects have: addresses, drops, counters. */
#include "leg.h"
#include "netlink.h"

int ksrtp_nl_put_addr(struct sk_buff *skb, const struct ksrtp_addr *addr, int ipv4, int ipv6,
		      int port)
{
	int err;

	if (ksrtp_addr_is_v4(addr))
		err = nla_put_in_addr(skb, ipv4, ksrtp_addr_v4(addr));
	else
		err = nla_put_in6_addr(skb, ipv6, &addr->ip);
	return err ?: nla_put_be16(skb, port, addr->port);
}

int ksrtp_nl_get_remote(struct genl_info *info, struct ksrtp_addr *addr)
{
	const struct nlattr *ipv4 = info->attrs[KSRTP_A_LEG_REMOTE_IPV4];
	const struct nlattr *ipv6 = info->attrs[KSRTP_A_LEG_REMOTE_IPV6];
	const struct nlattr *port = info->attrs[KSRTP_A_LEG_REMOTE_PORT];
	struct in6_addr in6;

	if (!ipv4 && !ipv6 && !port)
		return 0;
	if (ipv4 && ipv6)
		return ksrtp_nl_refuse(info, KSRTP_A_LEG_REMOTE_IPV6, -EINVAL,
				       "remote-ipv4 and remote-ipv6 exclude each other");
	if (!ipv4 && !ipv6)
		return ksrtp_nl_refuse(info, KSRTP_A_LEG_REMOTE_PORT, -EINVAL,
				       "remote-port needs remote-ipv4 or remote-ipv6");
	if (ksrtp_nl_missing(info, KSRTP_A_LEG_REMOTE_PORT, "remote-port"))
		return -EINVAL;
	if (ipv4) {
		ksrtp_addr_set_v4(addr, nla_get_in_addr(ipv4), nla_get_be16(port));
		return 1;
	}
	in6 = nla_get_in6_addr(ipv6);
	if (ipv6_addr_v4mapped(&in6))
		return ksrtp_nl_refuse(info, KSRTP_A_LEG_REMOTE_IPV6, -EINVAL,
				       "remote-ipv6 is a mapped IPv4 address; give it as remote-ipv4");
	ksrtp_addr_set_v6(addr, &in6, nla_get_be16(port));
	return 1;
}

int ksrtp_nl_put_drops(struct sk_buff *skb, int type, const u64 *dropped)
{
	struct nlattr *nest;
	u32 reason;

	for (reason = 0; reason <= KSRTP_REASON_MAX; reason++) {
		if (!dropped[reason])
			continue;
		nest = nla_nest_start(skb, type);
		if (!nest ||
		    nla_put_u32(skb, KSRTP_A_DROP_REASON, reason) ||
		    nla_put_u64_64bit(skb, KSRTP_A_DROP_COUNT, dropped[reason],
				      KSRTP_A_DROP_PAD))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

int ksrtp_nl_put_stats(struct sk_buff *skb, int type, const struct ksrtp_leg_stats *stats)
{
	const struct {
		int type;
		u64 count;
	} counters[] = {
		{ KSRTP_A_STATS_RECEIVED, stats->received },
		{ KSRTP_A_STATS_FORWARDED, stats->forwarded },
		{ KSRTP_A_STATS_ANSWERED, stats->answered },
		{ KSRTP_A_STATS_PASSED_UP, stats->passed_up },
		{ KSRTP_A_STATS_XDP, stats->xdp },
		{ KSRTP_A_STATS_SKB, stats->skb },
		{ KSRTP_A_STATS_RECEIVED_BYTES, stats->received_bytes },
		{ KSRTP_A_STATS_SENT, stats->sent },
		{ KSRTP_A_STATS_SENT_BYTES, stats->sent_bytes },
		{ KSRTP_A_STATS_SENT_XDP, stats->sent_xdp },
		{ KSRTP_A_STATS_SENT_SKB, stats->sent_skb },
		{ KSRTP_A_STATS_FRAGMENTED, stats->fragmented },
	};
	struct nlattr *nest = nla_nest_start(skb, type);
	size_t i;

	if (!nest)
		return -EMSGSIZE;
	for (i = 0; i < ARRAY_SIZE(counters); i++)
		if (nla_put_u64_64bit(skb, counters[i].type, counters[i].count,
				      KSRTP_A_STATS_PAD))
			return -EMSGSIZE;
	if (ksrtp_nl_put_drops(skb, KSRTP_A_STATS_DROP, stats->dropped))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}
