/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_NET_NETNS_GENERIC_H
#define KSRTP_ENGINE_NET_NETNS_GENERIC_H

#include <net/net_namespace.h>

#define net_generic(net, id)	((void)(id), (net)->generic)

#endif /* KSRTP_ENGINE_NET_NETNS_GENERIC_H */
