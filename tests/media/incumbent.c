// SPDX-License-Identifier: GPL-2.0
/*
 * What rtpengine's kernel path was seen to do wrong (release and head, in a virtual machine
 * like this one), each as a test of ours. That audio goes on without the agent is shown with
 * the agent itself, by tests/demo/restart.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/tap.h"
#include "call.h"
#include "incumbent.h"
#include "media.h"

#define GCM128	KSRTP_SUITE_AEAD_AES_128_GCM
#define GCM256	KSRTP_SUITE_AEAD_AES_256_GCM
#define CM80	KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80
#define CM32	KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32

#define WIRE	(PACKET_MAX + GROWTH_MAX)

static void replay(void)
{
	static const uint32_t suites[] = { GCM128, CM80, CM32 };
	uint8_t p[PACKET_MAX], wire[WIRE] __attribute__((aligned(8)));
	struct rtp r = { .ssrc = 1, .payload = 160 };
	struct peer *a, *b;
	unsigned int i, j;
	struct call c;
	size_t n, w;

	for (i = 0; i < 3; i++) {
		struct setup s = { .link = LINK_A, .suite = suites[i] };
		struct setup t = { .link = LINK_B, .suite = suites[i] };

		pair_open(&c, &s, &t, &a, &b);
		n = rtp_build(&r, p);
		w = peer_protect(a, false, p, n, wire);
		for (j = 0; j < 50; j++)
			peer_send_raw(a, wire, w);
		peer_expect(b, false, p, n, "the first");
		peer_expect_nothing(a, b, "the others");
		CHECK(dropped(a, KSRTP_REASON_REPLAY) == 49, "%llu as replay",
		      (unsigned long long)dropped(a, KSRTP_REASON_REPLAY));
		/* And of RTCP, which has a window of its own. */
		n = rtcp_sr(p, 1, NULL, 0);
		w = peer_protect(a, true, p, n, wire);
		for (j = 0; j < 50; j++)
			peer_send_raw(a, wire, w);
		peer_expect(b, true, p, n, "the first RTCP");
		peer_expect_nothing(a, b, "the others");
		CHECK(dropped(a, KSRTP_REASON_REPLAY) == 98, "%llu as replay",
		      (unsigned long long)dropped(a, KSRTP_REASON_REPLAY));
		call_close(&c);
	}
	tap_end("D2,S2", "rtpengine: replay x 50 gives one");
}

/* A stretch of a call, all of it again; then into another leg and another call. */
static void replay_capture(void)
{
	struct setup s = { .link = LINK_A, .suite = GCM128 }, t = { .link = LINK_B, .suite = GCM128 };
	struct { uint8_t o[WIRE] __attribute__((aligned(8))); size_t len; } *wire;
	struct rtp r = { .ssrc = 1, .payload = 100 };
	struct peer *a, *b, *d, *e;
	uint8_t p[PACKET_MAX];
	struct call c, other;
	unsigned int i;
	size_t n;

	wire = calloc(100, sizeof(*wire));
	pair_open(&c, &s, &t, &a, &b);
	pair_open(&other, &s, &t, &d, &e);
	for (i = 0; i < 100; i++) {
		r.seq = (uint16_t)(65490 + i);
		n = rtp_build(&r, p);
		wire[i].len = peer_protect(a, false, p, n, wire[i].o);
		peer_send_raw(a, wire[i].o, wire[i].len);
		peer_expect(b, false, p, n, "in time");
	}
	for (i = 0; i < 100; i++) {
		peer_send_raw(a, wire[i].o, wire[i].len);
		peer_send_raw(b, wire[i].o, wire[i].len);
		peer_send_raw(d, wire[i].o, wire[i].len);
	}
	peer_settle(a);
	peer_settle(d);
	peer_expect_nothing(b, a, "from the other end");
	peer_expect_nothing(a, b, "again");
	peer_expect_nothing(d, e, "in another call");
	CHECK(dropped(a, KSRTP_REASON_REPLAY) == 100, "replay");
	CHECK(dropped(b, KSRTP_REASON_AUTH) == 100, "auth, the other leg");
	CHECK(dropped(d, KSRTP_REASON_AUTH) == 100, "auth, the other call");
	r.seq++;
	pass_rtp(a, b, &r, "the call goes on");
	call_close(&c);
	call_close(&other);
	free(wire);
	tap_end("D2,S1,S2", "rtpengine: a capture played again, there or elsewhere, gives nothing");
}

static bool same_stream(const struct ksrtp_stream *x, const struct ksrtp_stream *y)
{
	return x->index == y->index && x->rtcp_index == y->rtcp_index &&
	       x->packets == y->packets && x->rtcp_packets == y->rtcp_packets &&
	       x->context == y->context && x->out == y->out;
}

static int count_stream(const struct ksrtp_stream *s, void *arg)
{
	(void)s;
	++*(unsigned int *)arg;
	return 0;
}

static unsigned int streams_of(struct peer *p)
{
	unsigned int n = 0;

	CHECK(!ksrtp_stream_dump(ksrtp, p->leg, count_stream, NULL, &n), "stream dump");
	return n;
}

static void forged_jumps(void)
{
	static const uint16_t jumps[] = { 1, 100, 0x7fff, 0x8000, 0x8001, 0xffff, 3001 };
	static const uint32_t suites[] = { GCM256, CM80, CM32 };
	uint8_t p[PACKET_MAX], wire[WIRE] __attribute__((aligned(8)));
	struct ksrtp_stream rx, tx, rx_after, tx_after;
	struct ksrtp_leg leg, leg_after;
	struct rtp r = { .ssrc = 1, .payload = 160 };
	struct peer *a, *b;
	unsigned int i, j, k;
	struct call c;
	size_t w;

	for (i = 0; i < 3; i++) {
		struct setup s = { .link = LINK_A, .suite = suites[i] };
		struct setup t = { .link = LINK_B, .suite = GCM128 };

		pair_open(&c, &s, &t, &a, &b);
		for (j = 0; j < 5; j++) {
			r.seq = (uint16_t)(65533 + j);
			pass_rtp(a, b, &r, "before");
		}
		w = peer_protect(a, true, p, rtcp_sr(p, 1, NULL, 0), wire);
		peer_send_raw(a, wire, w);
		free(peer_next(b, WAIT_MS));
		CHECK(stream_now(a, KSRTP_DIRECTION_RX, 1, &rx), "a stream");
		CHECK(stream_now(b, KSRTP_DIRECTION_TX, 1, &tx), "a stream");
		leg = leg_now(a);
		/* The last good RTCP with other indices; RTP of random content. */
		for (j = 0; j < sizeof(jumps) / sizeof(jumps[0]); j++) {
			for (k = 0; k < 40; k++) {
				uint8_t forged[WIRE];
				struct rtp f = r;

				f.seq = (uint16_t)(r.seq + jumps[j] + k);
				f.id = random_u64();
				f.payload = 160 + suite_growth(suites[i], false);
				/* Sometimes an SSRC that was never seen. */
				f.ssrc = k % 8 == 7 ? (uint32_t)random_u64() : 1;
				peer_send_raw(a, forged, rtp_build(&f, forged));
			}
			memcpy(p, wire, w);
			p[w - 1] ^= (uint8_t)(j + 1);
			peer_send_raw(a, p, w);
		}
		peer_expect_nothing(a, b, "forged");
		CHECK(dropped(a, KSRTP_REASON_AUTH) + dropped(a, KSRTP_REASON_REPLAY) +
		      dropped(a, KSRTP_REASON_OLD) == j * 41, "counted");
		CHECK(dropped(a, KSRTP_REASON_AUTH) > j * 20, "%llu as auth",
		      (unsigned long long)dropped(a, KSRTP_REASON_AUTH));
		CHECK(stream_now(a, KSRTP_DIRECTION_RX, 1, &rx_after) && same_stream(&rx, &rx_after),
		      "what arrives: index %llu, was %llu", (unsigned long long)rx_after.index,
		      (unsigned long long)rx.index);
		CHECK(stream_now(b, KSRTP_DIRECTION_TX, 1, &tx_after) && same_stream(&tx, &tx_after),
		      "what leaves: index %llu, was %llu", (unsigned long long)tx_after.index,
		      (unsigned long long)tx.index);
		leg_after = leg_now(a);
		CHECK(leg_after.datapath == leg.datapath && leg_after.slow == leg.slow,
		      "by %s (%s), was %s (%s)", ksrtp_datapath_name(leg_after.datapath),
		      ksrtp_slow_name(leg_after.slow), ksrtp_datapath_name(leg.datapath),
		      ksrtp_slow_name(leg.slow));
		CHECK(streams_of(a) == 1 && streams_of(b) == 1, "%u and %u streams", streams_of(a),
		      streams_of(b));
		for (j = 0; j < 5; j++) {
			r.seq++;
			pass_rtp(a, b, &r, "afterwards");
		}
		call_close(&c);
	}
	tap_end("D2,S2", "rtpengine: forged sequence jumps leave state unchanged");
}

/* From anywhere, of every kind that XDP leaves to the skb path. */
static void forge_past_xdp(struct peer *a, uint16_t seq)
{
	struct rtp f = { .ssrc = 1, .seq = seq, .payload = 1400 };
	uint8_t forged[WIRE] = {};
	struct endpoint from;
	size_t n, i;

	net_address(LINK_A, 4, 1, &from);
	for (i = 0; i < 16; i++) {
		/* Too big for the way out; and RTCP, which goes nowhere. */
		f.seq++;
		f.id = random_u64();
		n = rtp_build(&f, forged);
		n = i & 1 ? 1500 - 28 : rtcp_pli(forged, 1, 2) + 14;
		from.port = (uint16_t)(40000 + i);
		CHECK(!net_send(-1, LINK_A, &from, &a->local, forged, n), "send");
		a->wire_sent++;
	}
}

/* What the operator sees of the datapath is for authentic packets to say. */
static void forged_datapath(void)
{
	struct setup s = { .link = LINK_A, .suite = CM32, .flags = KSRTP_LEG_F_LEARN };
	struct setup t = { .link = LINK_B, .suite = GCM128 };
	bool xdp = !strcmp(tap.datapath, "xdp");
	struct rtp r = { .ssrc = 1, .payload = 160 };
	struct ksrtp_leg before, after;
	struct peer *a, *b;
	struct call c;

	call_open(&c, KSRTP_MODE_TRANSPORT);
	a = peer_open(&c, &s);
	b = peer_open(&c, &t);
	route_open(&c, a, b, RTP);
	for (r.seq = 0; r.seq < 5; r.seq++)
		pass_rtp(a, b, &r, "before");
	before = leg_now(a);
	CHECK(before.datapath == (xdp ? KSRTP_DATAPATH_XDP : KSRTP_DATAPATH_SKB), "by %s (%s)",
	      ksrtp_datapath_name(before.datapath), ksrtp_slow_name(before.slow));
	forge_past_xdp(a, r.seq);
	peer_expect_nothing(a, b, "forged");
	after = leg_now(a);
	CHECK(after.stats.dropped[KSRTP_REASON_AUTH] == 16, "%llu as auth",
	      (unsigned long long)after.stats.dropped[KSRTP_REASON_AUTH]);
	CHECK(after.datapath == before.datapath && after.slow == before.slow,
	      "forged: by %s (%s), was %s (%s)", ksrtp_datapath_name(after.datapath),
	      ksrtp_slow_name(after.slow), ksrtp_datapath_name(before.datapath),
	      ksrtp_slow_name(before.slow));
	/* An authentic one says why it was slow, whatever was forged before it. */
	CHECK(!net_command("ip route add 198.51.100.77/32 dev kb"), "a route");
	forge_past_xdp(a, r.seq);
	pass_rtp(a, b, &r, "after the routes have changed");
	after = leg_now(a);
	CHECK(after.datapath == KSRTP_DATAPATH_SKB &&
	      after.slow == (xdp ? KSRTP_SLOW_NEXTHOP : KSRTP_SLOW_NO_PROGRAM),
	      "the way was unknown: by %s (%s)", ksrtp_datapath_name(after.datapath),
	      ksrtp_slow_name(after.slow));
	forge_past_xdp(a, r.seq);
	peer_expect_nothing(a, b, "forged");
	before = after;
	after = leg_now(a);
	CHECK(after.datapath == before.datapath && after.slow == before.slow, "forged: by %s (%s)",
	      ksrtp_datapath_name(after.datapath), ksrtp_slow_name(after.slow));
	net_command("ip route del 198.51.100.77/32 dev kb");
	call_close(&c);
	tap_end("S2", "forged packets change nothing in what a leg says of its datapath");
}

/* Two plain packets of one number and different payload: two would betray their xor. */
static void equal_numbers(void)
{
	static const uint32_t suites[] = { GCM128, CM80 };
	uint8_t p[PACKET_MAX], q[PACKET_MAX];
	struct rtp r = { .ssrc = 1, .payload = 160 };
	struct peer *a, *b;
	unsigned int i, j;
	struct call c;
	size_t n;

	for (i = 0; i < 2; i++) {
		struct setup s = { .link = LINK_A }, t = { .link = LINK_B, .suite = suites[i] };

		pair_open(&c, &s, &t, &a, &b);
		for (j = 0; j < 20; j++) {
			r.seq = (uint16_t)(65530 + j);
			r.id = 2 * j;
			n = rtp_build(&r, p);
			r.id = 2 * j + 1;
			rtp_build(&r, q);
			peer_send_raw(a, p, n);
			peer_send_raw(a, q, n);
			peer_send_raw(a, p, n);
			peer_expect(b, false, p, n, "the first of the number");
		}
		/* Much later, but within the window: still known. */
		r.seq = 65530;
		r.id = 77;
		peer_send_raw(a, p, rtp_build(&r, p));
		peer_expect_nothing(a, b, "the others of the number");
		CHECK(dropped(a, KSRTP_REASON_TX_DUP) == 41, "%llu as tx-dup",
		      (unsigned long long)dropped(a, KSRTP_REASON_TX_DUP));
		CHECK(b->wire_got == 20, "%llu left", (unsigned long long)b->wire_got);
		call_close(&c);
	}
	tap_end("S3", "rtpengine: equal sequence numbers with different plain payloads never share a nonce");
}

static void route_change(void)
{
	struct setup s = { .link = LINK_A, .suite = GCM128 }, t = { .link = LINK_B, .suite = GCM256 };
	struct rtp r = { .ssrc = 1, .payload = 160 };
	uint8_t p[PACKET_MAX];
	struct datagram *d;
	struct peer *a, *b;
	struct call c;
	unsigned int i;
	size_t n;
	/* Where it has to come out: B's own link, then C's. */
	int link;

	pair_open(&c, &s, &t, &a, &b);
	for (i = 0; i < 60; i++) {
		if (i == 20)
			net_command("ip route add 198.51.100.2/32 via 203.0.113.2 dev kc");
		else if (i == 30)
			net_command("ip neigh replace 203.0.113.2 lladdr 02:00:00:00:0c:77 dev kc nud permanent");
		else if (i == 40)
			net_command("ip route del 198.51.100.2/32");
		link = i >= 20 && i < 40 ? LINK_C : LINK_B;
		r.seq = (uint16_t)i;
		n = rtp_build(&r, p);
		peer_send(a, false, p, n);
		d = peer_next(b, WAIT_MS);
		CHECK(d, "packet %u is lost", i);
		if (!d)
			continue;
		CHECK(d->link == link, "packet %u left by %s", i, net_device(d->link));
		CHECK(d->mac[5] == (i >= 30 && i < 40 ? 0x77 : 2), "packet %u went to ...:%02x", i,
		      d->mac[5]);
		CHECK(session_unprotect(&b->in, false, d->octet, d->len) == n &&
		      !memcmp(d->octet, p, n), "packet %u is another", i);
		free(d);
	}
	net_command("ip neigh replace 203.0.113.2 lladdr 02:00:00:00:0c:02 dev kc nud permanent");
	expect_datapath(a, b, 4);
	call_close(&c);
	tap_end("D4,S8", "rtpengine: a route change in mid-call loses nothing");
}

/* Packets are lost in three places, by turns; what is counted as sent is what arrived. */
static void lose(const char *what, const char *break_it, const char *mend_it, bool outside)
{
	struct setup s = { .link = LINK_A, .suite = GCM128 }, t = { .link = LINK_B, .suite = GCM128 };
	struct rtp r = { .ssrc = 1, .payload = 1000 };
	uint64_t lost = net_egress_losses(), got = 0;
	struct ksrtp_route route = {};
	uint8_t p[PACKET_MAX];
	struct datagram *d;
	struct peer *a, *b;
	struct call c;
	unsigned int i;

	pair_open(&c, &s, &t, &a, &b);
	for (i = 0; i < 10; i++) {
		r.seq = (uint16_t)i;
		pass_rtp(a, b, &r, "before");
	}
	outside ? net_outside(break_it) : net_command("%s", break_it);
	for (; i < 40; i++) {
		r.seq = (uint16_t)i;
		peer_send(a, false, p, rtp_build(&r, p));
	}
	peer_settle(a);
	usleep(400000);
	outside ? net_outside(mend_it) : net_command("%s", mend_it);
	usleep(200000);
	r.seq = (uint16_t)i;
	peer_send(a, false, p, rtp_build(&r, p));
	peer_settle(a);
	while ((d = peer_next(b, 50))) {
		got++;
		free(d);
	}
	lost = net_egress_losses() - lost;
	CHECK(!ksrtp_route_get(ksrtp, c.routes[0], &route), "%s", ksrtp_error(ksrtp));
	CHECK(route.copies == 41, "%llu copies", (unsigned long long)route.copies);
	CHECK(got && got < 41 - 10, "%s: %llu of 31 arrived", what, (unsigned long long)got);
	CHECK(route.sent == 10 + got + lost, "%s: %llu sent, %llu arrived, %llu lost behind the module",
	      what, (unsigned long long)route.sent, (unsigned long long)got + 10,
	      (unsigned long long)lost);
	CHECK(route.copies == route.sent + route.dropped[KSRTP_REASON_TX_ERROR],
	      "%s: %llu refused by the stack", what,
	      (unsigned long long)route.dropped[KSRTP_REASON_TX_ERROR]);
	call_close(&c);
}

static void loss(void)
{
	/* Frames that are larger than the far end takes; a queue with room for two packets. */
	if (!strcmp(tap.datapath, "xdp"))
		lose("the device", "ip link set kbp mtu 600", "ip link set kbp mtu 1500", true);
	else
		lose("the queue", "tc qdisc add dev kb root tbf rate 100kbit burst 2000 limit 2500",
		     "tc qdisc del dev kb root", false);
	lose("the cable", "ip link set kbp down", "ip link set kbp up", true);
	tap_end("S8", "rtpengine: loss is counted where it happens");
}

static void wrap(void)
{
	static const uint16_t numbers[] = { 65533, 65535, 0, 1, 65534, 2 };
	static const uint32_t suites[] = { GCM128, GCM256, CM80, CM32 };
	struct { uint8_t o[WIRE] __attribute__((aligned(8))); size_t len; } wire[6];
	/* In the order in which the source made them. */
	static const unsigned int made[] = { 0, 4, 1, 2, 3, 5 };
	struct ksrtp_stream stream = {};
	struct rtp r = { .ssrc = 1, .payload = 90 };
	uint8_t p[PACKET_MAX];
	unsigned int i, j;
	struct peer *a, *b;
	struct call c;
	size_t n;

	for (i = 0; i < 4; i++) {
		struct setup s = { .link = LINK_A, .suite = suites[i] };
		struct setup t = { .link = LINK_B, .suite = suites[3 - i], .family = 6 };

		pair_open(&c, &s, &t, &a, &b);
		for (j = 0; j < 6; j++) {
			r.seq = numbers[made[j]];
			n = rtp_build(&r, p);
			wire[made[j]].len = peer_protect(a, false, p, n, wire[made[j]].o);
		}
		for (j = 0; j < 6; j++) {
			r.seq = numbers[j];
			n = rtp_build(&r, p);
			peer_send_raw(a, wire[j].o, wire[j].len);
			peer_expect(b, false, p, n, "around the wrap");
		}
		for (j = 0; j < 6; j++)
			refuse_raw(a, b, wire[j].o, wire[j].len, KSRTP_REASON_REPLAY, "again");
		CHECK(stream_now(a, KSRTP_DIRECTION_RX, 1, &stream) && stream.index == 0x10002,
		      "index %llx", (unsigned long long)stream.index);
		CHECK(stream_now(b, KSRTP_DIRECTION_TX, 1, &stream) && stream.index == 0x10002,
		      "index %llx", (unsigned long long)stream.index);
		call_close(&c);
	}
	tap_end("D2", "rtpengine: the wrap at 65535 with reordering around it: all delivered once");
}

/* Equal suites on both sides: no reason to let it through unchecked. */
static void forged_equal(void)
{
	uint8_t p[PACKET_MAX], wire[WIRE] __attribute__((aligned(8)));
	struct rtp r = { .ssrc = 1, .payload = 160 };
	struct peer *a, *b;
	struct call c;
	uint32_t suite;
	size_t w, i;

	for (suite = 1; suite < SUITES; suite++) {
		struct setup s = { .link = LINK_A, .suite = suite };
		struct setup t = { .link = LINK_B, .suite = suite };

		pair_open(&c, &s, &t, &a, &b);
		for (r.seq = 0; r.seq < 30; r.seq++) {
			w = rtp_build(&r, wire);
			random_octets(wire + w, 16);
			refuse_raw(a, b, wire, w + suite_growth(suite, false), KSRTP_REASON_AUTH,
				   "forged");
		}
		/* A true one, an octet of which somebody changed on the way. */
		w = peer_protect(a, false, p, rtp_build(&r, p), wire);
		for (i = 1; i < w; i += 13) {
			if (i == 2 || i == 3)
				continue;
			wire[i] ^= 4;
			/* The header's own lengths may be hit. */
			refuse_raw(a, b, wire, w, KSRTP_REASON_AUTH, "changed on the way");
			wire[i] ^= 4;
		}
		peer_send_raw(a, wire, w);
		peer_expect(b, false, p, rtp_build(&r, p), "the true one");
		call_close(&c);
	}
	tap_end("S1,S2", "rtpengine: forged packets in a call of equal suites are not forwarded");
}

/* A process that makes a call, as a server of its own does; of the agent, tests/demo/restart. */
static void agent(struct facts *facts, int ready)
{
	struct setup s = { .link = LINK_A, .suite = GCM128 }, t = { .link = LINK_B, .suite = CM80 };
	struct peer *a, *b;
	struct call c;

	random_split();
	if (ksrtp_open(&ksrtp))
		_exit(1);
	call_open(&c, KSRTP_MODE_TRANSPORT);
	a = peer_open(&c, &s);
	b = peer_open(&c, &t);
	route_open(&c, a, b, BOTH);
	route_open(&c, b, a, BOTH);
	peer_tell(a, &facts[0]);
	peer_tell(b, &facts[1]);
	facts[0].setup.roc_in = c.id;	/* the one number that has no place of its own */
	if (write(ready, "", 1) == 1)
		for (;;)
			pause();
	_exit(1);
}

static void killed(void)
{
	struct facts *facts = mmap(NULL, 2 * sizeof(*facts), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct rtp r = { .ssrc = 1, .payload = 160 }, q = { .ssrc = 2, .payload = 160 };
	int ready[2], i, status = 0;
	struct peer *a, *b;
	struct call c = {};
	pid_t pid;
	char octet;

	if (facts == MAP_FAILED || pipe(ready))
		abort();
	pid = fork();
	if (!pid)
		agent(facts, ready[1]);
	CHECK(read(ready[0], &octet, 1) == 1, "the agent made no call");
	c.id = facts[0].setup.roc_in;
	c.losses = net_egress_losses();
	a = peer_adopt(&c, &facts[0]);
	b = peer_adopt(&c, &facts[1]);
	for (i = 0; i < 60; i++) {
		if (i == 20) {
			CHECK(!kill(pid, SIGKILL) && waitpid(pid, &status, 0) == pid &&
			      WIFSIGNALED(status), "the agent did not die");
		}
		r.seq = q.seq = (uint16_t)i;
		pass_rtp(a, b, &r, "there");
		pass_rtp(b, a, &q, "and back");
	}
	expect_datapath(b, a, 60);
	/* Who comes after it knows the keys, and cannot begin anew with them. */
	CHECK(peer_key(a, KSRTP_DIRECTION_TX, 1, KSRTP_CONTEXT_NEW, &facts[0].in, 0) == -EKEYREJECTED,
	      "a transmit key of the one that was killed");
	CHECK(peer_key(b, KSRTP_DIRECTION_TX, 1, KSRTP_CONTEXT_SAME, &facts[0].in, 0) ==
	      -EKEYREJECTED, "on its other leg");
	r.seq = 60;
	pass_rtp(a, b, &r, "and it goes on");
	close(ready[0]);
	close(ready[1]);
	munmap(facts, 2 * sizeof(*facts));
	call_close(&c);
	tap_end("O1,S8", "media goes on when the process that made the call is killed, and no key begins anew");
}

void media_tests_once(void)
{
	if (media_wants("secrecy"))
		secrecy_tests();
}

void media_tests(void)
{
	if (!media_wants("path"))
		return;
	replay();
	replay_capture();
	forged_jumps();
	forged_datapath();
	equal_numbers();
	route_change();
	loss();
	wrap();
	forged_equal();
	killed();
}
