// SPDX-License-Identifier: GPL-2.0
/* The media lines of an offer, and what the legs of new ones shall be like. */
#include <string.h>

#include <ksrtp/ksrtp.h>

#include "call_int.h"

/* -- what is known of a side already */

/* One leg that the side has, NULL: none yet. */
static const struct ksrtpd_leg *leg_of(const struct ksrtpd_call *call, int side)
{
	unsigned int i;

	for (i = 0; i < call->lines_count; i++) {
		if (call->lines[i].path)
			return call->lines[i].path->legs[side];
	}
	return NULL;
}

static enum ksrtpd_keying keying_of(enum ksrtpd_sdp_keys keys)
{
	return keys == KSRTPD_SDP_DTLS ? KSRTPD_KEYING_DTLS :
	       keys == KSRTPD_SDP_SDES ? KSRTPD_KEYING_SDES : KSRTPD_KEYING_NONE;
}

/* -- what the legs shall be */

/* What a request says of the side with. */
static const char *member_of(int side)
{
	return side == KSRTPD_CALLER ? "from" : "to";
}

static int add_interface(const struct ksrtpd_call *call, int which, const char *interface,
			 struct ksrtpd_leg_config *leg, struct ksrtpd_failure *failure)
{
	const struct ksrtpd_interface *found =
		ksrtpd_config_interface(call->calls->config, interface);

	if (!found)
		return ksrtpd_fail(failure, "interface", "%s: there is no interface '%s'",
				   member_of(which), interface);
	leg->interfaces[leg->interfaces_count++] = found;
	return 0;
}

static int add_interfaces(const struct ksrtpd_call *call, int which, struct ksrtpd_leg_config *leg,
			  struct ksrtpd_failure *failure)
{
	const struct ksrtpd_config *config = call->calls->config;
	const struct ksrtpd_side *side = &call->sides[which];
	unsigned int i;

	if (!side->interfaces_count)
		return add_interface(call, which, "", leg, failure);
	if (!strcmp(side->interfaces[0], "*")) {
		for (i = 0; i < config->interfaces_count; i++)
			leg->interfaces[leg->interfaces_count++] = &config->interfaces[i];
		return 0;
	}
	for (i = 0; i < side->interfaces_count; i++) {
		if (add_interface(call, which, side->interfaces[i], leg, failure))
			return -1;
	}
	return 0;
}

/* The address for c= and m= is the first one of the family. */
static int set_interfaces(const struct ksrtpd_call *call, int which, struct ksrtpd_leg_config *leg,
			  struct ksrtpd_failure *failure)
{
	unsigned int i;

	if (add_interfaces(call, which, leg, failure))
		return -1;
	for (i = 0; i < leg->interfaces_count; i++) {
		leg->interface = leg->interfaces[i];
		if (ksrtpd_interface_addr(leg->interface, leg->family))
			return 0;
	}
	return ksrtpd_fail(failure, "interface", "%s: interface %s has no IPv%d address%s",
			   member_of(which), leg->interfaces[0]->name, leg->family,
			   leg->interfaces_count > 1 ? ", nor has any other that was named" : "");
}

static bool may_use(enum ksrtpd_keying keying, uint32_t suite)
{
	return keying == KSRTPD_KEYING_SDES ? ksrtpd_sdes_suite(suite) != NULL :
					      ksrtpd_dtls_suite_known(suite);
}

static int set_suites(const struct ksrtpd_call *call, int which, struct ksrtpd_leg_config *leg,
		      struct ksrtpd_failure *failure)
{
	const struct ksrtpd_algorithms *algorithms = ksrtpd_algorithms();
	const struct ksrtpd_side *side = &call->sides[which];
	const char *name = member_of(which);
	unsigned int i;

	if (leg->keying != KSRTPD_KEYING_DTLS && leg->keying != KSRTPD_KEYING_SDES) {
		/* Whoever names a suite believes that this host encrypts the leg. */
		return side->suites_count ?
			       ksrtpd_fail(failure, "bad-request",
					   "%s: suites make no sense on a plain RTP leg", name) : 0;
	}
	for (i = 0; i < side->suites_count; i++) {
		if (!ksrtpd_algorithms_allow(algorithms, side->suites[i]))
			return ksrtpd_fail(failure, "bad-request",
					   "%s: %s is not allowed with fips-algorithms", name,
					   ksrtp_suite_name(side->suites[i]));
		if (!may_use(leg->keying, side->suites[i]))
			return ksrtpd_fail(failure, "bad-request", "%s: DTLS-SRTP has no profile for %s",
					   name, ksrtp_suite_name(side->suites[i]));
		leg->suites[leg->suites_count++] = side->suites[i];
	}
	/* Not all of the configured ones are for DTLS. */
	for (i = 0; !side->suites_count && i < algorithms->suites_count; i++) {
		if (may_use(leg->keying, algorithms->suites[i]))
			leg->suites[leg->suites_count++] = algorithms->suites[i];
	}
	return 0;
}

static int set_offerer(const struct ksrtpd_call *call, const struct ksrtpd_pending *pending,
		       unsigned int line, struct ksrtpd_leg_config *leg,
		       struct ksrtpd_failure *failure)
{
	const struct ksrtpd_sdp_media *media = &pending->offer->media[line];
	const struct ksrtpd_side *side = &call->sides[pending->side];

	leg->family = media->family;
	/* With ICE the address in SDP need not be one. */
	if (side->family && media->ice && media->no_address)
		leg->family = side->family;
	if (side->family && side->family != leg->family)
		return ksrtpd_fail(failure, "family-mismatch",
				   "%s: IPv%d was asked for, the SDP's address is IPv%d",
				   member_of(pending->side), side->family, leg->family);
	leg->keying = keying_of(media->keys);
	if (side->protocol != KSRTPD_PROTOCOL_ANY &&
	    (side->protocol == KSRTPD_PROTOCOL_DTLS) != (media->keys == KSRTPD_SDP_DTLS))
		return ksrtpd_sdp_bad(failure, "unsupported-protocol", pending->offer, line,
				      "the SDP has another protocol than 'from' says");
	leg->ice = media->ice;
	leg->learn = side->learn && !media->ice;
	return 0;
}

static void set_other(const struct ksrtpd_call *call, const struct ksrtpd_pending *pending,
		      unsigned int line, struct ksrtpd_leg_config *leg)
{
	const struct ksrtpd_sdp_media *media = &pending->offer->media[line];
	const struct ksrtpd_side *side = &call->sides[!pending->side];
	const struct ksrtpd_leg *before = leg_of(call, !pending->side);

	leg->family = side->family ? side->family : before ? before->config.family : media->family;
	leg->keying = side->protocol == KSRTPD_PROTOCOL_PLAIN ? KSRTPD_KEYING_NONE :
		      side->protocol == KSRTPD_PROTOCOL_SDES ? KSRTPD_KEYING_SDES :
							       KSRTPD_KEYING_DTLS;
	if (side->protocol == KSRTPD_PROTOCOL_ANY && before)
		leg->keying = before->config.keying;
	leg->ice = side->ice == KSRTPD_CHOICE_YES;
	if (side->ice == KSRTPD_CHOICE_DEFAULT)
		leg->ice = before ? before->ice != NULL : media->ice;
	leg->learn = side->learn && !leg->ice;
}

static int make_configs(const struct ksrtpd_call *call, const struct ksrtpd_pending *pending,
			unsigned int line, struct ksrtpd_leg_config configs[2],
			struct ksrtpd_failure *failure)
{
	int side;

	memset(configs, 0, 2 * sizeof(*configs));
	if (set_offerer(call, pending, line, &configs[pending->side], failure))
		return -1;
	set_other(call, pending, line, &configs[!pending->side]);
	/* Endpoints that do DTLS with each other must agree on how many associations there are. */
	if (call->mode == KSRTP_MODE_E2EE && configs[!pending->side].ice &&
	    !pending->offer->media[line].rtcp_mux)
		return ksrtpd_sdp_bad(failure, "no-rtcp-mux", pending->offer, line,
				      "without a=rtcp-mux, but the other side is to have ICE");
	/* Never silently less: what cannot be had end to end is refused. */
	if (call->mode == KSRTP_MODE_E2EE && (pending->offer->media[line].keys != KSRTPD_SDP_DTLS ||
					      !pending->offer->media[line].fingerprints.count))
		return ksrtpd_sdp_bad(failure, "e2ee-unavailable", pending->offer, line,
				      "end-to-end encryption needs DTLS-SRTP and a SHA-256 fingerprint");
	for (side = 0; side < 2; side++) {
		if (call->mode == KSRTP_MODE_E2EE) {
			configs[side].keying = KSRTPD_KEYING_RELAY;
			configs[side].learn = false;
		}
		configs[side].cryptex = ksrtpd_leg_may_cryptex(call->calls->config, call->calls->datapath,
							       configs[side].keying);
		if (set_interfaces(call, side, &configs[side], failure) ||
		    set_suites(call, side, &configs[side], failure))
			return -1;
	}
	return 0;
}

/* A call's mode is that of its first offer: none, only if nothing of it is encrypted. */
static int make_datapath(struct ksrtpd_call *call, const struct ksrtpd_pending *pending,
			 struct ksrtpd_failure *failure)
{
	struct ksrtpd_leg_config configs[2];
	bool plain = call->mode != KSRTP_MODE_E2EE;
	unsigned int i;

	for (i = 0; i < pending->lines_count; i++) {
		if (pending->offer->media[i].rejected)
			continue;
		if (make_configs(call, pending, i, configs, failure))
			return -1;
		plain &= configs[0].keying == KSRTPD_KEYING_NONE &&
			 configs[1].keying == KSRTPD_KEYING_NONE;
	}
	if (plain)
		call->mode = KSRTP_MODE_NONE;
	if (ksrtpd_datapath_call_new(call->calls->datapath, call->name, call->mode, &call->id,
				     failure))
		return -1;
	call->in_datapath = true;
	return 0;
}

/* -- the lines */

bool ksrtpd_call_offers_mux(const struct ksrtpd_call *call, const struct ksrtpd_pending *pending,
			    unsigned int line)
{
	const struct ksrtpd_path *path = pending->lines[line].path;
	const struct ksrtpd_leg *leg = path->legs[!pending->side];
	bool mirrored = pending->offer->media[line].rtcp_mux;

	if (call->mode == KSRTP_MODE_E2EE)
		return mirrored;
	if (path->muxed[!pending->side] || (leg->state == KSRTPD_LEG_NEW && leg->ice))
		return true;
	/* A leg that has half of its keys cannot get the other half of the same ones. */
	if (leg->state != KSRTPD_LEG_NEW && leg->config.keying == KSRTPD_KEYING_SDES)
		return false;
	return mirrored;
}

/* Which sides get a leg for RTCP. Whom mux is offered may decline it, and ICE as well; who
 * offers it is answered with it, but not end to end: there the other one decides.
 */
static void set_separate(const struct ksrtpd_call *call, const struct ksrtpd_pending *pending,
			 unsigned int line, const struct ksrtpd_leg_config configs[2],
			 bool separate[2])
{
	bool relay = call->mode == KSRTP_MODE_E2EE, any_ice = configs[0].ice || configs[1].ice;

	separate[pending->side] = relay ? !any_ice : !pending->offer->media[line].rtcp_mux;
	separate[!pending->side] = !relay || !any_ice;
}

static int make_path(struct ksrtpd_call *call, struct ksrtpd_pending *pending, unsigned int line,
		     struct ksrtpd_failure *failure)
{
	const struct ksrtpd_sdp_media *media = &pending->offer->media[line];
	struct ksrtpd_leg_config configs[2];
	struct ksrtpd_path *path;
	bool separate[2];

	if (make_configs(call, pending, line, configs, failure))
		return -1;
	if (call->mode == KSRTP_MODE_NONE && (configs[0].keying != KSRTPD_KEYING_NONE ||
					      configs[1].keying != KSRTPD_KEYING_NONE))
		return ksrtpd_sdp_bad(failure, "unsupported-protocol", pending->offer, line,
				      "is encrypted, but the call was made as one that is not");
	set_separate(call, pending, line, configs, separate);
	path = ksrtpd_path_create(call->calls->base, call->calls->datapath, configs, pending->side,
				  separate, ksrtpd_call_leg_changed, call, failure);
	if (!path)
		return -1;
	if (!media->ice) {
		path->legs[pending->side]->remote = media->remote;
		if (path->rtcp[pending->side])
			path->rtcp[pending->side]->remote = media->remote_rtcp;
	}
	if (ksrtpd_path_adopt(path, call->id, failure) ||
	    ksrtpd_path_check(path, pending->side, pending->offer, line, true, failure)) {
		ksrtpd_path_destroy(path);
		return -1;
	}
	pending->lines[line].path = path;
	return 0;
}

static int keep_path(struct ksrtpd_call *call, struct ksrtpd_pending *pending, unsigned int line,
		     struct ksrtpd_failure *failure)
{
	const struct ksrtpd_sdp_media *media = &pending->offer->media[line];
	struct ksrtpd_path *path = call->lines[line].path;
	const struct ksrtpd_leg *leg = path->legs[pending->side];

	if (strcmp(media->kind, call->lines[line].kind))
		return ksrtpd_sdp_bad(failure, "bad-sdp", pending->offer, line,
				      "was of another kind in the offer before");
	if (leg->config.keying != KSRTPD_KEYING_RELAY && leg->config.keying != keying_of(media->keys))
		return ksrtpd_sdp_bad(failure, "unsupported-protocol", pending->offer, line,
				      "was keyed in another way in the offer before");
	if (!media->ice && !media->no_address && media->family != leg->config.family)
		return ksrtpd_sdp_bad(failure, "family-mismatch", pending->offer, line,
				      "has an address of another family than before");
	if (path->muxed[pending->side] && !media->rtcp_mux)
		return ksrtpd_sdp_bad(failure, "no-rtcp-mux", pending->offer, line,
				      "without a=rtcp-mux, which was agreed before");
	pending->lines[line].path = path;
	memcpy(pending->lines[line].proto, call->lines[line].proto, sizeof(call->lines[line].proto));
	return ksrtpd_path_check(path, pending->side, pending->offer, line, true, failure);
}

static void name_line(const struct ksrtpd_call *call, struct ksrtpd_pending *pending,
		      unsigned int line)
{
	const struct ksrtpd_sdp_media *media = &pending->offer->media[line];
	struct ksrtpd_call_line *to = &pending->lines[line];

	strcpy(to->kind, media->kind);
	strcpy(to->mid, media->mid);
	to->bundle_only = media->bundle_only;
	to->refusal = media->refusal;
	if (line < call->lines_count && !pending->initial)
		memcpy(to->proto, call->lines[line].proto, sizeof(to->proto));
	strcpy(to->proto[pending->side], media->proto_name);
}

/* The protocol that the other side is offered. */
static void set_proto(const struct ksrtpd_call *call, struct ksrtpd_pending *pending,
		      unsigned int line)
{
	const struct ksrtpd_sdp_media *media = &pending->offer->media[line];
	const struct ksrtpd_side *side = &call->sides[!pending->side];
	struct ksrtpd_call_line *to = &pending->lines[line];
	char *proto = to->proto[!pending->side];

	if (*proto)
		return;
	switch (to->path->legs[!pending->side]->config.keying) {
	case KSRTPD_KEYING_RELAY:
		strcpy(proto, media->proto_name);
		break;
	case KSRTPD_KEYING_DTLS:
		strcpy(proto, *side->proto ? side->proto : "UDP/TLS/RTP/SAVPF");
		break;
	case KSRTPD_KEYING_SDES:
		strcpy(proto, *side->proto ? side->proto : "RTP/SAVP");
		break;
	case KSRTPD_KEYING_NONE:
		/* From plain to plain the offerer's own profile may stay. */
		strcpy(proto, media->keys == KSRTPD_SDP_PLAIN ? media->proto_name :
			      *side->proto ? side->proto : "RTP/AVP");
		break;
	}
}

/* Bundled with lines that have a path for good, or offered without a port: theirs is its path. */
static bool shares(const struct ksrtpd_call *call, const struct ksrtpd_pending *pending,
		   unsigned int line)
{
	const struct ksrtpd_sdp *offer = pending->offer;
	unsigned int first = (unsigned int)offer->bundle_first;

	if (!offer->media[line].bundled || line == first)
		return false;
	return offer->media[line].bundle_only ||
	       (!pending->initial && first < call->lines_count && call->lines[first].path);
}

static int make_line(struct ksrtpd_call *call, struct ksrtpd_pending *pending, unsigned int line,
		     struct ksrtpd_failure *failure)
{
	if (!pending->initial && line < call->lines_count && call->lines[line].path)
		return keep_path(call, pending, line, failure);
	return shares(call, pending, line) ? 0 : make_path(call, pending, line, failure);
}

/* A c= line of the session can only say one address, so all lines are of one family. */
static int check_offer(const struct ksrtpd_call *call, const struct ksrtpd_pending *pending,
		       struct ksrtpd_failure *failure)
{
	const struct ksrtpd_sdp *offer = pending->offer;
	unsigned int line;
	int family = 0;

	if (!pending->initial && offer->media_count < call->lines_count)
		return ksrtpd_fail(failure, "bad-sdp",
				   "the offer has %u media lines, the call %u: lines are rejected by "
				   "port 0, never left out", offer->media_count, call->lines_count);
	for (line = 0; line < offer->media_count; line++) {
		const struct ksrtpd_sdp_media *media = &offer->media[line];

		if (media->rejected)
			continue;
		if (family && media->family != family)
			return ksrtpd_sdp_bad(failure, "family-mismatch", offer, line,
					      "another address family than the line before");
		family = media->family;
	}
	for (line = 0; !family && line < offer->media_count; line++) {
		if (offer->media[line].refusal.reason) {
			*failure = offer->media[line].refusal;
			return -1;
		}
	}
	return family || !pending->initial ? 0 :
		ksrtpd_fail(failure, "unsupported-media", "the offer has no media line with a port");
}

int ksrtpd_call_lines_make(struct ksrtpd_call *call, struct ksrtpd_pending *pending,
			   struct ksrtpd_failure *failure)
{
	const struct ksrtpd_sdp *offer = pending->offer;
	unsigned int i;

	pending->lines_count = offer->media_count;
	if (check_offer(call, pending, failure) ||
	    (pending->initial && make_datapath(call, pending, failure)))
		return -1;
	for (i = 0; i < offer->media_count; i++) {
		name_line(call, pending, i);
		if (!offer->media[i].rejected && make_line(call, pending, i, failure))
			return -1;
	}
	for (i = 0; i < offer->media_count; i++) {
		if (offer->media[i].rejected)
			continue;
		if (!pending->lines[i].path)
			pending->lines[i].path = pending->lines[offer->bundle_first].path;
		set_proto(call, pending, i);
	}
	return 0;
}

bool ksrtpd_call_leads(const struct ksrtpd_call_line *lines, unsigned int line, int bundle_first)
{
	unsigned int i;

	if (bundle_first >= 0 && lines[bundle_first].path == lines[line].path)
		return line == (unsigned int)bundle_first;
	for (i = 0; i < line; i++) {
		if (lines[i].path == lines[line].path)
			return false;
	}
	return true;
}

static bool has_path(const struct ksrtpd_call_line *lines, unsigned int count,
		     const struct ksrtpd_path *path)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (lines[i].path == path)
			return true;
	}
	return false;
}

void ksrtpd_call_lines_drop(struct ksrtpd_call *call, struct ksrtpd_call_line *old,
			    unsigned int old_count, const struct ksrtpd_call_line *kept,
			    unsigned int kept_count)
{
	unsigned int i, j;

	(void)call;
	for (i = 0; i < old_count; i++) {
		struct ksrtpd_path *path = old[i].path;

		if (!path || has_path(kept, kept_count, path))
			continue;
		for (j = i; j < old_count; j++) {
			if (old[j].path == path)
				old[j].path = NULL;
		}
		ksrtpd_path_destroy(path);
	}
}
