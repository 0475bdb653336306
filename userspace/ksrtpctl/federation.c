// SPDX-License-Identifier: GPL-2.0
/* Which other hosts may set up calls. The agent keeps the lists. */
#include <stdio.h>

#include "ctl.h"

static int change(const char *method, int argc, char **argv)
{
	json_t *params, *result;

	if (argc != 1)
		return misused("%s takes a host: a name, .suffix, or an address with or without /LENGTH",
			       method);
	params = json_pack("{s:s}", "host", argv[0]);
	if (!params)
		return misused("the host is not UTF-8");
	result = agent_ask(method, params);
	return result ? out_any(result) : EXIT_REFUSED;
}

static int allow(int argc, char **argv)
{
	return change("federation-allow", argc, argv);
}

static int deny(int argc, char **argv)
{
	return change("federation-deny", argc, argv);
}

static int delete(int argc, char **argv)
{
	return change("federation-remove", argc, argv);
}

static int list(int argc, char **argv)
{
	static const struct column columns[] = { { "host", "HOST" }, { "may", "CALLS" }, { NULL, NULL } };
	static const char *const lists[] = { "deny", "allow" };
	json_t *result, *rows, *host;
	size_t i, n;

	if (argc)
		return misused("federation list takes no argument, not '%s'", argv[0]);
	result = agent_ask("federation-list", json_object());
	if (!result)
		return EXIT_REFUSED;
	if (options.json)
		return out_fields(result, columns);
	rows = json_array();
	for (n = 0; n < 2; n++)
		json_array_foreach(json_object_get(result, lists[n]), i, host)
			json_array_append_new(rows, json_pack("{s:O, s:s}", "host", host, "may", lists[n]));
	json_array_append_new(rows, json_pack("{s:s, s:O}", "host", "every other", "may",
					      json_object_get(result, "default")));
	json_decref(result);
	return out_table(rows, columns, "no hosts");
}

const struct command federation_commands[] = {
	{ "list", "", "Hosts that may and may not set up calls; a refusal wins", list },
	{ "allow", "HOST", "Let a host set up calls: a name, a .suffix, an address or a prefix", allow },
	{ "deny", "HOST", "Refuse its calls", deny },
	{ "remove", "HOST", "Take it off the lists", delete },
	{ NULL, NULL, NULL, NULL },
};
