// SPDX-License-Identifier: GPL-2.0
/* The file of bearer tokens. */
#include <string.h>

#include "fuzz.h"

#include "../../userspace/ksrtpd/failure.c"
#include "../../userspace/ksrtpd/scope.c"
#include "../../userspace/ksrtpd/token.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ksrtpd_failure failure = { .reason = NULL };
	struct ksrtpd_tokens *tokens;
	unsigned int scopes, i;
	const char *name;

	tokens = ksrtpd_tokens_parse("file", (const char *)data, size, &failure);
	if (!tokens) {
		MUST(!strcmp(failure.reason, "config") && strstr(failure.message, "file:"));
		return 0;
	}
	for (i = 0; i < tokens->count; i++) {
		MUST(*tokens->list[i].name && tokens->list[i].expiry);
		MUST(tokens->list[i].scopes && !(tokens->list[i].scopes & ~KSRTPD_SCOPE_ALL));
	}
	/* Nobody has a token whose SHA-256 is in a file of this kind. */
	MUST(ksrtpd_tokens_check(tokens, "", &name, &scopes, &failure));
	ksrtpd_tokens_free(tokens);
	return 0;
}
