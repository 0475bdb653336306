// SPDX-License-Identifier: GPL-2.0
#include <linux/ktime.h>

#include "core/internal.h"
#include "keys.h"
#include "leg.h"
#include "path.h"
#include "quality.h"
#include "stream.h"

/* A leg and the clock while its RTCP is read. */
struct reading {
	const struct ksrtp_leg	*leg;
	struct ksrtp_stream	*stream;	/* that leaving RTCP is of */
	u32			from;		/* ksrtp_leg.source of the leg that it came from */
	u64			now;
};

/* The transmit stream that the far end knows by @ssrc, of the context in use if it can be. */
static struct ksrtp_stream *find(const struct ksrtp_leg *leg, u32 ssrc)
{
	const struct ksrtp_key *key = ksrtp_path_tx_key(leg);

	return key ? ksrtp_stream_find_wire(leg, key->context, ssrc) : NULL;
}

static void take_report(void *arg, const struct ksrtp_report *report)
{
	const struct reading *r = arg;
	struct ksrtp_stream *s = find(r->leg, report->ssrc);

	if (!s)
		return;
	spin_lock(&s->lock);
	ksrtp_quality_report(&s->quality, report, r->now);
	spin_unlock(&s->lock);
}

void ksrtp_quality_receive(const struct ksrtp_packet *pkt)
{
	struct reading r = { .leg = pkt->leg, .now = ktime_get_ns() };
	const struct ksrtp_report_reader reader = { .report = take_report, .arg = &r };

	ksrtp_rtcp_read(pkt->data, pkt->len, &reader);
}

static void take_sender(void *arg, u32 ssrc, u32 ntp)
{
	const struct reading *r = arg;
	struct ksrtp_stream *s = r->stream->out == ssrc ? r->stream : find(r->leg, ssrc);

	/* One source must not spoil what is measured of another's. */
	if (!s || READ_ONCE(s->source_leg) != r->from)
		return;
	spin_lock(&s->lock);
	ksrtp_quality_sent(&s->quality, ntp, r->now);
	spin_unlock(&s->lock);
}

void ksrtp_quality_send(const struct ksrtp_leg *to, struct ksrtp_stream *stream,
			const struct ksrtp_packet *pkt)
{
	struct reading r = {
		.leg = to, .stream = stream, .from = pkt->leg->source, .now = ktime_get_ns(),
	};
	const struct ksrtp_report_reader reader = { .sender = take_sender, .arg = &r };

	ksrtp_rtcp_read(pkt->data, pkt->len, &reader);
}
