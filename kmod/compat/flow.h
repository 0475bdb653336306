/* SPDX-License-Identifier: GPL-2.0 */
/* The type of service of a route lookup was an octet, and is a type of its own. */
#ifndef KSRTP_COMPAT_FLOW_H
#define KSRTP_COMPAT_FLOW_H

#include <net/flow.h>
#include <net/inet_dscp.h>

static inline void ksrtp_flowi4_set_dscp(struct flowi4 *fl4, u8 dscp)
{
#ifdef flowi4_dscp
	fl4->flowi4_dscp = inet_dsfield_to_dscp(dscp << 2);
#else
	fl4->flowi4_tos = dscp << 2;
#endif
}

#endif /* KSRTP_COMPAT_FLOW_H */
