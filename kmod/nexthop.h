/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_NEXTHOP_H
#define KSRTP_NEXTHOP_H

#include <linux/rcupdate.h>

#include "leg.h"
#include "port.h"

struct dst_entry;

#define KSRTP_L2_MAX	22	/* Ethernet and two VLAN tags */

/**
 * struct ksrtp_nexthop - the route from a port to its remote address
 * @remote: which remote address it is for
 * @cookie: for dst_check()
 */
struct ksrtp_nexthop {
	struct dst_entry	*dst;
	u32			cookie;
	struct ksrtp_addr	remote;
	struct rcu_head		rcu;
};

/* What XDP needs to send a frame: plain values, valid now. */
struct ksrtp_l2 {
	u32	ifindex;
	u16	mtu;
	u8	len;
	u8	ttl;
	u8	octets[KSRTP_L2_MAX];
};

/* Under RCU: the cached route if it still holds, else NULL. Allocates nothing. */
struct ksrtp_nexthop *ksrtp_nexthop_get(const struct ksrtp_port *port,
					const struct ksrtp_addr *remote);
/* The same, but looks the route up anew where needed (skb path). NULL: unreachable. */
struct ksrtp_nexthop *ksrtp_nexthop_resolve(struct ksrtp_port *port,
					    const struct ksrtp_addr *remote);
/* Link-layer header toward it; 0 (KSRTP_SLOW_NONE) or why XDP cannot send there. */
enum ksrtp_slow ksrtp_nexthop_l2(const struct ksrtp_nexthop *nexthop,
				 const struct ksrtp_addr *remote, struct ksrtp_l2 *l2);
void ksrtp_nexthop_drop(struct ksrtp_port *port);

#endif /* KSRTP_NEXTHOP_H */
