/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bearer tokens. The file has one a line, `#` starts a comment:
 *
 *	NAME SCOPES EXPIRY SHA256
 *
 * NAME is for logs; SCOPES as in scope.h; EXPIRY is 2027-01-31T12:00:00Z or `never`;
 * SHA256 is that of the token's octets in hex (printf %s "$TOKEN" | sha256sum). So who
 * reads the file learns no token; a token must be random enough not to be guessed.
 */
#ifndef KSRTPD_TOKEN_H
#define KSRTPD_TOKEN_H

#include <stddef.h>

#include "failure.h"

#define KSRTPD_TOKENS_MAX	1024
#define KSRTPD_TOKEN_NAME	64	/* with the NUL */

struct ksrtpd_tokens;

struct ksrtpd_tokens *ksrtpd_tokens_read(const char *path, struct ksrtpd_failure *failure);
/* The same from memory; a failure's message begins with @path and the line. */
struct ksrtpd_tokens *ksrtpd_tokens_parse(const char *path, const char *text, size_t len,
					  struct ksrtpd_failure *failure);
void ksrtpd_tokens_free(struct ksrtpd_tokens *tokens);
/* The name of the one that @text is, and what it may do. A failure is "unauthorized" or
 * "token-expired"; how long it takes tells nothing about the tokens.
 */
int ksrtpd_tokens_check(const struct ksrtpd_tokens *tokens, const char *text, const char **name,
			unsigned int *scopes, struct ksrtpd_failure *failure);

#endif /* KSRTPD_TOKEN_H */
