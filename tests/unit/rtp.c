// SPDX-License-Identifier: GPL-2.0
/* RTP and SRTP headers: RFC 3550, section 5.1 and A.1. */
#include <ksrtp/wire.h>
#include "core/packet.h"
#include "exact.h"
#include "tap.h"
#include "core.h"

#define MAX_DATAGRAM	65535
#define SSRC		0xdeadbeefu
#define SEQ		0xf17b

static u8 buf[MAX_DATAGRAM + 1];

/* A header in buf; @words: of the extension, -1 for none. Returns its length. */
static size_t header(unsigned int version, unsigned int cc, int words)
{
	size_t len = 12 + 4 * cc;

	memset(buf, 0xaa, sizeof(buf));
	buf[0] = (u8)(version << 6 | (words >= 0 ? 0x10 : 0) | cc);
	buf[1] = 111;
	put_unaligned_be16(SEQ, buf + 2);
	put_unaligned_be32(SSRC, buf + 8);
	if (words >= 0) {
		put_unaligned_be16(0xbede, buf + len);
		put_unaligned_be16((u16)words, buf + len + 2);
		len += 4 + 4 * (size_t)words;
	}
	return len;
}

static int parse(size_t len, size_t trailer, struct ksrtp_rtp *rtp)
{
	u8 *p = exact_new(buf, len);
	int err = ksrtp_rtp_parse(p, len, trailer, rtp);

	exact_free(p);
	return err;
}

static void accepted(size_t len, size_t trailer, size_t hdr, const char *what)
{
	struct ksrtp_rtp rtp = { 0 };
	int err = parse(len, trailer, &rtp);

	CHECK(err == 0, "%s, length %zu: %d", what, len, err);
	CHECK(rtp.ssrc == SSRC && rtp.seq == SEQ, "%s: SSRC %x, seq %x", what, rtp.ssrc, rtp.seq);
	CHECK(rtp.hdr_len == hdr && rtp.body_len == len - trailer - hdr,
	      "%s, length %zu: header %u, body %u", what, len, rtp.hdr_len, rtp.body_len);
}

static void refused(size_t len, size_t trailer, const char *what)
{
	struct ksrtp_rtp rtp;
	int err = parse(len, trailer, &rtp);

	CHECK(err == -EINVAL, "%s, length %zu, trailer %zu: %d", what, len, trailer, err);
}

static void truncations(void)
{
	static const size_t trailers[] = { 0, 10, 16, 20 };
	size_t hdr, len, t;

	for (t = 0; t < sizeof(trailers) / sizeof(trailers[0]); t++) {
		hdr = header(2, 15, 64);
		for (len = 0; len < hdr + trailers[t]; len++)
			refused(len, trailers[t], "truncated");
		for (; len < hdr + trailers[t] + 40; len++)
			accepted(len, trailers[t], hdr, "CC=15, X=1");
	}
	tap_end("D1", "rtp: every truncation of a header with 15 CSRCs and an extension");
}

static void shapes(void)
{
	unsigned int cc;
	size_t hdr;
	int words;

	for (cc = 0; cc <= 15; cc++)
		for (words = -1; words <= 20; words++) {
			hdr = header(2, cc, words);
			accepted(hdr + 16, 16, hdr, "no payload");
			accepted(hdr + 16 + 160, 16, hdr, "payload");
			accepted(hdr, 0, hdr, "plain, no payload");
			refused(hdr + 15, 16, "header into the tag");
			refused(hdr - 1, 0, "plain, header cut");
		}
	tap_end("D1", "rtp: each number of CSRCs with each short extension, payload or none");
}

static void extensions(void)
{
	size_t hdr;

	header(2, 0, 0xffff);
	refused(12, 16, "X without its length");
	refused(16 + 16, 16, "X=0xffff in a short packet");
	refused(MAX_DATAGRAM, 16, "X=0xffff in the longest");
	refused(MAX_DATAGRAM, 0, "X=0xffff in the longest, plain");

	hdr = header(2, 0, 10);
	accepted(hdr + 16, 16, hdr, "extension up to the tag");
	refused(hdr + 12, 16, "extension one word into the tag");

	/* (65535 - 16 - 16) / 4 words just fit */
	hdr = header(2, 0, 16375);
	accepted(hdr + 16, 16, hdr, "the longest extension");
	header(2, 0, 16376);
	refused(MAX_DATAGRAM, 16, "one word longer");
	tap_end("D1", "rtp: extension lengths that lie, and that end at the tag");
}

static void limits(void)
{
	size_t hdr = header(2, 0, -1);
	unsigned int v;

	accepted(MAX_DATAGRAM, 16, hdr, "the longest datagram");
	refused(MAX_DATAGRAM + 1, 16, "one octet more than a datagram has");
	refused(100, 101, "a trailer longer than the packet");
	refused(100, SIZE_MAX, "a trailer without measure");
	refused(100, 89, "a trailer into the header");
	accepted(100, 88, hdr, "a trailer up to the header");
	for (v = 0; v < 4; v++) {
		header(v, 0, -1);
		if (v == 2)
			accepted(100, 16, 12, "version 2");
		else
			refused(100, 16, "other version");
	}
	tap_end("D1", "rtp: lengths of datagram and trailer, versions");
}

static void padding(void)
{
	static const struct {
		u8 p;
		size_t body;
		u8 count;
		bool ok;
	} rows[] = {
		{ 0, 0, 0, true }, { 0, 10, 0, true }, { 0, 10, 255, true },
		{ 1, 0, 0, false }, { 1, 1, 0, false }, { 1, 1, 1, true }, { 1, 1, 2, false },
		{ 1, 10, 0, false }, { 1, 10, 1, true }, { 1, 10, 9, true }, { 1, 10, 10, true },
		{ 1, 10, 11, false }, { 1, 10, 22, false }, { 1, 10, 255, false },
		{ 1, 254, 255, false }, { 1, 255, 255, true }, { 1, 1000, 255, true },
	};
	struct ksrtp_rtp rtp;
	unsigned int i, cc;
	size_t len;
	u8 *p;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (cc = 0; cc <= 15; cc += 15) {
			len = header(2, cc, cc ? 2 : -1) + rows[i].body;
			if (rows[i].p)
				buf[0] |= 0x20;
			if (rows[i].body)
				buf[len - 1] = rows[i].count;
			p = exact_new(buf, len);
			CHECK(ksrtp_rtp_parse(p, len, 0, &rtp) == 0, "row %u", i);
			CHECK(ksrtp_rtp_padding_ok(p, len, &rtp) == rows[i].ok, "row %u, CC=%u", i, cc);
			CHECK(!ksrtp_rtp_padding_ok(p, len - 1, &rtp), "row %u, cut", i);
			exact_free(p);
		}
	tap_end("D1", "rtp: %u rows of pad counts", i);
}

void test_rtp(void)
{
	truncations();
	shapes();
	extensions();
	limits();
	padding();
}
