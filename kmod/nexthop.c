// SPDX-License-Identifier: GPL-2.0
/*
 * The route and neighbour of now: the cached route is used only as long as
 * dst_check() says that it still holds, and the neighbour is looked up per packet.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/slab.h>
#include <net/arp.h>
#include <net/dst.h>
#include <net/inet_ecn.h>
#include <net/neighbour.h>
#include <net/route.h>
#include <net/sock.h>

#include "compat/flow.h"
#include "compat/ipv6.h"
#include "net.h"
#include "nexthop.h"

static void free_nexthop(struct ksrtp_nexthop *nexthop)
{
	dst_release(nexthop->dst);
	kfree(nexthop);
}

static void free_nexthop_rcu(struct rcu_head *rcu)
{
	free_nexthop(container_of(rcu, struct ksrtp_nexthop, rcu));
}

struct ksrtp_nexthop *ksrtp_nexthop_get(const struct ksrtp_port *port,
					const struct ksrtp_addr *remote)
{
	struct ksrtp_nexthop *nexthop = rcu_dereference(port->nexthop);

	if (!nexthop || !ksrtp_addr_equal(&nexthop->remote, remote) ||
	    !dst_check(nexthop->dst, nexthop->cookie))
		return NULL;
	return nexthop;
}

static struct dst_entry *route_v4(const struct ksrtp_port *port, const struct ksrtp_addr *remote)
{
	struct flowi4 fl4 = {
		.flowi4_oif = READ_ONCE(port->sk->sk_bound_dev_if),
		.flowi4_mark = READ_ONCE(port->sk->sk_mark),
		.flowi4_proto = IPPROTO_UDP,
		.saddr = ksrtp_addr_v4(&port->local),
		.daddr = ksrtp_addr_v4(remote),
		.fl4_sport = port->local.port,
		.fl4_dport = remote->port,
	};
	struct rtable *rt;

	ksrtp_flowi4_set_dscp(&fl4, READ_ONCE(port->leg->dscp));
	rt = ip_route_output_flow(port->leg->kn->net, &fl4, port->sk);
	if (IS_ERR(rt))
		return NULL;
	if (rt->rt_type != RTN_UNICAST && rt->rt_type != RTN_LOCAL) {
		ip_rt_put(rt);
		return NULL;
	}
	return &rt->dst;
}

static struct dst_entry *route_v6(const struct ksrtp_port *port, const struct ksrtp_addr *remote)
{
	struct flowi6 fl6 = {
		.flowi6_oif = READ_ONCE(port->sk->sk_bound_dev_if),
		.flowi6_mark = READ_ONCE(port->sk->sk_mark),
		.flowlabel = ip6_make_flowinfo(READ_ONCE(port->leg->dscp) << 2, 0),
		.flowi6_proto = IPPROTO_UDP,
		.saddr = port->local.ip,
		.daddr = remote->ip,
		.fl6_sport = port->local.port,
		.fl6_dport = remote->port,
	};
	struct dst_entry *dst = ksrtp_ip6_route(port->leg->kn->net, port->sk, &fl6);

	return IS_ERR(dst) ? NULL : dst;
}

struct ksrtp_nexthop *ksrtp_nexthop_resolve(struct ksrtp_port *port,
					    const struct ksrtp_addr *remote)
{
	struct ksrtp_nexthop *nexthop, *old;

	nexthop = ksrtp_nexthop_get(port, remote);
	if (nexthop)
		return nexthop;
	nexthop = kmalloc(sizeof(*nexthop), GFP_ATOMIC);
	if (!nexthop)
		return NULL;
	nexthop->dst = ksrtp_addr_is_v4(remote) ? route_v4(port, remote) :
						  route_v6(port, remote);
	if (!nexthop->dst) {
		kfree(nexthop);
		return NULL;
	}
	nexthop->cookie = ksrtp_addr_is_v4(remote) ? 0 : rt6_get_cookie(dst_rt6_info(nexthop->dst));
	nexthop->remote = *remote;

	spin_lock(&port->leg->lock);
	old = rcu_dereference_protected(port->nexthop, lockdep_is_held(&port->leg->lock));
	rcu_assign_pointer(port->nexthop, nexthop);
	spin_unlock(&port->leg->lock);
	if (old)
		call_rcu(&old->rcu, free_nexthop_rcu);
	return nexthop;
}

/* After the grace period of the port: nobody else looks at it. */
void ksrtp_nexthop_drop(struct ksrtp_port *port)
{
	struct ksrtp_nexthop *nexthop = rcu_dereference_protected(port->nexthop, true);

	RCU_INIT_POINTER(port->nexthop, NULL);
	if (nexthop)
		free_nexthop(nexthop);
}

static struct neighbour *find_neighbour(const struct dst_entry *dst, struct net_device *dev,
					const struct ksrtp_addr *remote)
{
	if (ksrtp_addr_is_v4(remote)) {
		const struct rtable *rt = dst_rtable(dst);

		if (rt->rt_gw_family == AF_INET6)
			return ksrtp_ip6_neighbour(dev, &rt->rt_gw6);
		return __ipv4_neigh_lookup_noref(dev, (__force u32)rt_nexthop(rt,
								ksrtp_addr_v4(remote)));
	}
	return ksrtp_ip6_neighbour(dev, rt6_nexthop(dst_rt6_info(dst),
						    (struct in6_addr *)&remote->ip));
}

/* Write the tags of @dev and of the devices under it, outermost first; the real device. */
static struct net_device *vlan_tags(struct net_device *dev, u8 *at, u8 *len)
{
	struct vlan_hdr_pair { __be16 proto, tci; } tags[2];
	int n = 0;

	while (is_vlan_dev(dev)) {
		if (n == ARRAY_SIZE(tags))
			return NULL;
		tags[n].proto = vlan_dev_vlan_proto(dev);
		tags[n].tci = htons(vlan_dev_vlan_id(dev));
		n++;
		dev = vlan_dev_priv(dev)->real_dev;
	}
	*len = 0;
	while (n--) {
		memcpy(at + *len, &tags[n], sizeof(tags[n]));
		*len += sizeof(tags[n]);
	}
	return dev;
}

enum ksrtp_slow ksrtp_nexthop_l2(const struct ksrtp_nexthop *nexthop,
				 const struct ksrtp_addr *remote, struct ksrtp_l2 *l2)
{
	bool v4 = ksrtp_addr_is_v4(remote);
	struct dst_entry *dst = nexthop->dst;
	struct net_device *dev = dst->dev, *real;
	struct neighbour *neigh;
	__be16 proto = v4 ? htons(ETH_P_IP) : htons(ETH_P_IPV6);
	u32 mtu = dst_mtu(dst);
	u8 tags_len;

	if (dst_xfrm(dst) || dst->lwtstate)
		return KSRTP_SLOW_EGRESS;
	real = vlan_tags(dev, l2->octets + 2 * ETH_ALEN, &tags_len);
	if (!real || real->type != ARPHRD_ETHER || !(real->flags & IFF_UP) ||
	    !netif_carrier_ok(real) || !(READ_ONCE(real->xdp_features) & NETDEV_XDP_ACT_NDO_XMIT))
		return KSRTP_SLOW_EGRESS;

	neigh = find_neighbour(dst, dev, remote);
	if (!neigh || !(READ_ONCE(neigh->nud_state) & NUD_VALID))
		return KSRTP_SLOW_NEXTHOP;
	/* Keeps a stale entry being probed, as sending through the stack would. */
	if (!(READ_ONCE(neigh->nud_state) & NUD_CONNECTED) || READ_ONCE(neigh->used) != jiffies)
		neigh_event_send(neigh, NULL);
	neigh_ha_snapshot(l2->octets, neigh, dev);
	memcpy(l2->octets + ETH_ALEN, dev->dev_addr, ETH_ALEN);
	memcpy(l2->octets + 2 * ETH_ALEN + tags_len, &proto, sizeof(proto));
	l2->len = ETH_HLEN + tags_len;
	l2->ifindex = real->ifindex;
	l2->mtu = min_t(u32, mtu, U16_MAX);
	l2->ttl = v4 ? ip4_dst_hoplimit(dst) : ip6_dst_hoplimit(dst);
	return KSRTP_SLOW_NONE;
}
