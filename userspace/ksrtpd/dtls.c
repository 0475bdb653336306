// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <linux/ksrtp.h>

#include "dtls.h"

#define CERTS_MAX	16384	/* octets of the peer's certificate message */
#define LABEL		"EXTRACTOR-dtls_srtp"	/* RFC 5764, section 4.2 */

#define RECORD_HEADER	13	/* type, version, epoch, sequence number, length */
#define RECORD_ALERT	21
#define RECORD_HANDSHAKE	22
#define MESSAGE_HEADER	12	/* type, length, message number, fragment's offset and length */
#define CLIENT_HELLO	1
#define HELLO_VERIFY	3
#define COOKIE_LEN	32
/* Where it stands in a HelloVerifyRequest: behind version and its own length. */
#define VERIFY_COOKIE	(RECORD_HEADER + MESSAGE_HEADER + 3)

/* A call waits for it, so sooner than after the second of RFC 6347, section 4.2.4.1, and
 * with less patience: of 30% loss, ten tries within the time of a handshake.
 */
#define RETRANSMIT_MS	400
#define PATIENCE	5	/* times the first is the longest */

/* OpenSSL reports an alert that the peer sent as this plus the alert's number. */
#define ALERT_OFFSET	SSL_AD_REASON_OFFSET

struct profile {
	uint32_t suite;
	unsigned long id;	/* of use_srtp */
	const char *name;
	size_t key_len, salt_len;
};

static const struct profile profiles[] = {
	{ KSRTP_SUITE_AEAD_AES_128_GCM, SRTP_AEAD_AES_128_GCM, "SRTP_AEAD_AES_128_GCM", 16, 12 },
	{ KSRTP_SUITE_AEAD_AES_256_GCM, SRTP_AEAD_AES_256_GCM, "SRTP_AEAD_AES_256_GCM", 32, 12 },
	{ KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80, SRTP_AES128_CM_SHA1_80, "SRTP_AES128_CM_SHA1_80", 16,
	  14 },
	{ KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32, SRTP_AES128_CM_SHA1_32, "SRTP_AES128_CM_SHA1_32", 16,
	  14 },
};

#define MATERIAL_MAX	(2 * (32 + 14))

struct ksrtpd_dtls {
	SSL *ssl;
	BIO *bio;		/* owned by ssl */
	enum ksrtpd_dtls_state state;
	struct ksrtpd_fingerprints fingerprints;
	struct ksrtpd_fingerprint peer;		/* once connected */
	const struct profile *profile;		/* once connected */
	bool mismatch;		/* the peer's certificate is another one */
	bool closed;		/* nothing more to read */
	int alert;		/* number of an unauthenticated one, or -1 */
	ksrtpd_dtls_send send;
	void *arg;
	unsigned int retransmit_us;
	bool cookie;			/* not shown by the peer yet */
	uint8_t cookie_secret[COOKIE_LEN];
	uint8_t cookie_value[COOKIE_LEN];
	uint8_t verify[64];		/* our HelloVerifyRequest */
	size_t verify_len;		/* 0: not sent yet */
	struct ksrtpd_failure failure;
};

static const struct profile *profile_of_suite(uint32_t suite)
{
	size_t i;

	for (i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		if (profiles[i].suite == suite)
			return &profiles[i];
	}
	return NULL;
}

static const struct profile *profile_of_id(unsigned long id)
{
	size_t i;

	for (i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		if (profiles[i].id == id)
			return &profiles[i];
	}
	return NULL;
}

bool ksrtpd_dtls_suite_known(uint32_t suite)
{
	return profile_of_suite(suite) != NULL;
}

/* In place of the chain's validity, dates and issuer, which say nothing here
 * (RFC 5763, section 5): is it the certificate that signalling announced?
 */
static int check_peer(X509_STORE_CTX *store, void *unused)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct ksrtpd_dtls *dtls = SSL_get_app_data(ssl);
	const X509 *cert = X509_STORE_CTX_get0_cert(store);

	(void)unused;
	if (cert && ksrtpd_fingerprints_match(cert, &dtls->fingerprints)) {
		X509_STORE_CTX_set_error(store, X509_V_OK);
		return 1;
	}
	dtls->mismatch = true;
	/* OpenSSL answers this error with the alert bad_certificate. */
	X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
	return 0;
}

/*
 * The cookie (RFC 6347, section 4.2.1). Where an association has one peer address, a random
 * value shows as much as a digest of the address; else ksrtpd_dtls_from() makes that of it.
 * OpenSSL sends HelloVerifyRequest once and keeps no timer for it; when it is lost, it is
 * sent again from here.
 */
static int make_cookie(SSL *ssl, unsigned char *cookie, unsigned int *len)
{
	const struct ksrtpd_dtls *dtls = SSL_get_app_data(ssl);

	memcpy(cookie, dtls->cookie_value, COOKIE_LEN);
	*len = COOKIE_LEN;
	return 1;
}

static int check_cookie(SSL *ssl, const unsigned char *cookie, unsigned int len)
{
	struct ksrtpd_dtls *dtls = SSL_get_app_data(ssl);

	if (len != COOKIE_LEN || CRYPTO_memcmp(cookie, dtls->cookie_value, COOKIE_LEN))
		return 0;
	dtls->cookie = false;
	return 1;
}

static void send_datagram(void *arg, const uint8_t *data, size_t len)
{
	struct ksrtpd_dtls *dtls = arg;

	if (dtls->cookie && len == VERIFY_COOKIE + COOKIE_LEN && len <= sizeof(dtls->verify) &&
	    data[0] == RECORD_HANDSHAKE && data[RECORD_HEADER] == HELLO_VERIFY) {
		memcpy(dtls->verify, data, len);
		dtls->verify_len = len;
	}
	dtls->send(dtls->arg, data, len);
}

static SSL_CTX *make_context(const struct ksrtpd_algorithms *algorithms)
{
	SSL_CTX *ctx = SSL_CTX_new(DTLS_method());

	if (!ctx)
		return NULL;
	SSL_CTX_set_options(ctx, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
				 SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_max_cert_list(ctx, CERTS_MAX);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, check_peer, NULL);
	SSL_CTX_set_cookie_generate_cb(ctx, make_cookie);
	SSL_CTX_set_cookie_verify_cb(ctx, check_cookie);
	if (SSL_CTX_set_min_proto_version(ctx, DTLS1_2_VERSION) &&
	    SSL_CTX_set_max_proto_version(ctx, DTLS1_2_VERSION) &&
	    SSL_CTX_set_cipher_list(ctx, algorithms->ciphers) &&
	    SSL_CTX_set1_groups_list(ctx, algorithms->groups) &&
	    SSL_CTX_set1_sigalgs_list(ctx, algorithms->sigalgs) &&
	    SSL_CTX_set1_client_sigalgs_list(ctx, algorithms->sigalgs))
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

/* What all associations have in common; a certificate is each one's own. */
static SSL_CTX *context(void)
{
	static struct ksrtpd_algorithms made_for;
	static SSL_CTX *made;

	if (made && !memcmp(&made_for, ksrtpd_algorithms(), sizeof(made_for)))
		return made;
	SSL_CTX_free(made);	/* associations hold it themselves */
	made_for = *ksrtpd_algorithms();
	made = make_context(&made_for);
	return made;
}

static bool set_profiles(SSL *ssl, const struct ksrtpd_dtls_config *config)
{
	char names[KSRTPD_SUITES_MAX * 32] = "";
	unsigned int i;

	for (i = 0; i < config->suites_count; i++) {
		const struct profile *profile = profile_of_suite(config->suites[i]);

		if (!profile)
			return false;
		if (i)
			strcat(names, ":");
		strcat(names, profile->name);
	}
	return i && SSL_set_tlsext_use_srtp(ssl, names) == 0;	/* 0 is its success */
}

static unsigned int next_timeout(SSL *ssl, unsigned int before_us)
{
	const struct ksrtpd_dtls *dtls = SSL_get_app_data(ssl);
	unsigned int longest = PATIENCE * dtls->retransmit_us;

	if (!before_us)
		return dtls->retransmit_us;
	return 2 * before_us < longest ? 2 * before_us : longest;
}

static bool set_up(struct ksrtpd_dtls *dtls, const struct ksrtpd_dtls_config *config)
{
	SSL_CTX *ctx = context();

	if (ctx)
		dtls->ssl = SSL_new(ctx);
	if (!dtls->ssl)
		return false;
	dtls->bio = ksrtpd_dtls_bio_new(send_datagram, dtls);
	if (!dtls->bio)
		return false;
	SSL_set_bio(dtls->ssl, dtls->bio, dtls->bio);
	SSL_set_app_data(dtls->ssl, dtls);
	SSL_set_mtu(dtls->ssl, KSRTPD_DTLS_MTU);
	dtls->retransmit_us = 1000 * (config->retransmit_ms ? config->retransmit_ms : RETRANSMIT_MS);
	DTLS_set_timer_cb(dtls->ssl, next_timeout);
	if (!SSL_use_certificate(dtls->ssl, config->cert->x509) ||
	    !SSL_use_PrivateKey(dtls->ssl, config->cert->key) || !set_profiles(dtls->ssl, config))
		return false;
	if (config->server)
		SSL_set_accept_state(dtls->ssl);
	else
		SSL_set_connect_state(dtls->ssl);
	if (!config->server || !config->cookie)
		return true;
	dtls->cookie = true;
	SSL_set_options(dtls->ssl, SSL_OP_COOKIE_EXCHANGE);
	return RAND_bytes(dtls->cookie_value, COOKIE_LEN) == 1 &&
	       RAND_bytes(dtls->cookie_secret, COOKIE_LEN) == 1;
}

struct ksrtpd_dtls *ksrtpd_dtls_create(const struct ksrtpd_dtls_config *config,
				       ksrtpd_dtls_send send, void *arg,
				       struct ksrtpd_failure *failure)
{
	struct ksrtpd_dtls *dtls = calloc(1, sizeof(*dtls));

	if (dtls) {
		dtls->alert = -1;
		dtls->fingerprints = *config->fingerprints;
		dtls->send = send;
		dtls->arg = arg;
		if (set_up(dtls, config))
			return dtls;
	}
	ksrtpd_dtls_destroy(dtls);
	ksrtpd_fail(failure, "internal", "OpenSSL made no DTLS association: %s",
		    ERR_reason_error_string(ERR_peek_last_error()) ?: "no memory");
	return NULL;
}

void ksrtpd_dtls_destroy(struct ksrtpd_dtls *dtls)
{
	if (!dtls)
		return;
	SSL_free(dtls->ssl);
	free(dtls);
}

/* -- how it ends */

static void fail(struct ksrtpd_dtls *dtls, const char *reason, const char *message)
{
	dtls->state = KSRTPD_DTLS_FAILED;
	ksrtpd_fail(&dtls->failure, reason, "%s", message);
}

static void fail_handshake(struct ksrtpd_dtls *dtls)
{
	unsigned long error = ERR_peek_error();
	int reason = ERR_GET_REASON(error);
	const char *text = ERR_reason_error_string(error);

	dtls->state = KSRTPD_DTLS_FAILED;
	if (dtls->mismatch)
		ksrtpd_fail(&dtls->failure, "fingerprint-mismatch",
			    "the peer's certificate has none of the fingerprints in its SDP");
	else if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
		ksrtpd_fail(&dtls->failure, "no-certificate", "the peer showed no certificate");
	else if (reason == SSL_R_READ_TIMEOUT_EXPIRED)
		ksrtpd_fail(&dtls->failure, "dtls-timeout", "the peer stopped answering");
	else if (reason > ALERT_OFFSET)
		ksrtpd_fail(&dtls->failure, "dtls-alert", "the peer sent the alert %s",
			    SSL_alert_desc_string_long(reason - ALERT_OFFSET));
	else
		ksrtpd_fail(&dtls->failure, "dtls-alert", "the handshake failed: %s",
			    text ? text : "unknown error");
}

static bool wanted(const struct ksrtpd_dtls *dtls, const struct profile *profile)
{
	STACK_OF(SRTP_PROTECTION_PROFILE) *ours = SSL_get_srtp_profiles(dtls->ssl);
	int i;

	for (i = 0; i < sk_SRTP_PROTECTION_PROFILE_num(ours); i++) {
		if (sk_SRTP_PROTECTION_PROFILE_value(ours, i)->id == profile->id)
			return true;
	}
	return false;
}

/* Both Finished are verified. The fingerprint is compared once more, on what the
 * association itself says its peer is: no key may be made for anybody else.
 */
static void finish_handshake(struct ksrtpd_dtls *dtls)
{
	SRTP_PROTECTION_PROFILE *agreed = SSL_get_selected_srtp_profile(dtls->ssl);
	X509 *cert = SSL_get1_peer_certificate(dtls->ssl);
	bool known = cert && ksrtpd_fingerprint_of(cert, &dtls->peer) &&
		     ksrtpd_fingerprints_match(cert, &dtls->fingerprints);

	if (!cert) {
		fail(dtls, "no-certificate", "the peer showed no certificate");
		return;
	}
	X509_free(cert);
	dtls->profile = agreed ? profile_of_id(agreed->id) : NULL;
	if (!known) {
		fail(dtls, "fingerprint-mismatch",
		     "the peer's certificate has none of the fingerprints in its SDP");
	} else if (!dtls->profile || !wanted(dtls, dtls->profile)) {
		fail(dtls, "no-profile", "the handshake agreed on no SRTP protection profile");
		SSL_shutdown(dtls->ssl);
	} else {
		dtls->state = KSRTPD_DTLS_CONNECTED;
	}
}

static void handshake(struct ksrtpd_dtls *dtls)
{
	int ret;

	ERR_clear_error();
	ret = SSL_do_handshake(dtls->ssl);
	if (ret == 1)
		finish_handshake(dtls);
	else if (SSL_get_error(dtls->ssl, ret) != SSL_ERROR_WANT_READ)
		fail_handshake(dtls);
	ERR_clear_error();
}

/* After the handshake: answers a retransmitted last flight, takes alerts, and
 * discards application data, of which DTLS-SRTP has none. An end of the association
 * ends no call: that is signalling's to say.
 */
static void read_rest(struct ksrtpd_dtls *dtls)
{
	uint8_t scratch[2048];
	int ret;

	if (dtls->closed)
		return;
	ERR_clear_error();
	do {
		ret = SSL_read(dtls->ssl, scratch, sizeof(scratch));
	} while (ret > 0);
	dtls->closed = SSL_get_error(dtls->ssl, ret) != SSL_ERROR_WANT_READ;
	ERR_clear_error();
	OPENSSL_cleanse(scratch, sizeof(scratch));
}

/* -- what comes in */

/*
 * An alert in clear can come from anyone who knows the addresses, and before the
 * keys are agreed OpenSSL would believe it. It is only remembered, as what was
 * likely wrong if the handshake then does not end in time.
 */
static bool clear_alert(struct ksrtpd_dtls *dtls, const uint8_t *record, size_t len)
{
	if (record[0] != RECORD_ALERT || record[3] || record[4])
		return false;
	if (len == RECORD_HEADER + 2)
		dtls->alert = record[RECORD_HEADER + 1];
	return true;
}

/* Octets at @at of a ClientHello's first fragment, or NULL when it does not go so far. */
static const uint8_t *hello_at(const uint8_t *record, size_t len, size_t at, size_t want)
{
	size_t begin = RECORD_HEADER + MESSAGE_HEADER;

	return len >= begin && at + want <= len - begin ? record + begin + at : NULL;
}

static bool shows_cookie(const struct ksrtpd_dtls *dtls, const uint8_t *record, size_t len)
{
	size_t at = 2 + 32;	/* version, random; then session id and cookie with their lengths */
	const uint8_t *p = hello_at(record, len, at, 1);

	if (p)
		p = hello_at(record, len, at + 1 + *p, 1 + COOKIE_LEN);
	return p && p[0] == COOKIE_LEN && !CRYPTO_memcmp(p + 1, dtls->cookie_value, COOKIE_LEN);
}

/*
 * Before the cookie was shown: is the record to be kept from OpenSSL? A first ClientHello
 * that comes again gets the HelloVerifyRequest again; a second one with another cookie is
 * a stranger's, and OpenSSL would end the handshake for it.
 */
static bool before_cookie(struct ksrtpd_dtls *dtls, const uint8_t *record, size_t len)
{
	const uint8_t *message = record + RECORD_HEADER;
	bool first, head;

	if (!dtls->verify_len || len < RECORD_HEADER + MESSAGE_HEADER ||
	    record[0] != RECORD_HANDSHAKE || message[0] != CLIENT_HELLO)
		return false;
	first = !message[4] && !message[5];
	head = !message[6] && !message[7] && !message[8];
	if (first && head) {
		memcpy(dtls->verify + VERIFY_COOKIE, dtls->cookie_value, COOKIE_LEN);
		dtls->send(dtls->arg, dtls->verify, dtls->verify_len);
	}
	return first || (head && !shows_cookie(dtls, record, len));
}

static void take_record(struct ksrtpd_dtls *dtls, const uint8_t *record, size_t len)
{
	if (clear_alert(dtls, record, len) || (dtls->cookie && before_cookie(dtls, record, len)))
		return;
	ksrtpd_dtls_bio_lend(dtls->bio, record, len);
	if (dtls->state == KSRTPD_DTLS_HANDSHAKING)
		handshake(dtls);
	if (dtls->state == KSRTPD_DTLS_CONNECTED)
		read_rest(dtls);
	ksrtpd_dtls_bio_lend(dtls->bio, NULL, 0);
}

void ksrtpd_dtls_input(struct ksrtpd_dtls *dtls, const uint8_t *data, size_t len)
{
	while (len >= RECORD_HEADER && dtls->state != KSRTPD_DTLS_FAILED) {
		size_t record = RECORD_HEADER + (data[11] << 8 | data[12]);

		if (record > len)
			return;
		take_record(dtls, data, record);
		data += record;
		len -= record;
	}
}

bool ksrtpd_dtls_from(struct ksrtpd_dtls *dtls, const struct sockaddr_storage *from)
{
	char text[KSRTPD_ADDR_TEXT];
	unsigned int len = COOKIE_LEN;

	ksrtpd_addr_text(from, text);
	return HMAC(EVP_sha256(), dtls->cookie_secret, COOKIE_LEN, (const unsigned char *)text,
		    strlen(text), dtls->cookie_value, &len) != NULL;
}

bool ksrtpd_dtls_wants_cookie(const struct ksrtpd_dtls *dtls)
{
	return dtls->cookie;
}

void ksrtpd_dtls_start(struct ksrtpd_dtls *dtls)
{
	if (dtls->state == KSRTPD_DTLS_HANDSHAKING)
		handshake(dtls);
}

bool ksrtpd_dtls_timer(struct ksrtpd_dtls *dtls, struct timeval *left)
{
	return dtls->state == KSRTPD_DTLS_HANDSHAKING && DTLSv1_get_timeout(dtls->ssl, left) == 1;
}

void ksrtpd_dtls_timeout(struct ksrtpd_dtls *dtls)
{
	if (dtls->state != KSRTPD_DTLS_HANDSHAKING)
		return;
	ERR_clear_error();
	if (DTLSv1_handle_timeout(dtls->ssl) < 0)
		fail_handshake(dtls);
	ERR_clear_error();
}

void ksrtpd_dtls_expire(struct ksrtpd_dtls *dtls)
{
	if (dtls->state != KSRTPD_DTLS_HANDSHAKING)
		return;
	dtls->state = KSRTPD_DTLS_FAILED;
	if (dtls->alert >= 0)
		ksrtpd_fail(&dtls->failure, "dtls-alert",
			    "the handshake did not end in time; the peer sent the alert %s",
			    SSL_alert_desc_string_long(dtls->alert));
	else
		ksrtpd_fail(&dtls->failure, "dtls-timeout", "the handshake did not end in time");
}

/* -- what came of it */

enum ksrtpd_dtls_state ksrtpd_dtls_state(const struct ksrtpd_dtls *dtls)
{
	return dtls->state;
}

const struct ksrtpd_failure *ksrtpd_dtls_failure(const struct ksrtpd_dtls *dtls)
{
	return &dtls->failure;
}

void ksrtpd_dtls_peer(const struct ksrtpd_dtls *dtls, struct ksrtpd_fingerprint *peer)
{
	*peer = dtls->peer;
}

/* RFC 5764, section 4.2: client key, server key, client salt, server salt. */
bool ksrtpd_dtls_keys(struct ksrtpd_dtls *dtls, struct ksrtpd_dtls_keys *keys)
{
	size_t key = dtls->profile ? dtls->profile->key_len : 0;
	size_t salt = dtls->profile ? dtls->profile->salt_len : 0;
	bool server = SSL_is_server(dtls->ssl), ok;
	uint8_t material[MATERIAL_MAX];

	memset(keys, 0, sizeof(*keys));
	ok = dtls->state == KSRTPD_DTLS_CONNECTED &&
	     SSL_export_keying_material(dtls->ssl, material, 2 * (key + salt), LABEL,
					strlen(LABEL), NULL, 0, 0) == 1;
	if (ok) {
		const uint8_t *salts = material + 2 * key;

		keys->suite = dtls->profile->suite;
		memcpy(keys->local_key, material + (server ? key : 0), key);
		memcpy(keys->remote_key, material + (server ? 0 : key), key);
		memcpy(keys->local_salt, salts + (server ? salt : 0), salt);
		memcpy(keys->remote_salt, salts + (server ? 0 : salt), salt);
	}
	OPENSSL_cleanse(material, sizeof(material));
	return ok;
}
