/* SPDX-License-Identifier: GPL-2.0 */
/* Plain RTP and RTCP for the scripts, octet by octet from the RFCs. */
#ifndef TESTS_CONFORMANCE_PACKET_H
#define TESTS_CONFORMANCE_PACKET_H

#include <stddef.h>
#include <stdint.h>

struct rtp_spec {
	uint32_t ssrc;
	uint16_t seq;
	uint8_t pt, marker, csrcs, padding;
	uint16_t ext_words;
	int ext;
	size_t payload;
	uint64_t seed;		/* of what is random in it */
};

struct rtcp_spec {
	const char *kind;	/* "sr", "pli", "nack", "bye", "all", ...: see packet.c */
	uint32_t ssrc;		/* of the sender */
	uint32_t target;	/* of the source it is about */
	int numbered;		/* with a sequence number of the source: */
	uint32_t number;	/* extended, where there is room */
};

/*
 * What every report block says; and it answers, without delay, the sender reports, which
 * all have REPORT_NTP in the middle of their NTP time.
 */
#define REPORT_FRACTION	0x21
#define REPORT_LOST	(-77)
#define REPORT_HIGHEST	0x0003fff1
#define REPORT_JITTER	1234
#define REPORT_NTP	0x5ca1ab1e

size_t make_rtp(const struct rtp_spec *spec, uint8_t *p);
/* 0: no such kind. */
size_t make_rtcp(const struct rtcp_spec *spec, uint8_t *p);

#endif /* TESTS_CONFORMANCE_PACKET_H */
