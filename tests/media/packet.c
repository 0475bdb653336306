// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "../unit/random.h"
#include "packet.h"

uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

/* @len octets that are random already: identifiers 1 to 14, in turn. */
static void make_elements(uint8_t *ext, size_t len, bool two, unsigned int id)
{
	size_t at = 0, head = two ? 2 : 1, n;

	while (at + head < len) {
		n = 1 + ext[at] % (len - at - head < 16 ? len - at - head : 16);
		id = id % 14 + 1;
		ext[at] = (uint8_t)(two ? id : id << 4 | (n - 1));
		if (two)
			ext[at + 1] = (uint8_t)n;
		at += head + n;
	}
	memset(ext + at, 0, len - at);
}

size_t rtp_build(const struct rtp *r, uint8_t *out)
{
	uint64_t seed = r->id;
	uint8_t *p = out + 12;
	unsigned int i;

	out[0] = (uint8_t)(0x80 | (r->ext_profile ? 0x10 : 0) | r->csrcs);
	out[1] = (uint8_t)(r->marker << 7 | r->pt);
	put16(out + 2, r->seq);
	put32(out + 4, (uint32_t)r->id * 160);
	put32(out + 8, r->ssrc);
	for (i = 0; i < r->csrcs; i++, p += 4)
		put32(p, 0xc5000000 + i);
	if (r->ext_profile) {
		put16(p, r->ext_profile);
		put16(p + 2, r->ext_words);
		p += 4;
		random_fill(&seed, p, r->ext_words * 4);
		if (r->elements)
			make_elements(p, r->ext_words * 4, r->ext_profile != 0xbede, (unsigned int)r->id);
		p += r->ext_words * 4;
	}
	random_fill(&seed, p, r->payload);
	return (size_t)(p - out) + r->payload;
}

/* @count: report count, or format; @words: of 32 bits, the header's own not counted. */
static uint8_t *header(uint8_t *out, unsigned int count, unsigned int type, unsigned int words,
		       uint32_t sender)
{
	out[0] = (uint8_t)(0x80 | count);
	out[1] = (uint8_t)type;
	put16(out + 2, words);
	put32(out + 4, sender);
	return out + 8;
}

static uint8_t *report_blocks(uint8_t *p, const uint32_t *blocks, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++, p += 24) {
		put32(p, blocks[i]);
		memset(p + 4, (int)(0x40 + i), 20);
	}
	return p;
}

size_t rtcp_sr(uint8_t *out, uint32_t sender, const uint32_t *blocks, unsigned int n)
{
	uint8_t *p = header(out, n, 200, 6 + 6 * n, sender);

	memset(p, 0x11, 20);
	return (size_t)(report_blocks(p + 20, blocks, n) - out);
}

size_t rtcp_rr(uint8_t *out, uint32_t sender, const uint32_t *blocks, unsigned int n)
{
	return (size_t)(report_blocks(header(out, n, 201, 1 + 6 * n, sender), blocks, n) - out);
}

size_t rtcp_sdes(uint8_t *out, uint32_t source, const char *cname)
{
	size_t len = strlen(cname), words = (2 + len) / 4 + 1;
	uint8_t *p = header(out, 1, 202, (unsigned int)(1 + words), source);

	memset(p, 0, words * 4);
	p[0] = 1;
	p[1] = (uint8_t)len;
	memcpy(p + 2, cname, len);
	return 8 + words * 4;
}

size_t rtcp_pli(uint8_t *out, uint32_t sender, uint32_t media)
{
	put32(header(out, 1, 206, 2, sender), media);
	return 12;
}

size_t rtcp_nack(uint8_t *out, uint32_t sender, uint32_t media, uint16_t seq)
{
	uint8_t *p = header(out, 1, 205, 3, sender);

	put32(p, media);
	put16(p + 4, seq);
	put16(p + 6, 0x0005);
	return 16;
}

size_t rtcp_bye(uint8_t *out, uint32_t source)
{
	header(out, 1, 203, 1, source);
	return 8;
}

static size_t rtcp_app(uint8_t *out, uint32_t sender)
{
	memcpy(header(out, 7, 204, 4, sender), "TESTdata", 8);
	memset(out + 16, 0x33, 4);
	return 20;
}

/* Media SSRC 0; each entry begins with the SSRC it is about. */
static size_t rtcp_entries(uint8_t *out, unsigned int format, unsigned int type, uint32_t sender,
			   uint32_t media, uint32_t other)
{
	uint8_t *p = header(out, format, type, 6, sender);

	put32(p, 0);
	put32(p + 4, media);
	put32(p + 8, 0x01020304);
	put32(p + 12, other);
	put32(p + 16, 0x05060708);
	return 28;
}

static size_t rtcp_remb(uint8_t *out, uint32_t sender, uint32_t media, uint32_t other)
{
	uint8_t *p = header(out, 15, 206, 6, sender);

	put32(p, 0);
	memcpy(p + 4, "REMB", 4);
	put32(p + 8, 0x02123456);
	put32(p + 12, media);
	put32(p + 16, other);
	return 28;
}

static size_t rtcp_xr(uint8_t *out, uint32_t sender, uint32_t media, uint32_t other)
{
	uint8_t *p = header(out, 0, 207, 12, sender);

	/* Loss run lengths (RFC 3611, section 4.1): source, first and last number, chunks */
	p[0] = 1;
	p[1] = 0;
	put16(p + 2, 3);
	put32(p + 4, media);
	put32(p + 8, 0x00010009);
	put32(p + 12, 0x40084000);
	/* DLRR with two sub-blocks (section 4.5) */
	p += 16;
	p[0] = 5;
	p[1] = 0;
	put16(p + 2, 6);
	put32(p + 4, media);
	put32(p + 8, 1);
	put32(p + 12, 2);
	put32(p + 16, other);
	put32(p + 20, 3);
	put32(p + 24, 4);
	return 52;
}

size_t rtcp_everything(uint8_t *out, uint32_t sender, uint32_t media, uint32_t other)
{
	const uint32_t blocks[] = { media, other };
	uint8_t *p = out;

	p += rtcp_sr(p, sender, blocks, 2);
	p += rtcp_rr(p, sender, blocks, 2);
	p += rtcp_sdes(p, sender, "name@example.test");
	p += rtcp_app(p, sender);
	p += rtcp_nack(p, sender, media, 7);
	p += rtcp_nack(p, sender, other, 8);
	p += rtcp_pli(p, sender, media);
	p += rtcp_pli(p, sender, other);
	p += rtcp_entries(p, 4, 206, sender, media, other);
	p += rtcp_remb(p, sender, media, other);
	p += rtcp_entries(p, 3, 205, sender, media, other);
	p += rtcp_entries(p, 4, 205, sender, media, other);
	p += rtcp_xr(p, sender, media, other);
	p += rtcp_bye(p, sender);
	return (size_t)(p - out);
}
