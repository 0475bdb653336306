/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connectivity checks and the answers to them, octet by octet from RFC 8489 and RFC 8445,
 * with OpenSSL's HMAC and without any code of the parts under test.
 */
#ifndef KSRTP_TEST_CHECK_H
#define KSRTP_TEST_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#define CHECK_MAX	2048
#define CHECK_COOKIE	"\x21\x12\xa4\x42"

/* Zeros are the usual: PRIORITY, ICE-CONTROLLING, USERNAME, MESSAGE-INTEGRITY, FINGERPRINT. */
struct check {
	const char	*username, *pwd;
	uint16_t	method;			/* 0: Binding request */
	bool		use_candidate, controlled;
	bool		no_username, two_usernames, no_integrity, no_fingerprint;
	bool		bad_integrity, bad_fingerprint;
	uint16_t	extra;			/* one more attribute of this type ... */
	uint16_t	extra_len;		/* ... with so many octets */
	uint16_t	late;			/* one between MESSAGE-INTEGRITY and FINGERPRINT */
	uint8_t		transaction[12];
};

static inline uint8_t *check_put16(uint8_t *p, unsigned int v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
	return p + 2;
}

/* The padding is not zero, which it need not be in a request. */
static inline uint8_t *check_attr(uint8_t *p, uint16_t type, const void *value, size_t len)
{
	p = check_put16(check_put16(p, type), (unsigned int)len);
	if (len)
		memcpy(p, value, len);
	memset(p + len, 0x20, -len & 3);
	return p + ((len + 3) & ~(size_t)3);
}

static inline uint32_t check_crc32(const uint8_t *p, size_t len)
{
	uint32_t crc = 0xffffffff;
	int bit;

	while (len--) {
		crc ^= *p++;
		for (bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
	}
	return ~crc;
}

/* Both as if the message ended with them: its length says so. */
static inline uint8_t *check_integrity(uint8_t *msg, uint8_t *p, const char *pwd)
{
	uint8_t mac[20];
	unsigned int n = sizeof(mac);

	check_put16(msg + 2, (unsigned int)(p - msg) - 20 + 24);
	HMAC(EVP_sha1(), pwd, (int)strlen(pwd), msg, (size_t)(p - msg), mac, &n);
	return check_attr(p, 0x0008, mac, sizeof(mac));
}

static inline uint8_t *check_fingerprint(uint8_t *msg, uint8_t *p)
{
	uint8_t value[4];
	uint32_t crc;

	check_put16(msg + 2, (unsigned int)(p - msg) - 20 + 8);
	crc = check_crc32(msg, (size_t)(p - msg)) ^ 0x5354554e;
	check_put16(check_put16(value, crc >> 16), crc & 0xffff);
	return check_attr(p, 0x8028, value, sizeof(value));
}

/* Returns the length. */
static inline size_t check_build(const struct check *c, uint8_t *out)
{
	static const uint8_t priority[4] = { 0x6e, 0, 1, 0xff }, tie[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	static const uint8_t filler[CHECK_MAX];
	uint8_t *p = check_put16(out, c->method ? c->method : 0x0001) + 2, *mark;

	memcpy(p, CHECK_COOKIE, 4);
	memcpy(p + 4, c->transaction, 12);
	p += 16;
	p = check_attr(p, 0x0024, priority, sizeof(priority));
	p = check_attr(p, c->controlled ? 0x8029 : 0x802a, tie, sizeof(tie));
	if (c->use_candidate)
		p = check_attr(p, 0x0025, NULL, 0);
	if (c->extra)
		p = check_attr(p, c->extra, filler, c->extra_len);
	if (!c->no_username)
		p = check_attr(p, 0x0006, c->username, strlen(c->username));
	if (c->two_usernames)
		p = check_attr(p, 0x0006, c->username, strlen(c->username));
	mark = p;
	if (!c->no_integrity)
		p = check_integrity(out, p, c->pwd);
	if (c->bad_integrity)
		mark[10] ^= 0x40;
	if (c->late)
		p = check_attr(p, c->late, filler, 4);
	if (!c->no_fingerprint)
		p = check_fingerprint(out, p);
	if (c->bad_fingerprint)
		p[-1] ^= 1;
	check_put16(out + 2, (unsigned int)(p - out) - 20);
	return (size_t)(p - out);
}

/* The answer, all of it. Returns its length. */
static inline size_t check_answer(const struct check *c, const uint8_t *ip, bool v6, uint16_t port,
				  uint8_t *out)
{
	uint8_t mapped[20] = { 0, v6 ? 2 : 1 }, *p = check_put16(out, 0x0101) + 2;
	size_t n = v6 ? 16 : 4, i;

	memcpy(p, CHECK_COOKIE, 4);
	memcpy(p + 4, c->transaction, 12);
	check_put16(mapped + 2, port ^ 0x2112);
	for (i = 0; i < n; i++)
		mapped[4 + i] = ip[i] ^ p[i];
	p = check_attr(p + 16, 0x0020, mapped, 4 + n);
	p = check_fingerprint(out, check_integrity(out, p, c->pwd));
	return (size_t)(p - out);
}

#endif /* KSRTP_TEST_CHECK_H */
