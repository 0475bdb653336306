// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "addr.h"
#include "api_config.h"
#include "scope.h"

#define REASON	"config"

void ksrtpd_api_config_init(struct ksrtpd_api_config *api)
{
	memset(api, 0, sizeof(*api));
	api->connections = 256;
	api->connections_per_client = 32;
	api->rate = 50;
	api->header_max = 16 * 1024;
	api->body_max = 256 * 1024;
	api->request_time = 15;
	api->idle = 60;
	api->connection_age = 600;
	api->heartbeat = 15;
	api->queue_max = 256 * 1024;
}

/* -- where to listen */

static int parse_port(const char *text)
{
	size_t len = strspn(text, "0123456789");
	int port = len && len < 6 && !text[len] ? atoi(text) : 0;

	return port <= 65535 ? port : 0;
}

static bool is_loopback(const struct sockaddr_storage *addr)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)addr;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)addr;

	return addr->ss_family == AF_INET ? ntohl(four->sin_addr.s_addr) >> 24 == 127 :
					    IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

int ksrtpd_api_config_listen(struct ksrtpd_api_config *api, const char *value, bool plain,
			     struct ksrtpd_failure *failure)
{
	struct sockaddr_storage *addr = &api->listen[api->listen_count];
	const char *colon = strrchr(value, ':');
	char host[KSRTPD_ADDR_TEXT];
	size_t len = colon ? (size_t)(colon - value) : 0;
	bool six = len > 2 && value[0] == '[' && value[len - 1] == ']';
	int port = colon ? parse_port(colon + 1) : 0;

	if (api->listen_count == KSRTPD_API_LISTEN_MAX)
		return ksrtpd_fail(failure, REASON, "api: more than %d", KSRTPD_API_LISTEN_MAX);
	if (!len || len - 2 * six >= sizeof(host) || !port)
		return ksrtpd_fail(failure, REASON, "api: '%s' is not of the form ADDRESS:PORT", value);
	memcpy(host, value + six, len - 2 * six);
	host[len - 2 * six] = '\0';
	if (!ksrtpd_addr_parse(host, six ? 6 : 4, addr))
		return ksrtpd_fail(failure, REASON, "api: '%s' is no IP address%s", host,
				   strchr(host, ':') ? " (IPv6 goes in brackets)" : "");
	if (plain && !is_loopback(addr))
		return ksrtpd_fail(failure, REASON,
				   "api-plain: %s is no address of loopback: others could read tokens",
				   host);
	ksrtpd_addr_set_port(addr, port);
	api->listen_plain[api->listen_count++] = plain;
	return 0;
}

/* -- who may ask */

int ksrtpd_api_config_client(struct ksrtpd_api_config *api, const char *value,
			     struct ksrtpd_failure *failure)
{
	struct ksrtpd_api_client *client = &api->clients[api->clients_count];
	const char *end = strrchr(value, ' ');
	unsigned int i;
	size_t len;

	if (!end)
		end = strrchr(value, '\t');
	if (api->clients_count == KSRTPD_API_CLIENTS_MAX)
		return ksrtpd_fail(failure, REASON, "api-client: more than %d", KSRTPD_API_CLIENTS_MAX);
	if (!end)
		return ksrtpd_fail(failure, REASON, "api-client: '%s' is not of the form NAME SCOPES",
				   value);
	client->scopes = ksrtpd_scopes_parse(end + 1);
	if (!client->scopes)
		return ksrtpd_fail(failure, REASON,
				   "api-client: '%s' is no list of read, calls, policy, admin, and not all",
				   end + 1);
	for (len = end - value; len && isspace((unsigned char)value[len - 1]); len--)
		;
	if (!len || len >= sizeof(client->name))
		return ksrtpd_fail(failure, REASON, "api-client: the name has not 1 to %zu octets",
				   sizeof(client->name) - 1);
	memcpy(client->name, value, len);
	client->name[len] = '\0';
	for (i = 0; i < api->clients_count; i++) {
		if (!strcmp(api->clients[i].name, client->name))
			return ksrtpd_fail(failure, REASON, "api-client: %s is there already",
					   client->name);
	}
	api->clients_count++;
	return 0;
}

/* -- all of it */

static bool anything_set(const struct ksrtpd_api_config *api)
{
	return *api->cert || *api->key || *api->client_ca || *api->crl_dir || *api->tokens ||
	       api->clients_count;
}

static bool all_plain(const struct ksrtpd_api_config *api)
{
	unsigned int i;

	for (i = 0; i < api->listen_count; i++) {
		if (!api->listen_plain[i])
			return false;
	}
	return true;
}

static bool any_plain(const struct ksrtpd_api_config *api)
{
	unsigned int i;

	for (i = 0; i < api->listen_count; i++) {
		if (api->listen_plain[i])
			return true;
	}
	return false;
}

int ksrtpd_api_config_check(const struct ksrtpd_api_config *api, struct ksrtpd_failure *failure)
{
	if (!api->listen_count)
		return anything_set(api) ?
			ksrtpd_fail(failure, REASON,
				    "api-... without api = ADDRESS:PORT: nothing would listen") : 0;
	if (any_plain(api) && !*api->tokens)
		return ksrtpd_fail(failure, REASON,
				   "api-plain: without api-tokens nobody could use it");
	if (all_plain(api) && !*api->client_ca && !*api->cert && !*api->key)
		return 0;
	if (!*api->cert || !*api->key)
		return ksrtpd_fail(failure, REASON, "api: api-cert or api-key is missing");
	if (!*api->client_ca && !*api->tokens)
		return ksrtpd_fail(failure, REASON,
				   "api: neither api-client-ca nor api-tokens: nobody could use it");
	if (*api->client_ca && !*api->crl_dir)
		return ksrtpd_fail(failure, REASON,
				   "api-client-ca: without api-crl-dir no certificate could be checked");
	if (!*api->client_ca && (*api->crl_dir || api->clients_count || api->client_cert))
		return ksrtpd_fail(failure, REASON,
				   "api-crl-dir, api-client or api-client-cert without api-client-ca");
	return 0;
}
