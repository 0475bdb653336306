/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_ENGINE_NET_SOCK_H
#define KSRTP_ENGINE_NET_SOCK_H

struct sock;

#endif /* KSRTP_ENGINE_NET_SOCK_H */
