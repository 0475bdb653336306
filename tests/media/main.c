// SPDX-License-Identifier: GPL-2.0
/* The frame of every program here: its tests run on both kernel datapaths. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/tap.h"
#include "call.h"
#include "media.h"

static const char *only;

int media_wants(const char *group)
{
	return !only || !strcmp(only, group);
}

/* `xdp`, `skb` or `once` as an argument: only that; a group as the second: only that. */
static int wanted(int argc, char **argv, const char *what)
{
	return argc < 2 || !strcmp(argv[1], what);
}

int main(int argc, char **argv)
{
	int err;

	only = argc > 2 ? argv[2] : NULL;
	if (srtp_init() != srtp_err_status_ok || net_open())
		return 1;
	err = ksrtp_open(&ksrtp);
	if (err) {
		printf("# ksrtp_open: %s\n", ksrtp_error(NULL));
		return 1;
	}
	tap.datapath = "core";
	if (wanted(argc, argv, "once"))
		media_tests_once();
	if (wanted(argc, argv, "skb")) {
		if (net_datapath(0))
			return 1;
		media_tests();
	}
	if (wanted(argc, argv, "xdp")) {
		if (net_datapath(1))
			return 1;
		media_tests();
	}
	ksrtp_close(ksrtp);
	net_close();
	return tap_done();
}
