/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One leg: a UDP socket toward one endpoint, its certificate and DTLS association,
 * and the datapath's leg of which it is the control side. A leg knows nothing of its
 * call; it tells its owner when its state changed.
 */
#ifndef KSRTPD_LEG_H
#define KSRTPD_LEG_H

#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>

#include "addr.h"
#include "cert.h"
#include "config.h"
#include "dtls.h"
#include "failure.h"
#include "datapath.h"
#include "seccode.h"

#define KSRTPD_HANDSHAKE_LIMIT	15	/* seconds */

enum ksrtpd_leg_state {
	KSRTPD_LEG_NEW,
	KSRTPD_LEG_HANDSHAKING,
	KSRTPD_LEG_CONNECTED,	/* keys, or the word that it is plain, are in the datapath */
	KSRTPD_LEG_FAILED,
};

struct ksrtpd_leg;
typedef void (*ksrtpd_leg_cb)(struct ksrtpd_leg *leg, void *arg);

/* What a leg is made from. */
struct ksrtpd_leg_config {
	const struct ksrtpd_interface *interface;
	int family;			/* 4 or 6: one that the interface has */
	bool dtls;			/* else plain RTP */
	uint32_t suites[KSRTPD_SUITES_MAX];
	unsigned int suites_count;
};

struct ksrtpd_leg {
	struct event_base *base;
	struct ksrtpd_datapath *datapath;
	ksrtpd_leg_cb changed;
	void *arg;

	struct ksrtpd_leg_config config;
	bool offerer;			/* we made the SDP offer on this leg */
	uint32_t id;			/* the datapath's */
	bool in_datapath;
	int fd;
	struct sockaddr_storage local;
	struct sockaddr_storage remote;	/* ss_family AF_UNSPEC: not known yet */
	struct event *readable, *retransmit, *limit;

	struct ksrtpd_cert *cert;	/* NULL: plain */
	struct ksrtpd_dtls *dtls;	/* NULL before the handshake may begin */
	bool server;			/* our DTLS role, once dtls is there */
	struct ksrtpd_fingerprints fingerprints;	/* of the peer's SDP */
	struct ksrtpd_fingerprint peer;	/* once connected, with DTLS */
	bool certificate_reused;
	uint32_t suite;			/* once connected */

	enum ksrtpd_leg_state state;
	struct ksrtpd_failure failure;	/* of a failed one */

	struct ksrtpd_code_job *code_job;
	bool code_done;
	char code[KSRTPD_SECCODE_TEXT];	/* "": none (yet) */
};

const char *ksrtpd_leg_state_name(enum ksrtpd_leg_state state);

/* Binds a socket and makes the certificate; nothing is sent, and all that comes is
 * dropped until the handshake may begin.
 */
struct ksrtpd_leg *ksrtpd_leg_create(struct event_base *base, struct ksrtpd_datapath *datapath,
				     const struct ksrtpd_leg_config *config,
				     struct ksrtpd_failure *failure);
/* Leaves the datapath's leg to its call. */
void ksrtpd_leg_destroy(struct ksrtpd_leg *leg);
/* Hands the socket to the datapath. */
int ksrtpd_leg_adopt(struct ksrtpd_leg *leg, uint32_t call_id, struct ksrtpd_failure *failure);
/* Tells leg, and datapath where it has the leg, where the endpoint is. */
int ksrtpd_leg_set_remote(struct ksrtpd_leg *leg, const struct sockaddr_storage *remote,
			  struct ksrtpd_failure *failure);
/* The endpoint's SDP is known: a DTLS leg begins its handshake, in the role given
 * by @server; a plain one is done at once.
 */
int ksrtpd_leg_start(struct ksrtpd_leg *leg, bool server, struct ksrtpd_failure *failure);
/* Something outside went wrong with it. */
void ksrtpd_leg_fail(struct ksrtpd_leg *leg, const struct ksrtpd_failure *failure);

#endif /* KSRTPD_LEG_H */
