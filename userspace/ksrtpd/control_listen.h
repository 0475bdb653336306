/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTPD_CONTROL_LISTEN_H
#define KSRTPD_CONTROL_LISTEN_H

#include <sys/types.h>

#include "failure.h"

/* A listening Unix socket at @path that its owner alone can open, and members of @gid
 * unless that is -1; or -1. Makes the last folder of the path if it is missing.
 */
int ksrtpd_control_listen(const char *path, gid_t gid, struct ksrtpd_failure *failure);

#endif /* KSRTPD_CONTROL_LISTEN_H */
