// SPDX-License-Identifier: GPL-2.0
/*
 * conformance DATAPATH FOLDER SCRIPT... [= RESULTS]: runs the scripts against one of the
 * datapaths (user, xdp, skb), says TAP, and writes FOLDER/DATAPATH-KERNEL.json. With RESULTS,
 * that is compared with what was recorded.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/tap.h"
#include "results.h"
#include "script.h"

/* The FPU was refused: both kinds of suites have been seen to do without it. */
static void check_fpu(const struct script *script)
{
	uint64_t count;

	if (!script->driver->without_fpu || script->driver->without_fpu(&count))
		return;
	CHECK(script->refused_gcm, "in no test of AES-GCM alone");
	CHECK(script->refused_cm, "in no test of AES-CM alone");
	tap_end("D1,D3", "AES-GCM and AES-CM did without the FPU where it was refused");
}

int main(int argc, char **argv)
{
	static struct script script;
	const struct driver *const *driver = drivers;
	const char *results = NULL;
	int i, failed;

	if (argc > 5 && !strcmp(argv[argc - 2], "=")) {
		results = argv[argc - 1];
		argc -= 2;
	}

	while (argc > 3 && *driver && strcmp((*driver)->name, argv[1]))
		driver++;
	if (argc < 4 || !*driver) {
		fprintf(stderr, "usage: %s user|xdp|skb FOLDER SCRIPT... [= RESULTS]\n", argv[0]);
		return 2;
	}
	script.driver = *driver;
	tap.datapath = script.driver->name;
	if (script.driver->open()) {
		printf("Bail out! the datapath %s does not open\n", script.driver->name);
		return 1;
	}
	for (i = 3; i < argc; i++)
		script_file(&script, argv[i]);
	if (script.driver->by_xdp) {
		results_need_xdp();
		tap_end("D3", "XDP has settled packets of every feature");
	}
	check_fpu(&script);
	if (results) {
		results_compare(results, script.driver->name);
		tap_end("D1", "what was measured is what the README's table was made of");
	}
	failed = results_write(argv[2], script.driver->name, script.driver->version());
	script.driver->close();
	return tap_done() || failed;
}
