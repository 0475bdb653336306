// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sdp_public.h"

/* 30 octets of zero in base64: a line that can be read, and is nobody's key. */
#define NO_KEY	" AES_CM_128_HMAC_SHA1_80 inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static size_t begins(const char *line, const char *end, const char *with)
{
	size_t len = strlen(with);

	return end - line >= (ptrdiff_t)len && !strncasecmp(line, with, len) ? len : 0;
}

/* A line without its end. */
static void write_line(FILE *to, const char *line, const char *end, unsigned int *cryptos)
{
	size_t name;

	if (begins(line, end, "a=crypto:")) {
		fprintf(to, "a=crypto:%u" NO_KEY, ++*cryptos);
		return;
	}
	name = begins(line, end, "a=ice-pwd:");
	if (!name)
		name = begins(line, end, "a=key-mgmt:");
	if (!name)
		name = begins(line, end, "k=");
	fwrite(line, 1, name ? name : (size_t)(end - line), to);
	/* A password that nobody has, as long as it was. */
	for (line += name; name && line < end; line++)
		fputc('A', to);
}

char *ksrtpd_sdp_public(const char *text, size_t len)
{
	const char *line = text, *stop = text + len, *end, *next;
	unsigned int cryptos = 0;
	char *copy = NULL;
	size_t copied;
	FILE *to = open_memstream(&copy, &copied);

	if (!to)
		return NULL;
	for (; line < stop; line = next) {
		end = memchr(line, '\n', stop - line);
		next = end ? end + 1 : stop;
		if (!end)
			end = stop;
		if (end > line && end[-1] == '\r')
			end--;
		write_line(to, line, end, &cryptos);
		fwrite(end, 1, next - end, to);
	}
	if (fclose(to)) {
		free(copy);
		return NULL;
	}
	return copy;
}
