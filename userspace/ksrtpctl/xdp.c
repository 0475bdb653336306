// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "ctl.h"
#include "xdp.h"

static const char *const modes[] = {
	[KSRTP_XDP_MODE_NONE] = "none",
	[KSRTP_XDP_MODE_NATIVE] = "native",
	[KSRTP_XDP_MODE_GENERIC] = "generic",
};

const struct column xdp_columns[] = {
	{ "ifname", "DEVICE" },
	{ "mode", "XDP" },
	{ "egress_xmit_sent", "EGRESS-SENT" },
	{ "egress_xmit_drops", "EGRESS-DROPS" },
	{ "egress_redirect_err", "REDIRECT-ERRORS" },
	{ "egress_tx_drops", "TX-DROPS" },
	{ NULL, NULL },
};

static json_t *device_json(const struct ksrtp_xdp_status *status)
{
	return json_pack("{s:I, s:s, s:s, s:I, s:I, s:I, s:I}",
			 "ifindex", (json_int_t)status->ifindex,
			 "ifname", status->ifname,
			 "mode", modes[status->mode],
			 "egress_xmit_sent", (json_int_t)status->egress_xmit_sent,
			 "egress_xmit_drops", (json_int_t)status->egress_xmit_drops,
			 "egress_redirect_err", (json_int_t)status->egress_redirect_err,
			 "egress_tx_drops", (json_int_t)status->egress_tx_drops);
}

static json_t *program_json(const struct ksrtp_xdp_status *status)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}",
			 "pass_other", (json_int_t)status->pass_other,
			 "pass", (json_int_t)status->pass,
			 "drop", (json_int_t)status->drop,
			 "tx", (json_int_t)status->tx,
			 "redirect", (json_int_t)status->redirect,
			 "error", (json_int_t)status->error);
}

/* Frames may leave on a device without the program: that is of interest, too. */
static bool worth_showing(const struct ksrtp_xdp_status *status)
{
	return status->mode != KSRTP_XDP_MODE_NONE || status->egress_xmit_sent ||
	       status->egress_xmit_drops || status->egress_redirect_err ||
	       status->egress_tx_drops;
}

json_t *xdp_json(int *err)
{
	json_t *devices = json_array(), *program = json_null();
	struct if_nameindex *list = if_nameindex(), *device;
	struct ksrtp_xdp_status status;

	*err = list ? 0 : -errno;
	for (device = list; !*err && device && device->if_index; device++) {
		*err = ksrtp_xdp_status(device->if_index, &status);
		/* Gone since the list was made. */
		if (*err == -ENODEV) {
			*err = 0;
			continue;
		}
		if (*err || !worth_showing(&status))
			continue;
		json_array_append_new(devices, device_json(&status));
		if (status.mode != KSRTP_XDP_MODE_NONE && json_is_null(program))
			program = program_json(&status);
	}
	if (list)
		if_freenameindex(list);
	return json_pack("{s:o, s:o}", "devices", devices, "program", program);
}

static unsigned int device_named(const char *name)
{
	unsigned int index = if_nametoindex(name);

	if (!index)
		refused("not-found", "there is no network device '%s' in this network namespace",
			name);
	return index;
}

static int attach(int argc, char **argv)
{
	static const struct column columns[] = {
		{ "ifname", "device" }, { "mode", "XDP" }, { NULL, NULL },
	};
	enum ksrtp_xdp_mode mode = KSRTP_XDP_MODE_NONE;
	unsigned int index;
	char why[512];
	int got;

	if (argc < 1 || argc > 2)
		return misused("xdp attach takes a device, and native or generic if it must be that");
	if (argc == 2 && !strcmp(argv[1], "native"))
		mode = KSRTP_XDP_MODE_NATIVE;
	else if (argc == 2 && !strcmp(argv[1], "generic"))
		mode = KSRTP_XDP_MODE_GENERIC;
	else if (argc == 2)
		return misused("xdp attach: '%s' is neither native nor generic", argv[1]);
	index = device_named(argv[0]);
	if (!index)
		return EXIT_REFUSED;
	got = ksrtp_xdp_attach(index, mode, why, sizeof(why));
	if (got < 0)
		return refused(got == -EPERM ? "privilege" : "xdp", "xdp attach %s: %s", argv[0],
			       why);
	return out_fields(json_pack("{s:s, s:s}", "ifname", argv[0], "mode", modes[got]), columns);
}

static int detach(int argc, char **argv)
{
	static const struct column columns[] = { { "ifname", "detached" }, { NULL, NULL } };
	unsigned int index;
	char why[512];
	int err;

	if (argc != 1)
		return misused("xdp detach takes a device");
	index = device_named(argv[0]);
	if (!index)
		return EXIT_REFUSED;
	err = ksrtp_xdp_detach(index, why, sizeof(why));
	if (err)
		return refused(err == -EPERM ? "privilege" : "xdp", "xdp detach %s: %s", argv[0],
			       why);
	return out_fields(json_pack("{s:s}", "ifname", argv[0]), columns);
}

static int show(int argc, char **argv)
{
	static const struct column program_columns[] = {
		{ "redirect", "redirected" },
		{ "tx", "sent back out (XDP_TX)" },
		{ "drop", "dropped" },
		{ "pass", "passed to the stack, by the module" },
		{ "pass_other", "passed to the stack, no UDP" },
		{ "error", "errors" },
		{ NULL, NULL },
	};
	json_t *answer, *program;
	int err;

	if (argc)
		return misused("xdp show takes no argument, not '%s'", argv[0]);
	answer = xdp_json(&err);
	if (err) {
		json_decref(answer);
		return refused(err == -EPERM ? "privilege" : "xdp", "cannot read the XDP programs' state: %s",
			       err == -EPERM ? "CAP_SYS_ADMIN is needed" : strerror(-err));
	}
	if (options.json)
		return out_fields(answer, program_columns);
	program = json_object_get(answer, "program");
	if (json_is_object(program))
		out_lines(program, program_columns, 0);
	err = out_table(json_incref(json_object_get(answer, "devices")), xdp_columns,
			"attached to no device of this network namespace");
	json_decref(answer);
	return err;
}

static const struct column loaded_columns[] = { { "loaded", "loaded" }, { NULL, NULL } };

static int answer_loaded(int err, const char *verb, const char *why, bool loaded)
{
	if (err)
		return refused(err == -EPERM ? "privilege" : "xdp", "xdp %s: %s", verb, why);
	return out_fields(json_pack("{s:b}", "loaded", loaded), loaded_columns);
}

static int load(int argc, char **argv)
{
	char why[1024] = "";

	if (argc)
		return misused("xdp load takes no argument, not '%s'", argv[0]);
	return answer_loaded(ksrtp_xdp_pin(why, sizeof(why)), "load", why, true);
}

static int unload(int argc, char **argv)
{
	char why[512] = "";

	if (argc)
		return misused("xdp unload takes no argument, not '%s'", argv[0]);
	return answer_loaded(ksrtp_xdp_unpin(why, sizeof(why)), "unload", why, false);
}

const struct command xdp_commands[] = {
	{ "attach", "DEVICE [native|generic]", "Put media of this device on the XDP path", attach },
	{ "detach", "DEVICE", "Take it off; calls go on on the skb path", detach },
	{ "load", "", "Load the programs and keep them, so that devices can be attached", load },
	{ "unload", "", "Take them off all devices and unload them, as before unloading the module", unload },
	{ "show", "", "Devices with the program, its verdicts, frames lost after them", show },
	{ NULL, NULL, NULL, NULL },
};
