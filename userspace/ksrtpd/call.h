/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls: an SDP offer makes a path (path.h) for each of its media lines; the answer
 * joins the lines that are bundled and sets the legs going. Either side may offer
 * again while the call goes on. What could not be offered leaves nothing behind, here
 * or in the datapath, and an offer that is refused, or that nobody answers, leaves the
 * call as it was.
 *
 * A call in mode e2ee is relayed: its endpoints' fingerprints and DTLS pass through, and
 * this host never has a key of it.
 */
#ifndef KSRTPD_CALL_H
#define KSRTPD_CALL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <event2/event.h>

#include "call_code.h"
#include "call_indicator.h"
#include "coder.h"
#include "config.h"
#include "datapath.h"
#include "leg.h"
#include "path.h"
#include "sdp.h"
#include "store.h"

#define KSRTPD_CALL_NAME	64	/* with the NUL */

/* "protocol" of from and to. */
enum ksrtpd_protocol {
	KSRTPD_PROTOCOL_ANY,	/* who offers: what the SDP says; the other: DTLS */
	KSRTPD_PROTOCOL_DTLS,
	KSRTPD_PROTOCOL_PLAIN,
	KSRTPD_PROTOCOL_SDES,
};

enum ksrtpd_choice {
	KSRTPD_CHOICE_DEFAULT,
	KSRTPD_CHOICE_NO,
	KSRTPD_CHOICE_YES,
};

/* "from" and "to" of call-offer: what the legs toward that side shall be like. */
struct ksrtpd_side {
	/* in order of preference; none: the first of the configuration; "*" alone: all of it */
	char interfaces[KSRTPD_INTERFACES_MAX][KSRTPD_INTERFACE_NAME];
	unsigned int interfaces_count;
	int family;				/* of c=: 4, 6, or 0: default */
	enum ksrtpd_protocol protocol;
	char proto[KSRTPD_SDP_PROTO];		/* as it was named; "": it was not */
	enum ksrtpd_choice ice;			/* to be offered; default: as the other side */
	bool learn;				/* the address may follow authenticated packets */
	uint32_t suites[KSRTPD_SUITES_MAX];
	unsigned int suites_count;		/* 0: default */
};

enum ksrtpd_call_state {
	KSRTPD_CALL_OFFERED,
	KSRTPD_CALL_CONNECTING,
	KSRTPD_CALL_ESTABLISHED,
	KSRTPD_CALL_FAILED,
};

enum { KSRTPD_CALLER, KSRTPD_CALLEE };

struct ksrtpd_calls;

/* Lines that are bundled have one path. */
struct ksrtpd_call_line {
	struct ksrtpd_path *path;	/* NULL: rejected */
	bool bundle_only;		/* offered with no port of its own */
	char kind[KSRTPD_SDP_KIND];
	char mid[KSRTPD_SDP_MID];
	char proto[2][KSRTPD_SDP_PROTO];	/* by side, as its m= line has it */
	struct ksrtpd_failure refusal;	/* why we rejected it; reason NULL: we did not */
};

/* An offer that waits for its answer. */
struct ksrtpd_pending {
	int side;			/* who offered */
	bool initial;
	struct ksrtpd_sdp *offer;
	struct ksrtpd_call_line lines[KSRTPD_SDP_MEDIA_MAX];
	unsigned int lines_count;
};

struct ksrtpd_call {
	LIST_ENTRY(ksrtpd_call) entry;
	struct ksrtpd_calls *calls;
	char name[KSRTPD_CALL_NAME];
	uint64_t serial;	/* no two calls of a run have the same */
	uint64_t since_ms;	/* of the monotonic clock */
	uint32_t id;		/* the datapath's */
	bool in_datapath;
	uint32_t mode;		/* enum ksrtp_mode */
	enum ksrtpd_call_state state;
	struct ksrtpd_failure failure;	/* of a failed one */
	struct ksrtpd_side sides[2];
	/* What is agreed; before the first answer, what was offered. */
	struct ksrtpd_call_line lines[KSRTPD_SDP_MEDIA_MAX];
	unsigned int lines_count;
	struct ksrtpd_sdp *sdp[2];	/* the last description of each side that is in force */
	struct ksrtpd_pending *pending;	/* NULL: no offer is open */
	struct event *patience;		/* with the open offer */
	struct ksrtpd_call_code code;	/* in mode e2ee */
	enum ksrtpd_indicator indicator_told;	/* to subscribers */
	bool end_on_mismatch;		/* of codes, by the policy of either party */
};

struct ksrtpd_call_request {
	const char *name, *sdp;
	size_t sdp_len;
	struct ksrtpd_side sides[2];
	bool e2ee;
	bool end_on_mismatch;
	bool protected_;	/* nobody reads the signalling: it may carry keys */
};

/* Who wants to know. A call is still whole in `gone`. */
struct ksrtpd_calls_observer {
	void (*call_changed)(struct ksrtpd_call *call, void *arg);
	void (*leg_changed)(struct ksrtpd_call *call, const struct ksrtpd_leg *leg,
			    unsigned int line, int side, void *arg);
	void (*codes_ready)(struct ksrtpd_call *call, void *arg);
	/* @by (KSRTPD_SAID_...) compared the code of the call, or it is another now. */
	void (*code_changed)(struct ksrtpd_call *call, int by, void *arg);
	/* An offer of @side was not answered in time: it is withdrawn, and the call as before. */
	void (*offer_expired)(struct ksrtpd_call *call, int side, void *arg);
	void (*gone)(struct ksrtpd_call *call, void *arg);
};

struct ksrtpd_calls *ksrtpd_calls_create(struct event_base *base,
					 const struct ksrtpd_config *config,
					 struct ksrtpd_datapath *datapath, struct ksrtpd_coder *coder);
/* Deletes every call. */
void ksrtpd_calls_destroy(struct ksrtpd_calls *calls);
/* Thumbprints that were seen are kept in @store, and serial numbers count on. */
int ksrtpd_calls_keep(struct ksrtpd_calls *calls, struct ksrtpd_store *store,
		      struct ksrtpd_failure *failure);
/* From now on they are the datapath's alone: destroying them here does not end them. How
 * many.
 */
unsigned int ksrtpd_calls_leave(struct ksrtpd_calls *calls);
void ksrtpd_calls_observe(struct ksrtpd_calls *calls,
			  const struct ksrtpd_calls_observer *observer, void *arg);
struct ksrtpd_call *ksrtpd_calls_find(struct ksrtpd_calls *calls, const char *name);
struct ksrtpd_call *ksrtpd_calls_first(struct ksrtpd_calls *calls);
unsigned int ksrtpd_calls_count(const struct ksrtpd_calls *calls);
struct ksrtpd_datapath *ksrtpd_calls_datapath(const struct ksrtpd_calls *calls);
/* The datapath says that this leg of it is no more. */
void ksrtpd_calls_leg_lost(struct ksrtpd_calls *calls, uint32_t leg_id, const char *why);

/* All give the SDP for the other side in *@out (free it with ksrtpd_sdp_text_free). */
int ksrtpd_call_offer(struct ksrtpd_calls *calls, const struct ksrtpd_call_request *request,
		      char **out, struct ksrtpd_failure *failure);
/* @side offers again. */
int ksrtpd_call_reoffer(struct ksrtpd_call *call, int side,
			const struct ksrtpd_call_request *request, char **out,
			struct ksrtpd_failure *failure);
int ksrtpd_call_answer(struct ksrtpd_call *call, const struct ksrtpd_call_request *request,
		       char **out, struct ksrtpd_failure *failure);
void ksrtpd_call_delete(struct ksrtpd_call *call);
/* It fails, and is deleted. */
void ksrtpd_call_end(struct ksrtpd_call *call, const struct ksrtpd_failure *failure);
/* Has its code computed, and those of its connected legs. False: they are not all there yet,
 * codes_ready will say when.
 */
bool ksrtpd_call_codes(struct ksrtpd_call *call);

/* The @i-th of its legs, each once, with the line that it was found by; NULL: there are
 * no more. @rtcp: it carries RTCP alone.
 */
struct ksrtpd_leg *ksrtpd_call_leg(const struct ksrtpd_call *call, unsigned int i,
				   unsigned int *line, int *side, bool *rtcp);

const char *ksrtpd_call_state_name(enum ksrtpd_call_state state);
const char *ksrtpd_side_name(int side);
uint64_t ksrtpd_call_age_ms(const struct ksrtpd_call *call);

#endif /* KSRTPD_CALL_H */
