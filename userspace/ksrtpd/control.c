// SPDX-License-Identifier: GPL-2.0
/*
 * Connections live on the event loop. A request whose answer takes time holds
 * its connection: the next line is not read before it is answered, so answers keep
 * the order of requests and a client bounds nobody's memory but its own.
 */
#include <errno.h>
#include <grp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <jansson.h>

#include "control.h"
#include "control_listen.h"
#include "credentials.h"
#include "line.h"
#include "log.h"
#include "method.h"
#include "params.h"
#include "view.h"
#include "wipe.h"

#define CONNECTIONS_MAX	64
#define OUTPUT_MAX	(4 * 1024 * 1024)	/* octets that a slow reader may leave waiting */

struct connection {
	TAILQ_ENTRY(connection) entry;
	struct ksrtpd_control *control;
	struct bufferevent *stream;
	struct ksrtpd_peer peer;
	struct ksrtpd_subscriber subscriber;
	bool subscribed;
	bool ending;		/* no more requests; closed when the output is out */
	bool dead;		/* to be freed as soon as nobody uses it */
	struct ksrtpd_reply *waits_for;	/* the answer to the question ... */
	json_int_t id;			/* ... of this id */
};

struct ksrtpd_control {
	struct ksrtpd_agent *agent;
	gid_t gid;	/* whose members may connect; -1: none */
	struct evconnlistener *listener;
	char *path;
	TAILQ_HEAD(, connection) connections;
	unsigned int count;
};

/* -- answers */

/* Closes it when the event loop comes round: callers up the stack may still use it. */
static void doom(struct connection *c)
{
	c->dead = true;
	bufferevent_trigger(c->stream, EV_READ, BEV_TRIG_DEFER_CALLBACKS | BEV_TRIG_IGNORE_WATERMARKS);
}

static void send_json(struct connection *c, json_t *message)
{
	struct evbuffer *output = bufferevent_get_output(c->stream);
	char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;

	json_decref(message);
	/* Half an answer, or none, would put the client out of step: close instead. */
	if (!text || bufferevent_write(c->stream, text, strlen(text)) ||
	    bufferevent_write(c->stream, "\n", 1) || evbuffer_get_length(output) > OUTPUT_MAX)
		doom(c);
	ksrtpd_wipe_free(text);
}

static void answer(struct connection *c, json_int_t id, json_t *result)
{
	send_json(c, json_pack("{s:I, s:o}", "id", id, "result", result));
}

static void refuse(struct connection *c, bool has_id, json_int_t id,
		   const struct ksrtpd_failure *failure)
{
	send_json(c, json_pack("{s:o, s:o}", "id", has_id ? json_integer(id) : json_null(),
			       "error", ksrtpd_view_failure(failure)));
}

/* -- questions */

static void answered(void *arg, json_t *result, const struct ksrtpd_failure *failure)
{
	struct connection *c = arg;

	if (failure)
		refuse(c, true, c->id, failure);
	else
		answer(c, c->id, result);
	if (!c->waits_for)
		return;
	c->waits_for = NULL;
	/* Other lines may wait behind it: not from within this callback. */
	bufferevent_trigger(c->stream, EV_READ, BEV_TRIG_DEFER_CALLBACKS |
					       BEV_TRIG_IGNORE_WATERMARKS);
}

static void tell(struct ksrtpd_subscriber *subscriber, uint64_t number, json_t *event)
{
	struct connection *c = (void *)((char *)subscriber - offsetof(struct connection, subscriber));

	(void)number;
	if (!c->dead)
		send_json(c, json_pack("{s:O}", "event", event));
}

static void subscribe(struct connection *c, const struct ksrtpd_line *line)
{
	struct ksrtpd_failure failure;

	if (line->params && ksrtpd_params_only(line->params, NULL, &failure)) {
		refuse(c, true, line->id, &failure);
		return;
	}
	if (!c->subscribed)
		ksrtpd_feed_add(&c->control->agent->feed, &c->subscriber);
	c->subscribed = true;
	answer(c, line->id, json_object());
}

static void take_line(struct connection *c, const char *text, size_t len)
{
	struct ksrtpd_failure failure;
	struct ksrtpd_line line;

	if (ksrtpd_line_parse(text, len, &line, &failure)) {
		refuse(c, line.has_id, line.id, &failure);
	} else if (!strcmp(line.method, "subscribe")) {
		subscribe(c, &line);
	} else {
		c->id = line.id;
		c->waits_for = ksrtpd_method_call(c->control->agent, &c->peer, line.method,
						  line.params, answered, c);
	}
	ksrtpd_line_free(&line);
}

/* -- connections */

static void close_connection(struct connection *c)
{
	ksrtpd_reply_cancel(c->waits_for);
	if (c->subscribed)
		ksrtpd_feed_del(&c->subscriber);
	TAILQ_REMOVE(&c->control->connections, c, entry);
	c->control->count--;
	bufferevent_free(c->stream);
	free(c);
}

static bool output_empty(const struct connection *c)
{
	return !evbuffer_get_length(bufferevent_get_output(c->stream));
}

/* The last thing that a callback of @c does: it may be gone after it. */
static void settle(struct connection *c)
{
	if (c->dead || (c->ending && !c->waits_for && output_empty(c)))
		close_connection(c);
}

static void too_long(struct connection *c)
{
	struct ksrtpd_failure failure;

	ksrtpd_fail(&failure, "bad-request", "the line is longer than %d octets",
		    KSRTPD_LINE_MAX);
	refuse(c, false, 0, &failure);
	bufferevent_disable(c->stream, EV_READ);
	c->ending = true;
}

static void serve(struct connection *c)
{
	struct evbuffer *input = bufferevent_get_input(c->stream);
	char *line;
	size_t len;

	while (!c->waits_for && !c->dead) {
		line = evbuffer_readln(input, &len, EVBUFFER_EOL_LF);
		if (!line)
			break;
		take_line(c, line, len);
		ksrtpd_wipe_free(line);
	}
	if (!c->waits_for && !c->dead && !c->ending &&
	    evbuffer_get_length(input) > KSRTPD_LINE_MAX)
		too_long(c);
	settle(c);
}

static void on_readable(struct bufferevent *stream, void *arg)
{
	(void)stream;
	serve(arg);
}

static void on_written(struct bufferevent *stream, void *arg)
{
	(void)stream;
	settle(arg);
}

/* A client that closed its writing side still gets its answers. */
static void on_event(struct bufferevent *stream, short what, void *arg)
{
	struct connection *c = arg;

	(void)stream;
	if (what & BEV_EVENT_ERROR)
		c->dead = true;
	else if (what & BEV_EVENT_EOF)
		c->ending = true;
	settle(c);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *addr,
		      int len, void *arg)
{
	struct ksrtpd_control *control = arg;
	struct connection *c = NULL;
	struct ksrtpd_peer peer;

	(void)listener;
	(void)addr;
	(void)len;
	if (!ksrtpd_credentials(fd, control->gid, &peer)) {
		ksrtpd_warning("a control connection was refused: %s may not use it", peer.who);
		close(fd);
		return;
	}
	if (control->count < CONNECTIONS_MAX)
		c = calloc(1, sizeof(*c));
	if (c)
		c->stream = bufferevent_socket_new(control->agent->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!c || !c->stream) {
		ksrtpd_warning("a control connection was refused: there are %u", control->count);
		free(c);
		close(fd);
		return;
	}
	c->control = control;
	c->subscriber.tell = tell;
	c->peer = peer;
	TAILQ_INSERT_TAIL(&control->connections, c, entry);
	control->count++;
	/* One line and its end; what comes after it waits in the socket. */
	bufferevent_setwatermark(c->stream, EV_READ, 0, KSRTPD_LINE_MAX + 1);
	bufferevent_setcb(c->stream, on_readable, on_written, on_event, c);
	bufferevent_enable(c->stream, EV_READ | EV_WRITE);
}

static void on_accept_error(struct evconnlistener *listener, void *arg)
{
	(void)listener;
	(void)arg;
	ksrtpd_error("control socket: %s", strerror(errno));
}

static int find_group(const char *name, gid_t *gid, struct ksrtpd_failure *failure)
{
	const struct group *group = *name ? getgrnam(name) : NULL;

	*gid = group ? group->gr_gid : (gid_t)-1;
	if (*name && !group)
		return ksrtpd_fail(failure, "config", "socket-group: there is no group %s", name);
	return 0;
}

struct ksrtpd_control *ksrtpd_control_create(struct ksrtpd_agent *agent,
					     struct ksrtpd_failure *failure)
{
	struct ksrtpd_control *control = calloc(1, sizeof(*control));
	const char *path = agent->config->socket;
	int fd;

	if (!control) {
		ksrtpd_fail(failure, "internal", "no memory");
		return NULL;
	}
	TAILQ_INIT(&control->connections);
	control->agent = agent;
	fd = find_group(agent->config->api.socket_group, &control->gid, failure) ? -1 :
		ksrtpd_control_listen(path, control->gid, failure);
	if (fd < 0) {
		free(control);
		return NULL;
	}
	control->path = strdup(path);
	control->listener = evconnlistener_new(agent->base, on_accept, control,
					       LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	if (!control->path || !control->listener) {
		ksrtpd_fail(failure, "internal", "no memory");
		unlink(path);
		if (!control->listener)
			close(fd);
		ksrtpd_control_destroy(control);
		return NULL;
	}
	evconnlistener_set_error_cb(control->listener, on_accept_error);
	return control;
}

void ksrtpd_control_destroy(struct ksrtpd_control *control)
{
	if (!control)
		return;
	while (!TAILQ_EMPTY(&control->connections))
		close_connection(TAILQ_FIRST(&control->connections));
	if (control->listener) {
		evconnlistener_free(control->listener);
		unlink(control->path);
	}
	free(control->path);
	free(control);
}
