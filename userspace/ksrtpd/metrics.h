/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What there is and what happened since the start, for Prometheus. What legs count is in
 * tally.h. Loss, jitter and round-trip time, which only RTCP knows, are not among it: the
 * kernel shows nobody what it decrypts.
 */
#ifndef KSRTPD_METRICS_H
#define KSRTPD_METRICS_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "agent.h"

struct ksrtpd_metrics *ksrtpd_metrics_create(void);
void ksrtpd_metrics_destroy(struct ksrtpd_metrics *metrics);

/* One has another state now. */
void ksrtpd_metrics_call_changed(struct ksrtpd_metrics *metrics, const struct ksrtpd_call *call);
void ksrtpd_metrics_leg_changed(struct ksrtpd_metrics *metrics, const struct ksrtpd_leg *leg);
/* An alarm was raised, or is over. */
void ksrtpd_metrics_alarm(struct ksrtpd_metrics *metrics, bool raised);
/* The text exposition format, version 0.0.4, to be freed; NULL: no memory. */
char *ksrtpd_metrics_text(struct ksrtpd_agent *agent, size_t *len);
/* For the method "stats". */
json_t *ksrtpd_metrics_view(struct ksrtpd_agent *agent);

#endif /* KSRTPD_METRICS_H */
