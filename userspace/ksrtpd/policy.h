/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Policies of enhanced encryption: who may, or must, have calls that are encrypted end to
 * end. The policy `Global` is there always and holds for everybody; named ones are granted
 * to users, groups and organisations. What holds for a party is the grant to its user, else
 * that to its group with the lowest rank, else that to its organisation, else Global.
 *
 * Names of users, groups and organisations are compared without regard to the case of
 * ASCII letters: a `required` must not be lost over a capital.
 */
#ifndef KSRTPD_POLICY_H
#define KSRTPD_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "failure.h"
#include "store.h"

#define KSRTPD_POLICY_GLOBAL		"Global"
#define KSRTPD_POLICY_NAME		64	/* with the NUL, as the next two */
#define KSRTPD_POLICY_DESCRIPTION	256
#define KSRTPD_PARTY_NAME		256
#define KSRTPD_PARTY_GROUPS		16
#define KSRTPD_POLICIES_MAX		1000
#define KSRTPD_GRANTS_MAX		100000
#define KSRTPD_POLICY_USERS_MAX		100000
#define KSRTPD_POLICY_LOG_MAX		10000	/* the oldest are forgotten */
#define KSRTPD_RANK_MAX			1000000

enum ksrtpd_policy_e2ee {
	KSRTPD_E2EE_DISABLED,
	KSRTPD_E2EE_USER_OVERRIDE,	/* off, unless the user has switched it on */
	KSRTPD_E2EE_REQUIRED,		/* no call without */
};

/* What becomes of a call whose security codes do not match. */
enum ksrtpd_policy_mismatch {
	KSRTPD_MISMATCH_END,
	KSRTPD_MISMATCH_KEEP,
};

enum ksrtpd_grantee {
	KSRTPD_GRANTEE_USER,
	KSRTPD_GRANTEE_GROUP,
	KSRTPD_GRANTEE_ORGANISATION,
	KSRTPD_GRANTEE_GLOBAL,		/* everybody, and no grant */
};

struct ksrtpd_policy {
	char name[KSRTPD_POLICY_NAME];
	enum ksrtpd_policy_e2ee e2ee;
	enum ksrtpd_policy_mismatch mismatch;
	char description[KSRTPD_POLICY_DESCRIPTION];
};

struct ksrtpd_grant {
	enum ksrtpd_grantee kind;
	char name[KSRTPD_PARTY_NAME];
	char policy[KSRTPD_POLICY_NAME];
	unsigned int rank;		/* of groups; 0 for the others */
};

struct ksrtpd_policy_entry {		/* of the log */
	int64_t id, at_ms;		/* since 1970 */
	const char *who, *verb, *object, *before, *after;
};

/* The texts of the API; parse: -1 if it is none. */
const char *ksrtpd_policy_e2ee_name(enum ksrtpd_policy_e2ee e2ee);
const char *ksrtpd_policy_mismatch_name(enum ksrtpd_policy_mismatch mismatch);
const char *ksrtpd_grantee_name(enum ksrtpd_grantee kind);
int ksrtpd_policy_e2ee_parse(const char *text);
int ksrtpd_policy_mismatch_parse(const char *text);

/* -- the verbs. Each change is on the disk, and in the log with @who, when they answer. */
int ksrtpd_policy_new(struct ksrtpd_store *store, const char *who,
		      const struct ksrtpd_policy *policy, struct ksrtpd_failure *failure);
int ksrtpd_policy_get(struct ksrtpd_store *store, const char *name, struct ksrtpd_policy *policy,
		      struct ksrtpd_failure *failure);
int ksrtpd_policy_set(struct ksrtpd_store *store, const char *who,
		      const struct ksrtpd_policy *policy, struct ksrtpd_failure *failure);
/* Not Global, and none that is granted to somebody. */
int ksrtpd_policy_remove(struct ksrtpd_store *store, const char *who, const char *name,
			 struct ksrtpd_failure *failure);
/* In place of what the grantee had. */
int ksrtpd_policy_grant(struct ksrtpd_store *store, const char *who,
			const struct ksrtpd_grant *grant, struct ksrtpd_failure *failure);
int ksrtpd_policy_revoke(struct ksrtpd_store *store, const char *who, enum ksrtpd_grantee kind,
			 const char *name, struct ksrtpd_failure *failure);
/* What a user has chosen where the policy leaves it to him: 1 on, 0 off, -1 nothing. */
int ksrtpd_policy_user_set(struct ksrtpd_store *store, const char *who, const char *user,
			   int e2ee, struct ksrtpd_failure *failure);
int ksrtpd_policy_user_get(struct ksrtpd_store *store, const char *user, int *e2ee,
			   struct ksrtpd_failure *failure);

/* A callback answers 0 to go on. */
int ksrtpd_policy_each(struct ksrtpd_store *store,
		       int (*each)(const struct ksrtpd_policy *policy, void *arg), void *arg,
		       struct ksrtpd_failure *failure);
/* In order of kind, rank and name; @policy NULL: of all. */
int ksrtpd_policy_each_grant(struct ksrtpd_store *store, const char *policy, unsigned int limit,
			     int (*each)(const struct ksrtpd_grant *grant, void *arg), void *arg,
			     struct ksrtpd_failure *failure);
/* The newest first, those with a lower id than @before (0: all). */
int ksrtpd_policy_each_entry(struct ksrtpd_store *store, int64_t before, unsigned int limit,
			     int (*each)(const struct ksrtpd_policy_entry *entry, void *arg),
			     void *arg, struct ksrtpd_failure *failure);

/* Adds to the log, within the transaction of the change. */
int ksrtpd_policy_log(struct ksrtpd_store *store, const char *who, const char *verb,
		      const char *object, const char *before, const char *after,
		      struct ksrtpd_failure *failure);

#endif /* KSRTPD_POLICY_H */
