/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_CORE_INDEX_H
#define KSRTP_CORE_INDEX_H

#define KSRTP_INDEX_NONE	(~0ULL)	/* no packet yet */

/*
 * ksrtp_index_estimate - the 48-bit index that @seq most likely means
 * @highest: highest index authenticated so far, or KSRTP_INDEX_NONE
 * @roc: roll-over counter to start with when there is no highest index yet
 *
 * RFC 3711, section 3.3.1 and appendix A. Returns 0, or -ERANGE where the guess
 * would need a roll-over counter of -1 or 2^32.
 */
int ksrtp_index_estimate(u64 highest, u32 roc, u16 seq, u64 *index);

#endif /* KSRTP_CORE_INDEX_H */
