// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "../unit/tap.h"
#include "world.h"

const struct side sides[] = {
	[SIDE_A] = {
		.dev = "ka", .l3_dev = "ka", .peer = "kap",
		.mac = { 2, 0, 0, 0, 0xa, 1 }, .peer_mac = { 2, 0, 0, 0, 0xa, 2 },
		.local4 = "192.0.2.1", .remote4 = "192.0.2.2",
		.local6 = "2001:db8:a::1", .remote6 = "2001:db8:a::2",
	},
	[SIDE_B] = {
		.dev = "kb", .l3_dev = "kb", .peer = "kbp",
		.mac = { 2, 0, 0, 0, 0xb, 1 }, .peer_mac = { 2, 0, 0, 0, 0xb, 2 },
		.local4 = "198.51.100.1", .remote4 = "198.51.100.2",
		.local6 = "2001:db8:b::1", .remote6 = "2001:db8:b::2",
	},
	[SIDE_TAG] = {
		.dev = "ka", .l3_dev = "ka.5", .peer = "kap",
		.mac = { 2, 0, 0, 0, 0xa, 1 }, .peer_mac = { 2, 0, 0, 0, 0xa, 5 },
		.tag = { { 0x8100, 5 } },
		.local4 = "203.0.113.1", .remote4 = "203.0.113.2",
		.local6 = "2001:db8:5::1", .remote6 = "2001:db8:5::2",
	},
	[SIDE_QINQ] = {
		.dev = "kb", .l3_dev = "kb.q20", .peer = "kbp",
		.mac = { 2, 0, 0, 0, 0xb, 1 }, .peer_mac = { 2, 0, 0, 0, 0xb, 6 },
		.tag = { { 0x88a8, 10 }, { 0x8100, 20 } },
		.local4 = "203.0.113.129", .remote4 = "203.0.113.130",
		.local6 = "2001:db8:6::1", .remote6 = "2001:db8:6::2",
	},
};

struct world world = { .capture = { -1, -1 } };

static uint64_t random_state = 0x9e3779b97f4a7c15;

uint64_t random_next(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

void random_fill(void *p, size_t len)
{
	uint8_t *octets = p;

	while (len--)
		*octets++ = (uint8_t)(random_next() >> 24);
}

int run_command(const char *format, ...)
{
	char command[1024];
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

/* -- the wire */

static int open_capture(const char *dev)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(dev),
	};
	int one = 1, room = 4 << 20, fd;

	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
	if (fd < 0)
		return -1;
	/* A tag that the kernel took out of the frame comes as ancillary data. */
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room))) {
		close(fd);
		return -1;
	}
	return fd;
}

static int capture_of(const struct side *side)
{
	return world.capture[strcmp(side->peer, "kap") != 0];
}

int wire_send(const struct side *side, const struct frame *frame)
{
	return send(capture_of(side), frame->octet, frame->len, 0) == (ssize_t)frame->len ? 0 :
	       -errno;
}

/* Puts the tag back that the kernel took out. */
static void restore_tag(struct frame *frame, struct msghdr *msg)
{
	struct tpacket_auxdata aux;
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		if (!(aux.tp_status & TP_STATUS_VLAN_VALID))
			continue;
		memmove(frame->octet + 16, frame->octet + 12, frame->len - 12);
		frame_put16(frame->octet + 12, aux.tp_status & TP_STATUS_VLAN_TPID_VALID ?
			    aux.tp_vlan_tpid : 0x8100);
		frame_put16(frame->octet + 14, aux.tp_vlan_tci);
		frame->len += 4;
	}
}

static int is_udp(const struct frame *frame)
{
	size_t at = 12;

	while (frame_get16(frame->octet + at) == 0x8100 || frame_get16(frame->octet + at) == 0x88a8)
		at += 4;
	switch (frame_get16(frame->octet + at)) {
	case 0x0800:
		return frame->octet[at + 2 + 9] == 17;
	case 0x86dd:
		return frame->octet[at + 2 + 6] == 17;
	default:
		return 0;
	}
}

int wire_receive(const struct side *side, struct frame *frame, int timeout_ms)
{
	struct pollfd p = { .fd = capture_of(side), .events = POLLIN };
	struct sockaddr_ll from;
	char control[256];
	struct iovec iov = { frame->octet, sizeof(frame->octet) - 4 };
	struct msghdr msg = {
		.msg_name = &from, .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
	};
	ssize_t n;

	while (poll(&p, 1, timeout_ms) > 0) {
		memset(frame, 0, sizeof(*frame));
		msg.msg_namelen = sizeof(from);
		msg.msg_controllen = sizeof(control);
		n = recvmsg(p.fd, &msg, 0);
		if (n < 14 || from.sll_pkttype == PACKET_OUTGOING)
			continue;
		frame->len = (size_t)n;
		restore_tag(frame, &msg);
		if (is_udp(frame))
			return 0;
	}
	return -1;
}

void wire_drain(void)
{
	struct frame frame;
	size_t i;

	for (i = SIDE_A; i <= SIDE_B; i++)
		while (!wire_receive(&sides[i], &frame, 0))
			;
}

/* -- devices */

static int setup_link(const struct side *side)
{
	const uint8_t *m = side->mac;

	return run_command("ip link add %s type veth peer name %s", side->dev, side->peer) ||
	       run_command("ip link set %s address %02x:%02x:%02x:%02x:%02x:%02x", side->dev, m[0],
			   m[1], m[2], m[3], m[4], m[5]) ||
	       run_command("sysctl -qw net/ipv6/conf/%s/disable_ipv6=1", side->peer) ||
	       run_command("ip link set %s up && ip link set %s up", side->dev, side->peer) ||
	       run_command("ethtool -K %s gro on", side->peer);
}

static int setup_addresses(const struct side *side)
{
	const uint8_t *m = side->peer_mac;
	char mac[32];

	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4],
		 m[5]);
	return run_command("ip link set %s up", side->l3_dev) ||
	       run_command("sysctl -qw net/ipv6/conf/%s/hop_limit=%d", side->l3_dev, TTL_V6) ||
	       run_command("ip addr add %s/25 dev %s", side->local4, side->l3_dev) ||
	       run_command("ip addr add %s/64 dev %s nodad", side->local6, side->l3_dev) ||
	       run_command("ip neigh replace %s lladdr %s dev %s nud permanent", side->remote4,
			   mac, side->l3_dev) ||
	       run_command("ip neigh replace %s lladdr %s dev %s nud permanent", side->remote6,
			   mac, side->l3_dev);
}

static int setup_network(void)
{
	size_t i;

	if (unshare(CLONE_NEWNET) || run_command("ip link set lo up") ||
	    run_command("sysctl -qw net.ipv4.ip_default_ttl=%d", TTL_V4) ||
	    /*
	     * A link-local address whose duplicate detection ends a second after its link came up
	     * makes IPv6 routes be looked up anew, in whatever test that falls into.
	     */
	    run_command("sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0") ||
	    setup_link(&sides[SIDE_A]) || setup_link(&sides[SIDE_B]) ||
	    run_command("ip link add link ka name ka.5 type vlan id 5") ||
	    run_command("ip link add link kb name kb.q type vlan proto 802.1ad id 10") ||
	    run_command("ip link set kb.q up") ||
	    run_command("ip link add link kb.q name kb.q20 type vlan id 20"))
		return -1;
	for (i = SIDE_A; i <= SIDE_QINQ; i++)
		if (setup_addresses(&sides[i]))
			return -1;
	return 0;
}

int world_open(void)
{
	int err;

	if (setup_network()) {
		printf("# cannot set the network up\n");
		return -1;
	}
	world.capture[0] = open_capture("kap");
	world.capture[1] = open_capture("kbp");
	if (world.capture[0] < 0 || world.capture[1] < 0) {
		printf("# cannot capture: %s\n", strerror(errno));
		return -1;
	}
	err = ksrtp_open(&world.ksrtp);
	if (err) {
		printf("# ksrtp_open: %s\n", strerror(-err));
		return err;
	}
	return prog_open(&world.prog);
}

void world_close(void)
{
	prog_close(&world.prog);
	ksrtp_close(world.ksrtp);
	close(world.capture[0]);
	close(world.capture[1]);
}

/* -- legs */

static void fill_address(struct sockaddr_storage *ss, int family, const char *text, uint16_t port,
			 uint8_t *octets)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *in = (struct sockaddr_in *)ss;

	memset(ss, 0, sizeof(*ss));
	if (family == 4) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		inet_pton(AF_INET, text, &in->sin_addr);
		memcpy(octets, &in->sin_addr, 4);
	} else {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		inet_pton(AF_INET6, text, &in6->sin6_addr);
		memcpy(octets, &in6->sin6_addr, 16);
	}
}

static int bind_socket(struct leg *leg)
{
	struct sockaddr_storage local;
	socklen_t len = sizeof(local);
	int fd;

	fill_address(&local, leg->family, leg->family == 4 ? leg->side->local4 : leg->side->local6,
		     0, leg->local);
	fd = socket(local.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&local, leg->family == 4 ? sizeof(struct sockaddr_in) :
		 sizeof(struct sockaddr_in6)) || getsockname(fd, (struct sockaddr *)&local, &len)) {
		int err = -errno;

		close(fd);
		return err;
	}
	leg->local_port = ntohs(((struct sockaddr_in *)&local)->sin_port);
	leg->socket = fd;
	return 0;
}

static int install_key(struct leg *leg, unsigned int direction, unsigned int suite,
		       struct srtp_keys *keys)
{
	struct ksrtp_key key = {
		.leg_id = leg->id, .direction = direction, .suite = suite,
		.context = KSRTP_CONTEXT_NEW,
	};

	keys->len = suite == KSRTP_SUITE_NONE ? 0 : suite == KSRTP_SUITE_AEAD_AES_128_GCM ? 16 : 32;
	random_fill(keys->key, keys->len);
	random_fill(keys->salt, 12);
	random_fill(keys->rtcp_key, keys->len);
	random_fill(keys->rtcp_salt, 12);
	memcpy(key.srtp_key, keys->key, keys->len);
	memcpy(key.srtcp_key, keys->rtcp_key, keys->len);
	if (keys->len) {
		memcpy(key.srtp_salt, keys->salt, 12);
		memcpy(key.srtcp_salt, keys->rtcp_salt, 12);
	}
	return ksrtp_key_new(world.ksrtp, &key);
}

static int open_leg(struct leg *leg, uint32_t call, enum side_name side, int family,
		    unsigned int suite)
{
	struct ksrtp_leg new = { .call_id = call, .state = KSRTP_LEG_STATE_ACTIVE };
	int err;

	leg->side = &sides[side];
	leg->family = family;
	leg->dscp = (uint8_t)(random_next() % 64);
	leg->remote_port = (uint16_t)(10000 + random_next() % 20000);
	err = bind_socket(leg);
	if (err)
		return err;
	fill_address(&new.remote, family, family == 4 ? leg->side->remote4 : leg->side->remote6,
		     leg->remote_port, leg->remote);
	new.socket = leg->socket;
	new.dscp = leg->dscp;
	err = ksrtp_leg_new(world.ksrtp, &new);
	if (err)
		return err;
	leg->id = new.id;
	err = install_key(leg, KSRTP_DIRECTION_RX, suite, &leg->rx);
	return err ? err : install_key(leg, KSRTP_DIRECTION_TX, suite, &leg->tx);
}

int flow_open(struct flow *flow, enum side_name from, int from_family, unsigned int from_suite,
	      enum side_name to, int to_family, unsigned int to_suite)
{
	struct ksrtp_call call = { .mode = KSRTP_MODE_TRANSPORT };
	struct ksrtp_route route = { .flags = KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP };
	static unsigned int number;
	int err;

	memset(flow, 0, sizeof(*flow));
	flow->in.socket = -1;
	flow->out.socket = -1;
	if (from_suite == KSRTP_SUITE_NONE && to_suite == KSRTP_SUITE_NONE)
		call.mode = KSRTP_MODE_NONE;
	snprintf(call.name, sizeof(call.name), "flow%u", ++number);
	err = ksrtp_call_new(world.ksrtp, &call);
	if (err)
		goto out;
	flow->call = call.id;
	err = open_leg(&flow->in, call.id, from, from_family, from_suite);
	if (!err)
		err = open_leg(&flow->out, call.id, to, to_family, to_suite);
	if (err)
		goto out;
	route.from = flow->in.id;
	route.to = flow->out.id;
	err = ksrtp_route_new(world.ksrtp, &route);
	flow->route = route.id;
out:
	if (err)
		printf("# flow: %s: %s\n", strerror(-err), ksrtp_error(world.ksrtp));
	return err;
}

int flow_add_leg(struct flow *flow, struct leg *leg, enum side_name side, int family,
		 unsigned int suite)
{
	int err;

	memset(leg, 0, sizeof(*leg));
	leg->socket = -1;
	err = open_leg(leg, flow->call, side, family, suite);
	if (err)
		printf("# leg: %s: %s\n", strerror(-err), ksrtp_error(world.ksrtp));
	return err;
}

void close_leg(struct leg *leg)
{
	int err = ksrtp_leg_del(world.ksrtp, leg->id);

	CHECK(!err, "%s: %s", strerror(-err), ksrtp_error(world.ksrtp));
	close(leg->socket);
}

void flow_close(struct flow *flow)
{
	int err = ksrtp_call_del(world.ksrtp, flow->call);

	CHECK(!err, "%s: %s", strerror(-err), ksrtp_error(world.ksrtp));
	close(flow->in.socket);
	close(flow->out.socket);
}

void flow_frame_in(const struct flow *flow, const uint8_t *payload, size_t len,
		   struct frame *frame)
{
	const struct leg *leg = &flow->in;
	struct frame_spec spec = {
		.family = leg->family, .src_port = leg->remote_port, .dst_port = leg->local_port,
		.ttl = 17, .dscp = 3, .id = 0xbeef, .flow = 0x12345,
		.payload = payload, .payload_len = len,
	};

	memcpy(spec.dst_mac, leg->side->mac, 6);
	memcpy(spec.src_mac, leg->side->peer_mac, 6);
	memcpy(spec.tag, leg->side->tag, sizeof(spec.tag));
	memcpy(spec.src, leg->remote, 16);
	memcpy(spec.dst, leg->local, 16);
	frame_build(frame, &spec);
}

void flow_frame_out(const struct flow *flow, const uint8_t *payload, size_t len,
		    struct frame *frame)
{
	const struct leg *leg = &flow->out;
	struct frame_spec spec = {
		.family = leg->family, .src_port = leg->local_port, .dst_port = leg->remote_port,
		.ttl = leg->family == 4 ? TTL_V4 : TTL_V6, .dscp = leg->dscp, .frag = 0x4000,
		.payload = payload, .payload_len = len,
	};

	memcpy(spec.dst_mac, leg->side->peer_mac, 6);
	memcpy(spec.src_mac, leg->side->mac, 6);
	memcpy(spec.tag, leg->side->tag, sizeof(spec.tag));
	memcpy(spec.src, leg->local, 16);
	memcpy(spec.dst, leg->remote, 16);
	frame_build(frame, &spec);
}

/* -- counters */

static void get(struct leg *leg, struct ksrtp_leg *into)
{
	int err = ksrtp_leg_get(world.ksrtp, leg->id, into);

	CHECK(!err, "leg get: %s", ksrtp_error(world.ksrtp));
}

void counters_before(struct flow *flow)
{
	get(&flow->in, &flow->in.before);
	get(&flow->out, &flow->out.before);
}

/* Make counters of before what they must be now, then compare all at once. */
static void compare(struct leg *leg, const struct ksrtp_stats *want, const char *what)
{
	const struct ksrtp_stats *now = &leg->now.stats;
	uint64_t sum = now->forwarded + now->answered + now->passed_up;
	unsigned int i;

#define SAME(member) CHECK(now->member == want->member, "%s: " #member " is %llu, not %llu", what, \
			   (unsigned long long)now->member, (unsigned long long)want->member)
	SAME(received);
	SAME(forwarded);
	SAME(answered);
	SAME(passed_up);
	SAME(xdp);
	SAME(skb);
	SAME(received_bytes);
	SAME(sent);
	SAME(sent_bytes);
	SAME(sent_xdp);
	SAME(sent_skb);
	SAME(fragmented);
#undef SAME
	for (i = 0; i <= KSRTP_REASON_MAX; i++) {
		CHECK(now->dropped[i] == want->dropped[i], "%s: dropped as %s is %llu, not %llu",
		      what, ksrtp_reason_name(i), (unsigned long long)now->dropped[i],
		      (unsigned long long)want->dropped[i]);
		sum += now->dropped[i];
	}
	CHECK(sum == now->received, "%s: %llu accounted for of %llu received", what,
	      (unsigned long long)sum, (unsigned long long)now->received);
}

static void compare_both(struct flow *flow, const struct ksrtp_stats *in,
			 const struct ksrtp_stats *out, const char *what)
{
	get(&flow->in, &flow->in.now);
	get(&flow->out, &flow->out.now);
	compare(&flow->in, in, what);
	compare(&flow->out, out, what);
}

void counters_same(struct flow *flow, const char *what)
{
	compare_both(flow, &flow->in.before.stats, &flow->out.before.stats, what);
}

void counters_forwarded(struct flow *flow, const char *what, size_t in_len, size_t out_len,
			int xdp)
{
	struct ksrtp_stats in = flow->in.before.stats, out = flow->out.before.stats;

	in.received++;
	in.received_bytes += in_len;
	in.forwarded++;
	out.sent++;
	out.sent_bytes += out_len;
	if (xdp) {
		in.xdp++;
		out.sent_xdp++;
	} else {
		in.skb++;
		out.sent_skb++;
	}
	compare_both(flow, &in, &out, what);
}

void counters_dropped(struct flow *flow, const char *what, size_t in_len, unsigned int reason)
{
	struct ksrtp_stats in = flow->in.before.stats;

	in.received++;
	in.received_bytes += in_len;
	in.dropped[reason]++;
	compare_both(flow, &in, &flow->out.before.stats, what);
}

unsigned int counters_dropped_any(struct flow *flow, const char *what, size_t in_len)
{
	const struct ksrtp_stats *before = &flow->in.before.stats;
	unsigned int i;

	get(&flow->in, &flow->in.now);
	for (i = 1; i <= KSRTP_REASON_MAX; i++) {
		if (flow->in.now.stats.dropped[i] != before->dropped[i])
			break;
	}
	CHECK(i <= KSRTP_REASON_MAX, "%s: no reason", what);
	if (i > KSRTP_REASON_MAX)
		return 0;
	counters_dropped(flow, what, in_len, i);
	return i;
}
