/* SPDX-License-Identifier: GPL-2.0 */
/* One line of the control protocol, checked against PROTOCOL.md in every member. */
#ifndef KSRTPD_REQUEST_H
#define KSRTPD_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "call.h"
#include "failure.h"

#define KSRTPD_REQUEST_MAX	(256 * 1024)	/* octets of a line */

enum ksrtpd_method {
	KSRTPD_PING,
	KSRTPD_CALL_OFFER,
	KSRTPD_CALL_ANSWER,
	KSRTPD_CALL_SHOW,
	KSRTPD_CALL_LIST,
	KSRTPD_CALL_DEL,
	KSRTPD_SUBSCRIBE,
};

struct ksrtpd_request {
	json_t *root;		/* what the strings below belong to */
	bool has_id;
	json_int_t id;
	enum ksrtpd_method method;
	char call[KSRTPD_CALL_NAME];
	const char *sdp;
	size_t sdp_len;
	struct ksrtpd_side sides[2];	/* by KSRTPD_CALLER (from) and KSRTPD_CALLEE (to) */
};

/* On failure (reason "bad-request") has_id and id are still those of the line if it
 * had them. To be freed in both cases.
 */
int ksrtpd_request_parse(const char *line, size_t len, struct ksrtpd_request *request,
			 struct ksrtpd_failure *failure);
void ksrtpd_request_free(struct ksrtpd_request *request);

#endif /* KSRTPD_REQUEST_H */
