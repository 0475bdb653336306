// SPDX-License-Identifier: GPL-2.0
/*
 * Connectivity checks of ICE (RFC 8445, RFC 8489): which ones are so plain that they can
 * be answered without an agent, and the answer. The octets are an attacker's: a length is
 * compared with what is left before it is used.
 */
#include "internal.h"
#include "stun.h"

#define BINDING_REQUEST		0x0001
#define BINDING_SUCCESS		0x0101
#define MAGIC_COOKIE		0x2112a442
#define FINGERPRINT_XOR		0x5354554e

#define ATTR_USERNAME		0x0006
#define ATTR_INTEGRITY		0x0008
#define ATTR_XOR_MAPPED		0x0020
#define ATTR_PRIORITY		0x0024
#define ATTR_USE_CANDIDATE	0x0025
#define ATTR_OPTIONAL		0x8000	/* from here on need not be understood */
#define ATTR_FINGERPRINT	0x8028
#define ATTR_CONTROLLED		0x8029

#define ATTR_HDR_LEN		4
#define INTEGRITY_LEN		(ATTR_HDR_LEN + KSRTP_STUN_MAC_LEN)
#define FINGERPRINT_LEN		(ATTR_HDR_LEN + 4)
#define FAMILY_V4		1
#define FAMILY_V6		2

/* CRC-32 of ISO/IEC 13239, four bits at a time. */
static u32 crc32_of(const u8 *data, size_t len)
{
	static const u32 table[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
		0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	u32 crc = 0xffffffff;
	size_t i;

	for (i = 0; i < len; i++) {
		crc ^= data[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return ~crc;
}

/* What precedes the two attributes that must come last, both in their place and once. */
static int parse_attrs(const u8 *data, size_t end, struct ksrtp_stun *stun)
{
	size_t at = KSRTP_STUN_HDR_LEN, len;
	u16 type;

	stun->username = NULL;
	while (at < end) {
		if (end - at < ATTR_HDR_LEN)
			return -EINVAL;
		type = get_unaligned_be16(data + at);
		len = get_unaligned_be16(data + at + 2);
		at += ATTR_HDR_LEN;
		if (end - at < len)
			return -EINVAL;
		switch (type) {
		case ATTR_USERNAME:
			if (stun->username)
				return -EINVAL;
			stun->username = data + at;
			stun->username_len = (u16)len;
			break;
		case ATTR_PRIORITY:
		case ATTR_USE_CANDIDATE:
			break;
		/* That would be a conflict of roles, which an agent settles. */
		case ATTR_CONTROLLED:
		case ATTR_FINGERPRINT:
			return -EINVAL;
		default:
			if (type < ATTR_OPTIONAL)
				return -EINVAL;
		}
		/* All of a message's attributes are padded to words, so @end is one's end. */
		at += (len + 3) & ~(size_t)3;
	}
	return at == end && stun->username ? 0 : -EINVAL;
}

int ksrtp_stun_parse(const u8 *data, size_t len, struct ksrtp_stun *stun)
{
	size_t print, integrity;

	if (len > KSRTP_STUN_LEN_MAX || len % 4 ||
	    len < KSRTP_STUN_HDR_LEN + INTEGRITY_LEN + FINGERPRINT_LEN)
		return -EINVAL;
	if (get_unaligned_be16(data) != BINDING_REQUEST ||
	    get_unaligned_be16(data + 2) != len - KSRTP_STUN_HDR_LEN ||
	    get_unaligned_be32(data + 4) != MAGIC_COOKIE)
		return -EINVAL;

	print = len - FINGERPRINT_LEN;
	integrity = print - INTEGRITY_LEN;
	if (get_unaligned_be16(data + print) != ATTR_FINGERPRINT ||
	    get_unaligned_be16(data + print + 2) != FINGERPRINT_LEN - ATTR_HDR_LEN ||
	    get_unaligned_be16(data + integrity) != ATTR_INTEGRITY ||
	    get_unaligned_be16(data + integrity + 2) != KSRTP_STUN_MAC_LEN)
		return -EINVAL;
	if (parse_attrs(data, integrity, stun))
		return -EINVAL;
	if (get_unaligned_be32(data + print + ATTR_HDR_LEN) !=
	    (crc32_of(data, print) ^ FINGERPRINT_XOR))
		return -EINVAL;

	stun->integrity = (u16)integrity;
	stun->mac = data + integrity + ATTR_HDR_LEN;
	memcpy(stun->head, data, 2);
	put_unaligned_be16((u16)(print - KSRTP_STUN_HDR_LEN), stun->head + 2);
	return 0;
}

static u8 *put_attr(u8 *at, u16 type, size_t len)
{
	put_unaligned_be16(type, at);
	put_unaligned_be16((u16)len, at + 2);
	return at + ATTR_HDR_LEN;
}

size_t ksrtp_stun_answer(u8 *out, const u8 *request, const u8 *ip, bool v6, u16 port)
{
	size_t ip_len = v6 ? 16 : 4, i;
	u8 *at = out + KSRTP_STUN_HDR_LEN;

	/* Cookie and transaction are the request's. */
	memcpy(out, request, KSRTP_STUN_HDR_LEN);
	put_unaligned_be16(BINDING_SUCCESS, out);
	at = put_attr(at, ATTR_XOR_MAPPED, 4 + ip_len);
	*at++ = 0;
	*at++ = v6 ? FAMILY_V6 : FAMILY_V4;
	put_unaligned_be16(port ^ (MAGIC_COOKIE >> 16), at);
	at += 2;
	for (i = 0; i < ip_len; i++)
		*at++ = ip[i] ^ out[4 + i];
	put_unaligned_be16((u16)(at - out - KSRTP_STUN_HDR_LEN + INTEGRITY_LEN), out + 2);
	return (size_t)(at - out);
}

size_t ksrtp_stun_finish(u8 *out, size_t len, const u8 mac[KSRTP_STUN_MAC_LEN])
{
	u8 *at = put_attr(out + len, ATTR_INTEGRITY, KSRTP_STUN_MAC_LEN);

	memcpy(at, mac, KSRTP_STUN_MAC_LEN);
	at += KSRTP_STUN_MAC_LEN;
	len = (size_t)(at - out) + FINGERPRINT_LEN;
	put_unaligned_be16((u16)(len - KSRTP_STUN_HDR_LEN), out + 2);
	put_unaligned_be32(crc32_of(out, (size_t)(at - out)) ^ FINGERPRINT_XOR,
			   put_attr(at, ATTR_FINGERPRINT, FINGERPRINT_LEN - ATTR_HDR_LEN));
	return len;
}
