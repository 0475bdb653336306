/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_LEG_H
#define KSRTP_LEG_H

#include <linux/in6.h>
#include <linux/list.h>
#include <linux/rhashtable.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <net/ipv6.h>
#include <linux/ksrtp.h>

#include "stats.h"

struct file;
struct ksrtp_call;
struct ksrtp_ice;
struct ksrtp_key;
struct ksrtp_net;
struct ksrtp_nexthop;
struct ksrtp_stream;
struct netlink_ext_ack;

#define KSRTP_STREAM_BUCKETS	8	/* power of two */
#define KSRTP_HINTS		8
#define KSRTP_STREAM_SPARES	4	/* ready for the next new SSRCs of a direction */

/* An address and port; IPv4 as ::ffff:a.b.c.d. Compared as a whole: no padding with meaning. */
struct ksrtp_addr {
	struct in6_addr	ip;
	__be16		port;
	u16		zero;
};

static inline bool ksrtp_addr_equal(const struct ksrtp_addr *a, const struct ksrtp_addr *b)
{
	return ipv6_addr_equal(&a->ip, &b->ip) && a->port == b->port;
}

static inline bool ksrtp_addr_is_v4(const struct ksrtp_addr *addr)
{
	return ipv6_addr_v4mapped(&addr->ip);
}

static inline __be32 ksrtp_addr_v4(const struct ksrtp_addr *addr)
{
	return addr->ip.s6_addr32[3];
}

static inline void ksrtp_addr_set_v4(struct ksrtp_addr *addr, __be32 ip, __be16 port)
{
	ipv6_addr_set_v4mapped(ip, &addr->ip);
	addr->port = port;
	addr->zero = 0;
}

static inline void ksrtp_addr_set_v6(struct ksrtp_addr *addr, const struct in6_addr *ip,
				     __be16 port)
{
	addr->ip = *ip;
	addr->port = port;
	addr->zero = 0;
}

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
 * @node: in ksrtp_net.leg_table
 * @local: address of the socket
 * @family: AF_INET or AF_INET6, of the socket
 * @state: enum ksrtp_leg_state
 * @dscp: of packets sent
 * @flags: enum ksrtp_leg_flags
 * @source: id under which its packets are those of one source: its own, or that of the
 *	leg whose RTCP it carries
 * @rx_slot: the receive slot that authenticated last
 * @tx_slot: the transmit slot in use
 * @keys: by direction and slot; replaced under ksrtp_net.lock
 * @routes: of enum ksrtp_route_flags; struct ksrtp_route.from_node, written under ksrtp_net.lock
 * @nexthop: where packets to @remote go now; replaced under @lock
 * @ice: credentials that checks come with, and those before an ICE restart; written
 *	under @lock; NULL: the endpoint has no ICE
 * @stats: per CPU
 * @remote_seq: guards @remote and @has_remote for readers; writers hold @lock
 * @streams: by direction and SSRC; written under @lock
 * @rewrites: some transmit stream leaves with another SSRC or other numbers than it came
 *	with, so that RTCP has to be rewritten
 * @relay: of an end-to-end call: no keys, no streams
 *
 * @lock: stream tables, @spares, @remote, @nexthop, @rate
 * @spares: streams made beforehand, so that the packet path never allocates
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
	struct rhash_head	node;
	struct ksrtp_addr	local;
	u8			family;
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
	struct ksrtp_nexthop __rcu *nexthop;
	struct ksrtp_ice __rcu	*ice[2];
	struct ksrtp_leg_stats __percpu *stats;
	seqcount_spinlock_t	remote_seq;
	bool			has_remote;
	bool			dead;
	bool			rewrites;
	bool			relay;
	struct ksrtp_addr	remote;
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
	struct sock		*sk;
	struct file		*file;
	struct list_head	call_node;
	struct list_head	routes_to;	/* struct ksrtp_route.to_node */
	u32			route_count;	/* routes that leave */
	u32			next_context[2];
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

int ksrtp_leg_table_init(struct ksrtp_net *kn);
void ksrtp_leg_table_uninit(struct ksrtp_net *kn);

/* Packet path, under RCU. */
struct ksrtp_leg *ksrtp_leg_lookup(struct ksrtp_net *kn, const struct ksrtp_addr *local);
/* Copies the remote address; false: there is none. */
bool ksrtp_leg_remote(const struct ksrtp_leg *leg, struct ksrtp_addr *remote);
/* @from sent an authenticated packet that is new: follow it if the leg learns. */
void ksrtp_leg_learn(struct ksrtp_leg *leg, const struct ksrtp_addr *from);
/* Tell it in process context, once until told. */
void ksrtp_leg_event(struct ksrtp_leg *leg, unsigned int event);

#endif /* KSRTP_LEG_H */
