// SPDX-License-Identifier: GPL-2.0
/* The way out: choose an index, burn it, have libsrtp encrypt under it (S3). */
#include "user_state.h"

#include "core/rtcp.h"

static const enum ksrtp_reason reasons[] = {
	[KSRTP_NUMBER_NEW] = KSRTP_REASON_NONE,
	[KSRTP_NUMBER_DUP] = KSRTP_REASON_TX_DUP,
	[KSRTP_NUMBER_LATE] = KSRTP_REASON_TX_LATE,
	[KSRTP_NUMBER_JUMP] = KSRTP_REASON_TX_JUMP,
	[KSRTP_NUMBER_END] = KSRTP_REASON_TX_LIMIT,
};

/* Choose the packet's index and burn it. */
static enum ksrtp_reason burn(struct leg *to, struct key *key, struct stream *stream,
			      const struct packet *pkt, u64 *index)
{
	const struct ksrtp_arrival in = {
		.source = (u64)pkt->leg->id << 32 | pkt->stream->context->number,
		.index = pkt->index, .seq = pkt->seq, .plain = pkt->plain,
	};
	enum ksrtp_number number;

	if (key->plain) {
		++*(pkt->rtcp ? &stream->rtcp_packets : &stream->packets);
		return KSRTP_REASON_NONE;
	}
	if (pkt->rtcp) {
		if (stream->rtcp_last == KSRTP_SRTCP_INDEX_MASK)
			key_ended(to, key);
		if (stream->rtcp_last == KSRTP_SRTCP_INDEX_MASK || !use_key(to, key, stream, true))
			return KSRTP_REASON_TX_LIMIT;
		*index = ++stream->rtcp_last;
		return KSRTP_REASON_NONE;
	}
	number = ksrtp_numbers_next(&stream->numbers, &stream->rtp, key->roc, &in, index);
	if (number == KSRTP_NUMBER_END)
		key_ended(to, key);
	if (number != KSRTP_NUMBER_NEW)
		return reasons[number];
	if (!use_key(to, key, stream, false))
		return KSRTP_REASON_TX_LIMIT;
	ksrtp_window_commit(&stream->rtp, *index);
	if (stream->numbers.shift)
		to->rewrites = true;
	return KSRTP_REASON_NONE;
}

/* Both legs of an RTCP packet, and the stream that it leaves in. */
struct mapping {
	const struct leg *from, *to;
	const struct stream *stream;
	const struct context *context;
};

static int map_sender(void *arg, u32 *ssrc)
{
	const struct mapping *m = arg;
	const struct stream *s = m->stream;

	/* As a rule all are the first. */
	if (*ssrc != s->ssrc)
		s = stream_find_tx(m->to, m->context, m->from->source, *ssrc);
	if (s) {
		*ssrc = s->out;
		return 0;
	}
	/* One that does not send there yet; but as another that does, nobody speaks (S3). */
	s = stream_find_out(m->to, *ssrc);
	if (s && s->source_leg != m->from->source && find_leg(m->to->engine, s->source_leg))
		return -EEXIST;
	return 0;
}

/* What @to calls a source that @from speaks of, and, where its numbers may be others, its stream. */
static void *map_target(void *arg, u32 *ssrc)
{
	const struct mapping *m = arg;
	const struct key *key = tx_key(m->from);
	struct stream *s, *now;

	/* What @from knows a source by; the source itself must hear its own SSRC. */
	s = stream_find_out(m->from, *ssrc);
	if (s && s->source_leg == m->to->source) {
		*ssrc = s->ssrc;
		/* Of several contexts with this SSRC, the one in which it leaves now. */
		now = key ? stream_find_tx(m->from, key->context, m->to->source, s->ssrc) : NULL;
		return now ? now : s;
	}
	/* Another's, but @to's own on its side: the two change places, or it took it for its own. */
	s = key ? stream_find_tx(m->from, key->context, m->to->source, *ssrc) : NULL;
	if (s)
		*ssrc = s->out;
	return NULL;
}

/* What the source itself calls a number that @from speaks of. */
static u32 map_number(void *arg, void *target, u32 number)
{
	const struct stream *s = target;

	(void)arg;
	return ksrtp_numbers_back(&s->numbers, &s->rtp, number);
}

/* Also where nothing is mapped, a source speaks for itself alone; the contents matter less then. */
static enum ksrtp_reason rewrite_rtcp(const struct route *route, const struct key *key,
				      const struct stream *stream, struct packet *pkt)
{
	struct mapping m = {
		.from = route->from, .to = route->to, .stream = stream, .context = key->context,
	};
	bool maps = m.from->rewrites || m.to->rewrites;
	const struct ksrtp_rtcp_map map = {
		.sender = map_sender, .target = maps ? map_target : NULL, .number = map_number,
		.arg = &m,
	};
	int err = ksrtp_rtcp_rewrite(pkt->data, pkt->len, &map);

	if (!err || (err == -EINVAL && !maps))
		return KSRTP_REASON_NONE;
	return err == -EEXIST ? KSRTP_REASON_TX_SSRC : KSRTP_REASON_TX_RTCP;
}

static void rewrite_rtp(const struct route *route, const struct stream *stream,
			struct packet *pkt)
{
	if (stream->out != pkt->ssrc)
		put_unaligned_be32(stream->out, pkt->data + KSRTP_RTP_SSRC_OFF);
	pkt->data[1] = (pkt->data[1] & 0x80) | route->pt[pkt->data[1] & 0x7f];
}

/* The MKI goes before the tag of AES-CM, and behind everything of GCM. */
static void insert_mki(const struct key *key, struct packet *pkt)
{
	const struct ksrtpd_user_suite *suite = ksrtpd_user_suite(key->suite);
	size_t behind = suite->aead ? 0 : pkt->rtcp ? suite->tag_rtcp : suite->tag_rtp;
	uint8_t *at = pkt->data + pkt->len - behind;

	if (!key->mki_len)
		return;
	memmove(at + key->mki_len, at, behind);
	memcpy(at, key->mki, key->mki_len);
	pkt->len += key->mki_len;
}

static enum ksrtp_reason seal(struct key *key, const struct stream *stream, struct packet *pkt,
			      u64 index)
{
	struct ksrtpd_user_srtp *srtp = tx_session(key);

	if (!srtp)
		return KSRTP_REASON_TX_CRYPTO;
	if (pkt->rtcp) {
		if (!ksrtpd_user_seal_rtcp(srtp, pkt->data, &pkt->len))
			return KSRTP_REASON_TX_CRYPTO;
	} else {
		if ((u16)index != pkt->seq)
			put_unaligned_be16((u16)index, pkt->data + KSRTP_RTP_SEQ_OFF);
		if (!ksrtpd_user_seal_rtp(srtp, pkt->data, &pkt->len, stream->out, index))
			return KSRTP_REASON_TX_CRYPTO;
	}
	insert_mki(key, pkt);
	return KSRTP_REASON_NONE;
}

enum ksrtp_reason protect(struct route *route, struct packet *pkt)
{
	struct leg *to = route->to;
	struct key *key = tx_key(to);
	enum ksrtp_reason reason = KSRTP_REASON_NONE;
	struct stream *stream;
	u64 index = 0;
	int err;

	if (to->state != KSRTP_LEG_STATE_ACTIVE && !pkt->dtls)
		return KSRTP_REASON_TX_HELD;
	if (!has_consent(to))
		return KSRTP_REASON_TX_NO_CONSENT;
	/* End to end: octet for octet, as it came. */
	if (to->relay)
		return KSRTP_REASON_NONE;
	if (!key)
		return KSRTP_REASON_TX_NO_KEY;
	stream = stream_find_tx(to, key->context, route->from->source, pkt->ssrc);
	if (!stream) {
		stream = stream_create_tx(route, key, pkt->ssrc, &err);
		if (!stream)
			return err == -EEXIST ? KSRTP_REASON_TX_SSRC : KSRTP_REASON_TX_STREAMS;
	}
	if (pkt->rtcp)
		reason = rewrite_rtcp(route, key, stream, pkt);
	else
		rewrite_rtp(route, stream, pkt);
	if (reason != KSRTP_REASON_NONE)
		return reason;
	reason = burn(to, key, stream, pkt, &index);
	if (reason != KSRTP_REASON_NONE)
		return reason;
	if (pkt->rtcp)
		quality_send(to, stream, pkt);
	else
		stream->pt = pkt->data[1] & 0x7f;
	if (key->plain)
		return KSRTP_REASON_NONE;
	return seal(key, stream, pkt, index);
}
