// SPDX-License-Identifier: GPL-2.0
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/ksrtp.h>
#include <openssl/err.h>

#include "peer.h"

static void take_sent(void *arg, const uint8_t *data, size_t len)
{
	struct end *end = arg;

	if (len > sizeof(end->last.octets))
		abort();
	memcpy(end->last.octets, data, len);
	end->last.len = len;
	end->sent++;
	if (end->count == WIRE_MAX)
		return;		/* a full wire loses what comes */
	end->out[(end->head + end->count++) % WIRE_MAX] = end->last;
}

void end_cert(struct end *end)
{
	memset(end, 0, sizeof(*end));
	end->cert = ksrtpd_cert_create();
	if (!end->cert)
		abort();
}

/* "1" is AES-128-GCM, "2" AES-256-GCM, "3" and "4" AES-CM with tags of 80 and 32 bits, in
 * order of preference.
 */
static void set_suites(struct ksrtpd_dtls_config *config, const char *suites)
{
	static const uint32_t all[] = {
		KSRTP_SUITE_AEAD_AES_128_GCM, KSRTP_SUITE_AEAD_AES_256_GCM,
		KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80, KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32,
	};

	for (; *suites; suites++)
		config->suites[config->suites_count++] = all[*suites - '1'];
}

void end_ours(struct end *end, bool server, const struct end *other,
	      const struct ksrtpd_fingerprints *list, const char *suites)
{
	struct ksrtpd_fingerprints single = { .count = 1 };
	struct ksrtpd_dtls_config config = {
		.server = server, .cert = end->cert, .cookie = end->cookie,
		.retransmit_ms = end->retransmit_ms,
	};
	struct ksrtpd_failure failure;

	single.list[0] = other->cert->fingerprint;
	config.fingerprints = list ? list : &single;
	set_suites(&config, suites);
	end->dtls = ksrtpd_dtls_create(&config, take_sent, end, &failure);
	if (!end->dtls)
		abort();
}

static int accept_any(int ok, X509_STORE_CTX *store)
{
	(void)ok;
	(void)store;
	return 1;
}

void end_plain(struct end *end, bool server, const char *profiles, bool with_cert)
{
	end->ctx = SSL_CTX_new(DTLS_method());
	SSL_CTX_set_verify(end->ctx, SSL_VERIFY_PEER, accept_any);
	SSL_CTX_set_options(end->ctx, SSL_OP_NO_QUERY_MTU);
	end->ssl = SSL_new(end->ctx);
	end->bio = ksrtpd_dtls_bio_new(take_sent, end);
	SSL_set_bio(end->ssl, end->bio, end->bio);
	SSL_set_mtu(end->ssl, KSRTPD_DTLS_MTU);
	if (with_cert && (SSL_use_certificate(end->ssl, end->cert->x509) != 1 ||
			  SSL_use_PrivateKey(end->ssl, end->cert->key) != 1))
		abort();
	if (profiles && SSL_set_tlsext_use_srtp(end->ssl, profiles))
		abort();
	if (server)
		SSL_set_accept_state(end->ssl);
	else
		SSL_set_connect_state(end->ssl);
}

void end_free(struct end *end)
{
	ksrtpd_dtls_destroy(end->dtls);
	SSL_free(end->ssl);
	SSL_CTX_free(end->ctx);
	ksrtpd_cert_destroy(end->cert);
	memset(end, 0, sizeof(*end));
}

static void step_plain(struct end *end)
{
	uint8_t scratch[2048];
	int ret;

	ERR_clear_error();
	if (!end->done) {
		ret = SSL_do_handshake(end->ssl);
		end->done = ret == 1;
	} else {
		ret = SSL_read(end->ssl, scratch, sizeof(scratch));
	}
	if (ret <= 0 && SSL_get_error(end->ssl, ret) == SSL_ERROR_SSL) {
		end->broken = true;
		end->error = ERR_peek_error();
	}
	ERR_clear_error();
}

void end_start(struct end *end)
{
	if (end->dtls)
		ksrtpd_dtls_start(end->dtls);
	else
		step_plain(end);
}

void end_input(struct end *end, const uint8_t *octets, size_t len)
{
	/* A copy of exactly this size: the sanitizer sees a read past its end. */
	uint8_t *copy = malloc(len + !len);

	memcpy(copy, octets, len);
	if (end->dtls) {
		ksrtpd_dtls_input(end->dtls, copy, len);
	} else if (!end->broken) {
		ksrtpd_dtls_bio_lend(end->bio, copy, len);
		step_plain(end);
		ksrtpd_dtls_bio_lend(end->bio, NULL, 0);
	}
	free(copy);
}

static bool carry(struct end *from, struct end *to, bool from_client, wire_filter filter, void *arg)
{
	struct datagram datagram;

	if (!from->count)
		return false;
	datagram = from->out[from->head];
	from->head = (from->head + 1) % WIRE_MAX;
	from->count--;
	if (!filter || filter(&datagram, from_client, arg))
		end_input(to, datagram.octets, datagram.len);
	return true;
}

void wire_run(struct end *client, struct end *server, wire_filter filter, void *arg)
{
	bool moved;

	do {
		moved = carry(client, server, true, filter, arg);
		moved |= carry(server, client, false, filter, arg);
	} while (moved);
}

static void run_timer(struct end *end)
{
	struct timeval left;

	if (end->dtls) {
		if (ksrtpd_dtls_timer(end->dtls, &left) && !left.tv_sec && !left.tv_usec)
			ksrtpd_dtls_timeout(end->dtls);
	} else if (!end->broken) {
		DTLSv1_handle_timeout(end->ssl);
	}
}

void wire_timers(struct end *client, struct end *server)
{
	run_timer(client);
	run_timer(server);
}

void wire_run_timed(struct end *client, struct end *server, wire_filter filter, void *arg,
		    unsigned int seconds)
{
	time_t limit = time(NULL) + seconds;

	wire_run(client, server, filter, arg);
	while (time(NULL) <= limit && !(end_connected(client) && end_connected(server))) {
		poll(NULL, 0, 50);
		wire_timers(client, server);
		wire_run(client, server, filter, arg);
	}
}

bool end_connected(const struct end *end)
{
	if (end->dtls)
		return ksrtpd_dtls_state(end->dtls) == KSRTPD_DTLS_CONNECTED;
	return end->done && !end->broken;
}

bool end_export(struct end *end, uint8_t *material, size_t len)
{
	return SSL_export_keying_material(end->ssl, material, len, "EXTRACTOR-dtls_srtp", 19, NULL,
					  0, 0) == 1;
}

uint8_t *find_handshake(struct datagram *datagram, uint8_t type)
{
	size_t at = 0;

	while (at + 14 <= datagram->len) {
		uint8_t *record = datagram->octets + at;

		if (record[0] == 22 && !record[3] && !record[4] && record[13] == type)
			return record;
		at += 13 + (record[11] << 8 | record[12]);
	}
	return NULL;
}
