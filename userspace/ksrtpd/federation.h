/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which other hosts may set up calls here: a list of those allowed and one of those
 * denied. An entry is
 *	example.org		this name alone
 *	.example.org		every name below it, but not itself
 *	192.0.2.0/24		addresses, as is 2001:db8::/32; without a length, one address
 * Denied wins over allowed; for a name in neither list the configuration decides.
 */
#ifndef KSRTPD_FEDERATION_H
#define KSRTPD_FEDERATION_H

#include <stdbool.h>
#include <stdint.h>

#include "failure.h"
#include "store.h"

#define KSRTPD_FEDERATION_PATTERN	256	/* with the NUL */
#define KSRTPD_FEDERATION_MAX		10000	/* entries */

enum ksrtpd_pattern_kind {
	KSRTPD_PATTERN_NAME,
	KSRTPD_PATTERN_BELOW,
	KSRTPD_PATTERN_ADDRESS,
};

struct ksrtpd_pattern {
	enum ksrtpd_pattern_kind kind;
	char name[KSRTPD_FEDERATION_PATTERN];	/* lower case, no dot at either end */
	int family;				/* AF_INET, AF_INET6 */
	uint8_t address[16];
	unsigned int bits;
};

/* The entry, and its text as it is kept. Reason bad-request. */
int ksrtpd_pattern_parse(const char *text, struct ksrtpd_pattern *pattern,
			 char canonical[KSRTPD_FEDERATION_PATTERN],
			 struct ksrtpd_failure *failure);

/* The verbs. Each change is on the disk and in the log of policies when they answer. */
int ksrtpd_federation_add(struct ksrtpd_store *store, const char *who, const char *text,
			  bool allow, struct ksrtpd_failure *failure);
/* From both lists. */
int ksrtpd_federation_remove(struct ksrtpd_store *store, const char *who, const char *text,
			     struct ksrtpd_failure *failure);
int ksrtpd_federation_each(struct ksrtpd_store *store,
			   int (*each)(const char *pattern, bool allow, void *arg), void *arg,
			   struct ksrtpd_failure *failure);
/* May this host (a name or an address, in any case, with or without a dot at its end) set up
 * a call? @fallback: what holds for one in neither list. Refused with `federation-denied`.
 */
int ksrtpd_federation_check(struct ksrtpd_store *store, const char *host, bool fallback,
			    struct ksrtpd_failure *failure);

#endif /* KSRTPD_FEDERATION_H */
