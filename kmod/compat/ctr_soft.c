// SPDX-License-Identifier: GPL-2.0
#include "ctr_soft.h"

#ifdef KSRTP_HAVE_GCM_SOFT

#include <crypto/aes.h>
#include <crypto/algapi.h>
#include <linux/slab.h>
#include <linux/string.h>

struct ksrtp_ctr_soft {
	struct crypto_aes_ctx aes;
};

struct ksrtp_ctr_soft *ksrtp_ctr_soft_alloc(const u8 *key, size_t len)
{
	struct ksrtp_ctr_soft *soft = kzalloc(sizeof(*soft), GFP_KERNEL_ACCOUNT);

	if (!soft)
		return NULL;
	if (aes_expandkey(&soft->aes, key, len)) {
		kfree_sensitive(soft);
		return NULL;
	}
	return soft;
}

void ksrtp_ctr_soft_free(struct ksrtp_ctr_soft *soft)
{
	kfree_sensitive(soft);
}

void ksrtp_ctr_soft_crypt(const struct ksrtp_ctr_soft *soft, const u8 iv[16], u8 *data, u32 len)
{
	u8 block[AES_BLOCK_SIZE], stream[AES_BLOCK_SIZE];
	u32 at;

	memcpy(block, iv, AES_BLOCK_SIZE);
	for (at = 0; at < len; at += AES_BLOCK_SIZE) {
		aes_encrypt(&soft->aes, stream, block);
		crypto_inc(block, AES_BLOCK_SIZE);
		crypto_xor(data + at, stream, min_t(u32, len - at, AES_BLOCK_SIZE));
	}
	memzero_explicit(stream, sizeof(stream));
}

#endif /* KSRTP_HAVE_GCM_SOFT */
