// SPDX-License-Identifier: GPL-2.0
/*
 * One to 64 by virtio-net, whose ring holds 256 frames: bursts make more copies than that at
 * once, and each of them arrives.
 */
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
#define PORT	6000	/* of the source's leg; its peer is 2,000 above, as everybody's */
#define BURST	16	/* packets at once: 1,024 copies, which a queue of 1,000 and the ring hold */
#define BURSTS	5
#define PAYLOAD	400
#define PLAIN	(12 + PAYLOAD)

static uint32_t source, taker[MANY];

/* -- the guest */

int many_guest(struct ksrtp *k)
{
	struct ksrtp_call call = { .name = "many", .mode = KSRTP_MODE_TRANSPORT };
	struct ksrtp_route route = { .flags = KSRTP_ROUTE_F_RTP };
	int err = ksrtp_call_new(k, &call), i;

	if (!err)
		err = guest_leg(k, call.id, SOURCE, PORT, PORT + 2000, 1 << KSRTP_DIRECTION_RX,
				&source);
	for (i = 0; !err && i < MANY; i++) {
		err = guest_leg(k, call.id, SOURCE + 1 + i, PORT + 1 + i, PORT + 2001 + i,
				1 << KSRTP_DIRECTION_TX, &taker[i]);
		route.from = source;
		route.to = taker[i];
		err = err ?: ksrtp_route_new(k, &route);
	}
	return err;
}

void many_tell(struct ksrtp *k)
{
	unsigned long long sent = 0, sent_xdp = 0;
	struct ksrtp_leg leg = { 0 };
	int i;

	for (i = 0; i < MANY; i++) {
		if (ksrtp_leg_get(k, taker[i], &leg))
			return;
		sent += leg.stats.sent;
		sent_xdp += leg.stats.sent_xdp;
	}
	if (!ksrtp_leg_get(k, source, &leg))
		printf("many received %llu xdp %llu sent %llu sent_xdp %llu\n",
		       (unsigned long long)leg.stats.received, (unsigned long long)leg.stats.xdp, sent,
		       sent_xdp);
}

/* -- the peer */

struct ends {
	int from, to[MANY];
	srtp_t out, in[MANY];
	uint8_t plain[BURST][PLAIN];
	uint16_t seq;
};

static void ends_open(struct ends *e)
{
	int i, room = 1 << 20;

	e->from = open_socket(PEER, PORT + 2000);
	e->out = session(SOURCE, KSRTP_DIRECTION_RX);
	CHECK(e->out, "libsrtp2");
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
	srtp_dealloc(e->out);
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

void many_peer(void)
{
	static struct ends e;
	int i;

	ends_open(&e);
	/* The first finds the neighbour, and says to each what comes. */
	exchange(&e, 1);
	for (i = 0; i < BURSTS; i++)
		exchange(&e, BURST);
	ends_close(&e);
	tap_end("D3,D5", "virtio-net, one to %d: of bursts that make %d copies at once each arrives", MANY,
		BURST * MANY);
}

void many_check(const char *line)
{
	const unsigned long long packets = 1 + BURST * BURSTS;
	unsigned long long received, xdp, sent, sent_xdp;

	CHECK(sscanf(line, "many received %llu xdp %llu sent %llu sent_xdp %llu", &received, &xdp, &sent,
		     &sent_xdp) == 4, "%s", line);
	CHECK(received == packets && sent == MANY * packets, "%s", line);
	/* What no ring holds goes by the skb path or by the queue; some goes by XDP. */
	CHECK(xdp && sent_xdp, "%s", line);
	printf("# %s", line);
	tap_end("D3,S8", "virtio-net, one to %d: all of them counted", MANY);
}
