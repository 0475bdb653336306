// SPDX-License-Identifier: GPL-2.0
/*
 * Every parser of packets from outside. The first octet says which one, the
 * next two how long tag and MKI are; the rest is the packet. Beyond what the
 * sanitizers see, the parts that were found must add up to the packet.
 */
#include <ksrtp/wire.h>
#include "core/cryptex.h"
#include "core/hdrext.h"
#include "core/packet.h"
#include "unit/exact.h"
#include "fuzz.h"

/* Marked and taken apart for the cipher, and back again, a header is what it was. */
static void fuzz_cryptex(const u8 *packet, size_t size, size_t hdr)
{
	u32 len = (u32)size, hdr_len = (u32)hdr, csrcs = 4u * (packet[0] & 15);
	static uint8_t grown[0xffff + KSRTP_CRYPTEX_GROWTH];
	uint8_t *p;
	bool had = packet[0] & 0x10;
	int marked;

	MUST(size <= 0xffff);
	memcpy(grown, packet, size);
	p = exact_new(grown, size + (had ? 0 : KSRTP_CRYPTEX_GROWTH));
	MUST(ksrtp_cryptex_exposes(p) == (!ksrtp_cryptex_used(p) && (had || csrcs)));
	marked = ksrtp_cryptex_mark(p, &len, &hdr_len);
	if (marked != 1) {
		MUST(len == size && hdr_len == hdr && !memcmp(p, packet, size));
		MUST(marked != -EINVAL || ksrtp_cryptex_used(p));
	} else {
		MUST(ksrtp_cryptex_used(p) && !ksrtp_cryptex_exposes(p));
		MUST(len == size + (had ? 0 : 4) && hdr_len == hdr + (had ? 0 : 4));
		ksrtp_cryptex_gather(p);
		MUST(get_unaligned_be16(p + 12) == 0xc0de || get_unaligned_be16(p + 12) == 0xc2de);
		MUST(!memcmp(p + 16, packet + 12, csrcs));
		ksrtp_cryptex_scatter(p);
		MUST(ksrtp_cryptex_used(p));
		ksrtp_cryptex_unmark(p);
		MUST(!ksrtp_cryptex_used(p));
		MUST(!memcmp(p + hdr_len, packet + hdr, size - hdr));
		MUST(!memcmp(p + 1, packet + 1, 11 + csrcs));
		MUST(!had || !memcmp(p, packet, size));
	}
	exact_free(p);
}

/* Elements are one behind the other, whole, and with nothing but padding between them. */
static void fuzz_hdrext(uint8_t *packet, size_t hdr)
{
	struct ksrtp_hdrext_element e = { 0 };
	u32 len, end = 0, at;
	const u8 *ext;
	int more;

	ext = ksrtp_hdrext_begin(packet, &len);
	if (!ext) {
		MUST(ksrtp_hdrext_ok(packet));
		return;
	}
	MUST(ext + len == packet + hdr);
	while ((more = ksrtp_hdrext_next(ext, len, &e)) > 0) {
		MUST(e.id && e.at > end && e.at + e.len <= len);
		for (at = end; !ext[at]; at++)
			;
		MUST(e.at == at + (get_unaligned_be16(ext - 4) == 0xbede ? 1 : 2));
		end = e.at + e.len;
	}
	MUST(ksrtp_hdrext_ok(packet) == !more);
}

static void fuzz_rtp(u8 *p, size_t len, size_t trailer)
{
	struct ksrtp_rtp rtp, plain;
	size_t hdr;
	bool ok;

	if (ksrtp_rtp_parse(p, len, trailer, &rtp))
		return;
	hdr = 12 + 4 * (size_t)(p[0] & 15);
	if (p[0] & 0x10)
		hdr += 4 + 4 * (size_t)(p[hdr + 2] << 8 | p[hdr + 3]);
	MUST(p[0] >> 6 == 2);
	MUST(rtp.hdr_len == hdr);
	MUST(hdr + rtp.body_len + trailer == len);
	MUST(rtp.seq == get_unaligned_be16(p + 2));
	MUST(rtp.ssrc == get_unaligned_be32(p + 8));
	fuzz_cryptex(p, hdr + rtp.body_len, hdr);
	fuzz_hdrext(p, hdr);

	/* Without the trailer it is a plain packet with the same parts. */
	MUST(!ksrtp_rtp_parse(p, len - trailer, 0, &plain));
	MUST(plain.hdr_len == rtp.hdr_len && plain.body_len == rtp.body_len);
	ok = ksrtp_rtp_padding_ok(p, len - trailer, &plain);
	MUST(ok || p[0] & 0x20);
	if (ok && p[0] & 0x20)
		MUST(p[len - trailer - 1] >= 1 && p[len - trailer - 1] <= plain.body_len);
}

static void fuzz_srtcp(const u8 *p, size_t len, size_t tag, size_t mki)
{
	struct ksrtp_rtcp rtcp;

	if (ksrtp_srtcp_parse(p, len, tag, mki, true, &rtcp))
		return;
	MUST(p[0] >> 6 == 2);
	MUST(8 + rtcp.body_len + tag + 4 + mki == len);
	MUST(rtcp.ssrc == get_unaligned_be32(p + 4));
	MUST(rtcp.word == get_unaligned_be32(p + 8 + rtcp.body_len + tag));
}

static void fuzz_rtcp(const u8 *p, size_t len)
{
	struct ksrtp_rtcp rtcp;
	size_t at = 0;

	if (ksrtp_rtcp_parse(p, len, &rtcp))
		return;
	MUST(len % 4 == 0 && len >= 8 && rtcp.body_len == len - 8);
	MUST(rtcp.ssrc == get_unaligned_be32(p + 4) && rtcp.word == 0);
	while (at < len) {
		size_t n = 4 * ((size_t)(p[at + 2] << 8 | p[at + 3]) + 1);

		MUST(p[at] >> 6 == 2);
		MUST(!(p[at] & 0x20) || at + n == len);
		at += n;
	}
	MUST(at == len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t tag, mki;
	uint8_t *p;

	if (size < 3)
		return 0;
	/* 255 stands for a length that no packet has. */
	tag = data[1] == 255 ? SIZE_MAX : data[1];
	mki = data[2] == 255 ? SIZE_MAX : data[2];
	p = exact_new(data + 3, size - 3);
	switch (data[0] & 3) {
	case 0:
		fuzz_rtp(p, size - 3, tag);
		break;
	case 1:
		fuzz_srtcp(p, size - 3, tag, mki);
		break;
	case 2:
		fuzz_rtcp(p, size - 3);
		break;
	default:
		/* As the datapath does: what the second octet says it is. */
		if (size < 5 || ksrtp_demux(p[0]) != KSRTP_PROTO_MEDIA)
			break;
		if (ksrtp_is_rtcp(p[1]))
			fuzz_srtcp(p, size - 3, 16, 0);
		else
			fuzz_rtp(p, size - 3, 16);
	}
	exact_free(p);
	return 0;
}
