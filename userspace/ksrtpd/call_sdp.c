// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include <ksrtp/ksrtp.h>

#include "call_sdp.h"

static int bad_line(struct ksrtpd_failure *failure, const char *reason,
		    const struct ksrtpd_sdp *sdp, unsigned int line, const char *what)
{
	return ksrtpd_fail(failure, reason, "media line %u (%s): %s", line + 1,
			   ksrtpd_sdp_kind_name(sdp->media[line].kind), what);
}

/* A c= line of the session can only say one address, so all lines are of one family. */
static int check_families(const struct ksrtpd_sdp *sdp, struct ksrtpd_failure *failure)
{
	unsigned int line;
	int family = 0;

	for (line = 0; line < sdp->media_count; line++) {
		const struct ksrtpd_sdp_media *media = &sdp->media[line];

		if (media->rejected)
			continue;
		if (family && ksrtpd_addr_family(&media->remote) != family)
			return bad_line(failure, "family-mismatch", sdp, line,
					"another address family than the line before");
		family = ksrtpd_addr_family(&media->remote);
	}
	return 0;
}

int ksrtpd_call_sdp_check_offer(const struct ksrtpd_sdp *offer, struct ksrtpd_failure *failure)
{
	unsigned int line;

	for (line = 0; line < offer->media_count; line++) {
		if (!offer->media[line].rejected)
			return check_families(offer, failure);
	}
	return ksrtpd_fail(failure, "unsupported-media", "the offer has no media line with a port");
}

/* -- what the legs shall be */

static int set_interface(const struct ksrtpd_config *config, const struct ksrtpd_side *side,
			 const char *which, struct ksrtpd_leg_config *leg,
			 struct ksrtpd_failure *failure)
{
	leg->interface = ksrtpd_config_interface(config, side->interface);
	if (!leg->interface)
		return ksrtpd_fail(failure, "interface", "%s: there is no interface '%s'", which,
				   side->interface);
	if (!ksrtpd_interface_addr(leg->interface, leg->family))
		return ksrtpd_fail(failure, "interface", "%s: interface %s has no IPv%d address", which,
				   leg->interface->name, leg->family);
	return 0;
}

static int set_suites(const struct ksrtpd_side *side, const char *which,
		      struct ksrtpd_leg_config *leg, struct ksrtpd_failure *failure)
{
	const struct ksrtpd_algorithms *algorithms = ksrtpd_algorithms();
	unsigned int i;

	if (leg->keying != KSRTPD_KEYING_DTLS) {
		/* Whoever names a suite believes that the leg is encrypted. */
		return side->suites_count ?
			       ksrtpd_fail(failure, "bad-request",
					   "%s: suites make no sense on a plain RTP leg", which) : 0;
	}
	leg->suites_count = side->suites_count;
	memcpy(leg->suites, side->suites, sizeof(leg->suites));
	for (i = 0; i < leg->suites_count; i++) {
		if (!ksrtpd_algorithms_allow(algorithms, leg->suites[i]))
			return ksrtpd_fail(failure, "bad-request",
					   "%s: %s is not allowed with fips-algorithms", which,
					   ksrtp_suite_name(leg->suites[i]));
	}
	/* Not all of the configured ones are for DTLS. */
	for (i = 0; !side->suites_count && i < algorithms->suites_count; i++) {
		if (ksrtpd_dtls_suite_known(algorithms->suites[i]))
			leg->suites[leg->suites_count++] = algorithms->suites[i];
	}
	return 0;
}

int ksrtpd_call_sdp_legs(const struct ksrtpd_config *config, const struct ksrtpd_sdp *offer,
			 unsigned int line, const struct ksrtpd_side sides[2],
			 struct ksrtpd_leg_config legs[2], struct ksrtpd_failure *failure)
{
	const struct ksrtpd_sdp_media *media = &offer->media[line];
	const struct ksrtpd_side *from = &sides[KSRTPD_CALLER], *to = &sides[KSRTPD_CALLEE];
	struct ksrtpd_leg_config *caller = &legs[KSRTPD_CALLER], *callee = &legs[KSRTPD_CALLEE];

	memset(legs, 0, 2 * sizeof(*legs));
	caller->family = ksrtpd_addr_family(&media->remote);
	if (from->family && from->family != caller->family)
		return ksrtpd_fail(failure, "family-mismatch",
				   "from: IPv%d was asked for, the SDP's address is IPv%d",
				   from->family, caller->family);
	callee->family = to->family ? to->family : caller->family;
	caller->keying = media->dtls ? KSRTPD_KEYING_DTLS : KSRTPD_KEYING_NONE;
	if (from->protocol != KSRTPD_PROTOCOL_ANY &&
	    (from->protocol == KSRTPD_PROTOCOL_DTLS) != media->dtls)
		return bad_line(failure, "unsupported-protocol", offer, line,
				"the SDP has another protocol than 'from' says");
	callee->keying = to->protocol == KSRTPD_PROTOCOL_PLAIN ? KSRTPD_KEYING_NONE :
								 KSRTPD_KEYING_DTLS;
	if (set_interface(config, from, "from", caller, failure) ||
	    set_interface(config, to, "to", callee, failure) ||
	    set_suites(from, "from", caller, failure))
		return -1;
	return set_suites(to, "to", callee, failure);
}

/* -- the answer */

static int check_line(const struct ksrtpd_call *call, const struct ksrtpd_sdp *answer,
		      unsigned int line, struct ksrtpd_failure *failure)
{
	const struct ksrtpd_leg *leg = call->legs[line][KSRTPD_CALLEE];
	const struct ksrtpd_sdp_media *media = &answer->media[line];

	if (media->kind != call->offer->media[line].kind)
		return bad_line(failure, "bad-answer", answer, line, "the offer has another kind here");
	if (media->rejected)
		return 0;
	if (!leg)
		return bad_line(failure, "bad-answer", answer, line,
				"has a port, but was not offered one");
	if (media->dtls != (leg->config.keying == KSRTPD_KEYING_DTLS))
		return bad_line(failure, "bad-answer", answer, line,
				media->dtls ? "is DTLS-SRTP, but plain RTP was offered" :
					      "is plain RTP, but DTLS-SRTP was offered");
	if (ksrtpd_addr_family(&media->remote) != leg->config.family)
		return bad_line(failure, "family-mismatch", answer, line,
				leg->config.family == 4 ? "has an IPv6 address, the leg is IPv4" :
							  "has an IPv4 address, the leg is IPv6");
	if (media->dtls && media->setup == KSRTPD_SDP_ACTPASS)
		return bad_line(failure, "bad-setup", answer, line,
				"a=setup:actpass is no answer (active or passive)");
	return 0;
}

int ksrtpd_call_sdp_check_answer(const struct ksrtpd_call *call, const struct ksrtpd_sdp *answer,
				 struct ksrtpd_failure *failure)
{
	unsigned int line;

	if (answer->media_count != call->offer->media_count)
		return ksrtpd_fail(failure, "bad-answer",
				   "the answer has %u media lines, the offer %u",
				   answer->media_count, call->offer->media_count);
	for (line = 0; line < answer->media_count; line++) {
		if (check_line(call, answer, line, failure))
			return -1;
	}
	return 0;
}

bool ksrtpd_call_sdp_server(const struct ksrtpd_call *call, unsigned int line)
{
	return call->offer->media[line].setup != KSRTPD_SDP_PASSIVE;
}

/* -- the texts */

/* Where the reader of our SDP shall send to; any leg of a side has its address. */
static struct sockaddr_storage host_of(const struct ksrtpd_call *call, int side)
{
	struct sockaddr_storage none = { .ss_family = AF_INET };
	unsigned int line;

	for (line = 0; line < call->offer->media_count; line++) {
		if (call->legs[line][side])
			return ksrtpd_leg_public(call->legs[line][side]);
	}
	return none;
}

static void set_out(struct ksrtpd_sdp_out *out, const struct ksrtpd_leg *leg,
		    enum ksrtpd_sdp_setup setup)
{
	out->local = ksrtpd_leg_public(leg);
	out->fingerprint = leg->cert ? &leg->cert->fingerprint : NULL;
	out->setup = setup;
}

char *ksrtpd_call_sdp_offer(const struct ksrtpd_call *call)
{
	struct sockaddr_storage host = host_of(call, KSRTPD_CALLEE);
	struct ksrtpd_sdp_out outs[KSRTPD_SDP_MEDIA_MAX];
	unsigned int line;

	memset(outs, 0, sizeof(outs));
	for (line = 0; line < call->offer->media_count; line++) {
		const struct ksrtpd_leg *leg = call->legs[line][KSRTPD_CALLEE];
		const struct ksrtpd_sdp_media *media = &call->offer->media[line];

		outs[line].rejected = !leg;
		if (!leg)
			continue;
		set_out(&outs[line], leg, KSRTPD_SDP_ACTPASS);
		/* From plain to plain the caller's own profile may stay. */
		if (leg->config.keying == KSRTPD_KEYING_DTLS)
			outs[line].proto = "UDP/TLS/RTP/SAVPF";
		else
			outs[line].proto = media->dtls ? "RTP/AVP" : media->proto_name;
	}
	return ksrtpd_sdp_rewrite(call->offer, outs, &host);
}

/* The protocol of an answer is that of its offer, also in a rejected line (RFC 3264). */
char *ksrtpd_call_sdp_answer(const struct ksrtpd_call *call, const struct ksrtpd_sdp *answer)
{
	struct sockaddr_storage host = host_of(call, KSRTPD_CALLER);
	struct ksrtpd_sdp_out outs[KSRTPD_SDP_MEDIA_MAX];
	unsigned int line;

	memset(outs, 0, sizeof(outs));
	for (line = 0; line < answer->media_count; line++) {
		const struct ksrtpd_leg *leg = call->legs[line][KSRTPD_CALLER];
		const char *proto = call->offer->media[line].proto_name;

		outs[line].proto = *proto ? proto : NULL;
		outs[line].rejected = answer->media[line].rejected;
		if (!outs[line].rejected)
			set_out(&outs[line], leg, ksrtpd_call_sdp_server(call, line) ?
							  KSRTPD_SDP_PASSIVE : KSRTPD_SDP_ACTIVE);
	}
	return ksrtpd_sdp_rewrite(answer, outs, &host);
}
