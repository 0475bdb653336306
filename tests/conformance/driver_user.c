// SPDX-License-Identifier: GPL-2.0
/* The agent's own engine, with queues in the place of its sockets. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <srtp2/srtp.h>

#include "driver.h"
#include "ksrtpd/addr.h"
#include "ksrtpd/user_engine.h"

#define QUEUE	64

struct datagram {
	uint8_t data[DATAGRAM_MAX];
	size_t len;
	int stranger;
};

struct queue {
	struct datagram *items[QUEUE];
	unsigned int head, count;
};

struct leg {
	uint32_t id;
	struct sockaddr_storage local, remote;
	struct queue out, up;
};

static struct ksrtpd_engine *engine;
static struct leg legs[LEGS_MAX];

static void push(struct queue *queue, const uint8_t *data, size_t len, int stranger)
{
	struct datagram *d = malloc(sizeof(*d));

	if (!d || queue->count == QUEUE || len > sizeof(d->data))
		abort();
	memcpy(d->data, data, len);
	d->len = len;
	d->stranger = stranger;
	queue->items[(queue->head + queue->count++) % QUEUE] = d;
}

static int pop(struct queue *queue, int *stranger, uint8_t *data, size_t *len)
{
	struct datagram *d = queue->items[queue->head];

	if (!queue->count)
		return -ENOENT;
	queue->head = (queue->head + 1) % QUEUE;
	queue->count--;
	memcpy(data, d->data, d->len);
	*len = d->len;
	if (stranger)
		*stranger = d->stranger;
	free(d);
	return 0;
}

static void address(struct sockaddr_storage *addr, int family, const char *host, unsigned int port)
{
	ksrtpd_addr_parse(host, family, addr);
	ksrtpd_addr_set_port(addr, (uint16_t)port);
}

static enum ksrtp_reason deliver(void *arg, uint32_t id, const struct sockaddr_storage *to,
				 const uint8_t *data, size_t len)
{
	unsigned int i;

	(void)arg;
	for (i = 0; i < LEGS_MAX; i++) {
		if (legs[i].id == id) {
			push(&legs[i].out, data, len, !ksrtpd_addr_equal(to, &legs[i].remote));
			return KSRTP_REASON_NONE;
		}
	}
	return KSRTP_REASON_TX_NEXTHOP;
}

static int user_open(void)
{
	const struct ksrtpd_engine_net net = { .send = deliver };

	engine = ksrtpd_engine_create(&net);
	return engine ? 0 : -ENOMEM;
}

static void user_close(void)
{
	unsigned int i;
	uint8_t data[DATAGRAM_MAX];
	size_t len;

	for (i = 0; i < LEGS_MAX; i++) {
		while (!pop(&legs[i].out, NULL, data, &len) || !pop(&legs[i].up, NULL, data, &len))
			;
	}
	ksrtpd_engine_destroy(engine);
}

static const char *user_error(void)
{
	return ksrtpd_engine_error(engine);
}

static const char *user_version(void)
{
	return srtp_get_version_string();
}

static int call_new(struct ksrtp_call *call)
{
	return ksrtpd_engine_call_new(engine, call);
}

static int call_del(uint32_t id)
{
	return ksrtpd_engine_call_del(engine, id);
}

static int leg_new(struct ksrtp_leg *leg, unsigned int n, int family, int remote)
{
	struct leg *l = &legs[n];
	int err;

	address(&l->local, family, family == 4 ? "192.0.2.1" : "2001:db8::1", 40000 + n);
	address(&l->remote, family, family == 4 ? "192.0.2.2" : "2001:db8::2", 50000 + n);
	leg->local = l->local;
	if (remote)
		leg->remote = l->remote;
	err = ksrtpd_engine_leg_new(engine, leg);
	l->id = err ? 0 : leg->id;
	return err;
}

static struct leg *by_id(uint32_t id)
{
	unsigned int i;

	for (i = 0; i < LEGS_MAX - 1 && legs[i].id != id; i++)
		;
	return &legs[i];
}

static int leg_set(const struct ksrtp_leg *leg, unsigned int what)
{
	struct ksrtp_leg set = *leg;

	set.remote = by_id(leg->id)->remote;
	return ksrtpd_engine_leg_set(engine, &set, what);
}

static int leg_get(uint32_t id, struct ksrtp_leg *leg)
{
	return ksrtpd_engine_leg_get(engine, id, leg);
}

static int leg_del(uint32_t id)
{
	return ksrtpd_engine_leg_del(engine, id);
}

static int key_new(const struct ksrtpd_key *key)
{
	return ksrtpd_engine_key_new(engine, key);
}

static int key_activate(uint32_t leg, uint32_t slot)
{
	return ksrtpd_engine_key_activate(engine, leg, slot);
}

static int key_del(uint32_t leg, uint32_t direction, uint32_t slot)
{
	return ksrtpd_engine_key_del(engine, leg, direction, slot);
}

static int route_new(struct ksrtp_route *route)
{
	return ksrtpd_engine_route_new(engine, route);
}

static int route_set(uint32_t id, uint32_t flags)
{
	return ksrtpd_engine_route_set(engine, id, flags);
}

static int route_get(uint32_t id, struct ksrtp_route *route)
{
	return ksrtpd_engine_route_get(engine, id, route);
}

static int route_del(uint32_t id)
{
	return ksrtpd_engine_route_del(engine, id);
}

static int stream_dump(uint32_t leg, ksrtp_stream_cb cb, void *arg)
{
	return ksrtpd_engine_stream_dump(engine, leg, cb, arg);
}

static int input(unsigned int n, int stranger, const uint8_t *data, size_t len)
{
	struct sockaddr_storage from = legs[n].remote;
	enum ksrtpd_fate fate;

	if (stranger)
		ksrtpd_addr_set_port(&from, (uint16_t)(60000 + n));
	fate = ksrtpd_engine_input(engine, legs[n].id, &from, data, len);
	if (fate == KSRTPD_FATE_UP)
		push(&legs[n].up, data, len, stranger);
	return 0;
}

static int output(unsigned int n, int wait_ms, int *stranger, uint8_t *data, size_t *len)
{
	(void)wait_ms;
	return pop(&legs[n].out, stranger, data, len);
}

static int up(unsigned int n, uint8_t *data, size_t *len)
{
	return pop(&legs[n].up, NULL, data, len);
}

static const struct driver driver_user = {
	.name = "user", .open = user_open, .close = user_close, .error = user_error,
	.version = user_version, .call_new = call_new, .call_del = call_del, .leg_new = leg_new,
	.leg_set = leg_set, .leg_get = leg_get, .leg_del = leg_del, .key_new = key_new,
	.key_activate = key_activate, .key_del = key_del, .route_new = route_new,
	.route_set = route_set, .route_get = route_get, .route_del = route_del,
	.stream_dump = stream_dump, .input = input, .output = output, .up = up,
};

const struct driver *const drivers[] = { &driver_user, NULL };
