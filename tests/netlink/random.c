// SPDX-License-Identifier: GPL-2.0
/*
 * 100,000 messages from a seed (or as many as the first argument says, from the seed of
 * the second), in a network namespace of their own: mostly sensible, partly wrong in
 * every way. The kernel must stay well (the VM's harness reads its log), what it tells
 * must hang together, and the namespace that the test came from must not change.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ksrtp/ksrtp.h>

#include "raw.h"
#include "tap.h"

#define BATCH	32
#define SOCKETS	24
#define FD_BASE	900
#define PORT	7200	/* of the first socket */

static uint64_t state;

static uint32_t rnd(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 20) % below;
}

static bool rarely(uint32_t one_in)
{
	return !rnd(one_in);
}

/* The newest ids that the kernel told: ids count up, and old ones are gone. */
static uint32_t last_call, last_leg, last_route;

static uint32_t recent(uint32_t last, uint32_t span)
{
	return last > span ? last - rnd(span) : 1 + rnd(span);
}

#define CALL	recent(last_call, 5)
#define LEG	recent(last_leg, 14)
#define ROUTE	recent(last_route, 40)

static void put_number(struct nlmsghdr *nlh, uint16_t type, uint32_t value)
{
	mnl_attr_put_u32(nlh, type, rarely(50) ? rnd(1u << 31) * 2 : value);
}

static void put_octets(struct nlmsghdr *nlh, uint16_t type, size_t len)
{
	uint8_t octets[64];
	size_t i;

	for (i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)rnd(256);
	mnl_attr_put(nlh, type, rarely(40) ? rnd(sizeof(octets)) : len, octets);
}

static void put_name(struct nlmsghdr *nlh)
{
	char name[16];

	snprintf(name, sizeof(name), "r%u", rnd(5));
	mnl_attr_put_strz(nlh, KSRTP_A_CALL_NAME, name);
}

static void put_remote(struct nlmsghdr *nlh)
{
	static const uint8_t v4[] = { 127, 0, 0, 1 };

	if (rarely(3))
		mnl_attr_put(nlh, KSRTP_A_LEG_REMOTE_IPV6, sizeof(in6addr_loopback),
			     &in6addr_loopback);
	else
		mnl_attr_put(nlh, KSRTP_A_LEG_REMOTE_IPV4, sizeof(v4), v4);
	mnl_attr_put_u16(nlh, KSRTP_A_LEG_REMOTE_PORT,
			 rnd(2) ? (uint16_t)rnd(65536) : htons((uint16_t)(PORT + rnd(SOCKETS))));
}

static void put_leg(struct nlmsghdr *nlh, bool set)
{
	if (set) {
		put_number(nlh, KSRTP_A_LEG_ID, LEG);
		if (rarely(3))
			put_number(nlh, KSRTP_A_LEG_SOCKET, FD_BASE + rnd(SOCKETS));
	} else {
		put_number(nlh, KSRTP_A_LEG_CALL_ID, CALL);
		put_number(nlh, KSRTP_A_LEG_SOCKET, FD_BASE + rnd(SOCKETS));
	}
	if (rnd(2))
		put_remote(nlh);
	if (rnd(2))
		put_number(nlh, KSRTP_A_LEG_STATE, rnd(2));
	if (rnd(2))
		put_number(nlh, KSRTP_A_LEG_FLAGS, rnd(4));
	if (rarely(4))
		mnl_attr_put_u8(nlh, KSRTP_A_LEG_DSCP, (uint8_t)rnd(70));
	if (!set && rarely(3))
		put_number(nlh, KSRTP_A_LEG_WINDOW, 64u << rnd(8));
	if (!set && rarely(3))
		put_number(nlh, KSRTP_A_LEG_STREAMS_MAX, 1 + rnd(1024));
	if (rarely(6))
		mnl_attr_put_u64(nlh, KSRTP_A_LEG_RATE, (uint64_t)rnd(1u << 31) << rnd(32));
	if (rarely(3)) {
		mnl_attr_put_strz(nlh, KSRTP_A_LEG_ICE_UFRAG, rarely(9) ? "x" : "host");
		mnl_attr_put_strz(nlh, KSRTP_A_LEG_ICE_PWD, "0123456789+/abcdefghij");
		mnl_attr_put_strz(nlh, KSRTP_A_LEG_ICE_REMOTE_UFRAG, "peer");
	}
}

static void put_slot(struct nlmsghdr *nlh, bool direction)
{
	put_number(nlh, KSRTP_A_KEY_LEG_ID, LEG);
	if (direction)
		put_number(nlh, KSRTP_A_KEY_DIRECTION, rnd(2));
	put_number(nlh, KSRTP_A_KEY_SLOT, rnd(2));
}

static void put_key(struct nlmsghdr *nlh)
{
	uint32_t suite = rnd(3);
	size_t len = suite == 2 ? 32 : 16;

	put_slot(nlh, true);
	put_number(nlh, KSRTP_A_KEY_SUITE, suite);
	put_number(nlh, KSRTP_A_KEY_CONTEXT, rnd(2));
	if (!suite && !rarely(20))
		return;
	put_octets(nlh, KSRTP_A_KEY_SRTP_KEY, len);
	put_octets(nlh, KSRTP_A_KEY_SRTP_SALT, 12);
	put_octets(nlh, KSRTP_A_KEY_SRTCP_KEY, len);
	put_octets(nlh, KSRTP_A_KEY_SRTCP_SALT, 12);
}

/* What the command wants, more or less. */
static void put_sensible(struct nlmsghdr *nlh, uint8_t cmd, bool dump)
{
	switch (cmd) {
	case KSRTP_CMD_CALL_NEW:
		put_name(nlh);
		put_number(nlh, KSRTP_A_CALL_MODE, rnd(3));
		if (rnd(2)) {
			put_number(nlh, KSRTP_A_CALL_OWNER, rnd(3));
			put_number(nlh, KSRTP_A_CALL_LEASE, 1 + rnd(86400));
		}
		break;
	case KSRTP_CMD_CALL_GET:
		if (!dump && rnd(2))
			put_name(nlh);
		else if (!dump)
			put_number(nlh, KSRTP_A_CALL_ID, CALL);
		break;
	case KSRTP_CMD_CALL_SET:
		put_number(nlh, KSRTP_A_CALL_ID, CALL);
		put_number(nlh, KSRTP_A_CALL_OWNER, rnd(3));
		if (rnd(2))
			put_number(nlh, KSRTP_A_CALL_LEASE, 1 + rnd(86400));
		break;
	case KSRTP_CMD_CALL_DEL:
		/* Not so often that nothing ever grows. */
		if (rarely(6))
			put_number(nlh, KSRTP_A_CALL_ID, CALL);
		break;
	case KSRTP_CMD_LEG_NEW:
	case KSRTP_CMD_LEG_SET:
		put_leg(nlh, cmd == KSRTP_CMD_LEG_SET);
		break;
	case KSRTP_CMD_LEG_GET:
		put_number(nlh, dump ? KSRTP_A_LEG_CALL_ID : KSRTP_A_LEG_ID, LEG);
		if (!dump && rnd(2))
			mnl_attr_put(nlh, KSRTP_A_LEG_SOCKET_WANTED, 0, NULL);
		break;
	case KSRTP_CMD_LEG_DEL:
		if (rarely(6))
			put_number(nlh, KSRTP_A_LEG_ID, LEG);
		break;
	case KSRTP_CMD_KEY_NEW:
		put_key(nlh);
		break;
	case KSRTP_CMD_KEY_GET:
		if (dump)
			put_number(nlh, KSRTP_A_KEY_LEG_ID, LEG);
		else
			put_slot(nlh, true);
		break;
	case KSRTP_CMD_KEY_ACTIVATE:
	case KSRTP_CMD_KEY_DEL:
		put_slot(nlh, cmd == KSRTP_CMD_KEY_DEL);
		break;
	case KSRTP_CMD_ROUTE_NEW:
		put_number(nlh, KSRTP_A_ROUTE_FROM, LEG);
		put_number(nlh, KSRTP_A_ROUTE_TO, LEG);
		put_number(nlh, KSRTP_A_ROUTE_FLAGS, 1 + rnd(3));
		break;
	case KSRTP_CMD_ROUTE_SET:
		put_number(nlh, KSRTP_A_ROUTE_ID, ROUTE);
		put_number(nlh, KSRTP_A_ROUTE_FLAGS, rnd(8));
		break;
	case KSRTP_CMD_ROUTE_GET:
		put_number(nlh, dump ? KSRTP_A_ROUTE_FROM : KSRTP_A_ROUTE_ID, dump ? LEG : ROUTE);
		break;
	case KSRTP_CMD_ROUTE_DEL:
		put_number(nlh, KSRTP_A_ROUTE_ID, ROUTE);
		break;
	case KSRTP_CMD_STREAM_GET:
		put_number(nlh, KSRTP_A_STREAM_LEG_ID, LEG);
		break;
	case KSRTP_CMD_OWNER_ALIVE:
		put_number(nlh, KSRTP_A_OWNER_ID, rnd(4));
		break;
	}
}

/* A wrong octet, length or attribute anywhere. */
static void spoil(struct nlmsghdr *nlh)
{
	uint8_t *payload = mnl_nlmsg_get_payload(nlh);
	size_t len = mnl_nlmsg_get_payload_len(nlh);
	unsigned int n;

	switch (rnd(3)) {
	case 0:
		for (n = 1 + rnd(3); n; n--)
			payload[rnd((uint32_t)len)] = (uint8_t)rnd(256);
		break;
	case 1:
		nlh->nlmsg_len -= rnd((uint32_t)len);
		break;
	default:
		put_octets(nlh, (uint16_t)(rnd(24) | (rarely(4) ? NLA_F_NESTED : 0)), rnd(40));
	}
}

static size_t make(const struct raw *raw, char *buf)
{
	uint8_t cmd = (uint8_t)(rarely(60) ? rnd(256) :
				rarely(10) ? KSRTP_CMD_ROUTE_SET + rnd(2) :
					     1 + rnd(KSRTP_CMD_OWNER_ALIVE));
	bool dump = rarely(12) || (cmd == KSRTP_CMD_STREAM_GET && rnd(2));
	struct nlmsghdr *nlh = raw_begin(raw, buf, cmd, dump ? NLM_F_DUMP : 0);

	if (!rarely(20))
		put_sensible(nlh, cmd, dump);
	if (rarely(6))
		spoil(nlh);
	return MNL_ALIGN(nlh->nlmsg_len);
}

static unsigned long answered, refused, made[3];

static void take_answer(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr = mnl_nlmsg_get_payload_offset(nlh, sizeof(*genl));

	answered++;
	switch (genl->cmd) {
	case KSRTP_CMD_CALL_NEW:
		made[0]++;
		last_call = mnl_attr_get_u32(attr);
		break;
	case KSRTP_CMD_LEG_NEW:
		made[1]++;
		last_leg = mnl_attr_get_u32(attr);
		break;
	case KSRTP_CMD_ROUTE_NEW:
		made[2]++;
		last_route = mnl_attr_get_u32(attr);
		break;
	}
}

static void drain(const struct raw *raw)
{
	static char buf[65536] __attribute__((aligned(8)));
	const struct nlmsghdr *nlh;
	ssize_t n;
	int len;

	for (;;) {
		n = recv(mnl_socket_get_fd(raw->nl), buf, sizeof(buf), MSG_DONTWAIT);
		if (n < 0 && errno == ENOBUFS)
			continue;
		if (n < 0)
			break;
		len = (int)n;
		for (nlh = (void *)buf; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len)) {
			if (nlh->nlmsg_type == raw->family)
				take_answer(nlh);
			refused += nlh->nlmsg_type == NLMSG_ERROR;
		}
	}
	/* What leg-get gave out. */
	close_range(64, FD_BASE - 1, 0);
}

/* -- what the kernel tells afterwards */
struct view {
	struct ksrtp		*handle;
	uint32_t		calls, legs, legs_of_calls;
	struct { uint32_t id, call; struct sockaddr_storage local, remote; } leg[1024];
	unsigned int		wrong;
};

static int view_call(const struct ksrtp_call *call, void *arg)
{
	struct view *view = arg;

	view->calls++;
	view->legs_of_calls += call->legs;
	return 0;
}

static int view_leg(const struct ksrtp_leg *leg, void *arg)
{
	struct view *view = arg;

	if (view->legs < 1024) {
		view->leg[view->legs].id = leg->id;
		view->leg[view->legs].call = leg->call_id;
		view->leg[view->legs].local = leg->local;
		view->leg[view->legs].remote = leg->remote;
	}
	view->legs++;
	return 0;
}

static uint32_t call_of(const struct view *view, uint32_t leg)
{
	uint32_t i;

	for (i = 0; i < view->legs && i < 1024; i++)
		if (view->leg[i].id == leg)
			return view->leg[i].call;
	return 0;
}

static bool is_at(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	/* As the library fills them in: zero where they have nothing. */
	return a->ss_family && !memcmp(a, b, sizeof(*a));
}

/* Legs at one address, a remote of another family than the socket, and loops. */
static unsigned int misplaced(const struct view *view)
{
	unsigned int n = 0;
	uint32_t i, j;

	for (i = 0; i < view->legs && i < 1024; i++) {
		n += view->leg[i].remote.ss_family &&
		     view->leg[i].remote.ss_family != view->leg[i].local.ss_family;
		for (j = 0; j < i; j++)
			n += is_at(&view->leg[i].local, &view->leg[j].local) ||
			     (is_at(&view->leg[i].remote, &view->leg[j].local) &&
			      is_at(&view->leg[j].remote, &view->leg[i].local));
	}
	return n;
}

static int view_route(const struct ksrtp_route *route, void *arg)
{
	struct view *view = arg;

	view->wrong += !call_of(view, route->from) || route->from == route->to ||
		       call_of(view, route->from) != call_of(view, route->to);
	return 0;
}

static int view_key(const struct ksrtp_key *key, void *arg)
{
	struct view *view = arg;

	view->wrong += !call_of(view, key->leg_id) || key->slot > 1 || key->direction > 1 ||
		       key->suite > KSRTP_SUITE_MAX;
	return 0;
}

static void check_view(void)
{
	static struct view view;
	struct ksrtp_info info;

	memset(&view, 0, sizeof(view));
	CHECK(!ksrtp_open(&view.handle), "%s", ksrtp_error(NULL));
	CHECK(!ksrtp_call_dump(view.handle, view_call, NULL, &view), "%s", ksrtp_error(view.handle));
	CHECK(!ksrtp_leg_dump(view.handle, 0, view_leg, NULL, &view), "%s", ksrtp_error(view.handle));
	CHECK(!ksrtp_route_dump(view.handle, 0, view_route, NULL, &view), "%s", ksrtp_error(view.handle));
	CHECK(!ksrtp_key_dump(view.handle, 0, view_key, NULL, &view), "%s", ksrtp_error(view.handle));
	CHECK(!ksrtp_info_get(view.handle, &info), "%s", ksrtp_error(view.handle));
	CHECK(!misplaced(&view), "%u legs where they must not be", misplaced(&view));
	CHECK(!view.wrong, "%u routes or keys of legs that are not there", view.wrong);
	CHECK(info.calls == view.calls && info.legs == view.legs && view.legs == view.legs_of_calls,
	      "%u calls, %u dumped; %u legs, %u dumped, %u in calls", info.calls, view.calls,
	      info.legs, view.legs, view.legs_of_calls);
	ksrtp_close(view.handle);
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : 100000, sent = 0, n;
	unsigned long seed = argc > 2 ? strtoul(argv[2], NULL, 0) : 20251;
	static char buf[BATCH * 1024] __attribute__((aligned(8)));
	struct raw outside, raw;
	struct reply before, after;
	size_t len;
	int i;

	tap.datapath = "-";
	if (!raw_open(&outside, true)) {
		printf("1..0 # SKIP no family ksrtp: the module is not loaded\n");
		return 0;
	}
	state = 0x9e3779b97f4a7c15ull ^ seed;
	raw_snapshot(&outside, &before);
	CHECK(!unshare(CLONE_NEWNET) && !system("ip link set lo up"), "a new namespace: %s", strerror(errno));
	CHECK(raw_open(&raw, true), "no socket there");
	for (i = 0; i < SOCKETS; i++) {
		int fd = bound_udp(i % 3 ? "127.0.0.1" : "::1", (uint16_t)(PORT + i));

		CHECK(fd >= 0 && dup2(fd, FD_BASE + i) >= 0, "a socket: %s", strerror(errno));
		close(fd);
	}
	while (sent < count) {
		for (len = 0, n = 0; n < BATCH; n++)
			len += make(&raw, buf + len);
		CHECK(mnl_socket_sendto(raw.nl, buf, len) > 0, "send: %s", strerror(errno));
		sent += n;
		drain(&raw);
		if (sent % (BATCH * 256) == 0)
			check_view();
	}
	check_view();
	/* Else the messages never got past the first check. */
	CHECK(answered > count / 20 && refused > count / 20, "%lu answers, %lu refusals", answered, refused);
	CHECK(made[0] > count / 2000 && made[1] > count / 2000 && made[2] > count / 2000,
	      "%lu calls, %lu legs, %lu routes made", made[0], made[1], made[2]);
	raw_close(&raw);
	tap_end("S7", "%lu random messages (seed %lu), %lu refused, made %lu calls, %lu legs, %lu routes: the state holds together",
		sent, seed, refused, made[0], made[1], made[2]);
	raw_snapshot(&outside, &after);
	CHECK(!after.err && after.len == before.len && !memcmp(after.bytes, before.bytes, after.len),
	      "something changed in the namespace outside");
	tap_end("S7", "nothing of it touched another network namespace");
	return tap_done();
}
