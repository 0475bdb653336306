// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "seen.h"

struct entry {
	struct ksrtpd_fingerprint fp;
	uint64_t call;
};

struct ksrtpd_seen {
	unsigned int next;	/* the oldest, when the table is full */
	unsigned int count;
	int64_t place;		/* of the newest in the store */
	struct ksrtpd_store *store;	/* NULL: not kept */
	struct entry entries[KSRTPD_SEEN_MAX];
};

struct ksrtpd_seen *ksrtpd_seen_create(void)
{
	return calloc(1, sizeof(struct ksrtpd_seen));
}

void ksrtpd_seen_destroy(struct ksrtpd_seen *seen)
{
	free(seen);
}

/* In the order they were seen in: the place counts on, over the end of the table. */
static int take_kept(sqlite3_stmt *row, void *arg)
{
	struct ksrtpd_seen *seen = arg;
	struct entry *entry = &seen->entries[seen->next];

	if (sqlite3_column_bytes(row, 0) != sizeof(entry->fp))
		return 0;
	memcpy(&entry->fp, sqlite3_column_blob(row, 0), sizeof(entry->fp));
	entry->call = sqlite3_column_int64(row, 1);
	seen->place = sqlite3_column_int64(row, 2);
	seen->next = (seen->next + 1) % KSRTPD_SEEN_MAX;
	if (seen->count < KSRTPD_SEEN_MAX)
		seen->count++;
	return 0;
}

int ksrtpd_seen_keep(struct ksrtpd_seen *seen, struct ksrtpd_store *store,
		     struct ksrtpd_failure *failure)
{
	seen->store = store;
	return ksrtpd_store_query(store, failure, take_kept, seen,
				  "SELECT thumbprint, serial, place FROM seen ORDER BY place", "");
}

static void keep(struct ksrtpd_seen *seen, const struct entry *entry)
{
	struct ksrtpd_failure failure;

	seen->place++;
	if (ksrtpd_store_run(seen->store, &failure,
			     "INSERT INTO seen (thumbprint, serial, place) VALUES (?, ?, ?)"
			     " ON CONFLICT (thumbprint) DO NOTHING", "bii", (const void *)&entry->fp,
			     sizeof(entry->fp), (int64_t)entry->call, seen->place) ||
	    ksrtpd_store_run(seen->store, &failure, "DELETE FROM seen WHERE place <= ?", "i",
			     seen->place - KSRTPD_SEEN_MAX))
		ksrtpd_error("%s", failure.message);
}

bool ksrtpd_seen_add(struct ksrtpd_seen *seen, const struct ksrtpd_fingerprint *fp,
		     uint64_t call)
{
	unsigned int i;

	for (i = 0; i < seen->count; i++) {
		/* Thumbprints are public: nothing to hide in how long this takes. */
		if (!memcmp(&seen->entries[i].fp, fp, sizeof(*fp)))
			return seen->entries[i].call != call;
	}
	seen->entries[seen->next] = (struct entry){ *fp, call };
	if (seen->store)
		keep(seen, &seen->entries[seen->next]);
	seen->next = (seen->next + 1) % KSRTPD_SEEN_MAX;
	if (seen->count < KSRTPD_SEEN_MAX)
		seen->count++;
	return false;
}
