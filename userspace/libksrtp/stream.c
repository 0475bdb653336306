// SPDX-License-Identifier: GPL-2.0
/* Streams. */
#include "handle.h"

struct taker {
	ksrtp_stream_cb	cb;
	void		*arg;
};

static void take_quality(const struct nlattr **tb, struct ksrtp_stream *stream)
{
	stream->has_lost = ksrtp_attr_u64(tb[KSRTP_A_STREAM_LOST], &stream->lost);
	stream->has_pt = ksrtp_attr_u8(tb[KSRTP_A_STREAM_PT], &stream->pt);
	stream->has_report = ksrtp_attr_u32(tb[KSRTP_A_STREAM_REPORTS], &stream->reports);
	ksrtp_attr_u64(tb[KSRTP_A_STREAM_REPORT_AGE_MS], &stream->report_age_ms);
	ksrtp_attr_u8(tb[KSRTP_A_STREAM_REPORT_FRACTION], &stream->report_fraction);
	ksrtp_attr_s32(tb[KSRTP_A_STREAM_REPORT_LOST], &stream->report_lost);
	ksrtp_attr_u32(tb[KSRTP_A_STREAM_REPORT_HIGHEST], &stream->report_highest);
	ksrtp_attr_u32(tb[KSRTP_A_STREAM_REPORT_JITTER], &stream->report_jitter);
	stream->has_rtt = ksrtp_attr_u32(tb[KSRTP_A_STREAM_RTT_US], &stream->rtt_us);
	ksrtp_attr_u64(tb[KSRTP_A_STREAM_RTT_AGE_MS], &stream->rtt_age_ms);
}

static int take_dumped(struct ksrtp *handle, const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[KSRTP_A_STREAM_MAX + 1];
	const struct taker *taker = arg;
	struct ksrtp_stream stream = { 0 };

	(void)handle;
	ksrtp_attr_parse(nlh, tb, KSRTP_A_STREAM_MAX);
	ksrtp_attr_u32(tb[KSRTP_A_STREAM_LEG_ID], &stream.leg_id);
	ksrtp_attr_u32(tb[KSRTP_A_STREAM_DIRECTION], &stream.direction);
	ksrtp_attr_u32(tb[KSRTP_A_STREAM_SSRC], &stream.ssrc);
	ksrtp_attr_u32(tb[KSRTP_A_STREAM_CONTEXT], &stream.context);
	stream.out = stream.ssrc;
	ksrtp_attr_u32(tb[KSRTP_A_STREAM_OUT], &stream.out);
	stream.has_index = ksrtp_attr_u64(tb[KSRTP_A_STREAM_INDEX], &stream.index);
	stream.has_rtcp_index = ksrtp_attr_u32(tb[KSRTP_A_STREAM_RTCP_INDEX],
					       &stream.rtcp_index);
	ksrtp_attr_u64(tb[KSRTP_A_STREAM_PACKETS], &stream.packets);
	ksrtp_attr_u64(tb[KSRTP_A_STREAM_RTCP_PACKETS], &stream.rtcp_packets);
	take_quality(tb, &stream);
	return taker->cb(&stream, taker->arg);
}

int ksrtp_stream_dump(struct ksrtp *handle, uint32_t only, ksrtp_stream_cb cb,
		      ksrtp_restart_cb restart, void *arg)
{
	struct taker taker = { .cb = cb, .arg = arg };
	struct ksrtp_nl_dump dump = {
		.item = take_dumped, .item_arg = &taker, .restart = restart, .restart_arg = arg,
	};
	struct nlmsghdr *nlh;
	int err;

	nlh = ksrtp_nl_begin(handle, KSRTP_CMD_STREAM_GET, &err);
	if (!nlh)
		return err;
	if (only)
		mnl_attr_put_u32(nlh, KSRTP_A_STREAM_LEG_ID, only);
	return ksrtp_nl_dump(handle, nlh, &dump);
}
