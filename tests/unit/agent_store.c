// SPDX-License-Identifier: GPL-2.0
/* What is kept: over an end and a kill, and not when it is damaged. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ksrtpd/store.h"
#include "tap.h"

static char folder[64], database[80];
static struct ksrtpd_failure failure;

static void fresh(void)
{
	static unsigned int number;
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (*folder)
		CHECK(!system(command), "rm");
	snprintf(folder, sizeof(folder), "/tmp/agent_store.%d.%u", getpid(), number++);
	snprintf(database, sizeof(database), "%s/state.db", folder);
	failure.message[0] = '\0';
}

static struct ksrtpd_store *open_it(void)
{
	struct ksrtpd_store *store = ksrtpd_store_open(folder, &failure);

	CHECK(store, "%s", failure.message);
	return store;
}

static void test_kept(void)
{
	struct ksrtpd_store *store;
	struct stat st;

	fresh();
	store = open_it();
	CHECK(ksrtpd_store_durable(store), "durable");
	CHECK(ksrtpd_store_number(store, "owner", 7) == 7, "no number yet");
	CHECK(!ksrtpd_store_set_number(store, "owner", 1, &failure) &&
	      !ksrtpd_store_set_number(store, "owner", 1LL << 40, &failure), "%s", failure.message);
	ksrtpd_store_close(store);
	store = open_it();
	CHECK(ksrtpd_store_number(store, "owner", 7) == 1LL << 40, "another number");
	ksrtpd_store_close(store);
	CHECK(!stat(folder, &st) && (st.st_mode & 0777) == 0700, "mode of the folder");
	CHECK(!stat(database, &st) && (st.st_mode & 0777) == 0600, "mode of the database");
	store = ksrtpd_store_open(NULL, &failure);
	CHECK(store && !ksrtpd_store_durable(store) &&
	      !ksrtpd_store_set_number(store, "owner", 3, &failure) &&
	      ksrtpd_store_number(store, "owner", 7) == 3, "in memory");
	ksrtpd_store_close(store);
	tap_end(NULL, "what is written is there when it is opened again, and nobody else's to read");
}

static void write_until_killed(int ready)
{
	struct ksrtpd_store *store = ksrtpd_store_open(folder, &failure);
	int64_t i;

	for (i = 1; store && i < 1000000; i++) {
		if (ksrtpd_store_set_number(store, "first", i, &failure) ||
		    ksrtpd_store_set_number(store, "second", i, &failure) ||
		    write(ready, &i, sizeof(i)) != sizeof(i))
			break;
	}
	_exit(1);
}

/* What the writer says is written: the last number that came through the pipe. */
static int64_t kill_in_the_middle(void)
{
	int64_t last = 0, n;
	int pipes[2], status;
	pid_t pid;

	CHECK(!pipe(pipes), "pipe");
	pid = fork();
	if (!pid)
		write_until_killed(pipes[1]);
	close(pipes[1]);
	while (last < 500 && read(pipes[0], &n, sizeof(n)) == sizeof(n))
		last = n;
	kill(pid, SIGKILL);
	while (read(pipes[0], &n, sizeof(n)) == sizeof(n))
		last = n;
	close(pipes[0]);
	CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status), "status %d", status);
	return last;
}

static void test_killed(void)
{
	struct ksrtpd_store *store;
	int64_t said, first, second;

	fresh();
	said = kill_in_the_middle();
	store = open_it();
	first = ksrtpd_store_number(store, "first", 0);
	second = ksrtpd_store_number(store, "second", 0);
	CHECK(said >= 500 && second >= said && first >= second && first <= second + 1,
	      "it said %lld, there is %lld and %lld", (long long)said, (long long)first,
	      (long long)second);
	ksrtpd_store_close(store);
	tap_end(NULL, "a kill loses nothing that was written");
}

static void test_locked(void)
{
	struct ksrtpd_store *store;

	fresh();
	store = open_it();
	CHECK(!ksrtpd_store_open(folder, &failure) && strstr(failure.message, "another ksrtpd") &&
	      strstr(failure.message, folder), "%s", failure.message);
	ksrtpd_store_close(store);
	store = open_it();
	ksrtpd_store_close(store);
	tap_end(NULL, "a second agent does not get the same state");
}

static void overwrite(off_t at, const char *text, size_t len)
{
	int fd = open(database, O_RDWR | O_CREAT, 0600);

	CHECK(fd >= 0 && pwrite(fd, text, len, at) == (ssize_t)len, "overwrite");
	close(fd);
}

/* Refused with these words, and the file stays as it is. */
static void check_refused(const char *words)
{
	struct stat before, after;

	CHECK(!stat(database, &before), "stat");
	CHECK(!ksrtpd_store_open(folder, &failure) && !strcmp(failure.reason, "store") &&
	      strstr(failure.message, words) && strstr(failure.message, database), "'%s' lacks '%s'",
	      failure.message, words);
	CHECK(!stat(database, &after) && before.st_size == after.st_size, "the size changed");
}

static void run_sql(const char *sql)
{
	sqlite3 *db;

	CHECK(sqlite3_open(database, &db) == SQLITE_OK &&
	      sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s", sql);
	sqlite3_close(db);
}

static void test_damaged(void)
{
	char rubbish[4096];

	memset(rubbish, 'x', sizeof(rubbish));
	fresh();
	ksrtpd_store_close(open_it());
	overwrite(2 * 4096, rubbish, sizeof(rubbish));
	check_refused("damaged");

	fresh();
	CHECK(!mkdir(folder, 0700), "mkdir");
	overwrite(0, rubbish, sizeof(rubbish));
	check_refused("damaged");

	fresh();
	ksrtpd_store_close(open_it());
	run_sql("PRAGMA user_version = 1000");
	check_refused("of version 1000");

	fresh();
	CHECK(!mkdir(folder, 0700), "mkdir");
	run_sql("CREATE TABLE theirs (x); PRAGMA user_version = 1");
	check_refused("not this program's");

	fresh();
	CHECK(!ksrtpd_store_open("/proc/none", &failure) && strstr(failure.message, "/proc/none"), "%s",
	      failure.message);
	tap_end(NULL, "a database that is damaged, newer or another's is refused and left as it is");
}

/* Full: the transaction fails with a reason, and what was there stays. */
static void test_full(void)
{
	struct ksrtpd_store *store;
	char *text = malloc(1 << 20);
	int i, err = 0;

	fresh();
	store = open_it();
	memset(text, 'x', (1 << 20) - 1);
	text[(1 << 20) - 1] = '\0';
	CHECK(!ksrtpd_store_run(store, &failure, "PRAGMA max_page_count = 1000", ""), "%s",
	      failure.message);
	for (i = 0; i < 20 && !err; i++)
		err = ksrtpd_store_run(store, &failure, "INSERT INTO policy_log"
				       " (at, who, verb, object, before, after)"
				       " VALUES (?, ?, ?, ?, ?, ?)", "isssss", (int64_t)i, "a", "b", "c",
				       text, "");
	CHECK(err && i > 1 && !strcmp(failure.reason, "store") && strstr(failure.message, "full"), "%s",
	      failure.message);
	CHECK(!ksrtpd_store_begin(store, &failure), "%s", failure.message);
	CHECK(ksrtpd_store_run(store, &failure, "INSERT INTO policy_log"
			       " (at, who, verb, object, before, after) VALUES (?, ?, ?, ?, ?, ?)",
			       "isssss", 1LL, "a", "b", "c", text, ""), "was kept");
	ksrtpd_store_rollback(store);
	CHECK(!ksrtpd_store_run(store, &failure, "DELETE FROM policy_log", "") &&
	      ksrtpd_store_changes(store) == i - 1, "%s", failure.message);
	CHECK(!ksrtpd_store_set_number(store, "after", 1, &failure), "%s", failure.message);
	ksrtpd_store_close(store);
	free(text);
	tap_end(NULL, "a full state refuses, and takes again when there is room");
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* The log behind the database does not grow without end, though nobody reads it in. */
static void test_log(void)
{
	struct ksrtpd_store *store;
	char log[96], text[8192];
	double begin, limit;
	struct stat st;
	int64_t i;

	fresh();
	snprintf(log, sizeof(log), "%s-wal", database);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	store = open_it();
	begin = seconds();
	for (i = 0; i < 5000; i++)
		CHECK(!ksrtpd_store_run(store, &failure, "INSERT INTO call (name, id, serial, record)"
					" VALUES ('a', 1, 1, ?) ON CONFLICT (name) DO UPDATE"
					" SET record = excluded.record", "s", text), "%s", failure.message);
	printf("# a record of 8 KiB is written in %.0f us\n", (seconds() - begin) / 5000 * 1e6);
	CHECK(!stat(log, &st) && st.st_size < 128 << 20, "%lld octets", (long long)st.st_size);
	/* By then the thread has brought all of it to the disk, without being asked. */
	for (limit = seconds() + 30; seconds() < limit; usleep(100000)) {
		if (!stat(database, &st) && st.st_size > 8192 + 4096)
			break;
	}
	CHECK(st.st_size > 8192 + 4096, "%lld octets in the database", (long long)st.st_size);
	ksrtpd_store_close(store);
	CHECK(stat(log, &st), "the log is there after the end");
	tap_end(NULL, "the write-ahead log is bounded, and brought in beside the event loop");
}

int main(void)
{
	char command[128];

	tap.datapath = "-";
	test_kept();
	test_killed();
	test_locked();
	test_damaged();
	test_full();
	test_log();
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command) || tap_done();
}
