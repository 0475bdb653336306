// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "clock.h"

#define RATE_MAX	10000000

static const uint32_t assigned[KSRTPD_CLOCK_PTS] = {
	[0] = 8000, [3] = 8000, [4] = 8000, [5] = 8000, [6] = 16000, [7] = 8000, [8] = 8000,
	[9] = 8000, [10] = 44100, [11] = 44100, [12] = 8000, [13] = 8000, [14] = 90000,
	[15] = 8000, [16] = 11025, [17] = 22050, [18] = 8000, [25] = 90000, [26] = 90000,
	[28] = 90000, [31] = 90000, [32] = 90000, [33] = 90000, [34] = 90000,
};

void ksrtpd_clocks_format(struct ksrtpd_clocks *clocks, unsigned int pt)
{
	if (pt < KSRTPD_CLOCK_PTS && !clocks->rate[pt])
		clocks->rate[pt] = assigned[pt];
}

/* A decimal number at *@at of at most @max; -1: none, or larger. */
static long number(const char **at, const char *end, long max)
{
	long n = -1;

	for (; *at < end && **at >= '0' && **at <= '9'; ++*at) {
		n = (n < 0 ? 0 : n) * 10 + **at - '0';
		if (n > max)
			return -1;
	}
	return n;
}

void ksrtpd_clocks_rtpmap(struct ksrtpd_clocks *clocks, const char *value, size_t len)
{
	const char *end = value + len, *at = value;
	long pt = number(&at, end, KSRTPD_CLOCK_PTS - 1), rate;
	const char *slash = memchr(at, '/', (size_t)(end - at));

	if (pt < 0 || at == end || *at != ' ' || !slash)
		return;
	at = slash + 1;
	rate = number(&at, end, RATE_MAX);
	if (rate > 0 && (at == end || *at == '/'))
		clocks->rate[pt] = (uint32_t)rate;
}

void ksrtpd_clocks_merge(struct ksrtpd_clocks *clocks, const struct ksrtpd_clocks *more)
{
	unsigned int i;

	for (i = 0; i < KSRTPD_CLOCK_PTS; i++) {
		if (more->rate[i])
			clocks->rate[i] = more->rate[i];
	}
}

uint32_t ksrtpd_clocks_rate(const struct ksrtpd_clocks *clocks, int pt)
{
	uint32_t all = 0;
	unsigned int i;

	if (pt >= 0)
		return pt < KSRTPD_CLOCK_PTS ? clocks->rate[pt] : 0;
	for (i = 0; i < KSRTPD_CLOCK_PTS; i++) {
		if (all && clocks->rate[i] && clocks->rate[i] != all)
			return 0;
		if (clocks->rate[i])
			all = clocks->rate[i];
	}
	return all;
}
