// SPDX-License-Identifier: GPL-2.0
/* Every SSRC and sequence number in RTCP, and nothing else, is given to the map. */
#include <ksrtp/wire.h>
#include "core/packet.h"
#include "core/rtcp.h"
#include "exact.h"
#include "random.h"
#include "tap.h"
#include "core.h"
#include "rtcp_compound.h"

#define SENDER	0x11111111u
#define TARGET	0x22222222u

struct seen {
	unsigned int senders, targets, others, numbers;
};

/* Each gets another number by its role. */
static int replace_sender(void *arg, u32 *ssrc)
{
	struct seen *seen = arg;

	seen->others += *ssrc != SENDER;
	seen->senders += *ssrc == SENDER;
	if (*ssrc == SENDER)
		*ssrc = 0x33333333;
	return 0;
}

static void *replace_target(void *arg, u32 *ssrc)
{
	struct seen *seen = arg;

	seen->others += *ssrc != TARGET;
	seen->targets += *ssrc == TARGET;
	if (*ssrc != TARGET)
		return NULL;
	*ssrc = 0x44444444;
	return seen;
}

static u32 keep_number(void *arg, void *target, u32 number)
{
	struct seen *seen = arg;

	CHECK(target == seen, "the numbers of nobody");
	seen->numbers++;
	return number;
}

static int map(const u8 *data, size_t len, u8 *out, struct seen *seen)
{
	const struct ksrtp_rtcp_map m = {
		.sender = replace_sender, .target = replace_target, .number = keep_number,
		.arg = seen,
	};
	u8 *p = exact_new(data, len);
	int err = ksrtp_rtcp_rewrite(p, len, &m);

	memcpy(out, p, len);
	exact_free(p);
	return err;
}

static void everything(void)
{
	u8 in[COMPOUND_MAX], want[COMPOUND_MAX], got[COMPOUND_MAX];
	size_t len = compound_make(in, SENDER, TARGET);
	struct seen seen = { 0 };
	struct ksrtp_rtcp rtcp;

	compound_make(want, 0x33333333, 0x44444444);
	CHECK(len <= COMPOUND_MAX, "%zu octets", len);
	CHECK(ksrtp_rtcp_parse(in, len, &rtcp) == 0, "the compound is none");
	CHECK(map(in, len, got, &seen) == 0, "refused");
	CHECK(!memcmp(got, want, len), "octets");
	CHECK(seen.senders == 20 && seen.targets == 27, "%u senders, %u targets", seen.senders,
	      seen.targets);
	/* The zeroes of TMMBR, TMMBN, FIR, TSTR, TSTN, VBCM and REMB name nobody. */
	CHECK(!seen.others, "%u others", seen.others);
	tap_end("D4,S3", "rtcp map: SR, RR, SDES, BYE, APP, feedback, XR: every SSRC, nothing else");
}

/* -- sequence numbers */

#define SHIFT	0xfffe8003u	/* what is added: a borrow from the cycles too */

static unsigned int asked;

static int keep(void *arg, u32 *ssrc)
{
	(void)arg;
	(void)ssrc;
	return 0;
}

static void *find(void *arg, u32 *ssrc)
{
	(void)arg;
	CHECK(*ssrc == TARGET || *ssrc == COMPOUND_FILL, "%08x is no target", *ssrc);
	return *ssrc == TARGET ? &asked : NULL;
}

static u32 shift(void *arg, void *target, u32 number)
{
	(void)arg;
	CHECK(target == &asked, "of another target");
	asked++;
	return number + SHIFT;
}

/* Puts @range, a first number and the one behind the last, where XR has ranges. */
static size_t numbered(u8 *p, u32 highest, u32 nack, u32 range)
{
	struct compound c = { .p = p, .sender = SENDER, .target = TARGET };

	compound_head(&c, 2, 200, 18);		/* SR, one block about another, one about it */
	compound_fill(&c, 5);
	compound_fill(&c, 6);
	compound_target(&c, 1);
	compound_word(&c, highest);
	compound_fill(&c, 3);
	compound_head(&c, 1, 201, 7);		/* RR */
	compound_target(&c, 1);
	compound_word(&c, highest);
	compound_fill(&c, 3);
	compound_head(&c, 1, 205, 4);		/* NACK of two */
	compound_target(&c, 0);
	compound_word(&c, nack);
	compound_word(&c, nack);
	compound_head(&c, 11, 205, 14);		/* congestion control: nine, of another two, none */
	compound_target(&c, 0);
	compound_word(&c, (range & 0xffff0000) | 9);
	compound_fill(&c, 5);
	compound_word(&c, COMPOUND_FILL);
	compound_word(&c, 0x12340002);
	compound_fill(&c, 1);
	compound_target(&c, 0);
	compound_word(&c, range & 0xffff0000);
	compound_fill(&c, 1);
	compound_head(&c, 15, 205, 4);		/* transport-wide numbers are no sequence numbers */
	compound_target(&c, 2);
	compound_head(&c, 1, 206, 2);		/* PLI has the NACK's format, and no number */
	compound_target(&c, 0);
	compound_head(&c, 0, 207, 26);		/* XR */
	compound_word(&c, 0x01000003);		/* loss RLE */
	compound_target(&c, 0);
	compound_word(&c, range);
	compound_fill(&c, 1);
	compound_word(&c, 0x02000002);		/* duplicate RLE */
	compound_target(&c, 0);
	compound_word(&c, range);
	compound_word(&c, 0x03000003);		/* receipt times */
	compound_target(&c, 0);
	compound_word(&c, range);
	compound_fill(&c, 1);
	compound_word(&c, 0x06000003);		/* statistics, cut after a word of them */
	compound_target(&c, 0);
	compound_word(&c, range);
	compound_fill(&c, 1);
	compound_word(&c, 0x07000003);		/* VoIP metrics, cut: no range */
	compound_target(&c, 2);
	compound_word(&c, 0x0e000004);		/* measurement information, cut */
	compound_target(&c, 0);
	compound_word(&c, nack >> 16);
	compound_word(&c, highest - 0x20000);
	compound_word(&c, highest);
	compound_word(&c, 0x05000000);
	return (size_t)(c.p - p);
}

static void numbers(void)
{
	const struct ksrtp_rtcp_map m = { .sender = keep, .target = find, .number = shift };
	u8 in[COMPOUND_MAX], want[COMPOUND_MAX];
	size_t len = numbered(in, 0x00071000, 0x0005aaaa, 0xfffb0004), i;
	u8 *p = exact_new(in, len);

	/* The range of nine keeps its length over the wrap. */
	numbered(want, 0x00059003, 0x8008aaaa, 0x7ffe8007);
	CHECK(!ksrtp_rtcp_rewrite(p, len, &m), "refused");
	for (i = 0; i < len && p[i] == want[i]; i++)
		;
	CHECK(i == len, "octet %zu is %02x, not %02x", i, p[i], want[i]);
	CHECK(asked == 11, "%u numbers", asked);
	exact_free(p);
	/* A range has to be there. */
	put_unaligned_be32(0x80cf0003, in);
	put_unaligned_be32(SENDER, in + 4);
	put_unaligned_be32(0x06000001, in + 8);
	put_unaligned_be32(TARGET, in + 12);
	p = exact_new(in, 16);
	CHECK(ksrtp_rtcp_rewrite(p, 16, &m) == -EINVAL, "statistics of nothing");
	exact_free(p);
	tap_end("D4,S3", "rtcp map: numbers of report blocks, NACK and XR, of their target, nothing else");
}

/* Cut at a word, the last packet's length made to fit: refused, or mapped as far as it goes. */
static void truncations(void)
{
	u8 in[COMPOUND_MAX], got[COMPOUND_MAX];
	size_t len = compound_make(in, SENDER, TARGET), at, n, cut, refused = 0, taken = 0;
	struct seen seen = { 0 };
	int err;

	for (n = 0; n < len; n++) {
		for (at = 0; at + 4 <= n; at += cut) {
			cut = 4 * ((size_t)get_unaligned_be16(in + at + 2) + 1);
			if (at + cut > n)
				break;
		}
		err = map(in, n, got, &seen);
		CHECK(err == (at == n ? 0 : -EINVAL), "%zu octets: %d", n, err);
	}
	for (at = 0; at < len; at += cut) {
		cut = 4 * ((size_t)get_unaligned_be16(in + at + 2) + 1);
		for (n = 4; n < cut; n += 4) {
			u8 one[COMPOUND_MAX];

			memcpy(one, in + at, n);
			put_unaligned_be16((u16)(n / 4 - 1), one + 2);
			err = map(one, n, got, &seen);
			CHECK(err == 0 || err == -EINVAL, "%d", err);
			refused += err != 0;
			taken += err == 0;
		}
	}
	CHECK(refused > 90 && taken > 20, "%zu refused, %zu taken", refused, taken);
	tap_end("S7", "rtcp map: every truncation, also with a length that fits");
}

static const struct row {
	const char *what;
	u8 octets[32];
	size_t len;
	int err;
} rows[] = {
	{ "SR without sender info", { 0x80, 200, 0, 1, 1, 2, 3, 4 }, 8, -EINVAL },
	{ "RR that promises a block", { 0x81, 201, 0, 1, 1, 2, 3, 4 }, 8, -EINVAL },
	{ "RR of 31 blocks", { 0x9f, 201, 0, 1, 1, 2, 3, 4 }, 8, -EINVAL },
	{ "RR of no octet", { 0x80, 201, 0, 0 }, 4, -EINVAL },
	{ "SDES of no chunk", { 0x80, 202, 0, 0 }, 4, -EINVAL },
	{ "SDES of no chunk, with octets where the SSRC is", { 0x80, 202, 0, 1, 1, 2, 3, 4 }, 8, -EINVAL },
	{ "SDES of no chunk behind an RR",
	  { 0x80, 201, 0, 1, 1, 2, 3, 4, 0x80, 202, 0, 0 }, 12, 0 },
	{ "SDES chunk without an end", { 0x81, 202, 0, 2, 1, 2, 3, 4, 1, 2, 'a', 'b' }, 12, -EINVAL },
	{ "SDES item past the end", { 0x81, 202, 0, 2, 1, 2, 3, 4, 1, 3, 'a', 'b' }, 12, -EINVAL },
	{ "SDES item of 255", { 0x81, 202, 0, 2, 1, 2, 3, 4, 1, 255, 'a', 'b' }, 12, -EINVAL },
	{ "SDES item without a length", { 0x81, 202, 0, 2, 1, 2, 3, 4, 1, 1, 'a', 2 }, 12, -EINVAL },
	{ "SDES chunk of an SSRC alone", { 0x81, 202, 0, 1, 1, 2, 3, 4 }, 8, -EINVAL },
	{ "SDES that promises two", { 0x82, 202, 0, 2, 1, 2, 3, 4, 0, 0, 0, 0 }, 12, -EINVAL },
	{ "SDES item to the last octet but one",
	  { 0x81, 202, 0, 2, 1, 2, 3, 4, 1, 1, 'a', 0 }, 12, 0 },
	{ "BYE of nobody", { 0x80, 203, 0, 0 }, 4, -EINVAL },
	{ "BYE of nobody, for a reason", { 0x80, 203, 0, 1, 3, 'e', 'n', 'd' }, 8, -EINVAL },
	{ "BYE of nobody behind an RR, for a reason",
	  { 0x80, 201, 0, 1, 1, 2, 3, 4, 0x80, 203, 0, 1, 3, 'e', 'n', 'd' }, 16, 0 },
	{ "BYE of one, all but the header padding", { 0xa1, 203, 0, 1, 1, 2, 3, 4 }, 8, -EINVAL },
	{ "BYE that promises one", { 0x81, 203, 0, 0 }, 4, -EINVAL },
	{ "APP without an SSRC", { 0x80, 204, 0, 0 }, 4, -EINVAL },
	{ "APP without an SSRC behind an RR",
	  { 0x80, 201, 0, 1, 1, 2, 3, 4, 0x80, 204, 0, 0 }, 12, 0 },
	{ "feedback without a media source", { 0x81, 205, 0, 1, 1, 2, 3, 4 }, 8, -EINVAL },
	{ "FIR of nobody", { 0x84, 206, 0, 2, 1, 2, 3, 4, 0, 0, 0, 0 }, 12, 0 },
	{ "REMB that promises 255",
	  { 0x8f, 206, 0, 4, 1, 2, 3, 4, 0, 0, 0, 0, 'R', 'E', 'M', 'B', 255, 0, 0, 0 }, 20, -EINVAL },
	{ "REMB of padding", { 0xaf, 206, 0, 5, 1, 2, 3, 4, 0, 0, 0, 0, 'R', 'E', 'M', 'B', 1, 0, 0, 0,
			       0, 0, 0, 4 }, 24, -EINVAL },
	{ "VBCM longer than its packet",
	  { 0x87, 206, 0, 5, 1, 2, 3, 4, 0, 0, 0, 0, 1, 2, 3, 4, 0, 96, 0, 5, 0, 0, 0, 0 }, 24, -EINVAL },
	{ "VBCM of an SSRC alone",
	  { 0x87, 206, 0, 3, 1, 2, 3, 4, 0, 0, 0, 0, 1, 2, 3, 4 }, 16, -EINVAL },
	{ "congestion control of no stream", { 0x8b, 205, 0, 2, 1, 2, 3, 4, 0, 0, 0, 0 }, 12, 0 },
	{ "congestion control of no stream, padded",
	  { 0xab, 205, 0, 3, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 4 }, 16, 0 },
	{ "congestion control of an SSRC alone",
	  { 0x8b, 205, 0, 3, 1, 2, 3, 4, 1, 2, 3, 4, 0, 0, 0, 0 }, 16, -EINVAL },
	{ "congestion control that promises one number",
	  { 0x8b, 205, 0, 4, 1, 2, 3, 4, 1, 2, 3, 4, 0, 1, 0, 1, 0, 0, 0, 0 }, 20, -EINVAL },
	{ "congestion control that promises 65,535",
	  { 0x8b, 205, 0, 4, 1, 2, 3, 4, 1, 2, 3, 4, 0, 1, 255, 255, 0, 0, 0, 0 }, 20, -EINVAL },
	{ "XR without an SSRC", { 0x80, 207, 0, 0 }, 4, -EINVAL },
	{ "XR block past the end", { 0x80, 207, 0, 2, 1, 2, 3, 4, 4, 0, 0, 1 }, 12, -EINVAL },
	{ "XR statistics of nobody", { 0x80, 207, 0, 2, 1, 2, 3, 4, 6, 0, 0, 0 }, 12, -EINVAL },
	{ "XR delay of nobody", { 0x80, 207, 0, 2, 1, 2, 3, 4, 16, 0, 0, 0 }, 12, -EINVAL },
	{ "XR synchronization of nobody",
	  { 0x80, 207, 0, 4, 1, 2, 3, 4, 12, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0 }, 20, -EINVAL },
	{ "XR discard RLE without a range",
	  { 0x80, 207, 0, 3, 1, 2, 3, 4, 25, 0, 0, 1, 1, 2, 3, 4 }, 16, -EINVAL },
	{ "XR measurement without its last number",
	  { 0x80, 207, 0, 5, 1, 2, 3, 4, 14, 0, 0, 3, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0 }, 24, -EINVAL },
	{ "XR DLRR of nobody", { 0x80, 207, 0, 2, 1, 2, 3, 4, 5, 0, 0, 0 }, 12, 0 },
	{ "a length past the end", { 0x80, 201, 0, 2, 1, 2, 3, 4 }, 8, -EINVAL },
	{ "three octets", { 0x80, 201, 0 }, 3, -EINVAL },
	{ "nothing", { 0 }, 0, 0 },
};

static void table(void)
{
	struct seen seen = { 0 };
	u8 got[COMPOUND_MAX];
	unsigned int i;
	int err;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		err = map(rows[i].octets, rows[i].len, got, &seen);
		CHECK(err == rows[i].err, "row %u, %s: %d", i, rows[i].what, err);
		CHECK(!memcmp(got, rows[i].octets, rows[i].len), "row %u, %s: octets", i,
		      rows[i].what);
	}
	tap_end("S7", "rtcp map: %u packets whose contents lie, or only look so", i);
}

/* -- how much is done for one packet */

#define DATAGRAM_MAX	65507
#define UNKNOWN		0x55555555u

static u8 large[DATAGRAM_MAX];

/* A map of @large that looks at @targets, or at none. */
static int map_large(size_t len, bool targets, struct seen *seen)
{
	const struct ksrtp_rtcp_map m = {
		.sender = replace_sender, .target = targets ? replace_target : NULL,
		.number = keep_number, .arg = seen,
	};

	CHECK(len <= sizeof(large), "%zu octets", len);
	memset(seen, 0, sizeof(*seen));
	return ksrtp_rtcp_rewrite(large, len, &m);
}

static size_t make_nack(u32 target, u32 words)
{
	struct compound c = { .p = large, .sender = SENDER, .target = target };

	compound_head(&c, 1, 205, words + 2);
	compound_target(&c, (int)words);
	return (size_t)(c.p - large);
}

static void add_remb(struct compound *c, u32 n)
{
	u32 i;

	compound_head(c, 15, 206, n + 4);
	compound_word(c, 0);
	compound_word(c, 0x52454d42);
	compound_word(c, n << 24);
	for (i = 0; i < n; i++)
		compound_target(c, 0);
}

/* A report of 31 blocks. */
static void add_report(struct compound *c, u32 type, int info)
{
	int i;

	compound_head(c, 31, type, (u32)(1 + info + 31 * 6));
	compound_fill(c, info);
	for (i = 0; i < 31; i++)
		compound_target(c, 5);
}

/* All that one who hears 31 sources and is told of 255 may have to say at once. */
static size_t make_busy(void)
{
	struct compound c = { .p = large, .sender = SENDER, .target = TARGET };
	int i;

	add_report(&c, 200, 5);
	add_report(&c, 201, 0);
	add_report(&c, 201, 0);
	compound_head(&c, 31, 202, 31 * 2);
	for (i = 0; i < 31; i++) {
		compound_word(&c, SENDER);
		compound_word(&c, 0);
	}
	add_remb(&c, 255);
	return (size_t)(c.p - large);
}

static void bounds(void)
{
	struct compound c = { .p = large, .sender = SENDER, .target = TARGET };
	struct seen seen;
	int err;

	err = map_large(make_nack(TARGET, 300), true, &seen);
	CHECK(!err && seen.targets == 1 && seen.numbers == 300,
	      "NACK of 300: %d, %u looked up, %u numbers", err, seen.targets, seen.numbers);
	err = map_large(make_nack(TARGET, 16370), true, &seen);
	CHECK(err == -E2BIG && seen.targets == 1 && seen.numbers == KSRTP_RTCP_FIELDS_MAX - 2,
	      "NACK of 16370: %d, %u looked up, %u numbers", err, seen.targets, seen.numbers);
	err = map_large(make_nack(UNKNOWN, 16370), true, &seen);
	CHECK(!err && seen.others == 1 && !seen.numbers,
	      "NACK of 16370 of nobody's: %d, %u looked up, %u numbers", err, seen.others,
	      seen.numbers);
	err = map_large(make_nack(TARGET, 16370), false, &seen);
	CHECK(!err && seen.senders == 1 && !seen.targets && !seen.numbers,
	      "NACK of 16370, no targets: %d, %u looked up", err, seen.targets);

	err = map_large(make_busy(), true, &seen);
	CHECK(!err && seen.senders == 35 && seen.targets == 93 + 255 && seen.numbers == 93,
	      "a busy one: %d, %u, %u, %u", err, seen.senders, seen.targets, seen.numbers);
	while (c.p + 4 * (5 + 255) <= large + sizeof(large))
		add_remb(&c, 255);
	err = map_large((size_t)(c.p - large), true, &seen);
	CHECK(err == -E2BIG && seen.senders + seen.targets == KSRTP_RTCP_FIELDS_MAX,
	      "REMB of 255 each: %d, %u and %u looked up", err, seen.senders, seen.targets);
	for (c.p = large; c.p + 8 <= large + sizeof(large);)
		compound_head(&c, 0, 201, 1);
	err = map_large((size_t)(c.p - large), false, &seen);
	CHECK(err == -E2BIG && seen.senders == KSRTP_RTCP_FIELDS_MAX,
	      "RRs, no targets: %d, %u looked up", err, seen.senders);
	tap_end("S7", "rtcp map: the largest datagrams cost a bounded number of look-ups");
}

/* -- what must not leave */

static int refuse_other(void *arg, u32 *ssrc)
{
	(void)arg;
	return *ssrc == SENDER ? 0 : -EEXIST;
}

static void refusals(void)
{
	static const struct {
		const char *what;
		u8 octets[32];
		size_t len;
		int err;
	} behind[] = {
		{ "nothing", { 0 }, 0, 0 },
		{ "another's SR", { 0x80, 200, 0, 6, 1, 2, 3, 4 }, 28, -EEXIST },
		{ "another's SR without its sender info", { 0x80, 200, 0, 1, 1, 2, 3, 4 }, 8, -EEXIST },
		{ "another's RR of blocks that are not there", { 0x9f, 201, 0, 1, 1, 2, 3, 4 }, 8, -EEXIST },
		{ "another's chunk",
		  { 0x82, 202, 0, 4, 0x11, 0x11, 0x11, 0x11, 0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0 },
		  20, -EEXIST },
		{ "another's chunk without an end", { 0x81, 202, 0, 1, 1, 2, 3, 4 }, 8, -EEXIST },
		{ "another's BYE", { 0x81, 203, 0, 1, 1, 2, 3, 4 }, 8, -EEXIST },
		{ "a BYE that promises 31, one of them another's",
		  { 0x9f, 203, 0, 2, 0x11, 0x11, 0x11, 0x11, 1, 2, 3, 4 }, 12, -EEXIST },
		{ "a BYE behind an SDES that lies",
		  { 0x81, 202, 0, 1, 0x11, 0x11, 0x11, 0x11, 0x81, 203, 0, 1, 1, 2, 3, 4 }, 16, -EEXIST },
		{ "a BYE with impossible padding", { 0xa1, 203, 0, 1, 1, 2, 3, 3 }, 8, -EEXIST },
		{ "another's APP", { 0x80, 204, 0, 2, 1, 2, 3, 4, 'n', 'a', 'm', 'e' }, 12, -EEXIST },
		{ "another's feedback, cut", { 0x81, 205, 0, 1, 1, 2, 3, 4 }, 8, -EEXIST },
		{ "another's XR", { 0x80, 207, 0, 1, 1, 2, 3, 4 }, 8, -EEXIST },
		{ "another's of a type that nobody knows", { 0x80, 211, 0, 1, 1, 2, 3, 4 }, 8, -EEXIST },
		{ "a reason that is no SSRC", { 0x80, 203, 0, 1, 3, 'e', 'n', 'd' }, 8, 0 },
		{ "an own SDES that lies", { 0x81, 202, 0, 1, 0x11, 0x11, 0x11, 0x11 }, 8, -EINVAL },
	};
	static const u8 rr[] = { 0x80, 201, 0, 1, 0x11, 0x11, 0x11, 0x11 };
	const struct ksrtp_rtcp_map m = { .sender = refuse_other };
	u8 in[40], *p;
	unsigned int i;
	size_t len;
	int err;

	for (i = 0; i < sizeof(behind) / sizeof(behind[0]); i++) {
		len = sizeof(rr) + behind[i].len;
		memcpy(in, rr, sizeof(rr));
		memcpy(in + sizeof(rr), behind[i].octets, behind[i].len);
		p = exact_new(in, len);
		err = ksrtp_rtcp_rewrite(p, len, &m);
		CHECK(err == behind[i].err, "row %u, %s: %d", i, behind[i].what, err);
		CHECK(!memcmp(p, in, len), "row %u, %s: octets", i, behind[i].what);
		exact_free(p);
	}
	tap_end("S3,S7", "rtcp map: another's SSRC is found wherever a sender has its own");
}

/* An octet in the wrong place must not make it read or write past the end. */
static void noise(void)
{
	u8 in[COMPOUND_MAX], got[COMPOUND_MAX];
	size_t len = compound_make(in, SENDER, TARGET), n;
	struct seen seen = { 0 };
	uint64_t seed = 7;
	unsigned int i;
	int err = 0;

	for (i = 0; i < 20000; i++) {
		u8 bad[COMPOUND_MAX];

		memcpy(bad, in, len);
		for (n = 1 + random_below(&seed, 4); n; n--)
			bad[random_below(&seed, len)] = (u8)random_next(&seed);
		err = map(bad, len, got, &seen);
		CHECK(err == 0 || err == -EINVAL, "%d", err);
	}
	tap_end("S7", "rtcp map: 20000 compounds with octets changed at random");
}

void test_rtcp_map(void)
{
	everything();
	numbers();
	truncations();
	table();
	bounds();
	refusals();
	noise();
}
