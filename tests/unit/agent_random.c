// SPDX-License-Identifier: GPL-2.0
/*
 * The user datapath and an SRTP that is OpenSSL's alone: one source protects random streams,
 * whose packets are lost, late, twice or spoilt, under keys that change; what the datapath
 * says of each, and each octet that leaves, is what RFC 3711 and a window of plain flags
 * (model.h) say. A datapath has one leg of plain RTP and one of SRTP to send to.
 *
 *	agent_random [RUN]	the number of a run repeats it
 */
#include <stdlib.h>
#include <string.h>

#define MODEL_RANGE	(1u << 19)

#include "conformance/srtp_peer.h"
#include "ksrtpd/addr.h"
#include "ksrtpd/user_state.h"
#include "model.h"
#include "random.h"
#include "tap.h"

#define PACKETS		24000
#define STEPS		400	/* of one run */
#define SRTCP_WINDOW	128
#define SSRCS		3
#define MASTERS		3	/* of a context */
#define CONTEXTS	64
#define POOL		256	/* packets that may still arrive, or again */
#define LEN_MAX		600
/* A gap in what left that receivers would not follow where the context changes. */
#define STEP_MAX	(0x8000 - 3000)

struct master {
	struct peer_key rtp, rtcp;	/* the same, or SRTCP has one of its own */
};

/* One key agreement of the source. */
struct agreed {
	struct master masters[MASTERS];
	bool	apart;
	uint32_t roc;
	int	last;			/* the master in use */
	bool	began[SSRCS];
	uint64_t base[SSRCS];		/* the source's index where this context's is 0 */
	uint32_t rtcp_next[SSRCS];
	struct model *rtp[SSRCS], *rtcp[SSRCS];	/* what arrived; NULL: nothing */
};

struct sent {
	struct agreed *context;
	int	master, source;
	bool	rtcp;
	uint64_t line;			/* index of the source, which no context begins anew */
	uint64_t index;
	size_t	len, plain_len;
	uint8_t	wire[LEN_MAX], plain[LEN_MAX];
};

/* A leg that packets leave on. */
struct sink {
	uint32_t leg;
	struct route *route;
	struct master key;		/* suite 0: plain */
	bool	apart;
	uint32_t roc, slot;
	int	masters;		/* of this context, so far */
	struct {
		bool	began, lost;
		uint64_t first, highest;
	} lines[SSRCS];
	uint32_t rtcp_last[SSRCS];
	unsigned int came;
	uint8_t	out[LEN_MAX];
	size_t	out_len;
};

struct run {
	unsigned long number;
	uint64_t seed;
	struct ksrtpd_engine *engine;
	struct leg *leg;
	uint32_t window;
	size_t	mki_in, mki_out;
	uint32_t ssrc[SSRCS];
	uint64_t line[SSRCS];
	struct agreed contexts[CONTEXTS], *context;
	int	n_contexts;
	/* the receive keys: context and master by slot; the slot that was authentic last */
	struct agreed *slots[2];
	int	slot_master[2], slot;
	struct sink sinks[2];
	struct sent pool[POOL];
	unsigned int n_pool;
};

/* What happened, over all runs. */
static struct {
	unsigned long packets, accepted, corrupted, rtcp, rekeys, wraps, twice, late_starts, sent, shifted;
	unsigned long reasons[KSRTP_REASON_MAX + 1], tx_late;
} seen;

static struct run run;

#define SAY(r, cond, fmt, ...)	CHECK(cond, "run %lu: " fmt, (r)->number, ##__VA_ARGS__)

static uint64_t below(struct run *r, uint64_t n)
{
	return random_below(&r->seed, n);
}

/* -- keys */

static void make_master(struct run *r, unsigned int suite, size_t mki_len, bool apart, struct master *m)
{
	memset(m, 0, sizeof(*m));
	random_fill(&r->seed, m->rtp.master, sizeof(m->rtp.master));
	random_fill(&r->seed, m->rtp.salt, sizeof(m->rtp.salt));
	random_fill(&r->seed, m->rtp.mki, sizeof(m->rtp.mki));
	m->rtp.suite = suite;
	m->rtp.mki_len = mki_len;
	m->rtcp = m->rtp;
	if (!apart)
		return;
	random_fill(&r->seed, m->rtcp.master, sizeof(m->rtcp.master));
	random_fill(&r->seed, m->rtcp.salt, sizeof(m->rtcp.salt));
}

static void install(struct run *r, uint32_t leg, uint32_t direction, uint32_t slot, bool same,
		    uint32_t roc, const struct master *m)
{
	struct ksrtpd_key key = {
		.leg_id = leg, .direction = direction, .slot = slot, .suite = m->rtp.suite, .roc = roc,
		.context = same ? KSRTP_CONTEXT_SAME : KSRTP_CONTEXT_NEW,
		.mki_len = (uint8_t)m->rtp.mki_len,
		.apart = memcmp(m->rtp.master, m->rtcp.master, sizeof(m->rtp.master)),
	};

	memcpy(key.master_key, m->rtp.master, sizeof(key.master_key));
	memcpy(key.master_salt, m->rtp.salt, sizeof(key.master_salt));
	memcpy(key.rtcp_key, m->rtcp.master, sizeof(key.rtcp_key));
	memcpy(key.rtcp_salt, m->rtcp.salt, sizeof(key.rtcp_salt));
	memcpy(key.mki, m->rtp.mki, m->rtp.mki_len);
	SAY(r, !ksrtpd_engine_key_new(r->engine, &key), "%s", ksrtpd_engine_error(r->engine));
}

static uint32_t any_suite(struct run *r)
{
	return KSRTP_SUITE_AEAD_AES_128_GCM + (uint32_t)below(r, 6);
}

/* Mostly 0, as signalling has it. */
static uint32_t any_roc(struct run *r)
{
	static const uint32_t rocs[] = { 0, 0, 0, 0, 1, 7, 0x7fffffff, 0xfffffff0 };

	return rocs[below(r, 8)];
}

static void remove_receive_key(struct run *r, int slot)
{
	if (!r->slots[slot])
		return;
	SAY(r, !ksrtpd_engine_key_del(r->engine, r->leg->id, RX, (uint32_t)slot), "key not deleted");
	r->slots[slot] = NULL;
	if (r->slot == slot)
		r->slot = !slot;
}

static void rekey_source(struct run *r, bool same)
{
	struct agreed *c = r->context;
	int slot = c && r->slots[0] == c && r->slot_master[0] == c->last;

	same = same && c && !c->apart && c->last + 1 < MASTERS;
	if (!same && r->n_contexts == CONTEXTS)
		return;
	remove_receive_key(r, slot);
	if (!same) {
		c = r->context = &r->contexts[r->n_contexts++];
		memset(c, 0, sizeof(*c));
		c->apart = below(r, 4) == 0;
		c->roc = any_roc(r);
		c->last = -1;
	}
	c->last++;
	make_master(r, c->last ? c->masters[0].rtp.suite : any_suite(r), r->mki_in, c->apart,
		    &c->masters[c->last]);
	/* The two keys of a leg have other MKIs than each other. */
	c->masters[c->last].rtp.mki[0] = c->masters[c->last].rtcp.mki[0] =
		(uint8_t)(MASTERS * r->n_contexts + c->last);
	install(r, r->leg->id, RX, (uint32_t)slot, same, same ? 0 : c->roc, &c->masters[c->last]);
	r->slots[slot] = c;
	r->slot_master[slot] = c->last;
	if (!r->slots[!slot])
		r->slot = slot;
	seen.rekeys++;
}

static void rekey_sink(struct run *r, struct sink *sink, bool same)
{
	bool first = !sink->masters;

	same = same && !first && !sink->apart;
	if (!same) {
		sink->apart = below(r, 4) == 0;
		sink->roc = any_roc(r);
		memset(sink->lines, 0, sizeof(sink->lines));
		memset(sink->rtcp_last, 0, sizeof(sink->rtcp_last));
	}
	make_master(r, same ? sink->key.rtp.suite : any_suite(r), r->mki_out, sink->apart, &sink->key);
	sink->slot = !sink->slot;
	install(r, sink->leg, TX, sink->slot, same, same ? 0 : sink->roc, &sink->key);
	SAY(r, !ksrtpd_engine_key_activate(r->engine, sink->leg, sink->slot), "not activated");
	if (!first)
		SAY(r, !ksrtpd_engine_key_del(r->engine, sink->leg, TX, !sink->slot), "key not deleted");
	sink->masters = same ? sink->masters + 1 : 1;
	seen.rekeys++;
}

/* -- what arrives */

static void make_rtp(struct run *r, struct sent *s, uint32_t ssrc)
{
	unsigned int cc = below(r, 4) ? 0 : (unsigned int)below(r, 16);
	size_t words = below(r, 6), head = 12 + 4 * cc, payload = 16 + below(r, 200);
	bool x = below(r, 3) == 0, p = below(r, 20) == 0;

	random_fill(&r->seed, s->plain, LEN_MAX);
	s->plain[0] = (uint8_t)(0x80 | cc | (x ? 0x10 : 0) | (p ? 0x20 : 0));
	s->plain[1] = (uint8_t)(below(r, 2) << 7 | 96);
	put_unaligned_be16((uint16_t)s->line, s->plain + 2);
	put_unaligned_be32(ssrc, s->plain + 8);
	if (x) {
		put_unaligned_be16((uint16_t)words, s->plain + head + 2);
		head += 4 + 4 * words;
	}
	s->plain_len = head + payload;
	if (p)
		s->plain[s->plain_len - 1] = (uint8_t)below(r, 2 * payload);
}

/* APP: what is in it is nobody's business. */
static void make_rtcp(struct run *r, struct sent *s, uint32_t ssrc)
{
	s->plain_len = 16 + 4 * below(r, 40);
	random_fill(&r->seed, s->plain, s->plain_len);
	s->plain[0] = 0x80;
	s->plain[1] = 204;
	put_unaligned_be16((uint16_t)(s->plain_len / 4 - 1), s->plain + 2);
	put_unaligned_be32(ssrc, s->plain + 4);
}

/* The next packet of a source, @step further. */
static struct sent *make_sent(struct run *r, int source, bool rtcp, uint64_t step)
{
	struct sent *s = &r->pool[r->n_pool++ % POOL];
	struct agreed *c = r->context;
	const struct master *m = &c->masters[c->last];

	s->context = c;
	s->master = c->last;
	s->source = source;
	s->rtcp = rtcp;
	if (rtcp) {
		s->index = c->rtcp_next[source]++;
		/* Some begin with 0, some with 1. */
		if (!s->index && source)
			s->index = c->rtcp_next[source]++;
		make_rtcp(r, s, r->ssrc[source]);
		s->len = peer_rtcp(&m->rtcp, (uint32_t)s->index, below(r, 8) > 0, s->plain, s->plain_len,
				   s->wire);
		return s;
	}
	seen.wraps += (r->line[source] + step) >> 16 != r->line[source] >> 16;
	r->line[source] += step;
	s->line = r->line[source];
	if (!c->began[source]) {
		c->began[source] = true;
		c->base[source] = s->line & ~0xffffULL;
	}
	s->index = s->line - c->base[source] + ((uint64_t)c->roc << 16);
	make_rtp(r, s, r->ssrc[source]);
	s->len = peer_rtp(&m->rtp, s->index, s->plain, s->plain_len, s->wire);
	return s;
}

static struct model **model_of(struct agreed *c, int source, bool rtcp)
{
	return rtcp ? &c->rtcp[source] : &c->rtp[source];
}

/* Of what comes under @c; there may be indices below the first. */
static struct model *model_new(struct run *r, const struct agreed *c, bool rtcp)
{
	struct model *m = malloc(sizeof(*m));
	uint64_t first = rtcp ? 0 : (uint64_t)c->roc << 16;

	if (!m)
		abort();
	model_init(m, first > 0x10000 ? first - 0x10000 : 0, rtcp ? SRTCP_WINDOW : r->window);
	return m;
}

/* Could it be a packet under the key in this slot, and at which indices? How many. */
static unsigned int guesses(struct run *r, int slot, const struct sent *s, u64 guess[2],
			    enum ksrtp_reason *why)
{
	struct agreed *c = r->slots[slot];
	const struct peer_key *key = &c->masters[r->slot_master[slot]].rtp;
	const struct model *m = *model_of(c, s->source, s->rtcp);
	enum ksrtp_seen was;

	*why = KSRTP_REASON_MKI;
	if (memcmp(key->mki, s->context->masters[s->master].rtp.mki, key->mki_len))
		return 0;
	*why = KSRTP_REASON_INDEX;
	if (s->rtcp)
		guess[0] = s->index;
	else if (!m || !m->any)
		guess[0] = (uint64_t)c->roc << 16 | (uint16_t)s->index;
	else if (!model_estimate(m->highest, (uint16_t)s->index, &guess[0]))
		return 0;
	was = m ? model_check(m, guess[0]) : KSRTP_SEEN_NEW;
	*why = was == KSRTP_SEEN_OLD ? KSRTP_REASON_OLD : KSRTP_REASON_REPLAY;
	if (was != KSRTP_SEEN_NEW)
		return 0;
	if (s->rtcp || (m && m->any))
		return 1;
	/* It may have rolled over unseen. */
	guess[1] = guess[0] + 0x10000;
	return guess[1] < 1ULL << 48 ? 2 : 1;
}

/* What must become of it. */
static enum ksrtp_reason expected(struct run *r, const struct sent *s)
{
	enum ksrtp_reason why = KSRTP_REASON_MKI;
	unsigned int i, j, n;
	bool tried = false;
	u64 guess[2];

	for (i = 0; i < 2; i++) {
		int slot = i ? !r->slot : r->slot;
		enum ksrtp_reason reason;

		if (!r->slots[slot])
			continue;
		n = guesses(r, slot, s, guess, &reason);
		if (!n && reason != KSRTP_REASON_MKI)
			why = reason;
		tried |= n > 0;
		for (j = 0; j < n; j++)
			if (r->slots[slot] == s->context && r->slot_master[slot] == s->master &&
			    guess[j] == s->index)
				return KSRTP_REASON_NONE;
	}
	return tried ? KSRTP_REASON_AUTH : why;
}

/* Octets behind MKI and SRTCP's word. */
static int behind(unsigned int suite, bool rtcp)
{
	bool is_short = suite == KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32 ||
			suite == KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32;

	if (suite == KSRTP_SUITE_AEAD_AES_128_GCM || suite == KSRTP_SUITE_AEAD_AES_256_GCM)
		return 0;
	return is_short && !rtcp ? 4 : 10;
}

/* A key of another kind looks for them where they are not, and what it finds is chance. */
static bool reason_is_clear(const struct run *r, const struct sent *s)
{
	int i, place = behind(s->context->masters[0].rtp.suite, s->rtcp);

	for (i = 0; i < 2 && (s->rtcp || r->mki_in); i++)
		if (r->slots[i] && behind(r->slots[i]->masters[0].rtp.suite, s->rtcp) != place)
			return false;
	return true;
}

/* RFC 3550, A.1: it counts itself, and there is so much payload. */
static bool bad_padding(const struct sent *s)
{
	size_t head = 12 + 4u * (s->plain[0] & 15);
	uint8_t count = s->plain[s->plain_len - 1];

	if (s->rtcp || !(s->plain[0] & 0x20))
		return false;
	if (s->plain[0] & 0x10)
		head += 4 + 4u * get_unaligned_be16(s->plain + head + 2);
	return !count || count > s->plain_len - head;
}

static void commit(struct run *r, const struct sent *s)
{
	struct model **m = model_of(s->context, s->source, s->rtcp);

	if (!*m)
		*m = model_new(r, s->context, s->rtcp);
	if (!s->rtcp && !(*m)->any && s->index >> 16 != s->context->roc)
		seen.late_starts++;
	SAY(r, model_commit(*m, s->index) == KSRTP_SEEN_NEW, "the model is wrong");
	if (r->slots[0] == s->context && r->slot_master[0] == s->master)
		r->slot = 0;
	else
		r->slot = 1;
}

/* -- what leaves */

static enum ksrtp_reason leave(void *arg, uint32_t leg, const struct sockaddr_storage *to,
			       const uint8_t *data, size_t len)
{
	struct run *r = arg;
	unsigned int i;

	(void)to;
	for (i = 0; i < 2; i++) {
		struct sink *sink = &r->sinks[i];

		if (sink->leg != leg)
			continue;
		SAY(r, len <= LEN_MAX, "%zu octets", len);
		sink->came++;
		sink->out_len = len;
		memcpy(sink->out, data, len);
	}
	return KSRTP_REASON_NONE;
}

/* The SRTP packet that must leave now; its length, 0: it comes too late. */
static size_t leaves_as(struct run *r, struct sink *sink, const struct sent *s, uint8_t *out)
{
	__typeof__(sink->lines[0]) *line = &sink->lines[s->source];

	if (s->rtcp)
		return peer_rtcp(&sink->key.rtcp, ++sink->rtcp_last[s->source], 1, s->plain, s->plain_len,
				 out);
	if (!line->began) {
		line->began = true;
		line->first = s->line & ~0xffffULL;
		line->highest = s->line;
	}
	if (s->line > line->highest + STEP_MAX)
		line->lost = true;
	if (s->line < line->first || s->line + r->window <= line->highest)
		return 0;
	if (s->line > line->highest)
		line->highest = s->line;
	return peer_rtp(&sink->key.rtp, s->line - line->first + ((uint64_t)sink->roc << 16), s->plain,
			s->plain_len, out);
}

static void check_left(struct run *r, const struct sent *s)
{
	struct sink *clear = &r->sinks[0], *sink = &r->sinks[1];
	uint64_t late = sink->route->dropped[KSRTP_REASON_TX_LATE];
	uint8_t wanted[LEN_MAX];
	size_t len = leaves_as(r, sink, s, wanted);

	SAY(r, clear->came == 1 && clear->out_len == s->plain_len &&
	    !memcmp(clear->out, s->plain, s->plain_len), "not what was sent, %s", s->rtcp ? "RTCP" : "RTP");
	if (!s->rtcp && sink->lines[s->source].lost) {
		seen.shifted++;
		return;
	}
	if (len) {
		SAY(r, sink->came == 1 && sink->out_len == len && !memcmp(sink->out, wanted, len),
		    "%s of suite %u left otherwise: %u, %zu octets, not %zu, index %llu",
		    s->rtcp ? "RTCP" : "RTP", sink->key.rtp.suite, sink->came, sink->out_len, len,
		    (unsigned long long)(s->rtcp ? sink->rtcp_last[s->source] :
					 s->line - sink->lines[s->source].first));
		seen.sent++;
	} else {
		SAY(r, !sink->came && late, "too late, and it left");
		seen.tx_late++;
	}
}

/* -- one packet */

static int add_stream(const struct ksrtp_stream *stream, void *arg)
{
	uint64_t *digest = arg;

	*digest = *digest * 0x100000001b3 ^ stream->ssrc ^ (uint64_t)stream->direction << 32;
	*digest = *digest * 0x100000001b3 ^ (stream->has_index ? stream->index : 7);
	*digest = *digest * 0x100000001b3 ^ (stream->has_rtcp_index ? stream->rtcp_index : 7);
	*digest = *digest * 0x100000001b3 ^ stream->packets ^ stream->rtcp_packets << 32;
	return 0;
}

static uint64_t state(struct run *r)
{
	uint64_t digest = 1;

	ksrtpd_engine_stream_dump(r->engine, 0, add_stream, &digest);
	return digest;
}

/* Why it was dropped, or KSRTP_REASON_NONE. */
static enum ksrtp_reason push(struct run *r, const uint8_t *data, size_t len, enum ksrtpd_fate *fate)
{
	struct ksrtp_stats before = r->leg->stats;
	unsigned int i, reason = KSRTP_REASON_NONE;

	/* Trials have a limit of their own. */
	r->leg->trial_ms = 0;
	r->sinks[0].came = r->sinks[1].came = 0;
	*fate = ksrtpd_engine_input(r->engine, r->leg->id, &r->leg->remote, data, len);
	for (i = 1; i <= KSRTP_REASON_MAX; i++)
		if (r->leg->stats.dropped[i] != before.dropped[i])
			reason = i;
	SAY(r, r->leg->stats.received == before.received + 1 &&
	    (*fate == KSRTPD_FATE_DROPPED) == (reason != KSRTP_REASON_NONE) &&
	    r->leg->stats.forwarded - before.forwarded == (*fate == KSRTPD_FATE_FORWARDED), "the counters");
	seen.packets++;
	return reason;
}

static void deliver(struct run *r, const struct sent *s)
{
	enum ksrtp_reason want = expected(r, s), reason;
	bool good = want == KSRTP_REASON_NONE;
	enum ksrtpd_fate fate;

	if (good)
		commit(r, s);
	if (good && bad_padding(s))
		want = KSRTP_REASON_MALFORMED;
	reason = push(r, s->wire, s->len, &fate);
	SAY(r, reason == want || (!reason_is_clear(r, s) && want && reason), "%s index %llu, suite %u: %s, not %s",
	    s->rtcp ? "RTCP" : "RTP", (unsigned long long)s->index, s->context->masters[0].rtp.suite,
	    ksrtp_reason_name(reason), ksrtp_reason_name(want));
	seen.rtcp += s->rtcp;
	seen.reasons[reason]++;
	if (reason == KSRTP_REASON_NONE) {
		seen.accepted++;
		check_left(r, s);
	} else {
		SAY(r, !r->sinks[0].came && !r->sinks[1].came, "refused, and it left");
	}
}

/* Turned bits, cut short, made longer, or octets of nobody. */
static void deliver_spoilt(struct run *r, const struct sent *s)
{
	uint8_t data[LEN_MAX + 32];
	size_t len = s->len, bit;
	enum ksrtpd_fate fate;
	uint64_t before;

	memcpy(data, s->wire, len);
	switch (below(r, 4)) {
	case 0:
		len = below(r, len);
		break;
	case 1:
		random_fill(&r->seed, data + len, 32);
		len += 1 + below(r, 32);
		break;
	case 2:
		random_fill(&r->seed, data + 12, len - 12);
		break;
	default:
		bit = below(r, 8 * len);
		data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	before = state(r);
	push(r, data, len, &fate);
	SAY(r, fate != KSRTPD_FATE_FORWARDED && !r->sinks[0].came && !r->sinks[1].came, "spoilt, and taken");
	SAY(r, state(r) == before, "spoilt, and state has changed");
	seen.corrupted++;
}

/* Mostly what is young. */
static struct sent *pick(struct run *r)
{
	uint64_t n = r->n_pool < POOL ? r->n_pool : POOL;

	return &r->pool[(r->n_pool - 1 - below(r, 1 + below(r, n))) % POOL];
}

/* One from about the far edge of the window, which another has moved meanwhile. */
static void deliver_edge(struct run *r, int source, bool rtcp)
{
	uint32_t window = rtcp ? SRTCP_WINDOW : r->window, apart = window + 1 - (uint32_t)below(r, 4);
	struct sent *old = make_sent(r, source, rtcp, 1), *young;

	/* What is between them is lost. */
	if (rtcp)
		r->context->rtcp_next[source] += apart - 1;
	young = make_sent(r, source, rtcp, apart);
	deliver(r, young);
	deliver(r, old);
}

static void step(struct run *r)
{
	int source = (int)below(r, SSRCS);
	uint64_t op = below(r, 100);

	if (op < 40) {
		deliver(r, make_sent(r, source, false, 1));
	} else if (op < 46) {
		deliver(r, make_sent(r, source, false, 1 + below(r, 16)));
	} else if (op < 56) {
		/* Lost, or late. */
		make_sent(r, source, false, 1);
	} else if (op < 74) {
		if (r->n_pool)
			deliver(r, pick(r));
	} else if (op < 80) {
		if (r->n_pool)
			deliver_spoilt(r, pick(r));
	} else if (op < 90) {
		deliver(r, make_sent(r, source, true, 0));
	} else if (op < 92) {
		make_sent(r, source, true, 0);
	} else if (op < 94) {
		deliver_edge(r, source, below(r, 4) == 0);
	} else if (op < 95) {
		/* A burst of loss. */
		deliver(r, make_sent(r, source, false, 1 + below(r, 5000)));
	} else if (op < 97) {
		rekey_source(r, below(r, 2));
	} else if (op < 99) {
		rekey_sink(r, &r->sinks[1], below(r, 2));
	} else if (r->slots[0] && r->slots[1]) {
		/* The one before goes. */
		remove_receive_key(r, r->slots[0] == r->context && r->slot_master[0] == r->context->last);
	}
}

/* -- a run */

static uint32_t add_leg(struct run *r, uint32_t call, uint16_t n, uint32_t window)
{
	struct ksrtp_leg leg = { .call_id = call, .state = KSRTP_LEG_STATE_ACTIVE, .window = window };

	ksrtpd_addr_parse("192.0.2.1", AF_INET, &leg.local);
	ksrtpd_addr_set_port(&leg.local, (uint16_t)(40000 + n));
	ksrtpd_addr_parse("192.0.2.2", AF_INET, &leg.remote);
	ksrtpd_addr_set_port(&leg.remote, (uint16_t)(50000 + n));
	SAY(r, !ksrtpd_engine_leg_new(r->engine, &leg), "%s", ksrtpd_engine_error(r->engine));
	return leg.id;
}

static void add_sink(struct run *r, struct sink *sink, uint32_t call, uint16_t n)
{
	struct ksrtp_route route = { .flags = KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP };

	sink->leg = add_leg(r, call, n, 64);
	route.from = r->leg->id;
	route.to = sink->leg;
	SAY(r, !ksrtpd_engine_route_new(r->engine, &route), "%s", ksrtpd_engine_error(r->engine));
	STAILQ_FOREACH(sink->route, &r->leg->routes, entry)
		if (sink->route->id == route.id)
			break;
}

static void set_up(struct run *r)
{
	static const size_t mkis[] = { 0, 0, 0, 1, 4, 128 };
	const struct ksrtpd_engine_net net = { .send = leave, .arg = r };
	struct ksrtp_call call = { .name = "random", .mode = KSRTP_MODE_TRANSPORT };
	const struct master plain = { .rtp.suite = KSRTP_SUITE_NONE };
	int i;

	r->window = 64u << below(r, 8);
	r->mki_in = mkis[below(r, 6)];
	r->mki_out = mkis[below(r, 6)];
	for (i = 0; i < SSRCS; i++) {
		r->ssrc[i] = ((uint32_t)random_next(&r->seed) & ~3u) | (uint32_t)i;
		/* Most begin shortly before a wrap. */
		r->line[i] = below(r, 4) ? 65535 - below(r, 300) : below(r, 65536);
	}
	r->engine = ksrtpd_engine_create(&net);
	SAY(r, r->engine && !ksrtpd_engine_call_new(r->engine, &call), "no engine");
	r->leg = find_leg(r->engine, add_leg(r, call.id, 0, r->window));
	add_sink(r, &r->sinks[0], call.id, 1);
	add_sink(r, &r->sinks[1], call.id, 2);
	rekey_source(r, false);
	install(r, r->sinks[0].leg, TX, 0, false, 0, &plain);
	rekey_sink(r, &r->sinks[1], false);
}

static void one_run(struct run *r, unsigned long number)
{
	int i, j;

	memset(r, 0, sizeof(*r));
	r->number = r->seed = number;
	set_up(r);
	for (i = 0; i < STEPS; i++)
		step(r);
	ksrtpd_engine_destroy(r->engine);
	for (i = 0; i < r->n_contexts; i++) {
		for (j = 0; j < SSRCS; j++) {
			free(r->contexts[i].rtp[j]);
			free(r->contexts[i].rtcp[j]);
		}
	}
}

int main(int argc, char **argv)
{
	unsigned long number = argc > 1 ? strtoul(argv[1], NULL, 0) : 0;

	tap.datapath = "user";
	do {
		one_run(&run, number++);
	} while (argc < 2 && seen.packets < PACKETS && tap.bad < 10);
	/* Each kind of event was there. */
	CHECK(argc > 1 || tap.bad ||
	      (seen.accepted > seen.packets / 2 && seen.corrupted > 1000 && seen.rtcp > 1000 && seen.rekeys > 1000 &&
	       seen.wraps > 100 && seen.late_starts > 5 && seen.tx_late > 3 && seen.sent > seen.packets / 2 &&
	       seen.reasons[KSRTP_REASON_REPLAY] > 1000 && seen.reasons[KSRTP_REASON_OLD] > 100 &&
	       seen.reasons[KSRTP_REASON_AUTH] > 10 && seen.reasons[KSRTP_REASON_MKI] > 10 &&
	       seen.reasons[KSRTP_REASON_MALFORMED] > 10 && seen.shifted < seen.packets / 50),
	      "something was missing");
	tap_end("D1,D2,D5,S2,S3", "user datapath: random streams, and each packet as an independent SRTP has it");
	printf("# runs 0 to %lu, %lu packets: %lu accepted, %lu spoilt, %lu RTCP, %lu rekeys, %lu wraps, %lu late starts\n"
	       "# replay %lu, old %lu, auth %lu, mki %lu, index %lu, malformed %lu; sent %lu, tx_late %lu, shifted %lu\n",
	       number - 1, seen.packets, seen.accepted, seen.corrupted, seen.rtcp, seen.rekeys, seen.wraps,
	       seen.late_starts, seen.reasons[KSRTP_REASON_REPLAY], seen.reasons[KSRTP_REASON_OLD],
	       seen.reasons[KSRTP_REASON_AUTH], seen.reasons[KSRTP_REASON_MKI],
	       seen.reasons[KSRTP_REASON_INDEX], seen.reasons[KSRTP_REASON_MALFORMED], seen.sent, seen.tx_late,
	       seen.shifted);
	return tap_done();
}
