// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "scope.h"

static const char *const names[] = { "read", "calls", "policy", "admin" };

#define COUNT	(sizeof(names) / sizeof(names[0]))

static unsigned int parse_one(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < COUNT; i++) {
		if (strlen(names[i]) == len && !memcmp(names[i], text, len))
			return 1u << i;
	}
	return len == 3 && !memcmp(text, "all", 3) ? KSRTPD_SCOPE_ALL : 0;
}

unsigned int ksrtpd_scopes_parse(const char *text)
{
	unsigned int scopes = 0, one;
	size_t len;

	for (;; text += len + 1) {
		len = strcspn(text, ",");
		one = parse_one(text, len);
		if (!one)
			return 0;
		scopes |= one;
		if (!text[len])
			return scopes;
	}
}

const char *ksrtpd_scope_name(unsigned int scope)
{
	size_t i;

	for (i = 0; i < COUNT - 1 && scope != 1u << i; i++)
		;
	return names[i];
}
