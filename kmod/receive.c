// SPDX-License-Identifier: GPL-2.0
/*
 * The way in: find out under which key and roll-over counter a packet may have been
 * protected, authenticate and decrypt it, and only then change state (RFC 3711,
 * section 3.3; S2).
 */
#include <linux/jiffies.h>
#include <linux/unaligned.h>

#include <ksrtp/wire.h>

#include "core/internal.h"
#include "core/cryptex.h"
#include "core/hdrext.h"
#include "core/packet.h"
#include "engine.h"
#include "keys.h"
#include "leg.h"
#include "path.h"
#include "quality.h"
#include "stream.h"
#include "transform.h"

/* Trials beyond the first that one leg may cause in a second. */
#define TRIALS_PER_SECOND	50
/* Two keys, and for an SSRC that is new two roll-over counters each. */
#define ATTEMPTS_MAX		4

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

/* One way in which a packet may have been protected. */
struct attempt {
	struct ksrtp_key	*key;
	struct ksrtp_stream	*stream;	/* NULL: a new one if it is authentic */
	u64			index;
	union {
		struct ksrtp_rtp	rtp;
		struct ksrtp_rtcp	rtcp;
	};
};

static bool mki_matches(const struct ksrtp_packet *pkt, const struct ksrtp_key *key)
{
	const u8 *mki;

	if (!key->mki_len)
		return true;
	mki = ksrtp_transform_mki(key, pkt->data, pkt->len, pkt->rtcp);
	return mki && !memcmp(mki, key->mki, key->mki_len);
}

/* Estimate the index and look at the window, without the lock: commit decides. */
static enum ksrtp_reason prepare_rtp(const struct ksrtp_packet *pkt, struct attempt *a)
{
	struct ksrtp_window *window;
	enum ksrtp_seen seen;

	if (ksrtp_transform_parse_rtp(a->key, pkt->data, pkt->len, &a->rtp))
		return KSRTP_REASON_MALFORMED;
	if (unlikely(a->key->cryptex == KSRTP_CRYPTEX_REQUIRED) && ksrtp_cryptex_exposes(pkt->data))
		return KSRTP_REASON_CRYPTEX;
	if (unlikely(a->key->hdrext) && !ksrtp_hdrext_ok(pkt->data))
		return KSRTP_REASON_MALFORMED;
	a->stream = ksrtp_stream_find(pkt->leg, KSRTP_DIRECTION_RX, a->key->context,
				      a->rtp.ssrc);
	window = a->stream ? &a->stream->rtp : NULL;
	if (ksrtp_index_estimate(window ? READ_ONCE(window->highest) : KSRTP_INDEX_NONE,
				 a->key->roc, a->rtp.seq, &a->index))
		return KSRTP_REASON_INDEX;
	seen = window ? ksrtp_window_check(window, a->index) : KSRTP_SEEN_NEW;
	return seen == KSRTP_SEEN_NEW ? KSRTP_REASON_NONE : seen_reason(seen);
}

static enum ksrtp_reason prepare_rtcp(const struct ksrtp_packet *pkt, struct attempt *a)
{
	enum ksrtp_seen seen;

	if (ksrtp_transform_parse_rtcp(a->key, pkt->data, pkt->len, &a->rtcp))
		return KSRTP_REASON_RTCP_CLEAR;
	a->stream = ksrtp_stream_find(pkt->leg, KSRTP_DIRECTION_RX, a->key->context,
				      a->rtcp.ssrc);
	a->index = a->rtcp.word & KSRTP_SRTCP_INDEX_MASK;
	seen = a->stream ? ksrtp_window_check(&a->stream->rtcp, a->index) : KSRTP_SEEN_NEW;
	return seen == KSRTP_SEEN_NEW ? KSRTP_REASON_NONE : seen_reason(seen);
}

/* Has the stream seen no RTP yet, so that its roll-over counter is a guess? */
static bool roc_is_guess(const struct attempt *a)
{
	return !a->stream || READ_ONCE(a->stream->rtp.highest) == KSRTP_INDEX_NONE;
}

/*
 * List the ways in which the packet may have been protected, the likeliest first.
 * *@why says what is wrong when there is none.
 */
static int list_attempts(const struct ksrtp_packet *pkt, struct ksrtp_key *keys[2],
			 struct attempt *list, enum ksrtp_reason *why)
{
	int n = 0, i;

	*why = KSRTP_REASON_MKI;
	for (i = 0; i < 2 && keys[i]; i++) {
		struct attempt *a = &list[n];
		enum ksrtp_reason reason;

		if (!mki_matches(pkt, keys[i]))
			continue;
		a->key = keys[i];
		reason = pkt->rtcp ? prepare_rtcp(pkt, a) : prepare_rtp(pkt, a);
		if (reason != KSRTP_REASON_NONE) {
			*why = reason;
			continue;
		}
		n++;
		/* Late for the start: the counter may have rolled over unseen. */
		if (!pkt->rtcp && roc_is_guess(a) && a->index + 0x10000 <= KSRTP_INDEX_MAX) {
			list[n] = *a;
			list[n++].index += 0x10000;
		}
	}
	return n;
}

static int open_one(const struct ksrtp_packet *pkt, u8 *data, const struct attempt *a)
{
	return pkt->rtcp ?
	       ksrtp_transform_open_rtcp(a->key, data, pkt->len, &a->rtcp) :
	       ksrtp_transform_open_rtp(a->key, data, pkt->len, &a->rtp, a->index);
}

/* Does one attempt before the last decrypt before it knows? */
static bool one_spoils(const struct attempt *list, int n)
{
	int i;

	for (i = 0; i < n - 1; i++)
		if (list[i].key->kind == KSRTP_KIND_GCM)
			return true;
	return false;
}

/*
 * Try them in turn. Where a failure would spoil the octets for the next one, on a copy:
 * the packet is never tried twice in place.
 */
static struct attempt *open_any(struct ksrtp_packet *pkt, struct attempt *list, int n,
				enum ksrtp_reason *why)
{
	struct attempt *found = NULL;
	u8 *scratch = NULL;
	int i, err;

	if (unlikely(one_spoils(list, n))) {
		if (pkt->len > KSRTP_SCRATCH_LEN)
			n = 1;
		else
			scratch = ksrtp_engine_scratch();
	}
	for (i = 0; i < n && !found; i++) {
		if (i && !trial_allowed(pkt->leg))
			break;
		if (scratch)
			memcpy(scratch, pkt->data, pkt->len);
		err = open_one(pkt, scratch ?: pkt->data, &list[i]);
		if (!err)
			found = &list[i];
		else
			*why = err == -EBADMSG ? KSRTP_REASON_AUTH : KSRTP_REASON_CRYPTO;
	}
	if (!scratch)
		return found;
	if (found)
		memcpy(pkt->data, scratch, pkt->len);
	memzero_explicit(scratch, pkt->len);
	return found;
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
		usable = ksrtp_path_use_key(leg, a->key, stream, pkt->rtcp);
	spin_unlock(&stream->lock);
	if (seen != KSRTP_SEEN_NEW)
		return seen_reason(seen);
	if (unlikely(!usable))
		return KSRTP_REASON_LIMIT;

	if (unlikely(READ_ONCE(leg->rx_slot) != a->key->slot))
		WRITE_ONCE(leg->rx_slot, a->key->slot);
	pkt->stream = stream;
	pkt->index = a->index;
	return KSRTP_REASON_NONE;
}

static enum ksrtp_reason receive_protected(struct ksrtp_packet *pkt, struct ksrtp_key *keys[2])
{
	struct attempt list[ATTEMPTS_MAX], *a;
	enum ksrtp_reason reason;
	int n;

	n = list_attempts(pkt, keys, list, &reason);
	if (!n)
		return reason;
	reason = KSRTP_REASON_NONE;
	a = open_any(pkt, list, n, &reason);
	if (!a)
		return reason;

	if (pkt->rtcp) {
		pkt->ssrc = a->rtcp.ssrc;
		pkt->len = KSRTP_RTCP_HDR_LEN + a->rtcp.body_len;
		return commit(pkt, a);
	}
	pkt->ssrc = a->rtp.ssrc;
	pkt->seq = a->rtp.seq;
	pkt->hdr_len = a->rtp.hdr_len;
	pkt->len = a->rtp.hdr_len + a->rtp.body_len;
	reason = commit(pkt, a);
	if (reason != KSRTP_REASON_NONE)
		return reason;
	/* The pad count was encrypted: only now can it be looked at. */
	return ksrtp_rtp_padding_ok(pkt->data, pkt->len, &a->rtp) ? KSRTP_REASON_NONE :
								     KSRTP_REASON_MALFORMED;
}

static enum ksrtp_reason receive_keyed(struct ksrtp_packet *pkt)
{
	struct ksrtp_leg *leg = pkt->leg;
	unsigned int slot = READ_ONCE(leg->rx_slot);
	struct ksrtp_key *keys[2] = {
		ksrtp_path_rx_key(leg, slot), ksrtp_path_rx_key(leg, !slot),
	};

	if (!keys[0])
		swap(keys[0], keys[1]);
	if (!keys[0])
		return KSRTP_REASON_NO_KEY;
	if (keys[0]->kind == KSRTP_KIND_NONE) {
		/* The address was looked at before, perhaps under another key. */
		if (unlikely(!pkt->is_remote))
			return KSRTP_REASON_SRC;
		return receive_plain(pkt, keys[0]);
	}
	/* They were read one after the other: the second may be of later. */
	if (keys[1] && unlikely(keys[1]->kind == KSRTP_KIND_NONE))
		keys[1] = NULL;
	return receive_protected(pkt, keys);
}

enum ksrtp_reason ksrtp_receive(struct ksrtp_packet *pkt)
{
	struct ksrtp_leg *leg = pkt->leg;
	enum ksrtp_reason reason;

	reason = leg->relay ? ksrtp_relay_receive(pkt) : receive_keyed(pkt);
	/* A handshake is no media: a held leg lets it through, an idle one stays idle. */
	if (reason != KSRTP_REASON_NONE || pkt->dtls)
		return reason;

	if (unlikely(pkt->rtcp) && !leg->relay)
		ksrtp_quality_receive(pkt);
	if (unlikely(!READ_ONCE(leg->last_seen)))
		ksrtp_leg_event(leg, KSRTP_EVENT_FIRST_PACKET);
	if (READ_ONCE(leg->last_seen) != jiffies) {
		WRITE_ONCE(leg->last_seen, jiffies ?: 1);
		if (!pkt->plain && !leg->relay)
			WRITE_ONCE(leg->consent, jiffies);
	}
	if (READ_ONCE(leg->state) != KSRTP_LEG_STATE_ACTIVE)
		return KSRTP_REASON_HELD;
	return KSRTP_REASON_NONE;
}
