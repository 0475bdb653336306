// SPDX-License-Identifier: GPL-2.0
/* Which index does a packet leave with? The same answer on every datapath. */
#include "internal.h"
#include <ksrtp/wire.h>
#include "index.h"
#include "numbers.h"

/* RFC 3550, A.1: MAX_DROPOUT */
#define JUMP_MAX	3000
/*
 * Receivers find the roll-over counter of a step of less than 2^15 (RFC 3711, section
 * 3.3.1), counted from what reached them: what was lost before is a part of the step.
 */
#define STEP_MAX	(0x8000 - JUMP_MAX)
/* As far back as every receiver's window reaches (RFC 3711, section 3.3.2). */
#define BACK_MAX	64

void ksrtp_numbers_init(struct ksrtp_numbers *n)
{
	*n = (struct ksrtp_numbers){ .jump_next = -1 };
}

/* The smallest index above @highest that ends in @seq. */
static u64 index_after(u64 highest, u16 seq)
{
	u64 index = (highest & ~0xffffULL) | seq;

	return index > highest ? index : index + 0x10000;
}

/* The source goes on with the next index, whatever its own number. */
static u64 begin_anew(struct ksrtp_numbers *n, const struct ksrtp_window *w, u16 seq)
{
	n->begun = w->highest + 1;
	n->shift_before = n->shift;
	n->shift = (s32)(u16)n->begun - seq;
	return n->begun;
}

/*
 * A jump counts only when the number after it comes next (RFC 3550, A.1). After one that
 * receivers would not follow, as when a source starts again with a smaller number, the
 * stream goes on with the next index, under shifted numbers.
 */
static enum ksrtp_number plain_index(struct ksrtp_numbers *n, const struct ksrtp_window *w,
				     u32 roc, u16 own, u64 *index)
{
	u16 seq = (u16)(own + n->shift);
	u64 highest = w->highest;
	u64 distance;

	if (highest == KSRTP_INDEX_NONE) {
		*index = (u64)roc << 16 | seq;
		return KSRTP_NUMBER_NEW;
	}
	if (ksrtp_index_estimate(highest, 0, seq, index))
		distance = ~0ULL;
	else
		distance = *index > highest ? *index - highest : highest - *index;
	if (distance <= JUMP_MAX) {
		n->jump_next = -1;
		return KSRTP_NUMBER_NEW;
	}
	if (n->jump_next != seq) {
		n->jump_next = (u16)(seq + 1);
		return KSRTP_NUMBER_JUMP;
	}
	n->jump_next = -1;
	*index = index_after(highest, seq);
	if (*index - highest > STEP_MAX)
		*index = begin_anew(n, w, own);
	return KSRTP_NUMBER_NEW;
}

static enum ksrtp_number shifted_index(struct ksrtp_numbers *n, const struct ksrtp_window *w,
				       u32 roc, u64 rx_index, u64 *index)
{
	s64 first = (s64)roc << 16, shifted;

	if (w->highest == KSRTP_INDEX_NONE)
		n->base = (s64)(rx_index & ~0xffffULL) - first;
	shifted = (s64)rx_index - n->base;
	if (shifted < first)
		return KSRTP_NUMBER_LATE;
	*index = (u64)shifted;
	return KSRTP_NUMBER_NEW;
}

/* Would receivers follow to @index? One that was used is not the next of anything. */
static bool goes_on(const struct ksrtp_window *w, u64 index)
{
	if (index > w->highest)
		return index - w->highest <= STEP_MAX;
	return w->highest - index < BACK_MAX && ksrtp_window_check(w, index) == KSRTP_SEEN_NEW;
}

/*
 * Where the indices of a protected source stand under a context that did not feed this
 * stream before: estimated once. Under a younger context it goes on with its numbers or
 * has begun anew; what comes under an older one has been on its way for long.
 */
static enum ksrtp_number find_base(struct ksrtp_numbers *n, const struct ksrtp_window *w,
				   const struct ksrtp_arrival *in, s64 *base)
{
	bool known, older = in->source < n->source;
	u64 index;

	known = !ksrtp_index_estimate(w->highest, 0, (u16)(in->seq + n->shift), &index);
	if (older && (!known || index > w->highest + JUMP_MAX))
		return KSRTP_NUMBER_LATE;
	if (!older && (!known || !goes_on(w, index)))
		index = begin_anew(n, w, in->seq);
	*base = (s64)in->index - (s64)index;
	return KSRTP_NUMBER_NEW;
}

/* Another context, or another leg's that is no more. While both live they take turns. */
static enum ksrtp_number change_source(struct ksrtp_numbers *n, const struct ksrtp_window *w,
				       const struct ksrtp_arrival *in)
{
	enum ksrtp_number number;
	s64 base = 0;

	if (in->source == n->source_before) {
		base = n->base_before;
	} else if (!in->plain && w->highest != KSRTP_INDEX_NONE) {
		number = find_base(n, w, in, &base);
		if (number != KSRTP_NUMBER_NEW)
			return number;
	}
	/* At most two are live, so the older one of three is not. */
	if (n->source > n->source_before || in->source == n->source_before) {
		n->source_before = n->source;
		n->base_before = n->base;
	}
	n->source = in->source;
	n->base = base;
	return KSRTP_NUMBER_NEW;
}

enum ksrtp_number ksrtp_numbers_next(struct ksrtp_numbers *n, const struct ksrtp_window *w,
				     u32 roc, const struct ksrtp_arrival *in, u64 *index)
{
	enum ksrtp_number number = KSRTP_NUMBER_NEW;
	enum ksrtp_seen seen;

	if (n->source != in->source)
		number = change_source(n, w, in);
	if (number != KSRTP_NUMBER_NEW)
		return number;
	if (in->plain)
		number = plain_index(n, w, roc, in->seq, index);
	else
		number = shifted_index(n, w, roc, in->index, index);
	if (number != KSRTP_NUMBER_NEW)
		return number;
	if (*index > KSRTP_INDEX_MAX)
		return KSRTP_NUMBER_END;
	seen = ksrtp_window_check(w, *index);
	if (seen == KSRTP_SEEN_NEW)
		return KSRTP_NUMBER_NEW;
	return seen == KSRTP_SEEN_REPLAY ? KSRTP_NUMBER_DUP : KSRTP_NUMBER_LATE;
}

void ksrtp_numbers_hand_over(struct ksrtp_numbers *n)
{
	n->source = 0;
	n->source_before = 0;
}

u32 ksrtp_numbers_back(const struct ksrtp_numbers *n, const struct ksrtp_window *w, u32 number)
{
	s64 index;

	if (w->highest == KSRTP_INDEX_NONE)
		return number;
	/* Receivers speak of what left: the last one that ends so. */
	index = (s64)w->highest - (u16)((u16)w->highest - number);
	return number - (u32)(index < (s64)n->begun ? n->shift_before : n->shift);
}
