/* SPDX-License-Identifier: GPL-2.0 */
/* What a call has written into the SDPs that it passes on. */
#ifndef KSRTPD_CALL_SDP_H
#define KSRTPD_CALL_SDP_H

#include "call.h"

/* The open offer for the side that is to answer it, and the answer that is in force for
 * the one who offered. NULL when memory is out.
 */
char *ksrtpd_call_sdp_offer(const struct ksrtpd_call *call);
char *ksrtpd_call_sdp_answer(const struct ksrtpd_call *call, int offerer);

#endif /* KSRTPD_CALL_SDP_H */
