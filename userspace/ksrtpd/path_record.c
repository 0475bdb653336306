// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "call_int.h"
#include "leg_record.h"
#include "path_record.h"

/* Pairs are by side. The keys of signalling are not kept. */
json_t *ksrtpd_path_record(const struct ksrtpd_path *path)
{
	return json_pack("{s:[o, o], s:[o, o], s:[I, I], s:[I, I], s:[I, I], s:[s, s], s:[s, s], s:[b, b]}",
			 "legs", ksrtpd_leg_record(path->legs[0]), ksrtpd_leg_record(path->legs[1]),
			 "rtcp", ksrtpd_leg_record(path->rtcp[0]), ksrtpd_leg_record(path->rtcp[1]),
			 "routes", (json_int_t)path->routes[0], (json_int_t)path->routes[1],
			 "rtcp_routes", (json_int_t)path->rtcp_routes[0],
			 (json_int_t)path->rtcp_routes[1],
			 "flags", (json_int_t)path->flags[0], (json_int_t)path->flags[1],
			 "ufrag", path->ufrag[0], path->ufrag[1],
			 "tls_id", path->tls_id[0], path->tls_id[1],
			 "muxed", path->muxed[0], path->muxed[1]);
}

struct record {
	const json_t *legs[2], *rtcp[2];
	json_int_t routes[2], rtcp_routes[2], flags[2];
	const char *ufrag[2], *tls_id[2];
	int muxed[2];
};

static int unpack(const json_t *json, struct record *r)
{
	if (json_unpack((json_t *)json, "{s:[o, o], s:[o, o], s:[I, I], s:[I, I], s:[I, I], s:[s, s],"
			" s:[s, s], s:[b, b]}", "legs", &r->legs[0], &r->legs[1], "rtcp", &r->rtcp[0],
			&r->rtcp[1], "routes", &r->routes[0], &r->routes[1], "rtcp_routes",
			&r->rtcp_routes[0], &r->rtcp_routes[1], "flags", &r->flags[0], &r->flags[1],
			"ufrag", &r->ufrag[0], &r->ufrag[1], "tls_id", &r->tls_id[0],
			&r->tls_id[1], "muxed", &r->muxed[0], &r->muxed[1]))
		return -1;
	return strlen(r->ufrag[0]) < KSRTPD_SDP_ICE && strlen(r->ufrag[1]) < KSRTPD_SDP_ICE &&
	       strlen(r->tls_id[0]) < KSRTPD_SDP_TLS_ID && strlen(r->tls_id[1]) < KSRTPD_SDP_TLS_ID ?
	       0 : -1;
}

static struct ksrtpd_leg *take_leg(struct ksrtpd_call *call, const json_t *record,
				   const struct ksrtp_leg *found, unsigned int found_count,
				   struct ksrtpd_failure *failure)
{
	struct ksrtpd_calls *calls = call->calls;
	struct ksrtpd_leg *leg = ksrtpd_leg_restore(calls->base, calls->datapath, calls->config, record,
						    found, found_count, failure);

	if (leg) {
		leg->changed = ksrtpd_call_leg_changed;
		leg->arg = call;
	}
	return leg;
}

static int take_side(struct ksrtpd_path *path, struct ksrtpd_call *call, const struct record *r,
		     int side, const struct ksrtp_leg *found, unsigned int found_count,
		     struct ksrtpd_failure *failure)
{
	path->legs[side] = take_leg(call, r->legs[side], found, found_count, failure);
	if (!path->legs[side])
		return -1;
	if (!json_is_null(r->rtcp[side])) {
		path->rtcp[side] = take_leg(call, r->rtcp[side], found, found_count, failure);
		if (!path->rtcp[side])
			return -1;
	}
	path->routes[side] = r->routes[side];
	path->rtcp_routes[side] = r->rtcp_routes[side];
	path->flags[side] = r->flags[side];
	path->server[side] = path->legs[side]->server;
	/* With ICE the next description, whatever it says, brings new credentials of ours into
	 * the datapath, for the old password is gone: so the peer's is not known.
	 */
	if (!path->legs[side]->ice)
		strcpy(path->ufrag[side], r->ufrag[side]);
	strcpy(path->tls_id[side], r->tls_id[side]);
	return path->legs[side]->config.keying == KSRTPD_KEYING_SDES ?
	       ksrtpd_path_new_sdes(path, side, failure) : 0;
}

struct ksrtpd_path *ksrtpd_path_restore(struct ksrtpd_call *call, const json_t *record,
					const struct ksrtp_leg *found, unsigned int found_count,
					struct ksrtpd_failure *failure)
{
	struct ksrtpd_path *path;
	struct record r;

	if (unpack(record, &r)) {
		ksrtpd_fail(failure, "record", "the record of a path is not understood");
		return NULL;
	}
	path = calloc(1, sizeof(*path));
	if (!path) {
		ksrtpd_fail(failure, "internal", "no memory for a path");
		return NULL;
	}
	path->datapath = call->calls->datapath;
	path->muxed[0] = r.muxed[0];
	path->muxed[1] = r.muxed[1];
	if (take_side(path, call, &r, 0, found, found_count, failure) ||
	    take_side(path, call, &r, 1, found, found_count, failure)) {
		ksrtpd_path_destroy(path);
		return NULL;
	}
	return path;
}
