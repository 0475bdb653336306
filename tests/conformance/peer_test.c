// SPDX-License-Identifier: GPL-2.0
/*
 * What the datapaths are compared with is compared with the RFCs' own vectors, and with
 * libsrtp2 for what those leave out (SRTCP, AES-256-CM, long packets).
 */
#include <stdio.h>
#include <string.h>

#include <linux/ksrtp.h>
#include <srtp2/srtp.h>

#include "../unit/tap.h"
#include "packet.h"
#include "srtp_peer.h"

static void fill(uint8_t *p, size_t len, uint8_t first)
{
	size_t i;

	for (i = 0; i < len; i++)
		p[i] = (uint8_t)(first + 37 * i);
}

static void from_hex(const char *hex, uint8_t *out)
{
	unsigned int octet;

	for (; sscanf(hex, "%2x", &octet) == 1; hex += 2)
		*out++ = (uint8_t)octet;
}

static void check_octets(const char *what, const uint8_t *got, const char *hex)
{
	uint8_t want[128] = { 0 };

	from_hex(hex, want);
	CHECK(!memcmp(got, want, strlen(hex) / 2), "%s", what);
}

/* RFC 3711, B.3 */
static void key_derivation(void)
{
	struct peer_key key = { .suite = KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80 };
	uint8_t out[94];

	from_hex("e1f97a0d3e018be0d64fa32c06de4139", key.master);
	from_hex("0ec675ad498afeebb6960b3aabe6", key.salt);
	peer_derive(&key, 0, out, 16);
	check_octets("cipher key", out, "c61e7a93744f39ee10734afe3ff7a087");
	peer_derive(&key, 2, out, 14);
	check_octets("cipher salt", out, "30cbbc08863d8c85d49db34a9ae1");
	peer_derive(&key, 1, out, 94);
	check_octets("auth key", out, "cebe321f6ff7716b6fd4ab49af256a15"
		     "6d38baa48f0a0acf3c34e2359e6cdbcee049646c43d9327ad175578ef7227098");
	tap_end("D1", "the peer derives the keys of RFC 3711, B.3");
}

static void set_suite(srtp_policy_t *policy, unsigned int suite)
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
	case KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32:
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtp);
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy->rtcp);
		break;
	default:
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy->rtp);
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&policy->rtcp);
	}
	if (suite == KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32)
		srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32(&policy->rtp);
	if (suite == KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32)
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32(&policy->rtp);
}

static srtp_t open_session(const struct peer_key *key, size_t key_len, size_t salt_len)
{
	uint8_t master[46] __attribute__((aligned(4)));
	srtp_policy_t policy = { .ssrc.type = ssrc_any_outbound, .key = master };
	srtp_t session = NULL;

	memcpy(master, key->master, key_len);
	memcpy(master + key_len, key->salt, salt_len);
	set_suite(&policy, key->suite);
	CHECK(!srtp_create(&session, &policy), "srtp_create");
	return session;
}

static void against_libsrtp(unsigned int suite, const char *name, size_t key_len, size_t salt_len)
{
	static const char *const kinds[] = { "sr", "pli", "all", "bye" };
	uint8_t theirs[2048] __attribute__((aligned(4))), ours[2048], plain[2048];
	struct peer_key key = { .suite = suite };
	struct rtp_spec rtp = { .ssrc = 0xcafe1234, .pt = 0, .csrcs = 3, .ext = 1, .ext_words = 2 };
	uint64_t index;
	srtp_t session;
	size_t len, n;
	uint32_t i;
	int octets;

	fill(key.master, sizeof(key.master), (uint8_t)suite);
	fill(key.salt, sizeof(key.salt), (uint8_t)(suite + 100));
	session = open_session(&key, key_len, salt_len);
	for (index = 65000; session && index < 67000; index++) {
		rtp.seq = (uint16_t)index;
		rtp.seed = index;
		rtp.payload = index % 400;
		len = make_rtp(&rtp, plain);
		memcpy(theirs, plain, len);
		octets = (int)len;
		CHECK(!srtp_protect(session, theirs, &octets), "protect");
		n = peer_rtp(&key, index, plain, len, ours);
		CHECK(n == (size_t)octets && !memcmp(ours, theirs, n), "%s index %llu", name,
		      (unsigned long long)index);
	}
	for (i = 1; session && i < 100; i++) {
		struct rtcp_spec rtcp = { .kind = kinds[i % 4], .ssrc = 0xcafe1234, .target = i };

		len = make_rtcp(&rtcp, plain);
		memcpy(theirs, plain, len);
		octets = (int)len;
		CHECK(!srtp_protect_rtcp(session, theirs, &octets), "protect");
		n = peer_rtcp(&key, i, 1, plain, len, ours);
		CHECK(n == (size_t)octets && !memcmp(ours, theirs, n), "%s SRTCP %u", name, i);
	}
	if (session)
		srtp_dealloc(session);
	tap_end("D1", "the peer and libsrtp2 agree on %s", name);
}

int main(void)
{
	tap.datapath = "-";
	CHECK(!srtp_init(), "srtp_init");
	key_derivation();
	against_libsrtp(KSRTP_SUITE_AEAD_AES_128_GCM, "AEAD_AES_128_GCM", 16, 12);
	against_libsrtp(KSRTP_SUITE_AEAD_AES_256_GCM, "AEAD_AES_256_GCM", 32, 12);
	against_libsrtp(KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80, "AES_CM_128_HMAC_SHA1_80", 16, 14);
	against_libsrtp(KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32, "AES_CM_128_HMAC_SHA1_32", 16, 14);
	against_libsrtp(KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80, "AES_256_CM_HMAC_SHA1_80", 32, 14);
	against_libsrtp(KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32, "AES_256_CM_HMAC_SHA1_32", 32, 14);
	return tap_done();
}
