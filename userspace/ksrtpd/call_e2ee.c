// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include <ksrtp/ksrtp.h>

#include "call_e2ee.h"
#include "call_method.h"
#include "request.h"

/* -- the code was compared */

static int say(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, const json_t *params,
	       enum ksrtpd_verdict verdict, json_t **result, struct ksrtpd_failure *failure)
{
	struct ksrtpd_request request;
	struct ksrtpd_call *call;
	bool ends;

	if (ksrtpd_request_parse(params, KSRTPD_TAKES_CALL | KSRTPD_MAY_SIDE, &request, failure) ||
	    ksrtpd_call_named(agent, request.call, &call, failure) ||
	    ksrtpd_call_say(call, request.has_side ? request.side : KSRTPD_SAID_BY_ONE, verdict,
			    peer->who, failure))
		return -1;
	ends = verdict == KSRTPD_VERDICT_MISMATCHED && call->end_on_mismatch;
	*result = json_pack("{s:s, s:s, s:b}", "call", call->name,
			    "verified", ksrtpd_verdict_name(ksrtpd_call_verdict(call)), "ended", ends);
	if (ends) {
		struct ksrtpd_failure why;

		ksrtpd_fail(&why, "code-mismatch", "the security codes of the two ends do not match");
		ksrtpd_call_end(call, &why);
	}
	return 0;
}

int ksrtpd_call_verify(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer,
		       const json_t *params, json_t **result, struct ksrtpd_failure *failure)
{
	return say(agent, peer, params, KSRTPD_VERDICT_MATCHED, result, failure);
}

int ksrtpd_call_mismatch(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer,
			 const json_t *params, json_t **result, struct ksrtpd_failure *failure)
{
	return say(agent, peer, params, KSRTPD_VERDICT_MISMATCHED, result, failure);
}

/* -- what somebody else would do with the media, or the parties */

static const struct {
	const char *name, *words;
} wants[] = {
	{ "record", "recording" },
	{ "caption", "captions" },
	{ "transfer-blind", "blind transfer" },
	{ "transfer-safe", "safe transfer" },
	{ "transfer-consultative", "consultative transfer" },
	{ "park", "parking" },
	{ "merge", "merging with another call" },
	{ "companion", "a companion device" },
	{ "add-participant", "another participant" },
};

static const char *words_of(const char *what, struct ksrtpd_failure *failure)
{
	unsigned int i;

	for (i = 0; i < sizeof(wants) / sizeof(wants[0]); i++) {
		if (!strcmp(wants[i].name, what))
			return wants[i].words;
	}
	ksrtpd_fail(failure, "bad-request", "params.what: '%.40s' is none of record, caption, "
		    "transfer-blind, transfer-safe, transfer-consultative, park, merge, companion, "
		    "add-participant", what);
	return NULL;
}

/* Never granted here: whoever does these things asks whether the call can have them. */
int ksrtpd_call_want(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer,
		     const json_t *params, json_t **result, struct ksrtpd_failure *failure)
{
	struct ksrtpd_request request;
	struct ksrtpd_call *call;
	const char *words;

	(void)peer;
	(void)result;
	if (ksrtpd_request_parse(params, KSRTPD_TAKES_CALL | KSRTPD_TAKES_WHAT, &request, failure))
		return -1;
	words = words_of(request.what, failure);
	if (!words || ksrtpd_call_named(agent, request.call, &call, failure))
		return -1;
	if (call->mode == KSRTP_MODE_E2EE)
		return ksrtpd_fail(failure, "not-available-under-e2ee",
				   "call %s is encrypted from end to end, which rules out %s", call->name,
				   words);
	return ksrtpd_fail(failure, "not-supported", "call %s is not end to end and may have %s, but this "
			   "host does not do that itself", call->name, words);
}
