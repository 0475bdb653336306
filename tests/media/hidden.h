/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Secrets that a child process gives to the module and forgets. Who looks for them knows them
 * only under a mask, so that what is found is not the seeker's own.
 */
#ifndef TESTS_MEDIA_HIDDEN_H
#define TESTS_MEDIA_HIDDEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define NEEDLE_MAX	16	/* octets of a secret that are looked for */
#define NEEDLES_MAX	128

struct needle {
	char what[48];
	uint8_t masked[NEEDLE_MAX], len;
	bool gone;		/* its time is over: it must be nowhere */
	bool plain;		/* while it lives, it is in memory as it is */
	unsigned int hits;
};

/* Shared between parent and child. */
struct hidden {
	struct needle needle[NEEDLES_MAX];
	unsigned int n;
	uint8_t filter[1 << 15];	/* bits: hashes of the first four octets */
	uint32_t call;			/* the one that is left */
	int failed;			/* line of hidden.c, or 0 */
};

/* Forks; comes back when all is installed, used and, what shall be gone, gone. */
struct hidden *hidden_open(pid_t *pid);
/* The child ends; what it installed does not. */
void hidden_leave(pid_t pid);
void hidden_close(struct hidden *h);

/* Another secret, of the caller's own. */
void hidden_add(struct hidden *h, const char *what, const uint8_t *octets, size_t len);
/* What it is, for a moment. */
void hidden_show(const struct needle *n, uint8_t *out);
/* The secret that stands at @p, where NEEDLE_MAX octets can be read, or NULL. */
struct needle *hidden_find(struct hidden *h, const uint8_t *p);

/* May one stand at @p? Four octets are read. */
static inline bool hidden_may(const struct hidden *h, const uint8_t *p)
{
	uint32_t word;

	__builtin_memcpy(&word, p, sizeof(word));
	word = word * 0x9e3779b1u >> 14;
	return h->filter[word >> 3] >> (word & 7) & 1;
}

#endif /* TESTS_MEDIA_HIDDEN_H */
