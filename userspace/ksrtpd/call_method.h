/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTPD_CALL_METHOD_H
#define KSRTPD_CALL_METHOD_H

#include "agent.h"

/* From now on what becomes of calls is told to the feed, and to who waits for codes. */
void ksrtpd_call_methods_init(struct ksrtpd_agent *agent);

#endif /* KSRTPD_CALL_METHOD_H */
