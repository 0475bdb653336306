// SPDX-License-Identifier: GPL-2.0
/* The netlink socket: opening, requests, dumps. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "handle.h"

/* How often a dump that the kernel interrupted is begun again, and how long between. */
#define DUMP_TRIES	16
#define DUMP_PAUSE_NS	2000000L

static void wipe(struct ksrtp *handle)
{
	if (!handle->secret)
		return;
	explicit_bzero(handle->tx, sizeof(handle->tx));
	explicit_bzero(handle->rx, sizeof(handle->rx));
	handle->secret = false;
}

static struct nlmsghdr *begin(struct ksrtp *handle, uint16_t type, uint8_t cmd, uint8_t version)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(handle->tx);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = version;
	return nlh;
}

struct nlmsghdr *ksrtp_nl_begin(struct ksrtp *handle, uint8_t cmd, int *err)
{
	if (handle->busy) {
		*err = ksrtp_fail(handle, -EBUSY,
				  "%s: a dump is under way on this handle; its callback must not use the handle",
				  ksrtp_cmd_name(cmd));
		return NULL;
	}
	return begin(handle, handle->family, cmd, KSRTP_FAMILY_VERSION);
}

static int transmit(struct ksrtp *handle, struct nlmsghdr *nlh)
{
	nlh->nlmsg_seq = ++handle->seq;
	while (mnl_socket_sendto(handle->nl, nlh, nlh->nlmsg_len) < 0) {
		if (errno != EINTR)
			return ksrtp_fail(handle, -errno, "cannot send to the kernel: %s",
					  strerror(errno));
	}
	return 0;
}

/**
 * struct answer - what came in answer to a request
 * @err: what ended it: the kernel's word or the taker's
 * @items: messages taken
 * @interrupted: the dump is not consistent
 */
struct answer {
	ksrtp_nl_item	item;
	void		*arg;
	int		err;
	unsigned int	items;
	bool		interrupted;
	bool		ended;
};

/* NLMSG_DONE has the dump's status where NLMSG_ERROR has the request's. */
static void take_status(struct ksrtp *handle, const struct nlmsghdr *request,
			const struct nlmsghdr *nlh, struct answer *answer)
{
	int status = 0;

	answer->ended = true;
	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(status))
		memcpy(&status, mnl_nlmsg_get_payload(nlh), sizeof(status));
	if (status < 0 && !answer->err)
		answer->err = ksrtp_fail_kernel(handle, status, request, nlh);
}

static void take(struct ksrtp *handle, const struct nlmsghdr *request,
		 const struct nlmsghdr *nlh, struct answer *answer)
{
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		answer->interrupted = true;
	switch (nlh->nlmsg_type) {
	case NLMSG_ERROR:
	case NLMSG_DONE:
		take_status(handle, request, nlh, answer);
		return;
	case NLMSG_NOOP:
	case NLMSG_OVERRUN:
		return;
	}
	if (nlh->nlmsg_type != request->nlmsg_type ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(struct genlmsghdr))
		return;
	answer->items++;
	/* After a refusal the rest is still read, so that the socket is clean for the next request. */
	if (answer->item && !answer->err)
		answer->err = answer->item(handle, nlh, answer->arg);
}

static int receive(struct ksrtp *handle, const struct nlmsghdr *request, struct answer *answer)
{
	const struct nlmsghdr *nlh;
	ssize_t got;
	int len;

	while (!answer->ended) {
		got = mnl_socket_recvfrom(handle->nl, handle->rx, sizeof(handle->rx));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ksrtp_fail(handle, -errno, "cannot read the kernel's answer: %s",
					  strerror(errno));
		len = (int)got;
		for (nlh = (const struct nlmsghdr *)handle->rx; mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len)) {
			/* Left from a request that was given up. */
			if (nlh->nlmsg_seq != request->nlmsg_seq ||
			    nlh->nlmsg_pid != handle->portid)
				continue;
			take(handle, request, nlh, answer);
		}
	}
	return answer->err;
}

static int request(struct ksrtp *handle, struct nlmsghdr *nlh, ksrtp_nl_item item, void *arg)
{
	struct answer answer = { .item = item, .arg = arg };
	int err;

	handle->error[0] = '\0';
	nlh->nlmsg_flags |= NLM_F_ACK;
	err = transmit(handle, nlh);
	if (!err)
		err = receive(handle, nlh, &answer);
	if (!err && item && !answer.items)
		err = ksrtp_fail(handle, -EPROTO, "the kernel accepted the request without answering it");
	wipe(handle);
	return err;
}

int ksrtp_nl_do(struct ksrtp *handle, struct nlmsghdr *nlh, ksrtp_nl_item item, void *arg)
{
	return request(handle, nlh, item, arg);
}

int ksrtp_nl_dump(struct ksrtp *handle, struct nlmsghdr *nlh, const struct ksrtp_nl_dump *dump)
{
	const struct timespec pause = { .tv_nsec = DUMP_PAUSE_NS };
	struct answer answer;
	int err, tries;

	handle->error[0] = '\0';
	nlh->nlmsg_flags |= NLM_F_DUMP;
	for (tries = 0; tries < DUMP_TRIES; tries++) {
		if (tries) {
			nanosleep(&pause, NULL);
			if (dump->restart)
				dump->restart(dump->restart_arg);
		}
		answer = (struct answer){ .item = dump->item, .arg = dump->item_arg };
		handle->busy = true;
		err = transmit(handle, nlh);
		if (!err)
			err = receive(handle, nlh, &answer);
		handle->busy = false;
		if (err || !answer.interrupted)
			return err;
	}
	return ksrtp_fail(handle, -EINTR,
			  "%s: what is dumped kept changing; %d attempts did not come out whole",
			  ksrtp_cmd_name(((struct genlmsghdr *)mnl_nlmsg_get_payload(nlh))->cmd),
			  DUMP_TRIES);
}

static int take_group(struct ksrtp *handle, const struct nlattr *group)
{
	const struct nlattr *tb[CTRL_ATTR_MCAST_GRP_MAX + 1];
	char name[GENL_NAMSIZ];
	uint32_t id;

	ksrtp_attr_parse_nest(group, tb, CTRL_ATTR_MCAST_GRP_MAX);
	ksrtp_attr_string(tb[CTRL_ATTR_MCAST_GRP_NAME], name, sizeof(name));
	if (ksrtp_attr_u32(tb[CTRL_ATTR_MCAST_GRP_ID], &id) && !strcmp(name, KSRTP_MCGRP_EVENTS))
		handle->events_group = id;
	return 0;
}

static int take_family(struct ksrtp *handle, const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[CTRL_ATTR_MAX + 1], *group;
	uint32_t version = 0;

	(void)arg;
	ksrtp_attr_parse(nlh, tb, CTRL_ATTR_MAX);
	if (!tb[CTRL_ATTR_FAMILY_ID] ||
	    mnl_attr_get_payload_len(tb[CTRL_ATTR_FAMILY_ID]) != sizeof(handle->family))
		return ksrtp_fail(handle, -EPROTO, "the kernel named no id of its family '%s'",
				  KSRTP_FAMILY_NAME);
	handle->family = mnl_attr_get_u16(tb[CTRL_ATTR_FAMILY_ID]);
	if (ksrtp_attr_u32(tb[CTRL_ATTR_VERSION], &version) && version < KSRTP_FAMILY_VERSION)
		return ksrtp_fail(handle, -EPROTONOSUPPORT,
				  "the loaded ksrtp module speaks version %u of the control protocol, this library %u",
				  version, KSRTP_FAMILY_VERSION);
	if (tb[CTRL_ATTR_MCAST_GROUPS])
		mnl_attr_for_each_nested(group, tb[CTRL_ATTR_MCAST_GROUPS])
			take_group(handle, group);
	return 0;
}

static int resolve(struct ksrtp *handle)
{
	struct nlmsghdr *nlh = begin(handle, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 2);
	int err;

	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, KSRTP_FAMILY_NAME);
	err = request(handle, nlh, take_family, NULL);
	if (err == -ENOENT)
		ksrtp_fail(handle, err,
			   "the ksrtp module is not loaded: the kernel has no netlink family '%s' (try 'modprobe ksrtp')",
			   KSRTP_FAMILY_NAME);
	return err;
}

static int connect_kernel(struct ksrtp *handle)
{
	int one = 1;

	handle->nl = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!handle->nl || mnl_socket_bind(handle->nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return ksrtp_fail(handle, -errno, "cannot open a netlink socket: %s",
				  strerror(errno));
	handle->portid = mnl_socket_get_portid(handle->nl);
	/* A capped answer to a refusal does not repeat the request, which may hold keys. */
	if (mnl_socket_setsockopt(handle->nl, NETLINK_CAP_ACK, &one, sizeof(one)) < 0 ||
	    mnl_socket_setsockopt(handle->nl, NETLINK_EXT_ACK, &one, sizeof(one)) < 0 ||
	    mnl_socket_setsockopt(handle->nl, NETLINK_GET_STRICT_CHK, &one, sizeof(one)) < 0)
		return ksrtp_fail(handle, -errno, "cannot set the netlink socket up: %s",
				  strerror(errno));
	return resolve(handle);
}

/* What ksrtp_error(NULL) says: a failed open leaves no handle to ask. */
static _Thread_local char open_error[sizeof(((struct ksrtp *)0)->error)];

const char *ksrtp_open_error(void)
{
	return open_error;
}

int ksrtp_open_failed(struct ksrtp *handle, int err)
{
	strcpy(open_error, handle->error);
	ksrtp_close(handle);
	return err;
}

int ksrtp_open(struct ksrtp **handle)
{
	struct ksrtp *opened = calloc(1, sizeof(*opened));
	int err;

	*handle = NULL;
	if (!opened) {
		strcpy(open_error, "out of memory");
		return -ENOMEM;
	}
	err = connect_kernel(opened);
	if (err)
		return ksrtp_open_failed(opened, err);
	*handle = opened;
	return 0;
}

void ksrtp_close(struct ksrtp *handle)
{
	if (!handle)
		return;
	if (handle->nl)
		mnl_socket_close(handle->nl);
	free(handle);
}
