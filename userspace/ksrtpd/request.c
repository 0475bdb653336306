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
	request->offer.name = request->call;
	return 0;
}

static int add_interface(struct ksrtpd_side *side, const char *which, const json_t *value,
			 struct ksrtpd_failure *failure)
{
	const char *name = json_string_value(value);
	unsigned int i;

	if (!name || !*name || strlen(name) >= sizeof(side->interfaces[0]))
		return ksrtpd_fail(failure, REASON, "params.%s.interface is no name of 1 to %zu characters,"
				   " nor a list of such", which, sizeof(side->interfaces[0]) - 1);
	for (i = 0; i < side->interfaces_count; i++) {
		if (!strcmp(side->interfaces[i], name))
			return ksrtpd_fail(failure, REASON, "params.%s.interface: %s twice", which, name);
	}
	strcpy(side->interfaces[side->interfaces_count++], name);
	return 0;
}

/* A name, a list of names, or "*" for all. */
static int take_interface(struct ksrtpd_side *side, const char *which, json_t *value,
			  struct ksrtpd_failure *failure)
{
	size_t i;

	if (!json_is_array(value))
		return add_interface(side, which, value, failure);
	if (!json_array_size(value) || json_array_size(value) > KSRTPD_INTERFACES_MAX)
		return ksrtpd_fail(failure, REASON, "params.%s.interface is no list of 1 to %d names",
				   which, KSRTPD_INTERFACES_MAX);
	for (i = 0; i < json_array_size(value); i++) {
		const char *name = json_string_value(json_array_get(value, i));

		if (name && !strcmp(name, "*"))
			return ksrtpd_fail(failure, REASON,
					   "params.%s.interface: '*' is all of them, and stands in no list",
					   which);
		if (add_interface(side, which, json_array_get(value, i), failure))
			return -1;
	}
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

	enum ksrtpd_sdp_keys keys;
	bool feedback;

	if (!name || !ksrtpd_sdp_proto_known(name, &keys, &feedback))
		return ksrtpd_fail(failure, REASON,
				   "params.%s.protocol is none of UDP/TLS/RTP/SAVP(F), RTP/SAVP(F), "
				   "RTP/AVP(F)", which);
	side->protocol = keys == KSRTPD_SDP_DTLS ? KSRTPD_PROTOCOL_DTLS :
			 keys == KSRTPD_SDP_SDES ? KSRTPD_PROTOCOL_SDES : KSRTPD_PROTOCOL_PLAIN;
	strcpy(side->proto, name);
	return 0;
}

static int take_ice(struct ksrtpd_side *side, const char *which, json_t *value,
		    struct ksrtpd_failure *failure)
{
	if (!json_is_boolean(value))
		return ksrtpd_fail(failure, REASON, "params.%s.ice is neither true nor false", which);
	side->ice = json_is_true(value) ? KSRTPD_CHOICE_YES : KSRTPD_CHOICE_NO;
	return 0;
}

static int take_learn(struct ksrtpd_side *side, const char *which, json_t *value,
		      struct ksrtpd_failure *failure)
{
	if (!json_is_boolean(value))
		return ksrtpd_fail(failure, REASON, "params.%s.learn is neither true nor false", which);
	side->learn = json_is_true(value);
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

		if (suite < 0 || !ksrtpd_sdes_suite(suite))
			return ksrtpd_fail(failure, REASON,
					   "params.%s.suites: '%.40s' is no suite", which,
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

/* Of who is there, not of the leg: call_policy.c reads it. */
static int take_who(struct ksrtpd_side *side, const char *which, json_t *value,
		    struct ksrtpd_failure *failure)
{
	(void)side;
	(void)which;
	(void)value;
	(void)failure;
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
	{ "ice", take_ice },
	{ "learn", take_learn },
	{ "suites", take_suites },
	{ "party", take_who },
	{ "domain", take_who },
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

static int take_mode(struct ksrtpd_request *request, json_t *value, struct ksrtpd_failure *failure)
{
	const char *name = json_string_value(value);

	if (!name || (strcmp(name, "e2ee") && strcmp(name, "transport")))
		return ksrtpd_fail(failure, REASON, "params.mode is neither e2ee nor transport");
	request->offer.e2ee = !strcmp(name, "e2ee");
	return 0;
}

static int take_whose(struct ksrtpd_request *request, json_t *value, struct ksrtpd_failure *failure)
{
	const char *name = json_string_value(value);

	if (!name || (strcmp(name, "caller") && strcmp(name, "callee")))
		return ksrtpd_fail(failure, REASON, "params.side is neither caller nor callee");
	request->side = strcmp(name, "caller") ? KSRTPD_CALLEE : KSRTPD_CALLER;
	request->has_side = true;
	return 0;
}

static int take_sdp(struct ksrtpd_request *request, json_t *value, struct ksrtpd_failure *failure)
{
	if (!json_is_string(value))
		return ksrtpd_fail(failure, REASON, "params.sdp is no string");
	request->offer.sdp = json_string_value(value);
	request->offer.sdp_len = json_string_length(value);
	return 0;
}

static int take_what(struct ksrtpd_request *request, json_t *value, struct ksrtpd_failure *failure)
{
	request->what = json_string_value(value);
	return request->what ? 0 : ksrtpd_fail(failure, REASON, "params.what is no string");
}

static int take_param(struct ksrtpd_request *request, unsigned int takes, const char *name,
		      json_t *value, struct ksrtpd_failure *failure)
{
	if (takes & KSRTPD_TAKES_CALL && !strcmp(name, "call"))
		return take_call(request, value, failure);
	if (takes & KSRTPD_TAKES_SIDES && !strcmp(name, "from"))
		return take_side(&request->offer.sides[KSRTPD_CALLER], name, value, failure);
	if (takes & KSRTPD_TAKES_SIDES && !strcmp(name, "to"))
		return take_side(&request->offer.sides[KSRTPD_CALLEE], name, value, failure);
	if (takes & KSRTPD_TAKES_MODE && !strcmp(name, "mode"))
		return take_mode(request, value, failure);
	if (takes & (KSRTPD_TAKES_SIDE | KSRTPD_MAY_SIDE) && !strcmp(name, "side"))
		return take_whose(request, value, failure);
	if (takes & KSRTPD_TAKES_SDP && !strcmp(name, "sdp"))
		return take_sdp(request, value, failure);
	if (takes & KSRTPD_TAKES_WHAT && !strcmp(name, "what"))
		return take_what(request, value, failure);
	return ksrtpd_fail(failure, REASON, "params: unknown member '%.40s'", name);
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
	if (takes & KSRTPD_TAKES_SDP && !request->offer.sdp)
		return ksrtpd_fail(failure, REASON, "params.sdp is missing");
	if (takes & KSRTPD_TAKES_SIDE && !request->has_side)
		return ksrtpd_fail(failure, REASON, "params.side is missing");
	if (takes & KSRTPD_TAKES_WHAT && !request->what)
		return ksrtpd_fail(failure, REASON, "params.what is missing");
	return 0;
}
