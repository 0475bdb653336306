/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_CORE_STUN_H
#define KSRTP_CORE_STUN_H

#define KSRTP_STUN_HDR_LEN	20	/* RFC 8489, section 5 */
#define KSRTP_STUN_MAC_LEN	20	/* HMAC-SHA1 */
/* The longest request that is looked at; what checks have in them is a fraction of it. */
#define KSRTP_STUN_LEN_MAX	1200
/* The longest answer: header, XOR-MAPPED-ADDRESS of IPv6, MESSAGE-INTEGRITY, FINGERPRINT. */
#define KSRTP_STUN_ANSWER_MAX	(20 + 24 + 24 + 8)

/**
 * struct ksrtp_stun - a connectivity check (RFC 8445, section 7.2.2)
 * @username: what USERNAME says, @username_len octets
 * @integrity: octets before MESSAGE-INTEGRITY, which are what it covers but for the
 *	length in @head
 * @head: the first four octets as MESSAGE-INTEGRITY covers them, with the length of a
 *	message that ends with it
 * @mac: MESSAGE-INTEGRITY's value
 */
struct ksrtp_stun {
	const u8	*username;
	const u8	*mac;
	u16		username_len;
	u16		integrity;
	u8		head[4];
};

/*
 * ksrtp_stun_parse - is this a connectivity check that can be answered without an agent?
 * @data, @len: the whole datagram
 *
 * A Binding request that ends with USERNAME somewhere before it, MESSAGE-INTEGRITY and a
 * right FINGERPRINT, each once, with no other attribute that would have to be understood,
 * and from an agent that does not think itself the controlled one. Whether the user name
 * and the integrity are right is left to the caller.
 * Returns 0, or -EINVAL with *@stun undefined: the message is somebody else's.
 */
int ksrtp_stun_parse(const u8 *data, size_t len, struct ksrtp_stun *stun);

/*
 * ksrtp_stun_answer - begin the success response to a request
 * @out: room for KSRTP_STUN_ANSWER_MAX octets; not where @request is
 * @request: the request's header
 * @ip: where it came from: 4 octets, or 16 with @v6
 * @port: likewise, host byte order
 *
 * Returns how many octets MESSAGE-INTEGRITY covers: all that is there so far.
 */
size_t ksrtp_stun_answer(u8 *out, const u8 *request, const u8 *ip, bool v6, u16 port);
/* Ends it with @mac over these @len octets, and the FINGERPRINT; returns its length. */
size_t ksrtp_stun_finish(u8 *out, size_t len, const u8 mac[KSRTP_STUN_MAC_LEN]);

#endif /* KSRTP_CORE_STUN_H */
