/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The log: one line each to stderr. It never gets key material, and addresses of
 * endpoints only at level debug.
 */
#ifndef KSRTPD_LOG_H
#define KSRTPD_LOG_H

enum ksrtpd_log_level {
	KSRTPD_LOG_ERROR,
	KSRTPD_LOG_WARNING,
	KSRTPD_LOG_INFO,
	KSRTPD_LOG_DEBUG,
};

void ksrtpd_log_init(enum ksrtpd_log_level level);
void ksrtpd_log(enum ksrtpd_log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define ksrtpd_error(...)	ksrtpd_log(KSRTPD_LOG_ERROR, __VA_ARGS__)
#define ksrtpd_warning(...)	ksrtpd_log(KSRTPD_LOG_WARNING, __VA_ARGS__)
#define ksrtpd_info(...)	ksrtpd_log(KSRTPD_LOG_INFO, __VA_ARGS__)
#define ksrtpd_debug(...)	ksrtpd_log(KSRTPD_LOG_DEBUG, __VA_ARGS__)

#endif /* KSRTPD_LOG_H */
