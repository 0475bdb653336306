// SPDX-License-Identifier: GPL-2.0
/* Routes. */
#include <errno.h>
#include <string.h>

#include "handle.h"

static void parse_ssrc(const struct nlattr *nest, struct ksrtp_route *route)
{
	const struct nlattr *tb[KSRTP_A_SSRC_MAX + 1];

	ksrtp_attr_parse_nest(nest, tb, KSRTP_A_SSRC_MAX);
	if (route->ssrc_count < KSRTP_ROUTE_SSRCS_MAX &&
	    ksrtp_attr_u32(tb[KSRTP_A_SSRC_IN], &route->ssrc[route->ssrc_count].in) &&
	    ksrtp_attr_u32(tb[KSRTP_A_SSRC_OUT], &route->ssrc[route->ssrc_count].out))
		route->ssrc_count++;
}

static void parse_pt(const struct nlattr *nest, struct ksrtp_route *route)
{
	const struct nlattr *tb[KSRTP_A_PT_MAX + 1];

	ksrtp_attr_parse_nest(nest, tb, KSRTP_A_PT_MAX);
	if (route->pt_count < sizeof(route->pt) / sizeof(route->pt[0]) &&
	    ksrtp_attr_u8(tb[KSRTP_A_PT_IN], &route->pt[route->pt_count].in) &&
	    ksrtp_attr_u8(tb[KSRTP_A_PT_OUT], &route->pt[route->pt_count].out))
		route->pt_count++;
}

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
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case KSRTP_A_ROUTE_DROP:
			ksrtp_attr_drop(attr, route->dropped);
			break;
		case KSRTP_A_ROUTE_SSRC:
			parse_ssrc(attr, route);
			break;
		case KSRTP_A_ROUTE_PT:
			parse_pt(attr, route);
			break;
		}
	}
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

static void put_rewrite(struct nlmsghdr *nlh, const struct ksrtp_route *route)
{
	struct nlattr *nest;
	unsigned int i;

	for (i = 0; i < route->ssrc_count; i++) {
		nest = mnl_attr_nest_start(nlh, KSRTP_A_ROUTE_SSRC);
		mnl_attr_put_u32(nlh, KSRTP_A_SSRC_IN, route->ssrc[i].in);
		mnl_attr_put_u32(nlh, KSRTP_A_SSRC_OUT, route->ssrc[i].out);
		mnl_attr_nest_end(nlh, nest);
	}
	for (i = 0; i < route->pt_count; i++) {
		nest = mnl_attr_nest_start(nlh, KSRTP_A_ROUTE_PT);
		mnl_attr_put_u8(nlh, KSRTP_A_PT_IN, route->pt[i].in);
		mnl_attr_put_u8(nlh, KSRTP_A_PT_OUT, route->pt[i].out);
		mnl_attr_nest_end(nlh, nest);
	}
}

int ksrtp_route_new(struct ksrtp *handle, struct ksrtp_route *route)
{
	struct nlmsghdr *nlh;
	int err;

	if (route->ssrc_count > KSRTP_ROUTE_SSRCS_MAX ||
	    route->pt_count > sizeof(route->pt) / sizeof(route->pt[0]))
		return ksrtp_fail(handle, -E2BIG, "route-new: more SSRCs or payload types than a route maps");

	nlh = ksrtp_nl_begin(handle, KSRTP_CMD_ROUTE_NEW, &err);
	if (!nlh)
		return err;
	mnl_attr_put_u32(nlh, KSRTP_A_ROUTE_FROM, route->from);
	mnl_attr_put_u32(nlh, KSRTP_A_ROUTE_TO, route->to);
	mnl_attr_put_u32(nlh, KSRTP_A_ROUTE_FLAGS, route->flags);
	put_rewrite(nlh, route);
	return ksrtp_nl_do(handle, nlh, take_id, &route->id);
}

int ksrtp_route_set(struct ksrtp *handle, uint32_t id, uint32_t flags)
{
	struct nlmsghdr *nlh;
	int err;

	nlh = ksrtp_nl_begin(handle, KSRTP_CMD_ROUTE_SET, &err);
	if (!nlh)
		return err;
	mnl_attr_put_u32(nlh, KSRTP_A_ROUTE_ID, id);
	mnl_attr_put_u32(nlh, KSRTP_A_ROUTE_FLAGS, flags);
	return ksrtp_nl_do(handle, nlh, NULL, NULL);
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
