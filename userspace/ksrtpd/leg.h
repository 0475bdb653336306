/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One leg: UDP sockets toward one endpoint, its certificate and DTLS association, and
 * the datapath's leg of which it is the control side. A leg knows nothing of its call; it
 * tells its owner when its state changed.
 *
 * Without ICE there is one socket. With ICE there is one for each address of its
 * interfaces, each a candidate; one of them is the path's, the datapath has that one, and
 * a nomination may make it another. All stay open as long as the leg, for the endpoint may
 * move in mid-call.
 */
#ifndef KSRTPD_LEG_H
#define KSRTPD_LEG_H

#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>

#include "addr.h"
#include "alarm.h"
#include "cert.h"
#include "config.h"
#include "dtls.h"
#include "datapath.h"
#include "failure.h"
#include "ice.h"
#include "seccode.h"

enum ksrtpd_leg_state {
	KSRTPD_LEG_NEW,
	KSRTPD_LEG_HANDSHAKING,
	KSRTPD_LEG_CONNECTED,	/* keys, or the word that it is plain, are in the datapath */
	KSRTPD_LEG_FAILED,
};

struct ksrtpd_leg;
typedef void (*ksrtpd_leg_cb)(struct ksrtpd_leg *leg, void *arg);

/* Where the keys of a leg come from. */
enum ksrtpd_keying {
	KSRTPD_KEYING_NONE,	/* plain RTP */
	KSRTPD_KEYING_DTLS,
	KSRTPD_KEYING_SDES,	/* signalling */
	KSRTPD_KEYING_RELAY,	/* an end-to-end call: no keys here, DTLS passes through */
};

/* What a leg is made from. */
struct ksrtpd_leg_config {
	const struct ksrtpd_interface *interface;	/* of the address in c= and m= */
	int family;			/* 4 or 6: one that the interface has */
	/* With ICE, those with candidates, the one to be preferred first; none: @interface alone */
	const struct ksrtpd_interface *interfaces[KSRTPD_INTERFACES_MAX];
	unsigned int interfaces_count;
	enum ksrtpd_keying keying;
	bool ice;			/* the peer's SDP has ICE: we are ICE-lite on this leg */
	bool learn;			/* the remote address may follow authenticated packets:
					 * never with ice, none or relay
					 */
	uint32_t cryptex;		/* what it may agree on: enum ksrtp_cryptex */
	uint16_t port;			/* with @interface and @family; 0: any of its range */
	uint32_t suites[KSRTPD_SUITES_MAX];	/* DTLS: in order of preference */
	unsigned int suites_count;
};

/* Where a socket is, or was, bound. */
struct ksrtpd_leg_place {
	const struct ksrtpd_interface *interface;
	unsigned int rank;		/* its place among those of the leg */
	struct sockaddr_storage local;
};

struct ksrtpd_leg_socket {
	struct ksrtpd_leg *leg;
	struct ksrtpd_leg_place place;
	int fd;
	struct event *readable;
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
	struct ksrtpd_leg_socket *sockets;	/* the first is SDP's in c= and m= */
	unsigned int sockets_count;
	unsigned int path;		/* number of the socket that the datapath has */
	struct ksrtpd_ice *ice;		/* NULL: without ICE */
	struct sockaddr_storage local;	/* of the path's socket */
	struct sockaddr_storage remote;	/* ss_family AF_UNSPEC: not known yet */
	struct event *retransmit, *limit, *retire;

	struct ksrtpd_cert *cert;	/* NULL: without DTLS */
	struct ksrtpd_dtls *dtls;	/* NULL before the handshake may begin */
	struct ksrtpd_ice_path dtls_path;	/* by which its answers go */
	struct ksrtpd_held *held;	/* they wait for the keys */
	bool server;			/* our DTLS role, once dtls is there */
	bool client_sent;		/* the first flight, for which there was a path */
	bool counted;			/* among the handshakes that have not ended */
	bool expired;			/* its time is over */
	unsigned int spoilt;		/* associations that failed by what was not authentic */
	struct ksrtpd_fingerprints fingerprints;	/* of the peer's SDP */
	struct ksrtpd_fingerprint peer;	/* once connected, with DTLS */
	bool certificate_reused;
	uint32_t suite;			/* once connected */
	bool cryptex;			/* both ends said it when its keys were agreed */
	bool keyed;			/* the datapath has keys, in @slot of both directions */
	bool old_key, old_tx_key;	/* and for a while an old one in the other slot */
	uint32_t slot;
	uint8_t mki[KSRTP_MKI_MAX];	/* of the receive key */
	unsigned int mki_len;

	enum ksrtpd_leg_state state;
	struct ksrtpd_failure failure;	/* of a failed one */

	struct ksrtpd_code_job *code_job;
	bool code_done;
	char code[KSRTPD_SECCODE_TEXT];	/* "": none (yet) */
};

const char *ksrtpd_leg_state_name(enum ksrtpd_leg_state state);
const char *ksrtpd_keying_name(enum ksrtpd_keying keying);

/* Binds its sockets and makes the certificate; nothing is sent, and all that comes is
 * dropped until the handshake may begin. With ICE it is refused only if no candidate can
 * be had: one that cannot is an alarm.
 */
struct ksrtpd_leg *ksrtpd_leg_create(struct event_base *base, struct ksrtpd_datapath *datapath,
				     const struct ksrtpd_leg_config *config,
				     struct ksrtpd_failure *failure);
/* A leg of the datapath's that an agent before us made, with a new descriptor of its socket,
 * and those of its other places that can be bound again; leg_record.c knows the rest.
 */
struct ksrtpd_leg *ksrtpd_leg_take_back(struct event_base *base, struct ksrtpd_datapath *datapath,
					const struct ksrtpd_leg_config *config,
					const struct ksrtp_leg *there,
					const struct ksrtpd_leg_place *places,
					unsigned int places_count,
					struct ksrtpd_failure *failure);
/* What a leg with these keys may agree on, by configuration and datapath: enum ksrtp_cryptex. */
uint32_t ksrtpd_leg_may_cryptex(const struct ksrtpd_config *config,
				const struct ksrtpd_datapath *datapath, enum ksrtpd_keying keying);
/* Leaves the datapath's leg to its call. */
void ksrtpd_leg_destroy(struct ksrtpd_leg *leg);
/* Hands the path's socket to the datapath. @rtcp_of: the leg whose RTCP it carries, by the datapath's
 * id; 0: none.
 */
int ksrtpd_leg_adopt(struct ksrtpd_leg *leg, uint32_t call_id, uint32_t rtcp_of,
		     struct ksrtpd_failure *failure);
/* Tells leg, and datapath where it has the leg, where the endpoint is. With ICE that is
 * the checks' to say, and this is nothing.
 */
int ksrtpd_leg_set_remote(struct ksrtpd_leg *leg, const struct sockaddr_storage *remote,
			  struct ksrtpd_failure *failure);
/* The peer's credentials of ICE, from its SDP: from now on its checks are answered. */
int ksrtpd_leg_set_ice(struct ksrtpd_leg *leg, const char *remote_ufrag, const char *remote_pwd,
		       struct ksrtpd_failure *failure);
/* New local credentials, for an ICE restart. The old ones are good until the first check
 * with the new ones.
 */
int ksrtpd_leg_ice_restart(struct ksrtpd_leg *leg, struct ksrtpd_failure *failure);
/* The peer to whom ICE was offered has none: addresses are those of its SDP, and ours is the
 * one in c= and m= alone.
 */
void ksrtpd_leg_drop_ice(struct ksrtpd_leg *leg);
/* Keys of both directions, from signalling. Once more with new ones: a new context. @part:
 * what of them is this leg's.
 */
int ksrtpd_leg_set_sdes(struct ksrtpd_leg *leg, const struct ksrtpd_sdes_key *tx,
			const struct ksrtpd_sdes_key *rx, enum ksrtpd_part part,
			struct ksrtpd_failure *failure);
/* A new association (RFC 8842): a fresh certificate is in leg->cert at once, for the SDP;
 * the old keys work on until _start has agreed new ones.
 */
int ksrtpd_leg_renew(struct ksrtpd_leg *leg, struct ksrtpd_failure *failure);
/* Held: nothing is forwarded to or from it, and its state is kept. */
int ksrtpd_leg_hold(struct ksrtpd_leg *leg, bool held, struct ksrtpd_failure *failure);
/* The address and port for c= and m=: the advertised address where there is one. */
struct sockaddr_storage ksrtpd_leg_public(const struct ksrtpd_leg *leg);
/* The values of its a=candidate: lines; how many there are. */
unsigned int ksrtpd_leg_candidates(const struct ksrtpd_leg *leg,
				   char lines[][KSRTPD_CANDIDATE_TEXT], unsigned int max);
/* The endpoint's SDP is known: a DTLS leg begins its handshake, in the role given
 * by @server; one with SDES has its keys already; a plain one or a relay is done at once.
 */
int ksrtpd_leg_start(struct ksrtpd_leg *leg, bool server, struct ksrtpd_failure *failure);
/* Handshakes that may go on at once, and for how long, from now on. */
void ksrtpd_leg_limit_handshakes(const struct ksrtpd_config *config);
/* Something outside went wrong with it. */
void ksrtpd_leg_fail(struct ksrtpd_leg *leg, const struct ksrtpd_failure *failure);

#endif /* KSRTPD_LEG_H */
