/* SPDX-License-Identifier: GPL-2.0 */
/* The same numbers in each run: a failure can be repeated (splitmix64). */
#ifndef KSRTP_TEST_RANDOM_H
#define KSRTP_TEST_RANDOM_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* 0 to @n - 1 */
static inline uint64_t random_below(uint64_t *state, uint64_t n)
{
	return random_next(state) % n;
}

static inline void random_fill(uint64_t *state, void *p, size_t len)
{
	uint8_t *b = p;

	while (len--)
		*b++ = (uint8_t)random_next(state);
}

#endif /* KSRTP_TEST_RANDOM_H */
