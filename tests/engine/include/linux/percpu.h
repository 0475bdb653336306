/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_PERCPU_H
#define KSRTP_ENGINE_LINUX_PERCPU_H

#include <linux/slab.h>

#define alloc_percpu_gfp(type, gfp) ((type *)kzalloc(sizeof(type), gfp))
#define free_percpu(p)		free(p)
#define per_cpu_ptr(p, cpu)	((void)(cpu), (p))
#define this_cpu_inc(v)		((void)(v)++)
#define this_cpu_add(v, n)	((void)((v) += (n)))

#endif /* KSRTP_ENGINE_LINUX_PERCPU_H */
