// SPDX-License-Identifier: GPL-2.0
#include "internal.h"
#include <ksrtp/wire.h>
#include "hdrext.h"

#define ONE_BYTE	0xbede
#define TWO_BYTE	0x1000
#define APPBITS		0x000f	/* of TWO_BYTE: the application's own */
#define WORD_LEN	4
#define ID_STOP		15	/* of the one-byte form */

static u32 word_off(const u8 *data)
{
	return KSRTP_RTP_HDR_LEN + 4u * (data[0] & KSRTP_RTP_CC_MASK);
}

static bool is_one_byte(const u8 *ext)
{
	return get_unaligned_be16(ext - WORD_LEN) == ONE_BYTE;
}

u8 *ksrtp_hdrext_begin(u8 *data, u32 *len)
{
	u8 *word = data + word_off(data);
	u16 kind;

	if (!(data[0] & KSRTP_RTP_X_BIT))
		return NULL;
	kind = get_unaligned_be16(word);
	if (kind != ONE_BYTE && (kind & ~APPBITS) != TWO_BYTE)
		return NULL;
	*len = 4u * get_unaligned_be16(word + 2);
	return word + WORD_LEN;
}

int ksrtp_hdrext_next(const u8 *ext, u32 len, struct ksrtp_hdrext_element *e)
{
	u32 at = e->at + e->len;

	while (at < len && !ext[at])
		at++;
	if (at == len)
		return 0;
	if (is_one_byte(ext)) {
		e->id = ext[at] >> 4;
		e->len = (ext[at] & 15) + 1;
		if (!e->id || e->id == ID_STOP)
			return 0;
		e->at = at + 1;
	} else {
		if (at + 1 == len)
			return -EINVAL;
		e->id = ext[at];
		e->len = ext[at + 1];
		e->at = at + 2;
	}
	return e->len <= len - e->at ? 1 : -EINVAL;
}

bool ksrtp_hdrext_ok(const u8 *data)
{
	struct ksrtp_hdrext_element e = { 0 };
	const u8 *ext;
	int more;
	u32 len;

	ext = ksrtp_hdrext_begin((u8 *)data, &len);
	if (!ext)
		return true;
	do
		more = ksrtp_hdrext_next(ext, len, &e);
	while (more > 0);
	return !more;
}
