/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_RCULIST_H
#define KSRTP_ENGINE_LINUX_RCULIST_H

#include <linux/list.h>
#include <linux/rcupdate.h>

#define list_add_tail_rcu(n, l)	list_add_tail(n, l)
#define list_for_each_entry_rcu(p, l, member)					\
	for ((p) = list_entry(rcu_dereference((l)->next), __typeof__(*(p)), member); \
	     &(p)->member != (l);						\
	     (p) = list_entry((p)->member.next, __typeof__(*(p)), member))
/* The kernel too wants a read-side section here. */
#define hlist_for_each_entry_rcu(p, h, member)					\
	for ((p) = hlist_entry_safe(rcu_dereference((h)->first), __typeof__(*(p)), member); (p); \
	     (p) = hlist_entry_safe((p)->member.next, __typeof__(*(p)), member))

#endif /* KSRTP_ENGINE_LINUX_RCULIST_H */
