/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_CORE_REPLAY_H
#define KSRTP_CORE_REPLAY_H

/*
 * A sliding window over packet indices: bit (i % size) of the ring says whether
 * index i was seen, for highest - size < i <= highest.
 *
 * check() may run without the lock that protects the window: then its answer is
 * a hint, and commit(), under the lock, decides.
 */
struct ksrtp_window {
	u64 highest;	/* KSRTP_INDEX_NONE before the first commit */
	u32 size;	/* packets; a power of two, 64 or more */
	u64 *ring;	/* size / 64 words */
};

enum ksrtp_seen {
	KSRTP_SEEN_NEW,
	KSRTP_SEEN_REPLAY,	/* inside the window and marked */
	KSRTP_SEEN_OLD,		/* behind the window */
};

/* The ring must have size / 64 words; it is cleared. */
void ksrtp_window_init(struct ksrtp_window *w, u64 *ring, u32 size);
enum ksrtp_seen ksrtp_window_check(const struct ksrtp_window *w, u64 index);
/* Marks @index and moves the window if it answers KSRTP_SEEN_NEW; else changes nothing. */
enum ksrtp_seen ksrtp_window_commit(struct ksrtp_window *w, u64 index);

#endif /* KSRTP_CORE_REPLAY_H */
