/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parts of truth, and what they share: one packet of a call through the real
 * devices, its whole frame on the way out, and every counter after it.
 */
#ifndef TESTS_NETNS_TRUTH_H
#define TESTS_NETNS_TRUTH_H

#include "../bpf/world.h"
#include "../unit/tap.h"

#define PLAIN	KSRTP_SUITE_NONE
#define GCM128	KSRTP_SUITE_AEAD_AES_128_GCM
#define GCM256	KSRTP_SUITE_AEAD_AES_256_GCM

#define SSRC	0xcafe0001
#define TIMEOUT	2000	/* ms */

enum way { BY_SKB, BY_XDP };

/* A flow, its next packet, and how many left of those that were sent. */
struct call {
	struct flow flow;
	uint64_t index;
	struct frame in, out;	/* what next_packet() made */
	unsigned int arrived;
};

void call_open(struct call *call, enum side_name from, int from_family, unsigned int from_suite,
	       enum side_name to, int to_family, unsigned int to_suite);
/* With the check that everything adds up. */
void call_close(struct call *call);
void call_sums(struct call *call);

/* The next packet, of @octets of RTP payload: the frames that bring it and must leave. */
void next_packet(struct call *call, size_t octets);
/* Sends call->in; call->out leaves. */
void expect_out(struct call *call, const char *what, enum way way);
/* Both in one, and that the leg says so. */
void expect_usual(struct call *call, const char *what, enum way way);
/* The first by the skb path, which finds the way, the next by XDP. */
void expect_settled(struct call *call, const char *what);
/* Sends call->in; it is dropped as @reason and nothing leaves. */
void expect_drop(struct call *call, const char *what, unsigned int reason);
/* call->in was sent; its counters, and call->out in @got. */
void check_out(struct call *call, const char *what, const struct frame *got, enum way way);
void check_slow(struct call *call, const char *what, unsigned int slow);

/* A capture of IP frames, fragments too, on any device; sends there as well. */
int capture_open(const char *dev);
int capture_next(int fd, struct frame *frame, int timeout_ms);
/* Any IP frame at the far end of @side. */
int wire_any(const struct side *side, struct frame *frame, int timeout_ms);

void attach_both(enum ksrtp_xdp_mode mode);
void detach_both(void);

void path_tests(void);
void size_tests(void);
void form_tests(void);
/* Which way a tag goes that is inside, or beside, the frame. */
void tag_beside(const char *path, enum way inside, enum way beside);
void ipsec_tests(void);
void egress_tests(void);
void generic_tests(void);
void fpu_tests(void);

#endif /* TESTS_NETNS_TRUTH_H */
