/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A copy of octets that ends where its allocation ends and starts at an odd
 * address, so that AddressSanitizer sees a parser read one octet too many and
 * UndefinedBehaviorSanitizer an aligned access.
 */
#ifndef KSRTP_TEST_EXACT_H
#define KSRTP_TEST_EXACT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline uint8_t *exact_new(const void *data, size_t len)
{
	uint8_t *p = calloc(1, len + 1);

	if (!p) {
		perror("calloc");
		exit(1);
	}
	if (len)
		memcpy(p + 1, data, len);
	return p + 1;
}

static inline void exact_free(uint8_t *p)
{
	free(p - 1);
}

#endif /* KSRTP_TEST_EXACT_H */
