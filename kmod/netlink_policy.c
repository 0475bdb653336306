// SPDX-License-Identifier: GPL-2.0
/*
 * The checks of include/netlink/ksrtp.yaml as the kernel's policies, in its order.
 * tests/netlink/abi_check.py compares the two, and both with the uapi header.
 */
#include "netlink_policy.h"

#define LEG_FLAGS	(KSRTP_LEG_F_LEARN | KSRTP_LEG_F_NO_FRAG)
#define ROUTE_FLAGS	(KSRTP_ROUTE_F_RTP | KSRTP_ROUTE_F_RTCP | KSRTP_ROUTE_F_MAP_SSRC)

#define ID		NLA_POLICY_MIN(NLA_U32, 1)

static const struct netlink_range_validation lease_range = {
	.min = 1,
	.max = KSRTP_LEASE_MAX,
};

static const struct netlink_range_validation rate_range = {
	.min = KSRTP_RATE_MIN,
	.max = KSRTP_RATE_MAX,
};

/* Of split operations that have no policy the kernel does not look at the attributes at all. */
const struct nla_policy ksrtp_nl_none_policy[2] = {
	[1] = { .type = NLA_REJECT, .reject_message = "this command takes no attribute" },
};

const struct nla_policy ksrtp_nl_call_new_policy[KSRTP_A_CALL_LEASE + 1] = {
	[KSRTP_A_CALL_NAME] = { .type = NLA_NUL_STRING, .len = KSRTP_NAME_MAX },
	[KSRTP_A_CALL_MODE] = NLA_POLICY_MAX(NLA_U32, KSRTP_MODE_MAX),
	[KSRTP_A_CALL_OWNER] = { .type = NLA_U32 },
	[KSRTP_A_CALL_LEASE] = NLA_POLICY_FULL_RANGE(NLA_U32, &lease_range),
};

const struct nla_policy ksrtp_nl_call_get_policy[KSRTP_A_CALL_NAME + 1] = {
	[KSRTP_A_CALL_ID] = ID,
	[KSRTP_A_CALL_NAME] = { .type = NLA_NUL_STRING, .len = KSRTP_NAME_MAX },
};

const struct nla_policy ksrtp_nl_call_set_policy[KSRTP_A_CALL_LEASE + 1] = {
	[KSRTP_A_CALL_ID] = ID,
	[KSRTP_A_CALL_OWNER] = { .type = NLA_U32 },
	[KSRTP_A_CALL_LEASE] = NLA_POLICY_FULL_RANGE(NLA_U32, &lease_range),
};

const struct nla_policy ksrtp_nl_call_del_policy[KSRTP_A_CALL_ID + 1] = {
	[KSRTP_A_CALL_ID] = ID,
};

const struct nla_policy ksrtp_nl_leg_new_policy[KSRTP_A_LEG_RTCP_OF + 1] = {
	[KSRTP_A_LEG_CALL_ID] = ID,
	[KSRTP_A_LEG_SOCKET] = NLA_POLICY_MIN(NLA_S32, 0),
	[KSRTP_A_LEG_REMOTE_IPV4] = { .type = NLA_BE32 },
	[KSRTP_A_LEG_REMOTE_IPV6] = NLA_POLICY_EXACT_LEN(16),
	[KSRTP_A_LEG_REMOTE_PORT] = NLA_POLICY_MIN(NLA_BE16, 1),
	[KSRTP_A_LEG_STATE] = NLA_POLICY_MAX(NLA_U32, KSRTP_LEG_STATE_MAX),
	[KSRTP_A_LEG_FLAGS] = NLA_POLICY_MASK(NLA_U32, LEG_FLAGS),
	[KSRTP_A_LEG_DSCP] = NLA_POLICY_MAX(NLA_U8, 63),
	[KSRTP_A_LEG_WINDOW] = NLA_POLICY_RANGE(NLA_U32, KSRTP_WINDOW_MIN, KSRTP_WINDOW_MAX),
	[KSRTP_A_LEG_STREAMS_MAX] = NLA_POLICY_RANGE(NLA_U32, 1, KSRTP_STREAMS_MAX),
	[KSRTP_A_LEG_RATE] = NLA_POLICY_FULL_RANGE(NLA_U64, &rate_range),
	[KSRTP_A_LEG_ICE_UFRAG] = { .type = NLA_NUL_STRING, .len = KSRTP_ICE_MAX },
	[KSRTP_A_LEG_ICE_PWD] = { .type = NLA_NUL_STRING, .len = KSRTP_ICE_MAX },
	[KSRTP_A_LEG_ICE_REMOTE_UFRAG] = { .type = NLA_NUL_STRING, .len = KSRTP_ICE_MAX },
	[KSRTP_A_LEG_RTCP_OF] = ID,
};

const struct nla_policy ksrtp_nl_leg_get_policy[KSRTP_A_LEG_SOCKET_WANTED + 1] = {
	[KSRTP_A_LEG_ID] = ID,
	[KSRTP_A_LEG_SOCKET_WANTED] = { .type = NLA_FLAG },
};

const struct nla_policy ksrtp_nl_leg_dump_policy[KSRTP_A_LEG_CALL_ID + 1] = {
	[KSRTP_A_LEG_CALL_ID] = ID,
};

const struct nla_policy ksrtp_nl_leg_set_policy[KSRTP_A_LEG_ICE_REMOTE_UFRAG + 1] = {
	[KSRTP_A_LEG_ID] = ID,
	[KSRTP_A_LEG_SOCKET] = NLA_POLICY_MIN(NLA_S32, 0),
	[KSRTP_A_LEG_REMOTE_IPV4] = { .type = NLA_BE32 },
	[KSRTP_A_LEG_REMOTE_IPV6] = NLA_POLICY_EXACT_LEN(16),
	[KSRTP_A_LEG_REMOTE_PORT] = NLA_POLICY_MIN(NLA_BE16, 1),
	[KSRTP_A_LEG_STATE] = NLA_POLICY_MAX(NLA_U32, KSRTP_LEG_STATE_MAX),
	[KSRTP_A_LEG_FLAGS] = NLA_POLICY_MASK(NLA_U32, LEG_FLAGS),
	[KSRTP_A_LEG_DSCP] = NLA_POLICY_MAX(NLA_U8, 63),
	[KSRTP_A_LEG_RATE] = NLA_POLICY_FULL_RANGE(NLA_U64, &rate_range),
	[KSRTP_A_LEG_ICE_UFRAG] = { .type = NLA_NUL_STRING, .len = KSRTP_ICE_MAX },
	[KSRTP_A_LEG_ICE_PWD] = { .type = NLA_NUL_STRING, .len = KSRTP_ICE_MAX },
	[KSRTP_A_LEG_ICE_REMOTE_UFRAG] = { .type = NLA_NUL_STRING, .len = KSRTP_ICE_MAX },
};

const struct nla_policy ksrtp_nl_leg_del_policy[KSRTP_A_LEG_ID + 1] = {
	[KSRTP_A_LEG_ID] = ID,
};

const struct nla_policy ksrtp_nl_key_new_policy[KSRTP_A_KEY_HDREXT_IDS + 1] = {
	[KSRTP_A_KEY_LEG_ID] = ID,
	[KSRTP_A_KEY_DIRECTION] = NLA_POLICY_MAX(NLA_U32, KSRTP_DIRECTION_MAX),
	[KSRTP_A_KEY_SLOT] = NLA_POLICY_MAX(NLA_U32, 1),
	[KSRTP_A_KEY_SUITE] = NLA_POLICY_MAX(NLA_U32, KSRTP_SUITE_MAX),
	[KSRTP_A_KEY_CONTEXT] = NLA_POLICY_MAX(NLA_U32, KSRTP_CONTEXT_MAX),
	/* The suite demands one length of the range. */
	[KSRTP_A_KEY_SRTP_KEY] = NLA_POLICY_RANGE(NLA_BINARY, 16, 32),
	[KSRTP_A_KEY_SRTP_SALT] = NLA_POLICY_RANGE(NLA_BINARY, KSRTP_GCM_SALT_LEN,
						   KSRTP_CM_SALT_LEN),
	[KSRTP_A_KEY_SRTCP_KEY] = NLA_POLICY_RANGE(NLA_BINARY, 16, 32),
	[KSRTP_A_KEY_SRTCP_SALT] = NLA_POLICY_RANGE(NLA_BINARY, KSRTP_GCM_SALT_LEN,
						    KSRTP_CM_SALT_LEN),
	[KSRTP_A_KEY_SRTP_AUTH] = NLA_POLICY_EXACT_LEN(KSRTP_CM_AUTH_LEN),
	[KSRTP_A_KEY_SRTCP_AUTH] = NLA_POLICY_EXACT_LEN(KSRTP_CM_AUTH_LEN),
	[KSRTP_A_KEY_MKI] = NLA_POLICY_RANGE(NLA_BINARY, 1, KSRTP_MKI_MAX),
	[KSRTP_A_KEY_ROC] = { .type = NLA_U32 },
	[KSRTP_A_KEY_CRYPTEX] = NLA_POLICY_MAX(NLA_U32, KSRTP_CRYPTEX_MAX),
	[KSRTP_A_KEY_HDREXT_KEY] = NLA_POLICY_RANGE(NLA_BINARY, 16, 32),
	[KSRTP_A_KEY_HDREXT_SALT] = NLA_POLICY_RANGE(NLA_BINARY, KSRTP_GCM_SALT_LEN,
						     KSRTP_CM_SALT_LEN),
	[KSRTP_A_KEY_HDREXT_IDS] = NLA_POLICY_RANGE(NLA_BINARY, 1, KSRTP_HDREXT_IDS_MAX),
};

const struct nla_policy ksrtp_nl_key_get_policy[KSRTP_A_KEY_SLOT + 1] = {
	[KSRTP_A_KEY_LEG_ID] = ID,
	[KSRTP_A_KEY_DIRECTION] = NLA_POLICY_MAX(NLA_U32, KSRTP_DIRECTION_MAX),
	[KSRTP_A_KEY_SLOT] = NLA_POLICY_MAX(NLA_U32, 1),
};

const struct nla_policy ksrtp_nl_key_dump_policy[KSRTP_A_KEY_LEG_ID + 1] = {
	[KSRTP_A_KEY_LEG_ID] = ID,
};

const struct nla_policy ksrtp_nl_key_activate_policy[KSRTP_A_KEY_SLOT + 1] = {
	[KSRTP_A_KEY_LEG_ID] = ID,
	[KSRTP_A_KEY_SLOT] = NLA_POLICY_MAX(NLA_U32, 1),
};

const struct nla_policy ksrtp_nl_key_del_policy[KSRTP_A_KEY_SLOT + 1] = {
	[KSRTP_A_KEY_LEG_ID] = ID,
	[KSRTP_A_KEY_DIRECTION] = NLA_POLICY_MAX(NLA_U32, KSRTP_DIRECTION_MAX),
	[KSRTP_A_KEY_SLOT] = NLA_POLICY_MAX(NLA_U32, 1),
};

const struct nla_policy ksrtp_nl_ssrc_policy[KSRTP_A_SSRC_OUT + 1] = {
	[KSRTP_A_SSRC_IN] = { .type = NLA_U32 },
	[KSRTP_A_SSRC_OUT] = { .type = NLA_U32 },
};

const struct nla_policy ksrtp_nl_pt_policy[KSRTP_A_PT_OUT + 1] = {
	[KSRTP_A_PT_IN] = NLA_POLICY_MAX(NLA_U8, 127),
	[KSRTP_A_PT_OUT] = NLA_POLICY_MAX(NLA_U8, 127),
};

const struct nla_policy ksrtp_nl_route_new_policy[KSRTP_A_ROUTE_PT + 1] = {
	[KSRTP_A_ROUTE_FROM] = ID,
	[KSRTP_A_ROUTE_TO] = ID,
	[KSRTP_A_ROUTE_FLAGS] = NLA_POLICY_MASK(NLA_U32, ROUTE_FLAGS),
	[KSRTP_A_ROUTE_SSRC] = NLA_POLICY_NESTED(ksrtp_nl_ssrc_policy),
	[KSRTP_A_ROUTE_PT] = NLA_POLICY_NESTED(ksrtp_nl_pt_policy),
};

const struct nla_policy ksrtp_nl_route_set_policy[KSRTP_A_ROUTE_FLAGS + 1] = {
	[KSRTP_A_ROUTE_ID] = ID,
	[KSRTP_A_ROUTE_FLAGS] = NLA_POLICY_MASK(NLA_U32, ROUTE_FLAGS),
};

const struct nla_policy ksrtp_nl_route_get_policy[KSRTP_A_ROUTE_ID + 1] = {
	[KSRTP_A_ROUTE_ID] = ID,
};

const struct nla_policy ksrtp_nl_route_dump_policy[KSRTP_A_ROUTE_FROM + 1] = {
	[KSRTP_A_ROUTE_FROM] = ID,
};

const struct nla_policy ksrtp_nl_route_del_policy[KSRTP_A_ROUTE_ID + 1] = {
	[KSRTP_A_ROUTE_ID] = ID,
};

const struct nla_policy ksrtp_nl_stream_dump_policy[KSRTP_A_STREAM_LEG_ID + 1] = {
	[KSRTP_A_STREAM_LEG_ID] = ID,
};

const struct nla_policy ksrtp_nl_owner_alive_policy[KSRTP_A_OWNER_ID + 1] = {
	[KSRTP_A_OWNER_ID] = ID,
};
