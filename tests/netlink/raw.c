// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "raw.h"

#define BUF 65536

struct nlmsghdr *raw_begin(const struct raw *raw, void *buf, uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = raw->family;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = KSRTP_FAMILY_VERSION;
	return nlh;
}

static void take_ext_ack(const struct nlmsghdr *nlh, size_t offset, struct reply *reply)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, offset) {
		switch (mnl_attr_get_type(attr)) {
		case NLMSGERR_ATTR_MSG:
			strncpy(reply->text, mnl_attr_get_str(attr), sizeof(reply->text) - 1);
			break;
		case NLMSGERR_ATTR_OFFS:
			reply->offset = mnl_attr_get_u32(attr);
			reply->has_offset = true;
			break;
		case NLMSGERR_ATTR_MISS_TYPE:
			reply->missing = mnl_attr_get_u32(attr);
			reply->has_missing = true;
			break;
		}
	}
}

static void keep(struct reply *reply, const void *bytes, size_t len)
{
	reply->bytes = realloc(reply->bytes, reply->len + len);
	memcpy(reply->bytes + reply->len, bytes, len);
	reply->len += len;
}

/* True at the end. */
static bool take(const struct nlmsghdr *nlh, struct reply *reply)
{
	size_t len = mnl_nlmsg_get_payload_len(nlh);
	const struct nlmsgerr *error;
	const struct nlattr *attr;
	size_t offset;

	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		reply->interrupted = true;
	switch (nlh->nlmsg_type) {
	case NLMSG_ERROR:
		error = mnl_nlmsg_get_payload(nlh);
		reply->err = error->error;
		offset = sizeof(*error);
		if (!(nlh->nlmsg_flags & NLM_F_CAPPED) && error->error) {
			offset += MNL_ALIGN(error->msg.nlmsg_len) - MNL_NLMSG_HDRLEN;
			/* The echo of the request: it is part of what came back. */
			keep(reply, error, len);
		}
		if (nlh->nlmsg_flags & NLM_F_ACK_TLVS && offset <= len)
			take_ext_ack(nlh, offset, reply);
		return true;
	case NLMSG_DONE:
		if (len >= sizeof(int))
			reply->err = *(const int *)mnl_nlmsg_get_payload(nlh);
		if (nlh->nlmsg_flags & NLM_F_ACK_TLVS)
			take_ext_ack(nlh, sizeof(int), reply);
		return true;
	}
	if (!reply->messages++) {
		mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
			if (mnl_attr_get_type(attr) == 1 && mnl_attr_get_payload_len(attr) == 4)
				reply->first = mnl_attr_get_u32(attr);
	}
	keep(reply, mnl_nlmsg_get_payload(nlh), len);
	return false;
}

void raw_ask(struct raw *raw, struct nlmsghdr *nlh, struct reply *reply)
{
	char buf[BUF] __attribute__((aligned(8)));
	const struct nlmsghdr *got;
	bool ended = false;
	ssize_t n;
	int len;

	memset(reply, 0, sizeof(*reply));
	nlh->nlmsg_seq = ++raw->seq;
	if (!(nlh->nlmsg_flags & NLM_F_DUMP))
		nlh->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(raw->nl, nlh, nlh->nlmsg_len) < 0) {
		reply->err = -errno;
		return;
	}
	while (!ended) {
		n = mnl_socket_recvfrom(raw->nl, buf, sizeof(buf));
		if (n < 0) {
			reply->err = -errno;
			return;
		}
		len = (int)n;
		for (got = (void *)buf; mnl_nlmsg_ok(got, len); got = mnl_nlmsg_next(got, &len))
			if (got->nlmsg_seq == raw->seq)
				ended |= take(got, reply);
	}
}

void reply_free(struct reply *reply)
{
	free(reply->bytes);
	reply->bytes = NULL;
	reply->len = 0;
}

static void take_family(struct raw *raw, const struct reply *reply)
{
	const struct nlattr *attr, *group, *leaf;
	const void *begin = reply->bytes + sizeof(struct genlmsghdr);
	uint32_t id = 0;

	mnl_attr_for_each_payload(begin, reply->len - sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			raw->family = mnl_attr_get_u16(attr);
		if (mnl_attr_get_type(attr) != CTRL_ATTR_MCAST_GROUPS)
			continue;
		mnl_attr_for_each_nested(group, attr) {
			mnl_attr_for_each_nested(leaf, group)
				if (mnl_attr_get_type(leaf) == CTRL_ATTR_MCAST_GRP_ID)
					id = mnl_attr_get_u32(leaf);
			raw->group = id;
		}
	}
}

bool raw_open(struct raw *raw, bool cap)
{
	char buf[256] __attribute__((aligned(8)));
	struct reply reply;
	struct nlmsghdr *nlh;
	int one = 1;

	memset(raw, 0, sizeof(*raw));
	raw->nl = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!raw->nl || mnl_socket_bind(raw->nl, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_setsockopt(raw->nl, NETLINK_EXT_ACK, &one, sizeof(one)) < 0 ||
	    (cap && mnl_socket_setsockopt(raw->nl, NETLINK_CAP_ACK, &one, sizeof(one)) < 0))
		return false;
	raw->family = GENL_ID_CTRL;
	nlh = raw_begin(raw, buf, CTRL_CMD_GETFAMILY, 0);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, KSRTP_FAMILY_NAME);
	raw_ask(raw, nlh, &reply);
	raw->family = 0;
	if (!reply.err)
		take_family(raw, &reply);
	reply_free(&reply);
	return raw->family != 0;
}

void raw_close(struct raw *raw)
{
	if (raw->nl)
		mnl_socket_close(raw->nl);
	raw->nl = NULL;
}

void raw_snapshot(struct raw *raw, struct reply *all)
{
	static const struct {
		uint8_t		cmd;
		uint16_t	flags;
	} asks[] = {
		{ KSRTP_CMD_STATS_GET, 0 },
		{ KSRTP_CMD_CALL_GET, NLM_F_DUMP },
		{ KSRTP_CMD_LEG_GET, NLM_F_DUMP },
		{ KSRTP_CMD_KEY_GET, NLM_F_DUMP },
		{ KSRTP_CMD_ROUTE_GET, NLM_F_DUMP },
		{ KSRTP_CMD_STREAM_GET, NLM_F_DUMP },
	};
	char buf[256] __attribute__((aligned(8)));
	struct reply one;
	size_t i;

	memset(all, 0, sizeof(*all));
	for (i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		raw_ask(raw, raw_begin(raw, buf, asks[i].cmd, asks[i].flags), &one);
		if (one.err)
			all->err = one.err;
		all->messages += one.messages;
		keep(all, one.bytes ? one.bytes : "", one.len);
		reply_free(&one);
	}
}

int bound_udp(const char *addr, uint16_t port)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
	bool v4 = inet_pton(AF_INET, addr, &in.sin_addr) == 1;
	int one = 1, fd;

	fd = socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (!v4 && inet_pton(AF_INET6, addr, &in6.sin6_addr) != 1)
		goto err;
	if (v4 ? bind(fd, (void *)&in, sizeof(in)) : bind(fd, (void *)&in6, sizeof(in6)))
		goto err;
	return fd;
err:
	close(fd);
	return -1;
}
