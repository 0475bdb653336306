/* SPDX-License-Identifier: GPL-2.0 */
/* What a call reads out of its SDPs, and what it has written into them. */
#ifndef KSRTPD_CALL_SDP_H
#define KSRTPD_CALL_SDP_H

#include "call.h"

/* The parsed offer as a whole: something to set up, all of one family. */
int ksrtpd_call_sdp_check_offer(const struct ksrtpd_sdp *offer, struct ksrtpd_failure *failure);
/* What the two legs of one media line shall be, from the offer and the sides asked for. */
int ksrtpd_call_sdp_legs(const struct ksrtpd_config *config, const struct ksrtpd_sdp *offer,
			 unsigned int line, const struct ksrtpd_side sides[2],
			 struct ksrtpd_leg_config legs[2], struct ksrtpd_failure *failure);
/* Does the answer answer what the callee was offered? */
int ksrtpd_call_sdp_check_answer(const struct ksrtpd_call *call, const struct ksrtpd_sdp *answer,
				 struct ksrtpd_failure *failure);
/* Our DTLS role toward the caller, on this media line. */
bool ksrtpd_call_sdp_server(const struct ksrtpd_call *call, unsigned int line);
/* The offer for the callee and the answer for the caller; NULL when memory is out. */
char *ksrtpd_call_sdp_offer(const struct ksrtpd_call *call);
char *ksrtpd_call_sdp_answer(const struct ksrtpd_call *call, const struct ksrtpd_sdp *answer);

#endif /* KSRTPD_CALL_SDP_H */
