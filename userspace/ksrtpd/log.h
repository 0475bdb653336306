/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The log: one line each to stderr, or an entry with fields where that is journald's
 * (SYSLOG_IDENTIFIER=ksrtpd, KSRTP_CALL, KSRTP_LEG, KSRTP_REASON). It never gets key
 * material, and addresses of endpoints only at level debug.
 */
#ifndef KSRTPD_LOG_H
#define KSRTPD_LOG_H

#include <stdint.h>

enum ksrtpd_log_level {
	KSRTPD_LOG_ERROR,
	KSRTPD_LOG_WARNING,
	KSRTPD_LOG_INFO,
	KSRTPD_LOG_DEBUG,
};

/* What a line is about; it begins with the call's or the leg's name. */
struct ksrtpd_log_about {
	const char *call;	/* NULL: none */
	uint32_t leg;		/* of the datapath; 0: none */
	const char *reason;	/* of a failure, as in the API; NULL: none */
};

void ksrtpd_log_init(enum ksrtpd_log_level level);
void ksrtpd_log(enum ksrtpd_log_level level, const struct ksrtpd_log_about *about,
		const char *format, ...) __attribute__((format(printf, 3, 4)));

#define ksrtpd_error(...)	ksrtpd_log(KSRTPD_LOG_ERROR, NULL, __VA_ARGS__)
#define ksrtpd_warning(...)	ksrtpd_log(KSRTPD_LOG_WARNING, NULL, __VA_ARGS__)
#define ksrtpd_info(...)	ksrtpd_log(KSRTPD_LOG_INFO, NULL, __VA_ARGS__)
#define ksrtpd_debug(...)	ksrtpd_log(KSRTPD_LOG_DEBUG, NULL, __VA_ARGS__)

#define ksrtpd_log_call(level, name, why, ...)	ksrtpd_log(KSRTPD_LOG_##level, \
	&(const struct ksrtpd_log_about){ .call = (name), .reason = (why) }, __VA_ARGS__)
#define ksrtpd_log_leg(level, id, why, ...)	ksrtpd_log(KSRTPD_LOG_##level, \
	&(const struct ksrtpd_log_about){ .leg = (id), .reason = (why) }, __VA_ARGS__)

#endif /* KSRTPD_LOG_H */
