/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_LINUX_NETLINK_H
#define KSRTP_ENGINE_LINUX_NETLINK_H

#include <linux/types.h>

struct netlink_ext_ack {
	const char *_msg;
};

#define NL_SET_ERR_MSG(extack, msg) do {	\
	if (extack)				\
		(extack)->_msg = (msg);		\
} while (0)

#endif /* KSRTP_ENGINE_LINUX_NETLINK_H */
