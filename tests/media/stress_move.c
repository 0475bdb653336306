// SPDX-License-Identifier: GPL-2.0
/* A leg that moves while packets come in and go out. */
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../unit/tap.h"
#include "call.h"
#include "media.h"
#include "stress.h"

#define MOVES		300
#define BURST		32	/* packets of each sender while it moves once */
#define PLACES		3

static const struct {
	int link, family;
} places[PLACES] = { { LINK_A, 4 }, { LINK_A, 6 }, { LINK_C, 4 } };

struct shuttle {
	_Atomic bool stop;
	_Atomic unsigned int round, done[2];
	struct peer *from;
	struct endpoint local[PLACES], remote[PLACES];
	int sockets[PLACES];
	int wires[LINKS];
	pthread_t in, out;
	unsigned long came, wrong, elsewhere, at[PLACES];
};

static void on_processor(int which)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(which, &cpus);
	pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
}

/* A burst for each round, which the receiver can keep up with; false: it was the last. */
static bool next_burst(struct shuttle *s, unsigned int *round)
{
	while (atomic_load(&s->round) == *round && !atomic_load(&s->stop))
		sched_yield();
	++*round;
	return !atomic_load(&s->stop);
}

/* Plain packets to the other leg, which leave on the one that moves. */
static void *toward(void *arg)
{
	struct shuttle *s = arg;
	struct rtp r = { .ssrc = 1, .payload = 100 };
	unsigned int round = 0, i;
	uint8_t p[PACKET_MAX];

	on_processor(0);
	while (next_burst(s, &round)) {
		for (i = 0; i < BURST; i++) {
			r.seq++;
			r.id++;
			net_send(s->wires[LINK_B], LINK_B, &s->from->remote, &s->from->local, p,
				 rtp_build(&r, p));
		}
		atomic_store(&s->done[0], round);
	}
	return NULL;
}

/* Forged ones to every place that the leg can be in, and mostly is not. */
static void *against(void *arg)
{
	struct shuttle *s = arg;
	struct rtp r = { .ssrc = 1, .payload = 100 };
	unsigned int round = 0, i, k;
	uint8_t p[PACKET_MAX];

	on_processor(1);
	while (next_burst(s, &round)) {
		for (i = 0; i < BURST; i++) {
			k = r.seq++ % PLACES;
			net_send(s->wires[places[k].link], places[k].link, &s->remote[k],
				 &s->local[k], p, rtp_build(&r, p));
		}
		atomic_store(&s->done[1], round);
	}
	return NULL;
}

/* Where it is from, where it is to, and the device belong together, and it is authentic. */
static void judge(struct shuttle *s, struct peer *to, struct datagram *d)
{
	unsigned int i;

	for (i = 0; i < PLACES; i++)
		if (endpoint_equal(&d->to, &s->remote[i]))
			break;
	if (i == PLACES || !endpoint_equal(&d->from, &s->local[i]) || d->link != places[i].link) {
		s->elsewhere++;
		return;
	}
	s->at[i]++;
	s->came++;
	if (!session_unprotect(&to->in, false, d->octet, d->len))
		s->wrong++;
}

static void take_all(struct shuttle *s, struct peer *to, int timeout_ms)
{
	struct datagram *d;

	while ((d = net_receive(timeout_ms))) {
		judge(s, to, d);
		free(d);
	}
}

static void move_to(struct shuttle *s, struct peer *to, unsigned int i)
{
	struct ksrtp_leg leg = { .id = to->leg, .socket = s->sockets[i] };
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&leg.remote;
	struct sockaddr_in *in = (struct sockaddr_in *)&leg.remote;

	if (s->remote[i].family == 4) {
		*in = (struct sockaddr_in){ .sin_family = AF_INET,
					    .sin_port = htons(s->remote[i].port) };
		memcpy(&in->sin_addr, s->remote[i].ip, 4);
	} else {
		*in6 = (struct sockaddr_in6){ .sin6_family = AF_INET6,
					      .sin6_port = htons(s->remote[i].port) };
		memcpy(&in6->sin6_addr, s->remote[i].ip, 16);
	}
	CHECK(!ksrtp_leg_set(ksrtp, &leg, KSRTP_LEG_SET_SOCKET | KSRTP_LEG_SET_REMOTE), "%s",
	      ksrtp_error(ksrtp));
}

void stress_moves(void)
{
	struct setup sb = { .link = LINK_A, .suite = KSRTP_SUITE_AEAD_AES_128_GCM };
	struct setup sa = { .link = LINK_B };
	struct shuttle *s = calloc(1, sizeof(*s));
	struct ksrtp_leg from, to_leg;
	uint64_t lost, refused = 0;
	struct peer *to;
	struct call c;
	unsigned int i, reason;

	pair_open(&c, &sa, &sb, &s->from, &to);
	c.racing = true;
	for (i = 0; i < PLACES; i++) {
		net_address(places[i].link, places[i].family, 0, &s->local[i]);
		net_address(places[i].link, places[i].family, 1, &s->remote[i]);
		s->remote[i].port = (uint16_t)(62000 + i);
		s->sockets[i] = net_bind(&s->local[i]);
		CHECK(s->sockets[i] >= 0, "bind");
	}
	for (i = 0; i < LINKS; i++) {
		s->wires[i] = net_wire((int)i);
		CHECK(s->wires[i] >= 0, "no wire");
	}
	move_to(s, to, 0);
	CHECK(!pthread_create(&s->out, NULL, toward, s), "thread");
	CHECK(!pthread_create(&s->in, NULL, against, s), "thread");
	for (i = 1; i <= MOVES; i++) {
		atomic_store(&s->round, i);
		/* So that it moves at any point of the bursts. */
		usleep(rand() % 1000);
		move_to(s, to, i % PLACES);
		while (atomic_load(&s->done[0]) < i || atomic_load(&s->done[1]) < i)
			take_all(s, to, 0);
	}
	atomic_store(&s->stop, true);
	pthread_join(s->out, NULL);
	pthread_join(s->in, NULL);
	take_all(s, to, 100);

	from = leg_now(s->from);
	to_leg = leg_now(to);
	lost = net_egress_losses() - c.losses;
	CHECK(!s->elsewhere, "%lu packets from a place that is none", s->elsewhere);
	CHECK(!s->wrong, "%lu packets that libsrtp2 refuses", s->wrong);
	for (i = 0; i < PLACES; i++)
		CHECK(s->at[i], "none came from place %u", i);
	CHECK(from.stats.forwarded == to_leg.stats.sent && to_leg.stats.sent == s->came + lost,
	      "%llu forwarded, %llu sent, %lu came, %llu lost behind the module",
	      (unsigned long long)from.stats.forwarded, (unsigned long long)to_leg.stats.sent,
	      s->came, (unsigned long long)lost);
	for (reason = 0; reason <= KSRTP_REASON_MAX; reason++) {
		CHECK(!from.stats.dropped[reason], "%llu dropped as %s",
		      (unsigned long long)from.stats.dropped[reason], ksrtp_reason_name(reason));
		refused += to_leg.stats.dropped[reason];
	}
	/* What came to the places where it was not is the sockets'. */
	CHECK(refused == to_leg.stats.received && refused == to_leg.stats.dropped[KSRTP_REASON_AUTH],
	      "%llu of %llu forged ones refused", (unsigned long long)refused,
	      (unsigned long long)to_leg.stats.received);
	CHECK(refused > 2 * MOVES && s->came > MOVES * BURST / 2, "only %llu in and %lu out",
	      (unsigned long long)refused, s->came);
	to->wire_got = s->came;
	for (i = 0; i < PLACES; i++)
		close(s->sockets[i]);
	for (i = 0; i < LINKS; i++)
		close(s->wires[i]);
	call_close(&c);
	free(s);
	tap_end("D3,E2,S3,S7,S8,O1", "a leg moves %u times under traffic on both processors: each packet from one place, none lost",
		MOVES);
}
