// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <ksrtp/wire.h>
#include <linux/ksrtp.h>

#include "leg.h"
#include "log.h"

#define DATAGRAM_MAX	4096	/* no DTLS peer sends larger ones */
#define BURST		32	/* datagrams of one leg before the others' turn */
#define PORT_TRIES	64	/* at random, before the range is searched */

const char *ksrtpd_leg_state_name(enum ksrtpd_leg_state state)
{
	static const char *const names[] = { "new", "handshaking", "connected", "failed" };

	return names[state];
}

const char *ksrtpd_keying_name(enum ksrtpd_keying keying)
{
	static const char *const names[] = { "none", "dtls", "sdes", "relay" };

	return names[keying];
}

/* -- the socket */

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

static int open_socket(struct ksrtpd_leg *leg, struct ksrtpd_failure *failure)
{
	const struct ksrtpd_interface *interface = leg->config.interface;
	char host[KSRTPD_ADDR_TEXT];
	uint16_t min = leg->config.port ? leg->config.port : interface->port_min;
	uint16_t max = leg->config.port ? leg->config.port : interface->port_max;
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
		return ksrtpd_fail(failure, "no-ports",
				   "interface %s: no port is free in %u-%u (IPv%d)", interface->name,
				   min, max, leg->config.family);
	if (err)
		return ksrtpd_fail(failure, "interface", "interface %s: cannot bind to %s: %s",
				   interface->name, ksrtpd_addr_host(&leg->local, host),
				   strerror(err));
	return 0;
}

static void send_datagram(void *arg, const uint8_t *data, size_t len)
{
	struct ksrtpd_leg *leg = arg;

	/* What is lost here is sent again by the retransmission timer. */
	if (sendto(leg->fd, data, len, MSG_NOSIGNAL, (struct sockaddr *)&leg->remote,
		   ksrtpd_addr_len(&leg->remote)) < 0)
		ksrtpd_debug("leg %u: cannot send: %s", leg->id, strerror(errno));
}

/* -- the handshake */

static void set_state(struct ksrtpd_leg *leg, enum ksrtpd_leg_state state)
{
	leg->state = state;
	if (state == KSRTPD_LEG_CONNECTED || state == KSRTPD_LEG_FAILED) {
		event_del(leg->limit);
		event_del(leg->retransmit);
	}
	leg->changed(leg, leg->arg);
}

void ksrtpd_leg_fail(struct ksrtpd_leg *leg, const struct ksrtpd_failure *failure)
{
	if (leg->state == KSRTPD_LEG_FAILED)
		return;
	leg->failure = *failure;
	set_state(leg, KSRTPD_LEG_FAILED);
}

/* The fingerprint matched, both Finished are verified: only now are there keys. */
static void install_keys(struct ksrtpd_leg *leg)
{
	struct ksrtpd_dtls_keys *keys = OPENSSL_secure_malloc(sizeof(*keys));
	struct ksrtpd_failure failure;
	int err;

	if (!keys || !ksrtpd_dtls_keys(leg->dtls, keys)) {
		err = ksrtpd_fail(&failure, "internal", "cannot export the keys of the association");
	} else {
		ksrtpd_dtls_peer(leg->dtls, &leg->peer);
		leg->suite = keys->suite;
		err = ksrtpd_datapath_keys(leg->datapath, leg->id, keys, &failure);
	}
	if (keys)
		OPENSSL_secure_clear_free(keys, sizeof(*keys));
	if (err)
		ksrtpd_leg_fail(leg, &failure);
	else
		set_state(leg, KSRTPD_LEG_CONNECTED);
}

/* After anything that may have moved the association. */
static void follow(struct ksrtpd_leg *leg)
{
	struct timeval left;

	if (leg->state != KSRTPD_LEG_HANDSHAKING)
		return;
	switch (ksrtpd_dtls_state(leg->dtls)) {
	case KSRTPD_DTLS_HANDSHAKING:
		if (ksrtpd_dtls_timer(leg->dtls, &left))
			event_add(leg->retransmit, &left);
		break;
	case KSRTPD_DTLS_CONNECTED:
		install_keys(leg);
		break;
	case KSRTPD_DTLS_FAILED:
		ksrtpd_leg_fail(leg, ksrtpd_dtls_failure(leg->dtls));
		break;
	}
}

static void on_retransmit(evutil_socket_t fd, short what, void *arg)
{
	struct ksrtpd_leg *leg = arg;

	(void)fd;
	(void)what;
	ksrtpd_dtls_timeout(leg->dtls);
	follow(leg);
}

static void on_limit(evutil_socket_t fd, short what, void *arg)
{
	struct ksrtpd_leg *leg = arg;

	(void)fd;
	(void)what;
	ksrtpd_dtls_expire(leg->dtls);
	follow(leg);
}

/* Only DTLS, only from the endpoint that SDP named, and only once that SDP's
 * fingerprint is known; until then the peer's retransmission is the memory.
 */
static void take_datagram(struct ksrtpd_leg *leg, const uint8_t *data, size_t len,
			  const struct sockaddr_storage *from)
{
	if (!leg->dtls || !len || ksrtp_demux(data[0]) != KSRTP_PROTO_DTLS ||
	    !ksrtpd_addr_equal(from, &leg->remote))
		return;
	ksrtpd_dtls_input(leg->dtls, data, len);
	follow(leg);
}

static void on_up(void *arg, const uint8_t *data, size_t len, const struct sockaddr_storage *from)
{
	take_datagram(arg, data, len, from);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct ksrtpd_leg *leg = arg;
	unsigned int i;

	(void)what;
	for (i = 0; i < BURST; i++) {
		struct sockaddr_storage from = { .ss_family = AF_UNSPEC };
		socklen_t from_len = sizeof(from);
		uint8_t data[DATAGRAM_MAX];
		ssize_t len = recvfrom(fd, data, sizeof(data), MSG_TRUNC,
				       (struct sockaddr *)&from, &from_len);

		if (len < 0 && errno != ECONNREFUSED && errno != EINTR)
			return;
		if (len > 0 && len <= (ssize_t)sizeof(data))
			take_datagram(leg, data, len, &from);
	}
}

static int start_dtls(struct ksrtpd_leg *leg, bool server, struct ksrtpd_failure *failure)
{
	struct timeval limit = { .tv_sec = KSRTPD_HANDSHAKE_LIMIT };
	struct ksrtpd_dtls_config config = {
		.server = server,
		.cert = leg->cert,
		.fingerprints = &leg->fingerprints,
		.suites_count = leg->config.suites_count,
	};

	memcpy(config.suites, leg->config.suites, sizeof(config.suites));
	leg->dtls = ksrtpd_dtls_create(&config, send_datagram, leg, failure);
	if (!leg->dtls)
		return -1;
	leg->server = server;
	event_add(leg->limit, &limit);
	set_state(leg, KSRTPD_LEG_HANDSHAKING);
	if (!server)
		ksrtpd_dtls_start(leg->dtls);
	follow(leg);
	return 0;
}

int ksrtpd_leg_start(struct ksrtpd_leg *leg, bool server, struct ksrtpd_failure *failure)
{
	switch (leg->config.keying) {
	case KSRTPD_KEYING_DTLS:
		return start_dtls(leg, server, failure);
	case KSRTPD_KEYING_NONE:
		if (ksrtpd_datapath_plain(leg->datapath, leg->id, failure))
			return -1;
		leg->suite = KSRTP_SUITE_NONE;
		set_state(leg, KSRTPD_LEG_CONNECTED);
		return 0;
	default:
		return ksrtpd_fail(failure, "not-supported", "no legs with keying %s",
				   ksrtpd_keying_name(leg->config.keying));
	}
}

int ksrtpd_leg_set_ice(struct ksrtpd_leg *leg, const char *remote_ufrag, const char *remote_pwd,
		       struct ksrtpd_failure *failure)
{
	(void)leg;
	(void)remote_ufrag;
	(void)remote_pwd;
	return ksrtpd_fail(failure, "not-supported", "no ICE");
}

int ksrtpd_leg_ice_restart(struct ksrtpd_leg *leg, struct ksrtpd_failure *failure)
{
	(void)leg;
	return ksrtpd_fail(failure, "not-supported", "no ICE restart");
}

int ksrtpd_leg_set_sdes(struct ksrtpd_leg *leg, const struct ksrtpd_sdes_key *tx,
			const struct ksrtpd_sdes_key *rx, struct ksrtpd_failure *failure)
{
	(void)leg;
	(void)tx;
	(void)rx;
	return ksrtpd_fail(failure, "not-supported", "no keys from signalling");
}

int ksrtpd_leg_renew(struct ksrtpd_leg *leg, struct ksrtpd_failure *failure)
{
	(void)leg;
	return ksrtpd_fail(failure, "not-supported", "no new association on a leg");
}

int ksrtpd_leg_hold(struct ksrtpd_leg *leg, bool held, struct ksrtpd_failure *failure)
{
	return ksrtpd_datapath_leg_hold(leg->datapath, leg->id, held, failure);
}

/* -- what SDP says of it */

struct sockaddr_storage ksrtpd_leg_public(const struct ksrtpd_leg *leg)
{
	struct sockaddr_storage addr = leg->local;
	const struct sockaddr_storage *advertised =
		ksrtpd_interface_advertised(leg->config.interface, leg->config.family);

	if (advertised) {
		addr = *advertised;
		ksrtpd_addr_set_port(&addr, ksrtpd_addr_port(&leg->local));
	}
	return addr;
}

unsigned int ksrtpd_leg_candidates(const struct ksrtpd_leg *leg,
				   char lines[][KSRTPD_CANDIDATE_TEXT], unsigned int max)
{
	struct sockaddr_storage addr = ksrtpd_leg_public(leg);

	if (!leg->ice || !max)
		return 0;
	ksrtpd_ice_candidate(&addr, 1, lines[0]);
	return 1;
}

/* -- making and removing */

static int make_events(struct ksrtpd_leg *leg)
{
	leg->readable = event_new(leg->base, leg->fd, EV_READ | EV_PERSIST, on_readable, leg);
	leg->retransmit = evtimer_new(leg->base, on_retransmit, leg);
	leg->limit = evtimer_new(leg->base, on_limit, leg);
	if (!leg->readable || !leg->retransmit || !leg->limit)
		return -1;
	return event_add(leg->readable, NULL);
}

static int make_secrets(struct ksrtpd_leg *leg)
{
	if (leg->config.keying == KSRTPD_KEYING_DTLS) {
		leg->cert = ksrtpd_cert_create();
		if (!leg->cert)
			return -1;
	}
	if (leg->config.ice) {
		leg->ice = ksrtpd_ice_create();
		if (!leg->ice)
			return -1;
	}
	return 0;
}

struct ksrtpd_leg *ksrtpd_leg_create(struct event_base *base, struct ksrtpd_datapath *datapath,
				     const struct ksrtpd_leg_config *config,
				     struct ksrtpd_failure *failure)
{
	struct ksrtpd_leg *leg = calloc(1, sizeof(*leg));

	if (!leg) {
		ksrtpd_fail(failure, "internal", "no memory");
		return NULL;
	}
	leg->base = base;
	leg->datapath = datapath;
	leg->config = *config;
	leg->fd = -1;
	if (open_socket(leg, failure)) {
		ksrtpd_leg_destroy(leg);
		return NULL;
	}
	if (make_secrets(leg) || make_events(leg)) {
		ksrtpd_fail(failure, "internal", "no certificate, no credentials or no events for a leg");
		ksrtpd_leg_destroy(leg);
		return NULL;
	}
	return leg;
}

static void free_event(struct event *event)
{
	if (event)
		event_free(event);
}

void ksrtpd_leg_destroy(struct ksrtpd_leg *leg)
{
	if (!leg)
		return;
	free_event(leg->readable);
	free_event(leg->retransmit);
	free_event(leg->limit);
	ksrtpd_dtls_destroy(leg->dtls);
	ksrtpd_cert_destroy(leg->cert);
	ksrtpd_ice_destroy(leg->ice);
	if (leg->fd >= 0)
		close(leg->fd);
	free(leg);
}

int ksrtpd_leg_adopt(struct ksrtpd_leg *leg, uint32_t call_id, struct ksrtpd_failure *failure)
{
	const struct sockaddr_storage *remote = leg->remote.ss_family == AF_UNSPEC ? NULL :
										    &leg->remote;

	if (ksrtpd_datapath_leg_new(leg->datapath, call_id, leg->fd, remote,
				    leg->config.learn ? KSRTP_LEG_F_LEARN : 0, on_up, leg, &leg->id,
				    failure))
		return -1;
	leg->in_datapath = true;
	if (leg->datapath->ops->reads)
		event_del(leg->readable);
	return 0;
}

int ksrtpd_leg_set_remote(struct ksrtpd_leg *leg, const struct sockaddr_storage *remote,
			  struct ksrtpd_failure *failure)
{
	if (leg->in_datapath && ksrtpd_datapath_leg_remote(leg->datapath, leg->id, remote, failure))
		return -1;
	leg->remote = *remote;
	return 0;
}
