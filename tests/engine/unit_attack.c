// SPDX-License-Identifier: GPL-2.0
/* What strangers send: nothing of it may change state (S2), all of it is refused. */
#include "unit.h"

static void forged_jumps(void)
{
	static const u16 jumps[] = { 1, 0x7fff, 0x8000, 0x8001, 0xffff };
	static struct unit_packet p, forged;
	struct unit_world w;
	u64 from, to;
	unsigned int i, n;

	unit_world_init(&w, GCM, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80, BOTH);
	unit_srtp(w.sender, &p, SSRC, 40000);
	CHECK(unit_copy(&w.e, w.from, &p) == 0 && unit_arrived(w.receiver, 0, false, &p), "first");
	from = engine_state(w.from);
	to = engine_state(w.to);
	for (i = 0; i < ARRAY_SIZE(jumps); i++) {
		for (n = 0; n < 1000; n++) {
			unit_rtp(&forged, SSRC, (u16)(40000 + jumps[i]));
			forged.len += 16;
			random_fill(&unit_seed, forged.wire + forged.plain_len, 16);
			CHECK(unit_push(&w.e, w.from, &forged) != 0, "forged, and accepted");
		}
		CHECK(engine_state(w.from) == from && engine_state(w.to) == to, "jump by %x: state",
		      jumps[i]);
	}
	unit_srtp(w.sender, &p, SSRC, 40001);
	CHECK(unit_copy(&w.e, w.from, &p) == 0 && unit_arrived(w.receiver, 0, false, &p), "the next");
	unit_world_exit(&w);
	tap_end("D2,S2", "forged jumps, 1000 of each: state is the same, the next real packet passes");
}

static void replays(void)
{
	static struct unit_packet p, early[100];
	struct ksrtp_leg *other;
	struct engine_master m;
	struct unit_world w;
	unsigned int i, passed = 0;
	u64 state;

	unit_world_init(&w, GCM, GCM, BOTH);
	other = engine_leg(&w.e, 0, 0);
	engine_master_random(&m, GCM, 0, &unit_seed);
	CHECK(!engine_key(&w.e, other, RX, 0, NEW, 0, &m), "%s", w.e.extack._msg);
	for (i = 0; i < ARRAY_SIZE(early); i++) {
		unit_srtp(w.sender, &early[i], SSRC, (u16)(1000 + i));
		passed += unit_copy(&w.e, w.from, &early[i]) == 0;
	}
	CHECK(passed == ARRAY_SIZE(early), "%u", passed);
	unit_srtp(w.sender, &p, SSRC, 2000);
	for (i = passed = 0; i < 50; i++)
		passed += unit_copy(&w.e, w.from, &p) == 0;
	CHECK(passed == 1, "50 times the same: %u passed", passed);
	jiffies += 10 * HZ;
	state = engine_state(w.from);
	for (i = 0; i < ARRAY_SIZE(early); i++)
		CHECK(unit_push(&w.e, w.from, &early[i]) == KSRTP_REASON_REPLAY, "%u: %d", i,
		      unit_result.reason);
	CHECK(engine_state(w.from) == state, "state");
	state = engine_state(other);
	CHECK(unit_push(&w.e, other, &p) == KSRTP_REASON_AUTH, "into another leg: %d",
	      unit_result.reason);
	CHECK(engine_state(other) == state, "state of the other leg");
	/* Under another SSRC. */
	p.wire[11] ^= 1;
	CHECK(unit_push(&w.e, w.from, &p) == KSRTP_REASON_AUTH, "another SSRC: %d", unit_result.reason);
	unit_world_exit(&w);
	tap_end("D2,S2", "replay x 50 gives one; a whole capture, and into another leg or SSRC, none");
}

static void many_ssrcs(void)
{
	static struct unit_packet p;
	struct ksrtp_leg *leg;
	struct unit_world w;
	unsigned int i, passed;

	unit_world_init(&w, GCM, GCM, BOTH);
	for (i = 0; i < 100000; i++) {
		u32 ssrc = (u32)random_next(&unit_seed);

		unit_rtp(&p, ssrc, 1);
		p.len += 16;
		engine_push(&w.e, w.from, p.wire, p.len, &unit_result);
		if (unit_result.reason != KSRTP_REASON_AUTH)
			break;
	}
	CHECK(i == 100000, "packet %u: %d", i, unit_result.reason);
	CHECK(!engine_streams(w.from, RX), "%u streams of nobody", engine_streams(w.from, RX));
	for (i = passed = 0; i < 100; i++) {
		unit_srtp(w.sender, &p, SSRC + i, 1);
		passed += unit_push(&w.e, w.from, &p) == 0;
	}
	CHECK(passed == KSRTP_STREAMS_DEFAULT, "%u streams", passed);
	CHECK(unit_result.reason == KSRTP_REASON_STREAMS, "%d", unit_result.reason);
	CHECK(engine_streams(w.from, RX) == KSRTP_STREAMS_DEFAULT, "%u", engine_streams(w.from, RX));
	/* Those that there are go on; the refused one may come again. */
	unit_srtp(w.sender, &p, SSRC + 3, 2);
	CHECK(unit_push(&w.e, w.from, &p) == 0, "one of the first: %d", unit_result.reason);
	leg = engine_leg(&w.e, 0, 3);
	engine_master_random(&w.in, GCM, 0, &unit_seed);
	CHECK(!engine_key(&w.e, leg, RX, 0, NEW, 0, &w.in), "%s", w.e.extack._msg);
	srtp_dealloc(w.sender);
	w.sender = peer_new(&(struct peer_params){ 0 }, &w.in, 1);
	for (i = passed = 0; i < 10; i++) {
		unit_srtp(w.sender, &p, SSRC + i, 1);
		passed += unit_push(&w.e, leg, &p) == 0;
	}
	CHECK(passed == 3, "%u of 3 streams", passed);
	unit_world_exit(&w);
	tap_end("S2,S7", "100000 SSRCs of nobody make no stream; true ones up to the leg's limit");
}

static void no_spare(void)
{
	static struct unit_packet p;
	struct unit_world w;
	unsigned int i, passed = 0;

	unit_world_init(&w, GCM, GCM, BOTH);
	w.e.lazy = true;
	for (i = 0; i < 10; i++) {
		unit_srtp(w.sender, &p, SSRC + i, 1);
		passed += unit_push(&w.e, w.from, &p) == 0;
	}
	CHECK(passed == KSRTP_STREAM_SPARES, "%u", passed);
	CHECK(unit_result.reason == KSRTP_REASON_STREAMS, "%d", unit_result.reason);
	engine_settle();
	CHECK(unit_push(&w.e, w.from, &p) == 0, "with a spare again: %d", unit_result.reason);
	w.e.lazy = false;
	unit_world_exit(&w);
	tap_end("S7", "new streams faster than spares are made are refused and may come again");
}

/* Lengths, headers that lie, versions, with a good tag where that can be. */
static void shapes(void)
{
	static struct unit_packet p;
	static u8 cut[ENGINE_PACKET_MAX];
	struct unit_world w;
	unsigned int i;
	u64 state;

	unit_world_init(&w, GCM, GCM, BOTH);
	unit_srtp(w.sender, &p, SSRC, 1);
	state = engine_state(w.from);
	for (i = 0; i < p.len; i++) {
		engine_push(&w.e, w.from, p.wire, i, &unit_result);
		CHECK(unit_result.reason != 0, "%u octets of %zu accepted", i, p.len);
	}
	for (i = 0; i <= 64; i++) {
		random_fill(&unit_seed, cut, i);
		if (i > 1)
			cut[1] = 200 + i % 8;
		cut[0] = 0x80;
		engine_push(&w.e, w.from, cut, i, &unit_result);
		CHECK(unit_result.reason != 0, "%u octets of RTCP accepted", i);
	}
	for (i = 0; i < 256; i++) {
		memcpy(cut, p.wire, p.len);
		cut[0] = (u8)i;
		if (cut[0] == p.wire[0])
			continue;
		engine_push(&w.e, w.from, cut, p.len, &unit_result);
		CHECK(unit_result.reason == (i >> 6 != 2 ? KSRTP_REASON_MALFORMED :
					     unit_result.reason ?: -1), "first octet %02x: %d", i,
		      unit_result.reason);
	}
	CHECK(engine_state(w.from) == state, "state");
	CHECK(unit_push(&w.e, w.from, &p) == 0, "whole: %d", unit_result.reason);
	unit_world_exit(&w);

	/* Nothing but a tag. */
	unit_world_init(&w, GCM, GCM, BOTH);
	p.plain_len = 12;
	unit_rtp(&p, SSRC, 1);
	p.plain_len = 12;
	p.len = p.plain_len;
	memcpy(p.wire, p.plain, 12);
	{
		int len = 12;

		CHECK(srtp_protect(w.sender, p.wire, &len) == srtp_err_status_ok && len == 28, "empty");
		p.len = (size_t)len;
	}
	CHECK(unit_copy(&w.e, w.from, &p) == 0, "no payload: %d", unit_result.reason);
	CHECK(unit_arrived(w.receiver, 0, false, &p), "no payload: lost");
	p.len--;
	CHECK(unit_push(&w.e, w.from, &p) == KSRTP_REASON_MALFORMED, "15 octets of tag: %d",
	      unit_result.reason);
	unit_world_exit(&w);
	tap_end("S2,S7", "every truncation, first octet and short RTCP is refused; no payload is legal");
}

/* Authentic, but the pad count cannot be. */
static void padding(void)
{
	static const struct { u8 pad; size_t payload; bool ok; } rows[] = {
		{ 0, 20, false }, { 1, 20, true }, { 20, 20, true }, { 21, 20, false },
		{ 255, 20, false }, { 1, 1, true }, { 2, 1, false }, { 0, 0, false },
	};
	struct unit_packet p;
	struct unit_world w;
	unsigned int i;

	unit_world_init(&w, GCM, GCM, BOTH);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct peer_rtp r = { .ssrc = SSRC, .seq = (u16)(i + 1), .p = true,
				      .pad = rows[i].pad, .payload = rows[i].payload };
		int len;

		p.plain_len = peer_make_rtp(&r, &unit_seed, p.plain);
		memcpy(p.wire, p.plain, p.plain_len);
		len = (int)p.plain_len;
		CHECK(srtp_protect(w.sender, p.wire, &len) == srtp_err_status_ok, "protect");
		p.len = (size_t)len;
		CHECK(unit_push(&w.e, w.from, &p) == (rows[i].ok ? 0 : KSRTP_REASON_MALFORMED),
		      "pad count %u of %zu: %d", rows[i].pad, rows[i].payload, unit_result.reason);
		CHECK(unit_push(&w.e, w.from, &p) == KSRTP_REASON_REPLAY, "again: %d",
		      unit_result.reason);
	}
	unit_world_exit(&w);
	tap_end("S2", "pad counts of 0 and of more than there is are refused, and their indices used");
}

static void mki(void)
{
	static const size_t lens[] = { 1, 4, 128 };
	static const u32 suites[] = { GCM, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80 };
	static struct unit_packet p;
	struct engine_master m[2], out;
	struct unit_world w;
	struct peer_params params = { 0 }, inbound = { .inbound = true };
	unsigned int i, s, rtcp;
	srtp_t sender, receiver;
	int len;

	for (i = 0; i < ARRAY_SIZE(lens) * ARRAY_SIZE(suites) * 2; i++) {
		size_t n = lens[i / 4];

		s = suites[i / 2 % 2];
		rtcp = i % 2;
		unit_world_init(&w, KSRTP_SUITE_NONE, KSRTP_SUITE_NONE, BOTH);
		CHECK(!engine_key_del(&w.e, w.from, RX, 0) && !engine_key_del(&w.e, w.to, TX, 0), "del");
		engine_master_random(&m[0], s, n, &unit_seed);
		engine_master_random(&m[1], s, n, &unit_seed);
		m[1].mki[0] = (u8)~m[0].mki[0];
		engine_master_random(&out, s, n, &unit_seed);
		CHECK(!engine_key(&w.e, w.from, RX, 0, NEW, 0, &m[0]), "%s", w.e.extack._msg);
		CHECK(!engine_key(&w.e, w.to, TX, 0, NEW, 0, &out), "%s", w.e.extack._msg);
		sender = peer_new(&params, m, 2);
		receiver = peer_new(&inbound, &out, 1);
		if (rtcp)
			unit_srtcp(NULL, &p, SSRC);
		else
			unit_rtp(&p, SSRC, 1);
		len = (int)p.plain_len;
		memcpy(p.wire, p.plain, p.plain_len);
		CHECK(peer_protect(sender, true, 1, rtcp, p.wire, &len) == srtp_err_status_ok, "protect");
		p.len = (size_t)len;
		CHECK(unit_push(&w.e, w.from, &p) == KSRTP_REASON_MKI, "MKI of nobody: %d",
		      unit_result.reason);
		CHECK(!engine_key(&w.e, w.from, RX, 1, SAME, 0, &m[1]), "%s", w.e.extack._msg);
		CHECK(unit_copy(&w.e, w.from, &p) == 0, "MKI of slot 1: %d", unit_result.reason);
		len = (int)unit_result.copies[0].len;
		CHECK(peer_unprotect(receiver, true, rtcp, unit_result.copies[0].data, &len) ==
		      srtp_err_status_ok, "%s, %zu octets of MKI, %s: libsrtp2 refuses",
		      engine_suite_name(s), n, rtcp ? "RTCP" : "RTP");
		CHECK((size_t)len == p.plain_len &&
		      !memcmp(unit_result.copies[0].data, p.plain, p.plain_len), "octets");
		m[1].mki_len = n == 128 ? 127 : n + 1;
		CHECK(!engine_key_del(&w.e, w.from, RX, 0), "del");
		CHECK(engine_key(&w.e, w.from, RX, 0, NEW, 0, &m[1]) == -EINVAL, "another length");
		srtp_dealloc(sender);
		srtp_dealloc(receiver);
		unit_world_exit(&w);
	}
	tap_end("D1,D5", "MKI of 1, 4, 128 octets, both ways; one of nobody is dropped as mki");
}

void unit_attack(void)
{
	forged_jumps();
	replays();
	many_ssrcs();
	no_spare();
	shapes();
	padding();
	mki();
}
