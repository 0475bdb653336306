// SPDX-License-Identifier: GPL-2.0
/*
 * Where the parts of RTP, RTCP, SRTP and SRTCP packets are. The octets are an
 * attacker's: each length is compared with what is left, never added to what
 * has not been compared yet. They may be unaligned.
 */
#include "internal.h"
#include <ksrtp/wire.h>
#include "packet.h"

#define MAX_LEN		0xffff	/* no datagram is longer: offsets fit 16 bits */
#define EXT_HDR_LEN	4	/* profile and length in words (RFC 3550, 5.3.1) */
#define RTCP_LEN_OFF	2
#define RTCP_WORD_LEN	4

static bool version_ok(u8 first)
{
	return first >> 6 == KSRTP_RTP_VERSION;
}

int ksrtp_rtp_parse(const u8 *data, size_t len, size_t trailer, struct ksrtp_rtp *rtp)
{
	size_t end, hdr, ext;

	if (len > MAX_LEN || trailer > len)
		return -EINVAL;
	end = len - trailer;
	if (end < KSRTP_RTP_HDR_LEN || !version_ok(data[0]))
		return -EINVAL;

	hdr = KSRTP_RTP_HDR_LEN + 4u * (data[0] & KSRTP_RTP_CC_MASK);
	if (hdr > end)
		return -EINVAL;
	if (data[0] & KSRTP_RTP_X_BIT) {
		if (end - hdr < EXT_HDR_LEN)
			return -EINVAL;
		ext = 4 * (size_t)get_unaligned_be16(data + hdr + 2);
		hdr += EXT_HDR_LEN;
		if (end - hdr < ext)
			return -EINVAL;
		hdr += ext;
	}

	rtp->ssrc = get_unaligned_be32(data + KSRTP_RTP_SSRC_OFF);
	rtp->seq = get_unaligned_be16(data + KSRTP_RTP_SEQ_OFF);
	rtp->hdr_len = (u16)hdr;
	rtp->body_len = (u16)(end - hdr);
	return 0;
}

bool ksrtp_rtp_padding_ok(const u8 *data, size_t len, const struct ksrtp_rtp *rtp)
{
	size_t end = (size_t)rtp->hdr_len + rtp->body_len;
	u8 pad;

	if (end > len)
		return false;
	if (!(data[0] & KSRTP_RTP_P_BIT))
		return true;
	if (rtp->body_len == 0)
		return false;
	pad = data[end - 1];
	return pad >= 1 && pad <= rtp->body_len;
}

int ksrtp_srtcp_parse(const u8 *data, size_t len, size_t tag, size_t mki, bool aead,
		      struct ksrtp_rtcp *rtcp)
{
	size_t left, behind;

	if (len > MAX_LEN || len < KSRTP_RTCP_HDR_LEN + KSRTP_SRTCP_WORD_LEN)
		return -EINVAL;
	left = len - KSRTP_RTCP_HDR_LEN - KSRTP_SRTCP_WORD_LEN;
	if (tag > left || mki > left - tag)
		return -EINVAL;
	if (!version_ok(data[0]))
		return -EINVAL;

	rtcp->ssrc = get_unaligned_be32(data + KSRTP_RTCP_SSRC_OFF);
	behind = mki + (aead ? 0 : tag);
	rtcp->word = get_unaligned_be32(data + len - behind - KSRTP_SRTCP_WORD_LEN);
	rtcp->body_len = (u16)(left - tag - mki);
	return 0;
}

/* Is the pad count of the last packet of a compound, of @len octets, possible? */
static bool rtcp_padding_ok(const u8 *p, size_t len)
{
	u8 pad = p[len - 1];

	return pad != 0 && pad % RTCP_WORD_LEN == 0 && pad <= len - RTCP_WORD_LEN;
}

int ksrtp_rtcp_parse(const u8 *data, size_t len, struct ksrtp_rtcp *rtcp)
{
	const u8 *p = data;
	size_t left = len, n;

	if (len > MAX_LEN || len < KSRTP_RTCP_HDR_LEN)
		return -EINVAL;
	while (left) {
		if (left < RTCP_WORD_LEN || !version_ok(p[0]))
			return -EINVAL;
		n = RTCP_WORD_LEN * ((size_t)get_unaligned_be16(p + RTCP_LEN_OFF) + 1);
		/* The first one must be long enough to hold its sender's SSRC. */
		if (n > left || (p == data && n < KSRTP_RTCP_HDR_LEN))
			return -EINVAL;
		if ((p[0] & KSRTP_RTP_P_BIT) && (n < left || !rtcp_padding_ok(p, n)))
			return -EINVAL;
		p += n;
		left -= n;
	}

	rtcp->ssrc = get_unaligned_be32(data + KSRTP_RTCP_SSRC_OFF);
	rtcp->word = 0;
	rtcp->body_len = (u16)(len - KSRTP_RTCP_HDR_LEN);
	return 0;
}
