// SPDX-License-Identifier: GPL-2.0
/*
 * What XDP cannot send now is left to the skb path: untouched, counted nowhere
 * by XDP, and with no index burnt, so that it can still be sent.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../unit/tap.h"
#include "frame_test.h"
#include "room.skel.h"

#define FIRST	100

static uint64_t next_index;

static void left_to_skb(struct flow *flow, const char *what)
{
	struct rtp_spec spec = { .index = next_index, .payload = 60 };
	struct frame in, out;

	rtp_frames(flow, &spec, &in, &out);
	expect_passed(flow, what, &in, KSRTP_PROG_PASS);
}

static void goes(struct flow *flow, const char *what)
{
	struct rtp_spec spec = { .index = next_index++, .payload = 60 };
	struct frame in, out;

	rtp_frames(flow, &spec, &in, &out);
	expect_forwarded(flow, what, &in, &out);
}

static void next_hop(struct flow *flow)
{
	const struct side *b = &sides[SIDE_B];

	left_to_skb(flow, "no route known yet");
	warm(flow, "warm", next_index++);
	goes(flow, "after the first");

	CHECK(!run_command("ip neigh del %s dev kb", b->remote4), "neigh");
	left_to_skb(flow, "no neighbour");
	CHECK(!run_command("ip neigh replace %s lladdr 02:00:00:00:0b:02 dev kb nud permanent",
			   b->remote4), "neigh");
	goes(flow, "neighbour back");

	CHECK(!run_command("ethtool -K kbp gro off"), "gro");
	left_to_skb(flow, "a veth whose peer takes no frames");
	CHECK(!run_command("ethtool -K kbp gro on"), "gro");
	goes(flow, "peer takes frames");

	CHECK(!run_command("ip link set kbp down"), "down");
	left_to_skb(flow, "no carrier");
	CHECK(!run_command("ip link set kbp up"), "up");
	warm(flow, "carrier is back", next_index++);
	goes(flow, "carrier is back");

	CHECK(!run_command("ip route add %s/32 dev ka", b->remote4), "route");
	left_to_skb(flow, "another route, not resolved");
	CHECK(!run_command("ip route del %s/32 dev ka", b->remote4), "route");
	warm(flow, "the old route", next_index++);
	goes(flow, "the old route");
	tap_end("D3,D4", "no route, neighbour, carrier or redirect target: the skb path");
}

static void keys_and_routes(struct flow *flow)
{
	struct ksrtp_route route = {
		.from = flow->in.id, .to = flow->out.id, .flags = KSRTP_ROUTE_F_RTP,
	};
	struct frame in, out;
	int err;

	CHECK(!ksrtp_route_del(world.ksrtp, flow->route), "%s", ksrtp_error(world.ksrtp));
	left_to_skb(flow, "no route");
	err = ksrtp_route_new(world.ksrtp, &route);
	CHECK(!err, "%s", ksrtp_error(world.ksrtp));
	flow->route = route.id;
	goes(flow, "route back");
	rtcp_frames(flow, 0, 1, &in, &out);
	expect_passed(flow, "no route takes RTCP", &in, KSRTP_PROG_PASS);

	CHECK(!ksrtp_key_del(world.ksrtp, flow->in.id, KSRTP_DIRECTION_RX, 0), "%s",
	      ksrtp_error(world.ksrtp));
	left_to_skb(flow, "no receive key");
	tap_end("D4,D5", "no key, no route: the skb path, which counts it");

	CHECK(!ksrtp_leg_del(world.ksrtp, flow->in.id), "%s", ksrtp_error(world.ksrtp));
	flow->in.id = flow->out.id;
	left_to_skb(flow, "the leg is gone");
	tap_end("D4", "the port of a deleted leg is not ours");
}

/*
 * One packet along both routes: the frame itself leaves toward @last, whose route is the last, and
 * the module sends a copy toward the other.
 */
static void goes_twice(struct flow *flow, struct flow *last, const char *what)
{
	struct rtp_spec spec = { .index = next_index++, .payload = 60 };
	uint8_t rtp[SRTP_PACKET_MAX], sealed[SRTP_PACKET_MAX];
	size_t len = make_rtp(rtp, &spec), n;
	struct frame in, out, copy, got;

	n = srtp_rtp(&flow->in.rx, spec.index, rtp, len, sealed);
	flow_frame_in(flow, sealed, n, &in);
	n = srtp_rtp(&last->out.tx, spec.index, rtp, len, sealed);
	flow_frame_out(last, sealed, n, &out);
	n = srtp_rtp(&flow->out.tx, spec.index, rtp, len, sealed);
	flow_frame_out(flow, sealed, n, &copy);
	wire_drain();
	counters_before(flow);
	expect_forwarded(last, what, &in, &out);
	counters_forwarded(flow, what, in.len - in.payload, copy.len - copy.payload, 1);
	CHECK(!wire_receive(flow->out.side, &got, 2000) && got.len == copy.len &&
	      !memcmp(got.octet, copy.octet, copy.len), "%s: no copy, or another", what);
}

/* All of them by XDP, or the skb path has the whole packet. */
static void no_way(struct flow *flow, struct flow *last, const struct leg *to, const char *what)
{
	const struct side *side = to->side;
	const uint8_t *m = side->peer_mac;

	CHECK(!run_command("ip neigh del %s dev %s", side->remote4, side->l3_dev), "neigh");
	left_to_skb(flow, what);
	CHECK(!run_command("ip neigh replace %s lladdr %02x:%02x:%02x:%02x:%02x:%02x dev %s nud permanent",
			   side->remote4, m[0], m[1], m[2], m[3], m[4], m[5], side->l3_dev), "neigh");
	goes_twice(flow, last, "neighbour back");
}

static void fan_out(void)
{
	struct ksrtp_route second = { .flags = KSRTP_ROUTE_F_RTP };
	struct flow flow, last;
	struct leg extra;

	CHECK(!flow_open(&flow, SIDE_A, 4, GCM128, SIDE_B, 4, GCM256), "flow");
	CHECK(!flow_add_leg(&flow, &extra, SIDE_A, 4, GCM256), "leg");
	next_index = FIRST;
	warm(&flow, "warm", next_index++);
	goes(&flow, "one route");
	second.from = flow.in.id;
	second.to = extra.id;
	CHECK(!ksrtp_route_new(world.ksrtp, &second), "%s", ksrtp_error(world.ksrtp));
	last = flow;
	last.out = extra;
	left_to_skb(&flow, "two routes, one of them to where nothing has left so far");
	warm(&flow, "by the skb path", next_index++);
	goes_twice(&flow, &last, "two routes");
	no_way(&flow, &last, &flow.out, "no neighbour for the copy");
	no_way(&flow, &last, &extra, "no neighbour for the frame");
	CHECK(!ksrtp_route_del(world.ksrtp, second.id), "%s", ksrtp_error(world.ksrtp));
	goes(&flow, "one route again");
	close_leg(&extra);
	flow_close(&flow);
	tap_end("D4,D5", "several routes: by XDP with the module's copies, or all of it by the skb path while one way is unknown");
}

static void sizes(void)
{
	const unsigned int fits = 1500 - 20 - 8 - 16 - 12, linear = 4096 - 256 - 320;
	struct rtp_spec spec = { .index = FIRST + 1, .payload = fits };
	struct frame in, out;
	struct flow flow;

	CHECK(!flow_open(&flow, SIDE_A, 4, PLAIN, SIDE_B, 4, GCM128), "flow");
	warm(&flow, "warm", FIRST);
	rtp_frames(&flow, &spec, &in, &out);
	CHECK(out.len - out.l3 == 1500, "%zu", out.len - out.l3);
	expect_forwarded(&flow, "as large as the MTU", &in, &out);
	spec.index++;
	spec.payload++;
	rtp_frames(&flow, &spec, &in, &out);
	expect_passed(&flow, "one octet larger than the MTU", &in, KSRTP_PROG_PASS);

	CHECK(!run_command("ip link set kb mtu 9000 && ip link set kbp mtu 9000"), "mtu");
	warm(&flow, "new MTU", spec.index++);
	rtp_frames(&flow, &spec, &in, &out);
	expect_forwarded(&flow, "the larger MTU", &in, &out);
	spec.index++;
	spec.payload = linear - 42 - 12 - 16;
	rtp_frames(&flow, &spec, &in, &out);
	expect_forwarded(&flow, "the last that has room for the tag", &in, &out);
	spec.index++;
	spec.payload++;
	rtp_frames(&flow, &spec, &in, &out);
	expect_passed(&flow, "no room for the tag", &in, KSRTP_PROG_PASS);
	spec.payload = linear - 42 - 12;
	rtp_frames(&flow, &spec, &in, &out);
	expect_passed(&flow, "no room at all", &in, KSRTP_PROG_PASS);
	spec.payload++;
	rtp_frames(&flow, &spec, &in, &out);
	expect_passed(&flow, "several buffers", &in, KSRTP_PROG_PASS_OTHER);
	CHECK(!run_command("ip link set kb mtu 1500 && ip link set kbp mtu 1500"), "mtu");
	flow_close(&flow);
	tap_end("D4,S7", "larger than the MTU after growth, no room in the frame: the skb path");
}

/* The very frame that XDP has passed on. */
static void by_skb(struct flow *flow, const char *what, const struct frame *in,
		   const struct frame *out)
{
	struct frame got;

	wire_drain();
	counters_before(flow);
	CHECK(!wire_send(flow->in.side, in), "%s: send", what);
	CHECK(!wire_receive(flow->out.side, &got, 2000) && got.len == out->len &&
	      !memcmp(got.octet, out->octet, out->len), "%s: not what left by the skb path", what);
	counters_forwarded(flow, what, in->len - in->payload, out->len - out->payload, 0);
}

/*
 * From IPv4 to IPv6 a frame grows by 20 octets at its head. No driver that is here gives
 * too little room for that, so a program before ours takes it away.
 */
static void headroom(void)
{
	static const struct {
		uint32_t left;
		int fits;
	} rows[] = { { 0, 0 }, { 12, 0 }, { 20, 1 }, { 100, 1 } };
	int own = world.prog.fd, next;
	struct room_bpf *room = room_bpf__open_and_load();
	struct ksrtp_leg leg = {};
	struct frame in, out;
	struct flow flow;
	uint32_t key = 0;
	char what[64];
	size_t i;

	CHECK(room, "cannot load the program that takes the room");
	CHECK(!flow_open(&flow, SIDE_A, 4, GCM128, SIDE_B, 6, GCM256), "flow");
	next_index = FIRST;
	warm(&flow, "warm", next_index++);
	goes(&flow, "with all its room");
	if (!room)
		goto out;
	next = bpf_map__fd(room->maps.room_next);
	CHECK(!bpf_map_update_elem(next, &key, &own, BPF_ANY), "the program behind: %s",
	      strerror(errno));
	world.prog.fd = bpf_program__fd(room->progs.room_xdp);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rtp_spec spec = { .index = next_index, .payload = 60 };

		room->bss->room_left = rows[i].left;
		snprintf(what, sizeof(what), "%u octets of headroom", rows[i].left);
		rtp_frames(&flow, &spec, &in, &out);
		if (rows[i].fits) {
			expect_forwarded(&flow, what, &in, &out);
			next_index++;
			continue;
		}
		expect_passed(&flow, what, &in, KSRTP_PROG_PASS);
		/* No index was burnt: the skb path can send it, and says why it had to. */
		by_skb(&flow, what, &in, &out);
		next_index++;
		CHECK(!ksrtp_leg_get(world.ksrtp, flow.in.id, &leg), "leg");
		CHECK(leg.datapath == KSRTP_DATAPATH_SKB && leg.slow == KSRTP_SLOW_ROOM,
		      "%s: %s, %s", what, ksrtp_datapath_name(leg.datapath),
		      ksrtp_slow_name(leg.slow));
	}
	world.prog.fd = own;
out:
	flow_close(&flow);
	room_bpf__destroy(room);
	tap_end("D3,D4,S7", "IPv4 to IPv6 in a frame without headroom: untouched, and sent by the skb path");
}

void slow_tests(void)
{
	struct flow flow;

	next_index = FIRST;
	CHECK(!flow_open(&flow, SIDE_A, 4, GCM128, SIDE_B, 4, GCM256), "flow");
	next_hop(&flow);
	keys_and_routes(&flow);
	flow_close(&flow);
	fan_out();
	sizes();
	headroom();
}
