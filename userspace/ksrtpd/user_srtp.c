// SPDX-License-Identifier: GPL-2.0
/*
 * Where libsrtp would guess an index, it is given no choice: a roll-over counter that is
 * not 0 is set for each packet (srtp_set_stream_roc), and with 0 its guess from the
 * highest index of the stream is ours (a smaller one it cannot name, and a larger one
 * would be set). Its replay windows are twice as wide as our widest and see no packet
 * that ours have not passed.
 */
#include <stdlib.h>
#include <string.h>

#include <sys/queue.h>

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <srtp2/srtp.h>

#include <ksrtp/wire.h>

#include "user_srtp.h"

#define WINDOW	(2 * KSRTP_WINDOW_MAX)

/* A stream that does not come from the session's template. */
struct own {
	LIST_ENTRY(own) entry;
	uint32_t ssrc;
};

struct ksrtpd_user_srtp {
	uint32_t suite;
	bool sender;
	srtp_t session;
	srtp_t clear;		/* receives SRTCP without E bit; NULL: @session does */
	uint8_t *master;	/* in locked memory: streams are made later too */
	struct ksrtpd_user_srtp *rtcp;	/* of SRTCP with a master key of its own, else NULL */
	LIST_HEAD(, own) own;	/* sender: another key must reach them too */
};

static const struct ksrtpd_user_suite suites[] = {
	[KSRTP_SUITE_AEAD_AES_128_GCM] = { 16, 12, 16, 16, true },
	[KSRTP_SUITE_AEAD_AES_256_GCM] = { 32, 12, 16, 16, true },
	[KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80] = { 16, 14, 10, 10, false },
	[KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32] = { 16, 14, 4, 10, false },
	[KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80] = { 32, 14, 10, 10, false },
	[KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32] = { 32, 14, 4, 10, false },
};

_Static_assert(sizeof(suites) / sizeof(suites[0]) == KSRTP_SUITE_MAX + 1, "a suite is missing");

const struct ksrtpd_user_suite *ksrtpd_user_suite(uint32_t suite)
{
	return &suites[suite];
}

/* Collisions of SSRCs are settled before libsrtp sees them, limits are counted here. */
static void ignore_event(srtp_event_data_t *data)
{
	(void)data;
}

bool ksrtpd_user_srtp_init(void)
{
	static bool done;

	if (!done)
		done = srtp_init() == srtp_err_status_ok &&
		       srtp_install_event_handler(ignore_event) == srtp_err_status_ok;
	return done;
}

static void set_suite(srtp_policy_t *policy, uint32_t suite)
{
	switch (suite) {
	case KSRTP_SUITE_AEAD_AES_128_GCM:
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy->rtp);
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy->rtcp);
		break;
	case KSRTP_SUITE_AEAD_AES_256_GCM:
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy->rtp);
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy->rtcp);
		break;
	case KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80:
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtp);
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtcp);
		break;
	case KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32:
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy->rtp);
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtcp);
		break;
	case KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80:
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy->rtp);
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy->rtcp);
		break;
	case KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32:
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32(&policy->rtp);
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy->rtcp);
		break;
	}
}

static void fill_policy(srtp_policy_t *policy, uint32_t suite, bool sender, const uint8_t *master)
{
	memset(policy, 0, sizeof(*policy));
	set_suite(policy, suite);
	policy->ssrc.type = sender ? ssrc_any_outbound : ssrc_any_inbound;
	policy->key = (unsigned char *)master;	/* only read */
	policy->window_size = WINDOW;
}

static bool keep_master(struct ksrtpd_user_srtp *srtp, uint32_t suite, const uint8_t *master)
{
	if (!srtp->master)
		srtp->master = OPENSSL_secure_zalloc(KSRTPD_MASTER_MAX);
	if (!srtp->master)
		return false;
	OPENSSL_cleanse(srtp->master, KSRTPD_MASTER_MAX);
	memcpy(srtp->master, master, suites[suite].key + suites[suite].salt);
	srtp->suite = suite;
	return true;
}

struct ksrtpd_user_srtp *ksrtpd_user_srtp_create(uint32_t suite, bool sender,
						 const uint8_t *master, const uint8_t *rtcp)
{
	struct ksrtpd_user_srtp *srtp = calloc(1, sizeof(*srtp));
	srtp_policy_t policy;

	if (!srtp)
		return NULL;
	srtp->sender = sender;
	fill_policy(&policy, suite, sender, master);
	if (!keep_master(srtp, suite, master) ||
	    srtp_create(&srtp->session, &policy) != srtp_err_status_ok)
		goto fail;
	if (!sender && !suites[suite].aead) {
		/* Of AES-CM a session takes SRTCP with the E bit, or without it. */
		policy.rtcp.sec_serv = sec_serv_auth;
		if (srtp_create(&srtp->clear, &policy) != srtp_err_status_ok)
			goto fail;
	}
	if (!rtcp)
		return srtp;
	srtp->rtcp = ksrtpd_user_srtp_create(suite, sender, rtcp, NULL);
	if (srtp->rtcp)
		return srtp;

fail:
	ksrtpd_user_srtp_destroy(srtp);
	return NULL;
}

void ksrtpd_user_srtp_destroy(struct ksrtpd_user_srtp *srtp)
{
	struct own *own;

	if (!srtp)
		return;
	while ((own = LIST_FIRST(&srtp->own)) != NULL) {
		LIST_REMOVE(own, entry);
		free(own);
	}
	if (srtp->session)
		srtp_dealloc(srtp->session);
	if (srtp->clear)
		srtp_dealloc(srtp->clear);
	ksrtpd_user_srtp_destroy(srtp->rtcp);
	OPENSSL_secure_clear_free(srtp->master, KSRTPD_MASTER_MAX);
	free(srtp);
}

bool ksrtpd_user_srtp_rekey(struct ksrtpd_user_srtp *srtp, uint32_t suite, const uint8_t *master)
{
	srtp_policy_t policy;
	struct own *own;

	if (srtp->rtcp)
		return false;
	fill_policy(&policy, suite, srtp->sender, master);
	if (srtp_update(srtp->session, &policy) != srtp_err_status_ok)
		return false;
	policy.ssrc.type = ssrc_specific;
	LIST_FOREACH(own, &srtp->own, entry) {
		policy.ssrc.value = own->ssrc;
		if (srtp_update_stream(srtp->session, &policy) != srtp_err_status_ok)
			return false;
	}
	return keep_master(srtp, suite, master);
}

void ksrtpd_user_srtp_forget(struct ksrtpd_user_srtp *srtp, uint32_t ssrc)
{
	/* In network byte order here, and only here. */
	srtp_remove_stream(srtp->session, htonl(ssrc));
	if (srtp->clear)
		srtp_remove_stream(srtp->clear, htonl(ssrc));
	if (srtp->rtcp)
		ksrtpd_user_srtp_forget(srtp->rtcp, ssrc);
}

/* A stream of its own for an SSRC that the session does not know, at roll-over counter @roc. */
static bool add_stream(struct ksrtpd_user_srtp *srtp, uint32_t ssrc, uint32_t roc)
{
	struct own *own = srtp->sender ? calloc(1, sizeof(*own)) : NULL;
	srtp_policy_t policy;

	if (srtp->sender && !own)
		return false;
	fill_policy(&policy, srtp->suite, srtp->sender, srtp->master);
	policy.ssrc.type = ssrc_specific;
	policy.ssrc.value = ssrc;
	if (srtp_add_stream(srtp->session, &policy) != srtp_err_status_ok) {
		free(own);
		return false;
	}
	if (own) {
		own->ssrc = ssrc;
		LIST_INSERT_HEAD(&srtp->own, own, entry);
	}
	return srtp_set_stream_roc(srtp->session, ssrc, roc) == srtp_err_status_ok;
}

static enum ksrtp_reason reason_of(srtp_err_status_t status)
{
	switch (status) {
	case srtp_err_status_ok:
		return KSRTP_REASON_NONE;
	case srtp_err_status_auth_fail:
		return KSRTP_REASON_AUTH;
	default:
		return KSRTP_REASON_CRYPTO;
	}
}

enum ksrtp_reason ksrtpd_user_open_rtp(struct ksrtpd_user_srtp *srtp, uint8_t *data, size_t *len,
				       uint32_t ssrc, uint64_t index)
{
	uint32_t roc = (uint32_t)(index >> 16);
	int octets = (int)*len;
	srtp_err_status_t status;
	bool added = false;

	/* Without a stream the template serves, which costs nothing and begins at 0. */
	if (srtp_set_stream_roc(srtp->session, ssrc, roc) != srtp_err_status_ok && roc) {
		added = add_stream(srtp, ssrc, roc);
		if (!added)
			return KSRTP_REASON_CRYPTO;
	}
	status = srtp_unprotect(srtp->session, data, &octets);
	if (status == srtp_err_status_ok)
		*len = (size_t)octets;
	else if (added)
		srtp_remove_stream(srtp->session, htonl(ssrc));
	return reason_of(status);
}

enum ksrtp_reason ksrtpd_user_open_rtcp(struct ksrtpd_user_srtp *srtp, uint8_t *data, size_t *len,
					uint32_t word)
{
	const struct ksrtpd_user_srtp *of = srtp->rtcp ? srtp->rtcp : srtp;
	srtp_t session = word & KSRTP_SRTCP_E_BIT || !of->clear ? of->session : of->clear;
	int octets = (int)*len;
	srtp_err_status_t status = srtp_unprotect_rtcp(session, data, &octets);

	if (status == srtp_err_status_ok)
		*len = (size_t)octets;
	return reason_of(status);
}

bool ksrtpd_user_seal_rtp(struct ksrtpd_user_srtp *srtp, uint8_t *data, size_t *len,
			  uint32_t ssrc, uint64_t index)
{
	uint32_t roc = (uint32_t)(index >> 16);
	int octets = (int)*len;

	/* As above: only a stream that begins beyond 0 has to be there beforehand. */
	if (srtp_set_stream_roc(srtp->session, ssrc, roc) != srtp_err_status_ok && roc &&
	    !add_stream(srtp, ssrc, roc))
		return false;
	if (srtp_protect(srtp->session, data, &octets) != srtp_err_status_ok)
		return false;
	*len = (size_t)octets;
	return true;
}

bool ksrtpd_user_seal_rtcp(struct ksrtpd_user_srtp *srtp, uint8_t *data, size_t *len)
{
	int octets = (int)*len;

	if (srtp_protect_rtcp((srtp->rtcp ? srtp->rtcp : srtp)->session, data, &octets) !=
	    srtp_err_status_ok)
		return false;
	*len = (size_t)octets;
	return true;
}
