/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two network namespaces: the host, where the module serves, and the outside.
 *
 *	 outside     kap               kbp                  kcp
 *	              |                 |                    |
 *	 host        ka                kb                   kc
 *	         192.0.2.1         198.51.100.1         203.0.113.1
 *	       2001:db8:a::1      2001:db8:b::1        2001:db8:c::1
 *
 * The far end of each link is .2 and ::2, an address without a host: whole frames go in
 * and out by packet sockets. This process lives in the host's namespace.
 */
#ifndef TESTS_MEDIA_NET_H
#define TESTS_MEDIA_NET_H

#include <stddef.h>
#include <stdint.h>

enum { LINK_A, LINK_B, LINK_C, LINKS };

#define DATAGRAM_MAX	2048
#define ROOM		63u

struct endpoint {
	int family;		/* 4 or 6 */
	uint8_t ip[16];
	uint16_t port;
};

struct datagram {
	struct datagram *next;
	struct endpoint from, to;
	int link;
	uint8_t mac[6];		/* where the frame went */
	uint8_t dscp;
	size_t len;
	uint8_t octet[DATAGRAM_MAX] __attribute__((aligned(8)));
};

/* 0, or negative after a line on stdout. Leaves the process in the host's namespace. */
int net_open(void);
/* Back to where net_open() was called; the two namespaces are gone. */
void net_close(void);
int net_command(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same in the outside namespace. */
int net_outside(const char *command);

/* XDP on all links (@xdp), or on none; tap.datapath says which. */
int net_datapath(int xdp);
int net_attach(int link);
int net_detach(int link);
/* Frames that were lost after they had left the module. */
uint64_t net_egress_losses(void);

/* The address at this end or the far end of @link. */
void net_address(int link, int family, int far, struct endpoint *e);
const char *net_device(int link);
/* A UDP socket of the host, bound to @e; its port is filled in. */
int net_bind(struct endpoint *e);

/* A descriptor to send frames with toward the host, for a thread of its own. */
int net_wire(int link);
/* Likewise on any device of this namespace. */
int net_packet_socket(const char *device);
/* One UDP datagram as the far end of @link sends it. @wire: -1, or of net_wire(). */
int net_send(int wire, int link, const struct endpoint *from, const struct endpoint *to,
	     const uint8_t *octets, size_t len);
/*
 * The same with octets behind the packet, as Ethernet pads, so many that veth's copy of the frame
 * has room to grow in by up to ROOM octets: XDP can take it, whatever it becomes.
 */
int net_send_roomy(int wire, int link, const struct endpoint *from, const struct endpoint *to,
		   const uint8_t *octets, size_t len);
/*
 * The next UDP datagram that left the host, or NULL when none came within @timeout_ms.
 * free() it. Its checksums and lengths are right, or a CHECK fails.
 */
struct datagram *net_receive(int timeout_ms);

int endpoint_equal(const struct endpoint *a, const struct endpoint *b);

uint64_t now_ms(void);
uint64_t random_u64(void);
void random_octets(void *p, size_t len);
/* In a child process: other numbers than its parent draws. */
void random_split(void);

#endif /* TESTS_MEDIA_NET_H */
