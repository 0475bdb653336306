/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The API over HTTPS: the methods of method.h as resources (openapi.yaml), for clients
 * with a certificate (tls.h) or a bearer token (token.h).
 */
#ifndef KSRTPD_HTTP_H
#define KSRTPD_HTTP_H

#include <stdint.h>

#include "agent.h"
#include "failure.h"
#include "tls.h"

#define KSRTPD_HTTP_STATUSES	600

/* Since the start. */
struct ksrtpd_http_counters {
	uint64_t answers[KSRTPD_HTTP_STATUSES];	/* by status */
	uint64_t connections_refused;		/* too many, in all or of one client */
	uint64_t streams_dropped;		/* event streams whose client was too slow */
};

struct ksrtpd_http;

/* Listens as the configuration says; NULL is a failure. */
struct ksrtpd_http *ksrtpd_http_create(struct ksrtpd_agent *agent, struct ksrtpd_failure *failure);
void ksrtpd_http_destroy(struct ksrtpd_http *http);
/* Reads certificates and tokens again; a failure leaves those that it has. */
int ksrtpd_http_reload(struct ksrtpd_http *http, struct ksrtpd_failure *failure);

const struct ksrtpd_http_counters *ksrtpd_http_counters(const struct ksrtpd_http *http);
const struct ksrtpd_tls *ksrtpd_http_tls(const struct ksrtpd_http *http);
unsigned int ksrtpd_http_connections(const struct ksrtpd_http *http);

#endif /* KSRTPD_HTTP_H */
