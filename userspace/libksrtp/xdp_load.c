// SPDX-License-Identifier: GPL-2.0
/*
 * Load the BPF programs and pin them. libbpf finds the module's kfuncs in the
 * module's BTF; what can be missing is asked for first, so that the caller gets
 * a sentence instead of a log.
 */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "ksrtp.skel.h"
#include "xdp_int.h"

#define MODULE		"/sys/module/ksrtp"
#define MODULE_BTF	"/sys/kernel/btf/ksrtp"
#define KERNEL_BTF	"/sys/kernel/btf/vmlinux"

#define LOG_LEN		65536
#define LOG_TAIL	800	/* the verdict stands at the end */

/* libbpf has one print function for all; it is ours only under this lock. */
static pthread_mutex_t print_lock = PTHREAD_MUTEX_INITIALIZER;
static char last_warning[256];

static int keep_warning(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level == LIBBPF_WARN)
		vsnprintf(last_warning, sizeof(last_warning), format, args);
	return 0;
}

static int has_cap_sys_admin(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

	if (syscall(SYS_capget, &head, data))
		return 0;
	return !!(data[CAP_SYS_ADMIN / 32].effective & (1U << CAP_SYS_ADMIN % 32));
}

static int check(const struct xdp_why *why)
{
	if (!has_cap_sys_admin())
		return ksrtp_xdp_say(why, -EPERM, "loading the XDP program needs CAP_SYS_ADMIN, "
				     "because the kernel demands it to look up a module's functions");
	if (access(KERNEL_BTF, R_OK))
		return ksrtp_xdp_say(why, -EOPNOTSUPP,
				     "this kernel has no BTF (" KERNEL_BTF "), so no XDP");
	if (!access(MODULE_BTF, R_OK))
		return 0;
	if (access(MODULE, F_OK))
		return ksrtp_xdp_say(why, -ENOENT,
				     "the module is not loaded: run 'modprobe ksrtp'");
	return ksrtp_xdp_say(why, -ENOENT, "the module was loaded without its BTF (" MODULE_BTF
			     " is missing): it was built for another kernel, rebuild it for this one");
}

static int say_refused(const struct xdp_why *why, int err, const char *log)
{
	size_t len = strlen(log);
	const char *tail = log;

	if (len > LOG_TAIL) {
		tail = strchr(log + len - LOG_TAIL, '\n');
		tail = tail ? tail + 1 : log + len - LOG_TAIL;
	}
	if (len)
		return ksrtp_xdp_say(why, err, "the kernel's verifier refused the XDP program: %s",
				     tail);
	last_warning[strcspn(last_warning, "\n")] = '\0';
	return ksrtp_xdp_say(why, err, "cannot load the XDP program: %s%s%s", strerror(-err),
			     last_warning[0] ? ": " : "", last_warning);
}

static int load(struct ksrtp_bpf *skel, const struct xdp_why *why)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	char *log;
	int err;

	log = calloc(1, LOG_LEN);
	if (!log)
		return ksrtp_xdp_say(why, -ENOMEM, "out of memory");
	bpf_program__set_log_buf(skel->progs.ksrtp_xdp, log, LOG_LEN);
	err = ksrtp_bpf__load(skel);
	if (err)
		err = say_refused(why, err, log);
	bpf_program__set_log_buf(skel->progs.ksrtp_xdp, NULL, 0);
	free(log);
	if (err)
		return err;
	if (bpf_obj_get_info_by_fd(bpf_program__fd(skel->progs.ksrtp_xdp), &info, &len))
		return ksrtp_xdp_say(why, -errno, "cannot ask for the program's id: %s",
				     strerror(errno));
	skel->bss->ksrtp_xdp_id = info.id;
	err = ksrtp_bpf__attach(skel);
	if (err)
		return ksrtp_xdp_say(why, err, "cannot attach to the kernel's XDP tracepoints: %s",
				     strerror(-err));
	return 0;
}

/* The program last: its pin says that the others are there. */
static int pin_all(const struct xdp_pins *pins, const struct ksrtp_bpf *skel,
		   const struct xdp_why *why)
{
	const struct {
		const char *name;
		int fd;
	} pin[] = {
		{ XDP_PIN_VERDICTS, bpf_map__fd(skel->maps.ksrtp_verdicts) },
		{ XDP_PIN_EGRESS, bpf_map__fd(skel->maps.ksrtp_egress) },
		{ "tp-redirect-err", bpf_link__fd(skel->links.ksrtp_redirect_err) },
		{ "tp-devmap-xmit", bpf_link__fd(skel->links.ksrtp_devmap_xmit) },
		{ "tp-exception", bpf_link__fd(skel->links.ksrtp_exception) },
		{ XDP_PIN_PROG, bpf_program__fd(skel->progs.ksrtp_xdp) },
	};
	size_t i;
	int err;

	for (i = 0; i < sizeof(pin) / sizeof(pin[0]); i++) {
		err = ksrtp_xdp_pin_put(pins, pin[i].name, pin[i].fd);
		if (err)
			return ksrtp_xdp_say(why, err, "cannot pin %s in %s: %s", pin[i].name,
					     pins->path, strerror(-err));
	}
	return 0;
}

static int load_and_pin(const struct xdp_pins *pins, const struct xdp_why *why)
{
	struct ksrtp_bpf *skel;
	int err, fd;

	skel = ksrtp_bpf__open();
	if (!skel) {
		err = -errno;
		return ksrtp_xdp_say(why, err, "cannot open the XDP program: %s", strerror(-err));
	}
	/* ksrtp_bpf__attach() is for the tracepoints; devices come later. */
	bpf_program__set_autoattach(skel->progs.ksrtp_xdp, false);
	err = load(skel, why);
	if (!err)
		err = pin_all(pins, skel, why);
	ksrtp_bpf__destroy(skel);
	if (err)
		return err;
	fd = ksrtp_xdp_pin_get(pins, XDP_PIN_PROG);
	if (fd < 0)
		return ksrtp_xdp_say(why, fd, "cannot open %s/" XDP_PIN_PROG ": %s", pins->path,
				     strerror(-fd));
	return fd;
}

int ksrtp_xdp_load(const struct xdp_pins *pins, const struct xdp_why *why)
{
	libbpf_print_fn_t print;
	int fd;

	fd = ksrtp_xdp_pin_get(pins, XDP_PIN_PROG);
	if (fd >= 0)
		return fd;
	if (fd != -ENOENT)
		return ksrtp_xdp_say(why, fd, "cannot open %s/" XDP_PIN_PROG ": %s", pins->path,
				     strerror(-fd));
	fd = check(why);
	if (fd)
		return fd;
	/* Pins without the program are what an interrupted load left. */
	ksrtp_xdp_pins_sweep(pins);

	pthread_mutex_lock(&print_lock);
	last_warning[0] = '\0';
	print = libbpf_set_print(keep_warning);
	fd = load_and_pin(pins, why);
	libbpf_set_print(print);
	pthread_mutex_unlock(&print_lock);
	return fd;
}
