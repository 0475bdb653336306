// SPDX-License-Identifier: GPL-2.0
/*
 * IPsec policies: what nothing authenticates but its address must have come as they demand, and
 * only the stack knows whether it did.
 */
#include <stdio.h>

#include "truth.h"

static void policy(const char *verb, const char *from, const char *to)
{
	CHECK(!run_command("ip xfrm policy %s src %s/32 dst %s/32 dir in "
			   "tmpl proto esp mode transport", verb, from, to), "policy");
}

/* One packet by whatever way: what changes the policies may make the next hop be asked for. */
static void pass_one(struct call *call, const char *what)
{
	struct ksrtp_leg now = {};
	struct frame got;

	next_packet(call, 160);
	counters_before(&call->flow);
	CHECK(!wire_send(call->flow.in.side, &call->in), "%s: send", what);
	CHECK(!wire_receive(call->flow.out.side, &got, TIMEOUT), "%s: nothing left", what);
	CHECK(!ksrtp_leg_get(world.ksrtp, call->flow.in.id, &now), "leg");
	check_out(call, what, &got, now.stats.xdp != call->flow.in.before.stats.xdp);
}

static void policies(unsigned int suite)
{
	const struct side *side = &sides[SIDE_A];
	bool plain = suite == PLAIN;
	struct frame got;
	struct call call;

	call_open(&call, SIDE_A, 4, suite, SIDE_B, 4, GCM256);
	expect_settled(&call, "no policy");

	policy("add", "203.0.113.99", side->local4);
	pass_one(&call, "a policy for somebody else");
	expect_usual(&call, "a policy for somebody else", plain ? BY_SKB : BY_XDP);
	check_slow(&call, "a policy for somebody else", plain ? KSRTP_SLOW_IPSEC : KSRTP_SLOW_NONE);
	if (plain) {
		policy("add", side->remote4, side->local4);
		next_packet(&call, 160);
		counters_before(&call.flow);
		CHECK(!wire_send(side, &call.in), "send");
		CHECK(wire_receive(call.flow.out.side, &got, 200), "in the clear: something left");
		counters_same(&call.flow, "in the clear, against the policy");
	}
	CHECK(!run_command("ip xfrm policy flush"), "flush");
	pass_one(&call, "no policy any more");
	expect_usual(&call, "no policy any more", BY_XDP);
	call_close(&call);
	tap_end("D3,S2", "IPsec policies, %s leg: %s", plain ? "plain" : "keyed",
		plain ? "the stack enforces them" : "others' are no matter");
}

void ipsec_tests(void)
{
	policies(PLAIN);
	policies(GCM128);
}
