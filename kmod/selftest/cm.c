// SPDX-License-Identifier: GPL-2.0
/*
 * AES-CM and HMAC-SHA1 inside the kernel, by the code that protects packets: the key
 * derivation and key streams of RFC 3711, appendix B, and RFC 6188, section 7, and whole
 * packets from elsewhere; each by the accelerated driver and by the way without the FPU.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bottom_half.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <linux/ksrtp.h>
#include <ksrtp/wire.h>

#include <aes_cm.h>
#include <cm_srtp.h>

#include "../core/internal.h"
#include "../core/iv.h"
#include "../core/packet.h"
#include "../engine.h"
#include "../keys.h"
#include "../transform.h"
#include "selftest.h"

#define STREAM_LEN	(16 * (KSRTP_STREAM_LAST + 3))
#define LABEL_OFF	7	/* RFC 3711, section 4.3.1: where the label meets the salt */
#define KEY_MAX		32

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

/* Both session keys of the vector's master key. @buf: kmalloc'd. */
static bool make_key(const struct cm_srtp_vector *v, struct ksrtp_key *key, u8 *buf)
{
	bool long_key = v->suite == KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80 ||
			v->suite == KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32;
	u8 label = v->rtcp ? 3 : 0, *auth = buf + KEY_MAX, *salt = auth + KSRTP_CM_AUTH_LEN;
	u32 len = long_key ? 32 : 16;

	key->kind = KSRTP_KIND_CM;
	key->tag_rtp = v->suite == KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32 ||
		       v->suite == KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32 ? 4 : 10;
	key->tag_rtcp = 10;
	key->overhead_rtp = key->tag_rtp;
	key->overhead_rtcp = key->tag_rtcp + KSRTP_SRTCP_WORD_LEN;
	if (!ksrtp_selftest_derive(v->key, len, v->salt, label, buf, len) ||
	    !ksrtp_selftest_derive(v->key, len, v->salt, label + 1, auth, KSRTP_CM_AUTH_LEN) ||
	    !ksrtp_selftest_derive(v->key, len, v->salt, label + 2, salt, KSRTP_CM_SALT_LEN))
		return false;
	memcpy(v->rtcp ? key->srtcp_salt : key->srtp_salt, salt, KSRTP_CM_SALT_LEN);
	return !ksrtp_cm_init(v->rtcp ? &key->cm.srtcp : &key->cm.srtp, buf, len, auth);
}

static int seal(const struct ksrtp_key *key, const struct cm_srtp_vector *v, u8 *packet)
{
	struct ksrtp_rtp rtp;

	if (v->rtcp)
		return ksrtp_transform_seal_rtcp(key, packet, v->plain_len, v->ssrc, 1);
	if (ksrtp_rtp_parse(packet, v->plain_len, 0, &rtp))
		return -EINVAL;
	return ksrtp_transform_seal_rtp(key, packet, v->plain_len, rtp.hdr_len, rtp.ssrc, rtp.seq);
}

static int open(const struct ksrtp_key *key, const struct cm_srtp_vector *v, u8 *packet)
{
	struct ksrtp_rtcp rtcp;
	struct ksrtp_rtp rtp;

	if (v->rtcp)
		return ksrtp_transform_parse_rtcp(key, packet, v->wire_len, &rtcp) ?:
		       ksrtp_transform_open_rtcp(key, packet, v->wire_len, &rtcp);
	return ksrtp_transform_parse_rtp(key, packet, v->wire_len, &rtp) ?:
	       ksrtp_transform_open_rtp(key, packet, v->wire_len, &rtp, rtp.seq);
}

/* Sealed as the vector has it, opened again; a bit in tag, body and header is noticed. */
static bool packet_ok(const struct cm_srtp_vector *v, u8 *buf)
{
	const u32 bits[] = { v->wire_len - 1, v->plain_len - 1, 1 };
	struct ksrtp_key *key = kzalloc(sizeof(*key), GFP_KERNEL);
	u8 *packet = buf + 256;
	bool ok;
	int i;

	if (!key)
		return false;
	ok = make_key(v, key, buf);
	if (!ok)
		goto out;
	local_bh_disable();
	memcpy(packet, v->plain, v->plain_len);
	ok = seal(key, v, packet) == v->wire_len && !memcmp(packet, v->wire, v->wire_len) &&
	     !open(key, v, packet) && !memcmp(packet, v->plain, v->plain_len);
	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		memcpy(packet, v->wire, v->wire_len);
		packet[bits[i]] ^= 1;
		ok = open(key, v, packet) == -EBADMSG && ok;
	}
	local_bh_enable();
out:
	ksrtp_cm_uninit(&key->cm.srtp);
	ksrtp_cm_uninit(&key->cm.srtcp);
	kfree_sensitive(key);
	return ok;
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
		for (i = 0; i < ARRAY_SIZE(cm_srtp_vectors); i++)
			count(packet_ok(&cm_srtp_vectors[i], buf), cm_srtp_vectors[i].name, how,
			      passed, failed);
	}
	WRITE_ONCE(ksrtp_fpu_refuse_every, before);
	kfree(buf);
}
