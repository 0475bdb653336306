/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_RCUPDATE_H
#define KSRTP_ENGINE_LINUX_RCUPDATE_H

#include <linux/types.h>

#define rcu_read_lock()		((void)engine_context.rcu++)
#define rcu_read_unlock()	((void)engine_context.rcu--)

#define rcu_dereference(p)	({ BUG_ON(!engine_context.rcu); (p); })
#define rcu_dereference_protected(p, cond) ({ BUG_ON(!(cond)); (p); })
#define rcu_access_pointer(p)	(p)
#define rcu_assign_pointer(p, v) ((void)((p) = (v)))
#define RCU_INIT_POINTER(p, v)	((void)((p) = (v)))

#define rcu_replace_pointer(p, v, cond) ({		\
	__typeof__(p) old_ = (p);			\
	BUG_ON(!(cond));				\
	(p) = (v);					\
	old_;						\
})

/* Freed by engine_settle(), which is a grace period. */
void engine_free_later(struct rcu_head *head, void *object);
#define kfree_rcu(p, member)	engine_free_later(&(p)->member, p)

#endif /* KSRTP_ENGINE_LINUX_RCUPDATE_H */
