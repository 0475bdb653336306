// SPDX-License-Identifier: GPL-2.0
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int bpf_ksrtp_probe(struct xdp_md *ctx, __u32 x) __ksym;

SEC("xdp")
int probe(struct xdp_md *ctx)
{
	return bpf_ksrtp_probe(ctx, 1);
}

char _license[] SEC("license") = "GPL";
