// SPDX-License-Identifier: GPL-2.0
/* Two sources with one SSRC toward one leg. */
#include "unit/rtcp_compound.h"
#include "unit.h"

#define TAKEN	SSRC

/* Two legs that send to a third with one SSRC, and hear from it. */
struct clash {
	struct engine e;
	struct ksrtp_leg *a, *b, *to;
};

static void clash_init(struct clash *c, u32 flags)
{
	struct engine_master m;

	engine_init(&c->e);
	c->a = engine_leg(&c->e, 0, 0);
	c->b = engine_leg(&c->e, 0, 0);
	c->to = engine_leg(&c->e, 0, 0);
	CHECK(!engine_key(&c->e, c->a, RX, 0, NEW, 0, NULL), "key");
	CHECK(!engine_key(&c->e, c->b, RX, 0, NEW, 0, NULL), "key");
	CHECK(!engine_key(&c->e, c->to, RX, 0, NEW, 0, NULL), "key");
	CHECK(!engine_key(&c->e, c->a, TX, 0, NEW, 0, NULL), "key");
	CHECK(!engine_key(&c->e, c->b, TX, 0, NEW, 0, NULL), "key");
	engine_master_random(&m, GCM, 0, &unit_seed);
	CHECK(!engine_key(&c->e, c->to, TX, 0, NEW, 0, &m), "key");
	engine_route(&c->e, c->a, c->to, BOTH | flags, NULL);
	engine_route(&c->e, c->b, c->to, BOTH | flags, NULL);
	engine_route(&c->e, c->to, c->a, BOTH, NULL);
	engine_route(&c->e, c->to, c->b, BOTH, NULL);
}

static void refused(void)
{
	static struct unit_packet p;
	struct clash c;
	unsigned int i;

	clash_init(&c, 0);
	for (i = 0; i < 10; i++) {
		unit_rtp(&p, TAKEN, (u16)(100 + i));
		CHECK(unit_copy(&c.e, c.a, &p) == 0, "the first source: %d", unit_result.copies[0].reason);
		unit_rtp(&p, TAKEN, (u16)(100 + i));
		CHECK(unit_copy(&c.e, c.b, &p) == KSRTP_REASON_TX_SSRC, "the second: %d",
		      unit_result.copies[0].reason);
		unit_srtcp(NULL, &p, TAKEN);
		CHECK(unit_copy(&c.e, c.b, &p) == KSRTP_REASON_TX_SSRC, "its RTCP: %d",
		      unit_result.copies[0].reason);
	}
	/* The first source's leg goes: the other one may have its SSRC, and its indices go on. */
	engine_leg_del(&c.e, c.a);
	unit_rtp(&p, TAKEN, 105);
	CHECK(unit_copy(&c.e, c.b, &p) == KSRTP_REASON_TX_DUP, "a number that was sent: %d",
	      unit_result.copies[0].reason);
	unit_rtp(&p, TAKEN, 110);
	CHECK(unit_copy(&c.e, c.b, &p) == 0, "after it: %d", unit_result.copies[0].reason);
	engine_exit(&c.e);
	tap_end("S3", "two sources, one SSRC, a route that does not map: the second is refused");
}

/* The last one's SRTCP index. */
static u32 index_of_copy(void)
{
	return get_unaligned_be32(unit_result.copies[0].data + unit_result.copies[0].len - 4) &
	       KSRTP_SRTCP_INDEX_MASK;
}

/* What the second source sends after the first is gone, under @slot, which the first used. */
static void goes_on(struct clash *c, u32 slot, u32 rtcp_index)
{
	struct unit_packet p;

	CHECK(!engine_key_activate(&c->e, c->to, slot), "activate");
	unit_rtp(&p, TAKEN, 100);
	CHECK(unit_copy(&c->e, c->b, &p) == KSRTP_REASON_TX_DUP, "slot %u, a number that was sent: %d",
	      slot, unit_result.copies[0].reason);
	unit_rtp(&p, TAKEN, 110);
	CHECK(unit_copy(&c->e, c->b, &p) == 0, "slot %u, the next: %d", slot,
	      unit_result.copies[0].reason);
	unit_srtcp(NULL, &p, TAKEN);
	CHECK(unit_copy(&c->e, c->b, &p) == 0 && index_of_copy() == rtcp_index, "slot %u, SRTCP: %u",
	      slot, index_of_copy());
}

/* SSRC 0 is one like the others. */
static void zero(void)
{
	static struct unit_packet p;
	struct clash c;

	clash_init(&c, 0);
	unit_rtp(&p, 0, 100);
	CHECK(unit_copy(&c.e, c.a, &p) == 0, "the first source: %d", unit_result.copies[0].reason);
	unit_rtp(&p, 0, 100);
	CHECK(unit_copy(&c.e, c.b, &p) == KSRTP_REASON_TX_SSRC, "the second: %d",
	      unit_result.copies[0].reason);
	engine_exit(&c.e);
	tap_end("S3", "SSRC 0 is one like the others");
}

static void taken_over(void)
{
	static struct unit_packet p;
	struct engine_master m;
	struct clash c;
	unsigned int i, slot;

	clash_init(&c, 0);
	engine_master_random(&m, GCM, 0, &unit_seed);
	CHECK(!engine_key(&c.e, c.to, TX, 1, NEW, 0, &m), "key");
	for (slot = 0; slot < 2; slot++) {
		CHECK(!engine_key_activate(&c.e, c.to, slot), "activate");
		for (i = 0; i < 3; i++) {
			unit_rtp(&p, TAKEN, (u16)(100 + i));
			CHECK(unit_copy(&c.e, c.a, &p) == 0, "the first source: %d",
			      unit_result.copies[0].reason);
			unit_srtcp(NULL, &p, TAKEN);
			CHECK(unit_copy(&c.e, c.a, &p) == 0, "its RTCP");
		}
	}
	engine_leg_del(&c.e, c.a);
	goes_on(&c, 1, 4);
	goes_on(&c, 0, 4);
	engine_exit(&c.e);
	tap_end("S3", "a source that is gone is taken over under each of two keys: no index comes twice");
}

/* A packet of everything, of @sender about @target. */
static void unit_compound(struct unit_packet *p, u32 sender, u32 target)
{
	p->plain_len = compound_make(p->plain, sender, target);
	p->len = p->plain_len;
	memcpy(p->wire, p->plain, p->plain_len);
}

#define OWN	0x0b0b0b0bu	/* of the second source alone */
#define NOBODY	0x0d0d0d0du

static void put_words(struct unit_packet *p, const u32 *words, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		put_unaligned_be32(words[i], p->plain + 4 * i);
	p->len = p->plain_len = 4 * n;
	memcpy(p->wire, p->plain, p->plain_len);
}

/*
 * What a source may say at the end of a compound that begins as its own: of itself and of
 * SSRCs that nobody sends with there all, of another source nothing.
 */
static void speak_for(struct clash *c, struct ksrtp_leg *from, u32 own, u32 of,
		      enum ksrtp_reason want)
{
	static const struct {
		const char *what;
		u32 words[7];	/* 1: the SSRC */
		size_t n;
	} ends[] = {
		{ "BYE", { 0x81cb0001, 1 }, 2 },
		{ "SR", { 0x80c80006, 1, 0xe5000000, 0, 0, 0, 0 }, 7 },
		{ "SDES", { 0x81ca0002, 1, 0 }, 3 },
		{ "SDES without an end", { 0x81ca0001, 1 }, 2 },
		{ "APP", { 0x80cc0002, 1, 0x74657374 }, 3 },
	};
	static struct unit_packet p;
	u32 words[9] = { 0x80c90001, own };
	enum ksrtp_reason reason;
	unsigned int i;
	size_t j;

	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		for (j = 0; j < ends[i].n; j++)
			words[2 + j] = ends[i].words[j] == 1 ? of : ends[i].words[j];
		put_words(&p, words, 2 + ends[i].n);
		reason = unit_copy(&c->e, from, &p);
		CHECK(reason == want, "%s of %08x: %d", ends[i].what, of, reason);
	}
}

static void spoken_for(void)
{
	static struct unit_packet p;
	struct clash c;

	clash_init(&c, 0);
	unit_rtp(&p, TAKEN, 1);
	CHECK(unit_copy(&c.e, c.a, &p) == 0, "the first source: %d", unit_result.copies[0].reason);
	speak_for(&c, c.b, OWN, TAKEN, KSRTP_REASON_TX_SSRC);
	speak_for(&c, c.b, OWN, OWN, 0);
	speak_for(&c, c.b, OWN, NOBODY, 0);
	speak_for(&c, c.a, TAKEN, OWN, KSRTP_REASON_TX_SSRC);
	speak_for(&c, c.a, TAKEN, TAKEN, 0);
	unit_rtp(&p, NOBODY, 1);
	CHECK(unit_copy(&c.e, c.b, &p) == 0, "its other stream: %d", unit_result.copies[0].reason);
	speak_for(&c, c.b, OWN, NOBODY, 0);
	speak_for(&c, c.a, TAKEN, NOBODY, KSRTP_REASON_TX_SSRC);
	/* The first source's leg is gone for good: whose its SSRC is may be said again. */
	engine_leg_del(&c.e, c.a);
	speak_for(&c, c.b, OWN, TAKEN, 0);
	engine_exit(&c.e);
	tap_end("S3", "RTCP that speaks for another source is refused, also behind what is its own");
}

/* The same where SSRCs are mapped: the second source's own leave as what they are there. */
static void spoken_for_mapped(void)
{
	static struct unit_packet p;
	u32 words[] = { 0x80c90001, OWN, 0x81cb0001, TAKEN }, out;
	struct clash c;

	clash_init(&c, KSRTP_ROUTE_F_MAP_SSRC);
	CHECK(!engine_key_del(&c.e, c.to, TX, 0), "del");
	CHECK(!engine_key(&c.e, c.to, TX, 0, NEW, 0, NULL), "%s", c.e.extack._msg);
	unit_rtp(&p, TAKEN, 1);
	CHECK(unit_copy(&c.e, c.a, &p) == 0, "the first source: %d", unit_result.copies[0].reason);
	/* Its own of this name is not there yet. */
	speak_for(&c, c.b, OWN, TAKEN, KSRTP_REASON_TX_SSRC);
	unit_rtp(&p, TAKEN, 1);
	CHECK(unit_copy(&c.e, c.b, &p) == 0, "the second: %d", unit_result.copies[0].reason);
	out = get_unaligned_be32(unit_result.copies[0].data + KSRTP_RTP_SSRC_OFF);
	put_words(&p, words, 4);
	CHECK(unit_copy(&c.e, c.b, &p) == 0, "its BYE: %d", unit_result.copies[0].reason);
	words[3] = out;
	put_words(&p, words, 4);
	CHECK(out != TAKEN && unit_arrived(NULL, 0, true, &p), "its BYE is not of %08x", out);
	speak_for(&c, c.a, TAKEN, out, KSRTP_REASON_TX_SSRC);
	engine_exit(&c.e);
	tap_end("S3", "RTCP that is mapped speaks for its source alone");
}

static u32 ssrc_of_copy(void)
{
	return get_unaligned_be32(unit_result.copies[0].data + KSRTP_RTP_SSRC_OFF);
}

static void mapped(void)
{
	static struct unit_packet p, want;
	struct peer_params params = { .inbound = true };
	struct engine_master m;
	struct clash c;
	srtp_t receiver;
	unsigned int i;
	u32 out;

	clash_init(&c, KSRTP_ROUTE_F_MAP_SSRC);
	CHECK(!engine_key_del(&c.e, c.to, TX, 0), "del");
	engine_master_random(&m, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80, 0, &unit_seed);
	receiver = peer_new(&params, &m, 1);
	CHECK(!engine_key(&c.e, c.to, TX, 0, NEW, 0, &m), "%s", c.e.extack._msg);
	unit_rtp(&p, TAKEN, 100);
	CHECK(unit_copy(&c.e, c.a, &p) == 0 && unit_arrived(receiver, 0, false, &p), "the first");
	unit_rtp(&p, TAKEN, 100);
	CHECK(unit_copy(&c.e, c.b, &p) == 0, "the second: %d", unit_result.copies[0].reason);
	out = ssrc_of_copy();
	CHECK(out != TAKEN && out, "SSRC %x", out);
	put_unaligned_be32(out, p.plain + KSRTP_RTP_SSRC_OFF);
	CHECK(unit_arrived(receiver, 0, false, &p), "under the new SSRC");
	for (i = 101; i < 200; i++) {
		unit_rtp(&p, TAKEN, (u16)i);
		CHECK(unit_copy(&c.e, c.b, &p) == 0 && ssrc_of_copy() == out, "%u", i);
	}

	/* RTCP of the second source has the new SSRC everywhere, that of the first the old. */
	unit_compound(&p, TAKEN, 0x77777777);
	unit_compound(&want, out, 0x77777777);
	CHECK(unit_copy(&c.e, c.b, &p) == 0, "RTCP: %d", unit_result.copies[0].reason);
	CHECK(unit_arrived(receiver, 0, true, &want), "RTCP of the second source");
	CHECK(unit_copy(&c.e, c.a, &p) == 0, "RTCP: %d", unit_result.copies[0].reason);
	CHECK(unit_arrived(receiver, 0, true, &p), "RTCP of the first source");

	/* Back: what is said about the new SSRC reaches the second source under its own. */
	unit_compound(&p, 0x99999999, out);
	unit_compound(&want, 0x99999999, TAKEN);
	CHECK(unit_push(&c.e, c.to, &p) == 0 && unit_result.n == 2, "back: %d", unit_result.reason);
	CHECK(unit_result.copies[0].reason == 0 && unit_arrived(NULL, 0, true, &p),
	      "the first source hears of the new SSRC, which is not its own");
	CHECK(unit_result.copies[1].reason == 0 && unit_arrived(NULL, 1, true, &want),
	      "the second source does not hear of its own SSRC");

	/* A rekey: the source keeps its SSRC. */
	engine_master_random(&m, GCM, 0, &unit_seed);
	CHECK(!engine_key(&c.e, c.to, TX, 1, NEW, 0, &m), "%s", c.e.extack._msg);
	CHECK(!engine_key_activate(&c.e, c.to, 1), "activate");
	unit_rtp(&p, TAKEN, 300);
	CHECK(unit_copy(&c.e, c.b, &p) == 0 && ssrc_of_copy() == out, "after a rekey: %d, %x",
	      unit_result.copies[0].reason, ssrc_of_copy());
	srtp_dealloc(receiver);
	engine_exit(&c.e);
	tap_end("D4,S3", "two sources, one SSRC, a route that maps: another for the second, also in RTCP");
}

static void malformed(void)
{
	/* Where the SSRC of SRTCP has to be there is the reason of a BYE of nobody. */
	static const u32 nobody[] = { 0x80cb0001, 0x03656e64 };
	static struct unit_packet p;
	struct clash c;
	size_t n, len;
	u32 i;

	clash_init(&c, KSRTP_ROUTE_F_MAP_SSRC);
	unit_rtp(&p, TAKEN, 1);
	CHECK(unit_copy(&c.e, c.a, &p) == 0, "first");
	unit_rtp(&p, TAKEN, 1);
	CHECK(unit_copy(&c.e, c.b, &p) == 0, "second");
	/* Lengths add up, contents do not fit. */
	len = compound_make(p.wire, TAKEN, 1);
	for (n = 8; n < 52; n += 4) {
		memcpy(p.plain, p.wire, len);
		put_unaligned_be16((u16)(n / 4 - 1), p.plain + 2);
		engine_push(&c.e, c.b, p.plain, n, &unit_result);
		CHECK(unit_result.reason == 0, "%zu octets: %d", n, unit_result.reason);
		CHECK(unit_result.copies[0].reason == KSRTP_REASON_TX_RTCP, "%zu octets: %d", n,
		      unit_result.copies[0].reason);
	}
	put_words(&p, nobody, 2);
	CHECK(unit_copy(&c.e, c.b, &p) == KSRTP_REASON_TX_RTCP, "a BYE of nobody: %d",
	      unit_result.copies[0].reason);
	engine_exit(&c.e);
	tap_end("S3,S7", "RTCP that cannot be mapped is dropped as tx_rtcp");

	clash_init(&c, 0);
	unit_rtp(&p, TAKEN, 1);
	CHECK(unit_copy(&c.e, c.a, &p) == 0, "first");
	for (i = 0; i < 200; i++) {
		put_unaligned_be32(0x80c90001, p.plain + 8 * i);
		put_unaligned_be32(OWN, p.plain + 8 * i + 4);
	}
	p.len = p.plain_len = 8 * 200;
	memcpy(p.wire, p.plain, p.len);
	CHECK(unit_copy(&c.e, c.b, &p) == 0, "200 of its own: %d", unit_result.copies[0].reason);
	put_unaligned_be32(TAKEN, p.wire + p.len - 4);
	CHECK(unit_copy(&c.e, c.b, &p) == KSRTP_REASON_TX_SSRC, "199 and another's: %d",
	      unit_result.copies[0].reason);
	/* What lies but is to be mapped by nobody passes as it came. */
	put_words(&p, nobody, 2);
	CHECK(unit_copy(&c.e, c.b, &p) == 0, "a BYE of nobody: %d", unit_result.copies[0].reason);
	engine_exit(&c.e);
	tap_end("S3,S7", "RTCP that is not mapped may be anything but another's");
}

static void streams_max(void)
{
	static struct unit_packet p;
	struct engine_master m;
	struct ksrtp_leg *from, *to;
	struct engine e;
	unsigned int i, sent = 0;

	engine_init(&e);
	from = engine_leg(&e, 0, 0);
	to = engine_leg(&e, 0, 5);
	engine_master_random(&m, GCM, 0, &unit_seed);
	CHECK(!engine_key(&e, from, RX, 0, NEW, 0, NULL) && !engine_key(&e, to, TX, 0, NEW, 0, &m), "key");
	engine_route(&e, from, to, BOTH, NULL);
	for (i = 0; i < 20; i++) {
		unit_rtp(&p, SSRC + i, 1);
		sent += unit_copy(&e, from, &p) == 0;
	}
	CHECK(sent == 5, "%u streams left", sent);
	CHECK(unit_result.copies[0].reason == KSRTP_REASON_TX_STREAMS, "%d",
	      unit_result.copies[0].reason);
	engine_exit(&e);
	tap_end("S7", "streams toward a leg are limited by that leg");
}

void unit_ssrc(void)
{
	refused();
	zero();
	taken_over();
	spoken_for();
	spoken_for_mapped();
	mapped();
	malformed();
	streams_max();
}
