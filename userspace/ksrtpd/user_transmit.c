// SPDX-License-Identifier: GPL-2.0
/* The way out: choose an index, burn it, have libsrtp encrypt under it (S3). */
#include "user_state.h"

#include "core/rtcp.h"

/* RFC 3550, A.1: MAX_DROPOUT */
#define PLAIN_JUMP_MAX		3000

/* The smallest index above @highest that ends in @seq. */
static u64 index_after(u64 highest, u16 seq)
{
	u64 index = (highest & ~0xffffULL) | seq;

	return index > highest ? index : index + 0x10000;
}

/*
 * The transmit index of a packet from a plain source follows its sequence number; a
 * jump counts only when the number after it comes next (RFC 3550, A.1). After a jump by
 * 2^15 or more receivers would guess the wrong roll-over counter for good: then the
 * stream goes on with the next index, under shifted numbers.
 */
static enum ksrtp_reason plain_index(struct stream *stream, u16 seq, u64 *index)
{
	u64 highest = stream->rtp.highest, distance;

	seq = (u16)(seq + stream->seq_shift);
	if (highest == KSRTP_INDEX_NONE) {
		*index = seq;
		return KSRTP_REASON_NONE;
	}
	if (ksrtp_index_estimate(highest, 0, seq, index))
		distance = ~0ULL;
	else
		distance = *index > highest ? *index - highest : highest - *index;
	if (distance <= PLAIN_JUMP_MAX) {
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
		stream->seq_shift = (u16)(stream->seq_shift + (u16)*index - seq);
	}
	return KSRTP_REASON_NONE;
}

/* The transmit index of a packet from a protected source: a fixed distance away. */
static enum ksrtp_reason shifted_index(struct stream *stream, u64 rx_index, u64 *index)
{
	int64_t shifted;

	if (stream->rtp.highest == KSRTP_INDEX_NONE)
		stream->base = (int64_t)(rx_index & ~0xffffULL);
	shifted = (int64_t)rx_index - stream->base;
	if (shifted < 0)
		return KSRTP_REASON_TX_LATE;
	*index = (u64)shifted;
	return KSRTP_REASON_NONE;
}

/*
 * Another receive stream feeds this one now: the same source under a new context, or one
 * that took over from a leg that is no more. Its indices stand elsewhere.
 */
static void change_source(struct stream *stream, const struct packet *pkt)
{
	u64 index;

	if (!pkt->plain && stream->rtp.highest != KSRTP_INDEX_NONE) {
		if (ksrtp_index_estimate(stream->rtp.highest, 0, pkt->seq, &index))
			index = index_after(stream->rtp.highest, pkt->seq);
		stream->base = (int64_t)pkt->index - (int64_t)index;
	}
	stream->source = pkt->stream->id;
}

/* Choose the packet's index and burn it. */
static enum ksrtp_reason burn(struct leg *to, struct key *key, struct stream *stream,
			      const struct packet *pkt, u64 *index)
{
	enum ksrtp_reason reason;
	enum ksrtp_seen seen;

	if (key->plain) {
		++*(pkt->rtcp ? &stream->rtcp_packets : &stream->packets);
		return KSRTP_REASON_NONE;
	}
	/* Only RTP says where its source's indices stand, SRTCP has indices of its own. */
	if (pkt->rtcp) {
		if (stream->rtcp_last == KSRTP_SRTCP_INDEX_MASK || !use_key(to, key, stream, true))
			return KSRTP_REASON_TX_LIMIT;
		*index = ++stream->rtcp_last;
		return KSRTP_REASON_NONE;
	}
	if (stream->source != pkt->stream->id)
		change_source(stream, pkt);
	if (pkt->plain)
		reason = plain_index(stream, pkt->seq, index);
	else
		reason = shifted_index(stream, pkt->index, index);
	if (reason != KSRTP_REASON_NONE)
		return reason;
	if (*index > KSRTP_INDEX_MAX)
		return KSRTP_REASON_TX_LIMIT;
	seen = ksrtp_window_check(&stream->rtp, *index);
	if (seen != KSRTP_SEEN_NEW)
		return seen == KSRTP_SEEN_REPLAY ? KSRTP_REASON_TX_DUP : KSRTP_REASON_TX_LATE;
	if (!use_key(to, key, stream, false))
		return KSRTP_REASON_TX_LIMIT;
	ksrtp_window_commit(&stream->rtp, *index);
	return KSRTP_REASON_NONE;
}

/* Both legs of a packet whose RTCP is rewritten. */
struct mapping {
	const struct leg *from, *to;
	const struct context *context;
};

static u32 map_ssrc(void *arg, enum ksrtp_ssrc_role role, u32 ssrc)
{
	const struct mapping *m = arg;
	const struct stream *s;

	if (role == KSRTP_SSRC_SENDER) {
		s = stream_find_tx(m->to, m->context, m->from->source, ssrc);
		return s ? s->out : ssrc;
	}
	/* What @from knows a source by; the source itself must hear its own SSRC. */
	s = stream_find_out(m->from, ssrc);
	return s && s->source_leg == m->to->source ? s->ssrc : ssrc;
}

static enum ksrtp_reason rewrite_rtcp(const struct route *route, const struct key *key,
				      struct packet *pkt)
{
	struct mapping m = { .from = route->from, .to = route->to, .context = key->context };

	if (!m.from->maps_ssrcs && !m.to->maps_ssrcs)
		return KSRTP_REASON_NONE;
	if (ksrtp_rtcp_map_ssrcs(pkt->data, pkt->len, map_ssrc, &m))
		return KSRTP_REASON_TX_RTCP;
	return KSRTP_REASON_NONE;
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
		reason = rewrite_rtcp(route, key, pkt);
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
