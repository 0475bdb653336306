// SPDX-License-Identifier: GPL-2.0
/* The client side of userspace/ksrtpd/PROTOCOL.md. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl.h"

#define LINE_MAX_LEN	(256 * 1024)	/* PROTOCOL.md */

struct agent {
	int	fd;
	int	id;
	size_t	len;
	char	buf[LINE_MAX_LEN];
};

static void say_unreachable(int err)
{
	switch (err) {
	case ENOENT:
	case ECONNREFUSED:
		refused("no-agent",
			"the agent is not running: nobody listens on %s (start ksrtpd, or name its socket with -s)",
			options.agent);
		break;
	case EACCES:
	case EPERM:
		refused("privilege", "no permission to use the agent's socket %s",
			options.agent);
		break;
	default:
		refused("no-agent", "cannot reach the agent at %s: %s", options.agent,
			strerror(err));
	}
}

struct agent *agent_open(bool optional)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct agent *agent;
	int err;

	if (strlen(options.agent) >= sizeof(addr.sun_path)) {
		refused("usage", "the path of the agent's socket is longer than %zu octets: %s",
			sizeof(addr.sun_path) - 1, options.agent);
		return NULL;
	}
	strcpy(addr.sun_path, options.agent);
	agent = calloc(1, sizeof(*agent));
	if (!agent) {
		refused("memory", "out of memory");
		return NULL;
	}
	agent->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (agent->fd >= 0 && !connect(agent->fd, (struct sockaddr *)&addr, sizeof(addr)))
		return agent;
	err = errno;
	agent_close(agent);
	if (!optional)
		say_unreachable(err);
	return NULL;
}

void agent_close(struct agent *agent)
{
	if (!agent)
		return;
	if (agent->fd >= 0)
		close(agent->fd);
	free(agent);
}

int agent_fd(const struct agent *agent)
{
	return agent->fd;
}

static bool send_all(int fd, const char *data, size_t len)
{
	ssize_t n;

	while (len) {
		n = send(fd, data, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* Takes the first whole line out of the buffer. */
static json_t *take_line(struct agent *agent, char *newline)
{
	size_t used = (size_t)(newline - agent->buf) + 1;
	json_error_t error;
	json_t *line;

	line = json_loadb(agent->buf, used - 1, JSON_REJECT_DUPLICATES, &error);
	memmove(agent->buf, agent->buf + used, agent->len - used);
	agent->len -= used;
	if (!line)
		refused("protocol", "the agent's answer is not JSON: %s", error.text);
	return line;
}

json_t *agent_line(struct agent *agent, bool wait, bool *ended)
{
	char *newline;
	ssize_t n;

	*ended = false;
	for (;;) {
		newline = memchr(agent->buf, '\n', agent->len);
		if (newline) {
			json_t *line = take_line(agent, newline);

			*ended = !line;
			return line;
		}
		if (agent->len == sizeof(agent->buf)) {
			refused("protocol", "the agent's answer is longer than %d octets",
				LINE_MAX_LEN);
			break;
		}
		n = recv(agent->fd, agent->buf + agent->len, sizeof(agent->buf) - agent->len,
			 wait ? 0 : MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return NULL;
		if (n <= 0) {
			refused("no-agent", "the agent at %s closed the connection%s%s",
				options.agent, n ? ": " : "", n ? strerror(errno) : "");
			break;
		}
		agent->len += (size_t)n;
	}
	*ended = true;
	return NULL;
}

static bool ask(struct agent *agent, const char *method, json_t *params)
{
	json_t *request = json_pack("{s:i, s:s, s:O}", "id", ++agent->id, "method", method,
				    "params", params);
	char *text = request ? json_dumps(request, JSON_COMPACT) : NULL;
	bool sent = false;

	json_decref(request);
	if (!text)
		refused("memory", "out of memory");
	else if (strlen(text) + 1 > LINE_MAX_LEN)
		refused("usage", "the request is longer than the %d octets that the agent takes",
			LINE_MAX_LEN);
	else if (!send_all(agent->fd, text, strlen(text)) || !send_all(agent->fd, "\n", 1))
		refused("no-agent", "cannot write to the agent at %s: %s", options.agent,
			strerror(errno));
	else
		sent = true;
	free(text);
	return sent;
}

static json_t *take_answer(struct agent *agent, json_t *answer)
{
	const char *reason = "protocol", *message = "without words";
	json_t *error = json_object_get(answer, "error");
	json_t *result = json_object_get(answer, "result");

	if (json_integer_value(json_object_get(answer, "id")) != agent->id || (!error && !result)) {
		refused("protocol", "the agent's answer does not belong to the request");
		return NULL;
	}
	if (error) {
		json_unpack(error, "{s:s, s:s}", "reason", &reason, "message", &message);
		refused(reason, "the agent refused (%s): %s", reason, message);
		return NULL;
	}
	return json_incref(result);
}

json_t *agent_call(struct agent *agent, const char *method, json_t *params)
{
	json_t *answer, *result = NULL;
	bool ended;

	if (ask(agent, method, params)) {
		answer = agent_line(agent, true, &ended);
		if (answer)
			result = take_answer(agent, answer);
		json_decref(answer);
	}
	json_decref(params);
	return result;
}

json_t *agent_ask(const char *method, json_t *params)
{
	struct agent *agent = agent_open(false);
	json_t *result;

	if (!agent) {
		json_decref(params);
		return NULL;
	}
	result = agent_call(agent, method, params);
	agent_close(agent);
	return result;
}
