/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One DTLS 1.2 association per media line (RFC 5763, RFC 5764). OpenSSL talks
 * to a BIO of ours that hands it one datagram at a time and sends each of its
 * writes as one.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "endpoint.h"

#define MTU	1200

static BIO_METHOD *method;

static int datagram_write(BIO *bio, const char *data, int len)
{
	struct dtls *dtls = BIO_get_data(bio);

	line_send(dtls->line, (const uint8_t *)data, (size_t)len, false);
	return len;
}

static int datagram_read(BIO *bio, char *data, int len)
{
	struct dtls *dtls = BIO_get_data(bio);
	size_t take = dtls->datagram_len;

	BIO_clear_retry_flags(bio);
	if (!dtls->datagram) {
		BIO_set_retry_read(bio);
		return -1;
	}
	if (take > (size_t)len)
		take = (size_t)len;
	memcpy(data, dtls->datagram, take);
	dtls->datagram = NULL;
	return (int)take;
}

static long datagram_ctrl(BIO *bio, int command, long number, void *pointer)
{
	(void)bio;
	(void)number;
	(void)pointer;
	switch (command) {
	case BIO_CTRL_FLUSH:
	case BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT:
		return 1;
	case BIO_CTRL_DGRAM_QUERY_MTU:
	case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
		return MTU;
	default:
		return 0;
	}
}

static BIO *datagram_bio(struct dtls *dtls)
{
	BIO *bio;

	if (!method) {
		method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagram");
		if (!method || !BIO_meth_set_write(method, datagram_write) ||
		    !BIO_meth_set_read(method, datagram_read) ||
		    !BIO_meth_set_ctrl(method, datagram_ctrl))
			die("cannot make a BIO method");
	}
	bio = BIO_new(method);
	if (!bio)
		die("out of memory");
	BIO_set_data(bio, dtls);
	BIO_set_init(bio, 1);
	return bio;
}

/* The chain means nothing here: the SDP's fingerprint decides, in finish(). */
static int any_chain(int ok, X509_STORE_CTX *store)
{
	(void)ok;
	(void)store;
	return 1;
}

static void fail(struct dtls *dtls, const char *what)
{
	unsigned long error = ERR_get_error();

	snprintf(dtls->failure, sizeof(dtls->failure), "%s%s%s", what, error ? ": " : "",
		 error ? ERR_reason_error_string(error) : "");
	ERR_clear_error();
}

static bool thumbprint_known(const struct line *line, const uint8_t thumbprint[THUMBPRINT_LEN])
{
	unsigned int i;

	for (i = 0; i < line->remote_thumbprint_count; i++)
		if (!CRYPTO_memcmp(line->remote_thumbprints[i], thumbprint, THUMBPRINT_LEN))
			return true;
	return false;
}

static srtp_t session(bool wide, bool inbound, const uint8_t *key, const uint8_t *salt)
{
	size_t key_len = wide ? 32 : 16;
	uint8_t both[32 + 12];
	srtp_policy_t policy;
	srtp_t srtp;

	memset(&policy, 0, sizeof(policy));
	if (wide) {
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
		srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtcp);
	} else {
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
	}
	memcpy(both, key, key_len);
	memcpy(both + key_len, salt, 12);
	policy.key = both;
	policy.ssrc.type = inbound ? ssrc_any_inbound : ssrc_any_outbound;
	policy.window_size = 8192;
	if (srtp_create(&srtp, &policy) != srtp_err_status_ok)
		die("libsrtp2 refuses its policy");
	OPENSSL_cleanse(both, sizeof(both));
	return srtp;
}

/* Client key, server key, client salt, server salt (RFC 5764, section 4.2). */
static void keys(struct line *line, unsigned long profile)
{
	static const char label[] = "EXTRACTOR-dtls_srtp";
	bool wide = profile == SRTP_AEAD_AES_256_GCM;
	size_t key_len = wide ? 32 : 16;
	bool client = line->role == ROLE_CLIENT;
	uint8_t bits[2 * (32 + 12)];
	const uint8_t *client_key = bits, *server_key = bits + key_len;
	const uint8_t *client_salt = server_key + key_len, *server_salt = client_salt + 12;

	if (SSL_export_keying_material(line->dtls.ssl, bits, 2 * (key_len + 12), label,
				       sizeof(label) - 1, NULL, 0, 0) != 1)
		die("the exporter failed");
	if (line->tx)
		srtp_dealloc(line->tx);
	line->tx = session(wide, false, client ? client_key : server_key,
			   client ? client_salt : server_salt);
	if (line->rx_old)
		srtp_dealloc(line->rx_old);
	line->rx_old = line->rx;
	line->rx = session(wide, true, client ? server_key : client_key,
			   client ? server_salt : client_salt);
	line->suite = wide ? "aead-aes-256-gcm" : "aead-aes-128-gcm";
	OPENSSL_cleanse(bits, sizeof(bits));
}

static void finish(struct line *line)
{
	SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile(line->dtls.ssl);
	X509 *peer = SSL_get1_peer_certificate(line->dtls.ssl);

	if (!peer) {
		fail(&line->dtls, "the peer has no certificate");
		return;
	}
	cert_thumbprint(peer, line->peer_thumbprint);
	X509_free(peer);
	if (!thumbprint_known(line, line->peer_thumbprint)) {
		fail(&line->dtls, "the peer's certificate is not the one of its SDP");
		return;
	}
	if (!profile || (profile->id != SRTP_AEAD_AES_128_GCM &&
			 profile->id != SRTP_AEAD_AES_256_GCM)) {
		fail(&line->dtls, "no SRTP profile was agreed");
		return;
	}
	keys(line, profile->id);
	line->code[0] = '\0';		/* of the association before */
	line->dtls.associations++;
	line->dtls.connected = true;
}

static void turn(struct line *line)
{
	struct dtls *dtls = &line->dtls;
	int got;

	if (dtls->failure[0])
		return;
	ERR_clear_error();
	if (dtls->connected) {
		/* A retransmitted last flight, or an alert. */
		char unused[256];

		while (SSL_read(dtls->ssl, unused, sizeof(unused)) > 0)
			;
		return;
	}
	got = SSL_do_handshake(dtls->ssl);
	if (got == 1) {
		finish(line);
		return;
	}
	got = SSL_get_error(dtls->ssl, got);
	if (got != SSL_ERROR_WANT_READ && got != SSL_ERROR_WANT_WRITE)
		fail(dtls, "the DTLS handshake failed");
}

/* A line that has an association goes on with its keys until the new one is there. */
void dtls_start(struct endpoint *ep, struct line *line)
{
	struct dtls *dtls = &line->dtls;

	SSL_free(dtls->ssl);
	SSL_CTX_free(dtls->ctx);
	dtls->connected = false;
	dtls->line = line;
	dtls->ctx = SSL_CTX_new(DTLS_method());
	if (!dtls->ctx || !SSL_CTX_set_min_proto_version(dtls->ctx, DTLS1_2_VERSION) ||
	    !SSL_CTX_set_max_proto_version(dtls->ctx, DTLS1_2_VERSION) ||
	    !SSL_CTX_set_cipher_list(dtls->ctx, "ECDHE-ECDSA-AES128-GCM-SHA256:"
						"ECDHE-ECDSA-AES256-GCM-SHA384") ||
	    !SSL_CTX_set1_groups_list(dtls->ctx, "P-256:P-384") ||
	    SSL_CTX_use_certificate(dtls->ctx, line->cert.x509) != 1 ||
	    SSL_CTX_use_PrivateKey(dtls->ctx, line->cert.key) != 1 ||
	    SSL_CTX_set_tlsext_use_srtp(dtls->ctx, ep->profiles))
		die("OpenSSL refuses the DTLS settings");
	SSL_CTX_set_verify(dtls->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, any_chain);
	SSL_CTX_set_session_cache_mode(dtls->ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(dtls->ctx, SSL_OP_NO_TICKET | SSL_OP_NO_QUERY_MTU |
				       SSL_OP_NO_RENEGOTIATION);
	dtls->ssl = SSL_new(dtls->ctx);
	if (!dtls->ssl)
		die("out of memory");
	SSL_set_bio(dtls->ssl, datagram_bio(dtls), datagram_bio(dtls));
	SSL_set_mtu(dtls->ssl, MTU);
	if (line->role == ROLE_CLIENT)
		SSL_set_connect_state(dtls->ssl);
	else
		SSL_set_accept_state(dtls->ssl);
	turn(line);
}

void dtls_input(struct line *line, const uint8_t *data, size_t len)
{
	/* Before we are ready the peer's datagram is lost, and sent again. */
	if (!line->dtls.ssl)
		return;
	line->dtls.datagram = data;
	line->dtls.datagram_len = len;
	turn(line);
	line->dtls.datagram = NULL;
}

/* When the retransmission timer fires; UINT64_MAX: it does not run. */
uint64_t dtls_due(const struct line *line)
{
	struct timeval left;

	if (!line->dtls.ssl || line->dtls.connected || line->dtls.failure[0] ||
	    DTLSv1_get_timeout(line->dtls.ssl, &left) != 1)
		return UINT64_MAX;
	return now_ns() + (uint64_t)left.tv_sec * 1000000000 + (uint64_t)left.tv_usec * 1000;
}

void dtls_timer(struct line *line)
{
	if (DTLSv1_handle_timeout(line->dtls.ssl) < 0)
		fail(&line->dtls, "the peer did not answer the DTLS handshake");
	else
		turn(line);
}
