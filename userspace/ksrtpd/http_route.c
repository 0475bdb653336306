// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http_route.h"

#define METHOD	KSRTPD_HTTP_METHOD

static const struct ksrtpd_http_route routes[] = {
	{ "GET", "/v1", KSRTPD_HTTP_INDEX, NULL, 200 },
	{ "GET", "/v1/health", KSRTPD_HTTP_HEALTH, NULL, 200 },
	{ "GET", "/v1/openapi.yaml", KSRTPD_HTTP_OPENAPI, NULL, 200 },
	{ "GET", "/metrics", KSRTPD_HTTP_METRICS, NULL, 200 },
	{ "GET", "/v1/events", KSRTPD_HTTP_EVENTS, NULL, 200 },
	{ "GET", "/v1/agent", METHOD, "ping", 200 },
	{ "POST", "/v1/drain", METHOD, "drain", 200 },
	{ "DELETE", "/v1/drain", METHOD, "undrain", 200 },
	{ "GET", "/v1/stats", METHOD, "stats", 200 },
	{ "GET", "/v1/legs", METHOD, "leg-list", 200 },
	{ "GET", "/v1/calls", METHOD, "call-list", 200 },
	{ "POST", "/v1/calls", METHOD, "call-offer", 201 },
	{ "GET", "/v1/calls/{call}", METHOD, "call-show", 200 },
	{ "DELETE", "/v1/calls/{call}", METHOD, "call-del", 200 },
	{ "POST", "/v1/calls/{call}/offer", METHOD, "call-reoffer", 200 },
	{ "POST", "/v1/calls/{call}/answer", METHOD, "call-answer", 200 },
	{ "POST", "/v1/calls/{call}/verify", METHOD, "call-verify", 200 },
	{ "POST", "/v1/calls/{call}/mismatch", METHOD, "call-mismatch", 200 },
	{ "POST", "/v1/calls/{call}/request", METHOD, "call-request", 200 },
	{ "GET", "/v1/policies", METHOD, "policy-list", 200 },
	{ "POST", "/v1/policies", METHOD, "policy-new", 201 },
	{ "GET", "/v1/policies/{policy}", METHOD, "policy-get", 200 },
	{ "PATCH", "/v1/policies/{policy}", METHOD, "policy-set", 200 },
	{ "DELETE", "/v1/policies/{policy}", METHOD, "policy-remove", 200 },
	{ "POST", "/v1/policies/{policy}/grants", METHOD, "policy-grant", 201 },
	{ "POST", "/v1/policy/revoke", METHOD, "policy-revoke", 200 },
	{ "POST", "/v1/policy/user", METHOD, "policy-user", 200 },
	{ "POST", "/v1/policy/effective", METHOD, "policy-effective", 200 },
	{ "GET", "/v1/policy/log", METHOD, "policy-log", 200 },
	{ "GET", "/v1/federation", METHOD, "federation-list", 200 },
	{ "POST", "/v1/federation/allow", METHOD, "federation-allow", 200 },
	{ "POST", "/v1/federation/deny", METHOD, "federation-deny", 200 },
	{ "POST", "/v1/federation/remove", METHOD, "federation-remove", 200 },
};

#define ROUTES	(sizeof(routes) / sizeof(routes[0]))

/* The part of a pattern that begins at @part ("/..."), its length. */
static size_t part_len(const char *part)
{
	return strcspn(part + 1, "/");
}

static bool matches(const struct ksrtpd_http_route *route,
		    const struct ksrtpd_http_request *request)
{
	const char *part = route->path;
	unsigned int i;

	for (i = 0; i < request->segments_count && *part; i++) {
		size_t len = part_len(part);

		if (part[1] != '{' && (strlen(request->segments[i]) != len ||
				       memcmp(part + 1, request->segments[i], len)))
			return false;
		part += 1 + len;
	}
	return !*part && i == request->segments_count;
}

const struct ksrtpd_http_route *ksrtpd_http_route_find(const struct ksrtpd_http_request *request,
						       char **allowed,
						       struct ksrtpd_failure *failure)
{
	char verbs[64] = "";
	unsigned int i;

	for (i = 0; i < ROUTES; i++) {
		if (!matches(&routes[i], request))
			continue;
		if (!strcmp(routes[i].verb, request->method))
			return &routes[i];
		if (strlen(verbs) + strlen(routes[i].verb) + 3 < sizeof(verbs)) {
			strcat(verbs, *verbs ? ", " : "");
			strcat(verbs, routes[i].verb);
		}
	}
	if (*verbs) {
		*allowed = strdup(verbs);
		ksrtpd_fail(failure, "method-not-allowed", "only %s is possible here", verbs);
	} else {
		ksrtpd_fail(failure, "no-such-path", "there is nothing here (GET /v1 says what is)");
	}
	return NULL;
}

/* A number is one; everything else is a string. */
static json_t *value_of(const char *text)
{
	size_t len = strspn(text, "0123456789");

	return len && len < 18 && !text[len] ? json_integer(strtoll(text, NULL, 10)) :
					       json_string(text);
}

static int add_query(char *query, json_t *params, struct ksrtpd_failure *failure)
{
	char *rest = NULL, *word, *value;

	for (word = strtok_r(query, "&", &rest); word; word = strtok_r(NULL, "&", &rest)) {
		value = strchr(word, '=');
		if (!value)
			return ksrtpd_fail(failure, "bad-request", "the query is not of the form name=value");
		*value++ = '\0';
		if (!ksrtpd_http_decode(word) || !ksrtpd_http_decode(value))
			return ksrtpd_fail(failure, "bad-request", "the query is wrongly encoded");
		if (json_object_get(params, word))
			return ksrtpd_fail(failure, "bad-request", "%.40s is there twice", word);
		if (json_object_set_new(params, word, value_of(value)))
			return ksrtpd_fail(failure, "internal", "no memory");
	}
	return 0;
}

int ksrtpd_http_route_params(const struct ksrtpd_http_route *route,
			     const struct ksrtpd_http_request *request, json_t *params,
			     struct ksrtpd_failure *failure)
{
	const char *part = route->path;
	unsigned int i;
	char name[32];
	size_t len;

	for (i = 0; i < request->segments_count; i++, part += 1 + len) {
		len = part_len(part);
		if (part[1] != '{')
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)len - 2, part + 2);
		if (json_object_get(params, name))
			return ksrtpd_fail(failure, "bad-request",
					   "%s is in the path, so not in the body too", name);
		if (json_object_set_new(params, name, json_string(request->segments[i])))
			return ksrtpd_fail(failure, "internal", "no memory");
	}
	return request->query ? add_query(request->query, params, failure) : 0;
}

json_t *ksrtpd_http_route_index(void)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < ROUTES; i++)
		json_array_append_new(list, json_pack("{s:s, s:s}", "verb", routes[i].verb,
						      "path", routes[i].path));
	return json_pack("{s:o}", "operations", list);
}

/* -- statuses */

static const struct {
	const char *reason;
	unsigned int status;
} statuses[] = {
	{ "unauthorized", 401 },
	{ "token-expired", 401 },
	{ "forbidden", 403 },
	{ "unprotected-signalling", 403 },
	{ "federation-denied", 403 },
	{ "policy-requires-e2ee", 403 },
	{ "no-such-call", 404 },
	{ "no-such-path", 404 },
	{ "method-not-allowed", 405 },
	{ "no-such-policy", 404 },
	{ "no-such-grant", 404 },
	{ "no-such-entry", 404 },
	{ "call-exists", 409 },
	{ "policy-exists", 409 },
	{ "policy-in-use", 409 },
	{ "too-many", 409 },
	{ "e2ee-unavailable", 409 },
	{ "not-offered", 409 },
	{ "offer-pending", 409 },
	{ "call-failed", 409 },
	{ "not-available-under-e2ee", 409 },
	{ "no-code", 409 },
	{ "too-large", 413 },
	{ "unsupported-type", 415 },
	{ "rate-limited", 429 },
	{ "head-too-large", 431 },
	{ "internal", 500 },
	{ "store", 500 },
	{ "not-supported", 501 },
	{ "kernel", 502 },
	{ "datapath", 502 },
	{ "no-ports", 503 },
	{ "draining", 503 },
	{ "too-many-calls", 503 },
	{ "http-version", 505 },
};

unsigned int ksrtpd_http_status(const char *reason)
{
	unsigned int i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		if (!strcmp(statuses[i].reason, reason))
			return statuses[i].status;
	}
	return 400;
}

const char *ksrtpd_http_status_text(unsigned int status)
{
	switch (status) {
	case 200: return "OK";
	case 201: return "Created";
	case 401: return "Unauthorized";
	case 403: return "Forbidden";
	case 404: return "Not Found";
	case 405: return "Method Not Allowed";
	case 409: return "Conflict";
	case 413: return "Content Too Large";
	case 415: return "Unsupported Media Type";
	case 429: return "Too Many Requests";
	case 431: return "Request Header Fields Too Large";
	case 500: return "Internal Server Error";
	case 501: return "Not Implemented";
	case 502: return "Bad Gateway";
	case 503: return "Service Unavailable";
	case 505: return "HTTP Version Not Supported";
	default: return "Bad Request";
	}
}
