/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The methods about what end-to-end calls have and other calls have not: a code that people
 * compare (call-verify, call-mismatch); and the reverse (call-request).
 */
#ifndef KSRTPD_CALL_E2EE_H
#define KSRTPD_CALL_E2EE_H

#include "agent.h"
#include "method.h"

int ksrtpd_call_verify(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer,
		       const json_t *params, json_t **result, struct ksrtpd_failure *failure);
int ksrtpd_call_mismatch(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer,
			 const json_t *params, json_t **result, struct ksrtpd_failure *failure);
int ksrtpd_call_want(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer,
		     const json_t *params, json_t **result, struct ksrtpd_failure *failure);

#endif /* KSRTPD_CALL_E2EE_H */
