/* SPDX-License-Identifier: GPL-2.0 */
/* What the service manager wants to know (sd_notify(3)); without one, nothing is sent. */
#ifndef KSRTPD_NOTIFY_H
#define KSRTPD_NOTIFY_H

#include <event2/event.h>

struct ksrtpd_notify;

/* Says that the agent is ready, and from now on that its event loop turns, as often as the
 * service manager asked. NULL: no memory.
 */
struct ksrtpd_notify *ksrtpd_notify_start(struct event_base *base);
/* One assignment, as "STATUS=drained". */
void ksrtpd_notify_say(const char *state);
/* Says that the agent ends. */
void ksrtpd_notify_end(struct ksrtpd_notify *notify);

#endif /* KSRTPD_NOTIFY_H */
