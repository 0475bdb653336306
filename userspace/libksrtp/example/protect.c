// SPDX-License-Identifier: GPL-2.0
/*
 * Protect an RTP sender that knows nothing of SRTP. It sends plain RTP to this host; the
 * kernel sends it on as SRTP, and what comes back as SRTP arrives at it as plain RTP.
 *
 *	cc protect.c -o protect $(pkg-config --cflags --libs libksrtp)
 *	protect 192.0.2.2:5004 192.0.2.1:5004 198.51.100.1:5006 198.51.100.2:5006 <keys
 *	        the sender     where we take  where we send     the SRTP receiver
 *
 * Standard input has two lines of 56 hexadecimal digits, the AES-128 master key and the
 * 96-bit salt of AEAD_AES_128_GCM: what we send with, then what the receiver sends with.
 * (Keys on a command line could be read by every user of the host.) Needs CAP_NET_ADMIN.
 */
#include <arpa/inet.h>
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ksrtp/ksrtp.h>

static struct ksrtp *ksrtp;

/* Every function answers a negative errno when it fails, and there is a sentence for it. */
static void must(int error, const char *what)
{
	if (error)
		errx(1, "%s: %s", what, ksrtp_error(ksrtp));
}

static struct sockaddr_storage parse(const char *text)
{
	struct sockaddr_storage addr = { .ss_family = AF_INET };
	struct sockaddr_in *in = (struct sockaddr_in *)&addr;
	char host[16];

	if (sscanf(text, "%15[0-9.]:%hu", host, &in->sin_port) != 2 ||
	    inet_pton(AF_INET, host, &in->sin_addr) != 1)
		errx(2, "'%s' is not of the form ADDRESS:PORT", text);
	in->sin_port = htons(in->sin_port);
	return addr;
}

/* A leg is a UDP socket bound to one address, which the kernel adopts. */
static uint32_t leg(uint32_t call, const char *local, const char *remote)
{
	struct ksrtp_leg leg = { .call_id = call, .state = KSRTP_LEG_STATE_ACTIVE };
	struct sockaddr_storage addr = parse(local);

	leg.remote = parse(remote);
	leg.socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (bind(leg.socket, (struct sockaddr *)&addr, sizeof(struct sockaddr_in)))
		err(1, "%s", local);
	must(ksrtp_leg_new(ksrtp, &leg), "leg");
	close(leg.socket);
	return leg.id;
}

/* Plain RTP has to be said as well: a direction without any key passes nothing. */
static void key(uint32_t leg_id, uint32_t direction, uint32_t suite)
{
	struct ksrtp_key key = { .leg_id = leg_id, .direction = direction, .suite = suite,
				 .context = KSRTP_CONTEXT_NEW };
	uint8_t master[16 + 12];
	size_t i;

	if (suite != KSRTP_SUITE_NONE) {
		for (i = 0; i < sizeof(master); i++)
			if (scanf("%2hhx", &master[i]) != 1)
				errx(2, "a key is %zu octets in hexadecimal", sizeof(master));
		must(ksrtp_key_derive(&key, suite, master, master + 16), "derivation");
	}
	must(ksrtp_key_new(ksrtp, &key), "key");
	ksrtp_key_wipe(&key);
	explicit_bzero(master, sizeof(master));
}

static void route(uint32_t from, uint32_t to)
{
	struct ksrtp_route route = { .from = from, .to = to,
				     .flags = KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP };

	must(ksrtp_route_new(ksrtp, &route), "route");
}

int main(int argc, char **argv)
{
	struct ksrtp_call call = { .mode = KSRTP_MODE_TRANSPORT, .owner = getpid(), .lease = 60 };
	uint32_t near, far;
	sigset_t ends;

	if (argc != 5)
		errx(2, "usage: protect SENDER LISTEN FROM RECEIVER <keys");
	setvbuf(stdin, NULL, _IONBF, 0);	/* no copy of the keys */
	must(ksrtp_open(&ksrtp), "the kernel module");
	snprintf(call.name, sizeof(call.name), "protect-%u", call.owner);
	must(ksrtp_call_new(ksrtp, &call), "call");
	near = leg(call.id, argv[2], argv[1]);
	far = leg(call.id, argv[3], argv[4]);
	key(near, KSRTP_DIRECTION_RX, KSRTP_SUITE_NONE);
	key(near, KSRTP_DIRECTION_TX, KSRTP_SUITE_NONE);
	key(far, KSRTP_DIRECTION_TX, KSRTP_SUITE_AEAD_AES_128_GCM);
	key(far, KSRTP_DIRECTION_RX, KSRTP_SUITE_AEAD_AES_128_GCM);
	route(near, far);
	route(far, near);
	puts("protected");
	fflush(stdout);

	/* The lease ends the call when this program dies without a word. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	while (sigtimedwait(&ends, NULL, &(struct timespec){ .tv_sec = 20 }) < 0)
		must(ksrtp_owner_alive(ksrtp, call.owner), "lease");
	must(ksrtp_call_del(ksrtp, call.id), "the end");
	ksrtp_close(ksrtp);
	return 0;
}
