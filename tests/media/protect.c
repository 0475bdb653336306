// SPDX-License-Identifier: GPL-2.0
/* Every suite to every suite, SRTCP, MKI: against libsrtp2 on both sides. */
#include <string.h>

#include "../unit/tap.h"
#include "call.h"
#include "media.h"
#include "streams.h"

static const struct rtp shapes[] = {
	{ .pt = 0, .payload = 160 },
	{ .pt = 96, .payload = 0 },
	{ .pt = 96, .payload = 1, .marker = true },
	{ .pt = 111, .payload = 1000, .csrcs = 15 },
	{ .pt = 97, .payload = 33, .ext_profile = 0xbede, .ext_words = 3 },
	{ .pt = 127, .payload = 1200, .csrcs = 2, .ext_profile = 0x1000, .ext_words = 20 },
	{ .pt = 96, .payload = 16, .ext_profile = 0xffff, .ext_words = 0 },
};

#define SHAPES	(sizeof(shapes) / sizeof(shapes[0]))

/* All shapes of packets, over the wrap of the sequence number, and RTCP, one way. */
static void exchange(struct peer *from, struct peer *to, uint32_t ssrc)
{
	uint32_t other = ssrc ^ 0x5a5a5a5a;
	uint8_t plain[PACKET_MAX];
	unsigned int i;
	size_t n;

	for (i = 0; i < SHAPES; i++) {
		struct rtp r = shapes[i];

		r.ssrc = ssrc;
		r.seq = (uint16_t)(65533 + i);
		r.id = random_u64();
		pass_rtp(from, to, &r, "RTP");
	}
	n = rtcp_everything(plain, ssrc, other, other + 1);
	pass_rtcp(from, to, plain, n, "compound RTCP");
	/* RFC 5506: reduced size */
	n = rtcp_pli(plain, ssrc, other);
	pass_rtcp(from, to, plain, n, "a picture loss indication alone");
	n = rtcp_rr(plain, ssrc, NULL, 0);
	pass_rtcp(from, to, plain, n, "an empty receiver report");
}

static void every_pair(void)
{
	struct peer *a, *b;
	uint32_t i, j;
	struct call c;

	for (i = 0; i < SUITES; i++) {
		for (j = 0; j < SUITES; j++) {
			struct setup sa = { .link = LINK_A, .suite = i, .family = i & 1 ? 6 : 4,
					    .dscp = 46 };
			struct setup sb = { .link = LINK_B, .suite = j, .family = j & 2 ? 6 : 4,
					    .dscp = (uint8_t)j };

			pair_open(&c, &sa, &sb, &a, &b);
			exchange(a, b, 0x1000 + i);
			exchange(b, a, 0x2000 + j);
			expect_datapath(a, b, 1);
			expect_datapath(b, a, 1);
			call_close(&c);
		}
		tap_end("D1,D3,S8", "%s to every suite and back: RTP, RTCP, all header shapes",
			ksrtp_suite_name(i));
	}
}

/* -- SRTCP */

static void clear_srtcp(void)
{
	struct setup plain = { .link = LINK_B };
	uint8_t p[PACKET_MAX], wire[PACKET_MAX + GROWTH_MAX] __attribute__((aligned(8)));
	struct peer *a, *b;
	struct call c;
	uint32_t i;
	size_t n, w;

	for (i = 1; i < SUITES; i++) {
		struct setup s = { .link = LINK_A, .suite = i };

		pair_open(&c, &s, &plain, &a, &b);
		/* The same key, but SRTCP authenticated only: E bit 0. */
		session_close(&a->out);
		a->out.rtcp_clear = true;
		session_open(&a->out);
		n = rtcp_everything(p, 0x77, 1, 2);
		w = peer_protect(a, true, p, n, wire);
		CHECK(!memcmp(p, wire, n), "libsrtp2 encrypted it");
		peer_send_raw(a, wire, w);
		peer_expect(b, true, p, n, "E bit 0");
		refuse_raw(a, b, wire, w, KSRTP_REASON_REPLAY, "the same again");
		w = peer_protect(a, true, p, n, wire);
		wire[n / 2] ^= 0x10;
		refuse_raw(a, b, wire, w, KSRTP_REASON_AUTH, "changed");
		wire[n / 2] ^= 0x10;
		/* The E bit is part of what is authenticated. */
		wire[suite_is_gcm(i) ? w - 4 : n] ^= 0x80;
		refuse_raw(a, b, wire, w, KSRTP_REASON_AUTH, "E bit set by somebody");
		wire[suite_is_gcm(i) ? w - 4 : n] ^= 0x80;
		peer_send_raw(a, wire, w);
		peer_expect(b, true, p, n, "the true one");
		call_close(&c);
	}
	tap_end("D1,S1,S2", "SRTCP without encryption is accepted if authentic, and only once");
}

static void unprotected_rtcp(void)
{
	struct setup plain = { .link = LINK_B };
	struct peer *a, *b;
	uint8_t p[PACKET_MAX];
	struct call c;
	uint32_t i;
	size_t n;

	for (i = 1; i < SUITES; i++) {
		struct setup s = { .link = LINK_A, .suite = i };

		pair_open(&c, &s, &plain, &a, &b);
		n = rtcp_pli(p, 0x77, 1);
		refuse_raw(a, b, p, n, KSRTP_REASON_RTCP_CLEAR, "PLI in the clear");
		n = rtcp_everything(p, 0x77, 1, 2);
		refuse_raw(a, b, p, n, KSRTP_REASON_AUTH, "a compound in the clear");
		CHECK(!stream_now(a, KSRTP_DIRECTION_RX, 0x77, &(struct ksrtp_stream){}),
		      "it made a stream");
		pass_rtcp(a, b, p, n, "the same, protected");
		call_close(&c);
	}
	tap_end("S1,S2", "RTCP in the clear on a keyed leg is refused, and makes no stream");
}

/* Both numbers of a second port: a leg of its own, with keys of its own. */
static void second_port(void)
{
	struct setup s = { .link = LINK_A, .suite = KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80 };
	struct setup t = { .link = LINK_B, .suite = KSRTP_SUITE_AEAD_AES_256_GCM, .family = 6 };
	struct rtp r = { .ssrc = 5, .payload = 50 };
	struct peer *a, *b, *a2, *b2;
	uint8_t p[PACKET_MAX];
	struct call c;
	size_t n;
	int i;

	call_open(&c, KSRTP_MODE_TRANSPORT);
	a = peer_open(&c, &s);
	a2 = peer_open(&c, &s);
	b = peer_open(&c, &t);
	b2 = peer_open(&c, &t);
	route_open(&c, a, b, RTP);
	route_open(&c, a2, b2, RTCP);
	route_open(&c, b2, a2, RTCP);
	n = rtcp_everything(p, 5, 6, 7);
	for (i = 0; i < 20; i++) {
		r.seq = (uint16_t)i;
		pass_rtp(a, b, &r, "RTP");
		pass_rtcp(a2, b2, p, n, "RTCP on its port");
		pass_rtcp(b2, a2, p, n, "and back");
	}
	peer_send(a, true, p, n);
	peer_expect_nothing(a, b, "RTCP on a port that forwards RTP only");
	CHECK(dropped(a, KSRTP_REASON_NO_ROUTE) == 1, "no-route");
	expect_datapath(a, b, 1);
	expect_datapath(b2, a2, 1);
	call_close(&c);
	tap_end("D1", "RTCP on a second port with keys of its own");
}

/* -- MKI */

static void mki_lengths(void)
{
	static const unsigned int lens[] = { 0, 1, 4, 128 };
	struct peer *a, *b;
	struct call c;
	uint32_t i, j;

	for (i = 0; i < 4; i++) {
		for (j = 1; j < SUITES; j++) {
			struct setup sa = { .link = LINK_A, .suite = j, .mki_len = lens[i] };
			struct setup sb = { .link = LINK_B, .suite = 1 + (j + 2) % KSRTP_SUITE_MAX,
					    .mki_len = lens[3 - i] };

			pair_open(&c, &sa, &sb, &a, &b);
			exchange(a, b, 0x1000 + i);
			exchange(b, a, 0x2000 + j);
			expect_datapath(a, b, 1);
			call_close(&c);
		}
		tap_end("D1", "MKI of %u octets in, %u out, and the other way round", lens[i],
			lens[3 - i]);
	}
}

static void mki_wrong(void)
{
	struct setup plain = { .link = LINK_B };
	uint8_t p[PACKET_MAX], wire[PACKET_MAX + GROWTH_MAX] __attribute__((aligned(8)));
	struct rtp r = { .ssrc = 9, .payload = 100 };
	struct peer *a, *b;
	struct call c;
	uint32_t i;
	size_t n, w, at;

	for (i = 1; i < SUITES; i++) {
		struct setup s = { .link = LINK_A, .suite = i, .mki_len = 4 };

		pair_open(&c, &s, &plain, &a, &b);
		n = rtp_build(&r, p);
		w = peer_protect(a, false, p, n, wire);
		at = suite_is_gcm(i) ? w - 4 : w - 4 - suite_growth(i, false);
		wire[at + 3] ^= 1;
		refuse_raw(a, b, wire, w, KSRTP_REASON_MKI, "another MKI");
		wire[at + 3] ^= 1;
		wire[at] ^= 0x80;
		refuse_raw(a, b, wire, w, KSRTP_REASON_MKI, "yet another MKI");
		wire[at] ^= 0x80;
		/* RFC 3711: without its MKI it is another packet. */
		refuse_raw(a, b, wire, w - 4, KSRTP_REASON_MKI, "the MKI cut off");
		peer_send_raw(a, wire, w);
		peer_expect(b, false, p, n, "the true one");
		n = rtcp_everything(p, 9, 1, 2);
		w = peer_protect(a, true, p, n, wire);
		at = suite_is_gcm(i) ? w - 4 : w - 14;
		wire[at + 1] ^= 1;
		refuse_raw(a, b, wire, w, KSRTP_REASON_MKI, "RTCP, another MKI");
		wire[at + 1] ^= 1;
		peer_send_raw(a, wire, w);
		peer_expect(b, true, p, n, "RTCP, the true one");
		call_close(&c);
	}
	tap_end("D1,S1", "a packet with the MKI of no key is dropped as mki");
}

void media_tests_once(void)
{
	if (media_wants("move"))
		move_tests();
}

void media_tests(void)
{
	if (media_wants("suites"))
		every_pair();
	if (media_wants("srtcp")) {
		clear_srtcp();
		unprotected_rtcp();
		second_port();
	}
	if (media_wants("mki")) {
		mki_lengths();
		mki_wrong();
	}
	if (media_wants("streams"))
		stream_tests();
	if (media_wants("vectors"))
		vector_tests();
	if (media_wants("cryptex"))
		cryptex_tests();
	if (media_wants("port"))
		port_tests();
}
