// SPDX-License-Identifier: GPL-2.0
/* Who may have, or must have, calls that are encrypted end to end. The agent keeps it. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"

static const struct column policy_columns[] = {
	{ "policy", "policy" },
	{ "e2ee", "end to end" },
	{ "on_mismatch", "on mismatch" },
	{ "description", "description" },
	{ "by", "holds by" },
	{ "name", "of" },
	{ "wants", "wanted" },
	{ NULL, NULL },
};

static const struct column list_columns[] = {
	{ "policy", "POLICY" },
	{ "e2ee", "END-TO-END" },
	{ "on_mismatch", "ON-MISMATCH" },
	{ "description", "DESCRIPTION" },
	{ NULL, NULL },
};

static const struct column grant_columns[] = {
	{ "kind", "GRANTED-TO" }, { "name", "NAME" }, { "rank", "RANK" }, { NULL, NULL },
};

static const struct column log_columns[] = {
	{ "id", "ID" },
	{ "at", "WHEN" },
	{ "who", "WHO" },
	{ "verb", "VERB" },
	{ "object", "OBJECT" },
	{ "before", "BEFORE" },
	{ "after", "AFTER" },
	{ NULL, NULL },
};

static const struct option options_of_all[] = {
	{ "e2ee", required_argument, NULL, 's' },
	{ "on-mismatch", required_argument, NULL, 's' },
	{ "description", required_argument, NULL, 's' },
	{ "user", required_argument, NULL, 's' },
	{ "group", required_argument, NULL, 's' },
	{ "organisation", required_argument, NULL, 's' },
	{ "rank", required_argument, NULL, 'n' },
	{ "limit", required_argument, NULL, 'n' },
	{ "before", required_argument, NULL, 'n' },
	{ NULL, 0, NULL, 0 },
};

/* The option's name as a member of the protocol: on-mismatch is on_mismatch there. */
static int set_option(json_t *params, const char *option, char kind, const char *value)
{
	json_t *member;
	uint32_t number;
	char name[32], *c;

	snprintf(name, sizeof(name), "%s", option);
	for (c = name; *c; c++)
		if (*c == '-')
			*c = '_';
	if (kind == 'n' && !parse_id(value, &number))
		return misused("--%s: '%s' is no number from 1 on", option, value);
	member = kind == 'n' ? json_integer(number) : json_string(value);
	if (!member)
		return misused("--%s: '%s' is not UTF-8", option, value);
	json_object_set_new(params, name, member);
	return EXIT_DONE;
}

/* What stands behind the verb at @argv[-1], and its name if it @takes_name. */
static int parse(int argc, char **argv, bool takes_name, json_t *params)
{
	int c, index = 0, status = EXIT_DONE;

	if (takes_name && (!argc || argv[0][0] == '-'))
		return misused("the name of the policy is missing");
	if (takes_name && json_object_set_new(params, "policy", json_string(argv[0])))
		return misused("the name of the policy is not UTF-8");
	if (!takes_name) {
		argc++;
		argv--;
	}
	optind = 0;
	while (status == EXIT_DONE &&
	       (c = getopt_long(argc, argv, "+", options_of_all, &index)) != -1)
		status = c == '?' ? EXIT_USAGE :
				    set_option(params, options_of_all[index].name, (char)c, optarg);
	if (status == EXIT_DONE && optind < argc)
		status = misused("unexpected '%s'", argv[optind]);
	return status;
}

/* NULL and *@status when that failed. */
static json_t *ask(const char *method, int argc, char **argv, bool takes_name, int *status)
{
	json_t *params = json_object(), *result;

	*status = parse(argc, argv, takes_name, params);
	if (*status != EXIT_DONE) {
		json_decref(params);
		return NULL;
	}
	result = agent_ask(method, params);
	*status = result ? EXIT_DONE : EXIT_REFUSED;
	return result;
}

static int change(const char *method, int argc, char **argv, bool takes_name)
{
	int status;
	json_t *result = ask(method, argc, argv, takes_name, &status);

	return result ? out_any(result) : status;
}

static int new(int argc, char **argv)
{
	return change("policy-new", argc, argv, true);
}

static int set(int argc, char **argv)
{
	return change("policy-set", argc, argv, true);
}

static int delete(int argc, char **argv)
{
	return change("policy-remove", argc, argv, true);
}

static int grant(int argc, char **argv)
{
	return change("policy-grant", argc, argv, true);
}

static int revoke(int argc, char **argv)
{
	return change("policy-revoke", argc, argv, false);
}

static int get(int argc, char **argv)
{
	int status;
	json_t *result = ask("policy-get", argc, argv, true, &status), *grants;

	if (!result)
		return status;
	if (options.json)
		return out_fields(result, policy_columns);
	out_lines(result, policy_columns, 0);
	putchar('\n');
	grants = json_incref(json_object_get(result, "grants") ?: json_array());
	json_decref(result);
	return out_table(grants, grant_columns, "granted to nobody");
}

static int list(int argc, char **argv)
{
	json_t *result, *policies;

	if (argc)
		return misused("policy list takes no argument, not '%s'", argv[0]);
	result = agent_ask("policy-list", json_object());
	if (!result)
		return EXIT_REFUSED;
	if (options.json)
		return out_fields(result, policy_columns);
	policies = json_incref(json_object_get(result, "policies"));
	json_decref(result);
	return out_table(policies, list_columns, "no policies");
}

static int user(int argc, char **argv)
{
	json_t *params, *result;

	if (argc < 1 || argc > 2)
		return misused("policy user takes the name of a user, and on, off or default");
	params = json_pack("{s:s}", "user", argv[0]);
	if (!params)
		return misused("the name of the user is not UTF-8");
	if (argc == 2 && !strcmp(argv[1], "default")) {
		json_object_set_new(params, "e2ee", json_null());
	} else if (argc == 2 && (!strcmp(argv[1], "on") || !strcmp(argv[1], "off"))) {
		json_object_set_new(params, "e2ee", json_boolean(!strcmp(argv[1], "on")));
	} else if (argc == 2) {
		json_decref(params);
		return misused("policy user: '%s' is none of on, off, default", argv[1]);
	}
	result = agent_ask("policy-user", params);
	return result ? out_any(result) : EXIT_REFUSED;
}

/* A party may be in several groups. */
static int effective(int argc, char **argv)
{
	json_t *params = json_object(), *groups = json_array(), *result;
	int status = EXIT_DONE, i;

	for (i = 0; i + 1 < argc && status == EXIT_DONE; i += 2) {
		if (!strcmp(argv[i], "--group"))
			json_array_append_new(groups, json_string(argv[i + 1]));
		else if (!strcmp(argv[i], "--user") || !strcmp(argv[i], "--organisation"))
			status = set_option(params, argv[i] + 2, 's', argv[i + 1]);
		else
			status = misused("unexpected '%s'", argv[i]);
	}
	if (status == EXIT_DONE && i < argc)
		status = misused("policy effective takes --user, --group and --organisation, each with a name");
	if (json_array_size(groups))
		json_object_set(params, "groups", groups);
	json_decref(groups);
	if (status != EXIT_DONE) {
		json_decref(params);
		return status;
	}
	result = agent_ask("policy-effective", params);
	return result ? out_fields(result, policy_columns) : EXIT_REFUSED;
}

static int show_log(int argc, char **argv)
{
	json_t *result, *entries, *entry;
	int status;
	size_t i;

	result = ask("policy-log", argc, argv, false, &status);
	if (!result)
		return status;
	if (options.json)
		return out_fields(result, log_columns);
	entries = json_incref(json_object_get(result, "entries"));
	json_decref(result);
	json_array_foreach(entries, i, entry)
		out_time(entry, "at", json_object_get(entry, "at_ms"));
	return out_table(entries, log_columns, "nothing was changed yet");
}

#define VALUES	"[--e2ee disabled|disabled-user-override|required] [--on-mismatch end|keep]\n" \
		"        [--description TEXT]"

const struct command policy_commands[] = {
	{ "list", "", "The policies of end-to-end encryption", list },
	{ "get", "NAME", "A policy and to whom it is granted", get },
	{ "new", "NAME " VALUES, "Make a policy", new },
	{ "set", "NAME " VALUES, "Change a policy, Global for everybody", set },
	{ "remove", "NAME", "Remove a policy that is granted to nobody", delete },
	{ "grant", "NAME [--user U] [--group G --rank N] [--organisation O]",
	  "Grant a policy to one of these; of several groups the lowest rank counts", grant },
	{ "revoke", "[--user U] [--group G] [--organisation O]", "Take back what was granted", revoke },
	{ "user", "NAME [on|off|default]", "What a user chose, where the policy leaves it to the user",
	  user },
	{ "effective", "[--user U] [--group G]... [--organisation O]", "What holds for a party, and why",
	  effective },
	{ "log", "[--limit N] [--before ID]", "Who changed what, the latest first", show_log },
	{ NULL, NULL, NULL, NULL },
};
