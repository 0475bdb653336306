// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call_int.h"
#include "call_sdp.h"

_Static_assert(KSRTPD_SDP_CANDIDATES_MAX >= 2 * KSRTPD_INTERFACES_MAX, "one of each address");

#define GROUP_MAX	(KSRTPD_SDP_MEDIA_MAX * KSRTPD_SDP_MID)

/* Where the reader of our SDP shall send to; any leg of a side has its address. */
static struct sockaddr_storage host_of(const struct ksrtpd_call_line *lines, unsigned int count,
				       int side)
{
	struct sockaddr_storage none = { .ss_family = AF_INET };
	unsigned int line;

	for (line = 0; line < count; line++) {
		if (lines[line].path)
			return ksrtpd_leg_public(lines[line].path->legs[side]);
	}
	return none;
}

/* The mids of the lines that are bundled, the one with the path first. A bundle has rtcp-mux. */
static const char *group_of(const struct ksrtpd_sdp *sdp, const struct ksrtpd_call_line *lines,
			    const struct ksrtpd_sdp_out *outs, char text[GROUP_MAX])
{
	char *p = text;
	unsigned int i;

	if (sdp->bundle_first < 0 || !lines[sdp->bundle_first].path || !outs[sdp->bundle_first].mux)
		return NULL;
	p += sprintf(p, "%s", sdp->media[sdp->bundle_first].mid);
	for (i = 0; i < sdp->media_count; i++) {
		if (sdp->media[i].bundled && lines[i].path && outs[i].mux &&
		    (int)i != sdp->bundle_first)
			p += sprintf(p, " %s", sdp->media[i].mid);
	}
	return text;
}

/* What is said of the leg, to an offer and to an answer alike. */
static void set_leg(struct ksrtpd_sdp_out *out, const struct ksrtpd_path *path, int side)
{
	const struct ksrtpd_leg *leg = path->legs[side];

	out->local = ksrtpd_leg_public(leg);
	if (path->rtcp[side])
		out->rtcp = ksrtpd_leg_public(path->rtcp[side]);
	out->fingerprint = leg->cert ? &leg->cert->fingerprint : NULL;
	out->relay = leg->config.keying == KSRTPD_KEYING_RELAY;
	if (leg->ice) {
		out->ufrag = leg->ice->ufrag;
		out->pwd = leg->ice->pwd;
		out->candidates_count = ksrtpd_leg_candidates(leg, out->candidates,
							      KSRTPD_SDP_CANDIDATES_MAX);
	}
	if (path->sdes[side]) {
		out->cryptos = path->sdes[side]->ours;
		out->cryptos_count = path->sdes[side]->ours_count;
	}
}

char *ksrtpd_call_sdp_offer(const struct ksrtpd_call *call)
{
	const struct ksrtpd_pending *pending = call->pending;
	int side = !pending->side;
	struct sockaddr_storage host = host_of(pending->lines, pending->lines_count, side);
	struct ksrtpd_sdp_out *outs = calloc(KSRTPD_SDP_MEDIA_MAX, sizeof(*outs));
	char group[GROUP_MAX], *text;
	unsigned int i;

	if (!outs)
		return NULL;
	for (i = 0; i < pending->lines_count; i++) {
		const struct ksrtpd_call_line *line = &pending->lines[i];

		outs[i].proto = *line->proto[side] ? line->proto[side] : NULL;
		outs[i].rejected = !line->path;
		if (!line->path)
			continue;
		outs[i].mux = ksrtpd_call_offers_mux(call, pending, i);
		outs[i].cryptex = ksrtpd_path_offers_cryptex(line->path, side);
		outs[i].bundle_only = line->bundle_only;
		if (line->bundle_only) {
			outs[i].local = host;
			outs[i].relay = line->path->legs[side]->config.keying == KSRTPD_KEYING_RELAY;
			continue;
		}
		set_leg(&outs[i], line->path, side);
		outs[i].setup = KSRTPD_SDP_ACTPASS;
		outs[i].tls_id = true;
	}
	text = ksrtpd_sdp_rewrite(pending->offer, outs, &host,
				  group_of(pending->offer, pending->lines, outs, group));
	free(outs);
	return text;
}

/* The protocol of an answer is that of its offer, also in a rejected line (RFC 3264). */
char *ksrtpd_call_sdp_answer(const struct ksrtpd_call *call, int offerer)
{
	const struct ksrtpd_sdp *answer = call->sdp[!offerer];
	struct sockaddr_storage host = host_of(call->lines, call->lines_count, offerer);
	struct ksrtpd_sdp_out *outs = calloc(KSRTPD_SDP_MEDIA_MAX, sizeof(*outs));
	char group[GROUP_MAX], *text;
	unsigned int i;

	if (!outs)
		return NULL;
	for (i = 0; i < call->lines_count; i++) {
		const struct ksrtpd_call_line *line = &call->lines[i];

		outs[i].proto = *line->proto[offerer] ? line->proto[offerer] : NULL;
		outs[i].rejected = !line->path;
		if (!line->path)
			continue;
		set_leg(&outs[i], line->path, offerer);
		outs[i].mux = line->path->muxed[offerer];
		outs[i].cryptex = line->path->legs[offerer]->cryptex &&
				  call->sdp[offerer]->media[i].cryptex;
		outs[i].setup = line->path->server[offerer] ? KSRTPD_SDP_PASSIVE : KSRTPD_SDP_ACTIVE;
		outs[i].tls_id = *call->sdp[offerer]->media[i].tls_id;
	}
	text = ksrtpd_sdp_rewrite(answer, outs, &host,
				  group_of(answer, call->lines, outs, group));
	free(outs);
	return text;
}
