// SPDX-License-Identifier: GPL-2.0
/* Legs. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "handle.h"

static void parse(const struct nlmsghdr *nlh, struct ksrtp_leg *leg)
{
	const struct nlattr *tb[KSRTP_A_LEG_MAX + 1];

	memset(leg, 0, sizeof(*leg));
	leg->socket = -1;
	ksrtp_attr_parse(nlh, tb, KSRTP_A_LEG_MAX);
	ksrtp_attr_u32(tb[KSRTP_A_LEG_ID], &leg->id);
	ksrtp_attr_u32(tb[KSRTP_A_LEG_CALL_ID], &leg->call_id);
	ksrtp_attr_addr(tb[KSRTP_A_LEG_LOCAL_IPV4], tb[KSRTP_A_LEG_LOCAL_IPV6],
			tb[KSRTP_A_LEG_LOCAL_PORT], &leg->local);
	ksrtp_attr_addr(tb[KSRTP_A_LEG_REMOTE_IPV4], tb[KSRTP_A_LEG_REMOTE_IPV6],
			tb[KSRTP_A_LEG_REMOTE_PORT], &leg->remote);
	ksrtp_attr_u32(tb[KSRTP_A_LEG_STATE], &leg->state);
	ksrtp_attr_u32(tb[KSRTP_A_LEG_FLAGS], &leg->flags);
	ksrtp_attr_u8(tb[KSRTP_A_LEG_DSCP], &leg->dscp);
	ksrtp_attr_u32(tb[KSRTP_A_LEG_WINDOW], &leg->window);
	ksrtp_attr_u32(tb[KSRTP_A_LEG_STREAMS_MAX], &leg->streams_max);
	ksrtp_attr_u32(tb[KSRTP_A_LEG_DATAPATH], &leg->datapath);
	ksrtp_attr_u32(tb[KSRTP_A_LEG_SLOW], &leg->slow);
	leg->idle_known = ksrtp_attr_u64(tb[KSRTP_A_LEG_IDLE_MS], &leg->idle_ms);
	ksrtp_attr_stats(tb[KSRTP_A_LEG_STATS], &leg->stats);
	ksrtp_attr_u64(tb[KSRTP_A_LEG_RATE], &leg->rate);
	ksrtp_attr_u32(tb[KSRTP_A_LEG_RTCP_OF], &leg->rtcp_of);
	leg->consent_known = ksrtp_attr_u64(tb[KSRTP_A_LEG_CONSENT_MS], &leg->consent_ms);
}

static int take_id(struct ksrtp *handle, const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[KSRTP_A_LEG_MAX + 1];

	ksrtp_attr_parse(nlh, tb, KSRTP_A_LEG_MAX);
	if (!ksrtp_attr_u32(tb[KSRTP_A_LEG_ID], arg))
		return ksrtp_fail(handle, -EPROTO, "leg-new: the kernel's answer has no id");
	return 0;
}

static int take_leg(struct ksrtp *handle, const struct nlmsghdr *nlh, void *arg)
{
	(void)handle;
	parse(nlh, arg);
	return 0;
}

static int take_socket(struct ksrtp *handle, const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[KSRTP_A_LEG_MAX + 1];
	uint32_t fd;

	ksrtp_attr_parse(nlh, tb, KSRTP_A_LEG_MAX);
	if (!ksrtp_attr_u32(tb[KSRTP_A_LEG_SOCKET], &fd))
		return ksrtp_fail(handle, -EPROTO, "leg-get: the kernel's answer has no socket");
	*(int *)arg = (int)fd;
	return 0;
}

static int put_remote(struct ksrtp *handle, struct nlmsghdr *nlh,
		      const struct sockaddr_storage *addr)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr;
	const struct sockaddr_in *in = (const struct sockaddr_in *)addr;

	switch (addr->ss_family) {
	case AF_INET:
		mnl_attr_put(nlh, KSRTP_A_LEG_REMOTE_IPV4, sizeof(in->sin_addr), &in->sin_addr);
		mnl_attr_put_u16(nlh, KSRTP_A_LEG_REMOTE_PORT, in->sin_port);
		return 0;
	case AF_INET6:
		mnl_attr_put(nlh, KSRTP_A_LEG_REMOTE_IPV6, sizeof(in6->sin6_addr),
			     &in6->sin6_addr);
		mnl_attr_put_u16(nlh, KSRTP_A_LEG_REMOTE_PORT, in6->sin6_port);
		return 0;
	default:
		return ksrtp_fail(handle, -EAFNOSUPPORT,
				  "the remote address is of family %d, neither IPv4 nor IPv6",
				  addr->ss_family);
	}
}

/* The kernel says which one is missing or wrong. */
static int put_ice(struct ksrtp *handle, struct nlmsghdr *nlh, const struct ksrtp_leg *leg)
{
	const struct {
		uint16_t type;
		const char *text;
	} texts[] = {
		{ KSRTP_A_LEG_ICE_UFRAG, leg->ice_ufrag },
		{ KSRTP_A_LEG_ICE_PWD, leg->ice_pwd },
		{ KSRTP_A_LEG_ICE_REMOTE_UFRAG, leg->ice_remote_ufrag },
	};
	size_t i;

	handle->secret = true;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (!texts[i].text)
			continue;
		if (strlen(texts[i].text) > KSRTP_ICE_MAX) {
			explicit_bzero(handle->tx, sizeof(handle->tx));
			return ksrtp_fail(handle, -EINVAL,
					  "%s has %zu octets, at most %d are possible",
					  ksrtp_attr_name(KSRTP_CMD_LEG_SET, texts[i].type),
					  strlen(texts[i].text), KSRTP_ICE_MAX);
		}
		mnl_attr_put_strz(nlh, texts[i].type, texts[i].text);
	}
	return 0;
}

int ksrtp_leg_new(struct ksrtp *handle, struct ksrtp_leg *leg)
{
	struct nlmsghdr *nlh;
	int err;

	nlh = ksrtp_nl_begin(handle, KSRTP_CMD_LEG_NEW, &err);
	if (!nlh)
		return err;
	mnl_attr_put_u32(nlh, KSRTP_A_LEG_CALL_ID, leg->call_id);
	mnl_attr_put_u32(nlh, KSRTP_A_LEG_SOCKET, (uint32_t)leg->socket);
	if (leg->remote.ss_family != AF_UNSPEC) {
		err = put_remote(handle, nlh, &leg->remote);
		if (err)
			return err;
	}
	mnl_attr_put_u32(nlh, KSRTP_A_LEG_STATE, leg->state);
	mnl_attr_put_u32(nlh, KSRTP_A_LEG_FLAGS, leg->flags);
	mnl_attr_put_u8(nlh, KSRTP_A_LEG_DSCP, leg->dscp);
	if (leg->window)
		mnl_attr_put_u32(nlh, KSRTP_A_LEG_WINDOW, leg->window);
	if (leg->streams_max)
		mnl_attr_put_u32(nlh, KSRTP_A_LEG_STREAMS_MAX, leg->streams_max);
	if (leg->rate)
		mnl_attr_put_u64(nlh, KSRTP_A_LEG_RATE, leg->rate);
	if (leg->rtcp_of)
		mnl_attr_put_u32(nlh, KSRTP_A_LEG_RTCP_OF, leg->rtcp_of);
	if (leg->ice_ufrag || leg->ice_pwd || leg->ice_remote_ufrag) {
		err = put_ice(handle, nlh, leg);
		if (err)
			return err;
	}
	return ksrtp_nl_do(handle, nlh, take_id, &leg->id);
}

static struct nlmsghdr *begin_get(struct ksrtp *handle, uint32_t id, int *err)
{
	struct nlmsghdr *nlh = ksrtp_nl_begin(handle, KSRTP_CMD_LEG_GET, err);

	if (nlh)
		mnl_attr_put_u32(nlh, KSRTP_A_LEG_ID, id);
	return nlh;
}

int ksrtp_leg_get(struct ksrtp *handle, uint32_t id, struct ksrtp_leg *leg)
{
	struct nlmsghdr *nlh;
	int err;

	nlh = begin_get(handle, id, &err);
	if (!nlh)
		return err;
	return ksrtp_nl_do(handle, nlh, take_leg, leg);
}

int ksrtp_leg_socket(struct ksrtp *handle, uint32_t id)
{
	struct nlmsghdr *nlh;
	int err, fd = -1;

	nlh = begin_get(handle, id, &err);
	if (!nlh)
		return err;
	mnl_attr_put(nlh, KSRTP_A_LEG_SOCKET_WANTED, 0, NULL);
	err = ksrtp_nl_do(handle, nlh, take_socket, &fd);
	return err ? err : fd;
}

int ksrtp_leg_set(struct ksrtp *handle, const struct ksrtp_leg *leg, unsigned int what)
{
	struct nlmsghdr *nlh;
	int err;

	nlh = ksrtp_nl_begin(handle, KSRTP_CMD_LEG_SET, &err);
	if (!nlh)
		return err;
	if (what & ~(KSRTP_LEG_SET_REMOTE | KSRTP_LEG_SET_STATE | KSRTP_LEG_SET_FLAGS |
		     KSRTP_LEG_SET_DSCP | KSRTP_LEG_SET_RATE | KSRTP_LEG_SET_ICE |
		     KSRTP_LEG_SET_SOCKET))
		return ksrtp_fail(handle, -EINVAL, "leg-set: unknown bits in 'what' (%#x)", what);
	mnl_attr_put_u32(nlh, KSRTP_A_LEG_ID, leg->id);
	if (what & KSRTP_LEG_SET_SOCKET)
		mnl_attr_put_u32(nlh, KSRTP_A_LEG_SOCKET, (uint32_t)leg->socket);
	if (what & KSRTP_LEG_SET_REMOTE) {
		err = put_remote(handle, nlh, &leg->remote);
		if (err)
			return err;
	}
	if (what & KSRTP_LEG_SET_STATE)
		mnl_attr_put_u32(nlh, KSRTP_A_LEG_STATE, leg->state);
	if (what & KSRTP_LEG_SET_FLAGS)
		mnl_attr_put_u32(nlh, KSRTP_A_LEG_FLAGS, leg->flags);
	if (what & KSRTP_LEG_SET_DSCP)
		mnl_attr_put_u8(nlh, KSRTP_A_LEG_DSCP, leg->dscp);
	if (what & KSRTP_LEG_SET_RATE)
		mnl_attr_put_u64(nlh, KSRTP_A_LEG_RATE, leg->rate);
	if (what & KSRTP_LEG_SET_ICE) {
		err = put_ice(handle, nlh, leg);
		if (err)
			return err;
	}
	return ksrtp_nl_do(handle, nlh, NULL, NULL);
}

int ksrtp_leg_del(struct ksrtp *handle, uint32_t id)
{
	struct nlmsghdr *nlh;
	int err;

	nlh = ksrtp_nl_begin(handle, KSRTP_CMD_LEG_DEL, &err);
	if (!nlh)
		return err;
	mnl_attr_put_u32(nlh, KSRTP_A_LEG_ID, id);
	return ksrtp_nl_do(handle, nlh, NULL, NULL);
}

struct taker {
	ksrtp_leg_cb	cb;
	void		*arg;
};

static int take_dumped(struct ksrtp *handle, const struct nlmsghdr *nlh, void *arg)
{
	const struct taker *taker = arg;
	struct ksrtp_leg leg;

	(void)handle;
	parse(nlh, &leg);
	return taker->cb(&leg, taker->arg);
}

int ksrtp_leg_dump(struct ksrtp *handle, uint32_t only, ksrtp_leg_cb cb,
		   ksrtp_restart_cb restart, void *arg)
{
	struct taker taker = { .cb = cb, .arg = arg };
	struct ksrtp_nl_dump dump = {
		.item = take_dumped, .item_arg = &taker, .restart = restart, .restart_arg = arg,
	};
	struct nlmsghdr *nlh;
	int err;

	nlh = ksrtp_nl_begin(handle, KSRTP_CMD_LEG_GET, &err);
	if (!nlh)
		return err;
	if (only)
		mnl_attr_put_u32(nlh, KSRTP_A_LEG_CALL_ID, only);
	return ksrtp_nl_dump(handle, nlh, &dump);
}
