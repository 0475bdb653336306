// SPDX-License-Identifier: GPL-2.0
/*
 * The two ends of the library's example. `rtp` knows nothing of SRTP: it sends plain
 * packets and counts those that come back; `srtp` decrypts with libsrtp2 what it gets and
 * answers each with one of its own, after a line that says `ready`. Both say what they
 * saw as one line of JSON.
 *
 *	endpoint rtp LOCAL REMOTE COUNT
 *	endpoint srtp LOCAL REMOTE COUNT HEARS SENDS	(keys and salts in hexadecimal)
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <srtp2/srtp.h>

#define PAYLOAD		160
#define PACKET_MAX	1500
#define PATIENCE	20000	/* ms without a packet */
#define MASTER		28

struct rtp {
	uint8_t first, type;
	uint16_t seq;
	uint32_t timestamp, ssrc;
	uint8_t payload[PAYLOAD];
};

static struct sockaddr_in parse(const char *text)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	unsigned int port = 0;
	char host[16] = "";

	if (sscanf(text, "%15[0-9.]:%u", host, &port) != 2 || inet_pton(AF_INET, host, &addr.sin_addr) != 1)
		exit(2);
	addr.sin_port = htons((uint16_t)port);
	return addr;
}

static int open_socket(const char *local, const char *remote)
{
	struct sockaddr_in from = parse(local), to = parse(remote);
	int fd = socket(AF_INET, SOCK_DGRAM, 0), octets = 4 << 20;

	/* All that come back may wait until the last was sent. */
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof(octets)) || bind(fd, (struct sockaddr *)&from, sizeof(from)) ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to))) {
		perror(local);
		exit(1);
	}
	return fd;
}

static srtp_t open_srtp(const char *hex, srtp_ssrc_type_t direction)
{
	uint8_t master[MASTER];
	srtp_policy_t policy = { .ssrc.type = direction, .key = master, .window_size = 1024 };
	srtp_t session;
	unsigned int i;

	for (i = 0; i < MASTER; i++)
		if (sscanf(hex + i * 2, "%2hhx", &master[i]) != 1)
			exit(2);
	srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
	srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
	if (srtp_create(&session, &policy))
		exit(1);
	return session;
}

static void fill(struct rtp *rtp, uint32_t ssrc, unsigned int n)
{
	unsigned int i;

	*rtp = (struct rtp){ .first = 0x80, .seq = htons((uint16_t)(1000 + n)),
			     .timestamp = htonl(n * PAYLOAD), .ssrc = htonl(ssrc) };
	for (i = 0; i < PAYLOAD; i++)
		rtp->payload[i] = (uint8_t)(ssrc + n * 7 + i);
}

/* Is this packet @ssrc's, whole? */
static int is_right(const uint8_t *data, size_t len, uint32_t ssrc)
{
	struct rtp got, want;

	if (len != sizeof(got))
		return 0;
	memcpy(&got, data, sizeof(got));
	fill(&want, ssrc, ntohs(got.seq) - 1000u);
	return !memcmp(&got, &want, sizeof(got));
}

/* The next packet, or 0 when none has come for long. */
static size_t receive(int fd, uint8_t *data)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	ssize_t n;

	if (poll(&poller, 1, PATIENCE) <= 0)
		return 0;
	n = recv(fd, data, PACKET_MAX, 0);
	return n > 0 ? (size_t)n : 0;
}

static void run_rtp(int fd, unsigned int count)
{
	unsigned int heard = 0, wrong = 0, n;
	uint8_t data[PACKET_MAX];
	struct rtp rtp;
	size_t len;

	for (n = 0; n < count; n++) {
		fill(&rtp, 0x11, n);
		if (send(fd, &rtp, sizeof(rtp), 0) < 0)
			perror("send");
		usleep(4000);
	}
	while (heard + wrong < count && (len = receive(fd, data))) {
		if (is_right(data, len, 0x22))
			heard++;
		else
			wrong++;
	}
	printf("{\"heard\": %u, \"wrong\": %u}\n", heard, wrong);
}

static void run_srtp(int fd, unsigned int count, const char *hears, const char *sends)
{
	unsigned int decrypted = 0, wrong = 0, plain = 0;
	uint8_t data[PACKET_MAX], out[PACKET_MAX];
	srtp_t in, back;
	size_t len;
	int left;

	if (srtp_init())
		exit(1);
	in = open_srtp(hears, ssrc_any_inbound);
	back = open_srtp(sends, ssrc_any_outbound);
	puts("ready");
	fflush(stdout);
	while (decrypted + wrong + plain < count && (len = receive(fd, data))) {
		left = (int)len;
		if (is_right(data, len, 0x11)) {
			plain++;
		} else if (srtp_unprotect(in, data, &left) || !is_right(data, (size_t)left, 0x11)) {
			wrong++;
		} else {
			fill((struct rtp *)out, 0x22, decrypted++);
			left = sizeof(struct rtp);
			if (!srtp_protect(back, out, &left))
				send(fd, out, (size_t)left, 0);
		}
	}
	printf("{\"decrypted\": %u, \"wrong\": %u, \"plain\": %u}\n", decrypted, wrong, plain);
}

int main(int argc, char **argv)
{
	unsigned int count = argc > 4 ? (unsigned int)atoi(argv[4]) : 0;

	if (argc == 5 && !strcmp(argv[1], "rtp"))
		run_rtp(open_socket(argv[2], argv[3]), count);
	else if (argc == 7 && !strcmp(argv[1], "srtp"))
		run_srtp(open_socket(argv[2], argv[3]), count, argv[5], argv[6]);
	else
		return 2;
	return 0;
}
