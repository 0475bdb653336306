/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The engine between ends that are libsrtp2: one protects, the engine receives and
 * forwards, others unprotect; and for each packet that arrives a libsrtp2 session judges
 * too. DIFFERENCES.md says where the two may disagree.
 */
#ifndef KSRTP_ENGINE_DIFFERENTIAL_H
#define KSRTP_ENGINE_DIFFERENTIAL_H

#include <stddef.h>
#include <stdint.h>

struct differential {
	/* what happened, added up over the runs */
	unsigned long packets;		/* that arrived */
	unsigned long accepted, refused; /* by both */
	unsigned long corrupted, replays, rtcp, rekeys, plain;
	unsigned long copies;		/* forwarded and unprotected */
	unsigned long elements;		/* accepted, with encrypted header extension elements */
	unsigned long late, duplicate, jumps; /* copies refused as tx_late, tx_dup, tx_jump */
	unsigned long lost;		/* copies after a gap that no receiver can follow */
	/* differences of DIFFERENCES.md */
	unsigned long late_start, below_zero, padding;
	unsigned long unjudged;		/* after one of the first two, in that stream */
	/* why the run ended early; empty: it did not */
	char error[256];
};

/* @data decides what happens: the same octets, the same run. */
void differential_run(struct differential *d, const uint8_t *data, size_t size);

#endif /* KSRTP_ENGINE_DIFFERENTIAL_H */
