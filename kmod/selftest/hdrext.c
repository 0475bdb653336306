// SPDX-License-Identifier: GPL-2.0
/* Packets with encrypted header extension elements (RFC 6904) inside the kernel. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bottom_half.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <linux/ksrtp.h>
#include <ksrtp/wire.h>

#include <rfc6904.h>

#include "../core/internal.h"
#include "../core/packet.h"
#include "../hdrext.h"
#include "../keys.h"
#include "../transform.h"
#include "selftest.h"

/* Where the parts that are derived are in @buf. */
#define AUTH		32
#define SALT		(AUTH + KSRTP_CM_AUTH_LEN)
#define HDREXT_KEY	(SALT + KSRTP_CM_SALT_LEN)
#define HDREXT_SALT	(HDREXT_KEY + 32)

static bool is_gcm(const struct hdrext_vector *v)
{
	return v->suite == KSRTP_SUITE_AEAD_AES_128_GCM || v->suite == KSRTP_SUITE_AEAD_AES_256_GCM;
}

static u32 key_len(const struct hdrext_vector *v)
{
	return v->suite == KSRTP_SUITE_AEAD_AES_128_GCM ||
	       v->suite == KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80 ? 16 : 32;
}

static u32 salt_len(const struct hdrext_vector *v)
{
	return is_gcm(v) ? KSRTP_GCM_SALT_LEN : KSRTP_CM_SALT_LEN;
}

static bool derive(const struct hdrext_vector *v, u8 label, u8 *out, u32 len)
{
	return ksrtp_selftest_derive(v->key, key_len(v), v->salt, label, out, len);
}

/* @buf: kmalloc'd; the session keys are derived into it. */
static bool make_key(const struct hdrext_vector *v, struct ksrtp_key *key, u8 *buf)
{
	key->kind = is_gcm(v) ? KSRTP_KIND_GCM : KSRTP_KIND_CM;
	key->tag_rtp = is_gcm(v) ? KSRTP_GCM_TAG_LEN : 10;
	key->overhead_rtp = key->tag_rtp;
	if (!derive(v, 0, buf, key_len(v)) ||
	    !derive(v, 1, buf + AUTH, KSRTP_CM_AUTH_LEN) ||
	    !derive(v, 2, buf + SALT, salt_len(v)) ||
	    !derive(v, 6, buf + HDREXT_KEY, key_len(v)) ||
	    !derive(v, 7, buf + HDREXT_SALT, salt_len(v)))
		return false;
	memcpy(key->srtp_salt, buf + SALT, salt_len(v));
	if (is_gcm(v) ? ksrtp_aead_init(&key->gcm.srtp, buf, key_len(v)) :
			ksrtp_cm_init(&key->cm.srtp, buf, key_len(v), buf + AUTH))
		return false;
	key->hdrext = ksrtp_hdrext_create(buf + HDREXT_KEY, key_len(v), buf + HDREXT_SALT,
					  salt_len(v), hdrext_ids, sizeof(hdrext_ids));
	if (!IS_ERR(key->hdrext))
		return true;
	key->hdrext = NULL;
	return false;
}

static void free_key(const struct hdrext_vector *v, struct ksrtp_key *key)
{
	ksrtp_hdrext_destroy(key->hdrext);
	if (is_gcm(v))
		ksrtp_aead_uninit(&key->gcm.srtp);
	else
		ksrtp_cm_uninit(&key->cm.srtp);
	kfree_sensitive(key);
}

static int open(const struct ksrtp_key *key, u8 *packet, u32 len)
{
	struct ksrtp_rtp rtp;

	return ksrtp_transform_parse_rtp(key, packet, len, &rtp) ?:
	       ksrtp_transform_open_rtp(key, packet, len, &rtp, rtp.seq);
}

static bool vector_ok(const struct hdrext_vector *v, const struct ksrtp_key *key, u8 *packet)
{
	struct ksrtp_rtp rtp;

	memcpy(packet, v->plain, v->plain_len);
	if (ksrtp_rtp_parse(packet, v->plain_len, 0, &rtp) ||
	    ksrtp_transform_seal_rtp(key, packet, v->plain_len, rtp.hdr_len, rtp.ssrc, rtp.seq) !=
	    v->wire_len || memcmp(packet, v->wire, v->wire_len))
		return false;
	if (open(key, packet, v->wire_len) || memcmp(packet, v->plain, v->plain_len))
		return false;
	/* A bit of the extension. */
	memcpy(packet, v->wire, v->wire_len);
	packet[KSRTP_RTP_HDR_LEN + 7] ^= 1;
	return open(key, packet, v->wire_len) == -EBADMSG;
}

static bool run(const struct hdrext_vector *v, u8 *buf)
{
	struct ksrtp_key *key = kzalloc(sizeof(*key), GFP_KERNEL);
	bool ok;

	if (!key)
		return false;
	ok = make_key(v, key, buf);
	if (ok) {
		local_bh_disable();
		ok = vector_ok(v, key, buf);
		local_bh_enable();
	}
	free_key(v, key);
	return ok;
}

void ksrtp_selftest_hdrext(u8 *buf, unsigned int *passed, unsigned int *failed)
{
	unsigned int before = ksrtp_fpu_refuse_every, soft, i;

	for (soft = 0; soft < 2; soft++) {
		WRITE_ONCE(ksrtp_fpu_refuse_every, soft);
		for (i = 0; i < ARRAY_SIZE(hdrext_vectors); i++) {
			if (run(&hdrext_vectors[i], buf)) {
				++*passed;
				continue;
			}
			pr_err("self-test: encrypted header extension, %s%s\n", hdrext_vectors[i].name,
			       soft ? ", without FPU" : "");
			++*failed;
		}
	}
	WRITE_ONCE(ksrtp_fpu_refuse_every, before);
}
