/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Of ICE-lite the part that must not depend on an agent: connectivity checks of the path
 * in use are answered, and where none come, sending ends (RFC 7675). Gathering, nomination
 * and every other check are the agent's.
 */
#ifndef KSRTP_ICE_H
#define KSRTP_ICE_H

#include <linux/jiffies.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

#include "leg.h"
#include "net.h"

struct netlink_ext_ack;

/*
 * From our user name fragment and password and the endpoint's fragment: NULL if none of
 * them is given, an ERR_PTR() if they are not right. The strings stay the caller's to wipe.
 */
struct ksrtp_ice *ksrtp_ice_create(const char *ufrag, const char *pwd, const char *remote_ufrag,
				   struct netlink_ext_ack *extack);
/* One that was never set; NULL and an ERR_PTR() are nothing to free. */
void ksrtp_ice_free(struct ksrtp_ice *ice);
/* Takes it over. Under leg->lock. */
void ksrtp_ice_set(struct ksrtp_leg *leg, struct ksrtp_ice *ice);
/* The leg dies. */
void ksrtp_ice_purge(struct ksrtp_leg *leg);

static inline bool ksrtp_ice_is_on(const struct ksrtp_leg *leg)
{
	return rcu_access_pointer(leg->ice[0]);
}

/* May it be sent to? */
static inline bool ksrtp_ice_has_consent(const struct ksrtp_leg *leg)
{
	return !ksrtp_ice_is_on(leg) ||
	       time_before(jiffies, READ_ONCE(leg->consent) +
				    READ_ONCE(leg->kn->consent_timeout) * HZ);
}

/*
 * Packet path, under RCU: the answer to a check from @from, which is the leg's remote
 * address; its length, or 0 if it is no check that can be answered here.
 */
u32 ksrtp_ice_answer(struct ksrtp_leg *leg, const struct ksrtp_addr *from, const u8 *data, u32 len,
		     u8 *out);

#endif /* KSRTP_ICE_H */
