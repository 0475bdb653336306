// SPDX-License-Identifier: GPL-2.0
/*
 * Project Wycheproof's AES-GCM cases inside the kernel, by the accelerated driver and by
 * the way without the FPU: what is valid is sealed to those octets and opened again, what
 * is not is refused.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bottom_half.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include <wycheproof.h>

#include "../aead.h"
#include "selftest.h"

#define TAG_LEN	16

static int open_it(const struct ksrtp_aead *aead, const struct ksrtp_aead_op *op, bool soft)
{
	return soft ? ksrtp_gcm_soft_open(aead->soft, op) : ksrtp_aead_open(aead, op);
}

static int seal_it(const struct ksrtp_aead *aead, const struct ksrtp_aead_op *op, bool soft)
{
	if (!soft)
		return ksrtp_aead_seal(aead, op);
	ksrtp_gcm_soft_seal(aead->soft, op);
	return 0;
}

static bool case_ok(const struct ksrtp_aead *aead, unsigned int n, u8 *packet, bool soft)
{
	u32 len = ksrtp_wycheproof[n].len, aad_len = ksrtp_wycheproof[n].aad_len;
	const char *plain = ksrtp_wycheproof[n].data + aad_len, *sealed = plain + len;
	struct ksrtp_aead_op op = {
		.aad = packet, .aad_len = aad_len, .body = packet + aad_len, .body_len = len,
	};

	memcpy(op.iv, ksrtp_wycheproof[n].iv, sizeof(op.iv));
	memcpy(packet, ksrtp_wycheproof[n].data, aad_len);
	memcpy(op.body, sealed, len + TAG_LEN);
	if (!ksrtp_wycheproof[n].valid)
		return open_it(aead, &op, soft) == -EBADMSG;
	if (open_it(aead, &op, soft) || memcmp(op.body, plain, len))
		return false;
	memset(op.body + len, 0, TAG_LEN);
	return !seal_it(aead, &op, soft) && !memcmp(op.body, sealed, len + TAG_LEN);
}

unsigned int ksrtp_selftest_wycheproof(u8 *packet, unsigned int *passed)
{
	unsigned int failed = 0, n;

	for (n = 0; n < ARRAY_SIZE(ksrtp_wycheproof); n++) {
		struct ksrtp_aead aead = {};
		bool ok;

		if (ksrtp_aead_init(&aead, ksrtp_wycheproof[n].key, ksrtp_wycheproof[n].key_len))
			return failed + 1;
		local_bh_disable();
		ok = case_ok(&aead, n, packet, false) &&
		     (!aead.soft || case_ok(&aead, n, packet, true));
		local_bh_enable();
		ksrtp_aead_uninit(&aead);
		if (ok) {
			++*passed;
			continue;
		}
		pr_err("self-test: Wycheproof case %u\n", ksrtp_wycheproof[n].id);
		failed++;
	}
	return failed;
}
