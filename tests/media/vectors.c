// SPDX-License-Identifier: GPL-2.0
/* The published packets, octet by octet: as they come in, and as they leave. */
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <ksrtp/wire.h>

#include "../unit/tap.h"
#include "call.h"
#include "streams.h"
#include "vector.h"

#include "../vectors/aes_cm.h"
#include "../vectors/cm_srtp.h"
#include "../vectors/cryptex.h"
#include "../vectors/master.h"
#include "../vectors/rfc7714.h"

#define COUNT(list)	(sizeof(list) / sizeof((list)[0]))

static uint32_t gcm_suite(unsigned int key_len)
{
	return key_len == 16 ? KSRTP_SUITE_AEAD_AES_128_GCM : KSRTP_SUITE_AEAD_AES_256_GCM;
}

/*
 * Sent last, when all have come in: a key that has transmitted is refused everywhere ever
 * after. Their RTCP has lengths that lie, so no plain source may send it.
 */
static struct vector to_leave[8];
static unsigned int n_to_leave;

static void outgoing(const struct vector *v, bool rtcp)
{
	if (!rtcp && n_to_leave < COUNT(to_leave))
		to_leave[n_to_leave++] = *v;
}

/*
 * A key may transmit on one leg, once: that of libsrtp's packet, which has nothing to hide, is
 * RFC 9335's as well, and their sequence numbers go on from there.
 */
static bool has_cryptex(uint32_t suite)
{
	return suite == KSRTP_SUITE_AEAD_AES_128_GCM || suite == KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80;
}

static void cryptex_leaves(struct peer *from, struct peer *to, uint32_t suite)
{
	unsigned int i, n = 0;

	for (i = 0; i < COUNT(cryptex_vectors); i++) {
		const struct cryptex_vector *t = &cryptex_vectors[i];

		if (t->gcm != (suite == KSRTP_SUITE_AEAD_AES_128_GCM))
			continue;
		vector_becomes(from, t->plain, t->plain_len, to, t->wire, t->wire_len, t->name);
		n++;
	}
	CHECK(n == 6, "%u packets of RFC 9335", n);
}

static void leaves(const struct vector *v)
{
	struct peer *from, *to;
	struct call c;

	vector_open(&c, &from, &to);
	vector_install(from, KSRTP_DIRECTION_RX, &vector_plain);
	vector_install(to, KSRTP_DIRECTION_TX, v);
	peer_warm(&c, to);
	vector_becomes(from, v->plain, v->plain_len, to, v->wire, v->wire_len, v->name);
	if (v->key.cryptex)
		cryptex_leaves(from, to, v->key.suite);
	call_close(&c);
}

static void leave(void)
{
	CHECK(n_to_leave >= 2, "only %u to send", n_to_leave);
	while (n_to_leave)
		leaves(&to_leave[--n_to_leave]);
}

static void rfc7714(void)
{
	unsigned int i, j;

	for (i = 0; i < COUNT(ksrtp_rfc7714); i++) {
		const struct ksrtp_aead_vector *t = &ksrtp_rfc7714[i];
		struct vector v = { t->name, t->plain, t->wire, t->plain_len, t->wire_len,
				    { .suite = gcm_suite(t->key_len) } };

		/* RTP that is authenticated alone is no suite of ours. */
		if (t->tag_only && !t->rtcp)
			continue;
		memcpy(t->rtcp ? v.key.srtcp_key : v.key.srtp_key, t->key, t->key_len);
		memcpy(t->rtcp ? v.key.srtcp_salt : v.key.srtp_salt, t->salt, sizeof(t->salt));
		/* The other half is none of the vector's, but must be another. */
		for (j = 0; j < t->key_len; j++)
			(t->rtcp ? v.key.srtp_key : v.key.srtcp_key)[j] = (uint8_t)~(j ^ i);
		vector_comes_in(&v);
		outgoing(&v, t->rtcp);
	}
	leave();
	tap_end("D1", "RFC 7714, sections 16 and 17: its packets, end to end");
}

static void master_keys(void)
{
	unsigned int i;

	for (i = 0; i < COUNT(ksrtp_master_vectors); i++) {
		const struct ksrtp_master_vector *t = &ksrtp_master_vectors[i];
		struct vector v = { t->name, t->plain, t->wire, t->plain_len, t->wire_len };

		CHECK(!ksrtp_key_derive(&v.key, gcm_suite(t->key_len), t->key, t->salt), "derive");
		v.key.cryptex = has_cryptex(v.key.suite);
		vector_comes_in(&v);
		outgoing(&v, t->rtcp);
	}
	for (i = 0; i < COUNT(cm_srtp_vectors); i++) {
		const struct cm_srtp_vector *t = &cm_srtp_vectors[i];
		struct vector v = { t->name, t->plain, t->wire, t->plain_len, t->wire_len };

		CHECK(!ksrtp_key_derive(&v.key, t->suite, t->key, t->salt), "derive");
		v.key.cryptex = has_cryptex(v.key.suite);
		vector_comes_in(&v);
		outgoing(&v, t->rtcp);
	}
	leave();
	tap_end("D1", "libsrtp's reference packets and RFC 9335's under master keys, GCM and AES-CM, "
		"end to end");
}

/* Zeros under SSRC 0 and index 0 leave as the key stream, which is longer than any datagram. */
#define STREAM_BODY	sizeof(ksrtp_stream_vectors[0].first)
#define STREAM_TAG	10

struct stream_packet {
	uint8_t plain[KSRTP_RTP_HDR_LEN + STREAM_BODY];
	uint8_t wire[KSRTP_RTP_HDR_LEN + STREAM_BODY + STREAM_TAG];
};

/* The RFCs give no tag for it: OpenSSL's, under a key of zeros, with a roll-over counter of 0. */
static void make_stream_packet(const struct ksrtp_stream_vector *v, struct stream_packet *p)
{
	static const uint8_t auth[20];
	uint8_t mac[20], in[KSRTP_RTP_HDR_LEN + STREAM_BODY + 4] = { 0 };

	memset(p, 0, sizeof(*p));
	p->plain[0] = p->wire[0] = KSRTP_RTP_VERSION << 6;
	memcpy(p->wire + KSRTP_RTP_HDR_LEN, v->first, STREAM_BODY);
	memcpy(in, p->wire, KSRTP_RTP_HDR_LEN + STREAM_BODY);
	CHECK(HMAC(EVP_sha1(), auth, sizeof(auth), in, sizeof(in), mac, NULL), "HMAC");
	memcpy(p->wire + KSRTP_RTP_HDR_LEN + STREAM_BODY, mac, STREAM_TAG);
}

static void key_streams(void)
{
	struct stream_packet packets[COUNT(ksrtp_stream_vectors)];
	unsigned int i, j, n = 0;

	for (i = 0; i < COUNT(ksrtp_stream_vectors); i++) {
		const struct ksrtp_stream_vector *t = &ksrtp_stream_vectors[i];
		struct stream_packet *p = &packets[i];
		struct vector v = { t->name, p->plain, p->wire, sizeof(p->plain), sizeof(p->wire) };

		/* No suite of ours has AES-192. */
		if (t->key_len == 24)
			continue;
		make_stream_packet(t, p);
		v.key.suite = t->key_len == 16 ? KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80 :
						 KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80;
		memcpy(v.key.srtp_key, t->key, t->key_len);
		memcpy(v.key.srtp_salt, t->salt, sizeof(t->salt));
		for (j = 0; j < t->key_len; j++)
			v.key.srtcp_key[j] = (uint8_t)(0x55 ^ j ^ i);
		vector_comes_in(&v);
		outgoing(&v, false);
		n++;
	}
	CHECK(n >= 2, "%u key streams", n);
	leave();
	tap_end("D1", "RFC 3711, B.2 and RFC 6188, 7: the first blocks of their key streams, end to end");
}

/* Before its key transmits: then it may not receive any more. */
static void cryptex_comes_in(void)
{
	unsigned int i;

	for (i = 0; i < COUNT(cryptex_vectors); i++) {
		const struct cryptex_vector *t = &cryptex_vectors[i];
		struct vector v = { t->name, t->plain, t->wire, t->plain_len, t->wire_len };

		CHECK(!ksrtp_key_derive(&v.key, t->gcm ? KSRTP_SUITE_AEAD_AES_128_GCM :
							 KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80,
					t->gcm ? cryptex_gcm_key : cryptex_cm_key,
					t->gcm ? cryptex_gcm_salt : cryptex_cm_salt), "derive");
		v.key.cryptex = KSRTP_CRYPTEX_ON;
		vector_comes_in(&v);
	}
	tap_end("D1", "RFC 9335, appendix A: its packets come in, end to end");
}

void vector_tests(void)
{
	cryptex_comes_in();
	key_streams();
	rfc7714();
	master_keys();
}
