/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a remote endpoint protects and unprotects with: libsrtp2, through its own API.
 * Nothing here is code of the parts under test.
 */
#ifndef TESTS_MEDIA_SESSION_H
#define TESTS_MEDIA_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/ksrtp.h>
#include <srtp2/srtp.h>

#define SUITES		(KSRTP_SUITE_MAX + 1)
/* Octets by which a packet grows at most. */
#define GROWTH_MAX	(16 + 4 + KSRTP_MKI_MAX)

/* A master key and what goes with it. */
struct secret {
	uint32_t suite;
	uint8_t key[32], salt[14];
	uint8_t mki[KSRTP_MKI_MAX];
	unsigned int mki_len;
	bool elements;		/* secret_elements are encrypted (RFC 6904) */
};

#define SECRET_ELEMENTS	4
extern const uint8_t secret_elements[SECRET_ELEMENTS];

/* One direction, any number of SSRCs. */
struct session {
	srtp_t srtp;		/* NULL: plain */
	srtp_t bare;		/* the same without MKI; see session_unprotect() */
	struct secret secret[2];
	unsigned int secrets;	/* more than one: told apart by MKI */
	bool inbound;
	bool rtcp_clear;	/* SRTCP is authenticated only */
	unsigned int window;	/* inbound; 0: 8192 */
};

size_t suite_key_len(uint32_t suite);
size_t suite_salt_len(uint32_t suite);
bool suite_is_gcm(uint32_t suite);
/* Octets by which the suite makes a packet grow, without MKI. */
size_t suite_growth(uint32_t suite, bool rtcp);

void secret_make(struct secret *s, uint32_t suite, unsigned int mki_len);

/* Members beside srtp are the caller's to set before. */
void session_open(struct session *s);
void session_close(struct session *s);
/* The roll-over counter of @ssrc, for its next packet. */
void session_set_roc(struct session *s, uint32_t ssrc, uint32_t roc);

/*
 * In place; return the new length, or 0 when libsrtp2 refuses. @which: the secret to
 * protect with.
 *
 * libsrtp2 2.5 does not find the MKI in its own SRTCP packets of the suites that have
 * another tag for SRTP (4 octets) than for SRTCP (10): it looks for it where it would be
 * with the former. There the MKI, which is not authenticated, is compared and taken out
 * here, and libsrtp2 sees the packet without it.
 */
size_t session_protect(struct session *s, unsigned int which, bool rtcp, uint8_t *p, size_t len);
size_t session_unprotect(struct session *s, bool rtcp, uint8_t *p, size_t len);

#endif /* TESTS_MEDIA_SESSION_H */
