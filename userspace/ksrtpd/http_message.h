/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The head of an HTTP/1.1 request (RFC 9112), as much of it as the API needs. Strict:
 * what two programs could understand in two ways is refused.
 */
#ifndef KSRTPD_HTTP_MESSAGE_H
#define KSRTPD_HTTP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failure.h"

#define KSRTPD_HTTP_SEGMENTS	6
#define KSRTPD_HTTP_HEADERS	64	/* lines */

struct ksrtpd_http_request {
	const char *method;
	char *segments[KSRTPD_HTTP_SEGMENTS];	/* of the path, decoded */
	unsigned int segments_count;
	char *query;			/* as it came; NULL: none */
	bool keep_alive;
	bool expects;			/* "100-continue" before it sends the body */
	bool has_length;
	uint64_t length;		/* of the body */
	const char *type;		/* of the body; NULL: not said. The others likewise */
	const char *authorization;
	const char *last_event_id;
	bool host;			/* said, as it must be */
};

/*
 * @head is the head with its last empty line, @len octets and a NUL behind them; it is
 * changed, and the strings of @request point into it. A failure is "bad-request",
 * "not-supported" or "http-version".
 */
int ksrtpd_http_parse(char *head, size_t len, struct ksrtpd_http_request *request,
		      struct ksrtpd_failure *failure);
/* Resolves %XX in place. False: it is wrongly encoded, or a character of it does not print
 * or would separate parts of a path.
 */
bool ksrtpd_http_decode(char *text);

#endif /* KSRTPD_HTTP_MESSAGE_H */
