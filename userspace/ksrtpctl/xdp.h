/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTPCTL_XDP_H
#define KSRTPCTL_XDP_H

#include "ctl.h"

/* {"devices": [...], "program": {...} | null} of this network namespace; *@err 0 or a negative errno. */
json_t *xdp_json(int *err);
extern const struct column xdp_columns[];

#endif /* KSRTPCTL_XDP_H */
