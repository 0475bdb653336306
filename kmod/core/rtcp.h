/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_CORE_RTCP_H
#define KSRTP_CORE_RTCP_H

/*
 * SSRCs and numbers that are mapped in one compound: each may cost a walk over a leg's
 * streams. No datagram of 1,500 octets has room for as many, nor have an SR and two RRs of
 * 31 blocks, 31 chunks of SDES and a REMB of 255 together.
 */
#define KSRTP_RTCP_FIELDS_MAX	512

/**
 * struct ksrtp_rtcp_map - what shall stand in the place of what stands in RTCP
 * @sender: of the SSRC of one who sends this (SR, RR, SDES, BYE, APP, feedback, XR); an error
 *	refuses the packet
 * @target: of the SSRC of one whose media it is about (report blocks, media source, FIR, ...).
 *	What it returns is given to @number with the sequence numbers that are the target's;
 *	NULL: they stay. @target NULL: neither targets nor numbers are looked at
 * @number: of a sequence number of a target: in report blocks extended by the receiver's
 *	cycles, else 16 bits, of which as many are written
 */
struct ksrtp_rtcp_map {
	int	(*sender)(void *arg, u32 *ssrc);
	void	*(*target)(void *arg, u32 *ssrc);
	u32	(*number)(void *arg, void *target, u32 number);
	void	*arg;
};

/*
 * ksrtp_rtcp_rewrite - give every SSRC and sequence number of a compound packet to @map and
 * write what it answers in its place
 * @data, @len: plain RTCP; nothing in it need be right
 *
 * Covers the SSRCs of SR, RR, SDES, BYE and APP (RFC 3550), RTPFB and PSFB with FIR, TMMBR,
 * TMMBN, TSTR, TSTN, VBCM, REMB and congestion control feedback (RFC 4585, RFC 5104,
 * RFC 8888), and the blocks of XR (RFC 3611 and those after it, up to type 35, but not 8 and
 * 9); in packets of other types nothing but the first SSRC, and in feedback of other formats
 * nothing but the first two. Sequence numbers are those of report blocks, generic NACK,
 * congestion control feedback, and the blocks of XR that name a range of them.
 *
 * Returns 0, or with some replaced already:
 * -EINVAL: the contents of a packet do not fit it, or the first one names no sender; all
 *	senders that could be found were given to @map nevertheless
 * -E2BIG: there are more than KSRTP_RTCP_FIELDS_MAX
 * what @sender answered
 */
int ksrtp_rtcp_rewrite(u8 *data, size_t len, const struct ksrtp_rtcp_map *map);

#endif /* KSRTP_CORE_RTCP_H */
