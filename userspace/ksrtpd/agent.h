/* SPDX-License-Identifier: GPL-2.0 */
/* The agent's parts, as its methods see them. loop.c makes and destroys them. */
#ifndef KSRTPD_AGENT_H
#define KSRTPD_AGENT_H

#include <stdbool.h>
#include <sys/queue.h>

#include <event2/event.h>

#include "call.h"
#include "coder.h"
#include "config.h"
#include "datapath.h"
#include "feed.h"
#include "store.h"

struct ksrtpd_http;
struct ksrtpd_metrics;
struct ksrtpd_method_question;

struct ksrtpd_agent {
	const struct ksrtpd_config *config;
	struct event_base *base;
	struct ksrtpd_store *store;		/* what outlives us */
	struct ksrtpd_datapath *datapath;
	struct ksrtpd_coder *coder;
	struct ksrtpd_calls *calls;
	bool leaves;		/* it ends, and its calls go on */
	struct ksrtpd_feed feed;		/* events for whoever subscribed */
	struct ksrtpd_metrics *metrics;
	struct ksrtpd_http *http;		/* NULL: no API over HTTPS */
	bool draining;				/* no new calls */
	bool ailing;				/* the datapath did not take the last heartbeat */

	/* method.c's */
	LIST_HEAD(, ksrtpd_reply) replies;	/* questions that wait */
	struct ksrtpd_method_question *question;	/* being answered now */
};

/* The last call ended while the agent drains. */
void ksrtpd_agent_drained(struct ksrtpd_agent *agent);

#endif /* KSRTPD_AGENT_H */
