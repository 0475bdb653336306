/* SPDX-License-Identifier: GPL-2.0 */
/* What the crypto engines of all suites share, per CPU. */
#ifndef KSRTP_ENGINE_H
#define KSRTP_ENGINE_H

#include <linux/types.h>

int ksrtp_engine_init(void);
void ksrtp_engine_uninit(void);

/*
 * Softirq: may an accelerated driver that does not ask for itself use the FPU now?
 * False is counted: the caller takes its way without.
 */
bool ksrtp_engine_fpu(void);
/* Operations that went without the FPU. */
u64 ksrtp_engine_without_fpu(void);

/* This CPU's buffer for a packet that is tried with more than one key. */
#define KSRTP_SCRATCH_LEN	9216
u8 *ksrtp_engine_scratch(void);

/* Its buffer for a part of a key stream. */
#define KSRTP_KEYSTREAM_LEN	512
u8 *ksrtp_engine_keystream(void);

#endif /* KSRTP_ENGINE_H */
