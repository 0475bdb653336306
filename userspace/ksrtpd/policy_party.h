/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A party of a call in JSON, all members optional:
 *	{"user": "alice@example.org", "groups": ["sales"], "organisation": "example.org",
 *	 "wants": true, "pstn": false}
 */
#ifndef KSRTPD_POLICY_PARTY_H
#define KSRTPD_POLICY_PARTY_H

#include <jansson.h>

#include "policy_decide.h"

/* @where names it in failures ("from.party"). @json NULL: nothing is known. */
int ksrtpd_party_parse(const json_t *json, const char *where, struct ksrtpd_party *party,
		       struct ksrtpd_failure *failure);
/* As it was given, for what outlives the agent; a new object, NULL when memory is out. */
json_t *ksrtpd_party_view(const struct ksrtpd_party *party);

#endif /* KSRTPD_POLICY_PARTY_H */
