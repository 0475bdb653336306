// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "call.h"
#include "call_sdp.h"
#include "log.h"
#include "seen.h"

struct ksrtpd_calls {
	struct event_base *base;
	const struct ksrtpd_config *config;
	struct ksrtpd_datapath *datapath;
	struct ksrtpd_coder *coder;
	struct ksrtpd_seen *seen;
	LIST_HEAD(, ksrtpd_call) list;
	unsigned int count;
	uint64_t serial;
	struct ksrtpd_calls_observer observer;
	void *observer_arg;
};

static uint64_t now_ms(void)
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

uint64_t ksrtpd_call_age_ms(const struct ksrtpd_call *call)
{
	return now_ms() - call->since_ms;
}

/* -- the state of a call, from those of its legs */

static void set_state(struct ksrtpd_call *call, enum ksrtpd_call_state state)
{
	struct ksrtpd_calls *calls = call->calls;

	if (call->state == state)
		return;
	call->state = state;
	if (state == KSRTPD_CALL_FAILED)
		ksrtpd_warning("call %s: failed: %s: %s", call->name, call->failure.reason,
			       call->failure.message);
	else
		ksrtpd_info("call %s: %s", call->name, ksrtpd_call_state_name(state));
	if (calls->observer.call_changed)
		calls->observer.call_changed(call, calls->observer_arg);
}

static bool find_leg(const struct ksrtpd_call *call, const struct ksrtpd_leg *leg,
		     unsigned int *line, int *side)
{
	for (*line = 0; *line < call->offer->media_count; ++*line) {
		for (*side = KSRTPD_CALLER; *side <= KSRTPD_CALLEE; ++*side) {
			if (call->legs[*line][*side] == leg)
				return true;
		}
	}
	return false;
}

static bool all_connected(const struct ksrtpd_call *call)
{
	unsigned int line;

	for (line = 0; line < call->offer->media_count; line++) {
		struct ksrtpd_leg *const *legs = call->legs[line];

		if (legs[0] && (legs[0]->state != KSRTPD_LEG_CONNECTED ||
				legs[1]->state != KSRTPD_LEG_CONNECTED))
			return false;
	}
	return true;
}

static void leg_changed(struct ksrtpd_leg *leg, void *arg)
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
		calls->observer.leg_changed(call, line, side, calls->observer_arg);
	if (leg->state == KSRTPD_LEG_FAILED && call->state != KSRTPD_CALL_FAILED) {
		ksrtpd_fail(&call->failure, leg->failure.reason, "%s toward the %s: %s",
			    ksrtpd_sdp_kind_name(call->offer->media[line].kind),
			    side == KSRTPD_CALLER ? "caller" : "callee", leg->failure.message);
		set_state(call, KSRTPD_CALL_FAILED);
	} else if (call->state == KSRTPD_CALL_CONNECTING && all_connected(call)) {
		set_state(call, KSRTPD_CALL_ESTABLISHED);
	}
}

void ksrtpd_calls_leg_lost(struct ksrtpd_calls *calls, uint32_t leg_id, const char *why)
{
	struct ksrtpd_failure failure;
	struct ksrtpd_call *call;
	unsigned int i;

	ksrtpd_fail(&failure, calls->datapath->ops->reason, "%s", why);
	LIST_FOREACH(call, &calls->list, entry) {
		for (i = 0; i < 2 * call->offer->media_count; i++) {
			struct ksrtpd_leg *leg = call->legs[i / 2][i % 2];

			if (leg && leg->in_datapath && leg->id == leg_id) {
				ksrtpd_leg_fail(leg, &failure);
				return;
			}
		}
	}
}

/* -- removing */

static void destroy_leg(struct ksrtpd_leg *leg)
{
	if (leg && leg->code_job)
		ksrtpd_coder_cancel(leg->code_job);
	ksrtpd_leg_destroy(leg);
}

static void destroy_call(struct ksrtpd_call *call)
{
	unsigned int i;

	/* First the datapath's part: from then on nothing is forwarded. */
	if (call->in_datapath)
		ksrtpd_datapath_call_del(call->calls->datapath, call->id);
	for (i = 0; i < 2 * KSRTPD_SDP_MEDIA_MAX; i++)
		destroy_leg(call->legs[i / 2][i % 2]);
	ksrtpd_sdp_free(call->offer);
	free(call);
}

void ksrtpd_call_delete(struct ksrtpd_call *call)
{
	struct ksrtpd_calls *calls = call->calls;

	if (calls->observer.gone)
		calls->observer.gone(call, calls->observer_arg);
	LIST_REMOVE(call, entry);
	calls->count--;
	ksrtpd_info("call %s: deleted", call->name);
	destroy_call(call);
}

/* A media line that the callee rejected. */
static void remove_line(struct ksrtpd_call *call, unsigned int line)
{
	int side;

	for (side = KSRTPD_CALLER; side <= KSRTPD_CALLEE; side++) {
		ksrtpd_datapath_leg_del(call->calls->datapath, call->legs[line][side]->id);
		destroy_leg(call->legs[line][side]);
		call->legs[line][side] = NULL;
	}
}

/* -- the offer */

static struct ksrtpd_leg *make_leg(struct ksrtpd_call *call, const struct ksrtpd_leg_config *config,
				   struct ksrtpd_failure *failure)
{
	struct ksrtpd_calls *calls = call->calls;
	struct ksrtpd_leg *leg = ksrtpd_leg_create(calls->base, calls->datapath, config, failure);

	if (leg) {
		leg->changed = leg_changed;
		leg->arg = call;
	}
	return leg;
}

static int make_legs(struct ksrtpd_call *call, const struct ksrtpd_side sides[2],
		     struct ksrtpd_failure *failure)
{
	struct ksrtpd_leg_config configs[2];
	unsigned int line;

	call->plain = true;
	for (line = 0; line < call->offer->media_count; line++) {
		const struct ksrtpd_sdp_media *media = &call->offer->media[line];
		struct ksrtpd_leg **legs = call->legs[line];

		if (media->rejected)
			continue;
		if (ksrtpd_call_sdp_legs(call->calls->config, call->offer, line, sides, configs,
					 failure))
			return -1;
		legs[KSRTPD_CALLER] = make_leg(call, &configs[KSRTPD_CALLER], failure);
		if (!legs[KSRTPD_CALLER])
			return -1;
		legs[KSRTPD_CALLEE] = make_leg(call, &configs[KSRTPD_CALLEE], failure);
		if (!legs[KSRTPD_CALLEE])
			return -1;
		legs[KSRTPD_CALLER]->remote = media->remote;
		legs[KSRTPD_CALLER]->fingerprints = media->fingerprints;
		legs[KSRTPD_CALLEE]->offerer = true;
		call->plain &= configs[KSRTPD_CALLER].keying == KSRTPD_KEYING_NONE &&
			       configs[KSRTPD_CALLEE].keying == KSRTPD_KEYING_NONE;
	}
	return 0;
}

static int fill_datapath(struct ksrtpd_call *call, struct ksrtpd_failure *failure)
{
	struct ksrtpd_datapath *datapath = call->calls->datapath;
	unsigned int line;

	if (ksrtpd_datapath_call_new(datapath, call->name,
				     call->plain ? KSRTP_MODE_NONE : KSRTP_MODE_TRANSPORT,
				     &call->id, failure))
		return -1;
	call->in_datapath = true;
	for (line = 0; line < call->offer->media_count; line++) {
		struct ksrtpd_leg **legs = call->legs[line];

		if (!legs[0])
			continue;
		if (ksrtpd_leg_adopt(legs[0], call->id, failure) ||
		    ksrtpd_leg_adopt(legs[1], call->id, failure) ||
		    ksrtpd_datapath_route_new(datapath, legs[0]->id, legs[1]->id, failure) ||
		    ksrtpd_datapath_route_new(datapath, legs[1]->id, legs[0]->id, failure))
			return -1;
	}
	return 0;
}

static int fill_call(struct ksrtpd_call *call, const char *sdp, size_t len,
		     const struct ksrtpd_side sides[2], char **out,
		     struct ksrtpd_failure *failure)
{
	call->offer = ksrtpd_sdp_parse(sdp, len, failure);
	if (!call->offer || ksrtpd_call_sdp_check_offer(call->offer, failure) ||
	    make_legs(call, sides, failure) || fill_datapath(call, failure))
		return -1;
	*out = ksrtpd_call_sdp_offer(call);
	return *out ? 0 : ksrtpd_fail(failure, "internal", "no memory for the SDP");
}

int ksrtpd_call_offer(struct ksrtpd_calls *calls, const char *name, const char *sdp, size_t len,
		      const struct ksrtpd_side sides[2], char **out,
		      struct ksrtpd_failure *failure)
{
	struct ksrtpd_call *call;

	if (ksrtpd_calls_find(calls, name))
		return ksrtpd_fail(failure, "call-exists", "there is a call named %s already", name);
	if (calls->count >= calls->config->calls_max)
		return ksrtpd_fail(failure, "too-many-calls", "there are %u calls, which is calls-max",
				   calls->count);
	call = calloc(1, sizeof(*call));
	if (!call)
		return ksrtpd_fail(failure, "internal", "no memory for the call");
	call->calls = calls;
	call->serial = ++calls->serial;
	call->since_ms = now_ms();
	call->state = KSRTPD_CALL_OFFERED;
	strncpy(call->name, name, sizeof(call->name) - 1);
	if (fill_call(call, sdp, len, sides, out, failure)) {
		destroy_call(call);
		return -1;
	}
	LIST_INSERT_HEAD(&calls->list, call, entry);
	calls->count++;
	ksrtpd_info("call %s: offered", call->name);
	if (calls->observer.call_changed)
		calls->observer.call_changed(call, calls->observer_arg);
	return 0;
}

/* -- the answer */

static int set_remotes(struct ksrtpd_call *call, const struct ksrtpd_sdp *answer,
		       struct ksrtpd_failure *failure)
{
	unsigned int line;

	for (line = 0; line < answer->media_count; line++) {
		const struct ksrtpd_sdp_media *media = &answer->media[line];
		struct ksrtpd_leg *leg = call->legs[line][KSRTPD_CALLEE];

		if (media->rejected)
			continue;
		if (ksrtpd_leg_set_remote(leg, &media->remote, failure))
			return -1;
		leg->fingerprints = media->fingerprints;
	}
	return 0;
}

static void start_leg(struct ksrtpd_leg *leg, bool server)
{
	struct ksrtpd_failure failure;

	if (ksrtpd_leg_start(leg, server, &failure))
		ksrtpd_leg_fail(leg, &failure);
}

/* Toward the caller we are the server unless it asked to be; toward the callee, it chose. */
static void start_legs(struct ksrtpd_call *call, const struct ksrtpd_sdp *answer)
{
	bool any = false;
	unsigned int line;

	for (line = 0; line < answer->media_count; line++) {
		if (answer->media[line].rejected) {
			if (call->legs[line][0])
				remove_line(call, line);
			continue;
		}
		any = true;
		start_leg(call->legs[line][KSRTPD_CALLER], ksrtpd_call_sdp_server(call, line));
		start_leg(call->legs[line][KSRTPD_CALLEE],
			  answer->media[line].setup == KSRTPD_SDP_ACTIVE);
	}
	if (!any) {
		ksrtpd_fail(&call->failure, "rejected", "the callee rejected every media line");
		set_state(call, KSRTPD_CALL_FAILED);
	}
}

static int apply_answer(struct ksrtpd_call *call, const struct ksrtpd_sdp *answer, char **out,
			struct ksrtpd_failure *failure)
{
	char *text;

	if (ksrtpd_call_sdp_check_answer(call, answer, failure) ||
	    set_remotes(call, answer, failure))
		return -1;
	text = ksrtpd_call_sdp_answer(call, answer);
	if (!text)
		return ksrtpd_fail(failure, "internal", "no memory for the SDP");
	set_state(call, KSRTPD_CALL_CONNECTING);
	start_legs(call, answer);
	/* Plain legs are done in an instant, or not. */
	if (call->state == KSRTPD_CALL_FAILED && strcmp(call->failure.reason, "rejected")) {
		*failure = call->failure;
		free(text);
		return -1;
	}
	*out = text;
	return 0;
}

int ksrtpd_call_answer(struct ksrtpd_call *call, const char *sdp, size_t len, char **out,
		       struct ksrtpd_failure *failure)
{
	struct ksrtpd_sdp *answer;
	int err;

	if (call->state != KSRTPD_CALL_OFFERED)
		return ksrtpd_fail(failure, "not-offered", "call %s is %s: it waits for no answer",
				   call->name, ksrtpd_call_state_name(call->state));
	answer = ksrtpd_sdp_parse(sdp, len, failure);
	if (!answer)
		return -1;
	err = apply_answer(call, answer, out, failure);
	ksrtpd_sdp_free(answer);
	return err;
}

/* -- security codes */

static unsigned int codes_pending(const struct ksrtpd_call *call)
{
	unsigned int i, pending = 0;

	for (i = 0; i < 2 * call->offer->media_count; i++)
		pending += call->legs[i / 2][i % 2] && call->legs[i / 2][i % 2]->code_job;
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
	unsigned int i;

	for (i = 0; i < 2 * call->offer->media_count; i++) {
		struct ksrtpd_leg *leg = call->legs[i / 2][i % 2];
		const struct ksrtpd_fingerprint *ours, *theirs;

		if (!leg || !leg->cert || leg->state != KSRTPD_LEG_CONNECTED || leg->code_done ||
		    leg->code_job)
			continue;
		ours = &leg->cert->fingerprint;
		theirs = &leg->peer;
		leg->code_job = ksrtpd_coder_add(call->calls->coder, leg->offerer ? ours : theirs,
						 leg->offerer ? theirs : ours, code_done, leg);
	}
	return !codes_pending(call);
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

struct ksrtpd_call *ksrtpd_calls_first(struct ksrtpd_calls *calls)
{
	return LIST_FIRST(&calls->list);
}
