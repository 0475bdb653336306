// SPDX-License-Identifier: GPL-2.0
/* The replay window: tables at its edges, then chance against the model. */
#include <stdlib.h>
#include "tap.h"
#include "random.h"
#include "model.h"
#include "core.h"

#define MAX_SIZE	8192
#define NEW		KSRTP_SEEN_NEW
#define REPLAY		KSRTP_SEEN_REPLAY
#define OLD		KSRTP_SEEN_OLD
#define TOP		((1ULL << 48) - 1)

static const u32 sizes[] = { 64, 128, 256, 512, 1024, 2048, 4096, MAX_SIZE };
#define N_SIZES	(sizeof(sizes) / sizeof(sizes[0]))

/* check() must say what commit() then does, and change nothing. */
static void step(struct ksrtp_window *w, u64 index, enum ksrtp_seen want, unsigned int row)
{
	u64 highest = w->highest;
	enum ksrtp_seen hint = ksrtp_window_check(w, index), seen;

	CHECK(hint == want, "size %u, row %u, index %llu: check %d, not %d",
	      w->size, row, index, hint, want);
	CHECK(w->highest == highest, "size %u, row %u: check moved the window", w->size, row);
	seen = ksrtp_window_commit(w, index);
	CHECK(seen == want, "size %u, row %u, index %llu: commit %d, not %d",
	      w->size, row, index, seen, want);
}

/* Index = times * size + plus, so that one table serves every size. */
static const struct row {
	int times, plus;
	enum ksrtp_seen want;
} rows[] = {
	/* the first ones, and each again */
	{ 0, 0, NEW }, { 0, 0, REPLAY }, { 0, 1, NEW }, { 0, 1, REPLAY },
	{ 0, 9, NEW }, { 0, 8, NEW }, { 0, 7, NEW }, { 0, 7, REPLAY }, { 0, 9, REPLAY },
	/* the last index before the first word of the ring comes round */
	{ 1, -1, NEW }, { 1, -1, REPLAY }, { 1, -2, NEW }, { 0, 0, REPLAY }, { 0, 2, NEW },
	/* one further: 0 falls out, 1 is the oldest left */
	{ 1, 0, NEW }, { 0, 0, OLD }, { 0, 1, REPLAY }, { 0, 3, NEW }, { 1, 0, REPLAY },
	/* sixteen further: so do 1 to 16 */
	{ 1, 16, NEW }, { 0, 3, OLD }, { 0, 16, OLD }, { 0, 17, NEW }, { 1, 16, REPLAY },
	/* exactly the window's size further: nothing of before is left */
	{ 2, 16, NEW }, { 1, 16, OLD }, { 1, 17, NEW }, { 1, 17, REPLAY }, { 2, 15, NEW },
	/* one less than its size further: one index is left */
	{ 3, 15, NEW }, { 2, 16, REPLAY }, { 2, 15, OLD }, { 2, 17, NEW },
	/* far ahead: the ring is empty but for one */
	{ 9, 0, NEW }, { 3, 15, OLD }, { 8, 0, OLD }, { 8, 1, NEW }, { 8, 1, REPLAY },
	{ 8, 2, NEW }, { 9, -1, NEW }, { 9, -1, REPLAY }, { 9, 0, REPLAY },
	/* ... and by just more than the size */
	{ 10, 1, NEW }, { 9, 0, OLD }, { 9, 1, OLD }, { 9, 2, NEW }, { 10, 0, NEW },
};

static void table(void)
{
	u64 ring[MAX_SIZE / 64];
	struct ksrtp_window w;
	unsigned int s, i;

	for (s = 0; s < N_SIZES; s++) {
		memset(ring, 0xff, sizeof(ring));
		ksrtp_window_init(&w, ring, sizes[s]);
		CHECK(w.highest == KSRTP_INDEX_NONE, "size %u: no packet yet", sizes[s]);
		for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			step(&w, (u64)((long long)rows[i].times * sizes[s] + rows[i].plus),
			     rows[i].want, i);
	}
	tap_end("D2", "window: %u rows at each of %zu sizes", i, N_SIZES);
}

static void runs(void)
{
	u64 ring[MAX_SIZE / 64];
	struct ksrtp_window w;
	unsigned int s, i;

	for (s = 0; s < N_SIZES; s++) {
		u32 n = sizes[s];

		ksrtp_window_init(&w, ring, n);
		for (i = 1; i <= 3 * n; i++)
			step(&w, i, NEW, i);
		for (i = 3 * n; i > 2 * n; i--)
			step(&w, i, REPLAY, i);
		for (; i > 0; i--)
			step(&w, i, OLD, i);
	}
	tap_end("D2", "window: forwards, one by one, then all again");

	for (s = 0; s < N_SIZES; s++) {
		u32 n = sizes[s];

		ksrtp_window_init(&w, ring, n);
		step(&w, n, NEW, 0);
		for (i = n - 1; i > 0; i--)
			step(&w, i, NEW, i);
		step(&w, 0, OLD, 0);
		for (i = n; i > 0; i--)
			step(&w, i, REPLAY, i);
	}
	tap_end("D2", "window: backwards from the highest");

	/* Each second index forwards, then the gaps: an advance clears only what it must. */
	for (s = 0; s < N_SIZES; s++) {
		u32 n = sizes[s];

		ksrtp_window_init(&w, ring, n);
		for (i = 0; i < 4 * n; i += 2)
			step(&w, i, NEW, i);
		for (i = 3 * n; i < 4 * n - 1; i++)
			step(&w, i, i % 2 ? NEW : REPLAY, i);
	}
	tap_end("D2", "window: every second one, then the gaps");
}

/* Each advance from 1 to over the size leaves exactly the overlap marked. */
static void advances(void)
{
	u64 ring[1024 / 64];
	struct ksrtp_window w;
	u32 sizes_here[] = { 64, 128, 1024 }, s, jump, start, i;

	for (s = 0; s < 3; s++)
		for (start = sizes_here[s]; start < sizes_here[s] + 64; start += 21)
			for (jump = 1; jump <= sizes_here[s] + 65; jump += sizes_here[s] / 64) {
				u32 n = sizes_here[s], end = start + jump;

				ksrtp_window_init(&w, ring, n);
				for (i = 0; i <= start; i++)
					ksrtp_window_commit(&w, i);
				step(&w, end, NEW, jump);
				for (i = 0; i <= end; i++) {
					enum ksrtp_seen want = end - i >= n ? OLD :
						i <= start || i == end ? REPLAY : NEW;

					CHECK(ksrtp_window_check(&w, i) == want,
					      "size %u, %u to %u, index %u: not %d", n, start,
					      end, i, want);
				}
			}
	tap_end("D2", "window: after each length of advance, what stays and what goes");
}

static void ends(void)
{
	static const u64 starts[] = { 0xffff - 70, 0xffffffffULL - 70, (1ULL << 47) - 70, TOP - 200 };
	u64 ring[MAX_SIZE / 64], i;
	struct ksrtp_window w;
	unsigned int s, b;

	for (s = 0; s < N_SIZES; s++)
		for (b = 0; b < sizeof(starts) / sizeof(starts[0]); b++) {
			ksrtp_window_init(&w, ring, sizes[s]);
			for (i = 0; i <= 200; i++)
				step(&w, starts[b] + i, NEW, b);
			for (i = 0; i <= 200; i++)
				step(&w, starts[b] + i, i + sizes[s] <= 200 ? OLD : REPLAY, b);
		}
	tap_end("D2", "window: across 2^16, 2^32, 2^47 and up to 2^48 - 1");

	/* What was before the first packet is new as far as the window goes back. */
	for (s = 0; s < N_SIZES; s++) {
		ksrtp_window_init(&w, ring, sizes[s]);
		step(&w, 100000, NEW, 0);
		step(&w, 100000 - sizes[s], OLD, 1);
		step(&w, 100000 - sizes[s] + 1, NEW, 2);
		step(&w, 100000 - sizes[s] + 1, REPLAY, 3);
		step(&w, 0, OLD, 4);
		step(&w, TOP, NEW, 5);
		step(&w, 100000, OLD, 6);
		step(&w, TOP, REPLAY, 7);
	}
	tap_end("D2", "window: a first packet in the middle, then the largest jump");

	/* Too old changes nothing, not even bits that the index would alias. */
	for (s = 0; s < N_SIZES; s++) {
		ksrtp_window_init(&w, ring, sizes[s]);
		step(&w, 3 * sizes[s], NEW, 0);
		for (i = 0; i <= 2 * sizes[s]; i++)
			step(&w, i, OLD, 1);
		for (; i < 3 * sizes[s]; i++)
			CHECK(ksrtp_window_check(&w, i) == NEW, "size %u, index %llu", sizes[s], i);
	}
	tap_end("D2", "window: what is too old leaves no mark");
}

static u64 jump(uint64_t *seed, u32 size)
{
	switch (random_below(seed, 16)) {
	case 0:
		return random_below(seed, 3 * size);
	case 1:
		return size - 1 + random_below(seed, 3);
	case 2:
		return random_below(seed, 130);
	default:
		return random_below(seed, 3);
	}
}

/* Random steps until the model's range is used up; returns how many. */
static unsigned int walk(struct model *m, u64 base, u32 size, uint64_t *seed)
{
	u64 ring[MAX_SIZE / 64], index, back;
	struct ksrtp_window w;
	unsigned int i;

	ksrtp_window_init(&w, ring, size);
	model_init(m, base, size);
	for (i = 0; ; i++) {
		index = (m->any ? m->highest : m->base) + jump(seed, size);
		if (random_below(seed, 3)) {
			back = random_below(seed, random_below(seed, 4) ? size + 2 : 4 * size);
			index = index - m->base < back ? m->base : index - back;
		}
		if (index - m->base >= MODEL_RANGE || i == 20000)
			return i;
		step(&w, index, model_check(m, index), i);
		model_commit(m, index);
		CHECK(w.highest == m->highest, "size %u, step %u: highest %llu, not %llu",
		      size, i, w.highest, m->highest);
	}
}

static void chance(struct model *m)
{
	static const u64 bases[] = { 0, 0xfff0, 0xfffffff0, TOP - MODEL_RANGE + 1 };
	unsigned int s, b, steps, all = 0;
	uint64_t seed = 48;

	for (s = 0; s < N_SIZES; s++)
		for (b = 0; b < sizeof(bases) / sizeof(bases[0]); b++) {
			for (steps = 0; steps < 20000; )
				steps += walk(m, bases[b], sizes[s], &seed);
			all += steps;
		}
	tap_end("D2", "window: as the model says in %u random steps", all);
}

void test_replay(void)
{
	struct model *m = malloc(sizeof(*m));

	table();
	runs();
	advances();
	ends();
	CHECK(m, "memory");
	if (m)
		chance(m);
	free(m);
}
