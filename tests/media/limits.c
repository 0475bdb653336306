// SPDX-License-Identifier: GPL-2.0
/*
 * The ends of keys and indices (RFC 3711, section 9.2; S4), with the test build's counter
 * preset, on both sides of a call.
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../unit/tap.h"
#include "call.h"
#include "media.h"

#define RX	KSRTP_DIRECTION_RX
#define TX	KSRTP_DIRECTION_TX

#define SRTP_HARD	(1ULL << 48)
#define SRTCP_HARD	(1ULL << 31)
/* A stream takes so many of them at a time. */
#define SRTP_SHARE	(1ULL << 16)
#define SRTCP_SHARE	(1ULL << 10)

#define SSRC	0x11223344

/* A call of which one side's key is at its end: the sender's or the receiver's. */
struct limited {
	struct call call;
	struct peer *from, *to, *keyed;
	uint32_t direction;
	unsigned int reason;
	struct ksrtp *events;
	unsigned int soft, hard;
};

static void preset(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void preset(const char *format, ...)
{
	FILE *f = fopen("/proc/net/ksrtp_preset", "w");
	va_list args;
	int err;

	CHECK(f, "no /proc/net/ksrtp_preset: not the test build");
	if (!f)
		return;
	va_start(args, format);
	err = vfprintf(f, format, args) < 0;
	va_end(args);
	err |= fclose(f);
	CHECK(!err, "preset '%s': %s", format, strerror(errno));
}

static void preset_key(const struct limited *l, uint32_t slot, uint64_t srtp, uint64_t srtcp)
{
	preset("key %u %u %u %llu %llu", l->keyed->leg, l->direction, slot,
	       (unsigned long long)srtp, (unsigned long long)srtcp);
}

/* The stream has used its share of the key, and takes another with its next packet. */
static void preset_stream(const struct limited *l, uint64_t index, uint64_t rtcp_index)
{
	preset("stream %u %u 0x%x %llu %llu", l->keyed->leg, l->direction, SSRC,
	       (unsigned long long)index, (unsigned long long)rtcp_index);
}

static int take_event(const struct ksrtp_event *event, void *arg)
{
	struct limited *l = arg;

	if (event->leg_id != l->keyed->leg || event->direction != l->direction)
		return 0;
	l->soft += event->type == KSRTP_CMD_KEY_SOFT_NTF;
	l->hard += event->type == KSRTP_CMD_KEY_HARD_NTF;
	return 0;
}

/* Until there are so many since the last time, and a moment longer for one too many. */
static void expect_events(struct limited *l, unsigned int soft, unsigned int hard, const char *what)
{
	struct pollfd p = { .fd = ksrtp_events_fd(l->events), .events = POLLIN };
	uint64_t end = now_ms() + WAIT_MS;
	bool all;

	do {
		all = l->soft >= soft && l->hard >= hard;
		if (poll(&p, 1, 200) > 0) {
			CHECK(!ksrtp_events_read(l->events, take_event, l), "events");
			all = false;
		}
	} while (!all && now_ms() < end);
	CHECK(l->soft == soft && l->hard == hard, "%s: %u soft and %u hard events", what, l->soft,
	      l->hard);
	l->soft = 0;
	l->hard = 0;
}

static void limited_open(struct limited *l, uint32_t direction, uint32_t suite)
{
	struct setup plain = { .link = LINK_A }, keyed = { .link = LINK_B, .suite = suite };

	memset(l, 0, sizeof(*l));
	l->direction = direction;
	l->reason = direction == TX ? KSRTP_REASON_TX_LIMIT : KSRTP_REASON_LIMIT;
	CHECK(!ksrtp_events_open(&l->events), "%s", ksrtp_error(NULL));
	if (direction == TX)
		pair_open(&l->call, &plain, &keyed, &l->from, &l->to);
	else
		pair_open(&l->call, &keyed, &plain, &l->from, &l->to);
	l->keyed = direction == TX ? l->to : l->from;
}

static void limited_close(struct limited *l)
{
	call_close(&l->call);
	ksrtp_close(l->events);
}

static void srtp_ends(uint32_t direction, uint32_t suite)
{
	struct rtp r = { .ssrc = SSRC, .seq = 100, .payload = 40 };
	struct limited l;

	limited_open(&l, direction, suite);
	pass_rtp(l.from, l.to, &r, "the first packet");
	/* The soft limit lies far behind: it is told once. */
	preset_key(&l, 0, SRTP_HARD / 16 * 15 - SRTP_SHARE, 0);
	preset_stream(&l, 100, 0);
	expect_events(&l, 0, 0, "before");
	r.seq = 101;
	pass_rtp(l.from, l.to, &r, "before the soft limit");
	expect_events(&l, 1, 0, "at the soft limit");

	preset_key(&l, 0, SRTP_HARD - SRTP_SHARE, 0);
	preset_stream(&l, 101, 0);
	for (r.seq = 102; r.seq < 105; r.seq++)
		pass_rtp(l.from, l.to, &r, "the last share of the key");
	preset_stream(&l, 104, 0);
	for (; r.seq < 108; r.seq++)
		refuse_rtp(l.from, l.to, &r, l.reason, "the key is used up");
	expect_events(&l, 0, 1, "at the hard limit");

	/* A new key, and all goes on. */
	secret_make(direction == TX ? &l.to->in.secret[0] : &l.from->out.secret[0], suite, 0);
	CHECK(!peer_key(l.keyed, direction, 1, KSRTP_CONTEXT_NEW, direction == TX ?
			&l.to->in.secret[0] : &l.from->out.secret[0], 0), "%s", ksrtp_error(ksrtp));
	if (direction == TX)
		CHECK(!ksrtp_key_activate(ksrtp, l.to->leg, 1), "%s", ksrtp_error(ksrtp));
	session_close(direction == TX ? &l.to->in : &l.from->out);
	session_open(direction == TX ? &l.to->in : &l.from->out);
	for (; r.seq < 112; r.seq++)
		pass_rtp(l.from, l.to, &r, "with the new key");
	expect_datapath(l.from, l.to, 2);
	limited_close(&l);
}

static void srtcp_ends(uint32_t direction, uint32_t suite)
{
	struct limited l;
	uint8_t p[64];
	size_t n;
	int i;

	limited_open(&l, direction, suite);
	n = rtcp_pli(p, SSRC, 1);
	pass_rtcp(l.from, l.to, p, n, "the first");
	preset_key(&l, 0, 0, SRTCP_HARD / 16 * 15 - SRTCP_SHARE);
	preset_stream(&l, 0, 1);
	expect_events(&l, 0, 0, "before");
	pass_rtcp(l.from, l.to, p, n, "before the soft limit");
	expect_events(&l, 1, 0, "at the soft limit");
	preset_key(&l, 0, 0, SRTCP_HARD - SRTCP_SHARE);
	preset_stream(&l, 0, 2);
	for (i = 0; i < 3; i++)
		pass_rtcp(l.from, l.to, p, n, "the last share of the key");
	preset_stream(&l, 0, 5);
	for (i = 0; i < 3; i++) {
		peer_send(l.from, true, p, n);
		peer_expect_nothing(l.from, l.to, "the key is used up");
	}
	CHECK(dropped(l.from, l.reason) == 3, "%llu dropped", (unsigned long long)
	      dropped(l.from, l.reason));
	expect_events(&l, 0, 1, "at the hard limit");
	limited_close(&l);
}

static void indices_end(uint32_t suite)
{
	struct rtp r = { .ssrc = SSRC, .seq = 100, .payload = 40 };
	struct limited l;
	uint8_t p[64];
	size_t n;

	limited_open(&l, TX, suite);
	pass_rtp(l.from, l.to, &r, "the first packet");
	n = rtcp_pli(p, SSRC, 1);
	pass_rtcp(l.from, l.to, p, n, "the first RTCP");
	preset_stream(&l, SRTP_HARD - 2, SRTCP_HARD - 2);
	pass_rtcp(l.from, l.to, p, n, "the last SRTCP index");
	peer_send(l.from, true, p, n);
	peer_expect_nothing(l.from, l.to, "an SRTCP index came round");
	CHECK(dropped(l.from, KSRTP_REASON_TX_LIMIT) == 1, "%llu dropped as tx-limit",
	      (unsigned long long)dropped(l.from, KSRTP_REASON_TX_LIMIT));
	limited_close(&l);
}

static uint32_t remembered(void)
{
	struct ksrtp_info info = {};

	CHECK(!ksrtp_info_get(ksrtp, &info), "%s", ksrtp_error(ksrtp));
	return info.keyring_used;
}

/* A full keyring takes keys again when old ones have expired, 24 h after their call. */
static void keyring_expires(void)
{
	struct setup s = { .link = LINK_A, .suite = KSRTP_SUITE_AEAD_AES_128_GCM };
	struct secret used, fresh;
	struct ksrtp_info info = {};
	struct call gone, c;
	struct peer *a, *b;
	uint32_t before;
	int err;

	CHECK(!ksrtp_info_get(ksrtp, &info), "%s", ksrtp_error(ksrtp));
	/* Whatever earlier tests left behind is old enough to go at once. */
	preset("keyring %u", 86400);
	pair_open(&gone, &s, &s, &a, &b);
	used = a->in.secret[0];
	call_close(&gone);
	call_open(&c, KSRTP_MODE_TRANSPORT);
	a = peer_open(&c, &s);
	secret_make(&fresh, s.suite, 0);
	CHECK(!net_command("echo 8 >/sys/module/ksrtp/parameters/keyring_max"), "keyring_max");
	/* Two for each transmit key of the call that is gone, two for each of the living one. */
	err = peer_key(a, TX, 1, KSRTP_CONTEXT_NEW, &fresh, 0);
	before = remembered();
	CHECK(err == -ENOSPC && before == 8, "%s, %u remembered", strerror(-err), before);
	preset("keyring %u", 86400 - 600);
	err = peer_key(a, TX, 1, KSRTP_CONTEXT_NEW, &fresh, 0);
	CHECK(err == -ENOSPC, "ten minutes before: %s", strerror(-err));
	err = peer_key(a, TX, 1, KSRTP_CONTEXT_NEW, &used, 0);
	CHECK(err == -EKEYREJECTED, "a used key ten minutes before: %s", strerror(-err));
	preset("keyring %u", 600);
	CHECK(!peer_key(a, TX, 1, KSRTP_CONTEXT_NEW, &fresh, 0), "after 24 h: %s",
	      ksrtp_error(ksrtp));
	CHECK(remembered() == 6, "%u remembered", remembered());
	CHECK(!net_command("echo %u >/sys/module/ksrtp/parameters/keyring_max", info.keyring_max),
	      "keyring_max");
	call_close(&c);
	tap_end("S3", "keys are forgotten 24 h after their call, and a full keyring takes new ones");
}

static const char *side(uint32_t direction)
{
	return direction == TX ? "sent" : "received";
}

void media_tests_once(void)
{
	keyring_expires();
}

void media_tests(void)
{
	const uint32_t gcm = KSRTP_SUITE_AEAD_AES_128_GCM, cm = KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80;
	uint32_t direction;

	for (direction = 0; direction < 2; direction++) {
		srtp_ends(direction, gcm);
		srtp_ends(direction, cm);
		tap_end("S4,D5", "a key ends at 2^48 SRTP packets %s: told before, refused at the end, "
			"a new one goes on", side(direction));
		srtcp_ends(direction, gcm);
		srtcp_ends(direction, cm);
		tap_end("S4,D5", "a key ends at 2^31 SRTCP packets %s: told before, refused at the end",
			side(direction));
	}
	indices_end(gcm);
	indices_end(cm);
	tap_end("S4", "the last SRTCP index is 2^31 - 1, and none comes round");
}
