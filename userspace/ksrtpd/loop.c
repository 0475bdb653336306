// SPDX-License-Identifier: GPL-2.0
/*
 * Threading model
 *
 * One thread, the event loop, owns everything: configuration, calls, legs, DTLS
 * associations, the netlink handles and the control connections. Nothing of it has a
 * lock, and nothing of it is touched by anybody else. It never waits but in epoll:
 * sockets are non-blocking, netlink requests are answered by the kernel within the
 * system call, a handshake step is a signature or two (below a millisecond), a packet
 * of media, where the agent itself is the datapath (user_leg.c), some microseconds, and
 * each socket gets a bounded number of datagrams per turn.
 *
 * One worker thread computes security codes, some 20 ms each (coder.c). A job is a
 * copy of two thumbprints that goes out and comes back as text; the worker sees
 * neither calls nor keys. It says through an eventfd that something is ready.
 *
 * Signals are blocked in the worker and arrive in the event loop as events.
 */
#include <signal.h>
#include <stdlib.h>

#include <event2/event.h>

#include "call.h"
#include "coder.h"
#include "control.h"
#include "datapath.h"
#include "log.h"
#include "loop.h"

struct ksrtpd_loop {
	struct event_base *base;
	struct ksrtpd_datapath *datapath;
	struct ksrtpd_coder *coder;
	struct ksrtpd_calls *calls;
	struct ksrtpd_control *control;
	struct event *terminate, *interrupt, *heartbeat;
};

static void on_signal(evutil_socket_t number, short what, void *arg)
{
	struct ksrtpd_loop *loop = arg;

	(void)what;
	ksrtpd_info("ends by signal %d", (int)number);
	event_base_loopexit(loop->base, NULL);
}

static void on_heartbeat(evutil_socket_t fd, short what, void *arg)
{
	struct ksrtpd_loop *loop = arg;
	struct ksrtpd_failure failure;

	(void)fd;
	(void)what;
	if (!ksrtpd_calls_first(loop->calls))
		return;
	if (ksrtpd_datapath_alive(loop->datapath, &failure))
		ksrtpd_error("%s", failure.message);
}

static void on_leg_lost(uint32_t leg_id, const char *why, void *arg)
{
	struct ksrtpd_loop *loop = arg;

	ksrtpd_calls_leg_lost(loop->calls, leg_id, why);
}

static int add_events(struct ksrtpd_loop *loop)
{
	const struct timeval every = { .tv_sec = KSRTPD_HEARTBEAT };

	loop->terminate = evsignal_new(loop->base, SIGTERM, on_signal, loop);
	loop->interrupt = evsignal_new(loop->base, SIGINT, on_signal, loop);
	loop->heartbeat = event_new(loop->base, -1, EV_PERSIST, on_heartbeat, loop);
	if (!loop->terminate || !loop->interrupt || !loop->heartbeat ||
	    event_add(loop->terminate, NULL) || event_add(loop->interrupt, NULL) ||
	    event_add(loop->heartbeat, &every))
		return -1;
	ksrtpd_datapath_watch(loop->datapath, on_leg_lost, loop);
	return 0;
}

static int set_up(struct ksrtpd_loop *loop, const struct ksrtpd_config *config,
		  struct ksrtpd_failure *failure)
{
	loop->base = event_base_new();
	if (!loop->base)
		return ksrtpd_fail(failure, "internal", "libevent made no event loop");
	loop->datapath = ksrtpd_datapath_open(config->datapath, loop->base, failure);
	if (!loop->datapath)
		return -1;
	loop->coder = ksrtpd_coder_create(loop->base);
	if (!loop->coder)
		return ksrtpd_fail(failure, "internal", "no thread for security codes");
	loop->calls = ksrtpd_calls_create(loop->base, config, loop->datapath, loop->coder);
	if (!loop->calls || add_events(loop))
		return ksrtpd_fail(failure, "internal", "no memory");
	loop->control = ksrtpd_control_create(loop->base, config->socket, loop->calls, failure);
	return loop->control ? 0 : -1;
}

struct ksrtpd_loop *ksrtpd_loop_create(const struct ksrtpd_config *config,
				       struct ksrtpd_failure *failure)
{
	struct ksrtpd_loop *loop = calloc(1, sizeof(*loop));

	if (!loop) {
		ksrtpd_fail(failure, "internal", "no memory");
		return NULL;
	}
	if (set_up(loop, config, failure)) {
		ksrtpd_loop_destroy(loop);
		return NULL;
	}
	return loop;
}

int ksrtpd_loop_run(struct ksrtpd_loop *loop)
{
	return event_base_dispatch(loop->base) < 0 ? -1 : 0;
}

static void free_event(struct event *event)
{
	if (event)
		event_free(event);
}

void ksrtpd_loop_destroy(struct ksrtpd_loop *loop)
{
	/* No more requests, then no more calls, then what they stood on. */
	if (loop->control)
		ksrtpd_control_destroy(loop->control);
	ksrtpd_calls_destroy(loop->calls);
	free_event(loop->heartbeat);
	free_event(loop->interrupt);
	free_event(loop->terminate);
	ksrtpd_coder_destroy(loop->coder);
	ksrtpd_datapath_close(loop->datapath);
	if (loop->base)
		event_base_free(loop->base);
	free(loop);
}
