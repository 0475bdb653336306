/* SPDX-License-Identifier: GPL-2.0 */
/* Which resource is which method. openapi.yaml describes each of them. */
#ifndef KSRTPD_HTTP_ROUTE_H
#define KSRTPD_HTTP_ROUTE_H

#include <stdbool.h>

#include <jansson.h>

#include "http_message.h"

enum ksrtpd_http_kind {
	KSRTPD_HTTP_METHOD,	/* of method.h */
	KSRTPD_HTTP_INDEX,	/* the list of all this */
	KSRTPD_HTTP_HEALTH,	/* for anybody */
	KSRTPD_HTTP_METRICS,
	KSRTPD_HTTP_EVENTS,
	KSRTPD_HTTP_OPENAPI,
};

struct ksrtpd_http_route {
	const char *verb, *path;	/* a part {x} of the path is the member x of params */
	enum ksrtpd_http_kind kind;
	const char *method;		/* its name */
	unsigned int status;		/* when it worked */
};

/* NULL with the failure "no-such-path" or "method-not-allowed"; then *@allowed are the
 * verbs that are (to be freed).
 */
const struct ksrtpd_http_route *ksrtpd_http_route_find(const struct ksrtpd_http_request *request,
						       char **allowed,
						       struct ksrtpd_failure *failure);
/* Adds what path and query say to @params; "bad-request" when it is there already. */
int ksrtpd_http_route_params(const struct ksrtpd_http_route *route,
			     const struct ksrtpd_http_request *request, json_t *params,
			     struct ksrtpd_failure *failure);
/* {"operations": [{"verb", "path"}]} */
json_t *ksrtpd_http_route_index(void);

/* What a refusal with this reason is in HTTP. */
unsigned int ksrtpd_http_status(const char *reason);
const char *ksrtpd_http_status_text(unsigned int status);

#endif /* KSRTPD_HTTP_ROUTE_H */
