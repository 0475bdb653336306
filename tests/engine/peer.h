/* SPDX-License-Identifier: GPL-2.0 */
/* libsrtp2 as the other end, by its public functions alone. */
#ifndef KSRTP_ENGINE_PEER_H
#define KSRTP_ENGINE_PEER_H

#include <srtp2/srtp.h>
#include "engine.h"

#define PEER_MASTERS_MAX	4

struct peer_params {
	bool	inbound;
	u32	window;		/* packets; 0: libsrtp's own */
	bool	rtcp_clear;	/* SRTCP authenticated, not encrypted */
	u32	ssrc;		/* 0: any */
};

/*
 * A session of one context. Its masters' MKIs must be of the same length and different,
 * or there is one master without.
 */
srtp_t peer_new(const struct peer_params *params, const struct engine_master *masters, int n);
/* In place, with master number @master; @data has room for ENGINE_PACKET_MAX. */
srtp_err_status_t peer_protect(srtp_t srtp, bool mki, unsigned int master, bool rtcp, u8 *data,
			       int *len);
srtp_err_status_t peer_unprotect(srtp_t srtp, bool mki, bool rtcp, u8 *data, int *len);

/*
 * The MKI is not authenticated: with it or without, a packet is as authentic as before.
 * So a session that tells its keys by MKI can judge packets that travel without. Both
 * return the new length; @suite says where the MKI stands.
 */
size_t peer_insert_mki(u32 suite, const struct engine_master *m, bool rtcp, u8 *data, size_t len);
size_t peer_remove_mki(u32 suite, size_t mki_len, bool rtcp, u8 *data, size_t len);

/* Plain packets: returns the length. */
struct peer_rtp {
	u32	ssrc;
	u16	seq;
	u8	pt;
	u8	cc;
	bool	x, p;
	u8	pad;		/* last octet, with @p */
	size_t	words;		/* of the extension, with @x */
	bool	elements;	/* it consists of such as RFC 8285 has, padded at its end */
	size_t	payload;
};

size_t peer_make_rtp(const struct peer_rtp *r, uint64_t *seed, u8 *data);
size_t peer_make_rtcp(u32 ssrc, size_t words, uint64_t *seed, u8 *data);

#endif /* KSRTP_ENGINE_PEER_H */
