// SPDX-License-Identifier: GPL-2.0
/* ksrtpctl [OPTIONS] OBJECT COMMAND [ARGUMENTS] */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

struct options options = { .agent = AGENT_SOCKET };

/* @only: the object stands for its single command. */
static const struct object {
	const char		*name;
	const struct command	*commands;
	bool			only;
} objects[] = {
	{ "call", call_commands, false },
	{ "policy", policy_commands, false },
	{ "federation", federation_commands, false },
	{ "drain", drain_commands, true },
	{ "agent", agent_commands, true },
	{ "leg", leg_commands, false },
	{ "stream", stream_commands, false },
	{ "key", key_commands, false },
	{ "route", route_commands, false },
	{ "stats", stats_commands, true },
	{ "xdp", xdp_commands, false },
	{ "monitor", monitor_commands, true },
	{ "doctor", doctor_commands, true },
	{ "version", version_commands, true },
};

#define OBJECTS (sizeof(objects) / sizeof(objects[0]))

static void error_json(const char *reason, const char *text)
{
	json_t *error = json_pack("{s:{s:s, s:s}}", "error", "reason", reason, "message", text);

	if (error)
		out_json(error);
	json_decref(error);
}

int refused(const char *reason, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "ksrtpctl: %s\n", text);
	if (options.json)
		error_json(reason, text);
	return EXIT_REFUSED;
}

int misused(const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "ksrtpctl: %s\n", text);
	if (options.json)
		error_json("usage", text);
	return EXIT_USAGE;
}

void note(const char *format, ...)
{
	va_list args;

	fputs("ksrtpctl: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

bool parse_id(const char *text, uint32_t *id)
{
	unsigned long long value = 0;
	const char *c;

	for (c = text; *c >= '0' && *c <= '9'; c++) {
		value = value * 10 + (unsigned long long)(*c - '0');
		if (value > UINT32_MAX)
			return false;
	}
	if (c == text || *c || !value)
		return false;
	*id = (uint32_t)value;
	return true;
}

static void help_object(FILE *to, const struct object *object)
{
	const struct command *command;

	for (command = object->commands; command->name; command++) {
		fprintf(to, "  ksrtpctl %s%s%s%s%s\n", object->name,
			object->only ? "" : " ", object->only ? "" : command->name,
			*command->args ? " " : "", command->args);
		fprintf(to, "        %s\n", command->help);
	}
}

static void help(FILE *to)
{
	size_t i;

	fputs("ksrtpctl - show and control SRTP calls in the kernel\n\n"
	      "  ksrtpctl [OPTIONS] OBJECT COMMAND [ARGUMENTS]\n\n"
	      "Options:\n"
	      "  -j, --json         answer in JSON\n"
	      "  -p, --pretty       the same, indented\n"
	      "  -s, --socket PATH  the agent's socket (" AGENT_SOCKET ")\n"
	      "  -h, --help         this text, or that of an object: ksrtpctl call help\n"
	      "  -V, --version      same as 'ksrtpctl version'\n\n"
	      "Commands:\n", to);
	for (i = 0; i < OBJECTS; i++)
		help_object(to, &objects[i]);
	fputs("\ncall, policy, federation, drain and agent ask the agent (ksrtpd); the rest asks the\n"
	      "kernel and needs CAP_NET_ADMIN there, xdp also CAP_SYS_ADMIN.\n"
	      "Exit status: 0 done, 1 refused (the reason is on stderr), 2 wrong usage;\n"
	      "of doctor: 0 all is well, 1 warnings, 2 errors.\n", to);
}

static int run_object(const struct object *object, int argc, char **argv)
{
	const struct command *command;

	if (argc && !strcmp(argv[0], "help")) {
		help_object(stdout, object);
		return EXIT_DONE;
	}
	if (object->only)
		return object->commands->run(argc, argv);
	if (!argc) {
		int status = misused("'%s' needs a command:", object->name);

		help_object(stderr, object);
		return status;
	}
	for (command = object->commands; command->name; command++)
		if (!strcmp(argv[0], command->name))
			return command->run(argc - 1, argv + 1);
	return misused("'%s' has no command '%s'; see 'ksrtpctl %s help'", object->name, argv[0],
		       object->name);
}

static int run(int argc, char **argv)
{
	size_t i;

	if (!argc) {
		help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[0], "help")) {
		help(stdout);
		return EXIT_DONE;
	}
	for (i = 0; i < OBJECTS; i++)
		if (!strcmp(argv[0], objects[i].name))
			return run_object(&objects[i], argc - 1, argv + 1);
	return misused("there is no object '%s'; see 'ksrtpctl help'", argv[0]);
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "pretty", no_argument, NULL, 'p' },
		{ "socket", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	bool version = false;
	int c, status;

	/* '+': what comes after the object belongs to its command. */
	while ((c = getopt_long(argc, argv, "+jps:hV", longs, NULL)) != -1) {
		switch (c) {
		case 'p':
			options.pretty = true;
			/* fall through */
		case 'j':
			options.json = true;
			break;
		case 's':
			options.agent = optarg;
			break;
		case 'h':
			help(stdout);
			return EXIT_DONE;
		case 'V':
			version = true;
			break;
		default:
			return EXIT_USAGE;
		}
	}
	if (version)
		status = version_commands->run(0, NULL);
	else
		status = run(argc - optind, argv + optind);
	if (fflush(stdout) || ferror(stdout)) {
		note("cannot write the answer");
		return EXIT_REFUSED;
	}
	return status;
}

static int version(int argc, char **argv)
{
	json_t *answer, *agent_answer = NULL, *module = NULL;
	struct agent *agent = agent_open(true);
	struct ksrtp_info info;
	struct ksrtp *handle;
	static const struct column columns[] = {
		{ "ksrtpctl", "ksrtpctl" },
		{ "module", "module" },
		{ "agent", "agent" },
		{ NULL, NULL },
	};

	if (argc)
		return misused("'version' takes no argument, not '%s'", argv[0]);
	if (agent)
		agent_answer = agent_call(agent, "ping", json_object());
	agent_close(agent);
	if (!ksrtp_open(&handle)) {
		if (!ksrtp_info_get(handle, &info))
			module = json_string(info.version);
		ksrtp_close(handle);
	}
	answer = json_pack("{s:s, s:o?, s:O?}", "ksrtpctl", KSRTP_VERSION, "module", module,
			   "agent", json_object_get(agent_answer, "version"));
	if (answer && !module)
		json_object_set_new(answer, "module", json_null());
	if (answer && !agent_answer)
		json_object_set_new(answer, "agent", json_null());
	json_decref(agent_answer);
	return out_fields(answer, columns);
}

const struct command version_commands[] = {
	{ "version", "", "Versions of this program, of the loaded module and of the agent", version },
	{ NULL, NULL, NULL, NULL },
};
