/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_NETLINK_POLICY_H
#define KSRTP_NETLINK_POLICY_H

#include <net/netlink.h>
#include <linux/ksrtp.h>

/*
 * What each command takes, and nothing else: validation is strict, so that an
 * attribute that is not named is refused, as is one behind the last.
 */
extern const struct nla_policy ksrtp_nl_none_policy[2];
extern const struct nla_policy ksrtp_nl_call_new_policy[KSRTP_A_CALL_LEASE + 1];
extern const struct nla_policy ksrtp_nl_call_get_policy[KSRTP_A_CALL_NAME + 1];
extern const struct nla_policy ksrtp_nl_call_set_policy[KSRTP_A_CALL_LEASE + 1];
extern const struct nla_policy ksrtp_nl_call_del_policy[KSRTP_A_CALL_ID + 1];
extern const struct nla_policy ksrtp_nl_leg_new_policy[KSRTP_A_LEG_RTCP_OF + 1];
extern const struct nla_policy ksrtp_nl_leg_get_policy[KSRTP_A_LEG_SOCKET_WANTED + 1];
extern const struct nla_policy ksrtp_nl_leg_dump_policy[KSRTP_A_LEG_CALL_ID + 1];
extern const struct nla_policy ksrtp_nl_leg_set_policy[KSRTP_A_LEG_ICE_REMOTE_UFRAG + 1];
extern const struct nla_policy ksrtp_nl_leg_del_policy[KSRTP_A_LEG_ID + 1];
extern const struct nla_policy ksrtp_nl_key_new_policy[KSRTP_A_KEY_HDREXT_IDS + 1];
extern const struct nla_policy ksrtp_nl_key_get_policy[KSRTP_A_KEY_SLOT + 1];
extern const struct nla_policy ksrtp_nl_key_dump_policy[KSRTP_A_KEY_LEG_ID + 1];
extern const struct nla_policy ksrtp_nl_key_activate_policy[KSRTP_A_KEY_SLOT + 1];
extern const struct nla_policy ksrtp_nl_key_del_policy[KSRTP_A_KEY_SLOT + 1];
extern const struct nla_policy ksrtp_nl_ssrc_policy[KSRTP_A_SSRC_OUT + 1];
extern const struct nla_policy ksrtp_nl_pt_policy[KSRTP_A_PT_OUT + 1];
extern const struct nla_policy ksrtp_nl_route_new_policy[KSRTP_A_ROUTE_PT + 1];
extern const struct nla_policy ksrtp_nl_route_set_policy[KSRTP_A_ROUTE_FLAGS + 1];
extern const struct nla_policy ksrtp_nl_route_get_policy[KSRTP_A_ROUTE_ID + 1];
extern const struct nla_policy ksrtp_nl_route_dump_policy[KSRTP_A_ROUTE_FROM + 1];
extern const struct nla_policy ksrtp_nl_route_del_policy[KSRTP_A_ROUTE_ID + 1];
extern const struct nla_policy ksrtp_nl_stream_dump_policy[KSRTP_A_STREAM_LEG_ID + 1];
extern const struct nla_policy ksrtp_nl_owner_alive_policy[KSRTP_A_OWNER_ID + 1];

#endif /* KSRTP_NETLINK_POLICY_H */
