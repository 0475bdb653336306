// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "federation.h"
#include "policy.h"

#define LABEL_MAX	63	/* octets (RFC 1035, section 2.3.4) */
#define NAME_MAX_LEN	253

/* -- names and addresses */

/* Labels of letters, digits, hyphens and, as they occur, underscores. */
static bool valid_name(const char *name)
{
	size_t label = 0, i;

	for (i = 0; name[i]; i++) {
		if (name[i] == '.') {
			if (!label)
				return false;
			label = 0;
		} else if (!isalnum((unsigned char)name[i]) && !strchr("-_", name[i])) {
			return false;
		} else if (++label > LABEL_MAX) {
			return false;
		}
	}
	return label && i <= NAME_MAX_LEN;
}

/* Lower case, without the dot of the root. False: too long. */
static bool fold(const char *name, char folded[KSRTPD_FEDERATION_PATTERN])
{
	size_t len = strlen(name), i;

	if (len && name[len - 1] == '.')
		len--;
	if (len >= KSRTPD_FEDERATION_PATTERN)
		return false;
	for (i = 0; i < len; i++)
		folded[i] = name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 'a' - 'A' : name[i];
	folded[len] = '\0';
	return true;
}

/* An address as it stands, also in brackets; an IPv4 one mapped into IPv6 is that one. */
static int parse_address(const char *text, uint8_t address[16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	char plain[INET6_ADDRSTRLEN + 2];
	size_t len = strlen(text);

	memset(address, 0, 16);
	if (inet_pton(AF_INET, text, address) == 1)
		return AF_INET;
	if (len >= sizeof(plain))
		return 0;
	strcpy(plain, text);
	if (len > 2 && plain[0] == '[' && plain[len - 1] == ']') {
		memmove(plain, plain + 1, len - 2);
		plain[len - 2] = '\0';
	}
	if (inet_pton(AF_INET6, plain, address) != 1)
		return 0;
	if (memcmp(address, mapped, sizeof(mapped)))
		return AF_INET6;
	memmove(address, address + 12, 4);
	memset(address + 4, 0, 12);
	return AF_INET;
}

/* -- entries */

static int bad(const char *text, const char *what, struct ksrtpd_failure *failure)
{
	return ksrtpd_fail(failure, "bad-request", "'%.200s' %s", text, what);
}

/* The bits behind the length must be zero: else whoever wrote it meant something else. */
static int parse_prefix(const char *text, const char *slash, struct ksrtpd_pattern *pattern,
			struct ksrtpd_failure *failure)
{
	unsigned int most = pattern->family == AF_INET ? 32 : 128, i;

	pattern->kind = KSRTPD_PATTERN_ADDRESS;
	pattern->bits = most;
	if (slash) {
		char *end;
		long bits = isdigit((unsigned char)slash[1]) ? strtol(slash + 1, &end, 10) : -1;

		if (bits < 0 || bits > (long)most || *end)
			return bad(text, pattern->family == AF_INET ? "has no length from 0 to 32" :
								      "has no length from 0 to 128", failure);
		pattern->bits = bits;
	}
	for (i = pattern->bits; i < most; i++) {
		if (pattern->address[i / 8] & (0x80 >> i % 8))
			return bad(text, "has bits behind its length", failure);
	}
	return 0;
}

static void write_prefix(const struct ksrtpd_pattern *pattern,
			 char canonical[KSRTPD_FEDERATION_PATTERN])
{
	unsigned int most = pattern->family == AF_INET ? 32 : 128;
	char host[INET6_ADDRSTRLEN];

	inet_ntop(pattern->family, pattern->address, host, sizeof(host));
	if (pattern->bits == most)
		snprintf(canonical, KSRTPD_FEDERATION_PATTERN, "%s", host);
	else
		snprintf(canonical, KSRTPD_FEDERATION_PATTERN, "%s/%u", host, pattern->bits);
}

int ksrtpd_pattern_parse(const char *text, struct ksrtpd_pattern *pattern,
			 char canonical[KSRTPD_FEDERATION_PATTERN], struct ksrtpd_failure *failure)
{
	const char *slash = strchr(text, '/');
	char host[KSRTPD_FEDERATION_PATTERN];

	memset(pattern, 0, sizeof(*pattern));
	if (strlen(text) >= sizeof(host))
		return bad(text, "is too long", failure);
	snprintf(host, sizeof(host), "%.*s", (int)(slash ? slash - text : (long)strlen(text)), text);
	pattern->family = parse_address(host, pattern->address);
	if (pattern->family) {
		if (parse_prefix(text, slash, pattern, failure))
			return -1;
		write_prefix(pattern, canonical);
		return 0;
	}
	fold(text, canonical);
	pattern->kind = *canonical == '.' ? KSRTPD_PATTERN_BELOW : KSRTPD_PATTERN_NAME;
	strcpy(pattern->name, canonical + (pattern->kind == KSRTPD_PATTERN_BELOW));
	if (!valid_name(pattern->name))
		return bad(text, "is neither a name (example.org), nor the names below one"
			   " (.example.org), nor an address or prefix", failure);
	return 0;
}

/* -- the lists */

static int first_count(sqlite3_stmt *row, void *arg)
{
	*(int *)arg = sqlite3_column_int(row, 0);
	return 1;
}

static int finish(struct ksrtpd_store *store, int err, struct ksrtpd_failure *failure)
{
	if (!err)
		return ksrtpd_store_commit(store, failure);
	ksrtpd_store_rollback(store);
	return -1;
}

int ksrtpd_federation_add(struct ksrtpd_store *store, const char *who, const char *text,
			  bool allow, struct ksrtpd_failure *failure)
{
	char canonical[KSRTPD_FEDERATION_PATTERN];
	struct ksrtpd_pattern pattern;
	int count = 0, err;

	if (ksrtpd_pattern_parse(text, &pattern, canonical, failure) ||
	    ksrtpd_store_query(store, failure, first_count, &count,
			       "SELECT count(*) FROM federation", "") < 0)
		return -1;
	if (count >= KSRTPD_FEDERATION_MAX)
		return ksrtpd_fail(failure, "too-many", "there are %d entries, more are not kept", count);
	if (ksrtpd_store_begin(store, failure))
		return -1;
	err = ksrtpd_store_run(store, failure, "INSERT OR IGNORE INTO federation (pattern, allow)"
			       " VALUES (?, ?)", "si", canonical, (int64_t)allow);
	if (!err && ksrtpd_store_changes(store))
		err = ksrtpd_policy_log(store, who, allow ? "allow" : "deny", canonical, "", "",
					failure);
	return finish(store, err, failure);
}

int ksrtpd_federation_remove(struct ksrtpd_store *store, const char *who, const char *text,
			     struct ksrtpd_failure *failure)
{
	char canonical[KSRTPD_FEDERATION_PATTERN];
	struct ksrtpd_pattern pattern;
	int err;

	if (ksrtpd_pattern_parse(text, &pattern, canonical, failure) ||
	    ksrtpd_store_begin(store, failure))
		return -1;
	err = ksrtpd_store_run(store, failure, "DELETE FROM federation WHERE pattern = ?", "s",
			       canonical);
	if (!err && !ksrtpd_store_changes(store))
		err = ksrtpd_fail(failure, "no-such-entry", "%s is in neither list", canonical);
	if (!err)
		err = ksrtpd_policy_log(store, who, "federation-remove", canonical, "", "", failure);
	return finish(store, err, failure);
}

struct each {
	int (*each)(const char *pattern, bool allow, void *arg);
	void *arg;
};

static int take_entry(sqlite3_stmt *row, void *arg)
{
	struct each *each = arg;

	return each->each(ksrtpd_store_text(row, 0), sqlite3_column_int(row, 1), each->arg);
}

int ksrtpd_federation_each(struct ksrtpd_store *store,
			   int (*each)(const char *pattern, bool allow, void *arg), void *arg,
			   struct ksrtpd_failure *failure)
{
	struct each all = { each, arg };

	return ksrtpd_store_query(store, failure, take_entry, &all,
				  "SELECT pattern, allow FROM federation ORDER BY allow, pattern", "");
}

/* -- the question: every entry that could hold for the host is looked for by its text, so
 * that long lists cost nothing
 */

struct verdict {
	struct ksrtpd_store *store;
	struct ksrtpd_failure *failure;
	bool allowed;
	char denied[KSRTPD_FEDERATION_PATTERN];
};

static int take_verdict(sqlite3_stmt *row, void *arg)
{
	struct verdict *verdict = arg;

	if (sqlite3_column_int(row, 1)) {
		verdict->allowed = true;
		return 0;
	}
	snprintf(verdict->denied, sizeof(verdict->denied), "%s", ksrtpd_store_text(row, 0));
	return 1;
}

/* 0 to go on, 1 when denied, -1 on failure. */
static int look_for(struct verdict *verdict, const char *text)
{
	return ksrtpd_store_query(verdict->store, verdict->failure, take_verdict, verdict,
				  "SELECT pattern, allow FROM federation WHERE pattern = ?", "s", text);
}

/* From the address itself to the prefix of no bits. */
static int look_for_address(struct verdict *verdict, struct ksrtpd_pattern *pattern)
{
	char text[KSRTPD_FEDERATION_PATTERN];
	int found = 0, bits;

	for (bits = pattern->family == AF_INET ? 32 : 128; bits >= 0 && !found; bits--) {
		if (bits % 8)
			pattern->address[bits / 8] &= 0xff << (8 - bits % 8);
		else if (bits < 128)
			pattern->address[bits / 8] = 0;
		pattern->bits = bits;
		write_prefix(pattern, text);
		found = look_for(verdict, text);
	}
	return found;
}

static int look_for_name(struct verdict *verdict, const char *name)
{
	int found = look_for(verdict, name);
	const char *dot;

	for (dot = strchr(name, '.'); dot && !found; dot = strchr(dot + 1, '.'))
		found = look_for(verdict, dot);
	return found;
}

int ksrtpd_federation_check(struct ksrtpd_store *store, const char *host, bool fallback,
			    struct ksrtpd_failure *failure)
{
	struct verdict verdict = { .store = store, .failure = failure };
	char name[KSRTPD_FEDERATION_PATTERN];
	struct ksrtpd_pattern pattern;
	int found;

	pattern.family = parse_address(host, pattern.address);
	if (!pattern.family && (!fold(host, name) || !valid_name(name)))
		return bad(host, "is neither a host's name nor an address", failure);
	found = pattern.family ? look_for_address(&verdict, &pattern) : look_for_name(&verdict, name);
	if (found < 0)
		return -1;
	if (found)
		return ksrtpd_fail(failure, "federation-denied", "%.100s may not set up calls here: %.100s"
				   " is denied", host, verdict.denied);
	if (verdict.allowed || fallback)
		return 0;
	return ksrtpd_fail(failure, "federation-denied", "%.100s may not set up calls here: it is not"
			   " among those allowed", host);
}
