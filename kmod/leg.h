/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_LEG_H
#define KSRTP_LEG_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/ksrtp.h>

#include "net.h"
#include "past.h"
#include "port.h"
#include "stats.h"

struct ksrtp_call;
struct ksrtp_ice;
struct ksrtp_key;
struct ksrtp_stream;
struct netlink_ext_ack;

#define KSRTP_STREAM_BUCKETS	8	/* power of two */
#define KSRTP_HINTS		8
#define KSRTP_STREAM_SPARES	4	/* ready for the next new SSRCs of a direction */

/* bits of ksrtp_leg.events */
enum {
	KSRTP_EVENT_FIRST_PACKET,	/* wanted */
	KSRTP_EVENT_LEARNT,
	KSRTP_EVENT_KEY_SOFT,		/* + direction * 2 + slot */
	KSRTP_EVENT_KEY_HARD = KSRTP_EVENT_KEY_SOFT + 4,
	KSRTP_EVENT_END = KSRTP_EVENT_KEY_HARD + 4,
};

/**
 * struct ksrtp_leg - one media path between this host and one remote endpoint
 *
 * Read by the packet path under RCU:
 * @port: where it is, never NULL; replaced under ksrtp_net.lock and @lock
 * @state: enum ksrtp_leg_state
 * @dscp: of packets sent
 * @flags: enum ksrtp_leg_flags
 * @source: id under which its packets are those of one source: its own, or that of the
 *	leg whose RTCP it carries
 * @rx_slot: the receive slot that authenticated last
 * @tx_slot: the transmit slot in use
 * @keys: by direction and slot; replaced under ksrtp_net.lock
 * @routes: of enum ksrtp_route_flags; struct ksrtp_route.from_node, written under ksrtp_net.lock
 * @ice: credentials that checks come with, and those before an ICE restart; written
 *	under @lock; NULL: the endpoint has no ICE
 * @stats: per CPU
 * @streams: by direction and SSRC; written under @lock
 * @rewrites: some transmit stream leaves with another SSRC or other numbers than it came
 *	with, so that RTCP has to be rewritten
 * @relay: of an end-to-end call: no keys, no streams
 *
 * @lock: stream tables, @spares, @port, its remote address and next hop, @rate
 * @spares: streams made beforehand, so that the packet path never allocates
 * @stream_count: by direction; without the receive streams of keys that the leg had (past.h)
 * @window: of streams by direction, in packets; toward the remote at least as wide as
 *	on every leg that feeds it, so that what one accepts late the other can send
 * @datapath: enum ksrtp_datapath of the last media packet; @slow, why not XDP
 * @hints: why XDP passed packets on, for the skb path that may get them; see hint.h
 * @trial_tokens: trials with a second key left in this second, since @trial_stamp
 * @last_seen: jiffies of the last accepted media packet; 0: none
 * @consent: with ICE, jiffies when the endpoint last consented to be sent to
 * @rate: of a relay, bits per second that may arrive; @rate_at, when those that came
 *	are paid for, in ns
 * @events: what the worker has to tell
 */
struct ksrtp_leg {
	struct ksrtp_port __rcu	*port;
	u8			state;
	u8			dscp;
	u8			rx_slot;
	u8			tx_slot;
	u8			datapath;
	u8			slow;
	u32			flags;
	u32			id;
	u32			source;
	struct ksrtp_key __rcu	*keys[2][2];
	struct list_head	routes;
	struct ksrtp_ice __rcu	*ice[2];
	struct ksrtp_leg_stats __percpu *stats;
	bool			dead;
	bool			rewrites;
	bool			relay;
	unsigned long		last_seen;
	unsigned long		consent;
	u64			hints[KSRTP_HINTS];
	struct hlist_head	streams[2][KSRTP_STREAM_BUCKETS];

	spinlock_t		lock ____cacheline_aligned_in_smp;
	struct ksrtp_stream	*spares[2][KSRTP_STREAM_SPARES];
	u16			stream_count[2];
	u16			streams_max;
	u32			window[2];
	u32			trial_tokens;
	unsigned long		trial_stamp;
	u64			rate;
	u64			rate_at;
	unsigned long		events;
	struct work_struct	event_work;
	struct work_struct	refill_work;

	/* control path, under ksrtp_net.lock */
	struct ksrtp_call	*call;
	struct ksrtp_net	*kn;
	struct list_head	call_node;
	struct list_head	routes_to;	/* struct ksrtp_route.to_node */
	u32			route_count;	/* routes that leave */
	u32			next_context[2];
	struct ksrtp_past_key	past[KSRTP_PAST_KEYS];	/* oldest first */
	unsigned int		past_count;
	bool			idle_told;
	bool			consent_told;
	u64			auth_told;
	u64			replay_told;
	struct rcu_work		free_work;
};

struct ksrtp_leg_params {
	int			socket;
	const struct ksrtp_addr	*remote;	/* NULL: none yet */
	u32			state;
	u32			flags;
	u32			window;
	u32			streams_max;
	u32			rtcp_of;	/* id of a leg; 0: none */
	u64			rate;		/* 0: not given */
	struct ksrtp_ice	*ice;		/* NULL: none; taken over on success */
	u8			dscp;
};

/* What ksrtp_leg_set() shall change; NULL: leave. */
struct ksrtp_leg_change {
	const int		*socket;	/* of another family: only with @remote */
	const struct ksrtp_addr	*remote;
	const u32		*state;
	const u32		*flags;
	const u8		*dscp;
	const u64		*rate;
	struct ksrtp_ice	*ice;		/* taken over on success */
};

/* Control path, under ksrtp_net.lock. */
struct ksrtp_leg *ksrtp_leg_create(struct ksrtp_call *call, const struct ksrtp_leg_params *params,
				   struct netlink_ext_ack *extack);
void ksrtp_leg_destroy(struct ksrtp_leg *leg);
int ksrtp_leg_set(struct ksrtp_leg *leg, const struct ksrtp_leg_change *change,
		  struct netlink_ext_ack *extack);
struct ksrtp_leg *ksrtp_leg_find(struct ksrtp_net *kn, u32 id);

static inline struct ksrtp_port *ksrtp_leg_port(const struct ksrtp_leg *leg)
{
	return rcu_dereference_protected(leg->port, lockdep_is_held(&leg->kn->lock));
}

/* Packet path, under RCU. */
static inline bool ksrtp_port_in_force(const struct ksrtp_port *port)
{
	return rcu_access_pointer(port->leg->port) == port;
}

/*
 * @from sent an authenticated packet that is new to port @at (an id): follow it if the leg
 * learns, and has not moved on.
 */
void ksrtp_leg_learn(struct ksrtp_leg *leg, u64 at, const struct ksrtp_addr *from);
/* Tell it in process context, once until told. */
void ksrtp_leg_event(struct ksrtp_leg *leg, unsigned int event);

#endif /* KSRTP_LEG_H */
