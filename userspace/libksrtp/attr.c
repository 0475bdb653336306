// SPDX-License-Identifier: GPL-2.0
/* Attributes of the ABI: their names, and reading them. */
#include <arpa/inet.h>
#include <string.h>

#include "handle.h"

/* In the order of the YAML specification, whose names these are. */
static const char *const info_names[] = {
	[KSRTP_A_INFO_VERSION] = "version",
	[KSRTP_A_INFO_AEAD_DRIVER] = "aead-driver",
	[KSRTP_A_INFO_AEAD_FALLBACK] = "aead-fallback",
	[KSRTP_A_INFO_CALLS] = "calls",
	[KSRTP_A_INFO_LEGS] = "legs",
	[KSRTP_A_INFO_LEGS_MAX] = "legs-max",
	[KSRTP_A_INFO_KEYRING_USED] = "keyring-used",
	[KSRTP_A_INFO_KEYRING_MAX] = "keyring-max",
	[KSRTP_A_INFO_STATS] = "stats",
	[KSRTP_A_INFO_AEAD_FALLBACK_USED] = "aead-fallback-used",
	[KSRTP_A_INFO_PAD] = "pad",
};

static const char *const call_names[] = {
	[KSRTP_A_CALL_ID] = "id",
	[KSRTP_A_CALL_NAME] = "name",
	[KSRTP_A_CALL_MODE] = "mode",
	[KSRTP_A_CALL_OWNER] = "owner",
	[KSRTP_A_CALL_LEASE] = "lease",
	[KSRTP_A_CALL_LEGS] = "legs",
};

static const char *const leg_names[] = {
	[KSRTP_A_LEG_ID] = "id",
	[KSRTP_A_LEG_CALL_ID] = "call-id",
	[KSRTP_A_LEG_SOCKET] = "socket",
	[KSRTP_A_LEG_SOCKET_WANTED] = "socket-wanted",
	[KSRTP_A_LEG_LOCAL_IPV4] = "local-ipv4",
	[KSRTP_A_LEG_LOCAL_IPV6] = "local-ipv6",
	[KSRTP_A_LEG_LOCAL_PORT] = "local-port",
	[KSRTP_A_LEG_REMOTE_IPV4] = "remote-ipv4",
	[KSRTP_A_LEG_REMOTE_IPV6] = "remote-ipv6",
	[KSRTP_A_LEG_REMOTE_PORT] = "remote-port",
	[KSRTP_A_LEG_STATE] = "state",
	[KSRTP_A_LEG_FLAGS] = "flags",
	[KSRTP_A_LEG_DSCP] = "dscp",
	[KSRTP_A_LEG_WINDOW] = "window",
	[KSRTP_A_LEG_STREAMS_MAX] = "streams-max",
	[KSRTP_A_LEG_DATAPATH] = "datapath",
	[KSRTP_A_LEG_SLOW] = "slow",
	[KSRTP_A_LEG_STATS] = "stats",
	[KSRTP_A_LEG_IDLE_MS] = "idle-ms",
	[KSRTP_A_LEG_PAD] = "pad",
	[KSRTP_A_LEG_RATE] = "rate",
	[KSRTP_A_LEG_ICE_UFRAG] = "ice-ufrag",
	[KSRTP_A_LEG_ICE_PWD] = "ice-pwd",
	[KSRTP_A_LEG_ICE_REMOTE_UFRAG] = "ice-remote-ufrag",
	[KSRTP_A_LEG_CONSENT_MS] = "consent-ms",
	[KSRTP_A_LEG_RTCP_OF] = "rtcp-of",
};

static const char *const key_names[] = {
	[KSRTP_A_KEY_LEG_ID] = "leg-id",
	[KSRTP_A_KEY_DIRECTION] = "direction",
	[KSRTP_A_KEY_SLOT] = "slot",
	[KSRTP_A_KEY_SUITE] = "suite",
	[KSRTP_A_KEY_CONTEXT] = "context",
	[KSRTP_A_KEY_SRTP_KEY] = "srtp-key",
	[KSRTP_A_KEY_SRTP_SALT] = "srtp-salt",
	[KSRTP_A_KEY_SRTCP_KEY] = "srtcp-key",
	[KSRTP_A_KEY_SRTCP_SALT] = "srtcp-salt",
	[KSRTP_A_KEY_ACTIVE] = "active",
	[KSRTP_A_KEY_SRTP_USED] = "srtp-used",
	[KSRTP_A_KEY_SRTCP_USED] = "srtcp-used",
	[KSRTP_A_KEY_PAD] = "pad",
	[KSRTP_A_KEY_SRTP_AUTH] = "srtp-auth",
	[KSRTP_A_KEY_SRTCP_AUTH] = "srtcp-auth",
	[KSRTP_A_KEY_MKI] = "mki",
	[KSRTP_A_KEY_ROC] = "roc",
	[KSRTP_A_KEY_CRYPTEX] = "cryptex",
	[KSRTP_A_KEY_HDREXT_KEY] = "hdrext-key",
	[KSRTP_A_KEY_HDREXT_SALT] = "hdrext-salt",
	[KSRTP_A_KEY_HDREXT_IDS] = "hdrext-ids",
};

static const char *const route_names[] = {
	[KSRTP_A_ROUTE_ID] = "id",
	[KSRTP_A_ROUTE_FROM] = "from",
	[KSRTP_A_ROUTE_TO] = "to",
	[KSRTP_A_ROUTE_FLAGS] = "flags",
	[KSRTP_A_ROUTE_COPIES] = "copies",
	[KSRTP_A_ROUTE_SENT] = "sent",
	[KSRTP_A_ROUTE_DROP] = "drop",
	[KSRTP_A_ROUTE_PAD] = "pad",
	[KSRTP_A_ROUTE_SSRC] = "ssrc",
	[KSRTP_A_ROUTE_PT] = "pt",
};

static const char *const stream_names[] = {
	[KSRTP_A_STREAM_LEG_ID] = "leg-id",
	[KSRTP_A_STREAM_DIRECTION] = "direction",
	[KSRTP_A_STREAM_SSRC] = "ssrc",
	[KSRTP_A_STREAM_CONTEXT] = "context",
	[KSRTP_A_STREAM_INDEX] = "index",
	[KSRTP_A_STREAM_RTCP_INDEX] = "rtcp-index",
	[KSRTP_A_STREAM_PACKETS] = "packets",
	[KSRTP_A_STREAM_RTCP_PACKETS] = "rtcp-packets",
	[KSRTP_A_STREAM_PAD] = "pad",
	[KSRTP_A_STREAM_OUT] = "out",
	[KSRTP_A_STREAM_LOST] = "lost",
	[KSRTP_A_STREAM_PT] = "pt",
	[KSRTP_A_STREAM_REPORTS] = "reports",
	[KSRTP_A_STREAM_REPORT_AGE_MS] = "report-age-ms",
	[KSRTP_A_STREAM_REPORT_FRACTION] = "report-fraction",
	[KSRTP_A_STREAM_REPORT_LOST] = "report-lost",
	[KSRTP_A_STREAM_REPORT_HIGHEST] = "report-highest",
	[KSRTP_A_STREAM_REPORT_JITTER] = "report-jitter",
	[KSRTP_A_STREAM_RTT_US] = "rtt-us",
	[KSRTP_A_STREAM_RTT_AGE_MS] = "rtt-age-ms",
};

static const char *const owner_names[] = {
	[KSRTP_A_OWNER_ID] = "id",
};

#define SET(names) (names), (sizeof(names) / sizeof((names)[0]))

static const struct {
	const char		*name;
	const char *const	*attrs;
	size_t			count;
} commands[] = {
	[KSRTP_CMD_STATS_GET] = { "stats-get", SET(info_names) },
	[KSRTP_CMD_CALL_NEW] = { "call-new", SET(call_names) },
	[KSRTP_CMD_CALL_GET] = { "call-get", SET(call_names) },
	[KSRTP_CMD_CALL_DEL] = { "call-del", SET(call_names) },
	[KSRTP_CMD_LEG_NEW] = { "leg-new", SET(leg_names) },
	[KSRTP_CMD_LEG_GET] = { "leg-get", SET(leg_names) },
	[KSRTP_CMD_LEG_SET] = { "leg-set", SET(leg_names) },
	[KSRTP_CMD_LEG_DEL] = { "leg-del", SET(leg_names) },
	[KSRTP_CMD_KEY_NEW] = { "key-new", SET(key_names) },
	[KSRTP_CMD_KEY_GET] = { "key-get", SET(key_names) },
	[KSRTP_CMD_KEY_ACTIVATE] = { "key-activate", SET(key_names) },
	[KSRTP_CMD_KEY_DEL] = { "key-del", SET(key_names) },
	[KSRTP_CMD_ROUTE_NEW] = { "route-new", SET(route_names) },
	[KSRTP_CMD_ROUTE_GET] = { "route-get", SET(route_names) },
	[KSRTP_CMD_ROUTE_DEL] = { "route-del", SET(route_names) },
	[KSRTP_CMD_STREAM_GET] = { "stream-get", SET(stream_names) },
	[KSRTP_CMD_OWNER_ALIVE] = { "owner-alive", SET(owner_names) },
	[KSRTP_CMD_ROUTE_SET] = { "route-set", SET(route_names) },
	[KSRTP_CMD_CALL_SET] = { "call-set", SET(call_names) },
};

const char *ksrtp_cmd_name(uint8_t cmd)
{
	if (cmd >= sizeof(commands) / sizeof(commands[0]) || !commands[cmd].name)
		return "ksrtp";
	return commands[cmd].name;
}

const char *ksrtp_attr_name(uint8_t cmd, uint16_t type)
{
	if (cmd >= sizeof(commands) / sizeof(commands[0]) || type >= commands[cmd].count)
		return NULL;
	return commands[cmd].attrs[type];
}

struct parse {
	const struct nlattr	**tb;
	uint16_t		max;
};

static int take(const struct nlattr *attr, void *arg)
{
	struct parse *parse = arg;
	uint16_t type = mnl_attr_get_type(attr);

	if (type <= parse->max)
		parse->tb[type] = attr;
	return MNL_CB_OK;
}

void ksrtp_attr_parse(const struct nlmsghdr *nlh, const struct nlattr **tb, uint16_t max)
{
	struct parse parse = { .tb = tb, .max = max };

	memset(tb, 0, ((size_t)max + 1) * sizeof(*tb));
	mnl_attr_parse(nlh, sizeof(struct genlmsghdr), take, &parse);
}

void ksrtp_attr_parse_nest(const struct nlattr *nest, const struct nlattr **tb, uint16_t max)
{
	struct parse parse = { .tb = tb, .max = max };

	memset(tb, 0, ((size_t)max + 1) * sizeof(*tb));
	if (nest)
		mnl_attr_parse_nested(nest, take, &parse);
}

static bool fixed(const struct nlattr *attr, void *value, size_t len)
{
	if (!attr || mnl_attr_get_payload_len(attr) != len)
		return false;
	memcpy(value, mnl_attr_get_payload(attr), len);
	return true;
}

bool ksrtp_attr_u8(const struct nlattr *attr, uint8_t *value)
{
	return fixed(attr, value, sizeof(*value));
}

bool ksrtp_attr_u32(const struct nlattr *attr, uint32_t *value)
{
	return fixed(attr, value, sizeof(*value));
}

bool ksrtp_attr_s32(const struct nlattr *attr, int32_t *value)
{
	return fixed(attr, value, sizeof(*value));
}

bool ksrtp_attr_u64(const struct nlattr *attr, uint64_t *value)
{
	return fixed(attr, value, sizeof(*value));
}

void ksrtp_attr_string(const struct nlattr *attr, char *value, size_t len)
{
	size_t have = attr ? mnl_attr_get_payload_len(attr) : 0;

	if (have > len - 1)
		have = len - 1;
	if (have)
		memcpy(value, mnl_attr_get_payload(attr), have);
	value[have] = '\0';
}

void ksrtp_attr_addr(const struct nlattr *ipv4, const struct nlattr *ipv6,
		     const struct nlattr *port, struct sockaddr_storage *addr)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)addr;
	struct sockaddr_in *in = (struct sockaddr_in *)addr;

	memset(addr, 0, sizeof(*addr));
	if (fixed(ipv4, &in->sin_addr, sizeof(in->sin_addr))) {
		in->sin_family = AF_INET;
		fixed(port, &in->sin_port, sizeof(in->sin_port));
	} else if (fixed(ipv6, &in6->sin6_addr, sizeof(in6->sin6_addr))) {
		in6->sin6_family = AF_INET6;
		fixed(port, &in6->sin6_port, sizeof(in6->sin6_port));
	} else {
		addr->ss_family = AF_UNSPEC;
	}
}

void ksrtp_attr_drop(const struct nlattr *nest, uint64_t *dropped)
{
	const struct nlattr *tb[KSRTP_A_DROP_MAX + 1];
	uint32_t reason;
	uint64_t count;

	ksrtp_attr_parse_nest(nest, tb, KSRTP_A_DROP_MAX);
	if (!ksrtp_attr_u32(tb[KSRTP_A_DROP_REASON], &reason) ||
	    !ksrtp_attr_u64(tb[KSRTP_A_DROP_COUNT], &count))
		return;
	/* A reason of a newer module is still a drop: sums must add up. */
	dropped[reason <= KSRTP_REASON_MAX ? reason : KSRTP_REASON_NONE] += count;
}

void ksrtp_attr_stats(const struct nlattr *nest, struct ksrtp_stats *stats)
{
	const struct nlattr *tb[KSRTP_A_STATS_MAX + 1], *attr;

	memset(stats, 0, sizeof(*stats));
	if (!nest)
		return;
	ksrtp_attr_parse_nest(nest, tb, KSRTP_A_STATS_MAX);
	ksrtp_attr_u64(tb[KSRTP_A_STATS_RECEIVED], &stats->received);
	ksrtp_attr_u64(tb[KSRTP_A_STATS_FORWARDED], &stats->forwarded);
	ksrtp_attr_u64(tb[KSRTP_A_STATS_ANSWERED], &stats->answered);
	ksrtp_attr_u64(tb[KSRTP_A_STATS_PASSED_UP], &stats->passed_up);
	ksrtp_attr_u64(tb[KSRTP_A_STATS_XDP], &stats->xdp);
	ksrtp_attr_u64(tb[KSRTP_A_STATS_SKB], &stats->skb);
	ksrtp_attr_u64(tb[KSRTP_A_STATS_RECEIVED_BYTES], &stats->received_bytes);
	ksrtp_attr_u64(tb[KSRTP_A_STATS_SENT], &stats->sent);
	ksrtp_attr_u64(tb[KSRTP_A_STATS_SENT_BYTES], &stats->sent_bytes);
	ksrtp_attr_u64(tb[KSRTP_A_STATS_SENT_XDP], &stats->sent_xdp);
	ksrtp_attr_u64(tb[KSRTP_A_STATS_SENT_SKB], &stats->sent_skb);
	ksrtp_attr_u64(tb[KSRTP_A_STATS_FRAGMENTED], &stats->fragmented);
	mnl_attr_for_each_nested(attr, nest)
		if (mnl_attr_get_type(attr) == KSRTP_A_STATS_DROP)
			ksrtp_attr_drop(attr, stats->dropped);
}
