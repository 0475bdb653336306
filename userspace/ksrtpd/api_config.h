/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The settings of the HTTPS server, without `api` there is none; and who may use the Unix
 * socket besides root and the agent's own user.
 *
 *	socket-group = GROUP		members of this group
 *
 *	api = ADDRESS:PORT		where to listen; several are possible
 *	api-plain = ADDRESS:PORT	likewise, without TLS: an address of loopback, clients with
 *					tokens alone, and no keys in SDP
 *	api-cert = FILE			our certificate chain, PEM
 *	api-key = FILE			its private key, PEM
 *	api-client-ca = FILE		who may issue certificates of clients, PEM
 *	api-client-cert = required	or optional (default: required with api-client-ca)
 *	api-crl-dir = DIR		their revocation lists, named HASH.rN as `openssl rehash`
 *					names them
 *	api-client = NAME SCOPES	what the client whose certificate has this common name
 *					may do: read,calls,policy,admin or all
 *	api-tokens = FILE		bearer tokens (token.h)
 *	api-connections = 256		at most, in all
 *	api-connections-per-client = 32
 *	api-rate = 50			requests a second of one client, twice that in a burst
 *	api-header-max = 16384		octets of a request's head
 *	api-body-max = 262144		and of its body
 *	api-request-time = 15		seconds for a handshake, and for one request to arrive
 *	api-idle = 60			seconds that a connection may be silent between requests
 *	api-connection-age = 600	seconds after which it has to authenticate anew
 *	api-heartbeat = 15		seconds between signs of life of an event stream
 *	api-queue-max = 262144		octets of events that a slow client may leave waiting
 */
#ifndef KSRTPD_API_CONFIG_H
#define KSRTPD_API_CONFIG_H

#include <stdbool.h>
#include <sys/socket.h>

#include "failure.h"

#define KSRTPD_API_LISTEN_MAX	8
#define KSRTPD_API_CLIENTS_MAX	64
#define KSRTPD_API_PATH		256	/* with the NUL */
#define KSRTPD_API_NAME		112	/* with the NUL */

struct ksrtpd_api_client {
	char name[KSRTPD_API_NAME];
	unsigned int scopes;
};

enum ksrtpd_api_client_cert {
	KSRTPD_API_CLIENT_CERT_DEFAULT,
	KSRTPD_API_CLIENT_CERT_REQUIRED,
	KSRTPD_API_CLIENT_CERT_OPTIONAL,
};

struct ksrtpd_api_config {
	char socket_group[64];		/* "": none */
	struct sockaddr_storage listen[KSRTPD_API_LISTEN_MAX];
	bool listen_plain[KSRTPD_API_LISTEN_MAX];
	unsigned int listen_count;
	char cert[KSRTPD_API_PATH], key[KSRTPD_API_PATH];
	char client_ca[KSRTPD_API_PATH], crl_dir[KSRTPD_API_PATH], tokens[KSRTPD_API_PATH];
	unsigned int client_cert;	/* enum ksrtpd_api_client_cert */
	struct ksrtpd_api_client clients[KSRTPD_API_CLIENTS_MAX];
	unsigned int clients_count;
	unsigned int connections, connections_per_client, rate;
	unsigned int header_max, body_max;
	unsigned int request_time, idle, connection_age, heartbeat, queue_max;
};

void ksrtpd_api_config_init(struct ksrtpd_api_config *api);
/* For the table of config.c: the value of one `api` or `api-client`. */
int ksrtpd_api_config_listen(struct ksrtpd_api_config *api, const char *value, bool plain,
			     struct ksrtpd_failure *failure);
int ksrtpd_api_config_client(struct ksrtpd_api_config *api, const char *value,
			     struct ksrtpd_failure *failure);
/* Demands that what was set makes sense together. */
int ksrtpd_api_config_check(const struct ksrtpd_api_config *api, struct ksrtpd_failure *failure);

#endif /* KSRTPD_API_CONFIG_H */
