/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_PROBE_H
#define KSRTP_PROBE_H

/* What the kfunc adds, so that its answer can come from nowhere else. */
#define PROBE_ADDS 41

#endif
