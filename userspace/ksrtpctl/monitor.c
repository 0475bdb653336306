// SPDX-License-Identifier: GPL-2.0
/* Events of the kernel and of the agent, a line each, until interrupted. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"

#define RETRY_MS	1000	/* between looks for an agent */

#define RED	"\033[31m"
#define GREEN	"\033[32m"
#define YELLOW	"\033[33m"
#define PLAIN	"\033[0m"

/* For people only: not into files and pipes, and not where NO_COLOR says so. */
static bool colours;

static bool wants_colours(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return !options.json && isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb");
}

/* What ended or is under attack is red, what may need a hand yellow, what goes well green. */
static const char *colour_of(const json_t *event)
{
	static const struct {
		const char *word, *colour;
	} words[] = {
		{ "failed", RED }, { "leg-attack", RED }, { "key-hard", RED }, { "events-lost", RED },
		{ "key-soft", YELLOW }, { "leg-idle", YELLOW }, { "leg-gone", YELLOW },
		{ "leg-learnt", YELLOW }, { "no-ports", RED }, { "drained", YELLOW },
		{ "established", GREEN }, { "connected", GREEN }, { "leg-first-packet", GREEN },
	};
	const char *name = json_string_value(json_object_get(event, "event"));
	const char *state = json_string_value(json_object_get(event, "state"));
	size_t i;

	for (i = 0; colours && i < sizeof(words) / sizeof(words[0]); i++)
		if ((name && !strcmp(name, words[i].word)) || (state && !strcmp(state, words[i].word)))
			return words[i].colour;
	return NULL;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (double)ts.tv_sec + (double)(ts.tv_nsec / 1000000) / 1e3;
}

static void print_text(const char *source, const json_t *event, double time)
{
	const char *key, *colour = colour_of(event);
	time_t seconds = (time_t)time;
	struct tm tm;
	json_t *value;
	char *text;

	localtime_r(&seconds, &tm);
	if (colour)
		fputs(colour, stdout);
	printf("%02d:%02d:%02d.%03d %-6s", tm.tm_hour, tm.tm_min, tm.tm_sec,
	       (int)((time - (double)seconds) * 1000), source);
	json_object_foreach((json_t *)event, key, value) {
		if (json_is_null(value))
			continue;
		text = out_text(value);
		/* The event's own name needs no title. */
		if (strcmp(key, "event"))
			printf(" %s", key);
		printf(" %s", text ? text : "");
		free(text);
	}
	puts(colour ? PLAIN : "");
}

static void print(const char *source, json_t *event)
{
	double time = now();

	if (options.json) {
		json_object_set_new(event, "source", json_string(source));
		json_object_set_new(event, "time", json_real(time));
		out_json(event);
	} else {
		print_text(source, event, time);
	}
	fflush(stdout);
	json_decref(event);
}

static bool is_key_event(uint32_t type)
{
	return type == KSRTP_CMD_KEY_SOFT_NTF || type == KSRTP_CMD_KEY_HARD_NTF;
}

static int take(const struct ksrtp_event *event, void *arg)
{
	json_t *object = json_pack("{s:s, s:I, s:I}", "event", event->name,
				   "call", (json_int_t)event->call_id,
				   "leg", (json_int_t)event->leg_id);

	(void)arg;
	if (event->remote.ss_family != AF_UNSPEC)
		json_object_set_new(object, "remote", address_json(&event->remote));
	if (is_key_event(event->type)) {
		json_object_set_new(object, "direction",
				    json_string(ksrtp_direction_name(event->direction)));
		json_object_set_new(object, "slot", json_integer(event->slot));
	}
	if (event->type == KSRTP_CMD_LEG_ATTACK_NTF) {
		json_object_set_new(object, "reason",
				    json_string(ksrtp_reason_name(event->reason)));
		json_object_set_new(object, "count", json_integer((json_int_t)event->count));
	}
	if (event->type == KSRTP_CMD_LEG_IDLE_NTF)
		json_object_set_new(object, "idle_ms", json_integer((json_int_t)event->idle_ms));
	print("kernel", object);
	return 0;
}

/* False when the kernel has no more to say. */
static bool read_kernel(struct ksrtp *events)
{
	int err = ksrtp_events_read(events, take, NULL);

	if (!err)
		return true;
	if (err == -ENOBUFS) {
		print("kernel", json_pack("{s:s}", "event", "events-lost"));
		return true;
	}
	kernel_refused(events, err);
	return false;
}

static bool read_agent(struct agent *agent)
{
	json_t *line, *event;
	bool ended;

	while ((line = agent_line(agent, false, &ended))) {
		event = json_object_get(line, "event");
		if (json_is_object(event))
			print("agent", json_incref(event));
		else
			note("the agent sent something that is no event");
		json_decref(line);
	}
	return !ended;
}

/* NULL: it is not there, or refused. */
static struct agent *subscribe(void)
{
	struct agent *agent = agent_open(true);
	json_t *result;

	if (!agent)
		return NULL;
	result = agent_call(agent, "subscribe", json_object());
	if (result) {
		json_decref(result);
		return agent;
	}
	agent_close(agent);
	return NULL;
}

/* The kernel goes on without the agent, and so do its events until there is one again. */
static struct agent *lost(struct agent *agent)
{
	agent_close(agent);
	note("without the agent's events until it is there again");
	return NULL;
}

/* One that came back, and whose first events may have come with its answer. */
static struct agent *back(void)
{
	struct agent *agent = subscribe();

	if (!agent)
		return NULL;
	note("the agent is there again");
	return read_agent(agent) ? agent : lost(agent);
}

/* Takes over @agent. */
static int watch(struct ksrtp *events, struct agent *agent)
{
	struct pollfd fds[2] = { { .events = POLLIN }, { .events = POLLIN } };
	int n, status = EXIT_REFUSED;

	/* The agent's answer may have come with its first event behind it. */
	if (agent && !read_agent(agent))
		agent = lost(agent);
	while (events || agent) {
		fds[0].fd = events ? ksrtp_events_fd(events) : -1;
		fds[1].fd = agent ? agent_fd(agent) : -1;
		n = poll(fds, 2, agent ? -1 : RETRY_MS);
		if (n < 0 && errno != EINTR) {
			status = refused("system", "cannot wait for events: %s", strerror(errno));
			break;
		}
		if (n > 0 && fds[0].revents && !read_kernel(events))
			break;
		if (n > 0 && fds[1].revents && !read_agent(agent))
			agent = lost(agent);
		if (!n)
			agent = back();
	}
	agent_close(agent);
	return status;
}

static int monitor(int argc, char **argv)
{
	struct ksrtp *events;
	struct agent *agent;
	int status, err;

	if (argc)
		return misused("'monitor' takes no argument, not '%s'", argv[0]);
	colours = wants_colours();
	err = ksrtp_events_open(&events);
	agent = subscribe();
	if (!agent)
		note("without the agent's events: nobody listens on %s", options.agent);
	if (err && !agent)
		return kernel_refused(NULL, err);
	if (err)
		note("without the kernel's events: %s", ksrtp_error(NULL));
	status = watch(err ? NULL : events, agent);
	ksrtp_close(events);
	return status;
}

const struct command monitor_commands[] = {
	{ "monitor", "", "Events of the kernel and the agent as they come", monitor },
	{ NULL, NULL, NULL, NULL },
};
