// SPDX-License-Identifier: GPL-2.0
/* Test build: the FPU is taken for every n-th operation, and nobody notices. */
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "truth.h"

#define SWITCH	"/sys/module/ksrtp/parameters/fpu_refuse_every"
#define PACKETS	120
#define CM80	KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80
#define CM256	KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80

static void refuse_every(unsigned int n)
{
	FILE *f = fopen(SWITCH, "w");

	CHECK(f && fprintf(f, "%u", n) > 0 && !fclose(f), "%s", SWITCH);
}

static struct ksrtp_info info_now(void)
{
	struct ksrtp_info info = {};

	CHECK(!ksrtp_info_get(world.ksrtp, &info), "%s", ksrtp_error(world.ksrtp));
	return info;
}

static uint64_t fallbacks(void)
{
	return info_now().aead_fallback_used;
}

/* An internal driver (named __) must be asked first; from 6.16 on the ordinary one copes. */
static bool driver_asks(void)
{
	struct ksrtp_info info = info_now();

	return !strncmp(info.aead_driver, "__", 2);
}

/* -- AES-CM (RFC 3711, section 4; RFC 6188) by OpenSSL: tests/bpf's srtp.c has none of it */

#define CM_TAG	10
#define HDR	12

static bool is_cm(unsigned int suite)
{
	return ksrtp_suite_auth_len(suite);
}

static void xor48(uint8_t *p, uint64_t v)
{
	int i;

	for (i = 5; i >= 0; i--, v >>= 8)
		p[i] ^= (uint8_t)v;
}

/* The packet without CSRCs and extension, with its tag; returns the length. */
static size_t seal_cm(const struct ksrtp_key *key, uint64_t index, const uint8_t *rtp, size_t len,
		      uint8_t *out)
{
	size_t auth_len = ksrtp_suite_auth_len(key->suite);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t iv[16] = { 0 }, mac[20];
	int n, i;

	memcpy(iv, key->srtp_salt, 14);
	for (i = 0; i < 4; i++)
		iv[4 + i] ^= rtp[8 + i];
	xor48(iv + 8, index);
	memcpy(out, rtp, HDR);
	CHECK(ctx && EVP_EncryptInit_ex(ctx, ksrtp_suite_key_len(key->suite) == 16 ?
					EVP_aes_128_ctr() : EVP_aes_256_ctr(), NULL, key->srtp_key, iv) &&
	      EVP_EncryptUpdate(ctx, out + HDR, &n, rtp + HDR, (int)(len - HDR)), "OpenSSL");
	EVP_CIPHER_CTX_free(ctx);
	/* The roll-over counter is authenticated, and not sent. */
	frame_put16(out + len, (uint16_t)(index >> 32));
	frame_put16(out + len + 2, (uint16_t)(index >> 16));
	CHECK(HMAC(EVP_sha1(), key->srtp_auth, (int)auth_len, out, len + 4, mac, NULL), "OpenSSL");
	memcpy(out + len, mac, CM_TAG);
	return len + CM_TAG;
}

/* In place of the key that the leg has. */
static void install_cm(const struct leg *leg, unsigned int direction, unsigned int suite,
		       struct ksrtp_key *key)
{
	*key = (struct ksrtp_key){
		.leg_id = leg->id, .direction = direction, .suite = suite,
		.context = KSRTP_CONTEXT_NEW,
	};
	random_fill(key->srtp_key, ksrtp_suite_key_len(suite));
	random_fill(key->srtcp_key, ksrtp_suite_key_len(suite));
	random_fill(key->srtp_salt, ksrtp_suite_salt_len(suite));
	random_fill(key->srtcp_salt, ksrtp_suite_salt_len(suite));
	random_fill(key->srtp_auth, ksrtp_suite_auth_len(suite));
	random_fill(key->srtcp_auth, ksrtp_suite_auth_len(suite));
	CHECK(!ksrtp_key_del(world.ksrtp, leg->id, direction, 0), "%s", ksrtp_error(world.ksrtp));
	CHECK(!ksrtp_key_new(world.ksrtp, key), "%s", ksrtp_error(world.ksrtp));
}

/* -- a call, of GCM or of AES-CM */

struct keyed {
	struct call call;
	struct ksrtp_key in, out;	/* suite none: GCM, or plain, as the call has it */
};

static void keyed_open(struct keyed *k, unsigned int from, unsigned int to)
{
	memset(k, 0, sizeof(*k));
	call_open(&k->call, SIDE_A, 4, is_cm(from) ? GCM128 : from, SIDE_B, 4, is_cm(to) ? PLAIN : to);
	if (is_cm(from))
		install_cm(&k->call.flow.in, KSRTP_DIRECTION_RX, from, &k->in);
	if (is_cm(to))
		install_cm(&k->call.flow.out, KSRTP_DIRECTION_TX, to, &k->out);
}

static void keyed_next(struct keyed *k, size_t octets)
{
	uint8_t rtp[FRAME_MAX], sealed[FRAME_MAX + CM_TAG];
	struct call *call = &k->call;
	uint64_t index = call->index;
	size_t len;

	next_packet(call, octets);
	if (!is_cm(k->in.suite))
		return;
	/* What leaves is plain so far. */
	len = call->out.len - call->out.payload;
	memcpy(rtp, call->out.octet + call->out.payload, len);
	flow_frame_in(&call->flow, sealed, seal_cm(&k->in, index, rtp, len, sealed), &call->in);
	if (is_cm(k->out.suite))
		flow_frame_out(&call->flow, sealed, seal_cm(&k->out, index, rtp, len, sealed),
			       &call->out);
}

static void keyed_usual(struct keyed *k, const char *what, enum way way)
{
	keyed_next(k, 160);
	expect_out(&k->call, what, way);
}

static void every(unsigned int n, unsigned int from, unsigned int to, enum way way)
{
	unsigned int asked = PACKETS * ((from != PLAIN) + (to != PLAIN)), cpus, i;
	struct keyed k;
	uint64_t used;

	cpus = (unsigned int)get_nprocs_conf();
	keyed_open(&k, from, to);
	keyed_usual(&k, "with the FPU", BY_SKB);
	used = fallbacks();
	refuse_every(n);
	for (i = 0; i < PACKETS; i++) {
		keyed_next(&k, 20 + random_next() % 1200);
		expect_out(&k.call, "without", way);
	}
	refuse_every(0);
	used = fallbacks() - used;
	/* Each processor counts for itself. */
	if (driver_asks())
		CHECK(used + cpus >= asked / n && used <= asked / n + cpus, "%llu of %u, every %u",
		      (unsigned long long)used, asked, n);
	else
		CHECK(!used, "%llu without being asked", (unsigned long long)used);
	used = fallbacks();
	keyed_usual(&k, "with the FPU again", way);
	CHECK(fallbacks() == used, "used with the switch off");
	call_close(&k.call);
	tap_end("D1,D3,S8", "%s: FPU refused, 1 of %u times, %s to %s: every packet verifies",
		way == BY_XDP ? "XDP" : "skb path", n, ksrtp_suite_name(from),
		ksrtp_suite_name(to));
}

/* None of it grows, so that XDP has room for all of it. */
static void suites(unsigned int n, enum way way)
{
	every(n, GCM256, PLAIN, way);
	every(n, CM80, PLAIN, way);
	every(n, CM256, PLAIN, way);
	every(n, CM80, CM256, way);
	every(n, CM256, CM80, way);
}

void fpu_tests(void)
{
	suites(7, BY_XDP);
	detach_both();
	tap.datapath = "skb";
	suites(3, BY_SKB);
	tap.datapath = "xdp";
	attach_both(KSRTP_XDP_MODE_NATIVE);
}
