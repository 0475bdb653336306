// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control_listen.h"

#define BACKLOG	128
#define REASON	"control-socket"

static void make_folder(const char *path)
{
	char folder[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char *slash;

	strcpy(folder, path);
	slash = strrchr(folder, '/');
	if (!slash || slash == folder)
		return;
	*slash = '\0';
	/* If it cannot be made, bind() says so in a moment. */
	(void)!mkdir(folder, 0755);
}

/* Is somebody listening there? */
static bool answers(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok = fd >= 0 && !connect(fd, (const struct sockaddr *)addr, sizeof(*addr));

	if (fd >= 0)
		close(fd);
	return ok;
}

static int remove_stale(const struct sockaddr_un *addr, struct ksrtpd_failure *failure)
{
	struct stat st;

	if (lstat(addr->sun_path, &st))
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return ksrtpd_fail(failure, REASON, "%s is there and no socket", addr->sun_path);
	if (answers(addr))
		return ksrtpd_fail(failure, REASON, "%s: another agent answers there", addr->sun_path);
	if (unlink(addr->sun_path) && errno != ENOENT)
		return ksrtpd_fail(failure, REASON, "%s: %s", addr->sun_path, strerror(errno));
	return 0;
}

int ksrtpd_control_listen(const char *path, gid_t gid, struct ksrtpd_failure *failure)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	mode_t mask;
	int fd, err;

	if (strlen(path) >= sizeof(addr.sun_path))
		return ksrtpd_fail(failure, REASON, "%s: the path is too long", path);
	strcpy(addr.sun_path, path);
	make_folder(path);
	if (remove_stale(&addr, failure))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return ksrtpd_fail(failure, REASON, "no socket: %s", strerror(errno));
	/* From its first moment on nobody else can open it. */
	mask = umask(0177);
	err = bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ? errno : 0;
	umask(mask);
	if (!err && gid != (gid_t)-1 && (chown(path, -1, gid) || chmod(path, 0660)))
		err = errno;
	if (!err && listen(fd, BACKLOG))
		err = errno;
	if (err) {
		close(fd);
		return ksrtpd_fail(failure, REASON, "%s: %s", path, strerror(err));
	}
	return fd;
}
