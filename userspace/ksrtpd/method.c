// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "method.h"

/* What ksrtpd_reply_defer() makes a reply of. */
struct ksrtpd_method_question {
	ksrtpd_answer_fn answer;
	void *arg;
	struct ksrtpd_reply *reply;	/* deferred */
};

struct ksrtpd_reply {
	LIST_ENTRY(ksrtpd_reply) entry;
	const void *subject;
	ksrtpd_answer_fn answer;
	void *arg;
};

static const struct ksrtpd_method *const tables[] = {
	ksrtpd_agent_methods,
	ksrtpd_call_methods,
	ksrtpd_policy_methods,
	ksrtpd_federation_methods,
};

static const struct ksrtpd_method *find(const char *name)
{
	const struct ksrtpd_method *method;
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (method = tables[i]; method->name; method++) {
			if (!strcmp(method->name, name))
				return method;
		}
	}
	return NULL;
}

static int run(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer, const char *name,
	       const json_t *params, json_t **result, struct ksrtpd_failure *failure)
{
	const struct ksrtpd_method *method = find(name);
	json_t *empty;
	int err;

	if (!method)
		return ksrtpd_fail(failure, "bad-request", "unknown method '%.40s'", name);
	if (!(peer->scopes & method->scope))
		return ksrtpd_fail(failure, "forbidden", "%s needs the scope %s, which %s has not",
				   name, ksrtpd_scope_name(method->scope), peer->who);
	if (params)
		return json_is_object(params) ? method->run(agent, peer, params, result, failure) :
			ksrtpd_fail(failure, "bad-request", "params is no object");
	empty = json_object();
	if (!empty)
		return ksrtpd_fail(failure, "internal", "no memory");
	err = method->run(agent, peer, empty, result, failure);
	json_decref(empty);
	return err;
}

struct ksrtpd_reply *ksrtpd_method_call(struct ksrtpd_agent *agent, const struct ksrtpd_peer *peer,
					const char *name, const json_t *params,
					ksrtpd_answer_fn answer, void *arg)
{
	struct ksrtpd_method_question question = { .answer = answer, .arg = arg };
	struct ksrtpd_failure failure;
	json_t *result = NULL;
	int err;

	agent->question = &question;
	err = run(agent, peer, name, params, &result, &failure);
	agent->question = NULL;
	if (!err && question.reply)
		return question.reply;
	if (!err && !result)
		err = ksrtpd_fail(&failure, "internal", "no memory for the answer");
	/* What a method had begun to fill is of no use to anybody. */
	if (err)
		json_decref(result);
	answer(arg, err ? NULL : result, err ? &failure : NULL);
	return NULL;
}

static void forget(struct ksrtpd_reply *reply)
{
	LIST_REMOVE(reply, entry);
	free(reply);
}

void ksrtpd_reply_cancel(struct ksrtpd_reply *reply)
{
	if (reply)
		forget(reply);
}

bool ksrtpd_reply_defer(struct ksrtpd_agent *agent, const void *subject)
{
	struct ksrtpd_reply *reply = calloc(1, sizeof(*reply));

	if (!reply)
		return false;
	reply->subject = subject;
	reply->answer = agent->question->answer;
	reply->arg = agent->question->arg;
	agent->question->reply = reply;
	LIST_INSERT_HEAD(&agent->replies, reply, entry);
	return true;
}

struct ksrtpd_reply *ksrtpd_reply_waiting(struct ksrtpd_agent *agent, const void *subject)
{
	struct ksrtpd_reply *reply;

	LIST_FOREACH(reply, &agent->replies, entry) {
		if (reply->subject == subject)
			return reply;
	}
	return NULL;
}

static void finish(struct ksrtpd_reply *reply, json_t *result, const struct ksrtpd_failure *failure)
{
	ksrtpd_answer_fn answer = reply->answer;
	void *arg = reply->arg;

	forget(reply);
	answer(arg, result, failure);
}

void ksrtpd_reply_send(struct ksrtpd_reply *reply, json_t *result)
{
	struct ksrtpd_failure failure;

	if (result) {
		finish(reply, result, NULL);
		return;
	}
	ksrtpd_fail(&failure, "internal", "no memory for the answer");
	finish(reply, NULL, &failure);
}

void ksrtpd_reply_fail(struct ksrtpd_reply *reply, const struct ksrtpd_failure *failure)
{
	finish(reply, NULL, failure);
}
