/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_STREAM_H
#define KSRTP_STREAM_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

#include "core/index.h"
#include "core/numbers.h"
#include "core/replay.h"
#include "core/report.h"

struct ksrtp_key;
struct ksrtp_leg;
struct ksrtp_route;

#define KSRTP_RTCP_WINDOW	128	/* packets */
#define KSRTP_PT_NONE		0xff	/* no payload type */

/* A settle unit of a stream's packets (ksrtp_key_settle()), and the serial of the key of it. */
struct ksrtp_share {
	u64	key;
	u64	step;
};

/**
 * struct ksrtp_stream - one SSRC in one direction of a leg under one context
 * @lock: everything below it; bottom halves are off on all users
 * @rtp: receive: indices authenticated; transmit: indices burnt
 * @rtcp: likewise of SRTCP, receive only
 * @first: protected receive: the first RTP index accepted
 * @rtcp_last: transmit: the last SRTCP index burnt; 0: none
 * @shelved: receive: its key has left, and may come back
 * @out: transmit: the SSRC it leaves with; @ssrc is the one it arrived with
 * @source_leg: transmit: ksrtp_leg.source of the leg that feeds it
 * @numbers: transmit: how indices are chosen
 * @shares: of RTP and RTCP by key slot, what was settled last
 * @pt: transmit: payload type of the last RTP packet, or KSRTP_PT_NONE
 * @quality: transmit: what the far end reports
 */
struct ksrtp_stream {
	struct hlist_node	node;
	u32			ssrc;
	u32			context;
	u32			out;
	bool			shelved;
	u64			id;
	spinlock_t		lock;
	u32			rtcp_last;
	struct ksrtp_window	rtp;
	struct ksrtp_window	rtcp;
	u64			packets;
	u64			rtcp_packets;
	struct ksrtp_share	shares[2][2];
	u32			source_leg;
	struct ksrtp_numbers	numbers;
	u8			pt;
	u64			first;
	struct ksrtp_quality	quality;
	struct rcu_head		rcu;
	u64			rings[];
};

/* Packet path, under RCU. */
struct ksrtp_stream *ksrtp_stream_find(const struct ksrtp_leg *leg, unsigned int direction,
				       u32 context, u32 ssrc);
/* The transmit stream of what arrives with @ssrc on a leg whose ksrtp_leg.source is @source. */
struct ksrtp_stream *ksrtp_stream_find_tx(const struct ksrtp_leg *leg, u32 context, u32 source,
					  u32 ssrc);
/* The transmit stream that leaves with @out, of any context and source. */
struct ksrtp_stream *ksrtp_stream_find_out(const struct ksrtp_leg *leg, u32 out);
/* The same, that of @context if there is one. */
struct ksrtp_stream *ksrtp_stream_find_wire(const struct ksrtp_leg *leg, u32 context, u32 out);
/*
 * Find or make a receive stream; only after authentication (or from the exact remote of
 * a plain leg). NULL: the leg has its maximum, no spare is ready at this moment, or @key
 * has left its slot: its streams are gone then, and a fresh one would repeat their indices.
 */
struct ksrtp_stream *ksrtp_stream_create(struct ksrtp_leg *leg, const struct ksrtp_key *key,
					 u32 ssrc);
/*
 * The same of a transmit stream on the leg where @route ends, for what arrives with @ssrc.
 * -ENOSPC: as NULL above; -EEXIST: another source sends with its SSRC and the route does
 * not map.
 */
struct ksrtp_stream *ksrtp_stream_create_tx(const struct ksrtp_route *route,
					    const struct ksrtp_key *key, u32 ssrc);

/* Control path: fill the spares (GFP_KERNEL); -ENOMEM. */
int ksrtp_stream_refill(struct ksrtp_leg *leg);
/* Make future transmit streams at least @window packets wide; -ENOMEM: nothing changed. */
int ksrtp_stream_widen(struct ksrtp_leg *leg, u32 window);
/* A context has no key any more: its streams go. Under ksrtp_leg.lock. */
void ksrtp_streams_retire(struct ksrtp_leg *leg, unsigned int direction, u32 context);
/*
 * A receive context has no key any more, but may have one again: until then its streams do
 * not count and are not told of. Under ksrtp_leg.lock.
 */
void ksrtp_streams_shelve(struct ksrtp_leg *leg, u32 context);
/* It has: its streams are in context @now from here on. */
void ksrtp_streams_resume(struct ksrtp_leg *leg, u32 context, u32 now);
/* The leg is being freed, after the grace period. */
void ksrtp_streams_free(struct ksrtp_leg *leg);

/*
 * RTP packets that did not come: expected less accepted (RFC 3550, A.3). Of a protected
 * receive stream, under its lock; 0 before its first packet.
 */
static inline u64 ksrtp_stream_lost(const struct ksrtp_stream *s)
{
	u64 expected = s->packets ? s->rtp.highest - s->first + 1 : 0;

	return expected > s->packets ? expected - s->packets : 0;
}

#endif /* KSRTP_STREAM_H */
