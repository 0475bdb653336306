/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_NET_NET_NAMESPACE_H
#define KSRTP_ENGINE_NET_NET_NAMESPACE_H

struct net {
	void *generic;
};

#endif /* KSRTP_ENGINE_NET_NET_NAMESPACE_H */
