/* SPDX-License-Identifier: GPL-2.0 */
/* RTP and RTCP packets, octet by octet from the RFCs. */
#ifndef TESTS_MEDIA_PACKET_H
#define TESTS_MEDIA_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_MAX	1460

struct rtp {
	uint32_t ssrc;
	uint16_t seq;
	uint8_t pt;
	bool marker;
	unsigned int csrcs;		/* 0 to 15 */
	unsigned int ext_words;		/* with ext_profile other than 0: words after its head */
	bool elements;			/* it consists of such as RFC 8285 has, padded at its end */
	uint16_t ext_profile;
	size_t payload;			/* octets */
	uint64_t id;			/* from which the payload is made */
};

uint16_t get16(const uint8_t *p);
uint32_t get32(const uint8_t *p);
void put16(uint8_t *p, uint32_t v);
void put32(uint8_t *p, uint32_t v);

/* Returns the length. */
size_t rtp_build(const struct rtp *r, uint8_t *out);

/* Each returns the length of one RTCP packet. @blocks: SSRCs of report blocks. */
size_t rtcp_sr(uint8_t *out, uint32_t sender, const uint32_t *blocks, unsigned int n);
size_t rtcp_rr(uint8_t *out, uint32_t sender, const uint32_t *blocks, unsigned int n);
size_t rtcp_sdes(uint8_t *out, uint32_t source, const char *cname);
size_t rtcp_pli(uint8_t *out, uint32_t sender, uint32_t media);
size_t rtcp_nack(uint8_t *out, uint32_t sender, uint32_t media, uint16_t seq);
size_t rtcp_bye(uint8_t *out, uint32_t source);
/*
 * A compound of SR, RR, SDES, APP, NACK, PLI, FIR, REMB, TMMBR, TMMBN, XR and BYE, in
 * which @sender speaks about @media and @other.
 */
size_t rtcp_everything(uint8_t *out, uint32_t sender, uint32_t media, uint32_t other);

#endif /* TESTS_MEDIA_PACKET_H */
