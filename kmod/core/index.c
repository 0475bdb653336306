// SPDX-License-Identifier: GPL-2.0
/* Which 48-bit index does a 16-bit sequence number mean? RFC 3711, appendix A. */
#include "internal.h"
#include "index.h"

#define SEQ_HALF	0x8000	/* half the sequence number space */

int ksrtp_index_estimate(u64 highest, u32 roc, u16 seq, u64 *index)
{
	u64 v = roc;
	u16 s_l;

	if (highest == KSRTP_INDEX_NONE)
		goto out;

	/*
	 * The roll-over counter counts in 64 bits here. The RFC takes it modulo
	 * 2^32, but an index beyond either end belongs to another key: a wrapped
	 * one would name a nonce that was used already.
	 */
	v = highest >> 16;
	s_l = (u16)highest;
	if (s_l < SEQ_HALF) {
		if (seq > s_l + SEQ_HALF) {
			if (v == 0)
				return -ERANGE;
			v--;
		}
	} else if (s_l - SEQ_HALF > seq) {
		if (v == 0xffffffff)
			return -ERANGE;
		v++;
	}
out:
	*index = v << 16 | seq;
	return 0;
}
