/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libsrtp2 as a cipher: it protects and unprotects with the key that it is told and at
 * the index that it is told, and nothing about roll-over counters and replay is left to
 * it. Its own windows lie behind ours and never decide.
 */
#ifndef KSRTPD_USER_SRTP_H
#define KSRTPD_USER_SRTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/ksrtp.h>

#define KSRTPD_MASTER_MAX	46	/* octets of key and salt together */

/* How long the parts of a suite are; all 0 for suite none. */
struct ksrtpd_user_suite {
	uint8_t key, salt;		/* of the master key */
	uint8_t tag_rtp, tag_rtcp;
	bool aead;
};

const struct ksrtpd_user_suite *ksrtpd_user_suite(uint32_t suite);

/* One libsrtp session: one key at a time, any number of SSRCs. */
struct ksrtpd_user_srtp;

/* Once in a process; false: libsrtp cannot. */
bool ksrtpd_user_srtp_init(void);

/* @master: key and salt, as many octets as the suite takes; only read. @rtcp: those of SRTCP;
 * NULL: it has the same.
 */
struct ksrtpd_user_srtp *ksrtpd_user_srtp_create(uint32_t suite, bool sender,
						 const uint8_t *master, const uint8_t *rtcp);
/* Wipes. NULL is no session. */
void ksrtpd_user_srtp_destroy(struct ksrtpd_user_srtp *srtp);
/* Another key for the same streams; their indices go on. Not where SRTCP has its own. */
bool ksrtpd_user_srtp_rekey(struct ksrtpd_user_srtp *srtp, uint32_t suite, const uint8_t *master);
/* @ssrc is no stream any more. */
void ksrtpd_user_srtp_forget(struct ksrtpd_user_srtp *srtp, uint32_t ssrc);

/*
 * All take and give whole packets at @data, aligned to 4, in place; @len is that before
 * and after. MKIs lie outside: a packet that comes in has lost its own. When opening
 * fails the octets are garbage. Returns KSRTP_REASON_NONE, _AUTH or _CRYPTO.
 */
enum ksrtp_reason ksrtpd_user_open_rtp(struct ksrtpd_user_srtp *srtp, uint8_t *data, size_t *len,
				       uint32_t ssrc, uint64_t index);
enum ksrtp_reason ksrtpd_user_open_rtcp(struct ksrtpd_user_srtp *srtp, uint8_t *data, size_t *len,
					uint32_t word);
/* The packet has its SSRC and sequence number already. False: nothing to send. */
bool ksrtpd_user_seal_rtp(struct ksrtpd_user_srtp *srtp, uint8_t *data, size_t *len,
			  uint32_t ssrc, uint64_t index);
/* The index is the one after the last of this SSRC in this session, from 1. */
bool ksrtpd_user_seal_rtcp(struct ksrtpd_user_srtp *srtp, uint8_t *data, size_t *len);

#endif /* KSRTPD_USER_SRTP_H */
