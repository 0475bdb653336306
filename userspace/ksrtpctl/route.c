// SPDX-License-Identifier: GPL-2.0
#include "ctl.h"

static const struct column columns[] = {
	{ "route", "ROUTE" },
	{ "from", "FROM" },
	{ "to", "TO" },
	{ "carries", "CARRIES" },
	{ "copies", "COPIES" },
	{ "sent", "SENT" },
	{ "dropped", "DROPPED" },
	{ NULL, NULL },
};

static json_t *carries(uint32_t flags)
{
	json_t *array = json_array();

	if (flags & KSRTP_ROUTE_F_RTP)
		json_array_append_new(array, json_string("rtp"));
	if (flags & KSRTP_ROUTE_F_RTCP)
		json_array_append_new(array, json_string("rtcp"));
	return array;
}

static int take(const struct ksrtp_route *route, void *rows)
{
	json_array_append_new(rows, json_pack("{s:I, s:I, s:I, s:o, s:I, s:I, s:o}",
		"route", (json_int_t)route->id,
		"from", (json_int_t)route->from,
		"to", (json_int_t)route->to,
		"carries", carries(route->flags),
		"copies", (json_int_t)route->copies,
		"sent", (json_int_t)route->sent,
		"dropped", dropped_json(route->dropped)));
	return 0;
}

static void restart(void *rows)
{
	json_array_clear(rows);
}

static int show(int argc, char **argv)
{
	struct ksrtp *handle;
	uint32_t leg = 0;
	json_t *rows;
	int err;

	if (argc > 1)
		return misused("route show takes the id of a leg, or nothing");
	if (argc == 1 && !parse_id(argv[0], &leg))
		return misused("route show: '%s' is not the id of a leg (a number from 1 on)",
			       argv[0]);
	handle = kernel_open();
	if (!handle)
		return EXIT_REFUSED;
	rows = json_array();
	err = ksrtp_route_dump(handle, leg, take, restart, rows);
	err = kernel_table(handle, err, rows, columns, "no routes");
	ksrtp_close(handle);
	return err;
}

const struct command route_commands[] = {
	{ "show", "[LEG]", "Routes (that leave this leg): copies, sent, dropped by reason", show },
	{ NULL, NULL, NULL, NULL },
};
