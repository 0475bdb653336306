/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_XARRAY_H
#define KSRTP_ENGINE_LINUX_XARRAY_H

#include <linux/slab.h>

/* Ids are given out in order and never again. */
struct xarray {
	struct xarray_slot {
		unsigned long id;
		void *entry;
	} *slots;
	size_t n, room;
};

struct xa_limit {
	u32 min, max;
};

#define XA_LIMIT(from, to)	((struct xa_limit){ .min = (from), .max = (to) })

int xa_alloc_cyclic(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit, u32 *next,
		    gfp_t gfp);
void *xa_load(const struct xarray *xa, unsigned long id);
void *xa_erase(struct xarray *xa, unsigned long id);
void xa_destroy(struct xarray *xa);
/* The entry with the smallest id that is not below *@id. */
void *engine_xa_from(const struct xarray *xa, unsigned long *id);

#define xa_for_each(xa, id, entry) \
	for ((id) = 0; ((entry) = engine_xa_from(xa, &(id))); (id)++)

#endif /* KSRTP_ENGINE_LINUX_XARRAY_H */
