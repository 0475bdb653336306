// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

static const char *const names[] = {
	[KSRTPD_LOG_ERROR] = "error",
	[KSRTPD_LOG_WARNING] = "warning",
	[KSRTPD_LOG_INFO] = "info",
	[KSRTPD_LOG_DEBUG] = "debug",
};

/* Syslog's numbers, with which journald sorts what a service prints. */
static const int priorities[] = {
	[KSRTPD_LOG_ERROR] = 3,
	[KSRTPD_LOG_WARNING] = 4,
	[KSRTPD_LOG_INFO] = 6,
	[KSRTPD_LOG_DEBUG] = 7,
};

static enum ksrtpd_log_level limit = KSRTPD_LOG_INFO;
static bool to_journal;

void ksrtpd_log_init(enum ksrtpd_log_level level)
{
	limit = level;
	to_journal = getenv("JOURNAL_STREAM") != NULL;
}

void ksrtpd_log(enum ksrtpd_log_level level, const char *format, ...)
{
	char line[512], *p;
	va_list args;

	if (level > limit)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	/* One entry is one line, whatever a peer's text brought along. */
	for (p = line; *p; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	}
	if (to_journal)
		fprintf(stderr, "<%d>%s\n", priorities[level], line);
	else
		fprintf(stderr, "ksrtpd: %s: %s\n", names[level], line);
}
