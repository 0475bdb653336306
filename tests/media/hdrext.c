// SPDX-License-Identifier: GPL-2.0
/* Header extension elements encrypted one by one (RFC 6904), between ends that are libsrtp2. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/tap.h"
#include "call.h"
#include "keys.h"
#include "vector.h"
#include "../vectors/rfc6904.h"

#define HDR	12
#define GCM	KSRTP_SUITE_AEAD_AES_128_GCM
#define COUNT(list)	(sizeof(list) / sizeof((list)[0]))

/* -- published packets */

static struct vector vector_of(const struct hdrext_vector *t)
{
	struct vector v = { t->name, t->plain, t->wire, t->plain_len, t->wire_len };

	CHECK(!ksrtp_key_derive(&v.key, t->suite, t->key, t->salt), "derive");
	v.key.hdrext_ids_len = sizeof(hdrext_ids);
	memcpy(v.key.hdrext_ids, hdrext_ids, sizeof(hdrext_ids));
	return v;
}

/* Those of one suite, from number @i on, are of one key, which may transmit once. */
static unsigned int leave(unsigned int i)
{
	uint32_t suite = hdrext_vectors[i].suite;
	struct vector v = vector_of(&hdrext_vectors[i]);
	struct peer *from, *to;
	struct call c;

	vector_open(&c, &from, &to);
	vector_install(from, KSRTP_DIRECTION_RX, &vector_plain);
	vector_install(to, KSRTP_DIRECTION_TX, &v);
	peer_warm(&c, to);
	for (; i < COUNT(hdrext_vectors) && hdrext_vectors[i].suite == suite; i++) {
		const struct hdrext_vector *t = &hdrext_vectors[i];

		vector_becomes(from, t->plain, t->plain_len, to, t->wire, t->wire_len, t->name);
	}
	call_close(&c);
	return i;
}

static void vectors(void)
{
	unsigned int i;

	for (i = 0; i < COUNT(hdrext_vectors); i++) {
		struct vector v = vector_of(&hdrext_vectors[i]);

		vector_comes_in(&v);
	}
	for (i = 0; i < COUNT(hdrext_vectors);)
		i = leave(i);
	tap_end("D1", "encrypted header extensions: %zu packets, libsrtp's among them, end to end",
		COUNT(hdrext_vectors));
}

/* -- libsrtp2 at both ends */

/* @to is known to read the elements; so the packet is what it must be, octet by octet. */
static void pass_shapes(struct peer *from, struct peer *to, uint32_t ssrc)
{
	static const unsigned int words[] = { 1, 2, 5, 16, 40, 200 };
	static const uint16_t profiles[] = { 0xbede, 0x1000, 0x100f };
	struct rtp r = { .ssrc = ssrc, .pt = 96, .payload = 160, .elements = true };
	unsigned int i;

	pass_new_rtp(from, to, &r, "no extension");
	for (i = 0; i < COUNT(words) * COUNT(profiles); i++) {
		r.seq++;
		r.id++;
		r.csrcs = i % 3;
		r.ext_words = words[i % COUNT(words)];
		r.ext_profile = profiles[i / COUNT(words)];
		pass_rtp(from, to, &r, "elements");
	}
}

static void every_suite(void)
{
	struct setup s = { .link = LINK_A, .elements_in = true, .elements_out = true };
	struct setup t = { .link = LINK_B, .family = 6, .elements_in = true, .elements_out = true };
	struct peer *a, *b;
	struct call c;
	uint32_t i;

	for (i = GCM; i <= KSRTP_SUITE_MAX; i++) {
		s.suite = i;
		t.suite = GCM + (i + 2) % (KSRTP_SUITE_MAX - GCM + 1);
		s.mki_len = suite_is_gcm(i) ? 4 : 0;
		pair_open(&c, &s, &t, &a, &b);
		pass_shapes(a, b, 0x6904);
		pass_shapes(b, a, 0x6905);
		expect_datapath(a, b, 8);
		call_close(&c);
	}
	tap_end("D1,D4", "encrypted header extensions: from libsrtp2 to libsrtp2, every suite, both ways");
}

/* Those that have agreed, and those that have not, out of one packet of one that has or has not. */
static void some_of_many(void)
{
	struct setup s = { .link = LINK_A, .suite = GCM };
	struct setup with = { .link = LINK_B, .suite = GCM, .elements_out = true };
	struct setup without = { .link = LINK_B, .suite = KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80 };
	struct setup plain = { .link = LINK_B, .suite = KSRTP_SUITE_NONE };
	struct rtp r = {
		.ssrc = 7, .pt = 96, .payload = 160, .elements = true, .ext_profile = 0xbede,
		.ext_words = 6,
	};
	const struct setup *const setups[] = { &with, &without, &plain };
	uint8_t packet[PACKET_MAX];
	struct peer *from, *to[6];
	unsigned int i, n, round;
	struct call c;
	size_t len;

	for (round = 0; round < 2; round++) {
		s.elements_in = round;
		call_open(&c, KSRTP_MODE_TRANSPORT);
		from = peer_open(&c, &s);
		for (i = 0; i < COUNT(to); i++) {
			to[i] = peer_open(&c, setups[i % COUNT(setups)]);
			route_open(&c, from, to[i], BOTH);
		}
		for (n = 0; n < 20; n++) {
			r.seq++;
			r.id++;
			len = rtp_build(&r, packet);
			peer_send(from, false, packet, len);
			for (i = 0; i < COUNT(to); i++)
				peer_expect(to[i], false, packet, len, "a copy");
		}
		call_close(&c);
	}
	tap_end("D1,C7", "encrypted header extensions: of one to many, each copy as its leg has agreed");
}

/* What libsrtp2 does not do is seen on the wire: id 1 is hidden, id 2 and the rest are not. */
static void on_the_wire(void)
{
	static const uint8_t extension[] = { 0xbe, 0xde, 0, 2, 0x14, 1, 2, 3, 4, 5, 0x20, 9 };
	struct setup s = { .link = LINK_A, .suite = KSRTP_SUITE_NONE };
	struct setup t = { .link = LINK_B, .suite = GCM, .elements_out = true };
	struct rtp r = { .ssrc = 8, .seq = 1, .pt = 96, .payload = 100, .ext_profile = 0xbede, .ext_words = 2 };
	uint8_t plain[PACKET_MAX];
	struct datagram *d;
	struct peer *a, *b;
	struct call c;
	size_t len;

	pair_open(&c, &s, &t, &a, &b);
	len = rtp_build(&r, plain);
	memcpy(plain + HDR, extension, sizeof(extension));
	peer_send(a, false, plain, len);
	d = peer_next(b, WAIT_MS);
	CHECK(d && d->len == len + 16, "nothing came");
	if (d && d->len == len + 16) {
		CHECK(!memcmp(d->octet, plain, HDR + 5), "header");
		CHECK(memcmp(d->octet + HDR + 5, plain + HDR + 5, 5), "the element is in the clear");
		CHECK(!memcmp(d->octet + HDR + 10, plain + HDR + 10, 2), "the other element");
	}
	free(d);
	call_close(&c);
	tap_end("D1", "encrypted header extensions: on the wire the agreed elements are hidden, and nothing else");
}

static void malformed(void)
{
	static const uint8_t extension[] = { 0xbe, 0xde, 0, 1, 0x14, 1, 2, 3 };
	struct setup s = { .link = LINK_A, .suite = GCM };
	struct setup t = { .link = LINK_B, .suite = GCM, .elements_out = true };
	struct rtp r = { .ssrc = 9, .pt = 96, .payload = 100 };
	uint8_t plain[PACKET_MAX];
	struct peer *a, *b;
	struct call c;
	size_t len;

	pair_open(&c, &s, &t, &a, &b);
	pass_new_rtp(a, b, &r, "no extension");
	r.seq++;
	r.ext_profile = 0xbede;
	r.ext_words = 1;
	len = rtp_build(&r, plain);
	memcpy(plain + HDR, extension, sizeof(extension));
	peer_send(a, false, plain, len);
	r.seq++;
	r.ext_profile = 0;
	pass_rtp(a, b, &r, "the next one");
	CHECK(route_dropped(c.routes[0], KSRTP_REASON_TX_CRYPTO) == 1, "%llu dropped",
	      (unsigned long long)route_dropped(c.routes[0], KSRTP_REASON_TX_CRYPTO));
	call_close(&c);
	tap_end("D1,S7,S8", "encrypted header extensions: an element longer than the extension does not leave, and is counted");
}

/* What the kernel tells of a key: the identifiers, in order, and no octet of the header key. */
static int look(const struct ksrtp_key *key, void *arg)
{
	static const uint8_t nothing[32];

	if (key->direction != KSRTP_DIRECTION_TX)
		return 0;
	CHECK(key->hdrext_ids_len == SECRET_ELEMENTS &&
	      !memcmp(key->hdrext_ids, secret_elements, SECRET_ELEMENTS), "%u identifiers",
	      key->hdrext_ids_len);
	CHECK(!memcmp(key->hdrext_key, nothing, 32) && !memcmp(key->hdrext_salt, nothing, 14), "a key");
	++*(unsigned int *)arg;
	return 0;
}

static void told(void)
{
	struct setup s = { .link = LINK_A, .suite = GCM, .elements_out = true, .no_rx_key = true };
	struct setup t = { .link = LINK_B, .suite = GCM };
	struct ksrtp_key none = { .hdrext_ids_len = 1, .hdrext_ids = { 1 } };
	unsigned int seen = 0;
	struct peer *a, *b;
	struct call c;

	pair_open(&c, &s, &t, &a, &b);
	CHECK(!ksrtp_key_dump(ksrtp, a->leg, look, NULL, &seen) && seen == 1, "%u keys", seen);
	none.leg_id = a->leg;
	CHECK(ksrtp_key_new(ksrtp, &none) == -EINVAL &&
	      strstr(ksrtp_error(ksrtp), "suite none encrypts no header extensions"), "%s",
	      ksrtp_error(ksrtp));
	call_close(&c);
	tap_end("O2,S5", "encrypted header extensions: a key tells its identifiers, and no octets");
}

void hdrext_tests(void)
{
	vectors();
	every_suite();
	some_of_many();
	on_the_wire();
	malformed();
	told();
}
