/* SPDX-License-Identifier: GPL-2.0 */
/* The XDP program in the kernel, run on one frame at a time by BPF_PROG_TEST_RUN. */
#ifndef TESTS_BPF_PROG_H
#define TESTS_BPF_PROG_H

#include <stdint.h>

#include <ksrtp/maps.h>

#include "frame.h"

struct prog {
	struct ksrtp_bpf *skel;
	int fd;
	/* what the last run added to each counter of enum ksrtp_prog_verdict */
	int64_t verdicts[__KSRTP_PROG_MAX];
	uint64_t before[__KSRTP_PROG_MAX];
};

/* 0, or a negative errno after a line on stdout that says why. */
int prog_open(struct prog *prog);
void prog_close(struct prog *prog);
/*
 * The program's action (XDP_*), with the frame as it left it in @out; negative:
 * the run itself failed. @meta octets of metadata stand before the frame.
 */
int prog_run(struct prog *prog, unsigned int ifindex, const struct frame *in, struct frame *out,
	     unsigned int meta);
/* Did the last run count exactly one, as @verdict? */
int prog_counted(const struct prog *prog, unsigned int verdict);
const char *prog_action(int action);

#endif /* TESTS_BPF_PROG_H */
