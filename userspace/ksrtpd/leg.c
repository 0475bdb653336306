// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ksrtp/wire.h>
#include <linux/ksrtp.h>

#include "leg_int.h"

#define DATAGRAM_MAX	4096	/* no DTLS peer sends larger ones */
#define BURST		32	/* datagrams of one leg before the others' turn */

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

void leg_set_state(struct ksrtpd_leg *leg, enum ksrtpd_leg_state state)
{
	leg->state = state;
	if (state == KSRTPD_LEG_CONNECTED || state == KSRTPD_LEG_FAILED)
		leg_dtls_ended(leg);
	leg->changed(leg, leg->arg);
}

void ksrtpd_leg_fail(struct ksrtpd_leg *leg, const struct ksrtpd_failure *failure)
{
	if (leg->state == KSRTPD_LEG_FAILED)
		return;
	leg->failure = *failure;
	leg_set_state(leg, KSRTPD_LEG_FAILED);
}

/* -- what comes in beside the media */

static void take_datagram(struct ksrtpd_leg *leg, const uint8_t *data, size_t len,
			  const struct ksrtpd_ice_path *from)
{
	switch (len ? ksrtp_demux(data[0]) : KSRTP_PROTO_OTHER) {
	case KSRTP_PROTO_STUN:
		leg_ice_input(leg, data, len, from);
		break;
	case KSRTP_PROTO_DTLS:
		leg_dtls_input(leg, data, len, from);
		break;
	default:
		break;
	}
}

static void on_up(void *arg, const uint8_t *data, size_t len, const struct sockaddr_storage *from)
{
	struct ksrtpd_leg *leg = arg;
	const struct ksrtpd_ice_path path = { .socket = leg->path, .remote = *from };

	take_datagram(leg, data, len, &path);
}

/* The datapath reads the path's socket itself where it reads any. */
static bool is_ours(const struct ksrtpd_leg *leg, unsigned int number)
{
	return !leg->in_datapath || !leg->datapath->ops->reads || number != leg->path;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct ksrtpd_leg_socket *one = arg;
	struct ksrtpd_leg *leg = one->leg;
	struct ksrtpd_ice_path from = { .socket = (unsigned int)(one - leg->sockets) };
	unsigned int i;

	(void)what;
	/* A nomination among them makes the rest the datapath's. */
	for (i = 0; i < BURST && is_ours(leg, from.socket); i++) {
		socklen_t from_len = sizeof(from.remote);
		uint8_t data[DATAGRAM_MAX];
		ssize_t len;

		memset(&from.remote, 0, sizeof(from.remote));
		len = recvfrom(fd, data, sizeof(data), MSG_TRUNC, (struct sockaddr *)&from.remote,
			       &from_len);

		if (len < 0 && errno != ECONNREFUSED && errno != EINTR)
			return;
		if (len > 0 && len <= (ssize_t)sizeof(data))
			take_datagram(leg, data, len, &from);
	}
}

/* -- its life */

int ksrtpd_leg_start(struct ksrtpd_leg *leg, bool server, struct ksrtpd_failure *failure)
{
	switch (leg->config.keying) {
	case KSRTPD_KEYING_DTLS:
		return leg_dtls_start(leg, server, failure);
	case KSRTPD_KEYING_NONE:
		if (!leg->keyed && ksrtpd_datapath_plain(leg->datapath, leg->id, failure))
			return -1;
		leg->keyed = true;
		leg->suite = KSRTP_SUITE_NONE;
		break;
	case KSRTPD_KEYING_SDES:
		if (!leg->keyed)
			return ksrtpd_fail(failure, "internal", "signalling brought no keys");
		break;
	case KSRTPD_KEYING_RELAY:
		break;
	}
	leg_set_state(leg, KSRTPD_LEG_CONNECTED);
	return 0;
}

int ksrtpd_leg_hold(struct ksrtpd_leg *leg, bool held, struct ksrtpd_failure *failure)
{
	return ksrtpd_datapath_leg_hold(leg->datapath, leg->id, held, failure);
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

static int make_events(struct ksrtpd_leg *leg)
{
	unsigned int i;

	for (i = 0; i < leg->sockets_count; i++) {
		struct ksrtpd_leg_socket *one = &leg->sockets[i];

		one->readable = event_new(leg->base, one->fd, EV_READ | EV_PERSIST, on_readable, one);
		if (!one->readable || event_add(one->readable, NULL))
			return -1;
	}
	return leg_key_events(leg);
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
	if (leg_open_sockets(leg, failure)) {
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

struct ksrtpd_leg *ksrtpd_leg_take_back(struct event_base *base, struct ksrtpd_datapath *datapath,
					const struct ksrtpd_leg_config *config,
					const struct ksrtp_leg *there,
					const struct ksrtpd_leg_place *places,
					unsigned int places_count,
					struct ksrtpd_failure *failure)
{
	struct ksrtpd_leg *leg = calloc(1, sizeof(*leg));
	int fd;

	if (!leg) {
		ksrtpd_fail(failure, "internal", "no memory");
		return NULL;
	}
	leg->base = base;
	leg->datapath = datapath;
	leg->config = *config;
	leg->id = there->id;
	leg->in_datapath = true;
	leg->local = there->local;
	leg->remote = there->remote;
	fd = ksrtpd_datapath_leg_socket(datapath, leg->id, failure);
	if (fd < 0 || leg_open_places(leg, fd, places, places_count, failure)) {
		ksrtpd_leg_destroy(leg);
		return NULL;
	}
	if (config->ice)
		leg->ice = ksrtpd_ice_create();
	if ((config->ice && !leg->ice) || make_events(leg)) {
		ksrtpd_fail(failure, "internal", "no credentials or no events for a leg");
		ksrtpd_leg_destroy(leg);
		return NULL;
	}
	/* The password is gone: new ones go out with the next SDP, and the path stays. */
	if (leg->ice) {
		leg->ice->selected.socket = leg->path;
		leg->ice->selected.remote = leg->remote;
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
	leg_dtls_ended(leg);
	free_event(leg->retransmit);
	free_event(leg->limit);
	free_event(leg->retire);
	ksrtpd_dtls_destroy(leg->dtls);
	leg_dtls_forget(leg);
	ksrtpd_cert_destroy(leg->cert);
	ksrtpd_ice_destroy(leg->ice);
	leg_close_sockets(leg, false);
	free(leg);
}

/* -- the datapath's part */

static bool is_protected(enum ksrtpd_keying keying)
{
	return keying == KSRTPD_KEYING_DTLS || keying == KSRTPD_KEYING_SDES;
}

uint32_t ksrtpd_leg_may_cryptex(const struct ksrtpd_config *config,
				const struct ksrtpd_datapath *datapath, enum ksrtpd_keying keying)
{
	return datapath->ops->cryptex && is_protected(keying) ? config->cryptex : KSRTP_CRYPTEX_OFF;
}

static uint32_t flags_of(const struct ksrtpd_leg *leg)
{
	bool learn = leg->config.learn && !leg->config.ice && is_protected(leg->config.keying);

	return learn ? KSRTP_LEG_F_LEARN : 0;
}

int ksrtpd_leg_adopt(struct ksrtpd_leg *leg, uint32_t call_id, uint32_t rtcp_of,
		     struct ksrtpd_failure *failure)
{
	const struct sockaddr_storage *remote;

	/* With ICE a nominated check says where it is; SDP's address is only a default. */
	if (leg->ice)
		leg->remote = leg->ice->selected.remote;
	remote = leg->remote.ss_family == AF_UNSPEC ? NULL : &leg->remote;
	if (ksrtpd_datapath_leg_new(leg->datapath, call_id, rtcp_of, leg->sockets[leg->path].fd,
				    remote, flags_of(leg), on_up, leg, &leg->id, failure))
		return -1;
	leg->in_datapath = true;
	if (leg->datapath->ops->reads)
		event_del(leg->sockets[leg->path].readable);
	return leg_ice_tell(leg, failure);
}

/* The datapath has another socket now. */
static void use_socket(struct ksrtpd_leg *leg, unsigned int number)
{
	if (leg->in_datapath && leg->datapath->ops->reads) {
		event_del(leg->sockets[number].readable);
		event_add(leg->sockets[leg->path].readable, NULL);
	}
	leg->path = number;
	leg->local = leg->sockets[number].place.local;
}

int leg_set_path(struct ksrtpd_leg *leg, const struct ksrtpd_ice_path *path,
		 struct ksrtpd_failure *failure)
{
	bool moves = path->socket != leg->path;

	if (leg->in_datapath &&
	    (moves ? ksrtpd_datapath_leg_move(leg->datapath, leg->id,
						    leg->sockets[path->socket].fd, &path->remote,
						    failure) :
		     ksrtpd_datapath_leg_remote(leg->datapath, leg->id, &path->remote, failure)))
		return -1;
	if (moves)
		use_socket(leg, path->socket);
	leg->remote = path->remote;
	return 0;
}

int ksrtpd_leg_set_remote(struct ksrtpd_leg *leg, const struct sockaddr_storage *remote,
			  struct ksrtpd_failure *failure)
{
	const struct ksrtpd_ice_path path = { .socket = leg->path, .remote = *remote };

	return leg->ice ? 0 : leg_set_path(leg, &path, failure);
}

/* -- what SDP says of it */

static struct sockaddr_storage public_of(const struct ksrtpd_leg_place *place)
{
	const struct sockaddr_storage *advertised =
		ksrtpd_interface_advertised(place->interface, ksrtpd_addr_family(&place->local));
	struct sockaddr_storage addr = place->local;

	if (advertised) {
		addr = *advertised;
		ksrtpd_addr_set_port(&addr, ksrtpd_addr_port(&place->local));
	}
	return addr;
}

/* Also when the path has moved: in SDP there is one family and address for all lines. */
struct sockaddr_storage ksrtpd_leg_public(const struct ksrtpd_leg *leg)
{
	return public_of(&leg->sockets[0].place);
}

unsigned int ksrtpd_leg_candidates(const struct ksrtpd_leg *leg,
				   char lines[][KSRTPD_CANDIDATE_TEXT], unsigned int max)
{
	unsigned int i;

	for (i = 0; leg->ice && i < leg->sockets_count && i < max; i++) {
		struct sockaddr_storage addr = public_of(&leg->sockets[i].place);

		ksrtpd_ice_candidate(&addr, leg->sockets[i].place.rank, 1, lines[i]);
	}
	return i;
}
