// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "frame.h"

uint16_t frame_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] * 256 + p[1]);
}

void frame_put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v / 256);
	p[1] = (uint8_t)(v % 256);
}

uint16_t frame_checksum(const uint8_t *p, size_t len, uint32_t sum)
{
	size_t i;

	for (i = 0; i < len; i++)
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static uint32_t sum16(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < len; i += 2)
		sum += frame_get16(p + i);
	return sum;
}

void frame_fix_ip_checksum(struct frame *frame)
{
	uint8_t *ip = frame->octet + frame->l3;

	frame_put16(ip + 10, 0);
	frame_put16(ip + 10, frame_checksum(ip, (ip[0] & 15) * 4, 0));
}

void frame_build(struct frame *frame, const struct frame_spec *spec)
{
	uint16_t udp_len = (uint16_t)(8 + spec->payload_len), check;
	size_t alen = spec->family == 4 ? 4 : 16;
	uint8_t *p = frame->octet;
	int i;

	memset(frame, 0, sizeof(*frame));
	memcpy(p, spec->dst_mac, 6);
	memcpy(p + 6, spec->src_mac, 6);
	p += 12;
	for (i = 0; spec->tag[i].proto; i++, p += 4) {
		frame_put16(p, spec->tag[i].proto);
		frame_put16(p + 2, spec->tag[i].tci);
	}
	frame_put16(p, spec->family == 4 ? 0x0800 : 0x86dd);
	p += 2;
	frame->l3 = (size_t)(p - frame->octet);
	if (spec->family == 4) {
		p[0] = 0x45;
		p[1] = (uint8_t)(spec->dscp << 2);
		frame_put16(p + 2, (uint16_t)(20 + udp_len));
		frame_put16(p + 4, spec->id);
		frame_put16(p + 6, spec->frag);
		p[8] = spec->ttl;
		p[9] = 17;
		memcpy(p + 12, spec->src, 4);
		memcpy(p + 16, spec->dst, 4);
		frame_fix_ip_checksum(frame);
		p += 20;
	} else {
		p[0] = (uint8_t)(0x60 | spec->dscp >> 2);
		p[1] = (uint8_t)((spec->dscp & 3) << 6 | spec->flow >> 16);
		frame_put16(p + 2, (uint16_t)spec->flow);
		frame_put16(p + 4, udp_len);
		p[6] = 17;
		p[7] = spec->ttl;
		memcpy(p + 8, spec->src, 16);
		memcpy(p + 24, spec->dst, 16);
		p += 40;
	}
	frame->l4 = (size_t)(p - frame->octet);
	frame_put16(p, spec->src_port);
	frame_put16(p + 2, spec->dst_port);
	frame_put16(p + 4, udp_len);
	memcpy(p + 8, spec->payload, spec->payload_len);
	check = frame_checksum(p, udp_len, sum16(spec->src, alen) + sum16(spec->dst, alen) +
			       17 + udp_len);
	frame_put16(p + 6, check ? check : 0xffff);
	frame->payload = frame->l4 + 8;
	frame->len = frame->payload + spec->payload_len;
}
