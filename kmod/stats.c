// SPDX-License-Identifier: GPL-2.0
#include <linux/cpumask.h>

#include "leg.h"
#include "net.h"
#include "stats.h"

/* Both structures are nothing but u64 counters. */
static void sum_counters(const u64 *counters, u64 *sum, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		sum[i] += READ_ONCE(counters[i]);
}

void ksrtp_leg_stats_sum(struct ksrtp_leg_stats __percpu *stats, struct ksrtp_leg_stats *sum)
{
	int cpu;

	for_each_possible_cpu(cpu)
		sum_counters((const u64 *)per_cpu_ptr(stats, cpu), (u64 *)sum,
			     sizeof(*sum) / sizeof(u64));
}

void ksrtp_route_stats_sum(struct ksrtp_route_stats __percpu *stats,
			   struct ksrtp_route_stats *sum)
{
	int cpu;

	for_each_possible_cpu(cpu)
		sum_counters((const u64 *)per_cpu_ptr(stats, cpu), (u64 *)sum,
			     sizeof(*sum) / sizeof(u64));
}

void ksrtp_net_stats_sum(struct ksrtp_net *kn, struct ksrtp_leg_stats *sum)
{
	struct ksrtp_leg *leg;
	unsigned long id;

	lockdep_assert_held(&kn->lock);
	xa_for_each(&kn->legs, id, leg) {
		ksrtp_leg_stats_sum(leg->stats, sum);
		cond_resched();
	}
}
