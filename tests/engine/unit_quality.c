// SPDX-License-Identifier: GPL-2.0
/* What RTCP tells of the streams: reports, round-trip time, and loss by our own windows. */
#include <linux/ktime.h>

#include "unit.h"

#define A	0x0a0a0a0au
#define FAR	0x0f0f0f0fu	/* the one who reports */
#define MS	1000000ULL
#define SECOND	1000000000ULL

/*
 * Two sources with one SSRC toward a third leg, which knows the second's by another; all
 * legs hear by libsrtp2.
 */
struct far {
	struct engine e;
	struct ksrtp_leg *a, *b, *to;
	struct engine_master in;
	srtp_t sender;		/* of what arrives on @to */
	u32 out;		/* the SSRC that @to knows @b's by */
};

static void far_init(struct far *f, u32 suite)
{
	static struct unit_packet p;
	struct peer_params params = { .inbound = false };
	struct engine_master m;

	memset(f, 0, sizeof(*f));
	engine_ns = 1000 * SECOND;
	engine_init(&f->e);
	f->a = engine_leg(&f->e, 0, 0);
	f->b = engine_leg(&f->e, 0, 0);
	f->to = engine_leg(&f->e, 0, 0);
	engine_master_random(&f->in, suite, 0, &unit_seed);
	if (suite)
		f->sender = peer_new(&params, &f->in, 1);
	CHECK(!engine_key(&f->e, f->a, RX, 0, NEW, 0, NULL), "key");
	CHECK(!engine_key(&f->e, f->b, RX, 0, NEW, 0, NULL), "key");
	CHECK(!engine_key(&f->e, f->to, RX, 0, NEW, 0, suite ? &f->in : NULL), "key");
	engine_master_random(&m, GCM, 0, &unit_seed);
	CHECK(!engine_key(&f->e, f->to, TX, 0, NEW, 0, &m), "key");
	engine_route(&f->e, f->a, f->to, BOTH | KSRTP_ROUTE_F_MAP_SSRC, NULL);
	engine_route(&f->e, f->b, f->to, BOTH | KSRTP_ROUTE_F_MAP_SSRC, NULL);
	unit_rtp(&p, A, 1);
	CHECK(unit_copy(&f->e, f->a, &p) == 0, "%d", unit_result.reason);
	unit_rtp(&p, A, 1);
	CHECK(unit_copy(&f->e, f->b, &p) == 0, "%d", unit_result.reason);
	f->out = get_unaligned_be32(unit_result.copies[0].data + KSRTP_RTP_SSRC_OFF);
	CHECK(f->out != A, "not mapped");
}

static void far_exit(struct far *f)
{
	engine_exit(&f->e);
	if (f->sender)
		srtp_dealloc(f->sender);
}

/* The transmit stream of what comes from @from. */
static struct ksrtp_stream *toward(const struct far *f, const struct ksrtp_leg *from)
{
	struct ksrtp_stream *s;

	rcu_read_lock();
	s = ksrtp_stream_find_tx(f->to, ksrtp_path_tx_key(f->to)->context, from->id, A);
	rcu_read_unlock();
	return s;
}

/* A sender report of @ssrc on a plain leg. */
static enum ksrtp_reason send_report(struct far *f, struct ksrtp_leg *from, u32 ssrc, u32 ntp)
{
	static struct unit_packet p;

	memset(p.wire, 0, 28);
	put_unaligned_be32(0x80c80006, p.wire);
	put_unaligned_be32(ssrc, p.wire + 4);
	put_unaligned_be32(0xe5000000 | ntp >> 16, p.wire + 8);
	put_unaligned_be32(ntp << 16, p.wire + 12);
	p.len = 28;
	return unit_copy(&f->e, from, &p);
}

/* A receiver report on @f->to of @n blocks about @ssrc and the SSRCs after it. */
static void make_report(struct unit_packet *p, u32 ssrc, int n, u32 lsr, u32 dlsr)
{
	u8 *at = p->plain + 8;
	int i;

	put_unaligned_be32(0x80c90001 | (u32)n << 24 | (u32)n * 6, p->plain);
	put_unaligned_be32(FAR, p->plain + 4);
	for (i = 0; i < n; i++, at += 24) {
		put_unaligned_be32(ssrc + (u32)i, at);
		put_unaligned_be32(0x40fffffd, at + 4);
		put_unaligned_be32(0x00020007, at + 8);
		put_unaligned_be32(480, at + 12);
		put_unaligned_be32(lsr, at + 16);
		put_unaligned_be32(dlsr, at + 20);
	}
	p->plain_len = 8 + 24 * (size_t)n;
}

static enum ksrtp_reason protect_report(struct far *f, struct unit_packet *p)
{
	int len = (int)p->plain_len;

	memcpy(p->wire, p->plain, p->plain_len);
	if (f->sender)
		CHECK(!peer_protect(f->sender, false, 0, true, p->wire, &len), "libsrtp2 protects");
	p->len = (size_t)len;
	return unit_push(&f->e, f->to, p);
}

static enum ksrtp_reason receive_report(struct far *f, u32 ssrc, u32 lsr, u32 dlsr)
{
	static struct unit_packet p;

	make_report(&p, ssrc, 1, lsr, dlsr);
	return protect_report(f, &p);
}

/* No route leads on from @to, which must not matter. */
static void reported(u32 suite)
{
	const struct ksrtp_quality *qa, *qb;
	struct far f;

	far_init(&f, suite);
	qa = &toward(&f, f.a)->quality;
	qb = &toward(&f, f.b)->quality;
	CHECK(!qa->reports && !qb->reports, "reports before the first");

	/* One NTP time, two sources, 40 ms apart: each has its own. */
	CHECK(send_report(&f, f.a, A, 0x70000) == 0, "SR: %d", unit_result.reason);
	engine_ns += 40 * MS;
	CHECK(send_report(&f, f.b, A, 0x70000) == 0, "SR: %d", unit_result.reason);
	engine_ns += 125 * MS;
	CHECK(receive_report(&f, A, 0x70000, 0x2000) == 0, "RR: %d", unit_result.reason);
	CHECK(qa->reports == 1 && !qb->reports, "%u and %u", qa->reports, qb->reports);
	CHECK(qa->last.fraction == 64 && qa->last.lost == -3 && qa->last.highest == 0x20007 &&
	      qa->last.jitter == 480 && qa->at == engine_ns, "fields");
	CHECK(qa->rtt_us == 40000 && qa->rtt_at == engine_ns, "%u us", qa->rtt_us);

	/* The second source's is named by the SSRC that it has on that wire. */
	CHECK(receive_report(&f, f.out, 0x70000, 0x1000) == 0, "RR: %d", unit_result.reason);
	CHECK(qa->reports == 1 && qb->reports == 1 && qb->rtt_us == 62500, "%u, %u, %u us",
	      qa->reports, qb->reports, qb->rtt_us);

	/* What is unknown gives no time, and leaves the last one. */
	engine_ns += SECOND;
	CHECK(receive_report(&f, A, 0x70001, 0) == 0, "RR: %d", unit_result.reason);
	CHECK(qa->reports == 2 && qa->rtt_us == 40000 && qa->rtt_at == engine_ns - SECOND, "%u us",
	      qa->rtt_us);
	CHECK(receive_report(&f, 0x99999999, 0x70000, 0) == 0, "of nobody: %d", unit_result.reason);
	CHECK(qa->reports == 2 && qb->reports == 1, "a report about nobody");

	/* Nobody but the source itself can say when its sender report left. */
	CHECK(send_report(&f, f.a, f.out, 0x80000) == 0, "SR: %d", unit_result.reason);
	CHECK(receive_report(&f, f.out, 0x80000, 0) == 0, "RR: %d", unit_result.reason);
	CHECK(qb->reports == 2 && qb->rtt_us == 62500, "another's sender report: %u us", qb->rtt_us);
	far_exit(&f);
	tap_end("O4", "%s: reports reach the stream they are about by its SSRC on the wire, with a round-trip time",
		suite ? engine_suite_name(suite) : "plain");
}

/* Whatever is not authentic, or came before, tells nothing. */
static void refused(void)
{
	static struct unit_packet p;
	struct ksrtp_quality before;
	const struct ksrtp_quality *q;
	struct far f;
	size_t i;
	u64 state;

	far_init(&f, GCM);
	q = &toward(&f, f.a)->quality;
	send_report(&f, f.a, A, 0x70000);
	make_report(&p, A, 1, 0x70000, 0);
	engine_ns += 30 * MS;
	CHECK(protect_report(&f, &p) == 0 && q->rtt_us == 30000, "%u us", q->rtt_us);
	before = *q;
	state = engine_state(f.to);
	engine_ns += 30 * MS;
	CHECK(unit_push(&f.e, f.to, &p) == KSRTP_REASON_REPLAY, "again: %d", unit_result.reason);
	CHECK(engine_state(f.to) == state, "a replay changed state");
	make_report(&p, A, 1, 0x70000, 0);
	CHECK(protect_report(&f, &p) == 0 && q->reports == 2, "another");
	before = *q;
	state = engine_state(f.to);
	/* A fresh index over old octets, then each octet of a new one changed. */
	for (i = 0; i < p.len; i++) {
		p.wire[p.len - 1] ^= 0x40;
		p.wire[i] ^= 0x01;
		CHECK(unit_push(&f.e, f.to, &p) != 0, "octet %zu", i);
		p.wire[i] ^= 0x01;
		p.wire[p.len - 1] ^= 0x40;
	}
	/* Plain on a keyed leg. */
	engine_push(&f.e, f.to, p.plain, p.plain_len, &unit_result);
	CHECK(unit_result.reason != 0, "plain");
	CHECK(engine_state(f.to) == state, "what is not authentic changed state");
	CHECK(q->reports == before.reports && q->at == before.at, "%u reports", q->reports);
	far_exit(&f);
	tap_end("S2,O4", "reports that are forged, replayed or plain on a keyed leg change nothing");
}

/* A compound of several packets; 31 blocks; lengths that lie. */
static void shapes(void)
{
	static struct unit_packet p;
	const struct ksrtp_quality *q;
	struct far f;
	size_t n;

	far_init(&f, GCM);
	q = &toward(&f, f.a)->quality;
	make_report(&p, A - 30, 31, 0, 0);
	CHECK(protect_report(&f, &p) == 0 && q->reports == 1, "the last of 31: %u", q->reports);
	make_report(&p, FAR, 0, 0, 0);
	n = p.plain_len;
	make_report(&p, A, 1, 0, 0);
	memmove(p.plain + n, p.plain, p.plain_len);
	p.plain_len += n;
	put_unaligned_be32(0x80c90001, p.plain);
	CHECK(protect_report(&f, &p) == 0 && q->reports == 2, "in the second packet: %u", q->reports);
	/* Authentic, and its count promises 31 blocks. */
	make_report(&p, A, 1, 0, 0);
	p.plain[0] |= 0x1f;
	CHECK(protect_report(&f, &p) == 0 && q->reports == 2, "a count that lies: %u", q->reports);
	make_report(&p, A, 1, 0, 0);
	put_unaligned_be16(0xffff, p.plain + 2);
	CHECK(protect_report(&f, &p) == 0 && q->reports == 2, "a length that lies: %u", q->reports);
	far_exit(&f);
	tap_end("S7,O4", "reports behind others are found; authentic ones that lie are not");
}

/* A new context toward the far end: the report is about the stream that is in use. */
static void rekeyed(void)
{
	static struct unit_packet p;
	struct engine_master m;
	struct ksrtp_stream *old;
	struct far f;

	far_init(&f, GCM);
	old = toward(&f, f.a);
	engine_master_random(&m, GCM, 0, &unit_seed);
	CHECK(!engine_key(&f.e, f.to, TX, 1, NEW, 0, &m) && !engine_key_activate(&f.e, f.to, 1),
	      "key");
	unit_rtp(&p, A, 2);
	CHECK(unit_copy(&f.e, f.a, &p) == 0 && toward(&f, f.a) != old, "a stream of its own");
	CHECK(receive_report(&f, A, 0, 0) == 0, "%d", unit_result.reason);
	CHECK(toward(&f, f.a)->quality.reports == 1 && !old->quality.reports, "of the old context");
	CHECK(toward(&f, f.a)->pt == 8, "payload type %u", toward(&f, f.a)->pt);
	far_exit(&f);
	tap_end("O4", "after a rekey a report is about the context in use");
}

/* What the dump says was lost on the way here. */
static u64 lost_here(const struct unit_world *w)
{
	const struct ksrtp_stream *s = engine_stream(w->from, RX, 0, SSRC);

	return s ? ksrtp_stream_lost(s) : ~0ULL;
}

static void lost(void)
{
	static const u16 seqs[] = { 65530, 65531, 65534, 3, 2, 10 };
	static const u64 want[] = { 0, 0, 2, 6, 5, 11 };
	static struct unit_packet p[ARRAY_SIZE(seqs)], late, rtcp;
	struct unit_world w;
	unsigned int i;

	unit_world_init(&w, GCM, GCM, BOTH);
	unit_srtcp(w.sender, &rtcp, SSRC);
	CHECK(unit_copy(&w.e, w.from, &rtcp) == 0 && lost_here(&w) == 0, "before the first");
	unit_srtp(w.sender, &late, SSRC, 65529);
	for (i = 0; i < ARRAY_SIZE(seqs); i++) {
		unit_srtp(w.sender, &p[i], SSRC, seqs[i]);
		CHECK(unit_copy(&w.e, w.from, &p[i]) == 0, "%u: %d", seqs[i], unit_result.reason);
		CHECK(unit_push(&w.e, w.from, &p[i]) == KSRTP_REASON_REPLAY, "%u again", seqs[i]);
		CHECK(lost_here(&w) == want[i], "after %u: %llu", seqs[i],
		      (unsigned long long)lost_here(&w));
	}
	/* From before the first: one more than expected, of what is missing. */
	CHECK(unit_copy(&w.e, w.from, &late) == 0 && lost_here(&w) == 10, "%d, %llu",
	      unit_result.reason, (unsigned long long)lost_here(&w));
	unit_world_exit(&w);
	tap_end("O4", "loss on the way here: expected less accepted, also over a wrap, with late packets and replays");
}

void unit_quality(void)
{
	reported(GCM);
	reported(KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80);
	reported(0);
	refused();
	shapes();
	rekeyed();
	lost();
}
