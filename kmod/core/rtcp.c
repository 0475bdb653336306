// SPDX-License-Identifier: GPL-2.0
/* Every place in RTCP that holds an SSRC or a sequence number. Authentic octets, not trusted ones. */
#include "internal.h"
#include "rtcp.h"

#define WORD		4
#define HDR_LEN		8	/* header and the sender's SSRC */
#define SENDER_INFO_LEN	20
#define REPORT_LEN	24
#define REPORT_HIGHEST	8	/* within a report block: the extended highest number */

enum {
	PT_SR = 200, PT_RR, PT_SDES, PT_BYE, PT_APP, PT_RTPFB, PT_PSFB, PT_XR,
};

enum {
	RTPFB_NACK = 1, RTPFB_TMMBR = 3, RTPFB_TMMBN = 4,
	PSFB_FIR = 4, PSFB_AFB = 15,
};

static void map_at(const struct ksrtp_rtcp_map *m, u8 *at, enum ksrtp_ssrc_role role)
{
	put_unaligned_be32(m->ssrc(m->arg, role, get_unaligned_be32(at)), at);
}

static void map_number(const struct ksrtp_rtcp_map *m, u32 ssrc, u8 *at)
{
	put_unaligned_be16((u16)m->number(m->arg, ssrc, get_unaligned_be16(at)), at);
}

/* @n entries of @size octets at @at, each of which begins with an SSRC. */
static int map_entries(const struct ksrtp_rtcp_map *m, u8 *at, size_t left, size_t n, size_t size,
		       enum ksrtp_ssrc_role role)
{
	if (n > left / size)
		return -EINVAL;
	for (; n; n--, at += size)
		map_at(m, at, role);
	return 0;
}

static int map_report(const struct ksrtp_rtcp_map *m, u8 *p, size_t len, size_t info)
{
	size_t n = p[0] & 0x1f;
	u8 *at;

	if (len < HDR_LEN + info || n > (len - HDR_LEN - info) / REPORT_LEN)
		return -EINVAL;
	map_at(m, p + WORD, KSRTP_SSRC_SENDER);
	for (at = p + HDR_LEN + info; n; n--, at += REPORT_LEN) {
		u8 *highest = at + REPORT_HIGHEST;

		put_unaligned_be32(m->number(m->arg, get_unaligned_be32(at),
					     get_unaligned_be32(highest)), highest);
		map_at(m, at, KSRTP_SSRC_TARGET);
	}
	return 0;
}

/* The items of one chunk end with a zero octet and are padded to a word (RFC 3550, 6.5). */
static int map_sdes(const struct ksrtp_rtcp_map *m, u8 *p, size_t len)
{
	size_t at = WORD, chunks = p[0] & 0x1f;

	while (chunks--) {
		if (len - at < 2 * WORD)
			return -EINVAL;
		map_at(m, p + at, KSRTP_SSRC_SENDER);
		at += WORD;
		while (at < len && p[at]) {
			if (len - at < 2 || len - at - 2 < p[at + 1])
				return -EINVAL;
			at += 2 + (size_t)p[at + 1];
		}
		if (at == len)
			return -EINVAL;
		at = (at / WORD + 1) * WORD;
	}
	return 0;
}

static int map_remb(const struct ksrtp_rtcp_map *m, u8 *p, size_t len)
{
	/* Unique identifier, number of SSRCs, bit rate; another AFB is not ours to read. */
	if (len < 5 * WORD || get_unaligned_be32(p + 3 * WORD) != 0x52454d42)
		return 0;
	return map_entries(m, p + 5 * WORD, len - 5 * WORD, p[4 * WORD], WORD, KSRTP_SSRC_TARGET);
}

/* RFC 4585, section 6.2.1: a number each, and 16 bits for those that follow it. */
static void map_nack(const struct ksrtp_rtcp_map *m, u32 ssrc, u8 *at, size_t len)
{
	for (; len >= WORD; len -= WORD, at += WORD)
		map_number(m, ssrc, at);
}

static int map_feedback(const struct ksrtp_rtcp_map *m, u8 *p, size_t len)
{
	u8 format = p[0] & 0x1f;
	size_t fci;

	if (len < 3 * WORD)
		return -EINVAL;
	if (p[1] == PT_RTPFB && format == RTPFB_NACK)
		map_nack(m, get_unaligned_be32(p + 2 * WORD), p + 3 * WORD, len - 3 * WORD);
	map_at(m, p + WORD, KSRTP_SSRC_SENDER);
	/* Zero where the format names its targets itself. */
	if (get_unaligned_be32(p + 2 * WORD))
		map_at(m, p + 2 * WORD, KSRTP_SSRC_TARGET);
	fci = len - 3 * WORD;
	if ((p[1] == PT_PSFB && format == PSFB_FIR) ||
	    (p[1] == PT_RTPFB && (format == RTPFB_TMMBR || format == RTPFB_TMMBN)))
		return map_entries(m, p + 3 * WORD, fci, fci / (2 * WORD), 2 * WORD,
				   KSRTP_SSRC_TARGET);
	if (p[1] == PT_PSFB && format == PSFB_AFB)
		return map_remb(m, p, len);
	return 0;
}

/*
 * An XR block about the numbers from one to before another (RFC 3611, section 4.1): both
 * move as the last of them does, so that the range keeps its length.
 */
static int map_range(const struct ksrtp_rtcp_map *m, u8 *at, size_t len)
{
	u16 begin, end, last;

	if (len < 3 * WORD)
		return -EINVAL;
	begin = get_unaligned_be16(at + 2 * WORD);
	end = get_unaligned_be16(at + 2 * WORD + 2);
	last = end - 1;
	last = (u16)m->number(m->arg, get_unaligned_be32(at + WORD), last);
	put_unaligned_be16(last + 1 - (u16)(end - begin), at + 2 * WORD);
	put_unaligned_be16(last + 1, at + 2 * WORD + 2);
	return 0;
}

/* RFC 3611: report blocks of which most name a source. */
static int map_xr(const struct ksrtp_rtcp_map *m, u8 *p, size_t len)
{
	size_t at = HDR_LEN, n;

	if (len < HDR_LEN)
		return -EINVAL;
	map_at(m, p + WORD, KSRTP_SSRC_SENDER);
	for (; at < len; at += n) {
		int err = 0;

		if (len - at < WORD)
			return -EINVAL;
		n = WORD * ((size_t)get_unaligned_be16(p + at + 2) + 1);
		if (n > len - at)
			return -EINVAL;
		switch (p[at]) {
		case 1:	/* loss RLE */
		case 2:	/* duplicate RLE */
		case 3:	/* receipt times */
		case 6:	/* statistics */
			err = map_range(m, p + at, n);
			if (err)
				break;
			map_at(m, p + at + WORD, KSRTP_SSRC_TARGET);
			break;
		case 7:	/* VoIP metrics */
			err = map_entries(m, p + at + WORD, n - WORD, 1, WORD, KSRTP_SSRC_TARGET);
			break;
		case 5:	/* DLRR: sub-blocks */
			err = map_entries(m, p + at + WORD, n - WORD, (n - WORD) / (3 * WORD),
					  3 * WORD, KSRTP_SSRC_TARGET);
			break;
		}
		if (err)
			return err;
	}
	return 0;
}

static int map_packet(const struct ksrtp_rtcp_map *m, u8 *p, size_t len)
{
	switch (p[1]) {
	case PT_SR:
		return map_report(m, p, len, SENDER_INFO_LEN);
	case PT_RR:
		return map_report(m, p, len, 0);
	case PT_SDES:
		return map_sdes(m, p, len);
	case PT_BYE:
		return map_entries(m, p + WORD, len - WORD, p[0] & 0x1f, WORD, KSRTP_SSRC_SENDER);
	case PT_RTPFB:
	case PT_PSFB:
		return map_feedback(m, p, len);
	case PT_XR:
		return map_xr(m, p, len);
	default:
		if (len >= HDR_LEN)
			map_at(m, p + WORD, KSRTP_SSRC_SENDER);
		return 0;
	}
}

int ksrtp_rtcp_rewrite(u8 *data, size_t len, const struct ksrtp_rtcp_map *map)
{
	size_t n;
	int err;

	while (len) {
		if (len < WORD)
			return -EINVAL;
		n = WORD * ((size_t)get_unaligned_be16(data + 2) + 1);
		if (n > len)
			return -EINVAL;
		err = map_packet(map, data, n);
		if (err)
			return err;
		data += n;
		len -= n;
	}
	return 0;
}
