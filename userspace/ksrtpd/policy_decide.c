// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "policy_decide.h"

static const char *const sides[] = { "caller", "callee" };

/* -- which policy holds */

static int take_effect(sqlite3_stmt *row, void *arg)
{
	struct ksrtpd_policy_effect *effect = arg;

	snprintf(effect->policy.name, sizeof(effect->policy.name), "%s", ksrtpd_store_text(row, 0));
	effect->policy.e2ee = sqlite3_column_int(row, 1);
	effect->policy.mismatch = sqlite3_column_int(row, 2);
	snprintf(effect->policy.description, sizeof(effect->policy.description), "%s",
		 ksrtpd_store_text(row, 3));
	snprintf(effect->name, sizeof(effect->name), "%s", ksrtpd_store_text(row, 4));
	return 1;
}

struct ranked {
	struct ksrtpd_policy_effect *effect;
	bool found;
	int64_t rank;
};

/* Of two groups of one rank the one named first counts. */
static int take_ranked(sqlite3_stmt *row, void *arg)
{
	struct ranked *best = arg;
	int64_t rank = sqlite3_column_int64(row, 5);

	if (!best->found || rank < best->rank) {
		take_effect(row, best->effect);
		best->found = true;
		best->rank = rank;
	}
	return 0;
}

#define GRANTED	"SELECT p.name, p.e2ee, p.mismatch, p.description, g.name, g.rank" \
		" FROM policy_grant g JOIN policy p ON p.name = g.policy" \
		" WHERE g.kind = ? AND g.name = lower(?)"

static int by_name(struct ksrtpd_store *store, enum ksrtpd_grantee kind, const char *name,
		   struct ksrtpd_policy_effect *effect, struct ksrtpd_failure *failure)
{
	int found;

	if (!*name)
		return 0;
	found = ksrtpd_store_query(store, failure, take_effect, effect, GRANTED, "is", (int64_t)kind,
				   name);
	if (found > 0)
		effect->by = kind;
	return found;
}

static int by_groups(struct ksrtpd_store *store, const struct ksrtpd_party *party,
		     struct ksrtpd_policy_effect *effect, struct ksrtpd_failure *failure)
{
	struct ranked best = { .effect = effect };
	unsigned int i;

	for (i = 0; i < party->groups_count; i++) {
		if (ksrtpd_store_query(store, failure, take_ranked, &best, GRANTED, "is",
				       (int64_t)KSRTPD_GRANTEE_GROUP, party->groups[i]))
			return -1;
	}
	if (best.found)
		effect->by = KSRTPD_GRANTEE_GROUP;
	return best.found;
}

static int find_effect(struct ksrtpd_store *store, const struct ksrtpd_party *party,
		       struct ksrtpd_policy_effect *effect, struct ksrtpd_failure *failure)
{
	int found = by_name(store, KSRTPD_GRANTEE_USER, party->user, effect, failure);

	if (!found)
		found = by_groups(store, party, effect, failure);
	if (!found)
		found = by_name(store, KSRTPD_GRANTEE_ORGANISATION, party->organisation, effect,
				failure);
	if (found)
		return found > 0 ? 0 : -1;
	effect->by = KSRTPD_GRANTEE_GLOBAL;
	effect->name[0] = '\0';
	return ksrtpd_policy_get(store, KSRTPD_POLICY_GLOBAL, &effect->policy, failure);
}

int ksrtpd_policy_effect(struct ksrtpd_store *store, const struct ksrtpd_party *party, bool asked,
			 struct ksrtpd_policy_effect *effect, struct ksrtpd_failure *failure)
{
	int chose = party->wants;

	memset(effect, 0, sizeof(*effect));
	if (find_effect(store, party, effect, failure))
		return -1;
	if (chose < 0 && *party->user && ksrtpd_policy_user_get(store, party->user, &chose, failure))
		return -1;
	if (chose < 0)
		chose = asked;
	effect->wants = effect->policy.e2ee == KSRTPD_E2EE_REQUIRED ||
			(effect->policy.e2ee == KSRTPD_E2EE_USER_OVERRIDE && chose == 1);
	return 0;
}

/* -- two parties */

/* Why this side keeps the call from being end to end; false: it does not. */
static bool obstacle(int side, const struct ksrtpd_party *party, const char *cannot,
		     const struct ksrtpd_policy_effect *effect, char why[128])
{
	if (party->pstn)
		snprintf(why, 128, "the %s is in the telephone network", sides[side]);
	else if (cannot)
		snprintf(why, 128, "the %s cannot: %s", sides[side], cannot);
	else if (!effect->wants)
		snprintf(why, 128, "the %s does not want it (policy %s: %s)", sides[side],
			 effect->policy.name, ksrtpd_policy_e2ee_name(effect->policy.e2ee));
	else
		return false;
	return true;
}

static int refuse(const struct ksrtpd_decision *decision, enum ksrtpd_wish wish, const char *why,
		  struct ksrtpd_failure *failure)
{
	int side;

	for (side = 0; side < 2; side++) {
		if (decision->effects[side].policy.e2ee == KSRTPD_E2EE_REQUIRED)
			return ksrtpd_fail(failure, "policy-requires-e2ee", "policy %s of the %s requires"
					   " end-to-end encryption, and %s",
					   decision->effects[side].policy.name, sides[side], why);
	}
	if (wish == KSRTPD_WISH_E2EE)
		return ksrtpd_fail(failure, "e2ee-unavailable", "no end-to-end encryption: %s", why);
	return 0;
}

int ksrtpd_policy_decide(struct ksrtpd_store *store, const struct ksrtpd_party parties[2],
			 const char *const cannot[2], enum ksrtpd_wish wish,
			 struct ksrtpd_decision *decision, struct ksrtpd_failure *failure)
{
	char why[128];
	bool barred = false;
	int side;

	memset(decision, 0, sizeof(*decision));
	for (side = 0; side < 2; side++) {
		struct ksrtpd_policy_effect *effect = &decision->effects[side];

		if (ksrtpd_policy_effect(store, &parties[side], wish == KSRTPD_WISH_E2EE, effect,
					 failure))
			return -1;
		decision->end_on_mismatch |= effect->policy.mismatch == KSRTPD_MISMATCH_END;
		if (!barred)
			barred = obstacle(side, &parties[side], cannot[side], effect, why);
	}
	if (!barred && wish == KSRTPD_WISH_TRANSPORT) {
		barred = true;
		snprintf(why, sizeof(why), "the request asks for another mode");
	}
	decision->e2ee = !barred;
	return barred ? refuse(decision, wish, why, failure) : 0;
}
