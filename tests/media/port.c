// SPDX-License-Identifier: GPL-2.0
/* A leg moves to another socket in mid-call: what it has seen and sent, it knows there. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../unit/tap.h"
#include "call.h"
#include "streams.h"

#define STRETCH		12	/* packets in each direction in one place */
#define FIRST		65510	/* the sequence number wraps in the third */
#define SSRC		7

static const struct place {
	int link, family;
} places[] = {
	{ LINK_A, 4 }, { LINK_A, 6 }, { LINK_A, 4 }, { LINK_C, 4 }, { LINK_C, 6 },
};

#define PLACES	(sizeof(places) / sizeof(places[0]))

struct sealed {
	uint8_t plain[PACKET_MAX], wire[PACKET_MAX + GROWTH_MAX] __attribute__((aligned(8)));
	size_t len, wire_len;
};

static void seal(struct peer *from, unsigned int i, struct sealed *s)
{
	struct rtp r = { .ssrc = SSRC, .seq = (uint16_t)(FIRST + i), .id = i, .payload = 100 + i };

	s->len = rtp_build(&r, s->plain);
	s->wire_len = peer_protect(from, false, s->plain, s->len, s->wire);
}

static void arrives(struct peer *from, struct peer *to, const struct sealed *s, const char *what)
{
	peer_send_raw(from, s->wire, s->wire_len);
	peer_expect(to, false, s->plain, s->len, what);
}

/* Both ways, RTP and RTCP; *@last is the last that @a sent. */
static void stretch(struct peer *a, struct peer *b, unsigned int first, struct sealed *last)
{
	uint8_t report[PACKET_MAX];
	static struct sealed s;
	unsigned int i;

	for (i = first; i < first + STRETCH; i++) {
		seal(a, i, last);
		arrives(a, b, last, "from the leg that moves");
		seal(b, i, &s);
		arrives(b, a, &s, "to the leg that moves");
	}
	pass_rtcp(a, b, report, rtcp_sr(report, SSRC, &first, 1), "RTCP from it");
	pass_rtcp(b, a, report, rtcp_sr(report, SSRC, &first, 1), "RTCP to it");
}

/* What comes to the address that was left is in the socket that was left, as it came. */
static bool is_in(int fd, const struct sealed *s)
{
	uint8_t got[PACKET_MAX + GROWTH_MAX];
	uint64_t end = now_ms() + (tap.bad < 3 ? WAIT_MS : 20);
	ssize_t n;

	do {
		n = recv(fd, got, sizeof(got), MSG_DONTWAIT);
		if (n < 0)
			usleep(2000);
	} while (n < 0 && now_ms() < end);
	return n == (ssize_t)s->wire_len && !memcmp(got, s->wire, s->wire_len);
}

/* It can still send: to another socket of this host. */
static bool can_send(int fd, int family)
{
	struct sockaddr_storage name;
	struct endpoint e = {};
	socklen_t len = sizeof(name);
	char octet = 0;
	int other;
	bool ok;

	net_address(LINK_B, family, 0, &e);
	other = net_bind(&e);
	ok = other >= 0 && !getsockname(other, (void *)&name, &len) &&
	     sendto(fd, "x", 1, 0, (void *)&name, len) == 1;
	usleep(2000);
	ok = ok && recv(other, &octet, 1, MSG_DONTWAIT) == 1 && octet == 'x';
	close(other);
	return ok;
}

/* The endpoints of a relay agree on keys with each other alone. */
static void share(struct peer *from, struct peer *to)
{
	session_close(&to->in);
	to->in.secret[0] = from->out.secret[0];
	session_open(&to->in);
}

static void open_pair(struct call *c, uint32_t suite_a, uint32_t suite_b, bool relay,
		      struct peer **a, struct peer **b)
{
	struct setup sa = { .link = places[0].link, .family = places[0].family, .suite = suite_a,
			    .no_rx_key = relay, .no_tx_key = relay };
	struct setup sb = { .link = LINK_B, .suite = suite_b, .no_rx_key = relay,
			    .no_tx_key = relay };

	if (!relay) {
		pair_open(c, &sa, &sb, a, b);
		return;
	}
	call_open(c, KSRTP_MODE_E2EE);
	*a = peer_open(c, &sa);
	*b = peer_open(c, &sb);
	share(*a, *b);
	share(*b, *a);
	route_open(c, *a, *b, BOTH);
	route_open(c, *b, *a, BOTH);
}

/* The leg of @a moves to place @k, where @first is the next number that it sends. */
static void go(struct peer *a, struct peer *b, unsigned int k, unsigned int first,
	       const struct sealed *last, bool relay)
{
	struct endpoint local = a->local, remote = a->remote;
	static struct sealed held;
	struct ksrtp_leg before, after;
	int link = a->setup.link, fd;

	seal(a, first, &held);
	before = leg_now(a);
	fd = peer_move(a, places[k].link, places[k].family);
	CHECK(!net_send(-1, link, &remote, &local, held.wire, held.wire_len), "send");
	CHECK(is_in(fd, &held), "place %u: the socket before has not what came to it", k);
	peer_expect_nothing(a, b, "to the address before");
	after = leg_now(a);
	CHECK(after.stats.received == before.stats.received &&
	      after.stats.forwarded == before.stats.forwarded,
	      "place %u: what came to the address before is counted", k);
	CHECK(can_send(fd, local.family), "place %u: the socket before is of no use", k);
	close(fd);
	/* Nor when nobody has that socket. */
	CHECK(!net_send(-1, link, &remote, &local, held.wire, held.wire_len), "send");
	if (!relay)
		refuse_raw(a, b, last->wire, last->wire_len, a->setup.suite == KSRTP_SUITE_NONE ?
			   KSRTP_REASON_TX_DUP : KSRTP_REASON_REPLAY, "what it has seen before it moved");
	arrives(a, b, &held, "what had come to the address before, in the right place");
}

static void moving(uint32_t suite_a, uint32_t suite_b, bool relay)
{
	static struct sealed last;
	struct ksrtp_stream in = {}, out = {};
	struct ksrtp_leg leg;
	struct peer *a, *b;
	unsigned int k, next = 0;
	struct call c;

	open_pair(&c, suite_a, suite_b, relay, &a, &b);
	for (k = 0; k < PLACES; k++) {
		if (k)
			go(a, b, k, next++, &last, relay);
		stretch(a, b, next, &last);
		next += STRETCH;
	}
	leg = leg_now(a);
	CHECK(leg.stats.forwarded == next + PLACES, "%llu forwarded, %u sent",
	      (unsigned long long)leg.stats.forwarded, next);
	leg = leg_now(b);
	CHECK(leg.stats.sent == next + PLACES, "%llu sent", (unsigned long long)leg.stats.sent);
	if (!relay) {
		/* Plain streams have none, and count what comes twice. */
		uint64_t index = suite_a == KSRTP_SUITE_NONE ? 0 : FIRST + next - 1;

		CHECK(stream_now(b, KSRTP_DIRECTION_TX, SSRC, &out) &&
		      out.index == FIRST + next - 1 && out.packets == next &&
		      out.rtcp_packets == PLACES, "out of the other leg: index %llu, %llu packets",
		      (unsigned long long)out.index, (unsigned long long)out.packets);
		CHECK(stream_now(a, KSRTP_DIRECTION_RX, SSRC, &in) && in.index == index &&
		      in.packets == next + (suite_a ? 0 : PLACES - 1), "into it: index %llu, %llu packets",
		      (unsigned long long)in.index, (unsigned long long)in.packets);
		CHECK(stream_now(a, KSRTP_DIRECTION_TX, SSRC, &out) && out.index == index &&
		      out.packets == PLACES * STRETCH,
		      "out of it: index %llu, %llu packets", (unsigned long long)out.index,
		      (unsigned long long)out.packets);
	}
	expect_datapath(a, b, 1);
	/* The first one in each place finds the way. */
	expect_datapath(b, a, PLACES);
	call_close(&c);
	tap_end(relay ? "D1,D3,E2,S6,S8" : "D1,D2,D3,E2,S2,S3,S8",
		"%s to %s%s: a leg moves in mid-call, IPv4 to IPv6 and back, to other ports and devices",
		ksrtp_suite_name(suite_a), ksrtp_suite_name(suite_b), relay ? ", relayed" : "");
}

/* A leg that learns takes what it has learnt along, and goes on learning. */
static void learning(void)
{
	struct setup sa = { .link = LINK_A, .suite = KSRTP_SUITE_AEAD_AES_128_GCM,
			    .flags = KSRTP_LEG_F_LEARN };
	struct setup sb = { .link = LINK_B, .suite = KSRTP_SUITE_AEAD_AES_128_GCM };
	struct rtp r = { .ssrc = SSRC, .payload = 100 };
	struct ksrtp_leg leg = {};
	struct peer *a, *b;
	unsigned int i;
	struct call c;

	pair_open(&c, &sa, &sb, &a, &b);
	leg.id = a->leg;
	for (i = 0; i < 4; i++) {
		/* It comes from elsewhere, and is answered there. */
		a->remote.port = (uint16_t)(61000 + i);
		r.seq++;
		pass_rtp(a, b, &r, "from elsewhere");
		pass_rtp(b, a, &r, "to elsewhere");
		a->local.port = 0;
		leg.socket = net_bind(&a->local);
		CHECK(!ksrtp_leg_set(ksrtp, &leg, KSRTP_LEG_SET_SOCKET), "%s", ksrtp_error(ksrtp));
		close(leg.socket);
		r.seq++;
		pass_rtp(b, a, &r, "to elsewhere, from another port");
		pass_rtp(a, b, &r, "from elsewhere, to another port");
	}
	call_close(&c);
	tap_end("D1,D3,E2,S2", "a leg that learns its remote address keeps it when it moves, and learns on");
}

void port_tests(void)
{
	moving(KSRTP_SUITE_AEAD_AES_128_GCM, KSRTP_SUITE_AEAD_AES_128_GCM, false);
	moving(KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80, KSRTP_SUITE_AEAD_AES_256_GCM, false);
	moving(KSRTP_SUITE_NONE, KSRTP_SUITE_AEAD_AES_128_GCM, false);
	moving(KSRTP_SUITE_AEAD_AES_128_GCM, KSRTP_SUITE_AEAD_AES_128_GCM, true);
	learning();
}
