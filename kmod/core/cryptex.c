// SPDX-License-Identifier: GPL-2.0
#include "internal.h"
#include <ksrtp/wire.h>
#include "cryptex.h"

/* What an extension begins with: its kind (RFC 8285), in the clear and encrypted. */
#define ONE_BYTE		0xbede
#define TWO_BYTE		0x1000
#define ONE_BYTE_CRYPTEX	0xc0de
#define TWO_BYTE_CRYPTEX	0xc2de
#define WORD_LEN		4

static u32 csrcs_len(const u8 *data)
{
	return 4u * (data[0] & KSRTP_RTP_CC_MASK);
}

/* Of a packet that has an extension. */
static u8 *word_of(u8 *data)
{
	return data + KSRTP_RTP_HDR_LEN + csrcs_len(data);
}

bool ksrtp_cryptex_used(const u8 *data)
{
	u16 kind;

	if (!(data[0] & KSRTP_RTP_X_BIT))
		return false;
	kind = get_unaligned_be16(data + KSRTP_RTP_HDR_LEN + csrcs_len(data));
	return kind == ONE_BYTE_CRYPTEX || kind == TWO_BYTE_CRYPTEX;
}

bool ksrtp_cryptex_exposes(const u8 *data)
{
	return (data[0] & (KSRTP_RTP_X_BIT | KSRTP_RTP_CC_MASK)) && !ksrtp_cryptex_used(data);
}

int ksrtp_cryptex_mark(u8 *data, u32 *len, u32 *hdr_len)
{
	u8 *word = word_of(data);

	if (!(data[0] & KSRTP_RTP_X_BIT)) {
		if (!csrcs_len(data))
			return 0;
		memmove(word + WORD_LEN, word, *len - *hdr_len);
		put_unaligned_be32((u32)ONE_BYTE_CRYPTEX << 16, word);
		data[0] |= KSRTP_RTP_X_BIT;
		*len += WORD_LEN;
		*hdr_len += WORD_LEN;
		return 1;
	}
	switch (get_unaligned_be16(word)) {
	case ONE_BYTE:
		put_unaligned_be16(ONE_BYTE_CRYPTEX, word);
		return 1;
	case TWO_BYTE:
		put_unaligned_be16(TWO_BYTE_CRYPTEX, word);
		return 1;
	case ONE_BYTE_CRYPTEX:
	case TWO_BYTE_CRYPTEX:
		return -EINVAL;
	default:
		return 0;
	}
}

void ksrtp_cryptex_unmark(u8 *data)
{
	u8 *word = word_of(data);

	put_unaligned_be16(get_unaligned_be16(word) == ONE_BYTE_CRYPTEX ? ONE_BYTE : TWO_BYTE,
			   word);
}

void ksrtp_cryptex_gather(u8 *data)
{
	u8 *first = data + KSRTP_RTP_HDR_LEN;
	u32 len = csrcs_len(data);
	u8 word[WORD_LEN];

	if (!len)
		return;
	memcpy(word, first + len, WORD_LEN);
	memmove(first + WORD_LEN, first, len);
	memcpy(first, word, WORD_LEN);
}

void ksrtp_cryptex_scatter(u8 *data)
{
	u8 *first = data + KSRTP_RTP_HDR_LEN;
	u32 len = csrcs_len(data);
	u8 word[WORD_LEN];

	if (!len)
		return;
	memcpy(word, first, WORD_LEN);
	memmove(first, first + WORD_LEN, len);
	memcpy(first + len, word, WORD_LEN);
}
