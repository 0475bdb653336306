/* SPDX-License-Identifier: GPL-2.0 */
/* What the files call*.c share. */
#ifndef KSRTPD_CALL_INT_H
#define KSRTPD_CALL_INT_H

#include "call.h"
#include "seen.h"

struct ksrtpd_calls {
	struct event_base *base;
	const struct ksrtpd_config *config;
	struct ksrtpd_datapath *datapath;
	struct ksrtpd_coder *coder;
	struct ksrtpd_seen *seen;
	LIST_HEAD(, ksrtpd_call) list;
	unsigned int count;
	uint64_t serial;
	struct ksrtpd_calls_observer observer;
	void *observer_arg;
};

/* call.c */
void ksrtpd_call_set_state(struct ksrtpd_call *call, enum ksrtpd_call_state state);
/* From those of its legs. */
void ksrtpd_call_settle(struct ksrtpd_call *call);
/* For ksrtpd_leg.changed; the argument is the call. */
void ksrtpd_call_leg_changed(struct ksrtpd_leg *leg, void *arg);
void ksrtpd_call_free(struct ksrtpd_call *call);
uint64_t ksrtpd_call_now_ms(void);
/* After legs were removed or renewed. */
void ksrtpd_call_codes_settle(struct ksrtpd_call *call);

/* call_offer.c */
/* One that has nothing yet, and is not in the list. */
struct ksrtpd_call *ksrtpd_call_blank(struct ksrtpd_calls *calls);
/* Removes the paths that only the open offer has, and the offer. */
void ksrtpd_call_withdraw(struct ksrtpd_call *call);
/* Refuses keys in signalling that is not protected, and to put some into it. */
int ksrtpd_call_protected(const struct ksrtpd_sdp *sdp, const struct ksrtpd_pending *pending,
			  bool protected_, struct ksrtpd_failure *failure);

/* call_lines.c */
/* Makes the lines of an offer, with paths for the new ones. */
int ksrtpd_call_lines_make(struct ksrtpd_call *call, struct ksrtpd_pending *pending,
			   struct ksrtpd_failure *failure);
/* Is the other side offered rtcp-mux in this line? */
bool ksrtpd_call_offers_mux(const struct ksrtpd_call *call, const struct ksrtpd_pending *pending,
			    unsigned int line);
/* Is this the line whose description speaks for its path: of a bundle, the one that the
 * group is named after?
 */
bool ksrtpd_call_leads(const struct ksrtpd_call_line *lines, unsigned int line, int bundle_first);
/* Removes the paths of @old that @kept does not have. */
void ksrtpd_call_lines_drop(struct ksrtpd_call *call, struct ksrtpd_call_line *old,
			    unsigned int old_count, const struct ksrtpd_call_line *kept,
			    unsigned int kept_count);

/* call_answer.c */
/* What becomes of the lines by the answer; refuses what does not answer the offer. */
int ksrtpd_call_lines_answered(const struct ksrtpd_call *call, const struct ksrtpd_sdp *answer,
			       struct ksrtpd_call_line lines[KSRTPD_SDP_MEDIA_MAX],
			       struct ksrtpd_failure *failure);

#endif /* KSRTPD_CALL_INT_H */
