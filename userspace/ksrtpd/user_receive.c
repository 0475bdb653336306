// SPDX-License-Identifier: GPL-2.0
/*
 * The way in: find out under which key and roll-over counter a packet may have been
 * protected, have libsrtp authenticate and decrypt a copy, and only then change state
 * (RFC 3711, section 3.3; S2). The order of the checks is the module's, so that both
 * give the same reasons.
 */
#include "user_state.h"

/* Trials beyond the first that one leg may cause in a second. */
#define TRIALS_PER_SECOND	50
/* Two keys, and for an SSRC that is new two roll-over counters each. */
#define ATTEMPTS_MAX		4

static enum ksrtp_reason seen_reason(enum ksrtp_seen seen)
{
	return seen == KSRTP_SEEN_REPLAY ? KSRTP_REASON_REPLAY : KSRTP_REASON_OLD;
}

static bool trial_allowed(struct leg *leg)
{
	uint64_t now = now_ms();

	if (now > leg->trial_ms + 1000 || !leg->trial_ms) {
		leg->trial_ms = now;
		leg->trial_tokens = TRIALS_PER_SECOND;
	}
	if (!leg->trial_tokens)
		return false;
	leg->trial_tokens--;
	return true;
}

static enum ksrtp_reason receive_plain(struct packet *pkt, const struct key *key)
{
	struct stream *stream;
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
	stream = stream_find(pkt->leg, key->context, pkt->ssrc);
	if (!stream)
		stream = stream_create(pkt->leg, key, pkt->ssrc);
	if (!stream)
		return KSRTP_REASON_STREAMS;
	++*(pkt->rtcp ? &stream->rtcp_packets : &stream->packets);
	pkt->stream = stream;
	pkt->plain = true;
	return KSRTP_REASON_NONE;
}

/* One way in which a packet may have been protected. */
struct attempt {
	struct key *key;
	struct stream *stream;	/* NULL: a new one if it is authentic */
	u64 index;
	struct ksrtp_rtp rtp;
	struct ksrtp_rtcp rtcp;
};

/* Octets of the tag behind the MKI: of AES-CM it is the last thing, of GCM the MKI is. */
static size_t behind_mki(const struct key *key, bool rtcp)
{
	const struct ksrtpd_user_suite *suite = ksrtpd_user_suite(key->suite);

	if (suite->aead)
		return 0;
	return rtcp ? suite->tag_rtcp : suite->tag_rtp;
}

static bool mki_matches(const struct packet *pkt, const struct key *key)
{
	size_t behind = behind_mki(key, pkt->rtcp);

	if (!key->mki_len)
		return true;
	if (pkt->len < behind + key->mki_len)
		return false;
	return !memcmp(pkt->data + pkt->len - behind - key->mki_len, key->mki, key->mki_len);
}

static enum ksrtp_reason prepare_rtp(const struct packet *pkt, struct attempt *a)
{
	struct ksrtp_window *window;
	enum ksrtp_seen seen;

	if (ksrtp_rtp_parse(pkt->data, pkt->len, a->key->overhead_rtp, &a->rtp))
		return KSRTP_REASON_MALFORMED;
	a->stream = stream_find(pkt->leg, a->key->context, a->rtp.ssrc);
	window = a->stream ? &a->stream->rtp : NULL;
	if (ksrtp_index_estimate(window ? window->highest : KSRTP_INDEX_NONE, a->key->roc,
				 a->rtp.seq, &a->index))
		return KSRTP_REASON_INDEX;
	seen = window ? ksrtp_window_check(window, a->index) : KSRTP_SEEN_NEW;
	return seen == KSRTP_SEEN_NEW ? KSRTP_REASON_NONE : seen_reason(seen);
}

static enum ksrtp_reason prepare_rtcp(const struct packet *pkt, struct attempt *a)
{
	const struct ksrtpd_user_suite *suite = ksrtpd_user_suite(a->key->suite);
	enum ksrtp_seen seen;

	if (ksrtp_srtcp_parse(pkt->data, pkt->len, suite->tag_rtcp, a->key->mki_len, suite->aead,
			      &a->rtcp))
		return KSRTP_REASON_RTCP_CLEAR;
	a->stream = stream_find(pkt->leg, a->key->context, a->rtcp.ssrc);
	a->index = a->rtcp.word & KSRTP_SRTCP_INDEX_MASK;
	seen = a->stream ? ksrtp_window_check(&a->stream->rtcp, a->index) : KSRTP_SEEN_NEW;
	return seen == KSRTP_SEEN_NEW ? KSRTP_REASON_NONE : seen_reason(seen);
}

/* Has the stream seen no RTP yet, so that its roll-over counter is a guess? */
static bool roc_is_guess(const struct attempt *a)
{
	return !a->stream || a->stream->rtp.highest == KSRTP_INDEX_NONE;
}

/*
 * List the ways in which the packet may have been protected, the likeliest first.
 * *@why says what is wrong when there is none.
 */
static unsigned int list_attempts(const struct packet *pkt, struct key *keys[2],
				  struct attempt *list, enum ksrtp_reason *why)
{
	unsigned int n = 0, i;

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

/* A copy of the packet without its MKI; its length. */
static size_t copy_for(const struct packet *pkt, const struct key *key, uint8_t *copy)
{
	size_t behind = behind_mki(key, pkt->rtcp), before = pkt->len - behind - key->mki_len;

	memcpy(copy, pkt->data, before);
	memcpy(copy + before, pkt->data + pkt->len - behind, behind);
	return before + behind;
}

static enum ksrtp_reason open_one(const struct packet *pkt, uint8_t *copy, size_t *len,
				  const struct attempt *a)
{
	*len = copy_for(pkt, a->key, copy);
	return pkt->rtcp ?
	       ksrtpd_user_open_rtcp(a->key->srtp, copy, len, a->rtcp.word) :
	       ksrtpd_user_open_rtp(a->key->srtp, copy, len, a->rtp.ssrc, a->index);
}

static struct attempt *open_any(struct packet *pkt, struct attempt *list, unsigned int n,
				enum ksrtp_reason *why)
{
	uint8_t *copy = pkt->leg->engine->trial;
	struct attempt *found = NULL;
	unsigned int i;
	size_t len;

	for (i = 0; i < n && !found; i++) {
		if (i && !trial_allowed(pkt->leg))
			break;
		*why = open_one(pkt, copy, &len, &list[i]);
		if (*why == KSRTP_REASON_NONE)
			found = &list[i];
	}
	if (found) {
		memcpy(pkt->data, copy, len);
		pkt->len = len;
	}
	return found;
}

/* The packet is authentic: only now does state change. */
static enum ksrtp_reason commit(struct packet *pkt, struct attempt *a)
{
	struct stream *stream = a->stream;
	struct leg *leg = pkt->leg;
	enum ksrtp_seen seen;

	if (!stream) {
		stream = stream_create(leg, a->key, pkt->ssrc);
		if (!stream) {
			ksrtpd_user_srtp_forget(a->key->srtp, pkt->ssrc);
			return KSRTP_REASON_STREAMS;
		}
	}
	seen = ksrtp_window_commit(pkt->rtcp ? &stream->rtcp : &stream->rtp, a->index);
	if (seen != KSRTP_SEEN_NEW)
		return seen_reason(seen);
	if (!use_key(leg, a->key, stream, pkt->rtcp))
		return KSRTP_REASON_LIMIT;
	leg->rx_slot = a->key->slot;
	pkt->stream = stream;
	pkt->index = a->index;
	return KSRTP_REASON_NONE;
}

static enum ksrtp_reason receive_protected(struct packet *pkt, struct key *keys[2])
{
	struct attempt list[ATTEMPTS_MAX], *a;
	enum ksrtp_reason reason;
	unsigned int n;

	n = list_attempts(pkt, keys, list, &reason);
	if (!n)
		return reason;
	a = open_any(pkt, list, n, &reason);
	if (!a)
		return reason;
	if (pkt->rtcp) {
		pkt->ssrc = a->rtcp.ssrc;
		return commit(pkt, a);
	}
	pkt->ssrc = a->rtp.ssrc;
	pkt->seq = a->rtp.seq;
	pkt->hdr_len = a->rtp.hdr_len;
	reason = commit(pkt, a);
	if (reason != KSRTP_REASON_NONE)
		return reason;
	/* The pad count was encrypted: only now can it be looked at. */
	return ksrtp_rtp_padding_ok(pkt->data, pkt->len, &a->rtp) ? KSRTP_REASON_NONE :
								     KSRTP_REASON_MALFORMED;
}

static enum ksrtp_reason receive_keyed(struct packet *pkt)
{
	struct leg *leg = pkt->leg;
	struct key *keys[2] = { rx_key(leg), NULL };

	if (!keys[0])
		return KSRTP_REASON_NO_KEY;
	if (leg->keys[RX][!keys[0]->slot])
		keys[1] = leg->keys[RX][!keys[0]->slot];
	return keys[0]->plain ? receive_plain(pkt, keys[0]) : receive_protected(pkt, keys);
}

enum ksrtp_reason receive(struct packet *pkt)
{
	struct leg *leg = pkt->leg;
	enum ksrtp_reason reason = leg->relay ? relay_receive(pkt) : receive_keyed(pkt);

	/* A handshake is no media: a held leg lets it through, an idle one stays idle. */
	if (reason != KSRTP_REASON_NONE || pkt->dtls)
		return reason;

	if (pkt->rtcp && !leg->relay)
		quality_receive(pkt);
	if (!leg->seen_ms) {
		struct ksrtp_event event = { .type = KSRTP_CMD_LEG_FIRST_PACKET_NTF };

		tell(leg, &event);
	}
	leg->seen_ms = now_ms();
	/* What is authentic is consent; what is not, is nobody's. */
	if (!leg->relay && !pkt->plain)
		leg->consent_ms = leg->seen_ms;
	return leg->state == KSRTP_LEG_STATE_ACTIVE ? KSRTP_REASON_NONE : KSRTP_REASON_HELD;
}
