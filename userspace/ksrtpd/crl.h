/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The local cache of certificate revocation lists: a folder of files HASH.r0, HASH.r1, ...
 * where HASH is that of the issuer's name (`openssl rehash`, `openssl crl -hash`), PEM or
 * DER. Somebody else fetches them. A file is read again as soon as it is another one.
 */
#ifndef KSRTPD_CRL_H
#define KSRTPD_CRL_H

#include <openssl/x509.h>

struct ksrtpd_crls;

struct ksrtpd_crls *ksrtpd_crls_create(const char *folder);
void ksrtpd_crls_destroy(struct ksrtpd_crls *crls);
/* All lists of @issuer that are there now, to be freed with their members; NULL: none.
 * Neither their signature nor their time was looked at.
 */
STACK_OF(X509_CRL) *ksrtpd_crls_find(struct ksrtpd_crls *crls, const X509_NAME *issuer);

#endif /* KSRTPD_CRL_H */
