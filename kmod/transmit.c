// SPDX-License-Identifier: GPL-2.0
/* The way out: choose an index, burn it, encrypt (S3). */
#include <ksrtp/wire.h>

#include "core/internal.h"
#include "core/rtcp.h"
#include "ice.h"
#include "keys.h"
#include "leg.h"
#include "net.h"
#include "path.h"
#include "quality.h"
#include "route.h"
#include "stream.h"
#include "transform.h"

/* RFC 3550, A.1: MAX_DROPOUT */
#define JUMP_MAX		3000

/* The smallest index above @highest that ends in @seq. */
static u64 index_after(u64 highest, u16 seq)
{
	u64 index = (highest & ~0xffffULL) | seq;

	return index > highest ? index : index + 0x10000;
}

/*
 * The transmit index of a packet from a plain source follows its sequence number; a
 * jump counts only when the number after it comes next (RFC 3550, A.1). After a jump by
 * 2^15 or more, as when a source starts again with a smaller number, receivers would
 * guess the wrong roll-over counter for good (RFC 3711, section 3.3.1): then the stream
 * goes on with the next index, under shifted numbers.
 */
static enum ksrtp_reason plain_index(struct ksrtp_stream *stream, u32 roc, u16 seq, u64 *index)
{
	u64 highest = stream->rtp.highest;
	u64 distance;

	seq += stream->seq_shift;
	if (highest == KSRTP_INDEX_NONE) {
		*index = (u64)roc << 16 | seq;
		return KSRTP_REASON_NONE;
	}
	if (ksrtp_index_estimate(highest, 0, seq, index))
		distance = U64_MAX;
	else
		distance = *index > highest ? *index - highest : highest - *index;
	if (distance <= JUMP_MAX) {
		stream->jump_next = -1;
		return KSRTP_REASON_NONE;
	}
	if (stream->jump_next != seq) {
		stream->jump_next = (u16)(seq + 1);
		return KSRTP_REASON_TX_JUMP;
	}
	stream->jump_next = -1;
	*index = index_after(highest, seq);
	if (*index - highest >= 0x8000) {
		*index = highest + 1;
		stream->seq_shift += (u16)*index - seq;
	}
	return KSRTP_REASON_NONE;
}

/* The transmit index of a packet from a protected source: a fixed distance away. */
static enum ksrtp_reason shifted_index(struct ksrtp_stream *stream, u32 roc, u64 rx_index,
				       u64 *index)
{
	s64 shifted;

	if (stream->rtp.highest == KSRTP_INDEX_NONE)
		stream->base = (s64)(rx_index & ~0xffffULL) - ((s64)roc << 16);
	shifted = (s64)rx_index - stream->base;
	if (shifted < (s64)roc << 16)
		return KSRTP_REASON_TX_LATE;
	*index = shifted;
	return KSRTP_REASON_NONE;
}

/*
 * Another receive stream feeds this one now: the same source under a new context, or one
 * that took over from a leg that is no more. Its indices stand elsewhere, where is
 * estimated once: while both contexts live they take turns. Only RTP says where, SRTCP
 * has indices of its own. A packet from before the stream's index 0 stays out, as late.
 */
static enum ksrtp_reason change_source(struct ksrtp_stream *stream, const struct ksrtp_packet *pkt)
{
	s64 base = 0;
	u64 index;

	if (pkt->stream->id == stream->source_before) {
		base = stream->base_before;
	} else if (!pkt->plain && stream->rtp.highest != KSRTP_INDEX_NONE) {
		if (ksrtp_index_estimate(stream->rtp.highest, 0, pkt->seq, &index))
			return KSRTP_REASON_TX_LATE;
		/* Of an older context, so of long ago rather than ahead. */
		if (pkt->stream->id < stream->source && index > stream->rtp.highest + JUMP_MAX)
			return KSRTP_REASON_TX_LATE;
		base = (s64)pkt->index - (s64)index;
	}
	/* At most two are live, so the older one of three is not. */
	if (stream->source > stream->source_before ||
	    pkt->stream->id == stream->source_before) {
		stream->source_before = stream->source;
		stream->base_before = stream->base;
	}
	stream->source = pkt->stream->id;
	stream->base = base;
	return KSRTP_REASON_NONE;
}

/* Choose the packet's index and burn it. Under the stream's lock. */
static enum ksrtp_reason burn(struct ksrtp_leg *to, struct ksrtp_key *key,
			      struct ksrtp_stream *stream, const struct ksrtp_packet *pkt,
			      u64 *index)
{
	enum ksrtp_reason reason;
	enum ksrtp_seen seen;

	if (key->kind == KSRTP_KIND_NONE) {
		++*(pkt->rtcp ? &stream->rtcp_packets : &stream->packets);
		return KSRTP_REASON_NONE;
	}
	if (pkt->rtcp) {
		if (stream->rtcp_last == KSRTP_SRTCP_INDEX_MASK ||
		    !ksrtp_path_use_key(to, key, stream, true))
			return KSRTP_REASON_TX_LIMIT;
		/* Burnt before use, so the first is 1, as everywhere in the field. */
		*index = ++stream->rtcp_last;
		return KSRTP_REASON_NONE;
	}
	if (unlikely(stream->source != pkt->stream->id)) {
		reason = change_source(stream, pkt);
		if (reason != KSRTP_REASON_NONE)
			return reason;
	}
	if (pkt->plain)
		reason = plain_index(stream, key->roc, pkt->seq, index);
	else
		reason = shifted_index(stream, key->roc, pkt->index, index);
	if (reason != KSRTP_REASON_NONE)
		return reason;
	if (*index > KSRTP_INDEX_MAX)
		return KSRTP_REASON_TX_LIMIT;
	seen = ksrtp_window_check(&stream->rtp, *index);
	if (seen != KSRTP_SEEN_NEW)
		return seen == KSRTP_SEEN_REPLAY ? KSRTP_REASON_TX_DUP : KSRTP_REASON_TX_LATE;
	if (!ksrtp_path_use_key(to, key, stream, false))
		return KSRTP_REASON_TX_LIMIT;
	ksrtp_window_commit(&stream->rtp, *index);
	return KSRTP_REASON_NONE;
}

/* Both legs of a packet whose RTCP is rewritten. */
struct mapping {
	const struct ksrtp_leg	*from, *to;
	u32			context;
};

static u32 map_ssrc(void *arg, enum ksrtp_ssrc_role role, u32 ssrc)
{
	const struct mapping *m = arg;
	const struct ksrtp_key *key;
	struct ksrtp_stream *s;

	if (role == KSRTP_SSRC_SENDER) {
		s = ksrtp_stream_find_tx(m->to, m->context, m->from->source, ssrc);
		return s ? s->out : ssrc;
	}
	/* What @from knows a source by; the source itself must hear its own SSRC. */
	s = ksrtp_stream_find_out(m->from, ssrc);
	if (s && READ_ONCE(s->source_leg) == m->to->source)
		return s->ssrc;
	/* Another's, but @to's own on its side: the two change places, or it took it for its own. */
	key = ksrtp_path_tx_key(m->from);
	s = key ? ksrtp_stream_find_tx(m->from, key->context, m->to->source, ssrc) : NULL;
	return s ? s->out : ssrc;
}

static enum ksrtp_reason rewrite_rtcp(const struct ksrtp_route *route, const struct ksrtp_key *key,
				      struct ksrtp_packet *pkt)
{
	struct mapping m = { .from = route->from, .to = route->to, .context = key->context };

	if (!READ_ONCE(m.from->maps_ssrcs) && !READ_ONCE(m.to->maps_ssrcs))
		return KSRTP_REASON_NONE;
	if (ksrtp_rtcp_map_ssrcs(pkt->data, pkt->len, map_ssrc, &m))
		return KSRTP_REASON_TX_RTCP;
	return KSRTP_REASON_NONE;
}

static void rewrite_rtp(const struct ksrtp_route *route, const struct ksrtp_stream *stream,
			struct ksrtp_packet *pkt)
{
	if (unlikely(stream->out != pkt->ssrc))
		put_unaligned_be32(stream->out, pkt->data + KSRTP_RTP_SSRC_OFF);
	if (unlikely(route->rewrite && route->rewrite->maps_pt))
		pkt->data[1] = (pkt->data[1] & 0x80) | route->rewrite->pt[pkt->data[1] & 0x7f];
}

enum ksrtp_reason ksrtp_protect(struct ksrtp_route *route, struct ksrtp_packet *pkt)
{
	struct ksrtp_leg *to = route->to;
	struct ksrtp_key *key = ksrtp_path_tx_key(to);
	enum ksrtp_reason reason = KSRTP_REASON_NONE;
	struct ksrtp_stream *stream;
	u64 index = 0;
	int len;

	if (READ_ONCE(to->state) != KSRTP_LEG_STATE_ACTIVE && !pkt->dtls)
		return KSRTP_REASON_TX_HELD;
	if (unlikely(!ksrtp_ice_has_consent(to)))
		return KSRTP_REASON_TX_NO_CONSENT;
	/* End to end: octet for octet, as it came. */
	if (to->relay)
		return KSRTP_REASON_NONE;
	if (!key)
		return KSRTP_REASON_TX_NO_KEY;
	if (pkt->len + (pkt->rtcp ? key->overhead_rtcp : key->overhead_rtp) > pkt->room)
		return KSRTP_REASON_STALE;

	stream = ksrtp_stream_find_tx(to, key->context, route->from->source, pkt->ssrc);
	if (unlikely(!stream)) {
		stream = ksrtp_stream_create_tx(route, key, pkt->ssrc);
		if (IS_ERR(stream))
			return PTR_ERR(stream) == -EEXIST ? KSRTP_REASON_TX_SSRC :
							    KSRTP_REASON_TX_STREAMS;
	}
	if (pkt->rtcp)
		reason = rewrite_rtcp(route, key, pkt);
	else
		rewrite_rtp(route, stream, pkt);
	if (reason != KSRTP_REASON_NONE)
		return reason;

	spin_lock(&stream->lock);
	reason = burn(to, key, stream, pkt, &index);
	if (reason == KSRTP_REASON_NONE && !pkt->rtcp)
		stream->pt = pkt->data[1] & 0x7f;
	spin_unlock(&stream->lock);
	if (reason != KSRTP_REASON_NONE)
		return reason;
	if (pkt->rtcp)
		ksrtp_quality_send(to, stream, pkt);
	if (key->kind == KSRTP_KIND_NONE)
		return reason;
	if (!pkt->rtcp && unlikely((u16)index != pkt->seq))
		put_unaligned_be16((u16)index, pkt->data + KSRTP_RTP_SEQ_OFF);
	len = pkt->rtcp ?
	      ksrtp_transform_seal_rtcp(key, pkt->data, pkt->len, stream->out, index) :
	      ksrtp_transform_seal_rtp(key, pkt->data, pkt->len, pkt->hdr_len, stream->out, index);
	if (len < 0)
		return KSRTP_REASON_TX_CRYPTO;
	pkt->len = len;
	return KSRTP_REASON_NONE;
}
