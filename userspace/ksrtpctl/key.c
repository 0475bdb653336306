// SPDX-License-Identifier: GPL-2.0
/* Keys without their octets: the kernel never tells those. */
#include "ctl.h"

static const struct column columns[] = {
	{ "leg", "LEG" },
	{ "direction", "DIR" },
	{ "slot", "SLOT" },
	{ "suite", "SUITE" },
	{ "active", "ACTIVE" },
	{ "srtp_used", "SRTP-USED" },
	{ "srtcp_used", "SRTCP-USED" },
	{ "cryptex", "CRYPTEX" },
	{ "hdrext_ids", "HDREXT-IDS" },
	{ NULL, NULL },
};

static int take(const struct ksrtp_key *key, void *rows)
{
	json_t *ids = json_array();
	unsigned int i;

	for (i = 0; i < key->hdrext_ids_len; i++)
		json_array_append_new(ids, json_integer(key->hdrext_ids[i]));
	json_array_append_new(rows, json_pack("{s:I, s:s, s:I, s:s, s:b, s:I, s:I, s:s, s:o}",
		"leg", (json_int_t)key->leg_id,
		"direction", ksrtp_direction_name(key->direction),
		"slot", (json_int_t)key->slot,
		"suite", ksrtp_suite_name(key->suite),
		"active", key->active,
		"srtp_used", (json_int_t)key->srtp_used,
		"srtcp_used", (json_int_t)key->srtcp_used,
		"cryptex", ksrtp_cryptex_name(key->cryptex),
		"hdrext_ids", ids));
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
		return misused("key show takes the id of a leg, or nothing");
	if (argc == 1 && !parse_id(argv[0], &leg))
		return misused("key show: '%s' is not the id of a leg (a number from 1 on)",
			       argv[0]);
	handle = kernel_open();
	if (!handle)
		return EXIT_REFUSED;
	rows = json_array();
	err = ksrtp_key_dump(handle, leg, take, restart, rows);
	err = kernel_table(handle, err, rows, columns, "no keys");
	ksrtp_close(handle);
	return err;
}

const struct command key_commands[] = {
	{ "show", "[LEG]", "Key slots: suite, which one is in use, how much of its life is used", show },
	{ NULL, NULL, NULL, NULL },
};
