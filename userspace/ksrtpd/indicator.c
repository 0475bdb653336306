// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "bucket.h"
#include "indicator.h"
#include "log.h"

/*
 * A round through all calls takes 0.8 s, so that a change is told within one. It is cut into
 * parts, none of which may keep the event loop for long: with more calls than can be looked
 * at so, a round takes longer.
 */
#define PARTS		8
#define PART_MS		100
#define BUDGET_MS	50	/* of a part */

struct ksrtpd_indicators {
	struct ksrtpd_agent *agent;
	struct event *timer;
	uint64_t before;	/* only calls with a smaller serial number are left in this round */
	unsigned int part;	/* of the round */
};

void ksrtpd_indicator_check(struct ksrtpd_agent *agent, struct ksrtpd_call *call)
{
	enum ksrtpd_indicator now;

	if (LIST_EMPTY(&agent->feed.subscribers))
		return;
	now = ksrtpd_call_indicator(call);
	if (now == call->indicator_told)
		return;
	call->indicator_told = now;
	ksrtpd_log_call(INFO, call->name, NULL, "indicator %s", ksrtpd_indicator_name(now));
	ksrtpd_feed_tell(&agent->feed, json_pack("{s:s, s:s, s:s}", "event", "indicator",
						 "call", call->name,
						 "indicator", ksrtpd_indicator_name(now)));
}

/* The list has the newest call first. False: the round is not at its end. */
static bool look_at_some(struct ksrtpd_indicators *indicators, unsigned int some)
{
	struct ksrtpd_agent *agent = indicators->agent;
	uint64_t end = ksrtpd_now_ms() + BUDGET_MS;
	struct ksrtpd_call *call;

	for (call = ksrtpd_calls_first(agent->calls); call; call = LIST_NEXT(call, entry)) {
		if (call->serial >= indicators->before)
			continue;
		if (!some-- || ksrtpd_now_ms() >= end)
			return false;
		ksrtpd_indicator_check(agent, call);
		indicators->before = call->serial;
	}
	return true;
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct ksrtpd_indicators *indicators = arg;
	struct ksrtpd_agent *agent = indicators->agent;
	unsigned int count = ksrtpd_calls_count(agent->calls);

	(void)fd;
	(void)what;
	if (LIST_EMPTY(&agent->feed.subscribers))
		return;
	if (!indicators->part)
		indicators->before = UINT64_MAX;
	/* The last part takes what came in meanwhile, too. */
	if (!look_at_some(indicators, indicators->part < PARTS - 1 ? count / PARTS + 1 : count) &&
	    indicators->part == PARTS - 1)
		return;
	indicators->part = (indicators->part + 1) % PARTS;
}

struct ksrtpd_indicators *ksrtpd_indicators_start(struct ksrtpd_agent *agent)
{
	const struct timeval every = { .tv_usec = PART_MS * 1000 };
	struct ksrtpd_indicators *indicators = calloc(1, sizeof(*indicators));

	if (!indicators)
		return NULL;
	indicators->agent = agent;
	indicators->timer = event_new(agent->base, -1, EV_PERSIST, on_timer, indicators);
	if (indicators->timer && !event_add(indicators->timer, &every))
		return indicators;
	ksrtpd_indicators_stop(indicators);
	return NULL;
}

void ksrtpd_indicators_stop(struct ksrtpd_indicators *indicators)
{
	if (!indicators)
		return;
	if (indicators->timer)
		event_free(indicators->timer);
	free(indicators);
}
