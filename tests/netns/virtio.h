/* SPDX-License-Identifier: GPL-2.0 */
/* What both ends of the tap know. */
#ifndef TESTS_NETNS_VIRTIO_H
#define TESTS_NETNS_VIRTIO_H

#include <netinet/in.h>
#include <stdint.h>

#include <srtp2/srtp.h>

#include <ksrtp/ksrtp.h>

#define GUEST	"192.0.2.1"
#define PEER	"192.0.2.2"

struct sockaddr_in address(const char *ip, uint16_t port);
/* Bound, or the program ends. */
int open_socket(const char *ip, uint16_t port);

/*
 * A leg of the guest's at @port, toward @to, with AEAD_AES_128_GCM keys in the @directions (bits);
 * @number tells its keys from those of others. 0 or a negative errno.
 */
int guest_leg(struct ksrtp *k, uint32_t call, unsigned int number, uint16_t port, uint16_t to,
	      unsigned int directions, uint32_t *id);
/* The peer's end of the leg with this number. */
srtp_t session(unsigned int number, unsigned int direction);

/* One to many, in bursts: virtio_many.c */
int many_guest(struct ksrtp *k);
void many_tell(struct ksrtp *k);
void many_peer(void);
/* @line: what many_tell() printed. */
void many_check(const char *line);

#endif /* TESTS_NETNS_VIRTIO_H */
