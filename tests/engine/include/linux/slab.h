/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_SLAB_H
#define KSRTP_ENGINE_LINUX_SLAB_H

#include <linux/types.h>

#define GFP_KERNEL		1U
#define GFP_KERNEL_ACCOUNT	1U

void *engine_alloc(size_t size);
void engine_free_sensitive(void *p);

/* The packet path allocates nothing. */
#define kzalloc(size, gfp)	((void)(gfp), engine_alloc(size))
#define kfree(p)		free(p)
#define kfree_sensitive(p)	engine_free_sensitive(p)

#endif /* KSRTP_ENGINE_LINUX_SLAB_H */
