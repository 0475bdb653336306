// SPDX-License-Identifier: GPL-2.0
#include <linux/jiffies.h>
#include <linux/unaligned.h>

#include <ksrtp/wire.h>

#include "core/internal.h"
#include "core/iv.h"
#include "core/packet.h"
#include "engine.h"
#include "keys.h"
#include "leg.h"
#include "net.h"
#include "path.h"
#include "stream.h"

/* Trials of a second key that one leg may cause in a second. */
#define TRIALS_PER_SECOND	50
/* RFC 3550, A.1: MAX_DROPOUT */
#define PLAIN_JUMP_MAX		3000

static struct ksrtp_key *rx_key(const struct ksrtp_leg *leg, unsigned int slot)
{
	return rcu_dereference(leg->keys[KSRTP_DIRECTION_RX][slot]);
}

static struct ksrtp_key *tx_key(const struct ksrtp_leg *leg)
{
	return rcu_dereference(leg->keys[KSRTP_DIRECTION_TX][READ_ONCE(leg->tx_slot)]);
}

bool ksrtp_leg_is_plain(const struct ksrtp_leg *leg)
{
	const struct ksrtp_key *key = rx_key(leg, READ_ONCE(leg->rx_slot)) ?:
				      rx_key(leg, !READ_ONCE(leg->rx_slot));

	return key && key->suite == KSRTP_SUITE_NONE;
}

bool ksrtp_path_growth(const struct ksrtp_leg *leg, const struct ksrtp_leg *to, bool rtcp,
		       int *growth)
{
	const struct ksrtp_key *in = rx_key(leg, READ_ONCE(leg->rx_slot));
	const struct ksrtp_key *out = tx_key(to);

	if (!in || !out)
		return false;
	*growth = rtcp ? out->overhead_rtcp - in->overhead_rtcp :
			 out->overhead_rtp - in->overhead_rtp;
	return true;
}

/* One more packet of @stream under @key; false: the key is used up. Under the stream's lock. */
static bool use_key(struct ksrtp_leg *leg, struct ksrtp_key *key, struct ksrtp_stream *stream,
		    bool rtcp)
{
	u64 *packets = rtcp ? &stream->rtcp_packets : &stream->packets;
	u64 step = rtcp ? KSRTP_KEY_SRTCP_SETTLE : KSRTP_KEY_SRTP_SETTLE;

	/* The share is settled before it is used. */
	if (unlikely((*packets & (step - 1)) == 0) && !ksrtp_key_settle(leg, key, rtcp))
		return false;
	++*packets;
	return true;
}

/* -- receive */

static enum ksrtp_reason seen_reason(enum ksrtp_seen seen)
{
	return seen == KSRTP_SEEN_REPLAY ? KSRTP_REASON_REPLAY : KSRTP_REASON_OLD;
}

static bool trial_allowed(struct ksrtp_leg *leg)
{
	bool allowed;

	spin_lock(&leg->lock);
	if (time_after(jiffies, leg->trial_stamp + HZ)) {
		leg->trial_stamp = jiffies;
		leg->trial_tokens = TRIALS_PER_SECOND;
	}
	allowed = leg->trial_tokens;
	if (allowed)
		leg->trial_tokens--;
	spin_unlock(&leg->lock);
	return allowed;
}

static enum ksrtp_reason receive_plain(struct ksrtp_packet *pkt, struct ksrtp_key *key)
{
	struct ksrtp_leg *leg = pkt->leg;
	struct ksrtp_stream *stream;
	struct ksrtp_rtcp rtcp;
	struct ksrtp_rtp rtp;

	if (pkt->rtcp) {
		if (ksrtp_rtcp_parse(pkt->data, pkt->len, &rtcp))
			return KSRTP_REASON_MALFORMED;
		pkt->ssrc = rtcp.ssrc;
	} else {
		if (ksrtp_rtp_parse(pkt->data, pkt->len, 0, &rtp) ||
		    !ksrtp_rtp_padding_ok(pkt->data, pkt->len, &rtp))
			return KSRTP_REASON_MALFORMED;
		pkt->ssrc = rtp.ssrc;
		pkt->seq = rtp.seq;
		pkt->hdr_len = rtp.hdr_len;
	}
	stream = ksrtp_stream_find(leg, KSRTP_DIRECTION_RX, key->context, pkt->ssrc);
	if (!stream)
		stream = ksrtp_stream_create(leg, key, pkt->ssrc);
	if (!stream)
		return KSRTP_REASON_STREAMS;
	spin_lock(&stream->lock);
	if (pkt->rtcp)
		stream->rtcp_packets++;
	else
		stream->packets++;
	spin_unlock(&stream->lock);
	pkt->stream = stream;
	pkt->plain = true;
	return KSRTP_REASON_NONE;
}

/* What one key makes of a packet, before anything is committed. */
struct attempt {
	struct ksrtp_key	*key;
	struct ksrtp_stream	*stream;	/* NULL: a new one if it is authentic */
	u64			index;
	u32			plain_len;
};

/* Open @data, a copy of the packet or the packet itself, with one key. */
static enum ksrtp_reason open_rtp(const struct ksrtp_packet *pkt, u8 *data, struct attempt *a)
{
	struct ksrtp_aead_op op;
	struct ksrtp_rtp rtp;
	enum ksrtp_seen seen;
	u64 highest;
	int err;

	if (ksrtp_rtp_parse(data, pkt->len, KSRTP_GCM_TAG_LEN, &rtp))
		return KSRTP_REASON_MALFORMED;
	a->stream = ksrtp_stream_find(pkt->leg, KSRTP_DIRECTION_RX, a->key->context, rtp.ssrc);
	highest = a->stream ? READ_ONCE(a->stream->rtp.highest) : KSRTP_INDEX_NONE;
	if (ksrtp_index_estimate(highest, 0, rtp.seq, &a->index))
		return KSRTP_REASON_INDEX;
	if (a->stream) {
		/* Without the lock: commit decides. */
		seen = ksrtp_window_check(&a->stream->rtp, a->index);
		if (seen != KSRTP_SEEN_NEW)
			return seen_reason(seen);
	}
	op.aad = data;
	op.aad_len = rtp.hdr_len;
	op.body = data + rtp.hdr_len;
	op.body_len = rtp.body_len;
	op.word = NULL;
	ksrtp_gcm_iv_rtp(op.iv, a->key->srtp_salt, rtp.ssrc, a->index);
	err = ksrtp_aead_open(&a->key->srtp, &op);
	if (err)
		return err == -EBADMSG ? KSRTP_REASON_AUTH : KSRTP_REASON_CRYPTO;
	a->plain_len = rtp.hdr_len + rtp.body_len;
	return KSRTP_REASON_NONE;
}

static enum ksrtp_reason open_rtcp(const struct ksrtp_packet *pkt, u8 *data, struct attempt *a)
{
	struct ksrtp_aead_op op;
	struct ksrtp_rtcp rtcp;
	enum ksrtp_seen seen;
	__be32 word;
	int err;

	if (ksrtp_srtcp_parse(data, pkt->len, KSRTP_GCM_TAG_LEN, 0, &rtcp))
		return KSRTP_REASON_RTCP_CLEAR;
	a->stream = ksrtp_stream_find(pkt->leg, KSRTP_DIRECTION_RX, a->key->context, rtcp.ssrc);
	a->index = rtcp.word & KSRTP_SRTCP_INDEX_MASK;
	if (a->stream) {
		seen = ksrtp_window_check(&a->stream->rtcp, a->index);
		if (seen != KSRTP_SEEN_NEW)
			return seen_reason(seen);
	}
	word = cpu_to_be32(rtcp.word);
	op.aad = data;
	op.word = (const u8 *)&word;
	if (rtcp.word & KSRTP_SRTCP_E_BIT) {
		op.aad_len = KSRTP_RTCP_HDR_LEN;
		op.body_len = rtcp.body_len;
	} else {
		op.aad_len = KSRTP_RTCP_HDR_LEN + rtcp.body_len;
		op.body_len = 0;
	}
	op.body = data + op.aad_len;
	ksrtp_gcm_iv_rtcp(op.iv, a->key->srtcp_salt, rtcp.ssrc, a->index);
	err = ksrtp_aead_open(&a->key->srtcp, &op);
	if (err)
		return err == -EBADMSG ? KSRTP_REASON_AUTH : KSRTP_REASON_CRYPTO;
	a->plain_len = KSRTP_RTCP_HDR_LEN + rtcp.body_len;
	return KSRTP_REASON_NONE;
}

static enum ksrtp_reason open_packet(const struct ksrtp_packet *pkt, u8 *data, struct attempt *a)
{
	return pkt->rtcp ? open_rtcp(pkt, data, a) : open_rtp(pkt, data, a);
}

/* The packet is authentic: only now does state change. */
static enum ksrtp_reason commit(struct ksrtp_packet *pkt, struct attempt *a)
{
	struct ksrtp_stream *stream = a->stream;
	struct ksrtp_leg *leg = pkt->leg;
	enum ksrtp_seen seen;
	bool usable = true;

	if (unlikely(!stream)) {
		stream = ksrtp_stream_create(leg, a->key, pkt->ssrc);
		if (!stream)
			return KSRTP_REASON_STREAMS;
	}
	spin_lock(&stream->lock);
	seen = ksrtp_window_commit(pkt->rtcp ? &stream->rtcp : &stream->rtp, a->index);
	if (likely(seen == KSRTP_SEEN_NEW))
		usable = use_key(leg, a->key, stream, pkt->rtcp);
	spin_unlock(&stream->lock);
	if (seen != KSRTP_SEEN_NEW)
		return seen_reason(seen);
	if (unlikely(!usable))
		return KSRTP_REASON_LIMIT;

	if (unlikely(READ_ONCE(leg->rx_slot) != a->key->slot))
		WRITE_ONCE(leg->rx_slot, a->key->slot);
	pkt->stream = stream;
	pkt->index = a->index;
	pkt->len = a->plain_len;
	return KSRTP_REASON_NONE;
}

/* Two keys are live and a packet does not say which it is under: try both, on copies. */
static enum ksrtp_reason open_with_two(struct ksrtp_packet *pkt, struct ksrtp_key *first,
				       struct ksrtp_key *second, struct attempt *a)
{
	u8 *scratch = ksrtp_engine_scratch();
	enum ksrtp_reason reason, other;

	if (pkt->len > KSRTP_SCRATCH_LEN) {
		a->key = first;
		return open_packet(pkt, pkt->data, a);
	}
	memcpy(scratch, pkt->data, pkt->len);
	a->key = first;
	reason = open_packet(pkt, scratch, a);
	if (reason != KSRTP_REASON_NONE) {
		if (!trial_allowed(pkt->leg))
			return reason;
		/* A failed trial leaves garbage in the scratch buffer. */
		memcpy(scratch, pkt->data, pkt->len);
		a->key = second;
		other = open_packet(pkt, scratch, a);
		if (other != KSRTP_REASON_NONE) {
			memzero_explicit(scratch, pkt->len);
			return other == KSRTP_REASON_AUTH ? reason : other;
		}
	}
	memcpy(pkt->data, scratch, a->plain_len);
	memzero_explicit(scratch, a->plain_len);
	return KSRTP_REASON_NONE;
}

static enum ksrtp_reason receive_protected(struct ksrtp_packet *pkt, struct ksrtp_key *first,
					   struct ksrtp_key *second)
{
	struct attempt a = { .key = first };
	enum ksrtp_reason reason;
	struct ksrtp_rtp rtp;

	if (likely(!second))
		reason = open_packet(pkt, pkt->data, &a);
	else
		reason = open_with_two(pkt, first, second, &a);
	if (reason != KSRTP_REASON_NONE)
		return reason;

	if (pkt->rtcp) {
		pkt->ssrc = get_unaligned_be32(pkt->data + KSRTP_RTCP_SSRC_OFF);
		return commit(pkt, &a);
	}
	pkt->ssrc = get_unaligned_be32(pkt->data + KSRTP_RTP_SSRC_OFF);
	pkt->seq = get_unaligned_be16(pkt->data + KSRTP_RTP_SEQ_OFF);
	reason = commit(pkt, &a);
	if (reason != KSRTP_REASON_NONE)
		return reason;
	/* The padding was encrypted: only now can it be looked at. */
	if (ksrtp_rtp_parse(pkt->data, pkt->len, 0, &rtp) ||
	    !ksrtp_rtp_padding_ok(pkt->data, pkt->len, &rtp))
		return KSRTP_REASON_MALFORMED;
	pkt->hdr_len = rtp.hdr_len;
	return KSRTP_REASON_NONE;
}

enum ksrtp_reason ksrtp_receive(struct ksrtp_packet *pkt)
{
	struct ksrtp_leg *leg = pkt->leg;
	unsigned int slot = READ_ONCE(leg->rx_slot);
	struct ksrtp_key *first = rx_key(leg, slot), *second = rx_key(leg, !slot);
	enum ksrtp_reason reason;

	if (!first)
		swap(first, second);
	if (!first)
		return KSRTP_REASON_NO_KEY;

	if (first->suite == KSRTP_SUITE_NONE)
		reason = receive_plain(pkt, first);
	else
		reason = receive_protected(pkt, first, second);
	if (reason != KSRTP_REASON_NONE)
		return reason;

	if (unlikely(!READ_ONCE(leg->last_seen)))
		ksrtp_leg_event(leg, KSRTP_EVENT_FIRST_PACKET);
	if (READ_ONCE(leg->last_seen) != jiffies)
		WRITE_ONCE(leg->last_seen, jiffies ?: 1);
	if (READ_ONCE(leg->state) != KSRTP_LEG_STATE_ACTIVE)
		return KSRTP_REASON_HELD;
	return KSRTP_REASON_NONE;
}

/* -- protect */

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
static enum ksrtp_reason plain_index(struct ksrtp_stream *stream, u16 seq, u64 *index)
{
	u64 highest = stream->rtp.highest;
	u64 distance;

	seq += stream->seq_shift;
	if (highest == KSRTP_INDEX_NONE) {
		*index = seq;
		return KSRTP_REASON_NONE;
	}
	if (ksrtp_index_estimate(highest, 0, seq, index))
		distance = U64_MAX;
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
		stream->seq_shift += (u16)*index - seq;
	}
	return KSRTP_REASON_NONE;
}

/* The transmit index of a packet from a protected source: a fixed distance away. */
static enum ksrtp_reason shifted_index(struct ksrtp_stream *stream, u64 rx_index, u64 *index)
{
	s64 shifted;

	if (stream->rtp.highest == KSRTP_INDEX_NONE)
		stream->base = rx_index & ~0xffffULL;
	shifted = (s64)rx_index - stream->base;
	if (shifted < 0)
		return KSRTP_REASON_TX_LATE;
	*index = shifted;
	return KSRTP_REASON_NONE;
}

/*
 * Another receive stream feeds this SSRC now. It may take over only if the one
 * before is gone for good: the same leg under a new context, or a leg that is no more.
 */
static enum ksrtp_reason change_source(struct ksrtp_stream *stream, const struct ksrtp_packet *pkt)
{
	u64 index;

	if (stream->source && stream->source_leg != pkt->leg->id &&
	    xa_load(&pkt->leg->kn->legs, stream->source_leg))
		return KSRTP_REASON_TX_SSRC;
	if (!pkt->rtcp && !pkt->plain && stream->rtp.highest != KSRTP_INDEX_NONE) {
		if (ksrtp_index_estimate(stream->rtp.highest, 0, pkt->seq, &index))
			index = index_after(stream->rtp.highest, pkt->seq);
		stream->base = (s64)pkt->index - (s64)index;
	}
	stream->source = pkt->stream->id;
	stream->source_leg = pkt->leg->id;
	return KSRTP_REASON_NONE;
}

/* Choose the packet's index and burn it. Under the stream's lock. */
static enum ksrtp_reason burn(struct ksrtp_leg *to, struct ksrtp_key *key,
			      struct ksrtp_stream *stream, const struct ksrtp_packet *pkt,
			      u64 *index)
{
	enum ksrtp_reason reason;
	enum ksrtp_seen seen;

	if (unlikely(stream->source != pkt->stream->id)) {
		reason = change_source(stream, pkt);
		if (reason != KSRTP_REASON_NONE)
			return reason;
	}
	if (pkt->rtcp) {
		if (stream->rtcp_next > KSRTP_SRTCP_INDEX_MASK || !use_key(to, key, stream, true))
			return KSRTP_REASON_TX_LIMIT;
		*index = stream->rtcp_next++;
		return KSRTP_REASON_NONE;
	}
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

static enum ksrtp_reason seal_rtp(const struct ksrtp_key *key, struct ksrtp_packet *pkt, u64 index)
{
	struct ksrtp_aead_op op = {
		.aad = pkt->data,
		.aad_len = pkt->hdr_len,
		.body = pkt->data + pkt->hdr_len,
		.body_len = pkt->len - pkt->hdr_len,
	};

	ksrtp_gcm_iv_rtp(op.iv, key->srtp_salt, pkt->ssrc, index);
	if (ksrtp_aead_seal(&key->srtp, &op))
		return KSRTP_REASON_TX_CRYPTO;
	pkt->len += KSRTP_GCM_TAG_LEN;
	return KSRTP_REASON_NONE;
}

static enum ksrtp_reason seal_rtcp(const struct ksrtp_key *key, struct ksrtp_packet *pkt, u32 index)
{
	__be32 word = cpu_to_be32(index | KSRTP_SRTCP_E_BIT);
	struct ksrtp_aead_op op = {
		.aad = pkt->data,
		.aad_len = KSRTP_RTCP_HDR_LEN,
		.word = (const u8 *)&word,
		.body = pkt->data + KSRTP_RTCP_HDR_LEN,
		.body_len = pkt->len - KSRTP_RTCP_HDR_LEN,
	};

	ksrtp_gcm_iv_rtcp(op.iv, key->srtcp_salt, pkt->ssrc, index);
	if (ksrtp_aead_seal(&key->srtcp, &op))
		return KSRTP_REASON_TX_CRYPTO;
	pkt->len += KSRTP_GCM_TAG_LEN;
	memcpy(pkt->data + pkt->len, &word, sizeof(word));
	pkt->len += sizeof(word);
	return KSRTP_REASON_NONE;
}

enum ksrtp_reason ksrtp_protect(struct ksrtp_leg *to, struct ksrtp_packet *pkt)
{
	struct ksrtp_key *key = tx_key(to);
	struct ksrtp_stream *stream;
	enum ksrtp_reason reason;
	u64 index;

	if (READ_ONCE(to->state) != KSRTP_LEG_STATE_ACTIVE)
		return KSRTP_REASON_TX_HELD;
	if (!key)
		return KSRTP_REASON_TX_NO_KEY;
	if (key->suite == KSRTP_SUITE_NONE)
		return KSRTP_REASON_NONE;
	if (pkt->len + (pkt->rtcp ? key->overhead_rtcp : key->overhead_rtp) > pkt->room)
		return KSRTP_REASON_STALE;

	stream = ksrtp_stream_find(to, KSRTP_DIRECTION_TX, key->context, pkt->ssrc);
	if (unlikely(!stream)) {
		stream = ksrtp_stream_create(to, key, pkt->ssrc);
		if (!stream)
			return KSRTP_REASON_TX_STREAMS;
	}
	spin_lock(&stream->lock);
	reason = burn(to, key, stream, pkt, &index);
	spin_unlock(&stream->lock);
	if (reason != KSRTP_REASON_NONE)
		return reason;
	if (!pkt->rtcp && unlikely((u16)index != pkt->seq))
		put_unaligned_be16((u16)index, pkt->data + KSRTP_RTP_SEQ_OFF);
	return pkt->rtcp ? seal_rtcp(key, pkt, index) : seal_rtp(key, pkt, index);
}
