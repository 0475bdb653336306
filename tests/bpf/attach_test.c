// SPDX-License-Identifier: GPL-2.0
/*
 * ksrtp_xdp_attach(), _detach() and _status() of libksrtp: which mode, what is
 * said when it does not work, and that nothing stays behind that would hold the
 * module. Runs with the module loaded, and reloads it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <ksrtp/ksrtp.h>

#include "../unit/tap.h"

#define PINS	"/sys/fs/bpf/ksrtp"

static char why[512];

__attribute__((format(printf, 1, 2)))
static int run(const char *format, ...)
{
	char command[512];
	va_list args;
	int status;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	status = system(command);
	if (status)
		printf("# '%s' ended with %d\n", command, status);
	return status;
}

static unsigned int ifindex(const char *name)
{
	unsigned int index = if_nametoindex(name);

	if (!index)
		printf("# no device %s\n", name);
	return index;
}

static int attach(const char *name, enum ksrtp_xdp_mode mode)
{
	why[0] = '\0';
	return ksrtp_xdp_attach(ifindex(name), mode, why, sizeof(why));
}

static int detach(const char *name)
{
	why[0] = '\0';
	return ksrtp_xdp_detach(ifindex(name), why, sizeof(why));
}

static struct ksrtp_xdp_status status(const char *name)
{
	struct ksrtp_xdp_status s;
	int err;

	err = ksrtp_xdp_status(ifindex(name), &s);
	CHECK(!err, "status of %s: %s", name, strerror(-err));
	CHECK(!strcmp(s.ifname, name), "%s", s.ifname);
	return s;
}

/* Files in the folder of pins; 0 if there is no folder. */
static int pins(void)
{
	DIR *dir = opendir(PINS);
	struct dirent *entry;
	int n = 0;

	if (!dir)
		return 0;
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n;
}

static int unload(void)
{
	return syscall(SYS_delete_module, "ksrtp", O_NONBLOCK) ? -errno : 0;
}

static int load(void)
{
	const char *path = getenv("MODULE");
	char usual[256];
	struct utsname uts;
	int fd, err = 0;

	if (!path) {
		uname(&uts);
		snprintf(usual, sizeof(usual), "build/kmod/%s/ksrtp.ko", uts.release);
		path = usual;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

static __u32 kernel_says(const char *name, __u8 *mode)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);

	if (bpf_xdp_query(ifindex(name), 0, &query))
		return 0;
	*mode = query.attach_mode;
	return query.prog_id;
}

static void native(void)
{
	__u8 mode = 0;
	int got;

	got = attach("kx0", KSRTP_XDP_MODE_NONE);
	CHECK(got == KSRTP_XDP_MODE_NATIVE, "%d: %s", got, why);
	CHECK(kernel_says("kx0", &mode) && mode == XDP_ATTACHED_DRV, "mode %u", mode);
	CHECK(status("kx0").mode == KSRTP_XDP_MODE_NATIVE, "status");
	CHECK(status("kx1").mode == KSRTP_XDP_MODE_NONE, "status of the peer");
	CHECK(attach("kx0", KSRTP_XDP_MODE_NONE) == KSRTP_XDP_MODE_NATIVE, "again: %s", why);
	CHECK(attach("kx0", KSRTP_XDP_MODE_NATIVE) == KSRTP_XDP_MODE_NATIVE, "again: %s", why);
	got = attach("kx0", KSRTP_XDP_MODE_GENERIC);
	CHECK(got == -EBUSY && strstr(why, "kx0") && strstr(why, "native"), "%d: %s", got, why);
	tap_end("D3,D4", "a veth is attached natively, and once");

	got = unload();
	CHECK(got == -EBUSY || got == -EWOULDBLOCK, "unload: %s", strerror(-got));
	tap_end("O1", "the module does not unload while a program is attached");
}

static void last_one_cleans(void)
{
	int got;

	got = attach("ky0", KSRTP_XDP_MODE_NATIVE);
	CHECK(got == KSRTP_XDP_MODE_NATIVE, "%d: %s", got, why);
	CHECK(!detach("kx0"), "%s", why);
	CHECK(status("kx0").mode == KSRTP_XDP_MODE_NONE, "status after detach");
	CHECK(status("ky0").mode == KSRTP_XDP_MODE_NATIVE, "status of the other");
	CHECK(pins() > 0, "pins");
	got = unload();
	CHECK(got == -EBUSY || got == -EWOULDBLOCK, "unload: %s", strerror(-got));
	CHECK(!detach("ky0"), "%s", why);
	CHECK(!pins(), "%d pins left", pins());
	got = unload();
	CHECK(!got, "unload: %s", strerror(-got));
	tap_end("O1", "with the last device detached nothing is pinned and the module unloads");
}

static void without_module(void)
{
	int got;

	got = attach("kx0", KSRTP_XDP_MODE_NONE);
	CHECK(got == -ENOENT && strstr(why, "module is not loaded"), "%d: %s", got, why);
	CHECK(!pins(), "%d pins", pins());
	CHECK(status("kx0").mode == KSRTP_XDP_MODE_NONE, "status");
	got = load();
	CHECK(!got, "load: %s", strerror(-got));
	got = attach("kx0", KSRTP_XDP_MODE_NONE);
	CHECK(got == KSRTP_XDP_MODE_NATIVE, "%d: %s", got, why);
	CHECK(!detach("kx0"), "%s", why);
	tap_end("O1,D6", "without the module: a sentence; once it is loaded: attached");
}

static void generic(void)
{
	__u8 mode = 0;
	int got;

	got = attach("kdummy", KSRTP_XDP_MODE_NATIVE);
	CHECK(got == -EOPNOTSUPP && strstr(why, "kdummy") && strstr(why, "native"), "%d: %s", got,
	      why);
	CHECK(!pins(), "%d pins after a refusal", pins());
	got = attach("kdummy", KSRTP_XDP_MODE_NONE);
	CHECK(got == KSRTP_XDP_MODE_GENERIC, "%d: %s", got, why);
	CHECK(kernel_says("kdummy", &mode) && mode == XDP_ATTACHED_SKB, "mode %u", mode);
	CHECK(status("kdummy").mode == KSRTP_XDP_MODE_GENERIC, "status");
	CHECK(!detach("kdummy"), "%s", why);
	got = attach("kx0", KSRTP_XDP_MODE_GENERIC);
	CHECK(got == KSRTP_XDP_MODE_GENERIC, "%d: %s", got, why);
	CHECK(!detach("kx0"), "%s", why);
	tap_end("D3,D6", "generic where the driver has no native mode, and where it is asked for");
}

/* Loads the smallest program. */
static int other_program(void)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts);

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "somebody_elses", "GPL", insns, 2, &opts);
}

static void refused(void)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	char id[32];
	int got, fd;

	fd = other_program();
	CHECK(fd >= 0, "load: %s", strerror(errno));
	CHECK(!bpf_obj_get_info_by_fd(fd, &info, &len), "info");
	snprintf(id, sizeof(id), "id %u", info.id);
	CHECK(!bpf_xdp_attach(ifindex("kx0"), fd, XDP_FLAGS_DRV_MODE, NULL), "attach");
	got = attach("kx0", KSRTP_XDP_MODE_NONE);
	CHECK(got == -EBUSY && strstr(why, "somebody_elses") && strstr(why, id), "%d: %s", got, why);
	got = attach("kx0", KSRTP_XDP_MODE_GENERIC);
	CHECK(got < 0 && strstr(why, "somebody_elses"), "%d: %s", got, why);
	CHECK(status("kx0").mode == KSRTP_XDP_MODE_NONE, "another's program is not ours");
	got = detach("kx0");
	CHECK(got == -ENOENT && strstr(why, "kx0"), "%d: %s", got, why);
	CHECK(!bpf_xdp_detach(ifindex("kx0"), XDP_FLAGS_DRV_MODE, NULL), "detach");
	close(fd);
	CHECK(!pins(), "%d pins", pins());
	tap_end("D6", "another XDP program is named, and left alone");

	got = ksrtp_xdp_attach(999999, KSRTP_XDP_MODE_NONE, why, sizeof(why));
	CHECK(got == -ENODEV && strstr(why, "999999"), "%d: %s", got, why);
	got = ksrtp_xdp_attach(0, KSRTP_XDP_MODE_NONE, NULL, 0);
	CHECK(got == -ENODEV, "%d", got);
	got = ksrtp_xdp_detach(999999, why, sizeof(why));
	CHECK(got == -ENODEV && strstr(why, "999999"), "%d: %s", got, why);
	got = ksrtp_xdp_attach(ifindex("kx0"), 7, why, sizeof(why));
	CHECK(got == -EINVAL, "%d: %s", got, why);
	got = detach("kx0");
	CHECK(got == -ENOENT, "%d: %s", got, why);
	CHECK(!pins(), "%d pins", pins());
	tap_end("D6", "wrong device, wrong mode, not attached: refused with a sentence");
}

static int drop_capability(int cap)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		return -1;
	data[cap / 32].effective &= ~(1U << cap % 32);
	return (int)syscall(SYS_capset, &head, data);
}

/* In a process of its own: 0 when the refusal is as it should be. */
static int as_child(int (*check)(void))
{
	pid_t pid;
	int st;

	fflush(stdout);
	pid = fork();
	if (!pid)
		_exit(check());
	return waitpid(pid, &st, 0) == pid && WIFEXITED(st) ? WEXITSTATUS(st) : 127;
}

static int no_sys_admin(void)
{
	if (drop_capability(CAP_SYS_ADMIN))
		return 2;
	if (attach("kx0", KSRTP_XDP_MODE_NONE) == -EPERM && strstr(why, "CAP_SYS_ADMIN"))
		return 0;
	printf("# %s\n", why);
	return 1;
}

/* Who may not open the pins may not attach, whatever is loaded. */
static int as_nobody(void)
{
	int got;

	if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
		return 2;
	got = attach("ky0", KSRTP_XDP_MODE_NONE);
	if ((got == -EACCES || got == -EPERM) && strstr(why, PINS))
		return 0;
	printf("# %d: %s\n", got, why);
	return 1;
}

/* As `ip netns exec` does it: a mount namespace with a new /sys. */
static int attach_hidden(void)
{
	if (unshare(CLONE_NEWNS) || mount("", "/", NULL, MS_SLAVE | MS_REC, NULL) ||
	    umount2("/sys", MNT_DETACH) || mount("sysfs", "/sys", "sysfs", 0, NULL))
		return 2;
	if (attach("kx0", KSRTP_XDP_MODE_NATIVE) == KSRTP_XDP_MODE_NATIVE)
		return 0;
	printf("# %s\n", why);
	return 1;
}

static int detach_hidden(void)
{
	if (unshare(CLONE_NEWNS) || mount("", "/", NULL, MS_SLAVE | MS_REC, NULL) ||
	    umount2("/sys", MNT_DETACH) || mount("sysfs", "/sys", "sysfs", 0, NULL))
		return 2;
	return !!detach("kx0");
}

static void privileges(void)
{
	int got;

	CHECK(!as_child(no_sys_admin), "without CAP_SYS_ADMIN");
	CHECK(!pins(), "%d pins", pins());
	CHECK(attach("kx0", KSRTP_XDP_MODE_NATIVE) > 0, "%s", why);
	CHECK(!as_child(as_nobody), "as nobody");
	CHECK(status("ky0").mode == KSRTP_XDP_MODE_NONE, "attached all the same");
	CHECK(!detach("kx0"), "%s", why);
	tap_end("D6", "without the capability or the right to the pins: refused with a sentence");

	CHECK(!as_child(attach_hidden), "attach");
	CHECK(status("kx0").mode == KSRTP_XDP_MODE_NATIVE, "gone with the process");
	CHECK(!as_child(detach_hidden), "detach");
	CHECK(status("kx0").mode == KSRTP_XDP_MODE_NONE, "still there");
	CHECK(!pins(), "%d pins", pins());
	got = unload();
	CHECK(!got, "unload: %s", strerror(-got));
	CHECK(!load(), "load");
	tap_end("O2", "attaching outlives a process with a /sys of its own (ip netns exec)");
}

static int in_other_netns(void)
{
	/* The index is that of kx0 outside. */
	unsigned int index = ifindex("kx0");

	if (unshare(CLONE_NEWNET) ||
	    run("ip link add kother index %u type veth peer name kother1", index))
		return 2;
	if (attach("kother", KSRTP_XDP_MODE_NATIVE) != KSRTP_XDP_MODE_NATIVE)
		return 3;
	if (pins() != 8)
		return 4;
	/* The namespace goes with the process, and its devices with it. */
	return 0;
}

static int no_link_lives(void)
{
	DIR *dir = opendir(PINS);
	struct dirent *entry;
	int live = 0;

	if (!dir)
		return 1;
	while ((entry = readdir(dir)))
		live += !strncmp(entry->d_name, "link-", 5);
	closedir(dir);
	return !live;
}

static void gone_devices(void)
{
	int got, i;

	CHECK(attach("kx0", KSRTP_XDP_MODE_NATIVE) > 0, "%s", why);
	got = as_child(in_other_netns);
	CHECK(!got, "other netns: %d", got);
	CHECK(status("kx0").mode == KSRTP_XDP_MODE_NATIVE, "the device of the same index here");
	/* Namespaces are taken down in the background. */
	for (i = 0; i < 50 && pins() > 7; i++) {
		usleep(100000);
		CHECK(attach("ky0", KSRTP_XDP_MODE_NATIVE) > 0, "%s", why);
		CHECK(!detach("ky0"), "%s", why);
	}
	CHECK(pins() == 7, "%d pins", pins());
	CHECK(!detach("kx0"), "%s", why);
	CHECK(!pins(), "%d pins", pins());
	tap_end("D6,O2", "devices of one index in two network namespaces do not meet");

	CHECK(attach("kz0", KSRTP_XDP_MODE_NATIVE) > 0, "%s", why);
	got = (int)ifindex("kz0");
	CHECK(!run("ip link del kz0"), "del");
	CHECK(!no_link_lives(), "the pin of a device that is gone stays until somebody looks");
	got = ksrtp_xdp_detach(got, why, sizeof(why));
	CHECK(got == -ENODEV, "%d: %s", got, why);
	CHECK(!pins(), "%d pins", pins());
	got = unload();
	CHECK(!got, "unload: %s", strerror(-got));
	CHECK(!load(), "load");
	tap_end("O1", "what a deleted device left is removed");
}

/* Sends ARP-like frames out of @name. */
static int send_frames(const char *name, int n)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET, .sll_ifindex = (int)ifindex(name), .sll_halen = 6,
		.sll_addr = { 255, 255, 255, 255, 255, 255 },
	};
	unsigned char frame[60] = { 255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 9, 0x88, 0xb5 };
	int fd, i, sent = 0;

	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	for (i = 0; i < n; i++)
		sent += sendto(fd, frame, sizeof(frame), 0, (struct sockaddr *)&to, sizeof(to)) ==
			sizeof(frame);
	close(fd);
	return sent;
}

static void counters(void)
{
	struct ksrtp_xdp_status before, after;
	int i;

	CHECK(attach("kx0", KSRTP_XDP_MODE_NATIVE) > 0, "%s", why);
	usleep(200000);
	before = status("kx0");
	CHECK(send_frames("kx1", 25) == 25, "send");
	for (i = 0; i < 50; i++) {
		after = status("kx0");
		if (after.pass_other >= before.pass_other + 25)
			break;
		usleep(20000);
	}
	/* The kernel sends router solicitations of its own. */
	CHECK(after.pass_other - before.pass_other >= 25 &&
	      after.pass_other - before.pass_other < 35, "%llu",
	      (unsigned long long)(after.pass_other - before.pass_other));
	CHECK(after.pass == before.pass && after.drop == before.drop && after.tx == before.tx &&
	      after.redirect == before.redirect && after.error == before.error, "others moved");
	CHECK(!detach("kx0"), "%s", why);
	tap_end("D6", "what is passed as not ours is counted");
}

int main(void)
{
	tap.datapath = "xdp";
	if (unshare(CLONE_NEWNET) || run("ip link set lo up") ||
	    run("ip link add kx0 type veth peer name kx1") ||
	    run("ip link add ky0 type veth peer name ky1") ||
	    run("ip link add kz0 type veth peer name kz1") ||
	    run("ip link add kdummy type dummy") ||
	    run("for d in kx0 kx1 ky0 ky1 kz0 kz1 kdummy; do ip link set $d up; done")) {
		printf("Bail out! no devices\n");
		return 1;
	}
	native();
	last_one_cleans();
	without_module();
	generic();
	refused();
	privileges();
	gone_devices();
	counters();
	return tap_done();
}
