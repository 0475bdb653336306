// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "leg_int.h"
#include "log.h"

#define PORT_TRIES	64	/* at random, before the range is searched */

static int try_port(int fd, struct sockaddr_storage *local, uint16_t port)
{
	ksrtpd_addr_set_port(local, port);
	return bind(fd, (struct sockaddr *)local, ksrtpd_addr_len(local)) ? errno : 0;
}

/* At random, so that nobody can guess the port of the next call. */
static int bind_port(int fd, struct sockaddr_storage *local, uint16_t min, uint16_t max)
{
	uint32_t count = max - min + 1, i, at = 0;

	for (i = 0; i < PORT_TRIES + count; i++) {
		int err;

		if (i <= PORT_TRIES && RAND_bytes((unsigned char *)&at, sizeof(at)) != 1)
			return EIO;
		/* From the last random place on, every port once. */
		at = (i > PORT_TRIES ? at + 1 : at) % count;
		err = try_port(fd, local, min + at);
		if (err != EADDRINUSE)
			return err;
	}
	return EADDRINUSE;
}

static int new_socket(const struct sockaddr_storage *local, struct ksrtpd_failure *failure)
{
	int fd = socket(local->ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1;

	if (fd < 0)
		return ksrtpd_fail(failure, "internal", "no socket: %s", strerror(errno));
	if (local->ss_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one))) {
		ksrtpd_fail(failure, "internal", "IPV6_V6ONLY: %s", strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

static int make_room(struct ksrtpd_leg *leg, unsigned int count, struct ksrtpd_failure *failure)
{
	leg->sockets = calloc(count, sizeof(*leg->sockets));
	return leg->sockets ? 0 : ksrtpd_fail(failure, "internal", "no memory for sockets");
}

static void add_socket(struct ksrtpd_leg *leg, int fd, const struct ksrtpd_leg_place *place)
{
	struct ksrtpd_leg_socket *one = &leg->sockets[leg->sockets_count++];

	one->leg = leg;
	one->fd = fd;
	one->place = *place;
}

/* -- of a new leg */

enum trouble { TROUBLE_PORTS, TROUBLE_ADDRESS };

/* An interface has one alarm of a kind for its two addresses. @message NULL: all is well with
 * this one.
 */
static void tell(enum trouble trouble, const struct ksrtpd_interface *interface, int family,
		 const char *message)
{
	static const char *const kinds[] = { "no-ports", "no-address" };
	static uint8_t families[2][KSRTPD_INTERFACES_MAX];
	uint8_t *troubled = &families[trouble][interface->number];
	uint8_t bit = family == 4 ? 1 : 2;

	*troubled = message ? *troubled | bit : *troubled & ~bit;
	if (message)
		ksrtpd_alarm_raise(kinds[trouble], interface->name, message);
	else if (!*troubled)
		ksrtpd_alarm_clear(kinds[trouble], interface->name);
}

void leg_tell_ports(const struct ksrtpd_interface *interface, int family, const char *message)
{
	tell(TROUBLE_PORTS, interface, family, message);
}

/* The address in c= and m=. */
static bool is_default(const struct ksrtpd_leg *leg, const struct ksrtpd_interface *interface,
		       int family)
{
	return interface == leg->config.interface && family == leg->config.family;
}

static int bind_address(const struct ksrtpd_leg *leg, int fd, struct ksrtpd_leg_place *place,
			struct ksrtpd_failure *failure)
{
	const struct ksrtpd_interface *interface = place->interface;
	int family = ksrtpd_addr_family(&place->local);
	uint16_t port = is_default(leg, interface, family) ? leg->config.port : 0;
	uint16_t min = port ? port : interface->port_min;
	uint16_t max = port ? port : interface->port_max;
	char host[KSRTPD_ADDR_TEXT];
	int err = bind_port(fd, &place->local, min, max);

	if (err && err != EADDRINUSE) {
		ksrtpd_fail(failure, "interface", "interface %s: cannot bind to %s: %s",
			    interface->name, ksrtpd_addr_host(&place->local, host), strerror(err));
		tell(TROUBLE_ADDRESS, interface, family, failure->message);
		return -1;
	}
	tell(TROUBLE_ADDRESS, interface, family, NULL);
	if (err)
		ksrtpd_fail(failure, "no-ports", "interface %s: no port is free in %u-%u (IPv%d)",
			    interface->name, min, max, family);
	/* One port that is taken is the caller's affair; a range is the administrator's. */
	if (!port)
		tell(TROUBLE_PORTS, interface, family, err ? failure->message : NULL);
	return err ? -1 : 0;
}

static int open_address(struct ksrtpd_leg *leg, const struct ksrtpd_interface *interface,
			unsigned int rank, int family, struct ksrtpd_failure *failure)
{
	struct ksrtpd_leg_place place = {
		.interface = interface, .rank = rank,
		.local = *ksrtpd_interface_addr(interface, family),
	};
	int fd = new_socket(&place.local, failure);

	if (fd < 0)
		return -1;
	if (bind_address(leg, fd, &place, failure)) {
		close(fd);
		return -1;
	}
	add_socket(leg, fd, &place);
	return 0;
}

/* The addresses of an interface but the one in c= and m=. */
static void open_others(struct ksrtpd_leg *leg, const struct ksrtpd_interface *interface,
			unsigned int rank)
{
	struct ksrtpd_failure failure;
	int family;

	for (family = 6; family >= 4; family -= 2) {
		if (ksrtpd_interface_addr(interface, family) && !is_default(leg, interface, family) &&
		    open_address(leg, interface, rank, family, &failure))
			ksrtpd_debug("a leg has a candidate less: %s", failure.message);
	}
}

/* The one in c= and m= could not be had: in front of the others, one of its family. */
static void find_default(struct ksrtpd_leg *leg)
{
	struct ksrtpd_leg_socket first = leg->sockets[0];
	unsigned int i;

	for (i = 0; i < leg->sockets_count; i++) {
		if (ksrtpd_addr_family(&leg->sockets[i].place.local) == leg->config.family)
			break;
	}
	if (i == leg->sockets_count)
		return;
	leg->sockets[0] = leg->sockets[i];
	leg->sockets[i] = first;
}

static unsigned int rank_of(const struct ksrtpd_leg_config *config)
{
	unsigned int i;

	for (i = 0; i < config->interfaces_count && config->interfaces[i] != config->interface; i++)
		;
	return i;
}

int leg_open_sockets(struct ksrtpd_leg *leg, struct ksrtpd_failure *failure)
{
	struct ksrtpd_leg_config *config = &leg->config;
	bool several = config->ice && leg->datapath->ops->moves;
	unsigned int i;
	int err;

	if (!several || !config->interfaces_count) {
		config->interfaces[0] = config->interface;
		config->interfaces_count = 1;
	}
	if (make_room(leg, 2 * config->interfaces_count, failure))
		return -1;
	err = open_address(leg, config->interface, rank_of(config), config->family, failure);
	if (err && (!several || config->port))
		return -1;
	for (i = 0; several && i < config->interfaces_count; i++)
		open_others(leg, config->interfaces[i], i);
	if (!leg->sockets_count)
		return -1;
	if (err) {
		ksrtpd_debug("a leg has a candidate less: %s", failure->message);
		find_default(leg);
	}
	leg->local = leg->sockets[0].place.local;
	return 0;
}

/* -- of one that was taken back */

static void bind_again(struct ksrtpd_leg *leg, const struct ksrtpd_leg_place *place)
{
	struct ksrtpd_failure failure;
	char text[KSRTPD_ADDR_TEXT];
	int fd = new_socket(&place->local, &failure);

	ksrtpd_addr_text(&place->local, text);
	if (fd >= 0 && !bind(fd, (const struct sockaddr *)&place->local,
			     ksrtpd_addr_len(&place->local))) {
		add_socket(leg, fd, place);
		return;
	}
	ksrtpd_log_leg(INFO, leg->id, NULL, "goes on without its candidate %s: %s", text,
		       fd < 0 ? failure.message : strerror(errno));
	if (fd >= 0)
		close(fd);
}

int leg_open_places(struct ksrtpd_leg *leg, int fd, const struct ksrtpd_leg_place *places,
		    unsigned int count, struct ksrtpd_failure *failure)
{
	struct ksrtpd_leg_place adopted = { .interface = leg->config.interface, .local = leg->local };
	bool placed = false;
	unsigned int i;

	if (make_room(leg, count + 1, failure)) {
		close(fd);
		return -1;
	}
	for (i = 0; i < count; i++) {
		if (!ksrtpd_addr_equal(&places[i].local, &leg->local)) {
			bind_again(leg, &places[i]);
		} else if (!placed) {
			placed = true;
			leg->path = leg->sockets_count;
			add_socket(leg, fd, &places[i]);
		}
	}
	if (!placed) {
		leg->path = leg->sockets_count;
		add_socket(leg, fd, &adopted);
	}
	return 0;
}

/* -- both */

void leg_close_sockets(struct ksrtpd_leg *leg, bool but_first)
{
	while (leg->sockets_count > but_first) {
		struct ksrtpd_leg_socket *one = &leg->sockets[--leg->sockets_count];

		if (one->readable)
			event_free(one->readable);
		close(one->fd);
	}
	if (but_first)
		return;
	free(leg->sockets);
	leg->sockets = NULL;
}

void leg_send(struct ksrtpd_leg *leg, const struct ksrtpd_ice_path *path, const uint8_t *data,
	      size_t len)
{
	const struct sockaddr_storage *to = &path->remote;

	if (to->ss_family == AF_UNSPEC)
		return;
	if (sendto(leg->sockets[path->socket].fd, data, len, MSG_NOSIGNAL,
		   (const struct sockaddr *)to, ksrtpd_addr_len(to)) < 0)
		ksrtpd_log_leg(DEBUG, leg->id, NULL, "cannot send: %s", strerror(errno));
}
