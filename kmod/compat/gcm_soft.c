// SPDX-License-Identifier: GPL-2.0
#include "gcm_soft.h"

#ifdef KSRTP_HAVE_GCM_SOFT

#include <crypto/aes.h>
#include <crypto/gf128mul.h>
#include <crypto/utils.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "../aead.h"

#define TAG_LEN 16

struct ksrtp_gcm_soft {
	struct crypto_aes_ctx	aes;
	be128			hash_key;	/* H = E(K, 0), NIST SP 800-38D */
};

struct ksrtp_gcm_soft *ksrtp_gcm_soft_alloc(const u8 *key, size_t len)
{
	struct ksrtp_gcm_soft *soft = kzalloc(sizeof(*soft), GFP_KERNEL_ACCOUNT);

	if (!soft)
		return NULL;
	if (aes_expandkey(&soft->aes, key, len)) {
		kfree_sensitive(soft);
		return NULL;
	}
	aes_encrypt(&soft->aes, (u8 *)&soft->hash_key, (u8 *)&soft->hash_key);
	return soft;
}

void ksrtp_gcm_soft_free(struct ksrtp_gcm_soft *soft)
{
	kfree_sensitive(soft);
}

struct ghash {
	be128	sum;
	u8	part[AES_BLOCK_SIZE];
	u32	fill;
};

static void ghash_block(struct ghash *g, const be128 *hash_key)
{
	crypto_xor((u8 *)&g->sum, g->part, AES_BLOCK_SIZE);
	gf128mul_lle(&g->sum, hash_key);
	memset(g->part, 0, AES_BLOCK_SIZE);
	g->fill = 0;
}

static void ghash_update(struct ghash *g, const be128 *hash_key, const u8 *data, u32 len)
{
	while (len) {
		u32 n = min_t(u32, len, AES_BLOCK_SIZE - g->fill);

		memcpy(g->part + g->fill, data, n);
		g->fill += n;
		data += n;
		len -= n;
		if (g->fill == AES_BLOCK_SIZE)
			ghash_block(g, hash_key);
	}
}

static void ghash_pad(struct ghash *g, const be128 *hash_key)
{
	if (g->fill)
		ghash_block(g, hash_key);
}

/* The tag over associated data and ciphertext. */
static void compute_tag(const struct ksrtp_gcm_soft *soft, const struct ksrtp_aead_op *op,
			u8 tag[TAG_LEN])
{
	u32 word_len = op->word ? 4 : 0;
	struct ghash g = {};
	u8 block[AES_BLOCK_SIZE];

	ghash_update(&g, &soft->hash_key, op->aad, op->aad_len);
	ghash_update(&g, &soft->hash_key, op->word, word_len);
	ghash_pad(&g, &soft->hash_key);
	ghash_update(&g, &soft->hash_key, op->body, op->body_len);
	ghash_pad(&g, &soft->hash_key);
	put_unaligned_be64((u64)(op->aad_len + word_len) * 8, block);
	put_unaligned_be64((u64)op->body_len * 8, block + 8);
	ghash_update(&g, &soft->hash_key, block, AES_BLOCK_SIZE);

	memcpy(block, op->iv, 12);
	put_unaligned_be32(1, block + 12);
	aes_encrypt(&soft->aes, block, block);
	crypto_xor_cpy(tag, (u8 *)&g.sum, block, TAG_LEN);
	memzero_explicit(block, sizeof(block));
}

static void ctr_crypt(const struct ksrtp_gcm_soft *soft, const struct ksrtp_aead_op *op)
{
	u8 block[AES_BLOCK_SIZE], stream[AES_BLOCK_SIZE];
	u32 counter = 2, at;

	memcpy(block, op->iv, 12);
	for (at = 0; at < op->body_len; at += AES_BLOCK_SIZE) {
		put_unaligned_be32(counter++, block + 12);
		aes_encrypt(&soft->aes, stream, block);
		crypto_xor(op->body + at, stream,
			   min_t(u32, op->body_len - at, AES_BLOCK_SIZE));
	}
	memzero_explicit(stream, sizeof(stream));
}

void ksrtp_gcm_soft_seal(const struct ksrtp_gcm_soft *soft, const struct ksrtp_aead_op *op)
{
	ctr_crypt(soft, op);
	compute_tag(soft, op, op->body + op->body_len);
}

int ksrtp_gcm_soft_open(const struct ksrtp_gcm_soft *soft, const struct ksrtp_aead_op *op)
{
	u8 tag[TAG_LEN];

	compute_tag(soft, op, tag);
	if (crypto_memneq(tag, op->body + op->body_len, TAG_LEN))
		return -EBADMSG;
	ctr_crypt(soft, op);
	return 0;
}

#endif /* KSRTP_HAVE_GCM_SOFT */
