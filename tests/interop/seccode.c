/* SPDX-License-Identifier: GPL-2.0 */
#include <stdio.h>
#include <string.h>

#include <openssl/bn.h>

#include "endpoint.h"

/*
 * T1, T2: the thumbprints in the order of their octets;
 * D = PBKDF2-HMAC-SHA256(T1 T2, "ksrtp security code v1", 100,000, 32 octets),
 * the code D modulo 10^20, as four groups of five digits.
 */
void security_code(const uint8_t one[THUMBPRINT_LEN], const uint8_t other[THUMBPRINT_LEN],
		   char code[CODE_TEXT])
{
	static const char salt[] = "ksrtp security code v1";
	bool ordered = memcmp(one, other, THUMBPRINT_LEN) < 0;
	uint8_t both[2 * THUMBPRINT_LEN], derived[32];
	BIGNUM *number = NULL, *limit = NULL;
	BN_CTX *ctx = BN_CTX_new();
	char *decimal, digits[21];
	size_t len;
	int i;

	memcpy(both, ordered ? one : other, THUMBPRINT_LEN);
	memcpy(both + THUMBPRINT_LEN, ordered ? other : one, THUMBPRINT_LEN);
	if (PKCS5_PBKDF2_HMAC((char *)both, sizeof(both), (const unsigned char *)salt,
			      sizeof(salt) - 1, 100000, EVP_sha256(), sizeof(derived), derived) != 1)
		die("PBKDF2 failed");
	number = BN_bin2bn(derived, sizeof(derived), NULL);
	if (!ctx || !number || !BN_dec2bn(&limit, "100000000000000000000") ||
	    BN_mod(number, number, limit, ctx) != 1)
		die("big number arithmetic failed");
	decimal = BN_bn2dec(number);
	len = strlen(decimal);
	memset(digits, '0', 20);
	memcpy(digits + 20 - len, decimal, len + 1);
	for (i = 0; i < 4; i++)
		snprintf(code + 6 * i, CODE_TEXT - 6 * (size_t)i, "%.5s%s", digits + 5 * i,
			 i < 3 ? " " : "");
	OPENSSL_free(decimal);
	BN_free(number);
	BN_free(limit);
	BN_CTX_free(ctx);
}
