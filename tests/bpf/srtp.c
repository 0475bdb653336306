// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "srtp.h"

static void must(int ok)
{
	if (ok)
		return;
	fprintf(stderr, "OpenSSL failed\n");
	abort();
}

struct piece {
	const uint8_t *octets;
	size_t len;
};

/* AES-GCM over @body into @out, followed by the tag. */
static void seal(const uint8_t *key, size_t key_len, const uint8_t *iv, const struct piece *aad,
		 int aads, const struct piece *body, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n, i;

	must(ctx && EVP_EncryptInit_ex(ctx, key_len == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm(),
				       NULL, key, iv));
	for (i = 0; i < aads; i++)
		must(EVP_EncryptUpdate(ctx, NULL, &n, aad[i].octets, (int)aad[i].len));
	if (body->len)
		must(EVP_EncryptUpdate(ctx, out, &n, body->octets, (int)body->len));
	must(EVP_EncryptFinal_ex(ctx, out + body->len, &n));
	must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, SRTP_TAG, out + body->len));
	EVP_CIPHER_CTX_free(ctx);
}

static void put(uint8_t *p, uint64_t v, int octets)
{
	while (octets--) {
		p[octets] = (uint8_t)v;
		v >>= 8;
	}
}

/* RFC 7714, section 8.1: 00 00, SSRC, roll-over counter, sequence number, xor salt. */
static void make_iv(uint8_t *iv, const uint8_t *salt, const uint8_t *ssrc, uint64_t index)
{
	int i;

	memset(iv, 0, 12);
	memcpy(iv + 2, ssrc, 4);
	put(iv + 6, index, 6);
	for (i = 0; i < 12; i++)
		iv[i] ^= salt[i];
}

size_t srtp_rtp(const struct srtp_keys *keys, uint64_t index, const uint8_t *rtp, size_t len,
		uint8_t *out)
{
	size_t head = 12 + (rtp[0] & 15) * 4u;
	struct piece aad, body;
	uint8_t iv[12];

	if (rtp[0] & 0x10)
		head += 4 + (rtp[head + 2] * 256u + rtp[head + 3]) * 4u;
	memcpy(out, rtp, len);
	if (!keys->len)
		return len;
	aad = (struct piece){ rtp, head };
	body = (struct piece){ rtp + head, len - head };
	make_iv(iv, keys->salt, rtp + 8, index);
	seal(keys->key, keys->len, iv, &aad, 1, &body, out + head);
	return len + SRTP_TAG;
}

size_t srtp_rtcp(const struct srtp_keys *keys, uint32_t index, int encrypt, const uint8_t *rtcp,
		 size_t len, uint8_t *out)
{
	size_t clear = encrypt ? 8 : len;
	struct piece aad[2], body;
	uint8_t iv[12], word[4];

	memcpy(out, rtcp, len);
	if (!keys->len)
		return len;
	put(word, index | (encrypt ? 0x80000000u : 0), 4);
	aad[0] = (struct piece){ rtcp, clear };
	aad[1] = (struct piece){ word, sizeof(word) };
	body = (struct piece){ rtcp + clear, len - clear };
	/* Section 9.1: 00 00, SSRC, 00 00, 31-bit index. */
	make_iv(iv, keys->rtcp_salt, rtcp + 4, index);
	seal(keys->rtcp_key, keys->len, iv, aad, 2, &body, out + clear);
	memcpy(out + len + SRTP_TAG, word, 4);
	return len + SRTP_TAG + 4;
}
