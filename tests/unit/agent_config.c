// SPDX-License-Identifier: GPL-2.0
/* The configuration: what it says, and what it complains about. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ksrtpd/config.h"
#include "ksrtpd/datapath.h"
#include "ksrtpd/log.h"
#include "tap.h"

static int read_text(struct ksrtpd_config *config, const char *text, struct ksrtpd_failure *failure)
{
	char path[] = "/tmp/agent_config.XXXXXX";
	int fd = mkstemp(path), err;
	ssize_t len = strlen(text);

	ksrtpd_config_init(config);
	failure->message[0] = '\0';
	CHECK(fd >= 0 && write(fd, text, len) == len, "a file for the test");
	err = ksrtpd_config_read(config, path, failure);
	if (err)
		CHECK(!strncmp(failure->message, path, strlen(path)), "%s", failure->message);
	close(fd);
	unlink(path);
	return err;
}

static void test_defaults(void)
{
	struct ksrtpd_failure failure;
	struct ksrtpd_config config;

	CHECK(!read_text(&config, "# nothing\n\n   \n", &failure), "%s", failure.message);
	CHECK(!strcmp(config.socket, "/run/ksrtp/ksrtpd.sock"), "%s", config.socket);
	CHECK(config.calls_max == 1000 && config.log_level == KSRTPD_LOG_INFO &&
	      config.datapath == KSRTPD_DATAPATH_AUTO, "defaults");
	CHECK(!ksrtpd_config_interface(&config, NULL), "no interface");
	tap_end("C1", "an empty configuration has the defaults");
}

static void test_whole(void)
{
	const struct ksrtpd_interface *a, *b;
	struct ksrtpd_failure failure;
	struct ksrtpd_config config;
	char text[KSRTPD_ADDR_TEXT];

	CHECK(!read_text(&config,
			 "socket=/tmp/x.sock\n"
			 "  log-level = debug   # loud\n"
			 "calls-max =7\r\n"
			 "datapath = user\n"
			 "interface = a 192.0.2.1\n"
			 "interface\t=\tout.side-2 2001:db8::1\t198.51.100.7!203.0.113.9 50000-50099",
			 &failure),
	      "%s", failure.message);
	CHECK(!strcmp(config.socket, "/tmp/x.sock") && config.log_level == KSRTPD_LOG_DEBUG &&
	      config.calls_max == 7 && config.datapath == KSRTPD_DATAPATH_USER &&
	      config.interfaces_count == 2, "settings");
	a = ksrtpd_config_interface(&config, "");
	b = ksrtpd_config_interface(&config, "out.side-2");
	CHECK(a && !strcmp(a->name, "a") && a->port_min == 40000 && a->port_max == 49999, "a");
	CHECK(b && b->port_min == 50000 && b->port_max == 50099, "b");
	CHECK(!ksrtpd_config_interface(&config, "c"), "c");
	if (a && b) {
		CHECK(!ksrtpd_interface_addr(a, 6) && ksrtpd_interface_addr(a, 4), "families of a");
		CHECK(!strcmp(ksrtpd_addr_host(ksrtpd_interface_addr(b, 4), text), "198.51.100.7"),
		      "%s", text);
		CHECK(!strcmp(ksrtpd_addr_host(ksrtpd_interface_addr(b, 6), text), "2001:db8::1"),
		      "%s", text);
		CHECK(!strcmp(ksrtpd_addr_host(ksrtpd_interface_advertised(b, 4), text), "203.0.113.9"),
		      "%s", text);
		CHECK(!ksrtpd_interface_advertised(b, 6) && !ksrtpd_interface_advertised(a, 4),
		      "nothing else is advertised");
	}
	tap_end("C1", "settings and interfaces are read");
}

static void test_refused(void)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "rubbish\n", ":1: 'rubbish' is not of the form key = value" },
		{ "\n\nfoo = 1\n", ":3: 'foo' is no setting" },
		{ "= 1\n", ":1: '' is no setting" },
		{ "socket =\n", ":1: socket: has no value" },
		{ "socket = x.sock\n", "'x.sock' is no absolute path" },
		{ "socket = /0123456789012345678901234567890123456789012345678901234567890123456789"
		  "012345678901234567890123456789012345678901234567890\n", "longer than 107 octets" },
		{ "log-level = loud\n", "'loud' is none of error, warning, info, debug" },
		{ "datapath = xdp\n", "'xdp' is none of auto, kernel, user" },
		{ "calls-max = 0\n", "'0' is no number from 1" },
		{ "calls-max = -1\n", "'-1' is no number from 1" },
		{ "calls-max = 1x\n", "'1x' is no number from 1" },
		{ "calls-max = 99999999999999999999\n", "is no number from 1" },
		{ "interface = a\n", "interface a: has no address" },
		{ "interface = a/b 192.0.2.1\n", "interface: 'a/b' is no name" },
		{ "interface = 0123456789012345678901234567890123 192.0.2.1\n", "is no name" },
		{ "interface = a 192.0.2.300\n", "'192.0.2.300' is neither an address nor a port range" },
		{ "interface = a eth0\n", "'eth0' is neither an address nor a port range" },
		{ "interface = a 192.0.2.1 192.0.2.2\n", "a second IPv4 address, 192.0.2.2" },
		{ "interface = a 2001:db8::1 2001:db8::2\n", "a second IPv6 address, 2001:db8::2" },
		{ "interface = a 192.0.2.1!2001:db8::1\n", "'2001:db8::1' is no IPv4 address to advertise" },
		{ "interface = a 192.0.2.1!\n", "'' is no IPv4 address to advertise" },
		{ "interface = a 192.0.2.1!0.0.0.0\n", "0.0.0.0 is the unspecified address" },
		{ "interface = a !192.0.2.1\n", "'' is no address" },
		{ "interface = a 0.0.0.0\n", "0.0.0.0 is the unspecified address" },
		{ "interface = a ::\n", ":: is the unspecified address" },
		{ "interface = a 224.0.0.1\n", "224.0.0.1 is a multicast address" },
		{ "interface = a 192.0.2.1 50000-40000\n", "'50000-40000' is no port range" },
		{ "interface = a 192.0.2.1 80-90\n", "'80-90' is no port range" },
		{ "interface = a 192.0.2.1 50000-65536\n", "'50000-65536' is no port range" },
		{ "interface = a 192.0.2.1 50000-\n", "'50000-' is no port range" },
		{ "interface = a 192.0.2.1 5000-6000 5000-6000\n", "a second port range" },
		{ "interface = a 192.0.2.1\ninterface = a 192.0.2.2\n", ":2: interface a: is there already" },
	};
	struct ksrtpd_failure failure;
	struct ksrtpd_config config;
	char line[1200];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(read_text(&config, rows[i].text, &failure), "row %zu was taken", i);
		CHECK(strstr(failure.message, rows[i].message), "row %zu: '%s' lacks '%s'", i,
		      failure.message, rows[i].message);
	}
	memset(line, '#', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	CHECK(read_text(&config, line, &failure) && strstr(failure.message, ":1: longer than"), "%s",
	      failure.message);
	CHECK(ksrtpd_config_read(&config, "/nonexistent", &failure) &&
	      !strcmp(failure.message, "/nonexistent: No such file or directory"), "%s",
	      failure.message);
	tap_end("C1", "errors of the configuration name file, line and what is wrong");
}

static void test_many(void)
{
	struct ksrtpd_failure failure;
	struct ksrtpd_config config;
	char value[64];
	int i;

	ksrtpd_config_init(&config);
	for (i = 0; i < KSRTPD_INTERFACES_MAX; i++) {
		snprintf(value, sizeof(value), "if%d 10.0.0.%d", i, i + 1);
		CHECK(!ksrtpd_config_set(&config, "interface", value, &failure), "%s", failure.message);
	}
	CHECK(ksrtpd_config_set(&config, "interface", "more 10.1.0.1", &failure) &&
	      strstr(failure.message, "more than 16"), "%s", failure.message);
	CHECK(config.interfaces_count == KSRTPD_INTERFACES_MAX, "count");
	tap_end("C1", "the number of interfaces is bounded");
}

int main(void)
{
	tap.datapath = "-";
	test_defaults();
	test_whole();
	test_refused();
	test_many();
	return tap_done();
}
