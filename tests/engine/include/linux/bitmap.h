/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_BITMAP_H
#define KSRTP_ENGINE_LINUX_BITMAP_H

#include <limits.h>
#include <stdbool.h>

#define TEST_LONG_BITS			(sizeof(long) * CHAR_BIT)
#define DECLARE_BITMAP(name, bits)	unsigned long name[((bits) + TEST_LONG_BITS - 1) / TEST_LONG_BITS]

static inline void __set_bit(unsigned int bit, unsigned long *map)
{
	map[bit / TEST_LONG_BITS] |= 1ul << bit % TEST_LONG_BITS;
}

static inline bool test_bit(unsigned int bit, const unsigned long *map)
{
	return map[bit / TEST_LONG_BITS] >> bit % TEST_LONG_BITS & 1;
}

#endif /* KSRTP_ENGINE_LINUX_BITMAP_H */
