// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "call_clock.h"
#include "call_record.h"
#include "call_store.h"
#include "log.h"
#include "wipe.h"

#define OWNER		"owner"	/* its number in the store */
#define LEGS_MAX	1024	/* of one call; the lines of an SDP make 64 */

bool ksrtpd_call_store_used(const struct ksrtpd_agent *agent)
{
	return ksrtpd_store_durable(agent->store) && ksrtpd_datapath_outlives(agent->datapath);
}

int ksrtpd_call_store_begin(struct ksrtpd_agent *agent, struct ksrtpd_failure *failure)
{
	int64_t owner;

	if (ksrtpd_store_durable(agent->store) && ksrtpd_calls_keep(agent->calls, agent->store, failure))
		return -1;
	if (!ksrtpd_call_store_used(agent))
		return 0;
	owner = ksrtpd_store_number(agent->store, OWNER, 0);
	if (owner <= 0 || owner > UINT32_MAX)
		return ksrtpd_store_set_number(agent->store, OWNER, agent->datapath->owner, failure);
	agent->datapath->owner = owner;
	return 0;
}

/* -- writing */

static int save(struct ksrtpd_agent *agent, const struct ksrtpd_call *call,
		struct ksrtpd_failure *failure)
{
	json_t *record = ksrtpd_call_record(call);
	char *text = record ? json_dumps(record, JSON_COMPACT) : NULL;
	int err;

	json_decref(record);
	if (!text)
		return ksrtpd_fail(failure, "internal", "no memory for the record of call %s", call->name);
	err = ksrtpd_store_run(agent->store, failure,
			       "INSERT INTO call (name, id, serial, record) VALUES (?, ?, ?, ?)"
			       " ON CONFLICT (name) DO UPDATE SET id = excluded.id,"
			       " serial = excluded.serial, record = excluded.record", "siis", call->name,
			       (int64_t)call->id, (int64_t)call->serial, text);
	ksrtpd_wipe_free(text);
	return err;
}

void ksrtpd_call_store_save(struct ksrtpd_agent *agent, const struct ksrtpd_call *call)
{
	struct ksrtpd_failure failure;

	if (!ksrtpd_call_store_used(agent))
		return;
	/* The call goes on; what it loses is that it outlives us. */
	if (save(agent, call, &failure))
		ksrtpd_log_call(ERROR, call->name, failure.reason, "%s", failure.message);
}

static void forget(struct ksrtpd_agent *agent, const char *name)
{
	struct ksrtpd_failure failure;

	if (ksrtpd_store_run(agent->store, &failure, "DELETE FROM call WHERE name = ?", "s", name))
		ksrtpd_log_call(ERROR, name, failure.reason, "%s", failure.message);
}

void ksrtpd_call_store_forget(struct ksrtpd_agent *agent, const struct ksrtpd_call *call)
{
	if (ksrtpd_call_store_used(agent) && !agent->leaves)
		forget(agent, call->name);
}

/* -- what the datapath has */

struct found {
	uint32_t owner;			/* of calls */
	struct ksrtp_call *calls;
	struct ksrtp_leg *legs;
	unsigned int count, room;
};

static void again(void *arg)
{
	struct found *found = arg;

	found->count = 0;
}

static int add_call(const struct ksrtp_call *call, void *arg)
{
	struct found *found = arg;

	if (call->owner != found->owner)
		return 0;
	if (found->count == found->room) {
		unsigned int room = found->room ? 2 * found->room : 64;
		struct ksrtp_call *more = reallocarray(found->calls, room, sizeof(*more));

		if (!more)
			return -1;
		found->calls = more;
		found->room = room;
	}
	found->calls[found->count++] = *call;
	return 0;
}

static int add_leg(const struct ksrtp_leg *leg, void *arg)
{
	struct found *found = arg;

	if (found->count == LEGS_MAX)
		return -1;
	if (found->count == found->room) {
		unsigned int room = found->room ? 2 * found->room : 8;
		struct ksrtp_leg *more = reallocarray(found->legs, room, sizeof(*more));

		if (!more)
			return -1;
		found->legs = more;
		found->room = room;
	}
	found->legs[found->count++] = *leg;
	return 0;
}

/* Takes it out of what was found: what is left at the end is nobody's. */
static bool claim(struct found *calls, const char *name, uint32_t id)
{
	unsigned int i;

	for (i = 0; i < calls->count; i++) {
		if (calls->calls[i].id == id && !strcmp(calls->calls[i].name, name)) {
			calls->calls[i] = calls->calls[--calls->count];
			return true;
		}
	}
	return false;
}

/* -- taking back */

struct stored {
	char *name, *record;
	uint32_t id;
};

struct readopt {
	struct stored *list;
	unsigned int count, room;
};

/* All of them first: taking one back writes to the table. */
static int take_row(sqlite3_stmt *row, void *arg)
{
	struct readopt *all = arg;
	struct stored *one;

	if (all->count == all->room) {
		unsigned int room = all->room ? 2 * all->room : 64;
		struct stored *more = reallocarray(all->list, room, sizeof(*more));

		if (!more)
			return 1;
		all->list = more;
		all->room = room;
	}
	one = &all->list[all->count++];
	one->name = strdup(ksrtpd_store_text(row, 0));
	one->id = sqlite3_column_int64(row, 1);
	one->record = strdup(ksrtpd_store_text(row, 2));
	return !one->name || !one->record;
}

static void delete_strangers(struct ksrtpd_agent *agent, const struct ksrtpd_call *call,
			     const struct found *legs)
{
	unsigned int i;

	for (i = 0; i < legs->count; i++) {
		if (!ksrtpd_call_has_leg(call, legs->legs[i].id))
			ksrtpd_datapath_leg_del(agent->datapath, legs->legs[i].id);
	}
}

static int restore(struct ksrtpd_agent *agent, const struct stored *stored,
		   struct ksrtpd_failure *failure)
{
	json_t *record = json_loads(stored->record, 0, NULL);
	struct found legs = { .count = 0 };
	struct ksrtpd_call *call = NULL;

	if (!record)
		ksrtpd_fail(failure, "record", "its record is no JSON");
	else if (!ksrtpd_datapath_leg_dump(agent->datapath, stored->id, add_leg, again, &legs, failure))
		call = ksrtpd_call_restore(agent->calls, record, legs.legs, legs.count, failure);
	if (call) {
		delete_strangers(agent, call, &legs);
		ksrtpd_call_clocks_settle(call);
		ksrtpd_call_store_save(agent, call);
		ksrtpd_log_call(INFO, call->name, NULL, "taken back, %s", ksrtpd_call_state_name(call->state));
	}
	free(legs.legs);
	json_decref(record);
	return call ? 0 : -1;
}

static void take_back(struct ksrtpd_agent *agent, const struct stored *stored, struct found *calls)
{
	struct ksrtpd_failure failure;

	if (!claim(calls, stored->name, stored->id)) {
		ksrtpd_log_call(WARNING, stored->name, NULL, "it ended while no agent was there");
		forget(agent, stored->name);
	} else if (restore(agent, stored, &failure)) {
		ksrtpd_log_call(WARNING, stored->name, failure.reason, "it could not be taken back, and ends: %s",
				failure.message);
		ksrtpd_datapath_call_del(agent->datapath, stored->id);
		forget(agent, stored->name);
	}
}

static void delete_unknown(struct ksrtpd_agent *agent, const struct found *calls)
{
	unsigned int i;

	for (i = 0; i < calls->count; i++) {
		ksrtpd_log_call(WARNING, calls->calls[i].name, NULL,
				"the kernel has it, but nothing is known of it: it ends");
		ksrtpd_datapath_call_del(agent->datapath, calls->calls[i].id);
	}
}

static void free_stored(struct readopt *all)
{
	unsigned int i;

	for (i = 0; i < all->count; i++) {
		free(all->list[i].name);
		free(all->list[i].record);
	}
	free(all->list);
}

int ksrtpd_call_store_readopt(struct ksrtpd_agent *agent, struct ksrtpd_failure *failure)
{
	struct found calls = { .owner = agent->datapath->owner };
	struct readopt all = { .count = 0 };
	struct ksrtpd_failure ignored;
	unsigned int i;
	int err;

	if (!ksrtpd_call_store_used(agent))
		return 0;
	/* First of all, so that no lease ends meanwhile. There may be no call at all. */
	ksrtpd_datapath_alive(agent->datapath, &ignored);
	err = ksrtpd_datapath_call_dump(agent->datapath, add_call, again, &calls, failure);
	if (!err)
		err = ksrtpd_store_query(agent->store, failure, take_row, &all,
					 "SELECT name, id, record FROM call ORDER BY serial", "");
	if (err > 0)
		err = ksrtpd_fail(failure, "internal", "no memory for the calls of before");
	if (!err) {
		for (i = 0; i < all.count; i++)
			take_back(agent, &all.list[i], &calls);
		delete_unknown(agent, &calls);
	}
	free_stored(&all);
	free(calls.calls);
	return err;
}
