/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Holds one leg's socket over the module's comings and goings: makes a call
 * with a leg on a loopback socket, says "ready"; then, for every line on stdin,
 * sends the socket a datagram that looks like RTP and says "got" or "nothing".
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ksrtp/ksrtp.h>

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "holder: %s: %s\n", what, why);
	return 1;
}

int main(void)
{
	struct sockaddr_in local = { .sin_family = AF_INET }, remote = { .sin_family = AF_INET };
	struct ksrtp_call call = { .name = "holder", .mode = KSRTP_MODE_TRANSPORT };
	struct ksrtp_leg leg = { .state = KSRTP_LEG_STATE_ACTIVE };
	uint8_t packet[12 + 160] = { 0x80 }, got[512];
	socklen_t len = sizeof(local);
	int held = socket(AF_INET, SOCK_DGRAM, 0), sender = socket(AF_INET, SOCK_DGRAM, 0);
	struct ksrtp *handle;
	char line[64];

	local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	remote.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(held, (struct sockaddr *)&local, len) || getsockname(held, (struct sockaddr *)&local, &len) ||
	    bind(sender, (struct sockaddr *)&remote, len) ||
	    getsockname(sender, (struct sockaddr *)&remote, &len))
		return fail("sockets", "cannot be bound");
	if (ksrtp_open(&handle))
		return fail("no module", ksrtp_error(handle));
	if (ksrtp_call_new(handle, &call))
		return fail("call", ksrtp_error(handle));
	leg.call_id = call.id;
	leg.socket = held;
	memcpy(&leg.remote, &remote, sizeof(remote));
	if (ksrtp_leg_new(handle, &leg))
		return fail("leg", ksrtp_error(handle));
	ksrtp_close(handle);
	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		struct pollfd arrival = { .fd = held, .events = POLLIN };

		if (sendto(sender, packet, sizeof(packet), 0, (struct sockaddr *)&local, len) !=
		    (ssize_t)sizeof(packet))
			return fail("send", "failed");
		if (poll(&arrival, 1, 500) == 1 &&
		    recv(held, got, sizeof(got), 0) == (ssize_t)sizeof(packet) &&
		    !memcmp(got, packet, sizeof(packet)))
			puts("got");
		else
			puts("nothing");
		fflush(stdout);
	}
	return 0;
}
