// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "seen.h"

struct entry {
	struct ksrtpd_fingerprint fp;
	uint64_t call;
};

struct ksrtpd_seen {
	unsigned int next;	/* the oldest, when the table is full */
	unsigned int count;
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
	seen->next = (seen->next + 1) % KSRTPD_SEEN_MAX;
	if (seen->count < KSRTPD_SEEN_MAX)
		seen->count++;
	return false;
}
