// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "packet.h"

static uint8_t *put16(uint8_t *p, unsigned int v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
	return p + 2;
}

static uint8_t *put32(uint8_t *p, uint32_t v)
{
	return put16(put16(p, v >> 16), v & 0xffff);
}

static uint8_t *put_random(uint8_t *p, size_t len, uint64_t *seed)
{
	while (len--) {
		*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
		*p++ = (uint8_t)(*seed >> 56);
	}
	return p;
}

size_t make_rtp(const struct rtp_spec *spec, uint8_t *start)
{
	uint64_t seed = spec->seed;
	uint8_t *p = start;
	unsigned int i;

	*p++ = (uint8_t)(0x80 | (spec->padding ? 0x20 : 0) | (spec->ext ? 0x10 : 0) | spec->csrcs);
	*p++ = (uint8_t)((spec->marker ? 0x80 : 0) | spec->pt);
	p = put16(p, spec->seq);
	p = put32(p, (uint32_t)spec->seed * 160);
	p = put32(p, spec->ssrc);
	for (i = 0; i < spec->csrcs; i++)
		p = put32(p, 0x33330000 + i);
	if (spec->ext) {
		p = put16(p, 0xbede);
		p = put16(p, spec->ext_words);
		p = put_random(p, spec->ext_words * 4u, &seed);
	}
	p = put_random(p, spec->payload, &seed);
	if (spec->padding) {
		memset(p, 0, spec->padding);
		p += spec->padding;
		p[-1] = spec->padding;
	}
	return (size_t)(p - start);
}

/* Header of one RTCP packet; its length is set by finish(). */
static uint8_t *begin(uint8_t *p, unsigned int count, unsigned int type)
{
	p[0] = (uint8_t)(0x80 | count);
	p[1] = (uint8_t)type;
	return p + 4;
}

static uint8_t *finish(uint8_t *start, uint8_t *end)
{
	put16(start + 2, (unsigned int)(end - start) / 4 - 1);
	return end;
}

static uint8_t *put_report(uint8_t *p, uint32_t target)
{
	p = put32(p, target);
	p = put32(p, (uint32_t)REPORT_FRACTION << 24 | (REPORT_LOST & 0xffffff));
	p = put32(p, REPORT_HIGHEST);
	p = put32(p, REPORT_JITTER);
	p = put32(p, REPORT_NTP);
	return put32(p, 0);
}

/* About the packet's target, perhaps with its extended highest number. */
static uint8_t *put_own_report(uint8_t *p, const struct rtcp_spec *s)
{
	uint8_t *end = put_report(p, s->target);

	if (s->numbered)
		put32(p + 8, s->number);
	return end;
}

static uint8_t *sr(const struct rtcp_spec *s, uint8_t *at)
{
	uint8_t *p = put32(begin(at, 1, 200), s->ssrc);
	uint64_t seed = 5;

	p = put_random(p, 20, &seed);
	put32(p - 18, REPORT_NTP);
	return finish(at, put_own_report(p, s));
}

static uint8_t *rr(const struct rtcp_spec *s, uint8_t *at)
{
	uint8_t *p = put32(begin(at, 2, 201), s->ssrc);

	return finish(at, put_report(put_own_report(p, s), 0xdeadbeef));
}

static uint8_t *sdes(const struct rtcp_spec *s, uint8_t *at)
{
	static const uint8_t cname[] = { 1, 5, 'a', '@', 'b', '.', 'c', 0 };
	uint8_t *p = put32(begin(at, 1, 202), s->ssrc);

	memcpy(p, cname, sizeof(cname));
	return finish(at, p + sizeof(cname));
}

static uint8_t *bye(const struct rtcp_spec *s, uint8_t *at)
{
	return finish(at, put32(begin(at, 1, 203), s->ssrc));
}

static uint8_t *app(const struct rtcp_spec *s, uint8_t *at)
{
	uint8_t *p = put32(begin(at, 3, 204), s->ssrc);

	memcpy(p, "testdata", 8);
	return finish(at, p + 8);
}

/* RFC 4585: format @format of RTPFB (205) or PSFB (206), about @media. */
static uint8_t *feedback(const struct rtcp_spec *s, uint8_t *at, unsigned int type,
			 unsigned int format, uint32_t media)
{
	return put32(put32(begin(at, format, type), s->ssrc), media);
}

static uint8_t *nack(const struct rtcp_spec *s, uint8_t *at)
{
	uint32_t pid = s->numbered ? s->number & 0xffff : 0x1234;

	return finish(at, put32(feedback(s, at, 205, 1, s->target), pid << 16 | 7));
}

static uint8_t *tmmbr(const struct rtcp_spec *s, uint8_t *at)
{
	return finish(at, put32(put32(feedback(s, at, 205, 3, 0), s->target), 0x0c080028));
}

static uint8_t *pli(const struct rtcp_spec *s, uint8_t *at)
{
	return finish(at, feedback(s, at, 206, 1, s->target));
}

static uint8_t *fir(const struct rtcp_spec *s, uint8_t *at)
{
	return finish(at, put32(put32(feedback(s, at, 206, 4, 0), s->target), 0x05000000));
}

static uint8_t *remb(const struct rtcp_spec *s, uint8_t *at)
{
	uint8_t *p = feedback(s, at, 206, 15, 0);

	p = put32(put32(p, 0x52454d42), 0x01000000 | 0x4c4b4);
	return finish(at, put32(p, s->target));
}

/* RFC 3611: a receiver reference time and statistics about the source, up to the number. */
static uint8_t *xr(const struct rtcp_spec *s, uint8_t *at)
{
	uint8_t *p = put32(begin(at, 0, 207), s->ssrc);
	uint64_t seed = 9;

	p = put_random(put32(p, 0x04000002), 8, &seed);
	p = put32(put32(p, 0x06e00009), s->target);
	put_random(p, 32, &seed);
	if (s->numbered)
		put16(put16(p, (s->number - 7) & 0xffff), (s->number + 1) & 0xffff);
	return finish(at, p + 32);
}

typedef uint8_t *(*maker)(const struct rtcp_spec *spec, uint8_t *at);

static const struct {
	const char *kind;
	maker makers[11];
} kinds[] = {
	{ "sr", { sr, sdes } },
	{ "rr", { rr, sdes } },
	{ "bye", { rr, sdes, bye } },
	{ "nack", { nack } },		/* reduced-size, RFC 5506 */
	{ "pli", { pli } },
	{ "fir", { fir } },
	{ "remb", { remb } },
	{ "tmmbr", { tmmbr } },
	{ "xr", { xr } },
	{ "all", { sr, rr, sdes, app, nack, tmmbr, pli, fir, remb, xr, bye } },
};

size_t make_rtcp(const struct rtcp_spec *spec, uint8_t *start)
{
	uint8_t *p = start;
	size_t i, j;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].kind, spec->kind))
			continue;
		for (j = 0; j < 11 && kinds[i].makers[j]; j++)
			p = kinds[i].makers[j](spec, p);
	}
	return (size_t)(p - start);
}
