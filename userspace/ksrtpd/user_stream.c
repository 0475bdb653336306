// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include <openssl/rand.h>

#include "user_state.h"

struct stream *stream_find(const struct leg *leg, const struct context *context, uint32_t ssrc)
{
	struct stream *s;

	LIST_FOREACH(s, &leg->streams[RX], entry)
		if (s->ssrc == ssrc && s->context == context)
			return s;
	return NULL;
}

struct stream *stream_find_tx(const struct leg *leg, const struct context *context,
			      uint32_t source, uint32_t ssrc)
{
	struct stream *s;

	LIST_FOREACH(s, &leg->streams[TX], entry)
		if (s->ssrc == ssrc && s->source_leg == source && s->context == context)
			return s;
	return NULL;
}

struct stream *stream_find_out(const struct leg *leg, uint32_t out)
{
	struct stream *s;

	LIST_FOREACH(s, &leg->streams[TX], entry)
		if (s->out == out)
			return s;
	return NULL;
}

struct stream *stream_find_wire(const struct leg *leg, const struct context *context, uint32_t out)
{
	struct stream *s, *other = NULL;

	LIST_FOREACH(s, &leg->streams[TX], entry) {
		if (s->out != out)
			continue;
		if (s->context == context)
			return s;
		other = s;
	}
	return other;
}

static struct stream *add(struct leg *leg, const struct key *key, uint32_t ssrc)
{
	uint32_t window = leg->window[key->direction];
	struct stream *s;

	if (leg->stream_count[key->direction] >= leg->streams_max ||
	    leg->engine->streams >= leg->engine->streams_max)
		return NULL;
	s = calloc(1, sizeof(*s) + (window + RTCP_WINDOW) / 64 * sizeof(s->rings[0]));
	if (!s)
		return NULL;
	s->ssrc = ssrc;
	s->out = ssrc;
	s->context = key->context;
	ksrtp_numbers_init(&s->numbers);
	s->pt = PT_NONE;
	ksrtp_window_init(&s->rtp, s->rings, window);
	ksrtp_window_init(&s->rtcp, s->rings + window / 64, RTCP_WINDOW);
	leg->stream_count[key->direction]++;
	leg->engine->streams++;
	LIST_INSERT_HEAD(&leg->streams[key->direction], s, entry);
	return s;
}

struct stream *stream_create(struct leg *leg, const struct key *key, uint32_t ssrc)
{
	return add(leg, key, ssrc);
}

/* The SSRC with which the source left under an earlier context: it keeps it. */
static const struct stream *earlier(const struct leg *leg, uint32_t source, uint32_t ssrc)
{
	const struct stream *s;

	LIST_FOREACH(s, &leg->streams[TX], entry)
		if (s->ssrc == ssrc && s->source_leg == source)
			return s;
	return NULL;
}

/* Its source is gone for good: the indices go on under the new one, in every context. */
static void hand_over(const struct leg *leg, const struct stream *gone, uint32_t source)
{
	uint32_t before = gone->source_leg, ssrc = gone->ssrc, out = gone->out;
	struct stream *s;

	LIST_FOREACH(s, &leg->streams[TX], entry) {
		if (s->source_leg != before || s->ssrc != ssrc || s->out != out)
			continue;
		s->source_leg = source;
		ksrtp_numbers_hand_over(&s->numbers);
	}
}

/* The SSRC that the route itself names for @ssrc. */
static uint32_t named_out(const struct route *route, uint32_t ssrc)
{
	unsigned int i;

	for (i = 0; i < route->rewrite.ssrc_count; i++)
		if (route->rewrite.ssrc[i].in == ssrc)
			return route->rewrite.ssrc[i].out;
	return ssrc;
}

/* 0 when there are no random numbers. */
static uint32_t unused_out(const struct leg *leg)
{
	uint32_t out;

	/* At most streams_max of 2^32 are taken. */
	do {
		if (RAND_bytes((unsigned char *)&out, sizeof(out)) != 1)
			return 0;
	} while (!out || stream_find_out(leg, out));
	return out;
}

struct stream *stream_create_tx(const struct route *route, const struct key *key, uint32_t ssrc,
				int *err)
{
	uint32_t source = route->from->source, out;
	struct leg *leg = route->to;
	const struct stream *before = earlier(leg, source, ssrc);
	struct stream *other, *s;

	*err = -ENOSPC;
	out = before ? before->out : named_out(route, ssrc);
	other = stream_find_wire(leg, key->context, out);
	if (!before && other && other->ssrc == ssrc &&
	    !find_leg(leg->engine, other->source_leg)) {
		hand_over(leg, other, source);
		if (other->context == key->context)
			return other;
		/* It never left under this context, where its indices can begin. */
		other = NULL;
	}
	/* Its own SSRC a source may have under other contexts, but none is two sources' in one. */
	if (other && (!before || other->context == key->context)) {
		if (!(route->flags & KSRTP_ROUTE_F_MAP_SSRC)) {
			*err = -EEXIST;
			return NULL;
		}
		out = unused_out(leg);
		if (!out)
			return NULL;
	}
	s = add(leg, key, ssrc);
	if (!s)
		return NULL;
	s->out = out;
	s->source_leg = source;
	if (out != ssrc)
		leg->rewrites = true;
	return s;
}

void streams_retire(struct leg *leg, unsigned int direction, struct context *context)
{
	struct stream *s = LIST_FIRST(&leg->streams[direction]), *next;

	for (; s; s = next) {
		next = LIST_NEXT(s, entry);
		if (s->context != context)
			continue;
		LIST_REMOVE(s, entry);
		leg->stream_count[direction]--;
		if (context->pasts) {
			LIST_INSERT_HEAD(&context->kept, s, entry);
			continue;
		}
		leg->engine->streams--;
		free(s);
	}
}

void streams_resume(struct leg *leg, struct context *context)
{
	struct stream *s;

	while ((s = LIST_FIRST(&context->kept))) {
		LIST_REMOVE(s, entry);
		leg->stream_count[RX]++;
		LIST_INSERT_HEAD(&leg->streams[RX], s, entry);
	}
}

void streams_forget(struct ksrtpd_engine *engine, struct context *context)
{
	struct stream *s;

	while ((s = LIST_FIRST(&context->kept))) {
		LIST_REMOVE(s, entry);
		engine->streams--;
		free(s);
	}
}
