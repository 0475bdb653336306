// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "call_int.h"
#include "log.h"

uint64_t ksrtpd_call_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

const char *ksrtpd_call_state_name(enum ksrtpd_call_state state)
{
	static const char *const names[] = { "offered", "connecting", "established", "failed" };

	return names[state];
}

const char *ksrtpd_side_name(int side)
{
	return side == KSRTPD_CALLER ? "caller" : "callee";
}

uint64_t ksrtpd_call_age_ms(const struct ksrtpd_call *call)
{
	return ksrtpd_call_now_ms() - call->since_ms;
}

/* -- its legs */

/* The path of the line, if no line before has it. */
static struct ksrtpd_path *path_first_of(const struct ksrtpd_call *call, unsigned int line)
{
	return ksrtpd_call_leads(call->lines, line, -1) ? call->lines[line].path : NULL;
}

struct ksrtpd_leg *ksrtpd_call_leg(const struct ksrtpd_call *call, unsigned int i,
				   unsigned int *line, int *side, bool *rtcp)
{
	for (*line = 0; *line < call->lines_count; ++*line) {
		struct ksrtpd_path *path = path_first_of(call, *line);
		unsigned int n;

		for (n = 0; path && n < 4; n++) {
			struct ksrtpd_leg *leg = n < 2 ? path->legs[n] : path->rtcp[n - 2];

			if (!leg || i--)
				continue;
			*side = (int)(n % 2);
			*rtcp = n >= 2;
			return leg;
		}
	}
	return NULL;
}

static bool find_leg(const struct ksrtpd_call *call, const struct ksrtpd_leg *leg,
		     unsigned int *line, int *side)
{
	struct ksrtpd_leg *found;
	unsigned int i;
	bool rtcp;

	for (i = 0; (found = ksrtpd_call_leg(call, i, line, side, &rtcp)); i++) {
		if (found == leg)
			return true;
	}
	return false;
}

/* -- the state of a call, from those of its legs */

void ksrtpd_call_set_state(struct ksrtpd_call *call, enum ksrtpd_call_state state)
{
	struct ksrtpd_calls *calls = call->calls;

	if (call->state == state)
		return;
	call->state = state;
	if (state == KSRTPD_CALL_FAILED)
		ksrtpd_log_call(WARNING, call->name, call->failure.reason, "failed: %s: %s",
				call->failure.reason, call->failure.message);
	else
		ksrtpd_log_call(INFO, call->name, NULL, "%s", ksrtpd_call_state_name(state));
	if (calls->observer.call_changed)
		calls->observer.call_changed(call, calls->observer_arg);
}

static bool all_connected(const struct ksrtpd_call *call)
{
	struct ksrtpd_leg *leg;
	unsigned int i, line;
	bool rtcp;
	int side;

	for (i = 0; (leg = ksrtpd_call_leg(call, i, &line, &side, &rtcp)); i++) {
		if (leg->state != KSRTPD_LEG_CONNECTED)
			return false;
	}
	return true;
}

void ksrtpd_call_settle(struct ksrtpd_call *call)
{
	if (call->state == KSRTPD_CALL_CONNECTING && all_connected(call))
		ksrtpd_call_set_state(call, KSRTPD_CALL_ESTABLISHED);
}

void ksrtpd_call_leg_changed(struct ksrtpd_leg *leg, void *arg)
{
	struct ksrtpd_call *call = arg;
	struct ksrtpd_calls *calls = call->calls;
	unsigned int line;
	int side;

	if (!find_leg(call, leg, &line, &side))
		return;
	if (leg->state == KSRTPD_LEG_CONNECTED && leg->cert)
		leg->certificate_reused = ksrtpd_seen_add(calls->seen, &leg->peer, call->serial);
	if (calls->observer.leg_changed)
		calls->observer.leg_changed(call, leg, line, side, calls->observer_arg);
	if (leg->state == KSRTPD_LEG_FAILED && call->state != KSRTPD_CALL_FAILED) {
		ksrtpd_fail(&call->failure, leg->failure.reason, "%s toward the %s: %s",
			    call->lines[line].kind, ksrtpd_side_name(side), leg->failure.message);
		ksrtpd_call_set_state(call, KSRTPD_CALL_FAILED);
		return;
	}
	ksrtpd_call_settle(call);
}

void ksrtpd_calls_leg_lost(struct ksrtpd_calls *calls, uint32_t leg_id, const char *why)
{
	struct ksrtpd_failure failure;
	struct ksrtpd_call *call;
	struct ksrtpd_leg *leg;
	unsigned int i, line;
	bool rtcp;
	int side;

	ksrtpd_fail(&failure, calls->datapath->ops->reason, "%s", why);
	LIST_FOREACH(call, &calls->list, entry) {
		for (i = 0; (leg = ksrtpd_call_leg(call, i, &line, &side, &rtcp)); i++) {
			if (leg->in_datapath && leg->id == leg_id) {
				ksrtpd_leg_fail(leg, &failure);
				return;
			}
		}
	}
}

/* -- removing */

static void forget_datapath(struct ksrtpd_call_line *lines, unsigned int count)
{
	unsigned int i;
	int side;

	for (i = 0; i < count; i++) {
		for (side = 0; lines[i].path && side < 2; side++) {
			lines[i].path->legs[side]->in_datapath = false;
			if (lines[i].path->rtcp[side])
				lines[i].path->rtcp[side]->in_datapath = false;
		}
	}
}

void ksrtpd_call_free(struct ksrtpd_call *call)
{
	/* First the datapath's part, all at once: from then on nothing is forwarded. */
	if (call->in_datapath)
		ksrtpd_datapath_call_del(call->calls->datapath, call->id);
	if (call->pending)
		forget_datapath(call->pending->lines, call->pending->lines_count);
	forget_datapath(call->lines, call->lines_count);
	ksrtpd_call_code_cancel(call);
	ksrtpd_call_withdraw(call);
	ksrtpd_call_lines_drop(call, call->lines, call->lines_count, NULL, 0);
	ksrtpd_sdp_free(call->sdp[0]);
	ksrtpd_sdp_free(call->sdp[1]);
	event_free(call->patience);
	free(call);
}

void ksrtpd_call_delete(struct ksrtpd_call *call)
{
	struct ksrtpd_calls *calls = call->calls;

	if (calls->observer.gone)
		calls->observer.gone(call, calls->observer_arg);
	LIST_REMOVE(call, entry);
	calls->count--;
	ksrtpd_log_call(INFO, call->name, NULL, "deleted");
	ksrtpd_call_free(call);
}

void ksrtpd_call_end(struct ksrtpd_call *call, const struct ksrtpd_failure *failure)
{
	call->failure = *failure;
	ksrtpd_call_set_state(call, KSRTPD_CALL_FAILED);
	ksrtpd_call_delete(call);
}

/* -- security codes */

static unsigned int codes_pending(const struct ksrtpd_call *call)
{
	unsigned int i, line, pending = call->code.job != NULL;
	struct ksrtpd_leg *leg;
	bool rtcp;
	int side;

	for (i = 0; (leg = ksrtpd_call_leg(call, i, &line, &side, &rtcp)); i++)
		pending += leg->code_job != NULL;
	return pending;
}

static void code_done(const char *code, void *arg)
{
	struct ksrtpd_leg *leg = arg;
	struct ksrtpd_call *call = leg->arg;

	leg->code_job = NULL;
	leg->code_done = true;
	if (code)
		strncpy(leg->code, code, sizeof(leg->code) - 1);
	/* Another leg may have connected meanwhile: who waits shall see its code too. */
	if (ksrtpd_call_codes(call) && call->calls->observer.codes_ready)
		call->calls->observer.codes_ready(call, call->calls->observer_arg);
}

bool ksrtpd_call_codes(struct ksrtpd_call *call)
{
	struct ksrtpd_leg *leg;
	unsigned int i, line;
	bool rtcp;
	int side;

	for (i = 0; (leg = ksrtpd_call_leg(call, i, &line, &side, &rtcp)); i++) {
		const struct ksrtpd_fingerprint *ours, *theirs;

		/* One with a new certificate and no association yet has none either. */
		if (!leg->cert || (leg->cert->key && !leg->dtls) ||
		    leg->state != KSRTPD_LEG_CONNECTED || leg->code_done ||
		    leg->code_job)
			continue;
		ours = &leg->cert->fingerprint;
		theirs = &leg->peer;
		leg->code_job = ksrtpd_coder_add(call->calls->coder, leg->offerer ? ours : theirs,
						 leg->offerer ? theirs : ours, code_done, leg);
	}
	ksrtpd_call_code_start(call);
	return !codes_pending(call);
}

/* Legs went, and with them the codes that somebody waits for. */
void ksrtpd_call_codes_settle(struct ksrtpd_call *call)
{
	if (!codes_pending(call) && call->calls->observer.codes_ready)
		call->calls->observer.codes_ready(call, call->calls->observer_arg);
}

/* -- all calls */

struct ksrtpd_calls *ksrtpd_calls_create(struct event_base *base,
					 const struct ksrtpd_config *config,
					 struct ksrtpd_datapath *datapath, struct ksrtpd_coder *coder)
{
	struct ksrtpd_calls *calls = calloc(1, sizeof(*calls));

	if (!calls)
		return NULL;
	calls->base = base;
	calls->config = config;
	calls->datapath = datapath;
	calls->coder = coder;
	LIST_INIT(&calls->list);
	calls->seen = ksrtpd_seen_create();
	if (!calls->seen) {
		free(calls);
		return NULL;
	}
	return calls;
}

static int take_serial(sqlite3_stmt *row, void *arg)
{
	struct ksrtpd_calls *calls = arg;

	calls->serial = sqlite3_column_int64(row, 0);
	return 1;
}

int ksrtpd_calls_keep(struct ksrtpd_calls *calls, struct ksrtpd_store *store,
		      struct ksrtpd_failure *failure)
{
	if (ksrtpd_seen_keep(calls->seen, store, failure))
		return -1;
	return ksrtpd_store_query(store, failure, take_serial, calls,
				  "SELECT max((SELECT coalesce(max(serial), 0) FROM seen),"
				  " (SELECT coalesce(max(serial), 0) FROM call))", "") < 0 ? -1 : 0;
}

unsigned int ksrtpd_calls_leave(struct ksrtpd_calls *calls)
{
	struct ksrtpd_call *call;

	LIST_FOREACH(call, &calls->list, entry) {
		call->in_datapath = false;
		if (call->pending)
			forget_datapath(call->pending->lines, call->pending->lines_count);
		forget_datapath(call->lines, call->lines_count);
	}
	return calls->count;
}

void ksrtpd_calls_destroy(struct ksrtpd_calls *calls)
{
	if (!calls)
		return;
	while (!LIST_EMPTY(&calls->list))
		ksrtpd_call_delete(LIST_FIRST(&calls->list));
	ksrtpd_seen_destroy(calls->seen);
	free(calls);
}

void ksrtpd_calls_observe(struct ksrtpd_calls *calls,
			  const struct ksrtpd_calls_observer *observer, void *arg)
{
	calls->observer = *observer;
	calls->observer_arg = arg;
}

struct ksrtpd_call *ksrtpd_calls_find(struct ksrtpd_calls *calls, const char *name)
{
	struct ksrtpd_call *call;

	LIST_FOREACH(call, &calls->list, entry) {
		if (!strcmp(call->name, name))
			return call;
	}
	return NULL;
}

struct ksrtpd_datapath *ksrtpd_calls_datapath(const struct ksrtpd_calls *calls)
{
	return calls->datapath;
}

unsigned int ksrtpd_calls_count(const struct ksrtpd_calls *calls)
{
	return calls->count;
}

struct ksrtpd_call *ksrtpd_calls_first(struct ksrtpd_calls *calls)
{
	return LIST_FIRST(&calls->list);
}
