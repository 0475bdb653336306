// SPDX-License-Identifier: GPL-2.0
/*
 * The module, in the world of tests/bpf/world.h: legs take turns between its two links,
 * datagrams go in as frames at the far end of a link and are caught there. With the
 * program attached it is the datapath xdp, else skb.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../bpf/world.h"
#include "driver.h"

#define PORT		30000
#define STRANGER	40000
#define WAIT_MS		3000
#define HELPER		LEGS_MAX	/* none of the script's legs */
#define FRAME_LEN	1514

#define FPU_SWITCH	"/sys/module/ksrtp/parameters/fpu_refuse_every"

struct endpoint {
	uint32_t id;
	int fd, family;
	const struct side *side;
	struct sockaddr_storage remote;
	uint16_t local_port;
	uint64_t received;	/* that the leg counted so far */
};

static struct endpoint endpoints[LEGS_MAX + 1];
static char version[128];

/* What the XDP program has counted when the last frame was done with. */
static struct {
	int attached;
	uint64_t passed, settled;
	int last_settled;
} program;

/* Frames that left on other legs than the one that was asked about. */
static struct {
	struct frame frame;
	const struct side *side;
} kept[LEGS_MAX];
static unsigned int kept_count;

static int attach(const struct side *side)
{
	char why[256] = "";
	int got = ksrtp_xdp_attach(if_nametoindex(side->dev), KSRTP_XDP_MODE_NATIVE, why, sizeof(why));

	if (got == KSRTP_XDP_MODE_NATIVE)
		return 0;
	printf("# cannot attach to %s: %s\n", side->dev, why);
	return -1;
}

static int skb_open(void)
{
	struct ksrtp_info info;

	if (world_open() || ksrtp_info_get(world.ksrtp, &info))
		return -1;
	snprintf(version, sizeof(version), "%.60s", info.version);
	return 0;
}

static int read_program(uint64_t *passed, uint64_t *settled)
{
	struct ksrtp_xdp_status status;
	int err = ksrtp_xdp_status(if_nametoindex(sides[SIDE_A].dev), &status);

	*passed = status.pass;
	*settled = status.drop + status.tx + status.redirect;
	return err;
}

static int xdp_open(void)
{
	if (skb_open() || attach(&sides[SIDE_A]) || attach(&sides[SIDE_B]) ||
	    read_program(&program.passed, &program.settled))
		return -1;
	program.attached = 1;
	return 0;
}

static void kernel_close(void)
{
	char why[256];

	ksrtp_xdp_detach(if_nametoindex("ka"), why, sizeof(why));
	ksrtp_xdp_detach(if_nametoindex("kb"), why, sizeof(why));
	world_close();
}

static const char *kernel_error(void)
{
	return ksrtp_error(world.ksrtp);
}

static const char *kernel_version(void)
{
	return version;
}

/* -- control: libksrtp as it is */

static int call_new(struct ksrtp_call *call)
{
	kept_count = 0;
	return ksrtp_call_new(world.ksrtp, call);
}

static int call_del(uint32_t id)
{
	unsigned int i;

	for (i = 0; i <= LEGS_MAX; i++) {
		if (endpoints[i].id)
			close(endpoints[i].fd);
		endpoints[i].id = 0;
	}
	return ksrtp_call_del(world.ksrtp, id);
}

static void set_address(struct sockaddr_storage *ss, int family, const char *host, uint16_t port)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *in = (struct sockaddr_in *)ss;

	memset(ss, 0, sizeof(*ss));
	if (family == 4) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		inet_pton(AF_INET, host, &in->sin_addr);
	} else {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		inet_pton(AF_INET6, host, &in6->sin6_addr);
	}
}

static int open_socket(struct endpoint *e)
{
	struct sockaddr_storage local;
	socklen_t len = sizeof(local);

	set_address(&local, e->family, e->family == 4 ? e->side->local4 : e->side->local6, 0);
	e->fd = socket(local.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (e->fd < 0)
		return -errno;
	if (bind(e->fd, (struct sockaddr *)&local, e->family == 4 ? sizeof(struct sockaddr_in) :
		 sizeof(struct sockaddr_in6)) ||
	    getsockname(e->fd, (struct sockaddr *)&local, &len)) {
		int err = -errno;

		close(e->fd);
		return err;
	}
	e->local_port = ntohs(((struct sockaddr_in *)&local)->sin_port);
	return 0;
}

static int open_endpoint(struct ksrtp_leg *leg, unsigned int n, int family, int remote)
{
	struct endpoint *e = &endpoints[n];
	int err;

	e->side = &sides[n % 2 ? SIDE_B : SIDE_A];
	e->family = family;
	e->received = 0;
	set_address(&e->remote, family, family == 4 ? e->side->remote4 : e->side->remote6,
		    (uint16_t)(PORT + n));
	err = open_socket(e);
	if (err)
		return err;
	leg->socket = e->fd;
	if (remote)
		leg->remote = e->remote;
	err = ksrtp_leg_new(world.ksrtp, leg);
	if (err)
		close(e->fd);
	e->id = err ? 0 : leg->id;
	return err;
}

static int input(unsigned int n, int stranger, const uint8_t *data, size_t len);

static int open_helper(uint32_t call)
{
	/* A wider window than theirs would widen the legs that it has routes to. */
	struct ksrtp_leg leg = {
		.call_id = call, .state = KSRTP_LEG_STATE_ACTIVE, .window = KSRTP_WINDOW_MIN,
	};
	struct ksrtp_key key = {
		.direction = KSRTP_DIRECTION_RX, .suite = KSRTP_SUITE_NONE,
		.context = KSRTP_CONTEXT_NEW,
	};
	int err = open_endpoint(&leg, HELPER, 4, 1);

	key.leg_id = leg.id;
	return err ? err : ksrtp_key_new(world.ksrtp, &key);
}

/*
 * The first packet toward an endpoint is the skb path's, which finds the next hop; XDP has
 * those after it. So a leg's first one is not of the script: it comes in on a plain leg of
 * the same call, has the next hop found, and is dropped there, because the new leg has no key
 * yet. Nothing counts it but the helping leg and a route that goes again.
 */
static int find_next_hop(uint32_t call, uint32_t leg)
{
	static const uint8_t rtp[20] = { 0x80, 96, 0, 1, 0, 0, 0, 0, 0x0d, 0xd5, 0x5e, 0xc0 };
	struct ksrtp_route route = { .to = leg, .flags = KSRTP_ROUTE_F_RTP };
	int err = endpoints[HELPER].id ? 0 : open_helper(call), gone;

	if (err)
		return err;
	route.from = endpoints[HELPER].id;
	err = ksrtp_route_new(world.ksrtp, &route);
	if (err)
		return err;
	err = input(HELPER, 0, rtp, sizeof(rtp));
	gone = ksrtp_route_del(world.ksrtp, route.id);
	return err ? err : gone;
}

static int leg_new(struct ksrtp_leg *leg, unsigned int n, int family, int remote)
{
	int err = open_endpoint(leg, n, family, remote);

	if (err || !program.attached || !remote)
		return err;
	return find_next_hop(leg->call_id, leg->id);
}

static struct endpoint *by_id(uint32_t id)
{
	unsigned int i;

	for (i = 0; i < LEGS_MAX - 1 && endpoints[i].id != id; i++)
		;
	return &endpoints[i];
}

static int leg_set(const struct ksrtp_leg *leg, unsigned int what)
{
	struct ksrtp_leg set = *leg;

	set.remote = by_id(leg->id)->remote;
	return ksrtp_leg_set(world.ksrtp, &set, what);
}

static int leg_get(uint32_t id, struct ksrtp_leg *leg)
{
	return ksrtp_leg_get(world.ksrtp, id, leg);
}

static int leg_del(uint32_t id)
{
	struct endpoint *e = by_id(id);
	int err = ksrtp_leg_del(world.ksrtp, id);

	if (!err) {
		close(e->fd);
		e->id = 0;
	}
	return err;
}

static int key_new(const struct ksrtpd_key *p)
{
	struct ksrtp_key key = { .suite = KSRTP_SUITE_NONE };
	int err = 0;

	if (p->suite != KSRTP_SUITE_NONE)
		err = ksrtp_key_derive(&key, p->suite, p->master_key, p->master_salt);
	if (err)
		return err;
	key.leg_id = p->leg_id;
	key.direction = p->direction;
	key.slot = p->slot;
	key.context = p->context;
	key.roc = p->roc;
	key.mki_len = p->mki_len;
	memcpy(key.mki, p->mki, p->mki_len);
	return ksrtp_key_new(world.ksrtp, &key);
}

static int key_activate(uint32_t leg, uint32_t slot)
{
	return ksrtp_key_activate(world.ksrtp, leg, slot);
}

static int key_del(uint32_t leg, uint32_t direction, uint32_t slot)
{
	return ksrtp_key_del(world.ksrtp, leg, direction, slot);
}

static int route_new(struct ksrtp_route *route)
{
	return ksrtp_route_new(world.ksrtp, route);
}

static int route_set(uint32_t id, uint32_t flags)
{
	return ksrtp_route_set(world.ksrtp, id, flags);
}

static int route_get(uint32_t id, struct ksrtp_route *route)
{
	return ksrtp_route_get(world.ksrtp, id, route);
}

static int route_del(uint32_t id)
{
	return ksrtp_route_del(world.ksrtp, id);
}

static int stream_dump(uint32_t leg, ksrtp_stream_cb cb, void *arg)
{
	return ksrtp_stream_dump(world.ksrtp, leg, cb, NULL, arg);
}

/* -- frames */

static void take_octets(uint8_t *to, const struct sockaddr_storage *addr)
{
	if (addr->ss_family == AF_INET)
		memcpy(to, &((const struct sockaddr_in *)addr)->sin_addr, 4);
	else
		memcpy(to, &((const struct sockaddr_in6 *)addr)->sin6_addr, 16);
}

/* The leg has counted the packet: whatever leaves has been handed to a device. */
static int wait_counted(struct endpoint *e)
{
	struct ksrtp_leg leg;
	int i;

	for (i = 0; i < WAIT_MS; i++) {
		if (ksrtp_leg_get(world.ksrtp, e->id, &leg))
			return -ENOENT;
		if (leg.stats.received > e->received) {
			e->received = leg.stats.received;
			return 0;
		}
		usleep(i < 50 ? 200 : 1000);
	}
	return -ETIMEDOUT;
}

/* The program counts after the leg has: one frame, one verdict. */
static int wait_program(void)
{
	uint64_t passed, settled;
	int i, err;

	for (i = 0; i < WAIT_MS; i++) {
		err = read_program(&passed, &settled);
		if (err)
			return err;
		if (passed + settled > program.passed + program.settled) {
			program.last_settled = settled > program.settled;
			program.passed = passed;
			program.settled = settled;
			return 0;
		}
		usleep(1000);
	}
	return -ETIMEDOUT;
}

static int by_xdp(void)
{
	return program.last_settled;
}

static int without_fpu(uint64_t *count)
{
	FILE *file = fopen(FPU_SWITCH, "re");
	struct ksrtp_info info;
	unsigned int every = 0;

	if (file) {
		if (fscanf(file, "%u", &every) != 1)
			every = 0;
		fclose(file);
	}
	/* An internal driver (named __) must ask; from 6.16 on the ordinary one copes. */
	if (!every || ksrtp_info_get(world.ksrtp, &info) || strncmp(info.aead_driver, "__", 2))
		return -ENOENT;
	*count = info.aead_fallback_used;
	return 0;
}

/*
 * veth puts a frame into as much memory as it needs, and growing it fails as often as not;
 * one that fills more than half a page has a page, with room behind it as in a NIC's buffer.
 * Padding behind the datagram makes it one.
 */
static void pad(struct frame *frame)
{
	if (frame->len >= FRAME_LEN)
		return;
	memset(frame->octet + frame->len, 0, FRAME_LEN - frame->len);
	frame->len = FRAME_LEN;
}

static int input(unsigned int n, int stranger, const uint8_t *data, size_t len)
{
	struct endpoint *e = &endpoints[n];
	struct frame_spec spec = {
		.family = e->family, .src_port = (uint16_t)((stranger ? STRANGER : PORT) + n),
		.dst_port = e->local_port, .ttl = 64, .payload = data, .payload_len = len,
	};
	struct sockaddr_storage local;
	struct frame frame;
	int err;

	memcpy(spec.dst_mac, e->side->mac, 6);
	memcpy(spec.src_mac, e->side->peer_mac, 6);
	take_octets(spec.src, &e->remote);
	set_address(&local, e->family, e->family == 4 ? e->side->local4 : e->side->local6, 0);
	take_octets(spec.dst, &local);
	frame_build(&frame, &spec);
	if (program.attached)
		pad(&frame);
	err = wire_send(e->side, &frame);
	if (!err)
		err = wait_counted(e);
	return err || !program.attached ? err : wait_program();
}

/* Where the UDP header of a frame without tags is. */
static size_t udp_at(const struct frame *frame)
{
	return frame_get16(frame->octet + 12) == 0x0800 ? 14 + 20 : 14 + 40;
}

static int belongs(unsigned int n, const struct side *side, const struct frame *frame)
{
	const uint8_t *udp = frame->octet + udp_at(frame);
	const struct endpoint *e = &endpoints[n];

	return e->side == side && frame_get16(udp) == e->local_port &&
	       frame_get16(frame->octet + 12) == (e->family == 4 ? 0x0800 : 0x86dd);
}

static int find_kept(unsigned int n, struct frame *frame)
{
	unsigned int i;

	for (i = 0; i < kept_count; i++) {
		if (!belongs(n, kept[i].side, &kept[i].frame))
			continue;
		*frame = kept[i].frame;
		memmove(&kept[i], &kept[i + 1], (--kept_count - i) * sizeof(kept[0]));
		return 0;
	}
	return -ENOENT;
}

static int output(unsigned int n, int wait_ms, int *stranger, uint8_t *data, size_t *len)
{
	const struct side *side = endpoints[n].side;
	const uint8_t *udp;
	struct frame frame;
	int found = endpoints[n].id ? find_kept(n, &frame) : -ENOENT;

	while (found && endpoints[n].id && !wire_receive(side, &frame, wait_ms)) {
		if (belongs(n, side, &frame)) {
			found = 0;
		} else if (kept_count < LEGS_MAX) {
			kept[kept_count].frame = frame;
			kept[kept_count++].side = side;
		}
	}
	if (found)
		return found;
	udp = frame.octet + udp_at(&frame);
	*stranger = frame_get16(udp + 2) != PORT + n;
	*len = frame_get16(udp + 4) - 8u;
	memcpy(data, udp + 8, *len);
	return 0;
}

static int up(unsigned int n, uint8_t *data, size_t *len)
{
	ssize_t got = endpoints[n].id ? recv(endpoints[n].fd, data, DATAGRAM_MAX, MSG_DONTWAIT) : -1;

	if (got < 0)
		return -ENOENT;
	*len = (size_t)got;
	return 0;
}

#define KERNEL_DRIVER \
	.close = kernel_close, .error = kernel_error, .version = kernel_version, \
	.call_new = call_new, .call_del = call_del, .leg_new = leg_new, .leg_set = leg_set, \
	.leg_get = leg_get, .leg_del = leg_del, .key_new = key_new, \
	.key_activate = key_activate, .key_del = key_del, .route_new = route_new, \
	.route_set = route_set, .route_get = route_get, .route_del = route_del, \
	.stream_dump = stream_dump, .input = input, .output = output, .up = up, \
	.has_skb = 1, .without_fpu = without_fpu

static const struct driver xdp = {
	.name = "xdp", .open = xdp_open, .by_xdp = by_xdp, KERNEL_DRIVER
};
static const struct driver skb = { .name = "skb", .open = skb_open, KERNEL_DRIVER };

const struct driver *const drivers[] = { &xdp, &skb, NULL };
