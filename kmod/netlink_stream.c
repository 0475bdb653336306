// SPDX-License-Identifier: GPL-2.0
/* Streams: they come and go with packets, so a dump finds its place again by their ids. */
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/rculist.h>

#include "leg.h"
#include "net.h"
#include "netlink.h"
#include "stream.h"

static u64 age_ms(u64 now, u64 at)
{
	return div_u64(now - at, NSEC_PER_MSEC);
}

/* What the far end says; nothing before it said anything. */
static int fill_quality(struct sk_buff *skb, const struct ksrtp_quality *q, u64 now)
{
	const struct ksrtp_report *report = &q->last;

	if (q->reports &&
	    (nla_put_u32(skb, KSRTP_A_STREAM_REPORTS, q->reports) ||
	     nla_put_u64_64bit(skb, KSRTP_A_STREAM_REPORT_AGE_MS, age_ms(now, q->at),
			       KSRTP_A_STREAM_PAD) ||
	     nla_put_u8(skb, KSRTP_A_STREAM_REPORT_FRACTION, report->fraction) ||
	     nla_put_s32(skb, KSRTP_A_STREAM_REPORT_LOST, report->lost) ||
	     nla_put_u32(skb, KSRTP_A_STREAM_REPORT_HIGHEST, report->highest) ||
	     nla_put_u32(skb, KSRTP_A_STREAM_REPORT_JITTER, report->jitter)))
		return -EMSGSIZE;
	if (q->rtt_at &&
	    (nla_put_u32(skb, KSRTP_A_STREAM_RTT_US, q->rtt_us) ||
	     nla_put_u64_64bit(skb, KSRTP_A_STREAM_RTT_AGE_MS, age_ms(now, q->rtt_at),
			       KSRTP_A_STREAM_PAD)))
		return -EMSGSIZE;
	return 0;
}

static int fill(struct sk_buff *skb, const struct ksrtp_leg *leg, unsigned int direction,
		struct ksrtp_stream *stream)
{
	u64 highest, packets, rtcp_packets, rtcp_index, lost, now;
	struct ksrtp_quality quality;
	u8 pt;

	spin_lock_bh(&stream->lock);
	highest = stream->rtp.highest;
	rtcp_index = direction == KSRTP_DIRECTION_RX ? stream->rtcp.highest :
		     stream->rtcp_last ?: KSRTP_INDEX_NONE;
	packets = stream->packets;
	rtcp_packets = stream->rtcp_packets;
	lost = ksrtp_stream_lost(stream);
	pt = stream->pt;
	quality = stream->quality;
	now = ktime_get_ns();
	spin_unlock_bh(&stream->lock);

	if (nla_put_u32(skb, KSRTP_A_STREAM_LEG_ID, leg->id) ||
	    nla_put_u32(skb, KSRTP_A_STREAM_DIRECTION, direction) ||
	    nla_put_u32(skb, KSRTP_A_STREAM_SSRC, stream->ssrc) ||
	    nla_put_u32(skb, KSRTP_A_STREAM_CONTEXT, stream->context) ||
	    (direction == KSRTP_DIRECTION_TX && stream->out != stream->ssrc &&
	     nla_put_u32(skb, KSRTP_A_STREAM_OUT, stream->out)) ||
	    (highest != KSRTP_INDEX_NONE &&
	     nla_put_u64_64bit(skb, KSRTP_A_STREAM_INDEX, highest, KSRTP_A_STREAM_PAD)) ||
	    (rtcp_index != KSRTP_INDEX_NONE &&
	     nla_put_u32(skb, KSRTP_A_STREAM_RTCP_INDEX, rtcp_index)) ||
	    nla_put_u64_64bit(skb, KSRTP_A_STREAM_PACKETS, packets, KSRTP_A_STREAM_PAD) ||
	    nla_put_u64_64bit(skb, KSRTP_A_STREAM_RTCP_PACKETS, rtcp_packets,
			      KSRTP_A_STREAM_PAD) ||
	    (direction == KSRTP_DIRECTION_RX && highest != KSRTP_INDEX_NONE &&
	     nla_put_u64_64bit(skb, KSRTP_A_STREAM_LOST, lost, KSRTP_A_STREAM_PAD)) ||
	    (pt != KSRTP_PT_NONE && nla_put_u8(skb, KSRTP_A_STREAM_PT, pt)))
		return -EMSGSIZE;
	return fill_quality(skb, &quality, now);
}

/* The stream with the smallest id above @after; a leg has few. Under RCU. */
static struct ksrtp_stream *next_stream(const struct ksrtp_leg *leg, u64 after,
					unsigned int *direction)
{
	struct ksrtp_stream *stream, *next = NULL;
	unsigned int d, i;

	for (d = 0; d <= KSRTP_DIRECTION_MAX; d++) {
		for (i = 0; i < KSRTP_STREAM_BUCKETS; i++) {
			hlist_for_each_entry_rcu(stream, &leg->streams[d][i], node) {
				if (stream->id <= after || (next && next->id < stream->id) ||
				    READ_ONCE(stream->shelved))
					continue;
				next = stream;
				*direction = d;
			}
		}
	}
	return next;
}

static int dump_leg(struct sk_buff *skb, struct netlink_callback *cb, const struct ksrtp_leg *leg)
{
	struct ksrtp_nl_cursor *cursor = ksrtp_nl_cursor(cb);
	struct ksrtp_stream *stream;
	unsigned int direction;
	int err = 0;
	void *hdr;

	rcu_read_lock();
	while ((stream = next_stream(leg, cursor->sub, &direction))) {
		hdr = ksrtp_nl_dump_begin(skb, cb);
		err = hdr ? ksrtp_nl_dump_end(skb, hdr, fill(skb, leg, direction, stream)) :
			    -EMSGSIZE;
		if (err)
			break;
		cursor->sub = stream->id;
	}
	rcu_read_unlock();
	return err;
}

static int dump_all(struct sk_buff *skb, struct netlink_callback *cb, struct ksrtp_net *kn)
{
	struct ksrtp_nl_cursor *cursor = ksrtp_nl_cursor(cb);
	struct ksrtp_leg *leg;
	unsigned long id;
	int err;

	xa_for_each_start(&kn->legs, id, leg, cursor->id) {
		if (id != cursor->id)
			cursor->sub = 0;
		cursor->id = id;
		err = dump_leg(skb, cb, leg);
		if (err)
			return err;
		cursor->id = id + 1;
		cursor->sub = 0;
	}
	return 0;
}

int ksrtp_nl_stream_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct genl_info *info = genl_info_dump(cb);
	const struct nlattr *id = info->attrs[KSRTP_A_STREAM_LEG_ID];
	struct ksrtp_net *kn = ksrtp_nl_lock(info);
	struct ksrtp_leg *leg;
	int err;

	cb->seq = kn->seq;
	if (id) {
		leg = ksrtp_nl_find_leg(kn, id, cb->extack);
		err = PTR_ERR_OR_ZERO(leg);
		if (!err)
			err = dump_leg(skb, cb, leg);
	} else {
		err = dump_all(skb, cb, kn);
	}
	mutex_unlock(&kn->lock);
	return ksrtp_nl_dump_status(skb, err);
}
