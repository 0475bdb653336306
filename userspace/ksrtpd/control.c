// SPDX-License-Identifier: GPL-2.0
/*
 * Connections live on the event loop. A request that waits for security codes holds
 * its connection: the next line is not read before it is answered, so answers keep
 * the order of requests and a client bounds nobody's memory but its own.
 */
#include <errno.h>
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
#include "log.h"
#include "request.h"
#include "view.h"

#define CONNECTIONS_MAX	64
#define OUTPUT_MAX	(4 * 1024 * 1024)	/* octets that a slow reader may leave waiting */

struct connection {
	TAILQ_ENTRY(connection) entry;
	struct ksrtpd_control *control;
	struct bufferevent *stream;
	bool subscribed;
	bool ending;		/* no more requests; closed when the output is out */
	bool dead;		/* to be freed as soon as nobody uses it */
	struct ksrtpd_call *waits_for;	/* codes of this call, for the request ... */
	json_int_t waiting_id;		/* ... of this id */
};

struct ksrtpd_control {
	struct event_base *base;
	struct ksrtpd_calls *calls;
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
	free(text);
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

/* -- methods: each fills *@result, or fails */

static int find_call(struct ksrtpd_control *control, const char *name, struct ksrtpd_call **call,
		     struct ksrtpd_failure *failure)
{
	*call = ksrtpd_calls_find(control->calls, name);
	return *call ? 0 : ksrtpd_fail(failure, "no-such-call", "there is no call named %s", name);
}

static json_t *sdp_result(const char *call, char *sdp)
{
	json_t *result = json_pack("{s:s, s:s}", "call", call, "sdp", sdp);

	free(sdp);
	return result;
}

static int do_offer(struct connection *c, const struct ksrtpd_request *request, json_t **result,
		    struct ksrtpd_failure *failure)
{
	char *sdp;

	if (ksrtpd_call_offer(c->control->calls, request->call, request->sdp, request->sdp_len,
			      request->sides, &sdp, failure))
		return -1;
	*result = sdp_result(request->call, sdp);
	return 0;
}

static int do_answer(struct connection *c, const struct ksrtpd_request *request, json_t **result,
		     struct ksrtpd_failure *failure)
{
	struct ksrtpd_call *call;
	char *sdp;

	if (find_call(c->control, request->call, &call, failure) ||
	    ksrtpd_call_answer(call, request->sdp, request->sdp_len, &sdp, failure))
		return -1;
	*result = sdp_result(request->call, sdp);
	return 0;
}

static int do_show(struct connection *c, const struct ksrtpd_request *request, json_t **result,
		   struct ksrtpd_failure *failure)
{
	struct ksrtpd_call *call;

	if (find_call(c->control, request->call, &call, failure))
		return -1;
	if (ksrtpd_call_codes(call)) {
		*result = ksrtpd_view_call(call);
	} else {
		c->waits_for = call;
		c->waiting_id = request->id;
	}
	return 0;
}

static int do_list(struct connection *c, json_t **result)
{
	struct ksrtpd_call *call;
	json_t *list = json_array();

	for (call = ksrtpd_calls_first(c->control->calls); call; call = LIST_NEXT(call, entry))
		json_array_append_new(list, ksrtpd_view_summary(call));
	*result = json_pack("{s:o}", "calls", list);
	return 0;
}

static int do_delete(struct connection *c, const struct ksrtpd_request *request, json_t **result,
		     struct ksrtpd_failure *failure)
{
	struct ksrtpd_call *call;

	if (find_call(c->control, request->call, &call, failure))
		return -1;
	ksrtpd_call_delete(call);
	*result = json_pack("{s:s}", "call", request->call);
	return 0;
}

static int do_request(struct connection *c, const struct ksrtpd_request *request, json_t **result,
		      struct ksrtpd_failure *failure)
{
	switch (request->method) {
	case KSRTPD_PING:
		*result = json_pack("{s:s, s:s}", "version", KSRTPD_VERSION, "datapath",
				    ksrtpd_calls_datapath(c->control->calls)->ops->name);
		return 0;
	case KSRTPD_CALL_OFFER:
		return do_offer(c, request, result, failure);
	case KSRTPD_CALL_ANSWER:
		return do_answer(c, request, result, failure);
	case KSRTPD_CALL_SHOW:
		return do_show(c, request, result, failure);
	case KSRTPD_CALL_LIST:
		return do_list(c, result);
	case KSRTPD_CALL_DEL:
		return do_delete(c, request, result, failure);
	case KSRTPD_SUBSCRIBE:
		c->subscribed = true;
		*result = json_object();
		return 0;
	}
	return ksrtpd_fail(failure, "bad-request", "unknown method");
}

static void take_line(struct connection *c, const char *line, size_t len)
{
	struct ksrtpd_failure failure;
	struct ksrtpd_request request;
	json_t *result = NULL;

	if (ksrtpd_request_parse(line, len, &request, &failure) ||
	    do_request(c, &request, &result, &failure))
		refuse(c, request.has_id, request.id, &failure);
	else if (!c->waits_for)
		answer(c, request.id, result);
	ksrtpd_request_free(&request);
}

/* -- what became of calls */

static void broadcast(struct ksrtpd_control *control, json_t *event)
{
	struct connection *c;

	TAILQ_FOREACH(c, &control->connections, entry) {
		if (c->subscribed && !c->dead)
			send_json(c, json_incref(event));
	}
	json_decref(event);
}

static void call_changed(struct ksrtpd_call *call, void *arg)
{
	broadcast(arg, ksrtpd_view_call_event(call));
}

static void leg_changed(struct ksrtpd_call *call, unsigned int line, int side, void *arg)
{
	broadcast(arg, ksrtpd_view_leg_event(call, line, side));
}

static struct connection *next_waiting(struct ksrtpd_control *control,
				       const struct ksrtpd_call *call)
{
	struct connection *c;

	TAILQ_FOREACH(c, &control->connections, entry) {
		if (c->waits_for == call)
			return c;
	}
	return NULL;
}

static void codes_ready(struct ksrtpd_call *call, void *arg)
{
	struct connection *c;

	while ((c = next_waiting(arg, call))) {
		c->waits_for = NULL;
		answer(c, c->waiting_id, ksrtpd_view_call(call));
		/* Other lines may wait behind it: not from within this callback. */
		bufferevent_trigger(c->stream, EV_READ, BEV_TRIG_DEFER_CALLBACKS |
						       BEV_TRIG_IGNORE_WATERMARKS);
	}
}

static void call_gone(struct ksrtpd_call *call, void *arg)
{
	struct ksrtpd_failure failure;
	struct connection *c;

	ksrtpd_fail(&failure, "no-such-call", "call %s was deleted meanwhile", call->name);
	while ((c = next_waiting(arg, call))) {
		c->waits_for = NULL;
		refuse(c, true, c->waiting_id, &failure);
		bufferevent_trigger(c->stream, EV_READ, BEV_TRIG_DEFER_CALLBACKS |
						       BEV_TRIG_IGNORE_WATERMARKS);
	}
}

static const struct ksrtpd_calls_observer observer = {
	.call_changed = call_changed,
	.leg_changed = leg_changed,
	.codes_ready = codes_ready,
	.gone = call_gone,
};

/* -- connections */

static void close_connection(struct connection *c)
{
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
		    KSRTPD_REQUEST_MAX);
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
		free(line);
	}
	if (!c->waits_for && !c->dead && !c->ending &&
	    evbuffer_get_length(input) > KSRTPD_REQUEST_MAX)
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

	(void)listener;
	(void)addr;
	(void)len;
	if (control->count < CONNECTIONS_MAX)
		c = calloc(1, sizeof(*c));
	if (c)
		c->stream = bufferevent_socket_new(control->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!c || !c->stream) {
		ksrtpd_warning("a control connection was refused: there are %u", control->count);
		free(c);
		close(fd);
		return;
	}
	c->control = control;
	TAILQ_INSERT_TAIL(&control->connections, c, entry);
	control->count++;
	/* One line and its end; what comes after it waits in the socket. */
	bufferevent_setwatermark(c->stream, EV_READ, 0, KSRTPD_REQUEST_MAX + 1);
	bufferevent_setcb(c->stream, on_readable, on_written, on_event, c);
	bufferevent_enable(c->stream, EV_READ | EV_WRITE);
}

static void on_accept_error(struct evconnlistener *listener, void *arg)
{
	(void)listener;
	(void)arg;
	ksrtpd_error("control socket: %s", strerror(errno));
}

struct ksrtpd_control *ksrtpd_control_create(struct event_base *base, const char *path,
					     struct ksrtpd_calls *calls,
					     struct ksrtpd_failure *failure)
{
	struct ksrtpd_control *control = calloc(1, sizeof(*control));
	int fd;

	if (!control) {
		ksrtpd_fail(failure, "internal", "no memory");
		return NULL;
	}
	TAILQ_INIT(&control->connections);
	control->base = base;
	control->calls = calls;
	fd = ksrtpd_control_listen(path, failure);
	if (fd < 0) {
		free(control);
		return NULL;
	}
	control->path = strdup(path);
	control->listener = evconnlistener_new(base, on_accept, control,
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
	ksrtpd_calls_observe(calls, &observer, control);
	return control;
}

void ksrtpd_control_destroy(struct ksrtpd_control *control)
{
	static const struct ksrtpd_calls_observer nobody;

	if (!control)
		return;
	ksrtpd_calls_observe(control->calls, &nobody, NULL);
	while (!TAILQ_EMPTY(&control->connections))
		close_connection(TAILQ_FIRST(&control->connections));
	if (control->listener) {
		evconnlistener_free(control->listener);
		unlink(control->path);
	}
	free(control->path);
	free(control);
}
