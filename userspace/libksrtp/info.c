// SPDX-License-Identifier: GPL-2.0
/* The module as a whole. */
#include <string.h>

#include "handle.h"

static int take_info(struct ksrtp *handle, const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[KSRTP_A_INFO_MAX + 1];
	struct ksrtp_info *info = arg;

	(void)handle;
	memset(info, 0, sizeof(*info));
	ksrtp_attr_parse(nlh, tb, KSRTP_A_INFO_MAX);
	ksrtp_attr_string(tb[KSRTP_A_INFO_VERSION], info->version, sizeof(info->version));
	ksrtp_attr_string(tb[KSRTP_A_INFO_AEAD_DRIVER], info->aead_driver,
			  sizeof(info->aead_driver));
	ksrtp_attr_string(tb[KSRTP_A_INFO_AEAD_FALLBACK], info->aead_fallback,
			  sizeof(info->aead_fallback));
	ksrtp_attr_u64(tb[KSRTP_A_INFO_AEAD_FALLBACK_USED], &info->aead_fallback_used);
	ksrtp_attr_u32(tb[KSRTP_A_INFO_CALLS], &info->calls);
	ksrtp_attr_u32(tb[KSRTP_A_INFO_LEGS], &info->legs);
	ksrtp_attr_u32(tb[KSRTP_A_INFO_LEGS_MAX], &info->legs_max);
	ksrtp_attr_u32(tb[KSRTP_A_INFO_KEYRING_USED], &info->keyring_used);
	ksrtp_attr_u32(tb[KSRTP_A_INFO_KEYRING_MAX], &info->keyring_max);
	ksrtp_attr_stats(tb[KSRTP_A_INFO_STATS], &info->stats);
	return 0;
}

int ksrtp_info_get(struct ksrtp *handle, struct ksrtp_info *info)
{
	struct nlmsghdr *nlh;
	int err;

	nlh = ksrtp_nl_begin(handle, KSRTP_CMD_STATS_GET, &err);
	if (!nlh)
		return err;
	return ksrtp_nl_do(handle, nlh, take_info, info);
}
