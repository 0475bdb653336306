/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_CORE_NUMBERS_H
#define KSRTP_CORE_NUMBERS_H

#include "replay.h"

/**
 * struct ksrtp_numbers - how the numbers of a source become those that it leaves with
 * @source: context of the source's last packet; 0: none yet
 * @source_before: the one that took turns with it, being older or younger
 * @base: protected sources: receive index minus transmit index; @base_before, that of
 *	@source_before
 * @begun: transmit index with which the source last began anew; from there on numbers
 *	leave @shift above the source's own, before that @shift_before
 * @jump_next: plain sources: the number that would confirm a jump, or -1
 *
 * No locks: what guards the stream's window guards this too.
 */
struct ksrtp_numbers {
	u64	source;
	u64	source_before;
	s64	base;
	s64	base_before;
	u64	begun;
	s32	shift;
	s32	shift_before;
	s32	jump_next;
};

/* A packet that came in. */
struct ksrtp_arrival {
	u64	source;		/* its context; those of one leg grow with time, none is 0 */
	u64	index;		/* of a protected source */
	u16	seq;
	bool	plain;
};

enum ksrtp_number {
	KSRTP_NUMBER_NEW,	/* the only one with an index */
	KSRTP_NUMBER_DUP,	/* that index was used */
	KSRTP_NUMBER_LATE,	/* behind the window, or from before the first index */
	KSRTP_NUMBER_JUMP,	/* of a plain source: one more has to confirm it */
	KSRTP_NUMBER_END,	/* there is none after the last */
};

void ksrtp_numbers_init(struct ksrtp_numbers *n);

/*
 * ksrtp_numbers_next - the index that a packet leaves with (S3)
 * @w: the transmit stream's window; not changed: to commit *@index is the caller's
 * @roc: roll-over counter of a stream's first index
 *
 * The index of a protected source is its receive index minus what was fixed at the
 * first packet of its context: a multiple of 2^16, unless the source began anew where
 * receivers would not follow. That of a plain source follows its number.
 */
enum ksrtp_number ksrtp_numbers_next(struct ksrtp_numbers *n, const struct ksrtp_window *w,
				     u32 roc, const struct ksrtp_arrival *in, u64 *index);

/* The source is gone and another one goes on with its indices, with numbers of its own. */
void ksrtp_numbers_hand_over(struct ksrtp_numbers *n);

/*
 * ksrtp_numbers_back - what the source calls a number that a receiver speaks of
 * @number: a sequence number of what left, or one extended by the receiver's cycles
 *	(RFC 3550, section 6.4.1), which keep their count
 */
u32 ksrtp_numbers_back(const struct ksrtp_numbers *n, const struct ksrtp_window *w, u32 number);

#endif /* KSRTP_CORE_NUMBERS_H */
