// SPDX-License-Identifier: GPL-2.0
/* What a peer's description changes on its legs (RFC 8842, 8839, 4568). */
#include <string.h>

#include <openssl/crypto.h>

#include "coder.h"
#include "path.h"

static bool is_new(const struct ksrtpd_leg *leg)
{
	return leg->state == KSRTPD_LEG_NEW;
}

/*
 * Cryptex is a property of a key from its installation on. So it is agreed with new keys, and a
 * description that leaves the keys as they are leaves this as it is, whatever it says. A leg of
 * RTCP alone has no use for it.
 */
static void agree_cryptex(struct ksrtpd_leg *leg, const struct ksrtpd_sdp_media *media)
{
	leg->cryptex = leg->config.cryptex != KSRTP_CRYPTEX_OFF && media->cryptex;
}

/* -- DTLS: the role, and whether the association goes on */

/* Our role by @media. Who is asked by actpass keeps the role that it has. */
static bool server_by(const struct ksrtpd_leg *leg, const struct ksrtpd_sdp_media *media,
		      bool offered)
{
	if (media->setup == KSRTPD_SDP_ACTPASS && !is_new(leg))
		return leg->server;
	return offered ? media->setup != KSRTPD_SDP_PASSIVE : media->setup == KSRTPD_SDP_ACTIVE;
}

/* A certificate that no association was made with yet: that of a leg which was taken back. */
static bool fresh(const struct ksrtpd_leg *leg)
{
	return leg->config.keying == KSRTPD_KEYING_DTLS && !is_new(leg) && leg->cert->key && !leg->dtls;
}

/* RFC 8842, section 3: roles, fingerprints or tls-id changed; an ICE restart alone does
 * not ask for a new association.
 */
static bool new_association(const struct ksrtpd_path *path, int side,
			    const struct ksrtpd_sdp_media *media, bool offered)
{
	const struct ksrtpd_leg *leg = path->legs[side];

	if (leg->config.keying != KSRTPD_KEYING_DTLS || is_new(leg))
		return false;
	return fresh(leg) || !ksrtpd_fingerprints_equal(&leg->fingerprints, &media->fingerprints) ||
	       server_by(leg, media, offered) != leg->server ||
	       (*media->tls_id && *path->tls_id[side] && strcmp(media->tls_id, path->tls_id[side]));
}

static int renew(struct ksrtpd_path *path, int side, struct ksrtpd_failure *failure)
{
	struct ksrtpd_leg *leg = path->legs[side], *rtcp = path->rtcp[side];

	if (ksrtpd_leg_renew(leg, failure) || (rtcp && ksrtpd_leg_renew(rtcp, failure)))
		return -1;
	if (leg->code_job)
		ksrtpd_coder_cancel(leg->code_job);
	leg->code_job = NULL;
	leg->code_done = false;
	*leg->code = '\0';
	if (rtcp) {
		ksrtpd_cert_destroy(rtcp->cert);
		rtcp->cert = ksrtpd_cert_share(leg->cert);
	}
	return 0;
}

int ksrtpd_path_refresh(struct ksrtpd_path *path, int side, struct ksrtpd_failure *failure)
{
	const struct ksrtpd_leg *leg = path->legs[side];

	if (leg->config.keying != KSRTPD_KEYING_DTLS || is_new(leg) || leg->cert->key)
		return 0;
	return renew(path, side, failure);
}

static int describe_dtls(struct ksrtpd_path *path, int side, const struct ksrtpd_sdp_media *media,
			 bool offered, struct ksrtpd_failure *failure)
{
	struct ksrtpd_leg *leg = path->legs[side], *rtcp = path->rtcp[side];
	bool again = new_association(path, side, media, offered);

	path->server[side] = server_by(leg, media, offered);
	if (again && !fresh(leg) && renew(path, side, failure))
		return -1;
	path->start[side] = again || is_new(leg);
	if (path->start[side])
		agree_cryptex(leg, media);
	leg->fingerprints = media->fingerprints;
	if (rtcp)
		rtcp->fingerprints = media->fingerprints;
	if (*media->tls_id)
		strcpy(path->tls_id[side], media->tls_id);
	return 0;
}

/* -- keys from signalling */

/* The one of an offer's keys that suits us best; NULL: none. */
static const struct ksrtpd_sdes *choose(const struct ksrtpd_leg *leg,
					const struct ksrtpd_sdp_media *media)
{
	unsigned int i, j;

	for (i = 0; i < leg->config.suites_count; i++) {
		for (j = 0; j < media->cryptos_count; j++) {
			if (media->cryptos[j].key.suite == leg->config.suites[i])
				return &media->cryptos[j];
		}
	}
	return NULL;
}

static bool same_master(const struct ksrtpd_sdes_key *a, const struct ksrtpd_sdes_key *b)
{
	return !CRYPTO_memcmp(a->key, b->key, sizeof(a->key)) &&
	       !CRYPTO_memcmp(a->salt, b->salt, sizeof(a->salt));
}

static bool same_key(const struct ksrtpd_sdes_key *a, const struct ksrtpd_sdes_key *b)
{
	return same_master(a, b) && a->suite == b->suite && a->mki_len == b->mki_len &&
	       !CRYPTO_memcmp(a->mki, b->mki, sizeof(a->mki));
}

/* The key of @media that we have already; NULL: it has others. */
static const struct ksrtpd_sdes *known(const struct ksrtpd_path_sdes *sdes,
				       const struct ksrtpd_sdp_media *media)
{
	unsigned int i;

	for (i = 0; sdes->agreed && i < media->cryptos_count; i++) {
		if (same_key(&media->cryptos[i].key, &sdes->theirs.key))
			return &media->cryptos[i];
	}
	return NULL;
}

/* With a context of its own a key that we have would let each of its packets in once more. */
static bool renames(const struct ksrtpd_path_sdes *sdes, const struct ksrtpd_sdp_media *media)
{
	unsigned int i;

	for (i = 0; sdes->agreed && i < media->cryptos_count; i++) {
		if (same_master(&media->cryptos[i].key, &sdes->theirs.key))
			return true;
	}
	return false;
}

/* The offer of ours that an answer took; NULL: none. */
static struct ksrtpd_sdes *taken(struct ksrtpd_path_sdes *sdes, const struct ksrtpd_sdes *answer)
{
	unsigned int i;

	for (i = 0; i < sdes->ours_count; i++) {
		if (sdes->ours[i].tag == answer->tag &&
		    sdes->ours[i].key.suite == answer->key.suite)
			return &sdes->ours[i];
	}
	return NULL;
}

static int describe_sdes(struct ksrtpd_path *path, int side, const struct ksrtpd_sdp_media *media,
			 bool offered, struct ksrtpd_failure *failure)
{
	struct ksrtpd_path_sdes *sdes = path->sdes[side];
	struct ksrtpd_leg *leg = path->legs[side], *rtcp = path->rtcp[side];
	const struct ksrtpd_sdes *theirs = known(sdes, media);
	bool first = !sdes->agreed;

	if (theirs) {
		/* The same key, under the tag that it has this time. */
		if (offered)
			sdes->ours[0].tag = theirs->tag;
		return 0;
	}
	theirs = offered ? choose(leg, media) : &media->cryptos[0];
	if (offered) {
		if (!ksrtpd_sdes_make(&sdes->ours[0], theirs->tag, theirs->key.suite))
			return ksrtpd_fail(failure, "internal", "no random numbers for keys");
	} else {
		struct ksrtpd_sdes *ours = taken(sdes, theirs);

		if (ours != &sdes->ours[0])
			sdes->ours[0] = *ours;
		OPENSSL_cleanse(&sdes->ours[1], sizeof(sdes->ours) - sizeof(sdes->ours[0]));
	}
	sdes->ours_count = 1;
	sdes->theirs = *theirs;
	sdes->agreed = true;
	path->start[side] = first;
	agree_cryptex(leg, media);
	if (!rtcp)
		return ksrtpd_leg_set_sdes(leg, &sdes->ours[0].key, &sdes->theirs.key,
					   KSRTPD_PART_BOTH, failure);
	return ksrtpd_leg_set_sdes(leg, &sdes->ours[0].key, &sdes->theirs.key, KSRTPD_PART_RTP,
				   failure) ||
	       ksrtpd_leg_set_sdes(rtcp, &sdes->ours[0].key, &sdes->theirs.key, KSRTPD_PART_RTCP,
				   failure) ? -1 : 0;
}

static int check_sdes(const struct ksrtpd_path *path, int side, const struct ksrtpd_sdp *sdp,
		      unsigned int line, bool offered, struct ksrtpd_failure *failure)
{
	const struct ksrtpd_sdp_media *media = &sdp->media[line];

	if (known(path->sdes[side], media))
		return 0;
	if (renames(path->sdes[side], media))
		return ksrtpd_sdp_bad(failure, "bad-crypto", sdp, line, "its a=crypto has the key "
				      "that is in use, under another MKI or suite");
	if (offered)
		return choose(path->legs[side], media) ? 0 :
			ksrtpd_sdp_bad(failure, "no-suite", sdp, line,
				       "none of its a=crypto has a suite that may be used here");
	if (path->sdes[side]->agreed)
		return ksrtpd_sdp_bad(failure, "bad-answer", sdp, line,
				      "has a new key, and ours that was offered is in use already");
	if (media->cryptos_count != 1 || !taken(path->sdes[side], &media->cryptos[0]))
		return ksrtpd_sdp_bad(failure, "bad-answer", sdp, line,
				      "its a=crypto is none that was offered, by tag and suite");
	return 0;
}

/* Does the answer to an offer of ours bring new keys? */
static bool answer_brings_keys(const struct ksrtpd_path *path, int side)
{
	const struct ksrtpd_leg *leg = path->legs[side];

	if (leg->config.keying == KSRTPD_KEYING_SDES)
		return !path->sdes[side]->agreed;
	return is_new(leg) || fresh(leg);
}

bool ksrtpd_path_offers_cryptex(const struct ksrtpd_path *path, int side)
{
	const struct ksrtpd_leg *leg = path->legs[side];

	return answer_brings_keys(path, side) ? leg->config.cryptex != KSRTP_CRYPTEX_OFF : leg->cryptex;
}

/* -- addresses */

static int describe_ice(struct ksrtpd_path *path, int side, const struct ksrtpd_sdp_media *media,
			bool offered, struct ksrtpd_failure *failure)
{
	struct ksrtpd_leg *leg = path->legs[side];
	char *ufrag = path->ufrag[side];

	if (!strcmp(ufrag, media->ufrag))
		return 0;
	if (*ufrag && offered && ksrtpd_leg_ice_restart(leg, failure))
		return -1;
	if (ksrtpd_leg_set_ice(leg, media->ufrag, media->pwd, failure))
		return -1;
	strcpy(ufrag, media->ufrag);
	return 0;
}

static bool has_ice(const struct ksrtpd_leg *leg, const struct ksrtpd_sdp_media *media)
{
	return leg->ice && media->ice;
}

static int move_leg(struct ksrtpd_leg *leg, const struct sockaddr_storage *remote,
		    struct sockaddr_storage *was, struct ksrtpd_failure *failure)
{
	if (!leg)
		return 0;
	*was = leg->remote;
	if (remote->ss_family == AF_UNSPEC || ksrtpd_addr_equal(&leg->remote, remote))
		return 0;
	return ksrtpd_leg_set_remote(leg, remote, failure);
}

int ksrtpd_path_move(struct ksrtpd_path *path, int side, const struct ksrtpd_sdp_media *media,
		     struct ksrtpd_failure *failure)
{
	static const struct sockaddr_storage none;
	struct ksrtpd_leg *leg = path->legs[side];
	bool stays = has_ice(leg, media) || media->no_address;

	if (is_new(leg) && leg->ice && !media->ice)
		ksrtpd_leg_drop_ice(leg);
	return move_leg(leg, stays ? &none : &media->remote, &path->was[side][0],
			failure) ||
	       move_leg(path->rtcp[side], stays ? &none : &media->remote_rtcp, &path->was[side][1],
			failure) ? -1 : 0;
}

void ksrtpd_path_move_back(struct ksrtpd_path *path, int side)
{
	struct sockaddr_storage was[2] = { path->was[side][0], path->was[side][1] }, unused;
	struct ksrtpd_failure failure;

	move_leg(path->legs[side], &was[0], &unused, &failure);
	move_leg(path->rtcp[side], &was[1], &unused, &failure);
}

/* -- both */

int ksrtpd_path_check(const struct ksrtpd_path *path, int side, const struct ksrtpd_sdp *sdp,
		      unsigned int line, bool offered, struct ksrtpd_failure *failure)
{
	const struct ksrtpd_sdp_media *media = &sdp->media[line];
	const struct ksrtpd_leg *leg = path->legs[side];

	if (is_new(leg) && !media->ice && media->no_address)
		return ksrtpd_sdp_bad(failure, "no-address", sdp, line,
				      "has no address to send to, and no ICE to find one");
	if (!offered && !fresh(leg) && new_association(path, side, media, false))
		return ksrtpd_sdp_bad(failure, "bad-answer", sdp, line,
				      "wants a new DTLS association, which was not offered (RFC 8842)");
	if (leg->config.keying == KSRTPD_KEYING_SDES)
		return check_sdes(path, side, sdp, line, offered, failure);
	return 0;
}

int ksrtpd_path_describe(struct ksrtpd_path *path, int side, const struct ksrtpd_sdp_media *media,
			 bool offered, struct ksrtpd_failure *failure)
{
	struct ksrtpd_leg *leg = path->legs[side];

	if (has_ice(leg, media) && describe_ice(path, side, media, offered, failure))
		return -1;
	switch (leg->config.keying) {
	case KSRTPD_KEYING_DTLS:
		return describe_dtls(path, side, media, offered, failure);
	case KSRTPD_KEYING_SDES:
		return describe_sdes(path, side, media, offered, failure);
	case KSRTPD_KEYING_NONE:
	case KSRTPD_KEYING_RELAY:
		path->start[side] = is_new(leg);
		break;
	}
	return 0;
}
