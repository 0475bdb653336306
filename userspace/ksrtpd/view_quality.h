/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTPD_VIEW_QUALITY_H
#define KSRTPD_VIEW_QUALITY_H

#include <jansson.h>

#include "call.h"

/*
 * What RTCP and the replay windows tell of the streams of a leg of @path; null where nothing
 * can be read: end to end, or not in the datapath. Asks the datapath.
 */
json_t *ksrtpd_view_quality(const struct ksrtpd_call *call, const struct ksrtpd_path *path,
			    const struct ksrtpd_leg *leg, int side);

#endif /* KSRTPD_VIEW_QUALITY_H */
