/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_WORKQUEUE_H
#define KSRTP_ENGINE_LINUX_WORKQUEUE_H

#include <linux/types.h>

struct work_struct {
	void (*func)(struct work_struct *work);
	struct work_struct *next;
	bool pending;
};

struct rcu_work {
	struct work_struct work;
};

struct delayed_work {
	struct work_struct work;
};

#define INIT_WORK(w, f)		((void)((w)->func = (f), (w)->pending = false))
#define INIT_RCU_WORK(w, f)	INIT_WORK(&(w)->work, f)
#define to_rcu_work(w)		container_of(w, struct rcu_work, work)

/* They run in engine_settle(), which is process context and a grace period. */
void engine_work_later(struct work_struct *work);
void engine_work_cancel(struct work_struct *work);
#define queue_work(wq, w)	((void)(wq), engine_work_later(w))
#define queue_rcu_work(wq, w)	((void)(wq), engine_work_later(&(w)->work))
#define cancel_work_sync(w)	engine_work_cancel(w)

#endif /* KSRTP_ENGINE_LINUX_WORKQUEUE_H */
