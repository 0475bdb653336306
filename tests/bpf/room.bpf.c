// SPDX-License-Identifier: GPL-2.0
/*
 * Stands before the XDP program: moves the frame to the front of its buffer, so that no
 * more than @room_left octets (and less than 8 of alignment) are free before it, behind
 * those that the kernel keeps for itself.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define FRAME_MAX	512
#define HEADROOM	256	/* XDP_PACKET_HEADROOM */

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} room_next SEC(".maps");

__u32 room_left;

static __u8 copy[FRAME_MAX];

SEC("xdp.frags")
int room_xdp(struct xdp_md *ctx)
{
	__u64 len = bpf_xdp_get_buff_len(ctx);
	int shift;

	if (len < 1 || len > FRAME_MAX || bpf_xdp_load_bytes(ctx, 0, copy, len))
		return XDP_ABORTED;
	/* As far as the kernel lets it go; what it keeps differs by version. */
	for (shift = HEADROOM; shift > 0; shift -= 8)
		if (!bpf_xdp_adjust_head(ctx, -shift))
			break;
	if (shift <= 0 || bpf_xdp_adjust_head(ctx, room_left & (HEADROOM - 1)))
		return XDP_ABORTED;
	shift -= room_left & (HEADROOM - 1);
	if (bpf_xdp_store_bytes(ctx, 0, copy, len) || bpf_xdp_adjust_tail(ctx, -shift))
		return XDP_ABORTED;
	bpf_tail_call(ctx, &room_next, 0);
	return XDP_ABORTED;
}

char _license[] SEC("license") = "GPL";
