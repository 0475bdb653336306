/* SPDX-License-Identifier: GPL-2.0 */
/* Who is at the other end of the control socket. */
#ifndef KSRTPD_CREDENTIALS_H
#define KSRTPD_CREDENTIALS_H

#include <stdbool.h>
#include <sys/types.h>

#include "method.h"

/* By the credentials that the kernel has of who connected @fd: root, the agent's own user,
 * and members of the group @gid (-1: none) may do everything. False: it is nobody of them;
 * @peer says who, for the log.
 */
bool ksrtpd_credentials(int fd, gid_t gid, struct ksrtpd_peer *peer);

#endif /* KSRTPD_CREDENTIALS_H */
