/* SPDX-License-Identifier: GPL-2.0 */
/* A token bucket: so many things a second, and a burst of them at once. */
#ifndef KSRTPD_BUCKET_H
#define KSRTPD_BUCKET_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct ksrtpd_bucket {
	uint64_t filled_ms;	/* of the monotonic clock; 0: never used, so full */
	uint64_t level;		/* in thousandths */
};

static inline uint64_t ksrtpd_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

static inline bool ksrtpd_bucket_take(struct ksrtpd_bucket *bucket, unsigned int rate,
				      unsigned int burst)
{
	uint64_t now = ksrtpd_now_ms(), full = burst * 1000ULL;

	/* More than an hour is full, whatever the rate; and nothing can overflow. */
	if (!bucket->filled_ms || now - bucket->filled_ms > 3600000)
		bucket->level = full;
	else
		bucket->level += (now - bucket->filled_ms) * rate;
	bucket->filled_ms = now;
	if (bucket->level > full)
		bucket->level = full;
	if (bucket->level < 1000)
		return false;
	bucket->level -= 1000;
	return true;
}

#endif /* KSRTPD_BUCKET_H */
