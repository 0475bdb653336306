/* SPDX-License-Identifier: GPL-2.0 */
/* What ksrtp keeps per network namespace, and the ladder of the subsystems. */
#ifndef KSRTP_NET_H
#define KSRTP_NET_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/rhashtable.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "keyring.h"

struct ctl_table_header;

/**
 * struct ksrtp_net - the configuration of one network namespace
 * @net: back pointer
 * @lock: protects everything here that is not read by the packet path under RCU;
 *	every function of call.h, leg.h, keys.h and route.h that says so demands it
 * @calls: id -> struct ksrtp_call, under @lock
 * @names: name -> struct ksrtp_call, under @lock
 * @legs: id -> struct ksrtp_leg, written under @lock, read under RCU
 * @routes: id -> struct ksrtp_route, under @lock
 * @port_table: local address -> struct ksrtp_port, written under @lock, read under RCU
 * @next_call: where the search for a free id starts; likewise @next_leg, @next_route
 * @seq: counts changes, for NLM_F_DUMP_INTR; never 0; under @lock
 * @leg_count: living legs
 * @legs_max: limit of @leg_count; sysctl net.ksrtp.legs_max
 * @call_count: living calls
 * @streams: of all legs and directions; @streams_max, their limit: sysctl
 *	net.ksrtp.streams_max
 * @consent_timeout: seconds that a leg with ICE may be sent to without its endpoint's
 *	consent: sysctl net.ksrtp.consent_timeout
 * @keyring: transmit keys that may not be used again
 * @watch: leases, idle legs, rates of attacks
 */
struct ksrtp_net {
	struct net		*net;
	struct mutex		lock;
	struct xarray		calls;
	struct rhashtable	names;
	struct xarray		legs;
	struct xarray		routes;
	struct rhashtable	port_table;
	u32			next_call;
	u32			next_leg;
	u32			next_route;
	u32			seq;
	u32			call_count;
	u32			leg_count;
	u32			legs_max;
	u32			streams_max;
	u32			consent_timeout;
	atomic_t		streams;
	struct ksrtp_keyring	keyring;
	struct delayed_work	watch;
	struct ctl_table_header	*sysctl;
	struct ctl_table	*sysctl_table;
};

extern unsigned int ksrtp_net_id;
/* Frees and events run here, in process context; drained at module exit. */
extern struct workqueue_struct *ksrtp_wq;

static inline struct ksrtp_net *ksrtp_net(const struct net *net)
{
	return net_generic(net, ksrtp_net_id);
}

/* Under @kn->lock: something that a dump shows has changed. */
static inline void ksrtp_net_changed(struct ksrtp_net *kn)
{
	lockdep_assert_held(&kn->lock);
	if (++kn->seq == 0)
		kn->seq = 1;
}

/* watch.c */
void ksrtp_watch_init(struct ksrtp_net *kn);
void ksrtp_watch_uninit(struct ksrtp_net *kn);

#endif /* KSRTP_NET_H */
