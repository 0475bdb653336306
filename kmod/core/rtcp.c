// SPDX-License-Identifier: GPL-2.0
/* Every place in RTCP that holds an SSRC or a sequence number. Authentic octets, not trusted ones. */
#include "internal.h"
#include "rtcp.h"

#define WORD		4
#define HDR_LEN		8	/* header and the sender's SSRC */
#define PADDING_BIT	0x20
#define SENDER_INFO_LEN	20
#define REPORT_LEN	24
#define REPORT_HIGHEST	8	/* within a report block: the extended highest number */

enum {
	PT_SR = 200, PT_RR, PT_SDES, PT_BYE, PT_APP, PT_RTPFB, PT_PSFB, PT_XR,
};

enum {
	RTPFB_NACK = 1, RTPFB_TMMBR = 3, RTPFB_TMMBN = 4, RTPFB_CCFB = 11,
	PSFB_FIR = 4, PSFB_TSTR, PSFB_TSTN, PSFB_VBCM, PSFB_AFB = 15,
};

/* What a block of XR has behind its header. */
enum xr_layout {
	XR_NOTHING,
	XR_SOURCE,	/* an SSRC */
	XR_RANGE,	/* an SSRC, the first number, the one behind the last */
	XR_DLRR,
	XR_IDMS,
	XR_MEASUREMENT,
};

/* By type; 8 and 9 are not known well enough. */
static const u8 xr_layouts[] = {
	[1] = XR_RANGE,		/* loss RLE (RFC 3611) */
	[2] = XR_RANGE,		/* duplicate RLE */
	[3] = XR_RANGE,		/* receipt times */
	[5] = XR_DLRR,
	[6] = XR_RANGE,		/* statistics */
	[7] = XR_SOURCE,	/* VoIP metrics */
	[10] = XR_RANGE,	/* post-repair loss RLE (RFC 5725) */
	[11] = XR_SOURCE,	/* multicast acquisition (RFC 6332) */
	[12] = XR_IDMS,		/* RFC 7272 */
	[13] = XR_SOURCE,	/* ECN summary (RFC 6679) */
	[14] = XR_MEASUREMENT,	/* RFC 6776 */
	[15] = XR_SOURCE,	/* delay variation (RFC 6798) */
	[16] = XR_SOURCE,	/* delay (RFC 6843) */
	[17] = XR_SOURCE,	/* burst and gap loss, summary (RFC 7004) */
	[18] = XR_SOURCE,	/* burst and gap discard, summary */
	[19] = XR_RANGE,	/* frame impairment, summary */
	[20] = XR_SOURCE,	/* burst and gap loss (RFC 6958) */
	[21] = XR_SOURCE,	/* burst and gap discard (RFC 7003) */
	[22] = XR_RANGE,	/* MPEG-2 decodability (RFC 6990) */
	[23] = XR_SOURCE,	/* jitter buffer (RFC 7005) */
	[24] = XR_SOURCE,	/* discard count (RFC 7002) */
	[25] = XR_RANGE,	/* discard RLE (RFC 7097) */
	[26] = XR_SOURCE,	/* bytes discarded (RFC 7243) */
	[27] = XR_SOURCE,	/* initial synchronization delay (RFC 7244) */
	[28] = XR_SOURCE,	/* synchronization offset */
	[29] = XR_SOURCE,	/* MOS (RFC 7266) */
	[30] = XR_SOURCE,	/* loss concealment (RFC 7294) */
	[31] = XR_SOURCE,	/* concealed seconds */
	[32] = XR_RANGE,	/* MPEG-2 PSI decodability (RFC 7380) */
	[33] = XR_RANGE,	/* post-repair loss count (RFC 7509) */
	[34] = XR_SOURCE,	/* video loss concealment (RFC 7867) */
	[35] = XR_SOURCE,	/* independent burst and gap discard (RFC 8015) */
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

/* RFC 8888: of each stream a run of numbers with 16 bits for each; behind them all a time. */
static int map_congestion(struct walk *w, u8 *at, size_t len)
{
	void *target;
	size_t n;
	u16 count;
	int err;

	for (len -= WORD; len; len -= n, at += n) {
		if (len < 2 * WORD)
			return -EINVAL;
		count = get_unaligned_be16(at + WORD + 2);
		n = 2 * WORD + ((size_t)count + 1) / 2 * WORD;
		if (n > len)
			return -EINVAL;
		err = map_target(w, at, &target);
		if (!err)
			err = map_run(w, target, at + WORD, count);
		if (err)
			return err;
	}
	return 0;
}

/* RFC 5104, section 4.3.4: each with octets as many as it says, padded to a word. */
static int map_vbcm(struct walk *w, u8 *at, size_t len)
{
	void *target;
	size_t n;
	int err;

	for (; len; len -= n, at += n) {
		if (len < 2 * WORD)
			return -EINVAL;
		n = 2 * WORD + ((size_t)get_unaligned_be16(at + WORD + 2) + WORD - 1) / WORD * WORD;
		if (n > len)
			return -EINVAL;
		err = map_target(w, at, &target);
		if (err)
			return err;
	}
	return 0;
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
	case PSFB_TSTR:
	case PSFB_TSTN:
		return map_targets(w, fci, len / (2 * WORD), 2 * WORD);
	case PSFB_VBCM:
		return map_vbcm(w, fci, len);
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
	/* The one format without the SSRC of a media source. */
	if (p[1] == PT_RTPFB && format == RTPFB_CCFB)
		return map_congestion(w, p + HDR_LEN, len - HDR_LEN);
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

/*
 * RFC 6776, section 4.2: the first number of all, the first and the last of the interval,
 * which are extended. All move as the last does.
 */
static int map_measurement(struct walk *w, u8 *at, size_t len)
{
	u8 *all = at + 2 * WORD + 2, *first = at + 3 * WORD, *last = at + 4 * WORD;
	u32 number, shift;
	void *target;
	int err;

	if (len < 5 * WORD)
		return -EINVAL;
	err = map_target(w, at + WORD, &target);
	if (err)
		return err;
	number = get_unaligned_be32(last);
	err = map_number(w, target, &number);
	shift = number - get_unaligned_be32(last);
	put_unaligned_be16(get_unaligned_be16(all) + shift, all);
	put_unaligned_be32(get_unaligned_be32(first) + shift, first);
	put_unaligned_be32(number, last);
	return err;
}

static int map_xr_block(struct walk *w, u8 *at, size_t len)
{
	enum xr_layout layout = at[0] < sizeof(xr_layouts) ? xr_layouts[at[0]] : XR_NOTHING;
	void *target;

	switch (layout) {
	case XR_SOURCE:
		return len < 2 * WORD ? -EINVAL : map_target(w, at + WORD, &target);
	case XR_RANGE:
		return map_range(w, at, len);
	case XR_DLRR:	/* sub-blocks */
		return map_targets(w, at + WORD, (len - WORD) / (3 * WORD), 3 * WORD);
	case XR_IDMS:
		return len < 4 * WORD ? -EINVAL : map_target(w, at + 3 * WORD, &target);
	case XR_MEASUREMENT:
		return map_measurement(w, at, len);
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

/*
 * The first packet's sender is by whose SSRC SRTCP is authenticated (RFC 3711, section 3.4):
 * SDES and BYE of nobody have something else in its place.
 */
static bool names_sender(const u8 *p, size_t len)
{
	if (len < HDR_LEN)
		return false;
	return (p[1] != PT_SDES && p[1] != PT_BYE) || (p[0] & 0x1f);
}

/* Octets of a packet of @len without its padding; 0: it is no whole number of words. */
static size_t without_padding(const u8 *p, size_t len)
{
	u8 pad = p[0] & PADDING_BIT ? p[len - 1] : 0;

	return pad % WORD || pad > len - WORD ? 0 : len - pad;
}

int ksrtp_rtcp_rewrite(u8 *data, size_t len, const struct ksrtp_rtcp_map *map)
{
	struct walk w = { .map = map, .left = KSRTP_RTCP_FIELDS_MAX };
	int err, result = 0;
	size_t n, inside;
	u8 *p;

	for (p = data; len; p += n, len -= n) {
		if (len < WORD)
			return -EINVAL;
		n = WORD * ((size_t)get_unaligned_be16(p + 2) + 1);
		if (n > len)
			return -EINVAL;
		inside = without_padding(p, n);
		if (!inside || (p == data && !names_sender(p, inside)))
			result = -EINVAL;
		err = map_packet(&w, p, inside ?: n);
		if (err == -EINVAL)
			result = err;
		else if (err)
			return err;
	}
	return result;
}
