/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_SOCKET_H
#define KSRTP_SOCKET_H

struct file;
struct ksrtp_port;
struct netlink_ext_ack;
struct sk_buff;
struct sock;

/*
 * Check that descriptor @fd is a UDP socket that a leg may adopt: of the leg's
 * network namespace, bound to one address, without encapsulation or user data.
 * On success port->file holds it, and port->sk, port->family and port->local are set.
 */
int ksrtp_socket_adopt(struct ksrtp_port *port, int fd, struct netlink_ext_ack *extack);
/* Packets come to the port from now on; -EBUSY if the socket was taken meanwhile. */
int ksrtp_socket_attach(struct ksrtp_port *port, struct netlink_ext_ack *extack);
/* They no longer do; the port may still be in use until a grace period has passed. */
void ksrtp_socket_detach(struct ksrtp_port *port);
/* Let go of the file. */
void ksrtp_socket_release(struct ksrtp_port *port);

#endif /* KSRTP_SOCKET_H */
