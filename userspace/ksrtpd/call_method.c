// SPDX-License-Identifier: GPL-2.0
#include "call_e2ee.h"
#include "call_method.h"
#include "call_policy.h"
#include "call_store.h"
#include "method.h"
#include "indicator.h"
#include "metrics.h"
#include "params.h"
#include "request.h"
#include "view.h"

int ksrtpd_call_named(struct ksrtpd_agent *agent, const char *name, struct ksrtpd_call **call,
		      struct ksrtpd_failure *failure)
{
	*call = ksrtpd_calls_find(agent->calls, name);
	return *call ? 0 : ksrtpd_fail(failure, "no-such-call", "there is no call named %s", name);
}

/* Takes the text, which may have keys in it. */
static json_t *sdp_result(const char *call, char *sdp)
{
	json_t *result = json_pack("{s:s, s:s}", "call", call, "sdp", sdp);

	ksrtpd_sdp_text_free(sdp);
	return result;
}

static int admit(const struct ksrtpd_agent *agent, const char *name, struct ksrtpd_failure *failure)
{
	if (!agent->draining || ksrtpd_calls_find(agent->calls, name))
		return 0;
	return ksrtpd_fail(failure, "draining", "this agent takes no new calls: it is being drained");
}

static int offer(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, const json_t *params,
		 json_t **result, struct ksrtpd_failure *failure)
{
	struct ksrtpd_request request;
	char *sdp;

	if (ksrtpd_request_parse(params, KSRTPD_TAKES_CALL | KSRTPD_TAKES_SDP | KSRTPD_TAKES_SIDES |
				 KSRTPD_TAKES_MODE, &request, failure) ||
	    admit(agent, request.call, failure))
		return -1;
	request.offer.protected_ = peer->protected_;
	if (ksrtpd_call_policy(agent, peer, params, &request.offer, failure))
		return -1;
	if (ksrtpd_call_offer(agent->calls, &request.offer, &sdp, failure))
		return -1;
	*result = sdp_result(request.call, sdp);
	return 0;
}

static int reoffer(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer,
		   const json_t *params, json_t **result, struct ksrtpd_failure *failure)
{
	struct ksrtpd_request request;
	struct ksrtpd_call *call;
	char *sdp;

	if (ksrtpd_request_parse(params, KSRTPD_TAKES_CALL | KSRTPD_TAKES_SDP | KSRTPD_TAKES_SIDE,
				 &request, failure) ||
	    ksrtpd_call_named(agent, request.call, &call, failure))
		return -1;
	request.offer.protected_ = peer->protected_;
	if (ksrtpd_call_reoffer(call, request.side, &request.offer, &sdp, failure))
		return -1;
	*result = sdp_result(request.call, sdp);
	return 0;
}

static int answer(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, const json_t *params,
		  json_t **result, struct ksrtpd_failure *failure)
{
	struct ksrtpd_request request;
	struct ksrtpd_call *call;
	char *sdp;

	if (ksrtpd_request_parse(params, KSRTPD_TAKES_CALL | KSRTPD_TAKES_SDP, &request, failure) ||
	    ksrtpd_call_named(agent, request.call, &call, failure))
		return -1;
	request.offer.protected_ = peer->protected_;
	if (ksrtpd_call_answer(call, &request.offer, &sdp, failure))
		return -1;
	/* An answer need not change any state. */
	ksrtpd_call_store_save(agent, call);
	ksrtpd_indicator_check(agent, call);
	*result = sdp_result(request.call, sdp);
	return 0;
}

static int show(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, const json_t *params,
		json_t **result, struct ksrtpd_failure *failure)
{
	struct ksrtpd_request request;
	struct ksrtpd_call *call;

	(void)peer;
	if (ksrtpd_request_parse(params, KSRTPD_TAKES_CALL, &request, failure) ||
	    ksrtpd_call_named(agent, request.call, &call, failure))
		return -1;
	if (ksrtpd_call_codes(call))
		*result = ksrtpd_view_call(call, true);
	else if (!ksrtpd_reply_defer(agent, call))
		return ksrtpd_fail(failure, "internal", "no memory");
	return 0;
}

static int list(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, const json_t *params,
		json_t **result, struct ksrtpd_failure *failure)
{
	struct ksrtpd_call *call;
	json_t *calls;

	(void)peer;
	if (ksrtpd_params_only(params, NULL, failure))
		return -1;
	calls = json_array();
	for (call = ksrtpd_calls_first(agent->calls); call; call = LIST_NEXT(call, entry))
		json_array_append_new(calls, ksrtpd_view_summary(call));
	*result = json_pack("{s:o}", "calls", calls);
	return 0;
}

static int del(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, const json_t *params,
	       json_t **result, struct ksrtpd_failure *failure)
{
	struct ksrtpd_request request;
	struct ksrtpd_call *call;

	(void)peer;
	if (ksrtpd_request_parse(params, KSRTPD_TAKES_CALL, &request, failure) ||
	    ksrtpd_call_named(agent, request.call, &call, failure))
		return -1;
	ksrtpd_call_delete(call);
	*result = json_pack("{s:s}", "call", request.call);
	return 0;
}

const struct ksrtpd_method ksrtpd_call_methods[] = {
	{ "call-offer", KSRTPD_SCOPE_CALLS, offer },
	{ "call-reoffer", KSRTPD_SCOPE_CALLS, reoffer },
	{ "call-answer", KSRTPD_SCOPE_CALLS, answer },
	{ "call-show", KSRTPD_SCOPE_READ, show },
	{ "call-list", KSRTPD_SCOPE_READ, list },
	{ "call-del", KSRTPD_SCOPE_CALLS, del },
	{ "call-verify", KSRTPD_SCOPE_CALLS, ksrtpd_call_verify },
	{ "call-mismatch", KSRTPD_SCOPE_CALLS, ksrtpd_call_mismatch },
	{ "call-request", KSRTPD_SCOPE_CALLS, ksrtpd_call_want },
	{ NULL, 0, NULL },
};

/* -- what becomes of calls */

static void call_changed(struct ksrtpd_call *call, void *arg)
{
	struct ksrtpd_agent *agent = arg;

	ksrtpd_metrics_call_changed(agent->metrics, call);
	ksrtpd_call_store_save(agent, call);
	ksrtpd_feed_tell(&agent->feed, ksrtpd_view_call_event(call));
	ksrtpd_indicator_check(agent, call);
}

static void leg_changed(struct ksrtpd_call *call, const struct ksrtpd_leg *leg, unsigned int line,
			int side, void *arg)
{
	struct ksrtpd_agent *agent = arg;

	ksrtpd_metrics_leg_changed(agent->metrics, leg);
	ksrtpd_call_store_save(agent, call);
	ksrtpd_feed_tell(&agent->feed, ksrtpd_view_leg_event(call, leg, line, side));
	ksrtpd_indicator_check(agent, call);
}

static void offer_expired(struct ksrtpd_call *call, int side, void *arg)
{
	struct ksrtpd_agent *agent = arg;

	ksrtpd_feed_tell(&agent->feed, ksrtpd_view_offer_event(call, side));
}

static void codes_ready(struct ksrtpd_call *call, void *arg)
{
	struct ksrtpd_reply *reply;

	while ((reply = ksrtpd_reply_waiting(arg, call)))
		ksrtpd_reply_send(reply, ksrtpd_view_call(call, true));
}

static void code_changed(struct ksrtpd_call *call, int by, void *arg)
{
	struct ksrtpd_agent *agent = arg;

	ksrtpd_call_store_save(agent, call);
	ksrtpd_feed_tell(&agent->feed, ksrtpd_view_code_event(call, by));
	ksrtpd_indicator_check(agent, call);
}

static void call_gone(struct ksrtpd_call *call, void *arg)
{
	struct ksrtpd_agent *agent = arg;
	struct ksrtpd_failure failure;
	struct ksrtpd_reply *reply;

	ksrtpd_call_store_forget(arg, call);
	ksrtpd_fail(&failure, "no-such-call", "call %s was deleted meanwhile", call->name);
	while ((reply = ksrtpd_reply_waiting(agent, call)))
		ksrtpd_reply_fail(reply, &failure);
	if (agent->draining && ksrtpd_calls_first(agent->calls) == call && !LIST_NEXT(call, entry))
		ksrtpd_agent_drained(agent);
}

static const struct ksrtpd_calls_observer observer = {
	.call_changed = call_changed,
	.leg_changed = leg_changed,
	.codes_ready = codes_ready,
	.code_changed = code_changed,
	.offer_expired = offer_expired,
	.gone = call_gone,
};

void ksrtpd_call_methods_init(struct ksrtpd_agent *agent)
{
	ksrtpd_calls_observe(agent->calls, &observer, agent);
}
