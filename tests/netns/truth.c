// SPDX-License-Identifier: GPL-2.0
/*
 * The module between real devices, on what a network does to a call: each packet
 * leaves right, or the right counter goes up. What must leave is built by
 * tests/bpf's frame.c and srtp.c, which share no code with what is tested.
 *
 *	truth		everything that the shipped module can show
 *	truth generic	of that, generic XDP
 *	truth fpu	what needs the test build
 */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "truth.h"

#define FIRST	65500	/* the sequence number wraps in longer calls */

/* -- calls */

void call_open(struct call *call, enum side_name from, int from_family, unsigned int from_suite,
	       enum side_name to, int to_family, unsigned int to_suite)
{
	int err;

	memset(call, 0, sizeof(*call));
	call->index = FIRST;
	err = flow_open(&call->flow, from, from_family, from_suite, to, to_family, to_suite);
	CHECK(!err, "flow: %s", strerror(-err));
	wire_drain();
}

void call_sums(struct call *call)
{
	struct ksrtp_route route = {};
	struct ksrtp_leg in = {}, out = {};
	uint64_t sum = 0, dropped = 0;
	unsigned int i;

	CHECK(!ksrtp_route_get(world.ksrtp, call->flow.route, &route), "%s",
	      ksrtp_error(world.ksrtp));
	CHECK(!ksrtp_leg_get(world.ksrtp, call->flow.in.id, &in), "%s", ksrtp_error(world.ksrtp));
	CHECK(!ksrtp_leg_get(world.ksrtp, call->flow.out.id, &out), "%s",
	      ksrtp_error(world.ksrtp));
	for (i = 0; i <= KSRTP_REASON_MAX; i++) {
		sum += in.stats.dropped[i];
		dropped += route.dropped[i];
	}
	sum += in.stats.forwarded + in.stats.answered + in.stats.passed_up;
	CHECK(in.stats.received == sum, "%llu received, %llu accounted for",
	      (unsigned long long)in.stats.received, (unsigned long long)sum);
	CHECK(in.stats.forwarded == in.stats.xdp + in.stats.skb, "%llu forwarded",
	      (unsigned long long)in.stats.forwarded);
	CHECK(route.copies == route.sent + dropped, "%llu copies, %llu sent, %llu dropped",
	      (unsigned long long)route.copies, (unsigned long long)route.sent,
	      (unsigned long long)dropped);
	CHECK(route.sent == out.stats.sent && out.stats.sent == call->arrived,
	      "%llu by the route, %llu by the leg, %u arrived", (unsigned long long)route.sent,
	      (unsigned long long)out.stats.sent, call->arrived);
}

void call_close(struct call *call)
{
	call_sums(call);
	flow_close(&call->flow);
}

/* -- packets */

static size_t make_rtp(uint8_t *p, uint64_t index, size_t octets)
{
	memset(p, 0, 12);
	p[0] = 0x80;
	p[1] = 96;
	frame_put16(p + 2, (uint16_t)index);
	frame_put16(p + 6, (uint16_t)(index * 160));
	frame_put16(p + 8, SSRC >> 16);
	frame_put16(p + 10, SSRC & 0xffff);
	random_fill(p + 12, octets);
	return 12 + octets;
}

void next_packet(struct call *call, size_t octets)
{
	uint8_t rtp[FRAME_MAX], sealed[FRAME_MAX + SRTP_TAG];
	size_t len = make_rtp(rtp, call->index, octets), n;

	n = srtp_rtp(&call->flow.in.rx, call->index, rtp, len, sealed);
	flow_frame_in(&call->flow, sealed, n, &call->in);
	n = srtp_rtp(&call->flow.out.tx, call->index, rtp, len, sealed);
	flow_frame_out(&call->flow, sealed, n, &call->out);
	call->index++;
}

void check_out(struct call *call, const char *what, const struct frame *got, enum way way)
{
	const struct frame *want = &call->out;
	size_t i;

	call->arrived++;
	CHECK(got->len == want->len, "%s: %zu octets, not %zu", what, got->len, want->len);
	for (i = 0; i < want->len && i < got->len && got->octet[i] == want->octet[i]; i++)
		;
	CHECK(i == want->len, "%s: octet %zu is %02x, not %02x", what, i, got->octet[i],
	      want->octet[i]);
	/* The payload's length as UDP has it: the test may have put more in front. */
	counters_forwarded(&call->flow, what, frame_get16(call->in.octet + call->in.l4 + 4) - 8u,
			   want->len - want->payload, way == BY_XDP);
}

void expect_out(struct call *call, const char *what, enum way way)
{
	struct frame got;
	int err;

	counters_before(&call->flow);
	err = wire_send(call->flow.in.side, &call->in);
	CHECK(!err, "%s: send: %s", what, strerror(-err));
	err = wire_receive(call->flow.out.side, &got, TIMEOUT);
	CHECK(!err, "%s: nothing left", what);
	if (!err)
		check_out(call, what, &got, way);
}

void check_slow(struct call *call, const char *what, unsigned int slow)
{
	const struct ksrtp_leg *now = &call->flow.in.now;

	CHECK(now->datapath == (slow ? KSRTP_DATAPATH_SKB : KSRTP_DATAPATH_XDP) &&
	      now->slow == slow, "%s: datapath %s, %s, not %s", what,
	      ksrtp_datapath_name(now->datapath), ksrtp_slow_name(now->slow),
	      ksrtp_slow_name(slow));
}

void expect_usual(struct call *call, const char *what, enum way way)
{
	next_packet(call, 160);
	expect_out(call, what, way);
}

void expect_settled(struct call *call, const char *what)
{
	expect_usual(call, what, BY_SKB);
	expect_usual(call, what, BY_XDP);
	check_slow(call, what, KSRTP_SLOW_NONE);
}

/* Until the leg has counted one more: what is dropped leaves nothing to wait for. */
static void await_received(struct call *call, const char *what)
{
	struct ksrtp_leg now = {};
	int i;

	for (i = 0; i < TIMEOUT / 10; i++) {
		CHECK(!ksrtp_leg_get(world.ksrtp, call->flow.in.id, &now), "%s: leg", what);
		if (now.stats.received != call->flow.in.before.stats.received)
			return;
		usleep(10000);
	}
}

void expect_drop(struct call *call, const char *what, unsigned int reason)
{
	struct frame got;
	int err;

	counters_before(&call->flow);
	err = wire_send(call->flow.in.side, &call->in);
	CHECK(!err, "%s: send: %s", what, strerror(-err));
	await_received(call, what);
	counters_dropped(&call->flow, what, frame_get16(call->in.octet + call->in.l4 + 4) - 8u,
			 reason);
	CHECK(wire_receive(call->flow.out.side, &got, 50), "%s: something left", what);
}

/* -- captures */

int capture_open(const char *dev)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(dev),
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));

	CHECK(fd >= 0 && !bind(fd, (struct sockaddr *)&at, sizeof(at)), "%s: %s", dev,
	      strerror(errno));
	return fd;
}

static int is_ours(const struct frame *frame)
{
	const uint8_t *l3 = frame->octet + 14;

	switch (frame_get16(frame->octet + 12)) {
	case ETH_P_IP:
		return l3[9] == IPPROTO_UDP;
	case ETH_P_IPV6:
		return l3[6] == IPPROTO_UDP || l3[6] == IPPROTO_FRAGMENT;
	default:
		return 0;
	}
}

int capture_next(int fd, struct frame *frame, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct sockaddr_ll from;
	socklen_t len;
	ssize_t n;

	while (poll(&p, 1, timeout_ms) > 0) {
		memset(frame, 0, sizeof(*frame));
		len = sizeof(from);
		n = recvfrom(fd, frame->octet, sizeof(frame->octet), 0, (struct sockaddr *)&from,
			     &len);
		if (n < 14 + 20 || from.sll_pkttype == PACKET_OUTGOING)
			continue;
		frame->len = (size_t)n;
		if (is_ours(frame))
			return 0;
	}
	return -1;
}

int wire_any(const struct side *side, struct frame *frame, int timeout_ms)
{
	return capture_next(world.capture[strcmp(side->peer, "kap") != 0], frame, timeout_ms);
}

/* -- the program on both devices */

static void attach(const char *dev, enum ksrtp_xdp_mode mode)
{
	char why[256] = "";
	int got = ksrtp_xdp_attach(if_nametoindex(dev), mode, why, sizeof(why));

	CHECK(got == (int)mode, "%s: %d: %s", dev, got, why);
}

static void detach(const char *dev)
{
	char why[256] = "";
	int err = ksrtp_xdp_detach(if_nametoindex(dev), why, sizeof(why));

	CHECK(!err, "%s: %s", dev, why);
}

void attach_both(enum ksrtp_xdp_mode mode)
{
	attach("ka", mode);
	attach("kb", mode);
	/* Attaching takes the carrier away for a moment. */
	usleep(300000);
}

void detach_both(void)
{
	detach("ka");
	detach("kb");
	usleep(300000);
}

int main(int argc, char **argv)
{
	tap.datapath = "xdp";
	if (world_open()) {
		printf("Bail out! no world to test in\n");
		return 1;
	}
	CHECK(!run_command("sysctl -qw net.ipv6.conf.all.keep_addr_on_down=1"), "sysctl");
	attach_both(KSRTP_XDP_MODE_NATIVE);
	if (argc > 1 && !strcmp(argv[1], "fpu")) {
		fpu_tests();
		detach_both();
	} else if (argc > 1 && !strcmp(argv[1], "generic")) {
		detach_both();
		generic_tests();
	} else {
		path_tests();
		size_tests();
		form_tests();
		ipsec_tests();
		egress_tests();
		detach_both();
	}
	world_close();
	return tap_done();
}
