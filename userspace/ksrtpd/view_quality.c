// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>

#include <ksrtp/ksrtp.h>

#include "call_clock.h"
#include "view_quality.h"

/* What there is to say of a leg's streams. */
struct quality {
	json_t *received, *sent;
	struct ksrtpd_clocks clocks;
};

static json_t *seconds_if(bool there, double seconds)
{
	return there ? json_real(seconds) : json_null();
}

static json_t *view_sent(const struct ksrtp_stream *stream, const struct ksrtpd_clocks *clocks)
{
	uint32_t rate = ksrtpd_clocks_rate(clocks, stream->has_pt ? stream->pt : -1);

	return json_pack("{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "ssrc", (json_int_t)stream->out, "packets", (json_int_t)stream->packets,
			 "payload_type", stream->has_pt ? json_integer(stream->pt) : json_null(),
			 "fraction_lost", seconds_if(stream->has_report, stream->report_fraction / 256.0),
			 "lost", stream->has_report ? json_integer(stream->report_lost) : json_null(),
			 "jitter_seconds", seconds_if(stream->has_report && rate,
						      rate ? (double)stream->report_jitter / rate : 0),
			 "round_trip_seconds", seconds_if(stream->has_rtt, stream->rtt_us / 1e6),
			 "age_ms", stream->has_report ?
				   json_integer((json_int_t)stream->report_age_ms) : json_null());
}

static int take_stream(const struct ksrtp_stream *stream, void *arg)
{
	struct quality *quality = arg;

	if (stream->direction == KSRTP_DIRECTION_TX)
		json_array_append_new(quality->sent, view_sent(stream, &quality->clocks));
	else
		json_array_append_new(quality->received, json_pack("{s:I, s:I, s:o}",
			"ssrc", (json_int_t)stream->ssrc, "packets", (json_int_t)stream->packets,
			"lost", stream->has_lost ? json_integer((json_int_t)stream->lost) : json_null()));
	return 0;
}

static void begin_again(void *arg)
{
	struct quality *quality = arg;

	json_array_clear(quality->received);
	json_array_clear(quality->sent);
}

json_t *ksrtpd_view_quality(const struct ksrtpd_call *call, const struct ksrtpd_path *path,
			    const struct ksrtpd_leg *leg, int side)
{
	struct ksrtpd_datapath *datapath = leg->datapath;
	struct quality quality;

	if (!leg->in_datapath || leg->config.keying == KSRTPD_KEYING_RELAY)
		return json_null();
	ksrtpd_call_clocks(call, path, side, &quality.clocks);
	quality.received = json_array();
	quality.sent = json_array();
	if (!datapath->ops->stream_dump(datapath, leg->id, take_stream, begin_again, &quality))
		return json_pack("{s:o, s:o}", "received", quality.received, "sent", quality.sent);
	json_decref(quality.received);
	json_decref(quality.sent);
	return json_null();
}
