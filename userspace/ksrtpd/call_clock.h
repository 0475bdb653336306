/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTPD_CALL_CLOCK_H
#define KSRTPD_CALL_CLOCK_H

#include "call.h"
#include "clock.h"

/* Clock rates of what is sent toward @side on @path, by the SDP of that side. */
void ksrtpd_call_clocks(const struct ksrtpd_call *call, const struct ksrtpd_path *path, int side,
			struct ksrtpd_clocks *clocks);
/* The descriptions changed: what the metrics count jitter by. */
void ksrtpd_call_clocks_settle(const struct ksrtpd_call *call);

#endif /* KSRTPD_CALL_CLOCK_H */
