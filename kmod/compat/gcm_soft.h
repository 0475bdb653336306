/* SPDX-License-Identifier: GPL-2.0 */
/*
 * AES-GCM without the FPU, for kernels whose accelerated driver cannot run while
 * the interrupted code owns the FPU (before 6.16). Slow, and rarely needed.
 */
#ifndef KSRTP_GCM_SOFT_H
#define KSRTP_GCM_SOFT_H

#include <linux/errno.h>
#include <linux/types.h>
#include <linux/version.h>

struct ksrtp_aead_op;
struct ksrtp_gcm_soft;

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
#define KSRTP_HAVE_GCM_SOFT 1
/* Process context; NULL: no memory. */
struct ksrtp_gcm_soft *ksrtp_gcm_soft_alloc(const u8 *key, size_t len);
void ksrtp_gcm_soft_free(struct ksrtp_gcm_soft *soft);
void ksrtp_gcm_soft_seal(const struct ksrtp_gcm_soft *soft, const struct ksrtp_aead_op *op);
/* 0 or -EBADMSG; then the body is untouched. */
int ksrtp_gcm_soft_open(const struct ksrtp_gcm_soft *soft, const struct ksrtp_aead_op *op);
#else
static inline struct ksrtp_gcm_soft *ksrtp_gcm_soft_alloc(const u8 *key, size_t len)
{
	return NULL;
}

static inline void ksrtp_gcm_soft_free(struct ksrtp_gcm_soft *soft) { }

static inline void ksrtp_gcm_soft_seal(const struct ksrtp_gcm_soft *soft,
				       const struct ksrtp_aead_op *op) { }

static inline int ksrtp_gcm_soft_open(const struct ksrtp_gcm_soft *soft,
				      const struct ksrtp_aead_op *op)
{
	return -EOPNOTSUPP;
}
#endif

#endif /* KSRTP_GCM_SOFT_H */
