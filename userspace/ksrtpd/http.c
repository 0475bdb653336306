// SPDX-License-Identifier: GPL-2.0
/*
 * Connections live on the event loop. Each is in one state, and has one deadline for
 * what it is doing: to finish its handshake, to send a whole request, to say something
 * again, to take its answer. So none can hold its place by being slow. While an answer is
 * being made nothing more is read from it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/listener.h>

#include "bucket.h"
#include "http_int.h"
#include "log.h"

#define REASON	"api"
#define LINGER	2	/* seconds for a client to see why it was refused */

void ksrtpd_http_arm(struct ksrtpd_http_connection *c, unsigned int seconds)
{
	const struct timeval after = { .tv_sec = seconds };

	event_add(c->deadline, &after);
}

void ksrtpd_http_doom(struct ksrtpd_http_connection *c)
{
	c->dead = true;
	event_active(c->deadline, EV_TIMEOUT, 0);
}

static void close_connection(struct ksrtpd_http_connection *c)
{
	struct ksrtpd_http *http = c->http;

	ksrtpd_http_forget(c);
	ksrtpd_http_stream_end(c);
	ksrtpd_http_client_put(http->clients, c->client);
	TAILQ_REMOVE(&http->connections, c, entry);
	http->count--;
	if (c->heartbeat)
		event_free(c->heartbeat);
	if (c->deadline)
		event_free(c->deadline);
	if (c->stream)
		bufferevent_free(c->stream);
	free(c);
}

/* Says that this was all, so that a reset does not overtake the last answer. */
static void linger(struct ksrtpd_http_connection *c)
{
	c->state = KSRTPD_HTTP_LINGER;
	if (c->ssl)
		SSL_shutdown(c->ssl);
	shutdown(bufferevent_getfd(c->stream), SHUT_WR);
	ksrtpd_http_arm(c, LINGER);
	bufferevent_enable(c->stream, EV_READ);
}

static bool output_empty(const struct ksrtpd_http_connection *c)
{
	return !evbuffer_get_length(bufferevent_get_output(c->stream));
}

static void drain_input(struct ksrtpd_http_connection *c)
{
	struct evbuffer *input = bufferevent_get_input(c->stream);

	evbuffer_drain(input, evbuffer_get_length(input));
}

/* The last thing that a callback of @c does: it may be gone after it. */
static void settle(struct ksrtpd_http_connection *c)
{
	if (c->dead) {
		close_connection(c);
		return;
	}
	if (c->state == KSRTPD_HTTP_END && output_empty(c))
		linger(c);
}

static void on_readable(struct bufferevent *stream, void *arg)
{
	struct ksrtpd_http_connection *c = arg;

	(void)stream;
	if (c->dead || c->state == KSRTPD_HTTP_END || c->state == KSRTPD_HTTP_LINGER ||
	    c->state == KSRTPD_HTTP_STREAM)
		drain_input(c);
	else
		ksrtpd_http_serve(c);
	settle(c);
}

static void on_written(struct bufferevent *stream, void *arg)
{
	(void)stream;
	settle(arg);
}

static unsigned int scopes_of(const struct ksrtpd_http *http, const char *name)
{
	unsigned int i;

	for (i = 0; i < http->config->clients_count; i++) {
		if (!strcmp(http->config->clients[i].name, name))
			return http->config->clients[i].scopes;
	}
	return 0;
}

static void connected(struct ksrtpd_http_connection *c)
{
	char name[KSRTPD_API_NAME];

	c->certified = c->ssl && ksrtpd_tls_client(c->ssl, name, sizeof(name));
	if (c->certified) {
		c->certificate.protected_ = true;
		c->certificate.scopes = scopes_of(c->http, name);
		strcpy(c->certificate.who, "certificate ");
		strcat(c->certificate.who, name);
		strcpy(c->certificate.domain, name);
	}
	c->since_ms = ksrtpd_now_ms();
	c->state = KSRTPD_HTTP_HEAD;
	ksrtpd_http_arm(c, c->http->config->idle);
}

static void on_event(struct bufferevent *stream, short what, void *arg)
{
	struct ksrtpd_http_connection *c = arg;

	if (what & BEV_EVENT_CONNECTED) {
		connected(c);
	} else if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT)) {
		if (c->state == KSRTPD_HTTP_HANDSHAKE)
			ksrtpd_tls_failed(c->http->tls, c->ssl, bufferevent_get_openssl_error(stream));
		c->dead = true;
	}
	settle(c);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct ksrtpd_http_connection *c = arg;

	(void)fd;
	(void)what;
	if (!c->dead && c->state == KSRTPD_HTTP_HANDSHAKE)
		ksrtpd_tls_failed(c->http->tls, c->ssl, 0);
	close_connection(c);
}

/* -- new ones */

static int make_stream(struct ksrtpd_http_connection *c, evutil_socket_t fd, bool plain)
{
	const int options = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS;
	struct event_base *base = c->http->agent->base;

	if (plain) {
		c->stream = bufferevent_socket_new(base, fd, options);
		return c->stream ? 0 : -1;
	}
	c->ssl = ksrtpd_tls_accept(c->http->tls);
	if (!c->ssl)
		return -1;
	c->stream = bufferevent_openssl_socket_new(base, fd, c->ssl, BUFFEREVENT_SSL_ACCEPTING, options);
	if (!c->stream) {
		SSL_free(c->ssl);
		return -1;
	}
	bufferevent_openssl_set_allow_dirty_shutdown(c->stream, 1);
	return 0;
}

static int set_up(struct ksrtpd_http_connection *c, evutil_socket_t fd, bool plain)
{
	c->deadline = evtimer_new(c->http->agent->base, on_deadline, c);
	if (!c->deadline || make_stream(c, fd, plain)) {
		close(fd);
		return -1;
	}
	bufferevent_setcb(c->stream, on_readable, on_written, on_event, c);
	bufferevent_setwatermark(c->stream, EV_READ, 0,
				 c->http->config->header_max + c->http->config->body_max);
	bufferevent_enable(c->stream, EV_READ | EV_WRITE);
	ksrtpd_http_arm(c, c->http->config->request_time);
	if (plain)
		connected(c);
	return 0;
}

static bool is_plain(const struct ksrtpd_http *http, const struct evconnlistener *listener)
{
	unsigned int i;

	for (i = 0; i < http->config->listen_count; i++) {
		if (http->listeners[i] == listener)
			return http->config->listen_plain[i];
	}
	return false;
}

static struct ksrtpd_http_client *admit(struct ksrtpd_http *http, const struct sockaddr *addr,
					int len)
{
	struct sockaddr_storage from = { .ss_family = AF_UNSPEC };

	if (http->count >= http->config->connections)
		return NULL;
	memcpy(&from, addr, len);
	return ksrtpd_http_client_get(http->clients, &from);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *addr,
		      int len, void *arg)
{
	struct ksrtpd_http *http = arg;
	struct ksrtpd_http_client *client = admit(http, addr, len);
	struct ksrtpd_http_connection *c = client ? calloc(1, sizeof(*c)) : NULL;

	if (!c) {
		if (client)
			ksrtpd_http_client_put(http->clients, client);
		http->counters.connections_refused++;
		close(fd);
		return;
	}
	c->http = http;
	c->client = client;
	TAILQ_INSERT_TAIL(&http->connections, c, entry);
	http->count++;
	if (set_up(c, fd, is_plain(http, listener)))
		close_connection(c);
}

static void on_accept_error(struct evconnlistener *listener, void *arg)
{
	(void)listener;
	(void)arg;
	ksrtpd_error("api: %s", strerror(errno));
}

/* -- the server */

static int listen_on(struct ksrtpd_http *http, unsigned int i, struct ksrtpd_failure *failure)
{
	const struct sockaddr_storage *addr = &http->config->listen[i];
	unsigned int flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE;
	char text[KSRTPD_ADDR_TEXT];

	if (addr->ss_family == AF_INET6)
		flags |= LEV_OPT_BIND_IPV6ONLY;
	http->listeners[i] = evconnlistener_new_bind(http->agent->base, on_accept, http, flags, 128,
						     (const struct sockaddr *)addr,
						     ksrtpd_addr_len(addr));
	if (!http->listeners[i])
		return ksrtpd_fail(failure, REASON, "api: cannot listen on %s: %s",
				   ksrtpd_addr_text(addr, text), strerror(errno));
	evconnlistener_set_error_cb(http->listeners[i], on_accept_error);
	return 0;
}

static int start(struct ksrtpd_http *http, struct ksrtpd_failure *failure)
{
	const struct ksrtpd_api_config *config = http->config;
	unsigned int i;

	if (*config->cert) {
		http->tls = ksrtpd_tls_create(config, http->agent->config->algorithms.fips, failure);
		if (!http->tls)
			return -1;
	}
	if (*config->tokens) {
		http->tokens = ksrtpd_tokens_read(config->tokens, failure);
		if (!http->tokens)
			return -1;
	}
	http->clients = ksrtpd_http_clients_create(config->rate, config->connections_per_client);
	if (!http->clients)
		return ksrtpd_fail(failure, "internal", "no memory");
	for (i = 0; i < config->listen_count; i++) {
		if (listen_on(http, i, failure))
			return -1;
	}
	return 0;
}

struct ksrtpd_http *ksrtpd_http_create(struct ksrtpd_agent *agent, struct ksrtpd_failure *failure)
{
	struct ksrtpd_http *http = calloc(1, sizeof(*http));

	if (!http) {
		ksrtpd_fail(failure, "internal", "no memory");
		return NULL;
	}
	http->agent = agent;
	http->config = &agent->config->api;
	TAILQ_INIT(&http->connections);
	if (start(http, failure)) {
		ksrtpd_http_destroy(http);
		return NULL;
	}
	return http;
}

void ksrtpd_http_destroy(struct ksrtpd_http *http)
{
	unsigned int i;

	if (!http)
		return;
	while (!TAILQ_EMPTY(&http->connections))
		close_connection(TAILQ_FIRST(&http->connections));
	for (i = 0; i < KSRTPD_API_LISTEN_MAX; i++) {
		if (http->listeners[i])
			evconnlistener_free(http->listeners[i]);
	}
	ksrtpd_http_clients_destroy(http->clients);
	ksrtpd_tokens_free(http->tokens);
	ksrtpd_tls_destroy(http->tls);
	free(http);
}

int ksrtpd_http_reload(struct ksrtpd_http *http, struct ksrtpd_failure *failure)
{
	struct ksrtpd_tokens *tokens = NULL;

	if (*http->config->tokens) {
		tokens = ksrtpd_tokens_read(http->config->tokens, failure);
		if (!tokens)
			return -1;
	}
	if (http->tls && ksrtpd_tls_reload(http->tls, failure)) {
		ksrtpd_tokens_free(tokens);
		return -1;
	}
	ksrtpd_tokens_free(http->tokens);
	http->tokens = tokens;
	return 0;
}

const struct ksrtpd_http_counters *ksrtpd_http_counters(const struct ksrtpd_http *http)
{
	return &http->counters;
}

const struct ksrtpd_tls *ksrtpd_http_tls(const struct ksrtpd_http *http)
{
	return http->tls;
}

unsigned int ksrtpd_http_connections(const struct ksrtpd_http *http)
{
	return http->count;
}
