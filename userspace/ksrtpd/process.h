/* SPDX-License-Identifier: GPL-2.0 */
/* What the process may do, and what may be seen of it. */
#ifndef KSRTPD_PROCESS_H
#define KSRTPD_PROCESS_H

#include "failure.h"

/* No core files, no ptrace by others, private keys in locked memory that no dump has, and
 * what JSON and libevent free is wiped: so nothing of theirs may be used before.
 */
int ksrtpd_process_harden(struct ksrtpd_failure *failure);
/* Keeps CAP_NET_ADMIN and nothing else. */
int ksrtpd_process_drop(struct ksrtpd_failure *failure);

#endif /* KSRTPD_PROCESS_H */
