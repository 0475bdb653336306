/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One DTLS-SRTP association (RFC 5764) with no socket, clock or kernel in it: the
 * owner brings datagrams and timeouts, and gets datagrams to send and, in the end,
 * the SRTP master keys.
 *
 * DTLS 1.2 alone; both sides must show a certificate whose SHA-256 fingerprint is
 * one of those that signalling brought. Nothing else about a certificate counts.
 * The keys exist only after the peer's Finished verified.
 */
#ifndef KSRTPD_DTLS_H
#define KSRTPD_DTLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>

#include "addr.h"
#include "algorithms.h"
#include "cert.h"
#include "dtls_bio.h"
#include "failure.h"
#include "fingerprint.h"

enum ksrtpd_dtls_state {
	KSRTPD_DTLS_HANDSHAKING,
	KSRTPD_DTLS_CONNECTED,
	KSRTPD_DTLS_FAILED,
};

/* SRTP master keys and salts, by who writes with them. Owners wipe it. */
struct ksrtpd_dtls_keys {
	uint32_t suite;		/* enum ksrtp_suite */
	uint8_t local_key[32], local_salt[14];
	uint8_t remote_key[32], remote_salt[14];
};

struct ksrtpd_dtls_config {
	bool server;
	bool cookie;	/* server: state only for who gets what is sent to his address (RFC 6347) */
	const struct ksrtpd_cert *cert;
	const struct ksrtpd_fingerprints *fingerprints;	/* of the peer, from SDP */
	uint32_t suites[KSRTPD_SUITES_MAX];	/* enum ksrtp_suite, in order of preference */
	unsigned int suites_count;
	unsigned int retransmit_ms;	/* until the first retransmission; 0: the default */
};

struct ksrtpd_dtls;

/* Is there a DTLS-SRTP profile for this suite? */
bool ksrtpd_dtls_suite_known(uint32_t suite);

/* Copies @config (the certificate by reference count). A client has its first flight
 * sent by _start. NULL with reason "internal" when OpenSSL cannot.
 */
struct ksrtpd_dtls *ksrtpd_dtls_create(const struct ksrtpd_dtls_config *config,
				       ksrtpd_dtls_send send, void *arg,
				       struct ksrtpd_failure *failure);
void ksrtpd_dtls_destroy(struct ksrtpd_dtls *dtls);

void ksrtpd_dtls_start(struct ksrtpd_dtls *dtls);
/* A datagram that the peer's address sent. */
void ksrtpd_dtls_input(struct ksrtpd_dtls *dtls, const uint8_t *data, size_t len);
/* With a cookie, where several addresses may be the peer's: the next datagram is from
 * there, and has to show the cookie that was sent there.
 */
bool ksrtpd_dtls_from(struct ksrtpd_dtls *dtls, const struct sockaddr_storage *from);
/* Does it still wait for the cookie? Then no address is the peer's yet. */
bool ksrtpd_dtls_wants_cookie(const struct ksrtpd_dtls *dtls);
/* False: no retransmission is due. Else how long from now to _timeout. */
bool ksrtpd_dtls_timer(struct ksrtpd_dtls *dtls, struct timeval *left);
void ksrtpd_dtls_timeout(struct ksrtpd_dtls *dtls);
/* The owner's patience is over: fails an association that is still shaking hands. */
void ksrtpd_dtls_expire(struct ksrtpd_dtls *dtls);

enum ksrtpd_dtls_state ksrtpd_dtls_state(const struct ksrtpd_dtls *dtls);
/* Of a failed one. */
const struct ksrtpd_failure *ksrtpd_dtls_failure(const struct ksrtpd_dtls *dtls);
/* Of a connected one: the peer's certificate, and the keys. */
void ksrtpd_dtls_peer(const struct ksrtpd_dtls *dtls, struct ksrtpd_fingerprint *peer);
bool ksrtpd_dtls_keys(struct ksrtpd_dtls *dtls, struct ksrtpd_dtls_keys *keys);

#endif /* KSRTPD_DTLS_H */
