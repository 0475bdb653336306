// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <string.h>

#include "params.h"

#define REASON	"bad-request"

static bool among(const char *const *names, const char *name)
{
	for (; names && *names; names++) {
		if (!strcmp(*names, name))
			return true;
	}
	return false;
}

int ksrtpd_params_only(const json_t *params, const char *const *names,
		       struct ksrtpd_failure *failure)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)params, name, value) {
		if (!among(names, name))
			return ksrtpd_fail(failure, REASON, "params: unknown member '%.40s'", name);
	}
	return 0;
}

int ksrtpd_params_optional(const json_t *params, const char *name, size_t max, const char **value,
			   struct ksrtpd_failure *failure)
{
	const json_t *member = json_object_get(params, name);

	*value = NULL;
	if (!member)
		return 0;
	if (!json_is_string(member))
		return ksrtpd_fail(failure, REASON, "params.%s is no string", name);
	if (!json_string_length(member) || json_string_length(member) > max)
		return ksrtpd_fail(failure, REASON, "params.%s has not 1 to %zu octets", name, max);
	*value = json_string_value(member);
	return 0;
}

int ksrtpd_params_string(const json_t *params, const char *name, size_t max, const char **value,
			 struct ksrtpd_failure *failure)
{
	if (ksrtpd_params_optional(params, name, max, value, failure))
		return -1;
	return *value ? 0 : ksrtpd_fail(failure, REASON, "params.%s is missing", name);
}
