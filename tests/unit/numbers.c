// SPDX-License-Identifier: GPL-2.0
/* Which index packets leave with: tables, and a source that does everything at random. */
#include <ksrtp/wire.h>
#include "core/index.h"
#include "core/numbers.h"
#include "random.h"
#include "tap.h"
#include "core.h"

#define WINDOW	1024
#define ROC(n)	((u64)(n) << 16)

struct stream {
	struct ksrtp_numbers numbers;
	struct ksrtp_window window;
	u64 ring[WINDOW / 64];
};

static void stream_init(struct stream *s)
{
	ksrtp_numbers_init(&s->numbers);
	ksrtp_window_init(&s->window, s->ring, WINDOW);
}

static enum ksrtp_number send(struct stream *s, u32 roc, u64 source, u64 rx, bool plain, u64 *index)
{
	const struct ksrtp_arrival in = {
		.source = source, .index = rx, .seq = (u16)rx, .plain = plain,
	};
	enum ksrtp_number number = ksrtp_numbers_next(&s->numbers, &s->window, roc, &in, index);

	if (number == KSRTP_NUMBER_NEW)
		CHECK(ksrtp_window_commit(&s->window, *index) == KSRTP_SEEN_NEW, "index %llu was used",
		      (unsigned long long)*index);
	return number;
}

/* A packet: its context and index there, what must become of it, and what a report calls it. */
struct row {
	u64 source, rx;
	enum ksrtp_number number;
	u64 index;
};

#define DUP	KSRTP_NUMBER_DUP, 0
#define LATE	KSRTP_NUMBER_LATE, 0
#define JUMP	KSRTP_NUMBER_JUMP, 0
#define NEW	KSRTP_NUMBER_NEW

static void run(const char *what, const struct row *rows, size_t n, u32 roc, bool plain)
{
	struct stream s;
	size_t i;

	stream_init(&s);
	for (i = 0; i < n; i++) {
		enum ksrtp_number number;
		u64 index = 0;

		/* No context: the source is gone, another takes its place. */
		if (!rows[i].source) {
			ksrtp_numbers_hand_over(&s.numbers);
			continue;
		}
		number = send(&s, roc, rows[i].source, rows[i].rx, plain, &index);
		CHECK(number == rows[i].number, "%s, row %zu: %d, not %d", what, i, number,
		      rows[i].number);
		if (number != NEW)
			continue;
		CHECK(index == rows[i].index, "%s, row %zu: index %llu, not %llu", what, i,
		      (unsigned long long)index, (unsigned long long)rows[i].index);
		CHECK((u16)ksrtp_numbers_back(&s.numbers, &s.window, (u16)index) == (u16)rows[i].rx,
		      "%s, row %zu: reported as %u", what, i,
		      (u16)ksrtp_numbers_back(&s.numbers, &s.window, (u16)index));
	}
}

#define RUN(what, rows, roc, plain) run(what, rows, sizeof(rows) / sizeof((rows)[0]), roc, plain)

static void protected_sources(void)
{
	static const struct row one[] = {
		{ 1, ROC(2) + 5, NEW, 5 }, { 1, ROC(2) + 4, NEW, 4 }, { 1, ROC(2) - 1, LATE },
		{ 1, ROC(2) + 5, DUP }, { 1, ROC(2) + 40000, NEW, 40000 },
		{ 1, ROC(2) + 40000 - WINDOW, LATE },
		{ 1, ROC(2) + 40001 - WINDOW, NEW, 40001 - WINDOW },
	};
	static const struct row installed[] = {
		{ 1, ROC(1) + 9, NEW, ROC(7) + 9 }, { 1, ROC(1) - 1, LATE },
		{ 2, 10, NEW, ROC(7) + 10 }, { 1, ROC(1) - 1, LATE },
	};
	static const struct row turns[] = {
		{ 1, 65530, NEW, 65530 }, { 1, 65541, NEW, 65541 },
		{ 2, 10, NEW, 65546 }, { 1, 65542, NEW, 65542 }, { 2, 11, NEW, 65547 },
		{ 1, 65548, NEW, 65548 }, { 2, 12, DUP }, { 2, 13, NEW, 65549 },
		{ 3, ROC(9) + 14, NEW, 65550 }, { 2, 15, NEW, 65551 }, { 3, ROC(9) + 16, NEW, 65552 },
	};
	static const struct row older[] = {
		{ 2, 100, NEW, 100 }, { 1, ROC(3) + 90, NEW, 90 }, { 1, ROC(3) + 91, NEW, 91 },
		{ 2, 101, NEW, 101 }, { 3, 102, NEW, 102 }, { 1, ROC(3) + 5000, LATE },
		{ 1, ROC(3) + 60000, LATE },
	};
	static const struct row lower[] = {
		{ 1, ROC(1) + 20000, NEW, 20000 }, { 2, 100, NEW, 20001 }, { 2, 99, DUP },
		{ 2, 103, NEW, 20004 }, { 2, 102, NEW, 20003 }, { 2, 104, NEW, 20005 },
		{ 3, 105, NEW, 20006 }, { 3, ROC(1) + 105, NEW, ROC(1) + 20006 },
		{ 4, 7, NEW, ROC(1) + 20007 },
	};
	static const struct row close[] = {
		{ 1, 1, NEW, 1 }, { 1, 2, NEW, 2 }, { 1, 9, NEW, 9 }, { 2, 2, NEW, 10 },
		{ 2, 3, NEW, 11 }, { 3, ROC(4) + 2, NEW, 12 },
	};
	static const struct row reordered[] = {
		{ 1, 100, NEW, 100 }, { 1, 165, NEW, 165 }, { 2, 102, NEW, 102 }, { 2, 166, NEW, 166 },
		{ 3, 102, NEW, 167 },
	};
	static const struct row higher[] = {
		{ 1, 4, NEW, 4 }, { 2, 29772, NEW, 29772 }, { 3, 59541, NEW, 29773 },
		{ 4, 59542, NEW, 29774 },
	};
	static const struct row handed[] = {
		{ 9, 500, NEW, 500 }, { 0 }, { 3, 40000, NEW, 501 }, { 3, 40001, NEW, 502 },
		{ 4, ROC(1) + 40002, NEW, 503 }, { 3, 40003, NEW, 504 },
	};

	RUN("one context", one, 0, false);
	RUN("a roll-over counter at install", installed, 7, false);
	RUN("two contexts by turns", turns, 0, false);
	RUN("an older one afterwards", older, 0, false);
	RUN("begins anew below", lower, 0, false);
	RUN("begins anew with what was sent", close, 0, false);
	RUN("begins anew or late", reordered, 0, false);
	RUN("begins anew above", higher, 0, false);
	RUN("another leg's takes over", handed, 0, false);
	tap_end("D2,S3", "numbers: protected sources under one context, several, and anew");
}

static void plain_sources(void)
{
	static const struct row jumps[] = {
		{ 1, 100, NEW, ROC(2) + 100 }, { 1, 100, DUP }, { 1, 3100, NEW, ROC(2) + 3100 },
		{ 1, 6101, JUMP }, { 1, 6103, JUMP }, { 1, 6104, NEW, ROC(2) + 6104 },
		{ 1, 6101, NEW, ROC(2) + 6101 },
	};
	static const struct row restarts[] = {
		{ 1, 30000, NEW, 30000 }, { 1, 10, JUMP }, { 1, 11, NEW, 30001 }, { 1, 12, NEW, 30002 },
		{ 1, 10, DUP }, { 1, 50000, JUMP }, { 1, 50001, NEW, 30003 }, { 1, 50002, NEW, 30004 },
	};
	static const struct row wraps[] = {
		{ 1, 65535, NEW, 65535 }, { 1, 0, NEW, 65536 }, { 1, 65534, NEW, 65534 },
		{ 1, 1, NEW, 65537 },
	};

	RUN("jumps", jumps, 2, true);
	RUN("restarts", restarts, 0, true);
	RUN("wraps", wraps, 0, true);
	tap_end("S3", "numbers: plain sources jump, start again, wrap");
}

static void reports(void)
{
	struct stream s;
	u64 index;

	stream_init(&s);
	CHECK(ksrtp_numbers_back(&s.numbers, &s.window, 77) == 77, "before the first packet");
	send(&s, 0, 1, ROC(1) + 50000, false, &index);
	CHECK(ksrtp_numbers_back(&s.numbers, &s.window, ROC(3) + 50000) == ROC(3) + 50000,
	      "not shifted");
	CHECK(ksrtp_numbers_back(&s.numbers, &s.window, 65535) == 65535, "from before the first wrap");
	send(&s, 0, 2, 40000, false, &index);
	send(&s, 0, 2, 40002, false, &index);
	CHECK(index == 50003, "index %llu", (unsigned long long)index);
	CHECK(ksrtp_numbers_back(&s.numbers, &s.window, 50002) == 40001, "the one missing");
	CHECK(ksrtp_numbers_back(&s.numbers, &s.window, 49999) == 49999, "one from before");
	/* The receiver's cycles go on, whatever it began with. */
	CHECK(ksrtp_numbers_back(&s.numbers, &s.window, ROC(4) + 50003) == ROC(4) + 40002,
	      "extended");
	send(&s, 0, 2, 60000, false, &index);
	CHECK(index == ROC(1) + 4465, "index %llu", (unsigned long long)index);
	CHECK(ksrtp_numbers_back(&s.numbers, &s.window, ROC(1) + 4465) == 60000, "after a wrap");
	/* To a shift below 0: extended numbers do not go below 0 with it. */
	send(&s, 0, 3, 30000, false, &index);
	CHECK(index == ROC(1) + 4466, "index %llu", (unsigned long long)index);
	CHECK(ksrtp_numbers_back(&s.numbers, &s.window, 4466) == 30000, "shifted down");
	CHECK((u16)ksrtp_numbers_back(&s.numbers, &s.window, 4465) == 60000, "the one before");
	tap_end("S3", "numbers: what receivers report is what the source sent");
}

/* A source, and a receiver that loses some of what leaves. */
static void anything(void)
{
	unsigned int i, anew = 0, sent = 0;
	uint64_t seed = 3;
	u64 source = 1, rx = 77, before = 0, heard = KSRTP_INDEX_NONE;
	struct stream s;

	stream_init(&s);
	for (i = 0; i < 400000; i++) {
		u64 index, guess, at = rx;
		u32 what = (u32)random_below(&seed, 1000);

		if (!what) {
			/* A new context: it goes on, or anywhere, with a counter from 0. */
			before = rx;
			source++;
			rx = random_below(&seed, 2) ? (u16)(rx + 1) : random_below(&seed, 65536);
			at = rx;
			anew++;
		} else if (what < 100 && rx > 40) {
			at = rx - random_below(&seed, 40);
		} else {
			rx += 1 + random_below(&seed, 3);
			at = rx;
		}
		if (what == 999 && before)
			send(&s, 0, source - 1, before + random_below(&seed, 10), false, &index);
		if (send(&s, 0, source, at, false, &index) != NEW)
			continue;
		sent++;
		CHECK(at != rx || index == s.window.highest, "the latest one left behind others");
		if (at == rx)
			CHECK((u16)ksrtp_numbers_back(&s.numbers, &s.window, (u16)index) == (u16)at,
			      "reported wrong");
		/* Up to 40 in a row are lost. */
		if (random_below(&seed, 4) && i % 64)
			continue;
		CHECK(ksrtp_index_estimate(heard, 0, (u16)index, &guess) == 0 && guess == index,
		      "packet %u: the receiver, at %llu, takes %llu for %llu", i,
		      (unsigned long long)heard, (unsigned long long)index, (unsigned long long)guess);
		if (heard == KSRTP_INDEX_NONE || index > heard)
			heard = index;
	}
	CHECK(anew > 200 && sent > 300000, "%u contexts, %u sent", anew, sent);
	tap_end("D2,S3", "numbers: 400000 packets, %u contexts: no index twice, every receiver follows",
		anew);
}

void test_numbers(void)
{
	protected_sources();
	plain_sources();
	reports();
	anything();
}
