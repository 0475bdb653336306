// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "bucket.h"
#include "crl.h"
#include "log.h"
#include "tls.h"

#define REASON		"config"
#define CHAIN_DEPTH	5
#define LOGS_BURST	20	/* lines about refused handshakes ... */
#define LOGS_RATE	1	/* ... and then so many a second */

#define CIPHERS		"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:" \
			"ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384"
#define CIPHERS_MORE	":ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
#define SUITES		"TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384"
#define SUITES_MORE	":TLS_CHACHA20_POLY1305_SHA256"
#define GROUPS		"P-256:P-384"
#define GROUPS_MORE	":X25519"
#define SIGALGS		"ECDSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA256:RSA-PSS+SHA384:" \
			"RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512"
#define SIGALGS_MORE	":ed25519"

struct ksrtpd_tls {
	const struct ksrtpd_api_config *config;
	bool fips;
	SSL_CTX *context;
	struct ksrtpd_crls *crls;	/* NULL: certificates are not asked for */
	uint64_t refused[KSRTPD_TLS_REFUSALS];
	struct ksrtpd_bucket logs;
	uint64_t unlogged;
};

static const char *const names[] = {
	[KSRTPD_TLS_ACCEPTED] = "accepted",
	[KSRTPD_TLS_CERT_NONE] = "cert-none",
	[KSRTPD_TLS_CERT_UNTRUSTED] = "cert-untrusted",
	[KSRTPD_TLS_CERT_EXPIRED] = "cert-expired",
	[KSRTPD_TLS_CERT_EKU] = "cert-eku",
	[KSRTPD_TLS_CERT_NO_CDP] = "cert-no-cdp",
	[KSRTPD_TLS_CERT_REVOKED] = "cert-revoked",
	[KSRTPD_TLS_CERT_INVALID] = "cert-invalid",
	[KSRTPD_TLS_CRL_MISSING] = "crl-missing",
	[KSRTPD_TLS_CRL_EXPIRED] = "crl-expired",
	[KSRTPD_TLS_CRL_INVALID] = "crl-invalid",
	[KSRTPD_TLS_PROTOCOL] = "protocol",
	[KSRTPD_TLS_ABORTED] = "aborted",
};

const char *ksrtpd_tls_refusal_name(enum ksrtpd_tls_refusal refusal)
{
	return names[refusal];
}

uint64_t ksrtpd_tls_refused(const struct ksrtpd_tls *tls, enum ksrtpd_tls_refusal refusal)
{
	return tls ? tls->refused[refusal] : 0;
}

/* -- the client's certificate */

static enum ksrtpd_tls_refusal refusal_of(int error)
{
	switch (error) {
	case X509_V_OK:
		return KSRTPD_TLS_ACCEPTED;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
	case X509_V_ERR_CERT_UNTRUSTED:
		return KSRTPD_TLS_CERT_UNTRUSTED;
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return KSRTPD_TLS_CERT_EXPIRED;
	case X509_V_ERR_INVALID_PURPOSE:
		return KSRTPD_TLS_CERT_EKU;
	case X509_V_ERR_CERT_REVOKED:
		return KSRTPD_TLS_CERT_REVOKED;
	case X509_V_ERR_UNABLE_TO_GET_CRL:
	case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
	case X509_V_ERR_DIFFERENT_CRL_SCOPE:
		return KSRTPD_TLS_CRL_MISSING;
	case X509_V_ERR_CRL_HAS_EXPIRED:
		return KSRTPD_TLS_CRL_EXPIRED;
	case X509_V_ERR_CRL_NOT_YET_VALID:
	case X509_V_ERR_CRL_SIGNATURE_FAILURE:
	case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
	case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
	case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
	case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
	case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
	case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
		return KSRTPD_TLS_CRL_INVALID;
	default:
		return KSRTPD_TLS_CERT_INVALID;
	}
}

static bool names_uri(const GENERAL_NAMES *points)
{
	int i;

	for (i = 0; i < sk_GENERAL_NAME_num(points); i++) {
		if (sk_GENERAL_NAME_value(points, i)->type == GEN_URI)
			return true;
	}
	return false;
}

static bool has_distribution_point(const X509 *cert)
{
	CRL_DIST_POINTS *points = X509_get_ext_d2i(cert, NID_crl_distribution_points, NULL, NULL);
	bool found = false;
	int i;

	for (i = 0; i < sk_DIST_POINT_num(points); i++) {
		const DIST_POINT *point = sk_DIST_POINT_value(points, i);

		if (point->distpoint && !point->distpoint->type &&
		    names_uri(point->distpoint->name.fullname))
			found = true;
	}
	CRL_DIST_POINTS_free(points);
	return found;
}

/* A certificate without the extension would be good for everything: it must be there. */
static bool for_clients(X509 *cert)
{
	uint32_t usage = X509_get_extended_key_usage(cert);

	return usage != UINT32_MAX && usage & XKU_SSL_CLIENT;
}

static SSL *ssl_of(const X509_STORE_CTX *ctx)
{
	return X509_STORE_CTX_get_ex_data(ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
}

static void note(const X509_STORE_CTX *ctx, enum ksrtpd_tls_refusal refusal)
{
	SSL_set_app_data(ssl_of(ctx), (char *)(uintptr_t)refusal);
}

/* OpenSSL asks this for each certificate, from the root to the leaf, and for each mistake. */
static int on_verify(int ok, X509_STORE_CTX *ctx)
{
	int depth = X509_STORE_CTX_get_error_depth(ctx);
	X509 *cert = X509_STORE_CTX_get_current_cert(ctx);
	bool root = depth == sk_X509_num(X509_STORE_CTX_get0_chain(ctx)) - 1;

	if (!ok) {
		note(ctx, refusal_of(X509_STORE_CTX_get_error(ctx)));
		return 0;
	}
	if (!depth && !for_clients(cert))
		note(ctx, KSRTPD_TLS_CERT_EKU);
	else if (!root && !has_distribution_point(cert))
		note(ctx, KSRTPD_TLS_CERT_NO_CDP);
	else
		return 1;
	X509_STORE_CTX_set_error(ctx, X509_V_ERR_APPLICATION_VERIFICATION);
	return 0;
}

static STACK_OF(X509_CRL) *lookup_crls(const X509_STORE_CTX *ctx, const X509_NAME *issuer)
{
	const struct ksrtpd_tls *tls = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl_of(ctx)));

	return ksrtpd_crls_find(tls->crls, issuer);
}

/* -- the context */

/* The words of OpenSSL's first error. */
static const char *words(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_error());

	return text ? text : "OpenSSL does not say why";
}

/* A store of its own: OpenSSL builds our own chain from the one that a context has. */
static int fill_store(const struct ksrtpd_tls *tls, SSL_CTX *context, X509_STORE *store,
		      struct ksrtpd_failure *failure)
{
	const char *path = tls->config->client_ca;
	STACK_OF(X509_NAME) *issuers;

	if (!store || !X509_STORE_load_file(store, path) ||
	    !SSL_CTX_set1_verify_cert_store(context, store))
		return ksrtpd_fail(failure, REASON, "api-client-ca: %s: %s", path, words());
	issuers = SSL_load_client_CA_file(path);
	if (!issuers)
		return ksrtpd_fail(failure, REASON, "api-client-ca: %s: %s", path, words());
	SSL_CTX_set_client_CA_list(context, issuers);
	X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	X509_STORE_set_lookup_crls(store, lookup_crls);
	return 0;
}

static int ask_for_certificates(const struct ksrtpd_tls *tls, SSL_CTX *context,
				struct ksrtpd_failure *failure)
{
	X509_STORE *store = X509_STORE_new();
	int err = fill_store(tls, context, store, failure), mode = SSL_VERIFY_PEER;

	X509_STORE_free(store);
	if (tls->config->client_cert != KSRTPD_API_CLIENT_CERT_OPTIONAL)
		mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	SSL_CTX_set_verify(context, mode, on_verify);
	SSL_CTX_set_verify_depth(context, CHAIN_DEPTH);
	return err;
}

/* What a client would refuse later, with a worse message, is refused here. */
static int check_own(const struct ksrtpd_tls *tls, SSL_CTX *context, struct ksrtpd_failure *failure)
{
	const char *path = tls->config->cert;
	X509 *cert = SSL_CTX_get0_certificate(context);
	EVP_PKEY *key = X509_get0_pubkey(cert);
	uint32_t usage = X509_get_extended_key_usage(cert);

	if (usage == UINT32_MAX || !(usage & XKU_SSL_SERVER))
		return ksrtpd_fail(failure, REASON,
				   "api-cert: %s has not the extended key usage serverAuth", path);
	if (X509_cmp_current_time(X509_get0_notAfter(cert)) < 0)
		return ksrtpd_fail(failure, REASON, "api-cert: %s has expired", path);
	if (tls->fips && !EVP_PKEY_is_a(key, "EC") && !EVP_PKEY_is_a(key, "RSA"))
		return ksrtpd_fail(failure, REASON,
				   "api-cert: %s: its key is not for approved algorithms (fips-algorithms)",
				   path);
	return 0;
}

static int load_own(const struct ksrtpd_tls *tls, SSL_CTX *context, struct ksrtpd_failure *failure)
{
	const struct ksrtpd_api_config *config = tls->config;

	if (SSL_CTX_use_certificate_chain_file(context, config->cert) != 1)
		return ksrtpd_fail(failure, REASON, "api-cert: %s: %s", config->cert, words());
	if (SSL_CTX_use_PrivateKey_file(context, config->key, SSL_FILETYPE_PEM) != 1)
		return ksrtpd_fail(failure, REASON, "api-key: %s: %s", config->key, words());
	if (SSL_CTX_check_private_key(context) != 1)
		return ksrtpd_fail(failure, REASON, "api-key: %s is not the key of %s", config->key,
				   config->cert);
	return check_own(tls, context, failure);
}

static int set_algorithms(SSL_CTX *context, bool fips)
{
	return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
	       SSL_CTX_set_cipher_list(context, fips ? CIPHERS : CIPHERS CIPHERS_MORE) == 1 &&
	       SSL_CTX_set_ciphersuites(context, fips ? SUITES : SUITES SUITES_MORE) == 1 &&
	       SSL_CTX_set1_groups_list(context, fips ? GROUPS : GROUPS GROUPS_MORE) == 1 &&
	       SSL_CTX_set1_sigalgs_list(context, fips ? SIGALGS : SIGALGS SIGALGS_MORE) == 1 &&
	       SSL_CTX_set1_client_sigalgs_list(context, fips ? SIGALGS : SIGALGS SIGALGS_MORE) == 1 ?
	       0 : -1;
}

static int fill(struct ksrtpd_tls *tls, SSL_CTX *context, struct ksrtpd_failure *failure)
{
	if (set_algorithms(context, tls->fips))
		return ksrtpd_fail(failure, "internal", "OpenSSL lacks an algorithm of TLS: %s", words());
	SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
				     SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
				     SSL_OP_CLEANSE_PLAINTEXT);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(context, 0);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
	SSL_CTX_set_app_data(context, tls);
	if (load_own(tls, context, failure))
		return -1;
	return tls->crls ? ask_for_certificates(tls, context, failure) : 0;
}

int ksrtpd_tls_reload(struct ksrtpd_tls *tls, struct ksrtpd_failure *failure)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	int err;

	ERR_clear_error();
	if (!context)
		return ksrtpd_fail(failure, "internal", "no memory for TLS");
	err = fill(tls, context, failure);
	ERR_clear_error();
	if (err) {
		SSL_CTX_free(context);
		return -1;
	}
	SSL_CTX_free(tls->context);
	tls->context = context;
	return 0;
}

struct ksrtpd_tls *ksrtpd_tls_create(const struct ksrtpd_api_config *config, bool fips,
				     struct ksrtpd_failure *failure)
{
	struct ksrtpd_tls *tls = calloc(1, sizeof(*tls));

	if (tls && *config->client_ca)
		tls->crls = ksrtpd_crls_create(config->crl_dir);
	if (!tls || (*config->client_ca && !tls->crls)) {
		ksrtpd_fail(failure, "internal", "no memory for TLS");
		ksrtpd_tls_destroy(tls);
		return NULL;
	}
	tls->config = config;
	tls->fips = fips;
	if (ksrtpd_tls_reload(tls, failure)) {
		ksrtpd_tls_destroy(tls);
		return NULL;
	}
	return tls;
}

void ksrtpd_tls_destroy(struct ksrtpd_tls *tls)
{
	if (!tls)
		return;
	SSL_CTX_free(tls->context);
	ksrtpd_crls_destroy(tls->crls);
	free(tls);
}

/* -- connections */

SSL *ksrtpd_tls_accept(struct ksrtpd_tls *tls)
{
	return SSL_new(tls->context);
}

/* The only common name, as UTF-8. A NUL inside would make it look like another one. */
static bool common_name(const X509_NAME *subject, char *name, size_t size)
{
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1), len;
	unsigned char *text = NULL;
	bool ok;

	if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0)
		return false;
	len = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
	ok = len > 0 && (size_t)len < size && !memchr(text, '\0', len);
	if (ok) {
		memcpy(name, text, len);
		name[len] = '\0';
	}
	OPENSSL_free(text);
	return ok;
}

bool ksrtpd_tls_client(const SSL *ssl, char *name, size_t size)
{
	X509 *cert = SSL_get0_peer_certificate(ssl);

	if (!cert || SSL_get_verify_result(ssl) != X509_V_OK)
		return false;
	if (!common_name(X509_get_subject_name(cert), name, size))
		*name = '\0';
	return true;
}

static enum ksrtpd_tls_refusal classify(const SSL *ssl, unsigned long error)
{
	enum ksrtpd_tls_refusal noted = (uintptr_t)SSL_get_app_data(ssl);

	if (noted)
		return noted;
	if (ERR_GET_LIB(error) != ERR_LIB_SSL)
		return KSRTPD_TLS_ABORTED;
	if (ERR_GET_REASON(error) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
		return KSRTPD_TLS_CERT_NONE;
	return ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING ? KSRTPD_TLS_ABORTED :
									     KSRTPD_TLS_PROTOCOL;
}

enum ksrtpd_tls_refusal ksrtpd_tls_failed(struct ksrtpd_tls *tls, const SSL *ssl,
					  unsigned long error)
{
	enum ksrtpd_tls_refusal refusal = classify(ssl, error);
	const char *text = error ? ERR_reason_error_string(error) : NULL;

	tls->refused[refusal]++;
	/* Strangers must not be able to fill the log. */
	if (!ksrtpd_bucket_take(&tls->logs, LOGS_RATE, LOGS_BURST)) {
		tls->unlogged++;
		return refusal;
	}
	ksrtpd_warning("api: TLS handshake refused: reason=%s unlogged=%llu (%s)", names[refusal],
		       (unsigned long long)tls->unlogged, text ? text : "the connection ended");
	tls->unlogged = 0;
	return refusal;
}
