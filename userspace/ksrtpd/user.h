/* SPDX-License-Identifier: GPL-2.0 */
/* The agent itself as a datapath: user_engine.h between the sockets of user_leg.h. */
#ifndef KSRTPD_USER_H
#define KSRTPD_USER_H

#include "datapath.h"

struct ksrtpd_datapath *ksrtpd_user_open(struct event_base *base, struct ksrtpd_failure *failure);

#endif /* KSRTPD_USER_H */
