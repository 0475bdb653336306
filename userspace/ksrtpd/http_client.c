// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "addr.h"
#include "bucket.h"
#include "http_client.h"

#define LIMIT	4096	/* entries without a connection that are remembered */
#define KEY	9

struct ksrtpd_http_client {
	TAILQ_ENTRY(ksrtpd_http_client) entry;
	uint8_t key[KEY];	/* family, then an IPv4 address or half an IPv6 address */
	unsigned int connections;
	struct ksrtpd_bucket rate;
};

TAILQ_HEAD(client_list, ksrtpd_http_client);

struct ksrtpd_http_clients {
	unsigned int rate, connections, idle_count;
	struct client_list busy;
	struct client_list idle;	/* the one that left first is the first */
};

struct ksrtpd_http_clients *ksrtpd_http_clients_create(unsigned int rate, unsigned int connections)
{
	struct ksrtpd_http_clients *clients = calloc(1, sizeof(*clients));

	if (!clients)
		return NULL;
	clients->rate = rate;
	clients->connections = connections;
	TAILQ_INIT(&clients->busy);
	TAILQ_INIT(&clients->idle);
	return clients;
}

static void free_list(struct client_list *list)
{
	struct ksrtpd_http_client *client;

	while ((client = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, client, entry);
		free(client);
	}
}

void ksrtpd_http_clients_destroy(struct ksrtpd_http_clients *clients)
{
	if (!clients)
		return;
	free_list(&clients->busy);
	free_list(&clients->idle);
	free(clients);
}

static void make_key(uint8_t key[KEY], const struct sockaddr_storage *addr)
{
	memset(key, 0, KEY);
	key[0] = ksrtpd_addr_family(addr);
	if (addr->ss_family == AF_INET)
		memcpy(key + 1, &((const struct sockaddr_in *)addr)->sin_addr, 4);
	else
		memcpy(key + 1, &((const struct sockaddr_in6 *)addr)->sin6_addr, 8);
}

static struct ksrtpd_http_client *find(struct client_list *list, const uint8_t key[KEY])
{
	struct ksrtpd_http_client *client;

	TAILQ_FOREACH(client, list, entry) {
		if (!memcmp(client->key, key, KEY))
			return client;
	}
	return NULL;
}

struct ksrtpd_http_client *ksrtpd_http_client_get(struct ksrtpd_http_clients *clients,
						  const struct sockaddr_storage *addr)
{
	struct ksrtpd_http_client *client;
	uint8_t key[KEY];

	make_key(key, addr);
	client = find(&clients->busy, key);
	if (client && client->connections >= clients->connections)
		return NULL;
	if (!client) {
		client = find(&clients->idle, key);
		if (client) {
			TAILQ_REMOVE(&clients->idle, client, entry);
			clients->idle_count--;
		} else {
			client = calloc(1, sizeof(*client));
			if (!client)
				return NULL;
			memcpy(client->key, key, KEY);
		}
		TAILQ_INSERT_HEAD(&clients->busy, client, entry);
	}
	client->connections++;
	return client;
}

/* Who was away for two seconds has its whole burst again: nothing to remember. */
static void forget_old(struct ksrtpd_http_clients *clients)
{
	struct ksrtpd_http_client *first;
	uint64_t now = ksrtpd_now_ms();

	while ((first = TAILQ_FIRST(&clients->idle)) &&
	       (clients->idle_count > LIMIT || now - first->rate.filled_ms > 2000)) {
		TAILQ_REMOVE(&clients->idle, first, entry);
		clients->idle_count--;
		free(first);
	}
}

void ksrtpd_http_client_put(struct ksrtpd_http_clients *clients, struct ksrtpd_http_client *client)
{
	if (--client->connections)
		return;
	TAILQ_REMOVE(&clients->busy, client, entry);
	TAILQ_INSERT_TAIL(&clients->idle, client, entry);
	clients->idle_count++;
	forget_old(clients);
}

bool ksrtpd_http_client_request(struct ksrtpd_http_clients *clients,
				struct ksrtpd_http_client *client)
{
	return ksrtpd_bucket_take(&client->rate, clients->rate, 2 * clients->rate);
}
