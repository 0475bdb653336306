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
struct ksrtp_route;
struct net_device;

int ksrtp_fanout_init(void);
void ksrtp_fanout_uninit(void);

/* UDP payload that fits a frame of the pool, headers in front and growth behind. */
u32 ksrtp_fanout_payload_max(void);

/*
 * Softirq. One copy of the plain packet @pkt along @route, through @dev. It is counted when
 * it has been handed over, or now if it comes to nothing.
 */
void ksrtp_fanout_queue(struct ksrtp_route *route, const struct ksrtp_packet *pkt,
			const struct ksrtp_addr *remote, const struct ksrtp_l2 *l2,
			struct net_device *dev);
/* Hand over what is queued; how many frames the devices took. */
unsigned int ksrtp_fanout_flush(void);

#endif /* KSRTP_FANOUT_H */
