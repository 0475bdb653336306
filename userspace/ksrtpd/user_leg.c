// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/ip.h>

#include <ksrtp/wire.h>

#include "addr.h"
#include "log.h"
#include "user_leg.h"

#define BURST		64	/* datagrams of one leg before the others' turn */
#define SERVED_MAX	4096	/* datagrams that a leg takes along when it moves */
#define BUCKETS		1024

struct user_leg {
	LIST_ENTRY(user_leg) entry;
	struct ksrtpd_user_legs *legs;
	uint32_t id;
	int fd, family, next_fd;	/* next: -1 but for a moment */
	struct event *readable, *next_readable;
	ksrtpd_up_cb up;
	void *arg;
};

struct ksrtpd_user_legs {
	struct event_base *base;
	struct ksrtpd_engine **engine;
	LIST_HEAD(, user_leg) buckets[BUCKETS];
	uint8_t data[KSRTPD_DATAGRAM_MAX];	/* one datagram at a time */
};

struct ksrtpd_user_legs *ksrtpd_user_legs_create(struct event_base *base,
						 struct ksrtpd_engine **engine)
{
	struct ksrtpd_user_legs *legs = calloc(1, sizeof(*legs));

	if (!legs)
		return NULL;
	legs->base = base;
	legs->engine = engine;
	return legs;
}

static struct user_leg *find(struct ksrtpd_user_legs *legs, uint32_t id)
{
	struct user_leg *leg;

	LIST_FOREACH(leg, &legs->buckets[id % BUCKETS], entry)
		if (leg->id == id)
			return leg;
	return NULL;
}

static void drop_next(struct user_leg *leg)
{
	if (leg->next_readable)
		event_free(leg->next_readable);
	if (leg->next_fd >= 0)
		close(leg->next_fd);
	leg->next_readable = NULL;
	leg->next_fd = -1;
}

static void remove_leg(struct user_leg *leg)
{
	LIST_REMOVE(leg, entry);
	drop_next(leg);
	if (leg->readable)
		event_free(leg->readable);
	close(leg->fd);
	free(leg);
}

void ksrtpd_user_legs_destroy(struct ksrtpd_user_legs *legs)
{
	unsigned int i;

	if (!legs)
		return;
	for (i = 0; i < BUCKETS; i++) {
		while (!LIST_EMPTY(&legs->buckets[i]))
			remove_leg(LIST_FIRST(&legs->buckets[i]));
	}
	free(legs);
}

int ksrtpd_user_leg_local(struct ksrtp_leg *leg)
{
	socklen_t len = sizeof(leg->local);

	memset(&leg->local, 0, sizeof(leg->local));
	return getsockname(leg->socket, (struct sockaddr *)&leg->local, &len) ? -errno : 0;
}

/*
 * A second of video may wait while the event loop is busy. Without CAP_NET_ADMIN the
 * host's rmem_max is what there is.
 */
static void widen(int fd)
{
	int octets = 4 << 20;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof(octets)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &octets, sizeof(octets));
}

/* What a handler of the owner does may remove the leg, or move it: it is looked up each time. */
static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct ksrtpd_user_legs *legs = ((struct user_leg *)arg)->legs;
	uint32_t id = ((struct user_leg *)arg)->id;
	struct user_leg *leg;
	unsigned int i;

	(void)what;
	for (i = 0; i < BURST && (leg = find(legs, id)) && leg->fd == fd; i++) {
		struct sockaddr_storage from = { .ss_family = AF_UNSPEC };
		socklen_t from_len = sizeof(from);
		ssize_t len = recvfrom(fd, legs->data, sizeof(legs->data), 0,
				       (struct sockaddr *)&from, &from_len);

		/* An ICMP error of what was sent stands in the way of what came. */
		if (len < 0 && errno != ECONNREFUSED && errno != EINTR)
			return;
		if (len >= 0 && ksrtpd_engine_input(*legs->engine, id, &from, legs->data,
						    (size_t)len) == KSRTPD_FATE_UP)
			leg->up(leg->arg, legs->data, (size_t)len, &from);
	}
}

int ksrtpd_user_leg_add(struct ksrtpd_user_legs *legs, const struct ksrtp_leg *new,
			ksrtpd_up_cb up, void *arg)
{
	struct user_leg *leg = calloc(1, sizeof(*leg));

	if (!leg)
		return -ENOMEM;
	leg->legs = legs;
	leg->id = new->id;
	leg->family = ksrtpd_addr_family(&new->local);
	leg->up = up;
	leg->arg = arg;
	leg->next_fd = -1;
	leg->fd = fcntl(new->socket, F_DUPFD_CLOEXEC, 0);
	if (leg->fd < 0) {
		free(leg);
		return -EMFILE;
	}
	LIST_INSERT_HEAD(&legs->buckets[leg->id % BUCKETS], leg, entry);
	widen(leg->fd);
	leg->readable = event_new(legs->base, leg->fd, EV_READ | EV_PERSIST, on_readable, leg);
	if (!leg->readable || event_add(leg->readable, NULL)) {
		remove_leg(leg);
		return -ENOMEM;
	}
	ksrtpd_user_leg_options(legs, new);
	return 0;
}

void ksrtpd_user_leg_remove(struct ksrtpd_user_legs *legs, uint32_t id)
{
	struct user_leg *leg = find(legs, id);

	if (leg)
		remove_leg(leg);
}

/* Up to the first that is for the owner, who reads this socket from now on. */
static void serve(struct ksrtpd_user_legs *legs, const struct user_leg *leg)
{
	unsigned int i;
	uint8_t first;

	for (i = 0; i < SERVED_MAX; i++) {
		struct sockaddr_storage from = { .ss_family = AF_UNSPEC };
		socklen_t from_len = sizeof(from);
		ssize_t len = recv(leg->fd, &first, 1, MSG_PEEK | MSG_DONTWAIT);

		if (len <= 0 || ksrtp_demux(first) != KSRTP_PROTO_MEDIA)
			return;
		len = recvfrom(leg->fd, legs->data, sizeof(legs->data), MSG_DONTWAIT,
			       (struct sockaddr *)&from, &from_len);
		if (len > 0)
			ksrtpd_engine_input(*legs->engine, leg->id, &from, legs->data, (size_t)len);
	}
}

int ksrtpd_user_leg_prepare(struct ksrtpd_user_legs *legs, uint32_t id, int socket)
{
	struct user_leg *leg = find(legs, id);

	if (!leg)
		return -ENOENT;
	leg->next_fd = fcntl(socket, F_DUPFD_CLOEXEC, 0);
	if (leg->next_fd < 0)
		return -EMFILE;
	leg->next_readable = event_new(legs->base, leg->next_fd, EV_READ | EV_PERSIST, on_readable,
				       leg);
	if (!leg->next_readable || event_add(leg->next_readable, NULL)) {
		drop_next(leg);
		return -ENOMEM;
	}
	serve(legs, leg);
	return 0;
}

void ksrtpd_user_leg_move(struct ksrtpd_user_legs *legs, const struct ksrtp_leg *now)
{
	struct user_leg *leg = find(legs, now->id);

	if (!leg || leg->next_fd < 0)
		return;
	event_free(leg->readable);
	close(leg->fd);
	leg->fd = leg->next_fd;
	leg->readable = leg->next_readable;
	leg->next_fd = -1;
	leg->next_readable = NULL;
	leg->family = ksrtpd_addr_family(&now->local);
	widen(leg->fd);
	ksrtpd_user_leg_options(legs, now);
}

void ksrtpd_user_leg_stay(struct ksrtpd_user_legs *legs, uint32_t id)
{
	struct user_leg *leg = find(legs, id);

	if (leg)
		drop_next(leg);
}

/* Packets that are too big are fragmented as the origin does, unless the leg forbids it. */
void ksrtpd_user_leg_options(struct ksrtpd_user_legs *legs, const struct ksrtp_leg *now)
{
	struct user_leg *leg = find(legs, now->id);
	bool no_frag = now->flags & KSRTP_LEG_F_NO_FRAG;
	int tos = now->dscp << 2, four, six, err;

	if (!leg)
		return;
	four = no_frag ? IP_PMTUDISC_DO : IP_PMTUDISC_WANT;
	six = no_frag ? IPV6_PMTUDISC_DO : IPV6_PMTUDISC_WANT;
	if (leg->family == 4)
		err = setsockopt(leg->fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos)) ||
		      setsockopt(leg->fd, IPPROTO_IP, IP_MTU_DISCOVER, &four, sizeof(four));
	else
		err = setsockopt(leg->fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof(tos)) ||
		      setsockopt(leg->fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &six, sizeof(six));
	if (err)
		ksrtpd_log_leg(WARNING, leg->id, NULL, "socket options: %s", strerror(errno));
}

static enum ksrtp_reason reason_of(int err)
{
	switch (err) {
	case EMSGSIZE:
		return KSRTP_REASON_TX_MTU;
	case ENETUNREACH:
	case EHOSTUNREACH:
	case ENETDOWN:
		return KSRTP_REASON_TX_NEXTHOP;
	case ENOMEM:
		return KSRTP_REASON_TX_NOMEM;
	default:
		return KSRTP_REASON_TX_ERROR;
	}
}

enum ksrtp_reason ksrtpd_user_leg_send(struct ksrtpd_user_legs *legs, uint32_t id,
				       const struct sockaddr_storage *to, const uint8_t *data,
				       size_t len)
{
	const struct user_leg *leg = find(legs, id);
	int tries;

	if (!leg)
		return KSRTP_REASON_TX_ERROR;
	/* The first may answer for an earlier packet: nobody listened there. */
	for (tries = 0; tries < 2; tries++) {
		if (sendto(leg->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT,
			   (const struct sockaddr *)to, ksrtpd_addr_len(to)) >= 0)
			return KSRTP_REASON_NONE;
		if (errno != ECONNREFUSED && errno != EINTR)
			break;
	}
	return reason_of(errno);
}
