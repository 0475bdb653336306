// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log.h"
#include "notify.h"

struct ksrtpd_notify {
	struct event *alive;	/* NULL: no watchdog */
};

void ksrtpd_notify_say(const char *state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path ? strlen(path) : 0;
	int fd;

	if (!len || len >= sizeof(addr.sun_path) || !strchr("/@", *path))
		return;
	memcpy(addr.sun_path, path, len);
	if (*path == '@')
		addr.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&addr,
			     offsetof(struct sockaddr_un, sun_path) + len) < 0)
		ksrtpd_warning("the service manager cannot be told %s: %s", state, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void on_alive(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	ksrtpd_notify_say("WATCHDOG=1");
}

/* Microseconds that it may be silent; 0: no watchdog, or not for this process. */
static unsigned long long watchdog(void)
{
	const char *pid = getenv("WATCHDOG_PID"), *limit = getenv("WATCHDOG_USEC");

	if (pid && strtoul(pid, NULL, 10) != (unsigned long)getpid())
		return 0;
	return limit ? strtoull(limit, NULL, 10) : 0;
}

struct ksrtpd_notify *ksrtpd_notify_start(struct event_base *base)
{
	struct ksrtpd_notify *notify = calloc(1, sizeof(*notify));
	unsigned long long every = watchdog() / 2;
	const struct timeval after = { .tv_sec = every / 1000000, .tv_usec = every % 1000000 };

	if (!notify)
		return NULL;
	if (every) {
		notify->alive = event_new(base, -1, EV_PERSIST, on_alive, notify);
		if (!notify->alive || event_add(notify->alive, &after)) {
			ksrtpd_notify_end(notify);
			return NULL;
		}
	}
	ksrtpd_notify_say("READY=1");
	return notify;
}

void ksrtpd_notify_end(struct ksrtpd_notify *notify)
{
	if (!notify)
		return;
	ksrtpd_notify_say("STOPPING=1");
	if (notify->alive)
		event_free(notify->alive);
	free(notify);
}
