/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an administrator has to see to: raised once and logged once, until it is cleared.
 * An alarm has a kind ("no-ports", "keyring") and a subject, such as the name of an interface.
 */
#ifndef KSRTPD_ALARM_H
#define KSRTPD_ALARM_H

#include <stdbool.h>

/* @raised: else it is over, and @message NULL. */
typedef void (*ksrtpd_alarm_cb)(const char *kind, const char *subject, bool raised,
				const char *message, void *arg);

/* Who else wants to know. */
void ksrtpd_alarm_watch(ksrtpd_alarm_cb cb, void *arg);
void ksrtpd_alarm_raise(const char *kind, const char *subject, const char *message);
void ksrtpd_alarm_clear(const char *kind, const char *subject);

#endif /* KSRTPD_ALARM_H */
