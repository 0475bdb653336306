// SPDX-License-Identifier: GPL-2.0
/*
 * The way to the far end changes in mid-call: another device, gateway or MAC
 * address, a link that goes and comes. At most what is in flight is lost.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "truth.h"

static const uint8_t gateway_mac[6] = { 2, 0, 0, 0, 0xb, 0x33 };

/* The frame leaves at @side, toward @mac. */
static void expect_at(struct call *call, const char *what, const struct side *side,
		      const uint8_t *mac, enum way way)
{
	const struct side *before = call->flow.out.side;

	next_packet(call, 160);
	memcpy(call->out.octet, mac, 6);
	memcpy(call->out.octet + 6, side->mac, 6);
	call->flow.out.side = side;
	expect_out(call, what, way);
	call->flow.out.side = before;
}

static void route_change(int family)
{
	const struct side *a = &sides[SIDE_A], *b = &sides[SIDE_B];
	const char *to = family == 4 ? b->remote4 : b->remote6;
	const char *via_a = family == 4 ? a->remote4 : a->remote6;
	const char *via_b = family == 4 ? "198.51.100.3" : "2001:db8:b::3";
	int len = family == 4 ? 32 : 128, i;
	struct call call;

	call_open(&call, SIDE_A, family, GCM128, SIDE_B, family, GCM256);
	expect_settled(&call, "on link");

	CHECK(!run_command("ip route add %s/%d via %s dev ka", to, len, via_a), "route");
	expect_at(&call, "another device: the first", a, a->peer_mac, BY_SKB);
	for (i = 0; i < 5; i++)
		expect_at(&call, "another device", a, a->peer_mac, BY_XDP);

	CHECK(!run_command("ip neigh replace %s lladdr 02:00:00:00:0b:33 dev kb nud permanent",
			   via_b), "neigh");
	CHECK(!run_command("ip route replace %s/%d via %s dev kb", to, len, via_b), "route");
	expect_at(&call, "a gateway: the first", b, gateway_mac, BY_SKB);
	for (i = 0; i < 5; i++)
		expect_at(&call, "a gateway", b, gateway_mac, BY_XDP);

	CHECK(!run_command("ip route replace unreachable %s/%d", to, len), "route");
	next_packet(&call, 160);
	expect_drop(&call, "unreachable", KSRTP_REASON_TX_NEXTHOP);
	CHECK(!run_command("ip -%d route del unreachable %s/%d", family, to, len), "route");
	expect_settled(&call, "on link again");
	call_close(&call);
	tap_end("D3,D4,S8", "IPv%d route change in mid-call: device, gateway, none, back", family);
}

static void neighbour_change(int family)
{
	const char *to = family == 4 ? sides[SIDE_B].remote4 : sides[SIDE_B].remote6;
	const struct side *b = &sides[SIDE_B];
	const uint8_t second[6] = { 2, 0, 0, 0, 0xb, 0x44 };
	struct frame got;
	struct call call;
	int i;

	CHECK(!run_command("sysctl -qw net.ipv%d.neigh.kb.delay_first_probe_time=1 "
			   "net.ipv%d.neigh.kb.ucast_solicit=1 "
			   "net.ipv%d.neigh.kb.mcast_solicit=100 "
			   "net.ipv%d.neigh.kb.retrans_time_ms=200", family, family, family,
			   family), "sysctl");
	call_open(&call, SIDE_A, family, GCM128, SIDE_B, family, GCM256);
	expect_settled(&call, "the first MAC address");
	CHECK(!run_command("ip neigh replace %s lladdr 02:00:00:00:0b:44 dev kb nud permanent",
			   to), "neigh");
	for (i = 0; i < 3; i++)
		expect_at(&call, "another MAC address, at once", b, second, BY_XDP);

	CHECK(!run_command("ip neigh replace %s lladdr 02:00:00:00:0b:44 dev kb nud stale", to),
	      "neigh");
	expect_at(&call, "stale", b, second, BY_XDP);
	expect_at(&call, "being probed", b, second, BY_XDP);
	CHECK(!run_command("for i in $(seq 60); do ip neigh show %s dev kb | grep -q FAILED && "
			   "exit 0; sleep 0.1; done; ip neigh show dev kb; exit 1", to),
	      "the probe of a stale neighbour that does not answer");

	/* The stack takes it and asks; nobody answers until we do. */
	counters_before(&call.flow);
	next_packet(&call, 160);
	CHECK(!wire_send(call.flow.in.side, &call.in), "send");
	CHECK(wire_receive(b, &got, 100), "left without a neighbour");
	CHECK(!run_command("ip neigh replace %s lladdr 02:00:00:00:0b:02 dev kb nud permanent",
			   to), "neigh");
	CHECK(!wire_receive(b, &got, TIMEOUT), "what waited for the answer is lost");
	check_out(&call, "failed, then answered", &got, BY_SKB);
	check_slow(&call, "failed", KSRTP_SLOW_NEXTHOP);
	expect_usual(&call, "answered", BY_XDP);
	call_close(&call);
	tap_end("D3,D4,S8", "IPv%d neighbour: new MAC address, stale, failed, back", family);
}

/* What a link takes with it when it goes down. */
static void restore_neighbours(void)
{
	size_t i;

	for (i = SIDE_A; i <= SIDE_QINQ; i++) {
		const struct side *s = &sides[i];
		const uint8_t *m = s->peer_mac;

		CHECK(!run_command("for ip in %s %s; do ip neigh replace $ip "
				   "lladdr %02x:%02x:%02x:%02x:%02x:%02x dev %s nud permanent; done",
				   s->remote4, s->remote6, m[0], m[1], m[2], m[3], m[4], m[5],
				   s->l3_dev), "neighbour");
	}
}

static void link_change(void)
{
	struct call call;

	call_open(&call, SIDE_A, 4, GCM128, SIDE_B, 4, GCM256);
	expect_settled(&call, "up");

	CHECK(!run_command("ip link set kb down"), "down");
	next_packet(&call, 160);
	expect_drop(&call, "egress down", KSRTP_REASON_TX_NEXTHOP);
	CHECK(!run_command("ip link set kb up"), "up");
	restore_neighbours();
	usleep(300000);
	expect_settled(&call, "egress up again");

	CHECK(!run_command("ip link set ka down && ip link set ka up"), "ingress");
	restore_neighbours();
	usleep(300000);
	expect_settled(&call, "ingress up again");

	CHECK(!run_command("ip link set kbp down"), "carrier");
	CHECK(!run_command("ip link set kbp up"), "carrier");
	usleep(300000);
	expect_settled(&call, "carrier again");
	call_close(&call);
	tap_end("D3,D4,S8", "interfaces down and up, no carrier: a counted drop, then XDP again");
}

void path_tests(void)
{
	route_change(4);
	route_change(6);
	neighbour_change(4);
	neighbour_change(6);
	link_change();
}
