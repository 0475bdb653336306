// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"

#define JOURNAL	"/run/systemd/journal/socket"

static const char *const names[] = {
	[KSRTPD_LOG_ERROR] = "error",
	[KSRTPD_LOG_WARNING] = "warning",
	[KSRTPD_LOG_INFO] = "info",
	[KSRTPD_LOG_DEBUG] = "debug",
};

/* Syslog's numbers, which journald sorts by. */
static const int priorities[] = {
	[KSRTPD_LOG_ERROR] = 3,
	[KSRTPD_LOG_WARNING] = 4,
	[KSRTPD_LOG_INFO] = 6,
	[KSRTPD_LOG_DEBUG] = 7,
};

static enum ksrtpd_log_level limit = KSRTPD_LOG_INFO;
static bool to_journal;
static int journal = -1;	/* for entries with fields */

/* Is stderr journald's? Its environment may have come down to us while stderr did not. */
static bool is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 && !fstat(STDERR_FILENO, &st) &&
	       st.st_dev == dev && st.st_ino == ino;
}

void ksrtpd_log_init(enum ksrtpd_log_level level)
{
	const struct sockaddr_un addr = { .sun_family = AF_UNIX, .sun_path = JOURNAL };

	limit = level;
	to_journal = is_journal();
	if (!to_journal || journal >= 0)
		return;
	journal = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (journal >= 0 && connect(journal, (const struct sockaddr *)&addr, sizeof(addr))) {
		close(journal);
		journal = -1;
	}
}

/* Nothing that a peer's text brought along ends a line or a field. */
static void flatten(char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
	}
}

static int prefix(const struct ksrtpd_log_about *about, char *to, size_t size)
{
	if (about && about->call)
		return snprintf(to, size, "call %s: ", about->call);
	if (about && about->leg)
		return snprintf(to, size, "leg %u: ", about->leg);
	return 0;
}

/* systemd's native protocol: FIELD=VALUE and a newline each. */
static bool tell_journal(enum ksrtpd_log_level level, const struct ksrtpd_log_about *about,
			 const char *line)
{
	char entry[1024], call[128] = "", leg[32] = "", reason[128] = "";
	int len;

	if (about && about->call) {
		snprintf(call, sizeof(call), "KSRTP_CALL=%s", about->call);
		flatten(call);
		strcat(call, "\n");
	}
	if (about && about->leg)
		snprintf(leg, sizeof(leg), "KSRTP_LEG=%u\n", about->leg);
	if (about && about->reason && *about->reason)
		snprintf(reason, sizeof(reason), "KSRTP_REASON=%s\n", about->reason);
	len = snprintf(entry, sizeof(entry), "PRIORITY=%d\nSYSLOG_IDENTIFIER=ksrtpd\n%s%s%sMESSAGE=%s\n",
		       priorities[level], call, leg, reason, line);
	return send(journal, entry, (size_t)len, MSG_NOSIGNAL) == len;
}

void ksrtpd_log(enum ksrtpd_log_level level, const struct ksrtpd_log_about *about,
		const char *format, ...)
{
	char line[512];
	va_list args;
	int at;

	if (level > limit)
		return;
	at = prefix(about, line, sizeof(line));
	va_start(args, format);
	vsnprintf(line + at, sizeof(line) - (size_t)at, format, args);
	va_end(args);
	flatten(line);
	if (journal >= 0 && tell_journal(level, about, line))
		return;
	if (to_journal)
		fprintf(stderr, "<%d>%s\n", priorities[level], line);
	else
		fprintf(stderr, "ksrtpd: %s: %s\n", names[level], line);
}
