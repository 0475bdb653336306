// SPDX-License-Identifier: GPL-2.0
/* One key, installed by two on two legs at once: one of them gets it, whoever is first. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "../unit/tap.h"
#include "call.h"
#include "stress.h"

#define RX	KSRTP_DIRECTION_RX
#define TX	KSRTP_DIRECTION_TX

#define ROUNDS	240
#define STEP	100	/* spins; one starts up to 40 of it before the other */

struct contest {
	_Atomic unsigned int round;	/* waited for awake, so that both begin at once */
	pthread_barrier_t end;
	struct ksrtp_key key[2];	/* the same, but for whose leg it is */
	int first;
	bool waits;			/* the other, until the first has done it */
	unsigned int spins;		/* else, before it starts */
	_Atomic int done;
	int err[2];
	bool over;
};

struct rival {
	struct contest *contest;
	struct ksrtp *ksrtp;
	int which;
	pthread_t thread;
};

static void give_way(struct contest *c)
{
	unsigned int i;

	while (c->waits && !atomic_load(&c->done))
		sched_yield();
	for (i = 0; i < c->spins; i++)
		atomic_load(&c->done);
}

static void *compete(void *arg)
{
	struct rival *r = arg;
	struct contest *c = r->contest;
	unsigned int round;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(r->which, &cpus);
	pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
	for (round = 1;; round++) {
		while (atomic_load(&c->round) < round)
			sched_yield();
		if (c->over)
			return NULL;
		if (c->first != r->which)
			give_way(c);
		c->err[r->which] = ksrtp_key_new(r->ksrtp, &c->key[r->which]);
		atomic_fetch_add(&c->done, 1);
		pthread_barrier_wait(&c->end);
	}
}

/* Returns who has got it. */
static int compete_once(struct contest *c, struct peer *const *p, uint32_t suite, const uint32_t *direction)
{
	struct secret secret;
	int i, got;

	secret_make(&secret, suite, 0);
	CHECK(!ksrtp_key_derive(&c->key[0], suite, secret.key, secret.salt), "derive");
	c->key[1] = c->key[0];
	for (i = 0; i < 2; i++) {
		c->key[i].leg_id = p[i]->leg;
		c->key[i].direction = direction[i];
		c->key[i].context = KSRTP_CONTEXT_NEW;
	}
	atomic_store(&c->done, 0);
	atomic_fetch_add(&c->round, 1);
	pthread_barrier_wait(&c->end);
	got = c->err[0] != 0;
	CHECK(!c->err[got] && c->err[!got] == -EKEYREJECTED, "%s: %s and %s", ksrtp_suite_name(suite),
	      strerror(-c->err[0]), strerror(-c->err[1]));
	for (i = 0; i < 2; i++)
		CHECK(ksrtp_key_del(ksrtp, p[i]->leg, direction[i], 0) == (i == got ? 0 : -ENOENT),
		      "%s: who is refused has none: %s", ksrtp_suite_name(suite), ksrtp_error(ksrtp));
	return got;
}

/* Each is the first by turns: in the first two rounds by far, then by less and less. */
static void rounds(struct contest *c, struct peer *const *p, const uint32_t *direction)
{
	int i, got;

	for (i = 0; i < ROUNDS; i++) {
		c->first = i % 2;
		c->waits = i < 2;
		c->spins = STEP * (unsigned int)((ROUNDS - i) % 80 / 2);
		got = compete_once(c, p, 1 + (uint32_t)i % (SUITES - 1), direction);
		CHECK(i >= 2 || got == c->first, "the one that came later got it");
	}
}

void stress_keys(void)
{
	static const uint32_t directions[][2] = { { TX, TX }, { TX, RX }, { RX, TX } };
	const struct setup s = { .link = LINK_A, .no_rx_key = true, .no_tx_key = true };
	struct contest contest = {};
	struct rival rivals[2];
	struct call calls[2];
	struct peer *p[2];
	unsigned int i;

	pthread_barrier_init(&contest.end, NULL, 3);
	for (i = 0; i < 2; i++) {
		call_open(&calls[i], KSRTP_MODE_TRANSPORT);
		p[i] = peer_open(&calls[i], &s);
		rivals[i] = (struct rival){ .contest = &contest, .which = (int)i };
		CHECK(!ksrtp_open(&rivals[i].ksrtp), "%s", ksrtp_error(NULL));
		CHECK(!pthread_create(&rivals[i].thread, NULL, compete, &rivals[i]), "thread");
	}
	for (i = 0; i < sizeof(directions) / sizeof(directions[0]); i++)
		rounds(&contest, p, directions[i]);
	contest.over = true;
	atomic_fetch_add(&contest.round, 1);
	for (i = 0; i < 2; i++) {
		pthread_join(rivals[i].thread, NULL);
		ksrtp_close(rivals[i].ksrtp);
		call_close(&calls[i]);
	}
	ksrtp_key_wipe(&contest.key[0]);
	ksrtp_key_wipe(&contest.key[1]);
	tap_end("S3", "one key installed on two legs at once, to transmit or receive: one gets it, the other is refused");
}
