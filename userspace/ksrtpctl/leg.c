// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "ctl.h"

const struct column leg_counter_columns[] = {
	{ "datapath", "datapath" },
	{ "slow_why", "not XDP because" },
	{ "received", "received" },
	{ "forwarded", "  forwarded" },
	{ "xdp", "    by XDP" },
	{ "skb", "    by skb" },
	{ "answered", "  answered" },
	{ "passed_up", "  passed up" },
	{ "dropped", "  dropped" },
	{ "sent", "sent" },
	{ "fragmented", "  fragmented" },
	{ "idle_ms", "idle (ms)" },
	{ NULL, NULL },
};

static const struct column leg_columns[] = {
	{ "leg", "LEG" },
	{ "call", "CALL" },
	{ "local", "LOCAL" },
	{ "remote", "REMOTE" },
	{ "state", "STATE" },
	{ "datapath", "DATAPATH" },
	{ "slow", "SLOW" },
	{ "received", "RECEIVED" },
	{ "forwarded", "FORWARDED" },
	{ "passed_up", "PASSED-UP" },
	{ "sent", "SENT" },
	{ "dropped", "DROPPED" },
	{ NULL, NULL },
};

static const struct column one_columns[] = {
	{ "leg", "leg" },
	{ "call", "call" },
	{ "local", "local" },
	{ "remote", "remote" },
	{ "state", "state" },
	{ "flags", "flags" },
	{ "dscp", "dscp" },
	{ "window", "window" },
	{ "streams_max", "streams at most" },
	{ "rtcp_of", "RTCP of leg" },
	{ "rate", "rate at most (bit/s)" },
	{ "consent_ms", "consented (ms ago)" },
	{ NULL, NULL },
};

static int take(const struct ksrtp_leg *leg, void *rows)
{
	json_array_append_new(rows, leg_json(leg));
	return 0;
}

static void restart(void *rows)
{
	json_array_clear(rows);
}

static int show_one(struct ksrtp *handle, uint32_t id)
{
	struct ksrtp_leg leg;
	json_t *object;
	int err;

	err = ksrtp_leg_get(handle, id, &leg);
	if (err)
		return kernel_refused(handle, err);
	object = leg_json(&leg);
	if (options.json)
		return out_fields(object, one_columns);
	out_lines(object, one_columns, 0);
	return out_fields(object, leg_counter_columns);
}

static int show_many(struct ksrtp *handle, const char *call_name)
{
	struct ksrtp_call call = { 0 };
	json_t *rows;
	int err = 0;

	if (call_name)
		err = ksrtp_call_find(handle, call_name, &call);
	if (err)
		return kernel_refused(handle, err);
	rows = json_array();
	err = ksrtp_leg_dump(handle, call.id, take, restart, rows);
	return kernel_table(handle, err, rows, leg_columns, "no legs");
}

static int show(int argc, char **argv)
{
	bool by_call = argc == 2 && !strcmp(argv[0], "call");
	struct ksrtp *handle;
	uint32_t id = 0;
	int status;

	if (argc > 2 || (argc == 2 && !by_call))
		return misused("leg show takes an id, or 'call NAME', or nothing");
	if (argc == 1 && !parse_id(argv[0], &id))
		return misused("leg show: '%s' is not the id of a leg (a number from 1 on)", argv[0]);
	handle = kernel_open();
	if (!handle)
		return EXIT_REFUSED;
	status = id ? show_one(handle, id) : show_many(handle, by_call ? argv[1] : NULL);
	ksrtp_close(handle);
	return status;
}

const struct command leg_commands[] = {
	{ "show", "[ID | call NAME]", "Legs in the kernel: addresses, datapath, counters", show },
	{ NULL, NULL, NULL, NULL },
};
