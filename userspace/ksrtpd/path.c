// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "coder.h"
#include "leg_int.h"
#include "path.h"

#define PAIR_TRIES	32	/* at random, before the range is searched */
#define PAIRS_SEARCHED	1024
#define BOTH		(KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP)

/* -- making */

/* RTCP next to @leg, of a peer that has not taken ICE. One fingerprint in SDP is that of both
 * associations.
 */
static struct ksrtpd_leg *create_next(struct event_base *base, struct ksrtpd_datapath *datapath,
				      const struct ksrtpd_leg *leg, struct ksrtpd_failure *failure)
{
	struct ksrtpd_leg_config config = leg->config;
	struct ksrtpd_leg *next;

	config.port = ksrtpd_addr_port(&leg->local) + 1;
	config.ice = false;
	next = ksrtpd_leg_create(base, datapath, &config, failure);
	if (next && leg->cert) {
		ksrtpd_cert_destroy(next->cert);
		next->cert = ksrtpd_cert_share(leg->cert);
	}
	return next;
}

/* An even port and the one after it, at random as those of single legs are; from the last
 * random place on, one pair after the other.
 */
static int create_pair(struct ksrtpd_path *path, struct event_base *base, int side,
		       const struct ksrtpd_leg_config *config, struct ksrtpd_failure *failure)
{
	struct ksrtpd_leg_config even = *config;
	unsigned int first = (config->interface->port_min + 1u) & ~1u;
	unsigned int pairs = (config->interface->port_max + 1u - first) / 2;
	uint32_t i, at = 0;

	for (i = 0; pairs && i < PAIR_TRIES + (pairs < PAIRS_SEARCHED ? pairs : PAIRS_SEARCHED); i++) {
		if (i <= PAIR_TRIES && RAND_bytes((unsigned char *)&at, sizeof(at)) != 1)
			return ksrtpd_fail(failure, "internal", "no random numbers for ports");
		at = (i > PAIR_TRIES ? at + 1 : at) % pairs;
		even.port = (uint16_t)(first + 2 * at);
		path->legs[side] = ksrtpd_leg_create(base, path->datapath, &even, failure);
		if (path->legs[side])
			path->rtcp[side] = create_next(base, path->datapath, path->legs[side], failure);
		if (path->rtcp[side]) {
			leg_tell_ports(config->interface, config->family, NULL);
			return 0;
		}
		ksrtpd_leg_destroy(path->legs[side]);
		path->legs[side] = NULL;
		if (strcmp(failure->reason, "no-ports"))
			return -1;
	}
	ksrtpd_fail(failure, "no-ports",
		    "interface %s: no two ports in a row are free in %u-%u (IPv%d)",
		    config->interface->name, config->interface->port_min,
		    config->interface->port_max, config->family);
	leg_tell_ports(config->interface, config->family, failure->message);
	return -1;
}

static int create_side(struct ksrtpd_path *path, struct event_base *base, int side,
		       const struct ksrtpd_leg_config *config, bool separate,
		       struct ksrtpd_failure *failure)
{
	if (separate) {
		if (!create_pair(path, base, side, config, failure))
			return 0;
		/* Another candidate is worth more than the pair: who has ICE has rtcp-mux. */
		if (!config->ice || strcmp(failure->reason, "no-ports"))
			return -1;
	}
	path->legs[side] = ksrtpd_leg_create(base, path->datapath, config, failure);
	return path->legs[side] ? 0 : -1;
}

/* What we offer on a leg: a key for each suite. */
static int make_sdes(struct ksrtpd_path *path, int side, bool we_offer,
		     const struct ksrtpd_leg_config *config, struct ksrtpd_failure *failure)
{
	struct ksrtpd_path_sdes *sdes = OPENSSL_secure_zalloc(sizeof(*sdes));
	unsigned int i;

	path->sdes[side] = sdes;
	if (!sdes)
		return ksrtpd_fail(failure, "internal", "no memory for keys");
	for (i = 0; we_offer && i < config->suites_count; i++) {
		if (!ksrtpd_sdes_make(&sdes->ours[i], i + 1, config->suites[i]))
			return ksrtpd_fail(failure, "internal", "no random numbers for keys");
		sdes->ours_count++;
	}
	return 0;
}

int ksrtpd_path_new_sdes(struct ksrtpd_path *path, int side, struct ksrtpd_failure *failure)
{
	return make_sdes(path, side, true, &path->legs[side]->config, failure);
}

struct ksrtpd_path *ksrtpd_path_create(struct event_base *base, struct ksrtpd_datapath *datapath,
				       const struct ksrtpd_leg_config configs[2], int offerer,
				       const bool separate[2], ksrtpd_leg_cb changed, void *owner,
				       struct ksrtpd_failure *failure)
{
	struct ksrtpd_path *path = calloc(1, sizeof(*path));
	int side;

	if (!path) {
		ksrtpd_fail(failure, "internal", "no memory for a path");
		return NULL;
	}
	path->datapath = datapath;
	for (side = 0; side < 2; side++) {
		bool sdes = configs[side].keying == KSRTPD_KEYING_SDES;

		if (create_side(path, base, side, &configs[side], separate[side], failure) ||
		    (sdes && make_sdes(path, side, side != offerer, &configs[side], failure))) {
			ksrtpd_path_destroy(path);
			return NULL;
		}
		path->legs[side]->offerer = side != offerer;
		path->legs[side]->changed = changed;
		path->legs[side]->arg = owner;
		if (path->rtcp[side]) {
			path->rtcp[side]->offerer = side != offerer;
			path->rtcp[side]->changed = changed;
			path->rtcp[side]->arg = owner;
		}
	}
	return path;
}

static int join(struct ksrtpd_path *path, struct ksrtpd_leg *const legs[2], uint32_t flags,
		uint32_t routes[2], struct ksrtpd_failure *failure)
{
	int side;

	for (side = 0; side < 2; side++) {
		if (ksrtpd_datapath_route_new(path->datapath, legs[side]->id, legs[!side]->id, flags,
					      &routes[side], failure))
			return -1;
	}
	return 0;
}

int ksrtpd_path_adopt(struct ksrtpd_path *path, uint32_t call_id, struct ksrtpd_failure *failure)
{
	int side;

	for (side = 0; side < 2; side++) {
		if (ksrtpd_leg_adopt(path->legs[side], call_id, 0, failure) ||
		    (path->rtcp[side] && ksrtpd_leg_adopt(path->rtcp[side], call_id,
							  path->legs[side]->id, failure)))
			return -1;
		path->flags[side] = BOTH;
	}
	return join(path, path->legs, BOTH, path->routes, failure);
}

static void destroy_leg(struct ksrtpd_path *path, struct ksrtpd_leg **leg)
{
	if (*leg && (*leg)->code_job)
		ksrtpd_coder_cancel((*leg)->code_job);
	if (*leg && (*leg)->in_datapath)
		ksrtpd_datapath_leg_del(path->datapath, (*leg)->id);
	ksrtpd_leg_destroy(*leg);
	*leg = NULL;
}

void ksrtpd_path_destroy(struct ksrtpd_path *path)
{
	int side;

	if (!path)
		return;
	for (side = 0; side < 2; side++) {
		destroy_leg(path, &path->legs[side]);
		destroy_leg(path, &path->rtcp[side]);
		OPENSSL_secure_clear_free(path->sdes[side], sizeof(*path->sdes[side]));
	}
	free(path);
}

/* -- routes */

static int set_route(struct ksrtpd_path *path, int from, uint32_t flags,
		     struct ksrtpd_failure *failure)
{
	if (path->flags[from] == flags)
		return 0;
	if (ksrtpd_datapath_route_set(path->datapath, path->routes[from], flags, failure))
		return -1;
	path->flags[from] = flags;
	return 0;
}

/* The leg that RTCP of this side comes on. */
static struct ksrtpd_leg *rtcp_leg(const struct ksrtpd_path *path, int side)
{
	return path->rtcp[side] ? path->rtcp[side] : path->legs[side];
}

int ksrtpd_path_mux(struct ksrtpd_path *path, const bool muxed[2], struct ksrtpd_failure *failure)
{
	struct ksrtpd_leg *legs[2];
	uint32_t rtcp;
	int side;

	for (side = 0; side < 2; side++) {
		path->muxed[side] = muxed[side];
		if (!muxed[side] || !path->rtcp[side])
			continue;
		/* Its routes go with it. */
		destroy_leg(path, &path->rtcp[side]);
		path->rtcp_routes[0] = path->rtcp_routes[1] = 0;
	}
	rtcp = path->rtcp[0] || path->rtcp[1] ? 0 : KSRTP_ROUTE_F_RTCP;
	for (side = 0; side < 2; side++) {
		legs[side] = rtcp_leg(path, side);
		if (set_route(path, side, (path->flags[side] & ~(uint32_t)KSRTP_ROUTE_F_RTCP) | rtcp,
			      failure))
			return -1;
	}
	if (rtcp || path->rtcp_routes[0])
		return 0;
	return join(path, legs, KSRTP_ROUTE_F_RTCP, path->rtcp_routes, failure);
}

int ksrtpd_path_flow(struct ksrtpd_path *path, const bool toward[2],
		     struct ksrtpd_failure *failure)
{
	int side;

	for (side = 0; side < 2; side++) {
		uint32_t flags = path->flags[side] & ~(uint32_t)KSRTP_ROUTE_F_RTP;

		if (set_route(path, side, flags | (toward[!side] ? KSRTP_ROUTE_F_RTP : 0), failure))
			return -1;
	}
	return 0;
}

/* -- starting */

static void start_leg(struct ksrtpd_leg *leg, bool server)
{
	struct ksrtpd_failure failure;

	if (leg && ksrtpd_leg_start(leg, server, &failure))
		ksrtpd_leg_fail(leg, &failure);
}

void ksrtpd_path_start(struct ksrtpd_path *path)
{
	int side;

	for (side = 0; side < 2; side++) {
		if (!path->start[side])
			continue;
		path->start[side] = false;
		start_leg(path->legs[side], path->server[side]);
		start_leg(path->rtcp[side], path->server[side]);
	}
}
