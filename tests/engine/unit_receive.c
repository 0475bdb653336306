// SPDX-License-Identifier: GPL-2.0
/* Roll-over counters, windows, key slots on the way in. */
#include "unit.h"

static const u32 suites[] = {
	KSRTP_SUITE_AEAD_AES_128_GCM, KSRTP_SUITE_AEAD_AES_256_GCM,
	KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32,
	KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80, KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32,
};

static u64 highest(const struct unit_world *w, u32 context)
{
	struct ksrtp_stream *s = engine_stream(w->from, RX, context, SSRC);

	return s ? s->rtp.highest : KSRTP_INDEX_NONE;
}

/* libsrtp2 protects @seqs in order of time; they arrive as @order says. */
static void wrap(void)
{
	static const u16 seqs[] = { 65533, 65534, 65535, 0, 1, 2 };
	static const u16 arrival[] = { 65533, 65535, 0, 1, 65534, 2 };
	static struct unit_packet p[ARRAY_SIZE(seqs)];
	struct unit_world w;
	unsigned int s, i, j;

	for (s = 0; s < ARRAY_SIZE(suites); s++) {
		unit_world_init(&w, suites[s], suites[s], BOTH);
		for (i = 0; i < ARRAY_SIZE(seqs); i++)
			unit_srtp(w.sender, &p[i], SSRC, seqs[i]);
		for (i = 0; i < ARRAY_SIZE(seqs); i++) {
			for (j = 0; seqs[j] != arrival[i]; j++)
				;
			CHECK(unit_copy(&w.e, w.from, &p[j]) == 0, "%s, %u: %d",
			      engine_suite_name(suites[s]), arrival[i], unit_result.reason);
			CHECK(unit_arrived(w.receiver, 0, false, &p[j]), "%u lost", arrival[i]);
		}
		CHECK(highest(&w, 0) == 0x10002, "highest %llx", highest(&w, 0));
		for (i = 0; i < ARRAY_SIZE(seqs); i++)
			CHECK(unit_push(&w.e, w.from, &p[i]) == KSRTP_REASON_REPLAY, "%u again", seqs[i]);
		unit_world_exit(&w);
	}
	tap_end("D2", "wrap: 65533, 65535, 0, 1, 65534, 2 are delivered once each, the counter is 1");
}

static void late_start(void)
{
	static struct unit_packet p, before;
	struct unit_world w;
	unsigned int s, i, taken;

	for (s = 0; s < ARRAY_SIZE(suites); s++) {
		unit_world_init(&w, suites[s], suites[s], BOTH);
		unit_srtp(w.sender, &before, SSRC, 65534);
		unit_srtp(w.sender, &p, SSRC, 65535);	/* lost */
		unit_srtp(w.sender, &p, SSRC, 1);
		CHECK(unit_copy(&w.e, w.from, &p) == 0, "%s: %d", engine_suite_name(suites[s]),
		      unit_result.reason);
		CHECK(unit_arrived(w.receiver, 0, false, &p), "lost");
		CHECK(highest(&w, 0) == 0x10001, "highest %llx", highest(&w, 0));
		CHECK(unit_push(&w.e, w.from, &p) == KSRTP_REASON_REPLAY, "again: %d",
		      unit_result.reason);
		/* Late itself, it stands before the index that the copies begin with. */
		CHECK(unit_copy(&w.e, w.from, &before) == KSRTP_REASON_TX_LATE, "before: %d",
		      unit_result.copies[0].reason);
		unit_world_exit(&w);
	}
	tap_end("D2,S2", "late start: a first packet of counter 1 is found, and the stream goes on from it");

	/* The trials are for a guess only, and no more than 50 a second. */
	unit_world_init(&w, GCM, GCM, BOTH);
	jiffies += 2 * HZ;
	for (i = taken = 0; i < 200; i++) {
		unit_srtp(w.sender, &p, SSRC + i, 65535);
		unit_srtp(w.sender, &p, SSRC + i, 0);
		w.from->streams_max = 1000;
		taken += unit_push(&w.e, w.from, &p) == KSRTP_REASON_NONE;
	}
	CHECK(taken == 50, "%u late starts found in no time", taken);
	jiffies += HZ + 1;
	CHECK(unit_push(&w.e, w.from, &p) == KSRTP_REASON_NONE, "a second later: %d",
	      unit_result.reason);
	unit_srtp(w.sender, &p, SSRC + 500, 7);
	for (i = 0; i < 60; i++) {
		p.wire[p.len - 1] ^= 1;
		unit_push(&w.e, w.from, &p);
		p.wire[p.len - 1] ^= 1;
	}
	CHECK(unit_push(&w.e, w.from, &p) == KSRTP_REASON_NONE, "the first trial is always made: %d",
	      unit_result.reason);
	unit_world_exit(&w);
	tap_end("S2,S7", "late start: 50 trials a second, the likeliest one beside");
}

/* Two kinds of key on one leg: what one attempt spoils the next one must not see. */
static void mixed_slots(void)
{
	static struct unit_packet p;
	static const u32 pairs[][2] = {
		{ KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80, GCM },
		{ GCM, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80 },
		{ GCM, KSRTP_SUITE_AEAD_AES_256_GCM },
		{ KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80 },
	};
	struct peer_params params = { 0 };
	struct engine_master next;
	struct unit_world w;
	unsigned int i, late;
	srtp_t sender;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		for (late = 0; late < 2; late++) {
			unit_world_init(&w, pairs[i][0], GCM, BOTH);
			engine_master_random(&next, pairs[i][1], 0, &unit_seed);
			sender = peer_new(&params, &next, 1);
			CHECK(!engine_key(&w.e, w.from, RX, 1, NEW, 0, &next), "%s", w.e.extack._msg);
			jiffies += 2 * HZ;
			unit_srtp(w.sender, &p, SSRC, 100);
			CHECK(unit_push(&w.e, w.from, &p) == 0, "old key: %d", unit_result.reason);
			if (late)
				unit_srtp(sender, &p, SSRC, 65535);
			unit_srtp(sender, &p, SSRC, 101);
			CHECK(unit_push(&w.e, w.from, &p) == 0, "%s after %s%s: %d",
			      engine_suite_name(pairs[i][1]), engine_suite_name(pairs[i][0]),
			      late ? ", late" : "", unit_result.reason);
			CHECK(unit_result.len == p.plain_len &&
			      !memcmp(unit_result.data, p.plain, p.plain_len), "octets");
			CHECK(highest(&w, 0) == 100 && highest(&w, 1) == 101 + 65536 * late,
			      "highest %llu, %llu", highest(&w, 0), highest(&w, 1));
			srtp_dealloc(sender);
			unit_world_exit(&w);
		}
	}
	tap_end("D5", "slots: keys of different suites side by side, also when the start is late");
}

static void loss_burst(void)
{
	static struct unit_packet p;
	struct unit_world w;

	unit_world_init(&w, GCM, GCM, BOTH);
	unit_srtp(w.sender, &p, SSRC, 10);
	CHECK(unit_copy(&w.e, w.from, &p) == 0, "first");
	unit_arrived(w.receiver, 0, false, &p);
	unit_srtp(w.sender, &p, SSRC, 10 + 32767);
	CHECK(unit_copy(&w.e, w.from, &p) == 0, "32767 on: %d", unit_result.reason);
	CHECK(unit_arrived(w.receiver, 0, false, &p), "32767 on: lost");
	/* The sender goes on through a wrap, which the receiver does not see. */
	unit_srtp(w.sender, &p, SSRC, (u16)(32767 + 10 + 32767));
	CHECK(unit_copy(&w.e, w.from, &p) == 0, "twice: %d", unit_result.reason);
	CHECK(unit_arrived(w.receiver, 0, false, &p), "twice: lost");
	CHECK(highest(&w, 0) == 65544, "highest %llu", highest(&w, 0));
	unit_srtp(w.sender, &p, SSRC, (u16)(65544 + 32000));	/* lost */
	unit_srtp(w.sender, &p, SSRC, (u16)(65544 + 32769));
	CHECK(unit_push(&w.e, w.from, &p) == KSRTP_REASON_OLD ||
	      unit_result.reason == KSRTP_REASON_AUTH || unit_result.reason == KSRTP_REASON_INDEX,
	      "32769 on: %d", unit_result.reason);
	CHECK(highest(&w, 0) == 65544, "highest %llu", highest(&w, 0));
	/* RFC 3711, section 3.3.1: more than 2^15 at once cannot be told; it ends where the
	 * numbers come round. */
	unit_srtp(w.sender, &p, SSRC, (u16)(65544 + 65530));
	unit_srtp(w.sender, &p, SSRC, (u16)(65544 + 65537));
	CHECK(unit_push(&w.e, w.from, &p) != 0, "a counter behind, and accepted");
	unit_world_exit(&w);
	tap_end("D2", "loss: 32767 packets at once are bridged, 32769 are not, and change nothing");
}

static void srtcp(void)
{
	static struct unit_packet p, first;
	struct peer_params params = { .rtcp_clear = true };
	struct unit_world w;
	unsigned int s, i;
	u64 state;
	srtp_t clear;

	for (s = 0; s < ARRAY_SIZE(suites); s++) {
		unit_world_init(&w, suites[s], suites[s], BOTH);
		clear = peer_new(&params, &w.in, 1);
		unit_srtcp(w.sender, &first, SSRC);
		CHECK(unit_copy(&w.e, w.from, &first) == 0, "%s: %d", engine_suite_name(suites[s]),
		      unit_result.reason);
		CHECK(unit_arrived(w.receiver, 0, true, &first), "lost");
		for (i = 0; i < 50; i++)
			CHECK(unit_push(&w.e, w.from, &first) == KSRTP_REASON_REPLAY, "again: %d",
			      unit_result.reason);

		/* E = 0: authenticated, not encrypted. Index 1 again, so it is skipped. */
		unit_srtcp(clear, &p, SSRC);
		CHECK(unit_push(&w.e, w.from, &p) == KSRTP_REASON_REPLAY, "clear 1: %d",
		      unit_result.reason);
		unit_srtcp(clear, &p, SSRC);
		CHECK(!memcmp(p.wire, p.plain, p.plain_len), "it is not in the clear");
		CHECK(unit_copy(&w.e, w.from, &p) == 0, "clear 2: %d", unit_result.reason);
		CHECK(unit_arrived(w.receiver, 0, true, &p), "lost");
		CHECK(memcmp(unit_result.copies[0].data + 8, p.plain + 8, p.plain_len - 8),
		      "it left in the clear");

		/* Word, then all other octets. */
		unit_srtcp(w.sender, &p, SSRC);
		unit_srtcp(w.sender, &p, SSRC);
		state = engine_state(w.from);
		for (i = 0; i < p.len; i++) {
			enum ksrtp_reason reason;

			p.wire[i] ^= 0x10;
			reason = unit_push(&w.e, w.from, &p);
			CHECK(reason != KSRTP_REASON_NONE, "octet %u turned", i);
			p.wire[i] ^= 0x10;
		}
		CHECK(engine_state(w.from) == state, "state");
		CHECK(unit_push(&w.e, w.from, &p) == 0, "the true one: %d", unit_result.reason);
		/* Plain RTCP, as some send at the beginning and the end. */
		unit_srtcp(NULL, &p, SSRC);
		CHECK(unit_push(&w.e, w.from, &p) != 0, "plain RTCP accepted");
		CHECK(unit_result.reason == KSRTP_REASON_AUTH || unit_result.reason == KSRTP_REASON_OLD ||
		      unit_result.reason == KSRTP_REASON_RTCP_CLEAR, "plain RTCP: %d",
		      unit_result.reason);
		srtp_dealloc(clear);
		unit_world_exit(&w);
	}
	tap_end("D1,D2", "SRTCP: once each, with and without E bit, every octet counts, never plain");
}

static void rekeys(void)
{
	static struct unit_packet p, old;
	struct peer_params params = { 0 };
	struct engine_master next;
	struct unit_world w;
	srtp_t sender;

	unit_world_init(&w, GCM, GCM, BOTH);
	engine_master_random(&next, GCM, 0, &unit_seed);
	sender = peer_new(&params, &next, 1);
	unit_srtp(w.sender, &p, SSRC, 10);
	CHECK(unit_copy(&w.e, w.from, &p) == 0 && unit_arrived(w.receiver, 0, false, &p), "10");
	unit_srtp(w.sender, &old, SSRC, 11);
	CHECK(!engine_key(&w.e, w.from, RX, 1, NEW, 0, &next), "%s", w.e.extack._msg);
	jiffies += 2 * HZ;
	unit_srtp(sender, &p, SSRC, 12);
	CHECK(unit_copy(&w.e, w.from, &p) == 0 && unit_arrived(w.receiver, 0, false, &p), "12");
	/* In its grace time the old key takes what is late, and nothing twice. */
	CHECK(unit_copy(&w.e, w.from, &old) == 0 && unit_arrived(w.receiver, 0, false, &old), "11");
	CHECK(unit_push(&w.e, w.from, &old) == KSRTP_REASON_REPLAY ||
	      unit_result.reason == KSRTP_REASON_AUTH, "11 again: %d", unit_result.reason);
	unit_srtp(w.sender, &old, SSRC, 13);
	CHECK(!engine_key_del(&w.e, w.from, RX, 0), "%s", w.e.extack._msg);
	CHECK(unit_push(&w.e, w.from, &old) == KSRTP_REASON_AUTH, "after it: %d", unit_result.reason);
	/* SRTCP first under yet another context, whose roll-over counter is behind. */
	unit_srtp(sender, &p, SSRC, 30000);
	CHECK(unit_copy(&w.e, w.from, &p) == 0 && unit_arrived(w.receiver, 0, false, &p), "30000");
	unit_srtp(sender, &p, SSRC, 60000);
	CHECK(unit_copy(&w.e, w.from, &p) == 0 && unit_arrived(w.receiver, 0, false, &p), "60000");
	unit_srtp(sender, &p, SSRC, 20);
	CHECK(unit_copy(&w.e, w.from, &p) == 0 && unit_arrived(w.receiver, 0, false, &p), "65556");
	srtp_dealloc(sender);
	engine_master_random(&next, GCM, 0, &unit_seed);
	sender = peer_new(&params, &next, 1);
	CHECK(!engine_key(&w.e, w.from, RX, 0, NEW, 0, &next), "%s", w.e.extack._msg);
	jiffies += 2 * HZ;
	unit_srtcp(sender, &p, SSRC);
	CHECK(unit_copy(&w.e, w.from, &p) == 0 && unit_arrived(w.receiver, 0, true, &p), "SRTCP");
	unit_srtp(sender, &p, SSRC, 21);
	CHECK(unit_copy(&w.e, w.from, &p) == 0, "after SRTCP: %d", unit_result.copies[0].reason);
	CHECK(unit_arrived(w.receiver, 0, false, &p), "after SRTCP: lost");
	srtp_dealloc(sender);
	unit_world_exit(&w);
	tap_end("D5,S2,S3", "rekey: late packets of the old context, then none; SRTCP first in the new one");
}

static void hand_over(void)
{
	static struct unit_packet p;
	struct peer_params params = { .inbound = true, .ssrc = SSRC };
	struct engine_master next;
	struct unit_world w;
	srtp_t sender, receiver;

	/* A call in its fourth turn moves here: both ends know, we are told. */
	unit_world_init(&w, KSRTP_SUITE_NONE, KSRTP_SUITE_NONE, BOTH);
	CHECK(!engine_key_del(&w.e, w.from, RX, 0) && !engine_key_del(&w.e, w.to, TX, 0), "plain keys");
	engine_master_random(&w.in, GCM, 0, &unit_seed);
	engine_master_random(&w.out, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80, 0, &unit_seed);
	receiver = peer_new(&params, &w.out, 1);
	params.inbound = false;
	sender = peer_new(&params, &w.in, 1);
	CHECK(srtp_set_stream_roc(sender, SSRC, 3) == srtp_err_status_ok, "libsrtp2: sender's counter");
	CHECK(srtp_set_stream_roc(receiver, SSRC, 5) == srtp_err_status_ok, "libsrtp2: receiver's counter");
	CHECK(!engine_key(&w.e, w.from, RX, 0, NEW, 3, &w.in), "%s", w.e.extack._msg);
	CHECK(!engine_key(&w.e, w.to, TX, 0, NEW, 5, &w.out), "%s", w.e.extack._msg);
	unit_srtp(sender, &p, SSRC, 1000);
	CHECK(unit_copy(&w.e, w.from, &p) == 0, "%d", unit_result.reason);
	CHECK(highest(&w, 2) == (3 << 16 | 1000) || highest(&w, 1) == (3 << 16 | 1000),
	      "highest %llu", highest(&w, 1));
	CHECK(unit_arrived(receiver, 0, false, &p), "libsrtp2 at counter 5 does not find it");
	/* A rekey before the first packet of another source: the counter is still 3. */
	engine_master_random(&next, GCM, 0, &unit_seed);
	CHECK(!engine_key(&w.e, w.from, RX, 1, SAME, 0, &next), "%s", w.e.extack._msg);
	CHECK(w.from->keys[RX][1]->roc == 3, "counter %u", w.from->keys[RX][1]->roc);
	srtp_dealloc(sender);
	srtp_dealloc(receiver);
	unit_world_exit(&w);
	tap_end("D5", "hand-over: roll-over counters given at the install, both ways");
}

void unit_receive(void)
{
	wrap();
	late_start();
	mixed_slots();
	loss_burst();
	srtcp();
	rekeys();
	hand_over();
}
