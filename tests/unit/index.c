// SPDX-License-Identifier: GPL-2.0
/* Index estimates: RFC 3711, section 3.3.1 and appendix A. */
#include "tap.h"
#include "random.h"
#include "model.h"
#include "core.h"

#define AT(roc, seq)	((u64)(roc) << 16 | (seq))
#define ROC_MAX		0xffffffffu
#define UNTOUCHED	0x5555555555555555ULL

static const struct row {
	u64 highest;
	u32 roc;	/* counts only without a highest index */
	u16 seq;
	int err;
	u64 index;
} rows[] = {
	/* no packet yet: the roll-over counter that was given */
	{ KSRTP_INDEX_NONE, 0, 0, 0, AT(0, 0) },
	{ KSRTP_INDEX_NONE, 0, 0xffff, 0, AT(0, 0xffff) },
	{ KSRTP_INDEX_NONE, 7, 0x1234, 0, AT(7, 0x1234) },
	{ KSRTP_INDEX_NONE, ROC_MAX, 0xffff, 0, AT(ROC_MAX, 0xffff) },
	/* a highest index: the counter that was given means nothing */
	{ AT(3, 100), 9, 101, 0, AT(3, 101) },
	/* lower half: same counter up to 2^15 ahead, the one before from there on */
	{ AT(3, 0), 0, 0, 0, AT(3, 0) },
	{ AT(3, 0), 0, 1, 0, AT(3, 1) },
	{ AT(3, 0), 0, 0x7fff, 0, AT(3, 0x7fff) },
	{ AT(3, 0), 0, 0x8000, 0, AT(3, 0x8000) },
	{ AT(3, 0), 0, 0x8001, 0, AT(2, 0x8001) },
	{ AT(3, 0), 0, 0xffff, 0, AT(2, 0xffff) },
	{ AT(3, 5), 0, 0x8005, 0, AT(3, 0x8005) },
	{ AT(3, 5), 0, 0x8006, 0, AT(2, 0x8006) },
	{ AT(3, 0x7fff), 0, 0, 0, AT(3, 0) },
	{ AT(3, 0x7fff), 0, 0xfffe, 0, AT(3, 0xfffe) },
	{ AT(3, 0x7fff), 0, 0xffff, 0, AT(3, 0xffff) },
	/* upper half: same counter down to 2^15 behind, the next one before that */
	{ AT(3, 0x8000), 0, 0, 0, AT(3, 0) },
	{ AT(3, 0x8000), 0, 0xffff, 0, AT(3, 0xffff) },
	{ AT(3, 0x8001), 0, 0, 0, AT(4, 0) },
	{ AT(3, 0x8001), 0, 1, 0, AT(3, 1) },
	{ AT(3, 0xffff), 0, 0, 0, AT(4, 0) },
	{ AT(3, 0xffff), 0, 0x7ffe, 0, AT(4, 0x7ffe) },
	{ AT(3, 0xffff), 0, 0x7fff, 0, AT(3, 0x7fff) },
	{ AT(3, 0xffff), 0, 0xffff, 0, AT(3, 0xffff) },
	/* no counter before 0 */
	{ AT(0, 0), 0, 0x8000, 0, AT(0, 0x8000) },
	{ AT(0, 0), 0, 0x8001, -ERANGE, 0 },
	{ AT(0, 0), 0, 0xffff, -ERANGE, 0 },
	{ AT(0, 0x7ffe), 0, 0xffff, -ERANGE, 0 },
	{ AT(0, 0x7fff), 0, 0xffff, 0, AT(0, 0xffff) },
	{ AT(0, 0xffff), 0, 0, 0, AT(1, 0) },
	{ AT(1, 0), 0, 0xffff, 0, AT(0, 0xffff) },
	/* none after 2^32 - 1 */
	{ AT(ROC_MAX, 0xffff), 0, 0, -ERANGE, 0 },
	{ AT(ROC_MAX, 0xffff), 0, 0x7ffe, -ERANGE, 0 },
	{ AT(ROC_MAX, 0xffff), 0, 0x7fff, 0, AT(ROC_MAX, 0x7fff) },
	{ AT(ROC_MAX, 0x8001), 0, 0, -ERANGE, 0 },
	{ AT(ROC_MAX, 0x8000), 0, 0, 0, AT(ROC_MAX, 0) },
	{ AT(ROC_MAX, 0), 0, 0xffff, 0, AT(ROC_MAX - 1, 0xffff) },
	{ AT(ROC_MAX - 1, 0xffff), 0, 0, 0, AT(ROC_MAX, 0) },
	/* a counter that a signed or 16-bit one would spoil */
	{ AT(0x7fffffff, 0xffff), 0, 0, 0, AT(0x80000000, 0) },
	{ AT(0xffff, 0xffff), 0, 0, 0, AT(0x10000, 0) },
};

static void table(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		u64 index = UNTOUCHED;
		int err = ksrtp_index_estimate(r->highest, r->roc, r->seq, &index);

		CHECK(err == r->err, "row %u: %d, not %d", i, err, r->err);
		CHECK(index == (r->err ? UNTOUCHED : r->index),
		      "row %u: index %llx, not %llx", i, index, r->index);
	}
	tap_end("D2", "index: %u rows, all quadrants, first and last roll-over counter", i);
}

static void compare(u64 highest, u16 seq)
{
	u64 index = UNTOUCHED, want;
	int err = ksrtp_index_estimate(highest, 0, seq, &index);

	if (model_estimate(highest, seq, &want))
		CHECK(err == 0 && index == want, "highest %llx, seq %x: %d, %llx, not %llx",
		      highest, seq, err, index, want);
	else
		CHECK(err == -ERANGE && index == UNTOUCHED, "highest %llx, seq %x: %d, %llx",
		      highest, seq, err, index);
}

static void nearest(void)
{
	static const u32 rocs[] = { 0, 1, 2, 0x7fffffff, 0x80000000, ROC_MAX - 1, ROC_MAX };
	static const u16 edges[] = {
		0, 1, 2, 0x7ffe, 0x7fff, 0x8000, 0x8001, 0x8002, 0xfffe, 0xffff,
	};
	uint64_t seed = 3711;
	unsigned int i, j, seq;

	for (i = 0; i < sizeof(rocs) / sizeof(rocs[0]); i++)
		for (j = 0; j < sizeof(edges) / sizeof(edges[0]); j++)
			for (seq = 0; seq <= 0xffff; seq++)
				compare(AT(rocs[i], edges[j]), (u16)seq);
	tap_end("D2", "index: is the nearest one for each sequence number at each edge");

	for (i = 0; i < 1000000; i++)
		compare(random_next(&seed) >> 16, (u16)random_next(&seed));
	tap_end("D2", "index: is the nearest one for a million random pairs");
}

/* The loss and reordering at a wrap that other implementations got wrong. */
static void sequence(void)
{
	static const u16 in[] = { 65533, 65535, 0, 1, 65534, 2 };
	static const u64 out[] = { 65533, 65535, 65536, 65537, 65534, 65538 };
	u64 highest = KSRTP_INDEX_NONE, index;
	unsigned int i;

	for (i = 0; i < sizeof(in) / sizeof(in[0]); i++) {
		CHECK(ksrtp_index_estimate(highest, 0, in[i], &index) == 0, "seq %u", in[i]);
		CHECK(index == out[i], "seq %u: %llu, not %llu", in[i], index, out[i]);
		if (highest == KSRTP_INDEX_NONE || index > highest)
			highest = index;
	}
	tap_end("D2", "index: 65533 65535 0 1 65534 2 rolls over once");
}

void test_index(void)
{
	table();
	nearest();
	sequence();
}
