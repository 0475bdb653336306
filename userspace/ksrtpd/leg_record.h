/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the store keeps of a leg, and how a leg of the kernel's becomes one of ours again:
 * the socket of its path and its remote address come from the kernel, the rest from the
 * record; the sockets of its other candidates are bound again. No
 * key, password or private key is kept, so an established association goes on, but a new
 * one needs a new certificate; one that was in its handshake has failed.
 */
#ifndef KSRTPD_LEG_RECORD_H
#define KSRTPD_LEG_RECORD_H

#include <jansson.h>

#include "leg.h"

/* NULL when memory is out, and null for no leg. */
json_t *ksrtpd_leg_record(const struct ksrtpd_leg *leg);
/* @found: the legs that the datapath has of this call. */
struct ksrtpd_leg *ksrtpd_leg_restore(struct event_base *base, struct ksrtpd_datapath *datapath,
				      const struct ksrtpd_config *config, const json_t *record,
				      const struct ksrtp_leg *found, unsigned int found_count,
				      struct ksrtpd_failure *failure);

/* A failure in a record; the reason of one that is read lives for ever. */
json_t *ksrtpd_failure_record(const struct ksrtpd_failure *failure);
int ksrtpd_failure_restore(const json_t *record, struct ksrtpd_failure *failure);

#endif /* KSRTPD_LEG_RECORD_H */
