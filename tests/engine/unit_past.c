// SPDX-License-Identifier: GPL-2.0
/*
 * Receive keys that come again: what was received under one is not received again (S2). And
 * keys that come while a packet is on its way.
 */
#include "unit.h"

#define PLAYED	5
#define STREAMS	3

static int install(struct unit_world *w, u32 slot, u32 context, const struct engine_master *m)
{
	return engine_key(&w->e, w->from, RX, slot, context, 0, m);
}

static void twice(void)
{
	static const u32 contexts[] = { NEW, SAME };
	static struct unit_packet p;
	struct engine_master mki, other;
	struct unit_world w;
	unsigned int i;

	unit_world_init(&w, GCM, GCM, BOTH);
	unit_srtp(w.sender, &p, SSRC, 1);
	CHECK(unit_push(&w.e, w.from, &p) == 0, "first");
	for (i = 0; i < ARRAY_SIZE(contexts); i++)
		CHECK(install(&w, 1, contexts[i], &w.in) == -EKEYREJECTED, "context %u", contexts[i]);
	CHECK(unit_push(&w.e, w.from, &p) == KSRTP_REASON_REPLAY, "again: %d", unit_result.reason);
	engine_master_random(&other, GCM, 0, &unit_seed);
	CHECK(!install(&w, 1, NEW, &other), "another: %s", w.e.extack._msg);
	unit_world_exit(&w);

	/* With an MKI, which nobody authenticates: neither beside it nor in its place. */
	unit_world_init(&w, KSRTP_SUITE_NONE, GCM, BOTH);
	engine_master_random(&mki, GCM, 4, &unit_seed);
	CHECK(!engine_key_del(&w.e, w.from, RX, 0) && !install(&w, 0, NEW, &mki), "with an MKI");
	other = mki;
	other.mki[0] ^= 1;
	CHECK(install(&w, 1, NEW, &other) == -EKEYREJECTED, "with another one");
	unit_world_exit(&w);
	tap_end("S2,S3", "one receive key in both slots of a leg is refused, whatever its MKI");
}

/* The peer goes to another key and comes back; what it sent before is played again. */
static void comes_back(u32 suite, bool rolled)
{
	static struct unit_packet p[PLAYED], rtcp, next;
	struct peer_params params = { 0 };
	struct engine_master between;
	struct unit_world w;
	srtp_t sender;
	unsigned int i;

	unit_world_init(&w, suite, GCM, BOTH);
	w.from->streams_max = 2;
	for (i = 0; i < PLAYED; i++) {
		unit_srtp(w.sender, &p[i], SSRC, (u16)((rolled ? 65533 : 10) + i));
		CHECK(unit_copy(&w.e, w.from, &p[i]) == 0, "packet %u: %d", i, unit_result.reason);
	}
	unit_srtcp(w.sender, &rtcp, SSRC);
	CHECK(unit_copy(&w.e, w.from, &rtcp) == 0, "SRTCP");

	engine_master_random(&between, suite, 0, &unit_seed);
	sender = peer_new(&params, &between, 1);
	CHECK(!install(&w, 1, NEW, &between), "%s", w.e.extack._msg);
	CHECK(!engine_key_del(&w.e, w.from, RX, 0), "del");
	CHECK(!w.from->stream_count[RX] && w.e.kn.streams.counter == 2, "%u count of %d",
	      w.from->stream_count[RX], w.e.kn.streams.counter);
	for (i = 0; i < 3; i++) {
		unit_srtp(sender, &next, SSRC, (u16)(500 + i));
		CHECK(unit_copy(&w.e, w.from, &next) == 0, "between: %d", unit_result.reason);
	}
	/* Not for transmission either while it may come back. */
	CHECK(engine_key(&w.e, w.from, TX, 0, NEW, 0, &w.in) == -EKEYREJECTED, "as a transmit key");

	CHECK(install(&w, 0, SAME, &w.in) == -EKEYREJECTED, "in another context than it had");
	CHECK(!install(&w, 0, NEW, &w.in), "%s", w.e.extack._msg);
	CHECK(!engine_key_del(&w.e, w.from, RX, 1), "del");
	jiffies += 2 * HZ;
	for (i = 0; i < PLAYED; i++)
		CHECK(unit_push(&w.e, w.from, &p[i]) == KSRTP_REASON_REPLAY, "packet %u again: %d", i,
		      unit_result.reason);
	CHECK(unit_push(&w.e, w.from, &rtcp) == KSRTP_REASON_REPLAY, "SRTCP again: %d",
	      unit_result.reason);
	for (i = 0; i < 3; i++) {
		unit_srtp(w.sender, &next, SSRC, (u16)((rolled ? 65533 : 10) + PLAYED + i));
		CHECK(unit_copy(&w.e, w.from, &next) == 0, "it goes on: %d, %d", unit_result.reason,
		      unit_result.copies[0].reason);
	}
	/* Its stream counts again. */
	CHECK(w.from->stream_count[RX] == 1 && w.e.kn.streams.counter == 3, "%u count of %d",
	      w.from->stream_count[RX], w.e.kn.streams.counter);
	CHECK(w.from->keys[RX][0]->used[0].counter == KSRTP_KEY_SRTP_SETTLE * 2, "used %lld",
	      w.from->keys[RX][0]->used[0].counter);
	srtp_dealloc(sender);
	unit_world_exit(&w);
}

/* So many keys are remembered, their streams wait, and all of it goes. */
static void bounded(void)
{
	static struct unit_packet p;
	struct peer_params params = { 0 };
	struct engine_master m[KSRTP_PAST_KEYS + 3];
	struct unit_world w;
	unsigned int i, n;
	srtp_t sender;

	unit_world_init(&w, KSRTP_SUITE_NONE, KSRTP_SUITE_NONE, BOTH);
	CHECK(!engine_key_del(&w.e, w.from, RX, 0), "del");
	w.from->streams_max = STREAMS;
	for (i = 0; i < ARRAY_SIZE(m); i++) {
		engine_master_random(&m[i], GCM, 0, &unit_seed);
		sender = peer_new(&params, &m[i], 1);
		CHECK(!install(&w, 0, NEW, &m[i]), "%s", w.e.extack._msg);
		for (n = 0; n < STREAMS; n++) {
			unit_srtp(sender, &p, SSRC + n, 1);
			CHECK(unit_push(&w.e, w.from, &p) == 0, "key %u: %d", i, unit_result.reason);
		}
		srtp_dealloc(sender);
		CHECK(!engine_key_del(&w.e, w.from, RX, 0), "del");
	}
	CHECK(w.from->past_count == KSRTP_PAST_KEYS, "%u keys", w.from->past_count);
	CHECK(!w.from->stream_count[RX] &&
	      w.e.kn.streams.counter == KSRTP_PAST_KEYS * STREAMS + STREAMS, "%u count of %d",
	      w.from->stream_count[RX], w.e.kn.streams.counter);
	unit_world_exit(&w);

	unit_world_init(&w, GCM, GCM, BOTH);
	for (i = 0; i < ARRAY_SIZE(m); i++) {
		CHECK(!engine_key_del(&w.e, w.from, RX, i % 2), "del");
		engine_master_random(&m[i], GCM, 0, &unit_seed);
		CHECK(!install(&w, (i + 1) % 2, NEW, &m[i]), "%s", w.e.extack._msg);
	}
	CHECK(w.from->past_count == KSRTP_PAST_KEYS, "%u keys", w.from->past_count);
	unit_world_exit(&w);
	tap_end("S2,S7", "a leg remembers 8 receive keys with their streams, and no more");
}

static void changes_on_the_way(void)
{
	static struct unit_packet p;
	struct unit_world w;

	/* The address was found wrong and let on, for the key of that moment authenticates. */
	unit_world_init(&w, KSRTP_SUITE_NONE, GCM, BOTH);
	unit_rtp(&p, SSRC, 1);
	w.e.stranger = true;
	CHECK(unit_push(&w.e, w.from, &p) == KSRTP_REASON_SRC, "a stranger: %d", unit_result.reason);
	CHECK(!engine_streams(w.from, RX), "a stream of a stranger's");
	w.e.stranger = false;
	CHECK(unit_push(&w.e, w.from, &p) == 0, "the remote: %d", unit_result.reason);
	unit_world_exit(&w);

	/* Between the look at one slot and at the other a key went, and one of suite none came. */
	unit_world_init(&w, GCM, GCM, BOTH);
	CHECK(!engine_key_del(&w.e, w.to, TX, 0), "del");
	CHECK(!engine_key(&w.e, w.to, RX, 0, NEW, 0, NULL), "%s", w.e.extack._msg);
	w.from->keys[RX][1] = w.to->keys[RX][0];
	unit_rtp(&p, SSRC, 1);
	p.len += 16;
	CHECK(unit_push(&w.e, w.from, &p) == KSRTP_REASON_AUTH, "under neither: %d", unit_result.reason);
	w.from->keys[RX][1] = NULL;
	unit_world_exit(&w);
	tap_end("S2,S7", "a plain key that comes while a packet is on its way: only the remote is heard, and nothing breaks");
}

void unit_past(void)
{
	twice();
	comes_back(GCM, false);
	comes_back(GCM, true);
	comes_back(KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80, true);
	tap_end("D5,S2", "a peer comes back to a receive key: what it sent before is replay, what it sends now passes");
	bounded();
	changes_on_the_way();
}
