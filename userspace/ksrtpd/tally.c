// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "bucket.h"
#include "datapath.h"
#include "tally.h"

#define FRESH	1000	/* milliseconds: asking thousands of legs takes some */

struct ksrtpd_tally_leg {
	LIST_ENTRY(ksrtpd_tally_leg) entry;
	uint32_t id, call_id;
	unsigned int suite;
	uint64_t since_ms;		/* when it was made */
	uint64_t idle_ms;		/* as it was asked last */
	struct ksrtp_stats last;	/* what is in the sums already */
	struct ksrtpd_clocks clocks;
	struct ksrtpd_quality_streams streams;
};

void ksrtpd_tally_init(struct ksrtpd_tally *tally)
{
	unsigned int i;

	memset(tally, 0, sizeof(*tally));
	for (i = 0; i < KSRTPD_TALLY_BUCKETS; i++)
		LIST_INIT(&tally->buckets[i]);
}

static void forget(struct ksrtpd_tally *tally, struct ksrtpd_tally_leg *leg)
{
	tally->legs[leg->suite]--;
	ksrtpd_quality_forget(&leg->streams, UINT64_MAX);
	LIST_REMOVE(leg, entry);
	free(leg);
}

void ksrtpd_tally_uninit(struct ksrtpd_tally *tally)
{
	unsigned int i;

	for (i = 0; i < KSRTPD_TALLY_BUCKETS; i++) {
		while (!LIST_EMPTY(&tally->buckets[i]))
			forget(tally, LIST_FIRST(&tally->buckets[i]));
	}
}

/* -- adding up */

/* A counter that fell is that of a leg which began anew. */
static void add(uint64_t *sum, uint64_t now, uint64_t last)
{
	*sum += now >= last ? now - last : now;
}

static void add_all(struct ksrtp_stats *sum, const struct ksrtp_stats *now,
		    const struct ksrtp_stats *last)
{
	unsigned int i;

	add(&sum->received, now->received, last->received);
	add(&sum->forwarded, now->forwarded, last->forwarded);
	add(&sum->answered, now->answered, last->answered);
	add(&sum->passed_up, now->passed_up, last->passed_up);
	add(&sum->xdp, now->xdp, last->xdp);
	add(&sum->skb, now->skb, last->skb);
	add(&sum->received_bytes, now->received_bytes, last->received_bytes);
	add(&sum->sent, now->sent, last->sent);
	add(&sum->sent_bytes, now->sent_bytes, last->sent_bytes);
	add(&sum->sent_xdp, now->sent_xdp, last->sent_xdp);
	add(&sum->sent_skb, now->sent_skb, last->sent_skb);
	add(&sum->fragmented, now->fragmented, last->fragmented);
	for (i = 0; i <= KSRTP_REASON_MAX; i++)
		add(&sum->dropped[i], now->dropped[i], last->dropped[i]);
}

static void settle(struct ksrtpd_datapath *datapath, struct ksrtpd_tally_leg *leg)
{
	struct ksrtp_leg now;

	/* One that the datapath lost keeps what was last known of it. */
	if (!ksrtpd_datapath_leg_get(datapath, leg->id, &now))
		return;
	add_all(&datapath->tally.sums[leg->suite], &now.stats, &leg->last);
	leg->last = now.stats;
	leg->idle_ms = now.idle_known ? now.idle_ms : ksrtpd_now_ms() - leg->since_ms;
}

static struct ksrtpd_tally_leg *find(const struct ksrtpd_tally *tally, uint32_t id)
{
	struct ksrtpd_tally_leg *leg;

	LIST_FOREACH(leg, &tally->buckets[id % KSRTPD_TALLY_BUCKETS], entry) {
		if (leg->id == id)
			return leg;
	}
	return NULL;
}

static int take_stream(const struct ksrtp_stream *stream, void *arg)
{
	struct ksrtpd_tally *tally = arg;
	struct ksrtpd_tally_leg *leg = find(tally, stream->leg_id);

	/* Others may have legs there, too. */
	if (leg)
		ksrtpd_quality_add(&tally->quality[leg->suite], &leg->streams, &leg->clocks, stream,
				   tally->round);
	return 0;
}

/* The dump may begin again: a stream that was added has nothing more to add. */
static void look_again(void *arg)
{
	(void)arg;
}

/* One dump tells all streams of all legs. */
static void settle_streams(struct ksrtpd_datapath *datapath)
{
	struct ksrtpd_tally *tally = &datapath->tally;
	struct ksrtpd_tally_leg *leg;
	unsigned int i;

	tally->round++;
	if (datapath->ops->stream_dump(datapath, 0, take_stream, look_again, tally))
		return;
	for (i = 0; i < KSRTPD_TALLY_BUCKETS; i++) {
		LIST_FOREACH(leg, &tally->buckets[i], entry)
			ksrtpd_quality_forget(&leg->streams, tally->round);
	}
}

/* Before it is gone for good. */
static void settle_last(struct ksrtpd_datapath *datapath, struct ksrtpd_tally_leg *leg)
{
	settle(datapath, leg);
	datapath->ops->stream_dump(datapath, leg->id, take_stream, look_again, &datapath->tally);
}

const struct ksrtpd_tally *ksrtpd_tally_count(struct ksrtpd_datapath *datapath)
{
	struct ksrtpd_tally *tally = &datapath->tally;
	uint64_t now = ksrtpd_now_ms();
	struct ksrtpd_tally_leg *leg;
	unsigned int i;

	if (tally->counted_ms && now - tally->counted_ms < FRESH)
		return tally;
	tally->counted_ms = now;
	for (i = 0; i < KSRTPD_TALLY_BUCKETS; i++) {
		LIST_FOREACH(leg, &tally->buckets[i], entry)
			settle(datapath, leg);
	}
	settle_streams(datapath);
	return tally;
}

/* -- legs come and go */

static struct ksrtpd_tally_leg *add_leg(struct ksrtpd_tally *tally, uint32_t call_id,
					uint32_t leg_id, unsigned int suite)
{
	struct ksrtpd_tally_leg *leg = calloc(1, sizeof(*leg));

	/* Without memory it is not in the sums, and that is all. */
	if (!leg)
		return NULL;
	leg->id = leg_id;
	leg->call_id = call_id;
	leg->suite = suite;
	leg->since_ms = ksrtpd_now_ms();
	tally->legs[leg->suite]++;
	LIST_INSERT_HEAD(&tally->buckets[leg_id % KSRTPD_TALLY_BUCKETS], leg, entry);
	return leg;
}

void ksrtpd_tally_add(struct ksrtpd_datapath *datapath, uint32_t call_id, uint32_t leg_id)
{
	add_leg(&datapath->tally, call_id, leg_id, KSRTPD_TALLY_KEYLESS);
}

void ksrtpd_tally_take_back(struct ksrtpd_datapath *datapath, const struct ksrtp_leg *there,
			    unsigned int suite)
{
	struct ksrtpd_tally_leg *leg = add_leg(&datapath->tally, there->call_id, there->id, suite);

	if (leg)
		leg->last = there->stats;
}

void ksrtpd_tally_suite(struct ksrtpd_datapath *datapath, uint32_t leg_id, uint32_t suite)
{
	struct ksrtpd_tally *tally = &datapath->tally;
	struct ksrtpd_tally_leg *leg = find(tally, leg_id);

	if (!leg || leg->suite == suite || suite > KSRTP_SUITE_MAX)
		return;
	settle(datapath, leg);
	tally->legs[leg->suite]--;
	leg->suite = suite;
	tally->legs[leg->suite]++;
}

void ksrtpd_tally_clocks(struct ksrtpd_datapath *datapath, uint32_t leg_id,
			 const struct ksrtpd_clocks *clocks)
{
	struct ksrtpd_tally_leg *leg = find(&datapath->tally, leg_id);

	if (leg)
		leg->clocks = *clocks;
}

void ksrtpd_tally_leg_goes(struct ksrtpd_datapath *datapath, uint32_t leg_id)
{
	struct ksrtpd_tally_leg *leg = find(&datapath->tally, leg_id);

	if (!leg)
		return;
	settle_last(datapath, leg);
	forget(&datapath->tally, leg);
}

void ksrtpd_tally_call_goes(struct ksrtpd_datapath *datapath, uint32_t call_id)
{
	struct ksrtpd_tally_leg *leg, *next;
	unsigned int i;

	for (i = 0; i < KSRTPD_TALLY_BUCKETS; i++) {
		for (leg = LIST_FIRST(&datapath->tally.buckets[i]); leg; leg = next) {
			next = LIST_NEXT(leg, entry);
			if (leg->call_id != call_id)
				continue;
			settle_last(datapath, leg);
			forget(&datapath->tally, leg);
		}
	}
}

/* -- silence */

static int by_call(const void *a, const void *b)
{
	const struct ksrtpd_tally_idle *one = a, *other = b;

	if (one->call_id != other->call_id)
		return one->call_id < other->call_id ? -1 : 1;
	return one->idle_ms < other->idle_ms ? -1 : one->idle_ms > other->idle_ms;
}

struct ksrtpd_tally_idle *ksrtpd_tally_idle(struct ksrtpd_datapath *datapath, size_t *count)
{
	const struct ksrtpd_tally *tally = ksrtpd_tally_count(datapath);
	const struct ksrtpd_tally_leg *leg;
	struct ksrtpd_tally_idle *list;
	size_t legs = 0, i, n = 0;

	*count = 0;
	for (i = 0; i < KSRTPD_TALLY_SUITES; i++)
		legs += tally->legs[i];
	list = legs ? calloc(legs, sizeof(*list)) : NULL;
	if (!list)
		return NULL;
	for (i = 0; i < KSRTPD_TALLY_BUCKETS; i++) {
		LIST_FOREACH(leg, &tally->buckets[i], entry) {
			list[n].call_id = leg->call_id;
			list[n++].idle_ms = leg->idle_ms;
		}
	}
	qsort(list, n, sizeof(*list), by_call);
	/* Of each call the leg that heard something last. */
	for (i = 0; i < n; i++) {
		if (!*count || list[*count - 1].call_id != list[i].call_id)
			list[(*count)++] = list[i];
	}
	return list;
}
