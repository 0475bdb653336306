// SPDX-License-Identifier: GPL-2.0
/* Names of the ABI's values; those of the YAML specification. */
#include <errno.h>
#include <string.h>

#include <ksrtp/ksrtp.h>

#define COUNT(names) (sizeof(names) / sizeof((names)[0]))

static const char *const suites[] = {
	[KSRTP_SUITE_NONE] = "none",
	[KSRTP_SUITE_AEAD_AES_128_GCM] = "aead-aes-128-gcm",
	[KSRTP_SUITE_AEAD_AES_256_GCM] = "aead-aes-256-gcm",
	[KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80] = "aes-cm-128-hmac-sha1-80",
	[KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32] = "aes-cm-128-hmac-sha1-32",
	[KSRTP_SUITE_AES_256_CM_HMAC_SHA1_80] = "aes-256-cm-hmac-sha1-80",
	[KSRTP_SUITE_AES_256_CM_HMAC_SHA1_32] = "aes-256-cm-hmac-sha1-32",
};
_Static_assert(COUNT(suites) == __KSRTP_SUITE_MAX, "every suite has a name");

static const char *const modes[] = {
	[KSRTP_MODE_NONE] = "none",
	[KSRTP_MODE_TRANSPORT] = "transport",
	[KSRTP_MODE_E2EE] = "e2ee",
};
_Static_assert(COUNT(modes) == __KSRTP_MODE_MAX, "every mode has a name");

static const char *const states[] = {
	[KSRTP_LEG_STATE_HELD] = "held",
	[KSRTP_LEG_STATE_ACTIVE] = "active",
};
_Static_assert(COUNT(states) == __KSRTP_LEG_STATE_MAX, "every state has a name");

static const char *const directions[] = {
	[KSRTP_DIRECTION_RX] = "rx",
	[KSRTP_DIRECTION_TX] = "tx",
};
_Static_assert(COUNT(directions) == __KSRTP_DIRECTION_MAX, "every direction has a name");

static const char *const cryptexes[] = {
	[KSRTP_CRYPTEX_OFF] = "off",
	[KSRTP_CRYPTEX_ON] = "on",
	[KSRTP_CRYPTEX_REQUIRED] = "required",
};
_Static_assert(COUNT(cryptexes) == __KSRTP_CRYPTEX_MAX, "every way of Cryptex has a name");

static const char *const datapaths[] = {
	[KSRTP_DATAPATH_NONE] = "none",
	[KSRTP_DATAPATH_XDP] = "xdp",
	[KSRTP_DATAPATH_SKB] = "skb",
	[KSRTP_DATAPATH_USER] = "user",
};
_Static_assert(COUNT(datapaths) == __KSRTP_DATAPATH_MAX, "every datapath has a name");

static const char *const slows[] = {
	[KSRTP_SLOW_NONE] = "none",
	[KSRTP_SLOW_NO_PROGRAM] = "no-program",
	[KSRTP_SLOW_NEXTHOP] = "nexthop",
	[KSRTP_SLOW_EGRESS] = "egress",
	[KSRTP_SLOW_MTU] = "mtu",
	[KSRTP_SLOW_FANOUT] = "fanout",
	[KSRTP_SLOW_ROOM] = "room",
	[KSRTP_SLOW_CHECKSUM] = "checksum",
	[KSRTP_SLOW_DEVICE] = "device",
	[KSRTP_SLOW_IPSEC] = "ipsec",
};
_Static_assert(COUNT(slows) == __KSRTP_SLOW_MAX, "every slow reason has a name");

static const char *const reasons[] = {
	[KSRTP_REASON_NONE] = "none",
	[KSRTP_REASON_NOT_MEDIA] = "not-media",
	[KSRTP_REASON_SRC] = "src",
	[KSRTP_REASON_MALFORMED] = "malformed",
	[KSRTP_REASON_HELD] = "held",
	[KSRTP_REASON_NO_KEY] = "no-key",
	[KSRTP_REASON_MKI] = "mki",
	[KSRTP_REASON_RTCP_CLEAR] = "rtcp-clear",
	[KSRTP_REASON_REPLAY] = "replay",
	[KSRTP_REASON_OLD] = "old",
	[KSRTP_REASON_AUTH] = "auth",
	[KSRTP_REASON_INDEX] = "index",
	[KSRTP_REASON_STREAMS] = "streams",
	[KSRTP_REASON_LIMIT] = "limit",
	[KSRTP_REASON_CRYPTO] = "crypto",
	[KSRTP_REASON_STALE] = "stale",
	[KSRTP_REASON_NO_ROUTE] = "no-route",
	[KSRTP_REASON_NOMEM] = "nomem",
	[KSRTP_REASON_RATE] = "rate",
	[KSRTP_REASON_CRYPTEX] = "cryptex",
	[KSRTP_REASON_TX_HELD] = "tx-held",
	[KSRTP_REASON_TX_REMOTE] = "tx-remote",
	[KSRTP_REASON_TX_NO_KEY] = "tx-no-key",
	[KSRTP_REASON_TX_LATE] = "tx-late",
	[KSRTP_REASON_TX_DUP] = "tx-dup",
	[KSRTP_REASON_TX_JUMP] = "tx-jump",
	[KSRTP_REASON_TX_SSRC] = "tx-ssrc",
	[KSRTP_REASON_TX_RTCP] = "tx-rtcp",
	[KSRTP_REASON_TX_STREAMS] = "tx-streams",
	[KSRTP_REASON_TX_LIMIT] = "tx-limit",
	[KSRTP_REASON_TX_CRYPTO] = "tx-crypto",
	[KSRTP_REASON_TX_NEXTHOP] = "tx-nexthop",
	[KSRTP_REASON_TX_MTU] = "tx-mtu",
	[KSRTP_REASON_TX_NOMEM] = "tx-nomem",
	[KSRTP_REASON_TX_ERROR] = "tx-error",
	[KSRTP_REASON_TX_NO_CONSENT] = "tx-no-consent",
};
_Static_assert(COUNT(reasons) == __KSRTP_REASON_MAX, "every drop reason has a name");

static const char *name(const char *const *names, size_t count, uint32_t value)
{
	if (value >= count || !names[value])
		return "unknown";
	return names[value];
}

const char *ksrtp_suite_name(uint32_t suite)
{
	return name(suites, COUNT(suites), suite);
}

const char *ksrtp_mode_name(uint32_t mode)
{
	return name(modes, COUNT(modes), mode);
}

const char *ksrtp_state_name(uint32_t state)
{
	return name(states, COUNT(states), state);
}

const char *ksrtp_direction_name(uint32_t direction)
{
	return name(directions, COUNT(directions), direction);
}

const char *ksrtp_cryptex_name(uint32_t cryptex)
{
	return name(cryptexes, COUNT(cryptexes), cryptex);
}

const char *ksrtp_datapath_name(uint32_t datapath)
{
	return name(datapaths, COUNT(datapaths), datapath);
}

const char *ksrtp_slow_name(uint32_t slow)
{
	return name(slows, COUNT(slows), slow);
}

const char *ksrtp_reason_name(uint32_t reason)
{
	return name(reasons, COUNT(reasons), reason);
}

int ksrtp_suite_parse(const char *text)
{
	size_t i;

	for (i = 0; i < COUNT(suites); i++)
		if (!strcmp(text, suites[i]))
			return (int)i;
	return -EINVAL;
}
