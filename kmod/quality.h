/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What RTCP tells of a leg's streams: the far end's reports and, by the sender reports
 * that pass, the round-trip time. Packet path, under RCU, bottom halves off.
 */
#ifndef KSRTP_QUALITY_H
#define KSRTP_QUALITY_H

struct ksrtp_leg;
struct ksrtp_packet;
struct ksrtp_stream;

/* Plain RTCP that arrived: authentic, or from the exact remote address of a plain leg. */
void ksrtp_quality_receive(const struct ksrtp_packet *pkt);
/* Plain RTCP of @stream that leaves on @to, after everything in it was rewritten. */
void ksrtp_quality_send(const struct ksrtp_leg *to, struct ksrtp_stream *stream,
			const struct ksrtp_packet *pkt);

#endif /* KSRTP_QUALITY_H */
