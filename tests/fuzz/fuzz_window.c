// SPDX-License-Identifier: GPL-2.0
/*
 * Index estimate and replay window against the model. The first octet gives the
 * window's size and where the indices start; then three octets are a step: how
 * to choose the next index, and a number.
 */
#include <ksrtp/wire.h>
#define MODEL_RANGE	(1u << 15)	/* small: it is cleared for each input */
#include "unit/model.h"
#include "fuzz.h"

#define MAX_SIZE	8192

static struct model model;

static void estimate(u64 highest, u16 seq)
{
	u64 index = 0, want;
	int err = ksrtp_index_estimate(highest, 0, seq, &index);

	if (model_estimate(highest, seq, &want))
		MUST(!err && index == want);
	else
		MUST(err == -ERANGE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const u64 bases[] = { 0, 0xff00, 0xfffffff0, KSRTP_INDEX_MAX - MODEL_RANGE + 1 };
	u64 ring[MAX_SIZE / 64], index;
	struct ksrtp_window w;
	enum ksrtp_seen want;
	size_t i;
	u16 n;

	if (!size)
		return 0;
	ksrtp_window_init(&w, ring, 64u << (data[0] & 7));
	model_init(&model, bases[data[0] >> 3 & 3], w.size);

	for (i = 1; i + 3 <= size; i += 3) {
		n = get_unaligned_be16(data + i + 1);
		index = model.any ? model.highest : model.base;
		switch (data[i] & 3) {
		case 0:		/* ahead */
			index += n & 0x3fff;
			break;
		case 1:		/* behind */
			index -= n & 0x3fff;
			break;
		case 2:		/* one of the window's edges */
			index += (u64)w.size - 4 + n % 8;
			break;
		default:
			index -= (u64)w.size - 4 + n % 8;
		}
		if (index - model.base >= MODEL_RANGE)
			continue;
		if (model.any)
			estimate(model.highest, (u16)index);
		want = model_check(&model, index);
		MUST(ksrtp_window_check(&w, index) == want);
		MUST(ksrtp_window_commit(&w, index) == want);
		MUST(model_commit(&model, index) == want);
		MUST(w.highest == model.highest);
	}

	/* Nothing was forgotten or marked on the way. */
	index = model.base;
	if (model.any && model.highest - index > 2 * w.size)
		index = model.highest - 2 * w.size;
	for (; model.any && index <= model.highest; index++)
		MUST(ksrtp_window_check(&w, index) == model_check(&model, index));
	return 0;
}
