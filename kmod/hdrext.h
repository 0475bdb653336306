/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Elements of RTP header extensions encrypted one by one, by a key stream of their own
 * (RFC 6904): AES-CM, also beside AES-GCM, with header key and salt of the same master key.
 */
#ifndef KSRTP_HDREXT_H
#define KSRTP_HDREXT_H

#include <linux/bitmap.h>
#include <linux/ksrtp.h>

#include "cm.h"

/**
 * struct ksrtp_hdrext - of a key that has it
 * @cm: AES-CTR under the header key; no MAC
 * @salt: the shorter one of AES-GCM has zeros behind it
 * @ids: identifiers of the elements that are encrypted; never 0
 */
struct ksrtp_hdrext {
	struct ksrtp_cm	cm;
	u8		salt[KSRTP_CM_SALT_LEN];
	DECLARE_BITMAP(ids, 256);
};

/*
 * Process context. @key_len 16 or 32; @salt_len up to KSRTP_CM_SALT_LEN; @ids, of which there
 * are @n, from 1 on. An ERR_PTR() when there is none.
 */
struct ksrtp_hdrext *ksrtp_hdrext_create(const u8 *key, size_t key_len, const u8 *salt,
					 size_t salt_len, const u8 *ids, size_t n);
void ksrtp_hdrext_destroy(struct ksrtp_hdrext *x);

/*
 * Softirq. Encrypt or decrypt the elements in place, of a header that ksrtp_rtp_parse() has
 * taken. 0; -EINVAL: an element is longer than the extension; or an engine's errno.
 */
int ksrtp_hdrext_crypt(const struct ksrtp_hdrext *x, u8 *data, u32 ssrc, u64 index);

#endif /* KSRTP_HDREXT_H */
