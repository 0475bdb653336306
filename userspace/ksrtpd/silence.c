// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "silence.h"
#include "tally.h"

#define EVERY_MAX	10	/* seconds between two looks */

struct ksrtpd_silence {
	struct ksrtpd_agent *agent;
	struct event *timer;
	uint32_t *told;		/* ids of the calls of which "media-timeout" was said */
	size_t told_count, told_room;
};

static uint32_t *find_told(const struct ksrtpd_silence *silence, uint32_t id)
{
	size_t i;

	for (i = 0; i < silence->told_count; i++) {
		if (silence->told[i] == id)
			return &silence->told[i];
	}
	return NULL;
}

static bool remember(struct ksrtpd_silence *silence, uint32_t id)
{
	size_t room = silence->told_room ? 2 * silence->told_room : 16;
	uint32_t *told;

	if (silence->told_count == silence->told_room) {
		told = realloc(silence->told, room * sizeof(*told));
		if (!told)
			return false;
		silence->told = told;
		silence->told_room = room;
	}
	silence->told[silence->told_count++] = id;
	return true;
}

static void forget(struct ksrtpd_silence *silence, uint32_t *place)
{
	*place = silence->told[--silence->told_count];
}

static void silent(struct ksrtpd_silence *silence, struct ksrtpd_call *call, uint64_t idle_ms)
{
	struct ksrtpd_agent *agent = silence->agent;
	bool end = agent->config->media_timeout_action == KSRTPD_MEDIA_TIMEOUT_END;

	if (!remember(silence, call->id))
		return;
	ksrtpd_log_call(WARNING, call->name, NULL, "no media for %llu seconds%s",
			(unsigned long long)idle_ms / 1000, end ? ": it is ended" : "");
	ksrtpd_feed_tell(&agent->feed, json_pack("{s:s, s:s, s:I, s:s}", "event", "media-timeout",
						 "call", call->name, "idle_ms", (json_int_t)idle_ms,
						 "action", end ? "end" : "event"));
	if (end)
		ksrtpd_call_delete(call);
}

static void look_at(struct ksrtpd_silence *silence, struct ksrtpd_call *call, uint64_t idle_ms)
{
	uint64_t limit = silence->agent->config->media_timeout * 1000ULL;
	uint32_t *told = find_told(silence, call->id);

	if (idle_ms >= limit && !told) {
		silent(silence, call, idle_ms);
	} else if (idle_ms < limit && told) {
		forget(silence, told);
		ksrtpd_log_call(INFO, call->name, NULL, "media again");
		ksrtpd_feed_tell(&silence->agent->feed,
				 json_pack("{s:s, s:s}", "event", "media-resumed", "call", call->name));
	}
}

/* Ids of calls that are gone, which another may get, are of no more use. */
static void forget_gone(struct ksrtpd_silence *silence)
{
	struct ksrtpd_call *call;
	size_t i = 0;

	while (i < silence->told_count) {
		for (call = ksrtpd_calls_first(silence->agent->calls);
		     call && call->id != silence->told[i]; call = LIST_NEXT(call, entry))
			;
		if (call)
			i++;
		else
			forget(silence, &silence->told[i]);
	}
}

static int by_id(const void *key, const void *entry)
{
	uint32_t id = *(const uint32_t *)key, other = ((const struct ksrtpd_tally_idle *)entry)->call_id;

	return id < other ? -1 : id > other;
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct ksrtpd_silence *silence = arg;
	struct ksrtpd_call *call, *next;
	struct ksrtpd_tally_idle *idle, *found;
	size_t count;

	(void)fd;
	(void)what;
	forget_gone(silence);
	idle = ksrtpd_tally_idle(silence->agent->datapath, &count);
	for (call = ksrtpd_calls_first(silence->agent->calls); call; call = next) {
		next = LIST_NEXT(call, entry);
		if (!idle || call->state != KSRTPD_CALL_ESTABLISHED)
			continue;
		found = bsearch(&call->id, idle, count, sizeof(*idle), by_id);
		if (found)
			look_at(silence, call, found->idle_ms);
	}
	free(idle);
}

struct ksrtpd_silence *ksrtpd_silence_start(struct ksrtpd_agent *agent)
{
	unsigned int every = agent->config->media_timeout / 4;
	struct ksrtpd_silence *silence = calloc(1, sizeof(*silence));
	struct timeval period;

	if (!silence)
		return NULL;
	silence->agent = agent;
	if (!agent->config->media_timeout)
		return silence;
	period = (struct timeval){ .tv_sec = every < 1 ? 1 : every > EVERY_MAX ? EVERY_MAX : every };
	silence->timer = event_new(agent->base, -1, EV_PERSIST, on_timer, silence);
	if (!silence->timer || event_add(silence->timer, &period)) {
		ksrtpd_silence_stop(silence);
		return NULL;
	}
	return silence;
}

void ksrtpd_silence_stop(struct ksrtpd_silence *silence)
{
	if (!silence)
		return;
	if (silence->timer)
		event_free(silence->timer);
	free(silence->told);
	free(silence);
}
