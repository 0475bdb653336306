// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "../unit/tap.h"
#include "net.h"
#include "session.h"

static const struct suite {
	void (*rtp)(srtp_crypto_policy_t *p);
	void (*rtcp)(srtp_crypto_policy_t *p);
	size_t key, salt, tag_rtp, tag_rtcp;
} suites[SUITES] = {
	[KSRTP_SUITE_AEAD_AES_128_GCM] = {
		srtp_crypto_policy_set_aes_gcm_128_16_auth,
		srtp_crypto_policy_set_aes_gcm_128_16_auth, 16, 12, 16, 16,
	},
	[KSRTP_SUITE_AEAD_AES_256_GCM] = {
		srtp_crypto_policy_set_aes_gcm_256_16_auth,
		srtp_crypto_policy_set_aes_gcm_256_16_auth, 32, 12, 16, 16,
	},
	[KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80] = {
		srtp_crypto_policy_set_rtp_default,
		srtp_crypto_policy_set_rtcp_default, 16, 14, 10, 10,
	},
	[KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32] = {
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32,
		srtp_crypto_policy_set_rtcp_default, 16, 14, 4, 10,
	},
	[KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80] = {
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80,
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80, 32, 14, 10, 10,
	},
	[KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32] = {
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32,
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80, 32, 14, 4, 10,
	},
};

const uint8_t secret_elements[SECRET_ELEMENTS] = { 1, 3, 4, 200 };

size_t suite_key_len(uint32_t suite)
{
	return suites[suite].key;
}

size_t suite_salt_len(uint32_t suite)
{
	return suites[suite].salt;
}

bool suite_is_gcm(uint32_t suite)
{
	return suites[suite].salt == 12;
}

size_t suite_growth(uint32_t suite, bool rtcp)
{
	if (suite == KSRTP_SUITE_NONE)
		return 0;
	return rtcp ? suites[suite].tag_rtcp + 4 : suites[suite].tag_rtp;
}

void secret_make(struct secret *s, uint32_t suite, unsigned int mki_len)
{
	memset(s, 0, sizeof(*s));
	s->suite = suite;
	random_octets(s->key, suites[suite].key);
	random_octets(s->salt, suites[suite].salt);
	s->mki_len = suite == KSRTP_SUITE_NONE ? 0 : mki_len;
	random_octets(s->mki, s->mki_len);
}

/* Key and salt in a row, as libsrtp2 wants them. */
static void join(const struct secret *s, uint8_t *out)
{
	memcpy(out, s->key, suites[s->suite].key);
	memcpy(out + suites[s->suite].key, s->salt, suites[s->suite].salt);
}

struct material {
	srtp_policy_t policy;
	srtp_master_key_t master[2];
	srtp_master_key_t *masters[2];
	uint8_t octets[2][32 + 14];
	int elements[SECRET_ELEMENTS];
};

static void fill_policy(struct session *s, bool mki, struct material *m)
{
	uint32_t suite = s->secret[0].suite;
	unsigned int i;

	memset(m, 0, sizeof(*m));
	suites[suite].rtp(&m->policy.rtp);
	suites[suite].rtcp(&m->policy.rtcp);
	if (s->rtcp_clear)
		m->policy.rtcp.sec_serv = sec_serv_auth;
	m->policy.window_size = s->inbound && s->window ? s->window : KSRTP_WINDOW_MAX;
	m->policy.ssrc.type = s->inbound ? ssrc_any_inbound : ssrc_any_outbound;
	for (i = 0; i < s->secrets; i++) {
		join(&s->secret[i], m->octets[i]);
		m->master[i].key = m->octets[i];
		m->master[i].mki_id = s->secret[i].mki;
		m->master[i].mki_size = s->secret[i].mki_len;
		m->masters[i] = &m->master[i];
	}
	if (s->secret[0].elements) {
		for (i = 0; i < SECRET_ELEMENTS; i++)
			m->elements[i] = secret_elements[i];
		m->policy.enc_xtn_hdr = m->elements;
		m->policy.enc_xtn_hdr_count = SECRET_ELEMENTS;
	}
	if (mki && s->secret[0].mki_len) {
		m->policy.keys = m->masters;
		m->policy.num_master_keys = s->secrets;
	} else {
		m->policy.key = m->octets[0];
	}
}

static bool hides_mki(const struct session *s)
{
	const struct suite *suite = &suites[s->secret[0].suite];

	return s->secret[0].mki_len && suite->tag_rtp != suite->tag_rtcp;
}

void session_open(struct session *s)
{
	struct material m;

	s->srtp = NULL;
	s->bare = NULL;
	if (!s->secrets)
		s->secrets = 1;
	if (s->secret[0].suite == KSRTP_SUITE_NONE)
		return;
	fill_policy(s, true, &m);
	CHECK(srtp_create(&s->srtp, &m.policy) == srtp_err_status_ok, "srtp_create, suite %u",
	      s->secret[0].suite);
	if (s->inbound && hides_mki(s)) {
		fill_policy(s, false, &m);
		CHECK(srtp_create(&s->bare, &m.policy) == srtp_err_status_ok, "srtp_create");
	}
}

void session_close(struct session *s)
{
	if (s->srtp)
		srtp_dealloc(s->srtp);
	if (s->bare)
		srtp_dealloc(s->bare);
	s->srtp = NULL;
	s->bare = NULL;
}

void session_set_roc(struct session *s, uint32_t ssrc, uint32_t roc)
{
	struct material m;
	uint32_t now;

	if (srtp_get_stream_roc(s->srtp, ssrc, &now) != srtp_err_status_ok) {
		fill_policy(s, true, &m);
		m.policy.ssrc.type = ssrc_specific;
		m.policy.ssrc.value = ssrc;
		CHECK(srtp_add_stream(s->srtp, &m.policy) == srtp_err_status_ok, "srtp_add_stream");
	}
	CHECK(srtp_set_stream_roc(s->srtp, ssrc, roc) == srtp_err_status_ok,
	      "srtp_set_stream_roc %u", roc);
}

size_t session_protect(struct session *s, unsigned int which, bool rtcp, uint8_t *p, size_t len)
{
	unsigned int mki = s->secret[0].mki_len ? 1 : 0;
	int n = (int)len;
	srtp_err_status_t err;

	if (!s->srtp)
		return len;
	if (rtcp)
		err = srtp_protect_rtcp_mki(s->srtp, p, &n, mki, which);
	else
		err = srtp_protect_mki(s->srtp, p, &n, mki, which);
	return err == srtp_err_status_ok ? (size_t)n : 0;
}

static srtp_err_status_t unprotect_bare(struct session *s, uint8_t *p, int *len)
{
	size_t tag = suites[s->secret[0].suite].tag_rtcp, mki = s->secret[0].mki_len;
	uint8_t *at = p + *len - tag - mki;

	if (at < p || memcmp(at, s->secret[0].mki, mki))
		return srtp_err_status_bad_mki;
	memmove(at, at + mki, tag);
	*len -= (int)mki;
	return srtp_unprotect_rtcp(s->bare, p, len);
}

size_t session_unprotect(struct session *s, bool rtcp, uint8_t *p, size_t len)
{
	unsigned int mki = s->secret[0].mki_len ? 1 : 0;
	int n = (int)len;
	srtp_err_status_t err;

	if (!s->srtp)
		return len;
	if (rtcp && s->bare)
		err = unprotect_bare(s, p, &n);
	else if (rtcp)
		err = srtp_unprotect_rtcp_mki(s->srtp, p, &n, mki);
	else
		err = srtp_unprotect_mki(s->srtp, p, &n, mki);
	return err == srtp_err_status_ok ? (size_t)n : 0;
}
