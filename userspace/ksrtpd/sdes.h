/* SPDX-License-Identifier: GPL-2.0 */
/*
 * a=crypto, keys that SDP carries (RFC 4568; suites of RFC 4568, 6188 and 7714):
 *
 *	a=crypto:TAG SUITE inline:KEY-AND-SALT[|LIFETIME][|MKI:LENGTH] [SESSION-PARAMETER ...]
 *
 * One key a line; WSH and extensions (-NAME) are the only session parameters taken, for
 * all others change what is encrypted or how keys are made.
 */
#ifndef KSRTPD_SDES_H
#define KSRTPD_SDES_H

#include <stdbool.h>
#include <stddef.h>

#include "key.h"

#define KSRTPD_SDES_TAG_MAX	999999999	/* nine digits */
/* "999999999 AES_CM_128_HMAC_SHA1_80 inline:" and 46 octets in base64 */
#define KSRTPD_SDES_TEXT	128

struct ksrtpd_sdes {
	unsigned int tag;
	struct ksrtpd_sdes_key key;
};

/* The value of an a=crypto. NULL, or why it cannot be used. */
const char *ksrtpd_sdes_parse(const char *value, size_t len, struct ksrtpd_sdes *sdes);
/* Its value, without MKI: ours have none. The text is a secret. */
void ksrtpd_sdes_format(const struct ksrtpd_sdes *sdes, char text[KSRTPD_SDES_TEXT]);
/* A new key from the system's secure random generator. */
bool ksrtpd_sdes_make(struct ksrtpd_sdes *sdes, unsigned int tag, uint32_t suite);
/* Name of the suite in SDP; NULL: SDES has none for it. */
const char *ksrtpd_sdes_suite(uint32_t suite);

#endif /* KSRTPD_SDES_H */
