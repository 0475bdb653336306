// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>

#include <ksrtp/ksrtp.h>

#include "view.h"
#include "view_quality.h"

/* A string, or null. */
static json_t *text_if(bool there, const char *text)
{
	return there ? json_string(text) : json_null();
}

json_t *ksrtpd_view_failure(const struct ksrtpd_failure *failure)
{
	return json_pack("{s:s, s:s}", "reason", failure->reason, "message", failure->message);
}

static json_t *failure_if(bool there, const struct ksrtpd_failure *failure)
{
	return there ? ksrtpd_view_failure(failure) : json_null();
}

static json_t *address(const struct sockaddr_storage *addr)
{
	char text[KSRTPD_ADDR_TEXT];

	if (addr->ss_family == AF_UNSPEC)
		return json_null();
	return json_string(ksrtpd_addr_text(addr, text));
}

/* Before the handshake it is what SDP announced, after it what the peer showed. */
static json_t *remote_fingerprint(const struct ksrtpd_leg *leg)
{
	const struct ksrtpd_fingerprint *fp = leg->fingerprints.list;
	char text[KSRTPD_FINGERPRINT_TEXT];

	if (!leg->cert || !leg->fingerprints.count)
		return json_null();
	if (leg->state == KSRTPD_LEG_CONNECTED)
		fp = &leg->peer;
	return json_string(ksrtpd_fingerprint_text(fp, text));
}

static json_t *local_fingerprint(const struct ksrtpd_leg *leg)
{
	char text[KSRTPD_FINGERPRINT_TEXT];

	return leg->cert ? json_string(ksrtpd_fingerprint_text(&leg->cert->fingerprint, text)) :
			   json_null();
}

static json_t *dropped(const struct ksrtp_stats *stats)
{
	json_t *object = json_object();
	unsigned int i;

	for (i = 1; i <= KSRTP_REASON_MAX; i++) {
		if (stats->dropped[i])
			json_object_set_new(object, ksrtp_reason_name(i),
					    json_integer((json_int_t)stats->dropped[i]));
	}
	return object;
}

/*
 * What the agent counted where it is the datapath, with the names that ksrtpctl has for
 * what the kernel counts. The kernel answers for itself.
 */
static json_t *counters(const struct ksrtpd_leg *leg)
{
	struct ksrtp_leg now;

	if (!leg->datapath->ops->reads || !leg->in_datapath ||
	    !ksrtpd_datapath_leg_get(leg->datapath, leg->id, &now))
		return json_null();
	return json_pack("{s:s, s:o, s:I, s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:o}",
			 "datapath", ksrtp_datapath_name(now.datapath),
			 "held", json_boolean(now.state == KSRTP_LEG_STATE_HELD),
			 "received", (json_int_t)now.stats.received,
			 "forwarded", (json_int_t)now.stats.forwarded,
			 "answered", (json_int_t)now.stats.answered,
			 "passed_up", (json_int_t)now.stats.passed_up,
			 "dropped", dropped(&now.stats),
			 "received_bytes", (json_int_t)now.stats.received_bytes,
			 "sent", (json_int_t)now.stats.sent,
			 "sent_bytes", (json_int_t)now.stats.sent_bytes,
			 "idle_ms", now.idle_known ? json_integer((json_int_t)now.idle_ms) :
						     json_null());
}

/* Ours that the peer may choose from, the one in c= and m= first; null without ICE. */
static json_t *candidates(const struct ksrtpd_leg *leg)
{
	json_t *list = leg->ice ? json_array() : json_null();
	unsigned int i;

	for (i = 0; leg->ice && i < leg->sockets_count; i++)
		json_array_append_new(list, address(&leg->sockets[i].place.local));
	return list;
}

static json_t *view_leg(const struct ksrtpd_leg *leg, int side)
{
	bool connected = leg->state == KSRTPD_LEG_CONNECTED;

	return json_pack("{s:s, s:I, s:i, s:o, s:o, s:o, s:s, s:s, s:o, s:o, s:b, s:o, s:o, s:o, s:b, s:o, s:o}",
			 "side", ksrtpd_side_name(side),
			 "leg", (json_int_t)leg->id,
			 "family", ksrtpd_addr_family(&leg->local),
			 "local", address(&leg->local),
			 "remote", address(&leg->remote),
			 "candidates", candidates(leg),
			 "keying", ksrtpd_keying_name(leg->config.keying),
			 "state", ksrtpd_leg_state_name(leg->state),
			 "role", text_if(leg->dtls || (leg->cert && !leg->cert->key), leg->server ? "server" : "client"),
			 "suite", text_if(connected, ksrtp_suite_name(leg->suite)),
			 "cryptex", leg->cryptex,
			 "local_fingerprint", local_fingerprint(leg),
			 "remote_fingerprint", remote_fingerprint(leg),
			 "leg_code", text_if(connected && *leg->code, leg->code),
			 "certificate_reused", leg->certificate_reused,
			 "failure", failure_if(leg->state == KSRTPD_LEG_FAILED, &leg->failure),
			 "user", counters(leg));
}

static json_t *view_leg_of(const struct ksrtpd_call *call, const struct ksrtpd_path *path,
			   const struct ksrtpd_leg *leg, int side, bool quality)
{
	json_t *view = view_leg(leg, side);

	if (quality)
		json_object_set_new(view, "quality", ksrtpd_view_quality(call, path, leg, side));
	return view;
}

/* The line whose legs it shares, if it is bundled with one before it. */
static json_t *bundled_with(const struct ksrtpd_call *call, unsigned int line)
{
	unsigned int i;

	for (i = 0; i < line; i++) {
		if (call->lines[i].path == call->lines[line].path)
			return json_integer((json_int_t)i);
	}
	return json_null();
}

static json_t *view_media(const struct ksrtpd_call *call, unsigned int line, bool quality)
{
	const struct ksrtpd_path *path = call->lines[line].path;
	json_t *rtcp = path->rtcp[0] || path->rtcp[1] ? json_array() : json_null();
	int side;

	for (side = 0; side < 2; side++) {
		if (path->rtcp[side])
			json_array_append_new(rtcp, view_leg_of(call, path, path->rtcp[side], side,
							       quality));
	}
	return json_pack("{s:i, s:s, s:o, s:[o, o], s:o}", "line", (int)line,
			 "kind", call->lines[line].kind,
			 "bundled_with", bundled_with(call, line), "legs",
			 view_leg_of(call, path, path->legs[KSRTPD_CALLER], KSRTPD_CALLER, quality),
			 view_leg_of(call, path, path->legs[KSRTPD_CALLEE], KSRTPD_CALLEE, quality),
			 "rtcp", rtcp);
}

static json_t *view_all_media(const struct ksrtpd_call *call, bool whole, bool quality)
{
	json_t *media = json_array();
	unsigned int line;

	for (line = 0; line < call->lines_count; line++) {
		if (!call->lines[line].path)
			continue;
		json_array_append_new(media, whole ? view_media(call, line, quality) :
						     json_string(call->lines[line].kind));
	}
	return media;
}

/* Lines that this host would not carry. */
static json_t *view_refused(const struct ksrtpd_call *call)
{
	json_t *refused = json_array();
	unsigned int line;

	for (line = 0; line < call->lines_count; line++) {
		const struct ksrtpd_failure *refusal = &call->lines[line].refusal;

		if (refusal->reason)
			json_array_append_new(refused, json_pack("{s:i, s:s, s:s, s:s}",
				"line", (int)line, "kind", call->lines[line].kind,
				"reason", refusal->reason, "message", refusal->message));
	}
	return refused;
}

static json_t *code_failure(const struct ksrtpd_call *call)
{
	struct ksrtpd_failure failure;

	return failure_if(call->mode == KSRTP_MODE_E2EE && ksrtpd_call_code_missing(call, &failure),
			  &failure);
}

static json_t *view_verdict(const struct ksrtpd_call *call)
{
	enum ksrtpd_verdict verdict = ksrtpd_call_verdict(call);

	return text_if(verdict != KSRTPD_VERDICT_NONE, ksrtpd_verdict_name(verdict));
}

static json_t *view_by(int by)
{
	return text_if(by != KSRTPD_SAID_BY_ONE, by == KSRTPD_SAID_BY_ONE ? "" : ksrtpd_side_name(by));
}

/* Who said what of the code. */
static json_t *view_said(const struct ksrtpd_call *call)
{
	json_t *said = json_array();
	int by;

	for (by = 0; by < KSRTPD_SAID_MAX; by++) {
		const struct ksrtpd_said *one = &call->code.said[by];

		if (one->verdict != KSRTPD_VERDICT_NONE)
			json_array_append_new(said, json_pack("{s:o, s:s, s:s}", "side", view_by(by),
				"verified", ksrtpd_verdict_name(one->verdict), "who", one->who));
	}
	return said;
}

json_t *ksrtpd_view_call(const struct ksrtpd_call *call, bool quality)
{
	return json_pack("{s:s, s:s, s:I, s:s, s:s, s:o, s:o, s:I, s:s, s:o, s:o, s:b, s:o, s:o, s:o, s:o}",
			 "call", call->name,
			 "datapath", ksrtpd_calls_datapath(call->calls)->ops->name,
			 "id", (json_int_t)call->id,
			 "mode", ksrtp_mode_name(call->mode),
			 "state", ksrtpd_call_state_name(call->state),
			 "failure", failure_if(call->state == KSRTPD_CALL_FAILED, &call->failure),
			 "offer_of", text_if(call->pending, call->pending ?
					     ksrtpd_side_name(call->pending->side) : ""),
			 "age_ms", (json_int_t)ksrtpd_call_age_ms(call),
			 "indicator", ksrtpd_indicator_name(ksrtpd_call_indicator(call)),
			 "code", text_if(*call->code.text, call->code.text),
			 "code_failure", code_failure(call),
			 "certificate_reused", call->code.certificate_reused,
			 "verified", view_verdict(call),
			 "said", view_said(call),
			 "media", view_all_media(call, true, quality),
			 "refused", view_refused(call));
}

json_t *ksrtpd_view_summary(const struct ksrtpd_call *call)
{
	return json_pack("{s:s, s:s, s:o}", "call", call->name,
			 "state", ksrtpd_call_state_name(call->state),
			 "media", view_all_media(call, false, false));
}

json_t *ksrtpd_view_call_event(const struct ksrtpd_call *call)
{
	return json_pack("{s:s, s:s, s:s, s:o}",
			 "event", "call-state",
			 "call", call->name,
			 "state", ksrtpd_call_state_name(call->state),
			 "failure", failure_if(call->state == KSRTPD_CALL_FAILED, &call->failure));
}

json_t *ksrtpd_view_leg_event(const struct ksrtpd_call *call, const struct ksrtpd_leg *leg,
			      unsigned int line, int side)
{
	return json_pack("{s:s, s:s, s:i, s:s, s:s, s:I, s:s, s:o}",
			 "event", "leg-state",
			 "call", call->name,
			 "line", (int)line,
			 "kind", call->lines[line].kind,
			 "side", ksrtpd_side_name(side),
			 "leg", (json_int_t)leg->id,
			 "state", ksrtpd_leg_state_name(leg->state),
			 "failure", failure_if(leg->state == KSRTPD_LEG_FAILED, &leg->failure));
}

json_t *ksrtpd_view_code_event(const struct ksrtpd_call *call, int by)
{
	return json_pack("{s:s, s:s, s:o, s:o, s:o}", "event", "call-code", "call", call->name,
			 "code", text_if(*call->code.text, call->code.text),
			 "verified", view_verdict(call), "side", view_by(by));
}

json_t *ksrtpd_view_offer_event(const struct ksrtpd_call *call, int side)
{
	return json_pack("{s:s, s:s, s:s}", "event", "offer-expired", "call", call->name,
			 "side", ksrtpd_side_name(side));
}
