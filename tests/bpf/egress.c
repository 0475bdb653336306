// SPDX-License-Identifier: GPL-2.0
/*
 * Frames that are lost after the program said where to, on the wire:
 *
 *	k0p -- k0 (program)    k1 -- k1p, which takes frames
 *	kdummy, which takes none
 */
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../unit/tap.h"
#include "egress.h"
#include "ksrtp.skel.h"
#include "prog.h"

#define CPUS_MAX	256
#define NO_DEVICE	7777

static uint32_t netns_inode(void)
{
	struct stat st;

	return stat("/proc/thread-self/ns/net", &st) ? 0 : (uint32_t)st.st_ino;
}

static struct ksrtp_egress read_egress(const struct prog *prog, unsigned int ifindex)
{
	struct ksrtp_egress_key key = { .netns = netns_inode(), .ifindex = ifindex };
	struct ksrtp_egress value[CPUS_MAX], sum = {};
	int cpus = libbpf_num_possible_cpus(), i;

	if (cpus <= 0 || cpus > CPUS_MAX)
		abort();
	if (bpf_map_lookup_elem(bpf_map__fd(prog->skel->maps.ksrtp_egress), &key, value))
		return sum;
	for (i = 0; i < cpus; i++) {
		sum.redirect_err += value[i].redirect_err;
		sum.xmit_sent += value[i].xmit_sent;
		sum.xmit_drops += value[i].xmit_drops;
		sum.tx_drops += value[i].tx_drops;
	}
	return sum;
}

static void send_frame(const char *dev, size_t payload_len)
{
	static uint8_t payload[1400];
	struct frame_spec spec = {
		.dst_mac = { 2, 0, 0, 0, 0, 1 }, .src_mac = { 2, 0, 0, 0, 0, 2 },
		.family = 4, .src = { 192, 0, 2, 2 }, .dst = { 192, 0, 2, 1 },
		.src_port = 5004, .dst_port = 40000, .ttl = 64,
		.payload = payload, .payload_len = payload_len,
	};
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(dev), .sll_halen = 6,
	};
	struct frame frame;
	int fd;

	memset(payload, 0x80, sizeof(payload));
	frame_build(&frame, &spec);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	CHECK(fd >= 0 && sendto(fd, frame.octet, frame.len, 0, (struct sockaddr *)&to,
				sizeof(to)) == (ssize_t)frame.len, "send: %s", strerror(errno));
	close(fd);
}

/* One frame of @payload_len octets to @ifindex; what that added to its counters. */
static struct ksrtp_egress one(const struct prog *prog, egress_answer answer, unsigned int ifindex,
			       size_t payload_len)
{
	struct ksrtp_egress before = read_egress(prog, ifindex), now;
	int i;

	answer(ifindex);
	send_frame("k0p", payload_len);
	for (i = 0; i < 50; i++) {
		usleep(10000);
		now = read_egress(prog, ifindex);
		if (memcmp(&now, &before, sizeof(now)))
			break;
	}
	now.redirect_err -= before.redirect_err;
	now.xmit_sent -= before.xmit_sent;
	now.xmit_drops -= before.xmit_drops;
	now.tx_drops -= before.tx_drops;
	return now;
}

static void expect(const char *what, const struct ksrtp_egress *got, unsigned int redirect_err,
		   unsigned int sent, unsigned int drops)
{
	CHECK(got->redirect_err == redirect_err && got->xmit_sent == sent &&
	      got->xmit_drops == drops && !got->tx_drops, "%s: %llu %llu %llu %llu", what,
	      (unsigned long long)got->redirect_err, (unsigned long long)got->xmit_sent,
	      (unsigned long long)got->xmit_drops, (unsigned long long)got->tx_drops);
}

static int set_up(const struct prog *prog)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	if (unshare(CLONE_NEWNET) ||
	    system("ip link add k0 type veth peer name k0p && ip link add k1 type veth peer name k1p"
		   " && ip link add kdummy type dummy && ethtool -K k1p gro on"
		   " && for d in k0 k0p k1 k1p kdummy; do ip link set $d up || exit 1; done"))
		return -1;
	if (bpf_obj_get_info_by_fd(prog->fd, &info, &len) ||
	    bpf_xdp_attach((int)if_nametoindex("k0"), prog->fd, XDP_FLAGS_DRV_MODE, NULL))
		return -1;
	prog->skel->bss->ksrtp_xdp_id = info.id;
	bpf_program__set_autoattach(prog->skel->progs.ksrtp_xdp, false);
	return ksrtp_bpf__attach(prog->skel);
}

void egress_tests(struct prog *prog, egress_answer answer)
{
	unsigned int k1, dummy;
	struct ksrtp_egress got;
	int err;

	err = set_up(prog);
	CHECK(!err, "set-up: %s", strerror(errno));
	/* A veth whose XDP was just switched on is without carrier for a moment. */
	usleep(300000);
	k1 = if_nametoindex("k1");
	dummy = if_nametoindex("kdummy");

	got = one(prog, answer, k1, 200);
	expect("taken", &got, 0, 1, 0);
	tap_end("S8,D6", "a frame that the device takes is counted as sent");

	got = one(prog, answer, dummy, 200);
	expect("no redirect target", &got, 1, 0, 0);
	got = one(prog, answer, NO_DEVICE, 200);
	expect("no such device", &got, 1, 0, 0);
	CHECK(!system("ip link set k1 mtu 500"), "mtu");
	got = one(prog, answer, k1, 700);
	expect("larger than the MTU", &got, 1, 0, 0);
	CHECK(!system("ip link set k1 mtu 1500"), "mtu");
	tap_end("S8,D6", "a frame that is refused before queueing is counted");

	CHECK(!system("ip link set k1p mtu 500"), "mtu");
	got = one(prog, answer, k1, 700);
	expect("refused by the driver", &got, 0, 0, 1);
	got = one(prog, answer, k1, 200);
	expect("small enough", &got, 0, 1, 0);
	tap_end("S8,D6", "a frame that the driver refuses is counted");

	prog->skel->bss->ksrtp_xdp_id++;
	got = one(prog, answer, dummy, 200);
	expect("another program's", &got, 0, 0, 0);
	tap_end("S8", "refused frames of other programs are not counted as ours");
	CHECK(!bpf_xdp_detach((int)if_nametoindex("k0"), XDP_FLAGS_DRV_MODE, NULL), "detach");
}
