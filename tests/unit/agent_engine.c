// SPDX-License-Identifier: GPL-2.0
/* The user datapath from inside: what no packet can show in a test's time. */
#include <stdio.h>
#include <string.h>

#include "ksrtpd/addr.h"
#include "ksrtpd/user_state.h"
#include "tap.h"

#define SSRC	0x5501a0b2u
#define STEP	(1ULL << 16)	/* of SRTP packets, after which a stream settles its share */
#define HARD	(1ULL << 48)

/* A leg of plain RTP, one of AES-GCM, and what was told of them. */
struct world {
	struct ksrtpd_engine *engine;
	struct leg *from, *to;
	struct route *route;
	unsigned int sent, soft, hard;
	uint16_t seq;
};

static enum ksrtp_reason deliver(void *arg, uint32_t leg, const struct sockaddr_storage *to,
				 const uint8_t *data, size_t len)
{
	struct world *w = arg;

	(void)leg;
	(void)to;
	(void)data;
	(void)len;
	w->sent++;
	return KSRTP_REASON_NONE;
}

static void hear(void *arg, const struct ksrtp_event *event)
{
	struct world *w = arg;

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

static void add_key(struct world *w, const struct leg *leg, uint32_t direction, uint32_t suite)
{
	struct ksrtpd_key key = { .leg_id = leg->id, .direction = direction, .suite = suite };

	memset(key.master_key, (int)leg->id, sizeof(key.master_key));
	CHECK(!ksrtpd_engine_key_new(w->engine, &key), "%s", ksrtpd_engine_error(w->engine));
}

static void world_init(struct world *w)
{
	const struct ksrtpd_engine_net net = { .send = deliver, .event = hear, .arg = w };
	struct ksrtp_call call = { .name = "test", .mode = KSRTP_MODE_TRANSPORT };
	struct ksrtp_route route = { .flags = KSRTP_ROUTE_F_RTP };

	memset(w, 0, sizeof(*w));
	w->engine = ksrtpd_engine_create(&net);
	CHECK(w->engine && !ksrtpd_engine_call_new(w->engine, &call), "no engine");
	w->from = add_leg(w, call.id, 1);
	w->to = add_leg(w, call.id, 2);
	add_key(w, w->from, RX, KSRTP_SUITE_NONE);
	add_key(w, w->to, TX, KSRTP_SUITE_AEAD_AES_128_GCM);
	route.from = w->from->id;
	route.to = w->to->id;
	CHECK(!ksrtpd_engine_route_new(w->engine, &route), "%s", ksrtpd_engine_error(w->engine));
	w->route = STAILQ_FIRST(&w->from->routes);
}

/* One more packet of the source; true: it left. */
static bool next(struct world *w)
{
	uint8_t packet[32] = { 0x80, 8 };
	unsigned int before = w->sent;

	put_unaligned_be16(++w->seq, packet + 2);
	put_unaligned_be32(SSRC, packet + 8);
	ksrtpd_engine_input(w->engine, w->from->id, &w->from->remote, packet, sizeof(packet));
	return w->sent == before + 1;
}

static void key_limit(void)
{
	struct stream *stream;
	struct world w;
	struct key *key;
	unsigned int i;

	world_init(&w);
	CHECK(next(&w), "the first packet");
	key = tx_key(w.to);
	stream = LIST_FIRST(&w.to->streams[TX]);
	CHECK(key->used[0] == STEP && stream->packets == 1, "%llu settled",
	      (unsigned long long)key->used[0]);
	key->used[0] = HARD - HARD / 16 - STEP;
	stream->packets = STEP;
	CHECK(next(&w) && w.soft == 1 && !w.hard, "soft limit: told %u times", w.soft);
	stream->packets = 2 * STEP;
	CHECK(next(&w) && w.soft == 1, "soft limit: told again");
	key->used[0] = HARD - STEP;
	stream->packets = 3 * STEP;
	CHECK(next(&w) && !w.hard, "the last share");
	stream->packets = 4 * STEP;
	for (i = 0; i < 100; i++)
		CHECK(!next(&w), "packet %u after the last left", i);
	CHECK(w.hard == 1 && w.soft == 1, "hard limit: told %u times", w.hard);
	CHECK(w.route->dropped[KSRTP_REASON_TX_LIMIT] == 100, "%llu counted",
	      (unsigned long long)w.route->dropped[KSRTP_REASON_TX_LIMIT]);
	ksrtpd_engine_destroy(w.engine);
	tap_end("D5,S4", "user datapath: a used up key sends nothing, and is told once");
}

/* The same order as in the module. */
static void held_without_consent(void)
{
	struct world w;

	world_init(&w);
	CHECK(!ksrtpd_engine_leg_ice(w.engine, w.to->id) && next(&w), "with consent");
	w.to->consent_ms -= 30001;
	CHECK(!next(&w) && w.route->dropped[KSRTP_REASON_TX_NO_CONSENT] == 1, "without consent");
	w.to->state = KSRTP_LEG_STATE_HELD;
	CHECK(!next(&w) && w.route->dropped[KSRTP_REASON_TX_HELD] == 1, "held, and without consent");
	w.to->state = KSRTP_LEG_STATE_ACTIVE;
	CHECK(!ksrtpd_engine_leg_consent(w.engine, w.to->id) && next(&w), "with consent again");
	ksrtpd_engine_destroy(w.engine);
	tap_end("E2,S8", "user datapath: a held leg without consent is held first");
}

int main(void)
{
	key_limit();
	held_without_consent();
	return tap_done();
}
