/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_XMIT_H
#define KSRTP_XMIT_H

#include <linux/types.h>
#include <linux/ksrtp.h>

struct ksrtp_addr;
struct ksrtp_port;
struct sk_buff;

#define KSRTP_L3L4_LEN(v4)	((v4) ? 28 : 48)	/* IP and UDP header */
/* Octets that protection adds behind a packet, at most: tag, SRTCP word, MKI. */
#define KSRTP_GROWTH_MAX	(16 + 4 + KSRTP_MKI_MAX)

/*
 * Write the IP and UDP header of a packet from port @from in front of @payload: the
 * octets that every datapath sends (design: a new packet of this host).
 */
void ksrtp_headers_write(const struct ksrtp_port *from, const struct ksrtp_addr *remote, u8 ttl,
			 u8 *payload, u32 len);

/*
 * skb path: one packet, not media-checked yet, that arrived on @port's socket.
 * skb->data is the UDP header. Returns 0 when the skb was consumed, 1 when it
 * belongs to the socket.
 */
int ksrtp_skb_receive(struct ksrtp_port *port, struct sk_buff *skb);

#endif /* KSRTP_XMIT_H */
