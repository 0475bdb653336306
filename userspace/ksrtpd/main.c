// SPDX-License-Identifier: GPL-2.0
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "log.h"
#include "loop.h"
#include "process.h"

static void usage(FILE *to)
{
	fprintf(to,
		"usage: ksrtpd [options]\n"
		"  -c, --config FILE     configuration (default " KSRTPD_CONFIG_DEFAULT " if it is there)\n"
		"  -s, --socket PATH     control socket (default " KSRTPD_SOCKET_DEFAULT ")\n"
		"  -i, --interface NAME=ADDRESS[,ADDRESS][,MIN-MAX]\n"
		"                        addresses and UDP ports for media, one or more of it\n"
		"  -d, --datapath WHICH  kernel, user, or auto (default): the kernel if it has the module\n"
		"  -x, --cryptex WHICH   off, on (default) or required: header extensions encrypted\n"
		"  -S, --state-dir DIR   what outlives the agent (default " KSRTPD_STATE_DIR_DEFAULT ", if it is there)\n"
		"  -l, --log-level LEVEL error, warning, info (default) or debug\n"
		"      --check           check the configuration and end\n"
		"  -h, --help\n"
		"  -V, --version\n");
}

enum { OPTION_CHECK = 256 };

static const struct option options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "socket", required_argument, NULL, 's' },
	{ "interface", required_argument, NULL, 'i' },
	{ "datapath", required_argument, NULL, 'd' },
	{ "cryptex", required_argument, NULL, 'x' },
	{ "state-dir", required_argument, NULL, 'S' },
	{ "log-level", required_argument, NULL, 'l' },
	{ "check", no_argument, NULL, OPTION_CHECK },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

#define SHORT_OPTIONS	"c:s:i:d:x:S:l:hV"

/* a=192.0.2.1,2001:db8::1 is what the file says as a 192.0.2.1 2001:db8::1 */
static int add_interface(struct ksrtpd_config *config, const char *text,
			 struct ksrtpd_failure *failure)
{
	char *copy, *p;
	int err;

	if (!strchr(text, '='))
		return ksrtpd_fail(failure, "config", "'%s' is not of the form NAME=ADDRESS", text);
	copy = strdup(text);
	if (!copy)
		return ksrtpd_fail(failure, "internal", "no memory");
	*strchr(copy, '=') = ' ';
	for (p = copy; *p; p++) {
		if (*p == ',')
			*p = ' ';
	}
	err = ksrtpd_config_set(config, "interface", copy, failure);
	free(copy);
	return err;
}

static int take_option(struct ksrtpd_config *config, int option, const char *value,
		       struct ksrtpd_failure *failure)
{
	switch (option) {
	case 's':
		return ksrtpd_config_set(config, "socket", value, failure);
	case 'd':
		return ksrtpd_config_set(config, "datapath", value, failure);
	case 'x':
		return ksrtpd_config_set(config, "cryptex", value, failure);
	case 'S':
		return ksrtpd_config_set(config, "state-dir", value, failure);
	case 'l':
		return ksrtpd_config_set(config, "log-level", value, failure);
	case 'i':
		return add_interface(config, value, failure);
	default:
		return 0;
	}
}

static void say_wrong(const char *message, void *arg)
{
	(void)arg;
	ksrtpd_error("%s", message);
}

/* The file first, whichever place its option has on the line; NULL: none. */
static const char *find_file(int argc, char **argv)
{
	const char *path = NULL;
	int option;

	optind = 1;
	while ((option = getopt_long(argc, argv, SHORT_OPTIONS, options, NULL)) != -1) {
		if (option == 'c')
			path = optarg;
	}
	return path || access(KSRTPD_CONFIG_DEFAULT, F_OK) ? path : KSRTPD_CONFIG_DEFAULT;
}

/* How many things are wrong; each was said. */
static unsigned int read_options(struct ksrtpd_config *config, int argc, char **argv)
{
	struct ksrtpd_failure failure;
	unsigned int wrong = 0;
	int option;

	optind = 1;
	while ((option = getopt_long(argc, argv, SHORT_OPTIONS, options, NULL)) != -1) {
		if (take_option(config, option, optarg, &failure)) {
			say_wrong(failure.message, NULL);
			wrong++;
		}
	}
	return wrong;
}

static bool configure(struct ksrtpd_config *config, int argc, char **argv)
{
	const char *path = find_file(argc, argv);
	unsigned int wrong = 0;

	ksrtpd_config_init(config);
	if (path)
		wrong += ksrtpd_config_read(config, path, say_wrong, NULL);
	wrong += read_options(config, argc, argv);
	/* What is missing because its line is wrong needs no word of its own. */
	if (!wrong)
		wrong += ksrtpd_config_fit(config, path, say_wrong, NULL);
	return !wrong;
}

/* Options that end it here; *@check: only say whether the configuration is right. */
static void early_options(int argc, char **argv, bool *check)
{
	int option;

	while ((option = getopt_long(argc, argv, SHORT_OPTIONS, options, NULL)) != -1) {
		switch (option) {
		case 'h':
			usage(stdout);
			exit(0);
		case 'V':
			printf("ksrtpd %s\n", KSRTPD_VERSION);
			exit(0);
		case OPTION_CHECK:
			*check = true;
			break;
		case '?':
			usage(stderr);
			exit(2);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "ksrtpd: '%s' is no option\n", argv[optind]);
		usage(stderr);
		exit(2);
	}
}

static int run(const struct ksrtpd_config *config, struct ksrtpd_failure *failure)
{
	struct ksrtpd_loop *loop;
	int err;

	signal(SIGPIPE, SIG_IGN);
	if (ksrtpd_process_harden(failure))
		return -1;
	loop = ksrtpd_loop_create(config, failure);
	if (!loop)
		return -1;
	err = ksrtpd_process_drop(failure);
	if (!err) {
		ksrtpd_info("version %s, control socket %s", KSRTPD_VERSION, config->socket);
		err = ksrtpd_loop_run(loop);
		if (err)
			ksrtpd_fail(failure, "internal", "the event loop failed");
	}
	ksrtpd_loop_destroy(loop);
	return err;
}

int main(int argc, char **argv)
{
	struct ksrtpd_failure failure;
	struct ksrtpd_config config;
	bool check = false;

	early_options(argc, argv, &check);
	if (!configure(&config, argc, argv))
		return 2;
	if (check)
		return 0;
	ksrtpd_algorithms_use(&config.algorithms);
	ksrtpd_log_init(config.log_level);
	if (run(&config, &failure)) {
		ksrtpd_error("%s", failure.message);
		return 1;
	}
	return 0;
}
