// SPDX-License-Identifier: GPL-2.0
/* Too large for the path, in pieces, for one buffer, for the room in it. */
#include <stdio.h>
#include <string.h>

#include "truth.h"

static void set_mtu(unsigned int mtu)
{
	CHECK(!run_command("for d in ka kap kb kbp; do ip link set $d mtu %u; done", mtu), "mtu");
}

/* -- fragments */

#define PIECES_MAX	4

/* What IP carries, put together again from the frames that left; its length, or 0. */
static size_t reassemble(const struct side *side, int family, uint8_t *l4, size_t room)
{
	size_t total = 0, have = 0, head, at, len;
	struct frame got;
	uint16_t frag;
	int i;

	for (i = 0; i < PIECES_MAX && (!total || have < total); i++) {
		const uint8_t *l3 = got.octet + 14;

		if (wire_any(side, &got, TIMEOUT))
			return 0;
		if (family == 4) {
			head = 20;
			frag = frame_get16(l3 + 6);
			at = (frag & 0x1fffu) * 8;
			len = frame_get16(l3 + 2) - head;
			frag = frag & 0x2000;
		} else {
			if (l3[6] != 44)
				return 0;
			head = 48;
			frag = frame_get16(l3 + 42);
			at = frag & 0xfff8u;
			len = frame_get16(l3 + 4) - 8u;
			frag = frag & 1;
		}
		if (14 + head + len > got.len || at + len > room)
			return 0;
		memcpy(l4 + at, l3 + head, len);
		have += len;
		if (!frag)
			total = at + len;
	}
	return have == total ? total : 0;
}

static void fragmented(struct call *call, const char *what)
{
	size_t want = call->out.len - call->out.l4, got;
	uint8_t l4[FRAME_MAX];

	counters_before(&call->flow);
	CHECK(!wire_send(call->flow.in.side, &call->in), "%s: send", what);
	got = reassemble(call->flow.out.side, call->flow.out.family, l4, sizeof(l4));
	CHECK(got == want, "%s: %zu octets in the fragments, not %zu", what, got, want);
	CHECK(got == want && !memcmp(l4, call->out.octet + call->out.l4, want),
	      "%s: other octets than were sent", what);
	call->arrived += got == want;
	call->flow.out.before.stats.fragmented++;
	counters_forwarded(&call->flow, what, call->in.len - call->in.payload,
			   call->out.len - call->out.payload, 0);
}

static void after_growth(int family)
{
	size_t fits = 1500 - (family == 4 ? 20 : 40) - 8 - 12 - SRTP_TAG;
	struct ksrtp_leg no_frag = { .flags = KSRTP_LEG_F_NO_FRAG };
	struct call call;
	size_t i;

	call_open(&call, SIDE_A, family, PLAIN, SIDE_B, family, GCM128);
	expect_settled(&call, "small");
	next_packet(&call, fits);
	expect_out(&call, "as large as the MTU", BY_XDP);
	for (i = 1; i <= SRTP_TAG; i += 5) {
		next_packet(&call, fits + i);
		fragmented(&call, "larger after growth");
		check_slow(&call, "larger after growth", KSRTP_SLOW_MTU);
	}
	no_frag.id = call.flow.out.id;
	CHECK(!ksrtp_leg_set(world.ksrtp, &no_frag, KSRTP_LEG_SET_FLAGS), "%s",
	      ksrtp_error(world.ksrtp));
	next_packet(&call, fits + 1);
	expect_drop(&call, "not to be fragmented", KSRTP_REASON_TX_MTU);
	expect_usual(&call, "small again", BY_XDP);
	call_close(&call);
	tap_end("D3,D4,S8", "IPv%d, larger than the MTU after growth: fragmented, or tx-mtu", family);
}

static void smaller_mtu(void)
{
	struct call call;

	call_open(&call, SIDE_A, 4, GCM128, SIDE_B, 4, GCM256);
	expect_settled(&call, "before");
	next_packet(&call, 1200);
	expect_out(&call, "1200 octets", BY_XDP);
	CHECK(!run_command("ip route add %s/32 dev kb mtu lock 600", sides[SIDE_B].remote4),
	      "route");
	next_packet(&call, 1200);
	fragmented(&call, "the route's MTU");
	/* The path is known by now. */
	expect_usual(&call, "small", BY_XDP);
	next_packet(&call, 1200);
	fragmented(&call, "the route's MTU");
	CHECK(!run_command("ip route del %s/32 dev kb", sides[SIDE_B].remote4), "route");
	expect_settled(&call, "after");
	call_close(&call);
	tap_end("D3,D4,S8", "the MTU of the path gets smaller in mid-call");
}

/* @whole cut at octet @at of what IP carries. */
static void cut(const struct frame *whole, int family, size_t at, int first, uint32_t id,
		struct frame *piece)
{
	const uint8_t *l4 = whole->octet + whole->l4 + (first ? 0 : at);
	size_t all = whole->len - whole->l4, len = first ? at : all - at;
	uint8_t *l3 = piece->octet + whole->l3;

	memset(piece, 0, sizeof(*piece));
	memcpy(piece->octet, whole->octet, whole->l4);
	piece->l3 = whole->l3;
	piece->l4 = whole->l4;
	if (family == 4) {
		frame_put16(l3 + 2, (uint16_t)(20 + len));
		frame_put16(l3 + 4, (uint16_t)id);
		frame_put16(l3 + 6, first ? 0x2000 : (uint16_t)(at / 8));
		frame_fix_ip_checksum(piece);
	} else {
		uint8_t *head = l3 + 40;

		frame_put16(l3 + 4, (uint16_t)(8 + len));
		head[0] = l3[6];
		l3[6] = 44;
		frame_put16(head + 2, first ? 1 : (uint16_t)at);
		frame_put16(head + 6, (uint16_t)id);
		piece->l4 += 8;
	}
	memcpy(piece->octet + piece->l4, l4, len);
	piece->len = piece->l4 + len;
}

static void incoming(int family)
{
	static const size_t cuts[] = { 8, 24, 128 };
	struct frame piece[2], got;
	struct call call;
	size_t i;
	int j;

	call_open(&call, SIDE_A, family, GCM128, SIDE_B, family, GCM256);
	expect_settled(&call, "whole");
	for (i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		next_packet(&call, 160);
		cut(&call.in, family, cuts[i], 1, (uint32_t)i + 77, &piece[0]);
		cut(&call.in, family, cuts[i], 0, (uint32_t)i + 77, &piece[1]);
		counters_before(&call.flow);
		/* The last one first, now and then. */
		for (j = 0; j < 2; j++)
			CHECK(!wire_send(call.flow.in.side, &piece[(j + i) % 2]), "send");
		CHECK(!wire_receive(call.flow.out.side, &got, TIMEOUT), "cut at %zu: nothing left",
		      cuts[i]);
		check_out(&call, "fragments", &got, BY_SKB);
		expect_usual(&call, "whole again", BY_XDP);
	}
	call_close(&call);
	tap_end("D3,D4,S8", "IPv%d, fragments come in: put together, forwarded by the skb path",
		family);
}

/*
 * The longest datagram that there is, in the clear, to where it would grow: its length would not
 * fit into the headers. One that leaves no room for the most that any key adds is refused too.
 */
static void longest(void)
{
	enum { PIECE = 8800, DATAGRAM = 65507 };
	static const size_t lengths[] = { DATAGRAM, DATAGRAM - 100 };
	struct frame piece, first;
	size_t i, at, len;
	struct call call;

	set_mtu(9000);
	call_open(&call, SIDE_A, 4, PLAIN, SIDE_B, 4, GCM128);
	expect_settled(&call, "before");
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		next_packet(&call, PIECE - 8 - 12);
		first = call.in;
		frame_put16(first.octet + first.l4 + 4, (uint16_t)(8 + lengths[i]));
		/* No checksum: of IPv4 that is good enough. */
		frame_put16(first.octet + first.l4 + 6, 0);
		/* The last piece first, so that expect_drop() sends the header. */
		for (at = (8 + lengths[i]) / PIECE * PIECE; at; at -= PIECE) {
			len = 8 + lengths[i] - at < PIECE ? 8 + lengths[i] - at : PIECE;
			piece = first;
			memset(piece.octet + piece.l4, 0, PIECE);
			piece.len = piece.l4 + len;
			frame_put16(piece.octet + piece.l3 + 2, (uint16_t)(20 + len));
			frame_put16(piece.octet + piece.l3 + 4, (uint16_t)(4711 + i));
			frame_put16(piece.octet + piece.l3 + 6,
				    (uint16_t)(at / 8 | (at + PIECE < 8 + lengths[i] ? 0x2000 : 0)));
			frame_fix_ip_checksum(&piece);
			CHECK(!wire_send(call.flow.in.side, &piece), "send");
		}
		frame_put16(first.octet + first.l3 + 4, (uint16_t)(4711 + i));
		frame_put16(first.octet + first.l3 + 6, 0x2000);
		frame_fix_ip_checksum(&first);
		call.in = first;
		expect_drop(&call, "as long as can be", KSRTP_REASON_TX_MTU);
	}
	expect_usual(&call, "after", BY_XDP);
	call_close(&call);
	set_mtu(1500);
	tap_end("D4,S7,S8", "a datagram that would outgrow the length fields: a counted drop");
}

/* -- room */

static void tailroom(void)
{
	unsigned int by_xdp = 0, by_skb = 0;
	struct ksrtp_leg now = {};
	struct frame got;
	struct call call;
	size_t i;

	call_open(&call, SIDE_A, 4, PLAIN, SIDE_QINQ, 6, GCM128);
	expect_settled(&call, "first");
	/* veth gives a copied frame room up to the next cache line: every remainder of it. */
	for (i = 0; i < 64; i++) {
		next_packet(&call, 300 + i);
		counters_before(&call.flow);
		CHECK(!wire_send(call.flow.in.side, &call.in), "send");
		CHECK(!wire_receive(call.flow.out.side, &got, TIMEOUT), "%zu: nothing left", i);
		CHECK(!ksrtp_leg_get(world.ksrtp, call.flow.in.id, &now), "leg");
		if (now.stats.xdp != call.flow.in.before.stats.xdp) {
			by_xdp++;
			check_out(&call, "room", &got, BY_XDP);
		} else {
			by_skb++;
			check_out(&call, "no room", &got, BY_SKB);
			check_slow(&call, "no room", KSRTP_SLOW_ROOM);
		}
	}
	CHECK(by_xdp && by_skb, "%u by XDP, %u by skb", by_xdp, by_skb);
	call_close(&call);
	tap_end("D3,S7,S8", "no tailroom for the tag: the skb path, reason room");
}

static void jumbo(void)
{
	static const size_t sizes[] = { 3300, 3400, 3500, 4000, 6000, 8800 };
	struct ksrtp_leg now = {};
	struct frame got;
	struct call call;
	size_t i;

	set_mtu(9000);
	call_open(&call, SIDE_A, 4, GCM128, SIDE_B, 4, GCM256);
	expect_settled(&call, "MTU 9000");
	next_packet(&call, 3000);
	expect_out(&call, "one buffer", BY_XDP);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		next_packet(&call, sizes[i]);
		counters_before(&call.flow);
		CHECK(!wire_send(call.flow.in.side, &call.in), "send");
		CHECK(!wire_receive(call.flow.out.side, &got, TIMEOUT), "%zu: nothing left",
		      sizes[i]);
		CHECK(!ksrtp_leg_get(world.ksrtp, call.flow.in.id, &now), "leg");
		/* A page less head and tail is what one buffer holds. */
		CHECK(sizes[i] < 3600 || now.stats.skb != call.flow.in.before.stats.skb,
		      "%zu octets by XDP", sizes[i]);
		check_out(&call, "jumbo", &got, now.stats.xdp != call.flow.in.before.stats.xdp);
	}
	expect_usual(&call, "small", BY_XDP);
	call_close(&call);
	set_mtu(1500);
	tap_end("D3,S7,S8", "MTU 9000, frames of several buffers: the skb path");
}

void size_tests(void)
{
	after_growth(4);
	after_growth(6);
	smaller_mtu();
	incoming(4);
	incoming(6);
	longest();
	tailroom();
	jumbo();
}
