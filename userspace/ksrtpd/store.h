/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the agent keeps over its own end: calls, policies, grants, federation lists, the
 * thumbprints it has seen. An SQLite database in the state folder. It never holds a
 * secret: no keys, no ICE passwords, no private keys.
 *
 * Writing. Every change is one small transaction, made at once in the event loop, so
 * that what was answered is there when the agent is killed in the next moment. The
 * database is in WAL mode with synchronous=NORMAL: such a commit is a write into the
 * page cache, some 100 us for a whole call, and never waits for the disk. What waits (the
 * checkpoint) is done by a thread with a connection of its own. What a power failure may cost are the
 * last seconds of calls, which then are gone anyway; a change of policy, which is rare
 * and must not be lost, is committed with synchronous=FULL.
 */
#ifndef KSRTPD_STORE_H
#define KSRTPD_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "failure.h"

struct ksrtpd_store;

/* @dir NULL: in memory only, all is forgotten at the end. Else the folder is made if it
 * is not there, and locked against a second agent. A damaged database, or one of a later
 * version, is a failure: what it says about policies must not be forgotten silently.
 */
struct ksrtpd_store *ksrtpd_store_open(const char *dir, struct ksrtpd_failure *failure);
void ksrtpd_store_close(struct ksrtpd_store *store);
/* Does it outlive the agent? */
bool ksrtpd_store_durable(const struct ksrtpd_store *store);

/* One value for each parameter of @sql, by @types: s text (NULL is null), i int64_t,
 * b const void * and size_t. @sql must be a literal: its statement is kept.
 */
int ksrtpd_store_run(struct ksrtpd_store *store, struct ksrtpd_failure *failure, const char *sql,
		     const char *types, ...);
/* Calls @row for each row until it answers other than 0, which is returned then; it may
 * use the store for other statements. 0 after the last one, -1 on failure.
 */
typedef int (*ksrtpd_store_row)(sqlite3_stmt *row, void *arg);
int ksrtpd_store_query(struct ksrtpd_store *store, struct ksrtpd_failure *failure,
		       ksrtpd_store_row row, void *arg, const char *sql, const char *types, ...);
/* Rows that the last ksrtpd_store_run() changed. */
int ksrtpd_store_changes(const struct ksrtpd_store *store);
/* The text of a column, "" for null; until the row's end. */
const char *ksrtpd_store_text(sqlite3_stmt *row, int column);

/* A transaction of several statements, on the disk when commit answers; without it each
 * statement is its own. Not nested.
 */
int ksrtpd_store_begin(struct ksrtpd_store *store, struct ksrtpd_failure *failure);
int ksrtpd_store_commit(struct ksrtpd_store *store, struct ksrtpd_failure *failure);
void ksrtpd_store_rollback(struct ksrtpd_store *store);

/* A number under a name, @fallback if there is none. */
int64_t ksrtpd_store_number(struct ksrtpd_store *store, const char *name, int64_t fallback);
int ksrtpd_store_set_number(struct ksrtpd_store *store, const char *name, int64_t value,
			    struct ksrtpd_failure *failure);

#endif /* KSRTPD_STORE_H */
