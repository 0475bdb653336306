/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the datapath's legs counted since the agent started, and what their streams were
 * like, by suite; also those that are gone. datapath.c tells which legs there are.
 */
#ifndef KSRTPD_TALLY_H
#define KSRTPD_TALLY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <ksrtp/ksrtp.h>

#include "quality.h"

#define KSRTPD_TALLY_KEYLESS	(KSRTP_SUITE_MAX + 1)	/* relays, and legs before their key */
#define KSRTPD_TALLY_SUITES	(KSRTP_SUITE_MAX + 2)
#define KSRTPD_TALLY_BUCKETS	1024

struct ksrtpd_datapath;
struct ksrtpd_tally_leg;

struct ksrtpd_tally {
	struct ksrtp_stats sums[KSRTPD_TALLY_SUITES];
	struct ksrtpd_quality quality[KSRTPD_TALLY_SUITES];
	unsigned int legs[KSRTPD_TALLY_SUITES];	/* that are there now */
	LIST_HEAD(, ksrtpd_tally_leg) buckets[KSRTPD_TALLY_BUCKETS];	/* by leg id */
	uint64_t counted_ms;	/* when all legs were last asked */
	uint64_t round;		/* of looks at all streams */
};

void ksrtpd_tally_init(struct ksrtpd_tally *tally);
void ksrtpd_tally_uninit(struct ksrtpd_tally *tally);
void ksrtpd_tally_add(struct ksrtpd_datapath *datapath, uint32_t call_id, uint32_t leg_id);
/* A leg that an agent before us made: what it counted until now is not added. */
void ksrtpd_tally_take_back(struct ksrtpd_datapath *datapath, const struct ksrtp_leg *there,
			    unsigned int suite);
/* It has a key of @suite now. */
void ksrtpd_tally_suite(struct ksrtpd_datapath *datapath, uint32_t leg_id, uint32_t suite);
/* What jitter toward its endpoint is counted by. */
void ksrtpd_tally_clocks(struct ksrtpd_datapath *datapath, uint32_t leg_id,
			 const struct ksrtpd_clocks *clocks);
/* Before the leg, or all of a call, is removed. */
void ksrtpd_tally_leg_goes(struct ksrtpd_datapath *datapath, uint32_t leg_id);
void ksrtpd_tally_call_goes(struct ksrtpd_datapath *datapath, uint32_t call_id);
/* Asks every leg, unless that was done within the last second. */
const struct ksrtpd_tally *ksrtpd_tally_count(struct ksrtpd_datapath *datapath);

/* For how long no leg of a call accepted media. */
struct ksrtpd_tally_idle {
	uint32_t call_id;
	uint64_t idle_ms;
};

/* Of all calls, to be freed; NULL and *@count 0: there is none, or memory is out. */
struct ksrtpd_tally_idle *ksrtpd_tally_idle(struct ksrtpd_datapath *datapath, size_t *count);

#endif /* KSRTPD_TALLY_H */
