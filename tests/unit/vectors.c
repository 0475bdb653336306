// SPDX-License-Identifier: GPL-2.0
/*
 * The octets that the RFCs print, through the module's own parsers, nonces and
 * key derivation, with OpenSSL's AES in the place of the kernel's.
 */
#include "vectors/aes_cm.h"
#include "vectors/master.h"
#include "vectors/rfc7714.h"
#include "vectors/wycheproof.h"
#include "srtp.h"
#include "tap.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* The nonce that the RFC prints is the one that we make. */
static void check_iv(const struct ksrtp_aead_vector *v)
{
	u8 iv[KSRTP_GCM_IV_LEN];

	if (v->rtcp)
		ksrtp_gcm_iv_rtcp(iv, v->salt, get_unaligned_be32(v->plain + 4), v->index);
	else
		ksrtp_gcm_iv_rtp(iv, v->salt, get_unaligned_be32(v->plain + 8), v->index);
	CHECK(!memcmp(iv, v->iv, sizeof(iv)), "nonce");
}

/* SRTP under an AEAD suite is always encrypted, so this is AES-GCM alone. */
static void check_rtp_tag_only(const struct ksrtp_aead_vector *v, const struct gcm_key *k)
{
	u8 tag[GCM_TAG_LEN], none;

	CHECK(gcm_seal(k, v->iv, v->plain, v->plain_len, NULL, 0, &none, 0, tag), "seal");
	CHECK(v->wire_len == v->plain_len + GCM_TAG_LEN, "wire length %u", v->wire_len);
	CHECK(!memcmp(v->wire, v->plain, v->plain_len), "packet");
	CHECK(!memcmp(v->wire + v->plain_len, tag, GCM_TAG_LEN), "tag");
	CHECK(gcm_open(k, v->iv, v->plain, v->plain_len, NULL, 0, &none, 0, tag), "open");
}

static size_t unprotect(const struct gcm_keys *k, bool rtcp, u64 index, u8 *p, size_t len)
{
	u32 word;
	size_t n;

	if (!rtcp)
		return rtp_unprotect(k, index, p, len);
	n = rtcp_unprotect(k, &word, p, len);
	return n && (word & KSRTP_SRTCP_INDEX_MASK) == index ? n : 0;
}

/* @plain becomes @wire, @wire becomes @plain, and no bit of @wire may differ. */
static void check_packet(const struct gcm_keys *k, bool rtcp, bool e_bit, u32 index,
			 const u8 *plain, size_t plain_len, const u8 *wire, size_t wire_len)
{
	u32 word = index | (e_bit ? KSRTP_SRTCP_E_BIT : 0);
	u8 p[128];
	size_t n, bit;

	memcpy(p, plain, plain_len);
	n = rtcp ? rtcp_protect(k, word, p, plain_len) : rtp_protect(k, index, p, plain_len);
	CHECK(n == wire_len, "protected: %zu octets, not %zu", n, wire_len);
	CHECK(!memcmp(p, wire, wire_len), "protected octets");

	memcpy(p, wire, wire_len);
	n = unprotect(k, rtcp, index, p, wire_len);
	CHECK(n == plain_len, "unprotected: %zu octets, not %zu", n, plain_len);
	CHECK(!memcmp(p, plain, plain_len), "unprotected octets");

	for (bit = 0; bit < 8 * wire_len; bit++) {
		memcpy(p, wire, wire_len);
		p[bit / 8] ^= (u8)(1 << bit % 8);
		CHECK(!unprotect(k, rtcp, index, p, wire_len), "bit %zu turned, and accepted", bit);
	}
	for (n = 0; n < wire_len; n++) {
		memcpy(p, wire, n);
		CHECK(!unprotect(k, rtcp, index, p, n), "cut to %zu, and accepted", n);
	}
}

static void rfc7714(void)
{
	unsigned int i;

	for (i = 0; i < COUNT(ksrtp_rfc7714); i++) {
		const struct ksrtp_aead_vector *v = &ksrtp_rfc7714[i];
		struct gcm_keys k = { .mki_len = 0 };

		k.rtp.len = v->key_len;
		memcpy(k.rtp.key, v->key, v->key_len);
		memcpy(k.rtp.salt, v->salt, sizeof(v->salt));
		k.rtcp = k.rtp;
		check_iv(v);
		if (v->tag_only && !v->rtcp)
			check_rtp_tag_only(v, &k.rtp);
		else
			check_packet(&k, v->rtcp, !v->tag_only, v->index, v->plain, v->plain_len,
				     v->wire, v->wire_len);
		tap_end("D1", "%s", v->name);
	}
}

static void master(void)
{
	unsigned int i;

	for (i = 0; i < COUNT(ksrtp_master_vectors); i++) {
		const struct ksrtp_master_vector *v = &ksrtp_master_vectors[i];
		struct gcm_keys k;

		CHECK(gcm_keys_derive(&k, v->key, v->key_len, v->salt), "key derivation");
		check_packet(&k, v->rtcp, true, v->index, v->plain, v->plain_len, v->wire, v->wire_len);
		tap_end("D1,D5", "from the master key: %s", v->name);
	}
}

static void kdf(void)
{
	unsigned int i, len;
	u8 out[sizeof(ksrtp_kdf_vectors[0].out)];

	for (i = 0; i < COUNT(ksrtp_kdf_vectors); i++) {
		const struct ksrtp_kdf_vector *v = &ksrtp_kdf_vectors[i];

		for (len = 1; len <= v->out_len; len++) {
			memset(out, 0, sizeof(out));
			CHECK(!derive(v->key, v->key_len, v->salt, v->salt_len, v->label, out, len),
			      "length %u", len);
			CHECK(!memcmp(out, v->out, len), "length %u: octets", len);
		}
		tap_end("D1,D5", "%s", v->name);
	}
}

/*
 * A keystream is what key derivation computes, with the session key and salt in
 * the place of the master's and label 0: the blocks 0xfeff to 0xff01 show that
 * the block counter has 16 bits.
 */
static void streams(void)
{
	static u8 out[(KSRTP_STREAM_LAST + 3) * 16];
	unsigned int i;

	for (i = 0; i < COUNT(ksrtp_stream_vectors); i++) {
		const struct ksrtp_stream_vector *v = &ksrtp_stream_vectors[i];

		CHECK(!derive(v->key, v->key_len, v->salt, 14, 0, out, sizeof(out)), "derive");
		CHECK(!memcmp(out, v->first, sizeof(v->first)), "blocks 0 to 2");
		CHECK(!memcmp(out + KSRTP_STREAM_LAST * 16, v->last, sizeof(v->last)),
		      "blocks 0xfeff to 0xff01");
		tap_end("D1,D5", "%s, keystream", v->name);
	}
}

/* The AES-GCM that the other vectors are checked with refuses what it must. */
static void wycheproof(void)
{
	unsigned int n;

	for (n = 0; n < COUNT(ksrtp_wycheproof); n++) {
		size_t aad_len = ksrtp_wycheproof[n].aad_len, len = ksrtp_wycheproof[n].len;
		const u8 *aad = (const u8 *)ksrtp_wycheproof[n].data, *plain = aad + aad_len;
		const u8 *sealed = plain + len;
		struct gcm_key k = { .len = ksrtp_wycheproof[n].key_len };
		u8 iv[KSRTP_GCM_IV_LEN], text[1024], tag[GCM_TAG_LEN];
		bool ok;

		memcpy(k.key, ksrtp_wycheproof[n].key, k.len);
		memcpy(iv, ksrtp_wycheproof[n].iv, sizeof(iv));
		memcpy(text, sealed, len);
		ok = gcm_open(&k, iv, aad, aad_len, NULL, 0, text, len, sealed + len);
		CHECK(ok == ksrtp_wycheproof[n].valid, "case %u", ksrtp_wycheproof[n].id);
		if (!ksrtp_wycheproof[n].valid)
			continue;
		CHECK(!memcmp(text, plain, len), "case %u: plaintext", ksrtp_wycheproof[n].id);
		CHECK(gcm_seal(&k, iv, aad, aad_len, NULL, 0, text, len, tag) &&
		      !memcmp(text, sealed, len) && !memcmp(tag, sealed + len, sizeof(tag)),
		      "case %u: sealed", ksrtp_wycheproof[n].id);
	}
	tap_end("D1", "Wycheproof: valid AES-GCM is opened and sealed alike, invalid is refused");
}

int main(void)
{
	wycheproof();
	rfc7714();
	master();
	kdf();
	streams();
	return tap_done();
}
