/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A network namespace with two links, and legs on them made through libksrtp.
 *
 *	     192.0.2.2, 2001:db8:a::2            198.51.100.2, 2001:db8:b::2
 *	                 kap |                            | kbp
 *	                     | ka                      kb |
 *	     192.0.2.1, 2001:db8:a::1            198.51.100.1, 2001:db8:b::1
 *
 *	on ka.5 (802.1Q 5)                       on kb.q (802.1ad 10, then 802.1Q 20)
 *	     203.0.113.1, 2001:db8:5::1          203.0.113.129, 2001:db8:6::1
 *
 * The other ends are addresses without a host: permanent neighbours.
 */
#ifndef TESTS_BPF_WORLD_H
#define TESTS_BPF_WORLD_H

#include <stdint.h>

#include <ksrtp/ksrtp.h>

#include "frame.h"
#include "prog.h"
#include "srtp.h"

#define TTL_V4	61
#define TTL_V6	59

enum side_name { SIDE_A, SIDE_B, SIDE_TAG, SIDE_QINQ };

struct side {
	const char *dev;		/* the real one, where frames come in */
	const char *l3_dev;
	const char *peer;		/* the far end of the link */
	uint8_t mac[6], peer_mac[6];
	struct frame_tag tag[3];
	const char *local4, *remote4, *local6, *remote6;
};

struct leg {
	uint32_t id;
	const struct side *side;
	int family;			/* 4 or 6 */
	uint8_t local[16], remote[16];
	uint16_t local_port, remote_port;
	uint8_t dscp;
	int socket;			/* our own descriptor of it */
	struct srtp_keys rx, tx;	/* as the leg sees it */
	struct ksrtp_leg before, now;	/* counters around a run */
};

/* One direction of a call with two legs: what arrives on @in leaves on @out. */
struct flow {
	struct leg in, out;
	uint32_t call, route;
	uint32_t rtcp_sent;		/* SRTCP index of the next one toward @in */
	uint32_t rtcp_left;		/* of the last one that left on @out */
};

struct world {
	struct ksrtp *ksrtp;
	struct prog prog;
	int capture[2];			/* packet sockets on kap and kbp */
};

extern const struct side sides[];
extern struct world world;

int run_command(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* 0, or negative after a line on stdout. */
int world_open(void);
void world_close(void);

/* @suite: enum ksrtp_suite. A flow with a key of its own each way. 0, or a negative errno. */
int flow_open(struct flow *flow, enum side_name from, int from_family, unsigned int from_suite,
	      enum side_name to, int to_family, unsigned int to_suite);
void flow_close(struct flow *flow);
/* One more leg of @flow's call, without a route. */
int flow_add_leg(struct flow *flow, struct leg *leg, enum side_name side, int family,
		 unsigned int suite);
void close_leg(struct leg *leg);

/* The frame that brings @payload to @flow's first leg; the one that leaves with it. */
void flow_frame_in(const struct flow *flow, const uint8_t *payload, size_t len,
		   struct frame *frame);
void flow_frame_out(const struct flow *flow, const uint8_t *payload, size_t len,
		    struct frame *frame);

/* Puts a frame on the wire toward the device; catches what leaves on the other end. */
int wire_send(const struct side *side, const struct frame *frame);
/* The next UDP frame that came out at the far end of @side, or -1 when none came in time. */
int wire_receive(const struct side *side, struct frame *frame, int timeout_ms);
void wire_drain(void);

/* Remember the counters; then compare them. @what names the row in diagnostics. */
void counters_before(struct flow *flow);
/* Nothing has changed on both legs. */
void counters_same(struct flow *flow, const char *what);
/* One packet of @in_len octets was forwarded, @out_len octets left, by XDP or the skb path. */
void counters_forwarded(struct flow *flow, const char *what, size_t in_len, size_t out_len,
			int xdp);
/* One packet of @in_len octets was dropped as @reason. */
void counters_dropped(struct flow *flow, const char *what, size_t in_len, unsigned int reason);
/* One packet was dropped, for whatever reason: that is returned. */
unsigned int counters_dropped_any(struct flow *flow, const char *what, size_t in_len);

uint64_t random_next(void);
void random_fill(void *p, size_t len);

#endif /* TESTS_BPF_WORLD_H */
