/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The packet path that all kernel datapaths share: receive authenticates, decrypts
 * and commits; protect burns an index and encrypts. Under RCU, bottom halves off.
 */
#ifndef KSRTP_PATH_H
#define KSRTP_PATH_H

#include <linux/types.h>
#include <linux/ksrtp.h>

#include <ksrtp/wire.h>

struct ksrtp_key;
struct ksrtp_leg;
struct ksrtp_route;
struct ksrtp_stream;

/**
 * struct ksrtp_packet - a UDP payload on its way
 * @data: linear and writable
 * @len: octets of it that are the packet
 * @room: octets from @data on that may be written
 * @takers: flags of which a route has one that takes it
 * @dtls: on its way between legs of an end-to-end call
 */
struct ksrtp_packet {
	u8			*data;
	u32			len;
	u32			room;
	u32			takers;
	bool			rtcp;
	bool			dtls;
	bool			plain;		/* arrived under suite none */
	bool			is_remote;	/* it came from the leg's remote address */
	u16			seq;
	u16			hdr_len;
	u32			ssrc;
	u64			index;		/* of a protected RTP packet */
	struct ksrtp_stream	*stream;	/* it arrived in */
	struct ksrtp_leg	*leg;		/* it arrived on */
};

/*
 * Authenticate, decrypt in place and commit a media packet of @pkt->leg; where nothing
 * authenticates it, @pkt->is_remote has to.
 * Afterwards @pkt->len is that of the plain packet. When it answers anything but
 * KSRTP_REASON_NONE the octets are garbage and no state but counters has changed
 * (KSRTP_REASON_HELD: the packet was good).
 */
enum ksrtp_reason ksrtp_receive(struct ksrtp_packet *pkt);
/*
 * Rewrite the plain packet as @route says, burn an index toward its end and encrypt in
 * place; @pkt->len grows up to @pkt->room. A relay's packet stays as it is.
 */
enum ksrtp_reason ksrtp_protect(struct ksrtp_route *route, struct ksrtp_packet *pkt);

/* Which routes take a datagram that is RTP, RTCP or DTLS; the last goes with either. */
static inline u32 ksrtp_path_takers(const u8 *payload, u32 len)
{
	if (ksrtp_demux(payload[0]) == KSRTP_PROTO_DTLS)
		return KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP;
	return len > 1 && ksrtp_is_rtcp(payload[1]) ? KSRTP_ROUTE_F_RTCP : KSRTP_ROUTE_F_RTP;
}

/* Fill in what the first octets say; @pkt->data and @pkt->len are there. */
static inline void ksrtp_path_classify(struct ksrtp_packet *pkt)
{
	pkt->takers = ksrtp_path_takers(pkt->data, pkt->len);
	pkt->rtcp = pkt->takers == KSRTP_ROUTE_F_RTCP;
	pkt->dtls = pkt->takers == (KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP);
}

/* relay.c: the same as ksrtp_receive() on a leg of an end-to-end call: shape and rate only. */
enum ksrtp_reason ksrtp_relay_receive(struct ksrtp_packet *pkt);

/* By how much a packet grows at most on its way from @leg to @to; false: no keys. */
bool ksrtp_path_growth(const struct ksrtp_leg *leg, const struct ksrtp_leg *to, bool rtcp,
		       int *growth);
/* Does nothing authenticate its packets: suite none, or a relay? Then the address has to. */
bool ksrtp_leg_is_plain(const struct ksrtp_leg *leg);

/* The key of a receive slot, the active transmit key; NULL: none. */
struct ksrtp_key *ksrtp_path_rx_key(const struct ksrtp_leg *leg, unsigned int slot);
struct ksrtp_key *ksrtp_path_tx_key(const struct ksrtp_leg *leg);
/* One more packet of @stream under @key; false: the key is used up. Under the stream's lock. */
bool ksrtp_path_use_key(struct ksrtp_leg *leg, struct ksrtp_key *key,
			struct ksrtp_stream *stream, bool rtcp);

#endif /* KSRTP_PATH_H */
