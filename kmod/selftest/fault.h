/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Test build: included before every file of the module. What allocates memory here fails when
 * fault.c says so, also on kernels without fault injection.
 */
#ifndef KSRTP_SELFTEST_FAULT_H
#define KSRTP_SELFTEST_FAULT_H

/* As every file has it that prints: they come after this. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/percpu.h>
#include <linux/rhashtable.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include <crypto/aead.h>
#include <crypto/hash.h>
#include <crypto/skcipher.h>
#include <net/genetlink.h>
#include <net/page_pool/helpers.h>

/* Any context. Is this the allocation that shall fail? */
bool ksrtp_alloc_fails(void);

#define KSRTP_MAY_FAIL(call, failed) (ksrtp_alloc_fails() ? (failed) : (call))

/* These are macros of the kernel's own already. */
static inline void *ksrtp_kmalloc(size_t size, gfp_t flags)
{
	return kmalloc(size, flags);
}

static inline void *ksrtp_kzalloc(size_t size, gfp_t flags)
{
	return kzalloc(size, flags);
}

static inline void __percpu *ksrtp_alloc_percpu(size_t size, size_t align, gfp_t flags)
{
	return __alloc_percpu_gfp(size, align, flags);
}

#undef kmalloc
#undef kzalloc
#undef alloc_percpu_gfp
#define kmalloc(size, flags) KSRTP_MAY_FAIL(ksrtp_kmalloc(size, flags), NULL)
#define kzalloc(size, flags) KSRTP_MAY_FAIL(ksrtp_kzalloc(size, flags), NULL)
#define alloc_percpu_gfp(type, flags) \
	((type __percpu *)KSRTP_MAY_FAIL(ksrtp_alloc_percpu(sizeof(type), __alignof__(type), flags), \
					 (void __percpu *)NULL))

#define genlmsg_new(size, flags) KSRTP_MAY_FAIL(genlmsg_new(size, flags), NULL)
#define skb_copy_expand(...) KSRTP_MAY_FAIL(skb_copy_expand(__VA_ARGS__), NULL)
#define pskb_expand_head(...) KSRTP_MAY_FAIL(pskb_expand_head(__VA_ARGS__), -ENOMEM)
#define page_pool_dev_alloc_pages(pool) KSRTP_MAY_FAIL(page_pool_dev_alloc_pages(pool), NULL)
#define xa_alloc_cyclic(...) KSRTP_MAY_FAIL(xa_alloc_cyclic(__VA_ARGS__), -ENOMEM)
#define rhashtable_insert_fast(...) KSRTP_MAY_FAIL(rhashtable_insert_fast(__VA_ARGS__), -ENOMEM)
#define crypto_alloc_aead(...) KSRTP_MAY_FAIL(crypto_alloc_aead(__VA_ARGS__), ERR_PTR(-ENOMEM))
#define crypto_alloc_shash(...) KSRTP_MAY_FAIL(crypto_alloc_shash(__VA_ARGS__), ERR_PTR(-ENOMEM))
#define crypto_alloc_skcipher(...) \
	KSRTP_MAY_FAIL(crypto_alloc_skcipher(__VA_ARGS__), ERR_PTR(-ENOMEM))

#endif /* KSRTP_SELFTEST_FAULT_H */
