// SPDX-License-Identifier: GPL-2.0
/* Calls and their owners. */
#include <errno.h>
#include <string.h>

#include "handle.h"

static void parse(const struct nlmsghdr *nlh, struct ksrtp_call *call)
{
	const struct nlattr *tb[KSRTP_A_CALL_MAX + 1];

	memset(call, 0, sizeof(*call));
	ksrtp_attr_parse(nlh, tb, KSRTP_A_CALL_MAX);
	ksrtp_attr_u32(tb[KSRTP_A_CALL_ID], &call->id);
	ksrtp_attr_string(tb[KSRTP_A_CALL_NAME], call->name, sizeof(call->name));
	ksrtp_attr_u32(tb[KSRTP_A_CALL_MODE], &call->mode);
	ksrtp_attr_u32(tb[KSRTP_A_CALL_OWNER], &call->owner);
	ksrtp_attr_u32(tb[KSRTP_A_CALL_LEASE], &call->lease);
	ksrtp_attr_u32(tb[KSRTP_A_CALL_LEGS], &call->legs);
}

static int take_id(struct ksrtp *handle, const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[KSRTP_A_CALL_MAX + 1];

	ksrtp_attr_parse(nlh, tb, KSRTP_A_CALL_MAX);
	if (!ksrtp_attr_u32(tb[KSRTP_A_CALL_ID], arg))
		return ksrtp_fail(handle, -EPROTO, "call-new: the kernel's answer has no id");
	return 0;
}

static int take_call(struct ksrtp *handle, const struct nlmsghdr *nlh, void *arg)
{
	(void)handle;
	parse(nlh, arg);
	return 0;
}

int ksrtp_call_new(struct ksrtp *handle, struct ksrtp_call *call)
{
	struct nlmsghdr *nlh;
	int err;

	nlh = ksrtp_nl_begin(handle, KSRTP_CMD_CALL_NEW, &err);
	if (!nlh)
		return err;
	if (!memchr(call->name, '\0', sizeof(call->name)))
		return ksrtp_fail(handle, -EINVAL, "call-new: the name has no end");
	mnl_attr_put_strz(nlh, KSRTP_A_CALL_NAME, call->name);
	mnl_attr_put_u32(nlh, KSRTP_A_CALL_MODE, call->mode);
	if (call->owner)
		mnl_attr_put_u32(nlh, KSRTP_A_CALL_OWNER, call->owner);
	if (call->lease)
		mnl_attr_put_u32(nlh, KSRTP_A_CALL_LEASE, call->lease);
	return ksrtp_nl_do(handle, nlh, take_id, &call->id);
}

int ksrtp_call_get(struct ksrtp *handle, uint32_t id, struct ksrtp_call *call)
{
	struct nlmsghdr *nlh;
	int err;

	nlh = ksrtp_nl_begin(handle, KSRTP_CMD_CALL_GET, &err);
	if (!nlh)
		return err;
	mnl_attr_put_u32(nlh, KSRTP_A_CALL_ID, id);
	return ksrtp_nl_do(handle, nlh, take_call, call);
}

int ksrtp_call_find(struct ksrtp *handle, const char *name, struct ksrtp_call *call)
{
	struct nlmsghdr *nlh;
	int err;

	nlh = ksrtp_nl_begin(handle, KSRTP_CMD_CALL_GET, &err);
	if (!nlh)
		return err;
	if (strlen(name) > KSRTP_NAME_MAX)
		return ksrtp_fail(handle, -EINVAL,
				  "call-get: the name has %zu octets, at most %d are possible",
				  strlen(name), KSRTP_NAME_MAX);
	mnl_attr_put_strz(nlh, KSRTP_A_CALL_NAME, name);
	return ksrtp_nl_do(handle, nlh, take_call, call);
}

int ksrtp_call_set(struct ksrtp *handle, const struct ksrtp_call *call)
{
	struct nlmsghdr *nlh;
	int err;

	nlh = ksrtp_nl_begin(handle, KSRTP_CMD_CALL_SET, &err);
	if (!nlh)
		return err;
	mnl_attr_put_u32(nlh, KSRTP_A_CALL_ID, call->id);
	mnl_attr_put_u32(nlh, KSRTP_A_CALL_OWNER, call->owner);
	if (call->lease)
		mnl_attr_put_u32(nlh, KSRTP_A_CALL_LEASE, call->lease);
	return ksrtp_nl_do(handle, nlh, NULL, NULL);
}

int ksrtp_call_del(struct ksrtp *handle, uint32_t id)
{
	struct nlmsghdr *nlh;
	int err;

	nlh = ksrtp_nl_begin(handle, KSRTP_CMD_CALL_DEL, &err);
	if (!nlh)
		return err;
	mnl_attr_put_u32(nlh, KSRTP_A_CALL_ID, id);
	return ksrtp_nl_do(handle, nlh, NULL, NULL);
}

int ksrtp_owner_alive(struct ksrtp *handle, uint32_t owner)
{
	struct nlmsghdr *nlh;
	int err;

	nlh = ksrtp_nl_begin(handle, KSRTP_CMD_OWNER_ALIVE, &err);
	if (!nlh)
		return err;
	mnl_attr_put_u32(nlh, KSRTP_A_OWNER_ID, owner);
	return ksrtp_nl_do(handle, nlh, NULL, NULL);
}

struct taker {
	ksrtp_call_cb	cb;
	void		*arg;
};

static int take_dumped(struct ksrtp *handle, const struct nlmsghdr *nlh, void *arg)
{
	const struct taker *taker = arg;
	struct ksrtp_call call;

	(void)handle;
	parse(nlh, &call);
	return taker->cb(&call, taker->arg);
}

int ksrtp_call_dump(struct ksrtp *handle, ksrtp_call_cb cb, ksrtp_restart_cb restart, void *arg)
{
	struct taker taker = { .cb = cb, .arg = arg };
	struct ksrtp_nl_dump dump = {
		.item = take_dumped, .item_arg = &taker, .restart = restart, .restart_arg = arg,
	};
	struct nlmsghdr *nlh;
	int err;

	nlh = ksrtp_nl_begin(handle, KSRTP_CMD_CALL_GET, &err);
	if (!nlh)
		return err;
	return ksrtp_nl_dump(handle, nlh, &dump);
}
