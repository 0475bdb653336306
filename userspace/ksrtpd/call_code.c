// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "call_int.h"
#include "log.h"

#define REASON	"no-code"

/* -- of which certificates */

/* The one that a description names, by SHA-256 and nothing else: endpoints go by the longest
 * hash that is there, and a code of another would say nothing.
 */
static int take_one(const struct ksrtpd_fingerprints *list, unsigned int line, int side,
		    struct ksrtpd_fingerprint *fp, struct ksrtpd_failure *failure)
{
	unsigned int i;

	if (list->long_count)
		return ksrtpd_fail(failure, REASON, "media line %u of the %s has a fingerprint with a "
				   "longer hash, which is the one that counts", line + 1,
				   ksrtpd_side_name(side));
	if (!list->count)
		return ksrtpd_fail(failure, REASON, "media line %u of the %s has no SHA-256 fingerprint",
				   line + 1, ksrtpd_side_name(side));
	for (i = 1; i < list->count; i++) {
		if (!ksrtpd_fingerprint_equal(&list->list[0], &list->list[i]))
			return ksrtpd_fail(failure, REASON, "media line %u of the %s names more than one "
					   "certificate", line + 1, ksrtpd_side_name(side));
	}
	*fp = list->list[0];
	return 0;
}

static int take_side(const struct ksrtpd_call *call, int side, struct ksrtpd_fingerprint *pair,
		     struct ksrtpd_failure *failure)
{
	const struct ksrtpd_sdp *sdp = call->sdp[side];
	struct ksrtpd_fingerprint fp;
	unsigned int line;
	bool found = false;

	for (line = 0; line < call->lines_count; line++) {
		const struct ksrtpd_fingerprints *list = &sdp->media[line].fingerprints;

		if (!call->lines[line].path)
			continue;
		/* Of a bundle, one line need speak for all. */
		if (!list->count && !list->long_count &&
		    !ksrtpd_call_leads(call->lines, line, sdp->bundle_first))
			continue;
		if (take_one(list, line, side, &fp, failure))
			return -1;
		if (found && !ksrtpd_fingerprint_equal(&fp, pair))
			return ksrtpd_fail(failure, REASON, "media line %u of the %s has another certificate "
					   "than a line before it", line + 1, ksrtpd_side_name(side));
		*pair = fp;
		found = true;
	}
	return found ? 0 : ksrtpd_fail(failure, REASON, "no media line is carried");
}

static int find_pair(const struct ksrtpd_call *call, struct ksrtpd_fingerprint pair[2],
		     struct ksrtpd_failure *failure)
{
	if (call->mode != KSRTP_MODE_E2EE)
		return ksrtpd_fail(failure, REASON, "call %s is not end to end", call->name);
	if (!call->sdp[KSRTPD_CALLER] || !call->sdp[KSRTPD_CALLEE])
		return ksrtpd_fail(failure, REASON, "the offer has not been answered");
	if (take_side(call, KSRTPD_CALLER, &pair[KSRTPD_CALLER], failure) ||
	    take_side(call, KSRTPD_CALLEE, &pair[KSRTPD_CALLEE], failure))
		return -1;
	if (ksrtpd_fingerprint_equal(&pair[KSRTPD_CALLER], &pair[KSRTPD_CALLEE]))
		return ksrtpd_fail(failure, REASON, "both sides name the same certificate");
	return 0;
}

static bool same_pair(const struct ksrtpd_fingerprint a[2], const struct ksrtpd_fingerprint b[2])
{
	return ksrtpd_fingerprint_equal(&a[0], &b[0]) && ksrtpd_fingerprint_equal(&a[1], &b[1]);
}

static void tell(struct ksrtpd_call *call, int by)
{
	struct ksrtpd_calls *calls = call->calls;

	if (calls->observer.code_changed)
		calls->observer.code_changed(call, by, calls->observer_arg);
}

void ksrtpd_call_code_settle(struct ksrtpd_call *call)
{
	struct ksrtpd_call_code *code = &call->code;
	struct ksrtpd_fingerprint pair[2];
	struct ksrtpd_failure failure;
	bool there = !find_pair(call, pair, &failure), was = code->there;
	int side;

	if (there == was && (!there || same_pair(pair, code->pair)))
		return;
	ksrtpd_call_code_cancel(call);
	*code = (struct ksrtpd_call_code){ .there = there };
	for (side = 0; there && side < 2; side++) {
		code->pair[side] = pair[side];
		code->certificate_reused |= ksrtpd_seen_add(call->calls->seen, &pair[side],
							    call->serial);
	}
	/* What was said of the code before holds no more. */
	if (was)
		tell(call, KSRTPD_SAID_BY_ONE);
}

/* -- computing it */

static void code_done(const char *text, void *arg)
{
	struct ksrtpd_call *call = arg;

	call->code.job = NULL;
	call->code.done = true;
	if (text)
		strncpy(call->code.text, text, sizeof(call->code.text) - 1);
	if (ksrtpd_call_codes(call) && call->calls->observer.codes_ready)
		call->calls->observer.codes_ready(call, call->calls->observer_arg);
}

void ksrtpd_call_code_start(struct ksrtpd_call *call)
{
	struct ksrtpd_call_code *code = &call->code;

	if (code->there && !code->done && !code->job)
		code->job = ksrtpd_coder_add(call->calls->coder, &code->pair[0], &code->pair[1],
					     code_done, call);
}

void ksrtpd_call_code_cancel(struct ksrtpd_call *call)
{
	if (call->code.job)
		ksrtpd_coder_cancel(call->code.job);
	call->code.job = NULL;
}

int ksrtpd_call_code_missing(const struct ksrtpd_call *call, struct ksrtpd_failure *failure)
{
	struct ksrtpd_fingerprint pair[2];

	if (*call->code.text)
		return 0;
	if (find_pair(call, pair, failure))
		return -1;
	return ksrtpd_fail(failure, REASON, call->code.done ? "it could not be computed" :
			   "too many codes wait to be computed; ask again");
}

/* -- what was said of it */

const char *ksrtpd_verdict_name(enum ksrtpd_verdict verdict)
{
	static const char *const names[] = { "none", "matched", "mismatched" };

	return names[verdict];
}

enum ksrtpd_verdict ksrtpd_call_verdict(const struct ksrtpd_call *call)
{
	enum ksrtpd_verdict verdict = KSRTPD_VERDICT_NONE;
	unsigned int i;

	for (i = 0; i < KSRTPD_SAID_MAX; i++) {
		if (call->code.said[i].verdict > verdict)
			verdict = call->code.said[i].verdict;
	}
	return verdict;
}

int ksrtpd_call_say(struct ksrtpd_call *call, int by, enum ksrtpd_verdict verdict, const char *who,
		    struct ksrtpd_failure *failure)
{
	struct ksrtpd_said *said = &call->code.said[by];
	struct ksrtpd_fingerprint pair[2];

	if (find_pair(call, pair, failure))
		return -1;
	said->verdict = verdict;
	snprintf(said->who, sizeof(said->who), "%s", who);
	ksrtpd_log_call(INFO, call->name, NULL, "the code %s, as %s says (%s)",
			ksrtpd_verdict_name(verdict), by == KSRTPD_SAID_BY_ONE ? "one side" : ksrtpd_side_name(by),
			who);
	tell(call, by);
	return 0;
}
