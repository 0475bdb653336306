// SPDX-License-Identifier: GPL-2.0
/*
 * The vectors of RFC 7714 inside the kernel, by the accelerated driver and by the
 * way without the FPU; then both against each other on random packets.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bottom_half.h>
#include <linux/prandom.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include <rfc7714.h>

#include "../aead.h"
#include "selftest.h"

#define TAG_LEN		16
#define PACKET_MAX	1500
#define ROUNDS		300

/* The operation on a vector's packet in @packet, with its word where it has one. */
static void vector_op(const struct ksrtp_aead_vector *v, u8 *packet, u8 word[4],
		      struct ksrtp_aead_op *op)
{
	u32 hdr = v->rtcp ? 8 : 12;

	op->aad = packet;
	op->aad_len = v->tag_only ? v->plain_len : hdr;
	op->body = packet + op->aad_len;
	op->body_len = v->plain_len - op->aad_len;
	op->word = NULL;
	memcpy(op->iv, v->iv, sizeof(op->iv));
	if (v->rtcp) {
		put_unaligned_be32(v->index | (v->tag_only ? 0 : 0x80000000), word);
		op->word = word;
	}
}

static bool vector_ok(const struct ksrtp_aead_vector *v, u8 *packet, bool soft)
{
	struct ksrtp_aead aead = {};
	struct ksrtp_aead_op op;
	bool ok = false;
	u32 protected;
	u8 word[4];
	int err;

	if (ksrtp_aead_init(&aead, v->key, v->key_len))
		return false;
	if (soft && !aead.soft) {
		ksrtp_aead_uninit(&aead);
		return true;
	}
	protected = v->plain_len + TAG_LEN;
	memcpy(packet, v->plain, v->plain_len);
	vector_op(v, packet, word, &op);
	local_bh_disable();
	if (soft) {
		ksrtp_gcm_soft_seal(aead.soft, &op);
		err = 0;
	} else {
		err = ksrtp_aead_seal(&aead, &op);
	}
	if (err || memcmp(packet, v->wire, protected))
		goto out;
	err = soft ? ksrtp_gcm_soft_open(aead.soft, &op) : ksrtp_aead_open(&aead, &op);
	if (err || memcmp(packet, v->plain, v->plain_len))
		goto out;
	/* One bit of the tag, then one of the associated data. */
	memcpy(packet, v->wire, protected);
	packet[protected - 1] ^= 1;
	if ((soft ? ksrtp_gcm_soft_open(aead.soft, &op) : ksrtp_aead_open(&aead, &op)) != -EBADMSG)
		goto out;
	memcpy(packet, v->wire, protected);
	packet[1] ^= 0x80;
	if ((soft ? ksrtp_gcm_soft_open(aead.soft, &op) : ksrtp_aead_open(&aead, &op)) != -EBADMSG)
		goto out;
	ok = true;
out:
	local_bh_enable();
	ksrtp_aead_uninit(&aead);
	return ok;
}

/* A random packet: the two ways seal it alike, and each opens what the other sealed. */
static bool random_ok(struct rnd_state *rnd, u8 *one, u8 *two)
{
	u32 key_len = prandom_u32_state(rnd) & 1 ? 16 : 32;
	struct ksrtp_aead_op op = {}, soft_op;
	struct ksrtp_aead aead = {};
	u8 key[32], word[4];
	bool ok = false;

	prandom_bytes_state(rnd, key, sizeof(key));
	prandom_bytes_state(rnd, word, sizeof(word));
	prandom_bytes_state(rnd, op.iv, sizeof(op.iv));
	prandom_bytes_state(rnd, one, PACKET_MAX);
	memcpy(two, one, PACKET_MAX);
	if (ksrtp_aead_init(&aead, key, key_len))
		return false;
	op.aad = one;
	op.aad_len = 8 + prandom_u32_state(rnd) % 100;
	op.body = one + op.aad_len;
	op.body_len = prandom_u32_state(rnd) % (PACKET_MAX - TAG_LEN - op.aad_len);
	op.word = prandom_u32_state(rnd) & 1 ? word : NULL;
	soft_op = op;
	soft_op.aad = two;
	soft_op.body = two + op.aad_len;

	local_bh_disable();
	if (aead.soft) {
		ksrtp_gcm_soft_seal(aead.soft, &soft_op);
		ok = !ksrtp_aead_seal(&aead, &op) && !memcmp(one, two, PACKET_MAX) &&
		     !ksrtp_gcm_soft_open(aead.soft, &op) &&
		     !ksrtp_aead_open(&aead, &soft_op) && !memcmp(one, two, PACKET_MAX - TAG_LEN);
	} else {
		ok = !ksrtp_aead_seal(&aead, &op) && !ksrtp_aead_open(&aead, &op) &&
		     !memcmp(one, two, op.aad_len + op.body_len);
	}
	local_bh_enable();
	ksrtp_aead_uninit(&aead);
	return ok;
}

int ksrtp_selftest(void)
{
	u8 *one = kmalloc(PACKET_MAX, GFP_KERNEL), *two = kmalloc(PACKET_MAX, GFP_KERNEL);
	unsigned int failed = 0, passed = 0, i;
	struct rnd_state rnd;

	if (!one || !two) {
		failed = 1;
		goto out;
	}
	for (i = 0; i < 2 * ARRAY_SIZE(ksrtp_rfc7714); i++) {
		const struct ksrtp_aead_vector *v = &ksrtp_rfc7714[i / 2];

		if (vector_ok(v, one, i & 1)) {
			passed++;
		} else {
			pr_err("self-test: %s%s\n", v->name, i & 1 ? ", without FPU" : "");
			failed++;
		}
	}
	failed += ksrtp_selftest_wycheproof(one, &passed);
	prandom_seed_state(&rnd, 7714);
	for (i = 0; i < ROUNDS; i++) {
		if (random_ok(&rnd, one, two)) {
			passed++;
		} else {
			pr_err("self-test: random packet %u\n", i);
			failed++;
		}
	}
	ksrtp_selftest_cm(&passed, &failed);
	ksrtp_selftest_packets(&passed, &failed);
out:
	kfree(one);
	kfree(two);
	pr_info("self-test: %u passed, %u failed\n", passed, failed);
	return failed ? -EINVAL : 0;
}
