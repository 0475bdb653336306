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

/*
 * In network namespaces of its own, so that what one datapath was tested with does not
 * matter to the other: for a day the module refuses a transmit key that it has seen.
 */
static int run(void (*tests)(void), int xdp)
{
	if (net_open())
		return -1;
	if (ksrtp_open(&ksrtp)) {
		printf("# ksrtp_open: %s\n", ksrtp_error(NULL));
		return -1;
	}
	if (net_datapath(xdp))
		return -1;
	if (tests == media_tests_once)
		tap.datapath = "core";
	tests();
	ksrtp_close(ksrtp);
	net_close();
	return 0;
}

int main(int argc, char **argv)
{
	only = argc > 2 ? argv[2] : NULL;
	if (srtp_init() != srtp_err_status_ok)
		return 1;
	if (wanted(argc, argv, "once") && run(media_tests_once, 0))
		return 1;
	if (wanted(argc, argv, "skb") && run(media_tests, 0))
		return 1;
	if (wanted(argc, argv, "xdp") && run(media_tests, 1))
		return 1;
	return tap_done();
}
