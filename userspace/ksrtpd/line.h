/* SPDX-License-Identifier: GPL-2.0 */
/* One line of the control protocol: who asks for which method, with what. */
#ifndef KSRTPD_LINE_H
#define KSRTPD_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "failure.h"

#define KSRTPD_LINE_MAX	(256 * 1024)	/* octets */

struct ksrtpd_line {
	json_t *root;		/* what the members below belong to */
	bool has_id;
	json_int_t id;
	const char *method;
	const json_t *params;	/* an object, or NULL: none */
};

/* On failure (reason "bad-request") has_id and id are still those of the line if it
 * had them. To be freed in both cases.
 */
int ksrtpd_line_parse(const char *text, size_t len, struct ksrtpd_line *line,
		      struct ksrtpd_failure *failure);
void ksrtpd_line_free(struct ksrtpd_line *line);

#endif /* KSRTPD_LINE_H */
