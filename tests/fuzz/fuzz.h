/* SPDX-License-Identifier: GPL-2.0 */
/* A fuzz target: libFuzzer calls it, or replay.c with the files of its corpus. */
#ifndef KSRTP_FUZZ_H
#define KSRTP_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* assert() that no NDEBUG takes away; abort() is what libFuzzer looks for. */
#define MUST(cond) do {							\
	if (!(cond)) {							\
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond); \
		abort();						\
	}								\
} while (0)

#endif /* KSRTP_FUZZ_H */
