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

#define KSRTP_ROUTE_SSRCS_MAX	16

/**
 * struct ksrtp_rewrite - what a route changes in the plain packet; never changed itself
 * @pt: by payload type, the one to leave with
 * @ssrcs: SSRCs to leave with others than they came with
 */
struct ksrtp_rewrite {
	u8	pt[128];
	bool	maps_pt;
	u8	n_ssrcs;
	struct {
		u32	in, out;
	} ssrcs[KSRTP_ROUTE_SSRCS_MAX];
};

/**
 * struct ksrtp_route - what arrives on leg @from leaves on leg @to
 * @flags: enum ksrtp_route_flags, which packets it takes
 * @rewrite: NULL: nothing
 * @from_node: in @from's routes, RCU
 * @to_node: in @to's routes_to, under ksrtp_net.lock
 */
struct ksrtp_route {
	struct list_head	from_node;
	struct ksrtp_leg	*to;
	u32			flags;
	u32			id;
	struct ksrtp_rewrite	*rewrite;
	struct ksrtp_route_stats __percpu *stats;
	struct ksrtp_leg	*from;
	struct list_head	to_node;
	struct rcu_work		free_work;
};

/* Under ksrtp_net.lock. */
/* Takes over @rewrite (kmalloc'd, or NULL) when it succeeds. */
struct ksrtp_route *ksrtp_route_create(struct ksrtp_leg *from, struct ksrtp_leg *to, u32 flags,
				       struct ksrtp_rewrite *rewrite,
				       struct netlink_ext_ack *extack);
int ksrtp_route_set(struct ksrtp_route *route, u32 flags, struct netlink_ext_ack *extack);
void ksrtp_route_destroy(struct ksrtp_route *route);
struct ksrtp_route *ksrtp_route_find(struct ksrtp_net *kn, u32 id);
/* A leg dies: every route from and to it. */
void ksrtp_routes_purge(struct ksrtp_leg *leg);

/* The SSRC that @ssrc leaves with, as far as the route says. */
static inline u32 ksrtp_route_ssrc(const struct ksrtp_route *route, u32 ssrc)
{
	const struct ksrtp_rewrite *rewrite = route->rewrite;
	int i;

	for (i = 0; rewrite && i < rewrite->n_ssrcs; i++)
		if (rewrite->ssrcs[i].in == ssrc)
			return rewrite->ssrcs[i].out;
	return ssrc;
}

/* Does the route take packets for which @takers was found by ksrtp_path_takers()? */
static inline bool ksrtp_route_takes(const struct ksrtp_route *route, u32 takers)
{
	return READ_ONCE(route->flags) & takers;
}

#endif /* KSRTP_ROUTE_H */
