/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls in the store, and back: an agent that comes after this one takes over what the
 * datapath still has of our calls. Only where both outlive the agent.
 */
#ifndef KSRTPD_CALL_STORE_H
#define KSRTPD_CALL_STORE_H

#include "agent.h"

/* Do our calls go on when we end? */
bool ksrtpd_call_store_used(const struct ksrtpd_agent *agent);
/* Before the first call: as whom we know our calls in the datapath, and what was seen. */
int ksrtpd_call_store_begin(struct ksrtpd_agent *agent, struct ksrtpd_failure *failure);
/* Writes down what the call is now. */
void ksrtpd_call_store_save(struct ksrtpd_agent *agent, const struct ksrtpd_call *call);
void ksrtpd_call_store_forget(struct ksrtpd_agent *agent, const struct ksrtpd_call *call);
/* Takes back the calls of the agent before us. What the datapath has no more is forgotten;
 * what it has and we know nothing of is deleted there.
 */
int ksrtpd_call_store_readopt(struct ksrtpd_agent *agent, struct ksrtpd_failure *failure);

#endif /* KSRTPD_CALL_STORE_H */
