// SPDX-License-Identifier: GPL-2.0
/* RFC 9335's packets inside the kernel, by the code that protects all others. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bottom_half.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <linux/ksrtp.h>
#include <ksrtp/wire.h>

#include <cryptex.h>

#include "../core/internal.h"
#include "../core/packet.h"
#include "../keys.h"
#include "../transform.h"
#include "selftest.h"

#define KEY_LEN	16
#define SALTS	(KEY_LEN + KSRTP_CM_AUTH_LEN)	/* where the salt is in @buf */

/* @buf: kmalloc'd; the session keys are derived into it. */
static bool make_key(const struct cryptex_vector *v, struct ksrtp_key *key, u8 *buf)
{
	const u8 *master = v->gcm ? cryptex_gcm_key : cryptex_cm_key;
	u8 salt[KSRTP_CM_SALT_LEN] = {};

	/* The shorter one has zeros behind it (RFC 7714, section 11, erratum 4938). */
	if (v->gcm)
		memcpy(salt, cryptex_gcm_salt, sizeof(cryptex_gcm_salt));
	else
		memcpy(salt, cryptex_cm_salt, sizeof(cryptex_cm_salt));
	key->kind = v->gcm ? KSRTP_KIND_GCM : KSRTP_KIND_CM;
	key->tag_rtp = v->gcm ? KSRTP_GCM_TAG_LEN : 10;
	key->overhead_rtp = key->tag_rtp;
	key->cryptex = KSRTP_CRYPTEX_ON;
	if (!ksrtp_selftest_derive(master, KEY_LEN, salt, 0, buf, KEY_LEN) ||
	    !ksrtp_selftest_derive(master, KEY_LEN, salt, 1, buf + KEY_LEN, KSRTP_CM_AUTH_LEN) ||
	    !ksrtp_selftest_derive(master, KEY_LEN, salt, 2, buf + SALTS, sizeof(key->srtp_salt)))
		return false;
	memcpy(key->srtp_salt, buf + SALTS, sizeof(key->srtp_salt));
	return v->gcm ? !ksrtp_aead_init(&key->gcm.srtp, buf, KEY_LEN) :
			!ksrtp_cm_init(&key->cm.srtp, buf, KEY_LEN, buf + KEY_LEN);
}

static int open(const struct ksrtp_key *key, u8 *packet, u32 len)
{
	struct ksrtp_rtp rtp;

	return ksrtp_transform_parse_rtp(key, packet, len, &rtp) ?:
	       ksrtp_transform_open_rtp(key, packet, len, &rtp, rtp.seq);
}

static bool vector_ok(const struct cryptex_vector *v, const struct ksrtp_key *key, u8 *packet)
{
	struct ksrtp_rtp rtp;

	memcpy(packet, v->plain, v->plain_len);
	if (ksrtp_rtp_parse(packet, v->plain_len, 0, &rtp) ||
	    ksrtp_transform_seal_rtp(key, packet, v->plain_len, rtp.hdr_len, rtp.ssrc, rtp.seq) !=
	    v->wire_len || memcmp(packet, v->wire, v->wire_len))
		return false;
	if (open(key, packet, v->wire_len) || memcmp(packet, v->plain, v->plain_len))
		return false;
	/* A bit of the first CSRC, or of the extension. */
	memcpy(packet, v->wire, v->wire_len);
	packet[KSRTP_RTP_HDR_LEN + 7] ^= 1;
	return open(key, packet, v->wire_len) == -EBADMSG;
}

static bool run(const struct cryptex_vector *v, u8 *buf)
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
	if (v->gcm)
		ksrtp_aead_uninit(&key->gcm.srtp);
	else
		ksrtp_cm_uninit(&key->cm.srtp);
	kfree_sensitive(key);
	return ok;
}

void ksrtp_selftest_cryptex(u8 *buf, unsigned int *passed, unsigned int *failed)
{
	unsigned int before = ksrtp_fpu_refuse_every, soft, i;

	for (soft = 0; soft < 2; soft++) {
		WRITE_ONCE(ksrtp_fpu_refuse_every, soft);
		for (i = 0; i < ARRAY_SIZE(cryptex_vectors); i++) {
			if (run(&cryptex_vectors[i], buf)) {
				++*passed;
				continue;
			}
			pr_err("self-test: %s%s\n", cryptex_vectors[i].name,
			       soft ? ", without FPU" : "");
			++*failed;
		}
	}
	WRITE_ONCE(ksrtp_fpu_refuse_every, before);
}
