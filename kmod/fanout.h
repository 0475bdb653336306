/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One to many in the XDP path: copies of a decrypted packet, each encrypted in a frame of
 * its own from a bounded per-CPU pool, handed to the egress device in bulk.
 */
#ifndef KSRTP_FANOUT_H
#define KSRTP_FANOUT_H

#include <linux/types.h>

#include "nexthop.h"

struct ksrtp_packet;
struct ksrtp_port;
struct ksrtp_route;
struct net_device;

/* Copies in one run of the receive softirq on one CPU; module parameter copies_max. */
extern unsigned int ksrtp_copies_max;

int ksrtp_fanout_init(void);
void ksrtp_fanout_uninit(void);

/* UDP payload that fits a frame of the pool, headers in front and growth behind. */
u32 ksrtp_fanout_payload_max(void);

/*
 * Softirq. May this CPU make @n copies now: has it the frames, and is it within what it may
 * send at once? If not, the skb path shall send the whole packet, whose copies the stack can
 * hold in a queue. It may then come before or after its neighbours: RTP puts them in order.
 * Whoever comes first takes the frames; nobody's packet is lost for it.
 */
bool ksrtp_fanout_reserve(unsigned int n);
/*
 * Softirq. One copy of the plain packet @pkt along @route, from @port, whose @remote and
 * @l2 were read, through @dev. It is counted when it has been handed over, or now if it
 * comes to nothing.
 */
void ksrtp_fanout_queue(struct ksrtp_route *route, const struct ksrtp_port *port,
			const struct ksrtp_packet *pkt, const struct ksrtp_addr *remote,
			const struct ksrtp_l2 *l2, struct net_device *dev);
/* Hand over what is queued; how many frames the devices or their queues took. */
unsigned int ksrtp_fanout_flush(void);

#endif /* KSRTP_FANOUT_H */
