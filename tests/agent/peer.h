/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two ends of a DTLS association in one process, with a wire between them that the
 * test can watch and spoil. An end is the agent's own struct ksrtpd_dtls, or a plain
 * OpenSSL one that does what the test tells it, right or wrong.
 */
#ifndef KSRTP_TEST_PEER_H
#define KSRTP_TEST_PEER_H

#include <stdbool.h>

#include <openssl/ssl.h>

#include "ksrtpd/dtls.h"

#define WIRE_MAX	64

struct datagram {
	uint8_t octets[2048];
	size_t len;
};

struct end {
	struct ksrtpd_dtls *dtls;	/* ours, or ... */
	SSL *ssl;			/* ... a plain one */
	SSL_CTX *ctx;
	BIO *bio;
	bool done, broken;		/* of a plain one */
	unsigned long error;		/* of OpenSSL, that broke it */
	struct ksrtpd_cert *cert;
	bool cookie;			/* of ours: set between end_cert() and end_ours() */
	unsigned int retransmit_ms;
	struct datagram out[WIRE_MAX];	/* what it sent and nobody took */
	unsigned int head, count;
	unsigned int sent;		/* datagrams so far */
	struct datagram last;		/* the last one */
};

/* False: this datagram is lost. It may also be changed. */
typedef bool (*wire_filter)(struct datagram *datagram, bool from_client, void *arg);

/* Makes our end; the fingerprints are those of @other's certificate if @list is NULL. */
void end_ours(struct end *end, bool server, const struct end *other,
	      const struct ksrtpd_fingerprints *list, const char *suites);
/* A plain one. @profiles as of use_srtp, NULL: none. */
void end_plain(struct end *end, bool server, const char *profiles, bool with_cert);
/* A certificate before the end, so that the other can know its fingerprint. */
void end_cert(struct end *end);
void end_free(struct end *end);

void end_start(struct end *end);
void end_input(struct end *end, const uint8_t *octets, size_t len);
/* Carries datagrams until both are silent. */
void wire_run(struct end *client, struct end *server, wire_filter filter, void *arg);
/* The same, waiting for retransmissions, until both are connected or @seconds are over. */
void wire_run_timed(struct end *client, struct end *server, wire_filter filter, void *arg,
		    unsigned int seconds);

/* Lets the timers of both that are due do their work. */
void wire_timers(struct end *client, struct end *server);

bool end_connected(const struct end *end);
/* Master keys as RFC 5764 exports them, of a plain end. */
bool end_export(struct end *end, uint8_t *material, size_t len);
/* The one of the datagram's records that is a handshake message of this type, or NULL. */
uint8_t *find_handshake(struct datagram *datagram, uint8_t type);

#endif /* KSRTP_TEST_PEER_H */
