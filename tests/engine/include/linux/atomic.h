/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_ATOMIC_H
#define KSRTP_ENGINE_LINUX_ATOMIC_H

#include <linux/types.h>

#define ATOMIC64_INIT(n) { n }

static inline s64 atomic64_add_return(s64 n, atomic64_t *v)
{
	return v->counter += n;
}

#define atomic64_inc_return(v)	atomic64_add_return(1, v)
#define atomic64_read(v)	((v)->counter)
#define atomic64_set(v, n)	((void)((v)->counter = (n)))

#define atomic_read(v)		((v)->counter)
#define atomic_inc(v)		((void)(v)->counter++)
#define atomic_dec(v)		((void)(v)->counter--)

#endif /* KSRTP_ENGINE_LINUX_ATOMIC_H */
