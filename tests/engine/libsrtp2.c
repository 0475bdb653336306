// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include "unit/random.h"
#include "unit/tap.h"
#include "differences.h"
#include "differential.h"
#include "peer.h"

#define PACKETS		200000
#define OCTETS		1500	/* of one run */

int main(int argc, char **argv)
{
	static uint8_t data[OCTETS];
	struct differential d = { 0 };
	unsigned long run, first = 0, runs = 0;

	tap.datapath = "core";
	if (srtp_init() != srtp_err_status_ok) {
		printf("Bail out! srtp_init() failed\n");
		return 1;
	}
	differences();
	/* The number of a run repeats it. */
	if (argc >= 2)
		first = strtoul(argv[1], NULL, 0);
	for (run = first; d.packets < PACKETS; run++, runs++) {
		uint64_t seed = run;

		random_fill(&seed, data, sizeof(data));
		differential_run(&d, data, sizeof(data));
		CHECK(!d.error[0], "run %lu: %s", run, d.error);
		if (d.error[0] && tap.bad > 5)
			break;
	}
	/* Each kind of event was there. */
	CHECK(d.accepted > d.packets / 2 && d.replays > 1000 && d.corrupted > 1000 && d.rtcp > 1000 &&
	      d.rekeys > 1000 && d.copies > d.packets && d.elements > 1000 && d.late && d.duplicate && d.jumps &&
	      d.late_start && d.below_zero && d.padding, "something was missing");
	CHECK(d.unjudged < d.packets / 100, "%lu not compared", d.unjudged);
	tap_end("D1,D2,D5,S2,S3", "random streams from libsrtp2, through the engine, to libsrtp2: both agree");
	printf("# %lu runs, %lu packets: %lu accepted, %lu refused; %lu corrupted, %lu replays, %lu RTCP, "
	       "%lu rekeys\n# %lu copies sent, %lu tx_late, %lu tx_dup, %lu tx_jump, %lu plain, %lu lost, "
	       "%lu with encrypted elements\n"
	       "# late start %lu, below zero %lu, padding %lu, unjudged %lu\n",
	       runs, d.packets, d.accepted, d.refused, d.corrupted, d.replays, d.rtcp, d.rekeys,
	       d.copies, d.late, d.duplicate, d.jumps, d.plain, d.lost, d.elements, d.late_start,
	       d.below_zero, d.padding, d.unjudged);
	return tap_done();
}
