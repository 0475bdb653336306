// SPDX-License-Identifier: GPL-2.0
/*
 * AES-CM inside the kernel, by the code that protects packets: the key derivation and key
 * streams of RFC 3711, appendix B, and RFC 6188, section 7, each by the accelerated driver
 * and by the way without the FPU.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bottom_half.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <ksrtp/wire.h>

#include <aes_cm.h>

#include "../cm.h"
#include "../core/internal.h"
#include "../core/iv.h"
#include "../engine.h"
#include "selftest.h"

#define STREAM_LEN	(16 * (KSRTP_STREAM_LAST + 3))
#define LABEL_OFF	7	/* RFC 3711, section 4.3.1: where the label meets the salt */

static const u8 no_auth[KSRTP_CM_AUTH_LEN];

/* The key stream under @key from @iv on, over zeros. */
static bool key_stream(const u8 *key, u32 key_len, const u8 iv[KSRTP_CM_IV_LEN], u8 *out, u32 len)
{
	struct ksrtp_cm cm;
	int err;

	if (ksrtp_cm_init(&cm, key, key_len, no_auth))
		return false;
	memset(out, 0, len);
	local_bh_disable();
	err = ksrtp_cm_crypt(&cm, iv, out, len);
	local_bh_enable();
	ksrtp_cm_uninit(&cm);
	return !err;
}

/* RFC 3711, section 4.3.3: what is derived is a key stream under the master key. */
bool ksrtp_selftest_derive(const u8 *key, u32 key_len, const u8 *salt, u8 label, u8 *out, u32 len)
{
	u8 iv[KSRTP_CM_IV_LEN] = {};

	memcpy(iv, salt, KSRTP_CM_SALT_LEN);
	iv[LABEL_OFF] ^= label;
	return key_stream(key, key_len, iv, out, len);
}

static bool kdf_ok(const struct ksrtp_kdf_vector *v, u8 *buf)
{
	return ksrtp_selftest_derive(v->key, v->key_len, v->salt, v->label, buf, v->out_len) &&
	       !memcmp(buf, v->out, v->out_len);
}

static bool stream_ok(const struct ksrtp_stream_vector *v, u8 *buf)
{
	u8 iv[KSRTP_CM_IV_LEN];

	ksrtp_cm_iv(iv, v->salt, 0, 0);
	return key_stream(v->key, v->key_len, iv, buf, STREAM_LEN) &&
	       !memcmp(buf, v->first, sizeof(v->first)) &&
	       !memcmp(buf + 16 * KSRTP_STREAM_LAST, v->last, sizeof(v->last));
}

static void count(bool ok, const char *name, const char *how, unsigned int *passed,
		  unsigned int *failed)
{
	if (ok) {
		++*passed;
		return;
	}
	pr_err("self-test: %s%s\n", name, how);
	++*failed;
}

void ksrtp_selftest_cm(unsigned int *passed, unsigned int *failed)
{
	u8 *buf = kmalloc(STREAM_LEN, GFP_KERNEL);
	unsigned int before = ksrtp_fpu_refuse_every, soft, i;

	if (!buf) {
		++*failed;
		return;
	}
	for (soft = 0; soft < 2; soft++) {
		const char *how = soft ? ", without FPU" : "";

		/* Each time: where the driver takes the FPU itself nothing asks. */
		WRITE_ONCE(ksrtp_fpu_refuse_every, soft);
		for (i = 0; i < ARRAY_SIZE(ksrtp_kdf_vectors); i++)
			count(kdf_ok(&ksrtp_kdf_vectors[i], buf), ksrtp_kdf_vectors[i].name, how,
			      passed, failed);
		for (i = 0; i < ARRAY_SIZE(ksrtp_stream_vectors); i++)
			count(stream_ok(&ksrtp_stream_vectors[i], buf),
			      ksrtp_stream_vectors[i].name, how, passed, failed);
	}
	WRITE_ONCE(ksrtp_fpu_refuse_every, before);
	kfree(buf);
}
