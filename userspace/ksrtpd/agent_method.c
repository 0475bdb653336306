// SPDX-License-Identifier: GPL-2.0
/* What concerns the agent as a whole. */
#include <stdlib.h>

#include "agent.h"
#include "log.h"
#include "method.h"
#include "metrics.h"
#include "notify.h"
#include "params.h"
#include "view.h"

static int ping(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, const json_t *params,
		json_t **result, struct ksrtpd_failure *failure)
{
	(void)peer;
	if (ksrtpd_params_only(params, NULL, failure))
		return -1;
	*result = json_pack("{s:s, s:s}", "version", KSRTPD_VERSION, "datapath",
			    agent->datapath->ops->name);
	return 0;
}

/* -- drain: no new calls, until the last one ended */

static unsigned int count_calls(const struct ksrtpd_agent *agent)
{
	const struct ksrtpd_call *call;
	unsigned int count = 0;

	for (call = ksrtpd_calls_first(agent->calls); call; call = LIST_NEXT(call, entry))
		count++;
	return count;
}

void ksrtpd_agent_drained(struct ksrtpd_agent *agent)
{
	ksrtpd_info("drained: the last call ended");
	ksrtpd_notify_say("STATUS=drained: no calls, and none are taken");
	ksrtpd_feed_tell(&agent->feed, json_pack("{s:s}", "event", "drained"));
}

static int set_draining(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, bool draining,
			const json_t *params, json_t **result, struct ksrtpd_failure *failure)
{
	unsigned int calls = count_calls(agent);

	if (ksrtpd_params_only(params, NULL, failure))
		return -1;
	if (agent->draining != draining) {
		ksrtpd_info("%s: who=%s calls=%u", draining ? "drains" : "drains no more", peer->who,
			    calls);
		ksrtpd_notify_say(draining ? "STATUS=draining: no new calls" : "STATUS=");
		agent->draining = draining;
		ksrtpd_feed_tell(&agent->feed, json_pack("{s:s, s:b, s:i}", "event", "drain",
							 "draining", draining, "calls", (int)calls));
		if (draining && !calls)
			ksrtpd_agent_drained(agent);
	}
	*result = json_pack("{s:b, s:i}", "draining", draining, "calls", (int)calls);
	return 0;
}

static int drain(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, const json_t *params,
		 json_t **result, struct ksrtpd_failure *failure)
{
	return set_draining(agent, peer, true, params, result, failure);
}

static int undrain(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, const json_t *params,
		   json_t **result, struct ksrtpd_failure *failure)
{
	return set_draining(agent, peer, false, params, result, failure);
}

/* -- numbers */

static int stats(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, const json_t *params,
		 json_t **result, struct ksrtpd_failure *failure)
{
	(void)peer;
	if (ksrtpd_params_only(params, NULL, failure))
		return -1;
	*result = ksrtpd_metrics_view(agent);
	return 0;
}

static int metrics(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, const json_t *params,
		   json_t **result, struct ksrtpd_failure *failure)
{
	size_t len;
	char *text;

	(void)peer;
	if (ksrtpd_params_only(params, NULL, failure))
		return -1;
	text = ksrtpd_metrics_text(agent, &len);
	if (text)
		*result = json_pack("{s:s}", "text", text);
	free(text);
	return 0;
}

/* -- the legs of all calls */

static void add_legs(json_t *list, const struct ksrtpd_call *call)
{
	json_t *view = ksrtpd_view_call(call, false), *media, *leg;
	size_t i, j;

	json_array_foreach(json_object_get(view, "media"), i, media) {
		json_array_foreach(json_object_get(media, "legs"), j, leg) {
			json_object_set(leg, "call", json_object_get(view, "call"));
			json_object_set(leg, "line", json_object_get(media, "line"));
			json_object_set(leg, "kind", json_object_get(media, "kind"));
			json_array_append(list, leg);
		}
	}
	json_decref(view);
}

static int legs(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, const json_t *params,
		json_t **result, struct ksrtpd_failure *failure)
{
	const struct ksrtpd_call *call;
	json_t *list;

	(void)peer;
	if (ksrtpd_params_only(params, NULL, failure))
		return -1;
	list = json_array();
	for (call = ksrtpd_calls_first(agent->calls); call; call = LIST_NEXT(call, entry))
		add_legs(list, call);
	*result = json_pack("{s:o}", "legs", list);
	return 0;
}

const struct ksrtpd_method ksrtpd_agent_methods[] = {
	{ "ping", KSRTPD_SCOPE_READ, ping },
	{ "drain", KSRTPD_SCOPE_ADMIN, drain },
	{ "undrain", KSRTPD_SCOPE_ADMIN, undrain },
	{ "stats", KSRTPD_SCOPE_READ, stats },
	{ "metrics", KSRTPD_SCOPE_READ, metrics },
	{ "leg-list", KSRTPD_SCOPE_READ, legs },
	{ NULL, 0, NULL },
};
