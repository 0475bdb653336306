/* SPDX-License-Identifier: GPL-2.0 */
/* The control socket: PROTOCOL.md over libevent. */
#ifndef KSRTPD_CONTROL_H
#define KSRTPD_CONTROL_H

#include "agent.h"
#include "failure.h"

struct ksrtpd_control;

/* Listens on the Unix socket of the configuration, mode 0600, or 0660 where a group may use
 * it too. A socket that nobody answers on any
 * more is replaced; one that somebody answers on is a failure.
 */
struct ksrtpd_control *ksrtpd_control_create(struct ksrtpd_agent *agent,
					     struct ksrtpd_failure *failure);
void ksrtpd_control_destroy(struct ksrtpd_control *control);

#endif /* KSRTPD_CONTROL_H */
