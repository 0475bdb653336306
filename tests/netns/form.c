// SPDX-License-Identifier: GPL-2.0
/* Legal but unusual headers, checksums of every kind, tags outside of the frame. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_packet.h>
#include <linux/virtio_net.h>

#include "truth.h"

/* Not in the headers of Debian 12. */
#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4	5
#endif

/* -- headers */

static void insert(struct frame *frame, size_t at, size_t len)
{
	memmove(frame->octet + at + len, frame->octet + at, frame->len - at);
	memset(frame->octet + at, 0, len);
	frame->len += len;
	frame->l4 += len;
	frame->payload += len;
}

/* @words of no operation, and the end of the list. */
static void add_options(struct frame *frame, unsigned int words)
{
	uint8_t *ip = frame->octet + frame->l3;

	insert(frame, frame->l3 + 20, words * 4u);
	memset(ip + 20, 1, words * 4u - 1);
	ip[0] = (uint8_t)(0x45 + words);
	frame_put16(ip + 2, (uint16_t)(frame_get16(ip + 2) + words * 4));
	frame_fix_ip_checksum(frame);
}

/* A header of type @next with nothing but padding; 43: a routing header that is at its end. */
static void add_extension(struct frame *frame, uint8_t next)
{
	uint8_t *ip = frame->octet + frame->l3;

	insert(frame, frame->l3 + 40, 8);
	ip[40] = ip[6];
	ip[6] = next;
	if (next != 43) {
		ip[42] = 1;
		ip[43] = 4;
	}
	frame_put16(ip + 4, (uint16_t)(frame_get16(ip + 4) + 8));
}

static void options(void)
{
	static const unsigned int words[] = { 1, 5, 10 };
	static const uint8_t next[] = { 0, 60, 43 };
	struct call call;
	size_t i;

	call_open(&call, SIDE_A, 4, GCM128, SIDE_B, 4, GCM256);
	expect_settled(&call, "no options");
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		next_packet(&call, 160);
		add_options(&call.in, words[i]);
		expect_out(&call, "IP options", BY_SKB);
	}
	expect_usual(&call, "no options", BY_XDP);
	call_close(&call);
	tap_end("D3,D4,S8", "IPv4 options: the skb path");

	call_open(&call, SIDE_A, 6, PLAIN, SIDE_B, 4, GCM256);
	expect_settled(&call, "no extension header");
	for (i = 0; i < sizeof(next) / sizeof(next[0]); i++) {
		next_packet(&call, 160);
		add_extension(&call.in, next[i]);
		expect_out(&call, next[i] == 0 ? "hop by hop" : next[i] == 60 ?
			   "destination options" : "routing", BY_SKB);
	}
	expect_usual(&call, "no extension header", BY_XDP);
	call_close(&call);
	tap_end("D3,D4,S8", "IPv6 extension headers: the skb path");
}

/* -- checksums */

static uint64_t checksum_errors(int family)
{
	char line[512], *word, *save;
	uint64_t value = 0;
	FILE *f;

	if (family == 6) {
		f = fopen("/proc/net/snmp6", "r");
		while (f && fgets(line, sizeof(line), f)) {
			if (sscanf(line, "Udp6InCsumErrors %" SCNu64, &value) == 1)
				break;
		}
	} else {
		int column;

		f = fopen("/proc/net/snmp", "r");
		while (f && fgets(line, sizeof(line), f)) {
			if (strncmp(line, "Udp: ", 5) || (line[5] < '0' || line[5] > '9'))
				continue;
			word = strtok_r(line + 5, " ", &save);
			for (column = 0; word && column < 6; column++)
				word = strtok_r(NULL, " ", &save);
			CHECK(word && sscanf(word, "%" SCNu64, &value) == 1, "no counter");
			break;
		}
	}
	CHECK(f, "no statistics");
	if (f)
		fclose(f);
	return value;
}

static void set_checksum(struct call *call, uint16_t sum)
{
	frame_put16(call->in.octet + call->in.l4 + 6, sum);
}

/* The stack drops it, and counts it: the leg never sees it. */
static void expect_checksum_error(struct call *call, const char *what)
{
	int family = call->flow.in.family, i;
	uint64_t before = checksum_errors(family);
	struct frame got;

	counters_before(&call->flow);
	CHECK(!wire_send(call->flow.in.side, &call->in), "%s: send", what);
	for (i = 0; i < TIMEOUT / 10 && checksum_errors(family) == before; i++)
		usleep(10000);
	CHECK(checksum_errors(family) == before + 1, "%s: %" PRIu64 " more errors", what,
	      checksum_errors(family) - before);
	counters_same(&call->flow, what);
	CHECK(wire_receive(call->flow.out.side, &got, 20), "%s: something left", what);
}

static void checksums(int family, unsigned int suite, enum way way)
{
	const char *path = way == BY_XDP ? "XDP" : "skb path", *kind = suite ? "keyed" : "plain";
	struct call call;

	call_open(&call, SIDE_A, family, suite, SIDE_B, 4, GCM256);
	expect_usual(&call, "right", BY_SKB);
	expect_usual(&call, "right", way);

	next_packet(&call, 160);
	set_checksum(&call, 0);
	if (family == 4 || (suite && way == BY_XDP))
		expect_out(&call, "zero", way);
	else
		expect_checksum_error(&call, "zero");

	next_packet(&call, 160);
	set_checksum(&call, frame_get16(call.in.octet + call.in.l4 + 6) ^ 0x5500);
	/* The tag is stronger; the stack asks the checksum all the same. */
	if (suite && way == BY_XDP)
		expect_out(&call, "wrong", way);
	else
		expect_checksum_error(&call, "wrong");
	expect_usual(&call, "right again", way);
	call_close(&call);
	tap_end("D3,S8", "UDP checksum zero and wrong, IPv%d, %s leg, %s: the packet or the counter",
		family, kind, path);
}

/* -- what a local sender leaves to the device */

static int offload_open(void)
{
	int fd = capture_open("kap"), one = 1;

	CHECK(!setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)), "vnet header");
	return fd;
}

/* Leaves the checksum, and cutting into packets of @gso octets, to the device. */
static int offload_send(int fd, const struct frame *frame, uint16_t gso)
{
	uint8_t buf[sizeof(struct virtio_net_hdr) + FRAME_MAX];
	struct virtio_net_hdr header = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.csum_start = (uint16_t)frame->l4,
		.csum_offset = 6,
	};

	if (gso) {
		header.gso_type = VIRTIO_NET_HDR_GSO_UDP_L4;
		header.gso_size = gso;
		header.hdr_len = (uint16_t)frame->payload;
	}
	memcpy(buf, &header, sizeof(header));
	memcpy(buf + sizeof(header), frame->octet, frame->len);
	return send(fd, buf, sizeof(header) + frame->len, 0) ==
	       (ssize_t)(sizeof(header) + frame->len) ? 0 : -1;
}

/* What a sender writes who leaves the rest to the device: the pseudo header's sum alone. */
static void pseudo_only(struct frame *frame, int family)
{
	size_t alen = family == 4 ? 4 : 16, at = frame->l3 + (family == 4 ? 12 : 8), i;
	uint32_t sum = 17 + (uint32_t)(frame->len - frame->l4);

	for (i = 0; i < 2 * alen; i += 2)
		sum += frame_get16(frame->octet + at + i);
	frame_put16(frame->octet + frame->l4 + 6, (uint16_t)~frame_checksum(NULL, 0, sum));
}

static void partial(int family, unsigned int suite, enum way way)
{
	int fd = offload_open(), i;
	struct frame got;
	struct call call;

	call_open(&call, SIDE_A, family, suite, SIDE_B, 4, GCM256);
	expect_usual(&call, "whole", BY_SKB);
	for (i = 0; i < 3; i++) {
		next_packet(&call, 159 + (size_t)i);
		pseudo_only(&call.in, family);
		counters_before(&call.flow);
		CHECK(!offload_send(fd, &call.in, 0), "send");
		CHECK(!wire_receive(call.flow.out.side, &got, TIMEOUT), "nothing left");
		check_out(&call, "partial checksum", &got, way);
	}
	call_close(&call);
	close(fd);
	tap_end("D3,D4", "checksum left to the device, IPv%d, %s leg, %s", family,
		suite ? "keyed" : "plain", way == BY_XDP ? "XDP" : "skb path");
}

/* Several packets in one buffer of the sender, one by one on the way out. */
static void segments(void)
{
	enum { PACKETS = 4 };
	uint8_t payload[PACKETS * 256];
	struct frame all, out[PACKETS], got;
	int fd = offload_open(), i;
	size_t len = 0, one = 0;
	struct ksrtp_leg now = {};
	struct call call;

	call_open(&call, SIDE_A, 4, GCM128, SIDE_B, 4, GCM256);
	expect_usual(&call, "one", BY_SKB);
	for (i = 0; i < PACKETS; i++) {
		next_packet(&call, 160);
		one = call.in.len - call.in.payload;
		memcpy(payload + len, call.in.octet + call.in.payload, one);
		len += one;
		out[i] = call.out;
	}
	flow_frame_in(&call.flow, payload, len, &all);
	pseudo_only(&all, 4);
	CHECK(!offload_send(fd, &all, (uint16_t)one), "send");
	for (i = 0; i < PACKETS; i++) {
		CHECK(!wire_receive(call.flow.out.side, &got, TIMEOUT), "%d: nothing left", i);
		CHECK(got.len == out[i].len && !memcmp(got.octet, out[i].octet, got.len),
		      "%d: another frame", i);
		call.arrived++;
	}
	CHECK(!ksrtp_leg_get(world.ksrtp, call.flow.in.id, &now) &&
	      now.stats.received == PACKETS + 1 && now.stats.forwarded == PACKETS + 1,
	      "%llu received", (unsigned long long)now.stats.received);
	call_close(&call);
	close(fd);
	tap_end("D3,D4,S8", "segmentation left to the device: every packet, on its own");
}

/* The tag beside the frame, as a NIC hands it over, or a VLAN device to veth. */
void tag_beside(const char *path, enum way inside, enum way beside)
{
	struct call call;
	struct frame got;
	int fd, i;

	CHECK(!run_command("ip link add link kap name kap.5 type vlan id 5 && "
			   "sysctl -qw net/ipv6/conf/kap.5/disable_ipv6=1 && "
			   "ip link set kap.5 up"), "device");
	fd = capture_open("kap.5");
	call_open(&call, SIDE_TAG, 4, GCM128, SIDE_B, 6, GCM256);
	expect_usual(&call, "tag in the frame", BY_SKB);
	expect_usual(&call, "tag in the frame", inside);
	for (i = 0; i < 3; i++) {
		next_packet(&call, 160);
		/* The device puts the tag on. */
		memmove(call.in.octet + 12, call.in.octet + 16, call.in.len - 16);
		call.in.len -= 4;
		call.in.l4 -= 4;
		counters_before(&call.flow);
		CHECK(send(fd, call.in.octet, call.in.len, 0) == (ssize_t)call.in.len, "send");
		CHECK(!wire_receive(call.flow.out.side, &got, TIMEOUT), "nothing left");
		check_out(&call, "tag beside the frame", &got, beside);
	}
	call_close(&call);
	close(fd);
	CHECK(!run_command("ip link del kap.5"), "device");
	tap_end("D3,D4,S8", "VLAN tag beside the frame, %s: it leaves without", path);
}

void form_tests(void)
{
	options();
	checksums(4, PLAIN, BY_XDP);
	checksums(4, GCM128, BY_XDP);
	checksums(6, PLAIN, BY_XDP);
	checksums(6, GCM128, BY_XDP);
	partial(4, PLAIN, BY_XDP);
	partial(6, GCM128, BY_XDP);
	tag_beside("native XDP", BY_XDP, BY_XDP);

	detach_both();
	tap.datapath = "skb";
	checksums(4, PLAIN, BY_SKB);
	checksums(4, GCM128, BY_SKB);
	checksums(6, GCM128, BY_SKB);
	partial(4, GCM128, BY_SKB);
	partial(6, PLAIN, BY_SKB);
	segments();
	tag_beside("skb path", BY_SKB, BY_SKB);
	tap.datapath = "xdp";
	attach_both(KSRTP_XDP_MODE_NATIVE);
}
