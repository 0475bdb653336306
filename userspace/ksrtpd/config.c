// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config.h"
#include "datapath.h"
#include "log.h"

#define LINE_MAX_LEN	1024
#define REASON		"config"

/* -- kinds of values. Each finds its member at an offset of the configuration. */

enum kind {
	KIND_PATH,	/* absolute; a char array of @max octets */
	KIND_TEXT,	/* a char array of @max octets */
	KIND_NUMBER,	/* an unsigned int from @min to @max */
	KIND_BOOL,	/* a bool: yes or no */
	KIND_CHOICE,	/* an unsigned int: place in @names */
	KIND_OWN,	/* by @set */
};

struct setting {
	const char *key;
	enum kind kind;
	size_t offset;
	long min, max;
	const char *const *names;
	int (*set)(struct ksrtpd_config *config, const char *value,
		   struct ksrtpd_failure *failure);
};

#define AT(member)		offsetof(struct ksrtpd_config, member)
#define ROOM(member)		sizeof(((struct ksrtpd_config *)0)->member)
#define PATH(member)		.kind = KIND_PATH, .offset = AT(member), .max = ROOM(member)
#define TEXT(member)		.kind = KIND_TEXT, .offset = AT(member), .max = ROOM(member)
#define NUMBER(member, least, most)	\
	.kind = KIND_NUMBER, .offset = AT(member), .min = (least), .max = (most)
#define BOOL(member)		.kind = KIND_BOOL, .offset = AT(member)
#define CHOICE(member, list)	.kind = KIND_CHOICE, .offset = AT(member), .names = (list)
#define OWN(function)		.kind = KIND_OWN, .set = (function)

static const char *const log_levels[] = { "error", "warning", "info", "debug", NULL };
static const char *const on_stop[] = { "leave", "end", NULL };
static const char *const federation[] = { "allow", "deny", NULL };
static const char *const client_certs[] = { "default", "required", "optional", NULL };
static const char *const timeout_actions[] = { "event", "end", NULL };
static const char *const datapaths[] = { "auto", "kernel", "user", NULL };
static const char *const cryptex[] = { "off", "on", "required", NULL };

static int set_suites(struct ksrtpd_config *config, const char *value,
		      struct ksrtpd_failure *failure)
{
	return ksrtpd_algorithms_suites(&config->algorithms, value, failure);
}

static int set_ciphers(struct ksrtpd_config *config, const char *value,
		       struct ksrtpd_failure *failure)
{
	return ksrtpd_algorithms_ciphers(&config->algorithms, value, failure);
}

static int set_groups(struct ksrtpd_config *config, const char *value,
		      struct ksrtpd_failure *failure)
{
	return ksrtpd_algorithms_groups(&config->algorithms, value, failure);
}

static int set_sigalgs(struct ksrtpd_config *config, const char *value,
		       struct ksrtpd_failure *failure)
{
	return ksrtpd_algorithms_sigalgs(&config->algorithms, value, failure);
}

static int add_api(struct ksrtpd_config *config, const char *value, struct ksrtpd_failure *failure)
{
	return ksrtpd_api_config_listen(&config->api, value, false, failure);
}

static int add_api_plain(struct ksrtpd_config *config, const char *value,
			 struct ksrtpd_failure *failure)
{
	return ksrtpd_api_config_listen(&config->api, value, true, failure);
}

static int add_api_client(struct ksrtpd_config *config, const char *value,
			  struct ksrtpd_failure *failure)
{
	return ksrtpd_api_config_client(&config->api, value, failure);
}

static const struct setting settings[] = {
	{ "socket", PATH(socket) },
	{ "log-level", CHOICE(log_level, log_levels) },
	{ "calls-max", NUMBER(calls_max, 1, KSRTPD_CALLS_MAX) },
	{ "offer-timeout", NUMBER(offer_timeout, 1, 3600) },
	{ "datapath", CHOICE(datapath, datapaths) },
	{ "cryptex", CHOICE(cryptex, cryptex) },
	{ "interface", OWN(ksrtpd_config_add_interface) },
	{ "handshakes-max", NUMBER(handshakes_max, 1, 100000) },
	{ "handshakes-max-interface", NUMBER(handshakes_max_interface, 1, 100000) },
	{ "handshake-timeout", NUMBER(handshake_timeout, 1, 60) },
	{ "suites", OWN(set_suites) },
	{ "dtls-ciphers", OWN(set_ciphers) },
	{ "dtls-groups", OWN(set_groups) },
	{ "dtls-sigalgs", OWN(set_sigalgs) },
	{ "state-dir", PATH(state_dir) },
	{ "lease", NUMBER(lease, 6, 86400) },
	{ "on-stop", CHOICE(on_stop, on_stop) },
	{ "federation-default", CHOICE(federation_default, federation) },
	{ "fips-algorithms", BOOL(algorithms.fips) },
	{ "media-timeout", NUMBER(media_timeout, 0, 86400) },
	{ "media-timeout-action", CHOICE(media_timeout_action, timeout_actions) },
	{ "socket-group", TEXT(api.socket_group) },
	{ "api", OWN(add_api) },
	{ "api-plain", OWN(add_api_plain) },
	{ "api-cert", PATH(api.cert) },
	{ "api-key", PATH(api.key) },
	{ "api-client-ca", PATH(api.client_ca) },
	{ "api-client-cert", CHOICE(api.client_cert, client_certs) },
	{ "api-crl-dir", PATH(api.crl_dir) },
	{ "api-client", OWN(add_api_client) },
	{ "api-tokens", PATH(api.tokens) },
	{ "api-connections", NUMBER(api.connections, 1, 10000) },
	{ "api-connections-per-client", NUMBER(api.connections_per_client, 1, 10000) },
	{ "api-rate", NUMBER(api.rate, 1, 100000) },
	{ "api-header-max", NUMBER(api.header_max, 1024, 65536) },
	{ "api-body-max", NUMBER(api.body_max, 1024, 4 * 1024 * 1024) },
	{ "api-request-time", NUMBER(api.request_time, 1, 600) },
	{ "api-idle", NUMBER(api.idle, 1, 3600) },
	{ "api-connection-age", NUMBER(api.connection_age, 1, 86400) },
	{ "api-heartbeat", NUMBER(api.heartbeat, 1, 600) },
	{ "api-queue-max", NUMBER(api.queue_max, 1024, 16 * 1024 * 1024) },
};

#define SETTINGS	(sizeof(settings) / sizeof(settings[0]))
_Static_assert(SETTINGS <= KSRTPD_SETTINGS_MAX, "config.lines has a place for each");

void ksrtpd_config_init(struct ksrtpd_config *config)
{
	memset(config, 0, sizeof(*config));
	strcpy(config->socket, KSRTPD_SOCKET_DEFAULT);
	config->log_level = KSRTPD_LOG_INFO;
	config->calls_max = KSRTPD_CALLS_DEFAULT;
	config->cryptex = KSRTP_CRYPTEX_ON;
	config->lease = KSRTPD_LEASE_DEFAULT;
	config->offer_timeout = KSRTPD_OFFER_LIMIT;
	config->handshakes_max = KSRTPD_HANDSHAKES_DEFAULT;
	config->handshakes_max_interface = KSRTPD_HANDSHAKES_INTERFACE_DEFAULT;
	config->handshake_timeout = KSRTPD_HANDSHAKE_LIMIT;
	ksrtpd_algorithms_init(&config->algorithms);
	ksrtpd_api_config_init(&config->api);
	config->media_timeout = 60;
}

/* -- one setting */

static int set_text(const struct setting *setting, char *member, const char *value,
		    struct ksrtpd_failure *failure)
{
	bool path = setting->kind == KIND_PATH;

	if (strlen(value) >= (size_t)setting->max)
		return ksrtpd_fail(failure, REASON, "%s: the %s is longer than %ld octets",
				   setting->key, path ? "path" : "value", setting->max - 1);
	if (path && *value != '/')
		return ksrtpd_fail(failure, REASON, "%s: '%s' is no absolute path", setting->key,
				   value);
	strcpy(member, value);
	return 0;
}

/* Without sign or rubbish. */
static int set_number(const struct setting *setting, unsigned int *member, const char *value,
		      struct ksrtpd_failure *failure)
{
	char *end = "x";
	long n = 0;

	errno = 0;
	if (isdigit((unsigned char)*value))
		n = strtol(value, &end, 10);
	if (*end || errno || n < setting->min || n > setting->max)
		return ksrtpd_fail(failure, REASON, "%s: '%s' is no number from %ld to %ld",
				   setting->key, value, setting->min, setting->max);
	*member = (unsigned int)n;
	return 0;
}

static int set_bool(const struct setting *setting, bool *member, const char *value,
		    struct ksrtpd_failure *failure)
{
	if (strcmp(value, "yes") && strcmp(value, "no"))
		return ksrtpd_fail(failure, REASON, "%s: '%s' is neither yes nor no", setting->key,
				   value);
	*member = *value == 'y';
	return 0;
}

static int set_choice(const struct setting *setting, unsigned int *member, const char *value,
		      struct ksrtpd_failure *failure)
{
	char all[128] = "";
	unsigned int i;

	for (i = 0; setting->names[i]; i++) {
		if (!strcasecmp(setting->names[i], value)) {
			*member = i;
			return 0;
		}
		if (i)
			strncat(all, ", ", sizeof(all) - strlen(all) - 1);
		strncat(all, setting->names[i], sizeof(all) - strlen(all) - 1);
	}
	return ksrtpd_fail(failure, REASON, "%s: '%s' is none of %s", setting->key, value, all);
}

static int apply(const struct setting *setting, struct ksrtpd_config *config, const char *value,
		 struct ksrtpd_failure *failure)
{
	void *member = (char *)config + setting->offset;

	if (!*value)
		return ksrtpd_fail(failure, REASON, "%s: has no value", setting->key);
	switch (setting->kind) {
	case KIND_PATH:
	case KIND_TEXT:
		return set_text(setting, member, value, failure);
	case KIND_NUMBER:
		return set_number(setting, member, value, failure);
	case KIND_BOOL:
		return set_bool(setting, member, value, failure);
	case KIND_CHOICE:
		return set_choice(setting, member, value, failure);
	default:
		return setting->set(config, value, failure);
	}
}

static int set_from(struct ksrtpd_config *config, const char *key, const char *value, int line,
		    struct ksrtpd_failure *failure)
{
	size_t i;

	for (i = 0; i < SETTINGS; i++) {
		if (strcmp(key, settings[i].key))
			continue;
		if (apply(&settings[i], config, value, failure))
			return -1;
		config->lines[i] = line;
		return 0;
	}
	return ksrtpd_fail(failure, REASON, "'%s' is no setting", key);
}

int ksrtpd_config_set(struct ksrtpd_config *config, const char *key, const char *value,
		      struct ksrtpd_failure *failure)
{
	return set_from(config, key, value, -1, failure);
}

/* -- a file of them */

static char *trim(char *text)
{
	char *end;

	text += strspn(text, " \t");
	end = text + strlen(text);
	while (end > text && strchr(" \t\r\n", end[-1]))
		end--;
	*end = '\0';
	return text;
}

static int read_line(struct ksrtpd_config *config, char *line, int number,
		     struct ksrtpd_failure *failure)
{
	char *value;

	line[strcspn(line, "#")] = '\0';
	line = trim(line);
	if (!*line)
		return 0;
	value = strchr(line, '=');
	if (!value)
		return ksrtpd_fail(failure, REASON, "'%s' is not of the form key = value", line);
	*value++ = '\0';
	return set_from(config, trim(line), trim(value), number, failure);
}

static void tell(const char *path, int line, const char *what, ksrtpd_config_wrong_cb wrong,
		 void *arg)
{
	char message[640];

	if (line > 0)
		snprintf(message, sizeof(message), "%s:%d: %s", path, line, what);
	else if (!line && path)
		snprintf(message, sizeof(message), "%s: %s", path, what);
	else
		snprintf(message, sizeof(message), "%s", what);
	wrong(message, arg);
}

/* The rest of a line that is too long is no line of its own. */
static bool whole_line(FILE *file, const char *line)
{
	size_t len = strlen(line);
	int c;

	if (len < LINE_MAX_LEN - 1 || line[len - 1] == '\n')
		return true;
	do {
		c = fgetc(file);
	} while (c != EOF && c != '\n');
	return false;
}

unsigned int ksrtpd_config_read(struct ksrtpd_config *config, const char *path,
				ksrtpd_config_wrong_cb wrong, void *arg)
{
	struct ksrtpd_failure failure;
	FILE *file = fopen(path, "re");
	char line[LINE_MAX_LEN];
	unsigned int count = 0;
	int number = 0;

	if (!file) {
		tell(path, 0, strerror(errno), wrong, arg);
		return 1;
	}
	while (fgets(line, sizeof(line), file)) {
		int err = 0;

		number++;
		if (!whole_line(file, line))
			err = ksrtpd_fail(&failure, REASON, "longer than %d octets", LINE_MAX_LEN - 2);
		else
			err = read_line(config, line, number, &failure);
		if (err) {
			tell(path, number, failure.message, wrong, arg);
			count++;
		}
	}
	if (ferror(file)) {
		tell(path, 0, strerror(errno), wrong, arg);
		count++;
	}
	fclose(file);
	return count;
}

/* -- do they fit together? */

static int line_of(const struct ksrtpd_config *config, const char *key)
{
	size_t i;

	for (i = 0; i < SETTINGS; i++) {
		if (!strcmp(settings[i].key, key))
			return config->lines[i];
	}
	return 0;
}

/* A list that nobody set is restricted without a word; one that was set is an error. */
static unsigned int fit_fips(const struct ksrtpd_config *config, const char *path,
			     ksrtpd_config_wrong_cb wrong, void *arg)
{
	static const struct {
		const char *key;
		int (*fit)(const struct ksrtpd_algorithms *algorithms,
			   struct ksrtpd_failure *failure);
	} lists[] = {
		{ "suites", ksrtpd_algorithms_fit_suites },
		{ "dtls-ciphers", ksrtpd_algorithms_fit_ciphers },
		{ "dtls-groups", ksrtpd_algorithms_fit_groups },
		{ "dtls-sigalgs", ksrtpd_algorithms_fit_sigalgs },
	};
	struct ksrtpd_failure failure;
	unsigned int i, count = 0;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		int line = line_of(config, lists[i].key);

		if (!line || !lists[i].fit(&config->algorithms, &failure))
			continue;
		tell(path, line, failure.message, wrong, arg);
		count++;
	}
	return count;
}

unsigned int ksrtpd_config_fit(const struct ksrtpd_config *config, const char *path,
			       ksrtpd_config_wrong_cb wrong, void *arg)
{
	struct ksrtpd_failure failure;
	unsigned int count = 0;

	if (ksrtpd_api_config_check(&config->api, &failure)) {
		tell(path, path ? 0 : -1, failure.message, wrong, arg);
		count++;
	}
	if (config->algorithms.fips)
		count += fit_fips(config, path, wrong, arg);
	if (!config->interfaces_count) {
		tell(path, -1, "no interface: name one with -i or in the configuration", wrong, arg);
		count++;
	}
	return count;
}
