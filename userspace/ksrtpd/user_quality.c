// SPDX-License-Identifier: GPL-2.0
/*
 * What RTCP tells of a leg's streams: the far end's reports and, by the sender reports that
 * pass, the round-trip time; read by the module's own source, by the same rules.
 */
#include "user_state.h"

/* A leg and the clock while its RTCP is read. */
struct reading {
	const struct leg *leg;
	struct stream *stream;		/* that leaving RTCP is of */
	uint32_t from;			/* leg.source of the leg that it came from */
	uint64_t now;
};

/* The transmit stream that the far end knows by @ssrc, of the context in use if it can be. */
static struct stream *find(const struct leg *leg, uint32_t ssrc)
{
	const struct key *key = tx_key(leg);

	return key ? stream_find_wire(leg, key->context, ssrc) : NULL;
}

static void take_report(void *arg, const struct ksrtp_report *report)
{
	const struct reading *r = arg;
	struct stream *s = find(r->leg, report->ssrc);

	if (s)
		ksrtp_quality_report(&s->quality, report, r->now);
}

void quality_receive(const struct packet *pkt)
{
	struct reading r = { .leg = pkt->leg, .now = now_ns() };
	const struct ksrtp_report_reader reader = { .report = take_report, .arg = &r };

	ksrtp_rtcp_read(pkt->data, pkt->len, &reader);
}

static void take_sender(void *arg, u32 ssrc, u32 ntp)
{
	const struct reading *r = arg;
	struct stream *s = r->stream->out == ssrc ? r->stream : find(r->leg, ssrc);

	/* One source must not spoil what is measured of another's. */
	if (s && s->source_leg == r->from)
		ksrtp_quality_sent(&s->quality, ntp, r->now);
}

void quality_send(const struct leg *to, struct stream *stream, const struct packet *pkt)
{
	struct reading r = { .leg = to, .stream = stream, .from = pkt->leg->source, .now = now_ns() };
	const struct ksrtp_report_reader reader = { .sender = take_sender, .arg = &r };

	ksrtp_rtcp_read(pkt->data, pkt->len, &reader);
}

/* -- what there is to tell */

static void tell_quality(const struct ksrtp_quality *q, uint64_t now, struct ksrtp_stream *told)
{
	told->has_report = q->reports;
	told->has_rtt = q->rtt_at;
	if (told->has_report) {
		told->reports = q->reports;
		told->report_age_ms = (now - q->at) / 1000000;
		told->report_fraction = q->last.fraction;
		told->report_lost = q->last.lost;
		told->report_highest = q->last.highest;
		told->report_jitter = q->last.jitter;
	}
	if (told->has_rtt) {
		told->rtt_us = q->rtt_us;
		told->rtt_age_ms = (now - q->rtt_at) / 1000000;
	}
}

static uint64_t lost(const struct stream *s)
{
	uint64_t expected = s->packets ? s->rtp.highest - s->first + 1 : 0;

	return expected > s->packets ? expected - s->packets : 0;
}

static int tell_stream(const struct leg *leg, uint32_t direction, const struct stream *s,
		       ksrtp_stream_cb cb, void *arg)
{
	struct ksrtp_stream told = {
		.leg_id = leg->id, .direction = direction, .ssrc = s->ssrc, .out = s->out,
		.packets = s->packets, .rtcp_packets = s->rtcp_packets,
	};

	told.context = s->context->number;
	told.has_index = s->rtp.highest != KSRTP_INDEX_NONE;
	if (told.has_index)
		told.index = s->rtp.highest;
	told.has_rtcp_index = direction == TX ? s->rtcp_last : s->rtcp.highest != KSRTP_INDEX_NONE;
	if (told.has_rtcp_index)
		told.rtcp_index = direction == TX ? s->rtcp_last : (uint32_t)s->rtcp.highest;
	told.has_lost = direction == RX && told.has_index;
	if (told.has_lost)
		told.lost = lost(s);
	told.has_pt = s->pt != PT_NONE;
	if (told.has_pt)
		told.pt = s->pt;
	tell_quality(&s->quality, now_ns(), &told);
	return cb(&told, arg);
}

static int tell_leg(const struct leg *leg, ksrtp_stream_cb cb, void *arg)
{
	const struct stream *s;
	uint32_t direction;
	int err;

	for (direction = 0; direction <= KSRTP_DIRECTION_MAX; direction++) {
		LIST_FOREACH(s, &leg->streams[direction], entry) {
			err = tell_stream(leg, direction, s, cb, arg);
			if (err)
				return err;
		}
	}
	return 0;
}

int ksrtpd_engine_stream_dump(struct ksrtpd_engine *engine, uint32_t leg_id, ksrtp_stream_cb cb,
			      void *arg)
{
	const struct leg *leg;
	int err = 0;

	if (leg_id) {
		leg = find_leg(engine, leg_id);
		return leg ? tell_leg(leg, cb, arg) : refuse(engine, -ENOENT, "no such leg");
	}
	LIST_FOREACH(leg, &engine->legs, entry) {
		err = tell_leg(leg, cb, arg);
		if (err)
			break;
	}
	return err;
}
