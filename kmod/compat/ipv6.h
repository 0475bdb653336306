/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IPv6 may be a module where there is <net/ipv6_stubs.h>; where there is none it is
 * part of the kernel, and called by name.
 */
#ifndef KSRTP_COMPAT_IPV6_H
#define KSRTP_COMPAT_IPV6_H

#include <net/addrconf.h>
#include <net/ip6_route.h>
#include <net/ndisc.h>

#if __has_include(<net/ipv6_stubs.h>)
#include <net/ipv6_stubs.h>

static inline struct dst_entry *ksrtp_ip6_route(struct net *net, const struct sock *sk,
						struct flowi6 *fl6)
{
	return ipv6_stub->ipv6_dst_lookup_flow(net, sk, fl6, NULL);
}

static inline struct neighbour *ksrtp_ip6_neighbour(struct net_device *dev,
						    const struct in6_addr *addr)
{
	return __ipv6_neigh_lookup_noref_stub(dev, addr);
}

static inline bool ksrtp_ip6_is_on(struct net *net, struct net_device *dev,
				   const struct in6_addr *addr)
{
	return ipv6_stub->ipv6_dev_find(net, addr, dev) == dev;
}
#else
static inline struct dst_entry *ksrtp_ip6_route(struct net *net, const struct sock *sk,
						struct flowi6 *fl6)
{
	return ip6_dst_lookup_flow(net, sk, fl6, NULL);
}

static inline struct neighbour *ksrtp_ip6_neighbour(struct net_device *dev,
						    const struct in6_addr *addr)
{
	return __ipv6_neigh_lookup_noref(dev, addr);
}

static inline bool ksrtp_ip6_is_on(struct net *net, struct net_device *dev,
				   const struct in6_addr *addr)
{
	return ipv6_dev_find(net, addr, dev) == dev;
}
#endif

#endif /* KSRTP_COMPAT_IPV6_H */
