// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "scope.h"
#include "token.h"

#define REASON		"config"
#define FILE_MAX	(256 * 1024)
#define NEVER		INT64_MAX

struct token {
	char name[KSRTPD_TOKEN_NAME];
	unsigned int scopes;
	int64_t expiry;		/* seconds of the real-time clock */
	uint8_t hash[SHA256_DIGEST_LENGTH];
};

struct ksrtpd_tokens {
	unsigned int count;
	struct token list[KSRTPD_TOKENS_MAX];
};

static bool parse_hash(const char *text, uint8_t hash[SHA256_DIGEST_LENGTH])
{
	unsigned int i;

	if (strlen(text) != 2 * SHA256_DIGEST_LENGTH)
		return false;
	for (i = 0; i < SHA256_DIGEST_LENGTH; i++) {
		unsigned int octet;

		if (!isxdigit((unsigned char)text[2 * i]) ||
		    !isxdigit((unsigned char)text[2 * i + 1]) ||
		    sscanf(text + 2 * i, "%2x", &octet) != 1)
			return false;
		hash[i] = octet;
	}
	return true;
}

/* 0 if it is no time. */
static int64_t parse_expiry(const char *text)
{
	struct tm tm = { .tm_sec = 0 };
	const char *end;

	if (!strcmp(text, "never"))
		return NEVER;
	end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return end && !*end ? (int64_t)timegm(&tm) : 0;
}

static int parse_line(struct token *token, char *line, struct ksrtpd_failure *failure)
{
	char *words[5], *rest = NULL;
	int count;

	for (count = 0; count < 5; count++) {
		words[count] = strtok_r(count ? NULL : line, " \t\r", &rest);
		if (!words[count])
			break;
	}
	if (count != 4)
		return ksrtpd_fail(failure, REASON, "is not of the form NAME SCOPES EXPIRY SHA256");
	if (strlen(words[0]) >= sizeof(token->name))
		return ksrtpd_fail(failure, REASON, "the name is longer than %zu octets",
				   sizeof(token->name) - 1);
	strcpy(token->name, words[0]);
	token->scopes = ksrtpd_scopes_parse(words[1]);
	if (!token->scopes)
		return ksrtpd_fail(failure, REASON,
				   "'%.40s' is no list of read, calls, policy, admin, and not all",
				   words[1]);
	token->expiry = parse_expiry(words[2]);
	if (!token->expiry)
		return ksrtpd_fail(failure, REASON,
				   "'%.40s' is neither a time as 2027-01-31T12:00:00Z nor never",
				   words[2]);
	if (!parse_hash(words[3], token->hash))
		return ksrtpd_fail(failure, REASON, "the last word is not 64 hexadecimal digits");
	return 0;
}

static int add(struct ksrtpd_tokens *tokens, char *line, struct ksrtpd_failure *failure)
{
	struct token *token = &tokens->list[tokens->count];
	unsigned int i;

	line[strcspn(line, "#")] = '\0';
	if (!line[strspn(line, " \t\r")])
		return 0;
	if (tokens->count == KSRTPD_TOKENS_MAX)
		return ksrtpd_fail(failure, REASON, "more than %d tokens", KSRTPD_TOKENS_MAX);
	if (parse_line(token, line, failure))
		return -1;
	for (i = 0; i < tokens->count; i++) {
		if (!strcmp(tokens->list[i].name, token->name))
			return ksrtpd_fail(failure, REASON, "%s is there already", token->name);
	}
	tokens->count++;
	return 0;
}

struct ksrtpd_tokens *ksrtpd_tokens_parse(const char *path, const char *text, size_t len,
					  struct ksrtpd_failure *failure)
{
	struct ksrtpd_tokens *tokens = calloc(1, sizeof(*tokens));
	struct ksrtpd_failure inner;
	unsigned int number = 0;
	char line[512];
	size_t n;

	if (!tokens) {
		ksrtpd_fail(failure, "internal", "no memory");
		return NULL;
	}
	for (; len; text += n, len -= n) {
		const char *newline = memchr(text, '\n', len);
		size_t body = newline ? (size_t)(newline - text) : len;

		n = body + !!newline;
		number++;
		if (body >= sizeof(line) || memchr(text, '\0', body)) {
			ksrtpd_fail(failure, REASON, "%s:%u: is too long, or no text", path, number);
			goto refused;
		}
		memcpy(line, text, body);
		line[body] = '\0';
		if (add(tokens, line, &inner)) {
			ksrtpd_fail(failure, REASON, "%s:%u: %s", path, number, inner.message);
			goto refused;
		}
	}
	return tokens;

refused:
	ksrtpd_tokens_free(tokens);
	return NULL;
}

struct ksrtpd_tokens *ksrtpd_tokens_read(const char *path, struct ksrtpd_failure *failure)
{
	struct ksrtpd_tokens *tokens = NULL;
	FILE *file = fopen(path, "re");
	char *text = malloc(FILE_MAX + 1);
	struct stat st;
	size_t len;

	if (!file || !text || fstat(fileno(file), &st)) {
		ksrtpd_fail(failure, REASON, "%s: %s", path, strerror(errno));
	} else if (st.st_mode & S_IWOTH) {
		ksrtpd_fail(failure, REASON, "%s: everybody may write it", path);
	} else {
		len = fread(text, 1, FILE_MAX + 1, file);
		if (ferror(file) || len > FILE_MAX)
			ksrtpd_fail(failure, REASON, "%s: cannot be read, or is longer than %d octets",
				    path, FILE_MAX);
		else
			tokens = ksrtpd_tokens_parse(path, text, len, failure);
	}
	if (file)
		fclose(file);
	free(text);
	return tokens;
}

void ksrtpd_tokens_free(struct ksrtpd_tokens *tokens)
{
	free(tokens);
}

int ksrtpd_tokens_check(const struct ksrtpd_tokens *tokens, const char *text, const char **name,
			unsigned int *scopes, struct ksrtpd_failure *failure)
{
	uint8_t hash[SHA256_DIGEST_LENGTH];
	const struct token *found = NULL;
	unsigned int i;

	SHA256((const unsigned char *)text, strlen(text), hash);
	/* Every one is compared, whichever it is. */
	for (i = 0; tokens && i < tokens->count; i++) {
		if (!CRYPTO_memcmp(tokens->list[i].hash, hash, sizeof(hash)))
			found = &tokens->list[i];
	}
	if (!found)
		return ksrtpd_fail(failure, "unauthorized", "the bearer token is not known");
	if (found->expiry != NEVER && time(NULL) >= found->expiry)
		return ksrtpd_fail(failure, "token-expired", "the token %s has expired", found->name);
	*name = found->name;
	*scopes = found->scopes;
	return 0;
}
