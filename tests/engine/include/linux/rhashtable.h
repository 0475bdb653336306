/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_RHASHTABLE_H
#define KSRTP_ENGINE_LINUX_RHASHTABLE_H

#include <linux/list.h>
#include <linux/rcupdate.h>

struct rhash_head {
	struct rhash_head *next;
};

struct rhashtable_params {
	size_t key_len, key_offset, head_offset;
	bool automatic_shrinking;
};

/* A list: the tests have few of anything. */
struct rhashtable {
	struct rhash_head *first;
	struct rhashtable_params params;
};

int rhashtable_init(struct rhashtable *t, const struct rhashtable_params *params);
void rhashtable_destroy(struct rhashtable *t);
void rhashtable_free_and_destroy(struct rhashtable *t, void (*free_one)(void *, void *), void *arg);
void *engine_hash_find(const struct rhashtable *t, const void *key);
int engine_hash_insert(struct rhashtable *t, struct rhash_head *node);
int engine_hash_insert_new(struct rhashtable *t, struct rhash_head *node);
int engine_hash_remove(struct rhashtable *t, struct rhash_head *node);

#define rhashtable_lookup(t, key, params) ((void)(params), rcu_dereference(engine_hash_find(t, key)))
#define rhashtable_lookup_fast(t, key, params) ((void)(params), engine_hash_find(t, key))
#define rhashtable_insert_fast(t, node, params) ((void)(params), engine_hash_insert(t, node))
#define rhashtable_lookup_insert_fast(t, node, params) \
	((void)(params), engine_hash_insert_new(t, node))
#define rhashtable_remove_fast(t, node, params) ((void)(params), engine_hash_remove(t, node))

#endif /* KSRTP_ENGINE_LINUX_RHASHTABLE_H */
