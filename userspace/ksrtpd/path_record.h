/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTPD_PATH_RECORD_H
#define KSRTPD_PATH_RECORD_H

#include <jansson.h>

#include "call.h"

json_t *ksrtpd_path_record(const struct ksrtpd_path *path);
/* A path of @call, which is not among its lines yet. */
struct ksrtpd_path *ksrtpd_path_restore(struct ksrtpd_call *call, const json_t *record,
					const struct ksrtp_leg *found, unsigned int found_count,
					struct ksrtpd_failure *failure);

#endif /* KSRTPD_PATH_RECORD_H */
