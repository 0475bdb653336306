/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTPD_CONTROL_LISTEN_H
#define KSRTPD_CONTROL_LISTEN_H

#include "failure.h"

/* A listening Unix socket at @path that its owner alone can open, or -1. Makes the
 * last folder of the path if it is missing.
 */
int ksrtpd_control_listen(const char *path, struct ksrtpd_failure *failure);

#endif /* KSRTPD_CONTROL_LISTEN_H */
