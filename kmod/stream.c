// SPDX-License-Identifier: GPL-2.0
/*
 * Streams are found without a lock, and made from spares that were allocated in
 * process context, so that a new SSRC costs the packet path no allocation.
 */
#include <linux/hash.h>
#include <linux/random.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "keys.h"
#include "leg.h"
#include "net.h"
#include "route.h"
#include "stream.h"

static struct hlist_head *bucket(const struct ksrtp_leg *leg, unsigned int direction, u32 ssrc)
{
	u32 i = hash_32(ssrc, ilog2(KSRTP_STREAM_BUCKETS));

	return (struct hlist_head *)&leg->streams[direction][i];
}

struct ksrtp_stream *ksrtp_stream_find(const struct ksrtp_leg *leg, unsigned int direction,
				       u32 context, u32 ssrc)
{
	struct ksrtp_stream *s;

	hlist_for_each_entry_rcu(s, bucket(leg, direction, ssrc), node)
		if (s->ssrc == ssrc && READ_ONCE(s->context) == context)
			return s;
	return NULL;
}

struct ksrtp_stream *ksrtp_stream_find_tx(const struct ksrtp_leg *leg, u32 context, u32 source,
					  u32 ssrc)
{
	struct ksrtp_stream *s;

	hlist_for_each_entry_rcu(s, bucket(leg, KSRTP_DIRECTION_TX, ssrc), node)
		if (s->ssrc == ssrc && READ_ONCE(s->source_leg) == source && s->context == context)
			return s;
	return NULL;
}

struct ksrtp_stream *ksrtp_stream_find_out(const struct ksrtp_leg *leg, u32 out)
{
	struct ksrtp_stream *s;
	int i;

	for (i = 0; i < KSRTP_STREAM_BUCKETS; i++)
		hlist_for_each_entry_rcu(s, &leg->streams[KSRTP_DIRECTION_TX][i], node)
			if (s->out == out)
				return s;
	return NULL;
}

struct ksrtp_stream *ksrtp_stream_find_wire(const struct ksrtp_leg *leg, u32 context, u32 out)
{
	struct ksrtp_stream *s, *other = NULL;
	int i;

	for (i = 0; i < KSRTP_STREAM_BUCKETS; i++) {
		hlist_for_each_entry_rcu(s, &leg->streams[KSRTP_DIRECTION_TX][i], node) {
			if (s->out != out)
				continue;
			if (s->context == context)
				return s;
			other = s;
		}
	}
	return other;
}

/* A spare becomes a stream; NULL: none may or can. Under the leg's lock. */
static struct ksrtp_stream *take_spare(struct ksrtp_leg *leg, const struct ksrtp_key *key, u32 ssrc)
{
	static atomic64_t last_id = ATOMIC64_INIT(0);
	unsigned int direction = key->direction;
	struct ksrtp_stream *s = NULL;
	int i;

	lockdep_assert_held(&leg->lock);
	if (leg->dead || leg->stream_count[direction] >= leg->streams_max ||
	    atomic_read(&leg->kn->streams) >= READ_ONCE(leg->kn->streams_max))
		return NULL;
	for (i = 0; i < KSRTP_STREAM_SPARES && !s; i++)
		swap(s, leg->spares[direction][i]);
	queue_work(ksrtp_wq, &leg->refill_work);
	if (!s)
		return NULL;
	/* CPUs that check at once may go over by one each: the limit bounds memory. */
	atomic_inc(&leg->kn->streams);
	s->ssrc = ssrc;
	s->out = ssrc;
	s->context = key->context;
	s->id = atomic64_inc_return(&last_id);
	leg->stream_count[direction]++;
	return s;
}

/* Does @key still stand in its slot? */
static bool is_installed(const struct ksrtp_leg *leg, const struct ksrtp_key *key)
{
	return rcu_access_pointer(leg->keys[key->direction][key->slot]) == key;
}

struct ksrtp_stream *ksrtp_stream_create(struct ksrtp_leg *leg, const struct ksrtp_key *key,
					 u32 ssrc)
{
	struct ksrtp_stream *s = NULL;

	spin_lock(&leg->lock);
	if (!is_installed(leg, key))
		goto out;
	s = ksrtp_stream_find(leg, KSRTP_DIRECTION_RX, key->context, ssrc);
	if (s)
		goto out;
	s = take_spare(leg, key, ssrc);
	if (s)
		hlist_add_head_rcu(&s->node, bucket(leg, KSRTP_DIRECTION_RX, ssrc));
out:
	spin_unlock(&leg->lock);
	return s;
}

/* The SSRC with which the source left under an earlier context: it keeps it. */
static bool earlier_out(const struct ksrtp_leg *leg, u32 source, u32 ssrc, u32 *out)
{
	struct ksrtp_stream *s;

	hlist_for_each_entry_rcu(s, bucket(leg, KSRTP_DIRECTION_TX, ssrc), node) {
		if (s->ssrc == ssrc && s->source_leg == source) {
			*out = s->out;
			return true;
		}
	}
	return false;
}

static u32 unused_out(const struct ksrtp_leg *leg)
{
	u32 out;

	/* At most streams_max of 2^32 are taken. */
	do {
		out = get_random_u32();
	} while (!out || ksrtp_stream_find_out(leg, out));
	return out;
}

/*
 * The source of @gone is gone for good: the indices of its SSRC go on under the new one, in
 * every context, or a key that is activated again would repeat them.
 */
static void hand_over(struct ksrtp_leg *leg, const struct ksrtp_stream *gone, u32 source)
{
	u32 before = gone->source_leg;
	struct ksrtp_stream *s;

	hlist_for_each_entry(s, bucket(leg, KSRTP_DIRECTION_TX, gone->ssrc), node) {
		if (s->ssrc != gone->ssrc || s->source_leg != before)
			continue;
		WRITE_ONCE(s->source_leg, source);
		spin_lock(&s->lock);
		ksrtp_numbers_hand_over(&s->numbers);
		spin_unlock(&s->lock);
	}
}

/*
 * The SSRC with which what arrives with @ssrc leaves: the one that it left with under another
 * context, the one that the route names, or one that nobody has. False: it may not leave.
 */
static bool choose_out(struct ksrtp_leg *leg, const struct ksrtp_route *route,
		       const struct ksrtp_key *key, u32 ssrc, u32 *out)
{
	u32 source = route->from->source;
	struct ksrtp_stream *other;

	if (earlier_out(leg, source, ssrc, out)) {
		/* Never two streams with one SSRC under one key. */
		other = ksrtp_stream_find_wire(leg, key->context, *out);
		if (!other || other->context != key->context)
			return true;
	} else {
		*out = ksrtp_route_ssrc(route, ssrc);
		other = ksrtp_stream_find_out(leg, *out);
		if (!other)
			return true;
		if (other->ssrc == ssrc && !xa_load(&leg->kn->legs, other->source_leg)) {
			hand_over(leg, other, source);
			return true;
		}
	}
	if (!(route->flags & KSRTP_ROUTE_F_MAP_SSRC))
		return false;
	*out = unused_out(leg);
	return true;
}

struct ksrtp_stream *ksrtp_stream_create_tx(const struct ksrtp_route *route,
					    const struct ksrtp_key *key, u32 ssrc)
{
	struct ksrtp_leg *leg = route->to;
	struct ksrtp_stream *s = NULL;
	u32 source = route->from->source, out;
	int err = -ENOSPC;

	spin_lock(&leg->lock);
	if (!is_installed(leg, key))
		goto out;
	s = ksrtp_stream_find_tx(leg, key->context, source, ssrc);
	if (s)
		goto out;
	if (!choose_out(leg, route, key, ssrc, &out)) {
		err = -EEXIST;
		goto out;
	}
	/* Of a source that is gone it may have become this one's. */
	s = ksrtp_stream_find_tx(leg, key->context, source, ssrc);
	if (s)
		goto out;
	s = take_spare(leg, key, ssrc);
	if (!s)
		goto out;
	s->out = out;
	s->source_leg = source;
	if (out != ssrc)
		WRITE_ONCE(leg->rewrites, true);
	hlist_add_head_rcu(&s->node, bucket(leg, KSRTP_DIRECTION_TX, ssrc));
out:
	spin_unlock(&leg->lock);
	return s ?: ERR_PTR(err);
}

static struct ksrtp_stream *alloc_stream(u32 window)
{
	struct ksrtp_stream *s;

	s = kzalloc(struct_size(s, rings, (window + KSRTP_RTCP_WINDOW) / 64), GFP_KERNEL_ACCOUNT);
	if (!s)
		return NULL;
	spin_lock_init(&s->lock);
	ksrtp_window_init(&s->rtp, s->rings, window);
	ksrtp_window_init(&s->rtcp, s->rings + window / 64, KSRTP_RTCP_WINDOW);
	ksrtp_numbers_init(&s->numbers);
	s->pt = KSRTP_PT_NONE;
	return s;
}

/* Put a stream of @window packets into a spare's place if that is empty or narrower. */
static int refill_one(struct ksrtp_leg *leg, unsigned int direction, int i, u32 window)
{
	struct ksrtp_stream *s = alloc_stream(window), *spare;

	if (!s)
		return -ENOMEM;
	spin_lock_bh(&leg->lock);
	spare = leg->spares[direction][i];
	if (!spare || spare->rtp.size < window)
		swap(s, leg->spares[direction][i]);
	spin_unlock_bh(&leg->lock);
	kfree(s);
	return 0;
}

int ksrtp_stream_refill(struct ksrtp_leg *leg)
{
	int direction, i;

	for (direction = 0; direction < 2; direction++)
		for (i = 0; i < KSRTP_STREAM_SPARES; i++)
			if (!READ_ONCE(leg->spares[direction][i]) &&
			    refill_one(leg, direction, i, READ_ONCE(leg->window[direction])))
				return -ENOMEM;
	return 0;
}

int ksrtp_stream_widen(struct ksrtp_leg *leg, u32 window)
{
	int i;

	if (window <= leg->window[KSRTP_DIRECTION_TX])
		return 0;
	for (i = 0; i < KSRTP_STREAM_SPARES; i++)
		if (refill_one(leg, KSRTP_DIRECTION_TX, i, window))
			return -ENOMEM;
	WRITE_ONCE(leg->window[KSRTP_DIRECTION_TX], window);
	return 0;
}

void ksrtp_streams_retire(struct ksrtp_leg *leg, unsigned int direction, u32 context)
{
	struct hlist_node *next;
	struct ksrtp_stream *s;
	int i;

	lockdep_assert_held(&leg->lock);
	for (i = 0; i < KSRTP_STREAM_BUCKETS; i++) {
		hlist_for_each_entry_safe(s, next, &leg->streams[direction][i], node) {
			if (s->context != context)
				continue;
			hlist_del_rcu(&s->node);
			if (!s->shelved)
				leg->stream_count[direction]--;
			atomic_dec(&leg->kn->streams);
			kfree_rcu(s, rcu);
		}
	}
}

static void set_shelved(struct ksrtp_leg *leg, struct ksrtp_stream *s, bool shelved)
{
	if (s->shelved == shelved)
		return;
	WRITE_ONCE(s->shelved, shelved);
	leg->stream_count[KSRTP_DIRECTION_RX] += shelved ? -1 : 1;
}

void ksrtp_streams_shelve(struct ksrtp_leg *leg, u32 context)
{
	struct ksrtp_stream *s;
	int i;

	lockdep_assert_held(&leg->lock);
	for (i = 0; i < KSRTP_STREAM_BUCKETS; i++)
		hlist_for_each_entry(s, &leg->streams[KSRTP_DIRECTION_RX][i], node)
			if (s->context == context)
				set_shelved(leg, s, true);
}

void ksrtp_streams_resume(struct ksrtp_leg *leg, u32 context, u32 now)
{
	struct ksrtp_stream *s;
	int i;

	lockdep_assert_held(&leg->lock);
	for (i = 0; i < KSRTP_STREAM_BUCKETS; i++) {
		hlist_for_each_entry(s, &leg->streams[KSRTP_DIRECTION_RX][i], node) {
			if (s->context != context)
				continue;
			/* No packet has a key of either context at this moment, or both are one. */
			WRITE_ONCE(s->context, now);
			set_shelved(leg, s, false);
		}
	}
}

void ksrtp_streams_free(struct ksrtp_leg *leg)
{
	struct hlist_node *next;
	struct ksrtp_stream *s;
	int direction, i;

	for (direction = 0; direction < 2; direction++) {
		for (i = 0; i < KSRTP_STREAM_BUCKETS; i++) {
			hlist_for_each_entry_safe(s, next, &leg->streams[direction][i], node) {
				atomic_dec(&leg->kn->streams);
				kfree(s);
			}
		}
		for (i = 0; i < KSRTP_STREAM_SPARES; i++)
			kfree(leg->spares[direction][i]);
	}
}
