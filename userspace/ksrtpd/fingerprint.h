/* SPDX-License-Identifier: GPL-2.0 */
/* SHA-256 fingerprints of certificates, also called thumbprints (RFC 8122). */
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

struct ksrtpd_fingerprints {
	struct ksrtpd_fingerprint list[KSRTPD_FINGERPRINTS_MAX];
	unsigned int count;
};

/* Parses 64 hex digits of either case, a colon after every pair but the last. */
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

#endif /* KSRTPD_FINGERPRINT_H */
