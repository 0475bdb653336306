/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SRTP as the module does it, with its parsers, nonces and key derivation, and
 * with OpenSSL's AES in the place of the kernel's. One direction, one SSRC.
 */
#ifndef KSRTP_TEST_SRTP_H
#define KSRTP_TEST_SRTP_H

#include <stdbool.h>
#include <stddef.h>
#include <openssl/evp.h>
#include <ksrtp/wire.h>
#include "core/iv.h"
#include "core/kdf.h"
#include "core/packet.h"

#define GCM_TAG_LEN	16
#define MAX_MKI_LEN	8

struct gcm_key {
	u8 key[32];
	u8 salt[KSRTP_GCM_IV_LEN];
	size_t len;	/* 16 or 32 */
};

/* A master key's session keys, and the MKI that packets under it carry. */
struct gcm_keys {
	struct gcm_key rtp, rtcp;
	u8 mki[MAX_MKI_LEN];
	size_t mki_len;
};

static inline const EVP_CIPHER *gcm_cipher(size_t key_len)
{
	return key_len == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
}

/* In place; the tag comes right after @text. */
static inline bool gcm_seal(const struct gcm_key *k, const u8 *iv, const u8 *aad, size_t aad_len,
			    const u8 *more, size_t more_len, u8 *text, size_t len, u8 *tag)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	u8 none[16];
	int n;
	bool ok = c && EVP_EncryptInit_ex(c, gcm_cipher(k->len), NULL, k->key, iv) &&
		  EVP_EncryptUpdate(c, NULL, &n, aad, (int)aad_len) &&
		  (!more_len || EVP_EncryptUpdate(c, NULL, &n, more, (int)more_len)) &&
		  (!len || EVP_EncryptUpdate(c, text, &n, text, (int)len)) &&
		  EVP_EncryptFinal_ex(c, none, &n) &&
		  EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, GCM_TAG_LEN, tag);

	EVP_CIPHER_CTX_free(c);
	return ok;
}

static inline bool gcm_open(const struct gcm_key *k, const u8 *iv, const u8 *aad, size_t aad_len,
			    const u8 *more, size_t more_len, u8 *text, size_t len, const u8 *tag)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	u8 none[16];
	int n;
	bool ok = c && EVP_DecryptInit_ex(c, gcm_cipher(k->len), NULL, k->key, iv) &&
		  EVP_DecryptUpdate(c, NULL, &n, aad, (int)aad_len) &&
		  (!more_len || EVP_DecryptUpdate(c, NULL, &n, more, (int)more_len)) &&
		  (!len || EVP_DecryptUpdate(c, text, &n, text, (int)len)) &&
		  EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, GCM_TAG_LEN, (void *)tag) &&
		  EVP_DecryptFinal_ex(c, none, &n);

	EVP_CIPHER_CTX_free(c);
	return ok;
}

/* Returns the length with tag and MKI, or 0. @p has room for them. */
static inline size_t rtp_protect(const struct gcm_keys *k, u64 index, u8 *p, size_t len)
{
	u8 iv[KSRTP_GCM_IV_LEN];
	struct ksrtp_rtp rtp;

	if (ksrtp_rtp_parse(p, len, 0, &rtp))
		return 0;
	ksrtp_gcm_iv_rtp(iv, k->rtp.salt, rtp.ssrc, index);
	if (!gcm_seal(&k->rtp, iv, p, rtp.hdr_len, NULL, 0, p + rtp.hdr_len, rtp.body_len, p + len))
		return 0;
	memcpy(p + len + GCM_TAG_LEN, k->mki, k->mki_len);
	return len + GCM_TAG_LEN + k->mki_len;
}

/* Returns the length of the plain packet, or 0. */
static inline size_t rtp_unprotect(const struct gcm_keys *k, u64 index, u8 *p, size_t len)
{
	u8 iv[KSRTP_GCM_IV_LEN];
	struct ksrtp_rtp rtp;
	size_t plain;

	if (ksrtp_rtp_parse(p, len, GCM_TAG_LEN + k->mki_len, &rtp))
		return 0;
	plain = (size_t)rtp.hdr_len + rtp.body_len;
	ksrtp_gcm_iv_rtp(iv, k->rtp.salt, rtp.ssrc, index);
	if (!gcm_open(&k->rtp, iv, p, rtp.hdr_len, NULL, 0, p + rtp.hdr_len, rtp.body_len, p + plain) ||
	    memcmp(p + plain + GCM_TAG_LEN, k->mki, k->mki_len))
		return 0;
	return plain;
}

/* @word: index, with the E bit where the packet shall be encrypted. */
static inline size_t rtcp_protect(const struct gcm_keys *k, u32 word, u8 *p, size_t len)
{
	size_t aad = word & KSRTP_SRTCP_E_BIT ? KSRTP_RTCP_HDR_LEN : len;
	u8 iv[KSRTP_GCM_IV_LEN], be[KSRTP_SRTCP_WORD_LEN];

	if (len < KSRTP_RTCP_HDR_LEN)
		return 0;
	put_unaligned_be32(word, be);
	ksrtp_gcm_iv_rtcp(iv, k->rtcp.salt, get_unaligned_be32(p + KSRTP_RTCP_SSRC_OFF),
			  word & KSRTP_SRTCP_INDEX_MASK);
	if (!gcm_seal(&k->rtcp, iv, p, aad, be, sizeof(be), p + aad, len - aad, p + len))
		return 0;
	memcpy(p + len + GCM_TAG_LEN, be, sizeof(be));
	memcpy(p + len + GCM_TAG_LEN + sizeof(be), k->mki, k->mki_len);
	return len + GCM_TAG_LEN + sizeof(be) + k->mki_len;
}

static inline size_t rtcp_unprotect(const struct gcm_keys *k, u32 *word, u8 *p, size_t len)
{
	u8 iv[KSRTP_GCM_IV_LEN], be[KSRTP_SRTCP_WORD_LEN];
	struct ksrtp_rtcp rtcp;
	size_t plain, aad;

	if (ksrtp_srtcp_parse(p, len, GCM_TAG_LEN, k->mki_len, true, &rtcp))
		return 0;
	plain = KSRTP_RTCP_HDR_LEN + (size_t)rtcp.body_len;
	aad = rtcp.word & KSRTP_SRTCP_E_BIT ? KSRTP_RTCP_HDR_LEN : plain;
	put_unaligned_be32(rtcp.word, be);
	ksrtp_gcm_iv_rtcp(iv, k->rtcp.salt, rtcp.ssrc, rtcp.word & KSRTP_SRTCP_INDEX_MASK);
	if (!gcm_open(&k->rtcp, iv, p, aad, be, sizeof(be), p + aad, plain - aad, p + plain) ||
	    memcmp(p + len - k->mki_len, k->mki, k->mki_len))
		return 0;
	*word = rtcp.word;
	return plain;
}

static inline int aes_block(void *cipher, const u8 in[16], u8 out[16])
{
	int n;

	return EVP_EncryptUpdate(cipher, out, &n, in, 16) && n == 16 ? 0 : -EIO;
}

/* ksrtp_kdf() with OpenSSL's AES under @key of 16, 24 or 32 octets. */
static inline int derive(const u8 *key, size_t key_len, const u8 *salt, size_t salt_len,
			 u8 label, u8 *out, size_t len)
{
	const EVP_CIPHER *ecb = key_len == 16 ? EVP_aes_128_ecb() :
				key_len == 24 ? EVP_aes_192_ecb() : EVP_aes_256_ecb();
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int err = -ENOMEM;

	if (c && EVP_EncryptInit_ex(c, ecb, NULL, key, NULL) && EVP_CIPHER_CTX_set_padding(c, 0))
		err = ksrtp_kdf(aes_block, c, salt, salt_len, label, out, len);
	EVP_CIPHER_CTX_free(c);
	return err;
}

/* Session keys from a master key and a master salt of 12 octets. */
static inline bool gcm_keys_derive(struct gcm_keys *k, const u8 *key, size_t len, const u8 *salt)
{
	memset(k, 0, sizeof(*k));
	k->rtp.len = len;
	k->rtcp.len = len;
	return !derive(key, len, salt, 12, KSRTP_LABEL_SRTP_KEY, k->rtp.key, len) &&
	       !derive(key, len, salt, 12, KSRTP_LABEL_SRTP_SALT, k->rtp.salt, 12) &&
	       !derive(key, len, salt, 12, KSRTP_LABEL_SRTCP_KEY, k->rtcp.key, len) &&
	       !derive(key, len, salt, 12, KSRTP_LABEL_SRTCP_SALT, k->rtcp.salt, 12);
}

#endif /* KSRTP_TEST_SRTP_H */
