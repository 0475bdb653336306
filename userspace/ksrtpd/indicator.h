/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tells subscribers when the indicator of a call changes: at once when the agent changed
 * something, within a second when the datapath did so by itself. While nobody has
 * subscribed nothing is looked at; whoever does so is told what changed since.
 */
#ifndef KSRTPD_INDICATOR_H
#define KSRTPD_INDICATOR_H

#include "agent.h"

struct ksrtpd_indicators;

/* NULL: no memory. */
struct ksrtpd_indicators *ksrtpd_indicators_start(struct ksrtpd_agent *agent);
void ksrtpd_indicators_stop(struct ksrtpd_indicators *indicators);
/* After something about the call changed. */
void ksrtpd_indicator_check(struct ksrtpd_agent *agent, struct ksrtpd_call *call);

#endif /* KSRTPD_INDICATOR_H */
