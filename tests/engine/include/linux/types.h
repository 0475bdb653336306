/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_TYPES_H
#define KSRTP_ENGINE_LINUX_TYPES_H

#include_next <linux/types.h>
#include "../base.h"

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

struct rcu_head {
	struct rcu_head *next;
	void *object;
};

#endif /* KSRTP_ENGINE_LINUX_TYPES_H */
