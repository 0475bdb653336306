// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../unit/tap.h"
#include "call.h"

#define PATIENCE	3	/* that often in one test */

struct ksrtp *ksrtp;

/* Everybody who may get something; what comes for nobody is a leak. */
static struct peer *known[PEERS_MAX * 4];
static unsigned int n_known;
static uint64_t strays;

static bool take(int timeout_ms);
static void settle_all(struct call *c);

/* A test that has failed a few times need not wait as long each time. */
static int patience(void)
{
	return tap.bad < PATIENCE ? WAIT_MS : 20;
}

static void ok(int err, const char *what)
{
	CHECK(!err, "%s: %s (%s)", what, strerror(-err), ksrtp_error(ksrtp));
}

/* -- counters */

struct ksrtp_leg leg_now(const struct peer *p)
{
	struct ksrtp_leg leg = {};

	ok(ksrtp_leg_get(ksrtp, p->leg, &leg), "leg get");
	return leg;
}

uint64_t dropped(const struct peer *p, unsigned int reason)
{
	struct ksrtp_leg leg = leg_now(p);

	return leg.stats.dropped[reason];
}

uint64_t route_dropped(uint32_t id, unsigned int reason)
{
	struct ksrtp_route route = {};

	ok(ksrtp_route_get(ksrtp, id, &route), "route get");
	return route.dropped[reason];
}

static uint64_t sum_drops(const uint64_t *drops)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i <= KSRTP_REASON_MAX; i++)
		sum += drops[i];
	return sum;
}

static int same_leg(const struct ksrtp_route *route, void *arg)
{
	uint64_t *to = arg;

	if (route->to == to[0])
		to[1] += route->sent;
	return 0;
}

/* S8, word for word. */
void call_account(struct call *c)
{
	uint64_t sent = 0, got = 0, losses;
	struct ksrtp_route route = {};
	unsigned int i;

	for (i = 0; i < c->n_peers; i++)
		if (c->peers[i]->leg && !c->racing)
			peer_settle(c->peers[i]);
	settle_all(c);
	for (i = 0; i < c->n_peers; i++) {
		struct peer *p = c->peers[i];
		uint64_t along[2] = { p->leg, 0 };
		struct ksrtp_leg leg;
		struct ksrtp_stats *s = &leg.stats;

		got += p->wire_got;
		if (!p->leg)
			continue;
		leg = leg_now(p);
		CHECK(c->racing || s->received == p->wire_sent, "leg %u received %llu of %llu", i,
		      (unsigned long long)s->received, (unsigned long long)p->wire_sent);
		CHECK(s->received == s->forwarded + s->answered + s->passed_up + sum_drops(s->dropped),
		      "leg %u: %llu received, %llu forwarded, %llu up, %llu dropped", i,
		      (unsigned long long)s->received, (unsigned long long)s->forwarded,
		      (unsigned long long)s->passed_up, (unsigned long long)sum_drops(s->dropped));
		CHECK(s->forwarded == s->xdp + s->skb && s->sent == s->sent_xdp + s->sent_skb,
		      "leg %u: the datapaths' shares", i);
		ok(ksrtp_route_dump(ksrtp, 0, same_leg, NULL, along), "route dump");
		/* Routes that were deleted took their counters with them. */
		CHECK(along[1] <= s->sent, "leg %u sent %llu, its routes %llu", i,
		      (unsigned long long)s->sent, (unsigned long long)along[1]);
		sent += s->sent;
	}
	for (i = 0; i < c->n_routes; i++) {
		if (!c->routes[i] || ksrtp_route_get(ksrtp, c->routes[i], &route))
			continue;
		CHECK(route.copies == route.sent + sum_drops(route.dropped),
		      "route %u: %llu copies, %llu sent, %llu dropped", i,
		      (unsigned long long)route.copies, (unsigned long long)route.sent,
		      (unsigned long long)sum_drops(route.dropped));
	}
	losses = net_egress_losses() - c->losses;
	for (i = 0; i < c->n_peers; i++)
		if (!c->peers[i]->leg)
			return;
	CHECK(sent == got + losses, "%llu sent, %llu came, %llu lost behind the module",
	      (unsigned long long)sent, (unsigned long long)got, (unsigned long long)losses);
	CHECK(!strays, "%llu datagrams for nobody", (unsigned long long)strays);
	strays = 0;
}

struct wanted {
	uint32_t direction, ssrc;
	struct ksrtp_stream *into;
	bool found;
};

static int newest_stream(const struct ksrtp_stream *s, void *arg)
{
	struct wanted *w = arg;

	if (s->direction != w->direction || s->ssrc != w->ssrc)
		return 0;
	if (!w->found || s->context > w->into->context)
		*w->into = *s;
	w->found = true;
	return 0;
}

bool stream_now(const struct peer *p, uint32_t direction, uint32_t ssrc, struct ksrtp_stream *s)
{
	struct wanted w = { direction, ssrc, s, false };

	ok(ksrtp_stream_dump(ksrtp, p->leg, newest_stream, NULL, &w), "stream dump");
	return w.found;
}

static size_t overhead(const struct session *s)
{
	return suite_growth(s->secret[0].suite, false) + s->secret[0].mki_len;
}

void expect_datapath(const struct peer *from, const struct peer *to, unsigned int first)
{
	struct ksrtp_leg leg = leg_now(from);
	bool grows = !from->setup.room && overhead(&to->in) > overhead(&from->out);

	if (!strcmp(tap.datapath, "xdp"))
		CHECK(leg.stats.xdp && (leg.stats.skb <= first || grows),
		      "%llu by XDP, %llu by skb, slow: %s", (unsigned long long)leg.stats.xdp,
		      (unsigned long long)leg.stats.skb, ksrtp_slow_name(leg.slow));
	else
		CHECK(!leg.stats.xdp && leg.stats.skb, "%llu by XDP, %llu by skb",
		      (unsigned long long)leg.stats.xdp, (unsigned long long)leg.stats.skb);
}

void expect_by_xdp(const struct peer *from, const struct ksrtp_stats *before, unsigned int n,
		   const char *what)
{
	struct ksrtp_leg leg = leg_now(from);
	uint64_t xdp = leg.stats.xdp - before->xdp, skb = leg.stats.skb - before->skb;
	bool attached = !strcmp(tap.datapath, "xdp");

	CHECK(xdp == (attached ? n : 0) && (!attached || !skb), "%s: %llu of %u by XDP, %llu by skb, slow: %s",
	      what, (unsigned long long)xdp, n, (unsigned long long)skb, ksrtp_slow_name(leg.slow));
}

/* -- calls, legs, keys, routes */

void call_own(struct call *c, uint32_t mode, uint32_t owner, uint32_t lease)
{
	struct ksrtp_call call = { .mode = mode, .owner = owner, .lease = lease };
	static unsigned int number;

	memset(c, 0, sizeof(*c));
	snprintf(call.name, sizeof(call.name), "call%u-%d", ++number, getpid());
	ok(ksrtp_call_new(ksrtp, &call), "call new");
	c->id = call.id;
	c->losses = net_egress_losses();
}

void call_open(struct call *c, uint32_t mode)
{
	call_own(c, mode, 0, 0);
}

static void forget(struct peer *p)
{
	struct datagram *d;
	unsigned int i;

	for (i = 0; i < n_known; i++)
		if (known[i] == p)
			known[i] = known[--n_known];
	while ((d = p->first)) {
		p->first = d->next;
		free(d);
	}
	session_close(&p->out);
	session_close(&p->in);
	free(p);
}

void call_forget(struct call *c)
{
	unsigned int i;

	/* What left in the last moment is still on its way to somebody. */
	while (take(10))
		;
	for (i = 0; i < c->n_peers; i++)
		forget(c->peers[i]);
	memset(c, 0, sizeof(*c));
}

void call_close(struct call *c)
{
	call_account(c);
	ok(ksrtp_call_del(ksrtp, c->id), "call del");
	call_forget(c);
}

static void fill_sockaddr(const struct endpoint *e, struct sockaddr_storage *ss)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *in = (struct sockaddr_in *)ss;

	memset(ss, 0, sizeof(*ss));
	if (e->family == 4) {
		in->sin_family = AF_INET;
		in->sin_port = htons(e->port);
		memcpy(&in->sin_addr, e->ip, 4);
	} else {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(e->port);
		memcpy(&in6->sin6_addr, e->ip, 16);
	}
}

int peer_key(struct peer *p, uint32_t direction, uint32_t slot, uint32_t context,
	     const struct secret *secret, uint32_t roc)
{
	struct ksrtp_key key = {
		.leg_id = p->leg, .direction = direction, .slot = slot, .context = context,
		.roc = roc, .mki_len = (uint8_t)secret->mki_len,
		.cryptex = direction == KSRTP_DIRECTION_RX ? p->setup.cryptex_in :
							     p->setup.cryptex_out,
	};
	int err;

	key.suite = secret->suite;
	if (secret->suite != KSRTP_SUITE_NONE) {
		/* It fills in the suite, keys and salts alone. */
		err = ksrtp_key_derive(&key, secret->suite, secret->key, secret->salt);
		if (err)
			return err;
	}
	memcpy(key.mki, secret->mki, secret->mki_len);
	if (secret->elements) {
		key.hdrext_ids_len = SECRET_ELEMENTS;
		memcpy(key.hdrext_ids, secret_elements, SECRET_ELEMENTS);
	}
	err = ksrtp_key_new(ksrtp, &key);
	ksrtp_key_wipe(&key);
	return err;
}

static void open_leg(struct call *c, struct peer *p)
{
	const struct setup *s = &p->setup;
	struct ksrtp_leg leg = {
		.call_id = c->id, .flags = s->flags, .window = s->window, .dscp = s->dscp,
		.streams_max = s->streams_max,
		.state = s->state_held ? KSRTP_LEG_STATE_HELD : KSRTP_LEG_STATE_ACTIVE,
	};

	leg.socket = net_bind(&p->local);
	CHECK(leg.socket >= 0, "bind: %s", strerror(-leg.socket));
	CHECK(!s->device || !setsockopt(leg.socket, SOL_SOCKET, SO_BINDTODEVICE, s->device,
					(socklen_t)strlen(s->device)),
	      "bind to %s: %s", s->device, strerror(errno));
	fill_sockaddr(&p->remote, &leg.remote);
	ok(ksrtp_leg_new(ksrtp, &leg), "leg new");
	close(leg.socket);
	p->leg = leg.id;
}

static struct peer *peer_new(struct call *c, const struct setup *setup)
{
	struct peer *p = calloc(1, sizeof(*p));

	if (!p || c->n_peers == PEERS_MAX || n_known == sizeof(known) / sizeof(known[0]))
		abort();
	p->setup = *setup;
	p->setup.family = setup->family ? setup->family : 4;
	p->last = &p->first;
	p->in.inbound = true;
	c->peers[c->n_peers++] = p;
	known[n_known++] = p;
	return p;
}

struct peer *peer_open(struct call *c, const struct setup *setup)
{
	struct peer *p = peer_new(c, setup);
	static uint16_t port = 20000;

	net_address(setup->link, p->setup.family, 0, &p->local);
	net_address(setup->link, p->setup.family, 1, &p->remote);
	p->remote.port = port = port == 60000 ? 20000 : port + 1;
	open_leg(c, p);
	secret_make(&p->out.secret[0], setup->suite, setup->mki_len);
	secret_make(&p->in.secret[0], setup->suite, setup->mki_len);
	p->out.secret[0].elements = setup->elements_in;
	p->in.secret[0].elements = setup->elements_out;
	session_open(&p->out);
	session_open(&p->in);
	if (!setup->no_rx_key)
		ok(peer_key(p, KSRTP_DIRECTION_RX, 0, KSRTP_CONTEXT_NEW, &p->out.secret[0],
			    setup->roc_in), "receive key");
	if (!setup->no_tx_key)
		ok(peer_key(p, KSRTP_DIRECTION_TX, 0, KSRTP_CONTEXT_NEW, &p->in.secret[0],
			    setup->roc_out), "transmit key");
	return p;
}

void peer_tell(const struct peer *p, struct facts *facts)
{
	*facts = (struct facts){
		.setup = p->setup, .local = p->local, .remote = p->remote, .leg = p->leg,
		.out = p->out.secret[0], .in = p->in.secret[0],
	};
}

struct peer *peer_adopt(struct call *c, const struct facts *facts)
{
	struct peer *p = peer_new(c, &facts->setup);

	p->local = facts->local;
	p->remote = facts->remote;
	p->leg = facts->leg;
	p->out.secret[0] = facts->out;
	p->in.secret[0] = facts->in;
	session_open(&p->out);
	session_open(&p->in);
	return p;
}

void peer_leg_del(struct peer *p)
{
	ok(ksrtp_leg_del(ksrtp, p->leg), "leg del");
	p->leg = 0;
}

int peer_move(struct peer *p, int link, int family)
{
	struct ksrtp_leg leg = { .id = p->leg };
	int before = ksrtp_leg_socket(ksrtp, p->leg);

	CHECK(before >= 0, "socket: %s", ksrtp_error(ksrtp));
	p->setup.link = link;
	p->setup.family = family;
	p->local.port = 0;
	net_address(link, family, 0, &p->local);
	net_address(link, family, 1, &p->remote);
	leg.socket = net_bind(&p->local);
	CHECK(leg.socket >= 0, "bind: %s", strerror(-leg.socket));
	fill_sockaddr(&p->remote, &leg.remote);
	ok(ksrtp_leg_set(ksrtp, &leg, KSRTP_LEG_SET_SOCKET | KSRTP_LEG_SET_REMOTE), "leg set");
	close(leg.socket);
	return before;
}

uint32_t route_add(struct call *c, struct peer *from, struct peer *to, struct ksrtp_route *route)
{
	route->from = from->leg;
	route->to = to->leg;
	ok(ksrtp_route_new(ksrtp, route), "route new");
	if (c->n_routes == ROUTES_MAX)
		abort();
	c->routes[c->n_routes++] = route->id;
	return route->id;
}

uint32_t route_open(struct call *c, struct peer *from, struct peer *to, uint32_t flags)
{
	struct ksrtp_route route = { .flags = flags };

	return route_add(c, from, to, &route);
}

void pair_open(struct call *c, const struct setup *a, const struct setup *b, struct peer **pa,
	       struct peer **pb)
{
	call_open(c, a->suite == KSRTP_SUITE_NONE && b->suite == KSRTP_SUITE_NONE ?
		  KSRTP_MODE_NONE : KSRTP_MODE_TRANSPORT);
	*pa = peer_open(c, a);
	*pb = peer_open(c, b);
	route_open(c, *pa, *pb, BOTH);
	route_open(c, *pb, *pa, BOTH);
}

/* -- packets */

/* Takes what has come to anybody; whether something came. */
static bool take(int timeout_ms)
{
	struct datagram *d = net_receive(timeout_ms);
	unsigned int i;

	if (!d)
		return false;
	for (i = 0; i < n_known; i++) {
		struct peer *p = known[i];

		if (!endpoint_equal(&d->to, &p->remote))
			continue;
		CHECK(endpoint_equal(&d->from, &p->local), "it comes from another address");
		CHECK(d->dscp == p->setup.dscp, "DSCP %u", d->dscp);
		p->wire_got++;
		*p->last = d;
		p->last = &d->next;
		return true;
	}
	strays++;
	free(d);
	return true;
}

struct datagram *peer_next(struct peer *p, int timeout_ms)
{
	uint64_t end = now_ms() + (uint64_t)timeout_ms;
	struct datagram *d;

	while (take(0))
		;
	while (!p->first && now_ms() < end)
		take(10);
	d = p->first;
	if (!d)
		return NULL;
	p->first = d->next;
	if (!p->first)
		p->last = &p->first;
	return d;
}

void peer_settle(struct peer *from)
{
	uint64_t end = now_ms() + (uint64_t)patience();

	while (leg_now(from).stats.received < from->wire_sent && now_ms() < end)
		take(5);
	/* What the leg has counted is on its way out in the same softirq. */
	do {
		while (take(0))
			;
	} while (take(10));
}

/* Everything that left the legs has come to its endpoint, but for what devices lost. */
static void settle_all(struct call *c)
{
	uint64_t end = now_ms() + (uint64_t)patience(), sent, got;
	unsigned int i;

	do {
		while (take(5))
			;
		sent = got = 0;
		for (i = 0; i < c->n_peers; i++) {
			got += c->peers[i]->wire_got;
			sent += c->peers[i]->leg ? leg_now(c->peers[i]).stats.sent : 0;
		}
	} while (sent > got + net_egress_losses() - c->losses && now_ms() < end);
}

void peer_send_raw(struct peer *p, const uint8_t *octets, size_t len)
{
	int err = (p->setup.room ? net_send_roomy : net_send)(-1, p->setup.link, &p->remote,
							      &p->local, octets, len);

	CHECK(!err, "send: %s", strerror(-err));
	p->wire_sent++;
}

size_t peer_protect(struct peer *p, bool rtcp, const uint8_t *plain, size_t len, uint8_t *out)
{
	size_t n;

	memcpy(out, plain, len);
	n = session_protect(&p->out, 0, rtcp, out, len);
	CHECK(n, "libsrtp2 does not protect");
	return n;
}

void peer_send(struct peer *p, bool rtcp, const uint8_t *plain, size_t len)
{
	uint8_t wire[PACKET_MAX + GROWTH_MAX] __attribute__((aligned(8)));

	peer_send_raw(p, wire, peer_protect(p, rtcp, plain, len, wire));
}

/* Unprotects @d and compares. */
static bool is_packet(struct peer *p, bool rtcp, struct datagram *d, const uint8_t *plain,
		      size_t len, const char *what)
{
	size_t n = session_unprotect(&p->in, rtcp, d->octet, d->len), i;

	CHECK(n, "%s: libsrtp2 refuses %zu octets", what, d->len);
	if (!n)
		return false;
	CHECK(n == len, "%s: %zu octets, not %zu", what, n, len);
	for (i = 0; i < n && i < len && d->octet[i] == plain[i]; i++)
		;
	CHECK(i == len, "%s: octet %zu is %02x, not %02x", what, i, d->octet[i], plain[i]);
	return n == len && i == len;
}

bool peer_expect(struct peer *p, bool rtcp, const uint8_t *plain, size_t len, const char *what)
{
	struct datagram *d = peer_next(p, patience());
	bool right;

	CHECK(d, "%s: nothing came", what);
	if (!d)
		return false;
	right = is_packet(p, rtcp, d, plain, len, what);
	free(d);
	return right;
}

void peer_expect_nothing(struct peer *from, struct peer *p, const char *what)
{
	peer_settle(from);
	CHECK(!p->first, "%s: something came out", what);
}

bool pass_rtp(struct peer *from, struct peer *to, const struct rtp *r, const char *what)
{
	uint8_t plain[PACKET_MAX];
	size_t len = rtp_build(r, plain);

	peer_send(from, false, plain, len);
	return peer_expect(to, false, plain, len, what);
}

bool pass_rtcp(struct peer *from, struct peer *to, const uint8_t *plain, size_t len,
	       const char *what)
{
	peer_send(from, true, plain, len);
	return peer_expect(to, true, plain, len, what);
}

static uint64_t refused_now(struct peer *from)
{
	return dropped(from, KSRTP_REASON_STREAMS) + dropped(from, KSRTP_REASON_TX_STREAMS);
}

void peer_warm(struct call *c, struct peer *to)
{
	const struct setup s = { .link = LINK_A, .suite = KSRTP_SUITE_NONE };
	struct rtp r = { .ssrc = 0x3a12, .pt = 96, .payload = 20 };
	struct peer *other = peer_open(c, &s);
	uint8_t plain[PACKET_MAX];
	struct datagram *d;

	route_open(c, other, to, RTP);
	peer_send(other, false, plain, rtp_build(&r, plain));
	d = peer_next(to, patience());
	CHECK(d, "the first packet toward a leg: nothing came");
	free(d);
	CHECK(leg_now(other).stats.skb == 1, "the first packet toward a leg: not by the skb path");
}

/* Did it come out? If not, for want of a spare stream alone. */
static bool came_new(struct peer *from, struct peer *to, uint64_t *refused)
{
	uint64_t before = *refused;

	peer_settle(from);
	if (to->first)
		return true;
	*refused = refused_now(from);
	CHECK(*refused == before + 1, "a new SSRC: dropped, but not for want of a stream");
	return *refused != before + 1;
}

#define TRIES	50

void pass_new_rtp(struct peer *from, struct peer *to, struct rtp *r, const char *what)
{
	uint64_t refused = refused_now(from);
	uint8_t plain[PACKET_MAX];
	size_t len = 0;
	int i;

	for (i = 0; i < TRIES; i++) {
		len = rtp_build(r, plain);
		peer_send(from, false, plain, len);
		if (came_new(from, to, &refused))
			break;
		r->seq++;
		usleep(10000);
	}
	peer_expect(to, false, plain, len, what);
}

void pass_new_rtcp(struct peer *from, struct peer *to, const uint8_t *plain, size_t len,
		   const char *what)
{
	uint64_t refused = refused_now(from);
	int i;

	for (i = 0; i < TRIES; i++) {
		peer_send(from, true, plain, len);
		if (came_new(from, to, &refused))
			break;
		usleep(10000);
	}
	peer_expect(to, true, plain, len, what);
}

void refuse_raw(struct peer *from, struct peer *to, const uint8_t *octets, size_t len,
		unsigned int reason, const char *what)
{
	struct ksrtp_leg before = leg_now(from), after;
	unsigned int i;

	peer_send_raw(from, octets, len);
	peer_expect_nothing(from, to, what);
	after = leg_now(from);
	for (i = 0; i <= KSRTP_REASON_MAX; i++)
		CHECK(after.stats.dropped[i] == before.stats.dropped[i] + (i == reason),
		      "%s: %llu dropped as %s", what, (unsigned long long)
		      (after.stats.dropped[i] - before.stats.dropped[i]), ksrtp_reason_name(i));
}

void refuse_rtp(struct peer *from, struct peer *to, const struct rtp *r, unsigned int reason,
		const char *what)
{
	uint8_t plain[PACKET_MAX], wire[PACKET_MAX + GROWTH_MAX] __attribute__((aligned(8)));
	size_t len = rtp_build(r, plain);

	refuse_raw(from, to, wire, peer_protect(from, false, plain, len, wire), reason, what);
}
