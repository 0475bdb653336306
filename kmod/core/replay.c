// SPDX-License-Identifier: GPL-2.0
/*
 * The replay window, a ring of bits (RFC 3711, section 3.3.2).
 *
 * A check that races with a commit may answer NEW for what is no longer new;
 * the commit that follows finds out. The reverse would lose a good packet: so
 * the ring is cleared and marked first, and only then does `highest` move, in
 * an order that a reader on another CPU sees too. What is marked meanwhile is
 * the bit of an index that leaves the window by this very commit.
 */
#include "internal.h"
#include "index.h"
#include "replay.h"

static u64 *ring_word(const struct ksrtp_window *w, u64 index)
{
	return &w->ring[(index & (w->size - 1)) / 64];
}

static u64 ring_bit(u64 index)
{
	return BIT_ULL(index & 63);
}

static enum ksrtp_seen classify(const struct ksrtp_window *w, u64 highest, u64 index)
{
	if (highest == KSRTP_INDEX_NONE || index > highest)
		return KSRTP_SEEN_NEW;
	if (highest - index >= w->size)
		return KSRTP_SEEN_OLD;
	return READ_ONCE(*ring_word(w, index)) & ring_bit(index) ?
	       KSRTP_SEEN_REPLAY : KSRTP_SEEN_NEW;
}

static void ring_clear_all(struct ksrtp_window *w)
{
	u32 i;

	for (i = 0; i < w->size / 64; i++)
		WRITE_ONCE(w->ring[i], 0);
}

/* Clears the bits of @first to @last, fewer than size, a word at a time. */
static void ring_clear(struct ksrtp_window *w, u64 first, u64 last)
{
	while (first <= last) {
		u64 mask = ~0ULL << (first & 63);
		u64 end = first | 63;	/* last index in this word */
		u64 *word = ring_word(w, first);

		if (end > last)
			mask &= ~0ULL >> (end - last);
		WRITE_ONCE(*word, *word & ~mask);
		first = end + 1;
	}
}

void ksrtp_window_init(struct ksrtp_window *w, u64 *ring, u32 size)
{
	w->highest = KSRTP_INDEX_NONE;
	w->size = size;
	w->ring = ring;
	ring_clear_all(w);
}

enum ksrtp_seen ksrtp_window_check(const struct ksrtp_window *w, u64 index)
{
	return classify(w, smp_load_acquire(&w->highest), index);
}

enum ksrtp_seen ksrtp_window_commit(struct ksrtp_window *w, u64 index)
{
	u64 highest = w->highest;
	enum ksrtp_seen seen = classify(w, highest, index);
	bool ahead = highest == KSRTP_INDEX_NONE || index > highest;
	u64 *word = ring_word(w, index);

	if (seen != KSRTP_SEEN_NEW)
		return seen;

	if (ahead && highest != KSRTP_INDEX_NONE) {
		if (index - highest >= w->size)
			ring_clear_all(w);
		else
			ring_clear(w, highest + 1, index);
	}
	WRITE_ONCE(*word, *word | ring_bit(index));
	if (ahead)
		smp_store_release(&w->highest, index);
	return KSRTP_SEEN_NEW;
}
