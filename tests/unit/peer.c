// SPDX-License-Identifier: GPL-2.0
/*
 * Against libsrtp2, live: what it protects under a master key, our parsers,
 * nonces and key derivation must take apart, and the other way round. This is
 * what shows how the master salt of 12 octets is to be used (erratum 4938 to
 * RFC 7714), headers with CSRCs and extension, and the place of the MKI.
 */
#include <stdlib.h>
#include <srtp2/srtp.h>
#include "core/index.h"
#include "core/replay.h"
#include "vectors/master.h"
#include "exact.h"
#include "random.h"
#include "srtp.h"
#include "tap.h"

#define BATCH		8	/* delivered in random order */
#define PACKETS		(38 * BATCH)

#define MAX_PLAIN	1500
#define ROOM		(MAX_PLAIN + SRTP_MAX_TRAILER_LEN + MAX_MKI_LEN)
#define SSRC		0x5501a0b2u
#define WINDOW		128
#define FIRST_SEQ	65100	/* the sequence rolls over after some 150 packets */

struct setup {
	size_t key_len, mki_len;
	bool rtcp_clear;	/* SRTCP authenticated only: no E bit */
};

struct packet {
	u8 plain[MAX_PLAIN] __attribute__((aligned(4)));
	u8 wire[ROOM] __attribute__((aligned(4)));
	size_t plain_len, wire_len;
	u64 index;
};

static struct packet batch[BATCH];
static uint64_t seed;

/* A session of libsrtp2 and our keys, from one random master key. */
static srtp_t session(const struct setup *s, bool inbound, struct gcm_keys *keys)
{
	u8 key[32 + 12], mki[MAX_MKI_LEN];
	srtp_master_key_t master = { .key = key, .mki_id = mki, .mki_size = (unsigned int)s->mki_len };
	srtp_master_key_t *masters[] = { &master };
	srtp_policy_t policy = { .window_size = WINDOW };
	srtp_t srtp = NULL;

	random_fill(&seed, key, sizeof(key));
	random_fill(&seed, mki, sizeof(mki));
	if (s->key_len == 16) {
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
	} else {
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtcp);
	}
	if (s->rtcp_clear)
		policy.rtcp.sec_serv = sec_serv_auth;
	policy.ssrc.type = inbound ? ssrc_any_inbound : ssrc_any_outbound;
	if (s->mki_len) {
		policy.keys = masters;
		policy.num_master_keys = 1;
	} else {
		policy.key = key;
	}
	CHECK(srtp_create(&srtp, &policy) == srtp_err_status_ok, "srtp_create");
	CHECK(gcm_keys_derive(keys, key, s->key_len, key + s->key_len), "gcm_keys_derive");
	memcpy(keys->mki, mki, s->mki_len);
	keys->mki_len = s->mki_len;
	return srtp;
}

/* Half of them have all the CSRCs there can be, and an extension. */
static void make_rtp(struct packet *p, u16 seq)
{
	bool large = random_below(&seed, 2);
	unsigned int cc = large ? 15 : (unsigned int)random_below(&seed, 16);
	bool x = large || random_below(&seed, 2);
	size_t words = random_below(&seed, 40), hdr = 12 + 4 * cc + (x ? 4 + 4 * words : 0);

	p->plain_len = hdr + (random_below(&seed, 8) ? random_below(&seed, MAX_PLAIN - hdr + 1) : 0);
	random_fill(&seed, p->plain, p->plain_len);
	p->plain[0] = (u8)(0x80 | (x ? 0x10 : 0) | cc);
	put_unaligned_be16(seq, p->plain + 2);
	put_unaligned_be32(SSRC, p->plain + 8);
	if (x)
		put_unaligned_be16((u16)words, p->plain + 12 + 4 * cc + 2);
}

static void make_rtcp(struct packet *p)
{
	p->plain_len = 8 + 4 * random_below(&seed, 300);
	random_fill(&seed, p->plain, p->plain_len);
	p->plain[0] = 0x80;
	p->plain[1] = 201;
	put_unaligned_be16((u16)(p->plain_len / 4 - 1), p->plain + 2);
	put_unaligned_be32(SSRC, p->plain + 4);
}

static void shuffle(void)
{
	static struct packet other;
	size_t i, j;

	for (i = BATCH - 1; i > 0; i--) {
		j = random_below(&seed, i + 1);
		other = batch[i];
		batch[i] = batch[j];
		batch[j] = other;
	}
}

/* The receiver: what the module does with a packet, but for its crypto. */
struct stream {
	struct ksrtp_window window;
	u64 ring[WINDOW / 64];
};

static size_t receive(const struct gcm_keys *k, struct stream *s, bool rtcp, u8 *p, size_t len)
{
	struct ksrtp_rtp rtp;
	struct ksrtp_rtcp parsed;
	u64 index;
	size_t n;
	u32 word;

	if (rtcp) {
		if (ksrtp_srtcp_parse(p, len, GCM_TAG_LEN, k->mki_len, true, &parsed))
			return 0;
		index = parsed.word & KSRTP_SRTCP_INDEX_MASK;
	} else if (ksrtp_rtp_parse(p, len, GCM_TAG_LEN + k->mki_len, &rtp) ||
		   ksrtp_index_estimate(s->window.highest, 0, rtp.seq, &index)) {
		return 0;
	}
	if (ksrtp_window_check(&s->window, index) != KSRTP_SEEN_NEW)
		return 0;
	n = rtcp ? rtcp_unprotect(k, &word, p, len) : rtp_unprotect(k, index, p, len);
	if (n && ksrtp_window_commit(&s->window, index) != KSRTP_SEEN_NEW)
		return 0;
	return n;
}

static void deliver_to_us(const struct gcm_keys *k, struct stream *s, bool rtcp,
			  const struct packet *p)
{
	u8 *copy = exact_new(p->wire, p->wire_len);
	u64 highest = s->window.highest;
	size_t n, bit = random_below(&seed, 8 * p->wire_len);

	copy[bit / 8] ^= (u8)(1 << bit % 8);
	CHECK(!receive(k, s, rtcp, copy, p->wire_len), "bit %zu of %zu octets turned, and accepted",
	      bit, p->wire_len);
	CHECK(s->window.highest == highest, "a forged packet moved the window");

	memcpy(copy, p->wire, p->wire_len);
	n = receive(k, s, rtcp, copy, p->wire_len);
	CHECK(n == p->plain_len, "index %llu: %zu octets, not %zu", p->index, n, p->plain_len);
	CHECK(!memcmp(copy, p->plain, p->plain_len), "index %llu: octets", p->index);

	memcpy(copy, p->wire, p->wire_len);
	CHECK(!receive(k, s, rtcp, copy, p->wire_len), "index %llu: replayed, and accepted", p->index);
	exact_free(copy);
}

static void from_libsrtp(const struct setup *s, bool rtcp)
{
	struct gcm_keys keys;
	srtp_t srtp = session(s, false, &keys);
	struct stream stream;
	unsigned int i, seq = FIRST_SEQ, rtcp_index = 1;
	int len;

	ksrtp_window_init(&stream.window, stream.ring, WINDOW);
	for (i = 0; i < PACKETS; i++) {
		struct packet *p = &batch[i % BATCH];
		srtp_err_status_t err;

		if (rtcp)
			make_rtcp(p);
		else
			make_rtp(p, (u16)(seq += 1 + (unsigned int)random_below(&seed, 5)));
		p->index = rtcp ? rtcp_index++ : seq;
		memcpy(p->wire, p->plain, p->plain_len);
		len = (int)p->plain_len;
		err = rtcp ? srtp_protect_rtcp_mki(srtp, p->wire, &len, s->mki_len != 0, 0) :
			     srtp_protect_mki(srtp, p->wire, &len, s->mki_len != 0, 0);
		CHECK(err == srtp_err_status_ok, "packet %u: libsrtp protects: %d", i, err);
		p->wire_len = (size_t)len;
		if (i % BATCH == BATCH - 1) {
			unsigned int j;

			shuffle();
			for (j = 0; j < BATCH; j++)
				deliver_to_us(&keys, &stream, rtcp, &batch[j]);
		}
	}
	srtp_dealloc(srtp);
}

static void deliver_to_libsrtp(srtp_t srtp, const struct setup *s, bool rtcp, const struct packet *p)
{
	static u8 copy[ROOM] __attribute__((aligned(4)));
	size_t bit = random_below(&seed, 8 * p->wire_len);
	srtp_err_status_t err;
	int i, len;

	for (i = 0; i < 2; i++) {
		memcpy(copy, p->wire, p->wire_len);
		if (!i)
			copy[bit / 8] ^= (u8)(1 << bit % 8);
		len = (int)p->wire_len;
		err = rtcp ? srtp_unprotect_rtcp_mki(srtp, copy, &len, s->mki_len != 0) :
			     srtp_unprotect_mki(srtp, copy, &len, s->mki_len != 0);
		if (!i)
			CHECK(err != srtp_err_status_ok, "bit %zu turned: libsrtp accepts", bit);
	}
	CHECK(err == srtp_err_status_ok, "index %llu: libsrtp unprotects: %d", p->index, err);
	CHECK((size_t)len == p->plain_len, "index %llu: %d octets, not %zu", p->index, len, p->plain_len);
	CHECK(!memcmp(copy, p->plain, p->plain_len), "index %llu: octets", p->index);
}

static void to_libsrtp(const struct setup *s, bool rtcp)
{
	struct gcm_keys keys;
	srtp_t srtp = session(s, true, &keys);
	unsigned int i, j, seq = FIRST_SEQ;
	u32 word = s->rtcp_clear ? 0 : KSRTP_SRTCP_E_BIT;

	for (i = 0; i < PACKETS; i++) {
		struct packet *p = &batch[i % BATCH];

		if (rtcp)
			make_rtcp(p);
		else
			make_rtp(p, (u16)(seq += 1 + (unsigned int)random_below(&seed, 5)));
		p->index = rtcp ? i : seq;
		memcpy(p->wire, p->plain, p->plain_len);
		p->wire_len = rtcp ? rtcp_protect(&keys, word | i, p->wire, p->plain_len) :
				     rtp_protect(&keys, seq, p->wire, p->plain_len);
		CHECK(p->wire_len, "packet %u: we protect", i);
		if (i % BATCH != BATCH - 1)
			continue;
		shuffle();
		for (j = 0; j < BATCH; j++)
			deliver_to_libsrtp(srtp, s, rtcp, &batch[j]);
	}
	srtp_dealloc(srtp);
}

/* The 256-bit rows of the vectors are ours: libsrtp2 must make the same. */
static void vectors(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(ksrtp_master_vectors) / sizeof(ksrtp_master_vectors[0]); i++) {
		const struct ksrtp_master_vector *v = &ksrtp_master_vectors[i];
		static u8 p[ROOM] __attribute__((aligned(4)));
		srtp_policy_t policy = { .window_size = WINDOW };
		int len = (int)v->plain_len;
		u8 key[32 + 12];
		srtp_err_status_t err;
		srtp_t srtp;

		memcpy(key, v->key, v->key_len);
		memcpy(key + v->key_len, v->salt, 12);
		if (v->key_len == 16) {
			srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
			srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
		} else {
			srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
			srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtcp);
		}
		policy.ssrc.type = ssrc_any_outbound;
		policy.key = key;
		CHECK(srtp_create(&srtp, &policy) == srtp_err_status_ok, "srtp_create");
		memcpy(p, v->plain, v->plain_len);
		err = v->rtcp ? srtp_protect_rtcp(srtp, p, &len) : srtp_protect(srtp, p, &len);
		CHECK(err == srtp_err_status_ok, "%s: %d", v->name, err);
		CHECK((unsigned int)len == v->wire_len && !memcmp(p, v->wire, v->wire_len), "%s", v->name);
		srtp_dealloc(srtp);
	}
	tap_end("D1,D5", "libsrtp2 makes the packets of vectors/master.h");
}

int main(void)
{
	static const struct setup setups[] = {
		{ 16, 0, false }, { 32, 0, false }, { 16, 4, false }, { 32, 1, false },
	};
	static const struct setup clear[] = { { 16, 0, true }, { 32, 4, true } };
	unsigned int i;

	if (srtp_init() != srtp_err_status_ok) {
		printf("Bail out! srtp_init() failed\n");
		return 1;
	}
	vectors();
	for (i = 0; i < sizeof(setups) / sizeof(setups[0]); i++) {
		const struct setup *s = &setups[i];

		seed = i;
		from_libsrtp(s, false);
		tap_end("D1,D2", "AES-%zu, MKI %zu: SRTP from libsrtp2", 8 * s->key_len, s->mki_len);
		to_libsrtp(s, false);
		tap_end("D1", "AES-%zu, MKI %zu: SRTP to libsrtp2", 8 * s->key_len, s->mki_len);
		from_libsrtp(s, true);
		tap_end("D1,D2", "AES-%zu, MKI %zu: SRTCP from libsrtp2", 8 * s->key_len, s->mki_len);
		to_libsrtp(s, true);
		tap_end("D1", "AES-%zu, MKI %zu: SRTCP to libsrtp2", 8 * s->key_len, s->mki_len);
	}
	for (i = 0; i < sizeof(clear) / sizeof(clear[0]); i++) {
		const struct setup *s = &clear[i];

		seed = 100 + i;
		from_libsrtp(s, true);
		tap_end("D1,D2", "AES-%zu, MKI %zu: SRTCP, not encrypted, from libsrtp2",
			8 * s->key_len, s->mki_len);
		to_libsrtp(s, true);
		tap_end("D1", "AES-%zu, MKI %zu: SRTCP, not encrypted, to libsrtp2",
			8 * s->key_len, s->mki_len);
	}
	srtp_shutdown();
	return tap_done();
}
