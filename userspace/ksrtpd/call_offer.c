// SPDX-License-Identifier: GPL-2.0
/* Offers, the first one of a call and those while it goes on. */
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "call_int.h"
#include "call_sdp.h"
#include "log.h"

/* Keys are taken from, and written into, protected signalling only. */
int ksrtpd_call_protected(const struct ksrtpd_sdp *sdp, const struct ksrtpd_pending *pending,
			  bool protected_, struct ksrtpd_failure *failure)
{
	unsigned int i;
	int side;

	for (i = 0; !protected_ && i < sdp->media_count; i++) {
		const struct ksrtpd_path *path = i < pending->lines_count ? pending->lines[i].path : NULL;

		if (!sdp->media[i].rejected && sdp->media[i].keys == KSRTPD_SDP_SDES)
			return ksrtpd_sdp_bad(failure, "unprotected-signalling", sdp, i,
					      "a=crypto came by a way that others can read");
		for (side = 0; path && side < 2; side++) {
			if (path->legs[side]->config.keying == KSRTPD_KEYING_SDES)
				return ksrtpd_sdp_bad(failure, "unprotected-signalling", sdp, i,
						      "a=crypto would go a way that others can read");
		}
	}
	return 0;
}

void ksrtpd_call_withdraw(struct ksrtpd_call *call)
{
	struct ksrtpd_pending *pending = call->pending;

	if (!pending)
		return;
	call->pending = NULL;
	ksrtpd_call_lines_drop(call, pending->lines, pending->lines_count, call->lines,
			       call->lines_count);
	ksrtpd_sdp_free(pending->offer);
	free(pending);
	event_del(call->patience);
}

/* Nobody answered. A call that never was one ends, any other is as it was. */
static void on_patience(evutil_socket_t fd, short what, void *arg)
{
	struct ksrtpd_call *call = arg;
	struct ksrtpd_calls *calls = call->calls;
	bool initial = call->pending->initial;
	int side = call->pending->side;
	struct ksrtpd_failure failure;

	(void)fd;
	(void)what;
	ksrtpd_log_call(INFO, call->name, NULL, "nobody answered the offer of the %s in %u s",
			ksrtpd_side_name(side), calls->config->offer_timeout);
	if (!initial)
		ksrtpd_call_withdraw(call);
	if (calls->observer.offer_expired)
		calls->observer.offer_expired(call, side, calls->observer_arg);
	if (!initial)
		return;
	ksrtpd_fail(&failure, "no-answer", "nobody answered the offer in time");
	ksrtpd_call_end(call, &failure);
}

static int refresh(struct ksrtpd_pending *pending, struct ksrtpd_failure *failure)
{
	unsigned int i;

	for (i = 0; i < pending->lines_count; i++) {
		if (pending->lines[i].path &&
		    ksrtpd_path_refresh(pending->lines[i].path, !pending->side, failure))
			return -1;
	}
	return 0;
}

static int open_offer(struct ksrtpd_call *call, int side, bool initial,
		      const struct ksrtpd_call_request *request, char **out,
		      struct ksrtpd_failure *failure)
{
	struct timeval limit = { .tv_sec = call->calls->config->offer_timeout };
	struct ksrtpd_pending *pending = calloc(1, sizeof(*pending));

	if (!pending)
		return ksrtpd_fail(failure, "internal", "no memory for the offer");
	pending->side = side;
	pending->initial = initial;
	call->pending = pending;
	pending->offer = ksrtpd_sdp_parse(request->sdp, request->sdp_len, failure);
	if (!pending->offer ||
	    ksrtpd_call_protected(pending->offer, pending, request->protected_, failure) ||
	    ksrtpd_call_lines_make(call, pending, failure) ||
	    ksrtpd_call_protected(pending->offer, pending, request->protected_, failure) ||
	    refresh(pending, failure)) {
		ksrtpd_call_withdraw(call);
		return -1;
	}
	*out = ksrtpd_call_sdp_offer(call);
	if (!*out) {
		ksrtpd_call_withdraw(call);
		return ksrtpd_fail(failure, "internal", "no memory for the SDP");
	}
	event_add(call->patience, &limit);
	return 0;
}

struct ksrtpd_call *ksrtpd_call_blank(struct ksrtpd_calls *calls)
{
	struct ksrtpd_call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->calls = calls;
	call->patience = evtimer_new(calls->base, on_patience, call);
	if (call->patience)
		return call;
	free(call);
	return NULL;
}

static struct ksrtpd_call *make(struct ksrtpd_calls *calls,
				const struct ksrtpd_call_request *request)
{
	struct ksrtpd_call *call = ksrtpd_call_blank(calls);

	if (!call)
		return NULL;
	call->serial = ++calls->serial;
	call->since_ms = ksrtpd_call_now_ms();
	call->state = KSRTPD_CALL_OFFERED;
	call->mode = request->e2ee ? KSRTP_MODE_E2EE : KSRTP_MODE_TRANSPORT;
	call->end_on_mismatch = request->end_on_mismatch;
	memcpy(call->sides, request->sides, sizeof(call->sides));
	strncpy(call->name, request->name, sizeof(call->name) - 1);
	return call;
}

int ksrtpd_call_offer(struct ksrtpd_calls *calls, const struct ksrtpd_call_request *request,
		      char **out, struct ksrtpd_failure *failure)
{
	struct ksrtpd_call *call;

	if (ksrtpd_calls_find(calls, request->name))
		return ksrtpd_fail(failure, "call-exists", "there is a call named %s already",
				   request->name);
	if (calls->count >= calls->config->calls_max)
		return ksrtpd_fail(failure, "too-many-calls", "there are %u calls, which is calls-max",
				   calls->count);
	call = make(calls, request);
	if (!call)
		return ksrtpd_fail(failure, "internal", "no memory for the call");
	if (open_offer(call, KSRTPD_CALLER, true, request, out, failure)) {
		ksrtpd_call_free(call);
		return -1;
	}
	/* Until it is answered, what is offered is what there is to see. */
	memcpy(call->lines, call->pending->lines, sizeof(call->lines));
	call->lines_count = call->pending->lines_count;
	LIST_INSERT_HEAD(&calls->list, call, entry);
	calls->count++;
	ksrtpd_log_call(INFO, call->name, NULL, "offered");
	if (calls->observer.call_changed)
		calls->observer.call_changed(call, calls->observer_arg);
	return 0;
}

int ksrtpd_call_reoffer(struct ksrtpd_call *call, int side,
			const struct ksrtpd_call_request *request, char **out,
			struct ksrtpd_failure *failure)
{
	if (call->pending)
		return ksrtpd_fail(failure, "offer-pending",
				   "call %s has an offer of the %s that waits for its answer", call->name,
				   ksrtpd_side_name(call->pending->side));
	if (call->state == KSRTPD_CALL_FAILED)
		return ksrtpd_fail(failure, "call-failed", "call %s has failed: %s", call->name,
				   call->failure.message);
	return open_offer(call, side, false, request, out, failure);
}
