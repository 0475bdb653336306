/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that may have held a key, or SDP with one, and is wiped before it goes back to
 * the heap: that of JSON, of libevent's buffers, of SDP that is written.
 */
#ifndef KSRTPD_WIPE_H
#define KSRTPD_WIPE_H

#include <stddef.h>
#include <stdio.h>

/* As free() and realloc(): all that the block had is wiped. */
void ksrtpd_wipe_free(void *block);
void *ksrtpd_wipe_realloc(void *block, size_t size);

/* A text that is written as a stream. */
struct ksrtpd_wipe_text {
	char *text;		/* with a NUL behind @len octets */
	size_t len, room;
	char buffer[BUFSIZ];	/* the stream's own */
};

/* NULL: no memory. */
FILE *ksrtpd_wipe_open(struct ksrtpd_wipe_text *text);
/* Closes it; the text, to be given to ksrtpd_wipe_free(); NULL: memory was out. */
char *ksrtpd_wipe_close(struct ksrtpd_wipe_text *text, FILE *stream);

#endif /* KSRTPD_WIPE_H */
