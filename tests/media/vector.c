// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "../unit/tap.h"
#include "vector.h"

const struct vector vector_plain = { "plain" };

void vector_open(struct call *c, struct peer **from, struct peer **to)
{
	struct setup s = { .link = LINK_A, .no_rx_key = true, .room = true };
	struct setup t = { .link = LINK_B, .no_tx_key = true };

	call_open(c, KSRTP_MODE_TRANSPORT);
	*from = peer_open(c, &s);
	*to = peer_open(c, &t);
	route_open(c, *from, *to, BOTH);
}

void vector_install(struct peer *p, uint32_t direction, const struct vector *v)
{
	struct ksrtp_key key = v->key;

	key.leg_id = p->leg;
	key.direction = direction;
	key.context = KSRTP_CONTEXT_NEW;
	CHECK(!ksrtp_key_new(ksrtp, &key), "%s: %s", v->name, ksrtp_error(ksrtp));
	ksrtp_key_wipe(&key);
}

void vector_becomes(struct peer *from, const uint8_t *in, size_t in_len, struct peer *to,
		    const uint8_t *out, size_t out_len, const char *what)
{
	struct ksrtp_stats before = leg_now(from).stats;
	struct datagram *d;

	peer_send_raw(from, in, in_len);
	d = peer_next(to, WAIT_MS);
	CHECK(d && d->len == out_len && !memcmp(d->octet, out, out_len), "%s: %s", what,
	      d ? "other octets" : "nothing came");
	free(d);
	expect_by_xdp(from, &before, 1, what);
}

void vector_comes_in(const struct vector *v)
{
	struct peer *from, *to;
	struct call c;

	vector_open(&c, &from, &to);
	vector_install(from, KSRTP_DIRECTION_RX, v);
	vector_install(to, KSRTP_DIRECTION_TX, &vector_plain);
	peer_warm(&c, to);
	vector_becomes(from, v->wire, v->wire_len, to, v->plain, v->plain_len, v->name);
	refuse_raw(from, to, v->wire, v->wire_len, KSRTP_REASON_REPLAY, v->name);
	call_close(&c);
}
