// SPDX-License-Identifier: GPL-2.0
/* What concerns the agent as a whole. */
#include "agent.h"
#include "method.h"
#include "params.h"

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

const struct ksrtpd_method ksrtpd_agent_methods[] = {
	{ "ping", KSRTPD_SCOPE_READ, ping },
	{ NULL, 0, NULL },
};
