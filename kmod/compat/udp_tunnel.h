/* SPDX-License-Identifier: GPL-2.0 */
/* What takes over a UDP socket was called with a struct socket, and is with a struct sock. */
#ifndef KSRTP_COMPAT_UDP_TUNNEL_H
#define KSRTP_COMPAT_UDP_TUNNEL_H

#include <net/udp_tunnel.h>

static inline void ksrtp_setup_udp_tunnel(struct net *ns, struct sock *sk,
					  struct udp_tunnel_sock_cfg *cfg)
{
	setup_udp_tunnel_sock(ns, _Generic(&setup_udp_tunnel_sock,
		void (*)(struct net *, struct sock *, struct udp_tunnel_sock_cfg *): sk,
		default: sk->sk_socket), cfg);
}

#endif /* KSRTP_COMPAT_UDP_TUNNEL_H */
