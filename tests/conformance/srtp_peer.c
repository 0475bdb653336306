// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "srtp_peer.h"

/* By enum ksrtp_suite. */
static const struct {
	int key, salt, tag_rtp, tag_rtcp, gcm;
} suites[] = {
	{ 0, 0, 0, 0, 0 },
	{ 16, 12, 16, 16, 1 }, { 32, 12, 16, 16, 1 },
	{ 16, 14, 10, 10, 0 }, { 16, 14, 4, 10, 0 },
	{ 32, 14, 10, 10, 0 }, { 32, 14, 4, 10, 0 },
};

static void must(int ok)
{
	if (ok)
		return;
	fprintf(stderr, "OpenSSL failed\n");
	abort();
}

static void put(uint8_t *p, uint64_t v, int octets)
{
	while (octets--) {
		p[octets] = (uint8_t)v;
		v >>= 8;
	}
}

/* AES-CTR from the counter block @iv over @len octets, in place. */
static void aes_ctr(const uint8_t *key, int key_len, const uint8_t *iv, uint8_t *text, size_t len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;

	must(ctx && EVP_EncryptInit_ex(ctx, key_len == 16 ? EVP_aes_128_ctr() : EVP_aes_256_ctr(),
				       NULL, key, iv));
	if (len)
		must(EVP_EncryptUpdate(ctx, text, &n, text, (int)len));
	EVP_CIPHER_CTX_free(ctx);
}

void peer_derive(const struct peer_key *key, uint8_t label, uint8_t *out, size_t len)
{
	uint8_t iv[16] = { 0 };

	/* A salt of 12 octets stands where one of 14 would, two zero octets behind it. */
	memcpy(iv, key->salt, (size_t)suites[key->suite].salt);
	iv[7] ^= label;
	memset(out, 0, len);
	aes_ctr(key->master, suites[key->suite].key, iv, out, len);
}

static void xor(uint8_t *p, const uint8_t *with, int len)
{
	while (len--)
		p[len] ^= with[len];
}

/* AES-GCM over @len octets at @text, in place, and the tag behind it. */
static void gcm(const uint8_t *key, int key_len, const uint8_t *iv, const uint8_t *aad,
		size_t aad_len, const uint8_t *word, uint8_t *text, size_t len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t none[16];
	int n;

	must(ctx && EVP_EncryptInit_ex(ctx, key_len == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm(),
				       NULL, key, iv));
	must(EVP_EncryptUpdate(ctx, NULL, &n, aad, (int)aad_len));
	if (word)
		must(EVP_EncryptUpdate(ctx, NULL, &n, word, 4));
	if (len)
		must(EVP_EncryptUpdate(ctx, text, &n, text, (int)len));
	must(EVP_EncryptFinal_ex(ctx, none, &n));
	must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, 16, text + len));
	EVP_CIPHER_CTX_free(ctx);
}

/* RFC 3711, section 4.1.1: salt, SSRC and index, each at its place. */
static void cm_iv(uint8_t *iv, const uint8_t *salt, const uint8_t *ssrc, uint64_t index)
{
	memset(iv, 0, 16);
	memcpy(iv + 4, ssrc, 4);
	put(iv + 8, index, 6);
	xor(iv, salt, 14);
}

static void hmac(const uint8_t *key, const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len,
		 uint8_t *mac)
{
	uint8_t all[70000];
	unsigned int len = 20;

	memcpy(all, a, a_len);
	if (b_len)
		memcpy(all + a_len, b, b_len);
	must(HMAC(EVP_sha1(), key, 20, all, a_len + b_len, mac, &len) != NULL);
}

static size_t append(uint8_t *out, size_t len, const uint8_t *octets, size_t n)
{
	memcpy(out + len, octets, n);
	return len + n;
}

size_t peer_rtp(const struct peer_key *key, uint64_t index, const uint8_t *rtp, size_t len,
		uint8_t *out)
{
	int n = suites[key->suite].key, tag = suites[key->suite].tag_rtp;
	size_t head = 12 + (rtp[0] & 15) * 4u;
	uint8_t enc[32], salt[14], auth[20], iv[16], roc[4], mac[20];

	memcpy(out, rtp, len);
	if (!key->suite)
		return len;
	if (rtp[0] & 0x10)
		head += 4 + (rtp[head + 2] * 256u + rtp[head + 3]) * 4u;
	peer_derive(key, 0, enc, (size_t)n);
	peer_derive(key, 2, salt, (size_t)suites[key->suite].salt);
	if (suites[key->suite].gcm) {
		memset(iv, 0, 2);
		memcpy(iv + 2, rtp + 8, 4);
		put(iv + 6, index, 6);
		xor(iv, salt, 12);
		gcm(enc, n, iv, rtp, head, NULL, out + head, len - head);
		return append(out, len + 16, key->mki, key->mki_len);
	}
	peer_derive(key, 1, auth, 20);
	cm_iv(iv, salt, rtp + 8, index);
	aes_ctr(enc, n, iv, out + head, len - head);
	put(roc, index >> 16, 4);
	hmac(auth, out, len, roc, 4, mac);
	len = append(out, len, key->mki, key->mki_len);
	return append(out, len, mac, (size_t)tag);
}

size_t peer_rtcp(const struct peer_key *key, uint32_t index, int encrypt, const uint8_t *rtcp,
		 size_t len, uint8_t *out)
{
	int n = suites[key->suite].key, tag = suites[key->suite].tag_rtcp;
	uint8_t enc[32], salt[14], auth[20], iv[16], word[4], mac[20];
	size_t clear = encrypt ? 8 : len;

	memcpy(out, rtcp, len);
	if (!key->suite)
		return len;
	put(word, index | (encrypt ? 0x80000000u : 0), 4);
	peer_derive(key, 3, enc, (size_t)n);
	peer_derive(key, 5, salt, (size_t)suites[key->suite].salt);
	if (suites[key->suite].gcm) {
		memset(iv, 0, 12);
		memcpy(iv + 2, rtcp + 4, 4);
		put(iv + 8, index, 4);
		xor(iv, salt, 12);
		gcm(enc, n, iv, rtcp, clear, word, out + clear, len - clear);
		len = append(out, len + 16, word, 4);
		return append(out, len, key->mki, key->mki_len);
	}
	peer_derive(key, 4, auth, 20);
	cm_iv(iv, salt, rtcp + 4, index);
	aes_ctr(enc, n, iv, out + clear, len - clear);
	len = append(out, len, word, 4);
	hmac(auth, out, len, NULL, 0, mac);
	len = append(out, len, key->mki, key->mki_len);
	return append(out, len, mac, (size_t)tag);
}
