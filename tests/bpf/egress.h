/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_BPF_EGRESS_H
#define TESTS_BPF_EGRESS_H

struct prog;

/* Makes the module answer every frame by "redirect to @ifindex", for one frame. */
typedef void (*egress_answer)(unsigned int ifindex);

void egress_tests(struct prog *prog, egress_answer answer);

#endif /* TESTS_BPF_EGRESS_H */
