// SPDX-License-Identifier: GPL-2.0
/* DIFFERENCES.md, row by row: what libsrtp2 says of a packet, and what we say. */
#include "unit/random.h"
#include "unit/tap.h"
#include "differences.h"
#include "peer.h"
#include "transform.h"

#define SSRC	0x5501a0b2u
#define CM_80	KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80
#define CM_32	KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32
#define GCM	KSRTP_SUITE_AEAD_AES_128_GCM

static uint64_t seed = 4711;
static struct engine_result result;

/* A sender, a leg of ours and a receiver of libsrtp2, of one master key. */
struct pair {
	struct engine e;
	struct ksrtp_leg *leg;
	struct engine_master m;
	srtp_t	sender, receiver;
	bool	mki;
};

static void pair_open(struct pair *p, const struct engine_master *m, u32 window, bool sends_clear)
{
	struct peer_params params = { .rtcp_clear = sends_clear };

	engine_nonces_forget();
	engine_init(&p->e);
	p->leg = engine_leg(&p->e, window, 0);
	p->mki = m->mki_len;
	p->m = *m;
	p->sender = peer_new(&params, &p->m, 1);
	params = (struct peer_params){ .inbound = true, .window = window };
	p->receiver = peer_new(&params, &p->m, 1);
	CHECK(!engine_key(&p->e, p->leg, KSRTP_DIRECTION_RX, 0, KSRTP_CONTEXT_NEW, 0, &p->m), "%s",
	      p->e.extack._msg);
}

static void pair_init(struct pair *p, u32 suite, size_t mki_len, bool sends_clear)
{
	struct engine_master m;

	engine_master_random(&m, suite, mki_len, &seed);
	pair_open(p, &m, 128, sends_clear);
}

static void pair_exit(struct pair *p)
{
	engine_exit(&p->e);
	srtp_dealloc(p->sender);
	srtp_dealloc(p->receiver);
}

/* Both judge; 0 is yes. */
static void judge(struct pair *p, bool rtcp, const u8 *data, int len, int *ours, int *theirs)
{
	static u8 buf[ENGINE_PACKET_MAX] __attribute__((aligned(4)));

	engine_push(&p->e, p->leg, data, (size_t)len, &result);
	*ours = result.reason;
	memcpy(buf, data, (size_t)len);
	*theirs = peer_unprotect(p->receiver, p->mki, rtcp, buf, &len);
}

static int protect(struct pair *p, bool rtcp, u8 *data, size_t len)
{
	int n = (int)len;
	srtp_err_status_t status = peer_protect(p->sender, p->mki, 0, rtcp, data, &n);

	CHECK(status == srtp_err_status_ok, "libsrtp2 protects: %d", status);
	return n;
}

static int make(struct pair *p, u16 seq, u8 *data)
{
	struct peer_rtp r = { .ssrc = SSRC, .seq = seq, .payload = 20 };

	return protect(p, false, data, peer_make_rtp(&r, &seed, data));
}

static void late_start(void)
{
	u8 data[ENGINE_PACKET_MAX];
	struct pair p;
	int n, ours, theirs;

	pair_init(&p, GCM, 0, false);
	make(&p, 65535, data);
	n = make(&p, 1, data);
	judge(&p, false, data, n, &ours, &theirs);
	CHECK(ours == 0, "we: %d", ours);
	CHECK(theirs == srtp_err_status_auth_fail, "libsrtp2: %d", theirs);
	pair_exit(&p);
	tap_end("D2", "difference 1: a first packet of roll-over counter 1");
}

static void below_zero(void)
{
	u8 data[ENGINE_PACKET_MAX];
	struct pair p;
	int n, ours, theirs;

	pair_init(&p, GCM, 0, false);
	n = make(&p, 100, data);
	judge(&p, false, data, n, &ours, &theirs);
	CHECK(!ours && !theirs, "first: %d, %d", ours, theirs);
	n = make(&p, 100 + 32768, data);
	judge(&p, false, data, n, &ours, &theirs);
	CHECK(!ours && !theirs, "32768 on: %d, %d", ours, theirs);
	pair_exit(&p);

	pair_init(&p, GCM, 0, false);
	n = make(&p, 100, data);
	judge(&p, false, data, n, &ours, &theirs);
	n = make(&p, 100 + 32769, data);
	judge(&p, false, data, n, &ours, &theirs);
	CHECK(ours == KSRTP_REASON_INDEX, "we: %d", ours);
	CHECK(theirs == 0, "libsrtp2: %d", theirs);
	pair_exit(&p);
	tap_end("D2", "difference 2: a step of more than 2^15 at roll-over counter 0");
}

static void padding(void)
{
	struct peer_rtp r = { .ssrc = SSRC, .seq = 1, .p = true, .pad = 21, .payload = 20 };
	u8 data[ENGINE_PACKET_MAX];
	struct pair p;
	int n, ours, theirs;

	pair_init(&p, GCM, 0, false);
	n = protect(&p, false, data, peer_make_rtp(&r, &seed, data));
	judge(&p, false, data, n, &ours, &theirs);
	CHECK(ours == KSRTP_REASON_MALFORMED, "we: %d", ours);
	CHECK(theirs == 0, "libsrtp2: %d", theirs);
	judge(&p, false, data, n, &ours, &theirs);
	CHECK(ours == KSRTP_REASON_REPLAY && theirs == srtp_err_status_replay_fail,
	      "again: %d, %d", ours, theirs);
	pair_exit(&p);
	tap_end("D2", "difference 3: a pad count larger than the payload");
}

static void version(void)
{
	u8 data[ENGINE_PACKET_MAX];
	struct pair p;
	int rtcp, v, n, ours, theirs;

	for (rtcp = 0; rtcp < 2; rtcp++) {
		for (v = 0; v < 4; v++) {
			struct peer_rtp r = { .ssrc = SSRC, .seq = 1, .payload = 20 };
			size_t len;

			pair_init(&p, GCM, 0, false);
			len = rtcp ? peer_make_rtcp(SSRC, 5, &seed, data) : peer_make_rtp(&r, &seed, data);
			data[0] = (u8)(v << 6);
			n = protect(&p, rtcp, data, len);
			judge(&p, rtcp, data, n, &ours, &theirs);
			CHECK((ours == 0) == (v == 2), "version %d: we: %d", v, ours);
			CHECK(theirs == 0, "version %d: libsrtp2: %d", v, theirs);
			pair_exit(&p);
		}
	}
	tap_end("S7", "difference 4: another version than 2, under a good tag");
}

static void clear_srtcp(void)
{
	u8 data[ENGINE_PACKET_MAX];
	struct pair p;
	int n, ours, theirs;

	pair_init(&p, CM_80, 0, true);
	n = protect(&p, true, data, peer_make_rtcp(SSRC, 5, &seed, data));
	judge(&p, true, data, n, &ours, &theirs);
	CHECK(ours == 0, "we: %d", ours);
	CHECK(theirs == srtp_err_status_cant_check, "libsrtp2: %d", theirs);
	pair_exit(&p);
	pair_init(&p, GCM, 0, true);
	n = protect(&p, true, data, peer_make_rtcp(SSRC, 5, &seed, data));
	judge(&p, true, data, n, &ours, &theirs);
	CHECK(!ours && !theirs, "AEAD: %d, %d", ours, theirs);
	pair_exit(&p);
	tap_end("D1", "difference 5: SRTCP with E bit 0 under AES-CM");
}

static void short_tag_mki(void)
{
	u8 data[ENGINE_PACKET_MAX];
	struct pair p;
	int n, ours, theirs;

	pair_init(&p, CM_32, 4, false);
	n = protect(&p, true, data, peer_make_rtcp(SSRC, 5, &seed, data));
	judge(&p, true, data, n, &ours, &theirs);
	CHECK(ours == 0, "we: %d", ours);
	CHECK(theirs == srtp_err_status_bad_mki, "libsrtp2: %d", theirs);
	pair_exit(&p);
	pair_init(&p, CM_80, 4, false);
	n = protect(&p, true, data, peer_make_rtcp(SSRC, 5, &seed, data));
	judge(&p, true, data, n, &ours, &theirs);
	CHECK(!ours && !theirs, "long tag: %d, %d", ours, theirs);
	pair_exit(&p);
	tap_end("D1", "difference 6: MKI of SRTCP under a suite whose SRTP tag is short");
}

/* No difference: the first index. libsrtp2 begins with 1, others with 0. */
static void first_srtcp_index(void)
{
	static const u32 suites[] = { GCM, CM_80 };
	u8 data[ENGINE_PACKET_MAX];
	struct pair p;
	int i, n, ours, theirs;

	for (i = 0; i < 2; i++) {
		pair_init(&p, suites[i], 0, false);
		n = (int)peer_make_rtcp(SSRC, 5, &seed, data);
		engine_context.softirq = true;
		engine_context.sending = true;
		n = ksrtp_transform_seal_rtcp(p.leg->keys[KSRTP_DIRECTION_RX][0], data, (u32)n, SSRC, 0);
		engine_context.sending = false;
		engine_context.softirq = false;
		judge(&p, true, data, n, &ours, &theirs);
		CHECK(!ours && !theirs, "index 0: %d, %d", ours, theirs);
		judge(&p, true, data, n, &ours, &theirs);
		CHECK(ours && theirs, "index 0 again: %d, %d", ours, theirs);
		n = protect(&p, true, data, peer_make_rtcp(SSRC, 5, &seed, data));
		judge(&p, true, data, n, &ours, &theirs);
		CHECK(!ours && !theirs, "index 1: %d, %d", ours, theirs);
		pair_exit(&p);
	}
	tap_end("D1,D2", "no difference: the first SRTCP index may be 0 or 1");
}

/* Packets about the far edge of a window, and the highest one. */
struct edge {
	u8	data[5][ENGINE_PACKET_MAX];
	int	len[5];
};

/* So far behind the highest one: number 0 to 3 of struct edge, and that itself. */
static u32 behind(u32 window, int i)
{
	return i < 4 ? window + 1 - (u32)i : 0;
}

/* The highest comes first; what is less than @window behind it is taken, once. */
static void judge_edge(struct pair *p, bool rtcp, u32 window, const struct edge *e)
{
	static const int order[] = { 4, 0, 1, 2, 3, 3, 2, 1, 0, 4 };
	unsigned int i;

	for (i = 0; i < 10; i++) {
		int n = order[i], ours, theirs;
		bool inside = behind(window, n) < window;

		judge(p, rtcp, e->data[n], e->len[n], &ours, &theirs);
		CHECK(ours == (!inside ? KSRTP_REASON_OLD : i < 5 ? 0 : KSRTP_REASON_REPLAY),
		      "window %u, %u behind: we: %d", window, behind(window, n), ours);
		CHECK(theirs == (!inside ? srtp_err_status_replay_old :
				 i < 5 ? srtp_err_status_ok : srtp_err_status_replay_fail),
		      "window %u, %u behind: libsrtp2: %d", window, behind(window, n), theirs);
	}
}

/* Of @highest the sequence number has the lower half; the other was there before. */
static void window_edge(u32 suite, u32 window, u32 highest)
{
	struct engine_master m;
	u8 first[ENGINE_PACKET_MAX];
	int i, n, ours, theirs;
	struct pair p;
	struct edge e;

	engine_master_random(&m, suite, 0, &seed);
	pair_open(&p, &m, window, false);
	n = make(&p, (u16)(highest - window - 5), first);
	judge(&p, false, first, n, &ours, &theirs);
	CHECK(!ours && !theirs, "the first: %d, %d", ours, theirs);
	for (i = 0; i < 5; i++)
		e.len[i] = make(&p, (u16)(highest - behind(window, i)), e.data[i]);
	judge_edge(&p, false, window, &e);
	pair_exit(&p);
}

static void rtcp_edge(u32 suite, u32 window)
{
	const u32 fixed = 128;
	u8 data[ENGINE_PACKET_MAX];
	struct engine_master m;
	struct pair p;
	struct edge e;
	u32 index;
	int i, n;

	engine_master_random(&m, suite, 0, &seed);
	pair_open(&p, &m, window, false);
	for (index = 1; index <= 300; index++) {
		n = protect(&p, true, data, peer_make_rtcp(SSRC, 5, &seed, data));
		for (i = 0; i < 5; i++) {
			if (index != 300 - behind(fixed, i))
				continue;
			memcpy(e.data[i], data, (size_t)n);
			e.len[i] = n;
		}
	}
	judge_edge(&p, true, fixed, &e);
	pair_exit(&p);
}

/* No difference: which packets are behind the window. */
static void windows(void)
{
	static const u32 suites[] = { GCM, CM_80 };
	u32 window;
	int i;

	for (i = 0; i < 2; i++) {
		for (window = KSRTP_WINDOW_MIN; window <= KSRTP_WINDOW_MAX; window *= 2) {
			window_edge(suites[i], window, 30000);
			window_edge(suites[i], window, 0x10000 + 1);
			window_edge(suites[i], window, 0x10000 + window / 2);
			window_edge(suites[i], window, 0x10000 + window);
		}
	}
	tap_end("D2", "no difference: the edge of the window, at every width from 64 to 8,192");
	for (i = 0; i < 2; i++)
		for (window = KSRTP_WINDOW_MIN; window <= KSRTP_WINDOW_MAX; window *= 2)
			rtcp_edge(suites[i], window);
	tap_end("D2", "no difference: the edge of SRTCP's window of 128, whatever SRTP's width");
}

/*
 * Every length below that of the shortest packet. Each in memory of its own, so that reading
 * past the end would end the program; and the MKI where it would stand, if there is room.
 */
static void too_short(void)
{
	static const u32 suites[] = { GCM, CM_80, CM_32 };
	unsigned int i, pushed = 0, malformed = 0, mki = 0, clear = 0;
	struct peer_rtp r = { .ssrc = SSRC, .seq = 1 };
	u8 whole[ENGINE_PACKET_MAX], data[ENGINE_PACKET_MAX];
	size_t len, n, behind;
	struct pair p;
	u64 state;

	for (i = 0; i < 6; i++) {
		bool rtcp = i & 1, aead = engine_is_gcm(suites[i / 2]);

		pair_init(&p, suites[i / 2], 4, false);
		n = rtcp ? peer_make_rtcp(SSRC, 0, &seed, whole) : peer_make_rtp(&r, &seed, whole);
		n = (size_t)protect(&p, rtcp, whole, n);
		behind = aead ? 0 : suites[i / 2] == CM_32 && !rtcp ? 4 : 10;
		state = engine_state(p.leg);
		for (len = rtcp ? KSRTP_RTCP_HDR_LEN : KSRTP_RTP_HDR_LEN; len < n; len++) {
			memcpy(data, whole, len);
			if (len >= behind + 4)
				memcpy(data + len - behind - 4, p.m.mki, 4);
			engine_push(&p.e, p.leg, data, len, &result);
			pushed++;
			malformed += result.reason == KSRTP_REASON_MALFORMED;
			clear += result.reason == KSRTP_REASON_RTCP_CLEAR;
			mki += result.reason == KSRTP_REASON_MKI;
			CHECK(malformed + clear + mki == pushed, "%s, %s of %zu octets: %d",
			      engine_suite_name(suites[i / 2]), rtcp ? "RTCP" : "RTP", len,
			      result.reason);
			CHECK(engine_state(p.leg) == state, "%zu octets: state has changed", len);
		}
		pair_exit(&p);
	}
	CHECK(malformed && clear && mki, "%u malformed, %u without MKI, %u RTCP", malformed, mki, clear);
	tap_end("D1,S7", "difference 7: shorter than header, MKI and tag: %u lengths refused", pushed);
}

static void many_streams(void)
{
	u8 data[ENGINE_PACKET_MAX];
	struct pair p;
	int i, n, ours = 0, theirs = 0, taken = 0;

	pair_init(&p, GCM, 0, false);
	for (i = 0; i < 100 && !theirs; i++) {
		struct peer_rtp r = { .ssrc = SSRC + (u32)i, .seq = 1, .payload = 20 };

		n = protect(&p, false, data, peer_make_rtp(&r, &seed, data));
		judge(&p, false, data, n, &ours, &theirs);
		taken += !ours;
	}
	CHECK(taken == KSRTP_STREAMS_DEFAULT && ours == KSRTP_REASON_STREAMS, "we: %d, %d", taken, ours);
	CHECK(i == 100 && !theirs, "libsrtp2: %d, %d", i, theirs);
	pair_exit(&p);
	tap_end("S7", "difference 8: more streams than the leg may have");
}

/* A packet with this extension, for a pair that encrypts elements 1 and 2: its length. */
static int with_extension(struct pair *p, const u8 *extension, size_t words, u8 *plain, u8 *wire)
{
	struct peer_rtp r = { .ssrc = SSRC, .seq = 1, .x = true, .words = words, .payload = 20 };
	struct engine_master m;
	size_t n;

	engine_master_random(&m, GCM, 0, &seed);
	m.hdrext_ids[0] = 1;
	m.hdrext_ids[1] = 2;
	m.hdrext_ids_len = 2;
	pair_open(p, &m, 128, false);
	n = peer_make_rtp(&r, &seed, plain);
	memcpy(plain + KSRTP_RTP_HDR_LEN, extension, 4 + 4 * words);
	memcpy(wire, plain, n);
	return (int)n;
}

static void other_extension(void)
{
	static const u8 extension[] = { 0x12, 0x34, 0, 1, 1, 2, 3, 4 };
	struct engine_master without;
	u8 plain[ENGINE_PACKET_MAX], data[ENGINE_PACKET_MAX];
	struct peer_params params = { 0 };
	struct pair p;
	srtp_t sender;
	int n, ours, theirs;

	n = with_extension(&p, extension, 1, plain, data);
	theirs = peer_protect(p.sender, false, 0, false, data, &n);
	CHECK(theirs == srtp_err_status_parse_err, "libsrtp2 protects it: %d", theirs);
	/* From a sender that has agreed to nothing of the kind. */
	without = p.m;
	without.hdrext_ids_len = 0;
	sender = peer_new(&params, &without, 1);
	n = KSRTP_RTP_HDR_LEN + 8 + 20;
	memcpy(data, plain, (size_t)n);
	CHECK(peer_protect(sender, false, 0, false, data, &n) == srtp_err_status_ok, "protected");
	judge(&p, false, data, n, &ours, &theirs);
	CHECK(!ours && !memcmp(result.data, plain, result.len), "we: %d", ours);
	CHECK(theirs == srtp_err_status_parse_err, "libsrtp2: %d", theirs);
	srtp_dealloc(sender);
	pair_exit(&p);
	tap_end("D1", "difference 9: an extension without elements, where some are encrypted");
}

static void padding_between(void)
{
	/* Element 1, an octet of padding, element 2; and without that octet. */
	static const u8 extensions[2][12] = {
		{ 0xbe, 0xde, 0, 2, 0x11, 1, 2, 0, 0x21, 3, 4, 0 },
		{ 0xbe, 0xde, 0, 2, 0x11, 1, 2, 0x22, 3, 4, 5, 0 },
	};
	u8 plain[ENGINE_PACKET_MAX], data[ENGINE_PACKET_MAX];
	int n, i, ours, theirs;
	struct pair p;

	for (i = 0; i < 2; i++) {
		n = with_extension(&p, extensions[i], 2, plain, data);
		n = protect(&p, false, data, (size_t)n);
		judge(&p, false, data, n, &ours, &theirs);
		CHECK(!ours && !theirs, "%d, %d", ours, theirs);
		CHECK(!memcmp(result.data, plain, KSRTP_RTP_HDR_LEN + 4 + 4), "element 1");
		/* The octet of padding has its octet of the key stream, or has none. */
		CHECK((memcmp(result.data, plain, result.len) == 0) == i, "element 2: %d", i);
		pair_exit(&p);
	}
	tap_end("D1", "difference 10: padding between elements, where some are encrypted");
}

void differences(void)
{
	late_start();
	below_zero();
	padding();
	version();
	clear_srtcp();
	short_tag_mki();
	too_short();
	many_streams();
	other_extension();
	padding_between();
	first_srtcp_index();
	windows();
}
