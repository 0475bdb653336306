// SPDX-License-Identifier: GPL-2.0
/*
 * ksrtp_window_check() without the lock, while another thread commits: it may be
 * late, but must never call an index seen that nobody committed. Built with
 * ThreadSanitizer, which ends the program at a data race.
 */
#include <pthread.h>
#include "core/index.h"
#include "core/replay.h"
#include "tap.h"

#define SIZE	64
#define LAST	1000000	/* no multiple of HOLE: it is committed, and ends the readers */
#define HOLE	7	/* every seventh index is never committed */

static u64 ring[SIZE / 64];
static struct ksrtp_window window;
static unsigned long checked;

static void *writer(void *arg)
{
	unsigned int *refused = arg;
	u64 i;

	for (i = 1; i <= LAST; i++)
		if (i % HOLE && ksrtp_window_commit(&window, i) != KSRTP_SEEN_NEW)
			(*refused)++;
	return NULL;
}

/*
 * Asks for the newest hole. The only excuse is that it leaves the window by now:
 * hole + SIZE, which shares its bit, is being committed. The highest index is
 * then hole + SIZE - 2 at least, because holes are apart.
 */
static void *reader(void *arg)
{
	unsigned int *wrong = arg;
	unsigned long n = 0;
	u64 highest, hole, now;

	do {
		highest = READ_ONCE(window.highest);
		if (highest == KSRTP_INDEX_NONE || highest < HOLE)
			continue;
		hole = highest - highest % HOLE;
		n++;
		if (ksrtp_window_check(&window, hole) == KSRTP_SEEN_NEW)
			continue;
		now = READ_ONCE(window.highest);
		if (now - hole < SIZE - 2)
			(*wrong)++;
	} while (highest != LAST);
	__atomic_add_fetch(&checked, n, __ATOMIC_RELAXED);
	return NULL;
}

int main(void)
{
	unsigned int refused = 0, wrong[2] = { 0, 0 };
	pthread_t threads[3];
	int i, err = 0;

	ksrtp_window_init(&window, ring, SIZE);
	err |= pthread_create(&threads[0], NULL, reader, &wrong[0]);
	err |= pthread_create(&threads[1], NULL, reader, &wrong[1]);
	err |= pthread_create(&threads[2], NULL, writer, &refused);
	if (err) {
		printf("Bail out! pthread_create() failed\n");
		return 1;
	}
	for (i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);

	CHECK(!refused, "%u indices refused in order", refused);
	CHECK(!wrong[0] && !wrong[1], "%u and %u indices called seen", wrong[0], wrong[1]);
	CHECK(checked > 1000, "only %lu checks were made", checked);
	tap_end("D2", "window: a check without the lock never refuses a packet that is new");
	return tap_done();
}
