// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "call_policy.h"
#include "federation_method.h"
#include "policy_party.h"

#define REASON	"bad-request"

/* Names of hosts are those of the caller's side alone. */
static int take_domain(const json_t *params, const char **domain, struct ksrtpd_failure *failure)
{
	const json_t *from = json_object_get(json_object_get(params, "from"), "domain");

	if (json_object_get(json_object_get(params, "to"), "domain"))
		return ksrtpd_fail(failure, REASON, "params.to: unknown member 'domain'");
	*domain = json_string_value(from);
	return !from || *domain ? 0 : ksrtpd_fail(failure, REASON, "params.from.domain is no string");
}

static int take_parties(const json_t *params, struct ksrtpd_party parties[2],
			struct ksrtpd_failure *failure)
{
	const json_t *from = json_object_get(json_object_get(params, "from"), "party");
	const json_t *to = json_object_get(json_object_get(params, "to"), "party");

	if (ksrtpd_party_parse(from, "params.from.party", &parties[KSRTPD_CALLER], failure))
		return -1;
	return ksrtpd_party_parse(to, "params.to.party", &parties[KSRTPD_CALLEE], failure);
}

static enum ksrtpd_wish wish_of(const json_t *params, const struct ksrtpd_call_request *offer)
{
	if (!json_object_get(params, "mode"))
		return KSRTPD_WISH_POLICY;
	return offer->e2ee ? KSRTPD_WISH_E2EE : KSRTPD_WISH_TRANSPORT;
}

/* A security code is made of SHA-256 thumbprints; without one there is nothing to compare. */
static const char *caller_cannot(const struct ksrtpd_sdp *sdp)
{
	unsigned int i;

	for (i = 0; i < sdp->media_count; i++) {
		const struct ksrtpd_sdp_media *media = &sdp->media[i];

		if (media->rejected)
			continue;
		if (media->keys != KSRTPD_SDP_DTLS)
			return "its SDP has a media line without DTLS-SRTP";
		if (!media->fingerprints.count)
			return "its SDP has a media line without SHA-256 fingerprint";
	}
	return NULL;
}

static const char *callee_cannot(const struct ksrtpd_side *side)
{
	if (side->protocol == KSRTPD_PROTOCOL_PLAIN || side->protocol == KSRTPD_PROTOCOL_SDES)
		return "it is to be called without DTLS-SRTP";
	return NULL;
}

int ksrtpd_call_policy(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer,
		       const json_t *params, struct ksrtpd_call_request *offer,
		       struct ksrtpd_failure *failure)
{
	struct ksrtpd_decision decision;
	struct ksrtpd_party parties[2];
	const char *domain, *cannot[2];
	struct ksrtpd_sdp *sdp;
	int err;

	if (take_domain(params, &domain, failure) || take_parties(params, parties, failure) ||
	    ksrtpd_federation_admit(agent, peer, domain, failure))
		return -1;
	sdp = ksrtpd_sdp_parse(offer->sdp, offer->sdp_len, failure);
	if (!sdp)
		return -1;
	cannot[KSRTPD_CALLER] = caller_cannot(sdp);
	cannot[KSRTPD_CALLEE] = callee_cannot(&offer->sides[KSRTPD_CALLEE]);
	err = ksrtpd_policy_decide(agent->store, parties, cannot, wish_of(params, offer), &decision,
				   failure);
	ksrtpd_sdp_free(sdp);
	if (err)
		return -1;
	offer->e2ee = decision.e2ee;
	offer->end_on_mismatch = decision.end_on_mismatch;
	return 0;
}
