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
			  const struct sockaddr_storage *from)
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
	leg->readable = event_new(leg->base, leg->fd, EV_READ | EV_PERSIST, on_readable, leg);
	if (!leg->readable || leg_key_events(leg))
		return -1;
	return event_add(leg->readable, NULL);
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
	if (leg_open_socket(leg, failure)) {
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
	leg->id = there->id;
	leg->in_datapath = true;
	leg->local = there->local;
	leg->remote = there->remote;
	leg->fd = ksrtpd_datapath_leg_socket(datapath, leg->id, failure);
	if (leg->fd < 0) {
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
	if (leg->ice)
		leg->ice->selected = leg->remote;
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
	free_event(leg->readable);
	free_event(leg->retransmit);
	free_event(leg->limit);
	free_event(leg->retire);
	ksrtpd_dtls_destroy(leg->dtls);
	leg_dtls_forget(leg);
	ksrtpd_cert_destroy(leg->cert);
	ksrtpd_ice_destroy(leg->ice);
	if (leg->fd >= 0)
		close(leg->fd);
	free(leg);
}

/* -- the datapath's part */

static uint32_t flags_of(const struct ksrtpd_leg *leg)
{
	bool learn = leg->config.learn && !leg->config.ice &&
		     (leg->config.keying == KSRTPD_KEYING_DTLS ||
		      leg->config.keying == KSRTPD_KEYING_SDES);

	return learn ? KSRTP_LEG_F_LEARN : 0;
}

int ksrtpd_leg_adopt(struct ksrtpd_leg *leg, uint32_t call_id, uint32_t rtcp_of,
		     struct ksrtpd_failure *failure)
{
	const struct sockaddr_storage *remote;

	/* With ICE a nominated check says where it is; SDP's address is only a default. */
	if (leg->ice)
		leg->remote = leg->ice->selected;
	remote = leg->remote.ss_family == AF_UNSPEC ? NULL : &leg->remote;
	if (ksrtpd_datapath_leg_new(leg->datapath, call_id, rtcp_of, leg->fd, remote, flags_of(leg),
				    on_up, leg, &leg->id, failure))
		return -1;
	leg->in_datapath = true;
	if (leg->datapath->ops->reads)
		event_del(leg->readable);
	return leg_ice_tell(leg, failure);
}

int leg_set_path(struct ksrtpd_leg *leg, const struct sockaddr_storage *remote,
		 struct ksrtpd_failure *failure)
{
	if (leg->in_datapath && ksrtpd_datapath_leg_remote(leg->datapath, leg->id, remote, failure))
		return -1;
	leg->remote = *remote;
	return 0;
}

int ksrtpd_leg_set_remote(struct ksrtpd_leg *leg, const struct sockaddr_storage *remote,
			  struct ksrtpd_failure *failure)
{
	return leg->ice ? 0 : leg_set_path(leg, remote, failure);
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
