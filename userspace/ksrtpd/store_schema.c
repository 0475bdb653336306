// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "store_schema.h"

#define REASON		"store"
#define APPLICATION	0x6b727470	/* "krtp": whose database it is */

/* Step n leads from version n to n + 1. What was released is never changed: a change is
 * a new step at the end.
 */
static const char *const steps[] = {
	/* A call as JSON (call_record.c): whoever reads it needs all of it, and nothing is
	 * ever looked for inside. The id is the datapath's.
	 */
	"CREATE TABLE number (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE call (name TEXT PRIMARY KEY, id INTEGER NOT NULL, serial INTEGER NOT NULL,"
	" record TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE seen (thumbprint BLOB PRIMARY KEY, serial INTEGER NOT NULL,"
	" place INTEGER NOT NULL UNIQUE) WITHOUT ROWID;"
	"CREATE TABLE policy (name TEXT PRIMARY KEY COLLATE NOCASE, e2ee INTEGER NOT NULL,"
	" mismatch INTEGER NOT NULL, description TEXT NOT NULL DEFAULT '') WITHOUT ROWID;"
	"INSERT INTO policy (name, e2ee, mismatch) VALUES ('Global', 1, 0);"
	"CREATE TABLE policy_grant (kind INTEGER NOT NULL, name TEXT NOT NULL,"
	" policy TEXT NOT NULL COLLATE NOCASE REFERENCES policy (name), rank INTEGER NOT NULL,"
	" PRIMARY KEY (kind, name)) WITHOUT ROWID;"
	"CREATE INDEX policy_grant_policy ON policy_grant (policy);"
	"CREATE TABLE policy_user (name TEXT PRIMARY KEY, e2ee INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE policy_log (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,"
	" who TEXT NOT NULL, verb TEXT NOT NULL, object TEXT NOT NULL, before TEXT NOT NULL,"
	" after TEXT NOT NULL);"
	"CREATE TABLE federation (pattern TEXT NOT NULL, allow INTEGER NOT NULL,"
	" PRIMARY KEY (pattern, allow)) WITHOUT ROWID;",
};

#define VERSION ((int)(sizeof(steps) / sizeof(steps[0])))

static int number(sqlite3 *db, const char *pragma)
{
	sqlite3_stmt *stmt;
	int value = -1;

	if (sqlite3_prepare_v2(db, pragma, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		value = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return value;
}

/* What a healthy database answers is the word ok. */
static int check(sqlite3 *db, struct ksrtpd_failure *failure)
{
	sqlite3_stmt *stmt;
	bool healthy = false;

	if (sqlite3_prepare_v2(db, "PRAGMA integrity_check(1)", -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		healthy = !strcmp((const char *)sqlite3_column_text(stmt, 0), "ok");
	if (!healthy)
		ksrtpd_fail(failure, REASON, "the database is damaged (%s): restore it, or move it "
			    "away to begin with none", stmt && sqlite3_data_count(stmt) ?
			    (const char *)sqlite3_column_text(stmt, 0) : sqlite3_errmsg(db));
	sqlite3_finalize(stmt);
	return healthy ? 0 : -1;
}

static int step(sqlite3 *db, int from, struct ksrtpd_failure *failure)
{
	char settle[128];

	snprintf(settle, sizeof(settle), "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
		 APPLICATION, from + 1);
	if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK &&
	    sqlite3_exec(db, steps[from], NULL, NULL, NULL) == SQLITE_OK &&
	    sqlite3_exec(db, settle, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	ksrtpd_fail(failure, REASON, "the database cannot be brought to version %d: %s", from + 1,
		    sqlite3_errmsg(db));
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

int ksrtpd_store_schema(sqlite3 *db, struct ksrtpd_failure *failure)
{
	int version, application;

	if (check(db, failure))
		return -1;
	version = number(db, "PRAGMA user_version");
	application = number(db, "PRAGMA application_id");
	if (version < 0 || application < 0 || (version && application != APPLICATION))
		return ksrtpd_fail(failure, REASON, "the database is not this program's");
	if (version > VERSION)
		return ksrtpd_fail(failure, REASON, "the database is of version %d, this program "
				   "knows those up to %d: it was last used by a newer one", version,
				   VERSION);
	while (version < VERSION) {
		if (step(db, version, failure))
			return -1;
		version++;
	}
	return 0;
}
