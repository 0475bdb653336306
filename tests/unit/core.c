// SPDX-License-Identifier: GPL-2.0
/* kmod/core/, the very sources that the module is built from. */
#include "tap.h"
#include "core.h"

int main(void)
{
	test_index();
	test_replay();
	test_numbers();
	test_rtp();
	test_rtcp();
	test_rtcp_map();
	test_report();
	test_wire();
	test_kdf();
	test_stun();
	return tap_done();
}
