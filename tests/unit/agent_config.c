// SPDX-License-Identifier: GPL-2.0
/* The configuration: what it says, and what it complains about. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ksrtpd/config.h"
#include "ksrtpd/datapath.h"
#include "ksrtpd/log.h"
#include "linux/ksrtp.h"
#include "tap.h"

#define WRONG_MAX	8

struct wrong {
	unsigned int count;
	char list[WRONG_MAX][640];
};

static void take_wrong(const char *message, void *arg)
{
	struct wrong *wrong = arg;

	if (wrong->count < WRONG_MAX)
		snprintf(wrong->list[wrong->count], sizeof(wrong->list[0]), "%s", message);
	wrong->count++;
}

static unsigned int read_text(struct ksrtpd_config *config, const char *text, struct wrong *wrong)
{
	char path[] = "/tmp/agent_config.XXXXXX";
	int fd = mkstemp(path);
	ssize_t len = strlen(text);

	ksrtpd_config_init(config);
	memset(wrong, 0, sizeof(*wrong));
	CHECK(fd >= 0 && write(fd, text, len) == len, "a file for the test");
	ksrtpd_config_read(config, path, take_wrong, wrong);
	if (!wrong->count)
		ksrtpd_config_fit(config, path, take_wrong, wrong);
	if (wrong->count)
		CHECK(!strncmp(wrong->list[0], path, strlen(path)), "%s", wrong->list[0]);
	close(fd);
	unlink(path);
	return wrong->count;
}

static void test_defaults(void)
{
	struct wrong wrong;
	struct ksrtpd_config config;

	CHECK(!read_text(&config, "# nothing\n\n   \ninterface = a 192.0.2.1\n", &wrong), "%s",
	      wrong.list[0]);
	CHECK(!strcmp(config.socket, "/run/ksrtp/ksrtpd.sock"), "%s", config.socket);
	CHECK(config.calls_max == 1000 && config.log_level == KSRTPD_LOG_INFO &&
	      config.datapath == KSRTPD_DATAPATH_AUTO && config.cryptex == KSRTP_CRYPTEX_ON, "defaults");
	CHECK(config.handshakes_max == 1000 && config.handshake_timeout == 15 &&
	      !config.algorithms.fips && config.algorithms.suites_count == 4, "of DTLS");
	CHECK(!*config.state_dir && config.on_stop == KSRTPD_ON_STOP_LEAVE &&
	      config.federation_default == KSRTPD_FEDERATION_ALLOW, "of what outlives the agent");
	tap_end("C1", "an empty configuration has the defaults");
}

static void test_whole(void)
{
	const struct ksrtpd_interface *a, *b;
	struct ksrtpd_config config;
	char text[KSRTPD_ADDR_TEXT];
	struct wrong wrong;

	CHECK(!read_text(&config,
			 "socket=/tmp/x.sock\n"
			 "  log-level = debug   # loud\n"
			 "calls-max =7\r\n"
			 "datapath = user\n"
			 "cryptex = required\n"
			 "state-dir = /tmp/x\n"
			 "on-stop = end\n"
			 "lease = 6\n"
			 "federation-default = deny\n"
			 "interface = a 192.0.2.1\n"
			 "interface\t=\tout.side-2 2001:db8::1\t198.51.100.7!203.0.113.9 50000-50099",
			 &wrong),
	      "%s", wrong.list[0]);
	CHECK(!strcmp(config.state_dir, "/tmp/x") && config.on_stop == KSRTPD_ON_STOP_END &&
	      config.lease == 6 &&
	      config.federation_default == KSRTPD_FEDERATION_DENY, "what outlives the agent");
	CHECK(!strcmp(config.socket, "/tmp/x.sock") && config.log_level == KSRTPD_LOG_DEBUG &&
	      config.calls_max == 7 && config.datapath == KSRTPD_DATAPATH_USER &&
	      config.cryptex == KSRTP_CRYPTEX_REQUIRED && config.interfaces_count == 2, "settings");
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
		{ "state-dir = state\n", "state-dir: 'state' is no absolute path" },
		{ "lease = 5\n", "lease: '5' is no number from 6 to 86400" },
		{ "on-stop = wait\n", "'wait' is none of leave, end" },
		{ "federation-default = ask\n", "'ask' is none of allow, deny" },
		{ "cryptex = yes\n", "cryptex: 'yes' is none of off, on, required" },
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
		{ "handshakes-max = 0\n", "handshakes-max: '0' is no number from 1" },
		{ "handshake-timeout = 61\n", "'61' is no number from 1 to 60" },
		{ "fips-algorithms = true\n", "'true' is neither yes nor no" },
		{ "suites = aes-cm-128-null\n", "suites: 'aes-cm-128-null' is no suite" },
		{ "suites = none\n", "suites: 'none' is no suite" },
		{ "suites = ,\n", "suites: names none" },
		{ "suites = aead-aes-128-gcm aead-aes-128-gcm\n", "aead-aes-128-gcm is there twice" },
		{ "dtls-ciphers = ECDHE-ECDSA-AES128-GCM-SHA256 FOO\n", "'FOO' is no cipher suite" },
		{ "dtls-ciphers = ECDHE-ECDSA-AES128-GCM-SHA256:HIGH\n", "'HIGH' is not the name of one" },
		{ "dtls-ciphers = ECDHE-RSA-AES128-GCM-SHA256\n", "our own certificates, which are ECDSA" },
		{ "dtls-ciphers = ECDHE-ECDSA-AES128-SHA\n", "has no AEAD" },
		{ "dtls-ciphers = ECDHE-ECDSA-AES128-GCM-SHA256 AES128-GCM-SHA256\n", "is not ECDHE" },
		{ "dtls-groups = P-255\n", "'P-255' is no group" },
		{ "dtls-sigalgs = ECDSA+SHA256 FOO\n", "'FOO' is no signature algorithm" },
		{ "dtls-sigalgs = ECDSA+SHA256 ECDSA+SHA1\n", "'ECDSA+SHA1' is too weak" },
		{ "dtls-sigalgs = RSA+SHA256\n", "lacks ECDSA+SHA256" },
	};
	struct ksrtpd_config config;
	struct wrong wrong;
	char line[1200];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(read_text(&config, rows[i].text, &wrong) == 1, "row %zu: %u are wrong", i,
		      wrong.count);
		CHECK(strstr(wrong.list[0], rows[i].message), "row %zu: '%s' lacks '%s'", i,
		      wrong.list[0], rows[i].message);
	}
	memset(line, '#', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	CHECK(read_text(&config, line, &wrong) == 1 && strstr(wrong.list[0], ":1: longer than"), "%s",
	      wrong.list[0]);
	memset(&wrong, 0, sizeof(wrong));
	CHECK(ksrtpd_config_read(&config, "/nonexistent", take_wrong, &wrong) == 1 &&
	      !strcmp(wrong.list[0], "/nonexistent: No such file or directory"), "%s",
	      wrong.list[0]);
	tap_end("C1", "errors of the configuration name file, line and what is wrong");
}

static void test_all_told(void)
{
	struct ksrtpd_config config;
	struct wrong wrong;

	CHECK(read_text(&config,
			"calls-max = 0\ninterface = a 192.0.2.1\nfoo = 1\n\nrubbish\nlog-level = x\n",
			&wrong) == 4, "%u", wrong.count);
	CHECK(strstr(wrong.list[0], ":1: calls-max") && strstr(wrong.list[1], ":3: 'foo'") &&
	      strstr(wrong.list[2], ":5: 'rubbish'") && strstr(wrong.list[3], ":6: log-level"),
	      "%s %s %s %s", wrong.list[0], wrong.list[1], wrong.list[2], wrong.list[3]);
	CHECK(config.interfaces_count == 1, "what is right is there");
	tap_end("C1", "all errors of a file are told, each with its line");
}

static void test_algorithms(void)
{
	struct ksrtpd_config config;
	struct wrong wrong;

	CHECK(!read_text(&config,
			 "interface = a 192.0.2.1\n"
			 "suites = aes-cm-128-hmac-sha1-80, aead-aes-256-gcm\n"
			 "dtls-ciphers = ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256\n"
			 "dtls-groups = P-521 X25519\n"
			 "dtls-sigalgs = ECDSA+SHA256 RSA-PSS+SHA256\n", &wrong), "%s", wrong.list[0]);
	CHECK(config.algorithms.suites_count == 2 &&
	      config.algorithms.suites[0] == KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80, "suites");
	CHECK(!strcmp(config.algorithms.ciphers,
		      "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256"), "%s",
	      config.algorithms.ciphers);
	CHECK(!strcmp(config.algorithms.groups, "P-521:X25519"), "%s", config.algorithms.groups);
	tap_end("K1,K5", "more algorithms of DTLS and SRTP are a matter of configuration");
}

static void test_fips(void)
{
	static const struct {
		const char *line, *message;
	} rows[] = {
		{ "suites = aead-aes-128-gcm aes-cm-128-hmac-sha1-80\n",
		  ":3: suites: 'aes-cm-128-hmac-sha1-80' is not allowed with fips-algorithms" },
		{ "dtls-ciphers = ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-ECDSA-CHACHA20-POLY1305\n",
		  ":3: dtls-ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' is not allowed with fips" },
		{ "dtls-groups = X25519\n", ":3: dtls-groups: 'X25519' is not allowed with fips" },
		{ "dtls-sigalgs = ECDSA+SHA256 RSA-PSS+SHA256\n",
		  ":3: dtls-sigalgs: 'RSA-PSS+SHA256' is not allowed" },
	};
	struct ksrtpd_config config;
	struct wrong wrong;
	char text[300];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "fips-algorithms = yes\ninterface = a 192.0.2.1\n%s",
			 rows[i].line);
		CHECK(read_text(&config, text, &wrong) == 1 && strstr(wrong.list[0], rows[i].message),
		      "row %zu: %u, '%s'", i, wrong.count, wrong.list[0]);
		/* Without it, each is right. */
		snprintf(text, sizeof(text), "fips-algorithms = no\ninterface = a 192.0.2.1\n%s",
			 rows[i].line);
		CHECK(!read_text(&config, text, &wrong), "row %zu: %s", i, wrong.list[0]);
	}
	CHECK(!read_text(&config, "interface = a 192.0.2.1\nfips-algorithms = yes\n", &wrong), "%s",
	      wrong.list[0]);
	ksrtpd_algorithms_use(&config.algorithms);
	CHECK(ksrtpd_algorithms()->suites_count == 2 &&
	      !ksrtpd_algorithms_allow(ksrtpd_algorithms(), KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80) &&
	      ksrtpd_algorithms_allow(ksrtpd_algorithms(), KSRTP_SUITE_AEAD_AES_256_GCM),
	      "only AES-GCM is left of the default suites");
	tap_end("K5", "K5: fips-algorithms restricts at once, and what contradicts it is told with its line");
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
	test_all_told();
	test_algorithms();
	test_fips();
	test_many();
	return tap_done();
}
