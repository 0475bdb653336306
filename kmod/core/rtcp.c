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

/* One way through a compound. */
struct walk {
	const struct ksrtp_rtcp_map	*map;
	unsigned int			left;	/* fields that may still be mapped */
};

static int map_sender(struct walk *w, u8 *at)
{
	u32 ssrc = get_unaligned_be32(at);
	int err;

	if (!w->left)
		return -E2BIG;
	w->left--;
	err = w->map->sender(w->map->arg, &ssrc);
	if (err)
		return err;
	put_unaligned_be32(ssrc, at);
	return 0;
}

/* *@target is whose numbers follow; NULL: they stay as they are. */
static int map_target(struct walk *w, u8 *at, void **target)
{
	u32 ssrc = get_unaligned_be32(at);

	*target = NULL;
	if (!w->map->target)
		return 0;
	if (!w->left)
		return -E2BIG;
	w->left--;
	*target = w->map->target(w->map->arg, &ssrc);
	put_unaligned_be32(ssrc, at);
	return 0;
}

static int map_number(struct walk *w, void *target, u32 *number)
{
	if (!target)
		return 0;
	if (!w->left)
		return -E2BIG;
	w->left--;
	*number = w->map->number(w->map->arg, target, *number);
	return 0;
}

/* @n entries of @size octets at @at, each of which begins with a target's SSRC. */
static int map_targets(struct walk *w, u8 *at, size_t n, size_t size)
{
	void *target;
	int err = 0;

	for (; n && !err; n--, at += size)
		err = map_target(w, at, &target);
	return err;
}

/* @count numbers from that at @begin on: they move as the last of them does. */
static int map_run(struct walk *w, void *target, u8 *begin, u16 count)
{
	u32 last = (u16)(get_unaligned_be16(begin) + count - 1);
	int err = map_number(w, target, &last);

	put_unaligned_be16((u16)(last - count + 1), begin);
	return err;
}

static int map_report_block(struct walk *w, u8 *at)
{
	u32 highest = get_unaligned_be32(at + REPORT_HIGHEST);
	void *target;
	int err;

	err = map_target(w, at, &target);
	if (!err)
		err = map_number(w, target, &highest);
	put_unaligned_be32(highest, at + REPORT_HIGHEST);
	return err;
}

static int map_report(struct walk *w, u8 *p, size_t len, size_t info)
{
	size_t n = p[0] & 0x1f;
	int err;
	u8 *at;

	if (len < HDR_LEN)
		return -EINVAL;
	err = map_sender(w, p + WORD);
	if (err)
		return err;
	if (len < HDR_LEN + info || n > (len - HDR_LEN - info) / REPORT_LEN)
		return -EINVAL;
	for (at = p + HDR_LEN + info; n && !err; n--, at += REPORT_LEN)
		err = map_report_block(w, at);
	return err;
}

/* The items of one chunk end with a zero octet and are padded to a word (RFC 3550, 6.5). */
static int map_sdes(struct walk *w, u8 *p, size_t len)
{
	size_t at = WORD, chunks = p[0] & 0x1f;
	int err;

	while (chunks--) {
		if (len - at < WORD)
			return -EINVAL;
		err = map_sender(w, p + at);
		if (err)
			return err;
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

static int map_bye(struct walk *w, u8 *p, size_t len)
{
	size_t at = WORD, n = p[0] & 0x1f;
	int err;

	for (; n; n--, at += WORD) {
		if (at == len)
			return -EINVAL;
		err = map_sender(w, p + at);
		if (err)
			return err;
	}
	return 0;
}

/* RFC 4585, section 6.2.1: a number each, and 16 bits for those that follow it. */
static int map_nack(struct walk *w, void *target, u8 *at, size_t len)
{
	int err = 0;

	/* Of nobody's numbers nothing is asked. */
	for (; target && len && !err; len -= WORD, at += WORD)
		err = map_run(w, target, at, 1);
	return err;
}

static int map_remb(struct walk *w, u8 *at, size_t len)
{
	/* Unique identifier, number of SSRCs, bit rate; another AFB is not ours to read. */
	if (len < 2 * WORD || get_unaligned_be32(at) != 0x52454d42)
		return 0;
	if (at[WORD] > len / WORD - 2)
		return -EINVAL;
	return map_targets(w, at + 2 * WORD, at[WORD], WORD);
}

static int map_transport_feedback(struct walk *w, u8 format, void *target, u8 *fci, size_t len)
{
	switch (format) {
	case RTPFB_NACK:
		return map_nack(w, target, fci, len);
	case RTPFB_TMMBR:
	case RTPFB_TMMBN:
		return map_targets(w, fci, len / (2 * WORD), 2 * WORD);
	default:
		return 0;
	}
}

static int map_payload_feedback(struct walk *w, u8 format, u8 *fci, size_t len)
{
	switch (format) {
	case PSFB_FIR:
		return map_targets(w, fci, len / (2 * WORD), 2 * WORD);
	case PSFB_AFB:
		return map_remb(w, fci, len);
	default:
		return 0;
	}
}

static int map_feedback(struct walk *w, u8 *p, size_t len)
{
	u8 format = p[0] & 0x1f, *fci = p + 3 * WORD;
	void *target = NULL;
	int err;

	if (len < HDR_LEN)
		return -EINVAL;
	err = map_sender(w, p + WORD);
	if (err)
		return err;
	if (len < 3 * WORD)
		return -EINVAL;
	/* Zero where the format names its targets itself. */
	if (get_unaligned_be32(p + HDR_LEN))
		err = map_target(w, p + HDR_LEN, &target);
	if (err)
		return err;
	len -= 3 * WORD;
	return p[1] == PT_RTPFB ? map_transport_feedback(w, format, target, fci, len) :
				  map_payload_feedback(w, format, fci, len);
}

/*
 * An XR block about the numbers from one to before another (RFC 3611, section 4.1): the
 * range keeps its length.
 */
static int map_range(struct walk *w, u8 *at, size_t len)
{
	u8 *begin = at + 2 * WORD, *end = begin + 2;
	void *target;
	u16 count;
	int err;

	if (len < 3 * WORD)
		return -EINVAL;
	err = map_target(w, at + WORD, &target);
	if (err)
		return err;
	count = get_unaligned_be16(end) - get_unaligned_be16(begin);
	err = map_run(w, target, begin, count);
	put_unaligned_be16(get_unaligned_be16(begin) + count, end);
	return err;
}

/* RFC 3611: report blocks of which most name a source. */
static int map_xr_block(struct walk *w, u8 *at, size_t len)
{
	void *target;

	switch (at[0]) {
	case 1:	/* loss RLE */
	case 2:	/* duplicate RLE */
	case 3:	/* receipt times */
	case 6:	/* statistics */
		return map_range(w, at, len);
	case 7:	/* VoIP metrics */
		return len < 2 * WORD ? -EINVAL : map_target(w, at + WORD, &target);
	case 5:	/* DLRR: sub-blocks */
		return map_targets(w, at + WORD, (len - WORD) / (3 * WORD), 3 * WORD);
	default:
		return 0;
	}
}

static int map_xr(struct walk *w, u8 *p, size_t len)
{
	size_t at, n;
	int err;

	if (len < HDR_LEN)
		return -EINVAL;
	err = map_sender(w, p + WORD);
	for (at = HDR_LEN; at < len && !err; at += n) {
		n = WORD * ((size_t)get_unaligned_be16(p + at + 2) + 1);
		if (n > len - at)
			return -EINVAL;
		err = map_xr_block(w, p + at, n);
	}
	return err;
}

static int map_packet(struct walk *w, u8 *p, size_t len)
{
	switch (p[1]) {
	case PT_SR:
		return map_report(w, p, len, SENDER_INFO_LEN);
	case PT_RR:
		return map_report(w, p, len, 0);
	case PT_SDES:
		return map_sdes(w, p, len);
	case PT_BYE:
		return map_bye(w, p, len);
	case PT_RTPFB:
	case PT_PSFB:
		return map_feedback(w, p, len);
	case PT_XR:
		return map_xr(w, p, len);
	default:
		return len < HDR_LEN ? 0 : map_sender(w, p + WORD);
	}
}

int ksrtp_rtcp_rewrite(u8 *data, size_t len, const struct ksrtp_rtcp_map *map)
{
	struct walk w = { .map = map, .left = KSRTP_RTCP_FIELDS_MAX };
	int err, result = 0;
	size_t n;
	u8 *p;

	for (p = data; len; p += n, len -= n) {
		if (len < WORD)
			return -EINVAL;
		n = WORD * ((size_t)get_unaligned_be16(p + 2) + 1);
		if (n > len)
			return -EINVAL;
		err = map_packet(&w, p, n);
		if (err == -EINVAL)
			result = err;
		else if (err)
			return err;
	}
	return result;
}
