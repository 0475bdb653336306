// SPDX-License-Identifier: GPL-2.0
/*
 * One to 64 by virtio-net, whose ring holds 256 frames: bursts make more copies than that at
 * once, and each of them arrives.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../unit/tap.h"
#include "virtio.h"

#define MANY	KSRTP_ROUTES_MAX
#define SOURCE	100	/* numbers of legs; the others follow */
#define STEADY	99	/* another source, one packet at a time */
#define PORT	6000	/* of the source's leg; its peer is 2,000 above, as everybody's */
#define BURST	16	/* packets at once: 1,024 copies, which a queue of 1,000 and the ring hold */
#define BURSTS	5
#define SINGLES	10
#define PAYLOAD	400
#define PLAIN	(12 + PAYLOAD)

static uint32_t source, steady, taker[MANY];

/* Every fourth knows the steady source by another SSRC. */
static uint32_t steady_ssrc(int i)
{
	return i % 4 == 1 ? 0x51000000u + (uint32_t)i : 2;
}

/* -- the guest */

int many_guest(struct ksrtp *k)
{
	struct ksrtp_call call = { .name = "many", .mode = KSRTP_MODE_TRANSPORT };
	struct ksrtp_route route = { .flags = KSRTP_ROUTE_F_RTP };
	struct ksrtp_route single = { .flags = KSRTP_ROUTE_F_RTP, .ssrc = { { .in = 2 } } };
	int err = ksrtp_call_new(k, &call), i;

	if (!err)
		err = guest_leg(k, call.id, SOURCE, PORT, PORT + 2000, 1 << KSRTP_DIRECTION_RX,
				&source);
	if (!err)
		err = guest_leg(k, call.id, STEADY, PORT - 1, PORT + 1999, 1 << KSRTP_DIRECTION_RX,
				&steady);
	for (i = 0; !err && i < MANY; i++) {
		err = guest_leg(k, call.id, SOURCE + 1 + i, PORT + 1 + i, PORT + 2001 + i,
				1 << KSRTP_DIRECTION_TX, &taker[i]);
		route.from = source;
		route.to = taker[i];
		err = err ?: ksrtp_route_new(k, &route);
		single.from = steady;
		single.to = taker[i];
		single.ssrc[0].out = steady_ssrc(i);
		single.ssrc_count = steady_ssrc(i) != 2;
		err = err ?: ksrtp_route_new(k, &single);
	}
	return err;
}

void many_tell(struct ksrtp *k)
{
	unsigned long long sent = 0, sent_xdp = 0;
	struct ksrtp_leg leg = { 0 }, one = { 0 };
	int i;

	for (i = 0; i < MANY; i++) {
		if (ksrtp_leg_get(k, taker[i], &leg))
			return;
		sent += leg.stats.sent;
		sent_xdp += leg.stats.sent_xdp;
	}
	if (!ksrtp_leg_get(k, source, &leg) && !ksrtp_leg_get(k, steady, &one))
		printf("many received %llu xdp %llu single %llu xdp %llu sent %llu sent_xdp %llu\n",
		       (unsigned long long)leg.stats.received, (unsigned long long)leg.stats.xdp,
		       (unsigned long long)one.stats.received, (unsigned long long)one.stats.xdp, sent,
		       sent_xdp);
}

/* -- the peer */

struct ends {
	int from, steady, to[MANY];
	srtp_t out, out_steady, in[MANY];
	uint8_t plain[BURST][PLAIN];
	uint16_t seq;
};

static void ends_open(struct ends *e)
{
	int i, room = 1 << 20;

	e->from = open_socket(PEER, PORT + 2000);
	e->steady = open_socket(PEER, PORT + 1999);
	e->out = session(SOURCE, KSRTP_DIRECTION_RX);
	e->out_steady = session(STEADY, KSRTP_DIRECTION_RX);
	CHECK(e->out && e->out_steady, "libsrtp2");
	for (i = 0; i < MANY; i++) {
		e->to[i] = open_socket(PEER, (uint16_t)(PORT + 2001 + i));
		CHECK(!setsockopt(e->to[i], SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)), "%s",
		      strerror(errno));
		e->in[i] = session((unsigned int)(SOURCE + 1 + i), KSRTP_DIRECTION_TX);
		CHECK(e->in[i], "libsrtp2");
	}
}

static void ends_close(struct ends *e)
{
	int i;

	close(e->from);
	close(e->steady);
	srtp_dealloc(e->out);
	srtp_dealloc(e->out_steady);
	for (i = 0; i < MANY; i++) {
		close(e->to[i]);
		srtp_dealloc(e->in[i]);
	}
}

static void send_burst(struct ends *e, int count)
{
	struct sockaddr_in to = address(GUEST, PORT);
	uint8_t wire[BURST][PLAIN + SRTP_MAX_TRAILER_LEN];
	int len[BURST], i, j;

	for (i = 0; i < count; i++) {
		uint8_t *p = e->plain[i];

		e->seq++;
		memset(p, 0, 12);
		p[0] = 0x80;
		p[1] = 96;
		p[2] = (uint8_t)(e->seq >> 8);
		p[3] = (uint8_t)e->seq;
		p[11] = 1;
		for (j = 12; j < PLAIN; j++)
			p[j] = (uint8_t)(e->seq * 5 + j);
		memcpy(wire[i], p, PLAIN);
		len[i] = PLAIN;
		CHECK(!srtp_protect(e->out, wire[i], &len[i]), "libsrtp2");
	}
	for (i = 0; i < count; i++)
		CHECK(sendto(e->from, wire[i], (size_t)len[i], 0, (struct sockaddr *)&to, sizeof(to)) ==
		      len[i], "send: %s", strerror(errno));
}

/* Each of the burst, once, in any order: those by the skb path may be overtaken. */
static unsigned int receive_burst(struct ends *e, int i, int count)
{
	struct pollfd p = { .fd = e->to[i], .events = POLLIN };
	unsigned int seen = 0, right = 0;
	uint8_t packet[2048];
	int n, len;

	for (n = 0; n < count && poll(&p, 1, 5000) > 0; n++) {
		uint16_t at;

		len = (int)recv(p.fd, packet, sizeof(packet), 0);
		if (len < 0 || srtp_unprotect(e->in[i], packet, &len) || len != PLAIN)
			continue;
		at = (uint16_t)((packet[2] << 8 | packet[3]) - (e->seq - count + 1));
		if (at < count && !(seen & 1u << at) && !memcmp(packet, e->plain[at], PLAIN)) {
			seen |= 1u << at;
			right++;
		}
	}
	return right;
}

static void exchange(struct ends *e, int count)
{
	int i;

	send_burst(e, count);
	for (i = 0; i < MANY; i++) {
		unsigned int right = receive_burst(e, i, count);

		CHECK(right == (unsigned int)count, "to number %d: %u of %d", i, right, count);
	}
}

/* One packet, and each has it before the next: there is room for all of it in the ring. */
static void single(struct ends *e, uint16_t seq)
{
	uint8_t plain[PLAIN] = { 0x80, 96, [11] = 2 }, wire[PLAIN + SRTP_MAX_TRAILER_LEN], got[2048];
	struct sockaddr_in to = address(GUEST, PORT - 1);
	int len = PLAIN, i;

	plain[3] = (uint8_t)seq;
	memset(plain + 12, seq, PAYLOAD);
	memcpy(wire, plain, PLAIN);
	CHECK(!srtp_protect(e->out_steady, wire, &len), "libsrtp2");
	CHECK(sendto(e->steady, wire, (size_t)len, 0, (struct sockaddr *)&to, sizeof(to)) == len,
	      "send: %s", strerror(errno));
	for (i = 0; i < MANY; i++) {
		struct pollfd p = { .fd = e->to[i], .events = POLLIN };
		uint32_t ssrc = htonl(steady_ssrc(i));

		memcpy(plain + 8, &ssrc, sizeof(ssrc));
		len = poll(&p, 1, 5000) > 0 ? (int)recv(p.fd, got, sizeof(got), 0) : -1;
		CHECK(len > 0 && !srtp_unprotect(e->in[i], got, &len) && len == PLAIN &&
		      !memcmp(got, plain, PLAIN), "to number %d: not the packet", i);
	}
}

void many_peer(void)
{
	static struct ends e;
	int i;

	ends_open(&e);
	/* The first finds the neighbour, and says to each what comes. */
	exchange(&e, 1);
	for (i = 0; i < SINGLES; i++)
		single(&e, (uint16_t)i);
	tap_end("D3,D5", "virtio-net, one to %d, with maps of SSRCs: one packet after the other arrives", MANY);
	for (i = 0; i < BURSTS; i++)
		exchange(&e, BURST);
	ends_close(&e);
	tap_end("D3,D5", "virtio-net, one to %d: of bursts that make %d copies at once each arrives", MANY,
		BURST * MANY);
}

void many_check(const char *line)
{
	const unsigned long long packets = 1 + BURST * BURSTS;
	unsigned long long received, xdp, singles, single_xdp, sent, sent_xdp;

	CHECK(sscanf(line, "many received %llu xdp %llu single %llu xdp %llu sent %llu sent_xdp %llu",
		     &received, &xdp, &singles, &single_xdp, &sent, &sent_xdp) == 6, "%s", line);
	CHECK(received == packets && singles == SINGLES && sent == MANY * (packets + SINGLES), "%s", line);
	/*
	 * Beyond 512 copies at once it is the skb path's, and what no ring holds the queue's. XDP has
	 * what comes one by one, and eight of each burst; the ring, the first of these at least.
	 */
	CHECK(single_xdp == SINGLES && xdp >= 8 * BURSTS && sent_xdp >= MANY * (SINGLES + BURSTS), "%s",
	      line);
	printf("# %s", line);
	tap_end("D3,S8", "virtio-net, one to %d: all of them counted", MANY);
}
