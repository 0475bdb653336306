/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "endpoint.h"

/* Everything of a whole call fits, so a slow machine loses nothing here. */
#define RECEIVE_BUFFER	(64 << 20)

static int socket_open(const struct sockaddr_storage *address)
{
	socklen_t len = address->ss_family == AF_INET ? sizeof(struct sockaddr_in) :
							sizeof(struct sockaddr_in6);
	int fd = socket(address->ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int size = RECEIVE_BUFFER, on = 1;

	if (fd < 0 || bind(fd, (const struct sockaddr *)address, len))
		die("cannot bind a socket: %s", strerror(errno));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)))
		die("cannot set the receive buffer: %s", strerror(errno));
	if (setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on)))
		die("cannot ask for lost datagrams: %s", strerror(errno));
	return fd;
}

void line_open(struct endpoint *ep, struct line *line, enum kind kind)
{
	line->kind = kind;
	line->fd = socket_open(&ep->address);
	line->stray_fd = socket_open(&ep->address);
	line->local_len = sizeof(line->local);
	if (getsockname(line->fd, (struct sockaddr *)&line->local, &line->local_len))
		die("getsockname: %s", strerror(errno));
	cert_make(&line->cert, ep->name);
}

/* Waits when the device's queue is full: a datagram counted as sent was sent. */
void line_send(struct line *line, const uint8_t *data, size_t len, bool stray)
{
	int fd = stray ? line->stray_fd : line->fd;

	while (sendto(fd, data, len, 0, (struct sockaddr *)&line->remote, line->remote_len) < 0) {
		struct pollfd room = { .fd = fd, .events = POLLOUT };

		if (errno != EAGAIN && errno != ENOBUFS && errno != EINTR)
			die("cannot send: %s", strerror(errno));
		poll(&room, 1, 10);
	}
}

static bool from_remote(const struct line *line, const struct sockaddr_storage *from)
{
	if (from->ss_family != line->remote.ss_family)
		return false;
	if (from->ss_family == AF_INET) {
		const struct sockaddr_in *a = (const void *)from, *b = (const void *)&line->remote;

		return a->sin_port == b->sin_port && a->sin_addr.s_addr == b->sin_addr.s_addr;
	} else {
		const struct sockaddr_in6 *a = (const void *)from, *b = (const void *)&line->remote;

		return a->sin6_port == b->sin6_port &&
		       !memcmp(&a->sin6_addr, &b->sin6_addr, sizeof(a->sin6_addr));
	}
}

/* One datagram; RFC 7983 by its first octet. */
static void take(struct endpoint *ep, struct line *line, uint8_t *data, size_t len,
		 const struct sockaddr_storage *from)
{
	struct phase *phase = &line->phases[ep->phase];

	if (!line->remote_len || !from_remote(line, from)) {
		phase->datagrams++;
		phase->foreign++;
	} else if (len && data[0] >= 20 && data[0] <= 63 && line->secure) {
		dtls_input(line, data, len);
	} else {
		phase->datagrams++;
		if (len && data[0] >= 128 && data[0] <= 191)
			media_receive(ep, line, data, len);
		else
			phase->not_media++;
	}
}

void line_receive(struct endpoint *ep, struct line *line)
{
	int limit;

	for (limit = 64; limit; limit--) {
		_Alignas(8) uint8_t data[DATAGRAM_MAX + SRTP_MAX_TRAILER_LEN];
		_Alignas(8) uint8_t control[128];
		struct sockaddr_storage from;
		struct iovec iov = { .iov_base = data, .iov_len = DATAGRAM_MAX };
		struct msghdr msg = {
			.msg_name = &from, .msg_namelen = sizeof(from),
			.msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = control, .msg_controllen = sizeof(control),
		};
		struct cmsghdr *cmsg;
		ssize_t len = recvmsg(line->fd, &msg, 0);

		if (len < 0) {
			if (errno == EAGAIN)
				return;
			if (errno == EINTR)
				continue;
			die("cannot receive: %s", strerror(errno));
		}
		for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg))
			if (cmsg->cmsg_level == SOL_SOCKET && cmsg->cmsg_type == SO_RXQ_OVFL)
				memcpy(&line->overflow, CMSG_DATA(cmsg), sizeof(line->overflow));
		take(ep, line, data, (size_t)len, &from);
	}
}
