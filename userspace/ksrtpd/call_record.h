/* SPDX-License-Identifier: GPL-2.0 */
/* What is kept of a call, so that the agent that comes after this one has it again. */
#ifndef KSRTPD_CALL_RECORD_H
#define KSRTPD_CALL_RECORD_H

#include <jansson.h>

#include "call.h"

/* Without any secret; NULL when memory is out. */
json_t *ksrtpd_call_record(const struct ksrtpd_call *call);
/* The call, in the list of @calls, from its record and the legs that the datapath has of
 * it. If that fails it is deleted in the datapath too.
 */
struct ksrtpd_call *ksrtpd_call_restore(struct ksrtpd_calls *calls, const json_t *record,
					const struct ksrtp_leg *found, unsigned int found_count,
					struct ksrtpd_failure *failure);
/* Takes one leg of the datapath for one of this call's? */
bool ksrtpd_call_has_leg(const struct ksrtpd_call *call, uint32_t leg_id);

#endif /* KSRTPD_CALL_RECORD_H */
