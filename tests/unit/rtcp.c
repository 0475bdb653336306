// SPDX-License-Identifier: GPL-2.0
/* RTCP (RFC 3550, 5506) and SRTCP (RFC 7714, section 9). */
#include <ksrtp/wire.h>
#include "core/packet.h"
#include "exact.h"
#include "tap.h"
#include "core.h"

#define MAX_DATAGRAM	65535
#define SSRC		0x4d617273u
#define TAG		16

static u8 buf[MAX_DATAGRAM + 1];

/* SRTCP of @body octets after the first eight, in buf; returns its length. */
static size_t secured(size_t body, size_t tag, u32 word, size_t mki)
{
	memset(buf, 0xaa, sizeof(buf));
	buf[0] = 0x81;
	buf[1] = 200;
	put_unaligned_be32(SSRC, buf + 4);
	put_unaligned_be32(word, buf + 8 + body + tag);
	return 8 + body + tag + 4 + mki;
}

static int parse_secured(size_t len, size_t tag, size_t mki, struct ksrtp_rtcp *rtcp)
{
	u8 *p = exact_new(buf, len);
	int err = ksrtp_srtcp_parse(p, len, tag, mki, true, rtcp);

	exact_free(p);
	return err;
}

static void srtcp(void)
{
	static const size_t mkis[] = { 0, 1, 4, 128 };
	static const u32 words[] = { 0, 1, 0x5d4, 0x7fffffff, 0x80000000, 0x800005d4, 0xffffffff };
	struct ksrtp_rtcp rtcp;
	unsigned int m, i;
	size_t body, len, n;
	int err;

	for (m = 0; m < sizeof(mkis) / sizeof(mkis[0]); m++)
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			for (body = 0; body <= 64; body++) {
				len = secured(body, TAG, words[i], mkis[m]);
				memset(&rtcp, 0, sizeof(rtcp));
				err = parse_secured(len, TAG, mkis[m], &rtcp);
				CHECK(err == 0, "MKI %zu, body %zu: %d", mkis[m], body, err);
				CHECK(rtcp.ssrc == SSRC && rtcp.word == words[i] && rtcp.body_len == body,
				      "MKI %zu, body %zu: SSRC %x, word %x, body %u", mkis[m], body,
				      rtcp.ssrc, rtcp.word, rtcp.body_len);
			}
	tap_end("D1", "srtcp: parts found, with and without E bit, body and MKI");

	for (m = 0; m < sizeof(mkis) / sizeof(mkis[0]); m++) {
		len = secured(0, TAG, 1, mkis[m]);
		for (n = 0; n < len; n++)
			CHECK(parse_secured(n, TAG, mkis[m], &rtcp) == -EINVAL, "MKI %zu, length %zu",
			      mkis[m], n);
	}
	len = secured(0, TAG, 1, 0);
	CHECK(parse_secured(len, TAG, 1, &rtcp) == -EINVAL, "an MKI that is not there");
	CHECK(parse_secured(len, SIZE_MAX, 0, &rtcp) == -EINVAL, "a tag without measure");
	CHECK(parse_secured(len, TAG, SIZE_MAX, &rtcp) == -EINVAL, "an MKI without measure");
	CHECK(parse_secured(len, SIZE_MAX, SIZE_MAX, &rtcp) == -EINVAL, "both");
	secured(0, TAG, 1, 0);
	CHECK(parse_secured(MAX_DATAGRAM, TAG, 0, &rtcp) == 0, "the longest datagram");
	CHECK(rtcp.body_len == MAX_DATAGRAM - 28, "body %u", rtcp.body_len);
	CHECK(parse_secured(MAX_DATAGRAM + 1, TAG, 0, &rtcp) == -EINVAL, "one octet more");
	for (i = 0; i < 4; i++) {
		len = secured(20, TAG, 1, 0);
		buf[0] = (u8)(i << 6 | 1);
		CHECK(parse_secured(len, TAG, 0, &rtcp) == (i == 2 ? 0 : -EINVAL), "version %u", i);
	}
	tap_end("D1", "srtcp: every length too short, lengths that lie, versions");
}

/* One packet of a compound: first octet, length field, octets that there are. */
struct part {
	u8 first;
	u16 words;
	size_t octets;
	u8 last;	/* value of the last octet, where padding is counted */
};

#define END	{ 0, 0, 0, 0 }

static const struct row {
	const char *what;
	struct part parts[5];
	bool ok;
} rows[] = {
	{ "receiver report", { { 0x80, 1, 8, 0 }, END }, true },
	{ "sender report", { { 0x80, 6, 28, 0 }, END }, true },
	{ "SR, SDES, BYE", { { 0x81, 12, 52, 0 }, { 0x81, 3, 16, 0 }, { 0x81, 1, 8, 0 }, END }, true },
	{ "reduced size: feedback alone", { { 0x81, 2, 12, 0 }, END }, true },
	{ "a BYE of nobody at the end", { { 0x80, 1, 8, 0 }, { 0x80, 0, 4, 0 }, END }, true },
	{ "a BYE of nobody alone", { { 0x80, 0, 4, 0 }, END }, false },
	{ "a first packet without SSRC", { { 0x80, 0, 4, 0 }, { 0x80, 1, 8, 0 }, END }, false },
	{ "length too large", { { 0x80, 2, 8, 0 }, END }, false },
	{ "length 0xffff", { { 0x80, 0xffff, 8, 0 }, END }, false },
	{ "length too small", { { 0x80, 1, 12, 0 }, END }, false },
	{ "octets left over", { { 0x80, 1, 9, 0 }, END }, false },
	{ "three octets left over", { { 0x80, 1, 11, 0 }, END }, false },
	{ "second length too large", { { 0x80, 1, 8, 0 }, { 0x81, 2, 8, 0 }, END }, false },
	{ "second length too small", { { 0x80, 1, 8, 0 }, { 0x81, 0, 6, 0 }, END }, false },
	{ "version 0 second", { { 0x80, 1, 8, 0 }, { 0x01, 1, 8, 0 }, END }, false },
	{ "version 1 first", { { 0x40, 1, 8, 0 }, END }, false },
	{ "version 3 first", { { 0xc0, 1, 8, 0 }, END }, false },
	{ "padding in the last", { { 0x80, 1, 8, 0 }, { 0xa1, 3, 16, 4 }, END }, true },
	{ "padding in the only one", { { 0xa0, 2, 12, 4 }, END }, true },
	{ "padding in the first of two", { { 0xa0, 2, 12, 4 }, { 0x80, 1, 8, 0 }, END }, false },
	{ "pad count 0", { { 0xa0, 2, 12, 0 }, END }, false },
	{ "pad count no multiple of 4", { { 0xa0, 2, 12, 3 }, END }, false },
	{ "padding all but the header", { { 0xa0, 2, 12, 8 }, END }, true },
	{ "padding more than that", { { 0xa0, 2, 12, 12 }, END }, false },
	{ "pad count 252", { { 0xa0, 2, 12, 252 }, END }, false },
	{ "padding in a packet without room", { { 0x80, 1, 8, 0 }, { 0xa0, 0, 4, 4 }, END }, false },
};

static size_t compound(const struct row *r)
{
	const struct part *p;
	size_t len = 0;

	memset(buf, 0xaa, 1000);
	for (p = r->parts; p->octets; p++) {
		buf[len] = p->first;
		buf[len + 1] = 201;
		put_unaligned_be16(p->words, buf + len + 2);
		if (p->octets >= 8)
			put_unaligned_be32(SSRC, buf + len + 4);
		len += p->octets;
		if (p->first & 0x20)
			buf[len - 1] = p->last;
	}
	return len;
}

static int parse_plain(size_t len, struct ksrtp_rtcp *rtcp)
{
	u8 *p = exact_new(buf, len);
	int err = ksrtp_rtcp_parse(p, len, rtcp);

	exact_free(p);
	return err;
}

static void rtcp(void)
{
	struct ksrtp_rtcp parsed;
	unsigned int i;
	size_t len, n;
	int err;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		len = compound(&rows[i]);
		memset(&parsed, 0xff, sizeof(parsed));
		err = parse_plain(len, &parsed);
		CHECK(err == (rows[i].ok ? 0 : -EINVAL), "row %u, %s: %d", i, rows[i].what, err);
		if (rows[i].ok)
			CHECK(parsed.ssrc == SSRC && parsed.word == 0 && parsed.body_len == len - 8,
			      "row %u, %s: SSRC %x, word %x, body %u", i, rows[i].what,
			      parsed.ssrc, parsed.word, parsed.body_len);
	}
	tap_end("D1", "rtcp: %u compounds, lengths that lie, padding", i);

	/* Cut short, SR with SDES and BYE is whole only between two packets. */
	len = compound(&rows[2]);
	for (n = 0; n <= len; n++) {
		bool whole = n == 52 || n == 68 || n == len;

		CHECK(parse_plain(n, &parsed) == (whole ? 0 : -EINVAL), "length %zu of %zu", n, len);
	}
	tap_end("D1", "rtcp: every truncation of a compound");

	memset(buf, 0, sizeof(buf));
	for (n = 0; n + 8 <= 65528; n += 8) {
		buf[n] = 0x80;
		buf[n + 1] = 201;
		buf[n + 3] = 1;
	}
	CHECK(parse_plain(n, &parsed) == 0, "%zu octets of receiver reports", n);
	CHECK(parsed.body_len == n - 8, "body %u", parsed.body_len);
	put_unaligned_be16(0x3fff, buf + 2);
	CHECK(parse_plain(65536, &parsed) == -EINVAL, "more octets than a datagram has");
	tap_end("D1", "rtcp: the longest datagram");
}

void test_rtcp(void)
{
	srtcp();
	rtcp();
}
