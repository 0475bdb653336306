/* SPDX-License-Identifier: GPL-2.0 */
/* Map layouts shared by the BPF programs and userspace. They ship together. */
#ifndef KSRTP_MAPS_H
#define KSRTP_MAPS_H

#include <linux/types.h>

/* Map "ksrtp_verdicts": per-CPU array of __u64, by what the program did. */
enum ksrtp_prog_verdict {
	KSRTP_PROG_PASS_OTHER,		/* not UDP, a fragment, options: not parsed further */
	KSRTP_PROG_PASS,		/* the module said pass */
	KSRTP_PROG_DROP,
	KSRTP_PROG_TX,			/* out of the device it came in on */
	KSRTP_PROG_REDIRECT,
	KSRTP_PROG_ERROR,		/* adjust or kfunc failed: aborted */
	__KSRTP_PROG_MAX,
};

/*
 * Map "ksrtp_egress": per-CPU hash. Frames lost after the program said where
 * to, from the kernel's tracepoints. xdp_devmap_xmit does not name the program,
 * so frames of other programs are counted there as well.
 */
struct ksrtp_egress_key {
	__u32 netns;		/* inode number, as of /proc/PID/ns/net */
	__u32 ifindex;		/* of the egress device */
};

struct ksrtp_egress {
	__u64 redirect_err;	/* xdp_redirect_err: refused before queueing */
	__u64 xmit_sent;	/* xdp_devmap_xmit: taken by ndo_xdp_xmit */
	__u64 xmit_drops;	/* xdp_devmap_xmit: refused by ndo_xdp_xmit */
	__u64 tx_drops;		/* xdp_exception: refused by the device, generic XDP */
};

#endif /* KSRTP_MAPS_H */
