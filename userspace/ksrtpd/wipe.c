// SPDX-License-Identifier: GPL-2.0
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "wipe.h"

#define ROOM_FIRST	4096

void ksrtpd_wipe_free(void *block)
{
	if (block)
		explicit_bzero(block, malloc_usable_size(block));
	free(block);
}

/* One that moved a block would leave its octets where it was. */
void *ksrtpd_wipe_realloc(void *block, size_t size)
{
	size_t had = block ? malloc_usable_size(block) : 0;
	void *now;

	if (block && !size) {
		ksrtpd_wipe_free(block);
		return NULL;
	}
	now = malloc(size);
	if (!now)
		return NULL;
	if (block)
		memcpy(now, block, had < size ? had : size);
	ksrtpd_wipe_free(block);
	return now;
}

/* -- a text that is written */

static ssize_t take(void *cookie, const char *data, size_t len)
{
	struct ksrtpd_wipe_text *to = cookie;
	size_t room = to->room;
	char *text;

	while (room < to->len + len + 1)
		room = room ? 2 * room : ROOM_FIRST;
	if (room != to->room) {
		text = ksrtpd_wipe_realloc(to->text, room);
		if (!text)
			return 0;
		to->text = text;
		to->room = room;
	}
	memcpy(to->text + to->len, data, len);
	to->len += len;
	to->text[to->len] = '\0';
	return (ssize_t)len;
}

FILE *ksrtpd_wipe_open(struct ksrtpd_wipe_text *text)
{
	FILE *stream;

	text->text = NULL;
	text->len = text->room = 0;
	stream = fopencookie(text, "w", (cookie_io_functions_t){ .write = take });
	/* Without a buffer of ours there would be one of the library's that nobody wipes. */
	if (stream && setvbuf(stream, text->buffer, _IOFBF, sizeof(text->buffer))) {
		fclose(stream);
		return NULL;
	}
	return stream;
}

char *ksrtpd_wipe_close(struct ksrtpd_wipe_text *text, FILE *stream)
{
	int bad = ferror(stream);

	bad |= fclose(stream);
	explicit_bzero(text->buffer, sizeof(text->buffer));
	if (!bad)
		return text->text;
	ksrtpd_wipe_free(text->text);
	return NULL;
}
