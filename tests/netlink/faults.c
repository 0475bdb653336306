// SPDX-License-Identifier: GPL-2.0
/*
 * Every allocation that a request makes fails once, one after the other: the request is refused
 * and changes nothing, or it is done. In the VM; on a kernel with fault injection (see the kernel's
 * Documentation/fault-injection) all of them, elsewhere those of the module itself, by its test
 * build. What leaks is found by `make check-debug`.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <ksrtp/ksrtp.h>

#include "raw.h"
#include "tap.h"

#define ATTEMPTS_MAX	500
#define FAIL_NTH	"/proc/thread-self/fail-nth"
#define OUR_NTH		"/sys/module/ksrtp/parameters/alloc_fail_nth"
#define DEBUG		"/sys/kernel/debug/"
#define GCM		KSRTP_SUITE_AEAD_AES_128_GCM
#define CM		KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80
#define RX		KSRTP_DIRECTION_RX
#define TX		KSRTP_DIRECTION_TX

static struct ksrtp *handle;	/* for all that must succeed */
static struct raw observer;

/* -- the faults */

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

/* Also those that may wait for memory. */
static bool enable_all(void)
{
	if (access(FAIL_NTH, W_OK))
		return false;
	if (access(DEBUG "failslab", X_OK))
		(void)mount("debugfs", DEBUG, "debugfs", 0, NULL);
	return put(DEBUG "failslab/ignore-gfp-wait", "N") &&
	       put(DEBUG "failslab/verbose", "0") &&
	       put(DEBUG "fail_page_alloc/ignore-gfp-wait", "N") &&
	       put(DEBUG "fail_page_alloc/min-order", "0") &&
	       put(DEBUG "fail_page_alloc/verbose", "0");
}

static int fault_fd = -1;
static bool all_of_them;		/* those that the kernel makes for the request, too */

static bool enable(void)
{
	all_of_them = enable_all();
	fault_fd = open(all_of_them ? FAIL_NTH : OUR_NTH, O_RDWR | O_CLOEXEC);
	return fault_fd >= 0;
}

static void fault_arm(unsigned int nth)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%u", nth);

	CHECK(pwrite(fault_fd, text, (size_t)n, 0) == n, "fail-nth: %s", strerror(errno));
}

/* Did it come to the allocation that should fail? */
static bool fault_disarm(void)
{
	char text[16] = "";
	bool happened;

	CHECK(pread(fault_fd, text, sizeof(text) - 1, 0) > 0, "fail-nth: %s", strerror(errno));
	happened = atoi(text) == 0;
	fault_arm(0);
	return happened;
}

/* -- what requests are made in: a call with two legs, keys and a route, new for each attempt */

static struct fixture {
	uint32_t call, leg[2];
	struct ksrtp_key key;		/* for the key requests, not installed */
	int socket;			/* for those that hand one over */
} now;

static uint16_t next_port(void)
{
	static uint16_t port = 20000;

	return port = port == 60000 ? 20000 : port + 1;
}

static void make_key(struct ksrtp_key *key, uint32_t suite, uint32_t leg, uint32_t direction,
		     uint32_t slot)
{
	static unsigned int serial;
	uint8_t master[32] = { 1 }, salt[14] = { 2 };

	serial++;
	memcpy(master + 4, &serial, sizeof(serial));
	memset(key, 0, sizeof(*key));
	if (suite != KSRTP_SUITE_NONE)
		CHECK(!ksrtp_key_derive(key, suite, master, salt), "derive");
	key->leg_id = leg;
	key->direction = direction;
	key->slot = slot;
	key->context = KSRTP_CONTEXT_NEW;
}

static void must(int err, const char *what)
{
	CHECK(!err, "%s: %s", what, ksrtp_error(handle));
}

static void fixture_open(void)
{
	struct ksrtp_call call = { .name = "faults", .mode = KSRTP_MODE_TRANSPORT };
	struct ksrtp_leg leg;
	struct ksrtp_route route;
	struct ksrtp_key key;
	unsigned int i;

	memset(&now, 0, sizeof(now));
	must(ksrtp_call_new(handle, &call), "call-new");
	now.call = call.id;
	for (i = 0; i < 2; i++) {
		leg = (struct ksrtp_leg){ .call_id = call.id, .socket = bound_udp("127.0.0.1", next_port()) };
		must(ksrtp_leg_new(handle, &leg), "leg-new");
		close(leg.socket);
		now.leg[i] = leg.id;
		make_key(&key, GCM, leg.id, i ? TX : RX, 0);
		must(ksrtp_key_new(handle, &key), "key-new");
	}
	make_key(&key, GCM, now.leg[1], TX, 1);
	must(ksrtp_key_new(handle, &key), "key-new");
	route = (struct ksrtp_route){ .from = now.leg[0], .to = now.leg[1], .flags = KSRTP_ROUTE_F_RTP };
	must(ksrtp_route_new(handle, &route), "route-new");
	now.socket = bound_udp("127.0.0.1", next_port());
}

static void fixture_close(void)
{
	struct ksrtp_call other;

	close(now.socket);
	/* The request that deletes it may have been the one that was tried. */
	if (!ksrtp_call_get(handle, now.call, &other))
		must(ksrtp_call_del(handle, now.call), "call-del");
	if (!ksrtp_call_find(handle, "another", &other))
		must(ksrtp_call_del(handle, other.id), "call-del");
}

/* -- the requests */

static int call_new(struct ksrtp *h)
{
	struct ksrtp_call call = { .name = "another", .mode = KSRTP_MODE_TRANSPORT };

	return ksrtp_call_new(h, &call);
}

static int leg_new(struct ksrtp *h)
{
	struct ksrtp_leg leg = {
		.call_id = now.call, .socket = now.socket, .ice_ufrag = "abcd",
		.ice_pwd = "0123456789012345678901", .ice_remote_ufrag = "efgh", .window = 8192,
	};

	return ksrtp_leg_new(h, &leg);
}

static int key_new(struct ksrtp *h)
{
	return ksrtp_key_new(h, &now.key);
}

static void rx_gcm(void)
{
	make_key(&now.key, GCM, now.leg[0], RX, 1);
}

static void tx_gcm(void)
{
	make_key(&now.key, GCM, now.leg[0], TX, 0);
}

static void set_elements(void)
{
	now.key.hdrext_ids_len = 2;
	now.key.hdrext_ids[0] = 1;
	now.key.hdrext_ids[1] = 200;
}

static void rx_elements(void)
{
	make_key(&now.key, GCM, now.leg[0], RX, 1);
	set_elements();
}

static void tx_elements(void)
{
	make_key(&now.key, CM, now.leg[0], TX, 0);
	set_elements();
}

static void rx_cm(void)
{
	make_key(&now.key, CM, now.leg[0], RX, 1);
}

static void tx_cm(void)
{
	make_key(&now.key, CM, now.leg[0], TX, 0);
	now.key.mki_len = 4;
}

static void tx_none(void)
{
	make_key(&now.key, KSRTP_SUITE_NONE, now.leg[0], TX, 0);
}

static int key_activate(struct ksrtp *h)
{
	return ksrtp_key_activate(h, now.leg[1], 1);
}

static int key_del(struct ksrtp *h)
{
	return ksrtp_key_del(h, now.leg[1], TX, 1);
}

static int route_new(struct ksrtp *h)
{
	struct ksrtp_route route = {
		.from = now.leg[1], .to = now.leg[0], .flags = KSRTP_ROUTE_F_RTP,
		.ssrc_count = 1, .ssrc = { { 1, 2 } }, .pt_count = 1, .pt = { { 96, 97 } },
	};

	return ksrtp_route_new(h, &route);
}

static int leg_move(struct ksrtp *h)
{
	struct ksrtp_leg leg = { .id = now.leg[0], .socket = now.socket };

	return ksrtp_leg_set(h, &leg, KSRTP_LEG_SET_SOCKET);
}

static int leg_ice(struct ksrtp *h)
{
	struct ksrtp_leg leg = {
		.id = now.leg[0], .ice_ufrag = "abcd", .ice_pwd = "0123456789012345678901",
		.ice_remote_ufrag = "efgh",
	};

	return ksrtp_leg_set(h, &leg, KSRTP_LEG_SET_ICE);
}

static int leg_get(struct ksrtp *h)
{
	struct ksrtp_leg leg;

	return ksrtp_leg_get(h, now.leg[0], &leg);
}

static int leg_socket(struct ksrtp *h)
{
	int fd = ksrtp_leg_socket(h, now.leg[0]);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int nothing(const struct ksrtp_key *key, void *arg)
{
	(void)key;
	(void)arg;
	return 0;
}

static int key_dump(struct ksrtp *h)
{
	return ksrtp_key_dump(h, 0, nothing, NULL, NULL);
}

static int leg_del(struct ksrtp *h)
{
	return ksrtp_leg_del(h, now.leg[0]);
}

static int call_del(struct ksrtp *h)
{
	return ksrtp_call_del(h, now.call);
}

/* -- one request, allocation by allocation */

static bool same(const struct reply *a, const struct reply *b)
{
	return a->len == b->len && !memcmp(a->bytes, b->bytes, a->len);
}

/*
 * False: it has no so-many-th allocation. An answer may get lost after the request was done;
 * -ENOBUFS says so, and nothing else does.
 */
static bool attempt(const char *what, void (*prepare)(void), int (*request)(struct ksrtp *h),
		    unsigned int nth)
{
	struct reply before, after;
	struct ksrtp *own;
	bool happened;
	int err;

	fixture_open();
	if (prepare)
		prepare();
	must(ksrtp_open(&own), "open");
	raw_snapshot(&observer, &before);
	fault_arm(nth);
	err = request(own);
	happened = fault_disarm();
	raw_snapshot(&observer, &after);
	if (!happened)
		CHECK(!err, "%s: %s, without a fault", what, ksrtp_error(own));
	CHECK(!err || err == -ENOMEM || err == -ENOBUFS || err == -EAGAIN, "%s, fault %u: %s", what, nth,
	      ksrtp_error(own));
	if (err && same(&before, &after))
		/* Nothing is used up either: the same goes well now. */
		must(request(handle), what);
	else
		CHECK(!err || err == -ENOBUFS, "%s, fault %u: refused (%s), and something changed", what,
		      nth, strerror(-err));
	reply_free(&before);
	reply_free(&after);
	ksrtp_close(own);
	fixture_close();
	return happened;
}

static unsigned int faults;

static void every_fault(const char *what, void (*prepare)(void), int (*request)(struct ksrtp *h))
{
	unsigned int nth = 1;

	while (nth < ATTEMPTS_MAX && attempt(what, prepare, request, nth))
		nth++;
	/* A request is a message at least; what it makes of that itself may be nothing. */
	CHECK((nth > 1 || !all_of_them) && nth < ATTEMPTS_MAX, "%s: %u faults", what, nth - 1);
	faults += nth - 1;
	tap_end("S7,O2", "%s: each of its %u allocations fails once, and nothing is done by halves",
		what, nth - 1);
}

int main(void)
{
	struct ksrtp_info info;

	tap.datapath = "-";
	if (!enable()) {
		printf("1..0 # SKIP neither kernel nor module can let allocations fail\n");
		return 0;
	}
	if (ksrtp_open(&handle) || !raw_open(&observer, false)) {
		printf("Bail out! %s\n", ksrtp_error(NULL));
		return 1;
	}
	every_fault("call-new", NULL, call_new);
	every_fault("leg-new", NULL, leg_new);
	every_fault("key-new, rx, GCM", rx_gcm, key_new);
	every_fault("key-new, tx, GCM", tx_gcm, key_new);
	every_fault("key-new, rx, AES-CM", rx_cm, key_new);
	every_fault("key-new, tx, AES-CM", tx_cm, key_new);
	every_fault("key-new, rx, with encrypted header extensions", rx_elements, key_new);
	every_fault("key-new, tx, with encrypted header extensions", tx_elements, key_new);
	every_fault("key-new, none", tx_none, key_new);
	every_fault("key-activate", NULL, key_activate);
	every_fault("key-del", NULL, key_del);
	every_fault("route-new", NULL, route_new);
	every_fault("leg-set, another socket", NULL, leg_move);
	every_fault("leg-set, ICE", NULL, leg_ice);
	every_fault("leg-get", NULL, leg_get);
	every_fault("leg-get with the socket", NULL, leg_socket);
	every_fault("key dump", NULL, key_dump);
	every_fault("leg-del", NULL, leg_del);
	every_fault("call-del", NULL, call_del);
	must(ksrtp_info_get(handle, &info), "stats-get");
	CHECK(!info.calls && !info.legs, "%u calls, %u legs", info.calls, info.legs);
	tap_end("S7", "nothing is left of them");
	raw_close(&observer);
	ksrtp_close(handle);
	return tap_done();
}
