// SPDX-License-Identifier: GPL-2.0
/* The user datapath from inside: what no packet can show in a test's time. */
#include <stdio.h>
#include <string.h>

#include "conformance/srtp_peer.h"
#include "ksrtpd/addr.h"
#include "ksrtpd/user_state.h"
#include "core/rtcp.h"
#include "rtcp_compound.h"
#include "tap.h"

#define SSRC	0x5501a0b2u
#define GCM	KSRTP_SUITE_AEAD_AES_128_GCM
#define CM	KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80
#define INDEX_END	(1ULL << 48)	/* of SRTP; the one after the last */
#define LEN_MAX	2600
#define BOTH	(KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP)
#define OWN	0x0b0b0b0bu	/* of the second source alone */

/* By protocol, SRTP and SRTCP: a key's life, and after how many packets a stream settles. */
static const uint64_t hard[2] = { 1ULL << 48, 1ULL << 31 };
static const uint64_t step[2] = { 1ULL << 16, 1ULL << 10 };

/* Two legs, a route from one to the other, what left and what was told of them. */
struct world {
	struct ksrtpd_engine *engine;
	struct leg *from, *to;
	struct route *route;
	struct peer_key in, out;	/* as an independent SRTP has them */
	unsigned int sent, soft, hard;
	uint32_t direction;		/* of the key told of last */
	uint8_t left[LEN_MAX];		/* the last packet */
	size_t left_len;
};

static enum ksrtp_reason deliver(void *arg, uint32_t leg, const struct sockaddr_storage *to,
				 const uint8_t *data, size_t len)
{
	struct world *w = arg;

	(void)leg;
	(void)to;
	CHECK(len <= LEN_MAX, "%zu octets", len);
	memcpy(w->left, data, len);
	w->left_len = len;
	w->sent++;
	return KSRTP_REASON_NONE;
}

static void hear(void *arg, const struct ksrtp_event *event)
{
	struct world *w = arg;

	if (event->type == KSRTP_CMD_KEY_SOFT_NTF || event->type == KSRTP_CMD_KEY_HARD_NTF)
		w->direction = event->direction;
	w->soft += event->type == KSRTP_CMD_KEY_SOFT_NTF;
	w->hard += event->type == KSRTP_CMD_KEY_HARD_NTF;
}

static struct leg *add_leg(struct world *w, uint32_t call, unsigned int n)
{
	struct ksrtp_leg new = { .call_id = call, .state = KSRTP_LEG_STATE_ACTIVE };

	ksrtpd_addr_parse("192.0.2.1", AF_INET, &new.local);
	ksrtpd_addr_set_port(&new.local, (uint16_t)(40000 + n));
	ksrtpd_addr_parse("192.0.2.2", AF_INET, &new.remote);
	ksrtpd_addr_set_port(&new.remote, (uint16_t)(50000 + n));
	CHECK(!ksrtpd_engine_leg_new(w->engine, &new), "%s", ksrtpd_engine_error(w->engine));
	return find_leg(w->engine, new.id);
}

/* One more key, other than all before. */
static struct peer_key add_key(struct world *w, const struct leg *leg, uint32_t direction, uint32_t slot,
			       uint32_t suite, uint32_t roc)
{
	struct ksrtpd_key key = {
		.leg_id = leg->id, .direction = direction, .slot = slot, .suite = suite, .roc = roc,
	};
	struct peer_key peer = { .suite = suite };
	static uint8_t made;

	memset(peer.master, ++made, sizeof(peer.master));
	memset(peer.salt, made ^ 0x55, sizeof(peer.salt));
	memcpy(key.master_key, peer.master, sizeof(key.master_key));
	memcpy(key.master_salt, peer.salt, sizeof(key.master_salt));
	CHECK(!ksrtpd_engine_key_new(w->engine, &key), "%s", ksrtpd_engine_error(w->engine));
	return peer;
}

static struct route *add_route(struct world *w, const struct leg *from, const struct leg *to,
			       uint32_t flags)
{
	struct ksrtp_route route = { .from = from->id, .to = to->id, .flags = flags };

	CHECK(!ksrtpd_engine_route_new(w->engine, &route), "%s", ksrtpd_engine_error(w->engine));
	return STAILQ_FIRST(&from->routes);
}

/* @roc: that of the key to transmit with. */
static void world_init(struct world *w, uint32_t suite_in, uint32_t suite_out, uint32_t roc)
{
	const struct ksrtpd_engine_net net = { .send = deliver, .event = hear, .arg = w };
	struct ksrtp_call call = { .name = "test", .mode = KSRTP_MODE_TRANSPORT };

	memset(w, 0, sizeof(*w));
	w->engine = ksrtpd_engine_create(&net);
	CHECK(w->engine && !ksrtpd_engine_call_new(w->engine, &call), "no engine");
	w->from = add_leg(w, call.id, 1);
	w->to = add_leg(w, call.id, 2);
	w->in = add_key(w, w->from, RX, 0, suite_in, 0);
	w->out = add_key(w, w->to, TX, 0, suite_out, roc);
	w->route = add_route(w, w->from, w->to, BOTH);
}

/* -- packets, and what became of them */

static size_t make_rtp(uint32_t ssrc, uint16_t seq, uint8_t *packet)
{
	memset(packet, 0, 32);
	packet[0] = 0x80;
	packet[1] = 8;
	put_unaligned_be16(seq, packet + 2);
	put_unaligned_be32(ssrc, packet + 8);
	return 32;
}

/* A receiver report without a block. */
static size_t make_rtcp(uint8_t *packet)
{
	packet[0] = 0x80;
	packet[1] = 201;
	put_unaligned_be16(1, packet + 2);
	put_unaligned_be32(SSRC, packet + 4);
	return 8;
}

static bool input(struct world *w, const struct leg *leg, const uint8_t *packet, size_t len)
{
	unsigned int before = w->sent;

	ksrtpd_engine_input(w->engine, leg->id, &leg->remote, packet, len);
	return w->sent == before + 1;
}

/* An RTP packet under this key at this index; true: it left. */
static bool rtp(struct world *w, const struct peer_key *key, uint32_t ssrc, uint64_t index)
{
	uint8_t plain[LEN_MAX], packet[LEN_MAX];
	size_t len = make_rtp(ssrc, (uint16_t)index, plain);

	return input(w, w->from, packet, peer_rtp(key, index, plain, len, packet));
}

static bool rtcp(struct world *w, uint32_t index)
{
	uint8_t plain[LEN_MAX], packet[LEN_MAX];
	size_t len = make_rtcp(plain);

	return input(w, w->from, packet, peer_rtcp(&w->in, index, 1, plain, len, packet));
}

/* What left last is that packet at this index. */
static bool left_as(const struct world *w, uint64_t index)
{
	uint8_t plain[LEN_MAX], packet[LEN_MAX];
	size_t len = make_rtp(SSRC, (uint16_t)index, plain);

	len = peer_rtp(&w->out, index, plain, len, packet);
	return len == w->left_len && !memcmp(packet, w->left, len);
}

static bool refused(const struct world *w, enum ksrtp_reason reason, uint64_t times)
{
	return w->from->stats.dropped[reason] == times;
}

/* -- tests */

/* The life of a key that is used in @direction, of SRTP or SRTCP. */
static void key_limit(uint32_t suite, uint32_t direction, bool is_rtcp)
{
	enum ksrtp_reason reason = direction == TX ? KSRTP_REASON_TX_LIMIT : KSRTP_REASON_LIMIT;
	uint64_t end = hard[is_rtcp], share = step[is_rtcp], *packets;
	struct stream *stream;
	struct world w;
	struct key *key;
	struct leg *leg;
	uint32_t n = 1;

#define NEXT()	(is_rtcp ? rtcp(&w, n++) : rtp(&w, &w.in, SSRC, n++))
	world_init(&w, suite, suite, 0);
	leg = direction == TX ? w.to : w.from;
	CHECK(NEXT(), "the first packet");
	key = leg->keys[direction][0];
	stream = LIST_FIRST(&leg->streams[direction]);
	packets = is_rtcp ? &stream->rtcp_packets : &stream->packets;
	CHECK(key->used[is_rtcp] == share && !key->used[!is_rtcp] && *packets == 1, "%llu settled",
	      (unsigned long long)key->used[is_rtcp]);
	CHECK(NEXT() && key->used[is_rtcp] == share, "settled again before the share is used");
	key->used[is_rtcp] = end - end / 16 - 2 * share;
	*packets = share;
	CHECK(NEXT() && !w.soft, "below the soft limit");
	*packets = 2 * share;
	CHECK(NEXT() && w.soft == 1 && !w.hard && w.direction == direction, "soft limit: told %u times",
	      w.soft);
	*packets = 3 * share;
	CHECK(NEXT() && w.soft == 1, "soft limit: told again");
	key->used[is_rtcp] = end - share;
	*packets = 4 * share;
	CHECK(NEXT() && !w.hard, "the last share");
	*packets = 5 * share - 1;
	CHECK(NEXT() && !w.hard, "its last packet");
	while (n < 100)
		CHECK(!NEXT(), "packet %u after the last left", n);
	CHECK(w.hard == 1 && w.soft == 1 && w.direction == direction, "hard limit: told %u times", w.hard);
	/* What no route could send is dropped for the route's reason. */
	CHECK(refused(&w, reason, 100 - 8), "%llu counted",
	      (unsigned long long)w.from->stats.dropped[reason]);
	CHECK(direction == RX || w.route->dropped[reason] == 100 - 8, "on the route: %llu",
	      (unsigned long long)w.route->dropped[reason]);
	/* The other protocol has a life of its own. */
	is_rtcp = !is_rtcp;
	CHECK(NEXT(), "the other protocol");
	ksrtpd_engine_destroy(w.engine);
#undef NEXT
}

static void key_limits(void)
{
	static const uint32_t suites[] = { GCM, CM };
	unsigned int i, is_rtcp;

	for (i = 0; i < 2; i++)
		for (is_rtcp = 0; is_rtcp < 2; is_rtcp++)
			key_limit(suites[i], TX, is_rtcp);
	tap_end("D5,S4", "user datapath: a used up key sends nothing, SRTP or SRTCP, and is told once");
	for (i = 0; i < 2; i++)
		for (is_rtcp = 0; is_rtcp < 2; is_rtcp++)
			key_limit(suites[i], RX, is_rtcp);
	tap_end("D5,S4", "user datapath: nothing is received under a used up key, which is told once");
}

/* The last roll-over counter, and numbers that would begin it again. */
static void last_index(void)
{
	static const uint32_t suites[] = { GCM, CM };
	struct stream *stream;
	struct world w;
	unsigned int i, n;

	for (i = 0; i < 2; i++) {
		world_init(&w, KSRTP_SUITE_NONE, suites[i], 0xffffffff);
		CHECK(rtp(&w, &w.in, SSRC, 65534) && left_as(&w, INDEX_END - 2), "index 2^48 - 2");
		CHECK(rtp(&w, &w.in, SSRC, 65535) && left_as(&w, INDEX_END - 1), "index 2^48 - 1");
		for (n = 0; n < 5000; n++)
			CHECK(!rtp(&w, &w.in, SSRC, n), "%u after the last index: sent", n);
		stream = LIST_FIRST(&w.to->streams[TX]);
		CHECK(stream->rtp.highest == INDEX_END - 1, "highest");
		CHECK(w.route->dropped[KSRTP_REASON_TX_LIMIT] + w.route->dropped[KSRTP_REASON_TX_JUMP] == 5000 &&
		      w.route->dropped[KSRTP_REASON_TX_LIMIT] > 1000, "%llu",
		      (unsigned long long)w.route->dropped[KSRTP_REASON_TX_LIMIT]);
		ksrtpd_engine_destroy(w.engine);
		/* Of a protected source every packet has one index, and that is none. */
		world_init(&w, suites[i], suites[i], 0xffffffff);
		CHECK(rtp(&w, &w.in, SSRC, 65535) && left_as(&w, INDEX_END - 1), "2^48 - 1, protected");
		for (n = 0; n < 100; n++)
			CHECK(!rtp(&w, &w.in, SSRC, 65536 + n), "%u after the last index: sent", n);
		CHECK(w.route->dropped[KSRTP_REASON_TX_LIMIT] == 100, "%llu",
		      (unsigned long long)w.route->dropped[KSRTP_REASON_TX_LIMIT]);
		ksrtpd_engine_destroy(w.engine);
	}
	tap_end("S3,S4", "user datapath: index 2^48 - 1 leaves once, then nothing");

	for (i = 0; i < 2; i++) {
		world_init(&w, suites[i], KSRTP_SUITE_NONE, 0);
		CHECK(!ksrtpd_engine_key_del(w.engine, w.from->id, RX, 0), "del");
		w.in = add_key(&w, w.from, RX, 0, suites[i], 0xffffffff);
		CHECK(rtp(&w, &w.in, SSRC, INDEX_END - 2) && rtp(&w, &w.in, SSRC, INDEX_END - 1), "the last two");
		CHECK(!rtp(&w, &w.in, SSRC, INDEX_END - 1) && refused(&w, KSRTP_REASON_REPLAY, 1), "again");
		stream = LIST_FIRST(&w.from->streams[RX]);
		/* As if the counter began again, and as if it did not end. */
		CHECK(!rtp(&w, &w.in, SSRC, 0) && !rtp(&w, &w.in, SSRC, INDEX_END) &&
		      refused(&w, KSRTP_REASON_INDEX, 2), "number 0");
		CHECK(stream->rtp.highest == INDEX_END - 1 && stream->packets == 2, "state has changed");
		ksrtpd_engine_destroy(w.engine);
	}
	tap_end("D2,S4", "user datapath: the receiver's last roll-over counter does not wrap either");
}

static void last_srtcp_index(void)
{
	static const uint32_t suites[] = { GCM, CM };
	const uint32_t last = 0x7fffffff;
	struct stream *stream;
	struct world w;
	unsigned int i, n;

	for (i = 0; i < 2; i++) {
		world_init(&w, suites[i], suites[i], 0);
		CHECK(rtcp(&w, 1), "first");
		/* libsrtp2 counts its own, so that the word on the wire is not to be had here. */
		stream = LIST_FIRST(&w.to->streams[TX]);
		stream->rtcp_last = last - 1;
		CHECK(rtcp(&w, 2) && stream->rtcp_last == last, "the last one");
		for (n = 0; n < 10; n++)
			CHECK(!rtcp(&w, 3 + n), "%u after the last index: sent", n);
		CHECK(w.route->dropped[KSRTP_REASON_TX_LIMIT] == 10 && stream->rtcp_last == last, "%llu, %u",
		      (unsigned long long)w.route->dropped[KSRTP_REASON_TX_LIMIT], stream->rtcp_last);
		CHECK(rtp(&w, &w.in, SSRC, 1), "SRTP goes on");
		stream->rtcp_last = 0;
		/* What comes may be far ahead, and end there. */
		CHECK(rtcp(&w, last) && !rtcp(&w, last) && refused(&w, KSRTP_REASON_REPLAY, 1), "received");
		CHECK(rtcp(&w, last - 127) && !rtcp(&w, last - 128) && !rtcp(&w, 0) &&
		      refused(&w, KSRTP_REASON_OLD, 2), "behind the window");
		ksrtpd_engine_destroy(w.engine);
	}
	tap_end("S3,S4", "user datapath: SRTCP index 2^31 - 1 leaves and is received once, then nothing");
}

/* Late starts of SSRCs that are new; a trial each. How many are found. */
static unsigned int late_starts(struct world *w, uint32_t ssrc, unsigned int many)
{
	unsigned int i, taken = 0;

	for (i = 0; i < many; i++)
		taken += rtp(w, &w->in, ssrc + i, 65536);
	return taken;
}

static void trials(void)
{
	uint64_t began, never = now_ms() + 3600000;
	struct peer_key second;
	unsigned int i, taken;
	struct world w;
	bool found = false;

	world_init(&w, GCM, GCM, 0);
	w.from->streams_max = w.to->streams_max = 1000;
	taken = late_starts(&w, 1, 1);
	/* The second does not end, however slow this machine is. */
	w.from->trial_ms = never;
	taken += late_starts(&w, 2, 199);
	CHECK(taken == 50 && refused(&w, KSRTP_REASON_AUTH, 150), "%u late starts found in no time", taken);
	CHECK(!rtp(&w, &w.in, SSRC, 65536), "one more");
	/* Forged ones take nothing from a good one. */
	for (i = 0; i < 60; i++)
		rtp(&w, &w.out, SSRC, 7);
	CHECK(rtp(&w, &w.in, SSRC, 7), "the first trial is always made");
	CHECK(rtp(&w, &w.in, 1, 65537), "a late one that was found goes on");
	/* Another key is a trial too. */
	second = add_key(&w, w.from, RX, 1, CM, 0);
	CHECK(!rtp(&w, &second, SSRC, 8), "under the second key");
	w.from->trial_ms = now_ms() - 1001;
	CHECK(rtp(&w, &second, SSRC, 8), "under the second key, a second later");
	CHECK(w.from->trial_tokens == 49, "%u left", w.from->trial_tokens);
	CHECK(rtp(&w, &second, SSRC, 9) && w.from->trial_tokens == 49, "it is the first to be tried now");
	ksrtpd_engine_destroy(w.engine);

	/* Not before the second is over; where this machine lets it pass meanwhile, once more. */
	world_init(&w, GCM, GCM, 0);
	w.from->streams_max = w.to->streams_max = 1000;
	for (i = 0; i < 1000; i++) {
		began = now_ms() - 900;
		w.from->trial_ms = began;
		w.from->trial_tokens = 0;
		found = rtp(&w, &w.in, SSRC + i, 65536);
		if (now_ms() <= began + 1000)
			break;
		found = false;
	}
	CHECK(!found, "more trials within the second");
	ksrtpd_engine_destroy(w.engine);
	tap_end("S2,S7", "user datapath: 50 trials a second for a late start, the likeliest one beside");
}

/* Over all legs of the agent; who goes makes room for who stays. */
static void cap_total(void)
{
	struct world w;
	struct leg *from, *to;
	uint8_t packet[LEN_MAX];
	struct route *route;

	world_init(&w, KSRTP_SUITE_NONE, GCM, 0);
	CHECK(w.engine->streams_max == 1u << 20, "default: %u", w.engine->streams_max);
	w.engine->streams_max = 6;
	from = add_leg(&w, w.from->call->id, 3);
	to = add_leg(&w, w.from->call->id, 4);
	add_key(&w, from, RX, 0, KSRTP_SUITE_NONE, 0);
	add_key(&w, to, TX, 0, CM, 0);
	route = add_route(&w, from, to, BOTH);
#define OTHER(ssrc, seq) input(&w, from, packet, make_rtp(ssrc, seq, packet))
	/* Each SSRC is a stream that comes and a stream that leaves. */
	CHECK(rtp(&w, &w.in, 1, 1) && OTHER(1, 1) && rtp(&w, &w.in, 2, 1), "three");
	CHECK(!rtp(&w, &w.in, 3, 1) && refused(&w, KSRTP_REASON_STREAMS, 1), "one more than allowed");
	CHECK(!OTHER(3, 1) && from->stats.dropped[KSRTP_REASON_STREAMS] == 1, "and on the other leg");
	CHECK(rtp(&w, &w.in, 1, 2) && OTHER(1, 2), "those that are there go on");
	CHECK(!ksrtpd_engine_leg_del(w.engine, w.to->id) && w.engine->streams == 4, "%u", w.engine->streams);
	CHECK(OTHER(3, 2) && w.engine->streams == 6, "there is room again");
	CHECK(!OTHER(4, 1) && from->stats.dropped[KSRTP_REASON_STREAMS] == 2, "and none");
	/* Room for what comes, not for what leaves. */
	w.engine->streams_max = 7;
	CHECK(!OTHER(4, 2) && route->dropped[KSRTP_REASON_TX_STREAMS] == 1, "toward a leg");
	CHECK(!ksrtpd_engine_key_del(w.engine, from->id, RX, 0) && w.engine->streams == 4, "with a key: %u",
	      w.engine->streams);
	CHECK(!ksrtpd_engine_call_del(w.engine, from->call->id) && !w.engine->streams, "%u in the end",
	      w.engine->streams);
#undef OTHER
	ksrtpd_engine_destroy(w.engine);
	tap_end("S7,S8", "user datapath: streams are capped in total, over all legs");
}

/* The same order as in the module. */
static void held_without_consent(void)
{
	uint64_t index = 0;
	struct world w;

#define NEXT()	rtp(&w, &w.in, SSRC, ++index)
	world_init(&w, KSRTP_SUITE_NONE, GCM, 0);
	CHECK(!ksrtpd_engine_leg_ice(w.engine, w.to->id) && NEXT(), "with consent");
	w.to->consent_ms -= 30001;
	CHECK(!NEXT() && w.route->dropped[KSRTP_REASON_TX_NO_CONSENT] == 1, "without consent");
	w.to->state = KSRTP_LEG_STATE_HELD;
	CHECK(!NEXT() && w.route->dropped[KSRTP_REASON_TX_HELD] == 1, "held, and without consent");
	w.to->state = KSRTP_LEG_STATE_ACTIVE;
	CHECK(!ksrtpd_engine_leg_consent(w.engine, w.to->id) && NEXT(), "with consent again");
	ksrtpd_engine_destroy(w.engine);
#undef NEXT
	tap_end("E2,S8", "user datapath: a held leg without consent is held first");
}

/* A second source, and RTCP from both. */
static struct leg *second_source(struct world *w, uint32_t flags)
{
	struct leg *leg = add_leg(w, w->from->call->id, 3);

	add_key(w, leg, RX, 0, KSRTP_SUITE_NONE, 0);
	add_route(w, leg, w->to, BOTH | flags);
	return leg;
}

/* Does what arrives leave on one route? */
static bool passes(struct world *w, const struct leg *leg, const uint8_t *packet, size_t len)
{
	unsigned int before = w->sent;

	ksrtpd_engine_input(w->engine, leg->id, &leg->remote, packet, len);
	return w->sent == before + 1;
}

/* An RR of @own, and a BYE of @of. */
static bool says_bye(struct world *w, const struct leg *leg, uint32_t own, uint32_t of)
{
	uint8_t packet[16] = { 0x80, 201, 0, 1, 0, 0, 0, 0, 0x81, 203, 0, 1 };

	put_unaligned_be32(own, packet + 4);
	put_unaligned_be32(of, packet + 12);
	return passes(w, leg, packet, sizeof(packet));
}

static void spoken_for(void)
{
	const struct route *route;
	struct leg *second;
	struct world w;

	world_init(&w, KSRTP_SUITE_NONE, GCM, 0);
	second = second_source(&w, 0);
	route = STAILQ_FIRST(&second->routes);
	CHECK(rtp(&w, &w.in, SSRC, 1), "the first source");
	CHECK(!says_bye(&w, second, OWN, SSRC) && route->dropped[KSRTP_REASON_TX_SSRC] == 1,
	      "the first source's BYE from the second");
	CHECK(says_bye(&w, second, OWN, OWN), "the second source's own BYE");
	CHECK(says_bye(&w, second, OWN, 0x0d0d0d0d), "a BYE of nobody there");
	CHECK(says_bye(&w, w.from, SSRC, SSRC), "the first source's own BYE");
	CHECK(!says_bye(&w, w.from, SSRC, OWN) && w.route->dropped[KSRTP_REASON_TX_SSRC] == 1,
	      "the second source's BYE from the first");
	CHECK(!ksrtpd_engine_leg_del(w.engine, w.from->id), "%s", ksrtpd_engine_error(w.engine));
	CHECK(says_bye(&w, second, OWN, SSRC), "a BYE of one whose leg is gone");
	ksrtpd_engine_destroy(w.engine);
	tap_end("S3", "user datapath: RTCP that speaks for another source is refused");
}

/* A NACK of more numbers than are mapped for one packet, once of a source's and once of nobody's. */
static void too_many(void)
{
	static uint8_t packet[4 * (KSRTP_RTCP_FIELDS_MAX + 3)], plain[32] = { 0x80, 8 };
	struct compound c = { .p = packet, .sender = OWN };
	const struct route *back;
	struct leg *second;
	struct world w;

	world_init(&w, KSRTP_SUITE_NONE, GCM, 0);
	second = second_source(&w, KSRTP_ROUTE_F_MAP_SSRC);
	add_key(&w, w.to, RX, 0, KSRTP_SUITE_NONE, 0);
	add_key(&w, second, TX, 0, KSRTP_SUITE_AEAD_AES_256_GCM, 0);
	add_route(&w, w.to, second, KSRTP_ROUTE_F_RTCP);
	back = STAILQ_FIRST(&w.to->routes);
	CHECK(rtp(&w, &w.in, SSRC, 1), "the first source");
	put_unaligned_be32(SSRC, plain + 8);
	CHECK(passes(&w, second, plain, sizeof(plain)), "the second");
	CHECK(w.to->rewrites, "nothing is mapped");
	compound_head(&c, 1, 205, KSRTP_RTCP_FIELDS_MAX + 2);
	c.target = LIST_FIRST(&w.to->streams[TX])->out;
	compound_target(&c, KSRTP_RTCP_FIELDS_MAX);
	CHECK(c.target != SSRC && !passes(&w, w.to, packet, sizeof(packet)) &&
	      back->dropped[KSRTP_REASON_TX_RTCP] == 1, "of a source's");
	put_unaligned_be32(0x0d0d0d0d, packet + 8);
	CHECK(passes(&w, w.to, packet, sizeof(packet)), "of nobody's");
	ksrtpd_engine_destroy(w.engine);
	tap_end("S7", "user datapath: RTCP with more to map than is mapped is dropped");
}

int main(void)
{
	tap.datapath = "user";
	key_limits();
	last_index();
	last_srtcp_index();
	trials();
	cap_total();
	held_without_consent();
	spoken_for();
	too_many();
	return tap_done();
}
