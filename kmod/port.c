// SPDX-License-Identifier: GPL-2.0
/*
 * Ports: found by their address, each of one leg. While a leg moves it has two, of which
 * the one that ksrtp_leg.port names is in force; what arrives on the other is its
 * socket's own, and not the leg's.
 */
#include <linux/atomic.h>
#include <linux/netlink.h>
#include <linux/slab.h>

#include "leg.h"
#include "net.h"
#include "nexthop.h"
#include "port.h"
#include "socket.h"

static const struct rhashtable_params port_params = {
	.key_len = sizeof(struct ksrtp_addr),
	.key_offset = offsetof(struct ksrtp_port, local),
	.head_offset = offsetof(struct ksrtp_port, node),
	.automatic_shrinking = true,
};

int ksrtp_port_table_init(struct ksrtp_net *kn)
{
	return rhashtable_init(&kn->port_table, &port_params);
}

void ksrtp_port_table_uninit(struct ksrtp_net *kn)
{
	rhashtable_destroy(&kn->port_table);
}

struct ksrtp_port *ksrtp_port_lookup(struct ksrtp_net *kn, const struct ksrtp_addr *local)
{
	return rhashtable_lookup(&kn->port_table, local, port_params);
}

bool ksrtp_port_remote(const struct ksrtp_port *port, struct ksrtp_addr *remote)
{
	unsigned int seq;
	bool known;

	do {
		seq = read_seqcount_begin(&port->remote_seq);
		known = port->has_remote;
		*remote = port->remote;
	} while (read_seqcount_retry(&port->remote_seq, seq));
	return known;
}

void ksrtp_port_set_remote(struct ksrtp_port *port, const struct ksrtp_addr *remote)
{
	lockdep_assert_held(&port->leg->lock);
	write_seqcount_begin(&port->remote_seq);
	port->remote = *remote;
	port->has_remote = true;
	write_seqcount_end(&port->remote_seq);
}

static void free_after_grace(struct work_struct *work)
{
	struct ksrtp_port *port = container_of(to_rcu_work(work), struct ksrtp_port, free_work);

	/* The leg may be gone. */
	ksrtp_nexthop_drop(port);
	ksrtp_socket_release(port);
	kfree(port);
}

struct ksrtp_port *ksrtp_port_create(struct ksrtp_leg *leg, int fd,
				     struct netlink_ext_ack *extack)
{
	static atomic64_t last_id = ATOMIC64_INIT(0);
	struct ksrtp_port *port = kzalloc(sizeof(*port), GFP_KERNEL_ACCOUNT);
	int err;

	if (!port)
		return ERR_PTR(-ENOMEM);
	port->leg = leg;
	port->id = atomic64_inc_return(&last_id);
	seqcount_spinlock_init(&port->remote_seq, &leg->lock);
	INIT_RCU_WORK(&port->free_work, free_after_grace);
	err = ksrtp_socket_adopt(port, fd, extack);
	if (err) {
		kfree(port);
		return ERR_PTR(err);
	}
	return port;
}

int ksrtp_port_add(struct ksrtp_port *port, struct netlink_ext_ack *extack)
{
	struct ksrtp_net *kn = port->leg->kn;
	int err;

	lockdep_assert_held(&kn->lock);
	err = ksrtp_socket_attach(port, extack);
	if (err)
		return err;
	err = rhashtable_lookup_insert_fast(&kn->port_table, &port->node, port_params);
	if (!err)
		return 0;
	ksrtp_socket_detach(port);
	if (err != -EEXIST)
		return err;
	NL_SET_ERR_MSG(extack, "a leg has this local address and port");
	return -EADDRINUSE;
}

void ksrtp_port_del(struct ksrtp_port *port)
{
	struct ksrtp_net *kn = port->leg->kn;

	lockdep_assert_held(&kn->lock);
	rhashtable_remove_fast(&kn->port_table, &port->node, port_params);
	ksrtp_socket_detach(port);
}

void ksrtp_port_free(struct ksrtp_port *port)
{
	queue_rcu_work(ksrtp_wq, &port->free_work);
}
