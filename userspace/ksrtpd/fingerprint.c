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

bool ksrtpd_fingerprint_hex(const char *hex, size_t len, uint8_t *octets, size_t octets_len)
{
	size_t i;

	if (len != octets_len * 3 - 1)
		return false;
	for (i = 0; i < octets_len; i++) {
		int high = nibble(hex[3 * i]), low = nibble(hex[3 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		if (i + 1 < octets_len && hex[3 * i + 2] != ':')
			return false;
		octets[i] = high << 4 | low;
	}
	return true;
}

bool ksrtpd_fingerprint_parse(const char *hex, size_t len, struct ksrtpd_fingerprint *fp)
{
	return ksrtpd_fingerprint_hex(hex, len, fp->octets, sizeof(fp->octets));
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

bool ksrtpd_fingerprints_match(const X509 *cert, const struct ksrtpd_fingerprints *list)
{
	const EVP_MD *hash = list->long_len == 48 ? EVP_sha384() : EVP_sha512();
	uint8_t octets[EVP_MAX_MD_SIZE];
	struct ksrtpd_fingerprint fp;
	bool found = false;
	unsigned int len, i;

	if (!list->long_count)
		return ksrtpd_fingerprint_of(cert, &fp) && ksrtpd_fingerprint_in(&fp, list);
	if (X509_digest(cert, hash, octets, &len) != 1 || len != list->long_len)
		return false;
	for (i = 0; i < list->long_count; i++)
		found |= !CRYPTO_memcmp(octets, list->longs[i], len);
	return found;
}

bool ksrtpd_fingerprints_equal(const struct ksrtpd_fingerprints *a,
			       const struct ksrtpd_fingerprints *b)
{
	unsigned int i, j;

	if (a->count != b->count || a->long_len != b->long_len || a->long_count != b->long_count)
		return false;
	for (i = 0; i < a->count; i++) {
		if (!ksrtpd_fingerprint_in(&a->list[i], b))
			return false;
	}
	for (i = 0; i < a->long_count; i++) {
		for (j = 0; j < b->long_count; j++) {
			if (!memcmp(a->longs[i], b->longs[j], a->long_len))
				break;
		}
		if (j == b->long_count)
			return false;
	}
	return true;
}
