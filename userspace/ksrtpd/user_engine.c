// SPDX-License-Identifier: GPL-2.0
/* Calls, legs and routes of the user datapath, and a datagram's way through it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "addr.h"
#include "user_state.h"

#define IDLE_MS		30000
#define CONSENT_MS	30000	/* RFC 7675, section 5.1 */
/* Failures between two looks that are worth an event. */
#define ATTACK_COUNT	100

int refuse(struct ksrtpd_engine *engine, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(engine->error, sizeof(engine->error), format, args);
	va_end(args);
	return err;
}

const char *ksrtpd_engine_error(const struct ksrtpd_engine *engine)
{
	return engine->error;
}

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t now_ms(void)
{
	return now_ns() / 1000000;
}

void tell(const struct leg *leg, struct ksrtp_event *event)
{
	const struct ksrtpd_engine_net *net = &leg->engine->net;

	event->call_id = leg->call->id;
	event->leg_id = leg->id;
	if (net->event)
		net->event(net->arg, event);
}

struct ksrtpd_engine *ksrtpd_engine_create(const struct ksrtpd_engine_net *net)
{
	struct ksrtpd_engine *engine;

	if (!ksrtpd_user_srtp_init())
		return NULL;
	engine = calloc(1, sizeof(*engine));
	if (!engine)
		return NULL;
	engine->net = *net;
	engine->streams_max = STREAMS_TOTAL;
	engine->keyring = keyring_create();
	if (!engine->keyring) {
		free(engine);
		return NULL;
	}
	return engine;
}

void ksrtpd_engine_destroy(struct ksrtpd_engine *engine)
{
	if (!engine)
		return;
	while (!LIST_EMPTY(&engine->calls))
		ksrtpd_engine_call_del(engine, LIST_FIRST(&engine->calls)->id);
	keyring_destroy(engine->keyring);
	explicit_bzero(engine->trial, sizeof(engine->trial));
	free(engine);
}

/* -- calls */

static struct call *find_call(const struct ksrtpd_engine *engine, uint32_t id)
{
	struct call *call;

	LIST_FOREACH(call, &engine->calls, entry)
		if (call->id == id)
			return call;
	return NULL;
}

int ksrtpd_engine_call_new(struct ksrtpd_engine *engine, struct ksrtp_call *new)
{
	struct call *call;

	if (!*new->name || strnlen(new->name, sizeof(new->name)) == sizeof(new->name))
		return refuse(engine, -EINVAL, "the name of a call must have 1 to %d octets",
			      KSRTP_NAME_MAX);
	if (new->mode > KSRTP_MODE_MAX)
		return refuse(engine, -ERANGE, "no calls of this mode");
	LIST_FOREACH(call, &engine->calls, entry)
		if (!strcmp(call->name, new->name))
			return refuse(engine, -EEXIST, "a call of this name exists");
	call = calloc(1, sizeof(*call));
	if (!call)
		return refuse(engine, -ENOMEM, "no memory");
	memcpy(call->name, new->name, sizeof(call->name));
	call->mode = new->mode;
	call->owner = new->owner;
	do {
		call->id = ++engine->last_call;
	} while (!call->id || find_call(engine, call->id));
	LIST_INSERT_HEAD(&engine->calls, call, entry);
	new->id = call->id;
	return 0;
}

int ksrtpd_engine_call_get(struct ksrtpd_engine *engine, uint32_t id, struct ksrtp_call *get)
{
	const struct call *call = find_call(engine, id);

	if (!call)
		return refuse(engine, -ENOENT, "no such call");
	*get = (struct ksrtp_call) {
		.id = call->id, .mode = call->mode, .owner = call->owner, .legs = call->leg_count,
	};
	memcpy(get->name, call->name, sizeof(get->name));
	return 0;
}

int ksrtpd_engine_call_del(struct ksrtpd_engine *engine, uint32_t id)
{
	struct call *call = find_call(engine, id);

	if (!call)
		return refuse(engine, -ENOENT, "no such call");
	while (!LIST_EMPTY(&call->legs))
		ksrtpd_engine_leg_del(engine, LIST_FIRST(&call->legs)->id);
	keyring_call_gone(engine->keyring, call, now_ms());
	LIST_REMOVE(call, entry);
	free(call);
	return 0;
}

int ksrtpd_engine_owner_alive(const struct ksrtpd_engine *engine, uint32_t owner)
{
	const struct call *call;

	LIST_FOREACH(call, &engine->calls, entry)
		if (call->owner == owner)
			return 0;
	return -ENOENT;
}

/* -- legs */

struct leg *find_leg(const struct ksrtpd_engine *engine, uint32_t id)
{
	struct leg *leg;

	LIST_FOREACH(leg, &engine->legs_by_id[id % LEG_BUCKETS], by_id)
		if (leg->id == id)
			return leg;
	return NULL;
}

struct leg *find_local(const struct ksrtpd_engine *engine, const struct sockaddr_storage *local)
{
	struct leg *leg;

	LIST_FOREACH(leg, &engine->legs, entry)
		if (ksrtpd_addr_equal(&leg->local, local))
			return leg;
	return NULL;
}

static int check_remote(struct ksrtpd_engine *engine, const struct sockaddr_storage *local,
			const struct sockaddr_storage *remote)
{
	if (remote->ss_family != local->ss_family)
		return refuse(engine, -EINVAL, "remote address is of another family than the socket");
	if (ksrtpd_addr_unusable(remote))
		return refuse(engine, -EINVAL, "remote address is not a unicast address");
	if (!ksrtpd_addr_port(remote))
		return refuse(engine, -ERANGE, "remote address has no port");
	if (ksrtpd_addr_equal(remote, local) || find_local(engine, remote))
		return refuse(engine, -ELOOP, "remote address is a leg of this host: a loop");
	return 0;
}

/* What an end-to-end call's legs must not do, and what only they can. */
static int check_mode(struct ksrtpd_engine *engine, const struct call *call, uint32_t flags,
		      uint64_t rate)
{
	bool relay = call->mode == KSRTP_MODE_E2EE;

	if (relay && flags & KSRTP_LEG_F_LEARN)
		return refuse(engine, -EPERM, "a leg of an end-to-end call cannot learn its remote "
			      "address: nothing here authenticates its packets");
	if (!relay && rate)
		return refuse(engine, -EINVAL, "rate is for legs of end-to-end calls only");
	if (rate && (rate < KSRTP_RATE_MIN || rate > KSRTP_RATE_MAX))
		return refuse(engine, -ERANGE, "rate is out of range");
	return 0;
}

static int check_leg(struct ksrtpd_engine *engine, const struct ksrtp_leg *new)
{
	uint32_t window = new->window;

	if (window && (window & (window - 1) || window < KSRTP_WINDOW_MIN ||
		       window > KSRTP_WINDOW_MAX))
		return refuse(engine, -EINVAL, "window must be a power of two from 64 to 8192");
	if (new->streams_max > KSRTP_STREAMS_MAX || new->state > KSRTP_LEG_STATE_MAX ||
	    new->dscp > 63 || new->flags & ~(KSRTP_LEG_F_LEARN | KSRTP_LEG_F_NO_FRAG))
		return refuse(engine, -ERANGE, "streams-max, state, dscp or flags is out of range");
	if (find_local(engine, &new->local))
		return refuse(engine, -EADDRINUSE, "a leg has this local address and port");
	return new->remote.ss_family == AF_UNSPEC ? 0 :
	       check_remote(engine, &new->local, &new->remote);
}

static int check_rtcp_of(struct ksrtpd_engine *engine, const struct call *call, uint32_t rtcp_of)
{
	const struct leg *leg = rtcp_of ? find_leg(engine, rtcp_of) : NULL;

	if (!rtcp_of)
		return 0;
	if (!leg || leg->call != call)
		return refuse(engine, -ENOENT, "rtcp-of is no leg of this call");
	if (leg->source != leg->id)
		return refuse(engine, -EINVAL, "rtcp-of is a leg that carries RTCP itself");
	return 0;
}

int ksrtpd_engine_leg_new(struct ksrtpd_engine *engine, struct ksrtp_leg *new)
{
	struct call *call = find_call(engine, new->call_id);
	struct leg *leg;
	int err;

	if (!call)
		return refuse(engine, -ENOENT, "no such call");
	err = check_leg(engine, new);
	if (!err)
		err = check_mode(engine, call, new->flags, new->rate);
	if (!err)
		err = check_rtcp_of(engine, call, new->rtcp_of);
	if (err)
		return err;
	leg = calloc(1, sizeof(*leg));
	if (!leg)
		return refuse(engine, -ENOMEM, "no memory");
	leg->engine = engine;
	leg->call = call;
	leg->local = new->local;
	leg->remote = new->remote;
	leg->state = new->state;
	leg->flags = new->flags;
	leg->dscp = new->dscp;
	leg->window[RX] = new->window ? new->window : KSRTP_WINDOW_DEFAULT;
	leg->window[TX] = leg->window[RX];
	leg->streams_max = new->streams_max ? new->streams_max : KSRTP_STREAMS_DEFAULT;
	leg->relay = call->mode == KSRTP_MODE_E2EE;
	leg->rate = new->rate ? new->rate : KSRTP_RATE_DEFAULT;
	STAILQ_INIT(&leg->routes);
	do {
		leg->id = ++engine->last_leg;
	} while (!leg->id || find_leg(engine, leg->id));
	leg->source = new->rtcp_of ? new->rtcp_of : leg->id;
	LIST_INSERT_HEAD(&engine->legs, leg, entry);
	LIST_INSERT_HEAD(&engine->legs_by_id[leg->id % LEG_BUCKETS], leg, by_id);
	LIST_INSERT_HEAD(&call->legs, leg, of_call);
	call->leg_count++;
	new->id = leg->id;
	return 0;
}

/* Where the leg would be, and where its remote. */
static int check_path(struct ksrtpd_engine *engine, const struct leg *leg,
		      const struct ksrtp_leg *set, unsigned int what)
{
	const struct sockaddr_storage *local = what & KSRTP_LEG_SET_SOCKET ? &set->local : &leg->local;
	const struct leg *other = find_local(engine, local);

	if (other && other != leg)
		return refuse(engine, -EADDRINUSE, "a leg has this local address and port");
	if (what & KSRTP_LEG_SET_REMOTE)
		return check_remote(engine, local, &set->remote);
	if (leg->remote.ss_family != AF_UNSPEC && leg->remote.ss_family != local->ss_family)
		return refuse(engine, -EINVAL,
			      "socket is of another family than the remote address, which must come with it");
	return 0;
}

int ksrtpd_engine_leg_set(struct ksrtpd_engine *engine, const struct ksrtp_leg *set,
			  unsigned int what)
{
	struct leg *leg = find_leg(engine, set->id);
	int err;

	if (!leg)
		return refuse(engine, -ENOENT, "no such leg");
	if ((what & KSRTP_LEG_SET_STATE && set->state > KSRTP_LEG_STATE_MAX) ||
	    (what & KSRTP_LEG_SET_DSCP && set->dscp > 63))
		return refuse(engine, -ERANGE, "state or dscp is out of range");
	err = check_mode(engine, leg->call, what & KSRTP_LEG_SET_FLAGS ? set->flags : 0,
			 what & KSRTP_LEG_SET_RATE ? set->rate : 0);
	if (err)
		return err;
	if (what & (KSRTP_LEG_SET_SOCKET | KSRTP_LEG_SET_REMOTE)) {
		err = check_path(engine, leg, set, what);
		if (err)
			return err;
	}
	if (what & KSRTP_LEG_SET_SOCKET)
		leg->local = set->local;
	if (what & KSRTP_LEG_SET_REMOTE)
		leg->remote = set->remote;
	if (what & KSRTP_LEG_SET_STATE)
		leg->state = set->state;
	if (what & KSRTP_LEG_SET_FLAGS)
		leg->flags = set->flags;
	if (what & KSRTP_LEG_SET_DSCP)
		leg->dscp = set->dscp;
	if (what & KSRTP_LEG_SET_RATE) {
		leg->rate = set->rate ? set->rate : KSRTP_RATE_DEFAULT;
		leg->rate_at = 0;
	}
	return 0;
}

int ksrtpd_engine_leg_get(struct ksrtpd_engine *engine, uint32_t id, struct ksrtp_leg *get)
{
	const struct leg *leg = find_leg(engine, id);

	if (!leg)
		return refuse(engine, -ENOENT, "no such leg");
	*get = (struct ksrtp_leg) {
		.id = leg->id, .call_id = leg->call->id, .socket = -1, .local = leg->local,
		.remote = leg->remote, .state = leg->state, .flags = leg->flags, .dscp = leg->dscp,
		.window = leg->window[RX], .streams_max = leg->streams_max,
		.rtcp_of = leg->source != leg->id ? leg->source : 0,
		.rate = leg->relay ? leg->rate : 0, .datapath = leg->datapath, .idle_known = leg->seen_ms,
		.idle_ms = leg->seen_ms ? now_ms() - leg->seen_ms : 0, .consent_known = leg->ice,
		.consent_ms = leg->ice ? now_ms() - leg->consent_ms : 0, .stats = leg->stats,
	};
	return 0;
}

static void delete_route(struct route *route)
{
	STAILQ_REMOVE(&route->from->routes, route, route, entry);
	route->from->route_count--;
	free(route);
}

static void delete_routes_to(struct ksrtpd_engine *engine, const struct leg *leg)
{
	struct route *route, *next;
	struct leg *from;

	LIST_FOREACH(from, &engine->legs, entry) {
		for (route = STAILQ_FIRST(&from->routes); route; route = next) {
			next = STAILQ_NEXT(route, entry);
			if (route->to == leg)
				delete_route(route);
		}
	}
}

int ksrtpd_engine_leg_del(struct ksrtpd_engine *engine, uint32_t id)
{
	struct leg *leg = find_leg(engine, id);
	struct ksrtp_event event = { .type = KSRTP_CMD_LEG_GONE_NTF };

	if (!leg)
		return refuse(engine, -ENOENT, "no such leg");
	delete_routes_to(engine, leg);
	while (!STAILQ_EMPTY(&leg->routes))
		delete_route(STAILQ_FIRST(&leg->routes));
	keys_purge(leg);
	LIST_REMOVE(leg, entry);
	LIST_REMOVE(leg, by_id);
	LIST_REMOVE(leg, of_call);
	leg->call->leg_count--;
	tell(leg, &event);
	free(leg);
	return 0;
}

/* -- routes */

static bool bad_pt(uint8_t pt)
{
	return pt > 127 || (pt >= 64 && pt <= 95);
}

static int check_rewrite(struct ksrtpd_engine *engine, const struct ksrtp_route *new)
{
	unsigned int i, j;

	if (new->ssrc_count > KSRTP_ROUTE_SSRCS_MAX || new->pt_count > 128)
		return refuse(engine, -EINVAL, "a route maps at most 16 SSRCs itself");
	for (i = 0; i < new->ssrc_count; i++)
		for (j = 0; j < i; j++)
			if (new->ssrc[i].in == new->ssrc[j].in || new->ssrc[i].out == new->ssrc[j].out)
				return refuse(engine, -EEXIST, "the same SSRC is mapped twice");
	for (i = 0; i < new->pt_count; i++)
		if (bad_pt(new->pt[i].in) || bad_pt(new->pt[i].out))
			return refuse(engine, -EINVAL, "payload types 64 to 95 collide with RTCP");
	return 0;
}

static int check_pair(struct ksrtpd_engine *engine, const struct leg *from, const struct leg *to)
{
	const struct route *route;

	if (!from || !to)
		return refuse(engine, -ENOENT, "no such leg");
	if (from == to)
		return refuse(engine, -ELOOP, "a route joins two different legs");
	if (from->call != to->call)
		return refuse(engine, -EXDEV, "a route joins legs of one call only");
	if (from->route_count >= KSRTP_ROUTES_MAX)
		return refuse(engine, -ENOSPC, "too many routes leave this leg");
	STAILQ_FOREACH(route, &from->routes, entry)
		if (route->to == to)
			return refuse(engine, -EEXIST, "a route between these legs exists");
	return 0;
}

/* What this host cannot authenticate it must not change either. */
static int check_relay(struct ksrtpd_engine *engine, const struct leg *from, uint32_t flags,
		       unsigned int rewrites)
{
	if (!from->relay || (!rewrites && !(flags & KSRTP_ROUTE_F_MAP_SSRC)))
		return 0;
	return refuse(engine, -EPERM, "packets of an end-to-end call leave as they came: no SSRC or "
		      "payload type can be mapped");
}

static struct route *find_route(const struct ksrtpd_engine *engine, uint32_t id)
{
	struct route *route;
	struct leg *leg;

	LIST_FOREACH(leg, &engine->legs, entry)
		STAILQ_FOREACH(route, &leg->routes, entry)
			if (route->id == id)
				return route;
	return NULL;
}

int ksrtpd_engine_route_new(struct ksrtpd_engine *engine, struct ksrtp_route *new)
{
	struct leg *from = find_leg(engine, new->from), *to = find_leg(engine, new->to);
	struct route *route;
	unsigned int i;
	int err;

	if (!(new->flags & (KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP)))
		return refuse(engine, -EINVAL,
			      "a route carries RTP, RTCP or both: flags must not be 0");
	err = check_rewrite(engine, new);
	if (!err)
		err = check_pair(engine, from, to);
	if (!err)
		err = check_relay(engine, from, new->flags, new->ssrc_count + new->pt_count);
	if (err)
		return err;
	route = calloc(1, sizeof(*route));
	if (!route)
		return refuse(engine, -ENOMEM, "no memory");
	route->from = from;
	route->to = to;
	route->flags = new->flags;
	route->rewrite = *new;
	for (i = 0; i < 128; i++)
		route->pt[i] = (uint8_t)i;
	for (i = 0; i < new->pt_count; i++)
		route->pt[new->pt[i].in] = new->pt[i].out;
	/* What @from accepts late, @to can send. */
	if (to->window[TX] < from->window[RX])
		to->window[TX] = from->window[RX];
	do {
		route->id = ++engine->last_route;
	} while (!route->id || find_route(engine, route->id));
	STAILQ_INSERT_TAIL(&from->routes, route, entry);
	from->route_count++;
	new->id = route->id;
	return 0;
}

int ksrtpd_engine_route_set(struct ksrtpd_engine *engine, uint32_t id, uint32_t flags)
{
	struct route *route = find_route(engine, id);

	int err;

	if (!route)
		return refuse(engine, -ENOENT, "no such route");
	err = check_relay(engine, route->from, flags, 0);
	if (err)
		return err;
	route->flags = flags;
	return 0;
}

int ksrtpd_engine_route_get(struct ksrtpd_engine *engine, uint32_t id, struct ksrtp_route *get)
{
	const struct route *route = find_route(engine, id);

	if (!route)
		return refuse(engine, -ENOENT, "no such route");
	*get = route->rewrite;
	get->id = id;
	get->flags = route->flags;
	get->copies = route->copies;
	get->sent = route->sent;
	memcpy(get->dropped, route->dropped, sizeof(get->dropped));
	return 0;
}

int ksrtpd_engine_route_del(struct ksrtpd_engine *engine, uint32_t id)
{
	struct route *route = find_route(engine, id);

	if (!route)
		return refuse(engine, -ENOENT, "no such route");
	delete_route(route);
	return 0;
}

/* -- a datagram's way */

/* Which routes take it: RTP, RTCP, or with either of them an endpoint's DTLS. */
static bool takes(const struct route *route, const struct packet *pkt)
{
	uint32_t flags = pkt->rtcp ? KSRTP_ROUTE_F_RTCP : KSRTP_ROUTE_F_RTP;

	if (pkt->dtls)
		flags = KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP;
	return route->flags & flags;
}

/* RFC 7675: where nobody wants to hear us any more, nothing goes. */
bool has_consent(const struct leg *leg)
{
	return !leg->ice || now_ms() - leg->consent_ms < CONSENT_MS;
}

static enum ksrtp_reason forward_one(struct route *route, const struct packet *plain)
{
	struct leg *to = route->to;
	const struct ksrtpd_engine_net *net = &to->engine->net;
	struct packet pkt = *plain;
	enum ksrtp_reason reason;

	/* Asked before an index is burnt. */
	if (to->remote.ss_family == AF_UNSPEC)
		return KSRTP_REASON_TX_REMOTE;
	pkt.data = to->engine->copy;
	memcpy(pkt.data, plain->data, plain->len);
	reason = protect(route, &pkt);
	if (reason == KSRTP_REASON_NONE)
		reason = net->send(net->arg, to->id, &to->remote, pkt.data, pkt.len);
	if (reason != KSRTP_REASON_NONE)
		return reason;
	to->stats.sent++;
	to->stats.sent_bytes += pkt.len;
	return KSRTP_REASON_NONE;
}

/* Send the plain packet along every route that takes it. */
static enum ksrtp_reason forward(const struct packet *pkt)
{
	enum ksrtp_reason reason = KSRTP_REASON_NO_ROUTE, one;
	struct route *route;
	bool sent = false;

	STAILQ_FOREACH(route, &pkt->leg->routes, entry) {
		if (!takes(route, pkt))
			continue;
		one = forward_one(route, pkt);
		route->copies++;
		if (one == KSRTP_REASON_NONE) {
			route->sent++;
			sent = true;
		} else {
			route->dropped[one]++;
			reason = one;
		}
	}
	return sent ? KSRTP_REASON_NONE : reason;
}

/* @from sent an authentic packet that is new. */
static void learn(struct leg *leg, const struct sockaddr_storage *from)
{
	struct ksrtp_event event = { .type = KSRTP_CMD_LEG_LEARNT_NTF, .remote = *from };

	/* Never toward a leg of this host: that would be a loop. */
	if (find_local(leg->engine, from))
		return;
	leg->remote = *from;
	tell(leg, &event);
}

static enum ksrtp_reason take_media(struct leg *leg, const struct sockaddr_storage *from,
				    const uint8_t *data, size_t len)
{
	struct packet pkt = {
		.leg = leg, .data = leg->engine->arrived, .len = len,
		.dtls = ksrtp_demux(data[0]) == KSRTP_PROTO_DTLS,
	};
	bool is_remote = leg->remote.ss_family != AF_UNSPEC &&
			 ksrtpd_addr_equal(from, &leg->remote);
	const struct key *key = rx_key(leg);
	enum ksrtp_reason reason;

	pkt.rtcp = !pkt.dtls && len > 1 && ksrtp_is_rtcp(data[1]);
	if (!is_remote && (!(leg->flags & KSRTP_LEG_F_LEARN) || (key && key->plain)))
		return KSRTP_REASON_SRC;
	memcpy(pkt.data, data, len);
	leg->datapath = KSRTP_DATAPATH_USER;
	reason = receive(&pkt);
	if (reason != KSRTP_REASON_NONE)
		return reason;
	if (!is_remote)
		learn(leg, from);
	return forward(&pkt);
}

enum ksrtpd_fate ksrtpd_engine_input(struct ksrtpd_engine *engine, uint32_t leg_id,
				     const struct sockaddr_storage *from, const uint8_t *data,
				     size_t len)
{
	struct leg *leg = find_leg(engine, leg_id);
	enum ksrtp_proto proto = len ? ksrtp_demux(data[0]) : KSRTP_PROTO_OTHER;
	enum ksrtp_reason reason = KSRTP_REASON_NOT_MEDIA;

	if (!leg || len > KSRTPD_DATAGRAM_MAX)
		return KSRTPD_FATE_DROPPED;
	leg->stats.received++;
	leg->stats.received_bytes += len;
	if ((proto == KSRTP_PROTO_DTLS && !leg->relay) || proto == KSRTP_PROTO_STUN) {
		leg->stats.passed_up++;
		return KSRTPD_FATE_UP;
	}
	if (proto == KSRTP_PROTO_MEDIA || proto == KSRTP_PROTO_DTLS)
		reason = take_media(leg, from, data, len);
	if (reason != KSRTP_REASON_NONE) {
		leg->stats.dropped[reason]++;
		return KSRTPD_FATE_DROPPED;
	}
	leg->stats.forwarded++;
	return KSRTPD_FATE_FORWARDED;
}

/* -- what has to be looked at every few seconds */

static void watch_reason(struct leg *leg, enum ksrtp_reason reason, uint64_t *told)
{
	uint64_t count = leg->stats.dropped[reason];
	struct ksrtp_event event = {
		.type = KSRTP_CMD_LEG_ATTACK_NTF, .reason = reason, .count = count - *told,
	};

	if (event.count >= ATTACK_COUNT)
		tell(leg, &event);
	*told = count;
}

static void watch_idle(struct leg *leg)
{
	struct ksrtp_event event = { .type = KSRTP_CMD_LEG_IDLE_NTF };

	if (!leg->seen_ms)
		return;
	event.idle_ms = now_ms() - leg->seen_ms;
	if (event.idle_ms < IDLE_MS) {
		leg->idle_told = false;
	} else if (!leg->idle_told) {
		leg->idle_told = true;
		tell(leg, &event);
	}
}

static void watch_consent(struct leg *leg)
{
	struct ksrtp_event event = { .type = KSRTP_CMD_LEG_NO_CONSENT_NTF };

	if (has_consent(leg)) {
		leg->consent_told = false;
	} else if (!leg->consent_told) {
		leg->consent_told = true;
		tell(leg, &event);
	}
}

int ksrtpd_engine_leg_ice(struct ksrtpd_engine *engine, uint32_t id)
{
	struct leg *leg = find_leg(engine, id);

	if (!leg)
		return refuse(engine, -ENOENT, "no such leg");
	if (!leg->ice)
		leg->consent_ms = now_ms();
	leg->ice = true;
	return 0;
}

int ksrtpd_engine_leg_consent(struct ksrtpd_engine *engine, uint32_t id)
{
	struct leg *leg = find_leg(engine, id);

	if (!leg)
		return refuse(engine, -ENOENT, "no such leg");
	leg->consent_ms = now_ms();
	return 0;
}

void ksrtpd_engine_watch(struct ksrtpd_engine *engine)
{
	struct leg *leg;

	keyring_prune(engine->keyring, now_ms());
	LIST_FOREACH(leg, &engine->legs, entry) {
		watch_idle(leg);
		watch_consent(leg);
		watch_reason(leg, KSRTP_REASON_AUTH, &leg->auth_told);
		watch_reason(leg, KSRTP_REASON_REPLAY, &leg->replay_told);
	}
}
