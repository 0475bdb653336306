// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "datapath.h"
#include "log.h"

#define LINE_MAX_LEN	1024
#define REASON		"config"

void ksrtpd_config_init(struct ksrtpd_config *config)
{
	memset(config, 0, sizeof(*config));
	strcpy(config->socket, KSRTPD_SOCKET_DEFAULT);
	config->log_level = KSRTPD_LOG_INFO;
	config->calls_max = KSRTPD_CALLS_DEFAULT;
}

/* A number without sign or rubbish, or -1. */
static long parse_number(const char *text, long max)
{
	char *end;
	long n;

	if (!isdigit((unsigned char)*text))
		return -1;
	errno = 0;
	n = strtol(text, &end, 10);
	return *end || errno || n > max ? -1 : n;
}

static int set_socket(struct ksrtpd_config *config, const char *value, struct ksrtpd_failure *failure)
{
	if (strlen(value) >= sizeof(config->socket))
		return ksrtpd_fail(failure, REASON, "socket: the path is longer than %zu octets",
				   sizeof(config->socket) - 1);
	if (*value != '/')
		return ksrtpd_fail(failure, REASON, "socket: '%s' is no absolute path", value);
	strcpy(config->socket, value);
	return 0;
}

static int set_log_level(struct ksrtpd_config *config, const char *value,
			 struct ksrtpd_failure *failure)
{
	int level = ksrtpd_log_level_parse(value);

	if (level < 0)
		return ksrtpd_fail(failure, REASON,
				   "log-level: '%s' is none of error, warning, info, debug", value);
	config->log_level = level;
	return 0;
}

static int set_calls_max(struct ksrtpd_config *config, const char *value,
			 struct ksrtpd_failure *failure)
{
	long n = parse_number(value, KSRTPD_CALLS_MAX);

	if (n < 1)
		return ksrtpd_fail(failure, REASON, "calls-max: '%s' is no number from 1 to %d",
				   value, KSRTPD_CALLS_MAX);
	config->calls_max = n;
	return 0;
}

static int set_datapath(struct ksrtpd_config *config, const char *value,
			struct ksrtpd_failure *failure)
{
	static const char *const names[] = {
		[KSRTPD_DATAPATH_AUTO] = "auto",
		[KSRTPD_DATAPATH_KERNEL] = "kernel",
		[KSRTPD_DATAPATH_USER] = "user",
	};
	int i;

	for (i = 0; i <= KSRTPD_DATAPATH_USER; i++) {
		if (!strcmp(names[i], value)) {
			config->datapath = i;
			return 0;
		}
	}
	return ksrtpd_fail(failure, REASON, "datapath: '%s' is none of auto, kernel, user", value);
}

static bool valid_name(const char *name)
{
	size_t i;

	for (i = 0; name[i]; i++) {
		if (!isalnum((unsigned char)name[i]) && !strchr("._-", name[i]))
			return false;
	}
	return i > 0 && i < KSRTPD_INTERFACE_NAME;
}

/* ADDRESS!ADVERTISED: where a NAT stands before the host, its outer address. */
static int set_advertised(struct ksrtpd_interface *interface, int family, const char *text,
			  struct ksrtpd_failure *failure)
{
	struct sockaddr_storage addr;
	const char *why;

	if (!ksrtpd_addr_parse(text, family, &addr))
		return ksrtpd_fail(failure, REASON, "interface %s: '%s' is no IPv%d address to advertise",
				   interface->name, text, family);
	why = ksrtpd_addr_unusable(&addr);
	if (why)
		return ksrtpd_fail(failure, REASON, "interface %s: %s %s", interface->name, text, why);
	*(family == 4 ? &interface->advertised_four : &interface->advertised_six) = addr;
	return 0;
}

static int set_address(struct ksrtpd_interface *interface, const struct sockaddr_storage *addr,
		       const char *text, struct ksrtpd_failure *failure)
{
	struct sockaddr_storage *slot = addr->ss_family == AF_INET ? &interface->four :
								     &interface->six;
	const char *why = ksrtpd_addr_unusable(addr);

	if (why)
		return ksrtpd_fail(failure, REASON, "interface %s: %s %s", interface->name, text, why);
	if (slot->ss_family != AF_UNSPEC)
		return ksrtpd_fail(failure, REASON, "interface %s: a second IPv%d address, %s",
				   interface->name, ksrtpd_addr_family(addr), text);
	*slot = *addr;
	return 0;
}

static int set_ports(struct ksrtpd_interface *interface, char *text, struct ksrtpd_failure *failure)
{
	char *dash = strchr(text, '-');
	long min, max;

	if (interface->port_min)
		return ksrtpd_fail(failure, REASON, "interface %s: a second port range, %s",
				   interface->name, text);
	*dash = '\0';
	min = parse_number(text, 65535);
	max = parse_number(dash + 1, 65535);
	if (min < 1024 || max < min)
		return ksrtpd_fail(failure, REASON,
				   "interface %s: '%s-%s' is no port range within 1024-65535",
				   interface->name, text, dash + 1);
	interface->port_min = min;
	interface->port_max = max;
	return 0;
}

/* One word after the name: an address or a port range. */
static int set_word(struct ksrtpd_interface *interface, char *word, struct ksrtpd_failure *failure)
{
	char *advertised = strchr(word, '!');
	struct sockaddr_storage addr;

	if (advertised)
		*advertised++ = '\0';
	if (ksrtpd_addr_parse(word, 0, &addr)) {
		if (set_address(interface, &addr, word, failure))
			return -1;
		return advertised ? set_advertised(interface, ksrtpd_addr_family(&addr), advertised,
						   failure) : 0;
	}
	if (advertised)
		return ksrtpd_fail(failure, REASON, "interface %s: '%s' is no address", interface->name,
				   word);
	if (strchr(word, '-') && !strpbrk(word, ".:"))
		return set_ports(interface, word, failure);
	return ksrtpd_fail(failure, REASON, "interface %s: '%s' is neither an address nor a port range",
			   interface->name, word);
}

static int parse_interface(struct ksrtpd_interface *interface, char *value,
			   struct ksrtpd_failure *failure)
{
	char *rest = NULL, *word = strtok_r(value, " \t", &rest);

	if (!word || !valid_name(word))
		return ksrtpd_fail(failure, REASON,
				   "interface: '%s' is no name (1 to %d of A-Z a-z 0-9 . _ -)",
				   word ? word : "", KSRTPD_INTERFACE_NAME - 1);
	strcpy(interface->name, word);
	while ((word = strtok_r(NULL, " \t", &rest))) {
		if (set_word(interface, word, failure))
			return -1;
	}
	if (interface->four.ss_family == AF_UNSPEC && interface->six.ss_family == AF_UNSPEC)
		return ksrtpd_fail(failure, REASON, "interface %s: has no address", interface->name);
	if (!interface->port_min) {
		interface->port_min = KSRTPD_PORT_MIN;
		interface->port_max = KSRTPD_PORT_MAX;
	}
	return 0;
}

static int add_interface(struct ksrtpd_config *config, const char *value,
			 struct ksrtpd_failure *failure)
{
	struct ksrtpd_interface interface = { .name = "" };
	char copy[LINE_MAX_LEN];

	if (config->interfaces_count == KSRTPD_INTERFACES_MAX)
		return ksrtpd_fail(failure, REASON, "interface: more than %d", KSRTPD_INTERFACES_MAX);
	if (strlen(value) >= sizeof(copy))
		return ksrtpd_fail(failure, REASON, "interface: too long");
	strcpy(copy, value);
	if (parse_interface(&interface, copy, failure))
		return -1;
	if (config->interfaces_count && ksrtpd_config_interface(config, interface.name))
		return ksrtpd_fail(failure, REASON, "interface %s: is there already", interface.name);
	config->interfaces[config->interfaces_count++] = interface;
	return 0;
}

static const struct {
	const char *key;
	int (*set)(struct ksrtpd_config *config, const char *value,
		   struct ksrtpd_failure *failure);
} settings[] = {
	{ "socket", set_socket },
	{ "log-level", set_log_level },
	{ "calls-max", set_calls_max },
	{ "datapath", set_datapath },
	{ "interface", add_interface },
};

int ksrtpd_config_set(struct ksrtpd_config *config, const char *key, const char *value,
		      struct ksrtpd_failure *failure)
{
	size_t i;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (strcmp(key, settings[i].key))
			continue;
		if (!*value)
			return ksrtpd_fail(failure, REASON, "%s: has no value", key);
		return settings[i].set(config, value, failure);
	}
	return ksrtpd_fail(failure, REASON,
			   "'%s' is no setting (socket, log-level, calls-max, datapath, interface)", key);
}

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

static int read_line(struct ksrtpd_config *config, char *line, struct ksrtpd_failure *failure)
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
	return ksrtpd_config_set(config, trim(line), trim(value), failure);
}

int ksrtpd_config_read(struct ksrtpd_config *config, const char *path,
		       struct ksrtpd_failure *failure)
{
	struct ksrtpd_failure inner;
	unsigned int number = 0;
	char line[LINE_MAX_LEN];
	FILE *file = fopen(path, "re");
	int err = 0;

	if (!file)
		return ksrtpd_fail(failure, REASON, "%s: %s", path, strerror(errno));
	while (!err && fgets(line, sizeof(line), file)) {
		number++;
		if (strlen(line) == sizeof(line) - 1 && line[sizeof(line) - 2] != '\n')
			err = ksrtpd_fail(&inner, REASON, "longer than %d octets", LINE_MAX_LEN - 2);
		else
			err = read_line(config, line, &inner);
	}
	if (err)
		ksrtpd_fail(failure, REASON, "%s:%u: %s", path, number, inner.message);
	else if (ferror(file))
		err = ksrtpd_fail(failure, REASON, "%s: %s", path, strerror(errno));
	fclose(file);
	return err;
}

const struct ksrtpd_interface *ksrtpd_config_interface(const struct ksrtpd_config *config,
						       const char *name)
{
	unsigned int i;

	for (i = 0; i < config->interfaces_count; i++) {
		if (!name || !*name || !strcmp(config->interfaces[i].name, name))
			return &config->interfaces[i];
	}
	return NULL;
}

const struct sockaddr_storage *ksrtpd_interface_addr(const struct ksrtpd_interface *interface,
						     int family)
{
	const struct sockaddr_storage *addr = family == 4 ? &interface->four : &interface->six;

	return addr->ss_family == AF_UNSPEC ? NULL : addr;
}

const struct sockaddr_storage *
ksrtpd_interface_advertised(const struct ksrtpd_interface *interface, int family)
{
	const struct sockaddr_storage *addr = family == 4 ? &interface->advertised_four :
							    &interface->advertised_six;

	return addr->ss_family == AF_UNSPEC ? NULL : addr;
}
