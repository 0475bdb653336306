// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "quality.h"

#define JITTER_MAX	10.0	/* seconds: what is said to be more adds no more to the sum */

const double ksrtpd_fraction_bounds[KSRTPD_BOUNDS_MAX] = {
	0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5,
};

const double ksrtpd_jitter_bounds[KSRTPD_BOUNDS_MAX] = {
	0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5,
};

const double ksrtpd_rtt_bounds[KSRTPD_BOUNDS_MAX] = {
	0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2,
};

/* One stream as it was. */
struct ksrtpd_quality_seen {
	LIST_ENTRY(ksrtpd_quality_seen) entry;
	uint32_t direction, context, ssrc, out;
	uint32_t reports;
	uint64_t lost, there_lost;	/* that are in the sums: the most that there were */
	uint64_t round;
};

unsigned int ksrtpd_bounds_count(const double *bounds)
{
	unsigned int n = 1;

	while (n < KSRTPD_BOUNDS_MAX && bounds[n] > 0)
		n++;
	return n;
}

uint64_t ksrtpd_histogram_count(const struct ksrtpd_histogram *histogram)
{
	uint64_t count = 0;
	unsigned int i;

	for (i = 0; i <= KSRTPD_BOUNDS_MAX; i++)
		count += histogram->counts[i];
	return count;
}

static void observe(struct ksrtpd_histogram *histogram, const double *bounds, double value)
{
	unsigned int n = ksrtpd_bounds_count(bounds), i;

	for (i = 0; i < n && value > bounds[i]; i++)
		;
	histogram->counts[i < n ? i : KSRTPD_BOUNDS_MAX]++;
	histogram->sum += value;
}

static struct ksrtpd_quality_seen *find(struct ksrtpd_quality_streams *streams,
					const struct ksrtp_stream *stream)
{
	struct ksrtpd_quality_seen *seen;

	LIST_FOREACH(seen, streams, entry) {
		if (seen->direction == stream->direction && seen->ssrc == stream->ssrc &&
		    seen->context == stream->context && seen->out == stream->out)
			return seen;
	}
	seen = calloc(1, sizeof(*seen));
	if (!seen)
		return NULL;
	seen->direction = stream->direction;
	seen->context = stream->context;
	seen->ssrc = stream->ssrc;
	seen->out = stream->out;
	LIST_INSERT_HEAD(streams, seen, entry);
	return seen;
}

/* What falls again when a late packet comes has been counted. */
static void grow(uint64_t *sum, uint64_t *seen, uint64_t now)
{
	if (now <= *seen)
		return;
	*sum += now - *seen;
	*seen = now;
}

/* Of what the far end says no more is believed than can be: nobody loses what was not sent. */
static uint64_t lost_there(const struct ksrtp_stream *stream)
{
	uint64_t lost = stream->report_lost > 0 ? (uint64_t)stream->report_lost : 0;

	return lost > stream->packets ? stream->packets : lost;
}

static void add_report(struct ksrtpd_quality *sum, const struct ksrtpd_clocks *clocks,
		       const struct ksrtp_stream *stream)
{
	uint32_t rate = ksrtpd_clocks_rate(clocks, stream->has_pt ? stream->pt : -1);
	double jitter;

	observe(&sum->fraction, ksrtpd_fraction_bounds, stream->report_fraction / 256.0);
	if (rate) {
		jitter = (double)stream->report_jitter / rate;
		observe(&sum->jitter, ksrtpd_jitter_bounds, jitter < JITTER_MAX ? jitter : JITTER_MAX);
	}
	/* If it is of this report. */
	if (stream->has_rtt && stream->rtt_age_ms <= stream->report_age_ms)
		observe(&sum->rtt, ksrtpd_rtt_bounds, stream->rtt_us / 1e6);
}

void ksrtpd_quality_add(struct ksrtpd_quality *sum, struct ksrtpd_quality_streams *streams,
			const struct ksrtpd_clocks *clocks, const struct ksrtp_stream *stream,
			uint64_t round)
{
	struct ksrtpd_quality_seen *seen = find(streams, stream);

	/* Without memory it is not in the sums, and that is all. */
	if (!seen)
		return;
	seen->round = round;
	if (stream->has_lost)
		grow(&sum->lost, &seen->lost, stream->lost);
	if (!stream->has_report || stream->reports == seen->reports)
		return;
	seen->reports = stream->reports;
	grow(&sum->there_lost, &seen->there_lost, lost_there(stream));
	add_report(sum, clocks, stream);
}

void ksrtpd_quality_forget(struct ksrtpd_quality_streams *streams, uint64_t round)
{
	struct ksrtpd_quality_seen *seen = LIST_FIRST(streams), *next;

	for (; seen; seen = next) {
		next = LIST_NEXT(seen, entry);
		if (seen->round >= round)
			continue;
		LIST_REMOVE(seen, entry);
		free(seen);
	}
}
