/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the HTTPS server share. */
#ifndef KSRTPD_HTTP_INT_H
#define KSRTPD_HTTP_INT_H

#include <stdbool.h>
#include <sys/queue.h>

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <jansson.h>

#include "bucket.h"
#include "http.h"
#include "http_client.h"
#include "http_message.h"
#include "http_route.h"
#include "method.h"
#include "token.h"

enum ksrtpd_http_state {
	KSRTPD_HTTP_HANDSHAKE,
	KSRTPD_HTTP_HEAD,	/* of the next request, none of which may be there yet */
	KSRTPD_HTTP_BODY,
	KSRTPD_HTTP_ANSWER,	/* a method is at work */
	KSRTPD_HTTP_STREAM,	/* events go out until somebody ends it */
	KSRTPD_HTTP_END,	/* the last answer goes out */
	KSRTPD_HTTP_LINGER,	/* it is out; what still comes in is thrown away */
};

struct ksrtpd_http_connection {
	TAILQ_ENTRY(ksrtpd_http_connection) entry;
	struct ksrtpd_http *http;
	struct ksrtpd_http_client *client;
	struct bufferevent *stream;
	SSL *ssl;			/* NULL: a plain one */
	struct event *deadline, *heartbeat;
	enum ksrtpd_http_state state;
	bool receiving;			/* some of a request is there, its deadline runs */
	bool dead;			/* to be freed when no callback of it is on the stack */
	uint64_t since_ms;

	bool certified;			/* showed a certificate ... */
	struct ksrtpd_peer certificate;	/* ... as whose holder it may do this */

	/* the request at work */
	char *head;
	struct ksrtpd_http_request request;
	const struct ksrtpd_http_route *route;
	json_t *params;
	struct ksrtpd_peer peer;
	struct ksrtpd_reply *reply;	/* NULL: not deferred */

	struct ksrtpd_subscriber subscriber;
	bool subscribed;
};

struct ksrtpd_http {
	struct ksrtpd_agent *agent;
	const struct ksrtpd_api_config *config;
	struct ksrtpd_tls *tls;
	struct ksrtpd_tokens *tokens;	/* NULL: none are taken */
	struct ksrtpd_http_clients *clients;
	struct evconnlistener *listeners[KSRTPD_API_LISTEN_MAX];
	TAILQ_HEAD(, ksrtpd_http_connection) connections;
	unsigned int count;
	struct ksrtpd_http_counters counters;
	struct ksrtpd_bucket logs;	/* of refusals: strangers must not fill the log */
};

/* -- http.c */

/* It ends in @seconds unless that is said again. */
void ksrtpd_http_arm(struct ksrtpd_http_connection *c, unsigned int seconds);
/* Ends it when the event loop comes round: callers up the stack may still use it. */
void ksrtpd_http_doom(struct ksrtpd_http_connection *c);

/* -- http_request.c */

/* Takes what has come in. */
void ksrtpd_http_serve(struct ksrtpd_http_connection *c);
void ksrtpd_http_answer(struct ksrtpd_http_connection *c, unsigned int status, const char *type,
			const char *body, size_t len);
void ksrtpd_http_refuse(struct ksrtpd_http_connection *c, const struct ksrtpd_failure *failure);
/* Forgets the request at work. */
void ksrtpd_http_forget(struct ksrtpd_http_connection *c);

/* -- http_stream.c */

void ksrtpd_http_stream_start(struct ksrtpd_http_connection *c);
void ksrtpd_http_stream_end(struct ksrtpd_http_connection *c);

#endif /* KSRTPD_HTTP_INT_H */
