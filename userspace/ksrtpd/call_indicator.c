// SPDX-License-Identifier: GPL-2.0
#include "call_int.h"

const char *ksrtpd_indicator_name(enum ksrtpd_indicator indicator)
{
	static const char *const names[] = { "none", "shield", "shield-lock" };

	return names[indicator];
}

/* Passed on as it is, to an endpoint that is known, with no key here that could open it. */
static bool is_relayed(const struct ksrtpd_call *call, const struct ksrtpd_leg *leg)
{
	struct ksrtpd_datapath *datapath = call->calls->datapath;
	struct ksrtp_leg now;

	return ksrtpd_datapath_leg_get(datapath, leg->id, &now) && now.call_id == call->id &&
	       now.remote.ss_family != AF_UNSPEC && !ksrtpd_datapath_leg_has_keys(datapath, leg->id);
}

static bool is_protected(const struct ksrtpd_call *call, const struct ksrtpd_leg *leg)
{
	return ksrtpd_datapath_leg_keyed(call->calls->datapath, leg->id);
}

enum ksrtpd_indicator ksrtpd_call_indicator(const struct ksrtpd_call *call)
{
	struct ksrtp_call now;
	struct ksrtpd_leg *leg;
	unsigned int i, line;
	bool rtcp, e2ee;
	int side;

	/* Where codes do not match, somebody may be between the endpoints. */
	if (call->state == KSRTPD_CALL_OFFERED || !call->in_datapath ||
	    ksrtpd_call_verdict(call) == KSRTPD_VERDICT_MISMATCHED ||
	    !ksrtpd_datapath_call_get(call->calls->datapath, call->id, &now))
		return KSRTPD_INDICATOR_NONE;
	e2ee = now.mode == KSRTP_MODE_E2EE;
	for (i = 0; (leg = ksrtpd_call_leg(call, i, &line, &side, &rtcp)); i++) {
		if (!leg->in_datapath || leg->state == KSRTPD_LEG_FAILED ||
		    !(e2ee ? is_relayed(call, leg) : is_protected(call, leg)))
			return KSRTPD_INDICATOR_NONE;
	}
	if (!i)
		return KSRTPD_INDICATOR_NONE;
	return e2ee ? KSRTPD_INDICATOR_SHIELD_LOCK : KSRTPD_INDICATOR_SHIELD;
}
