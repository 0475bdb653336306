// SPDX-License-Identifier: GPL-2.0
/* Sender and receiver reports: what is read of them, and the round-trip time. */
#include <ksrtp/wire.h>
#include "core/report.h"
#include "exact.h"
#include "random.h"
#include "tap.h"
#include "core.h"
#include "rtcp_compound.h"

#define SECOND	1000000000ULL
#define MS	1000000ULL

struct found {
	unsigned int senders, reports;
	u32 ssrc, ntp;
	struct ksrtp_report last;
};

static void take_sender(void *arg, u32 ssrc, u32 ntp)
{
	struct found *found = arg;

	found->senders++;
	found->ssrc = ssrc;
	found->ntp = ntp;
}

static void take_report(void *arg, const struct ksrtp_report *report)
{
	struct found *found = arg;

	found->reports++;
	found->last = *report;
}

static struct found read_all(const u8 *data, size_t len)
{
	struct found found = { 0 };
	const struct ksrtp_report_reader reader = { take_sender, take_report, &found };
	u8 *p = exact_new(data, len);

	ksrtp_rtcp_read(p, len, &reader);
	CHECK(!memcmp(p, data, len), "octets changed");
	exact_free(p);
	return found;
}

/* From RFC 3550, section 6.4.1: 5,000 ms are 0x0005:4000; LSR is 0xb705:2000. */
static const u8 sr[] = {
	0x81, 200, 0, 12, 0x11, 0x22, 0x33, 0x44,
	0xb4, 0x4d, 0xb7, 0x05, 0x20, 0x00, 0x10, 0x20,	/* NTP */
	0, 0, 1, 2, 0, 0, 0, 3, 0, 0, 0, 4,
	0xaa, 0xbb, 0xcc, 0xdd, 0x40, 0xff, 0xff, 0xfe, 0x00, 0x01, 0x02, 0x03,
	0x00, 0x00, 0x01, 0x40, 0xb7, 0x05, 0x20, 0x00, 0x00, 0x05, 0x40, 0x00,
};

static void fields(void)
{
	static const struct {
		u32 word;
		u8 fraction;
		s32 lost;
	} rows[] = {
		{ 0x00000000, 0, 0 }, { 0x00000001, 0, 1 }, { 0xff7fffff, 255, 8388607 },
		{ 0x80800000, 128, -8388608 }, { 0x01ffffff, 1, -1 },
	};
	struct found f = read_all(sr, sizeof(sr));
	u8 p[sizeof(sr)];
	unsigned int i;

	CHECK(f.senders == 1 && f.ssrc == 0x11223344 && f.ntp == 0xb7052000, "%u, %x, %x", f.senders,
	      f.ssrc, f.ntp);
	CHECK(f.reports == 1 && f.last.ssrc == 0xaabbccdd && f.last.fraction == 64 &&
	      f.last.lost == -2 && f.last.highest == 0x10203 && f.last.jitter == 320 &&
	      f.last.lsr == 0xb7052000 && f.last.dlsr == 0x54000, "%u, %d, %x", f.reports,
	      f.last.lost, f.last.highest);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memcpy(p, sr, sizeof(sr));
		put_unaligned_be32(rows[i].word, p + 32);
		f = read_all(p, sizeof(p));
		CHECK(f.last.fraction == rows[i].fraction && f.last.lost == rows[i].lost,
		      "row %u: %u, %d", i, f.last.fraction, f.last.lost);
	}
	tap_end("O4", "rtcp reports: every field, lost as 24 bits with a sign");
}

/* What lies about its length or count ends the reading, what came before it counts. */
static void lies(void)
{
	u8 p[COMPOUND_MAX], two[2 * sizeof(sr)];
	size_t len = compound_make(p, 1, 2), n;
	struct found f = read_all(p, len);

	CHECK(f.senders == 1 && f.reports == 3, "of everything: %u, %u", f.senders, f.reports);
	for (n = 0; n < sizeof(sr); n++) {
		f = read_all(sr, n);
		CHECK(!f.senders && !f.reports, "%zu octets: %u, %u", n, f.senders, f.reports);
	}
	/* The second one's count promises more blocks than there are. */
	memcpy(two, sr, sizeof(sr));
	memcpy(two + sizeof(sr), sr, sizeof(sr));
	two[sizeof(sr)] = 0x9f;
	f = read_all(two, sizeof(two));
	CHECK(f.senders == 2 && f.reports == 1, "a count that lies: %u, %u", f.senders, f.reports);
	/* A length without room for the sender info. */
	put_unaligned_be16(5, two + sizeof(sr) + 2);
	f = read_all(two, sizeof(sr) + 24);
	CHECK(f.senders == 1 && f.reports == 1, "a length that lies: %u, %u", f.senders, f.reports);
	tap_end("S7,O4", "rtcp reports: cut and lying ones are not read");
}

static void bounds(void)
{
	static u8 p[65536];
	struct found f;
	size_t at, n;

	/* RRs of 31 blocks */
	n = 8 + 31 * 24;
	for (at = 0; at + n <= 65000; at += n) {
		put_unaligned_be32(0x9fc90000 | (u32)(n / 4 - 1), p + at);
		p[at + n - 1] = 1;
	}
	f = read_all(p, at);
	CHECK(f.reports == KSRTP_REPORTS_MAX, "%u reports", f.reports);
	for (at = 0; at + 28 <= 65000; at += 28)
		put_unaligned_be32(0x80c80006, p + at);
	f = read_all(p, at);
	CHECK(f.senders == KSRTP_REPORTS_MAX, "%u senders", f.senders);
	tap_end("S7", "rtcp reports: the largest datagram costs a bounded number of look-ups");
}

static u32 ntp(u32 seconds, u32 ms)
{
	return seconds << 16 | ms * 65536 / 1000;
}

static struct ksrtp_report answer(u32 lsr, u32 dlsr)
{
	return (struct ksrtp_report){ .ssrc = 1, .lsr = lsr, .dlsr = dlsr };
}

static void round_trip(void)
{
	struct ksrtp_quality q = { 0 };
	u64 now = 1000 * SECOND, then;
	struct ksrtp_report r;
	unsigned int i;

	/* The example of RFC 3550: 6.125 s less the 5.25 s that it was kept. */
	ksrtp_quality_sent(&q, 0xb7052000, now);
	r = answer(0xb7052000, 0x54000);
	ksrtp_quality_report(&q, &r, now + 6125 * MS);
	CHECK(q.rtt_us == 875000 && q.rtt_at == now + 6125 * MS, "%u us", q.rtt_us);
	CHECK(q.reports == 1 && q.at == q.rtt_at, "%u reports", q.reports);

	/* Of the last ones each can be answered, of those before none. */
	memset(&q, 0, sizeof(q));
	for (i = 0; i <= KSRTP_REPORT_SENT; i++)
		ksrtp_quality_sent(&q, ntp(i + 1, 0), now + i * SECOND);
	for (i = 0; i <= KSRTP_REPORT_SENT; i++) {
		then = now + i * SECOND + 7 * MS;
		q.rtt_at = 0;
		r = answer(ntp(i + 1, 0), 0);
		ksrtp_quality_report(&q, &r, then);
		CHECK(i ? q.rtt_at == then && q.rtt_us == 7000 : !q.rtt_at, "answer %u: %u us", i,
		      q.rtt_us);
	}
	tap_end("O4", "round-trip time: the RFC's example, and answers to the last four sender reports");
}

static void distrust(void)
{
	static const struct {
		const char *what;
		u32 lsr, dlsr;
		u64 after;
		s64 rtt_us;	/* -1: none */
	} rows[] = {
		{ "no sender report yet", 0, 0, 20 * MS, -1 },
		{ "a time that we never sent", 0x12345678, 0, 20 * MS, -1 },
		{ "a delay longer than it took", 0x10000, 0x8000, 20 * MS, -1 },
		{ "the longest delay", 0x10000, 0xffffffff, 20 * MS, -1 },
		{ "by what clocks may differ", 0x10000, 0x8000, 500 * MS - 900000, 0 },
		{ "by more than that", 0x10000, 0x8000, 500 * MS - 1100000, -1 },
		{ "half a minute", 0x10000, 0, 30 * SECOND, 30000000 },
		{ "longer", 0x10000, 0, 30 * SECOND + 1, -1 },
		{ "a day later", 0x10000, 0, 86400 * SECOND, -1 },
		{ "an honest one", 0x10000, 0x8000, 520 * MS, 20000 },
	};
	unsigned int i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ksrtp_quality q = { 0 };
		struct ksrtp_report r = answer(rows[i].lsr, rows[i].dlsr);

		ksrtp_quality_sent(&q, 0, 4 * SECOND);	/* of a sender without a clock */
		ksrtp_quality_sent(&q, 0x10000, 5 * SECOND);
		ksrtp_quality_report(&q, &r, 5 * SECOND + rows[i].after);
		CHECK(q.rtt_at ? rows[i].rtt_us == q.rtt_us : rows[i].rtt_us < 0, "%s: %u us",
		      rows[i].what, q.rtt_us);
		CHECK(q.reports == 1 && q.at, "%s: not counted", rows[i].what);
	}
	tap_end("S7,O4", "round-trip time: none of what is unknown, negative or absurd");
}

void test_report(void)
{
	fields();
	lies();
	bounds();
	round_trip();
	distrust();
}
