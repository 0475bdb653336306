/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RTP, RTCP and SRTP on the wire: constants, and the RFC 7983 demultiplexer.
 * Included by the module, the BPF programs and userspace alike, so it uses no
 * type but the fixed-width ones of <linux/types.h>.
 */
#ifndef KSRTP_WIRE_H
#define KSRTP_WIRE_H

#include <linux/types.h>

#define KSRTP_RTP_VERSION	2
#define KSRTP_RTP_HDR_LEN	12	/* RFC 3550, section 5.1, without CSRCs */
#define KSRTP_RTP_SEQ_OFF	2
#define KSRTP_RTP_SSRC_OFF	8
#define KSRTP_RTP_X_BIT		0x10
#define KSRTP_RTP_P_BIT		0x20
#define KSRTP_RTP_CC_MASK	0x0f

#define KSRTP_RTCP_HDR_LEN	8	/* first header and sender SSRC */
#define KSRTP_RTCP_SSRC_OFF	4
/* RFC 5761, section 4: second octet of RTCP on a port shared with RTP */
#define KSRTP_RTCP_PT_MIN	192
#define KSRTP_RTCP_PT_MAX	223

#define KSRTP_SRTCP_WORD_LEN	4	/* E bit and 31-bit index */
#define KSRTP_SRTCP_E_BIT	0x80000000u
#define KSRTP_SRTCP_INDEX_MASK	0x7fffffffu

#define KSRTP_INDEX_BITS	48	/* RFC 3711, section 3.3.1 */
#define KSRTP_INDEX_MAX		((1ULL << KSRTP_INDEX_BITS) - 1)

/* What the first octet of a datagram says it is (RFC 7983, section 7). */
enum ksrtp_proto {
	KSRTP_PROTO_STUN,
	KSRTP_PROTO_DTLS,
	KSRTP_PROTO_TURN,	/* ChannelData */
	KSRTP_PROTO_MEDIA,	/* RTP, RTCP, SRTP, SRTCP */
	KSRTP_PROTO_OTHER,	/* ZRTP, QUIC, unassigned */
};

static inline __attribute__((always_inline)) enum ksrtp_proto
ksrtp_demux(__u8 first)
{
	if (first >= 128 && first <= 191)
		return KSRTP_PROTO_MEDIA;
	if (first >= 20 && first <= 63)
		return KSRTP_PROTO_DTLS;
	if (first <= 3)
		return KSRTP_PROTO_STUN;
	if (first >= 64 && first <= 79)
		return KSRTP_PROTO_TURN;
	return KSRTP_PROTO_OTHER;
}

/* Second octet of a media datagram: RTCP or RTP? */
static inline __attribute__((always_inline)) int ksrtp_is_rtcp(__u8 second)
{
	return second >= KSRTP_RTCP_PT_MIN && second <= KSRTP_RTCP_PT_MAX;
}

#endif /* KSRTP_WIRE_H */
