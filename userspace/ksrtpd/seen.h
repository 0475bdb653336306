/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Thumbprints of endpoints' certificates, each with the call it was last seen in. A
 * certificate known from an earlier call makes the security code weaker: a man in
 * the middle could search beforehand for one of his own with an equal code.
 */
#ifndef KSRTPD_SEEN_H
#define KSRTPD_SEEN_H

#include <stdbool.h>
#include <stdint.h>

#include "fingerprint.h"
#include "store.h"

#define KSRTPD_SEEN_MAX	4096	/* the oldest is forgotten */

struct ksrtpd_seen;

struct ksrtpd_seen *ksrtpd_seen_create(void);
/* From now on it is kept in @store, and what was kept there is known. */
int ksrtpd_seen_keep(struct ksrtpd_seen *seen, struct ksrtpd_store *store,
		     struct ksrtpd_failure *failure);
void ksrtpd_seen_destroy(struct ksrtpd_seen *seen);
/* Was it seen in another call than @call? Remembers it for @call. */
bool ksrtpd_seen_add(struct ksrtpd_seen *seen, const struct ksrtpd_fingerprint *fp,
		     uint64_t call);

#endif /* KSRTPD_SEEN_H */
