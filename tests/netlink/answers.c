// SPDX-License-Identifier: GPL-2.0
/*
 * What is around the single request: dumps while things change, replies that cannot be
 * queued, descriptors in replies, privileges, network namespaces, events. In the VM,
 * with the module just loaded.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ksrtp/ksrtp.h>

#include "raw.h"
#include "tap.h"

#define STABLE_MAX	10000

static struct ksrtp *handle;

static uint32_t new_call(const char *name)
{
	struct ksrtp_call call = { .mode = KSRTP_MODE_TRANSPORT };
	int err;

	snprintf(call.name, sizeof(call.name), "%s", name);
	err = ksrtp_call_new(handle, &call);
	CHECK(!err, "call-new %s: %s", name, ksrtp_error(handle));
	return call.id;
}

static void del_call(uint32_t id)
{
	int err = ksrtp_call_del(handle, id);

	CHECK(!err, "call-del %u: %s", id, ksrtp_error(handle));
}

static uint32_t new_leg(uint32_t call, uint16_t port)
{
	struct ksrtp_leg leg = { .call_id = call, .socket = bound_udp("127.0.0.1", port) };
	int err;

	err = ksrtp_leg_new(handle, &leg);
	CHECK(!err, "leg-new at port %u: %s", port, ksrtp_error(handle));
	close(leg.socket);
	return leg.id;
}

/* -- dumps */
struct seen {
	unsigned int	stable;		/* calls that neither come nor go */
	uint8_t		count[STABLE_MAX];
	unsigned int	others, restarts;
};

static int see(const struct ksrtp_call *call, void *arg)
{
	struct seen *seen = arg;
	unsigned int n;

	if (sscanf(call->name, "stable-%u", &n) == 1 && n < seen->stable)
		seen->count[n]++;
	else
		seen->others++;
	return 0;
}

static void see_again(void *arg)
{
	struct seen *seen = arg;
	memset(seen->count, 0, sizeof(seen->count));
	seen->others = 0;
	seen->restarts++;
}

/* Makes and deletes a call each @pause_us, until it is killed. */
static pid_t churn(unsigned int pause_us)
{
	pid_t pid = fork();
	struct ksrtp_call call;
	struct ksrtp *own;
	unsigned int n;

	if (pid)
		return pid;
	if (ksrtp_open(&own))
		_exit(1);
	for (n = 0;; n++) {
		call = (struct ksrtp_call){ .mode = KSRTP_MODE_TRANSPORT };
		snprintf(call.name, sizeof(call.name), "churn-%u", n);
		if (ksrtp_call_new(own, &call) || ksrtp_call_del(own, call.id))
			_exit(1);
		usleep(pause_us);
	}
}

/*
 * Of @stable calls, while others come and go each @pause_us: @dumps, and then on until one of them
 * was interrupted, which is luck; a hundred times as many tries are not.
 */
static void test_dump_churn(unsigned int stable, unsigned int pause_us, unsigned int dumps)
{
	unsigned int n, whole = 0, restarts = 0, wrong = 0, gone = 0;
	static struct seen seen;
	static uint32_t ids[STABLE_MAX];
	char name[32];
	int err, status;
	pid_t pid;

	for (n = 0; n < stable; n++) {
		snprintf(name, sizeof(name), "stable-%u", n);
		ids[n] = new_call(name);
	}
	pid = churn(pause_us);
	for (n = 0; n < dumps || (!restarts && n < 100 * dumps); n++) {
		unsigned int i;

		memset(&seen, 0, sizeof(seen));
		seen.stable = stable;
		err = ksrtp_call_dump(handle, see, see_again, &seen);
		restarts += seen.restarts;
		CHECK(!err || err == -EINTR, "dump: %s", ksrtp_error(handle));
		gone += err == -EINTR;
		/* What neither comes nor goes is in the last attempt, too. */
		for (i = 0; i < stable; i++)
			wrong += seen.count[i] != 1;
		if (err)
			continue;
		whole++;
		CHECK(seen.others <= 1, "%u calls of a process that has one at a time", seen.others);
	}
	CHECK(waitpid(pid, &status, WNOHANG) == 0, "the other process has ended");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	CHECK(whole, "no dump came out whole (%u gave up)", gone);
	CHECK(restarts, "no dump was interrupted: nothing was shown");
	CHECK(!wrong, "%u calls missing or twice in %u whole dumps", wrong, whole);
	tap_end("O2", "dumps of %u calls while others come and go: %u whole, %u begun again",
		stable, whole, restarts);

	for (n = 0; n < stable; n++)
		del_call(ids[n]);
	memset(&seen, 0, sizeof(seen));
	CHECK(!ksrtp_call_dump(handle, see, see_again, &seen), "dump: %s", ksrtp_error(handle));
	/* The one that the killed process may have left. */
	CHECK(seen.others <= 1, "%u calls left", seen.others);
	tap_end("O2", "and they can all be deleted");
}

static int end_at_once(const struct ksrtp_call *call, void *arg)
{
	*(uint32_t *)arg = call->id;
	return 42;
}

static int use_handle(const struct ksrtp_call *call, void *arg)
{
	struct ksrtp_call same;

	*(int *)arg = ksrtp_call_get(handle, call->id, &same);
	return 0;
}

static void test_dump_callbacks(void)
{
	uint32_t first = new_call("a"), second = new_call("b"), id = 0;
	struct ksrtp_call call;
	int err, inner = 0;

	err = ksrtp_call_dump(handle, end_at_once, NULL, &id);
	CHECK(err == 42 && id, "%d, id %u", err, id);
	CHECK(!ksrtp_call_get(handle, second, &call) && !strcmp(call.name, "b"),
	      "the handle after a dump that its callback ended: %s", ksrtp_error(handle));
	err = ksrtp_call_dump(handle, use_handle, NULL, &inner);
	CHECK(!err && inner == -EBUSY, "%d, inside %d", err, inner);
	CHECK(!ksrtp_call_find(handle, "a", &call) && call.id == first, "call-get by name: %s",
	      ksrtp_error(handle));
	del_call(first);
	del_call(second);
	tap_end("O2", "a callback ends a dump, and cannot use its handle");
}

/* -- replies that nobody reads */
static void test_reply_queue_full(void)
{
	char buf[256] __attribute__((aligned(8))), got[65536];
	unsigned int n, answered = 0, refused = 0;
	struct seen seen = { .others = 0 };
	int tiny = 4096, len;
	const struct nlmsghdr *in;
	struct nlmsghdr *nlh;
	struct raw raw;
	ssize_t r;

	CHECK(raw_open(&raw, true), "no socket");
	setsockopt(mnl_socket_get_fd(raw.nl), SOL_SOCKET, SO_RCVBUF, &tiny, sizeof(tiny));
	for (n = 0; n < 200; n++) {
		char name[32];

		snprintf(name, sizeof(name), "full-%u", n);
		nlh = raw_begin(&raw, buf, KSRTP_CMD_CALL_NEW, 0);
		nlh->nlmsg_seq = n + 100;
		mnl_attr_put_strz(nlh, KSRTP_A_CALL_NAME, name);
		mnl_attr_put_u32(nlh, KSRTP_A_CALL_MODE, KSRTP_MODE_TRANSPORT);
		CHECK(mnl_socket_sendto(raw.nl, nlh, nlh->nlmsg_len) > 0, "send: %s", strerror(errno));
	}
	for (;;) {
		r = recv(mnl_socket_get_fd(raw.nl), got, sizeof(got), MSG_DONTWAIT);
		if (r < 0 && errno == ENOBUFS)
			continue;
		if (r < 0)
			break;
		len = (int)r;
		for (in = (void *)got; mnl_nlmsg_ok(in, len); in = mnl_nlmsg_next(in, &len)) {
			if (in->nlmsg_type == raw.family)
				answered++;
			else if (in->nlmsg_type == NLMSG_ERROR)
				refused++;
		}
	}
	raw_close(&raw);
	CHECK(!ksrtp_call_dump(handle, see, NULL, &seen), "dump: %s", ksrtp_error(handle));
	CHECK(answered && answered < 200, "%u of 200 answered: the queue was never full", answered);
	CHECK(seen.others == answered, "%u calls, %u ids told", seen.others, answered);
	tap_end("O2,S7", "what cannot be answered is not done: %u calls for %u ids of 200 requests",
		seen.others, answered);
}

static int collect(const struct ksrtp_call *call, void *arg)
{
	uint32_t *ids = arg;

	if (ids[0] < 255)
		ids[++ids[0]] = call->id;
	return 0;
}

static void delete_all(void)
{
	uint32_t ids[256] = { 0 };

	CHECK(!ksrtp_call_dump(handle, collect, NULL, ids), "dump: %s", ksrtp_error(handle));
	for (; ids[0]; ids[0]--)
		del_call(ids[ids[0]]);
}

/* -- descriptors */
static unsigned int open_fds(void)
{
	unsigned int n = 0;
	int fd;

	for (fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void test_descriptors(void)
{
	uint32_t call = new_call("fds"), leg = new_leg(call, 7100);
	struct sockaddr_in in = { .sin_family = AF_UNSPEC };
	socklen_t len = sizeof(in);
	struct rlimit now, none;
	unsigned int before;
	int fd, err;

	before = open_fds();
	fd = ksrtp_leg_socket(handle, leg);
	CHECK(fd >= 0, "%s", ksrtp_error(handle));
	CHECK(!getsockname(fd, (void *)&in, &len) && in.sin_port == htons(7100) &&
	      in.sin_addr.s_addr == htonl(INADDR_LOOPBACK), "another socket");
	CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC, "not closed on exec");
	CHECK(bound_udp("127.0.0.1", 7100) >= 0, "a second socket at the same address");
	CHECK(open_fds() == before + 2, "%u more descriptors", open_fds() - before);
	close(fd);

	err = ksrtp_leg_socket(handle, 99999);
	CHECK(err == -ENOENT && open_fds() == before + 1, "%d, %u more", err, open_fds() - before);
	getrlimit(RLIMIT_NOFILE, &now);
	none = (struct rlimit){ .rlim_cur = 3, .rlim_max = now.rlim_max };
	setrlimit(RLIMIT_NOFILE, &none);
	err = ksrtp_leg_socket(handle, leg);
	setrlimit(RLIMIT_NOFILE, &now);
	CHECK(err == -EMFILE && strstr(ksrtp_error(handle), "descriptor"), "%d: %s", err,
	      ksrtp_error(handle));
	CHECK(open_fds() == before + 1, "%u more descriptors", open_fds() - before);
	del_call(call);
	tap_end("O1,O2", "a leg's socket comes back as a new descriptor, or nothing is left");
}

/* -- a leg that moves to another socket */
static bool is_at(const struct sockaddr_storage *addr, const char *ip, uint16_t port)
{
	const struct sockaddr_in6 *in6 = (const void *)addr;
	const struct sockaddr_in *in = (const void *)addr;
	char text[INET6_ADDRSTRLEN] = "";

	if (addr->ss_family == AF_INET6)
		inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text));
	else
		inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text));
	return !strcmp(text, ip) && (addr->ss_family == AF_INET6 ? in6->sin6_port : in->sin_port) == htons(port);
}

/* Is nobody bound there? */
static bool is_free(const struct sockaddr *addr, socklen_t len)
{
	int fd = socket(addr->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok = fd >= 0 && !bind(fd, addr, len);

	close(fd);
	return ok;
}

static bool is_free_at(const char *ip, uint16_t port)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };

	if (inet_pton(AF_INET, ip, &in.sin_addr) == 1)
		return is_free((void *)&in, sizeof(in));
	return inet_pton(AF_INET6, ip, &in6.sin6_addr) == 1 && is_free((void *)&in6, sizeof(in6));
}

/* The kernel lets go of a socket that a leg has left a grace period later. */
static bool becomes_free(const char *ip, uint16_t port)
{
	unsigned int n;

	for (n = 0; n < 500 && !is_free_at(ip, port); n++)
		usleep(10000);
	return n < 500;
}

static void test_move(void)
{
	uint32_t call = new_call("moves"), leg = new_leg(call, 7110), other;
	struct ksrtp_leg set = { .id = leg, .dscp = 46, .state = KSRTP_LEG_STATE_ACTIVE }, get;
	struct sockaddr_in *in = (void *)&set.remote;
	struct sockaddr_in6 *in6 = (void *)&set.remote;
	struct sockaddr_storage name;
	socklen_t len = sizeof(name);
	int before = ksrtp_leg_socket(handle, leg), loop = 0, fd;

	*in = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(7120),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	CHECK(!ksrtp_leg_set(handle, &set, KSRTP_LEG_SET_REMOTE | KSRTP_LEG_SET_DSCP |
			     KSRTP_LEG_SET_STATE), "%s", ksrtp_error(handle));

	/* The same family: the remote address stays. */
	set.socket = bound_udp("127.0.0.1", 7111);
	CHECK(!ksrtp_leg_set(handle, &set, KSRTP_LEG_SET_SOCKET), "%s", ksrtp_error(handle));
	close(set.socket);
	CHECK(!ksrtp_leg_get(handle, leg, &get), "%s", ksrtp_error(handle));
	CHECK(is_at(&get.local, "127.0.0.1", 7111) && is_at(&get.remote, "127.0.0.1", 7120) &&
	      get.dscp == 46 && get.state == KSRTP_LEG_STATE_ACTIVE && get.call_id == call,
	      "leg-get tells something else");
	/* What it left is ordinary, options and all: another leg can have it, and leave it to none. */
	len = sizeof(loop);
	CHECK(!getsockopt(before, IPPROTO_IP, IP_MULTICAST_LOOP, &loop, &len) && loop == 1,
	      "an option of it has changed");
	len = sizeof(name);
	other = 0;
	get = (struct ksrtp_leg){ .call_id = call, .socket = before };
	CHECK(!ksrtp_leg_new(handle, &get), "the socket it left: %s", ksrtp_error(handle));
	other = get.id;
	CHECK(!ksrtp_leg_del(handle, other), "%s", ksrtp_error(handle));
	CHECK(!is_free_at("127.0.0.1", 7110), "its address is free under our descriptor");
	close(before);
	CHECK(becomes_free("127.0.0.1", 7110), "the address that it left is never free");

	/* Another family, with its remote address, and everything else that leg-set takes. */
	set.socket = bound_udp("::1", 7112);
	*in6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons(7121),
				      .sin6_addr = in6addr_loopback };
	set.dscp = 34;
	CHECK(!ksrtp_leg_set(handle, &set, KSRTP_LEG_SET_SOCKET | KSRTP_LEG_SET_REMOTE |
			     KSRTP_LEG_SET_DSCP), "%s", ksrtp_error(handle));
	close(set.socket);
	CHECK(!ksrtp_leg_get(handle, leg, &get), "%s", ksrtp_error(handle));
	CHECK(is_at(&get.local, "::1", 7112) && is_at(&get.remote, "::1", 7121) && get.dscp == 34,
	      "leg-get tells something else");
	fd = ksrtp_leg_socket(handle, leg);
	CHECK(fd >= 0 && !getsockname(fd, (void *)&name, &len) && is_at(&name, "::1", 7112),
	      "leg-get answers another socket");
	close(fd);
	CHECK(becomes_free("127.0.0.1", 7111), "the address that it left is never free");
	CHECK(!is_free_at("::1", 7112), "the leg does not hold its new address");
	CHECK(ksrtp_leg_set(handle, &set, 1u << 7) == -EINVAL, "an unknown bit");

	/* Deleted, it leaves none of its addresses bound. */
	del_call(call);
	CHECK(becomes_free("::1", 7112), "an address of a leg that is gone is never free");
	tap_end("O1,O2", "a leg moves to another socket, also of another family; what it left is ordinary and let go of");
}

/* -- privileges and namespaces: each in a process of its own, which answers by its status */
struct child {
	bool (*run)(void);
	bool user, net;		/* in a new namespace of this kind */
	bool nobody;		/* without capabilities */
};

static bool in_child(const struct child *child)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		if ((child->user && unshare(CLONE_NEWUSER)) || (child->net && unshare(CLONE_NEWNET)) ||
		    (child->nobody && (setgid(65534) || setuid(65534))))
			_exit(2);
		_exit(child->run() ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	CHECK(!WIFEXITED(status) || WEXITSTATUS(status) != 2, "cannot make the process");
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

/* Every command and every dump, also those without attributes, is EPERM. */
static bool all_refused(void)
{
	char buf[256] __attribute__((aligned(8)));
	struct reply reply;
	struct raw raw;
	unsigned int cmd;
	bool ok = true;

	if (!raw_open(&raw, true))
		return false;
	for (cmd = KSRTP_CMD_STATS_GET; cmd <= KSRTP_CMD_OWNER_ALIVE; cmd++) {
		if (cmd != KSRTP_CMD_STREAM_GET) {
			raw_ask(&raw, raw_begin(&raw, buf, (uint8_t)cmd, 0), &reply);
			ok &= reply.err == -EPERM && !reply.messages;
			reply_free(&reply);
		}
		if (cmd == KSRTP_CMD_CALL_GET || cmd == KSRTP_CMD_LEG_GET || cmd == KSRTP_CMD_KEY_GET ||
		    cmd == KSRTP_CMD_ROUTE_GET || cmd == KSRTP_CMD_STREAM_GET) {
			raw_ask(&raw, raw_begin(&raw, buf, (uint8_t)cmd, NLM_F_DUMP), &reply);
			ok &= reply.err == -EPERM && !reply.messages;
			reply_free(&reply);
		}
	}
	/* The group as well. */
	ok &= mnl_socket_setsockopt(raw.nl, NETLINK_ADD_MEMBERSHIP, &raw.group, sizeof(raw.group)) < 0 &&
	      errno == EPERM;
	raw_close(&raw);
	return ok;
}

static bool library_says_so(void)
{
	struct ksrtp_info info;
	struct ksrtp *own, *events;
	bool ok;

	if (ksrtp_open(&own))
		return false;
	ok = ksrtp_info_get(own, &info) == -EPERM && strstr(ksrtp_error(own), "CAP_NET_ADMIN");
	ksrtp_close(own);
	return ok && ksrtp_events_open(&events) == -EPERM && !events &&
	       strstr(ksrtp_error(NULL), "CAP_NET_ADMIN");
}

static uint32_t hidden_call, hidden_leg;

/* In a new network namespace nothing of this one is seen or can be touched. */
static bool nothing_of_others(void)
{
	struct ksrtp_call call;
	struct ksrtp_leg leg;
	struct ksrtp *own;
	struct ksrtp_info info;
	uint32_t ids[256] = { 0 };
	bool ok;

	if (ksrtp_open(&own))
		return false;
	ok = !ksrtp_info_get(own, &info) && !info.calls && !info.legs && !info.keyring_used &&
	     !ksrtp_call_dump(own, collect, NULL, ids) && !ids[0] &&
	     ksrtp_call_get(own, hidden_call, &call) == -ENOENT &&
	     ksrtp_call_find(own, "hidden", &call) == -ENOENT &&
	     ksrtp_call_del(own, hidden_call) == -ENOENT &&
	     ksrtp_leg_get(own, hidden_leg, &leg) == -ENOENT &&
	     ksrtp_leg_socket(own, hidden_leg) == -ENOENT &&
	     ksrtp_leg_del(own, hidden_leg) == -ENOENT && ksrtp_owner_alive(own, 77) == -ENOENT;
	ksrtp_close(own);
	return ok;
}

/* Root of a user namespace of its own: asking is allowed, making until a limit is set is not. */
static bool own_user_namespace(void)
{
	struct ksrtp_call call = { .name = "x", .mode = KSRTP_MODE_TRANSPORT };
	struct ksrtp_info info;
	struct ksrtp *own;
	bool ok;

	if (ksrtp_open(&own))
		return false;
	ok = !ksrtp_info_get(own, &info) && !info.legs_max &&
	     ksrtp_call_new(own, &call) == -ENOSPC && strstr(ksrtp_error(own), "legs_max");
	ksrtp_close(own);
	return ok;
}

static void test_privileges(void)
{
	struct ksrtp_call call = { .name = "hidden", .mode = KSRTP_MODE_TRANSPORT, .owner = 77 };
	struct ksrtp_leg leg;

	CHECK(!ksrtp_call_new(handle, &call), "%s", ksrtp_error(handle));
	hidden_call = call.id;
	hidden_leg = new_leg(call.id, 7101);

	CHECK(in_child(&(struct child){ all_refused, .nobody = true }), "without capabilities");
	CHECK(in_child(&(struct child){ all_refused, .user = true }),
	      "root of a user namespace that does not own the network namespace");
	CHECK(in_child(&(struct child){ library_says_so, .nobody = true }), "the library's words");
	tap_end("O2,S7", "every command, every dump and the event group demand CAP_NET_ADMIN");

	CHECK(in_child(&(struct child){ nothing_of_others, .net = true }), "another namespace");
	CHECK(!ksrtp_leg_get(handle, hidden_leg, &leg), "%s", ksrtp_error(handle));
	tap_end("O2", "another network namespace sees and reaches nothing");

	CHECK(in_child(&(struct child){ own_user_namespace, .user = true, .net = true }),
	      "a network namespace of an unprivileged user namespace");
	tap_end("S7", "in an unprivileged user's network namespace no leg can be made until allowed");
	del_call(hidden_call);
}

/* -- events */
static int count_gone(const struct ksrtp_event *event, void *arg)
{
	uint32_t *last = arg;

	if (event->type == KSRTP_CMD_LEG_GONE_NTF && !strcmp(event->name, "leg-gone"))
		*last = event->leg_id;
	return 0;
}

static void test_events(void)
{
	uint32_t call = new_call("events"), leg = new_leg(call, 7102), here_leg = 0, other_leg = 0;
	int here_ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct ksrtp *here, *other = NULL;
	struct pollfd fd;

	CHECK(!ksrtp_events_open(&here), "%s", ksrtp_error(NULL));
	CHECK(!unshare(CLONE_NEWNET) && !ksrtp_events_open(&other), "%s", ksrtp_error(NULL));
	CHECK(!setns(here_ns, CLONE_NEWNET), "back: %s", strerror(errno));
	close(here_ns);

	CHECK(!ksrtp_leg_del(handle, leg), "%s", ksrtp_error(handle));
	fd = (struct pollfd){ .fd = ksrtp_events_fd(here), .events = POLLIN };
	CHECK(poll(&fd, 1, 2000) == 1, "no event");
	CHECK(!ksrtp_events_read(here, count_gone, &here_leg) && here_leg == leg, "leg %u", here_leg);
	CHECK(!ksrtp_events_read(other, count_gone, &other_leg) && !other_leg,
	      "an event of another namespace");
	ksrtp_close(here);
	ksrtp_close(other);
	del_call(call);
	tap_end("D6,O2", "events arrive, and in their own network namespace only");
}

int main(void)
{
	tap.datapath = "-";
	if (ksrtp_open(&handle)) {
		printf("1..0 # SKIP %s\n", ksrtp_error(NULL));
		return 0;
	}
	test_dump_callbacks();
	test_reply_queue_full();
	delete_all();
	test_descriptors();
	test_move();
	test_privileges();
	test_events();
	test_dump_churn(700, 3000, 40);
	/* Rarer changes: a dump of so many takes its time, and shall come out whole. */
	test_dump_churn(10000, 150000, 10);
	ksrtp_close(handle);
	return tap_done();
}
