/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TAP for test programs in C.
 *
 *	int main(void)
 *	{
 *		CHECK(parse(p, 3) == -EINVAL, "row %d", i);	any number
 *		tap_end("S2", "short packets are refused");	one TAP line
 *		return tap_done();
 *	}
 *
 * tap_end() says `not ok` when a CHECK since the last one failed, followed by
 * what each of them saw. Several objects of one program share the count.
 */
#ifndef KSRTP_TAP_H
#define KSRTP_TAP_H

#include <stdarg.h>
#include <stdio.h>

#define TAP_DIAG_LEN	4096

struct tap {
	unsigned int tests, failed, bad, checks;
	const char *datapath;
	char diag[TAP_DIAG_LEN];
	size_t diag_len;
};

/* Weak: one for the whole program, whichever object it comes from. */
__attribute__((weak)) struct tap tap = { .datapath = "core" };

#define CHECK(cond, ...) \
	((cond) ? (void)tap.checks++ : tap_fail(__FILE__, __LINE__, #cond, __VA_ARGS__))

__attribute__((format(printf, 1, 0)))
static inline void tap_diag(const char *fmt, va_list ap)
{
	size_t room = TAP_DIAG_LEN - tap.diag_len;
	int n = vsnprintf(tap.diag + tap.diag_len, room, fmt, ap);

	if (n > 0)
		tap.diag_len += (size_t)n < room ? (size_t)n : room - 1;
}

__attribute__((format(printf, 1, 2)))
static inline void tap_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tap_diag(fmt, ap);
	va_end(ap);
}

__attribute__((format(printf, 4, 5)))
static inline void tap_fail(const char *file, int line, const char *what, const char *fmt, ...)
{
	va_list ap;

	tap.checks++;
	/* The first ones tell most; a random test can fail a million times. */
	if (tap.bad++ >= 10)
		return;
	tap_say("# %s:%d: %s: ", file, line, what);
	va_start(ap, fmt);
	tap_diag(fmt, ap);
	va_end(ap);
	tap_say("\n");
}

/* Ends a test. @rows: a comma list, or NULL for those of the suite. */
__attribute__((format(printf, 2, 3)))
static inline void tap_end(const char *rows, const char *fmt, ...)
{
	va_list ap;

	/* A test that checked nothing shows nothing. */
	if (!tap.checks)
		tap_fail(__FILE__, __LINE__, "checks", "nothing was checked");
	printf("%sok %u - ", tap.bad ? "not " : "", ++tap.tests);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	if (rows)
		printf(" # rows=%s datapath=%s", rows, tap.datapath);
	putchar('\n');
	if (tap.bad) {
		fwrite(tap.diag, 1, tap.diag_len, stdout);
		printf("# %u of %u checks failed\n", tap.bad, tap.checks);
		tap.failed++;
	}
	fflush(stdout);
	tap.bad = 0;
	tap.checks = 0;
	tap.diag_len = 0;
}

/* Ends a test that cannot be made here. */
static inline void tap_skip(const char *name, const char *reason)
{
	printf("ok %u - %s # SKIP %s\n", ++tap.tests, name, reason);
	fflush(stdout);
}

/* The plan; the exit status of main(). */
static inline int tap_done(void)
{
	printf("1..%u\n", tap.tests);
	return tap.failed || !tap.tests;
}

#endif /* KSRTP_TAP_H */
