// SPDX-License-Identifier: GPL-2.0
/*
 * Memory runs out while media flows: one allocation of a hundred, of ten, of two fails. What gets
 * through is right, once, and of no other shape; all that does not is counted; and the next packet
 * passes when there is memory again. On a kernel with fault injection (see the kernel's
 * Documentation/fault-injection) it is every allocation of a softirq, elsewhere the module's own,
 * by its test build.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "../unit/tap.h"
#include "call.h"
#include "media.h"

#define DEBUG		"/sys/kernel/debug/"
#define OURS		"/sys/module/ksrtp/parameters/alloc_fail_every"
#define COPIES		4
#define PACKETS		2000
#define SSRC_EACH	100	/* packets: streams are made under faults too */
#define RTCP_EACH	16

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

static bool set_both(const char *name, const char *value)
{
	char slab[64], page[64];

	snprintf(slab, sizeof(slab), DEBUG "failslab/%s", name);
	snprintf(page, sizeof(page), DEBUG "fail_page_alloc/%s", name);
	return put(slab, value) && put(page, value);
}

static bool of_softirqs;	/* by the kernel; else by the module */

/* Of allocations that cannot wait: those of softirqs; or of the module's. 0: none. */
static bool fail(unsigned int percent)
{
	char text[16];

	if (!of_softirqs) {
		snprintf(text, sizeof(text), "%u", percent ? 100 / percent : 0);
		return put(OURS, text);
	}
	snprintf(text, sizeof(text), "%u", percent);
	return set_both("ignore-gfp-wait", "Y") && set_both("task-filter", "N") &&
	       set_both("interval", "1") && set_both("times", "-1") && set_both("verbose", "0") &&
	       put(DEBUG "fail_page_alloc/min-order", "0") && set_both("probability", text);
}

static bool can_fail(void)
{
	if (access(DEBUG "failslab", X_OK))
		(void)mount("debugfs", DEBUG, "debugfs", 0, NULL);
	of_softirqs = !access(DEBUG "failslab", X_OK) && !access(DEBUG "fail_page_alloc", X_OK);
	return of_softirqs || !access(OURS, W_OK);
}

/* -- one to many under faults */

struct scene {
	struct call call;
	struct peer *from, *to[COPIES];
	uint8_t seen[PACKETS][COPIES];
	unsigned int rtp, rtcp, lost;
};

static struct rtp packet_of(unsigned int n)
{
	return (struct rtp){
		.ssrc = 0xfa170000 + n / SSRC_EACH, .seq = (uint16_t)n, .pt = 96, .id = n,
		.csrcs = n % 3, .ext_profile = n % 4 ? 0xbede : 0, .ext_words = n % 5,
		.elements = true, .payload = n % 7 ? 160 : 1100,
	};
}

/* An error of the wire is a packet that was not sent. */
static void send_one(struct scene *s, bool rtcp, const uint8_t *plain, size_t len)
{
	uint8_t wire[PACKET_MAX + GROWTH_MAX] __attribute__((aligned(8)));
	struct peer *p = s->from;
	size_t n = peer_protect(p, rtcp, plain, len, wire);

	if (net_send(-1, p->setup.link, &p->remote, &p->local, wire, n))
		s->lost++;
}

static void take_one(struct scene *s, unsigned int which, struct datagram *d)
{
	bool rtcp = d->len > 1 && (d->octet[1] & 0x7f) >= 64 && (d->octet[1] & 0x7f) < 96;
	struct peer *p = s->to[which];
	uint8_t want[PACKET_MAX];
	struct rtp r;
	size_t n, len;
	unsigned int id;

	n = p->in.srtp ? session_unprotect(&p->in, rtcp, d->octet, d->len) : d->len;
	CHECK(n, "copy %u: libsrtp2 refuses %zu octets", which, d->len);
	if (!n || rtcp) {
		s->rtcp += rtcp;
		return;
	}
	id = get32(d->octet + 4) / 160;
	CHECK(id < PACKETS, "copy %u: packet %u", which, id);
	if (id >= PACKETS)
		return;
	r = packet_of(id);
	len = rtp_build(&r, want);
	CHECK(n == len && !memcmp(d->octet, want, n), "copy %u: packet %u is another", which, id);
	CHECK(!s->seen[id][which]++, "copy %u: packet %u came twice", which, id);
	s->rtp++;
}

static void take_all(struct scene *s)
{
	struct datagram *d;
	unsigned int i;

	for (i = 0; i < COPIES; i++) {
		while ((d = peer_next(s->to[i], 0))) {
			take_one(s, i, d);
			free(d);
		}
	}
}

static void forget_all(struct scene *s)
{
	struct datagram *d;
	unsigned int i;

	for (i = 0; i < COPIES; i++)
		while ((d = peer_next(s->to[i], 0)))
			free(d);
}

static uint64_t sum(const uint64_t *drops)
{
	uint64_t n = 0;
	unsigned int i;

	for (i = 0; i <= KSRTP_REASON_MAX; i++)
		n += drops[i];
	return n;
}

/* What the module has seen it has counted, and each packet once. */
static void account(struct scene *s)
{
	struct ksrtp_leg leg = leg_now(s->from);
	const struct ksrtp_stats *t = &leg.stats;
	struct ksrtp_route route;
	unsigned int i;

	CHECK(t->received && t->received <= s->from->wire_sent, "%llu received",
	      (unsigned long long)t->received);
	CHECK(t->received == t->forwarded + t->answered + t->passed_up + sum(t->dropped),
	      "%llu received, %llu forwarded, %llu up, %llu dropped",
	      (unsigned long long)t->received, (unsigned long long)t->forwarded,
	      (unsigned long long)t->passed_up, (unsigned long long)sum(t->dropped));
	for (i = 0; i < s->call.n_routes; i++) {
		CHECK(!ksrtp_route_get(ksrtp, s->call.routes[i], &route), "%s", ksrtp_error(ksrtp));
		CHECK(route.copies == route.sent + sum(route.dropped), "route %u: %llu copies, %llu sent",
		      i, (unsigned long long)route.copies, (unsigned long long)route.sent);
	}
}

static void open_scene(struct scene *s, uint32_t suite)
{
	const struct setup from = { .link = LINK_A, .suite = suite, .elements_in = true };
	const struct setup to[COPIES] = {
		{ .link = LINK_B, .suite = KSRTP_SUITE_AEAD_AES_128_GCM, .elements_out = true },
		{ .link = LINK_B, .family = 6, .suite = KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80 },
		{ .link = LINK_A, .family = 6, .suite = KSRTP_SUITE_NONE },
		{ .link = LINK_B, .suite = suite, .mki_len = 4 },
	};
	unsigned int i;

	memset(s, 0, sizeof(*s));
	call_open(&s->call, KSRTP_MODE_TRANSPORT);
	s->from = peer_open(&s->call, &from);
	for (i = 0; i < COPIES; i++) {
		s->to[i] = peer_open(&s->call, &to[i]);
		route_open(&s->call, s->from, s->to[i], BOTH);
	}
}

static void run(uint32_t suite, unsigned int percent)
{
	static struct scene s;
	uint8_t plain[PACKET_MAX];
	unsigned int n, i;
	struct rtp r;
	size_t len;

	open_scene(&s, suite);
	CHECK(fail(percent), "faults cannot be switched on: %s", strerror(errno));
	for (n = 0; n < PACKETS; n++) {
		r = packet_of(n);
		len = rtp_build(&r, plain);
		send_one(&s, false, plain, len);
		s.from->wire_sent++;
		if (n % RTCP_EACH == 0) {
			len = rtcp_sr(plain, r.ssrc, NULL, 0);
			send_one(&s, true, plain, len);
			s.from->wire_sent++;
		}
		if (n % 8 == 7)
			take_all(&s);
	}
	CHECK(fail(0), "faults cannot be switched off");
	for (i = 0; i < 20; i++) {
		usleep(10000);
		take_all(&s);
	}
	/* Of four times as many copies some came even of two allocations that had to go well each. */
	CHECK(s.rtp && (percent > 10 || s.rtcp), "%u RTP, %u RTCP came", s.rtp, s.rtcp);
	account(&s);
	/*
	 * There is memory again. Where streams could not be made beforehand for want of it, a packet
	 * that asks for one is what has them made; the next one passes.
	 */
	r = packet_of(PACKETS - 1);
	r.seq++;
	len = rtp_build(&r, plain);
	send_one(&s, false, plain, len);
	s.from->wire_sent++;
	usleep(200000);
	forget_all(&s);
	r.seq++;
	len = rtp_build(&r, plain);
	peer_send(s.from, false, plain, len);
	for (i = 0; i < COPIES; i++)
		peer_expect(s.to[i], false, plain, len, "with memory again");
	account(&s);
	printf("# %s, %u%%: of %u copies %u came, %u packets did not reach the wire\n",
	       ksrtp_suite_name(suite), percent, PACKETS * COPIES, s.rtp, s.lost);
	/* The endpoints have missed frames that the legs have sent: the counters cannot agree. */
	CHECK(!ksrtp_call_del(ksrtp, s.call.id), "%s", ksrtp_error(ksrtp));
	call_forget(&s.call);
}

void media_tests_once(void)
{
}

void media_tests(void)
{
	static const unsigned int percents[] = { 1, 10, 50 };
	unsigned int i;

	if (!can_fail()) {
		tap_skip("memory runs out while media flows", "neither kernel nor module can let allocations fail");
		return;
	}
	for (i = 0; i < sizeof(percents) / sizeof(percents[0]); i++) {
		run(KSRTP_SUITE_AEAD_AES_256_GCM, percents[i]);
		run(KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80, percents[i]);
		tap_end("S7,S8", "%u%% of allocations fail: what comes is right and once, the rest is counted",
			percents[i]);
	}
}
