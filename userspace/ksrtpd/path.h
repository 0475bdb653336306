/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A path: the pair of legs, one toward each side, through which a media line goes, or
 * all lines of a bundle. A side without rtcp-mux has a second leg, for RTCP alone, on the
 * next port; the other side may have its RTCP on one port with RTP all the same. Routes join
 * what carries RTP, and what carries RTCP.
 *
 * Keys of signalling are remembered with the path, in locked memory: an offer repeats
 * ours, and theirs tell whether an offer brings new ones.
 */
#ifndef KSRTPD_PATH_H
#define KSRTPD_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>

#include "leg.h"
#include "sdp.h"

/* The keys of one leg; in locked memory. */
struct ksrtpd_path_sdes {
	struct ksrtpd_sdes ours[KSRTPD_SUITES_MAX];	/* offered; agreed: the first alone */
	unsigned int ours_count;
	struct ksrtpd_sdes theirs;
	bool agreed;
};

struct ksrtpd_path {
	struct ksrtpd_datapath *datapath;
	struct ksrtpd_leg *legs[2], *rtcp[2];	/* by side; rtcp NULL: rtcp-mux */
	/* By the side that they come from; rtcp_routes 0: routes carry RTCP as well. */
	uint32_t routes[2], rtcp_routes[2];
	uint32_t flags[2];			/* of routes */
	struct ksrtpd_path_sdes *sdes[2];	/* NULL: another keying */
	char ufrag[2][KSRTPD_SDP_ICE];		/* of the peers, */
	char tls_id[2][KSRTPD_SDP_TLS_ID];	/* as they last said it */
	struct sockaddr_storage was[2][2];	/* remotes before ksrtpd_path_move() */
	bool muxed[2];				/* rtcp-mux is agreed, by side */
	bool start[2];				/* the legs of this side are to be started, */
	bool server[2];				/* in this role */
};

/* @owner, @changed: for the legs. @separate: sides that have a leg for RTCP, next to that of RTP. */
struct ksrtpd_path *ksrtpd_path_create(struct event_base *base, struct ksrtpd_datapath *datapath,
				       const struct ksrtpd_leg_config configs[2], int offerer,
				       const bool separate[2], ksrtpd_leg_cb changed, void *owner,
				       struct ksrtpd_failure *failure);
/* Hands legs and routes to the datapath. */
int ksrtpd_path_adopt(struct ksrtpd_path *path, uint32_t call_id, struct ksrtpd_failure *failure);
/* With its legs, in the datapath too. */
void ksrtpd_path_destroy(struct ksrtpd_path *path);

/* To the addresses of the description @media of @side. What is refused here has changed
 * nothing yet but the addresses that were moved before it.
 */
int ksrtpd_path_move(struct ksrtpd_path *path, int side, const struct ksrtpd_sdp_media *media,
		     struct ksrtpd_failure *failure);
void ksrtpd_path_move_back(struct ksrtpd_path *path, int side);
/*
 * What else the description @media of @side changes on its legs. @offered: it is an offer, so
 * that we answer on these legs. Decides which legs ksrtpd_path_start() shall start.
 */
int ksrtpd_path_describe(struct ksrtpd_path *path, int side, const struct ksrtpd_sdp_media *media,
			 bool offered, struct ksrtpd_failure *failure);
/* Is @side offered Cryptex? Where the keys stay, it is what was agreed with them. */
bool ksrtpd_path_offers_cryptex(const struct ksrtpd_path *path, int side);
/* Could it be carried out? Changes nothing. */
int ksrtpd_path_check(const struct ksrtpd_path *path, int side,
		      const struct ksrtpd_sdp *sdp, unsigned int line, bool offered,
		      struct ksrtpd_failure *failure);
/* Before an offer of ours to @side: a leg whose certificate is gone with the agent that made
 * it gets a new one, and with the answer a new association. The old keys work until then.
 */
int ksrtpd_path_refresh(struct ksrtpd_path *path, int side, struct ksrtpd_failure *failure);
/* Keys of ours to offer on an SDES leg whose old ones are gone with the agent that made it. */
int ksrtpd_path_new_sdes(struct ksrtpd_path *path, int side, struct ksrtpd_failure *failure);
/* rtcp-mux or not, by side, once the answer says so; legs for RTCP go, or get their routes. */
int ksrtpd_path_mux(struct ksrtpd_path *path, const bool muxed[2], struct ksrtpd_failure *failure);
/* Whether media may flow toward each side. RTCP always may. */
int ksrtpd_path_flow(struct ksrtpd_path *path, const bool toward[2],
		     struct ksrtpd_failure *failure);
/* A leg that cannot be started fails. */
void ksrtpd_path_start(struct ksrtpd_path *path);

#endif /* KSRTPD_PATH_H */
