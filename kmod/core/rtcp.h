/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_CORE_RTCP_H
#define KSRTP_CORE_RTCP_H

/* What an SSRC in RTCP names. */
enum ksrtp_ssrc_role {
	KSRTP_SSRC_SENDER,	/* who sends this: SR, RR, SDES, BYE, APP, feedback, XR */
	KSRTP_SSRC_TARGET,	/* whose media it is about: report blocks, media source, FIR, ... */
};

/**
 * struct ksrtp_rtcp_map - what shall stand in the place of what stands in RTCP
 * @ssrc: of every SSRC
 * @number: of every sequence number of a target, @ssrc as it stands in the packet: in report
 *	blocks extended by the receiver's cycles, else 16 bits, of which as many are written
 */
struct ksrtp_rtcp_map {
	u32	(*ssrc)(void *arg, enum ksrtp_ssrc_role role, u32 ssrc);
	u32	(*number)(void *arg, u32 ssrc, u32 number);
	void	*arg;
};

/*
 * ksrtp_rtcp_rewrite - give every SSRC and sequence number of a compound packet to @map and
 * write what it answers in its place
 * @data, @len: plain RTCP that ksrtp_rtcp_parse() accepted
 *
 * Covers the SSRCs of SR, RR, SDES, BYE and APP (RFC 3550), RTPFB and PSFB with FIR, TMMBR,
 * TMMBN and REMB (RFC 4585, RFC 5104), and XR (RFC 3611); in packets of other types nothing
 * but the first SSRC. Sequence numbers are those of report blocks, generic NACK, and the
 * blocks of XR that name a range of them. Returns 0, or -EINVAL where the contents do not
 * fit their packet; some may be replaced already then.
 */
int ksrtp_rtcp_rewrite(u8 *data, size_t len, const struct ksrtp_rtcp_map *map);

#endif /* KSRTP_CORE_RTCP_H */
