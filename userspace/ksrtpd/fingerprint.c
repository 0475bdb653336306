// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "fingerprint.h"

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool ksrtpd_fingerprint_parse(const char *hex, size_t len, struct ksrtpd_fingerprint *fp)
{
	size_t i;

	if (len != KSRTPD_FINGERPRINT_LEN * 3 - 1)
		return false;
	for (i = 0; i < KSRTPD_FINGERPRINT_LEN; i++) {
		int high = nibble(hex[3 * i]), low = nibble(hex[3 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		if (i + 1 < KSRTPD_FINGERPRINT_LEN && hex[3 * i + 2] != ':')
			return false;
		fp->octets[i] = high << 4 | low;
	}
	return true;
}

const char *ksrtpd_fingerprint_text(const struct ksrtpd_fingerprint *fp,
				    char text[KSRTPD_FINGERPRINT_TEXT])
{
	char *p = text + sprintf(text, "sha-256");
	size_t i;

	for (i = 0; i < KSRTPD_FINGERPRINT_LEN; i++)
		p += sprintf(p, "%c%02X", i ? ':' : ' ', fp->octets[i]);
	return text;
}

bool ksrtpd_fingerprint_of(const X509 *cert, struct ksrtpd_fingerprint *fp)
{
	unsigned int len = 0;

	return X509_digest(cert, EVP_sha256(), fp->octets, &len) == 1 &&
	       len == KSRTPD_FINGERPRINT_LEN;
}

bool ksrtpd_fingerprint_equal(const struct ksrtpd_fingerprint *a,
			      const struct ksrtpd_fingerprint *b)
{
	return CRYPTO_memcmp(a->octets, b->octets, KSRTPD_FINGERPRINT_LEN) == 0;
}

bool ksrtpd_fingerprint_in(const struct ksrtpd_fingerprint *fp,
			   const struct ksrtpd_fingerprints *list)
{
	bool found = false;
	unsigned int i;

	for (i = 0; i < list->count; i++)
		found |= ksrtpd_fingerprint_equal(fp, &list->list[i]);
	return found;
}
