/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An endpoint of a leg under test: a socket on loopback, which sends checks and media and
 * waits, while it runs the agent's loop, for what the leg sends.
 */
#ifndef KSRTP_TEST_POINT_H
#define KSRTP_TEST_POINT_H

#include "ksrtpd/leg.h"

#define PATIENCE	20	/* seconds, for what has to come */
#define SILENCE		200	/* ms, for what must not come */

/* The loop that points run while they wait. */
extern struct event_base *point_base;

struct point {
	int fd;
	struct sockaddr_storage addr;
	uint8_t data[2048];
	ssize_t len;			/* of the last datagram */
	struct sockaddr_storage from;	/* likewise */
};

void point_open(struct point *p, const char *host);
void point_send(struct point *p, const struct sockaddr_storage *to, const void *data, size_t len);
/* Runs the agent's loop until something comes, or @ms are over. */
bool point_wait(struct point *p, unsigned int ms);
bool point_takes(struct point *p);
/* A check of "peer" at one of the leg's addresses; the code of its answer, 0 success, -1 none. */
int point_check(struct point *p, const struct ksrtpd_leg *leg, const struct sockaddr_storage *to,
		const char *password, bool nominate);

/* Plain speech, one packet of it. */
#define SPEECH_LEN	18
extern const uint8_t speech[SPEECH_LEN];
/* It protected with this key, or in clear (suite none), sent. */
void point_speak(struct point *p, const struct sockaddr_storage *to, uint32_t suite,
		 const uint8_t *key, const uint8_t *salt, uint16_t seq);
/* What came last is that packet in clear. */
bool point_heard(const struct point *p, uint16_t seq);
/* The same, protected with this key. */
bool point_opens(const struct point *p, uint32_t suite, const uint8_t *key, const uint8_t *salt,
		 uint16_t seq);
uint64_t point_ms(void);

#endif /* KSRTP_TEST_POINT_H */
