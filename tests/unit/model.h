/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a replay window must answer, said as plainly as possible: one flag for
 * each index that was ever committed, never cleared. Knows MODEL_RANGE indices
 * from @base on. And what an index estimate must be: the nearest.
 */
#ifndef KSRTP_TEST_MODEL_H
#define KSRTP_TEST_MODEL_H

#include <stdbool.h>
#include <string.h>
#include "core/index.h"
#include "core/replay.h"

#ifndef MODEL_RANGE
#define MODEL_RANGE	(1u << 17)
#endif

struct model {
	u64 base;
	u64 highest;
	u32 size;
	bool any;
	bool seen[MODEL_RANGE];
};

static inline void model_init(struct model *m, u64 base, u32 size)
{
	memset(m, 0, sizeof(*m));
	m->base = base;
	m->size = size;
}

static inline enum ksrtp_seen model_check(const struct model *m, u64 index)
{
	if (m->any && index < m->highest && m->highest - index >= m->size)
		return KSRTP_SEEN_OLD;
	return m->seen[index - m->base] ? KSRTP_SEEN_REPLAY : KSRTP_SEEN_NEW;
}

static inline enum ksrtp_seen model_commit(struct model *m, u64 index)
{
	enum ksrtp_seen seen = model_check(m, index);

	if (seen == KSRTP_SEEN_NEW) {
		m->seen[index - m->base] = true;
		if (!m->any || index > m->highest)
			m->highest = index;
		m->any = true;
	}
	return seen;
}

/*
 * The index of @seq that is nearest to @highest, with its own roll-over counter
 * where two are equally near. False when that one does not exist.
 */
static inline bool model_estimate(u64 highest, u16 seq, u64 *index)
{
	long long roc = (long long)(highest >> 16), best = 0, best_far = -1;
	const int turns[] = { 0, -1, 1 };
	int i;

	for (i = 0; i < 3; i++) {
		long long guess = (roc + turns[i]) * 65536 + seq;
		long long far = guess - (long long)highest;

		if (far < 0)
			far = -far;
		if (best_far < 0 || far < best_far) {
			best = guess;
			best_far = far;
		}
	}
	*index = (u64)best;
	return best >= 0 && best < 1LL << 48;
}

#endif /* KSRTP_TEST_MODEL_H */
