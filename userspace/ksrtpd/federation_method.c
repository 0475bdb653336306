// SPDX-License-Identifier: GPL-2.0
#include "agent.h"
#include "federation.h"
#include "federation_method.h"
#include "method.h"
#include "params.h"

static bool allowed_else(const struct ksrtpd_agent *agent)
{
	return agent->config->federation_default == KSRTPD_FEDERATION_ALLOW;
}

static int take_host(const json_t *params, const char **host, struct ksrtpd_failure *failure)
{
	static const char *const members[] = { "host", NULL };

	if (ksrtpd_params_only(params, members, failure))
		return -1;
	return ksrtpd_params_string(params, "host", KSRTPD_FEDERATION_PATTERN - 1, host, failure);
}

static int add(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, const json_t *params,
	       bool allow, json_t **result, struct ksrtpd_failure *failure)
{
	const char *host;

	if (take_host(params, &host, failure) ||
	    ksrtpd_federation_add(agent->store, peer->who, host, allow, failure))
		return -1;
	*result = json_pack("{s:s}", "host", host);
	return 0;
}

static int allow(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, const json_t *params,
		 json_t **result, struct ksrtpd_failure *failure)
{
	return add(agent, peer, params, true, result, failure);
}

static int deny(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, const json_t *params,
		json_t **result, struct ksrtpd_failure *failure)
{
	return add(agent, peer, params, false, result, failure);
}

static int remove_entry(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer,
			const json_t *params, json_t **result, struct ksrtpd_failure *failure)
{
	const char *host;

	if (take_host(params, &host, failure) ||
	    ksrtpd_federation_remove(agent->store, peer->who, host, failure))
		return -1;
	*result = json_pack("{s:s}", "host", host);
	return 0;
}

static int view_entry(const char *pattern, bool allowed, void *lists)
{
	json_array_append_new(json_object_get(lists, allowed ? "allow" : "deny"),
			      json_string(pattern));
	return 0;
}

static int list(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, const json_t *params,
		json_t **result, struct ksrtpd_failure *failure)
{
	(void)peer;
	if (ksrtpd_params_only(params, NULL, failure))
		return -1;
	*result = json_pack("{s:s, s:[], s:[]}", "default",
			    allowed_else(agent) ? "allow" : "deny", "allow", "deny");
	return ksrtpd_federation_each(agent->store, view_entry, *result, failure);
}

int ksrtpd_federation_admit(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer,
			    const char *domain, struct ksrtpd_failure *failure)
{
	bool fallback = allowed_else(agent);

	if (domain && ksrtpd_federation_check(agent->store, domain, fallback, failure))
		return -1;
	if (*peer->domain && ksrtpd_federation_check(agent->store, peer->domain, fallback, failure))
		return -1;
	if (domain || *peer->domain || peer->local || fallback)
		return 0;
	return ksrtpd_fail(failure, "federation-denied", "calls from hosts without a name are not"
			   " allowed here");
}

const struct ksrtpd_method ksrtpd_federation_methods[] = {
	{ "federation-list", KSRTPD_SCOPE_READ, list },
	{ "federation-allow", KSRTPD_SCOPE_POLICY, allow },
	{ "federation-deny", KSRTPD_SCOPE_POLICY, deny },
	{ "federation-remove", KSRTPD_SCOPE_POLICY, remove_entry },
	{ NULL, 0, NULL },
};
