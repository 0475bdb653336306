/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Established calls in which no media is accepted on any leg for media-timeout seconds:
 * the event "media-timeout", once, and with media-timeout-action = end the end of the
 * call. "media-resumed" when there is some again.
 */
#ifndef KSRTPD_SILENCE_H
#define KSRTPD_SILENCE_H

#include "agent.h"

struct ksrtpd_silence;

/* NULL: no memory. */
struct ksrtpd_silence *ksrtpd_silence_start(struct ksrtpd_agent *agent);
void ksrtpd_silence_stop(struct ksrtpd_silence *silence);

#endif /* KSRTPD_SILENCE_H */
