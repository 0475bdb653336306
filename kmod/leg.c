// SPDX-License-Identifier: GPL-2.0
/*
 * A leg's life: created and destroyed under ksrtp_net.lock, used by the packet path
 * under RCU. Destruction marks it dead, takes its port off the network, and frees
 * everything after a grace period from ksrtp_wq. When it moves, only its port changes:
 * keys, streams, routes and counters do not know where it is.
 */
#include <linux/netlink.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "call.h"
#include "event.h"
#include "ice.h"
#include "keys.h"
#include "leg.h"
#include "net.h"
#include "port.h"
#include "route.h"
#include "socket.h"
#include "stream.h"

struct ksrtp_leg *ksrtp_leg_find(struct ksrtp_net *kn, u32 id)
{
	lockdep_assert_held(&kn->lock);
	return xa_load(&kn->legs, id);
}

void ksrtp_leg_learn(struct ksrtp_leg *leg, u64 at, const struct ksrtp_addr *from)
{
	struct ksrtp_port *port = rcu_dereference(leg->port);
	struct ksrtp_addr now;
	bool moved = false;

	if (port->id != at || (ksrtp_port_remote(port, &now) && ksrtp_addr_equal(&now, from)))
		return;
	/* Never toward a leg of this host: that would be a loop. */
	if (ksrtp_port_lookup(leg->kn, from))
		return;
	spin_lock(&leg->lock);
	if (!leg->dead && ksrtp_port_in_force(port) &&
	    READ_ONCE(leg->flags) & KSRTP_LEG_F_LEARN) {
		ksrtp_port_set_remote(port, from);
		moved = true;
	}
	spin_unlock(&leg->lock);
	if (moved)
		ksrtp_leg_event(leg, KSRTP_EVENT_LEARNT);
}

void ksrtp_leg_event(struct ksrtp_leg *leg, unsigned int event)
{
	if (READ_ONCE(leg->dead))
		return;
	if (!test_and_set_bit(event, &leg->events))
		queue_work(ksrtp_wq, &leg->event_work);
}

static void tell_events(struct work_struct *work)
{
	struct ksrtp_leg *leg = container_of(work, struct ksrtp_leg, event_work);
	struct ksrtp_net *kn = leg->kn;
	struct ksrtp_addr remote;
	unsigned int bit;

	mutex_lock(&kn->lock);
	for (bit = 0; bit < KSRTP_EVENT_END && !leg->dead; bit++) {
		struct ksrtp_event event = { .call_id = leg->call->id, .leg_id = leg->id };

		if (!test_and_clear_bit(bit, &leg->events))
			continue;
		switch (bit) {
		case KSRTP_EVENT_FIRST_PACKET:
			event.cmd = KSRTP_CMD_LEG_FIRST_PACKET_NTF;
			break;
		case KSRTP_EVENT_LEARNT:
			ksrtp_port_remote(ksrtp_leg_port(leg), &remote);
			event.cmd = KSRTP_CMD_LEG_LEARNT_NTF;
			event.remote = &remote;
			break;
		default:
			event.cmd = bit < KSRTP_EVENT_KEY_HARD ? KSRTP_CMD_KEY_SOFT_NTF :
								 KSRTP_CMD_KEY_HARD_NTF;
			event.direction = (bit - KSRTP_EVENT_KEY_SOFT) / 2 % 2;
			event.slot = (bit - KSRTP_EVENT_KEY_SOFT) % 2;
		}
		ksrtp_nl_event(kn, &event);
	}
	mutex_unlock(&kn->lock);
}

static void refill_spares(struct work_struct *work)
{
	struct ksrtp_leg *leg = container_of(work, struct ksrtp_leg, refill_work);

	/* Without memory the next new SSRC is refused and counted, and asks again. */
	ksrtp_stream_refill(leg);
}

static int check_remote(const struct ksrtp_port *port, const struct ksrtp_addr *remote,
			struct netlink_ext_ack *extack)
{
	bool v4 = ksrtp_addr_is_v4(remote);
	int bad = 0;

	if (v4 != (port->family == AF_INET)) {
		NL_SET_ERR_MSG(extack, "remote address is of another family than the socket");
		return -EINVAL;
	}
	if (v4)
		bad = ipv4_is_multicast(ksrtp_addr_v4(remote)) ||
		      ipv4_is_zeronet(ksrtp_addr_v4(remote)) ||
		      ipv4_is_lbcast(ksrtp_addr_v4(remote));
	else
		bad = ipv6_addr_any(&remote->ip) || ipv6_addr_is_multicast(&remote->ip);
	if (bad) {
		NL_SET_ERR_MSG(extack, "remote address is not a unicast address");
		return -EINVAL;
	}
	rcu_read_lock();
	bad = ksrtp_addr_equal(remote, &port->local) || ksrtp_port_lookup(port->leg->kn, remote);
	rcu_read_unlock();
	if (bad) {
		NL_SET_ERR_MSG(extack, "remote address is a leg of this host: a loop");
		return -ELOOP;
	}
	return 0;
}

/* Send to @remote from @port, which nobody looks at yet. */
static int begin_remote(struct ksrtp_port *port, const struct ksrtp_addr *remote,
			struct netlink_ext_ack *extack)
{
	int err = check_remote(port, remote, extack);

	if (err)
		return err;
	port->remote = *remote;
	port->has_remote = true;
	return 0;
}

/* What an end-to-end call's legs and those with ICE must not do, and what only they can. */
static int check_mode(const struct ksrtp_call *call, u32 flags, bool rate, bool ice,
		      struct netlink_ext_ack *extack)
{
	bool relay = call->mode == KSRTP_MODE_E2EE;

	if (relay && flags & KSRTP_LEG_F_LEARN) {
		NL_SET_ERR_MSG(extack, "a leg of an end-to-end call cannot learn its remote address: nothing here authenticates its packets");
		return -EPERM;
	}
	if (ice && flags & KSRTP_LEG_F_LEARN) {
		NL_SET_ERR_MSG(extack, "a leg with ICE cannot learn its remote address: it moves by nomination alone");
		return -EINVAL;
	}
	if (!relay && rate) {
		NL_SET_ERR_MSG(extack, "rate is for legs of end-to-end calls only");
		return -EINVAL;
	}
	return 0;
}

static int check_new(struct ksrtp_net *kn, const struct ksrtp_leg_params *params,
		     struct netlink_ext_ack *extack)
{
	if (!kn->legs_max) {
		NL_SET_ERR_MSG(extack, "no legs allowed here until sysctl net.ksrtp.legs_max is set from the initial user namespace");
		return -EPERM;
	}
	if (kn->leg_count >= kn->legs_max) {
		NL_SET_ERR_MSG(extack, "too many legs; see sysctl net.ksrtp.legs_max");
		return -ENOSPC;
	}
	if (params->window && (!is_power_of_2(params->window) ||
			       params->window < KSRTP_WINDOW_MIN ||
			       params->window > KSRTP_WINDOW_MAX)) {
		NL_SET_ERR_MSG(extack, "window must be a power of two from 64 to 8192");
		return -EINVAL;
	}
	return 0;
}

static int check_rtcp_of(const struct ksrtp_call *call, u32 rtcp_of,
			 struct netlink_ext_ack *extack)
{
	const struct ksrtp_leg *leg = ksrtp_leg_find(call->kn, rtcp_of);

	if (!leg || leg->call != call) {
		NL_SET_ERR_MSG(extack, "rtcp-of is no leg of this call");
		return -ENOENT;
	}
	if (leg->source != leg->id) {
		NL_SET_ERR_MSG(extack, "rtcp-of is a leg that carries RTCP itself");
		return -EINVAL;
	}
	return 0;
}

static void free_leg(struct ksrtp_leg *leg)
{
	ksrtp_streams_free(leg);
	free_percpu(leg->stats);
	kfree(leg);
}

static void free_after_grace(struct work_struct *work)
{
	struct ksrtp_leg *leg = container_of(to_rcu_work(work), struct ksrtp_leg, free_work);

	/* The packet path is done with it; nothing queues these again. */
	cancel_work_sync(&leg->event_work);
	cancel_work_sync(&leg->refill_work);
	free_leg(leg);
}

static struct ksrtp_leg *alloc_leg(struct ksrtp_call *call, const struct ksrtp_leg_params *params)
{
	struct ksrtp_leg *leg = kzalloc(sizeof(*leg), GFP_KERNEL_ACCOUNT);
	int direction, i;

	if (!leg)
		return NULL;
	leg->stats = alloc_percpu_gfp(struct ksrtp_leg_stats, GFP_KERNEL_ACCOUNT);
	if (!leg->stats) {
		kfree(leg);
		return NULL;
	}
	leg->call = call;
	leg->kn = call->kn;
	leg->state = params->state;
	leg->flags = params->flags;
	leg->dscp = params->dscp;
	leg->window[KSRTP_DIRECTION_RX] = params->window ?: KSRTP_WINDOW_DEFAULT;
	leg->window[KSRTP_DIRECTION_TX] = leg->window[KSRTP_DIRECTION_RX];
	leg->streams_max = params->streams_max ?: KSRTP_STREAMS_DEFAULT;
	leg->relay = call->mode == KSRTP_MODE_E2EE;
	leg->rate = params->rate ?: KSRTP_RATE_DEFAULT;
	spin_lock_init(&leg->lock);
	INIT_LIST_HEAD(&leg->routes);
	INIT_LIST_HEAD(&leg->routes_to);
	for (direction = 0; direction < 2; direction++)
		for (i = 0; i < KSRTP_STREAM_BUCKETS; i++)
			INIT_HLIST_HEAD(&leg->streams[direction][i]);
	INIT_WORK(&leg->event_work, tell_events);
	INIT_WORK(&leg->refill_work, refill_spares);
	INIT_RCU_WORK(&leg->free_work, free_after_grace);
	if (!leg->relay && ksrtp_stream_refill(leg)) {
		free_leg(leg);
		return NULL;
	}
	return leg;
}

struct ksrtp_leg *ksrtp_leg_create(struct ksrtp_call *call, const struct ksrtp_leg_params *params,
				   struct netlink_ext_ack *extack)
{
	struct ksrtp_net *kn = call->kn;
	struct ksrtp_port *port;
	struct ksrtp_leg *leg;
	int err;

	lockdep_assert_held(&kn->lock);
	err = check_new(kn, params, extack) ?:
	      check_mode(call, params->flags, params->rate, params->ice, extack);
	if (!err && params->rtcp_of)
		err = check_rtcp_of(call, params->rtcp_of, extack);
	if (err)
		return ERR_PTR(err);
	leg = alloc_leg(call, params);
	if (!leg)
		return ERR_PTR(-ENOMEM);
	port = ksrtp_port_create(leg, params->socket, extack);
	if (IS_ERR(port)) {
		err = PTR_ERR(port);
		goto err_free;
	}
	RCU_INIT_POINTER(leg->port, port);
	if (params->remote) {
		err = begin_remote(port, params->remote, extack);
		if (err)
			goto err_port;
	}
	err = xa_alloc_cyclic(&kn->legs, &leg->id, leg, XA_LIMIT(1, U32_MAX), &kn->next_leg,
			      GFP_KERNEL_ACCOUNT);
	if (err < 0)
		goto err_port;
	leg->source = params->rtcp_of ?: leg->id;
	err = ksrtp_port_add(port, extack);
	if (err)
		goto err_erase;
	/* Not before: until here what fails is the caller's to free. */
	if (params->ice) {
		WRITE_ONCE(leg->consent, jiffies);
		spin_lock_bh(&leg->lock);
		ksrtp_ice_set(leg, params->ice);
		spin_unlock_bh(&leg->lock);
	}
	list_add_tail(&leg->call_node, &call->legs);
	call->leg_count++;
	kn->leg_count++;
	ksrtp_net_changed(kn);
	return leg;

err_erase:
	xa_erase(&kn->legs, leg->id);
err_port:
	ksrtp_socket_release(port);
	ksrtp_port_free(port);
err_free:
	/* The packet path may have found it already, by id or by socket. */
	leg->dead = true;
	queue_rcu_work(ksrtp_wq, &leg->free_work);
	return ERR_PTR(err);
}

void ksrtp_leg_destroy(struct ksrtp_leg *leg)
{
	struct ksrtp_event event = {
		.cmd = KSRTP_CMD_LEG_GONE_NTF,
		.call_id = leg->call->id,
		.leg_id = leg->id,
	};
	struct ksrtp_port *port = ksrtp_leg_port(leg);
	struct ksrtp_net *kn = leg->kn;

	lockdep_assert_held(&kn->lock);
	spin_lock_bh(&leg->lock);
	leg->dead = true;
	spin_unlock_bh(&leg->lock);

	ksrtp_port_del(port);
	xa_erase(&kn->legs, leg->id);
	ksrtp_routes_purge(leg);
	ksrtp_keys_purge(leg);
	ksrtp_ice_purge(leg);
	list_del(&leg->call_node);
	leg->call->leg_count--;
	kn->leg_count--;
	ksrtp_net_changed(kn);
	ksrtp_nl_event(kn, &event);
	/* Who ends a leg may bind its address again at once. */
	ksrtp_socket_release(port);
	ksrtp_port_free(port);
	queue_rcu_work(ksrtp_wq, &leg->free_work);
}

/* Make the port that @leg shall move to; the leg itself is not touched. */
static struct ksrtp_port *prepare_move(struct ksrtp_leg *leg,
				       const struct ksrtp_leg_change *change,
				       struct netlink_ext_ack *extack)
{
	const struct ksrtp_port *old = ksrtp_leg_port(leg);
	const struct ksrtp_addr *remote = change->remote;
	struct ksrtp_port *port;
	struct ksrtp_addr kept;
	int err = 0;

	port = ksrtp_port_create(leg, *change->socket, extack);
	if (IS_ERR(port))
		return port;
	if (!remote && port->family != old->family) {
		NL_SET_ERR_MSG(extack, "socket is of another address family than the one before: give a remote address of that family with it");
		err = -EINVAL;
	} else if (!remote && ksrtp_port_remote(old, &kept)) {
		remote = &kept;
	}
	/* One that is kept as well: two legs that move could make a loop of what was none. */
	if (!err && remote)
		err = begin_remote(port, remote, extack);
	if (!err)
		err = ksrtp_port_add(port, extack);
	if (err) {
		ksrtp_port_free(port);
		return ERR_PTR(err);
	}
	return port;
}

/* From here on @leg is where @port is, and what still arrives at @old is not its own. */
static void move(struct ksrtp_leg *leg, struct ksrtp_port *old, struct ksrtp_port *port,
		 bool keep)
{
	struct ksrtp_addr now;

	lockdep_assert_held(&leg->lock);
	/* What it has learnt since the move was prepared. */
	if (keep && ksrtp_port_remote(old, &now) && !ksrtp_addr_equal(&now, &port->remote))
		ksrtp_port_set_remote(port, &now);
	rcu_assign_pointer(leg->port, port);
}

int ksrtp_leg_set(struct ksrtp_leg *leg, const struct ksrtp_leg_change *change,
		  struct netlink_ext_ack *extack)
{
	struct ksrtp_port *old = ksrtp_leg_port(leg), *port = old;
	int err;

	lockdep_assert_held(&leg->kn->lock);
	err = check_mode(leg->call, change->flags ? *change->flags : leg->flags, change->rate,
			 change->ice || ksrtp_ice_is_on(leg), extack);
	if (!err && change->remote && !change->socket)
		err = check_remote(port, change->remote, extack);
	if (err)
		return err;
	/* The last that can fail. */
	if (change->socket) {
		port = prepare_move(leg, change, extack);
		if (IS_ERR(port))
			return PTR_ERR(port);
	}
	spin_lock_bh(&leg->lock);
	if (change->socket)
		move(leg, old, port, !change->remote);
	else if (change->remote)
		ksrtp_port_set_remote(port, change->remote);
	if (change->rate) {
		leg->rate = *change->rate;
		leg->rate_at = 0;
	}
	if (change->ice)
		ksrtp_ice_set(leg, change->ice);
	/* The agent has checked a nomination. */
	if (change->remote || change->ice)
		WRITE_ONCE(leg->consent, jiffies);
	spin_unlock_bh(&leg->lock);
	if (change->flags)
		WRITE_ONCE(leg->flags, *change->flags);
	if (change->dscp)
		WRITE_ONCE(leg->dscp, *change->dscp);
	if (change->state)
		WRITE_ONCE(leg->state, *change->state);
	if (change->socket) {
		ksrtp_port_del(old);
		ksrtp_port_free(old);
	}
	ksrtp_net_changed(leg->kn);
	return 0;
}
