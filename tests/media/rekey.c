// SPDX-License-Identifier: GPL-2.0
/*
 * New keys while media flows both ways as fast as it goes, out of order and over the wrap
 * of the sequence number: each packet arrives once.
 *
 * The first thread sends and receives. The second installs and activates keys, and tells
 * the endpoints: for receiving in advance, for sending once the host has the key.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../unit/tap.h"
#include "call.h"
#include "keys.h"

#define RX	KSRTP_DIRECTION_RX
#define TX	KSRTP_DIRECTION_TX

#define PACKETS		1600
#define ROUNDS		3
#define FIRST		65000u	/* the sequence number wraps after a third */
#define REORDER		8
#define AHEAD		48	/* packets on their way at most, each way */
#define EPOCHS		(ROUNDS + 1)

/* One way: what @from sends comes out at @to. */
struct way {
	struct peer *from, *to;
	uint32_t ssrc;
	struct session out[EPOCHS], in[EPOCHS];
	bool roc_told[EPOCHS], roc_heard[EPOCHS];
	_Atomic unsigned int out_epoch;		/* the one to send with */
	_Atomic unsigned int in_epochs;		/* that may come */
	unsigned int protected_with;		/* newest used */
	_Atomic unsigned int sent, got, twice, wrong;
	uint8_t seen[PACKETS];
	struct {
		uint8_t octet[200 + GROWTH_MAX] __attribute__((aligned(8)));
		size_t len;
	} waiting[REORDER];
	unsigned int n_waiting;
};

struct rekey {
	uint32_t context, suites[2];		/* by turns */
	unsigned int mki_len;
	struct way way[2];
	struct peer *a, *b;
	_Atomic bool stuck;
};

/*
 * How many packets may be sent with the keys up to @epoch: no round ends without its rekey,
 * and none comes late, at the wrap, where a new context could not tell how it begins.
 */
static unsigned int allowance(unsigned int epoch)
{
	return epoch == ROUNDS ? PACKETS : (4 * epoch + 5) * PACKETS / (4 * EPOCHS);
}

static size_t build(const struct way *w, unsigned int i, uint8_t *p)
{
	struct rtp r = {
		.ssrc = w->ssrc, .seq = (uint16_t)(FIRST + i), .id = i, .pt = 96,
		.payload = 60 + i % 100,
	};

	return rtp_build(&r, p);
}

/* -- the first thread */

static void protect(struct rekey *k, struct way *w)
{
	unsigned int e = atomic_load(&w->out_epoch), i = atomic_load(&w->sent);
	uint8_t *p = w->waiting[w->n_waiting].octet;

	/* Context same: the indices go on, so the new session must hear where. */
	if (e && !w->roc_told[e] && k->context == KSRTP_CONTEXT_SAME && (FIRST + i) >> 16)
		session_set_roc(&w->out[e], w->ssrc, (FIRST + i) >> 16);
	w->roc_told[e] = true;
	w->protected_with = e;
	w->waiting[w->n_waiting].len = session_protect(&w->out[e], 0, false, p, build(w, i, p));
	CHECK(w->waiting[w->n_waiting].len, "libsrtp2 does not protect packet %u", i);
	w->n_waiting++;
	atomic_store(&w->sent, i + 1);
}

static void send_waiting(struct way *w)
{
	while (w->n_waiting) {
		unsigned int i = (unsigned int)(random_u64() % w->n_waiting);

		peer_send_raw(w->from, w->waiting[i].octet, w->waiting[i].len);
		w->n_waiting--;
		if (i != w->n_waiting)
			w->waiting[i] = w->waiting[w->n_waiting];
	}
}

/* Under the key of one epoch, with the roll-over counter that it must have there. */
static bool try_epoch(struct rekey *k, struct way *w, unsigned int e, const struct datagram *d)
{
	unsigned int i = (uint16_t)(get16(d->octet + 2) - FIRST);
	struct datagram copy = *d;
	uint8_t plain[PACKET_MAX];
	size_t len;

	if (e && !w->roc_heard[e] && k->context == KSRTP_CONTEXT_SAME && (FIRST + i) >> 16)
		session_set_roc(&w->in[e], w->ssrc, (FIRST + i) >> 16);
	len = session_unprotect(&w->in[e], false, copy.octet, copy.len);
	if (!len)
		return false;
	w->roc_heard[e] = true;
	if (i >= PACKETS || len != build(w, i, plain) || memcmp(plain, copy.octet, len))
		atomic_fetch_add(&w->wrong, 1);
	else if (w->seen[i]++)
		atomic_fetch_add(&w->twice, 1);
	else
		atomic_fetch_add(&w->got, 1);
	return true;
}

static void receive(struct rekey *k, struct way *w, int timeout_ms)
{
	struct datagram *d;
	unsigned int e;

	while ((d = peer_next(w->to, timeout_ms))) {
		for (e = atomic_load(&w->in_epochs); e && !try_epoch(k, w, e - 1, d); e--)
			;
		if (!e)
			atomic_fetch_add(&w->wrong, 1);
		free(d);
		timeout_ms = 0;
	}
}

static void pump(struct rekey *k)
{
	uint64_t moved = now_ms();
	bool more = true;
	int i;

	while (more && !atomic_load(&k->stuck)) {
		more = false;
		for (i = 0; i < 2; i++) {
			struct way *w = &k->way[i];
			unsigned int before = w->got;
			unsigned int allowed = allowance(atomic_load(&w->out_epoch));

			if (w->sent < allowed && w->sent - w->got < AHEAD)
				protect(k, w);
			if (w->n_waiting == REORDER || w->sent >= allowed ||
			    w->sent - w->got >= AHEAD)
				send_waiting(w);
			receive(k, w, 0);
			if (w->got != before)
				moved = now_ms();
			more |= w->got < PACKETS;
		}
		if (now_ms() - moved > 20000)
			atomic_store(&k->stuck, true);
	}
}

/* -- the second thread */

static bool wait_for(struct rekey *k, unsigned int there, unsigned int back)
{
	while (k->way[0].got < there || k->way[1].got < back) {
		if (atomic_load(&k->stuck))
			return false;
		usleep(500);
	}
	return true;
}

static void new_epoch(struct rekey *k, unsigned int e, struct secret *out, struct secret *in,
		      struct way *w)
{
	secret_make(out, k->suites[e % 2], k->mki_len);
	secret_make(in, k->suites[e % 2], k->mki_len);
	/* One octet of MKI at random is now and then that of the slot before. */
	out->mki[0] = (uint8_t)(w->out[e - 1].secret[0].mki[0] + 1);
	in->mki[0] = (uint8_t)(w->in[e - 1].secret[0].mki[0] + 1);
	w->out[e].secret[0] = *out;
	w->in[e].secret[0] = *in;
	w->in[e].inbound = true;
	session_open(&w->out[e]);
	session_open(&w->in[e]);
}

static void *control(void *arg)
{
	struct secret out[2], in[2];
	unsigned int e, i, old[2];
	struct rekey *k = arg;
	int err;

	for (e = 1; e <= ROUNDS; e++) {
		unsigned int slot = e % 2;

		/* Away from the wrap: a new context begins with its first packet. */
		if (!wait_for(k, e * PACKETS / EPOCHS, e * PACKETS / EPOCHS))
			return NULL;
		for (i = 0; i < 2; i++) {
			struct way *w = &k->way[i];

			new_epoch(k, e, &out[i], &in[i], w);
			err = peer_key(w->from, RX, slot, k->context, &out[i], 0);
			CHECK(!err, "receive key: %s", ksrtp_error(ksrtp));
			atomic_store(&w->out_epoch, e);
			err = peer_key(w->to, TX, slot, k->context, &in[i], 0);
			CHECK(!err, "transmit key: %s", ksrtp_error(ksrtp));
			atomic_store(&w->in_epochs, e + 1);
			err = ksrtp_key_activate(ksrtp, w->to->leg, slot);
			CHECK(!err, "activate: %s", ksrtp_error(ksrtp));
			/* One more may just be in the making. */
			old[i] = atomic_load(&w->sent) + 1 + AHEAD + 2 * REORDER;
			if (old[i] > PACKETS)
				old[i] = PACKETS;
		}
		/* The time of grace: what is on its way under the old keys still comes. */
		if (!wait_for(k, old[0], old[1]))
			return NULL;
		for (i = 0; i < 2; i++) {
			struct way *w = &k->way[i];

			err = ksrtp_key_del(ksrtp, w->from->leg, RX, !slot);
			CHECK(!err, "old receive key: %s", ksrtp_error(ksrtp));
			err = ksrtp_key_del(ksrtp, w->to->leg, TX, !slot);
			CHECK(!err, "old transmit key: %s", ksrtp_error(ksrtp));
		}
	}
	return NULL;
}

static void no_drops(struct peer *p, const char *who)
{
	struct ksrtp_leg leg = leg_now(p);
	int i;

	for (i = 1; i <= KSRTP_REASON_MAX; i++)
		CHECK(!leg.stats.dropped[i], "%s: %llu dropped as %s", who,
		      (unsigned long long)leg.stats.dropped[i], ksrtp_reason_name((uint32_t)i));
}

static void rekey(uint32_t context, unsigned int mki_len, uint32_t first, uint32_t second)
{
	struct setup sa = { .link = LINK_A, .suite = first, .mki_len = mki_len };
	struct setup sb = { .link = LINK_B, .suite = first, .mki_len = mki_len, .family = 6 };
	struct rekey *k = calloc(1, sizeof(*k));
	pthread_t thread;
	struct call c;
	int i;

	pair_open(&c, &sa, &sb, &k->a, &k->b);
	k->context = context;
	k->mki_len = mki_len;
	k->suites[0] = first;
	k->suites[1] = second;
	for (i = 0; i < 2; i++) {
		struct way *w = &k->way[i];

		w->from = i ? k->b : k->a;
		w->to = i ? k->a : k->b;
		w->ssrc = 0x9000 + (unsigned int)i;
		w->in_epochs = 1;
		w->out[0].secret[0] = w->from->out.secret[0];
		w->in[0].secret[0] = w->to->in.secret[0];
		w->in[0].inbound = true;
		session_open(&w->out[0]);
		session_open(&w->in[0]);
	}
	CHECK(!pthread_create(&thread, NULL, control, k), "pthread_create");
	pump(k);
	pthread_join(thread, NULL);
	for (i = 0; i < 2; i++) {
		struct way *w = &k->way[i];
		unsigned int e;

		CHECK(w->got == PACKETS && !w->twice && !w->wrong,
		      "way %d: %u of %u sent arrived, %u twice, %u wrong", i, w->got, w->sent,
		      w->twice, w->wrong);
		CHECK(w->protected_with == ROUNDS && w->roc_heard[ROUNDS],
		      "way %d: the last key was not used", i);
		for (e = 0; e < EPOCHS; e++) {
			session_close(&w->out[e]);
			session_close(&w->in[e]);
		}
	}
	no_drops(k->a, "a");
	no_drops(k->b, "b");
	/* A frame that must grow has not always the room. */
	expect_datapath(k->a, k->b, first == second ? 3 : PACKETS / 2);
	call_close(&c);
	free(k);
	tap_end("D2,K1,S3", "rekey at full rate, context %s, %s: no packet lost, none twice",
		context == KSRTP_CONTEXT_SAME ? "same" : "new", mki_len ? "MKI" : "no MKI");
}

void rekey_tests(void)
{
	const uint32_t gcm128 = KSRTP_SUITE_AEAD_AES_128_GCM, gcm256 = KSRTP_SUITE_AEAD_AES_256_GCM;
	const uint32_t cm80 = KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80;
	const uint32_t cm32 = KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32;

	rekey(KSRTP_CONTEXT_SAME, 0, gcm128, gcm128);
	rekey(KSRTP_CONTEXT_SAME, 4, cm80, cm80);
	rekey(KSRTP_CONTEXT_NEW, 0, cm80, cm80);
	rekey(KSRTP_CONTEXT_NEW, 1, gcm256, gcm256);
	/* Tags of different length: the frame must have room whichever key it is. */
	rekey(KSRTP_CONTEXT_NEW, 0, gcm128, cm32);
	rekey(KSRTP_CONTEXT_NEW, 4, cm32, gcm256);
}
