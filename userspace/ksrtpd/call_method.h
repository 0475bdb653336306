/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTPD_CALL_METHOD_H
#define KSRTPD_CALL_METHOD_H

#include "agent.h"
#include "failure.h"

/* From now on what becomes of calls is told to the feed, and to who waits for codes. */
void ksrtpd_call_methods_init(struct ksrtpd_agent *agent);

/* The call of this name; refused as no-such-call where there is none. */
int ksrtpd_call_named(struct ksrtpd_agent *agent, const char *name, struct ksrtpd_call **call,
		      struct ksrtpd_failure *failure);

#endif /* KSRTPD_CALL_METHOD_H */
