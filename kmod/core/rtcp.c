// SPDX-License-Identifier: GPL-2.0
/* Every place in RTCP that holds an SSRC. The octets are authentic, not trusted. */
#include "internal.h"
#include "rtcp.h"

#define WORD		4
#define HDR_LEN		8	/* header and the sender's SSRC */
#define SENDER_INFO_LEN	20
#define REPORT_LEN	24

enum {
	PT_SR = 200, PT_RR, PT_SDES, PT_BYE, PT_APP, PT_RTPFB, PT_PSFB, PT_XR,
};

enum {
	RTPFB_TMMBR = 3, RTPFB_TMMBN = 4,
	PSFB_FIR = 4, PSFB_AFB = 15,
};

struct walk {
	ksrtp_ssrc_map	map;
	void		*arg;
};

static void map_at(const struct walk *w, u8 *at, enum ksrtp_ssrc_role role)
{
	put_unaligned_be32(w->map(w->arg, role, get_unaligned_be32(at)), at);
}

/* @n entries of @size octets at @at, each of which begins with an SSRC. */
static int map_entries(const struct walk *w, u8 *at, size_t left, size_t n, size_t size,
		       enum ksrtp_ssrc_role role)
{
	if (n > left / size)
		return -EINVAL;
	for (; n; n--, at += size)
		map_at(w, at, role);
	return 0;
}

static int map_report(const struct walk *w, u8 *p, size_t len, size_t info)
{
	if (len < HDR_LEN + info)
		return -EINVAL;
	map_at(w, p + WORD, KSRTP_SSRC_SENDER);
	return map_entries(w, p + HDR_LEN + info, len - HDR_LEN - info, p[0] & 0x1f, REPORT_LEN,
			   KSRTP_SSRC_TARGET);
}

/* The items of one chunk end with a zero octet and are padded to a word (RFC 3550, 6.5). */
static int map_sdes(const struct walk *w, u8 *p, size_t len)
{
	size_t at = WORD, chunks = p[0] & 0x1f;

	while (chunks--) {
		if (len - at < 2 * WORD)
			return -EINVAL;
		map_at(w, p + at, KSRTP_SSRC_SENDER);
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

static int map_remb(const struct walk *w, u8 *p, size_t len)
{
	/* Unique identifier, number of SSRCs, bit rate; another AFB is not ours to read. */
	if (len < 5 * WORD || get_unaligned_be32(p + 3 * WORD) != 0x52454d42)
		return 0;
	return map_entries(w, p + 5 * WORD, len - 5 * WORD, p[4 * WORD], WORD, KSRTP_SSRC_TARGET);
}

static int map_feedback(const struct walk *w, u8 *p, size_t len)
{
	u8 format = p[0] & 0x1f;
	size_t fci;

	if (len < 3 * WORD)
		return -EINVAL;
	map_at(w, p + WORD, KSRTP_SSRC_SENDER);
	/* Zero where the format names its targets itself. */
	if (get_unaligned_be32(p + 2 * WORD))
		map_at(w, p + 2 * WORD, KSRTP_SSRC_TARGET);
	fci = len - 3 * WORD;
	if ((p[1] == PT_PSFB && format == PSFB_FIR) ||
	    (p[1] == PT_RTPFB && (format == RTPFB_TMMBR || format == RTPFB_TMMBN)))
		return map_entries(w, p + 3 * WORD, fci, fci / (2 * WORD), 2 * WORD,
				   KSRTP_SSRC_TARGET);
	if (p[1] == PT_PSFB && format == PSFB_AFB)
		return map_remb(w, p, len);
	return 0;
}

/* RFC 3611: report blocks of which most name a source. */
static int map_xr(const struct walk *w, u8 *p, size_t len)
{
	size_t at = HDR_LEN, n;

	if (len < HDR_LEN)
		return -EINVAL;
	map_at(w, p + WORD, KSRTP_SSRC_SENDER);
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
		case 7:	/* VoIP metrics */
			err = map_entries(w, p + at + WORD, n - WORD, 1, WORD, KSRTP_SSRC_TARGET);
			break;
		case 5:	/* DLRR: sub-blocks */
			err = map_entries(w, p + at + WORD, n - WORD, (n - WORD) / (3 * WORD),
					  3 * WORD, KSRTP_SSRC_TARGET);
			break;
		}
		if (err)
			return err;
	}
	return 0;
}

static int map_packet(const struct walk *w, u8 *p, size_t len)
{
	switch (p[1]) {
	case PT_SR:
		return map_report(w, p, len, SENDER_INFO_LEN);
	case PT_RR:
		return map_report(w, p, len, 0);
	case PT_SDES:
		return map_sdes(w, p, len);
	case PT_BYE:
		return map_entries(w, p + WORD, len - WORD, p[0] & 0x1f, WORD, KSRTP_SSRC_SENDER);
	case PT_RTPFB:
	case PT_PSFB:
		return map_feedback(w, p, len);
	case PT_XR:
		return map_xr(w, p, len);
	default:
		if (len >= HDR_LEN)
			map_at(w, p + WORD, KSRTP_SSRC_SENDER);
		return 0;
	}
}

int ksrtp_rtcp_map_ssrcs(u8 *data, size_t len, ksrtp_ssrc_map map, void *arg)
{
	struct walk w = { .map = map, .arg = arg };
	size_t n;
	int err;

	while (len) {
		if (len < WORD)
			return -EINVAL;
		n = WORD * ((size_t)get_unaligned_be16(data + 2) + 1);
		if (n > len)
			return -EINVAL;
		err = map_packet(&w, data, n);
		if (err)
			return err;
		data += n;
		len -= n;
	}
	return 0;
}
