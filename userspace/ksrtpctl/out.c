// SPDX-License-Identifier: GPL-2.0
/* One answer, two forms: JSON as it is, or the columns that a person wants of it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl.h"

static const json_t *at(const json_t *object, const char *path)
{
	char name[64];
	const char *dot;

	while ((dot = strchr(path, '.'))) {
		if ((size_t)(dot - path) >= sizeof(name))
			return NULL;
		memcpy(name, path, (size_t)(dot - path));
		name[dot - path] = '\0';
		object = json_object_get(object, name);
		path = dot + 1;
	}
	return json_object_get(object, path);
}

static char *join(char *text, const char *separator, const char *more)
{
	size_t len = text ? strlen(text) : 0;
	char *longer = realloc(text, len + strlen(separator) + strlen(more) + 1);

	if (!longer) {
		free(text);
		return NULL;
	}
	sprintf(longer + len, "%s%s", len ? separator : "", more);
	return longer;
}

static char *container_text(const json_t *value)
{
	char *text = NULL, *item, *pair;
	const char *key;
	json_t *member;
	size_t i;

	if (json_is_array(value)) {
		json_array_foreach(value, i, member) {
			item = out_text(member);
			text = item ? join(text, ",", item) : text;
			free(item);
		}
	} else {
		json_object_foreach((json_t *)value, key, member) {
			item = out_text(member);
			pair = item ? join(join(NULL, "", key), " ", item) : NULL;
			text = pair ? join(text, ", ", pair) : text;
			free(item);
			free(pair);
		}
	}
	return text ? text : strdup("-");
}

char *out_text(const json_t *value)
{
	char number[32];

	switch (value ? json_typeof(value) : JSON_NULL) {
	case JSON_STRING:
		return strdup(json_string_value(value));
	case JSON_INTEGER:
		snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
			 json_integer_value(value));
		return strdup(number);
	case JSON_REAL:
		snprintf(number, sizeof(number), "%g", json_real_value(value));
		return strdup(number);
	case JSON_TRUE:
		return strdup("yes");
	case JSON_FALSE:
		return strdup("no");
	case JSON_NULL:
		return strdup("-");
	default:
		return container_text(value);
	}
}

void out_json(const json_t *value)
{
	size_t flags = JSON_ENCODE_ANY | JSON_PRESERVE_ORDER;

	json_dumpf(value, stdout, options.pretty ? flags | JSON_INDENT(2) : flags);
	putchar('\n');
}

static void put_cell(const char *text, int width, bool right, bool last)
{
	if (right)
		printf("%*s", width, text);
	else
		printf("%-*s", last ? 0 : width, text);
	fputs(last ? "\n" : "  ", stdout);
}

static int column_width(const json_t *rows, const struct column *column, bool *number)
{
	int width = (int)strlen(column->title);
	const json_t *row, *value;
	char *text;
	size_t i;

	*number = true;
	json_array_foreach((json_t *)rows, i, row) {
		value = at(row, column->path);
		if (value && !json_is_number(value) && !json_is_null(value))
			*number = false;
		text = out_text(value);
		if (text && (int)strlen(text) > width)
			width = (int)strlen(text);
		free(text);
	}
	return width;
}

static void table(const json_t *rows, const struct column *columns)
{
	const struct column *column;
	bool number[32];
	int width[32];
	const json_t *row;
	char *text;
	size_t i;
	int c;

	for (c = 0, column = columns; column->path && c < 32; column++, c++)
		width[c] = column_width(rows, column, &number[c]);
	for (c = 0, column = columns; column->path; column++, c++)
		put_cell(column->title, width[c], number[c], !column[1].path);
	json_array_foreach((json_t *)rows, i, row) {
		for (c = 0, column = columns; column->path; column++, c++) {
			text = out_text(at(row, column->path));
			put_cell(text ? text : "", width[c], number[c], !column[1].path);
			free(text);
		}
	}
}

int out_table(json_t *rows, const struct column *columns, const char *empty)
{
	if (!rows)
		return refused("memory", "out of memory");
	if (options.json)
		out_json(rows);
	else if (json_array_size(rows))
		table(rows, columns);
	else
		puts(empty);
	json_decref(rows);
	return EXIT_DONE;
}

void out_lines(const json_t *object, const struct column *columns, int indent)
{
	const struct column *column;
	int width = 0;
	char *text;

	for (column = columns; column->path; column++)
		if ((int)strlen(column->title) > width)
			width = (int)strlen(column->title);
	for (column = columns; column->path; column++) {
		const json_t *value = at(object, column->path);

		if (!value)
			continue;
		text = out_text(value);
		printf("%*s%-*s  %s\n", indent, "", width, column->title, text ? text : "");
		free(text);
	}
}

int out_fields(json_t *object, const struct column *columns)
{
	if (!object)
		return refused("memory", "out of memory");
	if (options.json)
		out_json(object);
	else
		out_lines(object, columns, 0);
	json_decref(object);
	return EXIT_DONE;
}

int out_any(json_t *value)
{
	struct column columns[64];
	const char *name;
	json_t *member;
	char *text;
	size_t n = 0;

	if (!value)
		return refused("memory", "out of memory");
	json_object_foreach(value, name, member)
		if (n < sizeof(columns) / sizeof(columns[0]) - 1)
			columns[n++] = (struct column){ name, name };
	columns[n] = (struct column){ NULL, NULL };
	if (options.json || json_is_object(value))
		return out_fields(value, columns);
	text = out_text(value);
	puts(text ? text : "");
	free(text);
	json_decref(value);
	return EXIT_DONE;
}

void out_time(json_t *object, const char *name, const json_t *ms)
{
	time_t seconds = (time_t)(json_integer_value(ms) / 1000);
	char text[32];
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	json_object_set_new(object, name, json_string(text));
}
