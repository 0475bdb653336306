/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_PORT_H
#define KSRTP_PORT_H

#include <linux/in6.h>
#include <linux/rhashtable.h>
#include <linux/seqlock.h>
#include <linux/workqueue.h>
#include <net/ipv6.h>

struct file;
struct ksrtp_leg;
struct ksrtp_net;
struct ksrtp_nexthop;
struct netlink_ext_ack;
struct sock;

/* An address and port; IPv4 as ::ffff:a.b.c.d. Compared as a whole: no padding with meaning. */
struct ksrtp_addr {
	struct in6_addr	ip;
	__be16		port;
	u16		zero;
};

static inline bool ksrtp_addr_equal(const struct ksrtp_addr *a, const struct ksrtp_addr *b)
{
	return ipv6_addr_equal(&a->ip, &b->ip) && a->port == b->port;
}

static inline bool ksrtp_addr_is_v4(const struct ksrtp_addr *addr)
{
	return ipv6_addr_v4mapped(&addr->ip);
}

static inline __be32 ksrtp_addr_v4(const struct ksrtp_addr *addr)
{
	return addr->ip.s6_addr32[3];
}

static inline void ksrtp_addr_set_v4(struct ksrtp_addr *addr, __be32 ip, __be16 port)
{
	ipv6_addr_set_v4mapped(ip, &addr->ip);
	addr->port = port;
	addr->zero = 0;
}

static inline void ksrtp_addr_set_v6(struct ksrtp_addr *addr, const struct in6_addr *ip,
				     __be16 port)
{
	addr->ip = *ip;
	addr->port = port;
	addr->zero = 0;
}

/**
 * struct ksrtp_port - a leg's place on the network: its socket, and what goes with it
 *
 * A leg that moves to another socket gets another port. Everything that has to fit
 * together when a packet is sent (source address, family, remote address, route) is read
 * from one port, so that no packet leaves from a mix of two. Read by the packet path
 * under RCU; all but @remote and @nexthop is fixed before it can be found.
 *
 * @node: in ksrtp_net.port_table
 * @leg: whose; outlives the port
 * @local: address of the socket
 * @remote_seq: guards @remote and @has_remote for readers; writers hold ksrtp_leg.lock
 * @remote: where packets go from here
 * @family: AF_INET or AF_INET6, of the socket
 * @nexthop: how packets get to @remote now; replaced under ksrtp_leg.lock
 * @id: of this port alone, of all that there ever were
 * @file: held, so that the address stays bound
 * @mc_loop: an option of the socket that a tunnel's loses, to be given back
 */
struct ksrtp_port {
	struct rhash_head	node;
	struct ksrtp_leg	*leg;
	struct ksrtp_addr	local;
	seqcount_spinlock_t	remote_seq;
	struct ksrtp_addr	remote;
	bool			has_remote;
	u8			family;

	struct ksrtp_nexthop __rcu *nexthop;
	struct sock		*sk;
	u64			id;
	struct file		*file;
	bool			mc_loop;
	struct rcu_work		free_work;
};

/*
 * Control path, under ksrtp_net.lock. Create checks and holds the socket of descriptor
 * @fd, and nothing finds the port yet; add gives it the socket's packets (-EBUSY: taken
 * meanwhile; -EADDRINUSE: a port has its address); del takes them away again: the socket
 * is an ordinary one. Free whatever was created, after del where it was added: the packet
 * path may look at it until a grace period has passed, and as long the file is held.
 */
struct ksrtp_port *ksrtp_port_create(struct ksrtp_leg *leg, int fd,
				     struct netlink_ext_ack *extack);
int ksrtp_port_add(struct ksrtp_port *port, struct netlink_ext_ack *extack);
void ksrtp_port_del(struct ksrtp_port *port);
void ksrtp_port_free(struct ksrtp_port *port);
/* Under ksrtp_leg.lock. */
void ksrtp_port_set_remote(struct ksrtp_port *port, const struct ksrtp_addr *remote);

int ksrtp_port_table_init(struct ksrtp_net *kn);
void ksrtp_port_table_uninit(struct ksrtp_net *kn);

/* Packet path, under RCU. A port that is found need not be in force: ksrtp_port_in_force(). */
struct ksrtp_port *ksrtp_port_lookup(struct ksrtp_net *kn, const struct ksrtp_addr *local);
/* Copies the remote address; false: there is none. */
bool ksrtp_port_remote(const struct ksrtp_port *port, struct ksrtp_addr *remote);

#endif /* KSRTP_PORT_H */
