/* SPDX-License-Identifier: GPL-2.0 */
/* What a run found of each feature, for tests/conformance/table. */
#ifndef TESTS_CONFORMANCE_RESULTS_H
#define TESTS_CONFORMANCE_RESULTS_H

#include <stdint.h>

enum result { RESULT_PASS, RESULT_UNSUPPORTED, RESULT_FAIL };

struct results_test {
	const char *feature;
	enum result result;
	const char *why;	/* it is not supported */
	uint64_t script;	/* hash of its lines */
	uint64_t packets, by_xdp;	/* that came in; of these, what XDP settled itself */
};

/* A feature that several tests are about has the worst of their results. */
void results_add(const struct results_test *test);
/* CHECKs that XDP settled a packet of every feature that has any. */
void results_need_xdp(void);
/* FOLDER/DATAPATH-KERNEL.json. 0, or -1 after a line on stdout. */
int results_write(const char *folder, const char *datapath, const char *version);
/*
 * CHECKs that all is as FILE has it, which tests/conformance/table recorded: of this datapath
 * and kernel, or if there is no such run, of this datapath; by the same tests.
 */
void results_compare(const char *file, const char *datapath);

#endif /* TESTS_CONFORMANCE_RESULTS_H */
