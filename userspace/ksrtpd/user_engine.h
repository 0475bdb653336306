/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The user datapath without sockets and clock events: calls, legs, keys, routes and the
 * way of a packet from one leg to others, by the same rules and with the same counters
 * as the module. What it looks like from outside is libksrtp's API, except that keys
 * come as master keys, which libsrtp2 wants.
 *
 * One thread. Every function that can fail returns 0 or a negative errno, the same as
 * the module's where both refuse; ksrtpd_engine_error() then has a sentence.
 */
#ifndef KSRTPD_USER_ENGINE_H
#define KSRTPD_USER_ENGINE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <ksrtp/ksrtp.h>

#include "key.h"

#define KSRTPD_DATAGRAM_MAX	65507	/* octets of a UDP payload */

/* The network below it. */
struct ksrtpd_engine_net {
	/* KSRTP_REASON_NONE: it is on its way to @to. */
	enum ksrtp_reason (*send)(void *arg, uint32_t leg, const struct sockaddr_storage *to,
				  const uint8_t *data, size_t len);
	/* Something happened; may be NULL. Nothing may be changed from in there. */
	void (*event)(void *arg, const struct ksrtp_event *event);
	void *arg;
};

/* What became of a datagram. */
enum ksrtpd_fate {
	KSRTPD_FATE_DROPPED,
	KSRTPD_FATE_FORWARDED,
	KSRTPD_FATE_UP,		/* DTLS or STUN: for the leg's owner */
};

struct ksrtpd_engine;

struct ksrtpd_engine *ksrtpd_engine_create(const struct ksrtpd_engine_net *net);
void ksrtpd_engine_destroy(struct ksrtpd_engine *engine);
const char *ksrtpd_engine_error(const struct ksrtpd_engine *engine);

int ksrtpd_engine_call_new(struct ksrtpd_engine *engine, struct ksrtp_call *call);
int ksrtpd_engine_call_get(struct ksrtpd_engine *engine, uint32_t id, struct ksrtp_call *call);
int ksrtpd_engine_call_del(struct ksrtpd_engine *engine, uint32_t id);
/* -ENOENT: the owner has no call. There is no lease: calls end with the process. */
/* Keys that are remembered, and how many can be. */
void ksrtpd_engine_keyring(const struct ksrtpd_engine *engine, uint32_t *used, uint32_t *max);
int ksrtpd_engine_owner_alive(const struct ksrtpd_engine *engine, uint32_t owner);

/* @leg->local is that of the socket; @leg->socket is not looked at. */
int ksrtpd_engine_leg_new(struct ksrtpd_engine *engine, struct ksrtp_leg *leg);
/* With KSRTP_LEG_SET_SOCKET, likewise. */
int ksrtpd_engine_leg_set(struct ksrtpd_engine *engine, const struct ksrtp_leg *leg,
			  unsigned int what);
int ksrtpd_engine_leg_get(struct ksrtpd_engine *engine, uint32_t id, struct ksrtp_leg *leg);
/* From now on nothing is sent on the leg 30 s after the last authentic packet or check
 * (RFC 7675), and _leg_consent says that there was a check.
 */
int ksrtpd_engine_leg_ice(struct ksrtpd_engine *engine, uint32_t id);
int ksrtpd_engine_leg_consent(struct ksrtpd_engine *engine, uint32_t id);
int ksrtpd_engine_leg_del(struct ksrtpd_engine *engine, uint32_t id);

int ksrtpd_engine_key_new(struct ksrtpd_engine *engine, const struct ksrtpd_key *key);
int ksrtpd_engine_key_activate(struct ksrtpd_engine *engine, uint32_t leg, uint32_t slot);
int ksrtpd_engine_key_del(struct ksrtpd_engine *engine, uint32_t leg, uint32_t direction,
			  uint32_t slot);

/* Those of a leg, as the module tells them: no octets. */
int ksrtpd_engine_key_dump(struct ksrtpd_engine *engine, uint32_t leg, ksrtp_key_cb cb, void *arg);

/* Of one leg, or of all (0). */
int ksrtpd_engine_stream_dump(struct ksrtpd_engine *engine, uint32_t leg, ksrtp_stream_cb cb,
			      void *arg);

int ksrtpd_engine_route_new(struct ksrtpd_engine *engine, struct ksrtp_route *route);
int ksrtpd_engine_route_set(struct ksrtpd_engine *engine, uint32_t id, uint32_t flags);
int ksrtpd_engine_route_get(struct ksrtpd_engine *engine, uint32_t id, struct ksrtp_route *route);
int ksrtpd_engine_route_del(struct ksrtpd_engine *engine, uint32_t id);

/* A datagram that came in on @leg from @from. An unknown leg drops it. */
enum ksrtpd_fate ksrtpd_engine_input(struct ksrtpd_engine *engine, uint32_t leg,
				     const struct sockaddr_storage *from, const uint8_t *data,
				     size_t len);
/* Every few seconds: legs that are idle or attacked, keys that need not be remembered. */
void ksrtpd_engine_watch(struct ksrtpd_engine *engine);

#endif /* KSRTPD_USER_ENGINE_H */
