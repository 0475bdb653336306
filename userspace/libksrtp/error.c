// SPDX-License-Identifier: GPL-2.0
/* Why the kernel refused: its extended acknowledgement as one sentence. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <linux/netlink.h>

#include "handle.h"

const char *ksrtp_error(const struct ksrtp *handle)
{
	if (!handle)
		return ksrtp_open_error();
	return handle->error;
}

int ksrtp_fail(struct ksrtp *handle, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(handle->error, sizeof(handle->error), format, args);
	va_end(args);
	return err;
}

/* What the errno alone says, in the words of this protocol. */
static const char *plain_words(int err)
{
	switch (-err) {
	case EPERM:
		return "CAP_NET_ADMIN is needed in the user namespace that owns this network namespace";
	case EOPNOTSUPP:
		return "the loaded ksrtp module does not know this command";
	default:
		return strerror(-err);
	}
}

/*
 * The attributes behind an error: after the refused request's header, and its
 * payload where the kernel did not cap the answer; at the end of a dump, right
 * after the status.
 */
static void ext_ack(const struct nlmsghdr *nlh, const struct nlattr **tb)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	size_t offset = sizeof(int);

	memset(tb, 0, (NLMSGERR_ATTR_MAX + 1) * sizeof(*tb));
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		offset = sizeof(*error);
		if (mnl_nlmsg_get_payload_len(nlh) < offset)
			return;
		if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
			offset += MNL_ALIGN(error->msg.nlmsg_len) - MNL_NLMSG_HDRLEN;
	}
	if (offset > mnl_nlmsg_get_payload_len(nlh))
		return;
	mnl_attr_for_each(attr, nlh, offset) {
		if (mnl_attr_get_type(attr) <= NLMSGERR_ATTR_MAX)
			tb[mnl_attr_get_type(attr)] = attr;
	}
}

/* The attribute of @request that lies at @offset, or 0. */
static uint16_t attr_at(const struct nlmsghdr *request, uint32_t offset)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, request, sizeof(struct genlmsghdr)) {
		uint32_t at = (uint32_t)((const char *)attr - (const char *)request);

		if (offset >= at && offset < at + attr->nla_len)
			return mnl_attr_get_type(attr);
	}
	return 0;
}

/* Does @text have @word as a word of its own? */
static bool has_word(const char *text, const char *word)
{
	const char *at = text;
	size_t len = strlen(word);

	while ((at = strstr(at, word))) {
		bool begins = at == text || !isalnum((unsigned char)at[-1]);

		if (begins && !isalnum((unsigned char)at[len]))
			return true;
		at++;
	}
	return false;
}

int ksrtp_fail_kernel(struct ksrtp *handle, int err, const struct nlmsghdr *request,
		      const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(request);
	const struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];
	const char *verb = "netlink", *attr = NULL;
	uint32_t offset = 0, missing = 0;
	char text[256];

	ext_ack(nlh, tb);
	ksrtp_attr_string(tb[NLMSGERR_ATTR_MSG], text, sizeof(text));
	if (request->nlmsg_type == handle->family && handle->family) {
		verb = ksrtp_cmd_name(genl->cmd);
		if (ksrtp_attr_u32(tb[NLMSGERR_ATTR_MISS_TYPE], &missing)) {
			attr = ksrtp_attr_name(genl->cmd, (uint16_t)missing);
		} else if (ksrtp_attr_u32(tb[NLMSGERR_ATTR_OFFS], &offset)) {
			attr = ksrtp_attr_name(genl->cmd, attr_at(request, offset));
		}
	}
	if (!text[0] && attr && missing)
		return ksrtp_fail(handle, err, "%s: attribute '%s' is missing", verb, attr);
	if (!text[0])
		snprintf(text, sizeof(text), "%s", plain_words(err));
	/* The module's own texts may name the attribute, those of the kernel's validation do not. */
	if (!attr || has_word(text, attr))
		return ksrtp_fail(handle, err, "%s: %s", verb, text);
	return ksrtp_fail(handle, err, "%s: %s (attribute '%s')", verb, text, attr);
}
