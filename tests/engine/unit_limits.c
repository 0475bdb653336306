// SPDX-License-Identifier: GPL-2.0
/* Where indices and keys end: the counters are set near the end from here. */
#include "unit.h"

static struct ksrtp_stream *only_stream(struct ksrtp_leg *leg, u32 direction)
{
	struct ksrtp_stream *s = engine_stream(leg, direction, 0, SSRC);

	BUG_ON(!s);
	return s;
}

/* As if all indices up to @index had been used. */
static void used_up_to(struct ksrtp_window *window, u64 index)
{
	window->highest = index;
	memset(window->ring, 0xff, window->size / 8);
}

static void last_index(void)
{
	static const u32 suites[] = { GCM, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80 };
	static struct unit_packet p;
	struct unit_world w;
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		unit_world_init(&w, KSRTP_SUITE_NONE, suites[i], BOTH);
		unit_rtp(&p, SSRC, 65532);
		CHECK(unit_copy(&w.e, w.from, &p) == 0, "first");
		used_up_to(&only_stream(w.to, TX)->rtp, KSRTP_INDEX_MAX - 2);
		unit_rtp(&p, SSRC, 65534);
		CHECK(unit_copy(&w.e, w.from, &p) == 0, "index 2^48 - 2: %d", unit_result.copies[0].reason);
		unit_rtp(&p, SSRC, 65535);
		CHECK(unit_copy(&w.e, w.from, &p) == 0, "index 2^48 - 1: %d", unit_result.copies[0].reason);
		for (n = 0; n < 5000; n++) {
			unit_rtp(&p, SSRC, (u16)n);
			CHECK(unit_copy(&w.e, w.from, &p) != 0, "%u after the last index: sent", n);
		}
		CHECK(engine_told(KSRTP_CMD_KEY_SOFT_NTF) == 1, "soft: told %u times",
		      engine_told(KSRTP_CMD_KEY_SOFT_NTF));
		CHECK(engine_told(KSRTP_CMD_KEY_HARD_NTF) == 1, "hard: told %u times",
		      engine_told(KSRTP_CMD_KEY_HARD_NTF));
		CHECK(only_stream(w.to, TX)->rtp.highest == KSRTP_INDEX_MAX, "highest");
		unit_world_exit(&w);
	}
	tap_end("S3,S4", "the sequence wraps at the last roll-over counter: transmission stops");
}

static void last_srtcp_index(void)
{
	static struct unit_packet p;
	struct unit_world w;
	unsigned int i;

	unit_world_init(&w, GCM, GCM, BOTH);
	unit_srtcp(w.sender, &p, SSRC);
	CHECK(unit_copy(&w.e, w.from, &p) == 0 && unit_arrived(w.receiver, 0, true, &p), "first");
	only_stream(w.to, TX)->rtcp_last = KSRTP_SRTCP_INDEX_MASK - 1;
	unit_srtcp(w.sender, &p, SSRC);
	CHECK(unit_copy(&w.e, w.from, &p) == 0, "0x7fffffff: %d", unit_result.copies[0].reason);
	CHECK(unit_arrived(w.receiver, 0, true, &p), "0x7fffffff: lost");
	CHECK(get_unaligned_be32(unit_result.copies[0].data + unit_result.copies[0].len - 4) ==
	      0xffffffff, "its word");
	for (i = 0; i < 10; i++) {
		unit_srtcp(w.sender, &p, SSRC);
		CHECK(unit_copy(&w.e, w.from, &p) == KSRTP_REASON_TX_LIMIT, "one more: %d",
		      unit_result.copies[0].reason);
	}
	CHECK(only_stream(w.to, TX)->rtcp_last == KSRTP_SRTCP_INDEX_MASK, "the index has wrapped");
	CHECK(engine_told(KSRTP_CMD_KEY_HARD_NTF) == 1, "told %u times",
	      engine_told(KSRTP_CMD_KEY_HARD_NTF));
	/* SRTP goes on. */
	unit_srtp(w.sender, &p, SSRC, 1);
	CHECK(unit_copy(&w.e, w.from, &p) == 0, "SRTP: %d", unit_result.copies[0].reason);
	unit_world_exit(&w);
	tap_end("S3,S4", "SRTCP index 0x7fffffff leaves once, then nothing");
}

/* Packets of @leg's key until its use is settled @n times. */
static void key_limit(bool rtcp, u32 direction)
{
	struct unit_packet p;
	struct unit_world w;
	struct ksrtp_leg *leg;
	struct ksrtp_stream *s;
	struct ksrtp_key *key;
	u64 hard = rtcp ? KSRTP_KEY_SRTCP_HARD : KSRTP_KEY_SRTP_HARD;
	u64 soft = rtcp ? KSRTP_KEY_SRTCP_SOFT : KSRTP_KEY_SRTP_SOFT;
	u64 step = rtcp ? KSRTP_KEY_SRTCP_SETTLE : KSRTP_KEY_SRTP_SETTLE;
	enum ksrtp_reason refused = direction == TX ? KSRTP_REASON_TX_LIMIT : KSRTP_REASON_LIMIT;
	u16 seq = 1;

#define NEXT() (rtcp ? unit_srtcp(w.sender, &p, SSRC) : unit_srtp(w.sender, &p, SSRC, seq++), \
		unit_copy(&w.e, w.from, &p))
	unit_world_init(&w, GCM, GCM, BOTH);
	leg = direction == TX ? w.to : w.from;
	CHECK(NEXT() == 0, "first");
	s = only_stream(leg, direction);
	key = leg->keys[direction][0];
	CHECK((u64)atomic64_read(&key->used[rtcp]) == step, "settled %lld", key->used[rtcp].counter);
	CHECK(!engine_told(KSRTP_CMD_KEY_SOFT_NTF), "told too early");

	atomic64_set(&key->used[rtcp], (s64)(soft - step));
	*(rtcp ? &s->rtcp_packets : &s->packets) = step;
	CHECK(NEXT() == 0, "at the soft limit: %d", unit_result.copies[0].reason);
	CHECK(engine_told(KSRTP_CMD_KEY_SOFT_NTF) == 1, "soft: told %u times",
	      engine_told(KSRTP_CMD_KEY_SOFT_NTF));
	CHECK(engine_events[engine_event_count - 1].direction == direction, "of the other direction");
	*(rtcp ? &s->rtcp_packets : &s->packets) = 2 * step;
	CHECK(NEXT() == 0, "above it: %d", unit_result.copies[0].reason);
	CHECK(engine_told(KSRTP_CMD_KEY_SOFT_NTF) == 1, "soft: told again");

	atomic64_set(&key->used[rtcp], (s64)(hard - step));
	*(rtcp ? &s->rtcp_packets : &s->packets) = 3 * step;
	CHECK(NEXT() == 0, "the last share: %d", unit_result.copies[0].reason);
	CHECK(!engine_told(KSRTP_CMD_KEY_HARD_NTF), "hard: too early");
	*(rtcp ? &s->rtcp_packets : &s->packets) = 4 * step - 1;
	CHECK(NEXT() == 0, "its last packet: %d", unit_result.copies[0].reason);
	CHECK(NEXT() == refused, "one more: %d", unit_result.reason);
	CHECK(NEXT() == refused, "and another: %d", unit_result.reason);
	CHECK(engine_told(KSRTP_CMD_KEY_HARD_NTF) == 1, "hard: told %u times",
	      engine_told(KSRTP_CMD_KEY_HARD_NTF));
	/* The other protocol has a count of its own. */
	rtcp = !rtcp;
	CHECK(NEXT() == 0, "the other protocol: %d", unit_result.copies[0].reason);
	unit_world_exit(&w);
#undef NEXT
}

/* The stream goes on under another key, whose use is its own from its first packet. */
static void next_in_context(void)
{
	static struct unit_packet p;
	struct engine_master next;
	struct peer_params params = { .ssrc = SSRC };
	struct unit_world w;
	unsigned int i;
	srtp_t sender;
	u16 seq;

	unit_world_init(&w, GCM, GCM, BOTH);
	unit_srtp(w.sender, &p, SSRC, 1);
	CHECK(unit_copy(&w.e, w.from, &p) == 0, "first");
	engine_master_random(&next, GCM, 0, &unit_seed);
	sender = peer_new(&params, &next, 1);
	CHECK(!engine_key(&w.e, w.from, RX, 1, SAME, 0, &next), "%s", w.e.extack._msg);
	engine_master_random(&next, GCM, 0, &unit_seed);
	CHECK(!engine_key(&w.e, w.to, TX, 1, SAME, 0, &next), "%s", w.e.extack._msg);
	CHECK(!engine_key_activate(&w.e, w.to, 1), "activate");
	for (seq = 2; seq < 5; seq++) {
		unit_srtp(sender, &p, SSRC, seq);
		CHECK(unit_copy(&w.e, w.from, &p) == 0, "%u: %d", seq, unit_result.reason);
	}
	CHECK(w.from->keys[RX][1]->used[0].counter == KSRTP_KEY_SRTP_SETTLE, "receive key: %lld",
	      w.from->keys[RX][1]->used[0].counter);
	CHECK(w.to->keys[TX][1]->used[0].counter == KSRTP_KEY_SRTP_SETTLE, "transmit key: %lld",
	      w.to->keys[TX][1]->used[0].counter);
	/* By turns in one share: counted once. In the next one: each for itself. */
	for (; seq < 15; seq++) {
		if (seq == 11)
			only_stream(w.to, TX)->packets = KSRTP_KEY_SRTP_SETTLE;
		CHECK(!engine_key_activate(&w.e, w.to, seq % 2), "activate");
		unit_srtp(sender, &p, SSRC, seq);
		CHECK(unit_copy(&w.e, w.from, &p) == 0, "%u: %d", seq, unit_result.copies[0].reason);
	}
	for (i = 0; i < 2; i++)
		CHECK(w.to->keys[TX][i]->used[0].counter == 2 * KSRTP_KEY_SRTP_SETTLE, "key %u: %lld", i,
		      w.to->keys[TX][i]->used[0].counter);
	srtp_dealloc(sender);
	unit_world_exit(&w);
	tap_end("D5,S4", "a key that follows in one context is counted from its first packet");
}

static void roc_at_the_end(void)
{
	static struct unit_packet p;
	struct peer_params params = { .ssrc = SSRC };
	struct unit_world w;
	srtp_t sender;
	u64 state;

	/* The receiver's counter at 2^32 - 1: what comes after belongs to no key. */
	unit_world_init(&w, KSRTP_SUITE_NONE, GCM, BOTH);
	CHECK(!engine_key_del(&w.e, w.from, RX, 0), "del");
	engine_master_random(&w.in, GCM, 0, &unit_seed);
	CHECK(!engine_key(&w.e, w.from, RX, 0, NEW, 0xffffffff, &w.in), "%s", w.e.extack._msg);
	sender = peer_new(&params, &w.in, 1);
	CHECK(srtp_set_stream_roc(sender, SSRC, 0xffffffff) == srtp_err_status_ok, "libsrtp2");
	unit_srtp(sender, &p, SSRC, 65535);
	CHECK(unit_copy(&w.e, w.from, &p) == 0, "index 2^48 - 1: %d", unit_result.reason);
	state = engine_state(w.from);
	unit_rtp(&p, SSRC, 0);
	p.len += 16;
	CHECK(unit_push(&w.e, w.from, &p) == KSRTP_REASON_INDEX, "number 0: %d", unit_result.reason);
	CHECK(engine_state(w.from) == state, "state");
	srtp_dealloc(sender);
	unit_world_exit(&w);
	tap_end("D2,S4", "the receiver's last roll-over counter does not wrap either");
}

void unit_limits(void)
{
	last_index();
	last_srtcp_index();
	key_limit(false, TX);
	key_limit(true, TX);
	tap_end("D5,S4", "use of a transmit key: event at the soft limit, end at the hard one");
	key_limit(false, RX);
	key_limit(true, RX);
	tap_end("D5,S4", "use of a receive key: event at the soft limit, end at the hard one");
	next_in_context();
	roc_at_the_end();
}
