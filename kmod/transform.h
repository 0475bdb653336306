/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a suite does to one packet under one key: no state, no indices chosen here.
 * In softirq, in place. @len is the whole datagram.
 */
#ifndef KSRTP_TRANSFORM_H
#define KSRTP_TRANSFORM_H

#include <linux/types.h>

struct ksrtp_key;
struct ksrtp_rtcp;
struct ksrtp_rtp;

/* Where the parts are, under the key's suite and MKI. 0 or -EINVAL. */
int ksrtp_transform_parse_rtp(const struct ksrtp_key *key, const u8 *data, u32 len,
			      struct ksrtp_rtp *rtp);
int ksrtp_transform_parse_rtcp(const struct ksrtp_key *key, const u8 *data, u32 len,
			       struct ksrtp_rtcp *rtcp);
/* The MKI of a packet of @len octets, as long as the key's; NULL: the packet is too short. */
const u8 *ksrtp_transform_mki(const struct ksrtp_key *key, const u8 *data, u32 len, bool rtcp);

/* Authenticate, then decrypt. 0, -EBADMSG (the body may be garbage), or an engine's errno. */
int ksrtp_transform_open_rtp(const struct ksrtp_key *key, u8 *data, u32 len,
			     const struct ksrtp_rtp *rtp, u64 index);
int ksrtp_transform_open_rtcp(const struct ksrtp_key *key, u8 *data, u32 len,
			      const struct ksrtp_rtcp *rtcp);

/*
 * Can the key protect an RTP packet with this header? Not where an extension says that it is
 * encrypted, and is not (RFC 9335), or has an element longer than itself (RFC 6904). To be asked
 * before an index is burnt.
 */
bool ksrtp_transform_takes_rtp(const struct ksrtp_key *key, const u8 *data);

/*
 * Encrypt, then authenticate, and write tag, MKI and word behind. There must be room
 * for the key's overhead. Returns the new length or a negative errno of an engine; -EINVAL:
 * a header that the key does not take.
 */
int ksrtp_transform_seal_rtp(const struct ksrtp_key *key, u8 *data, u32 len, u32 hdr_len,
			     u32 ssrc, u64 index);
int ksrtp_transform_seal_rtcp(const struct ksrtp_key *key, u8 *data, u32 len, u32 ssrc,
			      u32 index);

#endif /* KSRTP_TRANSFORM_H */
