// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "sdes.h"

#define LIFETIME_MAX	(1ULL << 48)	/* packets of a master key (RFC 3711, section 9.2) */
#define WSH_MIN		64

static const struct sdes_suite {
	const char *name;
	uint32_t suite;
	size_t key, salt;
} sdes_suites[] = {
	{ "AEAD_AES_128_GCM", KSRTP_SUITE_AEAD_AES_128_GCM, 16, 12 },
	{ "AEAD_AES_256_GCM", KSRTP_SUITE_AEAD_AES_256_GCM, 32, 12 },
	{ "AES_CM_128_HMAC_SHA1_80", KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80, 16, 14 },
	{ "AES_CM_128_HMAC_SHA1_32", KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32, 16, 14 },
	{ "AES_256_CM_HMAC_SHA1_80", KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80, 32, 14 },
	{ "AES_256_CM_HMAC_SHA1_32", KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32, 32, 14 },
};

/* What is left of the value. */
struct rest {
	const char *at;
	size_t len;
};

static const struct sdes_suite *suite_of(uint32_t number)
{
	size_t i;

	for (i = 0; i < sizeof(sdes_suites) / sizeof(sdes_suites[0]); i++) {
		if (sdes_suites[i].suite == number)
			return &sdes_suites[i];
	}
	return NULL;
}

const char *ksrtpd_sdes_suite(uint32_t number)
{
	const struct sdes_suite *suite = suite_of(number);

	return suite ? suite->name : NULL;
}

/* Takes what stands before the next @end, or all. */
static struct rest take_until(struct rest *rest, char end)
{
	const char *found = memchr(rest->at, end, rest->len);
	struct rest word = { rest->at, found ? (size_t)(found - rest->at) : rest->len };
	size_t taken = word.len + (found ? 1 : 0);

	rest->at += taken;
	rest->len -= taken;
	return word;
}

static bool rest_is(struct rest word, const char *text)
{
	return word.len == strlen(text) && !memcmp(word.at, text, word.len);
}

static bool rest_begins(struct rest word, const char *text)
{
	return word.len >= strlen(text) && !memcmp(word.at, text, strlen(text));
}

/* A decimal number of at most @digits digits. */
static bool rest_number(struct rest word, size_t digits, unsigned long long *value)
{
	size_t i;

	*value = 0;
	if (!word.len || word.len > digits)
		return false;
	for (i = 0; i < word.len; i++) {
		if (word.at[i] < '0' || word.at[i] > '9')
			return false;
		*value = *value * 10 + (unsigned int)(word.at[i] - '0');
	}
	return true;
}

static const struct sdes_suite *suite_named(struct rest word)
{
	size_t i;

	for (i = 0; i < sizeof(sdes_suites) / sizeof(sdes_suites[0]); i++) {
		if (rest_is(word, sdes_suites[i].name))
			return &sdes_suites[i];
	}
	return NULL;
}

/* -- base64, padded or not; every octet in place, no bit left over */

static int sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool decode(struct rest text, uint8_t *octets, size_t len)
{
	size_t digits = (len * 4 + 2) / 3, padded = (len + 2) / 3 * 4, i, at = 0;
	unsigned int bits = 0, held = 0;

	if (text.len != digits && text.len != padded)
		return false;
	for (i = 0; i < digits; i++) {
		int value = sextet(text.at[i]);

		if (value < 0)
			return false;
		held = (held << 6 | (unsigned int)value) & 0xfff;
		bits += 6;
		if (bits >= 8 && at < len) {
			bits -= 8;
			octets[at++] = (uint8_t)(held >> bits);
		}
	}
	if (held & ((1u << bits) - 1))
		return false;
	for (; i < text.len; i++) {
		if (text.at[i] != '=')
			return false;
	}
	return at == len;
}

static char *encode(char *text, const uint8_t *octets, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;

	for (i = 0; i < len; i += 3) {
		unsigned int three = (unsigned int)octets[i] << 16;

		three |= i + 1 < len ? (unsigned int)octets[i + 1] << 8 : 0;
		three |= i + 2 < len ? octets[i + 2] : 0;
		*text++ = digits[three >> 18];
		*text++ = digits[three >> 12 & 63];
		*text++ = i + 1 < len ? digits[three >> 6 & 63] : '=';
		*text++ = i + 2 < len ? digits[three & 63] : '=';
	}
	*text = '\0';
	return text;
}

/* -- the key parameter */

static const char *parse_lifetime(struct rest word)
{
	unsigned long long value;

	if (rest_begins(word, "2^")) {
		word.at += 2;
		word.len -= 2;
		if (!rest_number(word, 2, &value) || value > 48)
			return "its lifetime is none of up to 2^48 packets";
		return NULL;
	}
	if (!rest_number(word, 15, &value) || !value || value > LIFETIME_MAX)
		return "its lifetime is none of up to 2^48 packets";
	return NULL;
}

/* A decimal number of any size, as LENGTH octets. */
static const char *parse_mki(struct rest word, struct ksrtpd_sdes_key *key)
{
	struct rest digits = take_until(&word, ':');
	unsigned long long len;
	size_t i, j;

	if (!rest_number(word, 3, &len) || !len || len > KSRTP_MKI_MAX || !digits.len)
		return "its MKI is not of the form VALUE:LENGTH with 1 to 128 octets";
	memset(key->mki, 0, sizeof(key->mki));
	for (i = 0; i < digits.len; i++) {
		unsigned int carry = (unsigned int)(digits.at[i] - '0');

		if (carry > 9)
			return "its MKI is no number";
		for (j = len; j-- > 0;) {
			carry += key->mki[j] * 10u;
			key->mki[j] = (uint8_t)carry;
			carry >>= 8;
		}
		if (carry)
			return "its MKI does not fit into as many octets as it says";
	}
	key->mki_len = (unsigned int)len;
	return NULL;
}

static const char *parse_key(struct rest word, const struct sdes_suite *suite, struct ksrtpd_sdes_key *key)
{
	uint8_t octets[32 + 14];
	const char *why = NULL;
	struct rest part;

	if (!rest_begins(word, "inline:"))
		return "its key method is not inline";
	if (memchr(word.at, ';', word.len))
		return "it has more than one key";
	word.at += 7;
	word.len -= 7;
	part = take_until(&word, '|');
	if (!decode(part, octets, suite->key + suite->salt)) {
		OPENSSL_cleanse(octets, sizeof(octets));
		return "its key and salt are not the octets of the suite in base64";
	}
	memcpy(key->key, octets, suite->key);
	memcpy(key->salt, octets + suite->key, suite->salt);
	OPENSSL_cleanse(octets, sizeof(octets));
	key->suite = suite->suite;
	part = take_until(&word, '|');
	if (part.len && !memchr(part.at, ':', part.len)) {
		why = parse_lifetime(part);
		part = take_until(&word, '|');
	}
	if (!why && part.len)
		why = parse_mki(part, key);
	return !why && word.len ? "it has something after its MKI" : why;
}

static const char *parse_parameter(struct rest word)
{
	unsigned long long value;

	if (rest_begins(word, "-") && word.len > 1)
		return NULL;
	if (rest_begins(word, "UNENCRYPTED_") || rest_begins(word, "UNAUTHENTICATED_"))
		return "it asks for packets that are not encrypted or not authenticated";
	if (!rest_begins(word, "WSH="))
		return "it has a session parameter that is not known here";
	word.at += 4;
	word.len -= 4;
	return rest_number(word, 4, &value) && value >= WSH_MIN ? NULL : "its WSH is no number from 64 on";
}

const char *ksrtpd_sdes_parse(const char *value, size_t len, struct ksrtpd_sdes *sdes)
{
	struct rest rest = { value, len }, word;
	const struct sdes_suite *suite;
	unsigned long long tag;
	const char *why;

	memset(sdes, 0, sizeof(*sdes));
	if (!rest_number(take_until(&rest, ' '), 9, &tag))
		return "its tag is no number of up to nine digits";
	sdes->tag = (unsigned int)tag;
	suite = suite_named(take_until(&rest, ' '));
	if (!suite)
		return "its suite is not known here";
	why = parse_key(take_until(&rest, ' '), suite, &sdes->key);
	while (!why && rest.len) {
		word = take_until(&rest, ' ');
		why = word.len ? parse_parameter(word) : "it has two blanks in a row";
	}
	if (why)
		OPENSSL_cleanse(&sdes->key, sizeof(sdes->key));
	return why;
}

void ksrtpd_sdes_format(const struct ksrtpd_sdes *sdes, char text[KSRTPD_SDES_TEXT])
{
	const struct sdes_suite *suite = suite_of(sdes->key.suite);
	uint8_t octets[32 + 14];
	int len;

	len = snprintf(text, KSRTPD_SDES_TEXT, "%u %s inline:", sdes->tag, suite->name);
	memcpy(octets, sdes->key.key, suite->key);
	memcpy(octets + suite->key, sdes->key.salt, suite->salt);
	encode(text + len, octets, suite->key + suite->salt);
	OPENSSL_cleanse(octets, sizeof(octets));
}

bool ksrtpd_sdes_make(struct ksrtpd_sdes *sdes, unsigned int tag, uint32_t number_of)
{
	const struct sdes_suite *suite = suite_of(number_of);

	memset(sdes, 0, sizeof(*sdes));
	sdes->tag = tag;
	sdes->key.suite = number_of;
	return suite && RAND_bytes(sdes->key.key, (int)suite->key) == 1 &&
	       RAND_bytes(sdes->key.salt, (int)suite->salt) == 1;
}
