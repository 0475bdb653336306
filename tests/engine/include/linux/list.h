/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_LIST_H
#define KSRTP_ENGINE_LINUX_LIST_H

#include <linux/types.h>

static inline void INIT_LIST_HEAD(struct list_head *l)
{
	l->next = l;
	l->prev = l;
}

static inline void list_add_tail(struct list_head *n, struct list_head *l)
{
	n->prev = l->prev;
	n->next = l;
	l->prev->next = n;
	l->prev = n;
}

/* Readers may still stand on it: its next pointer stays. */
static inline void list_del_rcu(struct list_head *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
	n->prev = NULL;
}

static inline void list_del(struct list_head *n)
{
	list_del_rcu(n);
	n->next = NULL;
}

static inline void list_splice_tail_init(struct list_head *from, struct list_head *l)
{
	struct list_head *n;

	while ((n = from->next) != from) {
		list_del(n);
		list_add_tail(n, l);
	}
}

#define list_entry(p, type, member) container_of(p, type, member)
#define list_for_each_entry(p, l, member)					\
	for ((p) = list_entry((l)->next, __typeof__(*(p)), member); &(p)->member != (l); \
	     (p) = list_entry((p)->member.next, __typeof__(*(p)), member))
#define list_for_each_entry_safe(p, n, l, member)				\
	for ((p) = list_entry((l)->next, __typeof__(*(p)), member),		\
	     (n) = list_entry((p)->member.next, __typeof__(*(p)), member);	\
	     &(p)->member != (l);						\
	     (p) = (n), (n) = list_entry((n)->member.next, __typeof__(*(n)), member))

#define INIT_HLIST_HEAD(h)	((void)((h)->first = NULL))

static inline void hlist_add_head_rcu(struct hlist_node *n, struct hlist_head *h)
{
	n->next = h->first;
	n->pprev = &h->first;
	if (n->next)
		n->next->pprev = &n->next;
	h->first = n;
}

static inline void hlist_del_rcu(struct hlist_node *n)
{
	*n->pprev = n->next;
	if (n->next)
		n->next->pprev = n->pprev;
	n->pprev = NULL;
}

#define hlist_entry_safe(p, type, member) \
	({ struct hlist_node *node_ = (p); node_ ? container_of(node_, type, member) : NULL; })
#define hlist_for_each_entry_safe(p, n, h, member)				\
	for ((p) = hlist_entry_safe((h)->first, __typeof__(*(p)), member);	\
	     (p) && ({ (n) = (p)->member.next; 1; });				\
	     (p) = hlist_entry_safe(n, __typeof__(*(p)), member))

#define hlist_for_each_entry(p, h, member)					\
	for ((p) = hlist_entry_safe((h)->first, __typeof__(*(p)), member); (p);	\
	     (p) = hlist_entry_safe((p)->member.next, __typeof__(*(p)), member))

#endif /* KSRTP_ENGINE_LINUX_LIST_H */
