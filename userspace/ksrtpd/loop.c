// SPDX-License-Identifier: GPL-2.0
/*
 * Threading model
 *
 * One thread, the event loop, owns everything: configuration, calls, legs, DTLS
 * associations, the netlink handles, the control connections and those over HTTPS. Nothing of it has a
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
 * Another brings what the store wrote to the disk (store.c); it has a connection of its
 * own to the database, and shares with the loop nothing but three flags.
 *
 * Signals are blocked in the workers and arrive in the event loop as events.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "agent.h"
#include "alarm.h"
#include "call_method.h"
#include "call_store.h"
#include "control.h"
#include "http.h"
#include "indicator.h"
#include "log.h"
#include "loop.h"
#include "metrics.h"
#include "notify.h"
#include "silence.h"

struct ksrtpd_loop {
	struct ksrtpd_agent agent;
	struct ksrtpd_control *control;
	struct ksrtpd_notify *notify;
	struct ksrtpd_silence *silence;
	struct ksrtpd_indicators *indicators;
	struct event *terminate, *interrupt, *reload, *heartbeat;
};

static void on_signal(evutil_socket_t number, short what, void *arg)
{
	struct ksrtpd_loop *loop = arg;

	(void)what;
	ksrtpd_info("ends by signal %d", (int)number);
	event_base_loopexit(loop->agent.base, NULL);
}

/* New certificates, keys and tokens; nothing that runs is touched. */
static void on_reload(evutil_socket_t number, short what, void *arg)
{
	struct ksrtpd_loop *loop = arg;
	struct ksrtpd_failure failure;

	(void)number;
	(void)what;
	if (!loop->agent.http)
		return;
	if (ksrtpd_http_reload(loop->agent.http, &failure))
		ksrtpd_error("reload: %s; what was read before stays", failure.message);
	else
		ksrtpd_info("reload: certificates and tokens of the API were read again");
}

static void on_heartbeat(evutil_socket_t fd, short what, void *arg)
{
	struct ksrtpd_loop *loop = arg;
	struct ksrtpd_failure failure;

	(void)fd;
	(void)what;
	ksrtpd_datapath_watch_keyring(loop->agent.datapath);
	loop->agent.ailing = false;
	if (!ksrtpd_calls_first(loop->agent.calls))
		return;
	loop->agent.ailing = ksrtpd_datapath_alive(loop->agent.datapath, &failure);
	if (loop->agent.ailing)
		ksrtpd_error("%s", failure.message);
}

static void on_leg_lost(uint32_t leg_id, const char *why, void *arg)
{
	struct ksrtpd_loop *loop = arg;

	ksrtpd_calls_leg_lost(loop->agent.calls, leg_id, why);
}

static void on_alarm(const char *kind, const char *subject, bool raised, const char *message,
		     void *arg)
{
	struct ksrtpd_agent *agent = arg;

	ksrtpd_metrics_alarm(agent->metrics, raised);
	ksrtpd_feed_tell(&agent->feed, json_pack("{s:s, s:s, s:s, s:b, s:s?}", "event", "alarm",
						 "kind", kind, "subject", subject, "raised", raised,
						 "message", message));
}

static int add_events(struct ksrtpd_loop *loop)
{
	const struct timeval every = { .tv_sec = loop->agent.config->lease / KSRTPD_HEARTBEATS };

	loop->terminate = evsignal_new(loop->agent.base, SIGTERM, on_signal, loop);
	loop->interrupt = evsignal_new(loop->agent.base, SIGINT, on_signal, loop);
	loop->reload = evsignal_new(loop->agent.base, SIGHUP, on_reload, loop);
	loop->heartbeat = event_new(loop->agent.base, -1, EV_PERSIST, on_heartbeat, loop);
	if (!loop->terminate || !loop->interrupt || !loop->reload || !loop->heartbeat ||
	    event_add(loop->terminate, NULL) || event_add(loop->interrupt, NULL) ||
	    event_add(loop->reload, NULL) ||
	    event_add(loop->heartbeat, &every))
		return -1;
	ksrtpd_datapath_watch(loop->agent.datapath, on_leg_lost, loop);
	return 0;
}

/* The default folder is used where somebody made it: an agent that was just started to see
 * what it does leaves nothing behind.
 */
static struct ksrtpd_store *open_store(const struct ksrtpd_config *config,
				       struct ksrtpd_failure *failure)
{
	if (*config->state_dir)
		return ksrtpd_store_open(config->state_dir, failure);
	if (!access(KSRTPD_STATE_DIR_DEFAULT, F_OK))
		return ksrtpd_store_open(KSRTPD_STATE_DIR_DEFAULT, failure);
	ksrtpd_warning("policies and calls are forgotten at the end: there is no "
		       KSRTPD_STATE_DIR_DEFAULT ", and no state-dir is set");
	return ksrtpd_store_open(NULL, failure);
}

static int set_up(struct ksrtpd_loop *loop, const struct ksrtpd_config *config,
		  struct ksrtpd_failure *failure)
{
	loop->agent.config = config;
	ksrtpd_feed_init(&loop->agent.feed);
	loop->agent.metrics = ksrtpd_metrics_create();
	if (!loop->agent.metrics)
		return ksrtpd_fail(failure, "internal", "no memory");
	LIST_INIT(&loop->agent.replies);
	loop->agent.base = event_base_new();
	if (!loop->agent.base)
		return ksrtpd_fail(failure, "internal", "libevent made no event loop");
	loop->agent.store = open_store(config, failure);
	if (!loop->agent.store)
		return -1;
	loop->agent.datapath = ksrtpd_datapath_open(config->datapath, loop->agent.base, failure);
	if (!loop->agent.datapath)
		return -1;
	loop->agent.datapath->lease = config->lease;
	loop->agent.coder = ksrtpd_coder_create(loop->agent.base);
	if (!loop->agent.coder)
		return ksrtpd_fail(failure, "internal", "no thread for security codes");
	loop->agent.calls = ksrtpd_calls_create(loop->agent.base, config, loop->agent.datapath, loop->agent.coder);
	if (!loop->agent.calls || add_events(loop))
		return ksrtpd_fail(failure, "internal", "no memory");
	ksrtpd_call_methods_init(&loop->agent);
	ksrtpd_alarm_watch(on_alarm, &loop->agent);
	loop->silence = ksrtpd_silence_start(&loop->agent);
	loop->indicators = ksrtpd_indicators_start(&loop->agent);
	if (!loop->silence || !loop->indicators)
		return ksrtpd_fail(failure, "internal", "no memory");
	if (ksrtpd_call_store_begin(&loop->agent, failure) ||
	    ksrtpd_call_store_readopt(&loop->agent, failure))
		return -1;
	if (config->api.listen_count) {
		loop->agent.http = ksrtpd_http_create(&loop->agent, failure);
		if (!loop->agent.http)
			return -1;
	}
	/* Last: who can reach it finds everything else there. */
	loop->control = ksrtpd_control_create(&loop->agent, failure);
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
	loop->notify = ksrtpd_notify_start(loop->agent.base);
	return !loop->notify || event_base_dispatch(loop->agent.base) < 0 ? -1 : 0;
}

static void free_event(struct event *event)
{
	if (event)
		event_free(event);
}

static void leave_calls(struct ksrtpd_agent *agent)
{
	unsigned int count;

	if (agent->config->on_stop != KSRTPD_ON_STOP_LEAVE || !ksrtpd_call_store_used(agent))
		return;
	agent->leaves = true;
	count = ksrtpd_calls_leave(agent->calls);
	if (count)
		ksrtpd_info("%u calls go on without the agent, for at most %u s", count,
			    agent->config->lease);
}

void ksrtpd_loop_destroy(struct ksrtpd_loop *loop)
{
	ksrtpd_notify_end(loop->notify);
	ksrtpd_silence_stop(loop->silence);
	ksrtpd_indicators_stop(loop->indicators);
	ksrtpd_alarm_watch(NULL, NULL);
	/* No more requests, then no more calls, then what they stood on. */
	if (loop->control)
		ksrtpd_control_destroy(loop->control);
	ksrtpd_http_destroy(loop->agent.http);
	loop->agent.http = NULL;
	if (loop->agent.calls)
		leave_calls(&loop->agent);
	ksrtpd_calls_destroy(loop->agent.calls);
	free_event(loop->heartbeat);
	free_event(loop->reload);
	free_event(loop->interrupt);
	free_event(loop->terminate);
	ksrtpd_coder_destroy(loop->agent.coder);
	ksrtpd_datapath_close(loop->agent.datapath);
	ksrtpd_store_close(loop->agent.store);
	ksrtpd_feed_uninit(&loop->agent.feed);
	ksrtpd_metrics_destroy(loop->agent.metrics);
	if (loop->agent.base)
		event_base_free(loop->agent.base);
	free(loop);
}
