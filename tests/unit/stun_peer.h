/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The other side of ICE for tests: writes STUN requests octet by octet, right or wrong,
 * with none of the agent's own code.
 */
#ifndef KSRTP_TEST_STUN_PEER_H
#define KSRTP_TEST_STUN_PEER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

struct check {
	uint8_t octets[1024];
	size_t len;
};

static inline void check_16(uint8_t *at, unsigned int value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void check_begin(struct check *c, unsigned int type, uint8_t id)
{
	static const uint8_t cookie[4] = { 0x21, 0x12, 0xa4, 0x42 };

	memset(c, 0, sizeof(*c));
	check_16(c->octets, type);
	memcpy(c->octets + 4, cookie, 4);
	memset(c->octets + 8, id, 12);
	c->len = 20;
}

static inline void check_add(struct check *c, unsigned int type, const void *value, size_t len)
{
	check_16(c->octets + c->len, type);
	check_16(c->octets + c->len + 2, (unsigned int)len);
	if (len)
		memcpy(c->octets + c->len + 4, value, len);
	c->len += 4 + (len + 3) / 4 * 4;
	check_16(c->octets + 2, (unsigned int)c->len - 20);
}

static inline void check_integrity(struct check *c, const char *password)
{
	uint8_t mac[20];
	unsigned int len = sizeof(mac);

	check_16(c->octets + 2, (unsigned int)c->len + 24 - 20);
	HMAC(EVP_sha1(), password, (int)strlen(password), c->octets, c->len, mac, &len);
	check_add(c, 0x0008, mac, sizeof(mac));
}

static inline void check_fingerprint(struct check *c)
{
	uint32_t crc = 0xffffffff;
	uint8_t value[4];
	unsigned int bit;
	size_t i;

	check_16(c->octets + 2, (unsigned int)c->len + 8 - 20);
	for (i = 0; i < c->len; i++) {
		crc ^= c->octets[i];
		for (bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
	}
	crc = ~crc ^ 0x5354554e;
	check_16(value, crc >> 16);
	check_16(value + 2, crc & 0xffff);
	check_add(c, 0x8028, value, sizeof(value));
}

/* What a request shall have beside what every good one has. */
struct check_options {
	const char *local, *remote;	/* the ufrags, of the one that is checked first */
	const char *password;		/* NULL: no MESSAGE-INTEGRITY */
	bool nominate, controlled, unknown;
};

static inline void check_make(struct check *c, const struct check_options *o)
{
	static const uint8_t tie[8] = { 1, 2, 3, 4, 5, 6, 7, 8 }, priority[4] = { 0x6e, 0, 1, 0xff };
	char name[600];
	int len;

	check_begin(c, 0x0001, 0x5a);
	if (o->local) {
		len = snprintf(name, sizeof(name), "%s:%s", o->local, o->remote);
		check_add(c, 0x0006, name, (size_t)len);
	}
	check_add(c, 0x0024, priority, sizeof(priority));
	check_add(c, o->controlled ? 0x8029 : 0x802a, tie, sizeof(tie));
	if (o->nominate)
		check_add(c, 0x0025, NULL, 0);
	if (o->unknown)
		check_add(c, 0x7fff, "what", 4);
	if (o->password)
		check_integrity(c, o->password);
	check_fingerprint(c);
}

/* The value of the first attribute of this type in an answer; NULL: none. */
static inline const uint8_t *answer_find(const uint8_t *data, size_t len, unsigned int type,
					 size_t *value_len)
{
	size_t at = 20;

	while (at + 4 <= len) {
		size_t n = (size_t)data[at + 2] << 8 | data[at + 3];

		if (at + 4 + n > len)
			return NULL;
		if (((unsigned int)data[at] << 8 | data[at + 1]) == type) {
			*value_len = n;
			return data + at + 4;
		}
		at += 4 + (n + 3) / 4 * 4;
	}
	return NULL;
}

/* The code of an error answer; 0: success; -1: neither, or not to this request. */
static inline int answer_code(const uint8_t *data, size_t len, const struct check *c)
{
	const uint8_t *value;
	size_t n = 0;

	if (len < 20 || memcmp(data + 4, c->octets + 4, 16) ||
	    ((size_t)data[2] << 8 | data[3]) != len - 20)
		return -1;
	if (data[0] == 1 && data[1] == 1)
		return 0;
	value = answer_find(data, len, 0x0009, &n);
	return data[0] == 1 && data[1] == 0x11 && value && n >= 4 ? value[2] * 100 + value[3] : -1;
}

/* Is its MESSAGE-INTEGRITY that of @password, and its FINGERPRINT right? */
static inline bool answer_authentic(const uint8_t *data, size_t len, const char *password)
{
	struct check again;
	size_t n = 0;
	const uint8_t *mac = answer_find(data, len, 0x0008, &n);
	size_t before = mac ? (size_t)(mac - data) - 4 : 0;

	if (!mac || n != 20 || before + 24 + 8 != len || len > sizeof(again.octets))
		return false;
	memcpy(again.octets, data, before);
	again.len = before;
	check_integrity(&again, password);
	check_fingerprint(&again);
	return again.len == len && !memcmp(again.octets, data, len);
}

#endif /* KSRTP_TEST_STUN_PEER_H */
