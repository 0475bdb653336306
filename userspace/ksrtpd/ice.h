/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ICE-lite side of one leg (RFC 8445), with no socket in it: its credentials and the
 * lines for its SDP.
 */
#ifndef KSRTPD_ICE_H
#define KSRTPD_ICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define KSRTPD_ICE_UFRAG	8	/* characters of ours; 48 bits */
#define KSRTPD_ICE_PWD		32	/* 192 bits */
#define KSRTPD_ICE_TEXT_MAX	256	/* characters of anybody's (RFC 8839, section 5.4) */
#define KSRTPD_CANDIDATE_TEXT	128

struct ksrtpd_ice {
	char ufrag[KSRTPD_ICE_UFRAG + 1];	/* ours */
	char *pwd;				/* in locked memory */
};

/* With credentials from the random generator; NULL when there are none, or no memory. */
struct ksrtpd_ice *ksrtpd_ice_create(void);
void ksrtpd_ice_destroy(struct ksrtpd_ice *ice);
/* The value of a=candidate for the host candidate @addr of a component. */
void ksrtpd_ice_candidate(const struct sockaddr_storage *addr, unsigned int component,
			  char text[KSRTPD_CANDIDATE_TEXT]);

#endif /* KSRTPD_ICE_H */
