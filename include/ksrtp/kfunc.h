/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The boundary between the module and its XDP program. They ship together.
 *
 * The program parses the frame as far as the UDP payload, asks lookup, gives
 * the frame the room that lookup names, and calls process, which authenticates,
 * decrypts, checks replay, re-encrypts in place and writes the complete new
 * frame (Ethernet, VLAN, IP, UDP) into it. Both are called from one run of one
 * program, on one frame, with bottom halves off.
 */
#ifndef KSRTP_KFUNC_H
#define KSRTP_KFUNC_H

#include <linux/types.h>

#define KSRTP_XDP_OPTS_SIZE	40

/* Verdicts of lookup and of process, in struct ksrtp_xdp_opts.verdict. */
enum ksrtp_xdp_verdict {
	KSRTP_XDP_PASS,		/* lookup: not ours, or for the socket, or the skb path must do it.
				 * The frame is untouched and counted nowhere: return XDP_PASS.
				 */
	KSRTP_XDP_DROP,		/* counted by the module: return XDP_DROP */
	KSRTP_XDP_PROCESS,	/* lookup: adjust the frame by head and tail, then call process */
	KSRTP_XDP_TX,		/* process: cut trim octets off the tail, send out of ifindex, which
				 * is the device it came in on
				 */
	KSRTP_XDP_REDIRECT,	/* process: the same, out of another device */
	KSRTP_XDP_AGAIN,	/* process: the configuration changed since lookup and the frame
				 * has the wrong room; nothing was touched. Call lookup again
				 * with the present offsets, once.
				 */
};

/* Errors of the call itself, in struct ksrtp_xdp_opts.error and returned. */
/* -EINVAL: wrong opts__sz, reserved octets not zero, or offsets outside the frame */
/* -EPERM: not called with bottom halves off */

struct ksrtp_xdp_opts {
	/* in, for both: where things are, octets from the start of the frame */
	__u16 l3_off;		/* IP header, without options or extension headers */
	__u16 payload_off;	/* UDP payload; UDP header is the 8 octets before it */
	__u16 payload_len;	/* UDP payload as the UDP header says */
	__u8 family;		/* 4 or 6 */
	__u8 again;		/* 1: this is the second lookup of the frame */
	/* out of lookup, into process */
	__u32 leg;		/* id of the leg it arrived on */
	__u32 cookie;
	/* out of lookup */
	__s16 head;		/* octets to grow the head by (negative: shrink) */
	__u16 tail;		/* octets to grow the tail by */
	/* out of process */
	__u16 trim;		/* octets to cut off the tail afterwards */
	__u16 verdict;		/* enum ksrtp_xdp_verdict */
	__u32 ifindex;		/* egress device */
	__s32 error;		/* negative errno of a misuse, else 0 */
	__u8 reserved[8];	/* must be zero */
};

_Static_assert(sizeof(struct ksrtp_xdp_opts) == KSRTP_XDP_OPTS_SIZE,
	       "ABI between module and XDP program");

/*
 * int bpf_ksrtp_lookup(struct xdp_md *ctx, struct ksrtp_xdp_opts *opts, u32 opts__sz)
 *	Finds the leg by network namespace, destination address and port.
 *	Changes nothing but counters (of a frame that it drops).
 *
 * int bpf_ksrtp_process(struct xdp_md *ctx, struct ksrtp_xdp_opts *opts, u32 opts__sz)
 *	After bpf_xdp_adjust_head(-head) and bpf_xdp_adjust_tail(+tail); l3_off is
 *	then meaningless, payload_off must have moved by head.
 *
 * Both return 0 when opts->verdict is valid, or a negative errno of a misuse
 * (then the program must return XDP_ABORTED).
 */

#endif /* KSRTP_KFUNC_H */
