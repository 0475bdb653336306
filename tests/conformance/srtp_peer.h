/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SRTP and SRTCP as the RFCs have them (3711, 6188, 7714), on OpenSSL alone: what the
 * datapaths are compared with. Shares no code with them, and not with libsrtp2.
 */
#ifndef TESTS_CONFORMANCE_SRTP_PEER_H
#define TESTS_CONFORMANCE_SRTP_PEER_H

#include <stddef.h>
#include <stdint.h>

#define PEER_TRAILER_MAX	(16 + 4 + 128)

struct peer_key {
	unsigned int suite;	/* enum ksrtp_suite; 0: plain */
	uint8_t master[32], salt[14];
	size_t mki_len;
	uint8_t mki[128];
};

/* Each writes the protected packet to @out and returns its length. */
size_t peer_rtp(const struct peer_key *key, uint64_t index, const uint8_t *rtp, size_t len,
		uint8_t *out);
/* @encrypt: the E bit. */
size_t peer_rtcp(const struct peer_key *key, uint32_t index, int encrypt, const uint8_t *rtcp,
		 size_t len, uint8_t *out);
/* Session key, salt or authentication key of @label (RFC 3711, section 4.3.2). */
void peer_derive(const struct peer_key *key, uint8_t label, uint8_t *out, size_t len);

#endif /* TESTS_CONFORMANCE_SRTP_PEER_H */
