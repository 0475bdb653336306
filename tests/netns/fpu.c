// SPDX-License-Identifier: GPL-2.0
/* Test build: the FPU is taken for every n-th operation, and nobody notices. */
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>

#include "truth.h"

#define SWITCH	"/sys/module/ksrtp/parameters/fpu_refuse_every"
#define PACKETS	120

static void refuse_every(unsigned int n)
{
	FILE *f = fopen(SWITCH, "w");

	CHECK(f && fprintf(f, "%u", n) > 0 && !fclose(f), "%s", SWITCH);
}

static struct ksrtp_info info_now(void)
{
	struct ksrtp_info info = {};

	CHECK(!ksrtp_info_get(world.ksrtp, &info), "%s", ksrtp_error(world.ksrtp));
	return info;
}

static uint64_t fallbacks(void)
{
	return info_now().aead_fallback_used;
}

/* An internal driver (named __) must be asked first; from 6.16 on the ordinary one copes. */
static bool driver_asks(void)
{
	struct ksrtp_info info = info_now();

	return !strncmp(info.aead_driver, "__", 2);
}

static void every(unsigned int n, unsigned int from, unsigned int to, enum way way)
{
	unsigned int asked = PACKETS * ((from != PLAIN) + (to != PLAIN)), cpus, i;
	uint64_t used;
	struct call call;

	cpus = (unsigned int)get_nprocs_conf();
	call_open(&call, SIDE_A, 4, from, SIDE_B, 4, to);
	expect_usual(&call, "with the FPU", BY_SKB);
	used = fallbacks();
	refuse_every(n);
	for (i = 0; i < PACKETS; i++) {
		next_packet(&call, 20 + random_next() % 1200);
		expect_out(&call, "without", way);
	}
	refuse_every(0);
	used = fallbacks() - used;
	/* Each processor counts for itself. */
	if (driver_asks())
		CHECK(used + cpus >= asked / n && used <= asked / n + cpus, "%llu of %u, every %u",
		      (unsigned long long)used, asked, n);
	else
		CHECK(!used, "%llu without being asked", (unsigned long long)used);
	used = fallbacks();
	expect_usual(&call, "with the FPU again", way);
	CHECK(fallbacks() == used, "used with the switch off");
	call_close(&call);
	tap_end("D1,D3,S8", "%s: FPU refused, 1 of %u times, %s to %s: every packet verifies",
		way == BY_XDP ? "XDP" : "skb path", n, ksrtp_suite_name(from),
		ksrtp_suite_name(to));
}

void fpu_tests(void)
{
	every(7, GCM256, PLAIN, BY_XDP);
	detach_both();
	tap.datapath = "skb";
	every(3, GCM256, PLAIN, BY_SKB);
	tap.datapath = "xdp";
	attach_both(KSRTP_XDP_MODE_NATIVE);
}
