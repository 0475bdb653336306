/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_CORE_KDF_H
#define KSRTP_CORE_KDF_H

/* Labels of RFC 3711, section 4.3.2 */
#define KSRTP_LABEL_SRTP_KEY	0
#define KSRTP_LABEL_SRTP_AUTH	1
#define KSRTP_LABEL_SRTP_SALT	2
#define KSRTP_LABEL_SRTCP_KEY	3
#define KSRTP_LABEL_SRTCP_AUTH	4
#define KSRTP_LABEL_SRTCP_SALT	5
/* RFC 6904, section 3 */
#define KSRTP_LABEL_HDREXT_KEY	6
#define KSRTP_LABEL_HDREXT_SALT	7

#define KSRTP_KDF_SALT_LEN	14	/* 112 bits */

/*
 * One AES block under the master key: out = E(k, in). 0 or a negative errno.
 * Supplied by the caller, so that this file needs no cipher of its own.
 */
typedef int (*ksrtp_kdf_block)(void *cipher, const u8 in[16], u8 out[16]);

/*
 * ksrtp_kdf - AES-CM PRF of RFC 3711, section 4.3.3 (RFC 6188 for AES-256), kdr = 0
 * @salt, @salt_len: master salt, 12 or 14 octets. 12 (the AEAD suites) are
 *	followed by two zero octets: RFC 7714, section 11 with erratum 4938.
 * @out, @len: session key, salt or authentication key; len 1 to 1,048,576
 *
 * Returns 0, -EINVAL for a wrong length, or what @block returned; then @out is wiped.
 */
int ksrtp_kdf(ksrtp_kdf_block block, void *cipher, const u8 *salt, size_t salt_len,
	      u8 label, u8 *out, size_t len);

#endif /* KSRTP_CORE_KDF_H */
