// SPDX-License-Identifier: GPL-2.0
/*
 * Cryptex (RFC 9335) on the wire. Debian's libsrtp2 has none of it: what leaves is opened here by
 * OpenSSL, in the order in which the RFC has it.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "../unit/tap.h"
#include "call.h"
#include "streams.h"

#define HDR	12
#define TAG	16
#define GCM	KSRTP_SUITE_AEAD_AES_128_GCM

/* AEAD_AES_128_GCM with a roll-over counter of 0. Returns the plain packet's length or 0. */
static size_t open_gcm(const struct secret *secret, const struct datagram *d, uint8_t *plain)
{
	size_t csrcs = 4u * (d->octet[0] & 15), word = HDR + csrcs, rest = word + 4, i;
	EVP_CIPHER_CTX *ctx;
	struct ksrtp_key key = { 0 };
	uint8_t iv[12] = { 0 }, tag[TAG];
	bool ok;
	int n;

	if (d->len < rest + TAG)
		return 0;
	ctx = EVP_CIPHER_CTX_new();
	CHECK(ctx && !ksrtp_key_derive(&key, secret->suite, secret->key, secret->salt), "derive");
	memcpy(iv + 2, d->octet + 8, 4);
	memcpy(iv + 10, d->octet + 2, 2);
	for (i = 0; i < sizeof(iv); i++)
		iv[i] ^= key.srtp_salt[i];
	memcpy(tag, d->octet + d->len - TAG, TAG);
	memcpy(plain, d->octet, HDR);
	memcpy(plain + word, d->octet + word, 4);
	ok = EVP_DecryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, key.srtp_key, iv) &&
	     EVP_DecryptUpdate(ctx, NULL, &n, d->octet, HDR) &&
	     EVP_DecryptUpdate(ctx, NULL, &n, d->octet + word, 4) &&
	     EVP_DecryptUpdate(ctx, plain + HDR, &n, d->octet + HDR, (int)csrcs) &&
	     EVP_DecryptUpdate(ctx, plain + rest, &n, d->octet + rest, (int)(d->len - TAG - rest)) &&
	     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG, tag) &&
	     EVP_DecryptFinal_ex(ctx, plain + d->len - TAG, &n);
	EVP_CIPHER_CTX_free(ctx);
	ksrtp_key_wipe(&key);
	return ok ? d->len - TAG : 0;
}

/* As it should be when it is opened: marked, and CSRCs have got an empty extension. */
static size_t marked(const struct rtp *r, uint8_t *out)
{
	struct rtp with = *r;
	size_t len, word = HDR + 4 * r->csrcs;

	if (!with.ext_profile) {
		with.ext_profile = 0xbede;
		with.ext_words = 0;
	}
	len = rtp_build(&with, out);
	put16(out + word, with.ext_profile == 0xbede ? 0xc0de : 0xc2de);
	return len;
}

/* Comes out at @to, encrypted with its header. */
static void expect_hidden(struct peer *to, const struct rtp *r)
{
	uint8_t want[PACKET_MAX + 4], got[PACKET_MAX + 4 + TAG];
	struct datagram *d = peer_next(to, WAIT_MS);
	size_t len = marked(r, want), n;

	CHECK(d, "nothing came");
	if (!d)
		return;
	n = open_gcm(&to->in.secret[0], d, got);
	CHECK(n == len && !memcmp(got, want, len), "%u CSRCs, extension %x of %u, %zu octets: %zu, not %zu",
	      r->csrcs, r->ext_profile, r->ext_words, r->payload, n, len);
	free(d);
}

static void every_shape(void)
{
	static const uint16_t profiles[] = { 0, 0xbede, 0x1000 };
	static const size_t payloads[] = { 0, 1, 160, 1100 };
	struct setup s = { .link = LINK_A, .suite = KSRTP_SUITE_NONE };
	struct setup t = { .link = LINK_B, .family = 6, .suite = GCM, .cryptex_out = KSRTP_CRYPTEX_ON };
	struct rtp r = { .ssrc = 0xc0de, .pt = 96, .ext_words = 3 };
	uint8_t plain[PACKET_MAX];
	struct peer *a, *b;
	unsigned int i;
	struct call c;
	size_t len;

	pair_open(&c, &s, &t, &a, &b);
	for (i = 0; i < 16 * 3 * 4; i++) {
		r.csrcs = i % 16;
		r.ext_profile = profiles[i / 16 % 3];
		r.payload = payloads[i / 48];
		if (!r.csrcs && !r.ext_profile)
			continue;
		r.seq++;
		r.id++;
		len = rtp_build(&r, plain);
		peer_send(a, false, plain, len);
		expect_hidden(b, &r);
	}
	/* The frames of plain RTP have to grow by up to 4 + 16 octets. */
	expect_datapath(a, b, 8);
	call_close(&c);
	tap_end("D1,D4", "Cryptex: every shape of header leaves encrypted, as OpenSSL finds");
}

static void some_of_many(void)
{
	struct setup s = { .link = LINK_A, .suite = GCM };
	struct setup with = { .link = LINK_B, .suite = GCM, .cryptex_out = KSRTP_CRYPTEX_ON };
	struct setup without = { .link = LINK_B, .suite = KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80 };
	struct rtp r = { .ssrc = 7, .pt = 96, .csrcs = 3, .payload = 160 };
	struct peer *from, *to[4];
	uint8_t plain[PACKET_MAX];
	unsigned int i, n;
	struct call c;
	size_t len;

	call_open(&c, KSRTP_MODE_TRANSPORT);
	from = peer_open(&c, &s);
	for (i = 0; i < 4; i++) {
		to[i] = peer_open(&c, i % 2 ? &without : &with);
		route_open(&c, from, to[i], BOTH);
	}
	for (n = 0; n < 20; n++) {
		r.seq++;
		r.id++;
		r.ext_profile = n % 2 ? 0xbede : 0;
		r.ext_words = n % 2;
		len = rtp_build(&r, plain);
		peer_send(from, false, plain, len);
		for (i = 0; i < 4; i++) {
			if (i % 2)
				peer_expect(to[i], false, plain, len, "without");
			else
				expect_hidden(to[i], &r);
		}
	}
	call_close(&c);
	tap_end("D1,C7", "Cryptex: of one to many, those have it that want it");
}

static void required(void)
{
	struct setup s = { .link = LINK_A, .suite = GCM, .cryptex_in = KSRTP_CRYPTEX_REQUIRED };
	struct setup t = { .link = LINK_B, .suite = GCM };
	struct rtp r = { .ssrc = 8, .pt = 96, .payload = 160 };
	struct peer *a, *b;
	struct call c;

	pair_open(&c, &s, &t, &a, &b);
	pass_new_rtp(a, b, &r, "nothing to hide");
	r.seq++;
	r.csrcs = 1;
	refuse_rtp(a, b, &r, KSRTP_REASON_CRYPTEX, "a CSRC in the clear");
	r.csrcs = 0;
	r.ext_profile = 0xbede;
	r.seq++;
	refuse_rtp(a, b, &r, KSRTP_REASON_CRYPTEX, "an extension in the clear");
	r.ext_profile = 0;
	r.seq++;
	pass_rtp(a, b, &r, "nothing to hide, after that");
	call_close(&c);
	tap_end("D1,D6", "Cryptex: required, what shows CSRCs or extensions is dropped as cryptex");
}

void cryptex_tests(void)
{
	every_shape();
	some_of_many();
	required();
}
