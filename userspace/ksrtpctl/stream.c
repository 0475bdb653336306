// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>

#include "ctl.h"

static const struct column columns[] = {
	{ "leg", "LEG" },
	{ "direction", "DIR" },
	{ "ssrc", "SSRC" },
	{ "context", "CONTEXT" },
	{ "roc", "ROC" },
	{ "seq", "SEQ" },
	{ "packets", "PACKETS" },
	{ "rtcp_index", "RTCP-INDEX" },
	{ "rtcp_packets", "RTCP" },
	{ "lost", "LOST" },
	{ "payload_type", "PT" },
	{ "report.fraction_lost", "THERE-LOST" },
	{ "report.lost", "THERE-ALL" },
	{ "report.jitter", "JITTER" },
	{ "rtt_us", "RTT-US" },
	{ NULL, NULL },
};

static json_t *known(bool is_known, uint64_t value)
{
	return is_known ? json_integer((json_int_t)value) : json_null();
}

/* What the far end said last; null where it never spoke of the stream. */
static json_t *report(const struct ksrtp_stream *stream)
{
	if (!stream->has_report)
		return json_null();
	return json_pack("{s:I, s:I, s:f, s:I, s:I, s:I}",
			 "count", (json_int_t)stream->reports,
			 "age_ms", (json_int_t)stream->report_age_ms,
			 "fraction_lost", stream->report_fraction / 256.0,
			 "lost", (json_int_t)stream->report_lost,
			 "highest", (json_int_t)stream->report_highest,
			 "jitter", (json_int_t)stream->report_jitter);
}

static int take(const struct ksrtp_stream *stream, void *rows)
{
	char ssrc[16];

	snprintf(ssrc, sizeof(ssrc), "0x%08x", stream->ssrc);
	json_array_append_new(rows, json_pack("{s:I, s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:I, s:I, s:o,"
		" s:o, s:o, s:o, s:o}",
		"leg", (json_int_t)stream->leg_id,
		"direction", ksrtp_direction_name(stream->direction),
		"ssrc", ssrc,
		"context", (json_int_t)stream->context,
		"index", known(stream->has_index, stream->index),
		"roc", known(stream->has_index, stream->index >> 16),
		"seq", known(stream->has_index, stream->index & 0xffff),
		"rtcp_index", known(stream->has_rtcp_index, stream->rtcp_index),
		"packets", (json_int_t)stream->packets,
		"rtcp_packets", (json_int_t)stream->rtcp_packets,
		"lost", known(stream->has_lost, stream->lost),
		"payload_type", known(stream->has_pt, stream->pt),
		"report", report(stream),
		"rtt_us", known(stream->has_rtt, stream->rtt_us),
		"rtt_age_ms", known(stream->has_rtt, stream->rtt_age_ms)));
	return 0;
}

static void restart(void *rows)
{
	json_array_clear(rows);
}

static int show(int argc, char **argv)
{
	struct ksrtp *handle;
	uint32_t leg = 0;
	json_t *rows;
	int err;

	if (argc > 1)
		return misused("stream show takes the id of a leg, or nothing");
	if (argc == 1 && !parse_id(argv[0], &leg))
		return misused("stream show: '%s' is not the id of a leg (a number from 1 on)",
			       argv[0]);
	handle = kernel_open();
	if (!handle)
		return EXIT_REFUSED;
	rows = json_array();
	err = ksrtp_stream_dump(handle, leg, take, restart, rows);
	err = kernel_table(handle, err, rows, columns, "no streams");
	ksrtp_close(handle);
	return err;
}

const struct command stream_commands[] = {
	{ "show", "[LEG]", "Streams: SSRC, roll-over counter, packets, loss, jitter, round-trip time", show },
	{ NULL, NULL, NULL, NULL },
};
