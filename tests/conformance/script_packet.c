// SPDX-License-Identifier: GPL-2.0
/*
 * rtp LEG [index=N[..M]] [ssrc=] [len=] [pt=] [marker] [csrc=] [ext=WORDS] [pad=] [salt=]
 *	[key=SLOT] [flip=OCTET] [cut=N] [stranger] [x=TIMES] [slow] -> WHAT...
 * rtcp LEG [index=] [ssrc=] [target=] [number=] [kind=] [clear] ... -> WHAT...
 * raw LEG HEX [slow] -> WHAT...
 *
 * slow: where there is XDP, it leaves the packet to the stack. Every other one that does not
 * go up it must settle itself.
 *
 * WHAT: TO [index=N | shift=N] [ssrc=] [pt=] [target=] [number=] [key=SLOT] [stranger]
 *	TO raw=HEX [stranger]	these octets
 *	TO drop REASON		that route dropped its copy
 *	(ssrc=? is one that the route chose; after that "mapped" is its number)
 *	drop REASON		the packet was dropped
 *	up			the leg's owner got it
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/tap.h"
#include "script.h"

#define WAIT_MS		2000
#define TARGET_USUAL	0x56656e75

struct packet {
	bool rtcp, raw, stranger, by_xdp;
	struct rtp_spec rtp;
	struct rtcp_spec rtcp_spec;
	uint64_t index;
	uint8_t data[DATAGRAM_MAX];	/* as it arrives */
	size_t len;
};

static unsigned int parse_reason(const struct script *script, const char *name)
{
	unsigned int i;

	for (i = 1; name && i <= KSRTP_REASON_MAX; i++)
		if (!strcmp(ksrtp_reason_name(i), name))
			return i;
	script_bad(script, "'%s' is no reason", name ? name : "");
}

static void read_spec(const struct script *script, const struct words *w, unsigned int to,
		      struct packet *p)
{
	const char *kind = script_value(w, 2, to, "kind");

#define NUMBER(name, otherwise) script_number(script, w, 2, to, name, otherwise)
	p->rtp.ssrc = (uint32_t)NUMBER("ssrc", SSRC_USUAL);
	p->rtp.pt = (uint8_t)NUMBER("pt", 96);
	p->rtp.marker = script_flag(w, 2, to, "marker");
	p->rtp.csrcs = (uint8_t)NUMBER("csrc", 0);
	p->rtp.padding = (uint8_t)NUMBER("pad", 0);
	p->rtp.ext = script_value(w, 2, to, "ext") != NULL;
	p->rtp.ext_words = (uint16_t)NUMBER("ext", 0);
	p->rtp.payload = NUMBER("len", 40);
	p->rtcp_spec.kind = kind ? kind : "sr";
	p->rtcp_spec.ssrc = p->rtp.ssrc;
	p->rtcp_spec.target = (uint32_t)NUMBER("target", TARGET_USUAL);
	p->rtcp_spec.numbered = script_value(w, 2, to, "number") != NULL;
	p->rtcp_spec.number = (uint32_t)NUMBER("number", 0);
	p->stranger = script_flag(w, 2, to, "stranger");
}

/* The packet as the endpoint sends it, then spoilt as the script wants. */
static void make_arrival(const struct script *script, const struct script_leg *leg,
			 const struct words *w, unsigned int to, struct packet *p)
{
	const struct peer_key *key = &leg->keys[KSRTP_DIRECTION_RX][NUMBER("key", 0)].key;
	uint8_t plain[DATAGRAM_MAX];
	size_t len, cut = NUMBER("cut", 0);
	const char *flip = script_value(w, 2, to, "flip");
	long at;

	if (p->rtcp) {
		len = make_rtcp(&p->rtcp_spec, plain);
		if (!len)
			script_bad(script, "no RTCP of kind '%s'", p->rtcp_spec.kind);
		p->len = peer_rtcp(key, (uint32_t)p->index, !script_flag(w, 2, to, "clear"), plain,
				   len, p->data);
	} else {
		p->rtp.seq = (uint16_t)p->index;
		p->rtp.seed = p->index * 65537 + p->rtp.ssrc + NUMBER("salt", 0) * 99991;
		len = make_rtp(&p->rtp, plain);
		if (script_value(w, 2, to, "padcount"))
			plain[len - 1] = (uint8_t)NUMBER("padcount", 0);
		p->len = peer_rtp(key, p->index, plain, len, p->data);
	}
	if (flip) {
		at = strtol(flip, NULL, 0);
		p->data[at < 0 ? (long)p->len + at : at] ^= 0x10;
	}
	p->len -= cut < p->len ? cut : p->len;
}
#undef NUMBER

/* The SRTCP index that comes next toward @leg, from 1 (RFC 3711 leaves the first open). */
static uint32_t next_rtcp(struct script *script, unsigned int leg, unsigned int context,
			  uint32_t ssrc)
{
	unsigned int i;

	for (i = 0; i < script->rtcp_count; i++)
		if (script->rtcp[i].leg == leg && script->rtcp[i].context == context &&
		    script->rtcp[i].ssrc == ssrc)
			return ++script->rtcp[i].index;
	if (i == RTCP_SOURCES)
		script_bad(script, "too many sources of RTCP");
	script->rtcp[script->rtcp_count++] = (struct script_rtcp){ leg, context, ssrc, 1 };
	return 1;
}

static size_t make_departure(struct script *script, struct script_leg *leg, const struct words *w,
			     unsigned int from, unsigned int to, const struct packet *p, uint8_t *out)
{
	struct rtcp_spec rtcp = p->rtcp_spec;
	struct rtp_spec rtp = p->rtp;
	const char *shift = script_value(w, from, to, "shift");
	uint64_t index = p->index + (shift ? (uint64_t)strtoll(shift, NULL, 0) : 0);
	const char *raw = script_value(w, from, to, "raw");
	const struct script_key *key;
	uint8_t plain[DATAGRAM_MAX];
	size_t len;

	if (raw)
		return script_octets(script, raw, out, DATAGRAM_MAX);
	if (p->raw)
		script_bad(script, "which octets leave?");
	key = &leg->keys[KSRTP_DIRECTION_TX][script_number(script, w, from, to, "key",
							   leg->tx_slot)];
	if (script_flag(w, from, to, "ssrc=?"))
		rtp.ssrc = script->mapped;
	else
		rtp.ssrc = (uint32_t)script_number(script, w, from, to, "ssrc", rtp.ssrc);
	rtcp.ssrc = rtp.ssrc;
	rtcp.target = (uint32_t)script_number(script, w, from, to, "target", rtcp.target);
	rtcp.number = (uint32_t)script_number(script, w, from, to, "number", rtcp.number);
	rtp.pt = (uint8_t)script_number(script, w, from, to, "pt", rtp.pt);
	index = script_number(script, w, from, to, "index", index);
	if (!p->rtcp) {
		rtp.seq = (uint16_t)index;
		len = make_rtp(&rtp, plain);
		return peer_rtp(&key->key, index, plain, len, out);
	}
	len = make_rtcp(&rtcp, plain);
	index = key->key.suite ? next_rtcp(script, (unsigned int)(leg - script->legs), key->context,
					   rtcp.ssrc) : 0;
	return peer_rtcp(&key->key, (uint32_t)index, 1, plain, len, out);
}

static void check_datagram(const struct script *script, const char *what, int err,
			   const uint8_t *got, size_t got_len, const uint8_t *want, size_t want_len)
{
	size_t i;

	CHECK(!err, "%s:%u: %s got nothing", script->file, script->line, what);
	if (err)
		return;
	CHECK(got_len == want_len, "%s:%u: %s got %zu octets, not %zu", script->file, script->line,
	      what, got_len, want_len);
	for (i = 0; i < got_len && i < want_len && got[i] == want[i]; i++)
		;
	CHECK(i == want_len, "%s:%u: %s: octet %zu is %02x, not %02x", script->file, script->line,
	      what, i, got[i], want[i]);
}

static struct script_route *route_between(struct script *script, const struct script_leg *from,
					  const struct script_leg *to)
{
	unsigned int i;

	for (i = 0; i < script->route_count; i++)
		if (!script->routes[i].gone && &script->legs[script->routes[i].from] == from &&
		    &script->legs[script->routes[i].to] == to)
			return &script->routes[i];
	script_bad(script, "no route %s %s", from->name, to->name);
}

/* An RTP packet left with an SSRC that nobody else has: which? */
static void learn_mapped(struct script *script, const struct packet *p, const uint8_t *got,
			 size_t len)
{
	script->mapped = len < 12 ? 0 : (uint32_t)got[8] << 24 | (uint32_t)got[9] << 16 |
					 (uint32_t)got[10] << 8 | got[11];
	CHECK(script->mapped && script->mapped != p->rtp.ssrc, "%s:%u: left with SSRC %08x",
	      script->file, script->line, script->mapped);
}

static void count_suites(struct script *script, const struct script_leg *from,
			 const struct script_leg *to)
{
	unsigned int suites[] = {
		from->keys[KSRTP_DIRECTION_RX][0].key.suite,
		to->keys[KSRTP_DIRECTION_TX][to->tx_slot].key.suite,
	}, i;

	for (i = 0; i < 2; i++) {
		if (suites[i] == KSRTP_SUITE_AEAD_AES_128_GCM ||
		    suites[i] == KSRTP_SUITE_AEAD_AES_256_GCM)
			script->ops_gcm++;
		else if (suites[i] != KSRTP_SUITE_NONE)
			script->ops_cm++;
	}
}

/* What one route did with its copy; true: it left. */
static bool expect_copy(struct script *script, const struct script_leg *leg,
			const struct words *w, unsigned int from, unsigned int to,
			const struct packet *p, unsigned int *reason)
{
	struct script_leg *other = script_leg(script, w->word[from]);
	struct script_route *route = route_between(script, leg, other);
	uint8_t want[DATAGRAM_MAX], got[DATAGRAM_MAX];
	size_t want_len, got_len = 0;
	int stranger = 0, err;

	route->want.copies++;
	if (to - from > 2 && !strcmp(w->word[from + 1], "drop")) {
		*reason = parse_reason(script, w->word[from + 2]);
		route->want.dropped[*reason]++;
		return false;
	}
	err = script->driver->output((unsigned int)(other - script->legs), WAIT_MS, &stranger, got,
				     &got_len);
	if (script_flag(w, from + 1, to, "ssrc=?"))
		learn_mapped(script, p, got, got_len);
	want_len = make_departure(script, other, w, from + 1, to, p, want);
	check_datagram(script, other->name, err, got, got_len, want, want_len);
	CHECK(stranger == script_flag(w, from + 1, to, "stranger"), "%s:%u: went to the %s endpoint",
	      script->file, script->line, stranger ? "other" : "first");
	route->want.sent++;
	other->want.sent++;
	other->want.sent_bytes += want_len;
	if (p->by_xdp)
		other->want.sent_xdp++;
	else if (script->driver->has_skb)
		other->want.sent_skb++;
	count_suites(script, leg, other);
	return true;
}

static void expect_up(struct script *script, struct script_leg *leg, const struct packet *p)
{
	uint8_t got[DATAGRAM_MAX];
	size_t got_len = 0;
	int err = script->driver->up((unsigned int)(leg - script->legs), got, &got_len);

	check_datagram(script, "the owner", err, got, got_len, p->data, p->len);
	leg->want.passed_up++;
}

void script_silence(struct script *script, int wait_ms)
{
	uint8_t got[DATAGRAM_MAX];
	unsigned int i;
	int stranger;
	size_t len;

	for (i = 0; i < script->leg_count; i++) {
		CHECK(script->driver->output(i, wait_ms, &stranger, got, &len),
		      "%s:%u: leg %s sent a packet too many", script->file, script->line,
		      script->legs[i].name);
		CHECK(script->driver->up(i, got, &len), "%s:%u: leg %s passed a packet up",
		      script->file, script->line, script->legs[i].name);
	}
}

static unsigned int next_arrow(const struct words *w, unsigned int at)
{
	while (at < w->count && strcmp(w->word[at], "->"))
		at++;
	return at;
}

static void expect(struct script *script, struct script_leg *leg, const struct words *w,
		   const struct packet *p)
{
	unsigned int at = next_arrow(w, 0), to, reason = KSRTP_REASON_NO_ROUTE;
	bool sent = false, up = false;

	leg->want.received++;
	leg->want.received_bytes += p->len;
	if (at == w->count)
		script_bad(script, "what shall become of the packet?");
	for (; at < w->count; at = to) {
		to = next_arrow(w, ++at);
		if (at == to)
			script_bad(script, "nothing behind '->'");
		if (!strcmp(w->word[at], "up")) {
			expect_up(script, leg, p);
			up = true;
		} else if (!strcmp(w->word[at], "drop")) {
			reason = parse_reason(script, at + 1 < to ? w->word[at + 1] : NULL);
		} else if (expect_copy(script, leg, w, at, to, p, &reason)) {
			sent = true;
		}
	}
	if (sent)
		leg->want.forwarded++;
	else if (!up)
		leg->want.dropped[reason]++;
	if (sent && p->by_xdp)
		leg->want.xdp++;
	else if (sent && script->driver->has_skb)
		leg->want.skb++;
	script_silence(script, 0);
}

/* Which path it took. What goes up, XDP never settles. */
static void expect_path(struct script *script, const struct packet *p)
{
	script->packets++;
	if (!script->driver->by_xdp)
		return;
	script->by_xdp += p->by_xdp;
	CHECK(!script->driver->by_xdp() == !p->by_xdp, "%s:%u: XDP %s", script->file, script->line,
	      p->by_xdp ? "left it to the stack" : "settled it itself");
}

static bool goes_up(const struct words *w)
{
	unsigned int at = next_arrow(w, 0);

	return at + 1 < w->count && !strcmp(w->word[at + 1], "up");
}

static void send_one(struct script *script, struct script_leg *leg, const struct words *w,
		     unsigned int to, struct packet *p)
{
	uint64_t times = script_number(script, w, 2, to, "x", 1);
	int err;

	if (!p->raw)
		make_arrival(script, leg, w, to, p);
	while (times--) {
		err = script->driver->input((unsigned int)(leg - script->legs), p->stranger, p->data,
					    p->len);
		CHECK(!err, "%s:%u: not delivered: %s", script->file, script->line, strerror(-err));
		expect_path(script, p);
		expect(script, leg, w, p);
	}
}

bool script_packet(struct script *script, const struct words *w)
{
	unsigned int to = next_arrow(w, 0);
	const char *range;
	struct script_leg *leg;
	struct packet p = { .rtcp = !strcmp(w->word[0], "rtcp"), .raw = !strcmp(w->word[0], "raw") };
	uint64_t last;

	if (strcmp(w->word[0], "rtp") && !p.rtcp && !p.raw)
		return false;
	if (w->count < 2)
		script_bad(script, "on which leg?");
	leg = script_leg(script, w->word[1]);
	if (p.raw && to < 3)
		script_bad(script, "which octets?");
	read_spec(script, w, to, &p);
	if (p.raw)
		p.len = script_octets(script, w->word[2], p.data, sizeof(p.data));
	p.by_xdp = script->driver->by_xdp && !script_flag(w, 2, to, "slow") && !goes_up(w);
	p.index = script_number(script, w, 2, to, "index", 0);
	range = script_value(w, 2, to, "index");
	range = range ? strstr(range, "..") : NULL;
	last = range ? strtoull(range + 2, NULL, 0) : p.index;
	for (; p.index <= last; p.index++)
		send_one(script, leg, w, to, &p);
	return true;
}
