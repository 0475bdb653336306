// SPDX-License-Identifier: GPL-2.0
/*
 * The module's packet engine against libsrtp2. Each octet or two are a step: a packet is
 * protected, delivered, late, lost, a second time, corrupted; keys change. What must then
 * be true is in tests/engine/differential.c.
 */
#include <srtp2/srtp.h>
#include "engine/differential.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct differential d;
	static int ready;

	if (!ready)
		MUST(srtp_init() == srtp_err_status_ok);
	ready = 1;
	differential_run(&d, data, size);
	if (d.error[0]) {
		fprintf(stderr, "%s\n", d.error);
		abort();
	}
	return 0;
}
