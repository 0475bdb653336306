// SPDX-License-Identifier: GPL-2.0
/* XDP of ksrtp.h: attach, detach, status. */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/if_link.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <ksrtp/ksrtp.h>
#include <ksrtp/maps.h>

#include "xdp_int.h"

struct device {
	unsigned int ifindex;
	char name[IF_NAMESIZE];
};

static int device_find(struct device *dev, unsigned int ifindex, const struct xdp_why *why)
{
	dev->ifindex = ifindex;
	if (ifindex && if_indextoname(ifindex, dev->name))
		return 0;
	return ksrtp_xdp_say(why, -ENODEV, "no network device with index %u here", ifindex);
}

static int device_mtu(const struct device *dev)
{
	struct ifreq req = {};
	int sock, mtu = 0;

	sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return 0;
	memcpy(req.ifr_name, dev->name, sizeof(dev->name));
	if (!ioctl(sock, SIOCGIFMTU, &req))
		mtu = req.ifr_mtu;
	close(sock);
	return mtu;
}

static enum ksrtp_xdp_mode mode_of(__u8 attach_mode)
{
	switch (attach_mode) {
	case XDP_ATTACHED_DRV:
		return KSRTP_XDP_MODE_NATIVE;
	case XDP_ATTACHED_SKB:
		return KSRTP_XDP_MODE_GENERIC;
	default:
		return KSRTP_XDP_MODE_NONE;
	}
}

static const char *mode_word(enum ksrtp_xdp_mode mode)
{
	return mode == KSRTP_XDP_MODE_GENERIC ? "generic" : "native";
}

static __u32 prog_id(int fd)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.id;
}

/* Names the program that is in the way. */
static int say_busy(const struct device *dev, int err, const struct xdp_why *why)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info), id;
	int fd;

	if (bpf_xdp_query(dev->ifindex, 0, &query))
		return ksrtp_xdp_say(why, err, "%s has another XDP program", dev->name);
	id = query.prog_id;
	if (!id)
		id = query.drv_prog_id ? query.drv_prog_id : query.skb_prog_id;
	fd = bpf_prog_get_fd_by_id(id);
	if (fd >= 0) {
		if (bpf_obj_get_info_by_fd(fd, &info, &len))
			info.name[0] = '\0';
		close(fd);
	}
	return ksrtp_xdp_say(why, err, "%s has another XDP program, %s (id %u): remove it first",
			     dev->name, info.name[0] ? info.name : "without a name", id);
}

static int say_not_attached(const struct device *dev, enum ksrtp_xdp_mode mode, int err,
			    const struct xdp_why *why)
{
	switch (err) {
	case -EBUSY:
	case -EEXIST:
		return say_busy(dev, err, why);
	case -EPERM:
	case -EACCES:
		return ksrtp_xdp_say(why, err, "the kernel does not allow this user to attach to %s",
				     dev->name);
	case -ERANGE:
		return ksrtp_xdp_say(why, err, "the MTU of %s or of its peer (%d) is too large "
				     "for %s XDP", dev->name, device_mtu(dev), mode_word(mode));
	case -EOPNOTSUPP:
		return ksrtp_xdp_say(why, err, "the driver of %s does no %s XDP, or not while "
				     "offloads such as lro, rx-gro-hw or rx-checksum are on "
				     "(see 'ethtool -k %s')", dev->name, mode_word(mode), dev->name);
	case -ENOMEM:
		return ksrtp_xdp_say(why, err, "%s has not enough queues or memory for %s XDP",
				     dev->name, mode_word(mode));
	default:
		return ksrtp_xdp_say(why, err, "the driver of %s (MTU %d) refused %s XDP: %s",
				     dev->name, device_mtu(dev), mode_word(mode), strerror(-err));
	}
}

/* Would the other mode fare no better? */
static bool is_final(int err)
{
	return err == -EBUSY || err == -EEXIST || err == -EPERM || err == -EACCES ||
	       err == -ENODEV;
}

static int link_create(int prog, const struct device *dev, enum ksrtp_xdp_mode mode)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts);
	int fd;

	opts.flags = mode == KSRTP_XDP_MODE_GENERIC ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
	fd = bpf_link_create(prog, dev->ifindex, BPF_XDP, &opts);
	return fd < 0 ? -errno : fd;
}

/* Returns the mode, and the link in @link. */
static int attach(int prog, const struct device *dev, enum ksrtp_xdp_mode mode, int *link,
		  const struct xdp_why *why)
{
	enum ksrtp_xdp_mode got = mode == KSRTP_XDP_MODE_NONE ? KSRTP_XDP_MODE_NATIVE : mode;
	int fd;

	fd = link_create(prog, dev, got);
	if (fd < 0 && mode == KSRTP_XDP_MODE_NONE && !is_final(fd)) {
		got = KSRTP_XDP_MODE_GENERIC;
		fd = link_create(prog, dev, got);
	}
	if (fd < 0)
		return say_not_attached(dev, got, fd, why);
	*link = fd;
	return got;
}

/* Mode in which @prog is attached, none if it is not, or a negative errno. */
static int attached_mode(const struct device *dev, int prog)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	int err;

	err = bpf_xdp_query(dev->ifindex, 0, &query);
	if (err)
		return err;
	if (!query.prog_id || query.prog_id != prog_id(prog))
		return KSRTP_XDP_MODE_NONE;
	return mode_of(query.attach_mode);
}

static int say_no_proc(const struct xdp_why *why)
{
	return ksrtp_xdp_say(why, -ENOENT, "cannot tell the network namespace: is /proc mounted?");
}

static int say_nothing(const struct device *dev, const struct xdp_why *why)
{
	return ksrtp_xdp_say(why, -ENOENT, "%s has no XDP program of ksrtp", dev->name);
}

static int attach_and_pin(const struct xdp_pins *pins, int prog, const struct device *dev,
			  enum ksrtp_xdp_mode mode, const struct xdp_why *why)
{
	char name[64];
	int got, link = -1, err;

	if (!ksrtp_xdp_pin_name(dev->ifindex, name, sizeof(name)))
		return say_no_proc(why);
	got = attached_mode(dev, prog);
	if (got > 0) {
		if (mode == KSRTP_XDP_MODE_NONE || mode == (enum ksrtp_xdp_mode)got)
			return got;
		return ksrtp_xdp_say(why, -EBUSY, "%s is attached in %s mode: detach it first",
				     dev->name, mode_word(got));
	}
	got = attach(prog, dev, mode, &link, why);
	if (got < 0)
		return got;
	ksrtp_xdp_pin_del(pins, name);
	err = ksrtp_xdp_pin_put(pins, name, link);
	if (err)
		ksrtp_xdp_say(why, err, "cannot pin %s in %s: %s", name, pins->path,
			      strerror(-err));
	close(link);
	return err ? err : got;
}

int ksrtp_xdp_attach(unsigned int ifindex, enum ksrtp_xdp_mode mode, char *text, size_t text_len)
{
	const struct xdp_why why = { .text = text, .len = text_len };
	struct xdp_pins pins;
	struct device dev;
	int prog, got;

	if (mode > KSRTP_XDP_MODE_GENERIC)
		return ksrtp_xdp_say(&why, -EINVAL, "%u is no XDP mode", mode);
	got = device_find(&dev, ifindex, &why);
	if (got)
		return got;
	got = ksrtp_xdp_pins_open(&pins, 1, &why);
	if (got)
		return got;
	prog = ksrtp_xdp_load(&pins, &why);
	got = prog;
	if (prog >= 0) {
		got = attach_and_pin(&pins, prog, &dev, mode, &why);
		close(prog);
	}
	if (got < 0)
		ksrtp_xdp_pins_sweep(&pins);
	ksrtp_xdp_pins_close(&pins);
	return got;
}

static int detach(const struct xdp_pins *pins, const struct device *dev, const struct xdp_why *why)
{
	char name[64];
	int link, err = 0;

	if (!ksrtp_xdp_pin_name(dev->ifindex, name, sizeof(name)))
		return say_no_proc(why);
	link = ksrtp_xdp_pin_get(pins, name);
	if (link == -ENOENT)
		return say_nothing(dev, why);
	if (link < 0)
		return ksrtp_xdp_say(why, link, "cannot open %s/%s: %s", pins->path, name,
				     strerror(-link));
	/* Now, not when the kernel gets round to freeing the link. */
	if (bpf_link_detach(link))
		err = ksrtp_xdp_say(why, -errno, "cannot detach from %s: %s", dev->name,
				    strerror(errno));
	close(link);
	if (!err)
		ksrtp_xdp_pin_del(pins, name);
	return err;
}

int ksrtp_xdp_detach(unsigned int ifindex, char *text, size_t text_len)
{
	const struct xdp_why why = { .text = text, .len = text_len };
	const struct xdp_why nobody = {};
	struct xdp_pins pins;
	struct device dev;
	int err, gone;

	gone = device_find(&dev, ifindex, &why);
	err = ksrtp_xdp_pins_open(&pins, 0, gone ? &nobody : &why);
	if (err)
		return gone ? gone : err == -ENOENT ? say_nothing(&dev, &why) : err;
	err = gone ? gone : detach(&pins, &dev, &why);
	/* Whoever asks for a device that is gone wants nothing of it left. */
	ksrtp_xdp_pins_sweep(&pins);
	ksrtp_xdp_pins_close(&pins);
	return err;
}

int ksrtp_xdp_pin(char *text, size_t text_len)
{
	const struct xdp_why why = { .text = text, .len = text_len };
	struct xdp_pins pins;
	int prog, err;

	err = ksrtp_xdp_pins_open(&pins, 1, &why);
	if (err)
		return err;
	prog = ksrtp_xdp_load(&pins, &why);
	err = prog < 0 ? prog : ksrtp_xdp_pin_put(&pins, XDP_PIN_KEEP, prog);
	if (err == -EEXIST)
		err = 0;
	else if (err && prog >= 0)
		ksrtp_xdp_say(&why, err, "cannot pin " XDP_PIN_KEEP " in %s: %s", pins.path,
			      strerror(-err));
	if (prog >= 0)
		close(prog);
	if (err)
		ksrtp_xdp_pins_sweep(&pins);
	ksrtp_xdp_pins_close(&pins);
	return err;
}

int ksrtp_xdp_unpin(char *text, size_t text_len)
{
	const struct xdp_why why = { .text = text, .len = text_len };
	struct xdp_pins pins;
	int err;

	err = ksrtp_xdp_pins_open(&pins, 0, &why);
	if (err)
		return err == -ENOENT ? 0 : err;
	err = ksrtp_xdp_pins_detach(&pins);
	if (err)
		ksrtp_xdp_say(&why, err, "cannot take the program off its devices: %s", strerror(-err));
	else
		ksrtp_xdp_pin_del(&pins, XDP_PIN_KEEP);
	ksrtp_xdp_pins_sweep(&pins);
	ksrtp_xdp_pins_close(&pins);
	return err;
}

/* Sum over the CPUs of a per-CPU value made of @n counters; zeros when there is no such key. */
static int map_sum(int map, const void *key, __u64 *sum, size_t n)
{
	int cpus = libbpf_num_possible_cpus();
	__u64 *values;
	size_t i;
	int cpu;

	if (cpus < 0)
		return cpus;
	values = calloc(cpus, n * sizeof(*values));
	if (!values)
		return -ENOMEM;
	memset(sum, 0, n * sizeof(*sum));
	if (!bpf_map_lookup_elem(map, key, values)) {
		for (cpu = 0; cpu < cpus; cpu++)
			for (i = 0; i < n; i++)
				sum[i] += values[cpu * n + i];
	}
	free(values);
	return 0;
}

static int read_verdicts(const struct xdp_pins *pins, struct ksrtp_xdp_status *status)
{
	uint64_t *const into[] = {
		[KSRTP_PROG_PASS_OTHER] = &status->pass_other,
		[KSRTP_PROG_PASS] = &status->pass,
		[KSRTP_PROG_DROP] = &status->drop,
		[KSRTP_PROG_TX] = &status->tx,
		[KSRTP_PROG_REDIRECT] = &status->redirect,
		[KSRTP_PROG_ERROR] = &status->error,
	};
	int map, err = 0;
	__u64 sum;
	__u32 i;

	map = ksrtp_xdp_pin_get(pins, XDP_PIN_VERDICTS);
	if (map < 0)
		return map;
	for (i = 0; !err && i < __KSRTP_PROG_MAX; i++) {
		err = map_sum(map, &i, &sum, 1);
		if (!err)
			*into[i] = sum;
	}
	close(map);
	return err;
}

static int read_egress(const struct xdp_pins *pins, struct ksrtp_xdp_status *status)
{
	struct ksrtp_egress_key key = {
		.netns = ksrtp_xdp_pin_name(status->ifindex, NULL, 0),
		.ifindex = status->ifindex,
	};
	struct ksrtp_egress sum;
	int map, err;

	map = ksrtp_xdp_pin_get(pins, XDP_PIN_EGRESS);
	if (map < 0)
		return map;
	err = map_sum(map, &key, (__u64 *)&sum, sizeof(sum) / sizeof(__u64));
	close(map);
	if (err)
		return err;
	status->egress_redirect_err = sum.redirect_err;
	status->egress_xmit_sent = sum.xmit_sent;
	status->egress_xmit_drops = sum.xmit_drops;
	status->egress_tx_drops = sum.tx_drops;
	return 0;
}

int ksrtp_xdp_status(unsigned int ifindex, struct ksrtp_xdp_status *status)
{
	const struct xdp_why nobody = {};
	struct xdp_pins pins;
	struct device dev;
	int prog, err;

	err = device_find(&dev, ifindex, &nobody);
	if (err)
		return err;
	memset(status, 0, sizeof(*status));
	status->ifindex = ifindex;
	memcpy(status->ifname, dev.name, sizeof(dev.name));
	/* Nothing pinned: nothing attached anywhere, and nothing counted. */
	err = ksrtp_xdp_pins_open(&pins, 0, &nobody);
	if (err)
		return err == -ENOENT ? 0 : err;
	prog = ksrtp_xdp_pin_get(&pins, XDP_PIN_PROG);
	err = prog == -ENOENT ? 0 : prog;
	if (prog >= 0) {
		err = attached_mode(&dev, prog);
		close(prog);
		if (err >= 0) {
			status->mode = err;
			err = read_verdicts(&pins, status);
		}
		if (!err)
			err = read_egress(&pins, status);
	}
	ksrtp_xdp_pins_close(&pins);
	return err;
}
