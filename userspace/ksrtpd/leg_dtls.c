// SPDX-License-Identifier: GPL-2.0
/*
 * The handshake of a leg. The peer's address is SDP's, or with ICE one that good checks
 * came from: whoever answers those has shown that he gets what is sent there. Of others
 * the association hears nothing. On a leg that may learn its address, whoever brings back
 * the cookie has the handshake, until it fails; the leg's path moves to him when his
 * certificate has turned out to be SDP's.
 */
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "leg_int.h"
#include "log.h"

/* Associations that strangers may spoil, one after the other, before a leg gives up. */
#define SPOILT_MAX	10000

static struct {
	unsigned int all, of_interface[KSRTPD_INTERFACES_MAX];
	unsigned int max, max_interface, seconds;
} handshakes = {
	.max = KSRTPD_HANDSHAKES_DEFAULT,
	.max_interface = KSRTPD_HANDSHAKES_INTERFACE_DEFAULT,
	.seconds = KSRTPD_HANDSHAKE_LIMIT,
};

void ksrtpd_leg_limit_handshakes(const struct ksrtpd_config *config)
{
	handshakes.max = config->handshakes_max;
	handshakes.max_interface = config->handshakes_max_interface;
	handshakes.seconds = config->handshake_timeout;
}

struct ksrtpd_held {
	struct ksrtpd_held *next;
	size_t len;
	uint8_t data[];
};

/*
 * Everything that an association sends waits for leg_dtls_flush(). With our last flight the
 * peer has the keys, and his media may overtake us on the way to the datapath: by then it
 * must have the key that receives it.
 */
static void send_datagram(void *arg, const uint8_t *data, size_t len)
{
	struct ksrtpd_held *held = malloc(sizeof(*held) + len), **end;
	struct ksrtpd_leg *leg = arg;

	if (!held)
		return;		/* as if it were lost on the way */
	held->next = NULL;
	held->len = len;
	memcpy(held->data, data, len);
	for (end = &leg->held; *end; end = &(*end)->next)
		;
	*end = held;
}

void leg_dtls_flush(struct ksrtpd_leg *leg)
{
	struct ksrtpd_held *held;

	while ((held = leg->held)) {
		leg->held = held->next;
		leg_send(leg, &leg->dtls_path, held->data, held->len);
		free(held);
	}
}

void leg_dtls_forget(struct ksrtpd_leg *leg)
{
	struct ksrtpd_held *held;

	while ((held = leg->held)) {
		leg->held = held->next;
		free(held);
	}
}

/* As a server; a client has to know where to send its hello. */
static bool learns(const struct ksrtpd_leg *leg)
{
	return leg->config.learn && !leg->ice && leg->server;
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
		const struct ksrtpd_master rx = {
			.suite = keys->suite, .key = keys->remote_key, .salt = keys->remote_salt,
		};
		const struct ksrtpd_master tx = {
			.suite = keys->suite, .key = keys->local_key, .salt = keys->local_salt,
		};

		ksrtpd_dtls_peer(leg->dtls, &leg->peer);
		err = leg_use_keys(leg, &rx, &tx, &failure);
	}
	if (keys)
		OPENSSL_secure_clear_free(keys, sizeof(*keys));
	leg_dtls_flush(leg);
	if (!err && learns(leg) && !ksrtpd_addr_equal(&leg->dtls_path.remote, &leg->remote))
		err = leg_set_path(leg, &leg->dtls_path, &failure);
	if (err)
		ksrtpd_leg_fail(leg, &failure);
	else
		leg_set_state(leg, KSRTPD_LEG_CONNECTED);
}

static int make_association(struct ksrtpd_leg *leg, struct ksrtpd_failure *failure)
{
	struct ksrtpd_dtls_config config = {
		.server = leg->server,
		.cookie = leg->server && !leg->ice,
		.cert = leg->cert,
		.fingerprints = &leg->fingerprints,
		.suites_count = leg->config.suites_count,
	};

	memcpy(config.suites, leg->config.suites, sizeof(config.suites));
	ksrtpd_dtls_destroy(leg->dtls);
	leg->dtls = ksrtpd_dtls_create(&config, send_datagram, leg, failure);
	return leg->dtls ? 0 : -1;
}

/*
 * Nothing was authentic yet, so what spoilt the handshake may be a stranger's: a server
 * begins anew, and the leg fails when its time is over. What signalling and the peer
 * disagree about (certificate, profile) fails it at once.
 */
static void take_failure(struct ksrtpd_leg *leg)
{
	const struct ksrtpd_failure *failure = ksrtpd_dtls_failure(leg->dtls);
	bool stranger = learns(leg) && !ksrtpd_addr_equal(&leg->dtls_path.remote, &leg->remote);
	struct ksrtpd_failure inner;

	if (!leg->server || (strcmp(failure->reason, "dtls-alert") && !stranger) || leg->expired ||
	    leg->spoilt >= SPOILT_MAX) {
		ksrtpd_leg_fail(leg, failure);
		return;
	}
	leg->spoilt++;
	leg->failure = *failure;
	event_del(leg->retransmit);
	ksrtpd_log_leg(DEBUG, leg->id, failure->reason, "%s; waits for another handshake", failure->message);
	if (make_association(leg, &inner))
		ksrtpd_leg_fail(leg, &inner);
}

/* After anything that may have moved the association. */
static void follow(struct ksrtpd_leg *leg)
{
	enum ksrtpd_dtls_state state = ksrtpd_dtls_state(leg->dtls);
	struct timeval left;

	if (leg->state != KSRTPD_LEG_HANDSHAKING || state != KSRTPD_DTLS_CONNECTED)
		leg_dtls_flush(leg);
	if (leg->state != KSRTPD_LEG_HANDSHAKING)
		return;
	switch (state) {
	case KSRTPD_DTLS_HANDSHAKING:
		if (ksrtpd_dtls_timer(leg->dtls, &left))
			event_add(leg->retransmit, &left);
		break;
	case KSRTPD_DTLS_CONNECTED:
		install_keys(leg);
		break;
	case KSRTPD_DTLS_FAILED:
		take_failure(leg);
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
	leg->expired = true;
	/* What spoilt it tells more than that it did not end. */
	if (leg->spoilt) {
		struct ksrtpd_failure failure = leg->failure;

		ksrtpd_leg_fail(leg, &failure);
		return;
	}
	ksrtpd_dtls_expire(leg->dtls);
	follow(leg);
}

static bool is_peer(struct ksrtpd_leg *leg, const struct ksrtpd_ice_path *path)
{
	const struct sockaddr_storage *from = &path->remote;

	if (leg->ice)
		return ksrtpd_ice_is_checked(leg->ice, path);
	if (!learns(leg))
		return ksrtpd_addr_equal(from, &leg->remote);
	/* Whoever showed the cookie; before that, anybody may ask for one. */
	if (!ksrtpd_dtls_wants_cookie(leg->dtls))
		return ksrtpd_addr_equal(from, &leg->dtls_path.remote);
	return ksrtpd_dtls_from(leg->dtls, from);
}

/* Only once SDP's fingerprint is known; until then the peer's retransmission is the memory. */
void leg_dtls_input(struct ksrtpd_leg *leg, const uint8_t *data, size_t len,
		    const struct ksrtpd_ice_path *from)
{
	if (!leg->dtls || !is_peer(leg, from))
		return;
	leg->dtls_path = *from;
	ksrtpd_dtls_input(leg->dtls, data, len);
	follow(leg);
}

void leg_dtls_path(struct ksrtpd_leg *leg)
{
	leg->dtls_path.socket = leg->path;
	leg->dtls_path.remote = leg->remote;
	if (leg->state != KSRTPD_LEG_HANDSHAKING || leg->server || leg->client_sent)
		return;
	leg->client_sent = true;
	ksrtpd_dtls_start(leg->dtls);
	follow(leg);
}

static int make_timers(struct ksrtpd_leg *leg)
{
	if (!leg->retransmit)
		leg->retransmit = evtimer_new(leg->base, on_retransmit, leg);
	if (!leg->limit)
		leg->limit = evtimer_new(leg->base, on_limit, leg);
	return leg->retransmit && leg->limit ? 0 : -1;
}

static int begin(struct ksrtpd_leg *leg, struct ksrtpd_failure *failure)
{
	const struct ksrtpd_interface *interface = leg->config.interface;

	if (handshakes.all >= handshakes.max)
		return ksrtpd_fail(failure, "too-many-handshakes",
				   "%u handshakes have not ended, which is handshakes-max",
				   handshakes.all);
	if (handshakes.of_interface[interface->number] >= handshakes.max_interface)
		return ksrtpd_fail(failure, "too-many-handshakes",
				   "interface %s: %u handshakes have not ended, which is "
				   "handshakes-max-interface", interface->name,
				   handshakes.of_interface[interface->number]);
	handshakes.all++;
	handshakes.of_interface[interface->number]++;
	leg->counted = true;
	return 0;
}

void leg_dtls_ended(struct ksrtpd_leg *leg)
{
	if (leg->limit)
		event_del(leg->limit);
	if (leg->retransmit)
		event_del(leg->retransmit);
	if (!leg->counted)
		return;
	leg->counted = false;
	handshakes.all--;
	handshakes.of_interface[leg->config.interface->number]--;
}

int leg_dtls_start(struct ksrtpd_leg *leg, bool server, struct ksrtpd_failure *failure)
{
	const struct timeval limit = { .tv_sec = handshakes.seconds };

	if (make_timers(leg))
		return ksrtpd_fail(failure, "internal", "no events for a leg");
	leg_dtls_ended(leg);
	if (begin(leg, failure))
		return -1;
	leg->server = server;
	leg->spoilt = 0;
	leg->expired = leg->client_sent = false;
	if (make_association(leg, failure)) {
		leg_dtls_ended(leg);
		return -1;
	}
	event_add(leg->limit, &limit);
	leg_set_state(leg, KSRTPD_LEG_HANDSHAKING);
	if (leg->remote.ss_family != AF_UNSPEC && (!leg->ice || leg->ice->selected.remote.ss_family))
		leg_dtls_path(leg);
	return 0;
}

int ksrtpd_leg_renew(struct ksrtpd_leg *leg, struct ksrtpd_failure *failure)
{
	struct ksrtpd_cert *cert;

	if (leg->config.keying != KSRTPD_KEYING_DTLS)
		return ksrtpd_fail(failure, "internal", "the leg has no DTLS association");
	cert = ksrtpd_cert_create();
	if (!cert)
		return ksrtpd_fail(failure, "internal", "OpenSSL made no certificate");
	/* An association holds its own. */
	ksrtpd_cert_destroy(leg->cert);
	leg->cert = cert;
	return 0;
}
