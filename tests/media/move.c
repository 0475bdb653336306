// SPDX-License-Identifier: GPL-2.0
/* A flow changes path between two packets: what one path has seen, the other knows. */
#include <string.h>

#include "../unit/tap.h"
#include "call.h"
#include "streams.h"

#define STRETCH		10	/* packets on one path */
#define STRETCHES	6
#define LATE		2	/* of each stretch, that come in the next one */
#define FIRST		65510	/* the sequence number wraps in the third */

struct sealed {
	uint8_t octet[PACKET_MAX + GROWTH_MAX] __attribute__((aligned(8)));
	size_t len;
};

struct flow {
	struct peer *from, *to;
	struct sealed rtp[STRETCH * STRETCHES], rtcp[STRETCHES];
	bool plain;
};

static size_t build(unsigned int i, uint8_t *p)
{
	struct rtp r = { .ssrc = 7, .seq = (uint16_t)(FIRST + i), .id = i, .payload = 100 + i };

	return rtp_build(&r, p);
}

static void seal_all(struct flow *f)
{
	uint8_t p[PACKET_MAX];
	unsigned int i;

	for (i = 0; i < STRETCH * STRETCHES; i++)
		f->rtp[i].len = peer_protect(f->from, false, p, build(i, p), f->rtp[i].octet);
	for (i = 0; i < STRETCHES; i++)
		f->rtcp[i].len = peer_protect(f->from, true, p, rtcp_sr(p, 7, &i, 1),
					      f->rtcp[i].octet);
}

static void arrives(struct flow *f, unsigned int i, const char *what)
{
	uint8_t p[PACKET_MAX];

	peer_send_raw(f->from, f->rtp[i].octet, f->rtp[i].len);
	peer_expect(f->to, false, p, build(i, p), what);
}

static void refused(struct flow *f, const struct sealed *s, const char *what)
{
	refuse_raw(f->from, f->to, s->octet, s->len,
		   f->plain ? KSRTP_REASON_TX_DUP : KSRTP_REASON_REPLAY, what);
}

static void stretch(struct flow *f, unsigned int k)
{
	unsigned int first = k * STRETCH, i;
	uint8_t p[PACKET_MAX];

	/* The other path's late ones, then all that it took, again. */
	for (i = 0; k && i < LATE; i++)
		arrives(f, first - 2 - i, "late, by the other path");
	for (i = 0; k && i < STRETCH; i++)
		refused(f, &f->rtp[first - STRETCH + i], "what the other path has seen");
	if (k && !f->plain)
		refused(f, &f->rtcp[k - 1], "RTCP that the other path has seen");
	for (i = 0; i < STRETCH; i++)
		if (k == STRETCHES - 1 || i == STRETCH - 1 || i < STRETCH - 1 - LATE)
			arrives(f, first + i, "in time");
	peer_send_raw(f->from, f->rtcp[k].octet, f->rtcp[k].len);
	peer_expect(f->to, true, p, rtcp_sr(p, 7, &k, 1), "RTCP");
}

static void move(uint32_t from, uint32_t to)
{
	struct setup a = { .link = LINK_A, .suite = from }, b = { .link = LINK_B, .suite = to };
	struct ksrtp_stream stream = {};
	static struct flow f;
	struct ksrtp_leg leg;
	struct call c;
	unsigned int k;

	pair_open(&c, &a, &b, &f.from, &f.to);
	f.plain = from == KSRTP_SUITE_NONE;
	seal_all(&f);
	for (k = 0; k < STRETCHES; k++) {
		CHECK(!net_datapath(k & 1), "the path does not change");
		stretch(&f, k);
	}
	leg = leg_now(f.from);
	CHECK(leg.stats.forwarded == (STRETCH + 1) * STRETCHES, "%llu forwarded",
	      (unsigned long long)leg.stats.forwarded);
	/* A frame that grows has not always room, and the first one finds the way. */
	CHECK(leg.stats.skb >= (STRETCH + 1) * STRETCHES / 2 - LATE && leg.stats.xdp, "%llu by skb, %llu by XDP",
	      (unsigned long long)leg.stats.skb, (unsigned long long)leg.stats.xdp);
	CHECK(stream_now(f.to, KSRTP_DIRECTION_TX, 7, &stream) &&
	      stream.index == FIRST + STRETCH * STRETCHES - 1 && stream.packets == STRETCH * STRETCHES &&
	      stream.rtcp_packets == STRETCHES, "index %llu, %llu packets, %llu RTCP",
	      (unsigned long long)stream.index, (unsigned long long)stream.packets,
	      (unsigned long long)stream.rtcp_packets);
	call_close(&c);
	CHECK(!net_datapath(0), "XDP does not go");
	tap.datapath = "xdp";
	tap_end("D2,D3,S2,S3", "%s to %s: a flow moves between XDP and skb in mid-stream, its windows intact",
		ksrtp_suite_name(from), ksrtp_suite_name(to));
}

void move_tests(void)
{
	move(KSRTP_SUITE_AEAD_AES_128_GCM, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80);
	move(KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80, KSRTP_SUITE_AEAD_AES_256_GCM);
	move(KSRTP_SUITE_NONE, KSRTP_SUITE_AEAD_AES_128_GCM);
}
