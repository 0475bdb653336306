// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "xdp.h"

static const struct column columns[] = {
	{ "version", "module" },
	{ "aead_driver", "AES-GCM by" },
	{ "aead_fallback", "without the FPU" },
	{ "aead_fallback_used", "  used for packets" },
	{ "calls", "calls" },
	{ "legs", "legs" },
	{ "legs_max", "  at most" },
	{ "keyring_used", "keys remembered" },
	{ "keyring_max", "  at most" },
	{ "stats.received", "received" },
	{ "stats.forwarded", "  forwarded" },
	{ "stats.xdp", "    by XDP" },
	{ "stats.skb", "    by skb" },
	{ "stats.answered", "  answered" },
	{ "stats.passed_up", "  passed up" },
	{ "stats.dropped", "  dropped" },
	{ "stats.sent", "sent" },
	{ "stats.sent_xdp", "  by XDP" },
	{ "stats.sent_skb", "  by skb" },
	{ "stats.fragmented", "  fragmented" },
	{ NULL, NULL },
};

static json_t *info_json(const struct ksrtp_info *info)
{
	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o}",
			 "version", info->version,
			 "aead_driver", info->aead_driver,
			 "aead_fallback", info->aead_fallback,
			 "aead_fallback_used", (json_int_t)info->aead_fallback_used,
			 "calls", (json_int_t)info->calls,
			 "legs", (json_int_t)info->legs,
			 "legs_max", (json_int_t)info->legs_max,
			 "keyring_used", (json_int_t)info->keyring_used,
			 "keyring_max", (json_int_t)info->keyring_max,
			 "stats", stats_json(&info->stats));
}

static int stats(int argc, char **argv)
{
	json_t *answer, *xdp;
	struct ksrtp_info info;
	struct ksrtp *handle;
	int err, xdp_err;

	if (argc)
		return misused("'stats' takes no argument, not '%s'", argv[0]);
	handle = kernel_open();
	if (!handle)
		return EXIT_REFUSED;
	err = ksrtp_info_get(handle, &info);
	if (err) {
		err = kernel_refused(handle, err);
		ksrtp_close(handle);
		return err;
	}
	ksrtp_close(handle);
	answer = info_json(&info);
	xdp = xdp_json(&xdp_err);
	if (xdp_err)
		note("without XDP's counters: %s", strerror(-xdp_err));
	json_object_set_new(answer, "xdp", xdp_err ? json_null() : json_incref(xdp));
	json_decref(xdp);
	if (options.json)
		return out_fields(answer, columns);
	out_lines(answer, columns, 0);
	putchar('\n');
	err = out_table(json_incref(json_object_get(json_object_get(answer, "xdp"), "devices") ?:
				    json_array()), xdp_columns,
			"XDP: attached to no device of this network namespace");
	json_decref(answer);
	return err;
}

const struct command stats_commands[] = {
	{ "stats", "", "The module: version, crypto driver, sums over all legs, XDP devices", stats },
	{ NULL, NULL, NULL, NULL },
};
