// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include <ksrtp/ksrtp.h>

#include "../bpf/frame.h"
#include "../unit/random.h"
#include "../unit/tap.h"
#include "net.h"

static const struct link {
	const char *dev, *peer, *net4, *net6;
	uint8_t mac[6], peer_mac[6];
} links[LINKS] = {
	[LINK_A] = { "ka", "kap", "192.0.2", "2001:db8:a::",
		     { 2, 0, 0, 0, 0xa, 1 }, { 2, 0, 0, 0, 0xa, 2 } },
	[LINK_B] = { "kb", "kbp", "198.51.100", "2001:db8:b::",
		     { 2, 0, 0, 0, 0xb, 1 }, { 2, 0, 0, 0, 0xb, 2 } },
	[LINK_C] = { "kc", "kcp", "203.0.113", "2001:db8:c::",
		     { 2, 0, 0, 0, 0xc, 1 }, { 2, 0, 0, 0, 0xc, 2 } },
};

static int wires[LINKS] = { -1, -1, -1 };
static int outside = -1, host = -1, home = -1;
static int attached[LINKS];
/* Losses of devices whose counters were reset by detaching. */
static uint64_t losses_before;
static uint64_t seed = 20;

uint64_t random_u64(void)
{
	return random_next(&seed);
}

void random_octets(void *p, size_t len)
{
	random_fill(&seed, p, len);
}

void random_split(void)
{
	seed = ~random_u64();
}

uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int net_command(const char *format, ...)
{
	char command[2048];
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

int net_outside(const char *command)
{
	return net_command("nsenter --net=/proc/%d/fd/%d %s", getpid(), outside, command);
}

const char *net_device(int link)
{
	return links[link].dev;
}

void net_address(int link, int family, int far, struct endpoint *e)
{
	char text[64];

	e->family = family;
	snprintf(text, sizeof(text), family == 4 ? "%s.%d" : "%s%d",
		 family == 4 ? links[link].net4 : links[link].net6, far ? 2 : 1);
	memset(e->ip, 0, sizeof(e->ip));
	inet_pton(family == 4 ? AF_INET : AF_INET6, text, e->ip);
}

int endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->family == b->family && a->port == b->port &&
	       !memcmp(a->ip, b->ip, a->family == 4 ? 4 : 16);
}

static int open_wire(int link, int protocol)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET, .sll_protocol = htons((uint16_t)protocol),
	};
	int one = 1, room = 128 << 20, fd;

	if (setns(outside, CLONE_NEWNET))
		return -1;
	at.sll_ifindex = (int)if_nametoindex(links[link].peer);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons((uint16_t)protocol));
	if (fd >= 0 && (bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
			setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) ||
			setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
			setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)))) {
		close(fd);
		fd = -1;
	}
	if (setns(host, CLONE_NEWNET)) {
		printf("# cannot return to the host's network namespace\n");
		exit(1);
	}
	return fd;
}

int net_packet_socket(const char *device)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(device),
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd >= 0 && (!at.sll_ifindex || bind(fd, (struct sockaddr *)&at, sizeof(at)))) {
		close(fd);
		return -1;
	}
	return fd;
}

int net_wire(int link)
{
	return open_wire(link, 0);
}

static int setup_link(int link)
{
	const struct link *l = &links[link];
	const uint8_t *m = l->mac, *p = l->peer_mac;

	if (net_command("ip link add %s address %02x:%02x:%02x:%02x:%02x:%02x type veth "
			"peer name %s netns /proc/%d/fd/%d", l->dev, m[0], m[1], m[2], m[3], m[4],
			m[5], l->peer, getpid(), outside) ||
	    net_command("nsenter --net=/proc/%d/fd/%d sh -c "
			"'ip link set %s up; ethtool -K %s gro on'", getpid(), outside, l->peer,
			l->peer) ||
	    net_command("ip link set %s up", l->dev) ||
	    net_command("ip addr add %s.1/24 dev %s", l->net4, l->dev) ||
	    net_command("ip addr add %s1/64 dev %s nodad", l->net6, l->dev) ||
	    net_command("ip neigh replace %s.2 lladdr %02x:%02x:%02x:%02x:%02x:%02x dev %s nud permanent",
			l->net4, p[0], p[1], p[2], p[3], p[4], p[5], l->dev) ||
	    net_command("ip neigh replace %s2 lladdr %02x:%02x:%02x:%02x:%02x:%02x dev %s nud permanent",
			l->net6, p[0], p[1], p[2], p[3], p[4], p[5], l->dev))
		return -1;
	wires[link] = open_wire(link, ETH_P_ALL);
	return wires[link] < 0 ? -1 : 0;
}

static int open_namespaces(void)
{
	home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (home < 0 || net_command("sysctl -qw net.core.netdev_max_backlog=100000") ||
	    unshare(CLONE_NEWNET) ||
	    net_command("sysctl -qw net.ipv6.conf.default.disable_ipv6=1"))
		return -1;
	outside = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (outside < 0 || unshare(CLONE_NEWNET))
		return -1;
	host = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	/*
	 * A link-local address whose duplicate detection ends a second after its link came up makes
	 * IPv6 routes be looked up anew, in whatever test that falls into.
	 */
	return host < 0 || net_command("ip link set lo up") ||
	       net_command("sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0") ?
	       -1 : 0;
}

int net_open(void)
{
	int i;

	if (open_namespaces()) {
		printf("# cannot make network namespaces: %s\n", strerror(errno));
		return -1;
	}
	for (i = 0; i < LINKS; i++) {
		if (setup_link(i)) {
			printf("# cannot set %s up: %s\n", links[i].dev, strerror(errno));
			return -1;
		}
	}
	return 0;
}

void net_close(void)
{
	int i;

	for (i = 0; i < LINKS; i++) {
		net_detach(i);
		close(wires[i]);
	}
	if (setns(home, CLONE_NEWNET))
		printf("# cannot return to the first network namespace\n");
	close(outside);
	close(host);
	close(home);
}

/* -- XDP */

static uint64_t losses_of(int link)
{
	struct ksrtp_xdp_status s;

	if (ksrtp_xdp_status(if_nametoindex(links[link].dev), &s))
		return 0;
	return s.egress_redirect_err + s.egress_xmit_drops + s.egress_tx_drops;
}

uint64_t net_egress_losses(void)
{
	uint64_t sum = losses_before;
	int i;

	for (i = 0; i < LINKS; i++)
		sum += losses_of(i);
	return sum;
}

/* Attaching and detaching takes the carrier away for a moment. */
static void wait_carrier(int link)
{
	uint64_t end = now_ms() + 5000;
	char path[64], state[16];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/net/%s/operstate", links[link].dev);
	do {
		usleep(20000);
		state[0] = 0;
		f = fopen(path, "r");
		if (f) {
			if (!fgets(state, sizeof(state), f))
				state[0] = 0;
			fclose(f);
		}
	} while (f && strncmp(state, "up", 2) && now_ms() < end);
	usleep(20000);
}

int net_attach(int link)
{
	char why[256] = "";
	int got;

	if (attached[link])
		return 0;
	got = ksrtp_xdp_attach(if_nametoindex(links[link].dev), KSRTP_XDP_MODE_NATIVE, why,
			       sizeof(why));
	if (got != KSRTP_XDP_MODE_NATIVE) {
		printf("# %s: %s\n", links[link].dev, why);
		return -1;
	}
	attached[link] = 1;
	wait_carrier(link);
	return 0;
}

int net_detach(int link)
{
	char why[256] = "";
	uint64_t before = net_egress_losses();

	if (!attached[link])
		return 0;
	if (ksrtp_xdp_detach(if_nametoindex(links[link].dev), why, sizeof(why))) {
		printf("# %s: %s\n", links[link].dev, why);
		return -1;
	}
	attached[link] = 0;
	/* With the last one the counters are gone. */
	losses_before += before - net_egress_losses();
	wait_carrier(link);
	return 0;
}

int net_datapath(int xdp)
{
	int i;

	tap.datapath = xdp ? "xdp" : "skb";
	for (i = 0; i < LINKS; i++)
		if (xdp ? net_attach(i) : net_detach(i))
			return -1;
	return 0;
}

/* -- datagrams */

#define CACHE_LINE	64u	/* to the end of one veth copies a frame */

int net_bind(struct endpoint *e)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(e->port) };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(e->port) };
	struct sockaddr_storage name;
	socklen_t len = sizeof(name);
	int fd, err;

	memcpy(&in.sin_addr, e->ip, 4);
	memcpy(&in6.sin6_addr, e->ip, 16);
	fd = socket(e->family == 4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    0);
	if (fd < 0)
		return -errno;
	if (e->family == 4)
		err = bind(fd, (struct sockaddr *)&in, sizeof(in));
	else
		err = bind(fd, (struct sockaddr *)&in6, sizeof(in6));
	if (err || getsockname(fd, (struct sockaddr *)&name, &len)) {
		err = -errno;
		close(fd);
		return err;
	}
	e->port = ntohs(((struct sockaddr_in *)&name)->sin_port);
	return fd;
}

static int send_frame(int wire, int link, const struct endpoint *from, const struct endpoint *to,
		      const uint8_t *octets, size_t len, bool roomy)
{
	struct frame_spec spec = {
		.family = from->family, .src_port = from->port, .dst_port = to->port, .ttl = 64,
		.payload = octets, .payload_len = len,
	};
	struct frame frame;

	memcpy(spec.dst_mac, links[link].mac, 6);
	memcpy(spec.src_mac, links[link].peer_mac, 6);
	memcpy(spec.src, from->ip, 16);
	memcpy(spec.dst, to->ip, 16);
	frame_build(&frame, &spec);
	/* The last octet begins a cache line: what is left of it is room. */
	if (roomy)
		frame.len += (CACHE_LINE - ROOM - frame.len) % CACHE_LINE;
	return send(wire < 0 ? wires[link] : wire, frame.octet, frame.len, 0) ==
	       (ssize_t)frame.len ? 0 : -errno;
}

int net_send(int wire, int link, const struct endpoint *from, const struct endpoint *to,
	     const uint8_t *octets, size_t len)
{
	return send_frame(wire, link, from, to, octets, len, false);
}

int net_send_roomy(int wire, int link, const struct endpoint *from, const struct endpoint *to,
		   const uint8_t *octets, size_t len)
{
	return send_frame(wire, link, from, to, octets, len, true);
}

/* Takes a frame apart; 0: no UDP. */
static int parse(const uint8_t *f, size_t len, struct datagram *d)
{
	uint32_t pseudo = 17;
	const uint8_t *udp;
	size_t addr, udp_len;

	if (len < 14 + 20 + 8)
		return 0;
	memcpy(d->mac, f, 6);
	if (frame_get16(f + 12) == 0x0800 && f[14] == 0x45 && f[23] == 17) {
		CHECK(!frame_checksum(f + 14, 20, 0), "IPv4 header checksum");
		/* No fragments are asked for here. */
		CHECK(!(frame_get16(f + 20) & 0x3fff), "a fragment");
		d->from.family = 4;
		d->dscp = f[15] >> 2;
		addr = 4;
		memcpy(d->from.ip, f + 26, 4);
		memcpy(d->to.ip, f + 30, 4);
		udp = f + 34;
		udp_len = frame_get16(f + 16) - 20u;
	} else if (frame_get16(f + 12) == 0x86dd && f[20] == 17) {
		d->from.family = 6;
		d->dscp = (uint8_t)(frame_get16(f + 14) >> 6 & 0x3f);
		addr = 16;
		memcpy(d->from.ip, f + 22, 16);
		memcpy(d->to.ip, f + 38, 16);
		udp = f + 54;
		udp_len = frame_get16(f + 18);
	} else {
		return 0;
	}
	d->to.family = d->from.family;
	if (udp_len < 8 || udp + udp_len > f + len || frame_get16(udp + 4) != udp_len ||
	    udp_len - 8 > DATAGRAM_MAX) {
		CHECK(0, "UDP of %zu octets, says %u, in a frame of %zu", udp_len,
		      frame_get16(udp + 4), len);
		return 0;
	}
	pseudo += (uint32_t)udp_len;
	/* Carries are folded in by the last call. */
	pseudo += (uint16_t)~frame_checksum(d->from.ip, addr, 0);
	pseudo += (uint16_t)~frame_checksum(d->to.ip, addr, 0);
	CHECK(!frame_checksum(udp, udp_len, pseudo), "UDP checksum");
	d->from.port = frame_get16(udp);
	d->to.port = frame_get16(udp + 2);
	d->len = udp_len - 8;
	memcpy(d->octet, udp + 8, d->len);
	return 1;
}

struct datagram *net_receive(int timeout_ms)
{
	struct pollfd p[LINKS];
	struct datagram *d;
	uint8_t frame[FRAME_MAX];
	ssize_t n;
	int i;

	for (i = 0; i < LINKS; i++)
		p[i] = (struct pollfd){ .fd = wires[i], .events = POLLIN };
	while (poll(p, LINKS, timeout_ms) > 0) {
		for (i = 0; i < LINKS; i++) {
			/* An error, as of a link that went down, is taken by reading it too. */
			if (!p[i].revents)
				continue;
			n = recv(p[i].fd, frame, sizeof(frame), MSG_DONTWAIT);
			if (n <= 0)
				continue;
			d = calloc(1, sizeof(*d));
			if (d && parse(frame, (size_t)n, d)) {
				d->link = i;
				return d;
			}
			free(d);
		}
	}
	return NULL;
}
