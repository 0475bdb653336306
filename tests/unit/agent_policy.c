// SPDX-License-Identifier: GPL-2.0
/* Policies and federation lists: who may, who must, and who may not. */
#include <stdio.h>
#include <string.h>

#include "ksrtpd/federation.h"
#include "ksrtpd/policy_decide.h"
#include "tap.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define WHO		"uid 0"

static struct ksrtpd_store *store;
static struct ksrtpd_failure failure;

static void begin(void)
{
	ksrtpd_store_close(store);
	store = ksrtpd_store_open(NULL, &failure);
	CHECK(store, "%s", failure.message);
}

static int new_policy(const char *name, int e2ee, int mismatch)
{
	struct ksrtpd_policy policy = { .e2ee = e2ee, .mismatch = mismatch };

	snprintf(policy.name, sizeof(policy.name), "%s", name);
	return ksrtpd_policy_new(store, WHO, &policy, &failure);
}

static int grant(int kind, const char *name, const char *policy, unsigned int rank)
{
	struct ksrtpd_grant what = { .kind = kind, .rank = rank };

	snprintf(what.name, sizeof(what.name), "%s", name);
	snprintf(what.policy, sizeof(what.policy), "%s", policy);
	return ksrtpd_policy_grant(store, WHO, &what, &failure);
}

#define DONE(call)		CHECK(!(call), "%s", failure.message)
#define REFUSED(call, why)	CHECK((call) && !strcmp(failure.reason, (why)), "%s, not %s: %s", \
				      failure.reason, (why), failure.message)

static void test_verbs(void)
{
	struct ksrtpd_policy policy;
	char name[KSRTPD_POLICY_NAME + 1];

	begin();
	DONE(ksrtpd_policy_get(store, "Global", &policy, &failure));
	CHECK(policy.e2ee == KSRTPD_E2EE_USER_OVERRIDE && policy.mismatch == KSRTPD_MISMATCH_END,
	      "Global is %d %d", policy.e2ee, policy.mismatch);
	DONE(new_policy("board", KSRTPD_E2EE_REQUIRED, KSRTPD_MISMATCH_KEEP));
	REFUSED(new_policy("Board", 0, 0), "policy-exists");
	REFUSED(new_policy("GLOBAL", 0, 0), "policy-exists");
	DONE(ksrtpd_policy_get(store, "BOARD", &policy, &failure));
	CHECK(!strcmp(policy.name, "board") && policy.e2ee == KSRTPD_E2EE_REQUIRED &&
	      policy.mismatch == KSRTPD_MISMATCH_KEEP, "%s", policy.name);
	policy.e2ee = KSRTPD_E2EE_USER_OVERRIDE;
	DONE(ksrtpd_policy_set(store, WHO, &policy, &failure));
	DONE(ksrtpd_policy_get(store, "board", &policy, &failure));
	CHECK(policy.e2ee == KSRTPD_E2EE_USER_OVERRIDE, "%d", policy.e2ee);
	strcpy(policy.name, "other");
	REFUSED(ksrtpd_policy_set(store, WHO, &policy, &failure), "no-such-policy");
	REFUSED(grant(KSRTPD_GRANTEE_USER, "alice", "other", 0), "no-such-policy");
	REFUSED(ksrtpd_policy_remove(store, WHO, "other", &failure), "no-such-policy");
	REFUSED(ksrtpd_policy_remove(store, WHO, "global", &failure), "policy-in-use");
	DONE(grant(KSRTPD_GRANTEE_GROUP, "Sales", "Board", 3));
	REFUSED(ksrtpd_policy_remove(store, WHO, "board", &failure), "policy-in-use");
	REFUSED(ksrtpd_policy_revoke(store, WHO, KSRTPD_GRANTEE_USER, "sales", &failure),
		"no-such-grant");
	DONE(ksrtpd_policy_revoke(store, WHO, KSRTPD_GRANTEE_GROUP, "sALES", &failure));
	DONE(ksrtpd_policy_remove(store, WHO, "board", &failure));
	memset(name, 'n', sizeof(name));
	name[KSRTPD_POLICY_NAME] = '\0';
	REFUSED(ksrtpd_policy_get(store, name, &policy, &failure), "bad-request");
	REFUSED(new_policy("", 0, 0), "bad-request");
	REFUSED(new_policy("a b", 0, 0), "bad-request");
	REFUSED(grant(KSRTPD_GRANTEE_USER, "a\nb", "Global", 0), "bad-request");
	REFUSED(grant(KSRTPD_GRANTEE_USER, "", "Global", 0), "bad-request");
	tap_end("C3", "C3: policies are made, read, changed, granted, revoked and removed");
}

static unsigned int entries;
static int64_t last_id;

static int count_entry(const struct ksrtpd_policy_entry *entry, void *arg)
{
	static const char *const verbs[] = { "user", "revoke", "grant", "grant", "set", "new" };
	const char *const *after = arg;

	CHECK(!strcmp(entry->who, WHO) && entry->at_ms > 1700000000000LL, "%s %lld", entry->who,
	      (long long)entry->at_ms);
	if (after && entries < COUNT(verbs))
		CHECK(!strcmp(entry->verb, verbs[entries]) && !strcmp(entry->after, after[entries]),
		      "%u: %s, '%s' became '%s'", entries, entry->verb, entry->before, entry->after);
	entries++;
	last_id = entry->id;
	return 0;
}

static void test_log(void)
{
	static const char *const after[] = {
		"e2ee=on", "", "policy=p", "policy=p rank=4", "e2ee=required on-mismatch=end",
		"e2ee=disabled on-mismatch=keep",
	};
	struct ksrtpd_policy policy = { .name = "p", .e2ee = KSRTPD_E2EE_REQUIRED };
	int i;

	begin();
	DONE(new_policy("p", KSRTPD_E2EE_DISABLED, KSRTPD_MISMATCH_KEEP));
	DONE(ksrtpd_policy_set(store, WHO, &policy, &failure));
	DONE(grant(KSRTPD_GRANTEE_GROUP, "g", "p", 4));
	DONE(grant(KSRTPD_GRANTEE_USER, "u", "p", 0));
	DONE(ksrtpd_policy_revoke(store, WHO, KSRTPD_GRANTEE_USER, "u", &failure));
	DONE(ksrtpd_policy_user_set(store, WHO, "u", 1, &failure));
	REFUSED(ksrtpd_policy_revoke(store, WHO, KSRTPD_GRANTEE_USER, "u", &failure), "no-such-grant");
	entries = 0;
	DONE(ksrtpd_policy_each_entry(store, 0, 100, count_entry, (void *)after, &failure));
	CHECK(entries == 6, "%u entries", entries);
	for (i = 0; i < KSRTPD_POLICY_LOG_MAX + 10; i++)
		DONE(ksrtpd_policy_log(store, WHO, "set", "p", "", "", &failure));
	entries = 0;
	DONE(ksrtpd_policy_each_entry(store, 0, 100000, count_entry, NULL, &failure));
	CHECK(entries == KSRTPD_POLICY_LOG_MAX, "%u entries", entries);
	entries = 0;
	DONE(ksrtpd_policy_each_entry(store, last_id + 5, 100, count_entry, NULL, &failure));
	CHECK(entries == 5, "%u entries", entries);
	tap_end("C3", "C3: every change is logged with who and when, the newest 10,000 of them");
}

/* -- which policy holds */

static struct ksrtpd_party party(const char *user, const char *groups, const char *organisation)
{
	struct ksrtpd_party who = { .wants = -1 };

	snprintf(who.user, sizeof(who.user), "%s", user);
	snprintf(who.organisation, sizeof(who.organisation), "%s", organisation);
	for (; *groups; groups++)
		snprintf(who.groups[who.groups_count++], KSRTPD_PARTY_NAME, "group-%c", *groups);
	return who;
}

static void test_order(void)
{
	static const struct {
		const char *user, *groups, *organisation, *policy;
		enum ksrtpd_grantee by;
	} rows[] = {
		{ "", "", "", "Global", KSRTPD_GRANTEE_GLOBAL },
		{ "nobody", "x", "other.example", "Global", KSRTPD_GRANTEE_GLOBAL },
		{ "nobody", "", "Example.ORG", "of-org", KSRTPD_GRANTEE_ORGANISATION },
		{ "nobody", "xb", "example.org", "of-b", KSRTPD_GRANTEE_GROUP },
		{ "nobody", "ab", "example.org", "of-b", KSRTPD_GRANTEE_GROUP },
		{ "nobody", "ba", "example.org", "of-b", KSRTPD_GRANTEE_GROUP },
		{ "nobody", "acx", "", "of-a", KSRTPD_GRANTEE_GROUP },
		{ "nobody", "cax", "", "of-c", KSRTPD_GRANTEE_GROUP },
		{ "ALICE@example.org", "ab", "example.org", "of-alice", KSRTPD_GRANTEE_USER },
		{ "alice@example.org", "", "", "of-alice", KSRTPD_GRANTEE_USER },
		{ "alice@example.or", "", "", "Global", KSRTPD_GRANTEE_GLOBAL },
	};
	struct ksrtpd_policy_effect effect;
	size_t i;

	begin();
	DONE(new_policy("of-org", 0, 0) || new_policy("of-a", 0, 0) || new_policy("of-b", 0, 0) ||
	     new_policy("of-c", 0, 0) || new_policy("of-alice", 0, 0));
	DONE(grant(KSRTPD_GRANTEE_ORGANISATION, "example.org", "of-org", 0));
	DONE(grant(KSRTPD_GRANTEE_GROUP, "group-a", "of-a", 20));
	DONE(grant(KSRTPD_GRANTEE_GROUP, "group-b", "of-b", 10));
	DONE(grant(KSRTPD_GRANTEE_GROUP, "group-c", "of-c", 20));
	DONE(grant(KSRTPD_GRANTEE_USER, "Alice@Example.Org", "of-alice", 0));
	for (i = 0; i < COUNT(rows); i++) {
		struct ksrtpd_party who = party(rows[i].user, rows[i].groups, rows[i].organisation);

		DONE(ksrtpd_policy_effect(store, &who, false, &effect, &failure));
		CHECK(!strcmp(effect.policy.name, rows[i].policy) && effect.by == rows[i].by,
		      "row %zu: %s by %s", i, effect.policy.name, ksrtpd_grantee_name(effect.by));
	}
	tap_end("C3", "C3: user over group over organisation over Global; of groups the lowest rank");
}

/* -- calls between two parties: D disabled, U left to a user who did not choose, u to one
 * who switched it on, R required
 */
static struct ksrtpd_party party_of(char letter)
{
	char name[2] = { letter, '\0' };
	struct ksrtpd_party who = party(name, "", "");

	who.user[1] = '\0';
	if (letter == 'U')
		strcpy(who.user, "unset");
	return who;
}

static void letters(void)
{
	begin();
	DONE(new_policy("off", KSRTPD_E2EE_DISABLED, KSRTPD_MISMATCH_KEEP));
	DONE(new_policy("choice", KSRTPD_E2EE_USER_OVERRIDE, KSRTPD_MISMATCH_KEEP));
	DONE(new_policy("must", KSRTPD_E2EE_REQUIRED, KSRTPD_MISMATCH_KEEP));
	DONE(grant(KSRTPD_GRANTEE_USER, "d", "off", 0));
	DONE(grant(KSRTPD_GRANTEE_USER, "unset", "choice", 0));
	DONE(grant(KSRTPD_GRANTEE_USER, "u", "choice", 0));
	DONE(grant(KSRTPD_GRANTEE_USER, "r", "must", 0));
	DONE(ksrtpd_policy_user_set(store, WHO, "u", 1, &failure));
}

static const char *verdict(const struct ksrtpd_party parties[2], const char *const cannot[2],
			   enum ksrtpd_wish wish)
{
	struct ksrtpd_decision decision;

	if (ksrtpd_policy_decide(store, parties, cannot, wish, &decision, &failure))
		return failure.reason;
	return decision.e2ee ? "e2ee" : "transport";
}

static void test_both(void)
{
	static const char *const none[2];
	/* by policy, demanded, transport demanded */
	static const struct {
		const char *who, *wish[3];
	} rows[] = {
#define REQ	"policy-requires-e2ee"
#define UNAV	"e2ee-unavailable"
		{ "DD", { "transport", UNAV, "transport" } },
		{ "DU", { "transport", UNAV, "transport" } },
		{ "Du", { "transport", UNAV, "transport" } },
		{ "DR", { REQ, REQ, REQ } },
		{ "UU", { "transport", "e2ee", "transport" } },
		{ "Uu", { "transport", "e2ee", "transport" } },
		{ "UR", { REQ, "e2ee", REQ } },
		{ "uu", { "e2ee", "e2ee", "transport" } },
		{ "uR", { "e2ee", "e2ee", REQ } },
		{ "RR", { "e2ee", "e2ee", REQ } },
	};
	size_t i;
	int wish;

	letters();
	for (i = 0; i < COUNT(rows); i++) {
		struct ksrtpd_party there[2] = { party_of(rows[i].who[0]), party_of(rows[i].who[1]) };
		struct ksrtpd_party back[2] = { there[1], there[0] };

		for (wish = 0; wish < 3; wish++) {
			const char *wanted = rows[i].wish[wish];

			CHECK(!strcmp(verdict(there, none, wish), wanted), "%s %d: %s", rows[i].who, wish,
			      verdict(there, none, wish));
			CHECK(!strcmp(verdict(back, none, wish), wanted), "%s %d back: %s", rows[i].who,
			      wish, verdict(back, none, wish));
		}
	}
	tap_end("C2,C3", "C2, C3: end to end only if both sides want it, whoever calls");
}

static void test_never_less(void)
{
	static const char *const stripped[2][2] = {
		{ "its SDP has no fingerprint", NULL }, { NULL, "its SDP has no fingerprint" },
	};
	static const char *const none[2];
	static const char all[] = "DUuR";
	int a, b, side;

	letters();
	for (a = 0; a < 4; a++) {
		for (b = 0; b < 4; b++) {
			bool required = all[a] == 'R' || all[b] == 'R';
			const char *wanted = required ? "policy-requires-e2ee" : "transport";
			struct ksrtpd_party p[2] = { party_of(all[a]), party_of(all[b]) };

			for (side = 0; side < 2; side++) {
				CHECK(!strcmp(verdict(p, stripped[side], KSRTPD_WISH_POLICY), wanted),
				      "%c%c stripped: %s", all[a], all[b], failure.message);
				p[side].pstn = true;
				CHECK(!strcmp(verdict(p, none, KSRTPD_WISH_POLICY), wanted),
				      "%c%c telephone: %s", all[a], all[b], failure.message);
				CHECK(!strcmp(verdict(p, none, KSRTPD_WISH_E2EE),
					      required ? wanted : "e2ee-unavailable"), "%c%c demanded: %s",
				      all[a], all[b], failure.message);
				p[side].pstn = false;
			}
		}
	}
	tap_end("C3,C6", "C3, C6: what is required and cannot be had is refused, never done with less");
}

static void test_choice(void)
{
	static const char *const none[2];
	struct ksrtpd_party p[2];
	int e2ee;

	letters();
	p[0] = party_of('u');
	p[1] = party_of('U');
	CHECK(!strcmp(verdict(p, none, 0), "transport"), "unset");
	p[1].wants = 1;
	CHECK(!strcmp(verdict(p, none, 0), "e2ee"), "by signalling");
	p[0].wants = 0;
	CHECK(!strcmp(verdict(p, none, 0), "transport"), "signalling over what is stored");
	CHECK(!strcmp(verdict(p, none, KSRTPD_WISH_E2EE), "e2ee-unavailable"), "and over the request");
	p[0] = party_of('D');
	p[0].wants = 1;
	CHECK(!strcmp(verdict(p, none, 0), "transport"), "where the policy forbids it");
	p[0] = party_of('R');
	p[0].wants = 0;
	CHECK(!strcmp(verdict(p, none, 0), "e2ee"), "where the policy requires it");
	DONE(ksrtpd_policy_user_set(store, WHO, "U", -1, &failure));
	DONE(ksrtpd_policy_user_get(store, "u", &e2ee, &failure));
	CHECK(e2ee == -1, "%d", e2ee);
	DONE(ksrtpd_policy_user_set(store, WHO, "u", 0, &failure));
	DONE(ksrtpd_policy_user_get(store, "U", &e2ee, &failure));
	CHECK(e2ee == 0, "%d", e2ee);
	tap_end("C3", "C3: a user's own choice counts where the policy leaves it to him, and only there");
}

static void test_mismatch(void)
{
	static const char *const none[2];
	struct ksrtpd_decision decision;
	struct ksrtpd_party p[2];

	letters();
	DONE(new_policy("strict", KSRTPD_E2EE_REQUIRED, KSRTPD_MISMATCH_END));
	p[0] = p[1] = party_of('R');
	DONE(ksrtpd_policy_decide(store, p, none, 0, &decision, &failure));
	CHECK(!decision.end_on_mismatch, "both keep");
	DONE(grant(KSRTPD_GRANTEE_USER, "u", "strict", 0));
	p[1] = party_of('u');
	DONE(ksrtpd_policy_decide(store, p, none, 0, &decision, &failure));
	CHECK(decision.e2ee && decision.end_on_mismatch, "one ends");
	tap_end("C3,K2", "C3: a mismatch ends the call if either side's policy says so");
}

/* -- federation */

static void test_patterns(void)
{
	static const struct {
		const char *text, *kept;	/* NULL: refused */
	} rows[] = {
		{ "example.org", "example.org" }, { "Example.ORG.", "example.org" },
		{ ".Example.org", ".example.org" }, { "_sip.example.org", "_sip.example.org" },
		{ "192.0.2.1", "192.0.2.1" }, { "192.0.2.0/24", "192.0.2.0/24" },
		{ "192.0.2.7/32", "192.0.2.7" }, { "0.0.0.0/0", "0.0.0.0/0" },
		{ "2001:DB8:0::/32", "2001:db8::/32" }, { "[2001:db8::1]", "2001:db8::1" },
		{ "::ffff:192.0.2.1", "192.0.2.1" }, { "::/0", "::/0" },
		{ "", NULL }, { ".", NULL }, { "..org", NULL }, { "a..b", NULL }, { "*.org", NULL },
		{ "a b", NULL }, { "192.0.2.1/24", NULL }, { "192.0.2.0/33", NULL },
		{ "192.0.2.0/", NULL }, { "192.0.2.0/-1", NULL }, { "192.0.2.0/2x", NULL },
		{ "2001:db8::/129", NULL }, { "2001:db8::1/64", NULL }, { "example.org/24", NULL },
		{ "0123456789012345678901234567890123456789012345678901234567890123.org", NULL },
	};
	char kept[KSRTPD_FEDERATION_PATTERN], text[400];
	struct ksrtpd_pattern pattern;
	size_t i;

	for (i = 0; i < COUNT(rows); i++) {
		int err = ksrtpd_pattern_parse(rows[i].text, &pattern, kept, &failure);

		CHECK(!err == !!rows[i].kept, "'%s': %s", rows[i].text, err ? failure.message : kept);
		if (!err && rows[i].kept)
			CHECK(!strcmp(kept, rows[i].kept), "'%s' became '%s'", rows[i].text, kept);
	}
	for (i = 0; i < sizeof(text); i++)
		text[i] = i % 2 ? '.' : 'a';
	text[sizeof(text) - 1] = '\0';
	REFUSED(ksrtpd_pattern_parse(text, &pattern, kept, &failure), "bad-request");
	tap_end("E4", "E4: names, names below one, addresses and prefixes are read, others refused");
}

static void test_federation(void)
{
	static const struct {
		const char *host;
		bool strict, open;	/* allowed, by what the default is */
	} rows[] = {
		{ "example.org", true, true }, { "EXAMPLE.org.", true, true },
		{ "a.example.org", false, true }, { "xexample.org", false, true },
		{ "a.partner.example", true, true }, { "b.a.partner.example", true, true },
		{ "partner.example", false, true }, { "bad.partner.example", false, false },
		{ "worse.bad.partner.example", true, true }, { "both.example", false, false },
		{ "192.0.2.5", true, true }, { "192.0.2.66", false, false }, { "192.0.3.1", false, true },
		{ "::ffff:192.0.2.66", false, false }, { "[2001:db8::5]", true, true },
		{ "2001:db8:1::5", false, false }, { "2001:db9::", false, true },
		{ "other.example", false, true },
	};
	static const struct {
		const char *text;
		bool allow;
	} entries_[] = {
		{ "example.org", true }, { ".partner.example", true }, { "bad.partner.example", false },
		{ "both.example", true }, { "Both.Example", false }, { "192.0.2.0/24", true },
		{ "192.0.2.64/26", false }, { "2001:db8::/32", true }, { "2001:db8:1::/48", false },
	};
	size_t i;

	begin();
	for (i = 0; i < COUNT(entries_); i++)
		DONE(ksrtpd_federation_add(store, WHO, entries_[i].text, entries_[i].allow, &failure));
	for (i = 0; i < COUNT(rows); i++) {
		CHECK(!ksrtpd_federation_check(store, rows[i].host, false, &failure) == rows[i].strict,
		      "%s, default deny", rows[i].host);
		CHECK(!ksrtpd_federation_check(store, rows[i].host, true, &failure) == rows[i].open,
		      "%s, default allow", rows[i].host);
	}
	REFUSED(ksrtpd_federation_check(store, "both.example", true, &failure), "federation-denied");
	REFUSED(ksrtpd_federation_check(store, "a b", true, &failure), "bad-request");
	REFUSED(ksrtpd_federation_check(store, "", true, &failure), "bad-request");
	DONE(ksrtpd_federation_remove(store, WHO, "BOTH.example", &failure));
	DONE(ksrtpd_federation_check(store, "both.example", true, &failure));
	REFUSED(ksrtpd_federation_remove(store, WHO, "both.example", &failure), "no-such-entry");
	tap_end("E4", "E4: denied wins over allowed, and the default holds for the rest");
}

int main(void)
{
	tap.datapath = "-";
	test_verbs();
	test_log();
	test_order();
	test_both();
	test_never_less();
	test_choice();
	test_mismatch();
	test_patterns();
	test_federation();
	ksrtpd_store_close(store);
	return tap_done();
}
