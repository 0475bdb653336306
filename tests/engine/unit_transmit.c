// SPDX-License-Identifier: GPL-2.0
/* Which index a packet leaves with, and that none leaves twice (S3). */
#include "unit.h"

/* Different payloads under one number. */
static void plain_duplicates(void)
{
	static struct unit_packet p;
	struct unit_world w;
	unsigned int i, sent = 0;

	unit_world_init(&w, KSRTP_SUITE_NONE, GCM, BOTH);
	for (i = 0; i < 50; i++) {
		unit_rtp(&p, SSRC, 7);
		if (unit_copy(&w.e, w.from, &p) == 0) {
			CHECK(unit_arrived(w.receiver, 0, false, &p), "lost");
			sent++;
		} else {
			CHECK(unit_result.copies[0].reason == KSRTP_REASON_TX_DUP, "%d",
			      unit_result.copies[0].reason);
		}
	}
	CHECK(sent == 1, "%u of 50 left", sent);
	unit_world_exit(&w);
	tap_end("S3", "rtpengine: 50 plain packets of one number never share a nonce: one leaves");
}

static void plain_jumps(void)
{
	/* number, what becomes of it */
	static const struct { u16 seq; enum ksrtp_reason reason; } rows[] = {
		{ 100, 0 }, { 101, 0 }, { 99, 0 }, { 3101, 0 }, { 3100, 0 },
		{ 6102, KSRTP_REASON_TX_JUMP },		/* by 3001 */
		{ 3102, 0 },
		{ 20000, KSRTP_REASON_TX_JUMP }, { 20002, KSRTP_REASON_TX_JUMP }, { 20003, 0 },
		{ 20001, 0 }, { 20003, KSRTP_REASON_TX_DUP },
		{ 20003 - 1023, 0 }, { 20003 - 1024, KSRTP_REASON_TX_LATE },
	};
	static struct unit_packet p;
	struct unit_world w;
	unsigned int i;

	unit_world_init(&w, KSRTP_SUITE_NONE, GCM, BOTH);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		unit_rtp(&p, SSRC, rows[i].seq);
		CHECK(unit_copy(&w.e, w.from, &p) == rows[i].reason, "row %u, %u: %d", i, rows[i].seq,
		      unit_result.copies[0].reason);
		if (!rows[i].reason)
			CHECK(unit_arrived(w.receiver, 0, false, &p), "row %u, %u: lost", i, rows[i].seq);
	}
	/* Starts again: the receiver hears on. */
	for (i = 0; i < 20; i++) {
		unit_rtp(&p, SSRC, (u16)(50 + i));
		if (unit_copy(&w.e, w.from, &p))
			continue;
		memcpy(p.plain + 2, unit_result.copies[0].data + 2, 2);
		CHECK(unit_arrived(w.receiver, 0, false, &p), "%u after the restart: lost", i);
	}
	CHECK(unit_result.copies[0].reason == 0, "after the restart: %d", unit_result.copies[0].reason);
	unit_world_exit(&w);
	tap_end("S2,S3", "plain source: jumps over 3000 need a second packet, late ones the window");
}

static void fan_out(void)
{
	static const u32 suites[] = {
		KSRTP_SUITE_NONE, KSRTP_SUITE_AEAD_AES_128_GCM, KSRTP_SUITE_AEAD_AES_256_GCM,
		KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32,
		KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80, KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32,
	};
	struct peer_params params = { .inbound = true, .window = 1024 };
	static struct unit_packet p;
	srtp_t receivers[64] = { NULL };
	struct engine_master m;
	struct unit_world w;
	unsigned int i, n;
	bool rtcp;

	unit_world_init(&w, GCM, GCM, BOTH);
	receivers[0] = w.receiver;
	for (i = 1; i < 64; i++) {
		struct ksrtp_leg *leg = engine_leg(&w.e, 0, 0);
		u32 suite = suites[i % ARRAY_SIZE(suites)];

		engine_master_random(&m, suite, 0, &unit_seed);
		if (suite)
			receivers[i] = peer_new(&params, &m, 1);
		CHECK(!engine_key(&w.e, leg, TX, 0, NEW, 0, suite ? &m : NULL), "%s", w.e.extack._msg);
		/* Every ninth takes RTP only. */
		engine_route(&w.e, w.from, leg, i % 9 ? BOTH : KSRTP_ROUTE_F_RTP, NULL);
	}
	for (n = 0; n < 20; n++) {
		unsigned int copy = 0;

		rtcp = n % 5 == 4;
		if (rtcp)
			unit_srtcp(w.sender, &p, SSRC);
		else
			unit_srtp(w.sender, &p, SSRC, (u16)(65530 + n));
		CHECK(unit_push(&w.e, w.from, &p) == 0, "%d", unit_result.reason);
		CHECK(unit_result.n == (rtcp ? 57 : 64), "%d copies", unit_result.n);
		for (i = 0; i < 64; i++) {
			if (rtcp && i && i % 9 == 0)
				continue;
			CHECK(unit_result.copies[copy].reason == 0, "leg %u: %d", i,
			      unit_result.copies[copy].reason);
			CHECK(unit_arrived(receivers[i], (int)copy, rtcp, &p), "leg %u: lost", i);
			copy++;
		}
	}
	for (i = 1; i < 64; i++)
		if (receivers[i])
			srtp_dealloc(receivers[i]);
	unit_world_exit(&w);
	tap_end("D4,S8", "fan-out: one packet on 64 legs of all suites, each its own ciphertext");
}

static void rewrites(void)
{
	struct ksrtp_rewrite rewrite = { .maps_pt = true, .n_ssrcs = 1 };
	struct peer_params params = { .inbound = true };
	static struct unit_packet p;
	struct ksrtp_leg *leg;
	struct engine_master m;
	struct unit_world w;
	srtp_t receiver;
	unsigned int i;

	for (i = 0; i < 128; i++)
		rewrite.pt[i] = (u8)i;
	rewrite.pt[8] = 111;
	rewrite.ssrcs[0].in = SSRC;
	rewrite.ssrcs[0].out = 0x01020304;
	unit_world_init(&w, GCM, GCM, BOTH);
	leg = engine_leg(&w.e, 0, 0);
	engine_master_random(&m, GCM, 0, &unit_seed);
	receiver = peer_new(&params, &m, 1);
	CHECK(!engine_key(&w.e, leg, TX, 0, NEW, 0, &m), "%s", w.e.extack._msg);
	engine_route(&w.e, w.from, leg, BOTH, &rewrite);
	unit_srtp(w.sender, &p, SSRC, 1);
	CHECK(unit_push(&w.e, w.from, &p) == 0 && unit_result.n == 2, "push");
	CHECK(unit_arrived(w.receiver, 0, false, &p), "the first route changes nothing");
	CHECK(p.plain[1] == 8, "payload type %u", p.plain[1]);
	p.plain[1] = 111;
	put_unaligned_be32(0x01020304, p.plain + 8);
	CHECK(unit_arrived(receiver, 1, false, &p), "payload type 111, SSRC 01020304");
	/* The marker stays, as does a type that is not mapped. */
	unit_rtp(&p, SSRC, 2);
	p.plain[1] = 0x80 | 8;
	memcpy(p.wire, p.plain, p.plain_len);
	{
		int len = (int)p.plain_len;

		CHECK(srtp_protect(w.sender, p.wire, &len) == srtp_err_status_ok, "protect");
		p.len = (size_t)len;
	}
	CHECK(unit_push(&w.e, w.from, &p) == 0, "push");
	p.plain[1] = 0x80 | 111;
	put_unaligned_be32(0x01020304, p.plain + 8);
	CHECK(unit_arrived(receiver, 1, false, &p), "with marker");
	srtp_dealloc(receiver);
	unit_world_exit(&w);
	tap_end("D4", "payload type and SSRC are rewritten on their route alone");
}

static void states(void)
{
	static struct unit_packet p;
	struct unit_world w;

	unit_world_init(&w, GCM, GCM, BOTH);
	engine_leg_state(&w.e, w.to, KSRTP_LEG_STATE_HELD);
	unit_srtp(w.sender, &p, SSRC, 1);
	CHECK(unit_copy(&w.e, w.from, &p) == KSRTP_REASON_TX_HELD, "%d", unit_result.copies[0].reason);
	engine_leg_state(&w.e, w.to, KSRTP_LEG_STATE_ACTIVE);
	engine_leg_state(&w.e, w.from, KSRTP_LEG_STATE_HELD);
	unit_srtp(w.sender, &p, SSRC, 2);
	CHECK(unit_push(&w.e, w.from, &p) == KSRTP_REASON_HELD, "%d", unit_result.reason);
	engine_leg_state(&w.e, w.from, KSRTP_LEG_STATE_ACTIVE);
	CHECK(unit_push(&w.e, w.from, &p) == KSRTP_REASON_REPLAY, "held, and again: %d",
	      unit_result.reason);
	unit_srtp(w.sender, &p, SSRC, 3);
	CHECK(unit_copy(&w.e, w.from, &p) == 0 && unit_arrived(w.receiver, 0, false, &p), "active");
	CHECK(!engine_key_del(&w.e, w.to, TX, 0), "%s", w.e.extack._msg);
	unit_srtp(w.sender, &p, SSRC, 4);
	CHECK(unit_copy(&w.e, w.from, &p) == KSRTP_REASON_TX_NO_KEY, "%d",
	      unit_result.copies[0].reason);
	CHECK(!engine_key_del(&w.e, w.from, RX, 0), "%s", w.e.extack._msg);
	CHECK(unit_push(&w.e, w.from, &p) == KSRTP_REASON_NO_KEY, "%d", unit_result.reason);
	unit_world_exit(&w);
	tap_end("D4,S1", "held legs and legs without a key send nothing");
}

/* One session key in every place where it must not be. */
static void key_reuse(void)
{
	struct engine_master m, other;
	struct ksrtp_leg *leg;
	struct unit_world w;
	unsigned int suite;

	for (suite = GCM; suite < __KSRTP_SUITE_MAX; suite++) {
		unit_world_init(&w, suite, suite, BOTH);
		m = w.out;
		leg = engine_leg(&w.e, 0, 0);
		CHECK(engine_key(&w.e, w.to, TX, 1, NEW, 0, &m) == -EKEYREJECTED, "other slot");
		CHECK(engine_key(&w.e, w.to, TX, 1, SAME, 0, &m) == -EKEYREJECTED, "same context");
		CHECK(engine_key(&w.e, leg, TX, 0, NEW, 0, &m) == -EKEYREJECTED, "other leg");
		CHECK(engine_key(&w.e, leg, RX, 0, NEW, 0, &m) == -EKEYREJECTED, "to receive with");
		CHECK(engine_key(&w.e, w.to, RX, 0, NEW, 0, &m) == -EKEYREJECTED, "on the same leg");
		CHECK(engine_key(&w.e, leg, TX, 0, NEW, 0, &w.in) == -EKEYREJECTED,
		      "a receive key to transmit with");
		CHECK(!engine_key_del(&w.e, w.to, TX, 0), "del");
		CHECK(engine_key(&w.e, w.to, TX, 0, NEW, 0, &m) == -EKEYREJECTED, "after its deletion");
		CHECK(engine_key(&w.e, w.to, TX, 0, NEW, 7, &m) == -EKEYREJECTED, "with a counter");
		engine_leg_del(&w.e, w.to);
		CHECK(engine_key(&w.e, leg, TX, 0, NEW, 0, &m) == -EKEYREJECTED, "after its leg");
		/* A failed install leaves the key free. */
		engine_master_random(&other, suite, 0, &unit_seed);
		CHECK(!engine_key(&w.e, leg, TX, 0, NEW, 0, &other), "%s", w.e.extack._msg);
		engine_master_random(&other, suite, 0, &unit_seed);
		CHECK(engine_key(&w.e, leg, TX, 0, NEW, 0, &other) == -EEXIST, "slot in use");
		CHECK(!engine_key(&w.e, leg, TX, 1, NEW, 0, &other), "%s", w.e.extack._msg);
		unit_world_exit(&w);
	}
	tap_end("D5,S3", "a transmit key is refused a second time everywhere, and as a receive key");
}

/* The index is burnt when the cipher fails. */
static void cipher_fails(void)
{
	static const u32 suites[] = { GCM, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80 };
	static struct unit_packet p, next;
	struct unit_world w;
	unsigned int i, rtcp;
	u64 state;

	for (i = 0; i < 4; i++) {
		rtcp = i & 1;
		unit_world_init(&w, KSRTP_SUITE_NONE, suites[i / 2], BOTH);
		if (rtcp) {
			unit_srtcp(NULL, &p, SSRC);
			unit_srtcp(NULL, &next, SSRC);
		} else {
			unit_rtp(&p, SSRC, 5);
			unit_rtp(&next, SSRC, 6);
		}
		engine_cipher_fails = 1;
		CHECK(unit_copy(&w.e, w.from, &p) == KSRTP_REASON_TX_CRYPTO, "%d",
		      unit_result.copies[0].reason);
		CHECK(!engine_cipher_fails, "nothing was enciphered");
		if (!rtcp)
			CHECK(unit_copy(&w.e, w.from, &p) == KSRTP_REASON_TX_DUP, "again: %d",
			      unit_result.copies[0].reason);
		CHECK(unit_copy(&w.e, w.from, &next) == 0, "next: %d", unit_result.copies[0].reason);
		CHECK(unit_arrived(w.receiver, 0, rtcp, &next), "next: lost");
		unit_world_exit(&w);

		/* On the way in nothing changes. */
		unit_world_init(&w, suites[i / 2], GCM, BOTH);
		if (rtcp)
			unit_srtcp(w.sender, &p, SSRC);
		else
			unit_srtp(w.sender, &p, SSRC, 65535);
		state = engine_state(w.from);
		engine_cipher_fails = 2;
		CHECK(unit_push(&w.e, w.from, &p) == KSRTP_REASON_CRYPTO, "%d", unit_result.reason);
		CHECK(engine_state(w.from) == state, "state");
		engine_cipher_fails = 0;
		CHECK(unit_copy(&w.e, w.from, &p) == 0, "again: %d", unit_result.reason);
		unit_world_exit(&w);
	}
	tap_end("S2,S3", "a cipher that fails: the index is burnt on the way out, free on the way in");
}

/* A key with a longer tag came into use after room was made for the packet. */
static void activated_meanwhile(void)
{
	const struct peer_params inbound = { .inbound = true, .window = 1024 };
	static const u32 short_tag = KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32;
	struct engine_master longer;
	struct unit_packet p;
	struct unit_world w;
	srtp_t after;

	unit_world_init(&w, KSRTP_SUITE_NONE, short_tag, BOTH);
	w.e.growth = 4;
	unit_rtp(&p, SSRC, 1);
	CHECK(unit_copy(&w.e, w.from, &p) == 0 && unit_arrived(w.receiver, 0, false, &p), "before");
	engine_master_random(&longer, GCM, 0, &unit_seed);
	CHECK(!engine_key(&w.e, w.to, TX, 1, NEW, 0, &longer) &&
	      !engine_key_activate(&w.e, w.to, 1), "%s", w.e.extack._msg);
	unit_rtp(&p, SSRC, 2);
	CHECK(unit_copy(&w.e, w.from, &p) == 0 && unit_arrived(w.receiver, 0, false, &p),
	      "on its way meanwhile: %d", unit_result.copies[0].reason);
	/* With room the new key is used. */
	after = peer_new(&inbound, &longer, 1);
	w.e.growth = 16;
	unit_rtp(&p, SSRC, 3);
	CHECK(unit_copy(&w.e, w.from, &p) == 0 && unit_arrived(after, 0, false, &p), "after: %d",
	      unit_result.copies[0].reason);
	/* Without the old one there is none that fits. */
	w.e.growth = 4;
	CHECK(!engine_key_del(&w.e, w.to, TX, 0), "del");
	unit_rtp(&p, SSRC, 4);
	CHECK(unit_push(&w.e, w.from, &p) == 0 &&
	      unit_result.copies[0].reason == KSRTP_REASON_STALE, "%d", unit_result.copies[0].reason);
	srtp_dealloc(after);
	unit_world_exit(&w);
	tap_end("D5,S3", "a longer key that is activated under a packet: it leaves under the one before");
}

void unit_transmit(void)
{
	plain_duplicates();
	plain_jumps();
	fan_out();
	rewrites();
	states();
	key_reuse();
	cipher_fails();
	activated_meanwhile();
}
