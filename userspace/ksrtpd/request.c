// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include <ksrtp/ksrtp.h>

#include "request.h"

#define REASON	"bad-request"

static int take_call(struct ksrtpd_request *request, json_t *value, struct ksrtpd_failure *failure)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789._-";
	const char *name = json_string_value(value);

	if (!name)
		return ksrtpd_fail(failure, REASON, "params.call is no string");
	if (!*name || strlen(name) >= sizeof(request->call) || name[strspn(name, letters)])
		return ksrtpd_fail(failure, REASON,
				   "params.call: '%.80s' is not 1 to 63 of A-Z a-z 0-9 . _ -", name);
	strcpy(request->call, name);
	return 0;
}

static int take_interface(struct ksrtpd_side *side, const char *which, json_t *value,
			  struct ksrtpd_failure *failure)
{
	const char *name = json_string_value(value);

	if (!name || !*name || strlen(name) >= sizeof(side->interface))
		return ksrtpd_fail(failure, REASON, "params.%s.interface is no name of 1 to %zu characters",
				   which, sizeof(side->interface) - 1);
	strcpy(side->interface, name);
	return 0;
}

static int take_family(struct ksrtpd_side *side, const char *which, json_t *value,
		       struct ksrtpd_failure *failure)
{
	json_int_t family = json_is_integer(value) ? json_integer_value(value) : 0;

	if (family != 4 && family != 6)
		return ksrtpd_fail(failure, REASON, "params.%s.family is neither 4 nor 6", which);
	side->family = (int)family;
	return 0;
}

static int take_protocol(struct ksrtpd_side *side, const char *which, json_t *value,
			 struct ksrtpd_failure *failure)
{
	const char *name = json_string_value(value);

	if (name && !strcmp(name, "UDP/TLS/RTP/SAVPF"))
		side->protocol = KSRTPD_PROTOCOL_DTLS;
	else if (name && !strcmp(name, "RTP/AVP"))
		side->protocol = KSRTPD_PROTOCOL_PLAIN;
	else
		return ksrtpd_fail(failure, REASON,
				   "params.%s.protocol is neither UDP/TLS/RTP/SAVPF nor RTP/AVP", which);
	return 0;
}

static int take_suites(struct ksrtpd_side *side, const char *which, json_t *value,
		       struct ksrtpd_failure *failure)
{
	size_t i, j;

	if (!json_is_array(value) || !json_array_size(value) ||
	    json_array_size(value) > KSRTPD_SUITES_MAX)
		return ksrtpd_fail(failure, REASON, "params.%s.suites is no list of 1 to %d names",
				   which, KSRTPD_SUITES_MAX);
	for (i = 0; i < json_array_size(value); i++) {
		const char *name = json_string_value(json_array_get(value, i));
		int suite = name ? ksrtp_suite_parse(name) : -1;

		if (suite < 0 || !ksrtpd_dtls_suite_known(suite))
			return ksrtpd_fail(failure, REASON,
					   "params.%s.suites: '%.40s' is no suite of DTLS-SRTP", which,
					   name ? name : "");
		for (j = 0; j < i; j++) {
			if (side->suites[j] == (uint32_t)suite)
				return ksrtpd_fail(failure, REASON, "params.%s.suites: %s twice",
						   which, name);
		}
		side->suites[i] = suite;
	}
	side->suites_count = i;
	return 0;
}

static const struct {
	const char *name;
	int (*take)(struct ksrtpd_side *side, const char *which, json_t *value,
		    struct ksrtpd_failure *failure);
} side_members[] = {
	{ "interface", take_interface },
	{ "family", take_family },
	{ "protocol", take_protocol },
	{ "suites", take_suites },
};

static int take_side_member(struct ksrtpd_side *side, const char *which, const char *name,
			    json_t *value, struct ksrtpd_failure *failure)
{
	size_t i;

	for (i = 0; i < sizeof(side_members) / sizeof(side_members[0]); i++) {
		if (!strcmp(name, side_members[i].name))
			return side_members[i].take(side, which, value, failure);
	}
	return ksrtpd_fail(failure, REASON, "params.%s: unknown member '%.40s'", which, name);
}

static int take_side(struct ksrtpd_side *side, const char *which, json_t *value,
		     struct ksrtpd_failure *failure)
{
	const char *name;
	json_t *member;

	if (!json_is_object(value))
		return ksrtpd_fail(failure, REASON, "params.%s is no object", which);
	json_object_foreach(value, name, member) {
		if (take_side_member(side, which, name, member, failure))
			return -1;
	}
	return 0;
}

static int take_param(struct ksrtpd_request *request, unsigned int takes, const char *name,
		      json_t *value, struct ksrtpd_failure *failure)
{
	if (takes & KSRTPD_TAKES_CALL && !strcmp(name, "call"))
		return take_call(request, value, failure);
	if (takes & KSRTPD_TAKES_SIDES && !strcmp(name, "from"))
		return take_side(&request->sides[KSRTPD_CALLER], name, value, failure);
	if (takes & KSRTPD_TAKES_SIDES && !strcmp(name, "to"))
		return take_side(&request->sides[KSRTPD_CALLEE], name, value, failure);
	if (!(takes & KSRTPD_TAKES_SDP) || strcmp(name, "sdp"))
		return ksrtpd_fail(failure, REASON, "params: unknown member '%.40s'", name);
	if (!json_is_string(value))
		return ksrtpd_fail(failure, REASON, "params.sdp is no string");
	request->sdp = json_string_value(value);
	request->sdp_len = json_string_length(value);
	return 0;
}

int ksrtpd_request_parse(const json_t *params, unsigned int takes, struct ksrtpd_request *request,
			 struct ksrtpd_failure *failure)
{
	const char *name;
	json_t *value;

	memset(request, 0, sizeof(*request));
	json_object_foreach((json_t *)params, name, value) {
		if (take_param(request, takes, name, value, failure))
			return -1;
	}
	if (takes & KSRTPD_TAKES_CALL && !*request->call)
		return ksrtpd_fail(failure, REASON, "params.call is missing");
	if (takes & KSRTPD_TAKES_SDP && !request->sdp)
		return ksrtpd_fail(failure, REASON, "params.sdp is missing");
	return 0;
}
