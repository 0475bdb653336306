// SPDX-License-Identifier: GPL-2.0
/* Devices that take no redirected frames, and such as have no frames at all. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "truth.h"

static const uint8_t far_mac[6] = { 2, 0, 0, 0, 0xc, 2 }, near_mac[6] = { 2, 0, 0, 0, 0xc, 1 };

/*
 *	kb's remote host by way of DEV, whose port is kc, at the other end of which
 *	(kcp) what left is caught.
 */
static void through(const char *dev, const char *make, int slow_known)
{
	struct call call;
	struct frame got;
	int fd, i;

	if (run_command("%s", make)) {
		tap_skip(dev, "this kernel has no such device");
		return;
	}
	CHECK(!run_command("ip link add kc type veth peer name kcp && "
			   "sysctl -qw net/ipv6/conf/kcp/disable_ipv6=1 && "
			   "ip link set kc down && ip link set kc master %s && "
			   "ip link set kc up && ip link set kcp up && ip link set %s up && "
			   "ip link set %s address 02:00:00:00:0c:01 && "
			   "ip route add %s/32 dev %s && "
			   "ip neigh replace %s lladdr 02:00:00:00:0c:02 dev %s nud permanent",
			   dev, dev, dev, sides[SIDE_B].remote4, dev, sides[SIDE_B].remote4, dev),
	      "set-up");
	fd = capture_open("kcp");
	usleep(300000);
	call_open(&call, SIDE_A, 4, GCM128, SIDE_B, 4, GCM256);
	for (i = 0; i < 5; i++) {
		next_packet(&call, 160);
		memcpy(call.out.octet, far_mac, 6);
		memcpy(call.out.octet + 6, near_mac, 6);
		counters_before(&call.flow);
		CHECK(!wire_send(call.flow.in.side, &call.in), "send");
		CHECK(!capture_next(fd, &got, TIMEOUT), "%s: nothing left", dev);
		got.len = got.len > call.out.len ? call.out.len : got.len;
		check_out(&call, dev, &got, BY_SKB);
	}
	if (slow_known)
		check_slow(&call, dev, KSRTP_SLOW_EGRESS);
	CHECK(!run_command("ip route del %s/32 dev %s", sides[SIDE_B].remote4, dev), "route");
	expect_settled(&call, "the device itself");
	call_close(&call);
	close(fd);
	CHECK(!run_command("ip link del kc && ip link del %s", dev), "removal");
	tap_end("D3,D6,S8", "out of a %s: the skb path, reason egress", dev);
}

/* The same tagged egress without any XDP. */
static void vlan(void)
{
	struct call call;
	int i;

	call_open(&call, SIDE_A, 4, GCM128, SIDE_QINQ, 6, GCM256);
	expect_settled(&call, "two tags, XDP");
	detach_both();
	tap.datapath = "skb";
	for (i = 0; i < 3; i++)
		expect_usual(&call, "two tags, skb path", BY_SKB);
	tap.datapath = "xdp";
	attach_both(KSRTP_XDP_MODE_NATIVE);
	expect_usual(&call, "two tags, XDP again", BY_XDP);
	call_close(&call);
	tap_end("D3,D4,S8", "out of VLAN devices, by XDP and by the skb path");
}

/* -- loopback */

static int host_socket(struct sockaddr_in *at)
{
	socklen_t len = sizeof(*at);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memset(at, 0, sizeof(*at));
	at->sin_family = AF_INET;
	at->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(fd >= 0 && !bind(fd, (struct sockaddr *)at, len) &&
	      !getsockname(fd, (struct sockaddr *)at, &len), "%s", strerror(errno));
	return fd;
}

/* A leg on 127.0.0.1 toward @remote, with random keys; its own address is @at. */
static void host_leg(uint32_t call, struct leg *leg, const struct sockaddr_in *remote,
		     struct sockaddr_in *at)
{
	struct ksrtp_leg new = { .call_id = call, .state = KSRTP_LEG_STATE_ACTIVE };
	unsigned int direction;

	memset(leg, 0, sizeof(*leg));
	leg->socket = host_socket(at);
	new.socket = leg->socket;
	memcpy(&new.remote, remote, sizeof(*remote));
	CHECK(!ksrtp_leg_new(world.ksrtp, &new), "%s", ksrtp_error(world.ksrtp));
	leg->id = new.id;
	for (direction = KSRTP_DIRECTION_RX; direction <= KSRTP_DIRECTION_TX; direction++) {
		struct srtp_keys *keys = direction == KSRTP_DIRECTION_RX ? &leg->rx : &leg->tx;
		struct ksrtp_key key = {
			.leg_id = leg->id, .direction = direction, .suite = GCM128,
			.context = KSRTP_CONTEXT_NEW,
		};

		keys->len = 16;
		random_fill(keys->key, 16);
		random_fill(keys->salt, 12);
		random_fill(keys->rtcp_key, 16);
		random_fill(keys->rtcp_salt, 12);
		memcpy(key.srtp_key, keys->key, 16);
		memcpy(key.srtp_salt, keys->salt, 12);
		memcpy(key.srtcp_key, keys->rtcp_key, 16);
		memcpy(key.srtcp_salt, keys->rtcp_salt, 12);
		CHECK(!ksrtp_key_new(world.ksrtp, &key), "%s", ksrtp_error(world.ksrtp));
	}
}

static void loopback(void)
{
	struct ksrtp_route route = { .flags = KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP };
	struct ksrtp_call new = { .mode = KSRTP_MODE_TRANSPORT, .name = "loopback" };
	struct sockaddr_in phone_at[2], leg_at[2], from;
	uint8_t rtp[172], sealed[200], want[200], got[2048];
	struct call call = {};
	socklen_t from_len;
	int phone[2], i;
	ssize_t n;

	CHECK(!ksrtp_call_new(world.ksrtp, &new), "%s", ksrtp_error(world.ksrtp));
	call.flow.call = new.id;
	phone[0] = host_socket(&phone_at[0]);
	phone[1] = host_socket(&phone_at[1]);
	host_leg(new.id, &call.flow.in, &phone_at[0], &leg_at[0]);
	host_leg(new.id, &call.flow.out, &phone_at[1], &leg_at[1]);
	route.from = call.flow.in.id;
	route.to = call.flow.out.id;
	CHECK(!ksrtp_route_new(world.ksrtp, &route), "%s", ksrtp_error(world.ksrtp));
	call.flow.route = route.id;

	for (i = 0; i < 20; i++) {
		struct pollfd p = { .fd = phone[1], .events = POLLIN };
		size_t in_len, out_len;

		memset(rtp, 0, 12);
		rtp[0] = 0x80;
		frame_put16(rtp + 2, (uint16_t)(65530 + i));
		random_fill(rtp + 12, 160);
		in_len = srtp_rtp(&call.flow.in.rx, 65530u + (uint64_t)i, rtp, 172, sealed);
		out_len = srtp_rtp(&call.flow.out.tx, 65530u + (uint64_t)i, rtp, 172, want);
		counters_before(&call.flow);
		CHECK(sendto(phone[0], sealed, in_len, 0, (struct sockaddr *)&leg_at[0],
			     sizeof(leg_at[0])) == (ssize_t)in_len, "%s", strerror(errno));
		from_len = sizeof(from);
		n = poll(&p, 1, TIMEOUT) <= 0 ? -1 : recvfrom(phone[1], got, sizeof(got), 0,
							     (struct sockaddr *)&from, &from_len);
		CHECK(n == (ssize_t)out_len && !memcmp(got, want, out_len), "%d: %zd octets", i, n);
		CHECK(n < 0 || from.sin_port == leg_at[1].sin_port, "from another port");
		call.arrived += n > 0;
		counters_forwarded(&call.flow, "loopback", in_len, out_len, 0);
	}
	call_close(&call);
	close(phone[0]);
	close(phone[1]);
	tap_end("D3,D4,S8", "legs on the loopback device: the skb path");
}

void egress_tests(void)
{
	through("bridge0", "ip link add bridge0 type bridge", 1);
	through("bond0", "modprobe -q bonding max_bonds=0; "
		"ip link add bond0 type bond mode balance-xor 2>/dev/null", 1);
	vlan();
	tap.datapath = "skb";
	loopback();
	tap.datapath = "xdp";
}
