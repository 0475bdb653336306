// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "policy_party.h"

#define REASON	"bad-request"

static int take_name(const json_t *value, const char *where, const char *member,
		     char name[KSRTPD_PARTY_NAME], struct ksrtpd_failure *failure)
{
	const char *text = json_string_value(value), *p;

	if (!text || !*text || json_string_length(value) >= KSRTPD_PARTY_NAME ||
	    strlen(text) != json_string_length(value))
		return ksrtpd_fail(failure, REASON, "%s.%s: is no string of 1 to %d octets", where,
				   member, KSRTPD_PARTY_NAME - 1);
	for (p = text; *p; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return ksrtpd_fail(failure, REASON, "%s.%s: has a control character", where,
					   member);
	}
	strcpy(name, text);
	return 0;
}

static int take_groups(const json_t *value, const char *where, struct ksrtpd_party *party,
		       struct ksrtpd_failure *failure)
{
	size_t i;

	if (!json_is_array(value) || json_array_size(value) > KSRTPD_PARTY_GROUPS)
		return ksrtpd_fail(failure, REASON, "%s.groups: is no array of up to %d names", where,
				   KSRTPD_PARTY_GROUPS);
	for (i = 0; i < json_array_size(value); i++) {
		if (take_name(json_array_get(value, i), where, "groups", party->groups[i], failure))
			return -1;
	}
	party->groups_count = json_array_size(value);
	return 0;
}

static int take_member(const char *member, const json_t *value, const char *where,
		       struct ksrtpd_party *party, struct ksrtpd_failure *failure)
{
	bool wants = !strcmp(member, "wants");

	if (!strcmp(member, "user"))
		return take_name(value, where, member, party->user, failure);
	if (!strcmp(member, "organisation"))
		return take_name(value, where, member, party->organisation, failure);
	if (!strcmp(member, "groups"))
		return take_groups(value, where, party, failure);
	if (!wants && strcmp(member, "pstn"))
		return ksrtpd_fail(failure, REASON, "%s: unknown member '%.40s'", where, member);
	if (!json_is_boolean(value))
		return ksrtpd_fail(failure, REASON, "%s.%s: is neither true nor false", where, member);
	if (wants)
		party->wants = json_is_true(value);
	else
		party->pstn = json_is_true(value);
	return 0;
}

int ksrtpd_party_parse(const json_t *json, const char *where, struct ksrtpd_party *party,
		       struct ksrtpd_failure *failure)
{
	const char *member;
	json_t *value;

	memset(party, 0, sizeof(*party));
	party->wants = -1;
	if (!json)
		return 0;
	if (!json_is_object(json))
		return ksrtpd_fail(failure, REASON, "%s is no object", where);
	json_object_foreach((json_t *)json, member, value) {
		if (take_member(member, value, where, party, failure))
			return -1;
	}
	return 0;
}

json_t *ksrtpd_party_view(const struct ksrtpd_party *party)
{
	json_t *json = json_object(), *groups = json_array();
	unsigned int i;

	if (*party->user)
		json_object_set_new(json, "user", json_string(party->user));
	for (i = 0; i < party->groups_count; i++)
		json_array_append_new(groups, json_string(party->groups[i]));
	json_object_set_new(json, "groups", groups);
	if (*party->organisation)
		json_object_set_new(json, "organisation", json_string(party->organisation));
	if (party->wants >= 0)
		json_object_set_new(json, "wants", json_boolean(party->wants));
	json_object_set_new(json, "pstn", json_boolean(party->pstn));
	return json;
}
