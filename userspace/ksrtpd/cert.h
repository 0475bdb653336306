/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The certificate of one leg: self-signed, ECDSA P-256, made fresh for every call
 * and leg and gone with it. Nobody checks its chain or dates; it counts only by
 * its fingerprint in SDP (RFC 5763, section 5), so it tells nothing else.
 */
#ifndef KSRTPD_CERT_H
#define KSRTPD_CERT_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "fingerprint.h"

struct ksrtpd_cert {
	EVP_PKEY *key;
	X509 *x509;
	struct ksrtpd_fingerprint fingerprint;
};

/* NULL when OpenSSL failed. */
struct ksrtpd_cert *ksrtpd_cert_create(void);
/* The same once more, with a life of its own; NULL: no memory. */
struct ksrtpd_cert *ksrtpd_cert_share(const struct ksrtpd_cert *cert);
/* One whose key is gone with the agent that made it: nothing is left but its fingerprint. */
struct ksrtpd_cert *ksrtpd_cert_remember(const struct ksrtpd_fingerprint *fp);
void ksrtpd_cert_destroy(struct ksrtpd_cert *cert);

#endif /* KSRTPD_CERT_H */
