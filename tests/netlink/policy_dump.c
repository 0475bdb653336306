// SPDX-License-Identifier: GPL-2.0
/*
 * What the running kernel says of the family ksrtp, as JSON for abi_check.py: its
 * commands, their privilege, and the policies that it applies to their attributes
 * (CTRL_CMD_GETFAMILY, CTRL_CMD_GETPOLICY). Uses nothing of libksrtp.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

static const char *const types[] = {
	[NL_ATTR_TYPE_FLAG] = "flag", [NL_ATTR_TYPE_U8] = "u8", [NL_ATTR_TYPE_U16] = "u16",
	[NL_ATTR_TYPE_U32] = "u32", [NL_ATTR_TYPE_U64] = "u64", [NL_ATTR_TYPE_S8] = "s8",
	[NL_ATTR_TYPE_S16] = "s16", [NL_ATTR_TYPE_S32] = "s32", [NL_ATTR_TYPE_S64] = "s64",
	[NL_ATTR_TYPE_BINARY] = "binary", [NL_ATTR_TYPE_STRING] = "string",
	[NL_ATTR_TYPE_NUL_STRING] = "nul-string", [NL_ATTR_TYPE_NESTED] = "nested",
	[NL_ATTR_TYPE_NESTED_ARRAY] = "nested-array", [NL_ATTR_TYPE_BITFIELD32] = "bitfield32",
};

static json_t *answer;

static json_t *member(json_t *object, const char *group, unsigned int number)
{
	json_t *all = json_object_get(object, group), *one;
	char name[16];

	if (!all) {
		all = json_object();
		json_object_set_new(object, group, all);
	}
	snprintf(name, sizeof(name), "%u", number);
	one = json_object_get(all, name);
	if (!one) {
		one = json_object();
		json_object_set_new(all, name, one);
	}
	return one;
}

static void take_op(const struct nlattr *op)
{
	const struct nlattr *attr;
	uint32_t id = 0, flags = 0;
	json_t *object, *can;

	mnl_attr_for_each_nested(attr, op) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_OP_ID)
			id = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == CTRL_ATTR_OP_FLAGS)
			flags = mnl_attr_get_u32(attr);
	}
	object = member(answer, "ops", id);
	can = json_array();
	if (flags & GENL_CMD_CAP_DO)
		json_array_append_new(can, json_string("do"));
	if (flags & GENL_CMD_CAP_DUMP)
		json_array_append_new(can, json_string("dump"));
	json_object_set_new(object, "can", can);
	json_object_set_new(object, "uns_admin_perm", json_boolean(flags & GENL_UNS_ADMIN_PERM));
}

static void take_group(const struct nlattr *group)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, group)
		if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_NAME)
			json_array_append_new(json_object_get(answer, "groups"),
					      json_string(mnl_attr_get_str(attr)));
}

static int take_family(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attr, *inner;

	(void)arg;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(attr)) {
		case CTRL_ATTR_FAMILY_ID:
			json_object_set_new(answer, "id", json_integer(mnl_attr_get_u16(attr)));
			break;
		case CTRL_ATTR_VERSION:
			json_object_set_new(answer, "version", json_integer(mnl_attr_get_u32(attr)));
			break;
		case CTRL_ATTR_MAXATTR:
			json_object_set_new(answer, "maxattr", json_integer(mnl_attr_get_u32(attr)));
			break;
		case CTRL_ATTR_OPS:
			mnl_attr_for_each_nested(inner, attr)
				take_op(inner);
			break;
		case CTRL_ATTR_MCAST_GROUPS:
			mnl_attr_for_each_nested(inner, attr)
				take_group(inner);
			break;
		}
	}
	return MNL_CB_OK;
}

static void put(json_t *object, const char *name, json_int_t value)
{
	json_object_set_new(object, name, json_integer(value));
}

/* One attribute of one policy. */
static void take_attr(unsigned int policy, const struct nlattr *nest)
{
	json_t *all = member(answer, "policies", policy), *object = json_object();
	const struct nlattr *attr;
	char name[16];

	snprintf(name, sizeof(name), "%u", mnl_attr_get_type(nest));
	json_object_set_new(all, name, object);
	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case NL_POLICY_TYPE_ATTR_TYPE:
			json_object_set_new(object, "type",
					    json_string(types[mnl_attr_get_u32(attr)]));
			break;
		case NL_POLICY_TYPE_ATTR_MIN_VALUE_S:
		case NL_POLICY_TYPE_ATTR_MIN_VALUE_U:
			put(object, "min", (json_int_t)mnl_attr_get_u64(attr));
			break;
		case NL_POLICY_TYPE_ATTR_MAX_VALUE_S:
		case NL_POLICY_TYPE_ATTR_MAX_VALUE_U:
			put(object, "max", (json_int_t)mnl_attr_get_u64(attr));
			break;
		case NL_POLICY_TYPE_ATTR_MASK:
			put(object, "mask", (json_int_t)mnl_attr_get_u64(attr));
			break;
		case NL_POLICY_TYPE_ATTR_MIN_LENGTH:
			put(object, "min", mnl_attr_get_u32(attr));
			break;
		case NL_POLICY_TYPE_ATTR_MAX_LENGTH:
			put(object, "max", mnl_attr_get_u32(attr));
			break;
		}
	}
}

static void take_op_policy(const struct nlattr *op)
{
	json_t *object = member(answer, "ops", mnl_attr_get_type(op));
	json_t *policy = json_object();
	const struct nlattr *attr;

	json_object_set_new(object, "policy", policy);
	mnl_attr_for_each_nested(attr, op)
		put(policy, mnl_attr_get_type(attr) == CTRL_ATTR_POLICY_DO ? "do" : "dump",
		    mnl_attr_get_u32(attr));
}

static int take_policy(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *attr, *inner, *leaf;

	(void)arg;
	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_OP_POLICY)
			mnl_attr_for_each_nested(inner, attr)
				take_op_policy(inner);
		if (mnl_attr_get_type(attr) == CTRL_ATTR_POLICY)
			mnl_attr_for_each_nested(inner, attr)
				mnl_attr_for_each_nested(leaf, inner)
					take_attr(mnl_attr_get_type(inner), leaf);
	}
	return MNL_CB_OK;
}

static int ask(struct mnl_socket *nl, uint8_t cmd, uint16_t flags, mnl_cb_t cb)
{
	char buf[65536] __attribute__((aligned(8)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	unsigned int seq = (unsigned int)time(NULL) + cmd;
	struct genlmsghdr *genl;
	ssize_t n;
	int more = 1;

	nlh->nlmsg_type = GENL_ID_CTRL;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = seq;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = 2;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, "ksrtp");
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return -1;
	while (more > 0) {
		n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		if (n < 0)
			return -1;
		more = mnl_cb_run(buf, (size_t)n, seq, mnl_socket_get_portid(nl), cb, NULL);
	}
	return more;
}

int main(void)
{
	struct mnl_socket *nl = mnl_socket_open(NETLINK_GENERIC);

	answer = json_object();
	json_object_set_new(answer, "groups", json_array());
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    ask(nl, CTRL_CMD_GETFAMILY, NLM_F_ACK, take_family) < 0 ||
	    ask(nl, CTRL_CMD_GETPOLICY, NLM_F_DUMP, take_policy) < 0) {
		fprintf(stderr, "policy_dump: %s\n", strerror(errno));
		return 1;
	}
	json_dumpf(answer, stdout, JSON_SORT_KEYS);
	putchar('\n');
	json_decref(answer);
	mnl_socket_close(nl);
	return 0;
}
