/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who is connected, by address (IPv6: by /64), with what one client may use up. An entry
 * lives as long as its connections, and after them until its rate has recovered.
 */
#ifndef KSRTPD_HTTP_CLIENT_H
#define KSRTPD_HTTP_CLIENT_H

#include <stdbool.h>
#include <sys/socket.h>

struct ksrtpd_http_clients;
struct ksrtpd_http_client;

struct ksrtpd_http_clients *ksrtpd_http_clients_create(unsigned int rate, unsigned int connections);
void ksrtpd_http_clients_destroy(struct ksrtpd_http_clients *clients);
/* One more connection of it; NULL: it has as many as it may, or memory is out. */
struct ksrtpd_http_client *ksrtpd_http_client_get(struct ksrtpd_http_clients *clients,
						  const struct sockaddr_storage *addr);
void ksrtpd_http_client_put(struct ksrtpd_http_clients *clients, struct ksrtpd_http_client *client);
/* One more request of it. False: too many. */
bool ksrtpd_http_client_request(struct ksrtpd_http_clients *clients,
				struct ksrtpd_http_client *client);

#endif /* KSRTPD_HTTP_CLIENT_H */
