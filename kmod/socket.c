// SPDX-License-Identifier: GPL-2.0
/*
 * A port takes over a UDP socket that came in as a file descriptor, and holds its
 * file, so that its address stays bound when the agent dies.
 */
#include <linux/file.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/udp.h>
#include <net/inet_sock.h>
#include <net/udp.h>

#include "compat/udp_tunnel.h"
#include "leg.h"
#include "net.h"
#include "port.h"
#include "socket.h"
#include "xmit.h"

/* Any value: what matters is encap_rcv. */
#define ENCAP_TYPE 1

static int encap_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct ksrtp_port *port = rcu_dereference_sk_user_data(sk);

	/* Just detached, or the leg is moving here or away: the socket's own. */
	if (!port || !ksrtp_port_in_force(port))
		return 1;
	return ksrtp_skb_receive(port, skb);
}

static int check_unused(struct sock *sk, struct netlink_ext_ack *extack)
{
	if (!rcu_access_pointer(sk->sk_user_data) && !READ_ONCE(udp_sk(sk)->encap_type))
		return 0;
	NL_SET_ERR_MSG(extack, "socket is in use by another encapsulation or leg");
	return -EBUSY;
}

static int check_socket(struct ksrtp_port *port, struct socket *sock,
			struct netlink_ext_ack *extack)
{
	struct sock *sk = sock->sk;
	struct inet_sock *inet;

	if (sock->type != SOCK_DGRAM || sk->sk_protocol != IPPROTO_UDP ||
	    (sk->sk_family != AF_INET && sk->sk_family != AF_INET6)) {
		NL_SET_ERR_MSG(extack, "socket is not a UDP socket");
		return -ESOCKTNOSUPPORT;
	}
	if (!net_eq(sock_net(sk), port->leg->kn->net)) {
		NL_SET_ERR_MSG(extack, "socket belongs to another network namespace");
		return -EXDEV;
	}
	inet = inet_sk(sk);
	port->family = sk->sk_family;
	if (sk->sk_family == AF_INET) {
		if (!inet->inet_rcv_saddr || !inet->inet_num)
			goto unbound;
		ksrtp_addr_set_v4(&port->local, inet->inet_rcv_saddr, inet->inet_sport);
	} else {
		if (ipv6_addr_any(&sk->sk_v6_rcv_saddr) || !inet->inet_num)
			goto unbound;
		if (ipv6_addr_v4mapped(&sk->sk_v6_rcv_saddr)) {
			NL_SET_ERR_MSG(extack, "socket is an IPv6 one bound to an IPv4 address; open an IPv4 socket");
			return -EAFNOSUPPORT;
		}
		ksrtp_addr_set_v6(&port->local, &sk->sk_v6_rcv_saddr, inet->inet_sport);
	}
	return check_unused(sk, extack);

unbound:
	NL_SET_ERR_MSG(extack, "socket must be bound to one address and port");
	return -EADDRNOTAVAIL;
}

int ksrtp_socket_adopt(struct ksrtp_port *port, int fd, struct netlink_ext_ack *extack)
{
	struct socket *sock;
	int err;

	sock = sockfd_lookup(fd, &err);
	if (!sock) {
		NL_SET_ERR_MSG(extack, "socket is not an open descriptor of a socket");
		return err;
	}
	lock_sock(sock->sk);
	err = check_socket(port, sock, extack);
	release_sock(sock->sk);
	if (err) {
		sockfd_put(sock);
		return err;
	}
	port->file = sock->file;
	port->sk = sock->sk;
	return 0;
}

int ksrtp_socket_attach(struct ksrtp_port *port, struct netlink_ext_ack *extack)
{
	struct udp_tunnel_sock_cfg cfg = {
		.sk_user_data = port,
		.encap_type = ENCAP_TYPE,
		.encap_rcv = encap_rcv,
	};
	int err;

	lock_sock(port->sk);
	/* Somebody else may have taken it since it was adopted. */
	err = check_unused(port->sk, extack);
	if (!err) {
		port->mc_loop = inet_test_bit(MC_LOOP, port->sk);
		ksrtp_setup_udp_tunnel(port->leg->kn->net, port->sk, &cfg);
	}
	release_sock(port->sk);
	return err;
}

void ksrtp_socket_detach(struct ksrtp_port *port)
{
	struct udp_tunnel_sock_cfg cfg = {};

	lock_sock(port->sk);
	ksrtp_setup_udp_tunnel(port->leg->kn->net, port->sk, &cfg);
	/* Each set-up counts one, and the socket's own life ends with none of ours. */
	inet_dec_convert_csum(port->sk);
	inet_dec_convert_csum(port->sk);
	inet_assign_bit(MC_LOOP, port->sk, port->mc_loop);
	release_sock(port->sk);
}

void ksrtp_socket_release(struct ksrtp_port *port)
{
	if (port->file)
		fput(port->file);
	port->file = NULL;
}
