/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ROUTE_H
#define KSRTP_ROUTE_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>
#include <linux/ksrtp.h>

#include "stats.h"

struct ksrtp_leg;
struct ksrtp_net;
struct netlink_ext_ack;

/**
 * struct ksrtp_route - what arrives on leg @from leaves on leg @to
 * @flags: enum ksrtp_route_flags, which packets it takes
 * @from_node: in @from's routes, RCU
 * @to_node: in @to's routes_to, under ksrtp_net.lock
 */
struct ksrtp_route {
	struct list_head	from_node;
	struct ksrtp_leg	*to;
	u32			flags;
	u32			id;
	struct ksrtp_route_stats __percpu *stats;
	struct ksrtp_leg	*from;
	struct list_head	to_node;
	struct rcu_work		free_work;
};

/* Under ksrtp_net.lock. */
struct ksrtp_route *ksrtp_route_create(struct ksrtp_leg *from, struct ksrtp_leg *to, u32 flags,
				       struct netlink_ext_ack *extack);
void ksrtp_route_destroy(struct ksrtp_route *route);
struct ksrtp_route *ksrtp_route_find(struct ksrtp_net *kn, u32 id);
/* A leg dies: every route from and to it. */
void ksrtp_routes_purge(struct ksrtp_leg *leg);

#endif /* KSRTP_ROUTE_H */
