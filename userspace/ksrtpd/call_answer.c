// SPDX-License-Identifier: GPL-2.0
/* What becomes of an offer by its answer. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "call_clock.h"
#include "call_int.h"
#include "call_sdp.h"
#include "log.h"

/* -- does the answer answer the offer? */

static int bad(struct ksrtpd_failure *failure, const struct ksrtpd_sdp *answer, unsigned int line,
	       const char *what)
{
	return ksrtpd_sdp_bad(failure, "bad-answer", answer, line, what);
}

static const char *keying_words(enum ksrtpd_keying keying)
{
	return keying == KSRTPD_KEYING_NONE ? "plain RTP" :
	       keying == KSRTPD_KEYING_SDES ? "SRTP with keys in the SDP" : "DTLS-SRTP";
}

static int bad_keying(struct ksrtpd_failure *failure, const struct ksrtpd_sdp *answer,
		      unsigned int line, enum ksrtpd_keying offered)
{
	enum ksrtpd_sdp_keys keys = answer->media[line].keys;
	char what[128];

	snprintf(what, sizeof(what), "is %s, but %s was offered",
		 keying_words(keys == KSRTPD_SDP_DTLS ? KSRTPD_KEYING_DTLS :
			      keys == KSRTPD_SDP_SDES ? KSRTPD_KEYING_SDES : KSRTPD_KEYING_NONE),
		 keying_words(offered));
	return bad(failure, answer, line, what);
}

static bool same_keying(const struct ksrtpd_leg *leg, enum ksrtpd_sdp_keys keys)
{
	switch (leg->config.keying) {
	case KSRTPD_KEYING_NONE:
		return keys == KSRTPD_SDP_PLAIN;
	case KSRTPD_KEYING_SDES:
		return keys == KSRTPD_SDP_SDES;
	default:
		return keys == KSRTPD_SDP_DTLS;
	}
}

static int check_accepted(const struct ksrtpd_call *call, const struct ksrtpd_sdp *answer,
			  unsigned int line, struct ksrtpd_failure *failure)
{
	const struct ksrtpd_pending *pending = call->pending;
	const struct ksrtpd_sdp_media *offered = &pending->offer->media[line];
	const struct ksrtpd_sdp_media *media = &answer->media[line];
	const struct ksrtpd_path *path = pending->lines[line].path;
	const struct ksrtpd_leg *leg;

	if (!path)
		return bad(failure, answer, line, "has a port, but was not offered one");
	leg = path->legs[!pending->side];
	if (!same_keying(leg, media->keys))
		return bad_keying(failure, answer, line, leg->config.keying);
	if (!(leg->ice && media->ice) && media->family != leg->config.family)
		return ksrtpd_sdp_bad(failure, "family-mismatch", answer, line,
				      leg->config.family == 4 ? "has an IPv6 address, the leg is IPv4" :
								"has an IPv4 address, the leg is IPv6");
	if (media->keys == KSRTPD_SDP_DTLS && media->setup == KSRTPD_SDP_ACTPASS)
		return ksrtpd_sdp_bad(failure, "bad-setup", answer, line,
				      "a=setup:actpass is no answer (active or passive)");
	if (media->bundled && !offered->bundled)
		return bad(failure, answer, line, "is bundled, which was not offered");
	if (offered->bundle_only && !media->bundled)
		return bad(failure, answer, line, "is not bundled, but has no path of its own");
	if (media->rtcp_mux && !ksrtpd_call_offers_mux(call, pending, line))
		return bad(failure, answer, line, "has a=rtcp-mux, which was not offered");
	if (!media->rtcp_mux && !path->rtcp[!pending->side])
		return ksrtpd_sdp_bad(failure, "no-rtcp-mux", answer, line,
				      "without a=rtcp-mux, which this call needs");
	return 0;
}

static int check_kinds(const struct ksrtpd_pending *pending, const struct ksrtpd_sdp *answer,
		       struct ksrtpd_failure *failure)
{
	unsigned int i;

	if (answer->media_count != pending->lines_count)
		return ksrtpd_fail(failure, "bad-answer",
				   "the answer has %u media lines, the offer %u",
				   answer->media_count, pending->lines_count);
	for (i = 0; i < answer->media_count; i++) {
		if (strcmp(answer->media[i].kind, pending->lines[i].kind))
			return bad(failure, answer, i, "the offer has another kind here");
		if (answer->media[i].refusal.reason) {
			*failure = answer->media[i].refusal;
			return -1;
		}
	}
	return 0;
}

/* Two lines have one path only where both are in the answer's group. */
static int check_shared(const struct ksrtpd_sdp *answer, const struct ksrtpd_call_line *lines,
			struct ksrtpd_failure *failure)
{
	unsigned int i, j;

	for (i = 0; i < answer->media_count; i++) {
		for (j = 0; j < i; j++) {
			if (lines[i].path && lines[i].path == lines[j].path &&
			    !(answer->media[i].bundled && answer->media[j].bundled))
				return bad(failure, answer, i, "has left the bundle that it was in");
		}
	}
	return 0;
}

int ksrtpd_call_lines_answered(const struct ksrtpd_call *call, const struct ksrtpd_sdp *answer,
			       struct ksrtpd_call_line lines[KSRTPD_SDP_MEDIA_MAX],
			       struct ksrtpd_failure *failure)
{
	const struct ksrtpd_pending *pending = call->pending;
	unsigned int i;

	if (check_kinds(pending, answer, failure))
		return -1;
	memcpy(lines, pending->lines, sizeof(pending->lines));
	for (i = 0; i < answer->media_count; i++) {
		if (answer->media[i].rejected) {
			lines[i].path = NULL;
			continue;
		}
		if (check_accepted(call, answer, i, failure))
			return -1;
		if (answer->media[i].bundled)
			lines[i].path = pending->lines[answer->bundle_first].path;
	}
	for (i = 0; i < answer->media_count; i++) {
		if (lines[i].path && ksrtpd_call_leads(lines, i, answer->bundle_first) &&
		    ksrtpd_path_check(lines[i].path, !pending->side, answer, i, false, failure))
			return -1;
	}
	return check_shared(answer, lines, failure);
}

/* -- carrying it out */

/* Addresses first, for the datapath may refuse them: then all go back, and the offer is
 * still open.
 */
static int move(const struct ksrtpd_call *call, const struct ksrtpd_sdp *answer,
		const struct ksrtpd_call_line *lines, struct ksrtpd_failure *failure)
{
	const struct ksrtpd_pending *pending = call->pending;
	unsigned int i, j;

	for (i = 0; i < answer->media_count; i++) {
		if (!lines[i].path || !ksrtpd_call_leads(lines, i, answer->bundle_first))
			continue;
		if (!ksrtpd_path_move(lines[i].path, pending->side, &pending->offer->media[i], failure) &&
		    !ksrtpd_path_move(lines[i].path, !pending->side, &answer->media[i], failure))
			continue;
		for (j = 0; j <= i; j++) {
			if (!lines[j].path)
				continue;
			ksrtpd_path_move_back(lines[j].path, pending->side);
			ksrtpd_path_move_back(lines[j].path, !pending->side);
		}
		return -1;
	}
	return 0;
}

/* Which sides may get media through this path: that the other sends and they receive. */
static void find_flow(const struct ksrtpd_call *call, const struct ksrtpd_path *path, bool toward[2])
{
	unsigned int i;
	int side;

	toward[0] = toward[1] = false;
	for (i = 0; i < call->lines_count; i++) {
		if (call->lines[i].path != path)
			continue;
		for (side = 0; side < 2; side++) {
			const struct ksrtpd_sdp_media *to = &call->sdp[side]->media[i];
			const struct ksrtpd_sdp_media *from = &call->sdp[!side]->media[i];

			toward[side] |= (from->direction & KSRTPD_SDP_SENDS) &&
					(to->direction & KSRTPD_SDP_RECEIVES) &&
					(to->ice || !to->no_address);
		}
	}
}

/* Each side as it has it; who offered mux is answered with it. End to end as the answer says. */
static void find_mux(const struct ksrtpd_call *call, const struct ksrtpd_path *path,
		     unsigned int line, int offerer, bool muxed[2])
{
	const struct ksrtpd_leg *leg = path->legs[offerer];

	muxed[!offerer] = call->sdp[!offerer]->media[line].rtcp_mux;
	if (call->mode == KSRTP_MODE_E2EE)
		muxed[offerer] = muxed[!offerer];
	else
		muxed[offerer] = call->sdp[offerer]->media[line].rtcp_mux;
	/* A leg that has half of its keys cannot get the other half of the same ones. */
	if (leg->state != KSRTPD_LEG_NEW && leg->config.keying == KSRTPD_KEYING_SDES &&
	    path->rtcp[offerer])
		muxed[offerer] = false;
}

static int apply(struct ksrtpd_call *call, int offerer, const struct ksrtpd_sdp *answer,
		 struct ksrtpd_failure *failure)
{
	unsigned int i;

	for (i = 0; i < call->lines_count; i++) {
		struct ksrtpd_path *path = call->lines[i].path;
		bool toward[2], muxed[2];

		if (!path || !ksrtpd_call_leads(call->lines, i, answer->bundle_first))
			continue;
		find_flow(call, path, toward);
		find_mux(call, path, i, offerer, muxed);
		if (ksrtpd_path_mux(path, muxed, failure) ||
		    ksrtpd_path_describe(path, offerer, &call->sdp[offerer]->media[i], true, failure) ||
		    ksrtpd_path_describe(path, !offerer, &answer->media[i], false, failure) ||
		    ksrtpd_path_flow(path, toward, failure))
			return -1;
	}
	return 0;
}

static bool anything_to_start(const struct ksrtpd_call *call)
{
	unsigned int i;

	for (i = 0; i < call->lines_count; i++) {
		if (call->lines[i].path && (call->lines[i].path->start[0] ||
					    call->lines[i].path->start[1]))
			return true;
	}
	return false;
}

static bool any_path(const struct ksrtpd_call *call)
{
	unsigned int i;

	for (i = 0; i < call->lines_count; i++) {
		if (call->lines[i].path)
			return true;
	}
	return false;
}

/* The answer stands from here on; the open offer is gone. Takes @answer. */
static int close_offer(struct ksrtpd_call *call, struct ksrtpd_sdp *answer,
		       const struct ksrtpd_call_line *lines)
{
	struct ksrtpd_pending *pending = call->pending;
	int offerer = pending->side;

	ksrtpd_call_lines_drop(call, pending->lines, pending->lines_count, lines,
			       pending->lines_count);
	if (!pending->initial)
		ksrtpd_call_lines_drop(call, call->lines, call->lines_count, lines,
				       pending->lines_count);
	memcpy(call->lines, lines, sizeof(call->lines));
	call->lines_count = pending->lines_count;
	ksrtpd_sdp_free(call->sdp[0]);
	ksrtpd_sdp_free(call->sdp[1]);
	call->sdp[offerer] = pending->offer;
	call->sdp[!offerer] = answer;
	call->pending = NULL;
	free(pending);
	event_del(call->patience);
	return offerer;
}

static void start(struct ksrtpd_call *call)
{
	unsigned int i;

	if (!any_path(call)) {
		ksrtpd_fail(&call->failure, "rejected", "every media line was rejected");
		ksrtpd_call_set_state(call, KSRTPD_CALL_FAILED);
		return;
	}
	if (!anything_to_start(call))
		return;
	if (call->state != KSRTPD_CALL_FAILED)
		ksrtpd_call_set_state(call, KSRTPD_CALL_CONNECTING);
	for (i = 0; i < call->lines_count; i++) {
		if (call->lines[i].path)
			ksrtpd_path_start(call->lines[i].path);
	}
	ksrtpd_call_settle(call);
}

static int carry_out(struct ksrtpd_call *call, struct ksrtpd_sdp *answer,
		     const struct ksrtpd_call_line *lines, char **out,
		     struct ksrtpd_failure *failure)
{
	int offerer = close_offer(call, answer, lines);
	char *text;

	if (apply(call, offerer, answer, failure)) {
		call->failure = *failure;
		ksrtpd_call_set_state(call, KSRTPD_CALL_FAILED);
		return -1;
	}
	ksrtpd_call_clocks_settle(call);
	ksrtpd_call_code_settle(call);
	ksrtpd_call_codes_settle(call);
	text = ksrtpd_call_sdp_answer(call, offerer);
	if (!text)
		return ksrtpd_fail(failure, "internal", "no memory for the SDP");
	start(call);
	/* Plain legs are done in an instant, or not. */
	if (call->state == KSRTPD_CALL_FAILED && strcmp(call->failure.reason, "rejected")) {
		*failure = call->failure;
		ksrtpd_sdp_text_free(text);
		return -1;
	}
	*out = text;
	return 0;
}

/* Where RTCP would go if mux were declined: an answer that has it means it. */
static void forget_rtcp(struct ksrtpd_sdp *answer)
{
	unsigned int i;

	for (i = 0; i < answer->media_count; i++) {
		if (answer->media[i].rtcp_mux)
			answer->media[i].remote_rtcp.ss_family = AF_UNSPEC;
	}
}

int ksrtpd_call_answer(struct ksrtpd_call *call, const struct ksrtpd_call_request *request,
		       char **out, struct ksrtpd_failure *failure)
{
	struct ksrtpd_call_line lines[KSRTPD_SDP_MEDIA_MAX];
	struct ksrtpd_sdp *answer;

	if (!call->pending)
		return ksrtpd_fail(failure, "not-offered", "call %s is %s: it waits for no answer",
				   call->name, ksrtpd_call_state_name(call->state));
	answer = ksrtpd_sdp_parse(request->sdp, request->sdp_len, failure);
	if (!answer)
		return -1;
	forget_rtcp(answer);
	if (ksrtpd_call_protected(answer, call->pending, request->protected_, failure) ||
	    ksrtpd_call_lines_answered(call, answer, lines, failure) ||
	    move(call, answer, lines, failure)) {
		ksrtpd_sdp_free(answer);
		return -1;
	}
	return carry_out(call, answer, lines, out, failure);
}
