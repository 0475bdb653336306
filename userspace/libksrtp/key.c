// SPDX-License-Identifier: GPL-2.0
/*
 * Keys. Octets of keys are in the caller's struct, in the request's buffer and,
 * while they are derived, in the cipher's schedule; the last two are wiped here.
 */
#include <errno.h>
#include <string.h>

#include <openssl/evp.h>

#include "handle.h"

typedef uint8_t u8;
#include <kdf.h>

static const struct {
	uint8_t key, salt, auth;
} lengths[] = {
	[KSRTP_SUITE_NONE] = { 0, 0, 0 },
	[KSRTP_SUITE_AEAD_AES_128_GCM] = { 16, KSRTP_GCM_SALT_LEN, 0 },
	[KSRTP_SUITE_AEAD_AES_256_GCM] = { 32, KSRTP_GCM_SALT_LEN, 0 },
	[KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80] = { 16, KSRTP_CM_SALT_LEN, KSRTP_CM_AUTH_LEN },
	[KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32] = { 16, KSRTP_CM_SALT_LEN, KSRTP_CM_AUTH_LEN },
	[KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80] = { 32, KSRTP_CM_SALT_LEN, KSRTP_CM_AUTH_LEN },
	[KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32] = { 32, KSRTP_CM_SALT_LEN, KSRTP_CM_AUTH_LEN },
};
_Static_assert(sizeof(lengths) / sizeof(lengths[0]) == __KSRTP_SUITE_MAX,
	       "every suite has its lengths");

size_t ksrtp_suite_key_len(uint32_t suite)
{
	return suite <= KSRTP_SUITE_MAX ? lengths[suite].key : 0;
}

size_t ksrtp_suite_salt_len(uint32_t suite)
{
	return suite <= KSRTP_SUITE_MAX ? lengths[suite].salt : 0;
}

size_t ksrtp_suite_auth_len(uint32_t suite)
{
	return suite <= KSRTP_SUITE_MAX ? lengths[suite].auth : 0;
}

static int block(void *cipher, const u8 in[16], u8 out[16])
{
	int len = 0;

	if (EVP_EncryptUpdate(cipher, out, &len, in, 16) != 1 || len != 16)
		return -EIO;
	return 0;
}

static int derive(struct ksrtp_key *key, EVP_CIPHER_CTX *cipher, size_t key_len,
		  const uint8_t *master_salt, size_t salt_len, size_t auth_len)
{
	const struct {
		u8	label;
		uint8_t	*out;
		size_t	len;
	} parts[] = {
		{ KSRTP_LABEL_SRTP_KEY, key->srtp_key, key_len },
		{ KSRTP_LABEL_SRTP_AUTH, key->srtp_auth, auth_len },
		{ KSRTP_LABEL_SRTP_SALT, key->srtp_salt, salt_len },
		{ KSRTP_LABEL_SRTCP_KEY, key->srtcp_key, key_len },
		{ KSRTP_LABEL_SRTCP_AUTH, key->srtcp_auth, auth_len },
		{ KSRTP_LABEL_SRTCP_SALT, key->srtcp_salt, salt_len },
		{ KSRTP_LABEL_HDREXT_KEY, key->hdrext_key, key_len },
		{ KSRTP_LABEL_HDREXT_SALT, key->hdrext_salt, salt_len },
	};
	size_t i;
	int err;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!parts[i].len)
			continue;
		err = ksrtp_kdf(block, cipher, master_salt, salt_len, parts[i].label,
				parts[i].out, parts[i].len);
		if (err)
			return err;
	}
	return 0;
}

int ksrtp_key_derive(struct ksrtp_key *key, uint32_t suite,
		     const uint8_t *master_key, const uint8_t *master_salt)
{
	size_t key_len = ksrtp_suite_key_len(suite);
	EVP_CIPHER_CTX *cipher;
	int err = -EIO;

	if (!key_len)
		return -EINVAL;
	cipher = EVP_CIPHER_CTX_new();
	if (!cipher)
		return -ENOMEM;
	ksrtp_key_wipe(key);
	if (EVP_EncryptInit_ex(cipher, key_len == 16 ? EVP_aes_128_ecb() : EVP_aes_256_ecb(),
			       NULL, master_key, NULL) == 1 &&
	    EVP_CIPHER_CTX_set_padding(cipher, 0) == 1)
		err = derive(key, cipher, key_len, master_salt, ksrtp_suite_salt_len(suite),
			     ksrtp_suite_auth_len(suite));
	EVP_CIPHER_CTX_free(cipher);	/* wipes the schedule */
	if (err)
		ksrtp_key_wipe(key);
	else
		key->suite = suite;
	return err;
}

void ksrtp_key_wipe(struct ksrtp_key *key)
{
	explicit_bzero(key->srtp_key, sizeof(key->srtp_key));
	explicit_bzero(key->srtp_salt, sizeof(key->srtp_salt));
	explicit_bzero(key->srtp_auth, sizeof(key->srtp_auth));
	explicit_bzero(key->srtcp_key, sizeof(key->srtcp_key));
	explicit_bzero(key->srtcp_salt, sizeof(key->srtcp_salt));
	explicit_bzero(key->srtcp_auth, sizeof(key->srtcp_auth));
	explicit_bzero(key->hdrext_key, sizeof(key->hdrext_key));
	explicit_bzero(key->hdrext_salt, sizeof(key->hdrext_salt));
}

static void put_slot(struct nlmsghdr *nlh, uint32_t leg_id, uint32_t direction, uint32_t slot)
{
	mnl_attr_put_u32(nlh, KSRTP_A_KEY_LEG_ID, leg_id);
	mnl_attr_put_u32(nlh, KSRTP_A_KEY_DIRECTION, direction);
	mnl_attr_put_u32(nlh, KSRTP_A_KEY_SLOT, slot);
}

int ksrtp_key_new(struct ksrtp *handle, const struct ksrtp_key *key)
{
	size_t key_len = ksrtp_suite_key_len(key->suite);
	size_t salt_len = ksrtp_suite_salt_len(key->suite);
	size_t auth_len = ksrtp_suite_auth_len(key->suite);
	struct nlmsghdr *nlh;
	int err;

	if (key->mki_len > KSRTP_MKI_MAX)
		return ksrtp_fail(handle, -EINVAL, "key-new: mki is longer than %u octets",
				  KSRTP_MKI_MAX);
	nlh = ksrtp_nl_begin(handle, KSRTP_CMD_KEY_NEW, &err);
	if (!nlh)
		return err;
	put_slot(nlh, key->leg_id, key->direction, key->slot);
	mnl_attr_put_u32(nlh, KSRTP_A_KEY_SUITE, key->suite);
	mnl_attr_put_u32(nlh, KSRTP_A_KEY_CONTEXT, key->context);
	if (key_len) {
		handle->secret = true;
		mnl_attr_put(nlh, KSRTP_A_KEY_SRTP_KEY, key_len, key->srtp_key);
		mnl_attr_put(nlh, KSRTP_A_KEY_SRTP_SALT, salt_len, key->srtp_salt);
		mnl_attr_put(nlh, KSRTP_A_KEY_SRTCP_KEY, key_len, key->srtcp_key);
		mnl_attr_put(nlh, KSRTP_A_KEY_SRTCP_SALT, salt_len, key->srtcp_salt);
	}
	if (auth_len) {
		mnl_attr_put(nlh, KSRTP_A_KEY_SRTP_AUTH, auth_len, key->srtp_auth);
		mnl_attr_put(nlh, KSRTP_A_KEY_SRTCP_AUTH, auth_len, key->srtcp_auth);
	}
	if (key->mki_len)
		mnl_attr_put(nlh, KSRTP_A_KEY_MKI, key->mki_len, key->mki);
	if (key->roc)
		mnl_attr_put_u32(nlh, KSRTP_A_KEY_ROC, key->roc);
	if (key->cryptex != KSRTP_CRYPTEX_OFF)
		mnl_attr_put_u32(nlh, KSRTP_A_KEY_CRYPTEX, key->cryptex);
	if (key->hdrext_ids_len)
		mnl_attr_put(nlh, KSRTP_A_KEY_HDREXT_IDS, key->hdrext_ids_len, key->hdrext_ids);
	if (key->hdrext_ids_len && key_len) {
		mnl_attr_put(nlh, KSRTP_A_KEY_HDREXT_KEY, key_len, key->hdrext_key);
		mnl_attr_put(nlh, KSRTP_A_KEY_HDREXT_SALT, salt_len, key->hdrext_salt);
	}
	return ksrtp_nl_do(handle, nlh, NULL, NULL);
}

int ksrtp_key_activate(struct ksrtp *handle, uint32_t leg_id, uint32_t slot)
{
	struct nlmsghdr *nlh;
	int err;

	nlh = ksrtp_nl_begin(handle, KSRTP_CMD_KEY_ACTIVATE, &err);
	if (!nlh)
		return err;
	mnl_attr_put_u32(nlh, KSRTP_A_KEY_LEG_ID, leg_id);
	mnl_attr_put_u32(nlh, KSRTP_A_KEY_SLOT, slot);
	return ksrtp_nl_do(handle, nlh, NULL, NULL);
}

int ksrtp_key_del(struct ksrtp *handle, uint32_t leg_id, uint32_t direction, uint32_t slot)
{
	struct nlmsghdr *nlh;
	int err;

	nlh = ksrtp_nl_begin(handle, KSRTP_CMD_KEY_DEL, &err);
	if (!nlh)
		return err;
	put_slot(nlh, leg_id, direction, slot);
	return ksrtp_nl_do(handle, nlh, NULL, NULL);
}

struct taker {
	ksrtp_key_cb	cb;
	void		*arg;
};

/* What is longer than it may be is as good as absent. */
static uint8_t take_octets(const struct nlattr *attr, uint8_t *out, size_t room)
{
	size_t len = attr ? mnl_attr_get_payload_len(attr) : 0;

	if (!len || len > room)
		return 0;
	memcpy(out, mnl_attr_get_payload(attr), len);
	return (uint8_t)len;
}

static int take_dumped(struct ksrtp *handle, const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[KSRTP_A_KEY_MAX + 1];
	const struct taker *taker = arg;
	struct ksrtp_key key = { 0 };
	uint8_t active = 0;

	(void)handle;
	ksrtp_attr_parse(nlh, tb, KSRTP_A_KEY_MAX);
	ksrtp_attr_u32(tb[KSRTP_A_KEY_LEG_ID], &key.leg_id);
	ksrtp_attr_u32(tb[KSRTP_A_KEY_DIRECTION], &key.direction);
	ksrtp_attr_u32(tb[KSRTP_A_KEY_SLOT], &key.slot);
	ksrtp_attr_u32(tb[KSRTP_A_KEY_SUITE], &key.suite);
	ksrtp_attr_u32(tb[KSRTP_A_KEY_CONTEXT], &key.context);
	ksrtp_attr_u32(tb[KSRTP_A_KEY_CRYPTEX], &key.cryptex);
	ksrtp_attr_u8(tb[KSRTP_A_KEY_ACTIVE], &active);
	key.active = active;
	key.mki_len = take_octets(tb[KSRTP_A_KEY_MKI], key.mki, sizeof(key.mki));
	key.hdrext_ids_len = take_octets(tb[KSRTP_A_KEY_HDREXT_IDS], key.hdrext_ids,
					 sizeof(key.hdrext_ids));
	ksrtp_attr_u64(tb[KSRTP_A_KEY_SRTP_USED], &key.srtp_used);
	ksrtp_attr_u64(tb[KSRTP_A_KEY_SRTCP_USED], &key.srtcp_used);
	return taker->cb(&key, taker->arg);
}

int ksrtp_key_dump(struct ksrtp *handle, uint32_t only, ksrtp_key_cb cb,
		   ksrtp_restart_cb restart, void *arg)
{
	struct taker taker = { .cb = cb, .arg = arg };
	struct ksrtp_nl_dump dump = {
		.item = take_dumped, .item_arg = &taker, .restart = restart, .restart_arg = arg,
	};
	struct nlmsghdr *nlh;
	int err;

	nlh = ksrtp_nl_begin(handle, KSRTP_CMD_KEY_GET, &err);
	if (!nlh)
		return err;
	if (only)
		mnl_attr_put_u32(nlh, KSRTP_A_KEY_LEG_ID, only);
	return ksrtp_nl_dump(handle, nlh, &dump);
}
