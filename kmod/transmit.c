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

static const enum ksrtp_reason reasons[] = {
	[KSRTP_NUMBER_NEW] = KSRTP_REASON_NONE,
	[KSRTP_NUMBER_DUP] = KSRTP_REASON_TX_DUP,
	[KSRTP_NUMBER_LATE] = KSRTP_REASON_TX_LATE,
	[KSRTP_NUMBER_JUMP] = KSRTP_REASON_TX_JUMP,
	[KSRTP_NUMBER_END] = KSRTP_REASON_TX_LIMIT,
};

/* Choose the packet's index and burn it. Under the stream's lock. */
static enum ksrtp_reason burn(struct ksrtp_leg *to, struct ksrtp_key *key,
			      struct ksrtp_stream *stream, const struct ksrtp_packet *pkt,
			      u64 *index)
{
	const struct ksrtp_arrival in = {
		.source = (u64)pkt->leg->id << 32 | pkt->stream->context,
		.index = pkt->index, .seq = pkt->seq, .plain = pkt->plain,
	};
	enum ksrtp_number number;

	if (key->kind == KSRTP_KIND_NONE) {
		++*(pkt->rtcp ? &stream->rtcp_packets : &stream->packets);
		return KSRTP_REASON_NONE;
	}
	if (pkt->rtcp) {
		if (stream->rtcp_last == KSRTP_SRTCP_INDEX_MASK) {
			ksrtp_key_index_ends(to, key, true);
			return KSRTP_REASON_TX_LIMIT;
		}
		if (!ksrtp_path_use_key(to, key, stream, true))
			return KSRTP_REASON_TX_LIMIT;
		/* Burnt before use, so the first is 1, as everywhere in the field. */
		*index = ++stream->rtcp_last;
		return KSRTP_REASON_NONE;
	}
	number = ksrtp_numbers_next(&stream->numbers, &stream->rtp, key->roc, &in, index);
	if (unlikely(number == KSRTP_NUMBER_END))
		ksrtp_key_index_ends(to, key, true);
	if (number != KSRTP_NUMBER_NEW)
		return reasons[number];
	if (unlikely(*index >= KSRTP_KEY_SRTP_SOFT))
		ksrtp_key_index_ends(to, key, false);
	if (!ksrtp_path_use_key(to, key, stream, false))
		return KSRTP_REASON_TX_LIMIT;
	ksrtp_window_commit(&stream->rtp, *index);
	if (unlikely(stream->numbers.shift) && !READ_ONCE(to->rewrites))
		WRITE_ONCE(to->rewrites, true);
	return KSRTP_REASON_NONE;
}

/* Both legs of an RTCP packet, and the stream that it leaves in. */
struct mapping {
	const struct ksrtp_leg		*from, *to;
	const struct ksrtp_stream	*stream;
	u32				context;
};

static int map_sender(void *arg, u32 *ssrc)
{
	const struct mapping *m = arg;
	const struct ksrtp_stream *s = m->stream;
	u32 source;

	/* As a rule all are the first. */
	if (unlikely(*ssrc != s->ssrc))
		s = ksrtp_stream_find_tx(m->to, m->context, m->from->source, *ssrc);
	if (s) {
		*ssrc = s->out;
		return 0;
	}
	/* One that does not send there yet; but as another that does, nobody speaks (S3). */
	s = ksrtp_stream_find_out(m->to, *ssrc);
	source = s ? READ_ONCE(s->source_leg) : m->from->source;
	if (source != m->from->source && xa_load(&m->to->kn->legs, source))
		return -EEXIST;
	return 0;
}

/* What @to calls a source that @from speaks of, and, where its numbers may be others, its stream. */
static void *map_target(void *arg, u32 *ssrc)
{
	const struct mapping *m = arg;
	const struct ksrtp_key *key = ksrtp_path_tx_key(m->from);
	struct ksrtp_stream *s, *now;

	/* What @from knows a source by; the source itself must hear its own SSRC. */
	s = ksrtp_stream_find_out(m->from, *ssrc);
	if (s && READ_ONCE(s->source_leg) == m->to->source) {
		*ssrc = s->ssrc;
		/* Of several contexts with this SSRC, the one in which it leaves now. */
		now = key ? ksrtp_stream_find_tx(m->from, key->context, m->to->source, s->ssrc) :
			    NULL;
		return now ?: s;
	}
	/* Another's, but @to's own on its side: the two change places, or it took it for its own. */
	s = key ? ksrtp_stream_find_tx(m->from, key->context, m->to->source, *ssrc) : NULL;
	if (s)
		*ssrc = s->out;
	return NULL;
}

/* What the source itself calls a number that @from speaks of. */
static u32 map_number(void *arg, void *target, u32 number)
{
	struct ksrtp_stream *s = target;

	spin_lock(&s->lock);
	number = ksrtp_numbers_back(&s->numbers, &s->rtp, number);
	spin_unlock(&s->lock);
	return number;
}

/* Also where nothing is mapped, a source speaks for itself alone; the contents matter less then. */
static enum ksrtp_reason rewrite_rtcp(const struct ksrtp_route *route, const struct ksrtp_key *key,
				      const struct ksrtp_stream *stream, struct ksrtp_packet *pkt)
{
	struct mapping m = {
		.from = route->from, .to = route->to, .stream = stream, .context = key->context,
	};
	bool maps = READ_ONCE(m.from->rewrites) || READ_ONCE(m.to->rewrites);
	const struct ksrtp_rtcp_map map = {
		.sender = map_sender, .target = maps ? map_target : NULL, .number = map_number,
		.arg = &m,
	};
	int err = ksrtp_rtcp_rewrite(pkt->data, pkt->len, &map);

	if (likely(!err) || (err == -EINVAL && !maps))
		return KSRTP_REASON_NONE;
	return err == -EEXIST ? KSRTP_REASON_TX_SSRC : KSRTP_REASON_TX_RTCP;
}

static void rewrite_rtp(const struct ksrtp_route *route, const struct ksrtp_stream *stream,
			struct ksrtp_packet *pkt)
{
	if (unlikely(stream->out != pkt->ssrc))
		put_unaligned_be32(stream->out, pkt->data + KSRTP_RTP_SSRC_OFF);
	if (unlikely(route->rewrite && route->rewrite->maps_pt))
		pkt->data[1] = (pkt->data[1] & 0x80) | route->rewrite->pt[pkt->data[1] & 0x7f];
}

static bool fits(const struct ksrtp_key *key, const struct ksrtp_packet *pkt)
{
	return pkt->len + (pkt->rtcp ? key->overhead_rtcp : key->overhead_rtp) <= pkt->room;
}

/*
 * Room was made for the keys that there were. One that has been installed and activated since
 * may want more: then the packet leaves under the one before it, as a moment ago.
 */
static struct ksrtp_key *tx_key(const struct ksrtp_leg *to, const struct ksrtp_packet *pkt)
{
	struct ksrtp_key *key = ksrtp_path_tx_key(to);

	if (likely(!key || fits(key, pkt)))
		return key;
	key = rcu_dereference(to->keys[KSRTP_DIRECTION_TX][!key->slot]);
	return key && fits(key, pkt) ? key : ERR_PTR(-EMSGSIZE);
}

enum ksrtp_reason ksrtp_protect(struct ksrtp_route *route, struct ksrtp_packet *pkt)
{
	struct ksrtp_leg *to = route->to;
	enum ksrtp_reason reason = KSRTP_REASON_NONE;
	struct ksrtp_stream *stream;
	struct ksrtp_key *key;
	u64 index = 0;
	int len;

	if (READ_ONCE(to->state) != KSRTP_LEG_STATE_ACTIVE && !pkt->dtls)
		return KSRTP_REASON_TX_HELD;
	if (unlikely(!ksrtp_ice_has_consent(to)))
		return KSRTP_REASON_TX_NO_CONSENT;
	/* End to end: octet for octet, as it came. */
	if (to->relay)
		return KSRTP_REASON_NONE;
	key = tx_key(to, pkt);
	if (!key)
		return KSRTP_REASON_TX_NO_KEY;
	if (IS_ERR(key))
		return KSRTP_REASON_STALE;
	if (!pkt->rtcp && unlikely(!ksrtp_transform_takes_rtp(key, pkt->data)))
		return KSRTP_REASON_TX_CRYPTO;

	stream = ksrtp_stream_find_tx(to, key->context, route->from->source, pkt->ssrc);
	if (unlikely(!stream)) {
		stream = ksrtp_stream_create_tx(route, key, pkt->ssrc);
		if (IS_ERR(stream))
			return PTR_ERR(stream) == -EEXIST ? KSRTP_REASON_TX_SSRC :
							    KSRTP_REASON_TX_STREAMS;
	}
	if (pkt->rtcp)
		reason = rewrite_rtcp(route, key, stream, pkt);
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
