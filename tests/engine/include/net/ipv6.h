/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_NET_IPV6_H
#define KSRTP_ENGINE_NET_IPV6_H

#include <linux/in6.h>

#define ipv6_addr_equal(a, b)	(!memcmp(a, b, sizeof(struct in6_addr)))
#define ipv6_addr_v4mapped(a)	((bool)IN6_IS_ADDR_V4MAPPED(a))
#define ipv6_addr_any(a)	((bool)IN6_IS_ADDR_UNSPECIFIED(a))
#define ipv6_addr_is_multicast(a) ((bool)IN6_IS_ADDR_MULTICAST(a))
#define ipv4_is_multicast(ip)	((ntohl(ip) >> 28) == 14)
#define ipv4_is_zeronet(ip)	((ntohl(ip) >> 24) == 0)
#define ipv4_is_lbcast(ip)	(ntohl(ip) == 0xffffffff)

static inline void ipv6_addr_set_v4mapped(__be32 ip, struct in6_addr *a)
{
	memset(a, 0, sizeof(*a));
	a->s6_addr[10] = 0xff;
	a->s6_addr[11] = 0xff;
	memcpy(a->s6_addr + 12, &ip, sizeof(ip));
}

#endif /* KSRTP_ENGINE_NET_IPV6_H */
