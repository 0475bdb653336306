// SPDX-License-Identifier: GPL-2.0
/* The head of a request over HTTPS, and what its path and query are made of. */
#include <string.h>

#include "fuzz.h"

#include "../../userspace/ksrtpd/failure.c"
#include "../../userspace/ksrtpd/http_message.c"
#include "../../userspace/ksrtpd/http_route.c"

static void check(const char *text, const char *head, size_t len)
{
	MUST(!text || (text >= head && text + strlen(text) <= head + len));
}

static void route(const struct ksrtpd_http_request *request)
{
	const struct ksrtpd_http_route *found;
	struct ksrtpd_failure failure;
	char *allowed = NULL;
	json_t *params;

	found = ksrtpd_http_route_find(request, &allowed, &failure);
	if (!found) {
		MUST(ksrtpd_http_status(failure.reason) == (allowed ? 405 : 404));
		free(allowed);
		return;
	}
	MUST(!allowed);
	params = json_object();
	if (ksrtpd_http_route_params(found, request, params, &failure))
		MUST(ksrtpd_http_status(failure.reason) == 400 && *failure.message);
	json_decref(params);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ksrtpd_failure failure = { .reason = NULL };
	struct ksrtpd_http_request request;
	char *head = malloc(size + 1);
	unsigned int i;

	MUST(head);
	memcpy(head, data, size);
	head[size] = '\0';
	if (ksrtpd_http_parse(head, size, &request, &failure)) {
		MUST(ksrtpd_http_status(failure.reason) >= 400 && *failure.message);
	} else {
		MUST(request.method && request.host && request.segments_count <= KSRTPD_HTTP_SEGMENTS);
		for (i = 0; i < request.segments_count; i++) {
			check(request.segments[i], head, size);
			MUST(*request.segments[i] && !strchr(request.segments[i], '/'));
		}
		MUST(request.has_length || !request.length);
		check(request.query, head, size);
		check(request.type, head, size);
		check(request.authorization, head, size);
		check(request.last_event_id, head, size);
		route(&request);
	}
	free(head);
	return 0;
}
