/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_CORE_PACKET_H
#define KSRTP_CORE_PACKET_H

/* Where the parts of one RTP or SRTP packet are; octets from its start. */
struct ksrtp_rtp {
	u32 ssrc;
	u16 seq;
	u16 hdr_len;	/* fixed header, CSRCs and header extension: the AAD */
	u16 body_len;	/* what follows, without the trailer: payload and padding */
};

/* The same of a compound RTCP or SRTCP packet. */
struct ksrtp_rtcp {
	u32 ssrc;	/* of the sender of the first packet */
	u32 word;	/* E bit and index, host byte order; 0 when the packet is plain */
	u16 body_len;	/* after the first 8 octets, without tag and word */
};

/*
 * ksrtp_rtp_parse - check an RTP header against the packet's length
 * @data: first octet of the RTP header
 * @len: octets of the whole datagram
 * @trailer: octets of tag and MKI that must follow header and payload; 0: plain
 *
 * RFC 3550, section 5.1 and A.1. Nothing past the header is looked at: padding
 * is encrypted (RFC 7714, section 8.2), see ksrtp_rtp_padding_ok().
 * Returns 0, or -EINVAL with *@rtp undefined.
 */
int ksrtp_rtp_parse(const u8 *data, size_t len, size_t trailer, struct ksrtp_rtp *rtp);

/*
 * ksrtp_rtp_padding_ok - is the pad count of a plain packet possible?
 * @data, @len: the plain packet that *@rtp was parsed from
 */
bool ksrtp_rtp_padding_ok(const u8 *data, size_t len, const struct ksrtp_rtp *rtp);

/*
 * ksrtp_srtcp_parse - find the parts of an SRTCP packet
 * @tag: octets of the tag
 * @mki: octets of the MKI, which stands behind the word
 * @aead: the tag stands before the word (RFC 7714, section 9), else at the very end
 *	(RFC 3711, section 3.4)
 *
 * Looks at no more than the first eight octets and the word. -EINVAL as above.
 */
int ksrtp_srtcp_parse(const u8 *data, size_t len, size_t tag, size_t mki, bool aead,
		      struct ksrtp_rtcp *rtcp);

/*
 * ksrtp_rtcp_parse - check plain RTCP, compound or reduced-size (RFC 5506)
 * Version and length of each packet must add up to @len, padding only in the last
 * (RFC 3550, A.2, without its demand for SR or RR first).
 */
int ksrtp_rtcp_parse(const u8 *data, size_t len, struct ksrtp_rtcp *rtcp);

#endif /* KSRTP_CORE_PACKET_H */
