// SPDX-License-Identifier: GPL-2.0
/*
 * Native XDP on virtio-net, against libsrtp2 outside of the guest.
 *
 *	  libsrtp2, 192.0.2.2:7004, :7006         legs at 192.0.2.1:5004, :5006
 *	          [ network namespace | tap0 ] === [ eth0 | guest ]
 *
 * What comes to one leg leaves on the other, by the same NIC; and one to many, see virtio_many.c.
 *
 *	virtio		makes the namespace and the tap, starts the guest, is the peer
 *	virtio guest	inside: makes the call, attaches XDP, says what was counted
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/tap.h"
#include "virtio.h"

#define CONTROL	9
#define PACKETS	1000	/* each way */
#define WINDOW	8
#define BOOT_MS	240000

static const uint16_t leg_port[2] = { 5004, 5006 }, peer_port[2] = { 7004, 7006 };

struct sockaddr_in address(const char *ip, uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, ip, &at.sin_addr);
	return at;
}

int open_socket(const char *ip, uint16_t port)
{
	struct sockaddr_in at = address(ip, port);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at))) {
		printf("# %s:%u: %s\n", ip, port, strerror(errno));
		exit(1);
	}
	return fd;
}

/* Both ends know them: one key and salt for each leg and direction. */
static void master(unsigned int number, unsigned int direction, uint8_t *key)
{
	unsigned int i;

	for (i = 0; i < 28; i++)
		key[i] = (uint8_t)(17 * i + 7);
	key[0] = (uint8_t)number;
	key[1] = (uint8_t)direction;
}

/* -- the guest */

int guest_leg(struct ksrtp *k, uint32_t call, unsigned int number, uint16_t port, uint16_t to,
	      unsigned int directions, uint32_t *id)
{
	struct ksrtp_leg leg = { .call_id = call, .state = KSRTP_LEG_STATE_ACTIVE };
	struct sockaddr_in remote = address(PEER, to);
	unsigned int direction;
	uint8_t m[28];
	int err;

	leg.socket = open_socket(GUEST, port);
	memcpy(&leg.remote, &remote, sizeof(remote));
	err = ksrtp_leg_new(k, &leg);
	close(leg.socket);
	*id = leg.id;
	for (direction = KSRTP_DIRECTION_RX; !err && direction <= KSRTP_DIRECTION_TX; direction++) {
		struct ksrtp_key key = {
			.leg_id = leg.id, .direction = direction, .context = KSRTP_CONTEXT_NEW,
		};

		if (!(directions & 1u << direction))
			continue;
		master(number, direction, m);
		err = ksrtp_key_derive(&key, KSRTP_SUITE_AEAD_AES_128_GCM, m, m + 16);
		if (!err)
			err = ksrtp_key_new(k, &key);
	}
	return err;
}

static int guest_call(struct ksrtp *k, uint32_t *legs)
{
	struct ksrtp_call call = { .name = "virtio", .mode = KSRTP_MODE_TRANSPORT };
	struct ksrtp_route route = { .flags = KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP };
	int err = ksrtp_call_new(k, &call), i;

	for (i = 0; !err && i < 2; i++)
		err = guest_leg(k, call.id, (unsigned int)i, leg_port[i], peer_port[i], 3, &legs[i]);
	for (i = 0; !err && i < 2; i++) {
		route.from = legs[i];
		route.to = legs[!i];
		err = ksrtp_route_new(k, &route);
	}
	return err;
}

static void tell(struct ksrtp *k, uint32_t id, int i)
{
	struct ksrtp_leg leg = {};
	uint64_t dropped = 0;
	int reason;

	if (ksrtp_leg_get(k, id, &leg))
		return;
	for (reason = 0; reason <= KSRTP_REASON_MAX; reason++)
		dropped += leg.stats.dropped[reason];
	printf("leg %d received %llu forwarded %llu dropped %llu xdp %llu sent %llu sent_xdp %llu datapath %s\n",
	       i, (unsigned long long)leg.stats.received, (unsigned long long)leg.stats.forwarded,
	       (unsigned long long)dropped, (unsigned long long)leg.stats.xdp,
	       (unsigned long long)leg.stats.sent, (unsigned long long)leg.stats.sent_xdp,
	       ksrtp_datapath_name(leg.datapath));
}

static int guest(void)
{
	struct pollfd p = { .events = POLLIN };
	struct ksrtp *k = NULL;
	char why[256] = "";
	uint32_t legs[2];
	int err;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (system("ip addr add " GUEST "/24 dev eth0 && ip link set eth0 up"))
		return 1;
	err = ksrtp_xdp_attach(if_nametoindex("eth0"), KSRTP_XDP_MODE_NATIVE, why, sizeof(why));
	if (err != KSRTP_XDP_MODE_NATIVE) {
		printf("attach: %d: %s\n", err, why);
		return 1;
	}
	err = ksrtp_open(&k);
	if (!err)
		err = guest_call(k, legs) ?: many_guest(k);
	if (err) {
		printf("call: %s: %s\n", strerror(-err), ksrtp_error(k));
		return 1;
	}
	p.fd = open_socket(GUEST, CONTROL);
	printf("ready\n");
	if (poll(&p, 1, BOOT_MS) <= 0)
		printf("nobody said that it is over\n");
	tell(k, legs[0], 0);
	tell(k, legs[1], 1);
	many_tell(k);
	fflush(stdout);
	if (system("build/ksrtpctl -j xdp show"))
		printf("ksrtpctl failed\n");
	ksrtp_close(k);
	return ksrtp_xdp_detach(if_nametoindex("eth0"), why, sizeof(why)) ? 1 : 0;
}

/* -- the peer */

static pid_t start_guest(FILE **out)
{
	int pipes[2];
	pid_t pid;

	if (pipe(pipes))
		return -1;
	pid = fork();
	if (pid) {
		close(pipes[1]);
		*out = fdopen(pipes[0], "r");
		return pid;
	}
	dup2(pipes[1], 1);
	close(pipes[0]);
	close(pipes[1]);
	execl("tests/vm/run", "tests/vm/run", "-q", "-n", "tap0", "-t", "400", "--",
	      "tests/vm/with-module", "build/tests/netns/virtio", "guest", NULL);
	_exit(127);
}

/* The guest's lines until one begins with @start, or to the end. */
static int read_until(FILE *out, const char *start, char *line, int len)
{
	while (fgets(line, len, out)) {
		if (!strncmp(line, start, strlen(start)))
			return 0;
		printf("# guest: %s", line);
	}
	return -1;
}

srtp_t session(unsigned int number, unsigned int direction)
{
	srtp_policy_t policy = {};
	uint8_t key[28];
	srtp_t s = NULL;

	master(number, direction, key);
	srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
	srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
	policy.ssrc.type = direction == KSRTP_DIRECTION_RX ? ssrc_any_outbound : ssrc_any_inbound;
	policy.key = key;
	policy.window_size = 128;
	if (srtp_create(&s, &policy))
		return NULL;
	return s;
}

struct media {
	int socket[2];
	srtp_t out[2], in[2];	/* what we send to a leg; what it sends */
	unsigned int sent[2], right[2];
	uint8_t wait[2][WINDOW][400];	/* the plain packets under way, by leg sent to */
};

static size_t make_plain(struct media *m, int leg)
{
	unsigned int n = m->sent[leg];
	uint8_t *p = m->wait[leg][n % WINDOW];
	size_t len = 12 + 20 + n % 300, i;
	uint16_t seq = (uint16_t)(65000 + n);

	memset(p, 0, 12);
	p[0] = 0x80;
	p[1] = 96;
	p[2] = (uint8_t)(seq >> 8);
	p[3] = (uint8_t)seq;
	p[7] = (uint8_t)n;
	p[11] = (uint8_t)(leg + 1);
	for (i = 12; i < len; i++)
		p[i] = (uint8_t)(n * 7 + i);
	return len;
}

static int send_one(struct media *m, int leg)
{
	struct sockaddr_in to = address(GUEST, leg_port[leg]);
	uint8_t packet[512];
	int len = (int)make_plain(m, leg);

	memcpy(packet, m->wait[leg][m->sent[leg] % WINDOW], (size_t)len);
	if (srtp_protect(m->out[leg], packet, &len))
		return -1;
	m->sent[leg]++;
	return sendto(m->socket[leg], packet, (size_t)len, 0, (struct sockaddr *)&to,
		      sizeof(to)) == len ? 0 : -1;
}

/* The next of what was sent to @leg, in order: verified, and the very octets. */
static int receive_one(struct media *m, int leg)
{
	struct pollfd p = { .fd = m->socket[!leg], .events = POLLIN };
	unsigned int n = m->right[leg];
	struct sockaddr_in from;
	socklen_t from_len = sizeof(from);
	size_t want = 12 + 20 + n % 300;
	uint8_t packet[2048];
	int len;

	if (poll(&p, 1, 5000) <= 0)
		return -1;
	len = (int)recvfrom(p.fd, packet, sizeof(packet), 0, (struct sockaddr *)&from, &from_len);
	CHECK(len == (int)want + 16 && ntohs(from.sin_port) == leg_port[!leg],
	      "leg %d, packet %u: %d octets from port %u", leg, n, len, ntohs(from.sin_port));
	CHECK(len > 0 && !srtp_unprotect(m->in[!leg], packet, &len), "leg %d, packet %u does not "
	      "verify", leg, n);
	CHECK(len == (int)want && !memcmp(packet, m->wait[leg][n % WINDOW], want),
	      "leg %d, packet %u: other octets", leg, n);
	m->right[leg]++;
	return 0;
}

static void exchange(struct media *m)
{
	unsigned int window = 1;
	int leg, lost = 0;

	while (!lost && m->right[1] < PACKETS) {
		for (leg = 0; leg < 2; leg++)
			while (m->sent[leg] < PACKETS && m->sent[leg] - m->right[leg] < window)
				CHECK(!send_one(m, leg), "send: %s", strerror(errno));
		for (leg = 0; leg < 2 && !lost; leg++)
			while (!lost && m->right[leg] < m->sent[leg])
				lost = receive_one(m, leg);
		/* The first of each way finds the neighbour. */
		if (m->right[0] >= 4)
			window = WINDOW;
	}
	for (leg = 0; leg < 2; leg++)
		CHECK(m->right[leg] == PACKETS, "%u of %u came back from leg %d", m->right[leg],
		      PACKETS, !leg);
}

static void check_leg(FILE *out, int want)
{
	unsigned long long received, forwarded, dropped, xdp, sent, sent_xdp;
	char line[1024], datapath[32];
	int leg;

	CHECK(!read_until(out, "leg ", line, sizeof(line)), "no counters");
	CHECK(sscanf(line, "leg %d received %llu forwarded %llu dropped %llu xdp %llu sent %llu "
		     "sent_xdp %llu datapath %31s", &leg, &received, &forwarded, &dropped, &xdp,
		     &sent, &sent_xdp, datapath) == 8 && leg == want, "%s", line);
	CHECK(received == PACKETS && forwarded == PACKETS && !dropped && sent == PACKETS, "%s",
	      line);
	CHECK(xdp * 100 >= received * 99 && sent_xdp * 100 >= sent * 99, "%s", line);
	CHECK(!strcmp(datapath, "xdp"), "%s", line);
}

static void peer(void)
{
	struct sockaddr_in control = address(GUEST, CONTROL);
	struct media m = {};
	char line[8192];
	FILE *out = NULL;
	int status = -1, leg;
	size_t len;
	pid_t pid;

	CHECK(!srtp_init(), "libsrtp2");
	for (leg = 0; leg < 2; leg++) {
		m.socket[leg] = open_socket(PEER, peer_port[leg]);
		m.out[leg] = session((unsigned int)leg, KSRTP_DIRECTION_RX);
		m.in[leg] = session((unsigned int)leg, KSRTP_DIRECTION_TX);
		CHECK(m.out[leg] && m.in[leg], "libsrtp2");
	}
	pid = start_guest(&out);
	CHECK(pid > 0, "guest: %s", strerror(errno));
	if (read_until(out, "ready", line, sizeof(line))) {
		CHECK(0, "the guest does not come up");
	} else {
		exchange(&m);
		tap_end("D1,D3", "libsrtp2, through virtio-net and back: every packet verifies");
		many_peer();
		sendto(m.socket[0], "over", 4, 0, (struct sockaddr *)&control, sizeof(control));
		check_leg(out, 0);
		check_leg(out, 1);
		tap_end("D3,D6,S8", "virtio-net: 99 of 100 packets by XDP, all of them counted");
		CHECK(fgets(line, sizeof(line), out), "no counters");
		many_check(line);
	}
	/* The rest is ksrtpctl's answer. */
	len = fread(line, 1, sizeof(line) - 1, out);
	line[len] = 0;
	CHECK(strstr(line, "\"eth0\"") && strstr(line, "\"native\""), "%s", line);
	fclose(out);
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && !WEXITSTATUS(status),
	      "the guest's status is %x", (unsigned int)status);
	tap_end("D3,D6", "ksrtpctl says that XDP is native on virtio-net");
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "guest"))
		return guest();
	setvbuf(stdout, NULL, _IOLBF, 0);
	tap.datapath = "xdp";
	if (getenv("KSRTP_HOST") && !strcmp(getenv("KSRTP_HOST"), "1"))
		tap_skip("native XDP on virtio-net", "KSRTP_HOST: there is no guest");
	else if (geteuid())
		tap_skip("native XDP on virtio-net", "not root: no tap for the guest");
	/* As where only what needs no guest is tested. */
	else if (system("test -e build/kmod/$(tests/vm/fetch-kernel)/ksrtp.ko"))
		tap_skip("native XDP on virtio-net", "no module for the guest; 'make module-vm'");
	else if (access("/dev/net/tun", R_OK | W_OK) || unshare(CLONE_NEWNET) ||
		 system("ip link set lo up && ip tuntap add dev tap0 mode tap && "
			"ip addr add " PEER "/24 dev tap0 && ip link set tap0 up"))
		tap_skip("native XDP on virtio-net", "no network namespace with a tap here");
	else
		peer();
	return tap_done();
}
