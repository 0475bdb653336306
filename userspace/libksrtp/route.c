// SPDX-License-Identifier: GPL-2.0
/* Routes. */
#include <errno.h>
#include <string.h>

#include "handle.h"

static void parse(const struct nlmsghdr *nlh, struct ksrtp_route *route)
{
	const struct nlattr *tb[KSRTP_A_ROUTE_MAX + 1], *attr;

	memset(route, 0, sizeof(*route));
	ksrtp_attr_parse(nlh, tb, KSRTP_A_ROUTE_MAX);
	ksrtp_attr_u32(tb[KSRTP_A_ROUTE_ID], &route->id);
	ksrtp_attr_u32(tb[KSRTP_A_ROUTE_FROM], &route->from);
	ksrtp_attr_u32(tb[KSRTP_A_ROUTE_TO], &route->to);
	ksrtp_attr_u32(tb[KSRTP_A_ROUTE_FLAGS], &route->flags);
	ksrtp_attr_u64(tb[KSRTP_A_ROUTE_COPIES], &route->copies);
	ksrtp_attr_u64(tb[KSRTP_A_ROUTE_SENT], &route->sent);
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == KSRTP_A_ROUTE_DROP)
			ksrtp_attr_drop(attr, route->dropped);
}

static int take_id(struct ksrtp *handle, const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[KSRTP_A_ROUTE_MAX + 1];

	ksrtp_attr_parse(nlh, tb, KSRTP_A_ROUTE_MAX);
	if (!ksrtp_attr_u32(tb[KSRTP_A_ROUTE_ID], arg))
		return ksrtp_fail(handle, -EPROTO, "route-new: the kernel's answer has no id");
	return 0;
}

static int take_route(struct ksrtp *handle, const struct nlmsghdr *nlh, void *arg)
{
	(void)handle;
	parse(nlh, arg);
	return 0;
}

int ksrtp_route_new(struct ksrtp *handle, struct ksrtp_route *route)
{
	struct nlmsghdr *nlh;
	int err;

	nlh = ksrtp_nl_begin(handle, KSRTP_CMD_ROUTE_NEW, &err);
	if (!nlh)
		return err;
	mnl_attr_put_u32(nlh, KSRTP_A_ROUTE_FROM, route->from);
	mnl_attr_put_u32(nlh, KSRTP_A_ROUTE_TO, route->to);
	mnl_attr_put_u32(nlh, KSRTP_A_ROUTE_FLAGS, route->flags);
	return ksrtp_nl_do(handle, nlh, take_id, &route->id);
}

int ksrtp_route_get(struct ksrtp *handle, uint32_t id, struct ksrtp_route *route)
{
	struct nlmsghdr *nlh;
	int err;

	nlh = ksrtp_nl_begin(handle, KSRTP_CMD_ROUTE_GET, &err);
	if (!nlh)
		return err;
	mnl_attr_put_u32(nlh, KSRTP_A_ROUTE_ID, id);
	return ksrtp_nl_do(handle, nlh, take_route, route);
}

int ksrtp_route_del(struct ksrtp *handle, uint32_t id)
{
	struct nlmsghdr *nlh;
	int err;

	nlh = ksrtp_nl_begin(handle, KSRTP_CMD_ROUTE_DEL, &err);
	if (!nlh)
		return err;
	mnl_attr_put_u32(nlh, KSRTP_A_ROUTE_ID, id);
	return ksrtp_nl_do(handle, nlh, NULL, NULL);
}

struct taker {
	ksrtp_route_cb	cb;
	void		*arg;
};

static int take_dumped(struct ksrtp *handle, const struct nlmsghdr *nlh, void *arg)
{
	const struct taker *taker = arg;
	struct ksrtp_route route;

	(void)handle;
	parse(nlh, &route);
	return taker->cb(&route, taker->arg);
}

int ksrtp_route_dump(struct ksrtp *handle, uint32_t only, ksrtp_route_cb cb,
		     ksrtp_restart_cb restart, void *arg)
{
	struct taker taker = { .cb = cb, .arg = arg };
	struct ksrtp_nl_dump dump = {
		.item = take_dumped, .item_arg = &taker, .restart = restart, .restart_arg = arg,
	};
	struct nlmsghdr *nlh;
	int err;

	nlh = ksrtp_nl_begin(handle, KSRTP_CMD_ROUTE_GET, &err);
	if (!nlh)
		return err;
	if (only)
		mnl_attr_put_u32(nlh, KSRTP_A_ROUTE_FROM, only);
	return ksrtp_nl_dump(handle, nlh, &dump);
}
