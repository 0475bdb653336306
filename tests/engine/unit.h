/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of the program `unit`, and what they share. */
#ifndef KSRTP_ENGINE_UNIT_H
#define KSRTP_ENGINE_UNIT_H

#include <linux/jiffies.h>
#include "unit/random.h"
#include "unit/tap.h"
#include "engine.h"
#include "peer.h"

#define BOTH	(KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP)
#define RX	KSRTP_DIRECTION_RX
#define TX	KSRTP_DIRECTION_TX
#define NEW	KSRTP_CONTEXT_NEW
#define SAME	KSRTP_CONTEXT_SAME
#define GCM	KSRTP_SUITE_AEAD_AES_128_GCM
#define SSRC	0x5501a0b2u

extern uint64_t unit_seed;
extern struct engine_result unit_result;

/* A packet as it is on the wire, and the plain one in it. */
struct unit_packet {
	size_t	len, plain_len;
	u8	wire[ENGINE_PACKET_MAX], plain[ENGINE_PACKET_MAX];
};

/*
 * A leg that receives from libsrtp2 and one that sends to libsrtp2, with a route there and
 * one back; either may be plain (suite none).
 */
struct unit_world {
	struct engine e;
	struct ksrtp_leg *from, *to;
	struct ksrtp_route *route, *back;
	struct engine_master in, out;
	srtp_t	sender, receiver;
};

void unit_world_init(struct unit_world *w, u32 suite_in, u32 suite_out, u32 flags);
void unit_world_exit(struct unit_world *w);

/* An RTP packet of 20 octets of payload. */
void unit_rtp(struct unit_packet *p, u32 ssrc, u16 seq);
/* The same, protected by @srtp (NULL: not). */
void unit_srtp(srtp_t srtp, struct unit_packet *p, u32 ssrc, u16 seq);
void unit_srtcp(srtp_t srtp, struct unit_packet *p, u32 ssrc);

/* What the engine says: of the packet, and of its first copy if it was good. */
enum ksrtp_reason unit_push(struct engine *e, struct ksrtp_leg *leg, const struct unit_packet *p);
enum ksrtp_reason unit_copy(struct engine *e, struct ksrtp_leg *leg, const struct unit_packet *p);
/* Does libsrtp2 find @p's plain packet in the copy number @n of the last push? */
bool unit_arrived(srtp_t receiver, int n, bool rtcp, const struct unit_packet *p);

void unit_receive(void);
void unit_past(void);
void unit_attack(void);
void unit_transmit(void);
void unit_limits(void);
void unit_ssrc(void);
void unit_quality(void);
void unit_vectors(void);
void unit_cryptex(void);
void unit_hdrext(void);
void unit_ice(void);
void unit_port(void);

#endif /* KSRTP_ENGINE_UNIT_H */
