/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module as a datapath, through libksrtp. kernel.c is the only file that hands keys
 * to the kernel, and nothing else calls libksrtp's functions that change something.
 */
#ifndef KSRTPD_KERNEL_H
#define KSRTPD_KERNEL_H

#include "datapath.h"

struct ksrtpd_datapath *ksrtpd_kernel_open(struct event_base *base,
					   struct ksrtpd_failure *failure);

#endif /* KSRTPD_KERNEL_H */
