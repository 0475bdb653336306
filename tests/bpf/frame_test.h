/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of frame_test, and what they share: packets and one run of the program. */
#ifndef TESTS_BPF_FRAME_TEST_H
#define TESTS_BPF_FRAME_TEST_H

#include "world.h"

#define PLAIN	KSRTP_SUITE_NONE
#define GCM128	KSRTP_SUITE_AEAD_AES_128_GCM
#define GCM256	KSRTP_SUITE_AEAD_AES_256_GCM

/* What a plain RTP packet shall be like. */
struct rtp_spec {
	uint64_t index;		/* roll-over counter and sequence number */
	unsigned int csrcs, ext_words, payload, padding;
	int ext, marker;
	uint32_t ssrc;		/* 0: SSRC_USUAL */
};

#define SSRC_USUAL	0xcafe0001

size_t make_rtp(uint8_t *p, const struct rtp_spec *spec);
/* A sender report of @ssrc, and a source description if @sdes. */
size_t make_rtcp(uint8_t *p, uint32_t ssrc, int sdes);

/* The frame that brings it and the one that must leave. */
void rtp_frames(const struct flow *flow, const struct rtp_spec *spec, struct frame *in,
		struct frame *out);
void rtcp_frames(struct flow *flow, int sdes, int encrypt, struct frame *in, struct frame *out);

/* The flow's first packet, by the skb path, which finds the next hop. */
void warm(struct flow *flow, const char *what, uint64_t index);

/* One run of the program on @in, and all that must have come of it. */
void expect_forwarded(struct flow *flow, const char *what, const struct frame *in,
		      const struct frame *out);
void expect_passed(struct flow *flow, const char *what, const struct frame *in,
		   unsigned int verdict);
void expect_dropped(struct flow *flow, const char *what, const struct frame *in,
		    unsigned int reason);
unsigned int expect_dropped_any(struct flow *flow, const char *what, const struct frame *in);

void forward_tests(void);
void refuse_tests(void);
void plain_tests(void);
void slow_tests(void);
void live_tests(void);

#endif /* TESTS_BPF_FRAME_TEST_H */
