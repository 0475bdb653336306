// SPDX-License-Identifier: GPL-2.0
/*
 * What keeps programs, maps and links alive after the process: pins in the BPF
 * file system, all in one folder.
 *
 *	xdp verdicts egress	the XDP program, its maps
 *	tp-*			links of the programs that count losses
 *	link-NETNS-IFINDEX	link of the XDP program to a device
 *	keep			the XDP program again, where it was loaded for its own sake
 *
 * The program holds the module. So when the last device is detached nothing
 * stays, and the module can be unloaded; unless `keep` says that devices will come.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <linux/magic.h>

#include <bpf/bpf.h>

#include "xdp_int.h"

#define BPFFS		"/sys/fs/bpf"
#define BPFFS_OF_FIRST	"/proc/1/root" BPFFS
#define FOLDER		"ksrtp"
#define LINK_PREFIX	"link-"
#define REFCNT		"/sys/module/ksrtp/refcnt"

int ksrtp_xdp_say(const struct xdp_why *why, int err, const char *format, ...)
{
	va_list args;

	if (why->text && why->len) {
		va_start(args, format);
		vsnprintf(why->text, why->len, format, args);
		va_end(args);
	}
	return err;
}

static int is_bpffs(const char *path)
{
	struct statfs st;

	return !statfs(path, &st) && (unsigned long)st.f_type == BPF_FS_MAGIC;
}

static int same_file(const char *a, const char *b)
{
	struct stat sa, sb;

	return !stat(a, &sa) && !stat(b, &sb) && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

/*
 * A file system of its own in a mount namespace of its own would take the link
 * along when the process ends. So the first process's is preferred, and one is
 * mounted only where the first process sees it.
 */
static const char *find_bpffs(int create)
{
	if (is_bpffs(BPFFS_OF_FIRST))
		return same_file(BPFFS, BPFFS_OF_FIRST) ? BPFFS : BPFFS_OF_FIRST;
	if (is_bpffs(BPFFS))
		return BPFFS;
	if (create && same_file("/proc/self/ns/mnt", "/proc/1/ns/mnt") &&
	    !mount("bpf", BPFFS, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700"))
		return BPFFS;
	return NULL;
}

int ksrtp_xdp_pins_open(struct xdp_pins *pins, int create, const struct xdp_why *why)
{
	const char *fs = find_bpffs(create);

	if (!fs)
		return ksrtp_xdp_say(why, -ENOENT, "no BPF file system at " BPFFS
				     ": as root run 'mount -t bpf bpf " BPFFS "' on the host");
	snprintf(pins->path, sizeof(pins->path), "%s/" FOLDER, fs);
	if (create && mkdir(pins->path, 0700) && errno != EEXIST)
		return ksrtp_xdp_say(why, -errno, "cannot make %s: %s", pins->path,
				     strerror(errno));
	pins->fd = open(pins->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (pins->fd < 0)
		return ksrtp_xdp_say(why, -errno, "cannot open %s: %s", pins->path,
				     strerror(errno));
	while (flock(pins->fd, LOCK_EX)) {
		int err = -errno;

		if (err == -EINTR)
			continue;
		close(pins->fd);
		return ksrtp_xdp_say(why, err, "cannot lock %s: %s", pins->path, strerror(-err));
	}
	return 0;
}

void ksrtp_xdp_pins_close(struct xdp_pins *pins)
{
	close(pins->fd);
	pins->fd = -1;
}

static void pin_path(const struct xdp_pins *pins, const char *name, char *path, size_t len)
{
	snprintf(path, len, "%s/%s", pins->path, name);
}

int ksrtp_xdp_pin_get(const struct xdp_pins *pins, const char *name)
{
	char path[384];
	int fd;

	pin_path(pins, name, path, sizeof(path));
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

int ksrtp_xdp_pin_put(const struct xdp_pins *pins, const char *name, int fd)
{
	char path[384];

	pin_path(pins, name, path, sizeof(path));
	return bpf_obj_pin(fd, path) ? -errno : 0;
}

void ksrtp_xdp_pin_del(const struct xdp_pins *pins, const char *name)
{
	char path[384];

	pin_path(pins, name, path, sizeof(path));
	unlink(path);
}

uint32_t ksrtp_xdp_pin_name(unsigned int ifindex, char *name, size_t len)
{
	struct stat st;

	/* Of the thread, which alone may have been moved there. */
	if (stat("/proc/thread-self/ns/net", &st))
		return 0;
	if (name)
		snprintf(name, len, LINK_PREFIX "%u-%u", (unsigned int)st.st_ino, ifindex);
	return (uint32_t)st.st_ino;
}

/* Is the link's device still there? */
static int link_lives(const struct xdp_pins *pins, const char *name)
{
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);
	int fd = ksrtp_xdp_pin_get(pins, name);
	int lives;

	if (fd < 0)
		return 0;
	lives = !bpf_obj_get_info_by_fd(fd, &info, &len) && info.xdp.ifindex;
	close(fd);
	return lives;
}

static long module_users(void)
{
	FILE *f = fopen(REFCNT, "re");
	long n = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%ld", &n) != 1)
		n = 0;
	fclose(f);
	return n;
}

/* The kernel lets go of the module a grace period later; who detaches may want to unload. */
static void await_release(long before)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	int i;

	for (i = 0; i < 300 && before && module_users() >= before; i++)
		nanosleep(&pause, NULL);
}

void ksrtp_xdp_pins_sweep(const struct xdp_pins *pins)
{
	long before = module_users();
	struct dirent *entry;
	int live = 0, had = 0;
	DIR *dir;

	dir = opendir(pins->path);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (!strcmp(entry->d_name, XDP_PIN_KEEP))
			live++;
		if (strncmp(entry->d_name, LINK_PREFIX, strlen(LINK_PREFIX)))
			continue;
		if (link_lives(pins, entry->d_name))
			live++;
		else
			ksrtp_xdp_pin_del(pins, entry->d_name);
	}
	if (!live) {
		rewinddir(dir);
		while ((entry = readdir(dir))) {
			if (entry->d_name[0] == '.')
				continue;
			had |= !strcmp(entry->d_name, XDP_PIN_PROG);
			ksrtp_xdp_pin_del(pins, entry->d_name);
		}
	}
	closedir(dir);
	if (had)
		await_release(before);
}

int ksrtp_xdp_pins_detach(const struct xdp_pins *pins)
{
	struct dirent *entry;
	int err = 0, fd;
	DIR *dir;

	dir = opendir(pins->path);
	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, LINK_PREFIX, strlen(LINK_PREFIX)))
			continue;
		fd = ksrtp_xdp_pin_get(pins, entry->d_name);
		/* A link whose device is gone is detached already (ENOLINK). */
		if (fd >= 0 && bpf_link_detach(fd) && errno != ENOLINK && !err)
			err = -errno;
		if (fd >= 0)
			close(fd);
		if (!err)
			ksrtp_xdp_pin_del(pins, entry->d_name);
	}
	closedir(dir);
	return err;
}
