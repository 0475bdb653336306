// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>

#include "failure.h"

int ksrtpd_fail(struct ksrtpd_failure *failure, const char *reason, const char *format, ...)
{
	va_list args;
	char *p;

	failure->reason = reason;
	va_start(args, format);
	vsnprintf(failure->message, sizeof(failure->message), format, args);
	va_end(args);

	for (p = failure->message; *p; p++) {
		if (*p < 0x20 || *p >= 0x7f)
			*p = '?';
	}
	return -1;
}
