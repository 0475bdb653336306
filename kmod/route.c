// SPDX-License-Identifier: GPL-2.0
#include <linux/netlink.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "call.h"
#include "leg.h"
#include "net.h"
#include "route.h"
#include "stream.h"

struct ksrtp_route *ksrtp_route_find(struct ksrtp_net *kn, u32 id)
{
	lockdep_assert_held(&kn->lock);
	return xa_load(&kn->routes, id);
}

static void free_after_grace(struct work_struct *work)
{
	struct ksrtp_route *route = container_of(to_rcu_work(work), struct ksrtp_route,
						 free_work);

	free_percpu(route->stats);
	kfree(route->rewrite);
	kfree(route);
}

static int check_pair(const struct ksrtp_leg *from, const struct ksrtp_leg *to,
		      struct netlink_ext_ack *extack)
{
	const struct ksrtp_route *route;

	if (from == to) {
		NL_SET_ERR_MSG(extack, "a route joins two different legs");
		return -ELOOP;
	}
	if (from->call != to->call) {
		NL_SET_ERR_MSG(extack, "a route joins legs of one call only");
		return -EXDEV;
	}
	if (from->route_count >= KSRTP_ROUTES_MAX) {
		NL_SET_ERR_MSG(extack, "too many routes leave this leg");
		return -ENOSPC;
	}
	list_for_each_entry(route, &from->routes, from_node) {
		if (route->to == to) {
			NL_SET_ERR_MSG(extack, "a route between these legs exists");
			return -EEXIST;
		}
	}
	return 0;
}

/* What this host cannot authenticate it must not change either. */
static int check_rewrite(const struct ksrtp_leg *from, u32 flags,
			 const struct ksrtp_rewrite *rewrite, struct netlink_ext_ack *extack)
{
	if (!from->relay || (!rewrite && !(flags & KSRTP_ROUTE_F_MAP_SSRC)))
		return 0;
	NL_SET_ERR_MSG(extack, "packets of an end-to-end call leave as they came: no SSRC or payload type can be mapped");
	return -EPERM;
}

struct ksrtp_route *ksrtp_route_create(struct ksrtp_leg *from, struct ksrtp_leg *to, u32 flags,
				       struct ksrtp_rewrite *rewrite,
				       struct netlink_ext_ack *extack)
{
	struct ksrtp_net *kn = from->kn;
	struct ksrtp_route *route;
	int err;

	lockdep_assert_held(&kn->lock);
	err = check_pair(from, to, extack) ?: check_rewrite(from, flags, rewrite, extack);
	if (!err)
		err = ksrtp_stream_widen(to, from->window[KSRTP_DIRECTION_RX]);
	if (err)
		return ERR_PTR(err);
	route = kzalloc(sizeof(*route), GFP_KERNEL_ACCOUNT);
	if (!route)
		return ERR_PTR(-ENOMEM);
	route->stats = alloc_percpu_gfp(struct ksrtp_route_stats, GFP_KERNEL_ACCOUNT);
	if (!route->stats) {
		err = -ENOMEM;
		goto err_free;
	}
	route->from = from;
	route->to = to;
	route->flags = flags;
	route->rewrite = rewrite;
	INIT_RCU_WORK(&route->free_work, free_after_grace);
	err = xa_alloc_cyclic(&kn->routes, &route->id, route, XA_LIMIT(1, U32_MAX),
			      &kn->next_route, GFP_KERNEL_ACCOUNT);
	if (err < 0)
		goto err_stats;
	list_add_tail(&route->to_node, &to->routes_to);
	list_add_tail_rcu(&route->from_node, &from->routes);
	from->route_count++;
	ksrtp_net_changed(kn);
	return route;

err_stats:
	free_percpu(route->stats);
err_free:
	kfree(route);
	return ERR_PTR(err);
}

int ksrtp_route_set(struct ksrtp_route *route, u32 flags, struct netlink_ext_ack *extack)
{
	int err;

	lockdep_assert_held(&route->from->kn->lock);
	err = check_rewrite(route->from, flags, NULL, extack);
	if (err)
		return err;
	WRITE_ONCE(route->flags, flags);
	ksrtp_net_changed(route->from->kn);
	return 0;
}

void ksrtp_route_destroy(struct ksrtp_route *route)
{
	struct ksrtp_net *kn = route->from->kn;

	lockdep_assert_held(&kn->lock);
	list_del_rcu(&route->from_node);
	list_del(&route->to_node);
	route->from->route_count--;
	xa_erase(&kn->routes, route->id);
	ksrtp_net_changed(kn);
	queue_rcu_work(ksrtp_wq, &route->free_work);
}

void ksrtp_routes_purge(struct ksrtp_leg *leg)
{
	struct ksrtp_route *route, *next;

	list_for_each_entry_safe(route, next, &leg->routes, from_node)
		ksrtp_route_destroy(route);
	list_for_each_entry_safe(route, next, &leg->routes_to, to_node)
		ksrtp_route_destroy(route);
}
