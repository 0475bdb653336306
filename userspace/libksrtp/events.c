// SPDX-License-Identifier: GPL-2.0
/* The multicast group of events. */
#include <errno.h>
#include <string.h>

#include "handle.h"

static const char *const names[] = {
	[KSRTP_CMD_LEG_LEARNT_NTF] = "leg-learnt",
	[KSRTP_CMD_LEG_FIRST_PACKET_NTF] = "leg-first-packet",
	[KSRTP_CMD_LEG_IDLE_NTF] = "leg-idle",
	[KSRTP_CMD_LEG_GONE_NTF] = "leg-gone",
	[KSRTP_CMD_LEG_ATTACK_NTF] = "leg-attack",
	[KSRTP_CMD_LEG_NO_CONSENT_NTF] = "leg-no-consent",
	[KSRTP_CMD_KEY_SOFT_NTF] = "key-soft",
	[KSRTP_CMD_KEY_HARD_NTF] = "key-hard",
};

int ksrtp_events_open(struct ksrtp **handle)
{
	struct ksrtp *opened;
	int err;

	*handle = NULL;
	err = ksrtp_open(&opened);
	if (err)
		return err;
	if (!opened->events_group)
		return ksrtp_open_failed(opened, ksrtp_fail(opened, -EPROTO,
				"the loaded ksrtp module has no event group '%s'",
				KSRTP_MCGRP_EVENTS));
	if (mnl_socket_setsockopt(opened->nl, NETLINK_ADD_MEMBERSHIP, &opened->events_group,
				  sizeof(opened->events_group)) < 0) {
		err = -errno;
		return ksrtp_open_failed(opened, ksrtp_fail(opened, err,
				"cannot subscribe to events: %s", err == -EPERM ?
				"CAP_NET_ADMIN is needed in the user namespace that owns this network namespace" :
				strerror(-err)));
	}
	*handle = opened;
	return 0;
}

int ksrtp_events_fd(const struct ksrtp *handle)
{
	return mnl_socket_get_fd(handle->nl);
}

static bool parse(const struct ksrtp *handle, const struct nlmsghdr *nlh,
		  struct ksrtp_event *event)
{
	const struct nlattr *tb[KSRTP_A_EVENT_MAX + 1];
	const struct genlmsghdr *genl;

	memset(event, 0, sizeof(*event));
	if (nlh->nlmsg_type != handle->family ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(*genl))
		return false;
	genl = mnl_nlmsg_get_payload(nlh);
	/* A command that this library does not know is an event of a newer module. */
	if (genl->cmd >= sizeof(names) / sizeof(names[0]) || !names[genl->cmd])
		return false;
	event->type = genl->cmd;
	event->name = names[genl->cmd];
	ksrtp_attr_parse(nlh, tb, KSRTP_A_EVENT_MAX);
	ksrtp_attr_u32(tb[KSRTP_A_EVENT_CALL_ID], &event->call_id);
	ksrtp_attr_u32(tb[KSRTP_A_EVENT_LEG_ID], &event->leg_id);
	ksrtp_attr_u32(tb[KSRTP_A_EVENT_DIRECTION], &event->direction);
	ksrtp_attr_u32(tb[KSRTP_A_EVENT_SLOT], &event->slot);
	ksrtp_attr_addr(tb[KSRTP_A_EVENT_REMOTE_IPV4], tb[KSRTP_A_EVENT_REMOTE_IPV6],
			tb[KSRTP_A_EVENT_REMOTE_PORT], &event->remote);
	ksrtp_attr_u32(tb[KSRTP_A_EVENT_REASON], &event->reason);
	ksrtp_attr_u64(tb[KSRTP_A_EVENT_COUNT], &event->count);
	ksrtp_attr_u64(tb[KSRTP_A_EVENT_IDLE_MS], &event->idle_ms);
	return true;
}

int ksrtp_events_read(struct ksrtp *handle, ksrtp_event_cb cb, void *arg)
{
	const struct nlmsghdr *nlh;
	struct ksrtp_event event;
	ssize_t got;
	int err, len;

	for (;;) {
		got = recv(mnl_socket_get_fd(handle->nl), handle->rx, sizeof(handle->rx),
			   MSG_DONTWAIT);
		if (got < 0) {
			switch (errno) {
			case EINTR:
				continue;
			case EAGAIN:
				return 0;
			case ENOBUFS:
				return ksrtp_fail(handle, -ENOBUFS,
						  "events were lost because they were not read fast enough");
			default:
				return ksrtp_fail(handle, -errno, "cannot read events: %s",
						  strerror(errno));
			}
		}
		len = (int)got;
		for (nlh = (const struct nlmsghdr *)handle->rx; mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len)) {
			if (!parse(handle, nlh, &event))
				continue;
			err = cb(&event, arg);
			if (err)
				return err;
		}
	}
}
