/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What becomes of a frame after the XDP program said where to. The verdict is
 * not the end: the frame may be refused before it is queued, or by the egress
 * driver, and nobody but a tracepoint tells. So each is counted here, per
 * egress device.
 *
 * bpf_redirect() without a map ends in xdp_redirect_err when the frame is
 * refused at once, and in xdp_devmap_xmit when a batch is given to
 * ndo_xdp_xmit. Generic XDP has no batches: what the device then refuses ends
 * in xdp_exception.
 */
#ifndef KSRTP_EGRESS_BPF_H
#define KSRTP_EGRESS_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <ksrtp/maps.h>

#define EGRESS_DEVICES_MAX	1024

/* The members that are read, found by name in the running kernel's own types. */
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
	unsigned int inum;
};

struct net {
	struct ns_common ns;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct net_device {
	int ifindex;
	possible_net_t nd_net;
};

struct bpf_prog_aux {
	__u32 id;
};

struct bpf_prog {
	struct bpf_prog_aux *aux;
};

#pragma clang attribute pop

struct {
	__uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
	__uint(max_entries, EGRESS_DEVICES_MAX);
	__type(key, struct ksrtp_egress_key);
	__type(value, struct ksrtp_egress);
} ksrtp_egress SEC(".maps");

/* Id of ksrtp_xdp, written once it is loaded: tells its frames from others'. */
__u32 ksrtp_xdp_id;

static __always_inline struct ksrtp_egress *egress_of(const struct net_device *dev,
						      __u32 ifindex)
{
	struct ksrtp_egress zero = {};
	struct ksrtp_egress_key key = {
		.netns = dev->nd_net.net->ns.inum,
		.ifindex = ifindex,
	};
	struct ksrtp_egress *egress;

	egress = bpf_map_lookup_elem(&ksrtp_egress, &key);
	if (egress)
		return egress;
	bpf_map_update_elem(&ksrtp_egress, &key, &zero, BPF_NOEXIST);
	return bpf_map_lookup_elem(&ksrtp_egress, &key);
}

static __always_inline int is_ours(const struct bpf_prog *prog)
{
	return prog->aux->id == ksrtp_xdp_id;
}

SEC("tp_btf/xdp_redirect_err")
int BPF_PROG(ksrtp_redirect_err, const struct net_device *dev, const struct bpf_prog *prog,
	     const void *target, int err, enum bpf_map_type map_type, __u32 map_id, __u32 index)
{
	struct ksrtp_egress *egress;

	/* Without a map, index is the ifindex, in the netns the frame came to. */
	if (map_type != BPF_MAP_TYPE_UNSPEC || !is_ours(prog))
		return 0;
	egress = egress_of(dev, index);
	if (egress)
		egress->redirect_err++;
	return 0;
}

SEC("tp_btf/xdp_devmap_xmit")
int BPF_PROG(ksrtp_devmap_xmit, const struct net_device *from, const struct net_device *to,
	     int sent, int drops, int err)
{
	struct ksrtp_egress *egress = egress_of(to, to->ifindex);

	if (egress) {
		egress->xmit_sent += sent;
		egress->xmit_drops += drops;
	}
	return 0;
}

SEC("tp_btf/xdp_exception")
int BPF_PROG(ksrtp_exception, const struct net_device *dev, const struct bpf_prog *prog, __u32 act)
{
	struct ksrtp_egress *egress;

	if (act != XDP_TX || !is_ours(prog))
		return 0;
	egress = egress_of(dev, dev->ifindex);
	if (egress)
		egress->tx_drops++;
	return 0;
}

#endif /* KSRTP_EGRESS_BPF_H */
