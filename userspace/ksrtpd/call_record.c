// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ksrtp/ksrtp.h>

#include "call_int.h"
#include "call_record.h"
#include "leg_record.h"
#include "path_record.h"
#include "sdp_public.h"

#define REASON	"record"
#define VERSION	1

static int64_t wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* -- writing */

static json_t *interfaces_record(const struct ksrtpd_side *side)
{
	json_t *interfaces = json_array();
	unsigned int i;

	for (i = 0; i < side->interfaces_count; i++)
		json_array_append_new(interfaces, json_string(side->interfaces[i]));
	return interfaces;
}

static json_t *side_record(const struct ksrtpd_side *side)
{
	json_t *suites = json_array();
	unsigned int i;

	for (i = 0; i < side->suites_count; i++)
		json_array_append_new(suites, json_string(ksrtp_suite_name(side->suites[i])));
	return json_pack("{s:o, s:i, s:i, s:s, s:i, s:b, s:o}", "interface", interfaces_record(side),
			 "family", side->family, "protocol", (int)side->protocol,
			 "proto", side->proto, "ice", (int)side->ice, "learn", side->learn,
			 "suites", suites);
}

static json_t *sdp_record(const struct ksrtpd_sdp *sdp)
{
	char *text = sdp ? ksrtpd_sdp_public(sdp->text, sdp->len) : NULL;
	json_t *record = text ? json_string(text) : NULL;

	free(text);
	return record ? record : json_null();
}

/* Place of the line's path in @paths, which it is added to if it is not there; -1: none. */
static int path_place(const struct ksrtpd_call *call, unsigned int line, json_t *paths)
{
	unsigned int i;
	int place = 0;

	if (!call->lines[line].path)
		return -1;
	for (i = 0; i < line; i++) {
		if (call->lines[i].path == call->lines[line].path)
			break;
	}
	if (i == line) {
		json_array_append_new(paths, ksrtpd_path_record(call->lines[line].path));
		return (int)json_array_size(paths) - 1;
	}
	/* As many as there are different ones before it. */
	while (i--) {
		unsigned int j;

		for (j = 0; j < i && call->lines[j].path != call->lines[i].path; j++)
			;
		place += call->lines[i].path && j == i;
	}
	return place;
}

static json_t *lines_record(const struct ksrtpd_call *call, json_t *paths)
{
	json_t *lines = json_array();
	unsigned int i;

	for (i = 0; i < call->lines_count; i++) {
		const struct ksrtpd_call_line *line = &call->lines[i];

		json_array_append_new(lines, json_pack("{s:i, s:b, s:s, s:s, s:[s, s], s:o}",
				      "path", path_place(call, i, paths),
				      "bundle_only", line->bundle_only, "kind", line->kind,
				      "mid", line->mid, "proto", line->proto[0], line->proto[1],
				      "refusal", ksrtpd_failure_record(&line->refusal)));
	}
	return lines;
}

/* Of the code nothing but what people said: it is made of the SDPs. */
static json_t *said_record(const struct ksrtpd_call *call)
{
	json_t *said = json_array();
	unsigned int i;

	for (i = 0; i < KSRTPD_SAID_MAX; i++)
		json_array_append_new(said, json_pack("{s:i, s:s}", "verdict",
						      (int)call->code.said[i].verdict, "who",
						      call->code.said[i].who));
	return said;
}

json_t *ksrtpd_call_record(const struct ksrtpd_call *call)
{
	json_t *paths = json_array(), *lines = lines_record(call, paths);

	return json_pack("{s:i, s:s, s:I, s:I, s:I, s:s, s:i, s:o, s:[o, o], s:o, s:o, s:[o, o], s:o, s:b}",
			 "version", VERSION,
			 "call", call->name,
			 "id", (json_int_t)call->id,
			 "serial", (json_int_t)call->serial,
			 "created_ms", (json_int_t)(wall_ms() - (int64_t)ksrtpd_call_age_ms(call)),
			 "mode", ksrtp_mode_name(call->mode),
			 "state", (int)call->state,
			 "failure", ksrtpd_failure_record(&call->failure),
			 "sides", side_record(&call->sides[0]), side_record(&call->sides[1]),
			 "paths", paths,
			 "lines", lines,
			 "sdp", sdp_record(call->sdp[0]), sdp_record(call->sdp[1]),
			 "said", said_record(call), "end_on_mismatch", call->end_on_mismatch);
}

/* -- reading */

static int bad(struct ksrtpd_failure *failure, const char *what)
{
	return ksrtpd_fail(failure, REASON, "the record of the call: %s", what);
}

static int take_text(const json_t *value, char *text, size_t room)
{
	const char *from = json_string_value(value);

	if (!from || strlen(from) >= room)
		return -1;
	strcpy(text, from);
	return 0;
}

static int take_mode(const char *name, uint32_t *mode)
{
	for (*mode = 0; *mode <= KSRTP_MODE_MAX; ++*mode) {
		if (!strcmp(ksrtp_mode_name(*mode), name))
			return 0;
	}
	return -1;
}

static int take_interface(const char *name, struct ksrtpd_side *side)
{
	if (!name || strlen(name) >= sizeof(side->interfaces[0]) ||
	    side->interfaces_count == KSRTPD_INTERFACES_MAX)
		return -1;
	strcpy(side->interfaces[side->interfaces_count++], name);
	return 0;
}

/* One name alone is of agents that knew no more; "" was the first of the configuration. */
static int take_interfaces(const json_t *record, struct ksrtpd_side *side)
{
	const char *name = json_string_value(record);
	size_t i;

	if (name)
		return *name ? take_interface(name, side) : 0;
	for (i = 0; i < json_array_size(record); i++) {
		if (take_interface(json_string_value(json_array_get(record, i)), side))
			return -1;
	}
	return json_is_array(record) ? 0 : -1;
}

static int take_side(const json_t *record, struct ksrtpd_side *side)
{
	const json_t *interfaces, *suites;
	const char *proto;
	int protocol, ice, learn;
	size_t i;

	if (json_unpack((json_t *)record, "{s:o, s:i, s:i, s:s, s:i, s:b, s:o}", "interface",
			&interfaces, "family", &side->family, "protocol", &protocol, "proto", &proto,
			"ice", &ice, "learn", &learn, "suites", &suites) ||
	    take_interfaces(interfaces, side) || strlen(proto) >= sizeof(side->proto) ||
	    protocol < KSRTPD_PROTOCOL_ANY || protocol > KSRTPD_PROTOCOL_SDES ||
	    ice < KSRTPD_CHOICE_DEFAULT || ice > KSRTPD_CHOICE_YES ||
	    json_array_size(suites) > KSRTPD_SUITES_MAX)
		return -1;
	strcpy(side->proto, proto);
	side->protocol = protocol;
	side->ice = ice;
	side->learn = learn;
	for (i = 0; i < json_array_size(suites); i++) {
		const char *name = json_string_value(json_array_get(suites, i));
		int suite = name ? ksrtp_suite_parse(name) : -1;

		if (suite < 0)
			return -1;
		side->suites[side->suites_count++] = suite;
	}
	return 0;
}

static int take_head(struct ksrtpd_call *call, const json_t *record,
		     struct ksrtpd_failure *failure)
{
	json_int_t id, serial, created, age;
	const json_t *failed, *sides[2];
	const char *name, *mode;
	int version, state;

	if (json_unpack((json_t *)record, "{s:i, s:s, s:I, s:I, s:I, s:s, s:i, s:o, s:[o, o]}",
			"version", &version, "call", &name, "id", &id, "serial", &serial,
			"created_ms", &created, "mode", &mode, "state", &state, "failure", &failed,
			"sides", &sides[0], &sides[1]) || version != VERSION ||
	    strlen(name) >= sizeof(call->name) || take_mode(mode, &call->mode) ||
	    state < KSRTPD_CALL_OFFERED || state > KSRTPD_CALL_FAILED ||
	    ksrtpd_failure_restore(failed, &call->failure) ||
	    take_side(sides[0], &call->sides[0]) || take_side(sides[1], &call->sides[1]))
		return bad(failure, "it is not understood");
	age = wall_ms() - created;
	strcpy(call->name, name);
	call->id = id;
	call->serial = serial;
	call->state = state;
	/* The clock may have been set meanwhile. */
	call->since_ms = ksrtpd_call_now_ms() - (age > 0 ? age : 0);
	return 0;
}

static int take_sdps(struct ksrtpd_call *call, const json_t *record,
		     struct ksrtpd_failure *failure)
{
	const json_t *texts = json_object_get(record, "sdp");
	int side;

	for (side = 0; side < 2; side++) {
		const char *text = json_string_value(json_array_get(texts, side));

		if (!text)
			continue;
		call->sdp[side] = ksrtpd_sdp_parse(text, strlen(text), failure);
		if (!call->sdp[side])
			return -1;
	}
	if (!call->sdp[0] != !call->sdp[1] || (!call->sdp[0] && call->state >= KSRTPD_CALL_CONNECTING &&
					       call->state != KSRTPD_CALL_FAILED) ||
	    (call->sdp[0] && (call->sdp[0]->media_count != call->lines_count ||
			      call->sdp[1]->media_count != call->lines_count)))
		return bad(failure, "its SDPs do not fit its lines");
	return 0;
}

static int take_line(struct ksrtpd_call *call, const json_t *record,
		     struct ksrtpd_path *const paths[], unsigned int paths_count)
{
	struct ksrtpd_call_line *line = &call->lines[call->lines_count];
	const json_t *kind, *mid, *proto[2], *refusal;
	int place, bundle_only;

	if (json_unpack((json_t *)record, "{s:i, s:b, s:o, s:o, s:[o, o], s:o}", "path", &place,
			"bundle_only", &bundle_only, "kind", &kind, "mid", &mid, "proto", &proto[0],
			&proto[1], "refusal", &refusal) ||
	    place < -1 || place >= (int)paths_count ||
	    take_text(kind, line->kind, sizeof(line->kind)) ||
	    take_text(mid, line->mid, sizeof(line->mid)) ||
	    take_text(proto[0], line->proto[0], sizeof(line->proto[0])) ||
	    take_text(proto[1], line->proto[1], sizeof(line->proto[1])) ||
	    ksrtpd_failure_restore(refusal, &line->refusal))
		return -1;
	line->bundle_only = bundle_only;
	line->path = place < 0 ? NULL : paths[place];
	call->lines_count++;
	return 0;
}

static int take_lines(struct ksrtpd_call *call, const json_t *record,
		      struct ksrtpd_path *const paths[], unsigned int paths_count,
		      struct ksrtpd_failure *failure)
{
	const json_t *lines = json_object_get(record, "lines");
	unsigned int used = 0, i, j;

	if (!json_array_size(lines) || json_array_size(lines) > KSRTPD_SDP_MEDIA_MAX)
		return bad(failure, "it has no lines, or too many");
	for (i = 0; i < json_array_size(lines); i++) {
		if (take_line(call, json_array_get(lines, i), paths, paths_count))
			return bad(failure, "a line is not understood");
		for (j = 0; j < i && call->lines[j].path != call->lines[i].path; j++)
			;
		used += call->lines[i].path && j == i;
	}
	return used == paths_count ? 0 : bad(failure, "a path is of no line");
}

/* Every path comes to its line, or is destroyed here. */
static int take_media(struct ksrtpd_call *call, const json_t *record,
		      const struct ksrtp_leg *found, unsigned int found_count,
		      struct ksrtpd_failure *failure)
{
	const json_t *records = json_object_get(record, "paths");
	struct ksrtpd_path *paths[KSRTPD_SDP_MEDIA_MAX];
	unsigned int count = 0;
	int err = 0;

	if (json_array_size(records) > KSRTPD_SDP_MEDIA_MAX)
		return bad(failure, "too many paths");
	while (!err && count < json_array_size(records)) {
		paths[count] = ksrtpd_path_restore(call, json_array_get(records, count), found,
						   found_count, failure);
		if (paths[count])
			count++;
		else
			err = -1;
	}
	if (!err)
		err = take_lines(call, record, paths, count, failure);
	if (!err)
		return 0;
	memset(call->lines, 0, sizeof(call->lines));
	call->lines_count = 0;
	while (count--)
		ksrtpd_path_destroy(paths[count]);
	return -1;
}

/* What a peer's description said of its legs. */
static void take_descriptions(struct ksrtpd_call *call)
{
	unsigned int i;
	int side;

	for (i = 0; call->sdp[0] && i < call->lines_count; i++) {
		struct ksrtpd_path *path = call->lines[i].path;

		for (side = 0; path && side < 2; side++) {
			const struct ksrtpd_sdp *sdp = call->sdp[side];

			if (!ksrtpd_call_leads(call->lines, i, sdp->bundle_first))
				continue;
			path->legs[side]->fingerprints = sdp->media[i].fingerprints;
			if (path->rtcp[side])
				path->rtcp[side]->fingerprints = sdp->media[i].fingerprints;
		}
	}
}

/* What was said of its code; agents before this one kept none. */
static int take_code(struct ksrtpd_call *call, const json_t *record, struct ksrtpd_failure *failure)
{
	const json_t *said = json_object_get(record, "said");
	unsigned int i;

	ksrtpd_call_code_settle(call);
	call->end_on_mismatch = json_is_true(json_object_get(record, "end_on_mismatch"));
	for (i = 0; i < KSRTPD_SAID_MAX && i < json_array_size(said); i++) {
		const json_t *one = json_array_get(said, i);
		int verdict = (int)json_integer_value(json_object_get(one, "verdict"));

		if (verdict < KSRTPD_VERDICT_NONE || verdict > KSRTPD_VERDICT_MISMATCHED ||
		    take_text(json_object_get(one, "who"), call->code.said[i].who,
			      sizeof(call->code.said[i].who)))
			return bad(failure, "what was said of its code is not understood");
		call->code.said[i].verdict = verdict;
	}
	return 0;
}

/* What the end of the agent has cost it. */
static void take_losses(struct ksrtpd_call *call)
{
	struct ksrtpd_leg *leg;
	unsigned int i, line;
	bool rtcp;
	int side;

	if (call->state == KSRTPD_CALL_FAILED)
		return;
	if (call->state == KSRTPD_CALL_OFFERED) {
		ksrtpd_fail(&call->failure, "agent-restarted", "the agent ended before the answer came");
		call->state = KSRTPD_CALL_FAILED;
	}
	for (i = 0; (leg = ksrtpd_call_leg(call, i, &line, &side, &rtcp)); i++) {
		if (leg->state != KSRTPD_LEG_FAILED || call->state == KSRTPD_CALL_FAILED)
			continue;
		ksrtpd_fail(&call->failure, leg->failure.reason, "%s toward the %s: %s",
			    call->lines[line].kind, ksrtpd_side_name(side), leg->failure.message);
		call->state = KSRTPD_CALL_FAILED;
	}
}

struct ksrtpd_call *ksrtpd_call_restore(struct ksrtpd_calls *calls, const json_t *record,
					const struct ksrtp_leg *found, unsigned int found_count,
					struct ksrtpd_failure *failure)
{
	struct ksrtpd_call *call = ksrtpd_call_blank(calls);

	if (!call) {
		ksrtpd_fail(failure, "internal", "no memory for the call");
		return NULL;
	}
	if (take_head(call, record, failure)) {
		ksrtpd_call_free(call);
		return NULL;
	}
	call->in_datapath = true;
	if (take_media(call, record, found, found_count, failure) ||
	    take_sdps(call, record, failure) || take_code(call, record, failure)) {
		ksrtpd_call_free(call);
		return NULL;
	}
	take_descriptions(call);
	take_losses(call);
	LIST_INSERT_HEAD(&calls->list, call, entry);
	calls->count++;
	return call;
}

bool ksrtpd_call_has_leg(const struct ksrtpd_call *call, uint32_t leg_id)
{
	struct ksrtpd_leg *leg;
	unsigned int i, line;
	bool rtcp;
	int side;

	for (i = 0; (leg = ksrtpd_call_leg(call, i, &line, &side, &rtcp)); i++) {
		if (leg->id == leg_id)
			return true;
	}
	return false;
}
