/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls: an SDP offer makes two legs for each of its media lines, one toward each
 * side; the answer sets them going. A call that could not be offered leaves nothing
 * behind, here or in the datapath.
 */
#ifndef KSRTPD_CALL_H
#define KSRTPD_CALL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <event2/event.h>

#include "coder.h"
#include "config.h"
#include "datapath.h"
#include "leg.h"
#include "sdp.h"

#define KSRTPD_CALL_NAME	64	/* with the NUL */

/* "from" and "to" of call-offer: what the leg toward that side shall be like. */
enum ksrtpd_protocol {
	KSRTPD_PROTOCOL_ANY,	/* from: what the SDP says; to: DTLS */
	KSRTPD_PROTOCOL_DTLS,
	KSRTPD_PROTOCOL_PLAIN,
};

struct ksrtpd_side {
	char interface[KSRTPD_INTERFACE_NAME];	/* "": the first */
	int family;				/* 4, 6, or 0: default */
	enum ksrtpd_protocol protocol;
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

struct ksrtpd_call {
	LIST_ENTRY(ksrtpd_call) entry;
	struct ksrtpd_calls *calls;
	char name[KSRTPD_CALL_NAME];
	uint64_t serial;	/* no two calls of a run have the same */
	uint64_t since_ms;	/* of the monotonic clock */
	uint32_t id;		/* the datapath's */
	bool in_datapath;
	bool plain;		/* every leg is */
	enum ksrtpd_call_state state;
	struct ksrtpd_failure failure;	/* of a failed one */
	struct ksrtpd_sdp *offer;
	/* by media line of the offer and side; both NULL: rejected */
	struct ksrtpd_leg *legs[KSRTPD_SDP_MEDIA_MAX][2];
};

/* Who wants to know. A call is still whole in `gone`. */
struct ksrtpd_calls_observer {
	void (*call_changed)(struct ksrtpd_call *call, void *arg);
	void (*leg_changed)(struct ksrtpd_call *call, unsigned int line, int side, void *arg);
	void (*codes_ready)(struct ksrtpd_call *call, void *arg);
	void (*gone)(struct ksrtpd_call *call, void *arg);
};

struct ksrtpd_calls *ksrtpd_calls_create(struct event_base *base,
					 const struct ksrtpd_config *config,
					 struct ksrtpd_datapath *datapath, struct ksrtpd_coder *coder);
/* Deletes every call. */
void ksrtpd_calls_destroy(struct ksrtpd_calls *calls);
void ksrtpd_calls_observe(struct ksrtpd_calls *calls,
			  const struct ksrtpd_calls_observer *observer, void *arg);
struct ksrtpd_call *ksrtpd_calls_find(struct ksrtpd_calls *calls, const char *name);
struct ksrtpd_call *ksrtpd_calls_first(struct ksrtpd_calls *calls);
struct ksrtpd_datapath *ksrtpd_calls_datapath(const struct ksrtpd_calls *calls);
/* The datapath says that this leg of it is no more. */
void ksrtpd_calls_leg_lost(struct ksrtpd_calls *calls, uint32_t leg_id, const char *why);

/* Both give the SDP for the other side in *@out (to be freed). */
int ksrtpd_call_offer(struct ksrtpd_calls *calls, const char *name, const char *sdp, size_t len,
		      const struct ksrtpd_side sides[2], char **out,
		      struct ksrtpd_failure *failure);
int ksrtpd_call_answer(struct ksrtpd_call *call, const char *sdp, size_t len, char **out,
		       struct ksrtpd_failure *failure);
void ksrtpd_call_delete(struct ksrtpd_call *call);
/* Has the codes of its connected legs computed. False: they are not all there yet,
 * codes_ready will say when.
 */
bool ksrtpd_call_codes(struct ksrtpd_call *call);

const char *ksrtpd_call_state_name(enum ksrtpd_call_state state);
uint64_t ksrtpd_call_age_ms(const struct ksrtpd_call *call);

#endif /* KSRTPD_CALL_H */
