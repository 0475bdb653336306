/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SRTP and SRTCP by RFC 7714, written for tests on OpenSSL alone: shares no code
 * with what it tests. Keys are session keys.
 */
#ifndef TESTS_BPF_SRTP_H
#define TESTS_BPF_SRTP_H

#include <stddef.h>
#include <stdint.h>

#define SRTP_TAG	16
#define SRTP_PACKET_MAX	4096

struct srtp_keys {
	size_t len;		/* 16 or 32; 0: plain */
	uint8_t key[32], salt[12];
	uint8_t rtcp_key[32], rtcp_salt[12];
};

/* Each returns the length of what it wrote to @out. */
size_t srtp_rtp(const struct srtp_keys *keys, uint64_t index, const uint8_t *rtp, size_t len,
		uint8_t *out);
/* @encrypt: the E bit. */
size_t srtp_rtcp(const struct srtp_keys *keys, uint32_t index, int encrypt, const uint8_t *rtcp,
		 size_t len, uint8_t *out);

#endif /* TESTS_BPF_SRTP_H */
