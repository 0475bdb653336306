// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

#define VALUE_MAX	1024
#define REASON		"config"

/* A number without sign or rubbish, or -1. */
static long parse_port(const char *text)
{
	char *end;
	long n;

	if (!isdigit((unsigned char)*text))
		return -1;
	errno = 0;
	n = strtol(text, &end, 10);
	return *end || errno || n > 65535 ? -1 : n;
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
	min = parse_port(text);
	max = parse_port(dash + 1);
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

int ksrtpd_config_add_interface(struct ksrtpd_config *config, const char *value,
				struct ksrtpd_failure *failure)
{
	struct ksrtpd_interface interface = { .name = "" };
	char copy[VALUE_MAX];

	if (config->interfaces_count == KSRTPD_INTERFACES_MAX)
		return ksrtpd_fail(failure, REASON, "interface: more than %d", KSRTPD_INTERFACES_MAX);
	if (strlen(value) >= sizeof(copy))
		return ksrtpd_fail(failure, REASON, "interface: too long");
	strcpy(copy, value);
	if (parse_interface(&interface, copy, failure))
		return -1;
	if (config->interfaces_count && ksrtpd_config_interface(config, interface.name))
		return ksrtpd_fail(failure, REASON, "interface %s: is there already", interface.name);
	interface.number = config->interfaces_count;
	config->interfaces[config->interfaces_count++] = interface;
	return 0;
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
