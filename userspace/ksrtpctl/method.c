// SPDX-License-Identifier: GPL-2.0
/* Whatever the agent can be asked: its methods by their names, and drain. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl.h"

#define VALUE_MAX	(64 * 1024)
#define WAIT_MAX	86400	/* seconds */

/* A file's octets as a string, or NULL after saying why not. */
static json_t *file_value(const char *path)
{
	FILE *file = fopen(path, "re");
	json_t *value = NULL;
	char *text = malloc(VALUE_MAX);
	size_t len;

	if (!file) {
		refused("usage", "cannot read %s: %s", path, strerror(errno));
	} else if (text) {
		len = fread(text, 1, VALUE_MAX, file);
		if (len < VALUE_MAX && !ferror(file))
			value = json_stringn(text, len);
		if (!value)
			refused("usage", "%s is no UTF-8 text of less than %d octets", path,
				VALUE_MAX);
	}
	if (file)
		fclose(file);
	free(text);
	return value;
}

/* JSON where it is JSON, else the text itself; @FILE: what is in the file. */
static json_t *parse_value(const char *text)
{
	json_t *value;

	if (*text == '@')
		return file_value(text + 1);
	value = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
	if (!value)
		value = json_string(text);
	if (!value)
		misused("'%s' is not UTF-8", text);
	return value;
}

/* The object that member @name of @object is, made if it is not there; NULL if it is none. */
static json_t *object_in(json_t *object, const char *name)
{
	json_t *member = json_object_get(object, name);

	if (!member) {
		member = json_object();
		json_object_set_new(object, name, member);
	}
	return json_is_object(member) ? member : NULL;
}

int set_member(json_t *params, const char *assignment)
{
	char path[256], *name = path, *dot;
	const char *equals = strchr(assignment, '=');
	json_t *value;

	if (!equals || equals == assignment || (size_t)(equals - assignment) >= sizeof(path))
		return misused("'%s' is not of the form MEMBER=VALUE", assignment);
	memcpy(path, assignment, (size_t)(equals - assignment));
	path[equals - assignment] = '\0';
	while ((dot = strchr(name, '.'))) {
		*dot = '\0';
		params = object_in(params, name);
		if (!params)
			return misused("'%s': '%s' is a value already", assignment, name);
		name = dot + 1;
	}
	value = parse_value(equals + 1);
	if (!value)
		return EXIT_USAGE;
	if (json_object_set_new(params, name, value))
		return misused("'%s': the name of a member must be UTF-8", assignment);
	return EXIT_DONE;
}

static int ask(int argc, char **argv)
{
	json_t *params, *result;
	int status = EXIT_DONE, i;

	if (!argc)
		return misused("'agent' takes the name of a method, and its members as MEMBER=VALUE");
	params = json_object();
	for (i = 1; i < argc && status == EXIT_DONE; i++)
		status = set_member(params, argv[i]);
	if (status != EXIT_DONE) {
		json_decref(params);
		return status;
	}
	result = agent_ask(argv[0], params);
	if (!result)
		return EXIT_REFUSED;
	return out_any(result);
}

/* -- drain */

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static bool is_drained(const json_t *line)
{
	const char *name = json_string_value(json_object_get(json_object_get(line, "event"), "event"));

	return name && !strcmp(name, "drained");
}

/* Until the agent says that the last call has ended; false if @seconds were not enough. */
static bool await_drained(struct agent *agent, double seconds)
{
	struct pollfd fd = { .fd = agent_fd(agent), .events = POLLIN };
	double until = now() + seconds, left;
	bool ended = false, drained = false;
	json_t *line;

	for (;;) {
		while (!drained && (line = agent_line(agent, false, &ended))) {
			drained = is_drained(line);
			json_decref(line);
		}
		left = until - now();
		if (drained || ended || left <= 0)
			return drained;
		if (poll(&fd, 1, (int)(left * 1000) + 1) < 0 && errno != EINTR)
			return false;
	}
}

/* How many calls the agent has, or -1. */
static json_int_t calls_left(void)
{
	json_t *result = agent_ask("call-list", json_object());
	json_int_t n = result ? (json_int_t)json_array_size(json_object_get(result, "calls")) : -1;

	json_decref(result);
	return n;
}

static int drain_and_wait(unsigned int seconds)
{
	static const struct column columns[] = {
		{ "drained", "drained" }, { "calls", "calls left" }, { NULL, NULL },
	};
	struct agent *events = agent_open(false);
	json_t *result = NULL;
	json_int_t left;
	bool drained;

	if (!events)
		return EXIT_REFUSED;
	/* Listen first, or the last call could end unheard. */
	result = agent_call(events, "subscribe", json_object());
	json_decref(result);
	if (result)
		result = agent_ask("drain", json_object());
	if (!result) {
		agent_close(events);
		return EXIT_REFUSED;
	}
	json_decref(result);
	left = calls_left();
	drained = !left || (left > 0 && seconds && await_drained(events, seconds));
	agent_close(events);
	if (left > 0)
		left = drained ? 0 : calls_left();
	if (left < 0)
		return EXIT_REFUSED;
	if (left && seconds)
		return refused("timeout", "%" JSON_INTEGER_FORMAT " calls are left after %u seconds", left,
			       seconds);
	return out_fields(json_pack("{s:b, s:I}", "drained", !left, "calls", left), columns);
}

static int drain(int argc, char **argv)
{
	uint32_t seconds = 0;

	if (argc == 1 && !strcmp(argv[0], "--off")) {
		json_t *result = agent_ask("undrain", json_object());

		return result ? out_any(result) : EXIT_REFUSED;
	}
	if (argc && (argc != 2 || strcmp(argv[0], "--wait")))
		return misused("'drain' takes --wait SECONDS, --off, or nothing");
	if (argc && strcmp(argv[1], "0") && (!parse_id(argv[1], &seconds) || seconds > WAIT_MAX))
		return misused("drain: '%s' is no number of seconds from 0 to %d", argv[1], WAIT_MAX);
	return drain_and_wait(seconds);
}

const struct command agent_commands[] = {
	{ "agent", "METHOD [MEMBER=VALUE...]",
	  "Ask the agent whatever it can be asked; a.b=1 is {\"a\": {\"b\": 1}}, a=@FILE a file's text",
	  ask },
	{ NULL, NULL, NULL, NULL },
};

const struct command drain_commands[] = {
	{ "drain", "[--wait SECONDS] [--off]",
	  "Let the agent refuse new calls, and wait until the last one has ended; or take them again",
	  drain },
	{ NULL, NULL, NULL, NULL },
};
