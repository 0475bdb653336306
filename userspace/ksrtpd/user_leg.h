/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sockets of the user datapath's legs. Each leg has a descriptor of its own, read by
 * the event loop in turns of a bounded number of datagrams.
 */
#ifndef KSRTPD_USER_LEG_H
#define KSRTPD_USER_LEG_H

#include <event2/event.h>

#include "datapath.h"
#include "user_engine.h"

struct ksrtpd_user_legs;

/* They bring what they read to *@engine, which is there before the first leg. */
struct ksrtpd_user_legs *ksrtpd_user_legs_create(struct event_base *base,
						 struct ksrtpd_engine **engine);
void ksrtpd_user_legs_destroy(struct ksrtpd_user_legs *legs);

/* Fills @leg->local from @leg->socket. 0 or a negative errno. */
int ksrtpd_user_leg_local(struct ksrtp_leg *leg);
/* The engine has the leg: read its socket. */
int ksrtpd_user_leg_add(struct ksrtpd_user_legs *legs, const struct ksrtp_leg *leg,
			ksrtpd_up_cb up, void *arg);
void ksrtpd_user_leg_remove(struct ksrtpd_user_legs *legs, uint32_t id);
/* Another socket for a leg: first _prepare, which may fail, then the engine is told, then
 * _move to it or, where the engine refused, _stay. What waits on the one before is served
 * first, as far as it is media.
 */
int ksrtpd_user_leg_prepare(struct ksrtpd_user_legs *legs, uint32_t id, int socket);
void ksrtpd_user_leg_move(struct ksrtpd_user_legs *legs, const struct ksrtp_leg *leg);
void ksrtpd_user_leg_stay(struct ksrtpd_user_legs *legs, uint32_t id);
/* DSCP and fragmenting are as @leg says. */
void ksrtpd_user_leg_options(struct ksrtpd_user_legs *legs, const struct ksrtp_leg *leg);
/* For struct ksrtpd_engine_net. */
enum ksrtp_reason ksrtpd_user_leg_send(struct ksrtpd_user_legs *legs, uint32_t id,
				       const struct sockaddr_storage *to, const uint8_t *data,
				       size_t len);

#endif /* KSRTPD_USER_LEG_H */
