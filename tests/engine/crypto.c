// SPDX-License-Identifier: GPL-2.0
/* aead.h and cm.h by OpenSSL, and the watch over the nonces. */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <linux/slab.h>
#include <ksrtp/wire.h>
#include "aead.h"
#include "cm.h"
#include <engine.h>	/* the one of kmod/ */
#include "kernel.h"

#define TAG_LEN		16

unsigned int engine_cipher_fails;

static u8 scratch[KSRTP_SCRATCH_LEN], keystream[KSRTP_KEYSTREAM_LEN];

u8 *ksrtp_engine_scratch(void)
{
	return scratch;
}

u8 *ksrtp_engine_keystream(void)
{
	return keystream;
}

/* -- nonces, in a table of open addresses */

struct nonce {
	u64 key;
	u8 iv[16];
	bool used;
};

static struct nonce *nonces;
static size_t nonce_room, nonce_count;

void engine_nonces_forget(void)
{
	free(nonces);
	nonces = NULL;
	nonce_room = 0;
	nonce_count = 0;
}

size_t engine_nonces(void)
{
	return nonce_count;
}

static struct nonce *nonce_at(struct nonce *table, size_t room, const struct nonce *n)
{
	u64 h = n->key, part;
	int i;

	for (i = 0; i < 16; i += 8) {
		memcpy(&part, n->iv + i, 8);
		h = (h ^ part) * 0x9e3779b97f4a7c15;
		h ^= h >> 29;
	}
	for (;; h++) {
		struct nonce *at = &table[h & (room - 1)];

		if (!at->used || (at->key == n->key && !memcmp(at->iv, n->iv, sizeof(n->iv))))
			return at;
	}
}

static void nonces_grow(void)
{
	size_t room = nonce_room ? 2 * nonce_room : 1024, i;
	struct nonce *table = calloc(room, sizeof(*table));

	BUG_ON(!table);
	for (i = 0; i < nonce_room; i++)
		if (nonces[i].used)
			*nonce_at(table, room, &nonces[i]) = nonces[i];
	free(nonces);
	nonces = table;
	nonce_room = room;
}

static void nonce_use(u64 key, const u8 *iv, size_t iv_len)
{
	struct nonce n = { .key = key, .used = true }, *at;

	memcpy(n.iv, iv, iv_len);
	if (4 * (nonce_count + 1) > 3 * nonce_room)
		nonces_grow();
	at = nonce_at(nonces, nonce_room, &n);
	if (at->used) {
		size_t i;

		fprintf(stderr, "key %016llx: nonce used twice: ", (unsigned long long)key);
		for (i = 0; i < iv_len; i++)
			fprintf(stderr, "%02x", iv[i]);
		fprintf(stderr, "\n");
		abort();
	}
	*at = n;
	nonce_count++;
}

static u64 key_name(const u8 *key, size_t len)
{
	u8 out[SHA256_DIGEST_LENGTH];
	u64 name;

	SHA256(key, len, out);
	memcpy(&name, out, sizeof(name));
	return name;
}

static bool fails(void)
{
	if (!engine_cipher_fails)
		return false;
	engine_cipher_fails--;
	return true;
}

/* -- AES-GCM */

struct crypto_aead {
	EVP_CIPHER_CTX *ctx;
	u64 name;
};

int ksrtp_aead_init(struct ksrtp_aead *aead, const u8 *key, size_t len)
{
	BUG_ON(engine_context.softirq || (len != 16 && len != 32));
	aead->soft = NULL;
	aead->tfm = engine_alloc(sizeof(*aead->tfm));
	aead->tfm->name = key_name(key, len);
	aead->tfm->ctx = EVP_CIPHER_CTX_new();
	BUG_ON(!aead->tfm->ctx ||
	       !EVP_CipherInit_ex(aead->tfm->ctx, len == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm(),
				  NULL, key, NULL, 1));
	return 0;
}

void ksrtp_aead_uninit(struct ksrtp_aead *aead)
{
	if (!aead->tfm)
		return;
	EVP_CIPHER_CTX_free(aead->tfm->ctx);
	free(aead->tfm);
	aead->tfm = NULL;
}

static void aead_text(EVP_CIPHER_CTX *ctx, const struct ksrtp_aead_op *op, bool seal)
{
	int n;

	BUG_ON(!engine_context.softirq);
	BUG_ON(!EVP_CipherInit_ex(ctx, NULL, NULL, NULL, op->iv, seal));
	if (op->aad_len)
		BUG_ON(!EVP_CipherUpdate(ctx, NULL, &n, op->aad, (int)op->aad_len));
	if (op->word)
		BUG_ON(!EVP_CipherUpdate(ctx, NULL, &n, op->word, 4));
	if (op->body_len)
		BUG_ON(!EVP_CipherUpdate(ctx, op->body, &n, op->body, (int)op->body_len));
}

int ksrtp_aead_seal(const struct ksrtp_aead *aead, const struct ksrtp_aead_op *op)
{
	EVP_CIPHER_CTX *ctx = aead->tfm->ctx;
	u8 none[16];
	int n;

	BUG_ON(!engine_context.sending);
	nonce_use(aead->tfm->name, op->iv, sizeof(op->iv));
	if (fails())
		return -EIO;
	aead_text(ctx, op, true);
	BUG_ON(!EVP_CipherFinal_ex(ctx, none, &n));
	BUG_ON(!EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, op->body + op->body_len));
	return 0;
}

int ksrtp_aead_open(const struct ksrtp_aead *aead, const struct ksrtp_aead_op *op)
{
	EVP_CIPHER_CTX *ctx = aead->tfm->ctx;
	u8 none[16], tag[TAG_LEN];
	int n;

	BUG_ON(engine_context.sending);
	if (fails())
		return -EIO;
	memcpy(tag, op->body + op->body_len, TAG_LEN);
	aead_text(ctx, op, false);
	BUG_ON(!EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag));
	return EVP_CipherFinal_ex(ctx, none, &n) ? 0 : -EBADMSG;
}

/* -- AES-CM and HMAC-SHA1 */

struct crypto_skcipher {
	EVP_CIPHER_CTX *ctx;
	u64 name;
};

struct crypto_shash {
	EVP_MAC_CTX *ctx;
};

static EVP_MAC *hmac(void)
{
	static EVP_MAC *mac;

	if (!mac)
		mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	BUG_ON(!mac);
	return mac;
}

struct crypto_shash *ksrtp_mac_create(const u8 *key, size_t len)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA1", 0),
		OSSL_PARAM_construct_end(),
	};
	struct crypto_shash *mac = engine_alloc(sizeof(*mac));

	mac->ctx = EVP_MAC_CTX_new(hmac());
	BUG_ON(!mac->ctx || !EVP_MAC_init(mac->ctx, key, len, params));
	return mac;
}

void ksrtp_mac_destroy(struct crypto_shash *mac)
{
	EVP_MAC_CTX_free(mac->ctx);
	free(mac);
}

int ksrtp_mac_of(struct crypto_shash *mac, const u8 *head, u32 head_len, const u8 *data, u32 len,
		 u8 out[KSRTP_SHA1_LEN])
{
	size_t n;

	BUG_ON(!engine_context.softirq);
	if (fails())
		return -EIO;
	BUG_ON(!EVP_MAC_init(mac->ctx, NULL, 0, NULL) ||
	       !EVP_MAC_update(mac->ctx, head, head_len) ||
	       !EVP_MAC_update(mac->ctx, data, len) ||
	       !EVP_MAC_final(mac->ctx, out, &n, KSRTP_SHA1_LEN));
	return 0;
}

int ksrtp_cm_init(struct ksrtp_cm *cm, const u8 *key, size_t len, const u8 *auth)
{
	BUG_ON(engine_context.softirq || (len != 16 && len != 32));
	cm->soft = NULL;
	cm->ctr = engine_alloc(sizeof(*cm->ctr));
	cm->ctr->name = key_name(key, len);
	cm->ctr->ctx = EVP_CIPHER_CTX_new();
	BUG_ON(!cm->ctr->ctx ||
	       !EVP_EncryptInit_ex(cm->ctr->ctx, len == 16 ? EVP_aes_128_ctr() : EVP_aes_256_ctr(),
				   NULL, key, NULL));
	cm->mac = auth ? ksrtp_mac_create(auth, KSRTP_CM_AUTH_LEN) : NULL;
	return 0;
}

void ksrtp_cm_uninit(struct ksrtp_cm *cm)
{
	if (cm->ctr)
		EVP_CIPHER_CTX_free(cm->ctr->ctx);
	if (cm->mac)
		ksrtp_mac_destroy(cm->mac);
	free(cm->ctr);
	memset(cm, 0, sizeof(*cm));
}

int ksrtp_cm_crypt(const struct ksrtp_cm *cm, const u8 iv[16], u8 *data, u32 len)
{
	int n;

	BUG_ON(!engine_context.softirq);
	if (engine_context.sending) {
		/* The block counter is below the index: streams of blocks never meet. */
		BUG_ON(len > 16 << 16);
		nonce_use(cm->ctr->name, iv, 16);
	}
	if (fails())
		return -EIO;
	BUG_ON(!EVP_EncryptInit_ex(cm->ctr->ctx, NULL, NULL, NULL, iv));
	if (len)
		BUG_ON(!EVP_EncryptUpdate(cm->ctr->ctx, data, &n, data, (int)len));
	return 0;
}

int ksrtp_cm_mac(const struct ksrtp_cm *cm, const u8 *data, u32 len, const u8 *word,
		 u8 mac[KSRTP_SHA1_LEN])
{
	size_t n;

	BUG_ON(!engine_context.softirq);
	if (fails())
		return -EIO;
	BUG_ON(!EVP_MAC_init(cm->mac->ctx, NULL, 0, NULL) ||
	       !EVP_MAC_update(cm->mac->ctx, data, len) ||
	       (word && !EVP_MAC_update(cm->mac->ctx, word, 4)) ||
	       !EVP_MAC_final(cm->mac->ctx, mac, &n, KSRTP_SHA1_LEN));
	return 0;
}
