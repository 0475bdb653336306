// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "call_clock.h"
#include "tally.h"

void ksrtpd_call_clocks(const struct ksrtpd_call *call, const struct ksrtpd_path *path, int side,
			struct ksrtpd_clocks *clocks)
{
	unsigned int i;

	memset(clocks, 0, sizeof(*clocks));
	for (i = 0; call->sdp[side] && i < call->lines_count; i++) {
		if (call->lines[i].path == path)
			ksrtpd_clocks_merge(clocks, &call->sdp[side]->media[i].clocks);
	}
}

void ksrtpd_call_clocks_settle(const struct ksrtpd_call *call)
{
	struct ksrtpd_datapath *datapath = ksrtpd_calls_datapath(call->calls);
	struct ksrtpd_clocks clocks;
	unsigned int i;
	int side;

	for (i = 0; i < call->lines_count; i++) {
		const struct ksrtpd_path *path = call->lines[i].path;

		for (side = 0; path && side < 2; side++) {
			ksrtpd_call_clocks(call, path, side, &clocks);
			ksrtpd_tally_clocks(datapath, path->legs[side]->id, &clocks);
			if (path->rtcp[side])
				ksrtpd_tally_clocks(datapath, path->rtcp[side]->id, &clocks);
		}
	}
}
