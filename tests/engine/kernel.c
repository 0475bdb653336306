// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's part of the stand-ins: memory, work, lookup tables, random numbers. And
 * of the module what has to do with sockets and netlink: a leg's "socket" is a number,
 * and events are kept for the test to read.
 */
#include <malloc.h>
#include <openssl/evp.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include "event.h"
#include "leg.h"
#include "net.h"
#include "nexthop.h"
#include "socket.h"
#include "unit/random.h"
#include "kernel.h"

struct engine_context engine_context;
int (*engine_attach)(struct ksrtp_port *port);
struct engine_event engine_events[ENGINE_EVENTS];
unsigned int engine_event_count;
uint64_t engine_seed = 1;

/* As the kernel begins on 64 bits, five minutes before its lower half wraps. */
#define JIFFIES_FIRST	((unsigned long)(unsigned int)(-300 * HZ))
unsigned long jiffies = JIFFIES_FIRST;

u64 engine_ns = 300 * NSEC_PER_SEC;

unsigned int ksrtp_net_id;
struct workqueue_struct *ksrtp_wq;

static struct rcu_head *free_list;
static struct work_struct *work_list;

void *engine_alloc(size_t size)
{
	void *p;

	BUG_ON(engine_context.softirq);
	p = calloc(1, size);
	BUG_ON(!p);
	return p;
}

void engine_free_sensitive(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

void engine_free_later(struct rcu_head *head, void *object)
{
	head->object = object;
	head->next = free_list;
	free_list = head;
}

void engine_work_later(struct work_struct *work)
{
	struct work_struct **p = &work_list;

	if (work->pending)
		return;
	work->pending = true;
	work->next = NULL;
	while (*p)
		p = &(*p)->next;
	*p = work;
}

void engine_work_cancel(struct work_struct *work)
{
	struct work_struct **p;

	for (p = &work_list; *p; p = &(*p)->next) {
		if (*p == work) {
			*p = work->next;
			break;
		}
	}
	work->pending = false;
}

void engine_settle(void)
{
	struct work_struct *work;
	struct rcu_head *head;

	BUG_ON(engine_context.softirq || engine_context.rcu);
	while ((work = work_list)) {
		work_list = work->next;
		work->pending = false;
		work->func(work);
	}
	while ((head = free_list)) {
		free_list = head->next;
		free(head->object);
	}
}

/* -- lookup tables */

static const u8 *hash_key(const struct rhashtable *t, const struct rhash_head *node)
{
	return (const u8 *)node - t->params.head_offset + t->params.key_offset;
}

int rhashtable_init(struct rhashtable *t, const struct rhashtable_params *params)
{
	t->first = NULL;
	t->params = *params;
	return 0;
}

void rhashtable_destroy(struct rhashtable *t)
{
	BUG_ON(t->first);
}

void rhashtable_free_and_destroy(struct rhashtable *t, void (*free_one)(void *, void *), void *arg)
{
	struct rhash_head *node;

	while ((node = t->first)) {
		t->first = node->next;
		free_one((u8 *)node - t->params.head_offset, arg);
	}
}

void *engine_hash_find(const struct rhashtable *t, const void *key)
{
	struct rhash_head *node;

	for (node = t->first; node; node = node->next)
		if (!memcmp(hash_key(t, node), key, t->params.key_len))
			return (u8 *)node - t->params.head_offset;
	return NULL;
}

int engine_hash_insert(struct rhashtable *t, struct rhash_head *node)
{
	node->next = t->first;
	t->first = node;
	return 0;
}

int engine_hash_insert_new(struct rhashtable *t, struct rhash_head *node)
{
	if (engine_hash_find(t, hash_key(t, node)))
		return -EEXIST;
	return engine_hash_insert(t, node);
}

int engine_hash_remove(struct rhashtable *t, struct rhash_head *node)
{
	struct rhash_head **p;

	for (p = &t->first; *p; p = &(*p)->next) {
		if (*p == node) {
			*p = node->next;
			return 0;
		}
	}
	return -ENOENT;
}

int xa_alloc_cyclic(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit, u32 *next,
		    gfp_t gfp)
{
	(void)gfp;
	if (xa->n == xa->room) {
		xa->room = xa->room ? 2 * xa->room : 16;
		xa->slots = realloc(xa->slots, xa->room * sizeof(*xa->slots));
		BUG_ON(!xa->slots);
	}
	if (*next < limit.min)
		*next = limit.min;
	*id = (*next)++;
	xa->slots[xa->n].id = *id;
	xa->slots[xa->n++].entry = entry;
	return 0;
}

void *xa_load(const struct xarray *xa, unsigned long id)
{
	size_t i;

	for (i = 0; i < xa->n; i++)
		if (xa->slots[i].id == id)
			return xa->slots[i].entry;
	return NULL;
}

void *xa_erase(struct xarray *xa, unsigned long id)
{
	void *entry = NULL;
	size_t i, n = 0;

	for (i = 0; i < xa->n; i++) {
		if (xa->slots[i].id == id)
			entry = xa->slots[i].entry;
		else
			xa->slots[n++] = xa->slots[i];
	}
	xa->n = n;
	return entry;
}

void *engine_xa_from(const struct xarray *xa, unsigned long *id)
{
	const struct xarray_slot *found = NULL;
	size_t i;

	for (i = 0; i < xa->n; i++)
		if (xa->slots[i].id >= *id && (!found || xa->slots[i].id < found->id))
			found = &xa->slots[i];
	if (!found)
		return NULL;
	*id = found->id;
	return found->entry;
}

void xa_destroy(struct xarray *xa)
{
	free(xa->slots);
	memset(xa, 0, sizeof(*xa));
}

/* -- numbers */

u32 get_random_u32(void)
{
	return (u32)random_next(&engine_seed);
}

void get_random_bytes(void *p, size_t len)
{
	random_fill(&engine_seed, p, len);
}

u64 siphash(const void *data, size_t len, const siphash_key_t *key)
{
	u8 in[sizeof(*key) + 64], out[EVP_MAX_MD_SIZE];
	u64 digest;

	BUG_ON(len > 64);
	memcpy(in, key, sizeof(*key));
	memcpy(in + sizeof(*key), data, len);
	BUG_ON(!EVP_Digest(in, sizeof(*key) + len, out, NULL, EVP_sha256(), NULL));
	memcpy(&digest, out, sizeof(digest));
	return digest;
}

/* -- of the module: sockets, next hops, netlink */

int ksrtp_socket_adopt(struct ksrtp_port *port, int fd, struct netlink_ext_ack *extack)
{
	(void)extack;
	port->family = AF_INET;
	ksrtp_addr_set_v4(&port->local, htonl(0x0a000000 | (u32)fd), htons(5004));
	return 0;
}

int ksrtp_socket_attach(struct ksrtp_port *port, struct netlink_ext_ack *extack)
{
	(void)extack;
	return engine_attach ? engine_attach(port) : 0;
}

void ksrtp_socket_detach(struct ksrtp_port *port)
{
	(void)port;
}

void ksrtp_socket_release(struct ksrtp_port *port)
{
	(void)port;
}

void ksrtp_nexthop_drop(struct ksrtp_port *port)
{
	BUG_ON(port->nexthop);
}

void ksrtp_nl_event(struct ksrtp_net *kn, const struct ksrtp_event *event)
{
	struct engine_event *e = &engine_events[engine_event_count++ % ENGINE_EVENTS];

	BUG_ON(engine_context.softirq || !kn->lock.held);
	e->cmd = event->cmd;
	e->leg_id = event->leg_id;
	e->direction = event->direction;
	e->slot = event->slot;
}
