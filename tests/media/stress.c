// SPDX-License-Identifier: GPL-2.0
/*
 * Two processors, two devices, the same packets at once; objects made and deleted under
 * traffic; owners, namespaces and modules that go in the middle of it.
 */
#include <errno.h>
#include <netinet/in.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/tap.h"
#include "call.h"
#include "media.h"
#include "stress.h"

#define GCM128	KSRTP_SUITE_AEAD_AES_128_GCM
#define CM80	KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80

#define WIRE	(400 + GROWTH_MAX)

struct packet {
	uint8_t octet[WIRE] __attribute__((aligned(8)));
	size_t len;
};

/* -- the same packets on two processors */

#define PACKETS		2000
#define ROUND		50	/* the receiver takes its share in between */

struct both {
	struct peer *from;
	struct packet *packets;
	_Atomic unsigned int at[2], allowed;
	/* Each its own half of the packets, instead of both all. */
	bool halves;
};

struct sender {
	struct both *both;
	int which, wire, link;
	pthread_t thread;
};

static void *send_all(void *arg)
{
	struct sender *s = arg;
	struct both *b = s->both;
	cpu_set_t cpus;
	unsigned int i;

	CPU_ZERO(&cpus);
	CPU_SET(s->which, &cpus);
	pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
	for (i = 0; i < PACKETS; i++) {
		while (atomic_load(&b->allowed) <= i)
			sched_yield();
		/* Side by side, as far as two processors can. */
		while (atomic_load(&b->at[!s->which]) < i)
			sched_yield();
		if (!b->halves || i % 2 == (unsigned int)s->which)
			net_send_roomy(s->wire, s->link, &b->from->remote, &b->from->local,
				       b->packets[i].octet, b->packets[i].len);
		atomic_store(&b->at[s->which], i + 1);
	}
	return NULL;
}

/* Returns how many came out at @to; @each is given every one. */
static unsigned int send_both(struct both *b, struct peer *to,
			      void (*each)(struct datagram *d, void *arg), void *arg)
{
	struct sender senders[2] = {
		{ .both = b, .which = 0, .link = LINK_A }, { .both = b, .which = 1, .link = LINK_C },
	};
	unsigned int came = 0, round;
	struct datagram *d;
	int i;

	for (i = 0; i < 2; i++) {
		senders[i].wire = net_wire(senders[i].link);
		CHECK(senders[i].wire >= 0, "no wire");
		CHECK(!pthread_create(&senders[i].thread, NULL, send_all, &senders[i]), "thread");
	}
	for (round = ROUND; round <= PACKETS; round += ROUND) {
		atomic_store(&b->allowed, round);
		while (atomic_load(&b->at[0]) < round || atomic_load(&b->at[1]) < round)
			usleep(200);
		while ((d = peer_next(to, 0))) {
			each(d, arg);
			came++;
			free(d);
		}
	}
	for (i = 0; i < 2; i++) {
		pthread_join(senders[i].thread, NULL);
		close(senders[i].wire);
	}
	b->from->wire_sent += b->halves ? PACKETS : 2 * PACKETS;
	peer_settle(b->from);
	while ((d = peer_next(to, 0))) {
		each(d, arg);
		came++;
		free(d);
	}
	return came;
}

struct seen {
	struct peer *to;
	uint16_t first;
	unsigned int twice, wrong;
	uint8_t packet[PACKETS];
};

static void count_rtp(struct datagram *d, void *arg)
{
	struct seen *s = arg;
	unsigned int i = (uint16_t)(get16(d->octet + 2) - s->first);

	if (!session_unprotect(&s->to->in, false, d->octet, d->len) || i >= PACKETS)
		s->wrong++;
	else if (s->packet[i]++)
		s->twice++;
}

static void twice_at_once(uint32_t suite_in, uint32_t suite_out)
{
	struct setup sa = { .link = LINK_A, .suite = suite_in }, sb = { .link = LINK_B, .suite = suite_out };
	struct rtp r = { .ssrc = 1, .payload = 60 };
	struct ksrtp_stats before;
	struct seen *seen = calloc(1, sizeof(*seen));
	struct both b = {};
	uint8_t p[PACKET_MAX];
	unsigned int i, came;
	uint64_t again;
	struct peer *to;
	struct call c;

	b.packets = calloc(PACKETS, sizeof(*b.packets));
	pair_open(&c, &sa, &sb, &b.from, &to);
	seen->to = to;
	seen->first = 63000;
	for (i = 0; i < PACKETS; i++) {
		r.seq = (uint16_t)(seen->first + i);
		r.id = i;
		b.packets[i].len = peer_protect(b.from, false, p, rtp_build(&r, p),
						b.packets[i].octet);
	}
	peer_warm(&c, to);
	before = leg_now(b.from).stats;
	came = send_both(&b, to, count_rtp, seen);
	again = dropped(b.from, suite_in == KSRTP_SUITE_NONE ? KSRTP_REASON_TX_DUP :
							       KSRTP_REASON_REPLAY);
	CHECK(came == PACKETS && !seen->twice && !seen->wrong,
	      "%u of %u came, %u twice, %u wrong", came, PACKETS, seen->twice, seen->wrong);
	CHECK(again == PACKETS, "%llu dropped as seen before", (unsigned long long)again);
	expect_by_xdp(b.from, &before, PACKETS, "each of them");
	call_close(&c);
	free(b.packets);
	free(seen);
	tap_end("D2,S2,S3,S8", "the same packets on two processors at once, %s to %s: each once",
		ksrtp_suite_name(suite_in), ksrtp_suite_name(suite_out));
}

static void count_rtcp(struct datagram *d, void *arg)
{
	struct seen *s = arg;

	/* libsrtp2's window is 128 packets; those of two processors are not so far apart. */
	if (!session_unprotect(&s->to->in, true, d->octet, d->len))
		s->wrong++;
}

static void rtcp_indices(void)
{
	struct setup sa = { .link = LINK_A }, sb = { .link = LINK_B, .suite = GCM128 };
	struct seen *seen = calloc(1, sizeof(*seen));
	struct ksrtp_stream stream = {};
	struct both b = { .halves = true };
	struct ksrtp_stats before;
	struct peer *to;
	struct call c;
	unsigned int i, came;

	b.packets = calloc(PACKETS, sizeof(*b.packets));
	pair_open(&c, &sa, &sb, &b.from, &to);
	seen->to = to;
	for (i = 0; i < PACKETS; i++)
		b.packets[i].len = rtcp_rr(b.packets[i].octet, 1, &i, 1);
	peer_warm(&c, to);
	before = leg_now(b.from).stats;
	came = send_both(&b, to, count_rtcp, seen);
	CHECK(came == PACKETS && !seen->wrong, "%u of %u came, %u not acceptable", came, PACKETS,
	      seen->wrong);
	CHECK(stream_now(to, KSRTP_DIRECTION_TX, 1, &stream) && stream.rtcp_index == PACKETS,
	      "index %u", stream.rtcp_index);
	/* Half of them came on either processor. */
	expect_by_xdp(b.from, &before, PACKETS, "each of them");
	call_close(&c);
	free(b.packets);
	free(seen);
	tap_end("S3,S8", "RTCP on two processors at once: no index twice, none left out");
}

/* -- objects that come and go under traffic */

#define CHURNS		30
#define BLAST		512

struct blast {
	_Atomic bool stop;
	_Atomic unsigned long sent;
	_Atomic int target;		/* which of the endpoints */
	struct endpoint local[2], remote;
	pthread_mutex_t lock;
	struct packet packets[BLAST];
	int wire;
};

static void *blast(void *arg)
{
	struct blast *b = arg;
	struct endpoint local, remote;
	unsigned int i = 0;

	while (!atomic_load(&b->stop)) {
		pthread_mutex_lock(&b->lock);
		local = b->local[i % 2];
		remote = b->remote;
		pthread_mutex_unlock(&b->lock);
		if (local.port)
			net_send(b->wire, LINK_A, &remote, &local, b->packets[i % BLAST].octet,
				 b->packets[i % BLAST].len);
		i++;
		atomic_fetch_add(&b->sent, 1);
		if (i % 32 == 0)
			usleep(200);
	}
	return NULL;
}

static void drain(struct call *c)
{
	struct datagram *d;
	unsigned int i;

	for (i = 0; i < c->n_peers; i++)
		while ((d = peer_next(c->peers[i], 0)))
			free(d);
}

/* One life of a call while packets come in: everything in it is made and deleted again. */
static void one_life(struct blast *b, const struct secret *secret, unsigned int n)
{
	struct setup sa = { .link = LINK_A, .suite = secret->suite, .no_rx_key = true };
	struct setup sb = { .link = LINK_B, .suite = CM80 };
	struct peer *from, *to, *more;
	struct secret fresh;
	struct call c;
	uint32_t extra;
	int i;

	call_open(&c, KSRTP_MODE_TRANSPORT);
	c.racing = true;
	from = peer_open(&c, &sa);
	pthread_mutex_lock(&b->lock);
	b->local[0] = b->local[1] = from->local;
	b->remote = from->remote;
	pthread_mutex_unlock(&b->lock);
	to = peer_open(&c, &sb);
	route_open(&c, from, to, BOTH);
	for (i = 0; i < 3; i++) {
		CHECK(!peer_key(from, KSRTP_DIRECTION_RX, 0, KSRTP_CONTEXT_NEW, secret, 0), "%s",
		      ksrtp_error(ksrtp));
		more = peer_open(&c, &sb);
		extra = route_open(&c, from, more, BOTH);
		secret_make(&fresh, CM80, 0);
		CHECK(!peer_key(to, KSRTP_DIRECTION_TX, (uint32_t)!(i & 1), KSRTP_CONTEXT_SAME,
				&fresh, 0), "%s", ksrtp_error(ksrtp));
		CHECK(!ksrtp_key_activate(ksrtp, to->leg, (uint32_t)!(i & 1)), "%s", ksrtp_error(ksrtp));
		usleep(1000);
		drain(&c);
		CHECK(!ksrtp_route_set(ksrtp, c.routes[0], i % 4), "%s", ksrtp_error(ksrtp));
		CHECK(!ksrtp_key_del(ksrtp, to->leg, KSRTP_DIRECTION_TX, (uint32_t)(i & 1)), "%s",
		      ksrtp_error(ksrtp));
		if (i & 1)
			CHECK(!ksrtp_route_del(ksrtp, extra), "%s", ksrtp_error(ksrtp));
		else
			peer_leg_del(more);
		CHECK(!ksrtp_key_del(ksrtp, from->leg, KSRTP_DIRECTION_RX, 0), "%s",
		      ksrtp_error(ksrtp));
	}
	if (n & 1)
		peer_leg_del(from);
	/* What is in the middle of it is received and not yet the rest: let it end. */
	pthread_mutex_lock(&b->lock);
	b->local[0].port = b->local[1].port = 0;
	pthread_mutex_unlock(&b->lock);
	usleep(30000);
	drain(&c);
	call_close(&c);
}

static void churn(void)
{
	struct blast *b = calloc(1, sizeof(*b));
	struct setup sa = { .link = LINK_A, .suite = GCM128 }, sb = { .link = LINK_B, .suite = GCM128 };
	struct session session = {};
	struct rtp r = { .ssrc = 1, .payload = 100 };
	struct ksrtp_info info = {}, before = {};
	pthread_t thread;
	struct peer *x, *y;
	struct call c;
	unsigned int i;

	CHECK(!ksrtp_info_get(ksrtp, &before), "%s", ksrtp_error(ksrtp));
	pthread_mutex_init(&b->lock, NULL);
	secret_make(&session.secret[0], GCM128, 0);
	session_open(&session);
	for (i = 0; i < BLAST; i++) {
		r.seq = (uint16_t)i;
		b->packets[i].len = session_protect(&session, 0, false, b->packets[i].octet,
						    rtp_build(&r, b->packets[i].octet));
	}
	b->wire = net_wire(LINK_A);
	CHECK(!pthread_create(&thread, NULL, blast, b), "thread");
	for (i = 0; i < CHURNS; i++)
		one_life(b, &session.secret[0], i);
	atomic_store(&b->stop, true);
	pthread_join(thread, NULL);
	CHECK(b->sent > CHURNS * 20, "only %lu packets", (unsigned long)b->sent);
	session_close(&session);
	close(b->wire);
	CHECK(!ksrtp_info_get(ksrtp, &info) && info.calls == before.calls &&
	      info.legs == before.legs, "%u calls and %u legs are left", info.calls, info.legs);
	/* And all is as it was. */
	pair_open(&c, &sa, &sb, &x, &y);
	for (i = 0; i < 20; i++) {
		r.seq = (uint16_t)i;
		pass_rtp(x, y, &r, "afterwards");
	}
	call_close(&c);
	free(b);
	tap_end("S7,S8,O1", "calls, legs, keys and routes made and deleted under traffic");
}

/* -- XDP that comes and goes on a device which polls on without it (GRO) */

#define TOGGLES		150

static void toggle(void)
{
	struct setup sa = { .link = LINK_A, .suite = GCM128 }, sb = { .link = LINK_B, .suite = GCM128 };
	struct rtp r = { .ssrc = 1, .payload = 100 };
	struct blast *b = calloc(1, sizeof(*b));
	pthread_t thread;
	struct peer *x, *y;
	struct call c;
	unsigned int i;

	if (strcmp(tap.datapath, "xdp"))
		goto out;
	net_command("ethtool -K %s gro on", net_device(LINK_A));
	pair_open(&c, &sa, &sb, &x, &y);
	c.racing = true;
	pthread_mutex_init(&b->lock, NULL);
	b->local[0] = b->local[1] = x->local;
	b->remote = x->remote;
	/* None of it is authentic: it is looked up, and refused. */
	for (i = 0; i < BLAST; i++) {
		r.seq = (uint16_t)(1000 + i);
		b->packets[i].len = rtp_build(&r, b->packets[i].octet);
	}
	b->wire = net_wire(LINK_A);
	CHECK(!pthread_create(&thread, NULL, blast, b), "thread");
	for (i = 0; i < TOGGLES; i++) {
		CHECK(!net_detach(LINK_A), "detach");
		CHECK(!net_attach(LINK_A), "attach");
	}
	atomic_store(&b->stop, true);
	pthread_join(thread, NULL);
	usleep(30000);
	drain(&c);
	close(b->wire);
	CHECK(b->sent > TOGGLES, "only %lu packets", (unsigned long)b->sent);
	for (i = 0; i < 20; i++) {
		r.seq = (uint16_t)i;
		pass_rtp(x, y, &r, "afterwards");
	}
	call_close(&c);
	net_command("ethtool -K %s gro off", net_device(LINK_A));
	tap_end("D3,S7", "XDP put on and taken off a device with GRO, under traffic");
out:
	free(b);
}

/* -- the module, while somebody needs it */

static void unload(void)
{
	struct setup sa = { .link = LINK_A, .suite = GCM128 }, sb = { .link = LINK_B, .suite = GCM128 };
	struct rtp r = { .ssrc = 1, .payload = 100 };
	struct peer *a, *b;
	struct call c;
	int i;

	if (strcmp(tap.datapath, "xdp"))
		return;
	pair_open(&c, &sa, &sb, &a, &b);
	for (i = 0; i < 10; i++) {
		r.seq = (uint16_t)i;
		pass_rtp(a, b, &r, "media");
		CHECK(system("rmmod ksrtp 2>/dev/null"), "the module was unloaded under its programs");
	}
	call_close(&c);
	tap_end("O1", "the module cannot be unloaded while an XDP program needs it, media goes on");
}

/* -- a namespace that goes in the middle of a call */

/* In a namespace of its own: kn is its device, knp our end of it. */
static void guest(int ready)
{
	struct ksrtp_call call = { .name = "guest", .mode = KSRTP_MODE_TRANSPORT, .owner = 77,
				   .lease = 2 };
	struct ksrtp_leg leg = { .state = KSRTP_LEG_STATE_ACTIVE };
	struct sockaddr_in *remote = (struct sockaddr_in *)&leg.remote;
	struct ksrtp_route route = { .flags = BOTH };
	struct ksrtp_key key = { .suite = KSRTP_SUITE_NONE };
	struct endpoint local = { .family = 4, .ip = { 10, 9, 9, 1 } };
	uint32_t legs[2] = {};
	int i, first, err;
	char why[256];

	err = unshare(CLONE_NEWNET) ||
	      net_command("ip link set lo up && ip link add kn address 02:00:00:00:0d:01 type veth "
			  "peer name knp netns %d && ip link set kn up && "
			  "ip addr add 10.9.9.1/24 dev kn && "
			  "ip neigh add 10.9.9.2 lladdr 02:00:00:00:0d:02 dev kn nud permanent",
			  getppid()) ||
	      ksrtp_open(&ksrtp) || ksrtp_call_new(ksrtp, &call);
	for (i = 0; i < 2 && !err; i++) {
		leg.call_id = call.id;
		local.port = (uint16_t)(7000 + i);
		leg.socket = first = net_bind(&local);
		remote->sin_family = AF_INET;
		remote->sin_port = htons((uint16_t)(8000 + i));
		memcpy(&remote->sin_addr, (uint8_t[]){ 10, 9, 9, 2 }, 4);
		err = ksrtp_leg_new(ksrtp, &leg);
		legs[i] = key.leg_id = leg.id;
		if (err)
			break;
		/* To the next port and back: a socket that it has left, and we have, and a new one. */
		local.port += 100;
		leg.socket = net_bind(&local);
		err = ksrtp_leg_set(ksrtp, &leg, KSRTP_LEG_SET_SOCKET);
		leg.socket = first;
		if (!err)
			err = ksrtp_leg_set(ksrtp, &leg, KSRTP_LEG_SET_SOCKET);
		for (key.direction = 0; key.direction < 2 && !err; key.direction++)
			err = ksrtp_key_new(ksrtp, &key);
	}
	route.from = legs[0];
	route.to = legs[1];
	if (!err)
		err = ksrtp_route_new(ksrtp, &route);
	if (!err && !strcmp(tap.datapath, "xdp"))
		err = ksrtp_xdp_attach(if_nametoindex("kn"), KSRTP_XDP_MODE_NATIVE, why,
				       sizeof(why)) != KSRTP_XDP_MODE_NATIVE;
	if (err)
		printf("# the guest: %s\n", ksrtp_error(ksrtp));
	else if (write(ready, "", 1) == 1)
		/* Its lease ends some time after it was killed, however slow the machine is. */
		for (;; usleep(200000))
			ksrtp_owner_alive(ksrtp, 77);
	fflush(stdout);
	_exit(1);
}

static void *feed(void *arg)
{
	struct blast *b = arg;
	uint8_t frame[14 + 20 + 8 + 52] = {
		2, 0, 0, 0, 0xd, 1, 2, 0, 0, 0, 0xd, 2, 8, 0,
		0x45, 0, 0, 80, 0, 0, 0x40, 0, 64, 17, 0, 0, 10, 9, 9, 2, 10, 9, 9, 1,
		8000 >> 8, 8000 & 255, 7000 >> 8, 7000 & 255, 0, 60, 0, 0,
		0x80, 0,
	};
	uint32_t sum = 0;
	int i;

	for (i = 14; i < 34; i += 2)
		sum += get16(frame + i);
	sum = (sum & 0xffff) + (sum >> 16);
	put16(frame + 24, ~sum);
	while (!atomic_load(&b->stop)) {
		put16(frame + 44, (uint32_t)b->sent);
		/* Until the device is gone, and then in vain. */
		if (send(b->wire, frame, sizeof(frame), 0) > 0)
			atomic_fetch_add(&b->sent, 1);
		usleep(500);
	}
	return NULL;
}

static void namespace_gone(void)
{
	struct blast *b = calloc(1, sizeof(*b));
	int ready[2], status;
	uint64_t end, sent;
	pthread_t thread;
	char octet;
	pid_t pid;

	if (pipe(ready))
		abort();
	fflush(stdout);
	pid = fork();
	if (!pid)
		guest(ready[1]);
	close(ready[1]);
	CHECK(read(ready[0], &octet, 1) == 1, "the guest is not up");
	CHECK(!net_command("ip link set knp up"), "its link");
	usleep(300000);
	b->wire = net_packet_socket("knp");
	CHECK(b->wire >= 0, "no wire");
	CHECK(!pthread_create(&thread, NULL, feed, b), "thread");
	for (end = now_ms() + WAIT_MS; b->sent < 200 && now_ms() < end; )
		usleep(1000);
	CHECK(b->sent >= 200, "only %lu sent", (unsigned long)b->sent);
	sent = b->sent;
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	/* The legs hold the sockets, these the namespace: until the lease is over. */
	usleep(200000);
	CHECK(b->sent > sent && if_nametoindex("knp"), "the legs went with their maker");
	for (end = now_ms() + 40000; if_nametoindex("knp") && now_ms() < end; )
		usleep(50000);
	CHECK(!if_nametoindex("knp"), "the namespace is still there");
	atomic_store(&b->stop, true);
	pthread_join(thread, NULL);
	close(b->wire);
	close(ready[0]);
	free(b);
	tap_end("S7,O1", "a namespace whose processes are gone goes with its lease, in mid-call");
}

/* -- leases */

static int find_call(struct call *c)
{
	struct ksrtp_call call;

	return ksrtp_call_get(ksrtp, c->id, &call);
}

static void lease(void)
{
	struct setup sa = { .link = LINK_A, .suite = GCM128 }, sb = { .link = LINK_B, .suite = CM80 };
	struct rtp r = { .ssrc = 1, .payload = 100 };
	struct ksrtp_call takeover = { .owner = 6, .lease = 1 };
	struct call kept, lapsed;
	struct peer *a, *b;
	uint64_t end;

	call_own(&lapsed, KSRTP_MODE_TRANSPORT, 6, 60);
	peer_open(&lapsed, &sa);
	call_own(&kept, KSRTP_MODE_TRANSPORT, 5, 3);
	a = peer_open(&kept, &sa);
	b = peer_open(&kept, &sb);
	route_open(&kept, a, b, BOTH);
	takeover.id = lapsed.id;
	CHECK(!ksrtp_call_set(ksrtp, &takeover), "%s", ksrtp_error(ksrtp));
	/* Media does not renew it; the owner's heartbeat does. */
	for (end = now_ms() + 20000; !find_call(&lapsed) && now_ms() < end; ) {
		CHECK(!ksrtp_owner_alive(ksrtp, 5), "%s", ksrtp_error(ksrtp));
		pass_rtp(a, b, &r, "media");
		r.seq++;
		usleep(200000);
	}
	CHECK(find_call(&lapsed) == -ENOENT, "without heartbeat: %s", ksrtp_error(ksrtp));
	CHECK(!find_call(&kept), "with heartbeat: %s", ksrtp_error(ksrtp));
	CHECK(ksrtp_owner_alive(ksrtp, 6) == -ENOENT, "its owner has calls");
	call_account(&kept);
	for (end = now_ms() + 20000; !find_call(&kept) && now_ms() < end; ) {
		uint8_t p[PACKET_MAX];

		peer_send(a, false, p, rtp_build(&r, p));
		r.seq++;
		usleep(200000);
	}
	CHECK(find_call(&kept) == -ENOENT, "when the heartbeat stopped: %s", ksrtp_error(ksrtp));
	call_forget(&kept);
	call_forget(&lapsed);
	tap_end("S7,O1", "a call ends with its owner's lease, traffic or not");
}

void media_tests_once(void)
{
	if (media_wants("lease"))
		lease();
	if (media_wants("keys"))
		stress_keys();
}

void media_tests(void)
{
	if (media_wants("cpus")) {
		twice_at_once(GCM128, CM80);
		twice_at_once(CM80, GCM128);
		twice_at_once(KSRTP_SUITE_NONE, GCM128);
		rtcp_indices();
	}
	if (media_wants("churn")) {
		churn();
		unload();
		namespace_gone();
	}
	if (media_wants("moves"))
		stress_moves();
	if (media_wants("toggle"))
		toggle();
}
