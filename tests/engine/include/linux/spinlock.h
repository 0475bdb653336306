/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_SPINLOCK_H
#define KSRTP_ENGINE_LINUX_SPINLOCK_H

#include <linux/types.h>

typedef struct { bool held; } spinlock_t;

#define spin_lock_init(l)	((void)((l)->held = false))
#define lockdep_assert_held(l)	BUG_ON(!(l)->held)
#define lockdep_is_held(l)	((l)->held)

/* Every lock is taken in softirq too, so in process context only by the _bh variant. */
static inline void spin_lock(spinlock_t *l)
{
	BUG_ON(!engine_context.softirq || l->held);
	l->held = true;
}

static inline void spin_unlock(spinlock_t *l)
{
	BUG_ON(!engine_context.softirq || !l->held);
	l->held = false;
}

static inline void spin_lock_bh(spinlock_t *l)
{
	BUG_ON(engine_context.softirq || l->held);
	l->held = true;
}

static inline void spin_unlock_bh(spinlock_t *l)
{
	BUG_ON(engine_context.softirq || !l->held);
	l->held = false;
}

#endif /* KSRTP_ENGINE_LINUX_SPINLOCK_H */
