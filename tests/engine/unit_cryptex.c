// SPDX-License-Identifier: GPL-2.0
/* Cryptex (RFC 9335): the RFC's packets, and what it does to all others. */
#include "unit.h"
#include "vectors/cryptex.h"

#define HDR		KSRTP_RTP_HDR_LEN
#define CM		KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80
#define OFF		KSRTP_CRYPTEX_OFF
#define ON		KSRTP_CRYPTEX_ON
#define REQUIRED	KSRTP_CRYPTEX_REQUIRED

/* A packet; its header begins with P, X and CC. */
struct octets {
	size_t len;
	u8 at[ENGINE_PACKET_MAX];
};

/* One engine protects what comes in plain; another, for a key may not do both, opens it. */
struct ends {
	struct engine sealer, opener;
	struct ksrtp_leg *plain, *sealing, *opening;
};

static void ends_init(struct ends *s, const struct engine_master *master, u32 tx, u32 rx)
{
	struct engine_master m = *master;

	engine_init(&s->sealer);
	s->plain = engine_leg(&s->sealer, 0, 0);
	s->sealing = engine_leg(&s->sealer, 0, 0);
	engine_route(&s->sealer, s->plain, s->sealing, BOTH, NULL);
	m.cryptex = tx;
	CHECK(!engine_key(&s->sealer, s->plain, RX, 0, NEW, 0, NULL) &&
	      !engine_key(&s->sealer, s->sealing, TX, 0, NEW, 0, &m), "%s", s->sealer.extack._msg);
	engine_init(&s->opener);
	s->opening = engine_leg(&s->opener, 0, 0);
	m.cryptex = rx;
	CHECK(!engine_key(&s->opener, s->opening, RX, 0, NEW, 0, &m), "%s", s->opener.extack._msg);
}

static void ends_exit(struct ends *s)
{
	engine_exit(&s->sealer);
	engine_exit(&s->opener);
}

static enum ksrtp_reason seal(struct ends *s, const struct octets *plain, struct octets *wire)
{
	engine_push(&s->sealer, s->plain, plain->at, plain->len, &unit_result);
	if (unit_result.reason != KSRTP_REASON_NONE || unit_result.n != 1)
		return unit_result.reason;
	if (unit_result.copies[0].reason != KSRTP_REASON_NONE)
		return unit_result.copies[0].reason;
	wire->len = unit_result.copies[0].len;
	memcpy(wire->at, unit_result.copies[0].data, wire->len);
	return KSRTP_REASON_NONE;
}

static enum ksrtp_reason open_it(struct ends *s, const struct octets *wire)
{
	engine_push(&s->opener, s->opening, wire->at, wire->len, &unit_result);
	return unit_result.reason;
}

static bool opened_as(const struct octets *o)
{
	return unit_result.len == o->len && !memcmp(unit_result.data, o->at, o->len);
}

static struct octets octets_of(const u8 *data, size_t len)
{
	struct octets o = { .len = len };

	memcpy(o.at, data, len);
	return o;
}

/* @kind 0: no extension. */
static struct octets make(u16 seq, u8 csrcs, u16 kind, size_t words, size_t payload)
{
	struct peer_rtp r = {
		.ssrc = SSRC, .seq = seq, .pt = 8, .cc = csrcs, .x = kind, .words = words,
		.payload = payload,
	};
	struct octets o;

	o.len = peer_make_rtp(&r, &unit_seed, o.at);
	if (kind)
		put_unaligned_be16(kind, o.at + HDR + 4 * csrcs);
	return o;
}

/* -- the RFC's */

static struct engine_master vector_master(const struct cryptex_vector *v)
{
	struct engine_master m = { .suite = v->gcm ? GCM : CM };

	memcpy(m.key, v->gcm ? cryptex_gcm_key : cryptex_cm_key, 16);
	if (v->gcm)
		memcpy(m.salt, cryptex_gcm_salt, sizeof(cryptex_gcm_salt));
	else
		memcpy(m.salt, cryptex_cm_salt, sizeof(cryptex_cm_salt));
	return m;
}

static void check_vector(const struct cryptex_vector *v)
{
	struct octets plain = octets_of(v->plain, v->plain_len), wire, turned;
	struct octets want = octets_of(v->wire, v->wire_len);
	struct engine_master m = vector_master(v);
	struct ends s;
	size_t bit;

	ends_init(&s, &m, ON, ON);
	CHECK(!seal(&s, &plain, &wire), "%s: sealed", v->name);
	CHECK(wire.len == want.len && !memcmp(wire.at, want.at, want.len), "%s: on the wire",
	      v->name);
	for (bit = 0; bit < 8 * want.len; bit++) {
		turned = want;
		turned.at[bit / 8] ^= (u8)(1 << bit % 8);
		/* The octets that are RTCP's become RTCP; the rest is RTP that is not authentic. */
		CHECK(open_it(&s, &turned), "%s: bit %zu turned, and accepted", v->name, bit);
	}
	CHECK(!open_it(&s, &want) && opened_as(&plain), "%s: opened", v->name);
	CHECK(open_it(&s, &want) == KSRTP_REASON_REPLAY, "%s: again", v->name);
	ends_exit(&s);
}

static void vectors(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cryptex_vectors); i++)
		check_vector(&cryptex_vectors[i]);
	tap_end("D1", "Cryptex: the %zu packets of RFC 9335, appendix A, both ways; no bit may differ",
		ARRAY_SIZE(cryptex_vectors));
}

/* -- every shape of header */

/* What it should come out as: CSRCs alone bring an empty extension with them. */
static struct octets expected(const struct octets *plain)
{
	u32 csrcs = 4u * (plain->at[0] & 15);
	struct octets o = *plain;

	if (!csrcs || plain->at[0] & KSRTP_RTP_X_BIT)
		return o;
	o.at[0] |= KSRTP_RTP_X_BIT;
	put_unaligned_be32(0xbede0000, o.at + HDR + csrcs);
	memcpy(o.at + HDR + csrcs + 4, plain->at + HDR + csrcs, plain->len - HDR - csrcs);
	o.len += 4;
	return o;
}

/* No four octets of CSRCs and extension are where they were. */
static bool is_hidden(const struct octets *plain, const struct octets *wire)
{
	u32 csrcs = 4u * (plain->at[0] & 15), i, end = HDR + csrcs;

	if (plain->at[0] & KSRTP_RTP_X_BIT)
		end += 4 + 4u * get_unaligned_be16(plain->at + HDR + csrcs + 2);
	for (i = HDR; i < end; i += 4) {
		if (i != HDR + csrcs && !memcmp(plain->at + i, wire->at + i, 4))
			return false;
	}
	return true;
}

static void shapes(void)
{
	static const u32 suites[] = {
		GCM, KSRTP_SUITE_AEAD_AES_256_GCM, CM, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32,
		KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80, KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32,
	};
	static const u16 kinds[] = { 0, 0xbede, 0x1000 };
	unsigned int i, csrcs, kind, words, n = 0;
	struct octets plain, wire, want;
	struct engine_master m;
	struct ends s;

	for (i = 0; i < 2 * ARRAY_SIZE(suites); i++) {
		engine_master_random(&m, suites[i / 2], i % 2 ? 4 : 0, &unit_seed);
		ends_init(&s, &m, ON, REQUIRED);
		for (csrcs = 0; csrcs < 16; csrcs++) {
			for (kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
				for (words = 0; words < (kinds[kind] ? 4u : 1u); words++) {
					n++;
					plain = make((u16)n, (u8)csrcs, kinds[kind], words * words,
						     n % 40);
					want = expected(&plain);
					CHECK(!seal(&s, &plain, &wire), "%u CSRCs, %x, %u: sealed",
					      csrcs, kinds[kind], words);
					CHECK(is_hidden(&plain, &wire), "%u CSRCs, %x, %u: hidden", csrcs,
					      kinds[kind], words);
					CHECK(!open_it(&s, &wire) && opened_as(&want),
					      "%u CSRCs, %x, %u: opened", csrcs, kinds[kind], words);
				}
			}
		}
		ends_exit(&s);
	}
	tap_end("D1,D4", "Cryptex: 0 to 15 CSRCs with every kind of extension, under every suite, with MKI");
}

/* -- what it is not for */

static void others(void)
{
	static const u32 suites[] = { GCM, CM };
	struct octets plain, wire;
	struct engine_master m;
	struct ends s;
	unsigned int i;
	u64 before;

	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		engine_master_random(&m, suites[i], 0, &unit_seed);
		ends_init(&s, &m, ON, ON);
		/* Another kind of extension is authenticated and seen, CSRCs as well. */
		plain = make(1, 2, 0x1234, 1, 20);
		CHECK(!seal(&s, &plain, &wire) && !memcmp(plain.at, wire.at, HDR + 16),
		      "another kind of extension");
		CHECK(!open_it(&s, &wire) && opened_as(&plain), "another kind of extension: opened");
		/* Who has nothing to hide looks as ever. */
		plain = make(2, 0, 0, 0, 20);
		CHECK(!seal(&s, &plain, &wire) && !(wire.at[0] & KSRTP_RTP_X_BIT) &&
		      !open_it(&s, &wire) && opened_as(&plain), "nothing to hide");
		/* What says it is encrypted and is not would be misread: it does not leave. */
		plain = make(3, 1, 0xc0de, 1, 20);
		before = engine_state(s.sealing);
		CHECK(seal(&s, &plain, &wire) == KSRTP_REASON_TX_CRYPTO, "marked in the clear");
		plain = make(4, 0, 0xc2de, 1, 20);
		CHECK(seal(&s, &plain, &wire) == KSRTP_REASON_TX_CRYPTO, "marked in the clear");
		CHECK(engine_state(s.sealing) == before, "an index is burnt");
		ends_exit(&s);
	}
	tap_end("D1", "Cryptex: other extensions stay as they are, none leaves that lies");
}

static void policies(void)
{
	static const u32 suites[] = { GCM, CM };
	struct octets plain, wire;
	struct engine_master m;
	struct ends s;
	unsigned int i;
	u64 before;

	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		/* A sender without it, to receivers that demand it and that do not. */
		engine_master_random(&m, suites[i], 0, &unit_seed);
		ends_init(&s, &m, OFF, REQUIRED);
		plain = make(1, 0, 0, 0, 20);
		CHECK(!seal(&s, &plain, &wire) && !open_it(&s, &wire), "nothing to hide");
		before = engine_state(s.opening);
		plain = make(2, 0, 0xbede, 1, 20);
		CHECK(!seal(&s, &plain, &wire) && open_it(&s, &wire) == KSRTP_REASON_CRYPTEX,
		      "extension exposed: %d", unit_result.reason);
		plain = make(3, 1, 0, 0, 20);
		CHECK(!seal(&s, &plain, &wire) && open_it(&s, &wire) == KSRTP_REASON_CRYPTEX,
		      "CSRC exposed: %d", unit_result.reason);
		CHECK(engine_state(s.opening) == before, "state moved");
		ends_exit(&s);

		engine_master_random(&m, suites[i], 0, &unit_seed);
		ends_init(&s, &m, OFF, ON);
		plain = make(1, 3, 0xbede, 2, 20);
		CHECK(!seal(&s, &plain, &wire) && !open_it(&s, &wire) && opened_as(&plain),
		      "taken without");
		ends_exit(&s);

		/* One end alone: not authentic for GCM; for AES-CM the tag is right, the rest opaque. */
		engine_master_random(&m, suites[i], 0, &unit_seed);
		ends_init(&s, &m, ON, OFF);
		plain = make(1, 3, 0xbede, 2, 20);
		CHECK(!seal(&s, &plain, &wire), "sealed");
		if (suites[i] == GCM)
			CHECK(open_it(&s, &wire) == KSRTP_REASON_AUTH, "GCM: %d", unit_result.reason);
		else
			CHECK(!open_it(&s, &wire) && !opened_as(&plain), "AES-CM: %d",
			      unit_result.reason);
		ends_exit(&s);
	}
	tap_end("D1,S2", "Cryptex: required, what is exposed is refused and changes nothing");
}

static void refusals(void)
{
	struct engine_master m;
	struct ksrtp_leg *leg;
	struct engine e;

	engine_init(&e);
	leg = engine_leg(&e, 0, 0);
	engine_master_random(&m, GCM, 0, &unit_seed);
	m.cryptex = REQUIRED;
	CHECK(engine_key(&e, leg, TX, 0, NEW, 0, &m) == -EINVAL && strstr(e.extack._msg, "cryptex"),
	      "required of a sender");
	m.cryptex = ON;
	CHECK(!engine_key(&e, leg, TX, 0, NEW, 0, &m), "%s", e.extack._msg);
	engine_exit(&e);
	tap_end("D5", "Cryptex: what a key cannot have is refused by name");
}

void unit_cryptex(void)
{
	vectors();
	shapes();
	others();
	policies();
	refusals();
}
