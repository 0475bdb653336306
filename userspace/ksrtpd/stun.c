// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <netinet/in.h>

#include "stun.h"

#define MAGIC_COOKIE		0x2112a442u
#define FINGERPRINT_XOR		0x5354554eu
#define BINDING_REQUEST		0x0001
#define BINDING_SUCCESS		0x0101
#define BINDING_ERROR		0x0111

#define ATTR_HEADER		4
#define ATTR_USERNAME		0x0006
#define ATTR_INTEGRITY		0x0008
#define ATTR_ERROR_CODE		0x0009
#define ATTR_UNKNOWN		0x000a
#define ATTR_INTEGRITY_SHA256	0x001c
#define ATTR_XOR_MAPPED		0x0020
#define ATTR_PRIORITY		0x0024
#define ATTR_USE_CANDIDATE	0x0025
#define ATTR_FINGERPRINT	0x8028
#define ATTR_CONTROLLED		0x8029
#define ATTR_CONTROLLING	0x802a
#define ATTR_OPTIONAL		0x8000	/* may be ignored by who does not know it */

#define INTEGRITY_LEN		20
#define FINGERPRINT_LEN		4
#define USERNAME_MAX		513	/* octets (RFC 8489, section 14.3) */

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, (uint16_t)(value >> 16));
	put16(at + 2, (uint16_t)value);
}

/* ITU V.42, four bits at a time. */
static uint32_t crc32(const uint8_t *data, size_t len)
{
	static const uint32_t table[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
		0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	uint32_t crc = 0xffffffff;
	size_t i;

	for (i = 0; i < len; i++) {
		crc ^= data[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return ~crc;
}

/* Over all before the attribute at @at, under a header whose length ends with it. */
static bool integrity(const uint8_t *data, size_t at, const char *password,
		      uint8_t mac[INTEGRITY_LEN])
{
	uint8_t copy[KSRTPD_STUN_REQUEST_MAX];
	unsigned int len = INTEGRITY_LEN;

	memcpy(copy, data, at);
	put16(copy + 2, (uint16_t)(at + ATTR_HEADER + INTEGRITY_LEN - KSRTPD_STUN_HEADER));
	return HMAC(EVP_sha1(), password, (int)strlen(password), copy, at, mac, &len) != NULL;
}

/* -- requests */

static bool take_fixed(bool *seen, size_t len, size_t wanted)
{
	if (*seen || len != wanted)
		return false;
	*seen = true;
	return true;
}

/* False: malformed, or one that may be there only once is there again. */
static bool take_attribute(struct ksrtpd_stun *request, uint16_t type, size_t at, size_t len)
{
	const uint8_t *value = request->data + at + ATTR_HEADER;

	switch (type) {
	case ATTR_USERNAME:
		if (request->username || len > USERNAME_MAX)
			return false;
		request->username = (const char *)value;
		request->username_len = len;
		return true;
	case ATTR_INTEGRITY:
		request->integrity = at;
		return len == INTEGRITY_LEN;
	case ATTR_PRIORITY:
		if (!take_fixed(&request->has_priority, len, 4))
			return false;
		request->priority = get32(value);
		return true;
	case ATTR_USE_CANDIDATE:
		return take_fixed(&request->use_candidate, len, 0);
	case ATTR_CONTROLLING:
		return take_fixed(&request->controlling, len, 8);
	case ATTR_CONTROLLED:
		return take_fixed(&request->controlled, len, 8);
	case ATTR_INTEGRITY_SHA256:
		/* Of a peer that sends both; the other one is what ICE agrees on. */
		return true;
	}
	if (!(type & ATTR_OPTIONAL) && request->unknown_count < KSRTPD_STUN_UNKNOWN_MAX)
		request->unknown[request->unknown_count++] = type;
	return true;
}

static bool take_attributes(struct ksrtpd_stun *request)
{
	size_t at = KSRTPD_STUN_HEADER, end = request->len - ATTR_HEADER - FINGERPRINT_LEN;

	while (at < end) {
		uint16_t type = get16(request->data + at);
		size_t len = get16(request->data + at + 2);
		size_t whole = ATTR_HEADER + (len + 3) / 4 * 4;

		if (whole > end - at)
			return false;
		/* What stands behind the integrity is nobody's word. */
		if (!request->integrity && !take_attribute(request, type, at, len))
			return false;
		at += whole;
	}
	return true;
}

bool ksrtpd_stun_parse(const uint8_t *data, size_t len, struct ksrtpd_stun *request)
{
	const uint8_t *last;

	memset(request, 0, sizeof(*request));
	if (len < KSRTPD_STUN_HEADER + ATTR_HEADER + FINGERPRINT_LEN ||
	    len > KSRTPD_STUN_REQUEST_MAX || len % 4)
		return false;
	last = data + len - ATTR_HEADER - FINGERPRINT_LEN;
	if (get16(data) != BINDING_REQUEST || get16(data + 2) != len - KSRTPD_STUN_HEADER ||
	    get32(data + 4) != MAGIC_COOKIE)
		return false;
	if (get16(last) != ATTR_FINGERPRINT || get16(last + 2) != FINGERPRINT_LEN ||
	    get32(last + ATTR_HEADER) != (crc32(data, (size_t)(last - data)) ^ FINGERPRINT_XOR))
		return false;
	request->data = data;
	request->len = len;
	return take_attributes(request);
}

bool ksrtpd_stun_verify(const struct ksrtpd_stun *request, const char *password)
{
	uint8_t mac[INTEGRITY_LEN];

	return request->integrity && integrity(request->data, request->integrity, password, mac) &&
	       !CRYPTO_memcmp(mac, request->data + request->integrity + ATTR_HEADER, sizeof(mac));
}

/* -- answers */

struct writer {
	uint8_t *data;
	size_t len;
};

/* Room for the value, zeroed up to the next multiple of four. */
static uint8_t *add(struct writer *w, uint16_t type, size_t len)
{
	size_t padded = (len + 3) / 4 * 4;
	uint8_t *at = w->data + w->len;

	put16(at, type);
	put16(at + 2, (uint16_t)len);
	memset(at + ATTR_HEADER, 0, padded);
	w->len += ATTR_HEADER + padded;
	return at + ATTR_HEADER;
}

static void begin(struct writer *w, uint8_t *answer, uint16_t type,
		  const struct ksrtpd_stun *request)
{
	w->data = answer;
	w->len = KSRTPD_STUN_HEADER;
	put16(answer, type);
	put16(answer + 2, 0);
	memcpy(answer + 4, request->data + 4, 4 + KSRTPD_STUN_ID_LEN);
}

/* @password NULL: without integrity. The length of the whole, 0 when that failed. */
static size_t finish(struct writer *w, const char *password)
{
	size_t at = w->len;
	uint32_t crc;

	if (password && !integrity(w->data, at, password, add(w, ATTR_INTEGRITY, INTEGRITY_LEN)))
		return 0;
	put16(w->data + 2, (uint16_t)(w->len + ATTR_HEADER + FINGERPRINT_LEN - KSRTPD_STUN_HEADER));
	crc = crc32(w->data, w->len) ^ FINGERPRINT_XOR;
	put32(add(w, ATTR_FINGERPRINT, FINGERPRINT_LEN), crc);
	return w->len;
}

/* RFC 8489, section 14.2 */
static void add_mapped(struct writer *w, const struct sockaddr_storage *from)
{
	const struct sockaddr_in6 *six = (const void *)from;
	const struct sockaddr_in *four = (const void *)from;
	bool is_six = from->ss_family == AF_INET6;
	uint8_t *value = add(w, ATTR_XOR_MAPPED, is_six ? 20 : 8);
	const uint8_t *addr = is_six ? six->sin6_addr.s6_addr : (const uint8_t *)&four->sin_addr;
	size_t i, len = is_six ? 16 : 4;

	value[1] = is_six ? 2 : 1;
	put16(value + 2, ntohs(is_six ? six->sin6_port : four->sin_port) ^ MAGIC_COOKIE >> 16);
	/* Cookie and transaction id stand behind each other. */
	for (i = 0; i < len; i++)
		value[4 + i] = addr[i] ^ w->data[4 + i];
}

size_t ksrtpd_stun_success(const struct ksrtpd_stun *request, const struct sockaddr_storage *from,
			   const char *password, uint8_t answer[KSRTPD_STUN_ANSWER_MAX])
{
	struct writer w;

	begin(&w, answer, BINDING_SUCCESS, request);
	add_mapped(&w, from);
	return finish(&w, password);
}

size_t ksrtpd_stun_error(const struct ksrtpd_stun *request, unsigned int code,
			 const char *password, uint8_t answer[KSRTPD_STUN_ANSWER_MAX])
{
	struct writer w;
	uint8_t *value;
	unsigned int i;
	size_t len;

	begin(&w, answer, BINDING_ERROR, request);
	/* No reason phrase: it is for people, and the answer shall be short. */
	value = add(&w, ATTR_ERROR_CODE, 4);
	value[2] = (uint8_t)(code / 100);
	value[3] = (uint8_t)(code % 100);
	if (code == KSRTPD_STUN_UNKNOWN_ATTRIBUTE) {
		value = add(&w, ATTR_UNKNOWN, 2 * request->unknown_count);
		for (i = 0; i < request->unknown_count; i++)
			put16(value + 2 * i, request->unknown[i]);
	}
	len = finish(&w, password);
	/* Whoever wrote the source address into it shall gain nothing by it. */
	return !password && 5 * len > 6 * request->len ? 0 : len;
}
