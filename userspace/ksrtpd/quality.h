/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Loss, jitter and round-trip times of many streams, added up as Prometheus wants them.
 * Every look at a stream adds the far end's newest report, if it is a new one.
 */
#ifndef KSRTPD_QUALITY_H
#define KSRTPD_QUALITY_H

#include <stdint.h>
#include <sys/queue.h>

#include <ksrtp/ksrtp.h>

#include "clock.h"

#define KSRTPD_BOUNDS_MAX	12

struct ksrtpd_histogram {
	uint64_t counts[KSRTPD_BOUNDS_MAX + 1];	/* by bucket, not cumulative; the last: above all */
	double sum;
};

/* What the buckets end at, ascending; a 0 after the first ends them. */
extern const double ksrtpd_fraction_bounds[KSRTPD_BOUNDS_MAX];
extern const double ksrtpd_jitter_bounds[KSRTPD_BOUNDS_MAX];
extern const double ksrtpd_rtt_bounds[KSRTPD_BOUNDS_MAX];

unsigned int ksrtpd_bounds_count(const double *bounds);
uint64_t ksrtpd_histogram_count(const struct ksrtpd_histogram *histogram);

struct ksrtpd_quality {
	struct ksrtpd_histogram fraction;	/* lost between two reports, 0 to 1 */
	struct ksrtpd_histogram jitter, rtt;	/* seconds */
	uint64_t lost;		/* RTP packets that did not come here */
	uint64_t there_lost;	/* that did not come there, as they report */
};

struct ksrtpd_quality_seen;
LIST_HEAD(ksrtpd_quality_streams, ksrtpd_quality_seen);

/*
 * A look at @stream. @streams: what its leg's streams were when they were last looked at;
 * @clocks: of its payload types; @round: of looks, see ksrtpd_quality_forget().
 */
void ksrtpd_quality_add(struct ksrtpd_quality *sum, struct ksrtpd_quality_streams *streams,
			const struct ksrtpd_clocks *clocks, const struct ksrtp_stream *stream,
			uint64_t round);
/* Streams that no look since @round found are gone. */
void ksrtpd_quality_forget(struct ksrtpd_quality_streams *streams, uint64_t round);

#endif /* KSRTPD_QUALITY_H */
