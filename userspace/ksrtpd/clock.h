/* SPDX-License-Identifier: GPL-2.0 */
/* How many units of the RTP timestamp are a second, by payload type. */
#ifndef KSRTPD_CLOCK_H
#define KSRTPD_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define KSRTPD_CLOCK_PTS	128

/* In Hz; 0: not known. */
struct ksrtpd_clocks {
	uint32_t rate[KSRTPD_CLOCK_PTS];
};

/* An m= line has payload type @pt: RFC 3551 (tables 4 and 5) has a rate for some. */
void ksrtpd_clocks_format(struct ksrtpd_clocks *clocks, unsigned int pt);
/* The value of an a=rtpmap: "96 opus/48000/2". What is of another form says nothing. */
void ksrtpd_clocks_rtpmap(struct ksrtpd_clocks *clocks, const char *value, size_t len);
/* What @more knows counts, too. */
void ksrtpd_clocks_merge(struct ksrtpd_clocks *clocks, const struct ksrtpd_clocks *more);
/*
 * Of payload type @pt; below 0: not known which, then the rate that all have, if they have
 * one. 0: not known.
 */
uint32_t ksrtpd_clocks_rate(const struct ksrtpd_clocks *clocks, int pt);

#endif /* KSRTPD_CLOCK_H */
