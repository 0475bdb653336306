/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What can be asked of the agent, whichever way it is asked: a method has a name, needs
 * a scope, takes an object and gives one. The control socket and the HTTPS server ask
 * through ksrtpd_method_call(); each noun keeps its methods in a table of NOUN_method.c.
 */
#ifndef KSRTPD_METHOD_H
#define KSRTPD_METHOD_H

#include <stdbool.h>

#include <jansson.h>

#include "failure.h"
#include "scope.h"

struct ksrtpd_agent;

/* Who asks. */
struct ksrtpd_peer {
	bool local;		/* over the Unix socket */
	bool protected_;	/* nobody between us could read it: checked credentials, or TLS */
	unsigned int scopes;
	char who[128];		/* for logs: "uid 0", "certificate NAME", "token NAME" */
	char domain[128];	/* what federation lists know the peer as; "": not known */
};

/*
 * Fills *@result and returns 0, or fails and changes nothing. @params is an object. One
 * that cannot answer yet leaves *@result NULL and calls ksrtpd_reply_defer().
 */
typedef int (*ksrtpd_method_fn)(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer,
				const json_t *params, json_t **result,
				struct ksrtpd_failure *failure);

struct ksrtpd_method {
	const char *name;	/* NULL: the end of the table */
	unsigned int scope;
	ksrtpd_method_fn run;
};

extern const struct ksrtpd_method ksrtpd_agent_methods[];
extern const struct ksrtpd_method ksrtpd_call_methods[];
extern const struct ksrtpd_method ksrtpd_policy_methods[];
extern const struct ksrtpd_method ksrtpd_federation_methods[];

/* -- asking */

/* The answer of a method: @result is the callee's to free, @failure NULL; or the
 * opposite. Each question is answered once, unless it is cancelled.
 */
typedef void (*ksrtpd_answer_fn)(void *arg, json_t *result, const struct ksrtpd_failure *failure);

/* A question that has no answer yet. */
struct ksrtpd_reply;

/*
 * Asks for @peer. @params NULL: none. Most often @answer is called at once, and the
 * return value is NULL; else it will be called later, unless that is cancelled.
 */
struct ksrtpd_reply *ksrtpd_method_call(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer,
					const char *name, const json_t *params,
					ksrtpd_answer_fn answer, void *arg);
void ksrtpd_reply_cancel(struct ksrtpd_reply *reply);

/* -- for methods */

/* The question now being answered waits for @subject, any pointer. False: no memory. */
bool ksrtpd_reply_defer(struct ksrtpd_agent *agent, const void *subject);
/* One question that waits for @subject, or NULL. */
struct ksrtpd_reply *ksrtpd_reply_waiting(struct ksrtpd_agent *agent, const void *subject);
/* Answers it; it is gone then. Takes @result. */
void ksrtpd_reply_send(struct ksrtpd_reply *reply, json_t *result);
void ksrtpd_reply_fail(struct ksrtpd_reply *reply, const struct ksrtpd_failure *failure);

#endif /* KSRTPD_METHOD_H */
