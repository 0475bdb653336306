/* SPDX-License-Identifier: GPL-2.0 */
/* What the files leg*.c share. */
#ifndef KSRTPD_LEG_INT_H
#define KSRTPD_LEG_INT_H

#include "leg.h"

/* leg.c */
void leg_set_state(struct ksrtpd_leg *leg, enum ksrtpd_leg_state state);
/* Moves the path, whoever says so. */
int leg_set_path(struct ksrtpd_leg *leg, const struct ksrtpd_ice_path *path,
		 struct ksrtpd_failure *failure);

/* leg_socket.c */
int leg_open_sockets(struct ksrtpd_leg *leg, struct ksrtpd_failure *failure);
/* Of a leg that was taken back: @fd is that of the datapath, at the leg's local address. */
int leg_open_places(struct ksrtpd_leg *leg, int fd, const struct ksrtpd_leg_place *places,
		    unsigned int count, struct ksrtpd_failure *failure);
/* The range of an interface is used up, or (@message NULL) is not: the alarm says so. */
void leg_tell_ports(const struct ksrtpd_interface *interface, int family, const char *message);
/* All of them, or all but the first. */
void leg_close_sockets(struct ksrtpd_leg *leg, bool but_first);
/* What is lost is sent again by whoever wants it to arrive. */
void leg_send(struct ksrtpd_leg *leg, const struct ksrtpd_ice_path *path, const uint8_t *data,
	      size_t len);

/* leg_dtls.c */
int leg_dtls_start(struct ksrtpd_leg *leg, bool server, struct ksrtpd_failure *failure);
void leg_dtls_input(struct ksrtpd_leg *leg, const uint8_t *data, size_t len,
		    const struct ksrtpd_ice_path *from);
/* There is a path now: a client sends its first flight. */
void leg_dtls_path(struct ksrtpd_leg *leg);
/* Sends what the association has to say and was held back; or forgets it. */
void leg_dtls_flush(struct ksrtpd_leg *leg);
void leg_dtls_forget(struct ksrtpd_leg *leg);
/* Its handshake ended, well or not, or is given up. */
void leg_dtls_ended(struct ksrtpd_leg *leg);

/* leg_key.c: from now on these keys; the ones before go, the receiving one after a while. What
 * DTLS held back leaves when the datapath can receive, and before it sends.
 */
int leg_use_keys(struct ksrtpd_leg *leg, const struct ksrtpd_master *rx,
		 const struct ksrtpd_master *tx, struct ksrtpd_failure *failure);
int leg_key_events(struct ksrtpd_leg *leg);

/* leg_ice.c */
void leg_ice_input(struct ksrtpd_leg *leg, const uint8_t *data, size_t len,
		   const struct ksrtpd_ice_path *from);
/* The datapath has the leg now, or the credentials are others. */
int leg_ice_tell(struct ksrtpd_leg *leg, struct ksrtpd_failure *failure);

#endif /* KSRTPD_LEG_INT_H */
