// SPDX-License-Identifier: GPL-2.0
/*
 * Loss, jitter and round-trip time as the module tells them, from A's packets and B's
 * reports about them; B knows A's SSRC X as Y.
 *
 *	A (SSRC X) ---> host ---> B (SSRC Z)
 */
#include <string.h>
#include <time.h>

#include "../unit/tap.h"
#include "call.h"
#include "routes.h"

#define X	0x0a0b0c0du
#define Y	0x1a1b1c1du
#define Z	0x2a2b2c2du
#define KEPT_MS	50	/* how long B says that it kept the sender report */

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void sleep_ms(long ms)
{
	const struct timespec time = { .tv_nsec = ms * 1000000 };

	nanosleep(&time, NULL);
}

/* A sender report with this in the middle of its NTP time. */
static size_t sender_report(uint8_t *p, uint32_t sender, uint32_t ntp)
{
	size_t n = rtcp_sr(p, sender, NULL, 0);

	put16(p + 10, ntp >> 16);
	put16(p + 12, ntp & 0xffff);
	return n;
}

/* A report about @source: 25% and 70,000 lost, sequence number 2 * 2^16 + 9, jitter 480. */
static size_t report(uint8_t *p, uint32_t source, uint32_t lsr)
{
	size_t n = rtcp_rr(p, Z, &source, 1);

	put32(p + 12, 0x40000000 | 70000);
	put32(p + 16, 2 << 16 | 9);
	put32(p + 20, 480);
	put32(p + 24, lsr);
	put32(p + 28, KEPT_MS * 65536 / 1000);
	return n;
}

/* B reports about Y, and A hears of X. */
static void speak(struct peer *a, struct peer *b, uint32_t lsr)
{
	uint8_t p[PACKET_MAX], want[PACKET_MAX];
	size_t n = report(p, Y, lsr);

	peer_send(b, true, p, n);
	report(want, X, lsr);
	peer_expect(a, true, want, n, "the report");
}

static void quality(uint32_t suite_a, uint32_t suite_b, const char *what)
{
	struct ksrtp_route a_b = {
		.flags = BOTH, .ssrc_count = 1, .ssrc = { { .in = X, .out = Y } },
	};
	const struct setup side_a = { .link = LINK_A, .suite = suite_a };
	const struct setup side_b = { .link = LINK_B, .suite = suite_b, .family = 6 };
	struct rtp r = { .ssrc = X, .pt = 34, .payload = 50 }, leaves;
	static const uint16_t seqs[] = { 65530, 65531, 65534, 1 };	/* 4 of 8 */
	uint8_t p[PACKET_MAX], want[PACKET_MAX];
	uint64_t before, least, took;
	struct ksrtp_stream s;
	struct peer *a, *b;
	struct call c;
	unsigned int i;
	size_t n;

	call_open(&c, suite_a || suite_b ? KSRTP_MODE_TRANSPORT : KSRTP_MODE_NONE);
	a = peer_open(&c, &side_a);
	b = peer_open(&c, &side_b);
	route_add(&c, a, b, &a_b);
	route_open(&c, b, a, BOTH);
	for (i = 0; i < sizeof(seqs) / sizeof(seqs[0]); i++) {
		r.seq = seqs[i];
		leaves = r;
		leaves.ssrc = Y;
		n = rtp_build(&r, p);
		peer_send(a, false, p, n);
		rtp_build(&leaves, want);
		peer_expect(b, false, want, n, "media");
	}
	CHECK(stream_now(a, KSRTP_DIRECTION_RX, X, &s), "no receive stream");
	CHECK(s.has_lost == (suite_a != 0) && (!s.has_lost || s.lost == 4), "%llu lost on the way here",
	      (unsigned long long)s.lost);
	CHECK(!s.has_report && !s.has_rtt && !s.has_pt, "of a receive stream");
	CHECK(stream_now(b, KSRTP_DIRECTION_TX, X, &s), "no transmit stream");
	CHECK(!s.has_report && !s.has_rtt && !s.has_lost, "before the first report");
	CHECK(s.has_pt && s.pt == 34, "payload type %u", s.pt);

	/* The first report knows of no sender report of ours. */
	speak(a, b, 0x12345678);
	CHECK(stream_now(b, KSRTP_DIRECTION_TX, X, &s) && s.has_report && s.reports == 1, "%u reports",
	      s.reports);
	CHECK(s.report_fraction == 64 && s.report_lost == 70000 && s.report_highest == 0x20009 &&
	      s.report_jitter == 480, "%u/256, %d, %x, %u", s.report_fraction, s.report_lost,
	      s.report_highest, s.report_jitter);
	CHECK(!s.has_rtt, "%u us out of nothing", s.rtt_us);

	before = now_us();
	n = sender_report(p, X, 0x55667788);
	peer_send(a, true, p, n);
	sender_report(want, Y, 0x55667788);
	peer_expect(b, true, want, n, "the sender report");
	least = now_us();
	sleep_ms(KEPT_MS + 20);
	least = now_us() - least;
	speak(a, b, 0x55667788);
	took = now_us() - before;
	CHECK(stream_now(b, KSRTP_DIRECTION_TX, X, &s) && s.reports == 2, "%u reports", s.reports);
	CHECK(s.has_rtt && s.rtt_us >= least - KEPT_MS * 1000 && s.rtt_us <= took - KEPT_MS * 1000 + 20,
	      "%u us, of at least %llu and at most %llu", s.rtt_us,
	      (unsigned long long)least - KEPT_MS * 1000, (unsigned long long)took - KEPT_MS * 1000);
	took = (now_us() - before) / 1000;
	CHECK(s.report_age_ms <= took && s.rtt_age_ms <= took, "came %llu and %llu ms ago",
	      (unsigned long long)s.report_age_ms, (unsigned long long)s.rtt_age_ms);

	/* What nobody asked leaves what is known. */
	before = s.rtt_us;
	speak(a, b, 0x55667789);
	CHECK(stream_now(b, KSRTP_DIRECTION_TX, X, &s) && s.reports == 3 && s.has_rtt &&
	      s.rtt_us == before, "%u reports, %u us", s.reports, s.rtt_us);
	expect_datapath(a, b, 2);
	call_close(&c);
	tap_end("O4,D1", "%s: loss on the way here, the far end's report and the round-trip time, by the SSRC on the wire",
		what);
}

/* Recorded reports tell nothing a second time, forged ones nothing at all. */
static void refused(void)
{
	const struct setup side_a = { .link = LINK_A, .suite = KSRTP_SUITE_AEAD_AES_128_GCM };
	const struct setup side_b = { .link = LINK_B, .suite = KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80 };
	struct rtp r = { .ssrc = X, .seq = 1, .payload = 50 };
	uint8_t p[PACKET_MAX], wire[PACKET_MAX + 200];
	struct ksrtp_stream s;
	struct peer *a, *b;
	struct call c;
	size_t n, plain;

	pair_open(&c, &side_a, &side_b, &a, &b);
	pass_rtp(a, b, &r, "media");
	plain = report(p, X, 0);
	n = peer_protect(b, true, p, plain, wire);
	peer_send_raw(b, wire, n);
	peer_expect(a, true, p, plain, "the first time");
	refuse_raw(b, a, wire, n, KSRTP_REASON_REPLAY, "the same again");
	n = peer_protect(b, true, p, plain, wire);
	wire[n - 1] ^= 1;
	refuse_raw(b, a, wire, n, KSRTP_REASON_AUTH, "forged");
	CHECK(stream_now(b, KSRTP_DIRECTION_TX, X, &s) && s.reports == 1, "%u reports", s.reports);
	call_close(&c);
	tap_end("S2,O4", "forged and replayed reports are not read");
}

void quality_tests(void)
{
	quality(KSRTP_SUITE_AEAD_AES_128_GCM, KSRTP_SUITE_AEAD_AES_256_GCM, "GCM-128 to GCM-256");
	quality(KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80, KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32,
		"AES-CM to AES-CM");
	quality(KSRTP_SUITE_NONE, KSRTP_SUITE_AEAD_AES_128_GCM, "plain to GCM-128");
	quality(KSRTP_SUITE_NONE, KSRTP_SUITE_NONE, "plain to plain");
	refused();
}
