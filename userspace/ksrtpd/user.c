// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "user.h"
#include "user_engine.h"
#include "user_leg.h"

#define WATCH_SECONDS	5
#define LOST_MAX	64	/* told in one turn of the event loop */

struct user {
	struct ksrtpd_datapath base;
	struct ksrtpd_engine *engine;
	struct ksrtpd_user_legs *legs;
	struct event *watch, *tell;
	/* legs whose key is used up: told when the engine is done with its packet */
	uint32_t lost[LOST_MAX];
	unsigned int lost_count;
	const char *error;	/* "": the engine's */
};

static struct user *of(const struct ksrtpd_datapath *datapath)
{
	return (struct user *)datapath;
}

static const char *error(const struct ksrtpd_datapath *datapath)
{
	const struct user *user = of(datapath);

	return *user->error ? user->error : ksrtpd_engine_error(user->engine);
}

static int call_new(struct ksrtpd_datapath *datapath, struct ksrtp_call *call)
{
	return ksrtpd_engine_call_new(of(datapath)->engine, call);
}

static int call_del(struct ksrtpd_datapath *datapath, uint32_t id)
{
	/* Its legs' sockets go by the engine's events. */
	return ksrtpd_engine_call_del(of(datapath)->engine, id);
}

static int call_get(struct ksrtpd_datapath *datapath, uint32_t id, struct ksrtp_call *call)
{
	return ksrtpd_engine_call_get(of(datapath)->engine, id, call);
}

static int leg_new(struct ksrtpd_datapath *datapath, struct ksrtp_leg *leg, ksrtpd_up_cb up,
		   void *arg)
{
	struct user *user = of(datapath);
	int err = ksrtpd_user_leg_local(leg);

	user->error = err ? "socket must be bound to one address and port" : "";
	if (!err)
		err = ksrtpd_engine_leg_new(user->engine, leg);
	if (err)
		return err;
	err = ksrtpd_user_leg_add(user->legs, leg, up, arg);
	if (err) {
		user->error = "no memory, or no more descriptors";
		ksrtpd_engine_leg_del(user->engine, leg->id);
	}
	return err;
}

/* Another socket, for which all that may fail is done first. */
static int leg_move(struct user *user, const struct ksrtp_leg *leg, unsigned int what)
{
	struct ksrtp_leg now = *leg;
	int err = ksrtpd_user_leg_local(&now);

	if (!err)
		err = ksrtpd_user_leg_prepare(user->legs, leg->id, leg->socket);
	if (err) {
		user->error = "no such leg or socket, no memory, or no more descriptors";
		return err;
	}
	err = ksrtpd_engine_leg_set(user->engine, &now, what);
	if (!err)
		err = ksrtpd_engine_leg_get(user->engine, leg->id, &now);
	if (!err)
		ksrtpd_user_leg_move(user->legs, &now);
	else
		ksrtpd_user_leg_stay(user->legs, leg->id);
	return err;
}

static int leg_set(struct ksrtpd_datapath *datapath, const struct ksrtp_leg *leg,
		   unsigned int what)
{
	struct user *user = of(datapath);
	struct ksrtp_leg now;
	int err;

	user->error = "";
	if (what & KSRTP_LEG_SET_SOCKET)
		return leg_move(user, leg, what);
	err = ksrtpd_engine_leg_set(user->engine, leg, what);
	if (!err && what & (KSRTP_LEG_SET_FLAGS | KSRTP_LEG_SET_DSCP) &&
	    !ksrtpd_engine_leg_get(user->engine, leg->id, &now))
		ksrtpd_user_leg_options(user->legs, &now);
	return err;
}

static int leg_get(struct ksrtpd_datapath *datapath, uint32_t id, struct ksrtp_leg *leg)
{
	return ksrtpd_engine_leg_get(of(datapath)->engine, id, leg);
}

static int leg_del(struct ksrtpd_datapath *datapath, uint32_t id)
{
	return ksrtpd_engine_leg_del(of(datapath)->engine, id);
}

static int key_new(struct ksrtpd_datapath *datapath, const struct ksrtpd_key *key)
{
	of(datapath)->error = "";
	return ksrtpd_engine_key_new(of(datapath)->engine, key);
}

static int key_activate(struct ksrtpd_datapath *datapath, uint32_t leg_id, uint32_t slot)
{
	return ksrtpd_engine_key_activate(of(datapath)->engine, leg_id, slot);
}

static int key_del(struct ksrtpd_datapath *datapath, uint32_t leg_id, uint32_t direction,
		   uint32_t slot)
{
	return ksrtpd_engine_key_del(of(datapath)->engine, leg_id, direction, slot);
}

static int key_dump(struct ksrtpd_datapath *datapath, uint32_t leg_id, ksrtp_key_cb cb,
		    ksrtp_restart_cb restart, void *arg)
{
	(void)restart;
	return ksrtpd_engine_key_dump(of(datapath)->engine, leg_id, cb, arg);
}

static int route_new(struct ksrtpd_datapath *datapath, struct ksrtp_route *route)
{
	of(datapath)->error = "";
	return ksrtpd_engine_route_new(of(datapath)->engine, route);
}

static int route_set(struct ksrtpd_datapath *datapath, uint32_t id, uint32_t flags)
{
	return ksrtpd_engine_route_set(of(datapath)->engine, id, flags);
}

static int stream_dump(struct ksrtpd_datapath *datapath, uint32_t leg_id, ksrtp_stream_cb cb,
		       ksrtp_restart_cb restart, void *arg)
{
	(void)restart;
	return ksrtpd_engine_stream_dump(of(datapath)->engine, leg_id, cb, arg);
}

static int keyring(struct ksrtpd_datapath *datapath, uint32_t *used, uint32_t *max)
{
	ksrtpd_engine_keyring(of(datapath)->engine, used, max);
	return 0;
}

static int owner_alive(struct ksrtpd_datapath *datapath, uint32_t owner)
{
	return ksrtpd_engine_owner_alive(of(datapath)->engine, owner);
}

/* The agent answers all checks itself. */
static int leg_ice(struct ksrtpd_datapath *datapath, const struct ksrtpd_leg_ice *ice)
{
	of(datapath)->error = "";
	return ksrtpd_engine_leg_ice(of(datapath)->engine, ice->id);
}

static int leg_consent(struct ksrtpd_datapath *datapath, uint32_t id)
{
	of(datapath)->error = "";
	return ksrtpd_engine_leg_consent(of(datapath)->engine, id);
}

/* -- the engine's side */

static enum ksrtp_reason engine_send(void *arg, uint32_t leg, const struct sockaddr_storage *to,
				     const uint8_t *data, size_t len)
{
	return ksrtpd_user_leg_send(((struct user *)arg)->legs, leg, to, data, len);
}

static void engine_event(void *arg, const struct ksrtp_event *event)
{
	struct user *user = arg;

	switch (event->type) {
	case KSRTP_CMD_LEG_GONE_NTF:
		ksrtpd_user_leg_remove(user->legs, event->leg_id);
		break;
	case KSRTP_CMD_KEY_HARD_NTF:
		if (user->lost_count < LOST_MAX)
			user->lost[user->lost_count++] = event->leg_id;
		event_active(user->tell, EV_TIMEOUT, 0);
		break;
	case KSRTP_CMD_KEY_SOFT_NTF:
		ksrtpd_warning("a key of leg %u is nearly used up", event->leg_id);
		break;
	case KSRTP_CMD_LEG_ATTACK_NTF:
		ksrtpd_log_leg(WARNING, event->leg_id, NULL, "%llu packets refused: %s",
			       (unsigned long long)event->count, ksrtp_reason_name(event->reason));
		break;
	}
}

static void on_tell(evutil_socket_t fd, short what, void *arg)
{
	struct user *user = arg;

	(void)fd;
	(void)what;
	while (user->lost_count) {
		uint32_t id = user->lost[--user->lost_count];

		if (user->base.lost)
			user->base.lost(id, "a key of the leg is used up", user->base.lost_arg);
	}
}

static void on_watch(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	ksrtpd_engine_watch(((struct user *)arg)->engine);
}

static void user_close(struct ksrtpd_datapath *datapath)
{
	struct user *user = of(datapath);

	ksrtpd_engine_destroy(user->engine);
	ksrtpd_user_legs_destroy(user->legs);
	if (user->watch)
		event_free(user->watch);
	if (user->tell)
		event_free(user->tell);
	free(user);
}

static const struct ksrtpd_datapath_ops ops = {
	.name = "user", .reason = "datapath", .reads = true, .moves = true, .close = user_close, .error = error,
	.call_new = call_new, .call_del = call_del, .call_get = call_get, .leg_new = leg_new, .leg_set = leg_set,
	.leg_get = leg_get, .leg_del = leg_del, .key_new = key_new,
	.key_activate = key_activate, .key_del = key_del, .key_dump = key_dump, .route_new = route_new,
	.route_set = route_set, .stream_dump = stream_dump, .owner_alive = owner_alive,
	.keyring = keyring, .leg_ice = leg_ice,
	.leg_consent = leg_consent,
};

static bool set_up(struct user *user, struct event_base *base)
{
	const struct ksrtpd_engine_net net = {
		.send = engine_send, .event = engine_event, .arg = user,
	};
	const struct timeval every = { .tv_sec = WATCH_SECONDS };

	user->base.ops = &ops;
	user->error = "";
	user->engine = ksrtpd_engine_create(&net);
	user->legs = ksrtpd_user_legs_create(base, &user->engine);
	user->watch = event_new(base, -1, EV_PERSIST, on_watch, user);
	user->tell = event_new(base, -1, 0, on_tell, user);
	return user->engine && user->legs && user->watch && user->tell &&
	       !event_add(user->watch, &every);
}

struct ksrtpd_datapath *ksrtpd_user_open(struct event_base *base, struct ksrtpd_failure *failure)
{
	struct user *user = calloc(1, sizeof(*user));

	if (user && set_up(user, base))
		return &user->base;
	if (user)
		user_close(&user->base);
	ksrtpd_fail(failure, "internal", "libsrtp2 does not start, or no memory");
	return NULL;
}
