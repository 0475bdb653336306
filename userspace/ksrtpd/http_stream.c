// SPDX-License-Identifier: GPL-2.0
/*
 * Events for a client of HTTPS: server-sent events (HTML, section 9.2). Who comes back
 * with the number of the last one it saw gets those that it missed, as far as they are
 * kept, else the event "lost".
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <event2/buffer.h>

#include "bucket.h"
#include "http_int.h"
#include "wipe.h"

#define SEND_BUFFER	(64 * 1024)	/* octets in the kernel, which else takes megabytes */

static void send_event(struct ksrtpd_http_connection *c, uint64_t number, json_t *event)
{
	struct evbuffer *output = bufferevent_get_output(c->stream);
	char *text = json_dumps(event, JSON_COMPACT);

	if (!text || evbuffer_add_printf(output, "id: %08x-%" PRIu64 "\nevent: %s\ndata: %s\n\n",
					 c->http->agent->feed.run, number,
					 json_string_value(json_object_get(event, "event")), text) < 0)
		ksrtpd_http_doom(c);
	ksrtpd_wipe_free(text);
	if (evbuffer_get_length(output) > c->http->config->queue_max && !c->dead) {
		c->http->counters.streams_dropped++;
		ksrtpd_http_doom(c);
	}
}

static void tell(struct ksrtpd_subscriber *subscriber, uint64_t number, json_t *event)
{
	struct ksrtpd_http_connection *c =
		(void *)((char *)subscriber - offsetof(struct ksrtpd_http_connection, subscriber));

	if (!c->dead && c->state == KSRTPD_HTTP_STREAM)
		send_event(c, number, event);
}

static void on_heartbeat(evutil_socket_t fd, short what, void *arg)
{
	struct ksrtpd_http_connection *c = arg;

	(void)fd;
	(void)what;
	if (c->dead || c->state != KSRTPD_HTTP_STREAM)
		return;
	bufferevent_write(c->stream, ":\n\n", 3);
	/* It shall authenticate again; it knows what it saw last. */
	if (ksrtpd_now_ms() - c->since_ms > c->http->config->connection_age * 1000ULL) {
		c->state = KSRTPD_HTTP_END;
		ksrtpd_http_arm(c, c->http->config->idle);
	}
}

static void catch_up(struct ksrtpd_http_connection *c, const char *last)
{
	struct ksrtpd_feed *feed = &c->http->agent->feed;
	uint64_t number;
	uint32_t run;
	json_t *lost;

	if (sscanf(last, "%8" SCNx32 "-%19" SCNu64, &run, &number) == 2 && run == feed->run &&
	    number <= feed->number) {
		if (number == feed->number)
			return;
		if (ksrtpd_feed_kept(feed, number + 1)) {
			while (!c->dead && number++ < feed->number)
				send_event(c, number, ksrtpd_feed_kept(feed, number));
			return;
		}
	}
	lost = json_pack("{s:s}", "event", "lost");
	if (lost)
		send_event(c, feed->number, lost);
	json_decref(lost);
}

void ksrtpd_http_stream_start(struct ksrtpd_http_connection *c)
{
	const struct ksrtpd_http *http = c->http;
	const struct timeval every = { .tv_sec = http->config->heartbeat };
	const struct timeval patience = { .tv_sec = http->config->idle };
	const int buffer = SEND_BUFFER;

	c->heartbeat = event_new(http->agent->base, -1, EV_PERSIST, on_heartbeat, c);
	if (!c->heartbeat || event_add(c->heartbeat, &every) ||
	    evbuffer_add_printf(bufferevent_get_output(c->stream),
				"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
				"Cache-Control: no-store\r\nConnection: close\r\n\r\n"
				"retry: 1000\n\n") < 0) {
		ksrtpd_http_doom(c);
		return;
	}
	c->http->counters.answers[200]++;
	c->state = KSRTPD_HTTP_STREAM;
	event_del(c->deadline);
	setsockopt(bufferevent_getfd(c->stream), SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	bufferevent_set_timeouts(c->stream, NULL, &patience);
	if (c->request.last_event_id)
		catch_up(c, c->request.last_event_id);
	c->subscriber.tell = tell;
	ksrtpd_feed_add(&c->http->agent->feed, &c->subscriber);
	c->subscribed = true;
}

void ksrtpd_http_stream_end(struct ksrtpd_http_connection *c)
{
	if (c->subscribed)
		ksrtpd_feed_del(&c->subscriber);
	c->subscribed = false;
}
