// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "policy.h"

static const char *const e2ee_names[] = {
	[KSRTPD_E2EE_DISABLED] = "disabled",
	[KSRTPD_E2EE_USER_OVERRIDE] = "disabled-user-override",
	[KSRTPD_E2EE_REQUIRED] = "required",
};

static const char *const mismatch_names[] = {
	[KSRTPD_MISMATCH_END] = "end",
	[KSRTPD_MISMATCH_KEEP] = "keep",
};

static const char *const grantee_names[] = {
	[KSRTPD_GRANTEE_USER] = "user",
	[KSRTPD_GRANTEE_GROUP] = "group",
	[KSRTPD_GRANTEE_ORGANISATION] = "organisation",
	[KSRTPD_GRANTEE_GLOBAL] = "global",
};

const char *ksrtpd_policy_e2ee_name(enum ksrtpd_policy_e2ee e2ee)
{
	return e2ee_names[e2ee];
}

const char *ksrtpd_policy_mismatch_name(enum ksrtpd_policy_mismatch mismatch)
{
	return mismatch_names[mismatch];
}

const char *ksrtpd_grantee_name(enum ksrtpd_grantee kind)
{
	return grantee_names[kind];
}

int ksrtpd_policy_e2ee_parse(const char *text)
{
	int i;

	for (i = KSRTPD_E2EE_DISABLED; i <= KSRTPD_E2EE_REQUIRED; i++) {
		if (!strcmp(text, e2ee_names[i]))
			return i;
	}
	return -1;
}

int ksrtpd_policy_mismatch_parse(const char *text)
{
	int i;

	for (i = KSRTPD_MISMATCH_END; i <= KSRTPD_MISMATCH_KEEP; i++) {
		if (!strcmp(text, mismatch_names[i]))
			return i;
	}
	return -1;
}

/* -- names */

static int check_name(const char *name, struct ksrtpd_failure *failure)
{
	size_t i;

	for (i = 0; name[i] && i < KSRTPD_POLICY_NAME; i++) {
		if (!isalnum((unsigned char)name[i]) && !strchr("._-", name[i]))
			break;
	}
	if (i && i < KSRTPD_POLICY_NAME && !name[i])
		return 0;
	return ksrtpd_fail(failure, "bad-request",
			   "policy: '%s' is no name (1 to %d of A-Z a-z 0-9 . _ -)", name,
			   KSRTPD_POLICY_NAME - 1);
}

/* As it is kept and compared; false: empty, too long, or with control characters. */
static bool fold(const char *name, char folded[KSRTPD_PARTY_NAME])
{
	size_t i;

	for (i = 0; name[i]; i++) {
		unsigned char c = name[i];

		if (i == KSRTPD_PARTY_NAME - 1 || c < 0x20 || c == 0x7f)
			return false;
		folded[i] = c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
	}
	folded[i] = '\0';
	return i > 0;
}

static int fold_name(enum ksrtpd_grantee kind, const char *name, char folded[KSRTPD_PARTY_NAME],
		     struct ksrtpd_failure *failure)
{
	if (fold(name, folded))
		return 0;
	return ksrtpd_fail(failure, "bad-request", "%s: '%s' is no name (1 to %d octets, no control"
			   " characters)", grantee_names[kind], name, KSRTPD_PARTY_NAME - 1);
}

/* -- rows */

static void take_policy(sqlite3_stmt *row, struct ksrtpd_policy *policy)
{
	snprintf(policy->name, sizeof(policy->name), "%s", ksrtpd_store_text(row, 0));
	policy->e2ee = sqlite3_column_int(row, 1);
	policy->mismatch = sqlite3_column_int(row, 2);
	snprintf(policy->description, sizeof(policy->description), "%s", ksrtpd_store_text(row, 3));
}

static int first_policy(sqlite3_stmt *row, void *arg)
{
	take_policy(row, arg);
	return 1;
}

static int first_number(sqlite3_stmt *row, void *arg)
{
	*(int *)arg = sqlite3_column_int(row, 0);
	return 1;
}

static void take_grant(sqlite3_stmt *row, struct ksrtpd_grant *grant)
{
	grant->kind = sqlite3_column_int(row, 0);
	snprintf(grant->name, sizeof(grant->name), "%s", ksrtpd_store_text(row, 1));
	snprintf(grant->policy, sizeof(grant->policy), "%s", ksrtpd_store_text(row, 2));
	grant->rank = sqlite3_column_int(row, 3);
}

static int first_grant(sqlite3_stmt *row, void *arg)
{
	take_grant(row, arg);
	return 1;
}

/* 1: there is one, 0: none, -1: failure. */
static int find_policy(struct ksrtpd_store *store, const char *name, struct ksrtpd_policy *policy,
		       struct ksrtpd_failure *failure)
{
	return ksrtpd_store_query(store, failure, first_policy, policy,
				  "SELECT name, e2ee, mismatch, description FROM policy WHERE name = ?",
				  "s", name);
}

static int find_grant(struct ksrtpd_store *store, enum ksrtpd_grantee kind, const char *name,
		      struct ksrtpd_grant *grant, struct ksrtpd_failure *failure)
{
	return ksrtpd_store_query(store, failure, first_grant, grant,
				  "SELECT kind, name, policy, rank FROM policy_grant"
				  " WHERE kind = ? AND name = ?", "is", (int64_t)kind, name);
}

int ksrtpd_policy_get(struct ksrtpd_store *store, const char *name, struct ksrtpd_policy *policy,
		      struct ksrtpd_failure *failure)
{
	int found = check_name(name, failure) ? -1 : find_policy(store, name, policy, failure);

	if (found)
		return found > 0 ? 0 : -1;
	return ksrtpd_fail(failure, "no-such-policy", "there is no policy named %s", name);
}

/* -- changes: each in a transaction with its line in the log */

static int64_t wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

int ksrtpd_policy_log(struct ksrtpd_store *store, const char *who, const char *verb,
		      const char *object, const char *before, const char *after,
		      struct ksrtpd_failure *failure)
{
	if (ksrtpd_store_run(store, failure,
			     "INSERT INTO policy_log (at, who, verb, object, before, after)"
			     " VALUES (?, ?, ?, ?, ?, ?)", "isssss", wall_ms(), who, verb, object,
			     before, after))
		return -1;
	return ksrtpd_store_run(store, failure, "DELETE FROM policy_log WHERE id <="
				" (SELECT max(id) FROM policy_log) - ?", "i",
				(int64_t)KSRTPD_POLICY_LOG_MAX);
}

/* Ends the transaction: what failed has changed nothing. */
static int finish(struct ksrtpd_store *store, int err, struct ksrtpd_failure *failure)
{
	if (!err)
		return ksrtpd_store_commit(store, failure);
	ksrtpd_store_rollback(store);
	return -1;
}

static const char *policy_words(const struct ksrtpd_policy *policy, char words[512])
{
	snprintf(words, 512, "e2ee=%s on-mismatch=%s%s%s", e2ee_names[policy->e2ee],
		 mismatch_names[policy->mismatch], *policy->description ? " description=" : "",
		 policy->description);
	return words;
}

static const char *grant_words(const struct ksrtpd_grant *grant, char words[512])
{
	if (grant->kind == KSRTPD_GRANTEE_GROUP)
		snprintf(words, 512, "policy=%s rank=%u", grant->policy, grant->rank);
	else
		snprintf(words, 512, "policy=%s", grant->policy);
	return words;
}

static const char *grant_object(enum ksrtpd_grantee kind, const char *name, char words[512])
{
	snprintf(words, 512, "%s %s", grantee_names[kind], name);
	return words;
}

static int check_room(struct ksrtpd_store *store, const char *sql, int max, const char *what,
		      struct ksrtpd_failure *failure)
{
	int count = 0;

	if (ksrtpd_store_query(store, failure, first_number, &count, sql, "") < 0)
		return -1;
	return count < max ? 0 : ksrtpd_fail(failure, "too-many", "there are %d %s, more are not kept",
					     count, what);
}

int ksrtpd_policy_new(struct ksrtpd_store *store, const char *who,
		      const struct ksrtpd_policy *policy, struct ksrtpd_failure *failure)
{
	struct ksrtpd_policy old;
	char words[512];
	int err;

	if (check_name(policy->name, failure))
		return -1;
	err = find_policy(store, policy->name, &old, failure);
	if (err)
		return err < 0 ? -1 : ksrtpd_fail(failure, "policy-exists",
						  "there is a policy named %s already", old.name);
	if (check_room(store, "SELECT count(*) FROM policy", KSRTPD_POLICIES_MAX, "policies",
		       failure) || ksrtpd_store_begin(store, failure))
		return -1;
	err = ksrtpd_store_run(store, failure,
			       "INSERT INTO policy (name, e2ee, mismatch, description)"
			       " VALUES (?, ?, ?, ?)", "siis", policy->name, (int64_t)policy->e2ee,
			       (int64_t)policy->mismatch, policy->description) ||
	      ksrtpd_policy_log(store, who, "new", policy->name, "", policy_words(policy, words),
				failure);
	return finish(store, err, failure);
}

int ksrtpd_policy_set(struct ksrtpd_store *store, const char *who,
		      const struct ksrtpd_policy *policy, struct ksrtpd_failure *failure)
{
	char before[512], after[512];
	struct ksrtpd_policy old;
	int err;

	if (ksrtpd_policy_get(store, policy->name, &old, failure) ||
	    ksrtpd_store_begin(store, failure))
		return -1;
	err = ksrtpd_store_run(store, failure,
			       "UPDATE policy SET e2ee = ?, mismatch = ?, description = ?"
			       " WHERE name = ?", "iiss", (int64_t)policy->e2ee,
			       (int64_t)policy->mismatch, policy->description, policy->name) ||
	      ksrtpd_policy_log(store, who, "set", old.name, policy_words(&old, before),
				policy_words(policy, after), failure);
	return finish(store, err, failure);
}

static int check_unused(struct ksrtpd_store *store, const char *name,
			struct ksrtpd_failure *failure)
{
	char object[512];
	struct ksrtpd_grant grant;
	int found = ksrtpd_store_query(store, failure, first_grant, &grant,
				       "SELECT kind, name, policy, rank FROM policy_grant"
				       " WHERE policy = ? LIMIT 1", "s", name);

	if (found <= 0)
		return found;
	return ksrtpd_fail(failure, "policy-in-use", "policy %s is granted, to %s for one: revoke it"
			   " there first", grant.policy, grant_object(grant.kind, grant.name, object));
}

int ksrtpd_policy_remove(struct ksrtpd_store *store, const char *who, const char *name,
			 struct ksrtpd_failure *failure)
{
	struct ksrtpd_policy old;
	char before[512];
	int err;

	if (ksrtpd_policy_get(store, name, &old, failure))
		return -1;
	if (!strcmp(old.name, KSRTPD_POLICY_GLOBAL))
		return ksrtpd_fail(failure, "policy-in-use", "policy " KSRTPD_POLICY_GLOBAL
				   " holds for everybody who has no other, and cannot be removed");
	if (check_unused(store, name, failure) || ksrtpd_store_begin(store, failure))
		return -1;
	err = ksrtpd_store_run(store, failure, "DELETE FROM policy WHERE name = ?", "s", name) ||
	      ksrtpd_policy_log(store, who, "remove", old.name, policy_words(&old, before), "",
				failure);
	return finish(store, err, failure);
}

int ksrtpd_policy_grant(struct ksrtpd_store *store, const char *who,
			const struct ksrtpd_grant *grant, struct ksrtpd_failure *failure)
{
	char name[KSRTPD_PARTY_NAME], object[512], before[512] = "", after[512];
	struct ksrtpd_policy policy;
	struct ksrtpd_grant old;
	int err;

	if (fold_name(grant->kind, grant->name, name, failure) ||
	    ksrtpd_policy_get(store, grant->policy, &policy, failure))
		return -1;
	err = find_grant(store, grant->kind, name, &old, failure);
	if (err < 0 || (!err && check_room(store, "SELECT count(*) FROM policy_grant",
					   KSRTPD_GRANTS_MAX, "grants", failure)))
		return -1;
	if (err)
		grant_words(&old, before);
	if (ksrtpd_store_begin(store, failure))
		return -1;
	err = ksrtpd_store_run(store, failure,
			       "INSERT INTO policy_grant (kind, name, policy, rank)"
			       " VALUES (?, ?, ?, ?) ON CONFLICT (kind, name) DO UPDATE"
			       " SET policy = excluded.policy, rank = excluded.rank", "issi",
			       (int64_t)grant->kind, name, policy.name, (int64_t)grant->rank) ||
	      ksrtpd_policy_log(store, who, "grant", grant_object(grant->kind, name, object), before,
				grant_words(grant, after), failure);
	return finish(store, err, failure);
}

int ksrtpd_policy_revoke(struct ksrtpd_store *store, const char *who, enum ksrtpd_grantee kind,
			 const char *name, struct ksrtpd_failure *failure)
{
	char folded[KSRTPD_PARTY_NAME], object[512], before[512];
	struct ksrtpd_grant old;
	int err;

	if (fold_name(kind, name, folded, failure))
		return -1;
	err = find_grant(store, kind, folded, &old, failure);
	if (err <= 0)
		return err < 0 ? -1 : ksrtpd_fail(failure, "no-such-grant", "no policy is granted to %s",
						  grant_object(kind, folded, object));
	if (ksrtpd_store_begin(store, failure))
		return -1;
	err = ksrtpd_store_run(store, failure, "DELETE FROM policy_grant WHERE kind = ? AND name = ?",
			       "is", (int64_t)kind, folded) ||
	      ksrtpd_policy_log(store, who, "revoke", grant_object(kind, folded, object),
				grant_words(&old, before), "", failure);
	return finish(store, err, failure);
}

/* -- what users chose */

int ksrtpd_policy_user_get(struct ksrtpd_store *store, const char *user, int *e2ee,
			   struct ksrtpd_failure *failure)
{
	char folded[KSRTPD_PARTY_NAME];

	*e2ee = -1;
	if (fold_name(KSRTPD_GRANTEE_USER, user, folded, failure))
		return -1;
	return ksrtpd_store_query(store, failure, first_number, e2ee,
				  "SELECT e2ee FROM policy_user WHERE name = ?", "s", folded) < 0 ?
	       -1 : 0;
}

static int store_choice(struct ksrtpd_store *store, const char *user, int e2ee,
			struct ksrtpd_failure *failure)
{
	if (e2ee < 0)
		return ksrtpd_store_run(store, failure, "DELETE FROM policy_user WHERE name = ?", "s",
					user);
	return ksrtpd_store_run(store, failure, "INSERT INTO policy_user (name, e2ee) VALUES (?, ?)"
				" ON CONFLICT (name) DO UPDATE SET e2ee = excluded.e2ee", "si", user,
				(int64_t)e2ee);
}

int ksrtpd_policy_user_set(struct ksrtpd_store *store, const char *who, const char *user,
			   int e2ee, struct ksrtpd_failure *failure)
{
	static const char *const words[] = { "", "e2ee=off", "e2ee=on" };
	char folded[KSRTPD_PARTY_NAME], object[512];
	int old, err;

	if (ksrtpd_policy_user_get(store, user, &old, failure) ||
	    fold_name(KSRTPD_GRANTEE_USER, user, folded, failure) ||
	    (old < 0 && e2ee >= 0 && check_room(store, "SELECT count(*) FROM policy_user",
						KSRTPD_POLICY_USERS_MAX, "users", failure)) ||
	    ksrtpd_store_begin(store, failure))
		return -1;
	err = store_choice(store, folded, e2ee, failure) ||
	      ksrtpd_policy_log(store, who, "user", grant_object(KSRTPD_GRANTEE_USER, folded, object),
				words[old + 1], words[e2ee + 1], failure);
	return finish(store, err, failure);
}

/* -- lists */

struct each {
	int (*policy)(const struct ksrtpd_policy *policy, void *arg);
	int (*grant)(const struct ksrtpd_grant *grant, void *arg);
	int (*entry)(const struct ksrtpd_policy_entry *entry, void *arg);
	void *arg;
};

static int each_policy(sqlite3_stmt *row, void *arg)
{
	struct ksrtpd_policy policy;
	struct each *each = arg;

	take_policy(row, &policy);
	return each->policy(&policy, each->arg);
}

int ksrtpd_policy_each(struct ksrtpd_store *store,
		       int (*each)(const struct ksrtpd_policy *policy, void *arg), void *arg,
		       struct ksrtpd_failure *failure)
{
	struct each all = { .policy = each, .arg = arg };

	return ksrtpd_store_query(store, failure, each_policy, &all,
				  "SELECT name, e2ee, mismatch, description FROM policy"
				  " ORDER BY name <> 'Global', name", "");
}

static int each_grant(sqlite3_stmt *row, void *arg)
{
	struct ksrtpd_grant grant;
	struct each *each = arg;

	take_grant(row, &grant);
	return each->grant(&grant, each->arg);
}

int ksrtpd_policy_each_grant(struct ksrtpd_store *store, const char *policy, unsigned int limit,
			     int (*each)(const struct ksrtpd_grant *grant, void *arg), void *arg,
			     struct ksrtpd_failure *failure)
{
	struct each all = { .grant = each, .arg = arg };

	return ksrtpd_store_query(store, failure, each_grant, &all,
				  "SELECT kind, name, policy, rank FROM policy_grant"
				  " WHERE ?1 IS NULL OR policy = ?1 ORDER BY kind, rank, name LIMIT ?2",
				  "si", policy, (int64_t)limit);
}

static int each_entry(sqlite3_stmt *row, void *arg)
{
	const struct ksrtpd_policy_entry entry = {
		.id = sqlite3_column_int64(row, 0),
		.at_ms = sqlite3_column_int64(row, 1),
		.who = ksrtpd_store_text(row, 2),
		.verb = ksrtpd_store_text(row, 3),
		.object = ksrtpd_store_text(row, 4),
		.before = ksrtpd_store_text(row, 5),
		.after = ksrtpd_store_text(row, 6),
	};
	struct each *each = arg;

	return each->entry(&entry, each->arg);
}

int ksrtpd_policy_each_entry(struct ksrtpd_store *store, int64_t before, unsigned int limit,
			     int (*each)(const struct ksrtpd_policy_entry *entry, void *arg),
			     void *arg, struct ksrtpd_failure *failure)
{
	struct each all = { .entry = each, .arg = arg };

	return ksrtpd_store_query(store, failure, each_entry, &all,
				  "SELECT id, at, who, verb, object, before, after FROM policy_log"
				  " WHERE ?1 = 0 OR id < ?1 ORDER BY id DESC LIMIT ?2", "ii", before,
				  (int64_t)limit);
}
