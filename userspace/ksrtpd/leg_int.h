/* SPDX-License-Identifier: GPL-2.0 */
/* What the files leg*.c share. */
#ifndef KSRTPD_LEG_INT_H
#define KSRTPD_LEG_INT_H

#include "leg.h"

/* leg.c */
void leg_set_state(struct ksrtpd_leg *leg, enum ksrtpd_leg_state state);
/* Moves the path, whoever says so. */
int leg_set_path(struct ksrtpd_leg *leg, const struct sockaddr_storage *remote,
		 struct ksrtpd_failure *failure);

/* leg_socket.c */
int leg_open_socket(struct ksrtpd_leg *leg, struct ksrtpd_failure *failure);
/* What is lost is sent again by whoever wants it to arrive. */
void leg_send(struct ksrtpd_leg *leg, const struct sockaddr_storage *to, const uint8_t *data,
	      size_t len);

/* leg_dtls.c */
int leg_dtls_start(struct ksrtpd_leg *leg, bool server, struct ksrtpd_failure *failure);
void leg_dtls_input(struct ksrtpd_leg *leg, const uint8_t *data, size_t len,
		    const struct sockaddr_storage *from);
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
		   const struct sockaddr_storage *from);
/* The datapath has the leg now, or the credentials are others. */
int leg_ice_tell(struct ksrtpd_leg *leg, struct ksrtpd_failure *failure);

#endif /* KSRTPD_LEG_INT_H */
