/* SPDX-License-Identifier: GPL-2.0 */
/* Members of a method's params; what is wrong with one is a failure "bad-request". */
#ifndef KSRTPD_PARAMS_H
#define KSRTPD_PARAMS_H

#include <jansson.h>

#include "failure.h"

/* Demands that no member has another name than these (NULL-terminated; NULL: none). */
int ksrtpd_params_only(const json_t *params, const char *const *names,
		       struct ksrtpd_failure *failure);
/* A string of 1 to @max octets; it lives as long as @params. */
int ksrtpd_params_string(const json_t *params, const char *name, size_t max, const char **value,
			 struct ksrtpd_failure *failure);
/* The same where the member may be missing: *@value is NULL then. */
int ksrtpd_params_optional(const json_t *params, const char *name, size_t max, const char **value,
			   struct ksrtpd_failure *failure);

#endif /* KSRTPD_PARAMS_H */
