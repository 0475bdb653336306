// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "store.h"
#include "store_schema.h"

#define REASON		"store"
#define PATH_LEN	1024
#define STATEMENTS	96		/* kept; the tree has fewer literals */
#define PAGES_MAX	(512 * 1024)	/* of 4 KiB: the database's limit */
#define WAL_PAGES	256		/* in the log before the thread is woken */
#define WAL_PAGES_MAX	16384		/* from here on the loop itself waits for the disk */
#define CHECKPOINT	5		/* seconds from a write to its being on the disk */
#define BUSY_MS		2000

struct statement {
	const char *sql;
	sqlite3_stmt *stmt;
	bool used;
};

struct ksrtpd_store {
	sqlite3 *db;
	bool durable;
	int lock_fd;
	struct statement statements[STATEMENTS];

	/* The checkpoint's thread: touches only what is below, under the lock. */
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop, dirty, full;
	char path[PATH_LEN];
};

static int refused(struct ksrtpd_store *store, struct ksrtpd_failure *failure)
{
	int code = sqlite3_errcode(store->db) & 0xff;

	return ksrtpd_fail(failure, REASON, code == SQLITE_NOTADB || code == SQLITE_CORRUPT ?
			   "the database is damaged (%s)" : "the state could not be kept: %s",
			   sqlite3_errmsg(store->db));
}

/* -- the thread that waits for the disk */

static sqlite3 *open_database(const char *path)
{
	sqlite3 *db = NULL;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
			    SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK) {
		sqlite3_extended_result_codes(db, 1);
		sqlite3_busy_timeout(db, BUSY_MS);
	}
	return db;
}

static void wait_for_writes(struct ksrtpd_store *store)
{
	struct timespec limit;

	while (!store->stop && !store->dirty)
		pthread_cond_wait(&store->wake, &store->lock);
	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += CHECKPOINT;
	while (!store->stop && !store->full &&
	       pthread_cond_timedwait(&store->wake, &store->lock, &limit) != ETIMEDOUT)
		;
}

static void *work(void *arg)
{
	struct ksrtpd_store *store = arg;
	sqlite3 *db = open_database(store->path);
	bool stop = false, complained = false;

	while (!stop) {
		int err;

		pthread_mutex_lock(&store->lock);
		wait_for_writes(store);
		stop = store->stop;
		store->dirty = store->full = false;
		pthread_mutex_unlock(&store->lock);
		err = stop ? SQLITE_OK : sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE,
								   NULL, NULL);
		if (err != SQLITE_OK && err != SQLITE_BUSY && !complained)
			ksrtpd_error("the state does not reach the disk: %s", sqlite3_errmsg(db));
		complained = err != SQLITE_OK;
	}
	sqlite3_close(db);
	return NULL;
}

/* After each commit, with the pages that the log has now. */
static int on_commit(void *arg, sqlite3 *db, const char *schema, int pages)
{
	struct ksrtpd_store *store = arg;

	pthread_mutex_lock(&store->lock);
	store->dirty = true;
	store->full = pages >= WAL_PAGES;
	pthread_cond_signal(&store->wake);
	pthread_mutex_unlock(&store->lock);
	/* The thread does not keep up: rather be slow than fill the disk. */
	if (pages >= WAL_PAGES_MAX)
		sqlite3_wal_checkpoint_v2(db, schema, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	return SQLITE_OK;
}

/* Signals are the event loop's. */
static int start_thread(struct ksrtpd_store *store)
{
	sigset_t all, old;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&store->thread, NULL, work, store);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	store->has_thread = !err;
	return err;
}

static void stop_thread(struct ksrtpd_store *store)
{
	if (!store->has_thread)
		return;
	pthread_mutex_lock(&store->lock);
	store->stop = true;
	pthread_cond_signal(&store->wake);
	pthread_mutex_unlock(&store->lock);
	pthread_join(store->thread, NULL);
}

/* -- opening */

/* One agent at a time: two with the same calls would undo each other's. */
static int lock_folder(struct ksrtpd_store *store, const char *dir, struct ksrtpd_failure *failure)
{
	char path[PATH_LEN + 8];

	if (mkdir(dir, 0700) && errno != EEXIST)
		return ksrtpd_fail(failure, REASON, "state-dir %s: %s", dir, strerror(errno));
	snprintf(path, sizeof(path), "%s/lock", dir);
	store->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (store->lock_fd < 0)
		return ksrtpd_fail(failure, REASON, "state-dir %s: lock: %s", dir, strerror(errno));
	if (flock(store->lock_fd, LOCK_EX | LOCK_NB))
		return ksrtpd_fail(failure, REASON, "state-dir %s is used by another ksrtpd", dir);
	return 0;
}

/* Also the files that SQLite makes beside it are nobody else's. */
static int make_private(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int set_up(struct ksrtpd_store *store, struct ksrtpd_failure *failure)
{
	char limit[64];

	snprintf(limit, sizeof(limit), "PRAGMA max_page_count = %d", PAGES_MAX);
	if (sqlite3_exec(store->db, "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
			 "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0", NULL, NULL,
			 NULL) != SQLITE_OK)
		return refused(store, failure);
	if (ksrtpd_store_schema(store->db, failure))
		return -1;
	if (sqlite3_exec(store->db, limit, NULL, NULL, NULL) == SQLITE_OK &&
	    (!store->durable || sqlite3_exec(store->db, "PRAGMA journal_mode = WAL", NULL, NULL,
					     NULL) == SQLITE_OK))
		return 0;
	return refused(store, failure);
}

static int open_in(struct ksrtpd_store *store, const char *dir, struct ksrtpd_failure *failure)
{
	struct ksrtpd_failure inner;

	if (dir) {
		if (snprintf(store->path, sizeof(store->path), "%s/state.db", dir) >=
		    (int)sizeof(store->path))
			return ksrtpd_fail(failure, REASON, "state-dir: the path is too long");
		if (lock_folder(store, dir, failure))
			return -1;
		if (make_private(store->path))
			return ksrtpd_fail(failure, REASON, "%s: %s", store->path, strerror(errno));
	} else {
		strcpy(store->path, ":memory:");
	}
	store->durable = dir;
	store->db = open_database(store->path);
	if (!store->db)
		return ksrtpd_fail(failure, "internal", "no memory for the state");
	if (sqlite3_errcode(store->db) != SQLITE_OK)
		return ksrtpd_fail(failure, REASON, "%s: %s", store->path, sqlite3_errmsg(store->db));
	if (set_up(store, &inner))
		return ksrtpd_fail(failure, inner.reason, "%s: %s", store->path, inner.message);
	if (!dir)
		return 0;
	if (start_thread(store))
		return ksrtpd_fail(failure, "internal", "no thread for the state");
	sqlite3_wal_hook(store->db, on_commit, store);
	return 0;
}

struct ksrtpd_store *ksrtpd_store_open(const char *dir, struct ksrtpd_failure *failure)
{
	struct ksrtpd_store *store = calloc(1, sizeof(*store));

	if (!store) {
		ksrtpd_fail(failure, "internal", "no memory for the state");
		return NULL;
	}
	store->lock_fd = -1;
	pthread_mutex_init(&store->lock, NULL);
	pthread_cond_init(&store->wake, NULL);
	if (open_in(store, dir, failure)) {
		ksrtpd_store_close(store);
		return NULL;
	}
	return store;
}

void ksrtpd_store_close(struct ksrtpd_store *store)
{
	unsigned int i;

	if (!store)
		return;
	stop_thread(store);
	for (i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(store->statements[i].stmt);
	/* The last connection brings the log into the database. */
	sqlite3_close(store->db);
	if (store->lock_fd >= 0)
		close(store->lock_fd);
	pthread_cond_destroy(&store->wake);
	pthread_mutex_destroy(&store->lock);
	free(store);
}

bool ksrtpd_store_durable(const struct ksrtpd_store *store)
{
	return store->durable;
}

/* -- statements */

/* The kept one of this literal, or a new one; in use until release(). */
static struct statement *take(struct ksrtpd_store *store, const char *sql,
			      struct ksrtpd_failure *failure)
{
	struct statement *free_one = NULL, *s;

	for (s = store->statements; s < store->statements + STATEMENTS; s++) {
		if (s->sql == sql && !s->used) {
			s->used = true;
			return s;
		}
		if (!s->used && (!free_one || !s->sql))
			free_one = free_one && !free_one->sql ? free_one : s;
	}
	if (!free_one) {
		ksrtpd_fail(failure, "internal", "too many statements at once");
		return NULL;
	}
	sqlite3_finalize(free_one->stmt);
	free_one->sql = NULL;
	if (sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &free_one->stmt,
			       NULL) != SQLITE_OK) {
		refused(store, failure);
		return NULL;
	}
	free_one->sql = sql;
	free_one->used = true;
	return free_one;
}

static void release(struct statement *s)
{
	sqlite3_reset(s->stmt);
	sqlite3_clear_bindings(s->stmt);
	s->used = false;
}

static int bind(sqlite3_stmt *stmt, const char *types, va_list args)
{
	int at, err = SQLITE_OK;

	for (at = 1; *types && err == SQLITE_OK; types++, at++) {
		const void *octets;

		switch (*types) {
		case 's':
			err = sqlite3_bind_text(stmt, at, va_arg(args, const char *), -1, SQLITE_STATIC);
			break;
		case 'i':
			err = sqlite3_bind_int64(stmt, at, va_arg(args, int64_t));
			break;
		default:
			octets = va_arg(args, const void *);
			err = sqlite3_bind_blob64(stmt, at, octets, va_arg(args, size_t), SQLITE_STATIC);
		}
	}
	return err;
}

static int query(struct ksrtpd_store *store, struct ksrtpd_failure *failure, ksrtpd_store_row row,
		 void *arg, const char *sql, const char *types, va_list args)
{
	struct statement *s = take(store, sql, failure);
	int err, answer = 0;

	if (!s)
		return -1;
	err = bind(s->stmt, types, args);
	if (err == SQLITE_OK) {
		while (!answer && (err = sqlite3_step(s->stmt)) == SQLITE_ROW)
			answer = row ? row(s->stmt, arg) : 0;
	}
	if (!answer && err != SQLITE_DONE)
		answer = refused(store, failure);
	release(s);
	return answer;
}

int ksrtpd_store_run(struct ksrtpd_store *store, struct ksrtpd_failure *failure, const char *sql,
		     const char *types, ...)
{
	va_list args;
	int err;

	va_start(args, types);
	err = query(store, failure, NULL, NULL, sql, types, args);
	va_end(args);
	return err;
}

int ksrtpd_store_query(struct ksrtpd_store *store, struct ksrtpd_failure *failure,
		       ksrtpd_store_row row, void *arg, const char *sql, const char *types, ...)
{
	va_list args;
	int err;

	va_start(args, types);
	err = query(store, failure, row, arg, sql, types, args);
	va_end(args);
	return err;
}

int ksrtpd_store_changes(const struct ksrtpd_store *store)
{
	return sqlite3_changes(store->db);
}

const char *ksrtpd_store_text(sqlite3_stmt *row, int column)
{
	const unsigned char *text = sqlite3_column_text(row, column);

	return text ? (const char *)text : "";
}

/* -- transactions that must be on the disk */

static void set_synchronous(struct ksrtpd_store *store, bool full)
{
	sqlite3_exec(store->db, full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL",
		     NULL, NULL, NULL);
}

int ksrtpd_store_begin(struct ksrtpd_store *store, struct ksrtpd_failure *failure)
{
	set_synchronous(store, true);
	if (sqlite3_exec(store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	set_synchronous(store, false);
	return refused(store, failure);
}

int ksrtpd_store_commit(struct ksrtpd_store *store, struct ksrtpd_failure *failure)
{
	if (sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK) {
		set_synchronous(store, false);
		return 0;
	}
	refused(store, failure);
	ksrtpd_store_rollback(store);
	return -1;
}

void ksrtpd_store_rollback(struct ksrtpd_store *store)
{
	if (!sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	set_synchronous(store, false);
}

/* -- numbers */

static int take_number(sqlite3_stmt *row, void *arg)
{
	*(int64_t *)arg = sqlite3_column_int64(row, 0);
	return 0;
}

int64_t ksrtpd_store_number(struct ksrtpd_store *store, const char *name, int64_t fallback)
{
	struct ksrtpd_failure failure;
	int64_t value = fallback;

	if (ksrtpd_store_query(store, &failure, take_number, &value,
			       "SELECT value FROM number WHERE name = ?", "s", name))
		ksrtpd_error("%s", failure.message);
	return value;
}

int ksrtpd_store_set_number(struct ksrtpd_store *store, const char *name, int64_t value,
			    struct ksrtpd_failure *failure)
{
	return ksrtpd_store_run(store, failure,
				"INSERT INTO number (name, value) VALUES (?, ?)"
				" ON CONFLICT (name) DO UPDATE SET value = excluded.value", "si", name,
				value);
}
