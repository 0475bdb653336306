// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/x509.h>

#include "cert.h"

#define SERIAL_BITS	63	/* positive in a 64-bit integer */
#define BACKDATE	(24 * 3600)	/* for peers whose clock is behind */
#define VALID		(30 * 24 * 3600)

static bool set_serial(X509 *x509)
{
	BIGNUM *number = BN_new();
	bool ok;

	ok = number && BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) &&
	     BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509));
	BN_free(number);
	return ok;
}

static bool set_name(X509 *x509)
{
	X509_NAME *name = X509_get_subject_name(x509);

	return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
					  (const unsigned char *)"ksrtp", -1, -1, 0) &&
	       X509_set_issuer_name(x509, name);
}

static X509 *self_signed(EVP_PKEY *key)
{
	X509 *x509 = X509_new();

	if (x509 && X509_set_version(x509, X509_VERSION_3) && set_serial(x509) &&
	    set_name(x509) && X509_gmtime_adj(X509_getm_notBefore(x509), -BACKDATE) &&
	    X509_gmtime_adj(X509_getm_notAfter(x509), VALID) && X509_set_pubkey(x509, key) &&
	    X509_sign(x509, key, EVP_sha256()))
		return x509;
	X509_free(x509);
	return NULL;
}

struct ksrtpd_cert *ksrtpd_cert_create(void)
{
	struct ksrtpd_cert *cert = calloc(1, sizeof(*cert));

	if (!cert)
		return NULL;
	cert->key = EVP_EC_gen("P-256");
	if (cert->key)
		cert->x509 = self_signed(cert->key);
	if (!cert->x509 || !ksrtpd_fingerprint_of(cert->x509, &cert->fingerprint)) {
		ksrtpd_cert_destroy(cert);
		return NULL;
	}
	return cert;
}

struct ksrtpd_cert *ksrtpd_cert_remember(const struct ksrtpd_fingerprint *fp)
{
	struct ksrtpd_cert *cert = calloc(1, sizeof(*cert));

	if (cert)
		cert->fingerprint = *fp;
	return cert;
}

void ksrtpd_cert_destroy(struct ksrtpd_cert *cert)
{
	if (!cert)
		return;
	X509_free(cert->x509);
	EVP_PKEY_free(cert->key);
	free(cert);
}

struct ksrtpd_cert *ksrtpd_cert_share(const struct ksrtpd_cert *cert)
{
	struct ksrtpd_cert *other = malloc(sizeof(*other));

	if (!other)
		return NULL;
	*other = *cert;
	X509_up_ref(other->x509);
	EVP_PKEY_up_ref(other->key);
	return other;
}
