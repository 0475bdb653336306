// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "agent.h"
#include "method.h"
#include "params.h"
#include "policy_party.h"

#define REASON		"bad-request"
#define GRANTS_SHOWN	1000
#define ENTRIES		100	/* of the log, where none are asked for */
#define ENTRIES_MAX	1000

/* -- members of params */

static int take_policy_name(const json_t *params, const char **name, struct ksrtpd_failure *failure)
{
	return ksrtpd_params_string(params, "policy", KSRTPD_POLICY_NAME - 1, name, failure);
}

static int take_integer(const json_t *params, const char *name, json_int_t max, json_int_t *value,
			struct ksrtpd_failure *failure)
{
	const json_t *member = json_object_get(params, name);

	if (!member)
		return 0;
	if (!json_is_integer(member) || json_integer_value(member) < 1 ||
	    json_integer_value(member) > max)
		return ksrtpd_fail(failure, REASON, "params.%s is no number from 1 to %lld", name,
				   (long long)max);
	*value = json_integer_value(member);
	return 0;
}

/* What is missing stays as it is. */
static int take_values(const json_t *params, struct ksrtpd_policy *policy,
		       struct ksrtpd_failure *failure)
{
	const json_t *description = json_object_get(params, "description");
	const char *e2ee, *mismatch;
	int value;

	if (ksrtpd_params_optional(params, "e2ee", 64, &e2ee, failure) ||
	    ksrtpd_params_optional(params, "on_mismatch", 64, &mismatch, failure))
		return -1;
	if (e2ee) {
		value = ksrtpd_policy_e2ee_parse(e2ee);
		if (value < 0)
			return ksrtpd_fail(failure, REASON, "params.e2ee: '%s' is none of disabled,"
					   " disabled-user-override, required", e2ee);
		policy->e2ee = value;
	}
	if (mismatch) {
		value = ksrtpd_policy_mismatch_parse(mismatch);
		if (value < 0)
			return ksrtpd_fail(failure, REASON, "params.on_mismatch: '%s' is none of end, keep",
					   mismatch);
		policy->mismatch = value;
	}
	if (!description)
		return 0;
	if (!json_is_string(description) ||
	    json_string_length(description) >= sizeof(policy->description))
		return ksrtpd_fail(failure, REASON, "params.description is no string of up to %zu octets",
				   sizeof(policy->description) - 1);
	strcpy(policy->description, json_string_value(description));
	return 0;
}

/* One of user, group, organisation. */
static int take_grantee(const json_t *params, enum ksrtpd_grantee *kind, const char **name,
			struct ksrtpd_failure *failure)
{
	const char *value;
	int i;

	*name = NULL;
	for (i = KSRTPD_GRANTEE_USER; i <= KSRTPD_GRANTEE_ORGANISATION; i++) {
		if (ksrtpd_params_optional(params, ksrtpd_grantee_name(i), KSRTPD_PARTY_NAME - 1, &value,
					   failure))
			return -1;
		if (!value)
			continue;
		if (*name)
			return ksrtpd_fail(failure, REASON, "params: both %s and %s",
					   ksrtpd_grantee_name(*kind), ksrtpd_grantee_name(i));
		*kind = i;
		*name = value;
	}
	return *name ? 0 : ksrtpd_fail(failure, REASON, "params: none of user, group, organisation");
}

/* -- results */

static json_t *view_policy(const struct ksrtpd_policy *policy)
{
	return json_pack("{s:s, s:s, s:s, s:s}", "policy", policy->name,
			 "e2ee", ksrtpd_policy_e2ee_name(policy->e2ee),
			 "on_mismatch", ksrtpd_policy_mismatch_name(policy->mismatch),
			 "description", policy->description);
}

static int add_policy(const struct ksrtpd_policy *policy, void *list)
{
	json_array_append_new(list, view_policy(policy));
	return 0;
}

static int add_grant(const struct ksrtpd_grant *grant, void *list)
{
	json_t *view = json_pack("{s:s, s:s, s:s}", "kind", ksrtpd_grantee_name(grant->kind),
				 "name", grant->name, "policy", grant->policy);

	if (grant->kind == KSRTPD_GRANTEE_GROUP)
		json_object_set_new(view, "rank", json_integer(grant->rank));
	json_array_append_new(list, view);
	return 0;
}

static int add_entry(const struct ksrtpd_policy_entry *entry, void *list)
{
	json_array_append_new(list, json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:s}",
			      "id", (json_int_t)entry->id, "at_ms", (json_int_t)entry->at_ms,
			      "who", entry->who, "verb", entry->verb, "object", entry->object,
			      "before", entry->before, "after", entry->after));
	return 0;
}

static int answer_policy(struct ksrtpd_agent *agent, const char *name, json_t **result,
			 struct ksrtpd_failure *failure)
{
	struct ksrtpd_policy policy;

	if (ksrtpd_policy_get(agent->store, name, &policy, failure))
		return -1;
	*result = view_policy(&policy);
	return 0;
}

/* -- methods */

static const char *const value_members[] = {
	"policy", "e2ee", "on_mismatch", "description", NULL,
};

static int new(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, const json_t *params,
	       json_t **result, struct ksrtpd_failure *failure)
{
	struct ksrtpd_policy policy = { .e2ee = KSRTPD_E2EE_DISABLED };
	const char *name;

	if (ksrtpd_params_only(params, value_members, failure) ||
	    take_policy_name(params, &name, failure) || take_values(params, &policy, failure))
		return -1;
	strcpy(policy.name, name);
	if (ksrtpd_policy_new(agent->store, peer->who, &policy, failure))
		return -1;
	return answer_policy(agent, name, result, failure);
}

static int get(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, const json_t *params,
	       json_t **result, struct ksrtpd_failure *failure)
{
	static const char *const members[] = { "policy", NULL };
	const char *name;
	json_t *grants;

	(void)peer;
	if (ksrtpd_params_only(params, members, failure) || take_policy_name(params, &name, failure) ||
	    answer_policy(agent, name, result, failure))
		return -1;
	grants = json_array();
	json_object_set_new(*result, "grants", grants);
	return ksrtpd_policy_each_grant(agent->store, name, GRANTS_SHOWN, add_grant, grants, failure);
}

static int set(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, const json_t *params,
	       json_t **result, struct ksrtpd_failure *failure)
{
	struct ksrtpd_policy policy;
	const char *name;

	if (ksrtpd_params_only(params, value_members, failure) ||
	    take_policy_name(params, &name, failure) ||
	    ksrtpd_policy_get(agent->store, name, &policy, failure) ||
	    take_values(params, &policy, failure) ||
	    ksrtpd_policy_set(agent->store, peer->who, &policy, failure))
		return -1;
	return answer_policy(agent, name, result, failure);
}

static int remove_policy(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer,
			 const json_t *params, json_t **result, struct ksrtpd_failure *failure)
{
	static const char *const members[] = { "policy", NULL };
	const char *name;

	if (ksrtpd_params_only(params, members, failure) || take_policy_name(params, &name, failure) ||
	    ksrtpd_policy_remove(agent->store, peer->who, name, failure))
		return -1;
	*result = json_pack("{s:s}", "policy", name);
	return 0;
}

static int grant(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, const json_t *params,
		 json_t **result, struct ksrtpd_failure *failure)
{
	static const char *const members[] = {
		"policy", "user", "group", "organisation", "rank", NULL,
	};
	struct ksrtpd_grant what = { .rank = 0 };
	const char *policy, *name;
	json_int_t rank = 0;

	if (ksrtpd_params_only(params, members, failure) ||
	    take_policy_name(params, &policy, failure) ||
	    take_grantee(params, &what.kind, &name, failure) ||
	    take_integer(params, "rank", KSRTPD_RANK_MAX, &rank, failure))
		return -1;
	if ((what.kind == KSRTPD_GRANTEE_GROUP) != (rank > 0))
		return ksrtpd_fail(failure, REASON, rank ? "params.rank is for groups only" :
				   "params.rank is missing: of a user's groups the lowest rank counts");
	strcpy(what.name, name);
	strcpy(what.policy, policy);
	what.rank = rank;
	if (ksrtpd_policy_grant(agent->store, peer->who, &what, failure))
		return -1;
	*result = json_pack("{s:s, s:s}", "policy", policy, ksrtpd_grantee_name(what.kind), name);
	if (rank)
		json_object_set_new(*result, "rank", json_integer(rank));
	return 0;
}

static int revoke(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer,
		  const json_t *params, json_t **result, struct ksrtpd_failure *failure)
{
	static const char *const members[] = { "user", "group", "organisation", NULL };
	enum ksrtpd_grantee kind;
	const char *name;

	if (ksrtpd_params_only(params, members, failure) ||
	    take_grantee(params, &kind, &name, failure) ||
	    ksrtpd_policy_revoke(agent->store, peer->who, kind, name, failure))
		return -1;
	*result = json_pack("{s:s}", ksrtpd_grantee_name(kind), name);
	return 0;
}

static int list(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, const json_t *params,
		json_t **result, struct ksrtpd_failure *failure)
{
	json_t *policies;

	(void)peer;
	if (ksrtpd_params_only(params, NULL, failure))
		return -1;
	policies = json_array();
	*result = json_pack("{s:o}", "policies", policies);
	return ksrtpd_policy_each(agent->store, add_policy, policies, failure);
}

/* Without e2ee it only tells; null forgets the choice. */
static int user(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, const json_t *params,
		json_t **result, struct ksrtpd_failure *failure)
{
	static const char *const members[] = { "user", "e2ee", NULL };
	const json_t *value = json_object_get(params, "e2ee");
	const char *name;
	int e2ee;

	if (ksrtpd_params_only(params, members, failure) ||
	    ksrtpd_params_string(params, "user", KSRTPD_PARTY_NAME - 1, &name, failure))
		return -1;
	if (value && !json_is_boolean(value) && !json_is_null(value))
		return ksrtpd_fail(failure, REASON, "params.e2ee is none of true, false, null");
	e2ee = json_is_null(value) ? -1 : json_is_true(value);
	if ((value && ksrtpd_policy_user_set(agent->store, peer->who, name, e2ee, failure)) ||
	    ksrtpd_policy_user_get(agent->store, name, &e2ee, failure))
		return -1;
	*result = json_pack("{s:s, s:o}", "user", name, "e2ee",
			    e2ee < 0 ? json_null() : json_boolean(e2ee));
	return 0;
}

static int effective(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer,
		     const json_t *params, json_t **result, struct ksrtpd_failure *failure)
{
	struct ksrtpd_policy_effect effect;
	struct ksrtpd_party party;

	(void)peer;
	if (ksrtpd_party_parse(params, "params", &party, failure) ||
	    ksrtpd_policy_effect(agent->store, &party, false, &effect, failure))
		return -1;
	*result = view_policy(&effect.policy);
	json_object_set_new(*result, "by", json_string(ksrtpd_grantee_name(effect.by)));
	json_object_set_new(*result, "name", *effect.name ? json_string(effect.name) : json_null());
	json_object_set_new(*result, "wants", json_boolean(effect.wants));
	return 0;
}

static int show_log(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer,
		    const json_t *params, json_t **result, struct ksrtpd_failure *failure)
{
	static const char *const members[] = { "limit", "before", NULL };
	json_int_t limit = ENTRIES, before = 0;
	json_t *entries;

	(void)peer;
	if (ksrtpd_params_only(params, members, failure) ||
	    take_integer(params, "limit", ENTRIES_MAX, &limit, failure) ||
	    take_integer(params, "before", INT64_MAX, &before, failure))
		return -1;
	entries = json_array();
	*result = json_pack("{s:o}", "entries", entries);
	return ksrtpd_policy_each_entry(agent->store, before, limit, add_entry, entries, failure);
}

const struct ksrtpd_method ksrtpd_policy_methods[] = {
	{ "policy-new", KSRTPD_SCOPE_POLICY, new },
	{ "policy-get", KSRTPD_SCOPE_READ, get },
	{ "policy-set", KSRTPD_SCOPE_POLICY, set },
	{ "policy-remove", KSRTPD_SCOPE_POLICY, remove_policy },
	{ "policy-grant", KSRTPD_SCOPE_POLICY, grant },
	{ "policy-revoke", KSRTPD_SCOPE_POLICY, revoke },
	{ "policy-list", KSRTPD_SCOPE_READ, list },
	{ "policy-user", KSRTPD_SCOPE_POLICY, user },
	{ "policy-effective", KSRTPD_SCOPE_READ, effective },
	{ "policy-log", KSRTPD_SCOPE_READ, show_log },
	{ NULL, 0, NULL },
};
