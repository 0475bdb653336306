/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_CORE_RTCP_H
#define KSRTP_CORE_RTCP_H

/* What an SSRC in RTCP names. */
enum ksrtp_ssrc_role {
	KSRTP_SSRC_SENDER,	/* who sends this: SR, RR, SDES, BYE, APP, feedback, XR */
	KSRTP_SSRC_TARGET,	/* whose media it is about: report blocks, media source, FIR, ... */
};

typedef u32 (*ksrtp_ssrc_map)(void *arg, enum ksrtp_ssrc_role role, u32 ssrc);

/*
 * ksrtp_rtcp_map_ssrcs - give every SSRC of a compound packet to @map and write what it
 * answers in its place
 * @data, @len: plain RTCP that ksrtp_rtcp_parse() accepted
 *
 * Covers SR, RR, SDES, BYE and APP (RFC 3550), RTPFB and PSFB with FIR, TMMBR, TMMBN and
 * REMB (RFC 4585, RFC 5104), and XR (RFC 3611); in packets of other types nothing but the
 * first SSRC. Returns 0, or -EINVAL where the contents do not fit their packet; some SSRCs
 * may be replaced already then.
 */
int ksrtp_rtcp_map_ssrcs(u8 *data, size_t len, ksrtp_ssrc_map map, void *arg);

#endif /* KSRTP_CORE_RTCP_H */
