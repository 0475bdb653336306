/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where things are in a frame: Ethernet, up to two VLAN tags, IPv4 without
 * options and not a fragment or IPv6 without extension headers, UDP. Anything
 * else, and anything whose lengths disagree, is for the stack to judge.
 *
 * Helpers check their own bounds and move the cursor; nothing is read before
 * its check. The same source is compiled for BPF and, in tests and in the
 * fuzzer, for userspace.
 */
#ifndef KSRTP_PARSE_BPF_H
#define KSRTP_PARSE_BPF_H

#include <stddef.h>
#include <linux/types.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>

#define PARSE_INLINE	static inline __attribute__((always_inline))

#define PARSE_VLAN_MAX	2
#define PARSE_IP_FRAG	bpf_htons(0x3fff)	/* more fragments, or an offset */

struct parse_vlan {
	__be16 tci;
	__be16 proto;		/* of what follows */
};

struct parse_cursor {
	const void *pos;
	const void *end;
};

/* Offsets from the start of the frame, as struct ksrtp_xdp_opts has them. */
struct parse_frame {
	__u16 l3_off;
	__u16 payload_off;
	__u16 payload_len;
	__u8 family;		/* 4 or 6 */
};

/* Ethernet type of what follows, or 0. */
PARSE_INLINE __be16 parse_eth(struct parse_cursor *c)
{
	const struct ethhdr *eth = c->pos;
	const struct parse_vlan *vlan;
	__be16 proto;
	int i;

	if ((const void *)(eth + 1) > c->end)
		return 0;
	/* To a group: whether a unicast IP packet may come so is the stack's policy. */
	if (eth->h_dest[0] & 1)
		return 0;
	proto = eth->h_proto;
	vlan = (const void *)(eth + 1);
#pragma GCC unroll 2
	for (i = 0; i < PARSE_VLAN_MAX; i++) {
		if (proto != bpf_htons(ETH_P_8021Q) && proto != bpf_htons(ETH_P_8021AD))
			break;
		if ((const void *)(vlan + 1) > c->end)
			return 0;
		proto = vlan->proto;
		vlan++;
	}
	c->pos = vlan;
	return proto;
}

/* Octets of the UDP datagram, at least a header's, or 0. */
PARSE_INLINE __u16 parse_ipv4(struct parse_cursor *c)
{
	const struct iphdr *ip = c->pos;
	const __u16 *word = c->pos;
	__u32 sum = 0;
	__u16 len;
	int i;

	if ((const void *)(ip + 1) > c->end)
		return 0;
	if (ip->version != 4 || ip->ihl != sizeof(*ip) / 4 || ip->protocol != IPPROTO_UDP ||
	    (ip->frag_off & PARSE_IP_FRAG))
		return 0;
	len = bpf_ntohs(ip->tot_len);
	if (len < sizeof(*ip) + sizeof(struct udphdr) || len > c->end - c->pos)
		return 0;
	/* A host must verify it (RFC 1122, section 3.2.1.2), on this path as on any. */
#pragma GCC unroll 10
	for (i = 0; i < (int)sizeof(*ip) / 2; i++)
		sum += word[i];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	if (sum != 0xffff)
		return 0;
	c->pos = ip + 1;
	return len - sizeof(*ip);
}

PARSE_INLINE __u16 parse_ipv6(struct parse_cursor *c)
{
	const struct ipv6hdr *ip = c->pos;
	__u16 len;

	if ((const void *)(ip + 1) > c->end)
		return 0;
	if (ip->version != 6 || ip->nexthdr != IPPROTO_UDP)
		return 0;
	len = bpf_ntohs(ip->payload_len);
	c->pos = ip + 1;
	if (len < sizeof(struct udphdr) || len > c->end - c->pos)
		return 0;
	return len;
}

/* 0 and *@frame, or -1: not a whole UDP datagram in a form that XDP serves. */
PARSE_INLINE int parse_frame(const void *data, const void *data_end, struct parse_frame *frame)
{
	struct parse_cursor c = { .pos = data, .end = data_end };
	const struct udphdr *udp;
	__be16 proto;
	__u16 len;

	proto = parse_eth(&c);
	frame->l3_off = c.pos - data;
	if (proto == bpf_htons(ETH_P_IP)) {
		frame->family = 4;
		len = parse_ipv4(&c);
	} else if (proto == bpf_htons(ETH_P_IPV6)) {
		frame->family = 6;
		len = parse_ipv6(&c);
	} else {
		return -1;
	}
	udp = c.pos;
	if (!len || (const void *)(udp + 1) > c.end)
		return -1;
	/* Shorter than IP says is legal, but rare: the stack cuts off the rest. */
	if (bpf_ntohs(udp->len) != len)
		return -1;
	frame->payload_off = c.pos - data + sizeof(*udp);
	frame->payload_len = len - sizeof(*udp);
	return 0;
}

#endif /* KSRTP_PARSE_BPF_H */
