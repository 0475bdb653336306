// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <linux/jiffies.h>
#include "unit/random.h"
#include "differential.h"
#include "peer.h"

#define SSRCS		4
#define MASTERS		3	/* of a context */
#define CONTEXTS	24
#define POOL		128	/* packets that may still arrive, or again */
#define PAYLOAD_MAX	200
#define ORACLE_MKI	4
/* Further on a receiver may not follow, and under a new context a source begins anew. */
#define STEP_MAX	(0x8000 - 3000)

/* One key agreement in one direction: the masters that we install, libsrtp2 with the same. */
struct context {
	struct engine_master masters[MASTERS];
	u32	number;		/* within leg and direction, as the module counts */
	size_t	wire_mki;	/* octets of MKI that packets carry */
	bool	mki;		/* libsrtp2 tells its masters by MKI */
	bool	rtcp;		/* and can do so for SRTCP */
	int	last;		/* the master in use; -1: none yet */
	int	slots[MASTERS];	/* where it is installed; -1: nowhere */
	srtp_t	sender;
	srtp_t	receiver;	/* of what arrives: the judge; of what leaves: the far end */
	bool	began[SSRCS];
	u64	base[SSRCS];	/* where its indices are 0 */
	bool	unjudged[SSRCS];
};

struct sent {
	struct context *context;
	int	master;
	int	source;
	bool	rtcp;
	bool	accepted;
	u64	index;		/* in its context */
	size_t	len, plain_len;
	u8	wire[ENGINE_PACKET_MAX], plain[ENGINE_PACKET_MAX];
};

struct sink {
	struct ksrtp_leg *leg;
	struct context *context;	/* NULL: suite none */
	u32	contexts;		/* made so far */
	/* by SSRC, since this context began; indices as struct run counts them */
	struct {
		bool	began;
		bool	lost;		/* more than a receiver can follow */
		u64	first, highest;
	} streams[SSRCS];
};

struct run {
	struct differential *d;
	const uint8_t *data;
	size_t size, pos;
	uint64_t seed;
	struct engine e;
	struct ksrtp_leg *leg, *plain_leg;
	u32	window;
	bool	rtcp_clear, hdrext;
	size_t	mki_in, mki_out;
	int	ssrcs;
	u32	ssrc[SSRCS + 1];	/* the last one is the plain leg's */
	u64	index[SSRCS];		/* of the packet before, from the first one's wrap on */
	u16	plain_seq;
	struct context contexts[CONTEXTS], *context;
	int	n_contexts, n_arriving;
	struct sink sinks[2];
	struct sent pool[POOL];
	unsigned int n_pool;
	struct engine_result result;
};

__attribute__((format(printf, 2, 3)))
static void fail(struct run *r, const char *fmt, ...)
{
	va_list ap;

	if (r->d->error[0])
		return;
	va_start(ap, fmt);
	vsnprintf(r->d->error, sizeof(r->d->error), fmt, ap);
	va_end(ap);
}

static u8 take(struct run *r)
{
	return r->pos < r->size ? r->data[r->pos++] : 0;
}

static u32 take_suite(struct run *r)
{
	return KSRTP_SUITE_AEAD_AES_128_GCM + take(r) % 6;
}

static bool has_short_tag(u32 suite)
{
	return suite == KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32 ||
	       suite == KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32;
}

/* Others in each context, and none in some. */
static void set_ids(struct engine_master *m, int context)
{
	u8 id;

	for (id = 1; id < 15; id++)
		if (id % 4 < context % 4)
			m->hdrext_ids[m->hdrext_ids_len++] = id;
	if (m->hdrext_ids_len)
		m->hdrext_ids[m->hdrext_ids_len++] = 200;
}

/*
 * libsrtp2 tells the masters of a context by MKI. Where packets carry none, it is put in
 * for libsrtp2 alone: the MKI is not authenticated. Under the suites with a short tag
 * libsrtp2 2.5 looks for SRTCP's MKI in the wrong place: one master without, or no SRTCP.
 */
static struct context *context_new(struct run *r, u32 suite, size_t wire_mki, bool arriving)
{
	struct peer_params params = { .rtcp_clear = arriving && r->rtcp_clear };
	struct context *c;
	int i;

	if (r->n_contexts == CONTEXTS)
		return NULL;
	c = &r->contexts[r->n_contexts++];
	memset(c, 0, sizeof(*c));
	c->wire_mki = wire_mki;
	c->mki = !has_short_tag(suite) || wire_mki;
	c->rtcp = !has_short_tag(suite) || !wire_mki;
	c->last = -1;
	for (i = 0; i < MASTERS; i++) {
		engine_master_random(&c->masters[i], suite,
				     c->mki ? wire_mki ?: ORACLE_MKI : 0, &r->seed);
		c->masters[i].mki[0] = (u8)(MASTERS * r->n_contexts + i);
		if (r->hdrext)
			set_ids(&c->masters[i], r->n_contexts);
		c->slots[i] = -1;
	}
	if (arriving)
		c->sender = peer_new(&params, c->masters, c->mki ? MASTERS : 1);
	params.inbound = true;
	params.window = r->window;
	c->receiver = peer_new(&params, c->masters, c->mki ? MASTERS : 1);
	return c;
}

/* -- keys */

static bool slot_used(const struct ksrtp_leg *leg, u32 direction, int slot)
{
	return leg->keys[direction][slot];
}

/* Put the context's next master into a free slot. */
static void install(struct run *r, struct ksrtp_leg *leg, u32 direction, struct context *c, u32 how)
{
	int slot = slot_used(leg, direction, 0), err;
	struct engine_master m = c->masters[++c->last];

	m.mki_len = c->wire_mki;
	err = engine_key(&r->e, leg, direction, (u32)slot, how, 0, &m);
	if (err)
		fail(r, "key refused: %d, %s", err, r->e.extack._msg ?: "");
	c->slots[c->last] = slot;
}

/* Take away what stands in @slot. */
static void uninstall(struct run *r, struct ksrtp_leg *leg, u32 direction, int slot,
		      bool arriving)
{
	int i, j;

	if (!slot_used(leg, direction, slot))
		return;
	if (engine_key_del(&r->e, leg, direction, (u32)slot))
		fail(r, "key not deleted");
	for (i = 0; arriving && i < r->n_contexts; i++)
		for (j = 0; r->contexts[i].sender && j < MASTERS; j++)
			if (r->contexts[i].slots[j] == slot)
				r->contexts[i].slots[j] = -1;
}

static bool may_go_on(const struct context *c)
{
	return c->mki && c->last + 1 < MASTERS;
}

static void rekey_arriving(struct run *r, bool same)
{
	struct context *c = r->context;

	uninstall(r, r->leg, KSRTP_DIRECTION_RX, !c->slots[c->last], true);
	if (same && may_go_on(c)) {
		install(r, r->leg, KSRTP_DIRECTION_RX, c, KSRTP_CONTEXT_SAME);
	} else {
		c = context_new(r, take_suite(r), r->mki_in, true);
		if (!c)
			return;
		c->number = (u32)r->n_arriving++;
		install(r, r->leg, KSRTP_DIRECTION_RX, c, KSRTP_CONTEXT_NEW);
		r->context = c;
	}
	r->d->rekeys++;
}

static void rekey_leaving(struct run *r, struct sink *sink, bool same)
{
	struct context *c = sink->context;

	if (!c)
		return;
	uninstall(r, sink->leg, KSRTP_DIRECTION_TX, !c->slots[c->last], false);
	if (same && may_go_on(c)) {
		install(r, sink->leg, KSRTP_DIRECTION_TX, c, KSRTP_CONTEXT_SAME);
	} else {
		c = context_new(r, take_suite(r), r->mki_out, false);
		if (!c)
			return;
		c->number = sink->contexts++;
		install(r, sink->leg, KSRTP_DIRECTION_TX, c, KSRTP_CONTEXT_NEW);
		sink->context = c;
		memset(sink->streams, 0, sizeof(sink->streams));
	}
	if (engine_key_activate(&r->e, sink->leg, (u32)c->slots[c->last]))
		fail(r, "key not activated");
	r->d->rekeys++;
}

/* -- what leaves */

static void check_sent(struct run *r, struct sink *sink, const struct engine_copy *copy,
		       bool rtcp, const u8 *plain, size_t plain_len)
{
	static u8 buf[ENGINE_PACKET_MAX + ENGINE_MKI_MAX] __attribute__((aligned(4)));
	struct context *c = sink->context;
	srtp_err_status_t status;
	int len = (int)copy->len;

	memcpy(buf, copy->data, copy->len);
	if (c) {
		const struct engine_master *m = &c->masters[c->last];

		if (rtcp && !c->rtcp)
			return;
		if (c->mki && !c->wire_mki)
			len = (int)peer_insert_mki(m->suite, m, rtcp, buf, copy->len);
		status = peer_unprotect(c->receiver, c->mki, rtcp, buf, &len);
		if (status != srtp_err_status_ok) {
			fail(r, "libsrtp2 refuses what we sent, %s, %s: %d",
			     engine_suite_name(m->suite), rtcp ? "RTCP" : "RTP", status);
			return;
		}
	}
	if ((size_t)len != plain_len || memcmp(buf, plain, plain_len))
		fail(r, "what libsrtp2 finds in what we sent is not what arrived");
	r->d->copies++;
}

/*
 * What must become of the packet with @index, counted without regard to contexts: a
 * transmit stream begins at the wrap before its first packet, and is as wide as the
 * receive window. No packet arrives here twice.
 */
static enum ksrtp_reason must_become(struct run *r, struct sink *sink, int source, u64 index)
{
	__typeof__(sink->streams[0]) *s = &sink->streams[source];

	if (!sink->context)
		return KSRTP_REASON_NONE;
	if (!s->began) {
		s->began = true;
		s->first = index & ~0xffffULL;
		s->highest = index;
	}
	if (index < s->first || index + r->window <= s->highest)
		return KSRTP_REASON_TX_LATE;
	if (index > s->highest + STEP_MAX)
		s->lost = true;
	if (index > s->highest)
		s->highest = index;
	return KSRTP_REASON_NONE;
}

static void check_copies(struct run *r, int source, bool rtcp, u64 index, const u8 *plain,
			 size_t plain_len)
{
	int i;

	if (r->result.n != 2)
		fail(r, "%d copies", r->result.n);
	for (i = 0; i < r->result.n; i++) {
		const struct engine_copy *copy = &r->result.copies[i];
		struct sink *sink = &r->sinks[i];
		enum ksrtp_reason want = KSRTP_REASON_NONE;

		if (!rtcp)
			want = must_become(r, sink, source, index);
		if (!rtcp && sink->streams[source].lost) {
			r->d->lost++;
			continue;
		}
		if (copy->reason != want)
			fail(r, "%s copy %d, index %llu of %llu to %llu, window %u: reason %d instead of %d",
			     rtcp ? "RTCP" : "RTP", i, index, sink->streams[source].first,
			     sink->streams[source].highest, r->window, copy->reason, want);
		else if (want == KSRTP_REASON_NONE)
			check_sent(r, sink, copy, rtcp, plain, plain_len);
		else
			r->d->late++;
	}
}

/* -- what arrives */

static struct sent *protect(struct run *r, bool rtcp, u32 step)
{
	int source = take(r) % r->ssrcs, len;
	struct sent *s = &r->pool[r->n_pool++ % POOL];
	struct context *c = r->context;
	srtp_err_status_t status;

	s->context = c;
	s->master = c->last;
	s->source = source;
	s->rtcp = rtcp && c->rtcp;
	s->accepted = false;
	if (s->rtcp) {
		s->plain_len = peer_make_rtcp(r->ssrc[source], random_below(&r->seed, 40), &r->seed,
					      s->plain);
	} else {
		u8 shape = take(r);
		struct peer_rtp rtp = {
			.ssrc = r->ssrc[source], .pt = shape & 0x80 ? 0x80 | 8 : 96,
			.cc = shape & 1 ? shape >> 1 & 15 : 0, .x = shape & 0x20,
			.words = random_below(&r->seed, r->hdrext ? 40 : 6), .elements = r->hdrext,
			.p = shape & 0x40,
			.pad = (u8)(shape & 2 ? random_next(&r->seed) : 1),
			.payload = random_below(&r->seed, PAYLOAD_MAX),
		};

		r->index[source] += step ?: 1;
		rtp.seq = (u16)r->index[source];
		if (!c->began[source]) {
			c->began[source] = true;
			c->base[source] = r->index[source] & ~0xffffULL;
		}
		s->index = r->index[source] - c->base[source];
		s->plain_len = peer_make_rtp(&rtp, &r->seed, s->plain);
	}
	memcpy(s->wire, s->plain, s->plain_len);
	len = (int)s->plain_len;
	status = peer_protect(c->sender, c->mki, (unsigned int)c->last, s->rtcp, s->wire, &len);
	if (status != srtp_err_status_ok)
		fail(r, "libsrtp2 does not protect: %d, %s, source %d, index %llu, step %u, base %llu, length %zu", status, s->rtcp ? "RTCP" : "RTP", source, s->index, step, c->base[source], s->plain_len);
	s->len = (size_t)len;
	if (c->mki && !c->wire_mki)
		s->len = peer_remove_mki(c->masters[0].suite, ORACLE_MKI, s->rtcp, s->wire, s->len);
	return s;
}

/*
 * Is there an octet string of header, tag and MKI at all? libsrtp2 2.5 subtracts the MKI
 * without a look, and reads from where there is nothing.
 */
static bool is_whole(const struct context *c, bool rtcp, const u8 *data, size_t len)
{
	size_t tag = engine_is_gcm(c->masters[0].suite) ? 16 :
		     has_short_tag(c->masters[0].suite) && !rtcp ? 4 : 10;
	size_t hdr = rtcp ? KSRTP_RTCP_HDR_LEN + KSRTP_SRTCP_WORD_LEN : KSRTP_RTP_HDR_LEN;

	if (len < hdr)
		return false;
	if (!rtcp)
		hdr += 4u * (data[0] & KSRTP_RTP_CC_MASK);
	if (!rtcp && data[0] & KSRTP_RTP_X_BIT) {
		if (len < hdr + 4)
			return false;
		hdr += 4 + 4u * get_unaligned_be16(data + hdr + 2);
	}
	return len >= hdr + tag + c->wire_mki;
}

/* Does libsrtp2 accept it? Then @buf has the plain packet. */
static bool judge(const struct sent *s, bool rtcp, const u8 *data, size_t data_len, u8 *buf,
		  size_t *len)
{
	struct context *c = s->context;
	const struct engine_master *m = &c->masters[s->master];
	int n = (int)data_len;

	/* A key that has left its slot is none. */
	if (c->slots[s->master] < 0 || !is_whole(c, rtcp, data, data_len))
		return false;
	memcpy(buf, data, data_len);
	if (c->mki && !c->wire_mki)
		n = (int)peer_insert_mki(m->suite, m, rtcp, buf, data_len);
	if (peer_unprotect(c->receiver, c->mki, rtcp, buf, &n) != srtp_err_status_ok)
		return false;
	*len = (size_t)n;
	return true;
}

/* Did the stream know nothing, or so little, that the difference is one that is known? */
static bool is_known(struct run *r, const struct sent *s, u64 highest, bool ours)
{
	if (s->rtcp)
		return false;
	if (ours && highest == KSRTP_INDEX_NONE && s->index >> 16 == 1) {
		r->d->late_start++;
		return true;
	}
	if (!ours && highest < 0x8000 && s->index >> 16 == 0 && (u16)s->index > highest + 0x8000) {
		r->d->below_zero++;
		return true;
	}
	return false;
}

static bool bad_padding(const struct sent *s)
{
	size_t hdr = KSRTP_RTP_HDR_LEN + 4u * (s->plain[0] & 15);
	u8 pad = s->plain[s->plain_len - 1];

	if (s->rtcp || !(s->plain[0] & KSRTP_RTP_P_BIT))
		return false;
	if (s->plain[0] & KSRTP_RTP_X_BIT)
		hdr += 4 + 4u * get_unaligned_be16(s->plain + hdr + 2);
	return s->plain_len == hdr || !pad || pad > s->plain_len - hdr;
}

static void deliver(struct run *r, struct sent *s, const u8 *data, size_t len, bool intact)
{
	static u8 buf[ENGINE_PACKET_MAX + ENGINE_MKI_MAX] __attribute__((aligned(4)));
	bool rtcp = len > 1 && ksrtp_is_rtcp(data[1]), ours, theirs;
	struct context *c = s->context;
	struct ksrtp_stream *stream;
	u64 highest, state = 0;
	size_t judged = 0;

	/* Trials with a second key have a limit of their own. */
	jiffies += HZ + 1;
	stream = engine_stream(r->leg, KSRTP_DIRECTION_RX, c->number, r->ssrc[s->source]);
	highest = stream ? stream->rtp.highest : KSRTP_INDEX_NONE;
	if (!intact || bad_padding(s))
		state = engine_state(r->leg);
	engine_push(&r->e, r->leg, data, len, &r->result);
	theirs = judge(s, rtcp, data, len, buf, &judged);
	ours = r->result.reason == KSRTP_REASON_NONE;
	r->d->packets++;
	r->d->rtcp += rtcp;

	if (!intact) {
		r->d->corrupted++;
		if (ours || theirs)
			fail(r, "corrupted, and accepted by %s", ours ? "us" : "libsrtp2");
		if (engine_state(r->leg) != state)
			fail(r, "corrupted, and state has changed");
		return;
	}
	/* Only what was authentic and new has left a trace. */
	if (r->result.reason == KSRTP_REASON_MALFORMED && bad_padding(s) &&
	    engine_state(r->leg) != state) {
		r->d->padding++;
		ours = true;
	} else if (ours) {
		if (r->result.len != s->plain_len || memcmp(r->result.data, s->plain, s->plain_len))
			fail(r, "what we find is not what was sent");
		if (bad_padding(s))
			fail(r, "bad padding accepted");
	}
	if (ours && s->accepted)
		fail(r, "accepted twice, %s, index %llu, reason %d, highest %lld", rtcp ? "RTCP" : "RTP", s->index, r->result.reason, (long long)highest);
	s->accepted |= ours;
	if (theirs && (judged != s->plain_len || memcmp(buf, s->plain, judged)))
		fail(r, "what libsrtp2 finds is not what was sent");

	if (c->unjudged[s->source]) {
		r->d->unjudged++;
	} else if (ours != theirs) {
		if (is_known(r, s, highest, ours))
			c->unjudged[s->source] = true;
		else
			fail(r, "%s index %llu, highest %lld: we say %d, libsrtp2 %s",
			     rtcp ? "RTCP" : "RTP", s->index, (long long)highest, r->result.reason,
			     theirs ? "accepts" : "refuses");
	}
	if (ours)
		r->d->accepted++;
	else
		r->d->refused++;
	r->d->replays += r->result.reason == KSRTP_REASON_REPLAY;
	r->d->elements += ours && !rtcp && c->masters[0].hdrext_ids_len && s->plain[0] & KSRTP_RTP_X_BIT;
	if (r->result.reason == KSRTP_REASON_NONE)
		check_copies(r, s->source, rtcp, s->index + c->base[s->source], s->plain,
			     s->plain_len);
}

static void deliver_intact(struct run *r, struct sent *s)
{
	deliver(r, s, s->wire, s->len, true);
}

/* Turned bits, cut short, made longer, or octets of nobody. */
static void deliver_corrupted(struct run *r, struct sent *s)
{
	static u8 data[ENGINE_PACKET_MAX];
	size_t len = s->len, bit;

	memcpy(data, s->wire, len);
	switch (take(r) % 4) {
	case 0:
		len = random_below(&r->seed, len);
		break;
	case 1:
		random_fill(&r->seed, data + len, 32);
		len += 1 + random_below(&r->seed, 32);
		break;
	case 2:
		random_fill(&r->seed, data + 12, len - 12);
		break;
	default:
		bit = random_below(&r->seed, 8 * len);
		data[bit / 8] ^= (u8)(1 << bit % 8);
	}
	/* Octets from behind the tag on might be the same after all. */
	if (len != s->len || memcmp(data, s->wire, len))
		deliver(r, s, data, len, false);
}

static struct sent *pick(struct run *r)
{
	unsigned int n = r->n_pool < POOL ? r->n_pool : POOL;

	/* Mostly what is young. */
	return &r->pool[(r->n_pool - 1 - take(r) % n) % POOL];
}

/* A plain source with a will of its own. */
static void plain(struct run *r, u32 step)
{
	struct peer_rtp rtp = { .ssrc = r->ssrc[SSRCS], .pt = 8, .payload = 160 };
	u8 data[ENGINE_PACKET_MAX];
	size_t len;
	int i;

	r->plain_seq += (u16)step;
	rtp.seq = r->plain_seq;
	len = peer_make_rtp(&rtp, &r->seed, data);
	engine_push(&r->e, r->plain_leg, data, len, &r->result);
	if (r->result.reason != KSRTP_REASON_NONE || r->result.n != 2) {
		fail(r, "plain: %d", r->result.reason);
		return;
	}
	r->d->plain++;
	for (i = 0; i < 2; i++) {
		const struct engine_copy *copy = &r->result.copies[i];

		switch (copy->reason) {
		case KSRTP_REASON_NONE:
			/* Its number may have been shifted, nothing else. */
			memcpy(data + KSRTP_RTP_SEQ_OFF, copy->data + KSRTP_RTP_SEQ_OFF, 2);
			check_sent(r, &r->sinks[i], copy, false, data, len);
			break;
		case KSRTP_REASON_TX_LATE:
			r->d->late++;
			break;
		case KSRTP_REASON_TX_DUP:
			r->d->duplicate++;
			break;
		case KSRTP_REASON_TX_JUMP:
			r->d->jumps++;
			break;
		default:
			fail(r, "plain copy dropped: %d", copy->reason);
		}
	}
}

/* -- the run */

static void set_up(struct run *r)
{
	static const size_t mkis[] = { 0, 0, 4, 128, 1, 0, 16, 0 };
	u8 first = take(r), what = take(r), third = take(r);
	int i;

	r->seed = (uint64_t)first << 8 | what;
	r->window = 64u << third % 8;
	r->hdrext = third >> 3 & 1;
	r->rtcp_clear = (what & 7) == 0;
	r->mki_in = mkis[first & 7];
	r->mki_out = mkis[first >> 3 & 7];
	r->ssrcs = 1 + (first >> 6);
	for (i = 0; i <= SSRCS; i++) {
		r->ssrc[i] = (u32)random_next(&r->seed) & ~7u;
		r->ssrc[i] |= (u32)i;
	}
	for (i = 0; i < r->ssrcs; i++) {
		u8 where = take(r);

		/* Half of the streams begin shortly before a wrap. */
		r->index[i] = where & 1 ? 65535u - where / 2 * 8u : where * 256u;
	}
	r->plain_seq = (u16)random_next(&r->seed);

	engine_nonces_forget();
	engine_seed = r->seed;
	engine_init(&r->e);
	r->leg = engine_leg(&r->e, r->window, 0);
	r->plain_leg = engine_leg(&r->e, r->window, 0);
	if (engine_key(&r->e, r->plain_leg, KSRTP_DIRECTION_RX, 0, KSRTP_CONTEXT_NEW, 0, NULL))
		fail(r, "%s", r->e.extack._msg);
	r->context = context_new(r, take_suite(r), r->mki_in, true);
	r->context->number = (u32)r->n_arriving++;
	install(r, r->leg, KSRTP_DIRECTION_RX, r->context, KSRTP_CONTEXT_NEW);
	for (i = 0; i < 2; i++) {
		struct sink *sink = &r->sinks[i];

		sink->leg = engine_leg(&r->e, 64, 0);
		engine_route(&r->e, r->leg, sink->leg, KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP, NULL);
		engine_route(&r->e, r->plain_leg, sink->leg, KSRTP_ROUTE_F_RTP, NULL);
		if (i && take(r) % 4 == 0) {
			if (engine_key(&r->e, sink->leg, KSRTP_DIRECTION_TX, 0, KSRTP_CONTEXT_NEW,
				       0, NULL))
				fail(r, "%s", r->e.extack._msg);
			continue;
		}
		sink->context = context_new(r, take_suite(r), r->mki_out, false);
		sink->context->number = sink->contexts++;
		install(r, sink->leg, KSRTP_DIRECTION_TX, sink->context, KSRTP_CONTEXT_NEW);
	}
}

static void step(struct run *r)
{
	u8 op = take(r);

	if (op < 90) {
		deliver_intact(r, protect(r, false, 1));
	} else if (op < 110) {
		deliver_intact(r, protect(r, false, 1 + take(r) % 16));
	} else if (op < 140) {
		/* Lost, or late. */
		protect(r, false, 1);
	} else if (op < 180) {
		if (r->n_pool)
			deliver_intact(r, pick(r));
	} else if (op < 200) {
		if (r->n_pool)
			deliver_corrupted(r, pick(r));
	} else if (op < 220) {
		deliver_intact(r, protect(r, true, 0));
	} else if (op < 226) {
		protect(r, true, 0);
	} else if (op < 240) {
		plain(r, take(r) % 8);
	} else if (op < 242) {
		plain(r, (u32)take(r) << 8);
	} else if (op < 244) {
		/* A burst of loss, of up to 2^15 - 256 */
		protect(r, false, 1 + take(r) % 128 * 256u);
	} else if (op < 248) {
		rekey_arriving(r, op & 1);
	} else if (op < 252) {
		rekey_leaving(r, &r->sinks[op & 1], op & 2);
	} else if (op < 254) {
		uninstall(r, r->leg, KSRTP_DIRECTION_RX, !r->context->slots[r->context->last], true);
	} else {
		deliver_intact(r, protect(r, false, 1 + take(r)));
	}
}

void differential_run(struct differential *d, const uint8_t *data, size_t size)
{
	static struct run run;
	struct run *r = &run;
	int i;

	memset(r, 0, sizeof(*r));
	d->error[0] = 0;
	r->d = d;
	r->data = data;
	r->size = size;
	set_up(r);
	while (r->pos < r->size && !d->error[0])
		step(r);
	engine_exit(&r->e);
	for (i = 0; i < r->n_contexts; i++) {
		if (r->contexts[i].sender)
			srtp_dealloc(r->contexts[i].sender);
		srtp_dealloc(r->contexts[i].receiver);
	}
}
