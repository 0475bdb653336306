// SPDX-License-Identifier: GPL-2.0
/*
 * Whole packets under master keys inside the kernel, by the code that protects all others:
 * libsrtp's and our own of every suite, RFC 9335's (Cryptex), and packets with encrypted
 * header extension elements (RFC 6904). Each is sealed to the vector's octets and opened
 * again, and a bit that changed on the way is noticed.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bottom_half.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include <linux/ksrtp.h>
#include <ksrtp/wire.h>

#include <cm_srtp.h>
#include <cryptex.h>
#include <master.h>
#include <rfc6904.h>

#include "../core/internal.h"
#include "../core/kdf.h"
#include "../core/packet.h"
#include "../keys.h"
#include "../transform.h"
#include "selftest.h"

#define SPOILT_MAX	3

/* A vector of any of the tables. */
struct vector {
	const char *name;
	u32 suite;
	bool rtcp;
	u32 index;			/* of SRTCP; that of SRTP is the sequence number */
	const u8 *key, *salt;		/* the master's; a suite's length */
	u32 cryptex;
	const u8 *ids;			/* of encrypted header extension elements */
	u32 id_count;
	const u8 *plain, *wire;
	u32 plain_len, wire_len;
	u32 spoilt[SPOILT_MAX];		/* octets in which a bit must be noticed; not 0 */
};

/* What is derived from a vector's master key, and its packet: never on the stack. */
struct room {
	u8 key[8][KSRTP_CM_AUTH_LEN > 32 ? KSRTP_CM_AUTH_LEN : 32];	/* by label */
	u8 packet[128];
};

static bool is_gcm(const struct vector *v)
{
	return v->suite == KSRTP_SUITE_AEAD_AES_128_GCM || v->suite == KSRTP_SUITE_AEAD_AES_256_GCM;
}

static u32 key_len(const struct vector *v)
{
	return v->suite == KSRTP_SUITE_AEAD_AES_256_GCM ||
	       v->suite == KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80 ||
	       v->suite == KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32 ? 32 : 16;
}

static u32 salt_len(const struct vector *v)
{
	return is_gcm(v) ? KSRTP_GCM_SALT_LEN : KSRTP_CM_SALT_LEN;
}

/* How long is what is derived with @label (RFC 3711, section 4.3.2)? */
static u32 derived_len(const struct vector *v, u8 label)
{
	switch (label) {
	case KSRTP_LABEL_SRTP_SALT:
	case KSRTP_LABEL_SRTCP_SALT:
	case KSRTP_LABEL_HDREXT_SALT:
		return salt_len(v);
	case KSRTP_LABEL_SRTP_AUTH:
	case KSRTP_LABEL_SRTCP_AUTH:
		return is_gcm(v) ? 0 : KSRTP_CM_AUTH_LEN;
	case KSRTP_LABEL_HDREXT_KEY:
		return v->ids ? key_len(v) : 0;
	default:
		return key_len(v);
	}
}

static struct ksrtp_key *make_key(const struct vector *v, struct room *room)
{
#define DERIVED(label) { room->key[label], derived_len(v, label) }
	struct ksrtp_key_params p = {
		.suite = v->suite,
		.direction = KSRTP_DIRECTION_RX,
		.cryptex = v->cryptex,
		.srtp_key = DERIVED(KSRTP_LABEL_SRTP_KEY),
		.srtp_salt = DERIVED(KSRTP_LABEL_SRTP_SALT),
		.srtp_auth = DERIVED(KSRTP_LABEL_SRTP_AUTH),
		.srtcp_key = DERIVED(KSRTP_LABEL_SRTCP_KEY),
		.srtcp_salt = DERIVED(KSRTP_LABEL_SRTCP_SALT),
		.srtcp_auth = DERIVED(KSRTP_LABEL_SRTCP_AUTH),
		.hdrext_key = DERIVED(KSRTP_LABEL_HDREXT_KEY),
		.hdrext_salt = DERIVED(KSRTP_LABEL_HDREXT_SALT),
		.hdrext_ids = { v->ids, v->id_count },
	};
#undef DERIVED
	u8 salt[KSRTP_CM_SALT_LEN] = {}, label;

	/* The shorter one has zeros behind it (RFC 7714, section 11, erratum 4938). */
	memcpy(salt, v->salt, salt_len(v));
	for (label = 0; label < ARRAY_SIZE(room->key); label++)
		if (!ksrtp_selftest_derive(v->key, key_len(v), salt, label, room->key[label],
					   derived_len(v, label)))
			return ERR_PTR(-EINVAL);
	return ksrtp_key_build(&p, NULL);
}

static int seal(const struct vector *v, const struct ksrtp_key *key, u8 *packet)
{
	struct ksrtp_rtp rtp;

	if (v->rtcp)
		return ksrtp_transform_seal_rtcp(key, packet, v->plain_len,
						 get_unaligned_be32(packet + 4), v->index);
	if (ksrtp_rtp_parse(packet, v->plain_len, 0, &rtp))
		return -EINVAL;
	return ksrtp_transform_seal_rtp(key, packet, v->plain_len, rtp.hdr_len, rtp.ssrc, rtp.seq);
}

static int open(const struct vector *v, const struct ksrtp_key *key, u8 *packet)
{
	struct ksrtp_rtcp rtcp;
	struct ksrtp_rtp rtp;

	if (v->rtcp)
		return ksrtp_transform_parse_rtcp(key, packet, v->wire_len, &rtcp) ?:
		       ksrtp_transform_open_rtcp(key, packet, v->wire_len, &rtcp);
	return ksrtp_transform_parse_rtp(key, packet, v->wire_len, &rtp) ?:
	       ksrtp_transform_open_rtp(key, packet, v->wire_len, &rtp, rtp.seq);
}

static bool packet_ok(const struct vector *v, const struct ksrtp_key *key, u8 *packet)
{
	unsigned int i;
	bool ok;

	memcpy(packet, v->plain, v->plain_len);
	ok = seal(v, key, packet) == v->wire_len && !memcmp(packet, v->wire, v->wire_len) &&
	     !open(v, key, packet) && !memcmp(packet, v->plain, v->plain_len);
	for (i = 0; i < SPOILT_MAX; i++) {
		memcpy(packet, v->wire, v->wire_len);
		packet[v->spoilt[i]] ^= 1;
		ok = open(v, key, packet) == -EBADMSG && ok;
	}
	return ok;
}

static bool vector_ok(const struct vector *v, struct room *room)
{
	struct ksrtp_key *key = make_key(v, room);
	bool ok;

	if (IS_ERR(key))
		return false;
	local_bh_disable();
	ok = packet_ok(v, key, room->packet);
	local_bh_enable();
	ksrtp_key_free(key);
	return ok;
}

static void judge(const struct vector *v, struct room *room, unsigned int *passed,
		  unsigned int *failed)
{
	if (v->wire_len <= sizeof(room->packet) && vector_ok(v, room)) {
		++*passed;
		return;
	}
	pr_err("self-test: %s%s\n", v->name, ksrtp_fpu_refuse_every ? ", without FPU" : "");
	++*failed;
}

/* -- the tables; in a header a bit of the second octet changes, or one of the extension */

#define OCTETS_OF(x) \
	.name = (x)->name, .plain = (x)->plain, .wire = (x)->wire, \
	.plain_len = (x)->plain_len, .wire_len = (x)->wire_len, \
	.spoilt[0] = (x)->wire_len - 1, .spoilt[1] = (x)->plain_len - 1

static void cm_packets(struct room *room, unsigned int *passed, unsigned int *failed)
{
	const struct cm_srtp_vector *x;

	for (x = cm_srtp_vectors; x < cm_srtp_vectors + ARRAY_SIZE(cm_srtp_vectors); x++) {
		const struct vector v = {
			OCTETS_OF(x), .spoilt[2] = 1, .suite = x->suite, .rtcp = x->rtcp,
			.index = 1, .key = x->key, .salt = x->salt,
		};

		judge(&v, room, passed, failed);
	}
}

static void gcm_packets(struct room *room, unsigned int *passed, unsigned int *failed)
{
	const struct ksrtp_master_vector *x = ksrtp_master_vectors;

	for (; x < ksrtp_master_vectors + ARRAY_SIZE(ksrtp_master_vectors); x++) {
		const struct vector v = {
			OCTETS_OF(x), .spoilt[2] = 1, .rtcp = x->rtcp, .index = x->index,
			.suite = x->key_len == 16 ? KSRTP_SUITE_AEAD_AES_128_GCM :
						    KSRTP_SUITE_AEAD_AES_256_GCM,
			.key = x->key, .salt = x->salt,
		};

		judge(&v, room, passed, failed);
	}
}

static void cryptex_packets(struct room *room, unsigned int *passed, unsigned int *failed)
{
	const struct cryptex_vector *x;

	for (x = cryptex_vectors; x < cryptex_vectors + ARRAY_SIZE(cryptex_vectors); x++) {
		const struct vector v = {
			OCTETS_OF(x), .spoilt[2] = KSRTP_RTP_HDR_LEN + 7, .cryptex = KSRTP_CRYPTEX_ON,
			.suite = x->gcm ? KSRTP_SUITE_AEAD_AES_128_GCM :
					  KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80,
			.key = x->gcm ? cryptex_gcm_key : cryptex_cm_key,
			.salt = x->gcm ? cryptex_gcm_salt : cryptex_cm_salt,
		};

		judge(&v, room, passed, failed);
	}
}

static void hdrext_packets(struct room *room, unsigned int *passed, unsigned int *failed)
{
	const struct hdrext_vector *x;

	for (x = hdrext_vectors; x < hdrext_vectors + ARRAY_SIZE(hdrext_vectors); x++) {
		const struct vector v = {
			OCTETS_OF(x), .spoilt[2] = KSRTP_RTP_HDR_LEN + 7, .suite = x->suite,
			.ids = hdrext_ids, .id_count = sizeof(hdrext_ids),
			.key = x->key, .salt = x->salt,
		};

		judge(&v, room, passed, failed);
	}
}

void ksrtp_selftest_packets(unsigned int *passed, unsigned int *failed)
{
	struct room *room = kmalloc(sizeof(*room), GFP_KERNEL);
	unsigned int before = ksrtp_fpu_refuse_every, soft;

	if (!room) {
		++*failed;
		return;
	}
	for (soft = 0; soft < 2; soft++) {
		WRITE_ONCE(ksrtp_fpu_refuse_every, soft);
		cm_packets(room, passed, failed);
		gcm_packets(room, passed, failed);
		cryptex_packets(room, passed, failed);
		hdrext_packets(room, passed, failed);
	}
	WRITE_ONCE(ksrtp_fpu_refuse_every, before);
	kfree_sensitive(room);
}
