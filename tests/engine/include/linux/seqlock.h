/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_SEQLOCK_H
#define KSRTP_ENGINE_LINUX_SEQLOCK_H

#include <linux/spinlock.h>

typedef struct { unsigned int seq; spinlock_t *lock; } seqcount_spinlock_t;

#define seqcount_spinlock_init(s, l) ((void)((s)->seq = 0, (s)->lock = (l)))
#define read_seqcount_begin(s)	((s)->seq)
#define read_seqcount_retry(s, n) ((s)->seq != (n))
#define write_seqcount_begin(s)	do { BUG_ON(!(s)->lock->held); (s)->seq++; } while (0)
#define write_seqcount_end(s)	((void)(s)->seq++)

#endif /* KSRTP_ENGINE_LINUX_SEQLOCK_H */
