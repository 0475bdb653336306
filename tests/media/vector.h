/* SPDX-License-Identifier: GPL-2.0 */
/* A published packet through the module, octet by octet. */
#ifndef TESTS_MEDIA_VECTOR_H
#define TESTS_MEDIA_VECTOR_H

#include "call.h"

struct vector {
	const char *name;
	const uint8_t *plain, *wire;
	size_t plain_len, wire_len;
	struct ksrtp_key key;
};

/* Suite none. */
extern const struct vector vector_plain;

/* From the first leg, which has no receive key yet, to the second, which has none to transmit. */
void vector_open(struct call *c, struct peer **from, struct peer **to);
void vector_install(struct peer *p, uint32_t direction, const struct vector *v);
/*
 * What @from sends comes to @to, and so it looks; by XDP where it is attached. So @to is warm
 * (see peer_warm()).
 */
void vector_becomes(struct peer *from, const uint8_t *in, size_t in_len, struct peer *to,
		    const uint8_t *out, size_t out_len, const char *what);
/* In a call of its own: it comes in once, and leaves plain. */
void vector_comes_in(const struct vector *v);

#endif /* TESTS_MEDIA_VECTOR_H */
