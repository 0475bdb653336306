// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "alarm.h"
#include "log.h"

#define ALARMS_MAX	64
#define TEXT		48

static struct {
	bool raised;
	char kind[TEXT], subject[TEXT];
} alarms[ALARMS_MAX];

static struct {
	ksrtpd_alarm_cb cb;
	void *arg;
} watcher;

void ksrtpd_alarm_watch(ksrtpd_alarm_cb cb, void *arg)
{
	watcher.cb = cb;
	watcher.arg = arg;
}

/* The place of this alarm, or a free one; -1 when there is neither. */
static int place_of(const char *kind, const char *subject)
{
	int i, free_one = -1;

	for (i = 0; i < ALARMS_MAX; i++) {
		if (!alarms[i].raised)
			free_one = free_one < 0 ? i : free_one;
		else if (!strcmp(alarms[i].kind, kind) && !strcmp(alarms[i].subject, subject))
			return i;
	}
	return free_one;
}

void ksrtpd_alarm_raise(const char *kind, const char *subject, const char *message)
{
	int i = place_of(kind, subject);

	if (i < 0 || alarms[i].raised)
		return;
	alarms[i].raised = true;
	snprintf(alarms[i].kind, TEXT, "%s", kind);
	snprintf(alarms[i].subject, TEXT, "%s", subject);
	ksrtpd_error("alarm %s: %s", kind, message);
	if (watcher.cb)
		watcher.cb(kind, subject, true, message, watcher.arg);
}

void ksrtpd_alarm_clear(const char *kind, const char *subject)
{
	int i = place_of(kind, subject);

	if (i < 0 || !alarms[i].raised)
		return;
	alarms[i].raised = false;
	ksrtpd_info("alarm %s is over: %s", kind, subject);
	if (watcher.cb)
		watcher.cb(kind, subject, false, NULL, watcher.arg);
}
