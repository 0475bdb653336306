/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TLS of the API: 1.2 and 1.3 with ephemeral keys and AEAD. Of a client's certificate it
 * demands a chain to a CA of api-client-ca, the extended key usage clientAuth, a CRL
 * distribution point in each certificate but the root, and for each a list from the local
 * cache (crl.h) that is valid now and does not name it. There is no resumption: who comes
 * again is checked again.
 */
#ifndef KSRTPD_TLS_H
#define KSRTPD_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "api_config.h"
#include "failure.h"

/* Why a handshake was refused. */
enum ksrtpd_tls_refusal {
	KSRTPD_TLS_ACCEPTED,
	KSRTPD_TLS_CERT_NONE,
	KSRTPD_TLS_CERT_UNTRUSTED,	/* no chain to a CA of ours */
	KSRTPD_TLS_CERT_EXPIRED,	/* or not valid yet */
	KSRTPD_TLS_CERT_EKU,		/* no clientAuth */
	KSRTPD_TLS_CERT_NO_CDP,
	KSRTPD_TLS_CERT_REVOKED,
	KSRTPD_TLS_CERT_INVALID,	/* anything else about it */
	KSRTPD_TLS_CRL_MISSING,
	KSRTPD_TLS_CRL_EXPIRED,
	KSRTPD_TLS_CRL_INVALID,		/* bad signature, or not valid yet */
	KSRTPD_TLS_PROTOCOL,		/* no common version or algorithm, or no TLS at all */
	KSRTPD_TLS_ABORTED,		/* the client went away, or took too long */
	KSRTPD_TLS_REFUSALS,
};

struct ksrtpd_tls;

/* @fips: approved algorithms only. */
struct ksrtpd_tls *ksrtpd_tls_create(const struct ksrtpd_api_config *config, bool fips,
				     struct ksrtpd_failure *failure);
void ksrtpd_tls_destroy(struct ksrtpd_tls *tls);
/* Reads certificate, key and CAs again, for handshakes from now on; or fails, and those
 * that it has stay.
 */
int ksrtpd_tls_reload(struct ksrtpd_tls *tls, struct ksrtpd_failure *failure);
/* For one connection; NULL: no memory. */
SSL *ksrtpd_tls_accept(struct ksrtpd_tls *tls);
/* The common name of the client's certificate, which is good ("": it has none, or several);
 * false: it showed none.
 */
bool ksrtpd_tls_client(const SSL *ssl, char *name, size_t size);
/* A handshake failed with this error of OpenSSL (0: none). Counts it, and logs it. */
enum ksrtpd_tls_refusal ksrtpd_tls_failed(struct ksrtpd_tls *tls, const SSL *ssl,
					  unsigned long error);

const char *ksrtpd_tls_refusal_name(enum ksrtpd_tls_refusal refusal);
uint64_t ksrtpd_tls_refused(const struct ksrtpd_tls *tls, enum ksrtpd_tls_refusal refusal);

#endif /* KSRTPD_TLS_H */
