// SPDX-License-Identifier: GPL-2.0
/*
 * The XDP program: finds the UDP payload, gives the frame the room that the
 * module asks for, lets the module turn it into the frame to send, and says
 * where to. It decides nothing itself, and what it hands up it hands up
 * unchanged.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include <ksrtp/kfunc.h>
#include <ksrtp/maps.h>

#include "parse.bpf.h"
#include "egress.bpf.h"

extern int bpf_ksrtp_lookup(struct xdp_md *ctx, struct ksrtp_xdp_opts *opts,
			    __u32 opts__sz) __ksym;
extern int bpf_ksrtp_process(struct xdp_md *ctx, struct ksrtp_xdp_opts *opts,
			     __u32 opts__sz) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, __KSRTP_PROG_MAX);
	__type(key, __u32);
	__type(value, __u64);
} ksrtp_verdicts SEC(".maps");

static __always_inline int counted(__u32 verdict, int action)
{
	__u64 *count = bpf_map_lookup_elem(&ksrtp_verdicts, &verdict);

	if (count)
		(*count)++;
	return action;
}

/* Move both ends, or none. */
static __always_inline int resize(struct xdp_md *ctx, int head, int tail)
{
	if (head && bpf_xdp_adjust_head(ctx, -head))
		return -1;
	if (!tail || !bpf_xdp_adjust_tail(ctx, tail))
		return 0;
	if (head && bpf_xdp_adjust_head(ctx, head))
		return -2;
	return -1;
}

/*
 * One look: negative when the frame, as it was, shall be looked at again, else
 * the XDP action. Room that was made is taken back before a frame is handed up:
 * growing and shrinking move pointers only, so its octets are still there, and
 * until process says TX or REDIRECT the module has written none.
 */
static __always_inline int forward(struct xdp_md *ctx, struct ksrtp_xdp_opts *opts)
{
	__u16 payload_off = opts->payload_off;
	int head, tail, err;

	if (bpf_ksrtp_lookup(ctx, opts, sizeof(*opts)))
		return counted(KSRTP_PROG_ERROR, XDP_ABORTED);
	if (opts->verdict == KSRTP_XDP_PASS)
		return counted(KSRTP_PROG_PASS, XDP_PASS);
	if (opts->verdict == KSRTP_XDP_DROP)
		return counted(KSRTP_PROG_DROP, XDP_DROP);
	if (opts->verdict != KSRTP_XDP_PROCESS)
		return counted(KSRTP_PROG_ERROR, XDP_ABORTED);

	head = opts->head;
	tail = opts->tail;
	err = resize(ctx, head, tail);
	if (err == -1)
		return counted(KSRTP_PROG_PASS, XDP_PASS);
	if (err)
		return counted(KSRTP_PROG_ERROR, XDP_ABORTED);

	opts->payload_off += head;
	if (bpf_ksrtp_process(ctx, opts, sizeof(*opts)))
		return counted(KSRTP_PROG_ERROR, XDP_ABORTED);
	if (opts->verdict == KSRTP_XDP_TX || opts->verdict == KSRTP_XDP_REDIRECT) {
		if (opts->trim && bpf_xdp_adjust_tail(ctx, -(int)opts->trim))
			return counted(KSRTP_PROG_ERROR, XDP_ABORTED);
		/*
		 * By redirect also out of the device it came in on: XDP_TX on
		 * veth wakes the other end only if that has an XDP program,
		 * and with GRO alone the frame would wait there for the next.
		 */
		return counted(opts->verdict == KSRTP_XDP_TX ? KSRTP_PROG_TX : KSRTP_PROG_REDIRECT,
			       bpf_redirect(opts->ifindex, 0));
	}
	if (opts->verdict == KSRTP_XDP_DROP)
		return counted(KSRTP_PROG_DROP, XDP_DROP);
	if (opts->verdict != KSRTP_XDP_PASS && opts->verdict != KSRTP_XDP_AGAIN)
		return counted(KSRTP_PROG_ERROR, XDP_ABORTED);

	if (resize(ctx, -head, -tail))
		return counted(KSRTP_PROG_ERROR, XDP_ABORTED);
	if (opts->verdict == KSRTP_XDP_AGAIN && !opts->again) {
		/* With leg and cookie of the first look, by which the module knows it. */
		opts->payload_off = payload_off;
		opts->again = 1;
		return -1;
	}
	return counted(KSRTP_PROG_PASS, XDP_PASS);
}

static __always_inline int serve(struct xdp_md *ctx)
{
	const void *data_end = (const void *)(long)ctx->data_end;
	const void *data = (const void *)(long)ctx->data;
	const void *meta = (const void *)(long)ctx->data_meta;
	struct parse_frame frame = {};
	struct ksrtp_xdp_opts opts = {};
	int action;

	if (parse_frame(data, data_end, &frame))
		return counted(KSRTP_PROG_PASS_OTHER, XDP_PASS);
	/*
	 * What has fragments is the skb path's. So is what has metadata: the
	 * kernel moves it along with the head, over the headers that would have
	 * to be restored.
	 */
	if (bpf_xdp_get_buff_len(ctx) != (__u64)(data_end - data) || meta < data)
		return counted(KSRTP_PROG_PASS_OTHER, XDP_PASS);

	opts.l3_off = frame.l3_off;
	opts.payload_off = frame.payload_off;
	opts.payload_len = frame.payload_len;
	opts.family = frame.family;
	action = forward(ctx, &opts);
	if (action < 0)
		action = forward(ctx, &opts);
	return action;
}

SEC("xdp.frags")
int ksrtp_xdp(struct xdp_md *ctx)
{
	return serve(ctx);
}

char _license[] SEC("license") = "GPL";
