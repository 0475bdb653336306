/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who may set up a call, and whether it is end to end: what the members `domain` and
 * `party` of from and to, and `mode`, come to by the federation lists and the policies of
 * both parties.
 */
#ifndef KSRTPD_CALL_POLICY_H
#define KSRTPD_CALL_POLICY_H

#include "agent.h"
#include "method.h"

/* @params: of call-offer, whose SDP is in @offer. Decides offer->e2ee, or refuses. */
int ksrtpd_call_policy(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer,
		       const json_t *params, struct ksrtpd_call_request *offer,
		       struct ksrtpd_failure *failure);

#endif /* KSRTPD_CALL_POLICY_H */
