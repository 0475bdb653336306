/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_STATS_H
#define KSRTP_STATS_H

#include <linux/percpu.h>
#include <linux/ksrtp.h>

struct ksrtp_net;

/**
 * struct ksrtp_leg_stats - per CPU; each packet is counted once (S8):
 * received = forwarded + answered + passed_up + the sum of dropped
 * Counted as received last of all and read first, so that whoever sees the packet received
 * sees what became of it.
 */
struct ksrtp_leg_stats {
	u64	received;
	u64	received_bytes;
	u64	forwarded;
	u64	answered;
	u64	passed_up;
	u64	xdp;
	u64	skb;
	u64	sent;
	u64	sent_bytes;
	u64	sent_xdp;
	u64	sent_skb;
	u64	fragmented;
	u64	dropped[__KSRTP_REASON_MAX];
};

/* Per CPU; copies = sent + the sum of dropped. */
struct ksrtp_route_stats {
	u64	copies;
	u64	sent;
	u64	dropped[__KSRTP_REASON_MAX];
};

static inline void ksrtp_stats_received(struct ksrtp_leg_stats __percpu *stats, u32 len)
{
	this_cpu_add(stats->received_bytes, len);
	this_cpu_inc(stats->received);
}

/* Adds up all CPUs, onto what @sum holds already. */
void ksrtp_leg_stats_sum(struct ksrtp_leg_stats __percpu *stats, struct ksrtp_leg_stats *sum);
void ksrtp_route_stats_sum(struct ksrtp_route_stats __percpu *stats,
			   struct ksrtp_route_stats *sum);
/* Sum over the living legs, under ksrtp_net.lock. */
void ksrtp_net_stats_sum(struct ksrtp_net *kn, struct ksrtp_leg_stats *sum);

#endif /* KSRTP_STATS_H */
