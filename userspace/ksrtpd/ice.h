/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ICE-lite side of one leg (RFC 8445), with no socket and no clock in it: it answers
 * the checks of the other side, remembers from where good ones came, and says which path
 * was nominated. It is always controlled, sends no checks, and believes nothing that has
 * no integrity.
 *
 * After a restart the old credentials are good until the first check with the new ones.
 */
#ifndef KSRTPD_ICE_H
#define KSRTPD_ICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "failure.h"
#include "stun.h"

#define KSRTPD_ICE_UFRAG	8	/* characters of ours; 48 bits */
#define KSRTPD_ICE_PWD		32	/* 192 bits */
#define KSRTPD_ICE_TEXT_MAX	256	/* characters of anybody's (RFC 8839, section 5.4) */
#define KSRTPD_ICE_CHECKED_MAX	32	/* paths that good checks came by */
#define KSRTPD_CANDIDATE_TEXT	128

/* Which of our sockets, and an address that can be reached from it. */
struct ksrtpd_ice_path {
	unsigned int socket;
	struct sockaddr_storage remote;	/* AF_UNSPEC: there is no path */
};

/* One generation of credentials. */
struct ksrtpd_ice_side {
	char ufrag[KSRTPD_ICE_UFRAG + 1];
	char *pwd;				/* in locked memory; NULL: there is none */
	char remote[KSRTPD_ICE_TEXT_MAX + 1];	/* the peer's ufrag; "": not known yet */
};

struct ksrtpd_ice {
	const char *ufrag, *pwd;		/* ours, for SDP: of the newest generation */
	struct ksrtpd_ice_side now, old;
	bool remote_known;			/* signalling said now.remote, not a check */
	/* the newest first; they are of generation `now` */
	struct ksrtpd_ice_path checked[KSRTPD_ICE_CHECKED_MAX];
	unsigned int checked_count;
	struct ksrtpd_ice_path selected;	/* none: nothing nominated yet */
};

/* What one datagram asked for. */
struct ksrtpd_ice_answer {
	uint8_t data[KSRTPD_STUN_ANSWER_MAX];
	size_t len;		/* 0: nothing to send */
	unsigned int error;	/* code of the answer; 0: success, or no answer */
	bool checked;		/* it was authentic, and is answered with success */
	bool nominated;		/* and it nominates its path, which was not selected before */
};

/* With credentials from the random generator; NULL when there are none, or no memory. */
struct ksrtpd_ice *ksrtpd_ice_create(void);
void ksrtpd_ice_destroy(struct ksrtpd_ice *ice);
/* What the peer's SDP says. Only the ufrag is kept: a lite side sends no checks. */
int ksrtpd_ice_set_remote(struct ksrtpd_ice *ice, const char *ufrag, const char *pwd,
			  struct ksrtpd_failure *failure);
int ksrtpd_ice_restart(struct ksrtpd_ice *ice, struct ksrtpd_failure *failure);
/* Takes a datagram that looks like STUN and came by this path. */
void ksrtpd_ice_input(struct ksrtpd_ice *ice, const uint8_t *data, size_t len,
		      const struct ksrtpd_ice_path *path, struct ksrtpd_ice_answer *answer);
/* Did a good check come by it? */
bool ksrtpd_ice_is_checked(const struct ksrtpd_ice *ice, const struct ksrtpd_ice_path *path);
/* The value of a=candidate for the host candidate @addr of a component. @rank: place of its
 * interface among those of the leg, the one to be preferred first; each has at most one
 * address of a family.
 */
void ksrtpd_ice_candidate(const struct sockaddr_storage *addr, unsigned int rank,
			  unsigned int component, char text[KSRTPD_CANDIDATE_TEXT]);

#endif /* KSRTPD_ICE_H */
