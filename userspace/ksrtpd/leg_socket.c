// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/rand.h>

#include "leg_int.h"
#include "log.h"

#define PORT_TRIES	64	/* at random, before the range is searched */

static int try_port(struct ksrtpd_leg *leg, uint16_t port)
{
	ksrtpd_addr_set_port(&leg->local, port);
	if (!bind(leg->fd, (struct sockaddr *)&leg->local, ksrtpd_addr_len(&leg->local)))
		return 0;
	return errno;
}

/* At random, so that nobody can guess the port of the next call. */
static int bind_port(struct ksrtpd_leg *leg, uint16_t min, uint16_t max)
{
	uint32_t count = max - min + 1, i, at = 0;

	for (i = 0; i < PORT_TRIES + count; i++) {
		int err;

		if (i <= PORT_TRIES && RAND_bytes((unsigned char *)&at, sizeof(at)) != 1)
			return EIO;
		/* From the last random place on, every port once. */
		at = (i > PORT_TRIES ? at + 1 : at) % count;
		err = try_port(leg, min + at);
		if (err != EADDRINUSE)
			return err;
	}
	return EADDRINUSE;
}

static int no_port(const struct ksrtpd_leg *leg, uint16_t min, uint16_t max,
		   struct ksrtpd_failure *failure)
{
	const struct ksrtpd_interface *interface = leg->config.interface;

	ksrtpd_fail(failure, "no-ports", "interface %s: no port is free in %u-%u (IPv%d)",
		    interface->name, min, max, leg->config.family);
	/* One port that is taken is the caller's affair; a range is the administrator's. */
	if (!leg->config.port)
		ksrtpd_alarm_raise("no-ports", interface->name, failure->message);
	return -1;
}

int leg_open_socket(struct ksrtpd_leg *leg, struct ksrtpd_failure *failure)
{
	const struct ksrtpd_interface *interface = leg->config.interface;
	uint16_t min = leg->config.port ? leg->config.port : interface->port_min;
	uint16_t max = leg->config.port ? leg->config.port : interface->port_max;
	char host[KSRTPD_ADDR_TEXT];
	int one = 1, err;

	leg->local = *ksrtpd_interface_addr(interface, leg->config.family);
	leg->fd = socket(leg->local.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (leg->fd < 0)
		return ksrtpd_fail(failure, "internal", "no socket: %s", strerror(errno));
	if (leg->config.family == 6 &&
	    setsockopt(leg->fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)))
		return ksrtpd_fail(failure, "internal", "IPV6_V6ONLY: %s", strerror(errno));
	err = bind_port(leg, min, max);
	if (err == EADDRINUSE)
		return no_port(leg, min, max, failure);
	if (err)
		return ksrtpd_fail(failure, "interface", "interface %s: cannot bind to %s: %s",
				   interface->name, ksrtpd_addr_host(&leg->local, host),
				   strerror(err));
	if (!leg->config.port)
		ksrtpd_alarm_clear("no-ports", interface->name);
	return 0;
}

void leg_send(struct ksrtpd_leg *leg, const struct sockaddr_storage *to, const uint8_t *data,
	      size_t len)
{
	if (to->ss_family == AF_UNSPEC)
		return;
	if (sendto(leg->fd, data, len, MSG_NOSIGNAL, (const struct sockaddr *)to,
		   ksrtpd_addr_len(to)) < 0)
		ksrtpd_log_leg(DEBUG, leg->id, NULL, "cannot send: %s", strerror(errno));
}
