// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "seccode.h"

#define SALT		"ksrtp security code v1"
#define ROUNDS		100000
#define DIGITS		20
#define GROUP		5

/* Divides the big-endian number in place by ten and returns the remainder. */
static unsigned int next_digit(uint8_t number[KSRTPD_FINGERPRINT_LEN])
{
	unsigned int rest = 0;
	size_t i;

	for (i = 0; i < KSRTPD_FINGERPRINT_LEN; i++) {
		unsigned int part = rest << 8 | number[i];

		number[i] = part / 10;
		rest = part % 10;
	}
	return rest;
}

static void write_code(uint8_t number[KSRTPD_FINGERPRINT_LEN], char text[KSRTPD_SECCODE_TEXT])
{
	char *p = text + KSRTPD_SECCODE_TEXT - 1;
	unsigned int i;

	*p = '\0';
	for (i = 0; i < DIGITS; i++) {
		if (i && i % GROUP == 0)
			*--p = ' ';
		*--p = '0' + next_digit(number);
	}
}

bool ksrtpd_seccode(const struct ksrtpd_fingerprint *one, const struct ksrtpd_fingerprint *other,
		    char text[KSRTPD_SECCODE_TEXT])
{
	/* Thumbprints are public: no constant time is needed. */
	bool ordered = memcmp(one->octets, other->octets, KSRTPD_FINGERPRINT_LEN) < 0;
	const struct ksrtpd_fingerprint *t1 = ordered ? one : other, *t2 = ordered ? other : one;
	uint8_t password[2 * KSRTPD_FINGERPRINT_LEN], number[KSRTPD_FINGERPRINT_LEN];

	if (ksrtpd_fingerprint_equal(t1, t2))
		return false;
	memcpy(password, t1->octets, KSRTPD_FINGERPRINT_LEN);
	memcpy(password + KSRTPD_FINGERPRINT_LEN, t2->octets, KSRTPD_FINGERPRINT_LEN);
	if (PKCS5_PBKDF2_HMAC((const char *)password, sizeof(password),
			      (const unsigned char *)SALT, strlen(SALT), ROUNDS, EVP_sha256(),
			      sizeof(number), number) != 1)
		return false;
	write_code(number, text);
	return true;
}
