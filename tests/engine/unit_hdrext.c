// SPDX-License-Identifier: GPL-2.0
/* Header extension elements encrypted one by one (RFC 6904). */
#include <openssl/evp.h>
#include "unit.h"
#include "core/kdf.h"
#include "vectors/rfc6904.h"

#define HDR		KSRTP_RTP_HDR_LEN
#define CM		KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80
#define FIRST		(HDR + 4)	/* octet of the extension, where there are no CSRCs */

static const u32 suites[] = {
	GCM, KSRTP_SUITE_AEAD_AES_256_GCM, CM, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32,
	KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80, KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32,
};

/* One engine protects what comes in plain; another opens it. */
struct ends {
	struct engine sealer, opener;
	struct ksrtp_leg *plain, *sealing, *opening;
};

static void set_ids(struct engine_master *m, const u8 *ids, size_t n)
{
	BUG_ON(n > sizeof(m->hdrext_ids));
	memcpy(m->hdrext_ids, ids, n);
	m->hdrext_ids_len = n;
}

static void ends_init(struct ends *s, const struct engine_master *m)
{
	engine_init(&s->sealer);
	s->plain = engine_leg(&s->sealer, 0, 0);
	s->sealing = engine_leg(&s->sealer, 0, 0);
	engine_route(&s->sealer, s->plain, s->sealing, BOTH, NULL);
	CHECK(!engine_key(&s->sealer, s->plain, RX, 0, NEW, 0, NULL) &&
	      !engine_key(&s->sealer, s->sealing, TX, 0, NEW, 0, m), "%s", s->sealer.extack._msg);
	engine_init(&s->opener);
	s->opening = engine_leg(&s->opener, 0, 0);
	CHECK(!engine_key(&s->opener, s->opening, RX, 0, NEW, 0, m), "%s", s->opener.extack._msg);
}

static void ends_exit(struct ends *s)
{
	engine_exit(&s->sealer);
	engine_exit(&s->opener);
}

/* The copy is in unit_result.copies[0]. */
static enum ksrtp_reason seal(struct ends *s, const u8 *plain, size_t len)
{
	engine_push(&s->sealer, s->plain, plain, len, &unit_result);
	if (unit_result.reason != KSRTP_REASON_NONE)
		return unit_result.reason;
	return unit_result.copies[0].reason;
}

static enum ksrtp_reason open_it(struct ends *s, const u8 *wire, size_t len)
{
	engine_push(&s->opener, s->opening, wire, len, &unit_result);
	return unit_result.reason;
}

static bool came_out(const u8 *plain, size_t len)
{
	return unit_result.len == len && !memcmp(unit_result.data, plain, len);
}

/* -- packets of others */

static struct engine_master vector_master(const struct hdrext_vector *v)
{
	struct engine_master m = { .suite = v->suite };

	memcpy(m.key, v->key, sizeof(m.key));
	memcpy(m.salt, v->salt, sizeof(m.salt));
	set_ids(&m, hdrext_ids, sizeof(hdrext_ids));
	return m;
}

static void check_vector(const struct hdrext_vector *v)
{
	struct engine_master m = vector_master(v);
	u8 turned[sizeof(v->wire)];
	struct ends s;
	size_t bit;

	ends_init(&s, &m);
	CHECK(!seal(&s, v->plain, v->plain_len), "%s: sealed", v->name);
	CHECK(unit_result.copies[0].len == v->wire_len &&
	      !memcmp(unit_result.copies[0].data, v->wire, v->wire_len), "%s: on the wire", v->name);
	for (bit = 0; bit < 8 * v->wire_len; bit++) {
		memcpy(turned, v->wire, v->wire_len);
		turned[bit / 8] ^= (u8)(1 << bit % 8);
		CHECK(open_it(&s, turned, v->wire_len), "%s: bit %zu turned, and accepted", v->name, bit);
	}
	CHECK(!open_it(&s, v->wire, v->wire_len) && came_out(v->plain, v->plain_len), "%s: opened",
	      v->name);
	CHECK(open_it(&s, v->wire, v->wire_len) == KSRTP_REASON_REPLAY, "%s: again", v->name);
	ends_exit(&s);
}

static void vectors(void)
{
	unsigned int i;

	/* RFC 9335's packets are of the same master key. */
	engine_nonces_forget();
	for (i = 0; i < ARRAY_SIZE(hdrext_vectors); i++)
		check_vector(&hdrext_vectors[i]);
	tap_end("D1", "encrypted header extensions: %zu packets, libsrtp's among them, both ways; no bit may differ",
		ARRAY_SIZE(hdrext_vectors));
}

/* -- all others: against a key stream made of one piece */

struct aes {
	EVP_CIPHER_CTX *ctx;
};

static int block(void *cipher, const u8 in[16], u8 out[16])
{
	int n;

	return EVP_EncryptUpdate(((struct aes *)cipher)->ctx, out, &n, in, 16) ? 0 : -EIO;
}

static void aes_init(struct aes *aes, const u8 *key, size_t len)
{
	aes->ctx = EVP_CIPHER_CTX_new();
	BUG_ON(!aes->ctx ||
	       !EVP_EncryptInit_ex(aes->ctx, len == 16 ? EVP_aes_128_ecb() : EVP_aes_256_ecb(), NULL,
				   key, NULL));
}

/* Of the packet with @seq and a roll-over counter of 0. */
static void key_stream(const struct engine_master *m, u32 ssrc, u16 seq, u8 *out, size_t len)
{
	size_t key_len = engine_key_len(m->suite), salt_len = engine_salt_len(m->suite), at;
	u8 key[32], iv[16] = { 0 }, stream[16];
	struct aes master, header;

	aes_init(&master, m->key, key_len);
	BUG_ON(ksrtp_kdf(block, &master, m->salt, salt_len, 6, key, key_len) ||
	       ksrtp_kdf(block, &master, m->salt, salt_len, 7, iv, salt_len));
	aes_init(&header, key, key_len);
	put_unaligned_be32(get_unaligned_be32(iv + 4) ^ ssrc, iv + 4);
	put_unaligned_be16((u16)(get_unaligned_be16(iv + 12) ^ seq), iv + 12);
	for (at = 0; at < len; at += 16) {
		put_unaligned_be16((u16)(at / 16), iv + 14);
		BUG_ON(block(&header, iv, stream));
		memcpy(out + at, stream, len - at < 16 ? len - at : 16);
	}
	EVP_CIPHER_CTX_free(master.ctx);
	EVP_CIPHER_CTX_free(header.ctx);
}

static bool is_hidden(const struct engine_master *m, u8 id)
{
	return memchr(m->hdrext_ids, id, m->hdrext_ids_len);
}

/* Writes elements and padding between them into @ext, and what they must look like into @want. */
static void make_extension(const struct engine_master *m, bool two, u8 *ext, const u8 *stream,
			   u8 *want, size_t len)
{
	size_t at = 0, head = two ? 2 : 1, n, i, room;
	u8 id;

	random_fill(&unit_seed, ext, len);
	memcpy(want, ext, len);
	while (at + 18 <= len) {
		for (n = random_below(&unit_seed, 3); n; n--)
			ext[at] = want[at] = 0, at++;
		if (random_below(&unit_seed, 20) == 0 && !two) {
			/* From here on nothing is an element. */
			ext[at] = want[at] = random_below(&unit_seed, 2) ? 0xf3 : 0x05;
			return;
		}
		id = (u8)(1 + random_below(&unit_seed, 14));
		room = len - at - head;
		n = two ? random_below(&unit_seed, room < 255 ? room + 1 : 256) :
			  1 + random_below(&unit_seed, room < 16 ? room : 16);
		ext[at] = want[at] = two ? id : (u8)(id << 4 | (n - 1));
		if (two)
			ext[at + 1] = want[at + 1] = (u8)n;
		at += head;
		for (i = 0; i < n; i++)
			want[at + i] = ext[at + i] ^ (is_hidden(m, id) ? stream[at + i] : 0);
		at += n;
	}
	memset(ext + at, 0, len - at);
	memset(want + at, 0, len - at);
}

static void shapes(void)
{
	static const u8 ids[] = { 2, 3, 7, 11, 14 };
	static u8 plain[ENGINE_PACKET_MAX], want[ENGINE_PACKET_MAX], stream[ENGINE_PACKET_MAX];
	static const size_t lens[] = { 4, 20, 64, 256, 508, 512, 516, 1024, 1500 };
	unsigned int i, n, opened;
	struct engine_master m;
	struct ends s;

	for (i = 0; i < 2 * ARRAY_SIZE(suites); i++) {
		engine_master_random(&m, suites[i / 2], i % 2 ? 4 : 0, &unit_seed);
		set_ids(&m, ids, sizeof(ids));
		ends_init(&s, &m);
		for (n = opened = 0; n < 300; n++) {
			struct peer_rtp r = {
				.ssrc = SSRC, .seq = (u16)n, .pt = 8, .cc = (u8)(n % 16), .x = true,
				.words = lens[n % ARRAY_SIZE(lens)] / 4, .payload = n % 50,
			};
			size_t len = peer_make_rtp(&r, &unit_seed, plain), at = FIRST + 4u * r.cc;
			bool two = n / 16 % 2;

			put_unaligned_be16(two ? 0x100f : 0xbede, plain + at - 4);
			key_stream(&m, SSRC, r.seq, stream, 4 * r.words);
			memcpy(want, plain, at);
			make_extension(&m, two, plain + at, stream, want + at, 4 * r.words);
			CHECK(!seal(&s, plain, len), "%u: sealed: %d", n, unit_result.copies[0].reason);
			CHECK(!memcmp(unit_result.copies[0].data, want, at + 4 * r.words),
			      "%s, packet %u, %zu words: elements", engine_suite_name(m.suite), n, r.words);
			memcpy(want, unit_result.copies[0].data, unit_result.copies[0].len);
			opened += !open_it(&s, want, unit_result.copies[0].len) && came_out(plain, len);
		}
		CHECK(opened == n, "%s: %u of %u opened", engine_suite_name(m.suite), opened, n);
		ends_exit(&s);
	}
	tap_end("D1,D4", "encrypted header extensions: elements of every shape, under every suite, with MKI");
}

/* -- what is not for them */

static void others(void)
{
	static const u8 ids[] = { 1 };
	u8 plain[ENGINE_PACKET_MAX], wire[ENGINE_PACKET_MAX];
	struct engine_master m;
	unsigned int i, x;
	struct ends s;
	u32 len;

	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		engine_master_random(&m, suites[i], 0, &unit_seed);
		set_ids(&m, ids, sizeof(ids));
		ends_init(&s, &m);
		for (x = 0; x < 3; x++) {
			/* None at all, one of another kind, an empty one. */
			struct peer_rtp r = {
				.ssrc = SSRC, .seq = (u16)x, .x = x, .words = x == 1 ? 3 : 0, .payload = 20,
			};
			size_t n = peer_make_rtp(&r, &unit_seed, plain);

			if (x)
				put_unaligned_be16(x == 1 ? 0x1234 : 0xbede, plain + HDR);
			CHECK(!seal(&s, plain, n), "%u: sealed", x);
			len = unit_result.copies[0].len;
			memcpy(wire, unit_result.copies[0].data, len);
			CHECK(!memcmp(wire, plain, n - 20), "%u: header", x);
			CHECK(!open_it(&s, wire, len) && came_out(plain, n), "%u: opened", x);
		}
		ends_exit(&s);
	}
	tap_end("D1", "encrypted header extensions: what has no elements stays as it is");
}

/* An element that goes on behind the end of the extension, and octets of the payload with it. */
static void too_long(void)
{
	static const u8 ids[] = { 1 };
	static const u8 extensions[][8] = {
		{ 0xbe, 0xde, 0, 1, 0x13, 1, 2, 3 },	/* id 1, four octets, three there */
		{ 0xbe, 0xde, 0, 1, 0, 0, 0, 0x30 },	/* id 3, which is not encrypted */
		{ 0x10, 0x00, 0, 1, 1, 3, 1, 2 },
		{ 0x10, 0x00, 0, 1, 9, 0, 0, 1 },	/* no length at all */
	};
	u8 plain[ENGINE_PACKET_MAX], wire[ENGINE_PACKET_MAX], good[ENGINE_PACKET_MAX];
	struct engine_master m, without;
	struct ends s, seals;
	unsigned int i, j;
	size_t good_len;
	u64 before;
	u32 len;

	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		for (j = 0; j < ARRAY_SIZE(extensions); j++) {
			struct peer_rtp r = { .ssrc = SSRC, .seq = 1, .x = true, .words = 1, .payload = 20 };
			size_t n = peer_make_rtp(&r, &unit_seed, plain);

			memcpy(plain + HDR, extensions[j], sizeof(extensions[j]));
			engine_master_random(&m, suites[i], 0, &unit_seed);
			without = m;
			set_ids(&m, ids, sizeof(ids));
			ends_init(&s, &m);
			r.x = false;
			r.seq = 0;
			good_len = peer_make_rtp(&r, &unit_seed, good);
			CHECK(!seal(&s, good, good_len), "%u: the one before", j);
			/* It costs no index: so many of them, and no receiver would follow. */
			before = engine_state(s.sealing);
			CHECK(seal(&s, plain, n) == KSRTP_REASON_TX_CRYPTO, "%u: leaves", j);
			CHECK(engine_state(s.sealing) == before, "%u: an index is burnt", j);
			/* Authentic, from a sender that does not look. */
			engine_nonces_forget();
			ends_init(&seals, &without);
			CHECK(!seal(&seals, plain, n), "%u: sealed without", j);
			len = unit_result.copies[0].len;
			memcpy(wire, unit_result.copies[0].data, len);
			before = engine_state(s.opening);
			CHECK(open_it(&s, wire, len) == KSRTP_REASON_MALFORMED, "%u: %d", j,
			      unit_result.reason);
			CHECK(engine_state(s.opening) == before, "%u: state moved", j);
			CHECK(!open_it(&seals, wire, len) && came_out(plain, n), "%u: opened without", j);
			ends_exit(&seals);
			ends_exit(&s);
		}
	}
	tap_end("D1,S7", "encrypted header extensions: an element longer than its extension is malformed, and never leaves");
}

/* Late for the start: the second trial finds it, and decrypts the elements once. */
static void late_start(void)
{
	static const u8 ids[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 };
	u8 plain[ENGINE_PACKET_MAX], wire[ENGINE_PACKET_MAX];
	struct engine_master m;
	struct ends s;
	unsigned int i;
	u16 seq;
	u32 len = 0;

	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		size_t n = 0;

		engine_master_random(&m, suites[i], 0, &unit_seed);
		set_ids(&m, ids, sizeof(ids));
		ends_init(&s, &m);
		for (seq = 65534; seq != 2; seq++) {
			struct peer_rtp r = {
				.ssrc = SSRC, .seq = seq, .x = true, .words = 8, .elements = true,
				.payload = 20,
			};

			n = peer_make_rtp(&r, &unit_seed, plain);
			CHECK(!seal(&s, plain, n), "sealed");
			len = unit_result.copies[0].len;
			memcpy(wire, unit_result.copies[0].data, len);
		}
		CHECK(!open_it(&s, wire, len) && came_out(plain, n), "%s: %d", engine_suite_name(suites[i]),
		      unit_result.reason);
		ends_exit(&s);
	}
	tap_end("D1,D2", "encrypted header extensions: of a packet that is opened by the second trial");
}

/* Either end without: the tag is good, the elements are not what they were. */
static void one_end_alone(void)
{
	static const u8 ids[] = { 1 };
	static const u8 extension[] = { 0xbe, 0xde, 0, 2, 0x14, 1, 2, 3, 4, 5, 0x20, 9 };
	u8 plain[ENGINE_PACKET_MAX], wire[ENGINE_PACKET_MAX];
	struct engine_master with, without;
	struct ends s, t;
	unsigned int i;
	u32 len;

	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		struct peer_rtp r = { .ssrc = SSRC, .seq = 1, .x = true, .words = 2, .payload = 20 };
		size_t n = peer_make_rtp(&r, &unit_seed, plain);

		memcpy(plain + HDR, extension, sizeof(extension));
		engine_master_random(&without, suites[i], 0, &unit_seed);
		with = without;
		set_ids(&with, ids, sizeof(ids));
		ends_init(&s, &with);
		ends_init(&t, &without);
		CHECK(!seal(&s, plain, n), "sealed");
		len = unit_result.copies[0].len;
		memcpy(wire, unit_result.copies[0].data, len);
		CHECK(!open_it(&t, wire, len), "%s: %d", engine_suite_name(suites[i]), unit_result.reason);
		CHECK(memcmp(unit_result.data + FIRST + 1, plain + FIRST + 1, 5) &&
		      !memcmp(unit_result.data + FIRST + 6, plain + FIRST + 6, n - FIRST - 6),
		      "%s: the element alone is hidden", engine_suite_name(suites[i]));
		ends_exit(&t);
		ends_exit(&s);
	}
	tap_end("D1", "encrypted header extensions: only who agreed reads the elements, everyone the rest");
}

/* -- refusals */

/* Session keys that are as long as GCM's with AES-128 are; all of the header key differ. */
static int install(struct engine *e, struct ksrtp_leg *leg, u32 direction, u32 suite, u32 cryptex,
		   u8 key, size_t key_len, size_t salt_len, const u8 *ids, size_t ids_len)
{
	u8 keys[3][16], salt[14] = { 0 };
	struct ksrtp_key_params p = {
		.direction = direction, .suite = suite, .context = NEW, .cryptex = cryptex,
		.mki = { salt, 0 }, .hdrext_key = { keys[2], key_len },
		.hdrext_salt = { salt, salt_len }, .hdrext_ids = { ids, ids_len },
	};
	int err;

	memset(keys[0], 1, 16);
	memset(keys[1], 2, 16);
	memset(keys[2], key, 16);
	if (suite != KSRTP_SUITE_NONE) {
		p.srtp_key = (struct ksrtp_octets){ keys[0], 16 };
		p.srtcp_key = (struct ksrtp_octets){ keys[1], 16 };
		p.srtp_salt = p.srtcp_salt = (struct ksrtp_octets){ salt, 12 };
	}
	p.srtp_auth = p.srtcp_auth = (struct ksrtp_octets){ salt, 0 };
	e->extack._msg = NULL;
	mutex_lock(&e->kn.lock);
	err = ksrtp_key_install(leg, &p, &e->extack);
	mutex_unlock(&e->kn.lock);
	return err;
}

static void refusals(void)
{
	static const u8 ids[] = { 1, 255 }, zero[] = { 1, 0 };
	struct ksrtp_leg *leg, *other;
	struct engine e;

	engine_init(&e);
	leg = engine_leg(&e, 0, 0);
	other = engine_leg(&e, 0, 0);
#define REFUSED(err, msg, ...) \
	CHECK(install(&e, __VA_ARGS__) == (err) && strstr(e.extack._msg ?: "", msg), "%s: %s", msg, \
	      e.extack._msg ?: "granted")
	REFUSED(-EINVAL, "suite none", leg, TX, KSRTP_SUITE_NONE, 0, 3, 0, 0, ids, 2);
	REFUSED(-EINVAL, "go with hdrext-ids", leg, TX, GCM, 0, 3, 16, 12, ids, 0);
	REFUSED(-EINVAL, "go with hdrext-ids", leg, TX, GCM, 0, 3, 0, 12, ids, 0);
	REFUSED(-EINVAL, "cryptex", leg, TX, GCM, KSRTP_CRYPTEX_ON, 3, 16, 12, ids, 2);
	REFUSED(-EINVAL, "hdrext-key is not as long", leg, TX, GCM, 0, 3, 0, 12, ids, 2);
	REFUSED(-EINVAL, "hdrext-salt is not as long", leg, TX, GCM, 0, 3, 16, 14, ids, 2);
	REFUSED(-EINVAL, "names 0", leg, TX, GCM, 0, 3, 16, 12, zero, 2);
	REFUSED(-EINVAL, "hdrext-key is equal", leg, RX, GCM, 0, 1, 16, 12, ids, 2);
	REFUSED(-EINVAL, "hdrext-key is equal", leg, RX, GCM, 0, 2, 16, 12, ids, 2);
	CHECK(e.kn.keyring.count == 0, "%u keys are remembered of what was refused", e.kn.keyring.count);

	/* A header key is a key: nobody else's, and not for the other direction. */
	CHECK(!install(&e, leg, RX, GCM, 0, 3, 16, 12, ids, 2), "%s", e.extack._msg);
	CHECK(e.kn.keyring.count == 3, "%u keys", e.kn.keyring.count);
	CHECK(!engine_key_del(&e, leg, RX, 0) && e.kn.keyring.count == 3, "%u keys after deletion",
	      e.kn.keyring.count);
	REFUSED(-EKEYREJECTED, "receive key", leg, TX, GCM, 0, 3, 16, 12, ids, 2);
	engine_leg_del(&e, leg);
	CHECK(e.kn.keyring.count == 0, "%u keys after the leg", e.kn.keyring.count);
	leg = engine_leg(&e, 0, 0);
	CHECK(!install(&e, leg, TX, GCM, 0, 3, 16, 12, ids, 2), "%s", e.extack._msg);
	REFUSED(-EKEYREJECTED, "used before", other, TX, GCM, 0, 4, 16, 12, ids, 2);
	engine_exit(&e);

	/* Only the third key is known: the first two are taken back. */
	engine_init(&e);
	leg = engine_leg(&e, 0, 0);
	other = engine_leg(&e, 0, 0);
	{
		u8 salt[14] = { 0 }, keys[3][16];
		struct ksrtp_key_params p = {
			.direction = TX, .suite = GCM, .context = NEW, .mki = { salt, 0 },
			.srtp_key = { keys[0], 16 }, .srtcp_key = { keys[1], 16 },
			.srtp_salt = { salt, 12 }, .srtcp_salt = { salt, 12 },
			.srtp_auth = { salt, 0 }, .srtcp_auth = { salt, 0 },
		};

		memset(keys[0], 3, 16);
		memset(keys[1], 5, 16);
		mutex_lock(&e.kn.lock);
		CHECK(!ksrtp_key_install(other, &p, &e.extack), "%s", e.extack._msg);
		mutex_unlock(&e.kn.lock);
	}
	CHECK(e.kn.keyring.count == 2, "%u keys", e.kn.keyring.count);
	REFUSED(-EKEYREJECTED, "used before", leg, TX, GCM, 0, 3, 16, 12, ids, 2);
	REFUSED(-EKEYREJECTED, "transmit key", leg, RX, GCM, 0, 3, 16, 12, ids, 2);
	CHECK(e.kn.keyring.count == 2, "%u keys after a refusal", e.kn.keyring.count);
	CHECK(!install(&e, leg, RX, GCM, 0, 4, 16, 12, ids, 2), "%s", e.extack._msg);
#undef REFUSED
	engine_exit(&e);
	tap_end("D5,S3", "encrypted header extensions: what a key cannot have is refused by name, its third key too");
}

static void broken_cipher(void)
{
	static const u8 ids[] = { 1 };
	static const u8 extension[] = { 0xbe, 0xde, 0, 1, 0x12, 1, 2, 3 };
	struct peer_rtp r = { .ssrc = SSRC, .seq = 1, .x = true, .words = 1, .payload = 20 };
	u8 plain[ENGINE_PACKET_MAX], wire[ENGINE_PACKET_MAX];
	struct engine_master m;
	struct ends s;
	size_t n;
	u32 len;

	engine_master_random(&m, GCM, 0, &unit_seed);
	set_ids(&m, ids, sizeof(ids));
	ends_init(&s, &m);
	n = peer_make_rtp(&r, &unit_seed, plain);
	memcpy(plain + HDR, extension, sizeof(extension));
	engine_cipher_fails = 1;
	CHECK(seal(&s, plain, n) == KSRTP_REASON_TX_CRYPTO && !engine_cipher_fails, "the header's, out");
	put_unaligned_be16(2, plain + KSRTP_RTP_SEQ_OFF);
	CHECK(!seal(&s, plain, n), "sealed");
	len = unit_result.copies[0].len;
	memcpy(wire, unit_result.copies[0].data, len);
	CHECK(!open_it(&s, wire, len) && came_out(plain, n), "opened");
	ends_exit(&s);
	tap_end("D1,S2", "encrypted header extensions: nothing leaves when their cipher fails");
}

void unit_hdrext(void)
{
	vectors();
	shapes();
	others();
	too_long();
	late_start();
	one_end_alone();
	refusals();
	broken_cipher();
}
