// SPDX-License-Identifier: GPL-2.0
/* A bad wire: some of a device's incoming UDP datagrams vanish, as with netem, which not
 * every kernel has. How many in a thousand stands in lost_per_mille, for tests to write;
 * the first DTLS record vanishes for certain, and each that does is counted.
 */
#include <stddef.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct wire {
	__u32	lost_per_mille;
	__u32	passed;
	__u32	lost;
	__u32	dtls;		/* records seen; the first was lost */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct wire);
} wire SEC(".maps");

/* A datagram's first octet, NULL where there is none. */
static __always_inline __u8 *payload_of(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct ipv6hdr *ip6 = (void *)(eth + 1);
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = NULL;

	if ((void *)(ip + 1) > end)
		return NULL;
	if (eth->h_proto == bpf_htons(ETH_P_IP) && ip->ihl == 5 && ip->protocol == IPPROTO_UDP)
		udp = (void *)(ip + 1);
	if (eth->h_proto == bpf_htons(ETH_P_IPV6) && (void *)(ip6 + 1) <= end &&
	    ip6->nexthdr == IPPROTO_UDP)
		udp = (void *)(ip6 + 1);
	return udp && (void *)(udp + 1) + 1 <= end ? (__u8 *)(udp + 1) : NULL;
}

/* Frames come from one tap or veth, one at a time. */
SEC("xdp")
int lossy(struct xdp_md *ctx)
{
	__u8 *payload = payload_of(ctx);
	struct wire *w;
	__u32 zero = 0;

	if (!payload)
		return XDP_PASS;
	w = bpf_map_lookup_elem(&wire, &zero);
	if (!w)
		return XDP_PASS;
	if ((*payload >= 20 && *payload <= 63 && !w->dtls++) ||
	    bpf_get_prandom_u32() % 1000 < w->lost_per_mille) {
		w->lost++;
		return XDP_DROP;
	}
	w->passed++;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
