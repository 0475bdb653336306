/* SPDX-License-Identifier: GPL-2.0 */
/*
 * STUN Binding requests and their answers (RFC 8489), as far as ICE-lite needs them: with
 * short-term credentials, MESSAGE-INTEGRITY and FINGERPRINT. No state, no sockets.
 */
#ifndef KSRTPD_STUN_H
#define KSRTPD_STUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define KSRTPD_STUN_HEADER	20
#define KSRTPD_STUN_ID_LEN	12
#define KSRTPD_STUN_REQUEST_MAX	2048	/* octets of a request that is looked at */
#define KSRTPD_STUN_ANSWER_MAX	128	/* octets of an answer */
#define KSRTPD_STUN_UNKNOWN_MAX	8	/* that an answer lists */

/* Error codes (RFC 8489, section 14.8; RFC 8445, section 7.3.1.1) */
enum {
	KSRTPD_STUN_BAD_REQUEST = 400,
	KSRTPD_STUN_UNAUTHENTICATED = 401,
	KSRTPD_STUN_UNKNOWN_ATTRIBUTE = 420,
	KSRTPD_STUN_ROLE_CONFLICT = 487,
};

/* A Binding request; the pointers are into the datagram. */
struct ksrtpd_stun {
	const uint8_t *data;
	size_t len;
	const char *username;		/* NULL: none; without NUL */
	size_t username_len;
	size_t integrity;		/* where MESSAGE-INTEGRITY is; 0: none */
	bool controlling, controlled, use_candidate, has_priority;
	uint32_t priority;
	uint16_t unknown[KSRTPD_STUN_UNKNOWN_MAX];
	unsigned int unknown_count;	/* comprehension-required ones */
};

/* False: no well-formed Binding request with a right FINGERPRINT, so not to be answered. */
bool ksrtpd_stun_parse(const uint8_t *data, size_t len, struct ksrtpd_stun *request);
/* Was it protected with @password? In constant time. */
bool ksrtpd_stun_verify(const struct ksrtpd_stun *request, const char *password);

/* The answers; 0 when OpenSSL failed, else their length. */
size_t ksrtpd_stun_success(const struct ksrtpd_stun *request, const struct sockaddr_storage *from,
			   const char *password, uint8_t answer[KSRTPD_STUN_ANSWER_MAX]);
/* @password NULL: to somebody unknown, so without integrity; 0 also when the answer would
 * be longer than 6/5 of the request.
 */
size_t ksrtpd_stun_error(const struct ksrtpd_stun *request, unsigned int code,
			 const char *password, uint8_t answer[KSRTPD_STUN_ANSWER_MAX]);

#endif /* KSRTPD_STUN_H */
