/* SPDX-License-Identifier: GPL-2.0 */
/* What went wrong, for programs and for people. */
#ifndef KSRTPD_FAILURE_H
#define KSRTPD_FAILURE_H

struct ksrtpd_failure {
	const char *reason;	/* a constant of PROTOCOL.md; NULL: nothing failed */
	char message[256];
};

/* Fills @failure and returns -1, so that callers can return it. What does not
 * print is replaced: a message may quote what a stranger sent.
 */
int ksrtpd_fail(struct ksrtpd_failure *failure, const char *reason, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif /* KSRTPD_FAILURE_H */
