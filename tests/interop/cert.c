/* SPDX-License-Identifier: GPL-2.0 */
#include <string.h>

#include <openssl/bn.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "endpoint.h"

void cert_thumbprint(X509 *x509, uint8_t thumbprint[THUMBPRINT_LEN])
{
	unsigned int len = 0;

	if (X509_digest(x509, EVP_sha256(), thumbprint, &len) != 1 || len != THUMBPRINT_LEN)
		die("cannot take a certificate's SHA-256");
}

/* ECDSA P-256, self-signed, with a random serial number: a fresh one each time. */
void cert_make(struct certificate *cert, const char *name)
{
	X509_NAME *subject;
	uint8_t serial[8];
	BIGNUM *number;

	cert->key = EVP_EC_gen("P-256");
	cert->x509 = X509_new();
	if (!cert->key || !cert->x509 || RAND_bytes(serial, sizeof(serial)) != 1)
		die("cannot make a key");
	serial[0] = (serial[0] & 0x7f) | 1;
	number = BN_bin2bn(serial, sizeof(serial), NULL);
	subject = X509_get_subject_name(cert->x509);
	if (!number ||
	    !BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert->x509)) ||
	    !X509_set_version(cert->x509, X509_VERSION_3) ||
	    !X509_gmtime_adj(X509_getm_notBefore(cert->x509), -86400) ||
	    !X509_gmtime_adj(X509_getm_notAfter(cert->x509), 7 * 86400) ||
	    !X509_set_pubkey(cert->x509, cert->key) ||
	    !X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
					(const unsigned char *)name, -1, -1, 0) ||
	    !X509_set_issuer_name(cert->x509, subject) ||
	    !X509_sign(cert->x509, cert->key, EVP_sha256()))
		die("cannot make a certificate");
	BN_free(number);
	cert_thumbprint(cert->x509, cert->thumbprint);
}
