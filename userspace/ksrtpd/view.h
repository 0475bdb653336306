/* SPDX-License-Identifier: GPL-2.0 */
/* Calls, legs and failures as the JSON of PROTOCOL.md. NULL when memory is out. */
#ifndef KSRTPD_VIEW_H
#define KSRTPD_VIEW_H

#include <jansson.h>

#include "call.h"
#include "failure.h"

/* {"reason", "message"} */
json_t *ksrtpd_view_failure(const struct ksrtpd_failure *failure);
/* The whole call object. @quality: its legs with theirs, for which the datapath is asked. */
json_t *ksrtpd_view_call(const struct ksrtpd_call *call, bool quality);
/* {"call", "state", "media": [kinds]} */
json_t *ksrtpd_view_summary(const struct ksrtpd_call *call);
/* The events "call-state" and "leg-state". */
json_t *ksrtpd_view_call_event(const struct ksrtpd_call *call);
json_t *ksrtpd_view_leg_event(const struct ksrtpd_call *call, const struct ksrtpd_leg *leg,
			      unsigned int line, int side);
/* "call-code" */
json_t *ksrtpd_view_code_event(const struct ksrtpd_call *call, int by);
json_t *ksrtpd_view_offer_event(const struct ksrtpd_call *call, int side);

#endif /* KSRTPD_VIEW_H */
