// SPDX-License-Identifier: GPL-2.0
/*
 * The XDP program's frame parser against a second one that knows nothing of
 * structures, only octets and the standards: both must serve the same frames
 * and find the same payload.
 */
#include <stdlib.h>

#include "../../bpf/parse.bpf.h"
#include "fuzz.h"

struct naive {
	size_t l3, payload, len;
	int family;
};

static size_t be16(const uint8_t *p)
{
	return (size_t)p[0] << 8 | p[1];
}

static bool naive_udp(const uint8_t *p, size_t at, size_t ip_payload, struct naive *n)
{
	if (ip_payload < 8 || be16(p + at + 4) != ip_payload)
		return false;
	n->payload = at + 8;
	n->len = ip_payload - 8;
	return true;
}

static bool naive_ipv4(const uint8_t *p, size_t len, struct naive *n)
{
	const uint8_t *ip = p + n->l3;
	size_t left = len - n->l3, total, sum = 0, i;

	if (left < 20 || ip[0] != 0x45 || ip[9] != 17)
		return false;
	total = be16(ip + 2);
	if (total < 28 || total > left || (be16(ip + 6) & 0x3fff))
		return false;
	for (i = 0; i < 20; i += 2)
		sum += be16(ip + i);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	n->family = 4;
	return sum == 0xffff && naive_udp(p, n->l3 + 20, total - 20, n);
}

static bool naive_ipv6(const uint8_t *p, size_t len, struct naive *n)
{
	const uint8_t *ip = p + n->l3;
	size_t left = len - n->l3;

	if (left < 48 || ip[0] >> 4 != 6 || ip[6] != 17 || be16(ip + 4) > left - 40)
		return false;
	n->family = 6;
	return naive_udp(p, n->l3 + 40, be16(ip + 4), n);
}

static bool naive_parse(const uint8_t *p, size_t len, struct naive *n)
{
	size_t at = 12;
	int tags = 0;

	if (len < 14 || p[0] & 1)
		return false;
	while (tags < 2 && (be16(p + at) == 0x8100 || be16(p + at) == 0x88a8)) {
		at += 4;
		tags++;
		if (at + 2 > len)
			return false;
	}
	n->l3 = at + 2;
	switch (be16(p + at)) {
	case 0x0800:
		return naive_ipv4(p, len, n);
	case 0x86dd:
		return naive_ipv6(p, len, n);
	default:
		return false;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parse_frame frame = {};
	struct naive naive = {};
	uint8_t *block, *p;
	bool served;

	/* Offsets are 16 bits wide, and no frame is that long. */
	if (size > 65535)
		return 0;
	/* Two octets in, so that the IP header is aligned; the end is exact. */
	block = malloc(2 + size);
	MUST(block);
	p = block + 2;
	memcpy(p, data, size);
	served = !parse_frame(p, p + size, &frame);
	MUST(served == naive_parse(p, size, &naive));
	if (served) {
		MUST(frame.family == naive.family);
		MUST(frame.l3_off == naive.l3);
		MUST(frame.payload_off == naive.payload);
		MUST(frame.payload_len == naive.len);
		MUST(naive.payload + naive.len <= size);
	}
	free(block);
	return 0;
}
