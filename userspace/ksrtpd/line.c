// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "line.h"

#define REASON	"bad-request"

static int take_root(struct ksrtpd_line *line, struct ksrtpd_failure *failure)
{
	json_t *id = json_object_get(line->root, "id"), *value;
	const json_t *method = json_object_get(line->root, "method");
	const char *name;

	if (!json_is_object(line->root))
		return ksrtpd_fail(failure, REASON, "the line is no JSON object");
	line->has_id = json_is_integer(id);
	line->id = json_integer_value(id);
	if (!line->has_id)
		return ksrtpd_fail(failure, REASON, id ? "id is no integer" : "id is missing");
	json_object_foreach(line->root, name, value) {
		if (strcmp(name, "id") && strcmp(name, "method") && strcmp(name, "params"))
			return ksrtpd_fail(failure, REASON, "unknown member '%.40s'", name);
	}
	line->method = json_string_value(method);
	if (!line->method)
		return ksrtpd_fail(failure, REASON, method ? "method is no string" :
							     "method is missing");
	line->params = json_object_get(line->root, "params");
	if (line->params && !json_is_object(line->params))
		return ksrtpd_fail(failure, REASON, "params is no object");
	return 0;
}

int ksrtpd_line_parse(const char *text, size_t len, struct ksrtpd_line *line,
		      struct ksrtpd_failure *failure)
{
	json_error_t error;

	memset(line, 0, sizeof(*line));
	if (len > KSRTPD_LINE_MAX)
		return ksrtpd_fail(failure, REASON, "the line is longer than %d octets",
				   KSRTPD_LINE_MAX);
	line->root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!line->root)
		return ksrtpd_fail(failure, REASON, "no JSON: %s (column %d)", error.text,
				   error.column);
	return take_root(line, failure);
}

void ksrtpd_line_free(struct ksrtpd_line *line)
{
	json_decref(line->root);
	line->root = NULL;
}
