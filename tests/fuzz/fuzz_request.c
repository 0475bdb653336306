// SPDX-License-Identifier: GPL-2.0
/* The parser of the agent's control protocol: what comes out is within its bounds. */
#include <string.h>

#include "fuzz.h"

#include "../../userspace/ksrtpd/failure.c"
#include "../../userspace/ksrtpd/fingerprint.c"
#include "../../userspace/ksrtpd/addr.c"
#include "../../userspace/ksrtpd/algorithms.c"
#undef REASON
#include "../../userspace/ksrtpd/dtls_bio.c"
#include "../../userspace/ksrtpd/dtls.c"
#include "../../userspace/ksrtpd/sdes.c"
#include "../../userspace/ksrtpd/clock.c"
#include "../../userspace/ksrtpd/sdp.c"
#include "../../userspace/ksrtpd/sdp_attribute.c"
#include "../../userspace/ksrtpd/sdp_whole.c"
#include "../../userspace/ksrtpd/line.c"
#undef REASON
#include "../../userspace/ksrtpd/request.c"
#include "../../userspace/libksrtp/names.c"

static void check_side(const struct ksrtpd_side *side)
{
	unsigned int i;

	MUST(side->interfaces_count <= KSRTPD_INTERFACES_MAX);
	for (i = 0; i < side->interfaces_count; i++)
		MUST(*side->interfaces[i] &&
		     memchr(side->interfaces[i], 0, sizeof(side->interfaces[i])));
	MUST(side->family == 0 || side->family == 4 || side->family == 6);
	MUST(side->suites_count <= KSRTPD_SUITES_MAX);
	for (i = 0; i < side->suites_count; i++)
		MUST(ksrtpd_sdes_suite(side->suites[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ksrtpd_failure failure = { .reason = NULL };
	struct ksrtpd_request request;
	struct ksrtpd_line line;

	if (ksrtpd_line_parse((const char *)data, size, &line, &failure)) {
		MUST(!strcmp(failure.reason, "bad-request") && *failure.message);
	} else {
		MUST(line.has_id && line.method);
		if (ksrtpd_request_parse(line.params, KSRTPD_TAKES_CALL | KSRTPD_TAKES_SDP |
					 KSRTPD_TAKES_SIDES | KSRTPD_TAKES_MODE, &request, &failure)) {
			MUST(!strcmp(failure.reason, "bad-request") && *failure.message);
		} else {
			MUST(memchr(request.call, 0, sizeof(request.call)));
			check_side(&request.offer.sides[KSRTPD_CALLER]);
			check_side(&request.offer.sides[KSRTPD_CALLEE]);
			MUST(!request.offer.sdp || strlen(request.offer.sdp) == request.offer.sdp_len);
		}
	}
	if (line.params && !ksrtpd_request_parse(line.params, KSRTPD_TAKES_CALL | KSRTPD_MAY_SIDE |
						 KSRTPD_TAKES_WHAT, &request, &failure))
		MUST(*request.call && request.what && request.side >= 0 && request.side < 2);
	ksrtpd_line_free(&line);
	return 0;
}
