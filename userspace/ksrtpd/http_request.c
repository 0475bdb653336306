// SPDX-License-Identifier: GPL-2.0
/* One request after the other: its head, its body, who asks, what, and the answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <event2/buffer.h>

#include "bucket.h"
#include "http_int.h"
#include "log.h"
#include "metrics.h"
#include "view.h"
#include "wipe.h"

#define JSON	"application/json"

/* openapi.yaml, by openapi.S */
extern const char ksrtpd_openapi[], ksrtpd_openapi_end[];

/* -- answers */

void ksrtpd_http_forget(struct ksrtpd_http_connection *c)
{
	ksrtpd_reply_cancel(c->reply);
	c->reply = NULL;
	json_decref(c->params);
	c->params = NULL;
	ksrtpd_wipe_free(c->head);
	c->head = NULL;
	c->route = NULL;
}

static void done(struct ksrtpd_http_connection *c, unsigned int status)
{
	ksrtpd_debug("api: %s %s status=%u who=%s", c->request.method ? c->request.method : "-",
		     c->route ? c->route->path : "-", status, *c->peer.who ? c->peer.who : "-");
	c->http->counters.answers[status]++;
	c->receiving = false;
	c->state = c->request.keep_alive ? KSRTPD_HTTP_HEAD : KSRTPD_HTTP_END;
	ksrtpd_http_forget(c);
	memset(&c->request, 0, sizeof(c->request));
	ksrtpd_http_arm(c, c->http->config->idle);
}

static void send_answer(struct ksrtpd_http_connection *c, unsigned int status, const char *type,
			const char *body, size_t len, const char *allowed)
{
	struct evbuffer *output = bufferevent_get_output(c->stream);

	/* Who authenticated long ago shall do it again. */
	if (ksrtpd_now_ms() - c->since_ms > c->http->config->connection_age * 1000ULL)
		c->request.keep_alive = false;
	if (evbuffer_add_printf(output, "HTTP/1.1 %u %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
				"Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n",
				status, ksrtpd_http_status_text(status), type, len) < 0 ||
	    (status == 401 && evbuffer_add_printf(output, "WWW-Authenticate: Bearer\r\n") < 0) ||
	    (allowed && evbuffer_add_printf(output, "Allow: %s\r\n", allowed) < 0) ||
	    ((status == 429 || status == 503) &&
	     evbuffer_add_printf(output, "Retry-After: 1\r\n") < 0) ||
	    (!c->request.keep_alive && evbuffer_add_printf(output, "Connection: close\r\n") < 0) ||
	    evbuffer_add(output, "\r\n", 2) || evbuffer_add(output, body, len))
		ksrtpd_http_doom(c);	/* half an answer would put the client out of step */
	done(c, status);
}

void ksrtpd_http_answer(struct ksrtpd_http_connection *c, unsigned int status, const char *type,
			const char *body, size_t len)
{
	send_answer(c, status, type, body, len, NULL);
}

/* Takes @object. */
static void answer_json(struct ksrtpd_http_connection *c, unsigned int status, json_t *object,
			const char *allowed)
{
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

	json_decref(object);
	if (text)
		send_answer(c, status, JSON, text, strlen(text), allowed);
	else
		ksrtpd_http_doom(c);
	ksrtpd_wipe_free(text);
}

static void refuse_with(struct ksrtpd_http_connection *c, const struct ksrtpd_failure *failure,
			const char *allowed)
{
	answer_json(c, ksrtpd_http_status(failure->reason),
		    json_pack("{s:o}", "error", ksrtpd_view_failure(failure)), allowed);
}

void ksrtpd_http_refuse(struct ksrtpd_http_connection *c, const struct ksrtpd_failure *failure)
{
	refuse_with(c, failure, NULL);
}

/* Refused before its body was read: what follows is not a request. */
static void refuse_early(struct ksrtpd_http_connection *c, const struct ksrtpd_failure *failure,
			 const char *allowed)
{
	if (c->request.length)
		c->request.keep_alive = false;
	refuse_with(c, failure, allowed);
}

/* -- what was asked for */

static void answered(void *arg, json_t *result, const struct ksrtpd_failure *failure)
{
	struct ksrtpd_http_connection *c = arg;
	bool deferred = c->reply;

	c->reply = NULL;
	if (failure)
		ksrtpd_http_refuse(c, failure);
	else
		answer_json(c, c->route->status, result, NULL);
	/* More may wait behind it: not from within this callback. */
	if (deferred)
		bufferevent_trigger(c->stream, EV_READ, BEV_TRIG_DEFER_CALLBACKS |
							BEV_TRIG_IGNORE_WATERMARKS);
}

static void answer_health(struct ksrtpd_http_connection *c)
{
	bool ok = !c->http->agent->draining && !c->http->agent->ailing;

	answer_json(c, ok ? 200 : 503, json_pack("{s:s}", "status", ok ? "ok" : "not-ok"), NULL);
}

static bool may_read(struct ksrtpd_http_connection *c)
{
	struct ksrtpd_failure failure;

	if (c->peer.scopes & KSRTPD_SCOPE_READ)
		return true;
	ksrtpd_fail(&failure, "forbidden", "%s needs the scope read, which %s has not",
		    c->route->path, c->peer.who);
	ksrtpd_http_refuse(c, &failure);
	return false;
}

static void answer_metrics(struct ksrtpd_http_connection *c)
{
	size_t len;
	char *text = ksrtpd_metrics_text(c->http->agent, &len);

	if (text)
		send_answer(c, 200, "text/plain; version=0.0.4; charset=utf-8", text, len, NULL);
	else
		ksrtpd_http_doom(c);
	ksrtpd_wipe_free(text);
}

static void call_method(struct ksrtpd_http_connection *c)
{
	c->state = KSRTPD_HTTP_ANSWER;
	ksrtpd_http_arm(c, c->http->config->idle);
	c->reply = ksrtpd_method_call(c->http->agent, &c->peer, c->route->method, c->params,
				      answered, c);
}

static void run(struct ksrtpd_http_connection *c)
{
	struct ksrtpd_failure failure;

	if (!c->params)
		c->params = json_object();
	if (ksrtpd_http_route_params(c->route, &c->request, c->params, &failure)) {
		ksrtpd_http_refuse(c, &failure);
		return;
	}
	if (c->route->kind == KSRTPD_HTTP_METHOD)
		call_method(c);
	else if (c->route->kind == KSRTPD_HTTP_HEALTH)
		answer_health(c);
	else if (!may_read(c))
		return;
	else if (c->route->kind == KSRTPD_HTTP_METRICS)
		answer_metrics(c);
	else if (c->route->kind == KSRTPD_HTTP_EVENTS)
		ksrtpd_http_stream_start(c);
	else if (c->route->kind == KSRTPD_HTTP_OPENAPI)
		send_answer(c, 200, "application/yaml", ksrtpd_openapi,
			    ksrtpd_openapi_end - ksrtpd_openapi, NULL);
	else
		answer_json(c, 200, ksrtpd_http_route_index(), NULL);
}

/* -- who asks */

static int check_token(struct ksrtpd_http_connection *c, struct ksrtpd_failure *failure)
{
	const char *text = c->request.authorization, *name;
	unsigned int scopes;

	if (strncasecmp(text, "Bearer ", 7))
		return ksrtpd_fail(failure, "unauthorized", "Authorization is no bearer token");
	if (ksrtpd_tokens_check(c->http->tokens, text + 7 + strspn(text + 7, " "), &name, &scopes,
				failure))
		return -1;
	c->peer.protected_ = c->ssl;
	c->peer.scopes = scopes;
	snprintf(c->peer.who, sizeof(c->peer.who), "token %s", name);
	/* Whose token it is does not change from which host it comes. */
	memcpy(c->peer.domain, c->certificate.domain, sizeof(c->peer.domain));
	return 0;
}

/* A token says more than a certificate, which may be that of a proxy. */
static int authenticate(struct ksrtpd_http_connection *c, struct ksrtpd_failure *failure)
{
	if (c->request.authorization)
		return check_token(c, failure);
	if (!c->certified)
		return ksrtpd_fail(failure, "unauthorized",
				   "neither a certificate nor a bearer token was shown");
	c->peer = c->certificate;
	return c->peer.scopes ? 0 :
		ksrtpd_fail(failure, "forbidden", "%s is not among api-client", c->peer.who);
}

/* -- its head */

static int check_body(struct ksrtpd_http_connection *c, struct ksrtpd_failure *failure)
{
	const struct ksrtpd_http_request *request = &c->request;
	const unsigned int max = c->http->config->body_max;

	if (!request->length)
		return 0;
	if (request->length > max)
		return ksrtpd_fail(failure, "too-large", "the body is longer than %u octets", max);
	if (!strcmp(request->method, "GET"))
		return ksrtpd_fail(failure, "bad-request", "GET takes no body");
	if (!request->type || strncasecmp(request->type, JSON, strlen(JSON)) ||
	    !strchr("; \t", request->type[strlen(JSON)]))
		return ksrtpd_fail(failure, "unsupported-type", "the body is not said to be " JSON);
	return 0;
}

static void take_request(struct ksrtpd_http_connection *c)
{
	struct ksrtpd_http_client *client = c->client;
	struct ksrtpd_failure failure, unknown;
	char *allowed = NULL;

	memset(&c->peer, 0, sizeof(c->peer));
	c->route = ksrtpd_http_route_find(&c->request, &allowed, &unknown);
	if (!ksrtpd_http_client_request(c->http->clients, client)) {
		ksrtpd_fail(&failure, "rate-limited", "more than %u requests a second",
			    c->http->config->rate);
		refuse_early(c, &failure, NULL);
	} else if ((!c->route || c->route->kind != KSRTPD_HTTP_HEALTH) &&
		   authenticate(c, &failure)) {
		if (ksrtpd_bucket_take(&c->http->logs, 1, 20))
			ksrtpd_warning("api: refused: reason=%s: %s", failure.reason,
				       failure.message);
		refuse_early(c, &failure, NULL);
	} else if (!c->route) {
		refuse_early(c, &unknown, allowed);
	} else if (check_body(c, &failure)) {
		refuse_early(c, &failure, NULL);
	} else if (c->request.length) {
		c->state = KSRTPD_HTTP_BODY;
		if (c->request.expects)
			bufferevent_write(c->stream, "HTTP/1.1 100 Continue\r\n\r\n", 25);
	} else {
		run(c);
	}
	free(allowed);
}

/* Of what came in; 0: not all is there yet. */
static size_t head_len(struct ksrtpd_http_connection *c)
{
	struct evbuffer *input = bufferevent_get_input(c->stream);
	struct evbuffer_ptr end = evbuffer_search(input, "\r\n\r\n", 4, NULL);

	return end.pos < 0 ? 0 : (size_t)end.pos + 4;
}

static bool take_head(struct ksrtpd_http_connection *c)
{
	struct evbuffer *input = bufferevent_get_input(c->stream);
	const unsigned int max = c->http->config->header_max;
	struct ksrtpd_failure failure;
	size_t len = head_len(c);

	if (!len && evbuffer_get_length(input) && !c->receiving) {
		c->receiving = true;
		ksrtpd_http_arm(c, c->http->config->request_time);
	}
	if (len > max || (!len && evbuffer_get_length(input) > max)) {
		memset(&c->request, 0, sizeof(c->request));
		ksrtpd_fail(&failure, "head-too-large", "the head is longer than %u octets", max);
		ksrtpd_http_refuse(c, &failure);
		return false;
	}
	if (!len)
		return false;
	c->head = malloc(len + 1);
	if (!c->head) {
		ksrtpd_http_doom(c);
		return false;
	}
	evbuffer_remove(input, c->head, len);
	c->head[len] = '\0';
	if (ksrtpd_http_parse(c->head, len, &c->request, &failure)) {
		c->request.keep_alive = false;
		ksrtpd_http_refuse(c, &failure);
		return false;
	}
	if (!c->receiving)
		ksrtpd_http_arm(c, c->http->config->request_time);
	take_request(c);
	return true;
}

/* -- its body */

static bool take_body(struct ksrtpd_http_connection *c)
{
	struct evbuffer *input = bufferevent_get_input(c->stream);
	struct ksrtpd_failure failure;
	json_error_t error;
	const char *text;

	if (evbuffer_get_length(input) < c->request.length)
		return false;
	text = (const char *)evbuffer_pullup(input, c->request.length);
	if (!text) {
		ksrtpd_http_doom(c);
		return false;
	}
	c->params = json_loadb(text, c->request.length, JSON_REJECT_DUPLICATES, &error);
	evbuffer_drain(input, c->request.length);
	if (json_is_object(c->params)) {
		run(c);
		return true;
	}
	if (c->params)
		ksrtpd_fail(&failure, "bad-request", "the body is no JSON object");
	else
		ksrtpd_fail(&failure, "bad-request", "the body is no JSON: %s (line %d, column %d)",
			    error.text, error.line, error.column);
	ksrtpd_http_refuse(c, &failure);
	return true;
}

void ksrtpd_http_serve(struct ksrtpd_http_connection *c)
{
	bool more = true;

	while (more && !c->dead) {
		if (c->state == KSRTPD_HTTP_HEAD)
			more = take_head(c);
		else if (c->state == KSRTPD_HTTP_BODY)
			more = take_body(c);
		else
			more = false;
	}
}
