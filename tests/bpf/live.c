// SPDX-License-Identifier: GPL-2.0
/* The program attached to devices, frames on the wire: what is counted is what arrives. */
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../unit/tap.h"
#include "frame_test.h"

#define FRAMES	300
#define FIRST	65400

static struct ksrtp_xdp_status status(const char *dev)
{
	struct ksrtp_xdp_status s = {};
	int err = ksrtp_xdp_status(if_nametoindex(dev), &s);

	CHECK(!err, "status of %s: %s", dev, strerror(-err));
	return s;
}

static void attach(const char *dev)
{
	char why[256] = "";
	int got = ksrtp_xdp_attach(if_nametoindex(dev), KSRTP_XDP_MODE_NATIVE, why, sizeof(why));

	CHECK(got == KSRTP_XDP_MODE_NATIVE, "%s: %d: %s", dev, got, why);
}

static void detach(const char *dev)
{
	char why[256] = "";
	int err = ksrtp_xdp_detach(if_nametoindex(dev), why, sizeof(why));

	CHECK(!err, "%s: %s", dev, why);
}

/* Sends @FRAMES packets and says how many arrived as they must. */
static unsigned int stream(struct flow *flow, uint64_t first)
{
	struct rtp_spec spec = { .payload = 160 };
	struct frame in, want, got;
	unsigned int i, right = 0, lost = 0;

	/* Each loss is waited for, so a few are enough. */
	for (i = 0; i < FRAMES && lost < 5; i++) {
		spec.index = first + i;
		rtp_frames(flow, &spec, &in, &want);
		if (wire_send(flow->in.side, &in) ||
		    wire_receive(flow->out.side, &got, 2000)) {
			lost++;
			continue;
		}
		right += got.len == want.len && !memcmp(got.octet, want.octet, want.len);
	}
	return right;
}

static void one_flow(enum side_name from, enum side_name to, const char *what, int back)
{
	struct ksrtp_xdp_status before, after;
	struct ksrtp_leg in, out;
	struct ksrtp_route route;
	struct flow flow;
	unsigned int got;

	CHECK(!flow_open(&flow, from, 4, GCM128, to, 4, GCM256), "flow");
	wire_drain();
	before = status(flow.out.side->dev);
	/* The first finds the next hop by the skb path, the others take XDP. */
	got = stream(&flow, FIRST);
	after = status(flow.out.side->dev);
	CHECK(got == FRAMES, "%u of %u arrived", got, FRAMES);
	CHECK(!ksrtp_leg_get(world.ksrtp, flow.in.id, &in), "leg");
	CHECK(!ksrtp_leg_get(world.ksrtp, flow.out.id, &out), "leg");
	CHECK(!ksrtp_route_get(world.ksrtp, flow.route, &route), "route");
	CHECK(in.stats.received == FRAMES && in.stats.forwarded == FRAMES, "%llu received",
	      (unsigned long long)in.stats.received);
	CHECK(in.stats.xdp == FRAMES - 1 && in.stats.skb == 1, "%llu by XDP, %llu by skb",
	      (unsigned long long)in.stats.xdp, (unsigned long long)in.stats.skb);
	CHECK(in.datapath == KSRTP_DATAPATH_XDP && in.slow == KSRTP_SLOW_NONE, "%s, %s",
	      ksrtp_datapath_name(in.datapath), ksrtp_slow_name(in.slow));
	CHECK(route.copies == FRAMES && route.sent == FRAMES, "%llu sent",
	      (unsigned long long)route.sent);
	CHECK(out.stats.sent_xdp == FRAMES - 1, "%llu", (unsigned long long)out.stats.sent_xdp);
	CHECK((back ? after.tx - before.tx : after.redirect - before.redirect) == FRAMES - 1,
	      "%llu back, %llu elsewhere", (unsigned long long)(after.tx - before.tx),
	      (unsigned long long)(after.redirect - before.redirect));
	CHECK(after.egress_xmit_sent - before.egress_xmit_sent == FRAMES - 1, "%llu xmit",
	      (unsigned long long)(after.egress_xmit_sent - before.egress_xmit_sent));
	CHECK(after.egress_redirect_err == before.egress_redirect_err &&
	      after.egress_xmit_drops == before.egress_xmit_drops &&
	      after.egress_tx_drops == before.egress_tx_drops, "losses");
	CHECK(after.error == before.error, "%llu errors",
	      (unsigned long long)(after.error - before.error));
	flow_close(&flow);
	tap_end("D3,D6,S8", "on the wire, %s: what was sent is what arrived", what);
}

/* From XDP to the skb path and back in mid-stream: one state, nothing lost, none twice. */
static void change_path(void)
{
	struct ksrtp_leg in;
	struct flow flow;
	unsigned int got = 0;
	uint64_t at = FIRST;
	int i;

	CHECK(!flow_open(&flow, SIDE_A, 4, GCM128, SIDE_B, 4, GCM256), "flow");
	wire_drain();
	for (i = 0; i < 4; i++, at += FRAMES) {
		got += stream(&flow, at);
		if (i % 2)
			attach("ka");
		else
			detach("ka");
		/* Attaching takes the carrier away for a moment. */
		usleep(300000);
	}
	CHECK(got == 4 * FRAMES, "%u of %u arrived", got, 4 * FRAMES);
	CHECK(!ksrtp_leg_get(world.ksrtp, flow.in.id, &in), "leg");
	CHECK(in.stats.forwarded == 4 * FRAMES, "%llu forwarded",
	      (unsigned long long)in.stats.forwarded);
	CHECK(in.stats.xdp >= 2 * FRAMES - 2 && in.stats.skb >= 2 * FRAMES, "%llu by XDP, %llu by skb",
	      (unsigned long long)in.stats.xdp, (unsigned long long)in.stats.skb);
	flow_close(&flow);
	tap_end("D3", "XDP detached and attached in mid-stream: every packet arrives");
}

void live_tests(void)
{
	attach("ka");
	attach("kb");
	usleep(300000);
	one_flow(SIDE_A, SIDE_B, "to another device", 0);
	one_flow(SIDE_B, SIDE_A, "the other way", 0);
	one_flow(SIDE_A, SIDE_QINQ, "none to two tags", 0);
	one_flow(SIDE_A, SIDE_A, "back out of the same device", 1);
	change_path();
	detach("ka");
	detach("kb");
}
