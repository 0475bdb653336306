/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_SOCKET_H
#define KSRTP_SOCKET_H

struct file;
struct ksrtp_leg;
struct netlink_ext_ack;
struct sk_buff;
struct sock;

/*
 * Check that descriptor @fd is a UDP socket that a leg may adopt: of the leg's
 * network namespace, bound to one address, without encapsulation or user data.
 * On success leg->file holds it, and leg->sk, leg->family and leg->local are set.
 */
int ksrtp_socket_adopt(struct ksrtp_leg *leg, int fd, struct netlink_ext_ack *extack);
/* Packets go to the leg from now on; -EBUSY if the socket was taken meanwhile. */
int ksrtp_socket_attach(struct ksrtp_leg *leg, struct netlink_ext_ack *extack);
/* They no longer do; the leg may still be in use until a grace period has passed. */
void ksrtp_socket_detach(struct ksrtp_leg *leg);
/* Let go of the file. */
void ksrtp_socket_release(struct ksrtp_leg *leg);

#endif /* KSRTP_SOCKET_H */
