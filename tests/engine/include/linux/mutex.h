/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_MUTEX_H
#define KSRTP_ENGINE_LINUX_MUTEX_H

#include <linux/spinlock.h>

struct mutex { bool held; };

static inline void mutex_lock(struct mutex *m)
{
	BUG_ON(engine_context.softirq || m->held);
	m->held = true;
}

static inline void mutex_unlock(struct mutex *m)
{
	BUG_ON(!m->held);
	m->held = false;
}

#endif /* KSRTP_ENGINE_LINUX_MUTEX_H */
