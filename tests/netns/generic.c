// SPDX-License-Identifier: GPL-2.0
/* The program on generic XDP, which every device has: both directions of a call. */
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "truth.h"

#define PACKETS	100

static struct ksrtp_xdp_status status(const char *dev)
{
	struct ksrtp_xdp_status s = {};
	int err = ksrtp_xdp_status(if_nametoindex(dev), &s);

	CHECK(!err, "status of %s: %s", dev, strerror(-err));
	CHECK(s.mode == KSRTP_XDP_MODE_GENERIC, "%s: mode %d", dev, s.mode);
	return s;
}

/* The way back in a call of its own account. */
static void call_back(const struct call *call, struct call *back)
{
	struct ksrtp_route route = {
		.from = call->flow.out.id, .to = call->flow.in.id,
		.flags = KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP,
	};

	memset(back, 0, sizeof(*back));
	back->index = call->index;
	back->flow.in = call->flow.out;
	back->flow.out = call->flow.in;
	CHECK(!ksrtp_route_new(world.ksrtp, &route), "%s", ksrtp_error(world.ksrtp));
	back->flow.route = route.id;
}

static void exact(struct call *call, const char *what)
{
	struct ksrtp_leg in = {}, out = {};

	CHECK(!ksrtp_leg_get(world.ksrtp, call->flow.in.id, &in), "leg");
	CHECK(!ksrtp_leg_get(world.ksrtp, call->flow.out.id, &out), "leg");
	CHECK(in.stats.received == PACKETS && in.stats.xdp == PACKETS - 1 && in.stats.skb == 1,
	      "%s: %llu received, %llu by XDP, %llu by skb", what,
	      (unsigned long long)in.stats.received, (unsigned long long)in.stats.xdp,
	      (unsigned long long)in.stats.skb);
	CHECK(out.stats.sent_xdp == PACKETS - 1 && out.stats.sent_skb == 1,
	      "%s: %llu sent by XDP, %llu by skb", what, (unsigned long long)out.stats.sent_xdp,
	      (unsigned long long)out.stats.sent_skb);
	CHECK(in.datapath == KSRTP_DATAPATH_XDP && in.slow == KSRTP_SLOW_NONE, "%s: %s, %s", what,
	      ksrtp_datapath_name(in.datapath), ksrtp_slow_name(in.slow));
	call_sums(call);
}

static void both_ways(enum side_name to, int family, const char *what)
{
	struct ksrtp_xdp_status before, after, egress, egress_after;
	const char *out = sides[to].dev;
	struct call call, back;
	int i;

	call_open(&call, SIDE_A, 4, GCM128, to, family, GCM128);
	call_back(&call, &back);
	before = status("ka");
	egress = status(out);
	for (i = 0; i < PACKETS; i++) {
		expect_usual(&call, "there", i ? BY_XDP : BY_SKB);
		expect_usual(&back, "back", i ? BY_XDP : BY_SKB);
	}
	after = status("ka");
	egress_after = status(out);
	exact(&call, "there");
	exact(&back, "back");
	/* The program's own: both directions, also where they leave where they came in. */
	CHECK(after.redirect + after.tx - before.redirect - before.tx == 2 * (PACKETS - 1),
	      "%llu redirected, %llu back", (unsigned long long)(after.redirect - before.redirect),
	      (unsigned long long)(after.tx - before.tx));
	CHECK(after.error == before.error && after.drop == before.drop, "errors or drops");
	CHECK(egress_after.egress_redirect_err == egress.egress_redirect_err &&
	      egress_after.egress_tx_drops == egress.egress_tx_drops &&
	      after.egress_redirect_err == before.egress_redirect_err, "lost after the redirect");
	flow_close(&call.flow);
	tap_end("D3,D6,S8", "generic XDP, GCM to GCM, %s: both directions, exact counters", what);
}

void generic_tests(void)
{
	attach_both(KSRTP_XDP_MODE_GENERIC);
	both_ways(SIDE_B, 4, "to another device");
	both_ways(SIDE_B, 6, "to another device and family");
	both_ways(SIDE_QINQ, 4, "none to two tags");
	tag_beside("generic XDP", BY_XDP, BY_SKB);
	detach_both();
}
