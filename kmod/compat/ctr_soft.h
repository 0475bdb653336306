/* SPDX-License-Identifier: GPL-2.0 */
/* AES in counter mode without the FPU; see gcm_soft.h. */
#ifndef KSRTP_CTR_SOFT_H
#define KSRTP_CTR_SOFT_H

#include <linux/types.h>

#include "gcm_soft.h"

struct ksrtp_ctr_soft;

#ifdef KSRTP_HAVE_GCM_SOFT
/* Process context; NULL: no memory. */
struct ksrtp_ctr_soft *ksrtp_ctr_soft_alloc(const u8 *key, size_t len);
void ksrtp_ctr_soft_free(struct ksrtp_ctr_soft *soft);
void ksrtp_ctr_soft_crypt(const struct ksrtp_ctr_soft *soft, const u8 iv[16], u8 *data, u32 len);
#else
static inline struct ksrtp_ctr_soft *ksrtp_ctr_soft_alloc(const u8 *key, size_t len)
{
	return NULL;
}

static inline void ksrtp_ctr_soft_free(struct ksrtp_ctr_soft *soft) { }

static inline void ksrtp_ctr_soft_crypt(const struct ksrtp_ctr_soft *soft, const u8 iv[16],
					u8 *data, u32 len) { }
#endif

#endif /* KSRTP_CTR_SOFT_H */
