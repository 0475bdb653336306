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
	{ NULL, NULL },
};

static json_t *known(bool is_known, uint64_t value)
{
	return is_known ? json_integer((json_int_t)value) : json_null();
}

static int take(const struct ksrtp_stream *stream, void *rows)
{
	char ssrc[16];

	snprintf(ssrc, sizeof(ssrc), "0x%08x", stream->ssrc);
	json_array_append_new(rows, json_pack("{s:I, s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:I, s:I}",
		"leg", (json_int_t)stream->leg_id,
		"direction", ksrtp_direction_name(stream->direction),
		"ssrc", ssrc,
		"context", (json_int_t)stream->context,
		"index", known(stream->has_index, stream->index),
		"roc", known(stream->has_index, stream->index >> 16),
		"seq", known(stream->has_index, stream->index & 0xffff),
		"rtcp_index", known(stream->has_rtcp_index, stream->rtcp_index),
		"packets", (json_int_t)stream->packets,
		"rtcp_packets", (json_int_t)stream->rtcp_packets));
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
	if (err) {
		json_decref(rows);
		err = kernel_refused(handle, err);
	} else {
		err = out_table(rows, columns, "no streams");
	}
	ksrtp_close(handle);
	return err;
}

const struct command stream_commands[] = {
	{ "show", "[LEG]", "Streams: SSRC, roll-over counter, highest sequence number, packets", show },
	{ NULL, NULL, NULL, NULL },
};
