/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fingerprints of certificates, also called thumbprints (RFC 8122). Ours are SHA-256,
 * and so are all that are shown and that security codes are made of. Where a peer's SDP
 * has some of a longer SHA-2 too, those of the longest decide (section 5).
 */
#ifndef KSRTPD_FINGERPRINT_H
#define KSRTPD_FINGERPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/x509.h>

#define KSRTPD_FINGERPRINT_LEN	32
/* "sha-256 " and 32 octets in hex with colons between */
#define KSRTPD_FINGERPRINT_TEXT	(8 + KSRTPD_FINGERPRINT_LEN * 3)
/* How many of an SDP section are kept; a certificate and its successor need two. */
#define KSRTPD_FINGERPRINTS_MAX	8

struct ksrtpd_fingerprint {
	uint8_t octets[KSRTPD_FINGERPRINT_LEN];
};

#define KSRTPD_FINGERPRINT_LONG	64	/* octets of SHA-512 */

struct ksrtpd_fingerprints {
	struct ksrtpd_fingerprint list[KSRTPD_FINGERPRINTS_MAX];	/* SHA-256 */
	unsigned int count;
	unsigned int long_len;		/* 48: SHA-384, 64: SHA-512, 0: there are none */
	unsigned int long_count;
	uint8_t longs[KSRTPD_FINGERPRINTS_MAX][KSRTPD_FINGERPRINT_LONG];
};

/* Parses pairs of hex digits of either case, a colon after every pair but the last. */
bool ksrtpd_fingerprint_hex(const char *hex, size_t len, uint8_t *octets, size_t octets_len);
bool ksrtpd_fingerprint_parse(const char *hex, size_t len, struct ksrtpd_fingerprint *fp);
/* "sha-256 AB:CD:..." as in SDP. */
const char *ksrtpd_fingerprint_text(const struct ksrtpd_fingerprint *fp,
				    char text[KSRTPD_FINGERPRINT_TEXT]);
bool ksrtpd_fingerprint_of(const X509 *cert, struct ksrtpd_fingerprint *fp);
/* Both in constant time; _in looks at every one of the list. */
bool ksrtpd_fingerprint_equal(const struct ksrtpd_fingerprint *a,
			      const struct ksrtpd_fingerprint *b);
bool ksrtpd_fingerprint_in(const struct ksrtpd_fingerprint *fp,
			   const struct ksrtpd_fingerprints *list);
/* Is the certificate one of these, by the longest hash that the list has? */
bool ksrtpd_fingerprints_match(const X509 *cert, const struct ksrtpd_fingerprints *list);
/* Do both name the same certificates? */
bool ksrtpd_fingerprints_equal(const struct ksrtpd_fingerprints *a,
			       const struct ksrtpd_fingerprints *b);

#endif /* KSRTPD_FINGERPRINT_H */
