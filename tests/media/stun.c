// SPDX-License-Identifier: GPL-2.0
/*
 * Consent without the agent: connectivity checks that the module answers by itself, what
 * it leaves to the socket, and the end of sending where no consent comes (RFC 7675).
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../unit/check.h"
#include "../unit/tap.h"
#include "call.h"
#include "media.h"

#define GCM128	KSRTP_SUITE_AEAD_AES_128_GCM
#define PWD_1	"VOkJxbRl1RmTxUkxWvJxBt"
#define PWD_2	"abcdefghijklmnopqrstu+"
#define LONG_MS	30000

static const struct setup side_a = { .link = LINK_A, .suite = GCM128 };
static const struct setup side_b = { .link = LINK_B, .suite = GCM128, .family = 6 };
static const struct check usual = { .username = "host:peer", .pwd = PWD_1 };

static int set_ice(struct peer *p, const char *ufrag, const char *pwd, const char *remote)
{
	struct ksrtp_leg leg = { .id = p->leg, .ice_ufrag = ufrag, .ice_pwd = pwd,
				 .ice_remote_ufrag = remote };

	return ksrtp_leg_set(ksrtp, &leg, KSRTP_LEG_SET_ICE);
}

static void ice(struct peer *p, const char *ufrag, const char *pwd, const char *remote)
{
	CHECK(!set_ice(p, ufrag, pwd, remote), "%s", ksrtp_error(ksrtp));
}

/* The agent's descriptor: what it can read is what was left to it. */
static size_t read_up(int fd, uint8_t *out, size_t room, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;

	if (poll(&p, 1, timeout_ms) <= 0)
		return 0;
	n = recv(fd, out, room, MSG_DONTWAIT);
	return n > 0 ? (size_t)n : 0;
}

/* The whole answer comes back to where the check came from. */
static void answered(struct peer *p, struct check *c, const char *what)
{
	struct ksrtp_leg before = leg_now(p), after;
	uint8_t msg[CHECK_MAX], want[CHECK_MAX];
	struct datagram *d;
	size_t n;

	random_octets(c->transaction, sizeof(c->transaction));
	peer_send_raw(p, msg, check_build(c, msg));
	d = peer_next(p, tap.bad < 3 ? 3000 : 20);
	n = check_answer(c, p->remote.ip, p->remote.family == 6, p->remote.port, want);
	CHECK(d, "%s: no answer", what);
	CHECK(!d || (d->len == n && !memcmp(d->octet, want, n)), "%s: another answer", what);
	free(d);
	after = leg_now(p);
	CHECK(after.stats.answered == before.stats.answered + 1 &&
	      after.stats.passed_up == before.stats.passed_up, "%s: %llu answered", what,
	      (unsigned long long)(after.stats.answered - before.stats.answered));
	CHECK(after.consent_known && after.consent_ms < 10000, "%s: consent %llu ms ago", what,
	      (unsigned long long)after.consent_ms);
}

/* It is left to the socket as it is, and nothing else happens. */
static void left(struct peer *p, int fd, const struct check *c, const struct endpoint *from,
		 const char *what)
{
	struct ksrtp_leg before = leg_now(p), after;
	uint8_t msg[CHECK_MAX], got[CHECK_MAX];
	size_t len = check_build(c, msg), n;

	CHECK(!net_send(-1, p->setup.link, from, &p->local, msg, len), "send");
	p->wire_sent++;
	n = read_up(fd, got, sizeof(got), tap.bad < 3 ? 3000 : 20);
	CHECK(n == len && !memcmp(got, msg, len), "%s: %zu of %zu octets came up", what, n, len);
	peer_expect_nothing(p, p, what);
	after = leg_now(p);
	CHECK(after.stats.passed_up == before.stats.passed_up + 1 &&
	      after.stats.answered == before.stats.answered, "%s: not passed up", what);
	CHECK(!memcmp(&before.remote, &after.remote, sizeof(before.remote)), "%s: the path moved",
	      what);
	CHECK(!before.consent_known || after.consent_ms >= before.consent_ms,
	      "%s: counts as consent", what);
}

static void checks(const struct setup *side)
{
	struct check c = usual;
	struct rtp r = { .ssrc = 1, .payload = 70 };
	struct endpoint from;
	struct peer *a, *b;
	struct call call;
	int fd;

	pair_open(&call, side, &side_b, &a, &b);
	fd = ksrtp_leg_socket(ksrtp, a->leg);
	CHECK(fd >= 0, "%s", ksrtp_error(ksrtp));
	left(a, fd, &c, &a->remote, "no ICE on the leg");
	CHECK(!leg_now(a).consent_known, "consent without ICE");
	ice(a, "host", PWD_1, "peer");
	answered(a, &c, "a check");
	c.use_candidate = true;
	answered(a, &c, "a nomination of the path in use");
	c.extra = 0x8022;
	c.extra_len = 13;
	answered(a, &c, "with SOFTWARE");

	from = a->remote;
	from.port++;
	left(a, fd, &c, &from, "from another port");
	from.port--;
	from.ip[from.family == 4 ? 3 : 15]++;
	left(a, fd, &c, &from, "from another address");
	c = usual;
#define LEFT(what, member, value) do {		\
	c.member = (value);			\
	left(a, fd, &c, &a->remote, what);	\
	c = usual;				\
} while (0)
	LEFT("wrong integrity", bad_integrity, true);
	LEFT("another password", pwd, PWD_2);
	LEFT("wrong fingerprint", bad_fingerprint, true);
	LEFT("no fingerprint", no_fingerprint, true);
	LEFT("no integrity", no_integrity, true);
	LEFT("no user name", no_username, true);
	LEFT("another user name", username, "host:reep");
	LEFT("an unknown attribute", extra, 0x7777);
	LEFT("a conflict of roles", controlled, true);
	LEFT("a response", method, 0x0101);
	answered(a, &c, "and one more");
	for (r.seq = 0; r.seq < 5; r.seq++)
		pass_rtp(a, b, &r, "media beside it");
	close(fd);
	call_close(&call);
	tap_end("E2,S2,S8", "checks of the path in use are answered, all others left to the agent, "
		"IPv%d", side->family == 6 ? 6 : 4);
}

#define BURST		65536
#define BURST_PART	64

/* Answers, and what was left to the agent. */
static void drain(struct peer *p, int fd, unsigned int *answers)
{
	uint8_t octets[CHECK_MAX];
	struct datagram *d;

	while ((d = peer_next(p, 0))) {
		++*answers;
		free(d);
	}
	while (recv(fd, octets, sizeof(octets), MSG_DONTWAIT) > 0)
		;
}

/* As many checks as there are, good or forged, beside media that goes on. */
static void burst(bool forged)
{
	struct rtp r = { .ssrc = 1, .payload = 70 };
	struct check c = usual;
	struct ksrtp_leg before, after;
	unsigned int i, j, answers = 0, passed = 0;
	uint8_t msg[CHECK_MAX];
	struct peer *a, *b;
	struct call call;
	size_t len;
	int fd;

	pair_open(&call, &side_a, &side_b, &a, &b);
	fd = ksrtp_leg_socket(ksrtp, a->leg);
	ice(a, "host", PWD_1, "peer");
	answered(a, &c, "before");
	pass_new_rtp(a, b, &r, "before");
	before = leg_now(a);
	c.bad_integrity = forged;
	c.use_candidate = true;
	len = check_build(&c, msg);
	for (i = 0; i < BURST / BURST_PART; i++) {
		for (j = 0; j < BURST_PART; j++)
			peer_send_raw(a, msg, len);
		r.seq++;
		passed += pass_rtp(a, b, &r, "media beside it");
		drain(a, fd, &answers);
	}
	peer_settle(a);
	drain(a, fd, &answers);
	after = leg_now(a);
	CHECK(passed == BURST / BURST_PART, "%u packets passed", passed);
	CHECK(after.stats.answered - before.stats.answered == (forged ? 0 : BURST) &&
	      after.stats.passed_up - before.stats.passed_up == (forged ? BURST : 0),
	      "%llu answered, %llu passed up",
	      (unsigned long long)(after.stats.answered - before.stats.answered),
	      (unsigned long long)(after.stats.passed_up - before.stats.passed_up));
	CHECK(answers <= (forged ? 0 : BURST), "%u answers", answers);
	CHECK(!memcmp(&before.remote, &after.remote, sizeof(before.remote)), "the path moved");
	c = usual;
	answered(a, &c, "behind it");
	close(fd);
	call_close(&call);
	tap_end("S7,S8,E2", "a burst of 64k %s checks costs no media, and each is counted",
		forged ? "forged" : "good");
}

static void restart(void)
{
	struct check first = usual, second = { .username = "tsoh:reep", .pwd = PWD_2 };
	struct peer *a, *b;
	struct call c;
	int fd;

	pair_open(&c, &side_a, &side_b, &a, &b);
	fd = ksrtp_leg_socket(ksrtp, a->leg);
	ice(a, "host", PWD_1, "peer");
	answered(a, &first, "before");
	ice(a, "tsoh", PWD_2, "reep");
	answered(a, &first, "until the new ones are used");
	answered(a, &second, "the new ones");
	left(a, fd, &first, &a->remote, "the old ones afterwards");
	answered(a, &second, "the new ones again");
	CHECK(set_ice(a, "host", "short", "peer") == -EINVAL &&
	      strstr(ksrtp_error(ksrtp), "ice-pwd"), "%s", ksrtp_error(ksrtp));
	CHECK(set_ice(a, "host", NULL, "peer") == -EINVAL &&
	      strstr(ksrtp_error(ksrtp), "together"), "%s", ksrtp_error(ksrtp));
	answered(a, &second, "after a refusal");
	close(fd);
	call_close(&c);
	tap_end("E2,S5", "an ICE restart loses no check: both credentials until the new are used");
}

static int count_event(const struct ksrtp_event *event, void *arg)
{
	unsigned int *n = arg;

	if (event->type == KSRTP_CMD_LEG_NO_CONSENT_NTF && event->leg_id == n[1])
		n[0]++;
	return 0;
}

/* Media to a leg that nobody answers for ends, and begins again with the next check. */
static void consent(uint32_t mode)
{
	struct setup sa = side_a, sb = side_b;
	struct rtp r = { .ssrc = 1, .payload = 70 };
	uint8_t p[PACKET_MAX], wire[PACKET_MAX + GROWTH_MAX] __attribute__((aligned(8)));
	struct check c = usual;
	struct ksrtp *events;
	struct peer *a, *b;
	struct call call;
	unsigned int told[2] = { 0, 0 };
	uint64_t end;
	size_t n;

	CHECK(!net_command("sysctl -qw net.ksrtp.consent_timeout=2"), "sysctl");
	CHECK(!ksrtp_events_open(&events), "%s", ksrtp_error(NULL));
	sa.no_rx_key = sb.no_tx_key = sa.no_tx_key = sb.no_rx_key = mode == KSRTP_MODE_E2EE;
	call_open(&call, mode);
	a = peer_open(&call, &sa);
	b = peer_open(&call, &sb);
	route_open(&call, a, b, BOTH);
	route_open(&call, b, a, BOTH);
	ice(b, "host", PWD_1, "peer");
	told[1] = b->leg;
	answered(b, &c, "a check");
	peer_send(a, false, p, rtp_build(&r, p));
	free(peer_next(b, 3000));
	end = now_ms() + LONG_MS;
	while (leg_now(b).consent_ms < 2500 && now_ms() < end)
		usleep(100000);
	r.seq++;
	n = peer_protect(a, false, p, rtp_build(&r, p), wire);
	refuse_raw(a, b, wire, n, KSRTP_REASON_TX_NO_CONSENT, "without consent");
	CHECK(route_dropped(call.routes[0], KSRTP_REASON_TX_NO_CONSENT) == 1, "on the route");
	while (!told[0] && now_ms() < end) {
		ksrtp_events_read(events, count_event, told);
		usleep(100000);
	}
	/* Two more looks of the watch, which must not tell it again. */
	end = now_ms() + 11000;
	while (now_ms() < end) {
		ksrtp_events_read(events, count_event, told);
		usleep(200000);
	}
	CHECK(told[0] == 1, "told %u times", told[0]);
	r.seq++;
	answered(b, &c, "a check again");
	n = peer_protect(a, false, p, rtp_build(&r, p), wire);
	peer_send_raw(a, wire, n);
	free(peer_next(b, 3000));
	CHECK(leg_now(a).stats.forwarded == 2, "it does not go on");
	ksrtp_close(events);
	CHECK(!net_command("sysctl -qw net.ksrtp.consent_timeout=30"), "sysctl");
	call_close(&call);
	tap_end("E2,S8", "sending ends without consent, is told once, and begins again: %s",
		ksrtp_mode_name(mode));
}

void media_tests(void)
{
	struct setup side_a6 = side_a;

	side_a6.family = 6;
	checks(&side_a);
	checks(&side_a6);
	burst(true);
	burst(false);
	restart();
	consent(KSRTP_MODE_TRANSPORT);
	consent(KSRTP_MODE_E2EE);
}

void media_tests_once(void)
{
	CHECK(net_command("sysctl -qw net.ksrtp.consent_timeout=31 2>/dev/null") &&
	      net_command("sysctl -qw net.ksrtp.consent_timeout=0 2>/dev/null"),
	      "more than 30 s, or none");
	tap_end("E2", "consent lasts for at most 30 s");
}
