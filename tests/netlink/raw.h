/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Netlink as bytes, without libksrtp, so that a test can send what the library
 * never would and see all that the kernel answers.
 */
#ifndef KSRTP_TEST_RAW_H
#define KSRTP_TEST_RAW_H

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/ksrtp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct raw {
	struct mnl_socket	*nl;
	uint16_t		family;
	uint32_t		group;
	uint32_t		seq;
};

/**
 * struct reply - all that came back
 * @err: 0 or a negative errno
 * @text: of the extended acknowledgement
 * @missing, @offset: the attribute it names, by type or by place in the request
 * @first: the value of attribute 1 of the first message, if it has 4 octets
 * @bytes, @len: payloads of all messages, one behind the other
 */
struct reply {
	int		err;
	char		text[256];
	uint32_t	missing, offset;
	bool		has_missing, has_offset, interrupted;
	uint32_t	first;
	unsigned int	messages;
	char		*bytes;
	size_t		len;
};

/* In the caller's network namespace; false if there is no family. @cap: NETLINK_CAP_ACK. */
bool raw_open(struct raw *raw, bool cap);
void raw_close(struct raw *raw);
/* A request in a buffer of the caller; more is appended with mnl_attr_put*(). */
struct nlmsghdr *raw_begin(const struct raw *raw, void *buf, uint8_t cmd, uint16_t flags);
/* Sends it and reads until the acknowledgement or the end of the dump. */
void raw_ask(struct raw *raw, struct nlmsghdr *nlh, struct reply *reply);
void reply_free(struct reply *reply);

/* All that the kernel tells of this namespace, as bytes: what "nothing changed" compares. */
void raw_snapshot(struct raw *raw, struct reply *all);

/* A UDP socket bound to @addr and @port ("127.0.0.1", "::1"), or -1. */
int bound_udp(const char *addr, uint16_t port);

#endif /* KSRTP_TEST_RAW_H */
