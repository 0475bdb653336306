// SPDX-License-Identifier: GPL-2.0
/* DTLS-SRTP over a network that loses, and among strangers; algorithms by configuration. */
#include <poll.h>
#include <string.h>

#include <linux/ksrtp.h>
#include <openssl/ec.h>
#include <openssl/objects.h>
#include <openssl/ssl.h>

#include "agent/peer.h"
#include "random.h"
#include "tap.h"

#define ROUNDS		2000	/* of 5 ms, for the retransmissions of a handshake */
#define SEEDS		30
/* OpenSSL takes what is due within 15 ms as due. */
#define RETRANSMIT	25	/* ms */
#define PATIENT		20000	/* ms: nothing is lost, so nothing comes twice */
#define EVERYTHING	"SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80"

static struct end client, server;

static void begin(bool cookie)
{
	end_cert(&client);
	end_cert(&server);
	server.cookie = cookie;
	client.retransmit_ms = server.retransmit_ms = PATIENT;
}

static void end(void)
{
	end_free(&client);
	end_free(&server);
}

static void make_ours(const char *client_suites, const char *server_suites)
{
	end_ours(&client, false, &server, NULL, client_suites);
	end_ours(&server, true, &client, NULL, server_suites);
}

static void both_ours(bool cookie, const char *client_suites, const char *server_suites)
{
	begin(cookie);
	make_ours(client_suites, server_suites);
}

static bool connected(uint32_t suite)
{
	struct ksrtpd_dtls_keys c, s;

	return ksrtpd_dtls_keys(client.dtls, &c) && ksrtpd_dtls_keys(server.dtls, &s) &&
	       c.suite == suite && s.suite == suite && !memcmp(c.local_key, s.remote_key, 32) &&
	       !memcmp(s.local_salt, c.remote_salt, 14);
}

static const char *reason(const struct end *e)
{
	return ksrtpd_dtls_state(e->dtls) == KSRTPD_DTLS_FAILED ?
		       ksrtpd_dtls_failure(e->dtls)->reason : "none";
}

/* Three of ten datagrams are lost, and one of ten comes twice. */
static bool lose(struct datagram *datagram, bool from_client, void *arg)
{
	uint64_t *seed = arg;

	if (random_below(seed, 10) < 3)
		return false;
	if (!random_below(seed, 10))
		end_input(from_client ? &server : &client, datagram->octets, datagram->len);
	return true;
}

static void run_lossy(uint64_t seed)
{
	unsigned int round;

	end_start(&client);
	for (round = 0; round < ROUNDS; round++) {
		wire_run(&client, &server, lose, &seed);
		if (end_connected(&client) && end_connected(&server))
			return;
		poll(NULL, 0, 5);
		wire_timers(&client, &server);
	}
}

static void test_loss(bool cookie)
{
	unsigned int seed, most = 0;

	for (seed = 1; seed <= SEEDS; seed++) {
		begin(cookie);
		client.retransmit_ms = server.retransmit_ms = RETRANSMIT;
		make_ours("12", "12");
		run_lossy(seed);
		CHECK(connected(KSRTP_SUITE_AEAD_AES_128_GCM), "seed %u: %s, %s", seed,
		      reason(&client), reason(&server));
		if (client.sent > most)
			most = client.sent;
		end();
	}
	CHECK(most > 4, "nothing was sent twice");
	tap_end("K1", "%d handshakes%s over a wire that loses 30%% and doubles 10%% all succeed", SEEDS,
		cookie ? " with cookie exchange" : "");
}

/* -- the cookie */

struct seen {
	unsigned int verify, hellos, other;
	struct datagram first_hello;
};

static bool watch(struct datagram *datagram, bool from_client, void *arg)
{
	struct seen *seen = arg;

	if (from_client && find_handshake(datagram, 1)) {
		if (!seen->hellos++)
			seen->first_hello = *datagram;
	} else if (!from_client && find_handshake(datagram, 3)) {
		seen->verify++;
	} else if (!from_client) {
		seen->other++;
	}
	return true;
}

static void test_cookie(void)
{
	struct seen seen = { .verify = 0 };

	both_ours(true, "1", "1");
	end_start(&client);
	wire_run(&client, &server, watch, &seen);
	CHECK(connected(KSRTP_SUITE_AEAD_AES_128_GCM), "%s, %s", reason(&client), reason(&server));
	CHECK(seen.verify == 1 && seen.hellos == 2, "%u and %u", seen.verify, seen.hellos);
	end();

	/* Somebody who writes hellos under a foreign address sees no answer, and gets no state. */
	both_ours(true, "1", "1");
	for (unsigned int i = 0; i < 1000; i++) {
		end_input(&server, seen.first_hello.octets, seen.first_hello.len);
		CHECK(server.last.len < seen.first_hello.len, "%zu octets for %zu", server.last.len,
		      seen.first_hello.len);
	}
	CHECK(server.sent == 1000, "%u datagrams", server.sent);
	server.count = 0;
	/* The real one comes through all the same. */
	end_start(&client);
	wire_run(&client, &server, NULL, NULL);
	CHECK(connected(KSRTP_SUITE_AEAD_AES_128_GCM), "%s, %s", reason(&client), reason(&server));
	end();
	tap_end("K1", "K1: a peer that nothing has proven gets a cookie first, smaller than what he sent");
}

/* A second ClientHello with a guessed cookie, between the real ones. */
static bool guess(struct datagram *datagram, bool from_client, void *arg)
{
	unsigned int *guesses = arg;
	uint8_t *hello = from_client ? find_handshake(datagram, 1) : NULL;
	struct datagram forged;

	/* Its number in the handshake is 1, its cookie behind version, random, session id. */
	if (hello && hello[18] == 1 && hello[13 + 12 + 34] == 0) {
		forged = *datagram;
		forged.octets[hello - datagram->octets + 13 + 12 + 36] ^= 0xff;
		for (unsigned int i = 0; i < 100; i++, ++*guesses)
			end_input(&server, forged.octets, forged.len);
	}
	return true;
}

static void test_guessed_cookie(void)
{
	unsigned int guesses = 0;

	both_ours(true, "1", "1");
	end_start(&client);
	wire_run(&client, &server, guess, &guesses);
	CHECK(guesses >= 100, "%u", guesses);
	CHECK(connected(KSRTP_SUITE_AEAD_AES_128_GCM), "%s, %s", reason(&client), reason(&server));
	end();
	tap_end("K1", "guessed cookies end no handshake");
}

/* A plain OpenSSL client whose hello comes in fragments. */
static void test_fragmented_cookie(void)
{
	unsigned char names[4 * 201];
	struct seen seen = { .verify = 0 };
	size_t i;

	for (i = 0; i < sizeof(names); i++)
		names[i] = i % 201 ? 'x' : 200;
	begin(true);
	end_plain(&client, false, EVERYTHING, true);
	SSL_set_alpn_protos(client.ssl, names, sizeof(names));
	SSL_set_mtu(client.ssl, 300);
	end_ours(&server, true, &client, NULL, "1");
	end_start(&client);
	wire_run(&client, &server, watch, &seen);
	CHECK(seen.hellos >= 6 && seen.verify >= 1, "%u fragments, %u", seen.hellos, seen.verify);
	CHECK(end_connected(&client) && end_connected(&server), "%s", reason(&server));
	end();
	tap_end("K1", "a ClientHello in fragments passes the cookie exchange");
}

/* -- profiles */

static void test_profiles(void)
{
	static const struct {
		const char *client, *server;
		uint32_t suite;
	} rows[] = {
		{ "34", "1234", KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80 },
		{ "4", "1234", KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32 },
		{ "4321", "1234", KSRTP_SUITE_AEAD_AES_128_GCM },
		{ "1234", "43", KSRTP_SUITE_AES_CM_128_HMAC_SHA1_32 },
		{ "1234", "32", KSRTP_SUITE_AES_CM_128_HMAC_SHA1_80 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		both_ours(false, rows[i].client, rows[i].server);
		end_start(&client);
		wire_run(&client, &server, NULL, NULL);
		CHECK(connected(rows[i].suite), "row %zu: %s, %s", i, reason(&client), reason(&server));
		end();
	}
	both_ours(false, "34", "12");
	end_start(&client);
	wire_run(&client, &server, NULL, NULL);
	CHECK(!strcmp(reason(&server), "no-profile"), "%s", reason(&server));
	end();
	tap_end("K1,D1", "SRTP_AES128_CM_SHA1_80 and _32 are agreed where the server has nothing better");
}

static void test_thumbprints(void)
{
	struct ksrtpd_fingerprint seen[100];
	unsigned int i, j;

	for (i = 0; i < 100; i++) {
		struct ksrtpd_cert *cert = ksrtpd_cert_create();

		CHECK(cert && EVP_PKEY_is_a(cert->key, "EC"), "certificate %u", i);
		if (!cert)
			break;
		seen[i] = cert->fingerprint;
		for (j = 0; j < i; j++)
			CHECK(!ksrtpd_fingerprint_equal(&seen[i], &seen[j]), "%u = %u", i, j);
		ksrtpd_cert_destroy(cert);
	}
	tap_end("K1", "K1: 100 certificates have 100 thumbprints");
}

/* -- algorithms by configuration */

static void use(const char *ciphers, const char *groups, const char *sigalgs, bool fips)
{
	struct ksrtpd_algorithms algorithms;
	struct ksrtpd_failure failure;

	ksrtpd_algorithms_init(&algorithms);
	if (ciphers)
		CHECK(!ksrtpd_algorithms_ciphers(&algorithms, ciphers, &failure), "%s", failure.message);
	if (groups)
		CHECK(!ksrtpd_algorithms_groups(&algorithms, groups, &failure), "%s", failure.message);
	if (sigalgs)
		CHECK(!ksrtpd_algorithms_sigalgs(&algorithms, sigalgs, &failure), "%s", failure.message);
	algorithms.fips = fips;
	ksrtpd_algorithms_use(&algorithms);
}

/*
 * Do we agree with a plain server on this cipher suite and group? It has no other suite, and
 * beside the group only P-256, which the certificates are of.
 */
static bool takes(const char *cipher, const char *group)
{
	int nid = EC_curve_nist2nid(group);
	char groups[32];
	bool taken;

	begin(false);
	end_plain(&server, true, EVERYTHING, true);
	SSL_set_cipher_list(server.ssl, cipher);
	snprintf(groups, sizeof(groups), "%s%s", group, strcmp(group, "P-256") ? ":P-256" : "");
	SSL_set1_groups_list(server.ssl, groups);
	SSL_set_options(server.ssl, SSL_OP_CIPHER_SERVER_PREFERENCE);
	end_ours(&client, false, &server, NULL, "1");
	end_start(&client);
	wire_run(&client, &server, NULL, NULL);
	taken = end_connected(&client) && end_connected(&server) &&
		SSL_get_shared_group(server.ssl, 0) == (nid ? nid : OBJ_sn2nid(group));
	end();
	return taken;
}

#define GCM128	"ECDHE-ECDSA-AES128-GCM-SHA256"
#define GCM256	"ECDHE-ECDSA-AES256-GCM-SHA384"
#define CHACHA	"ECDHE-ECDSA-CHACHA20-POLY1305"

static void test_algorithms(void)
{
	use(NULL, NULL, NULL, false);
	CHECK(takes(GCM128, "P-256") && takes(GCM256, "P-384"), "the defaults");
	CHECK(!takes(CHACHA, "P-256") && !takes(GCM128, "X25519") && !takes(GCM128, "P-521"),
	      "more than the defaults");
	use(GCM256 " " CHACHA, "P-521:P-256", NULL, false);
	CHECK(takes(CHACHA, "P-256") && takes(GCM256, "P-521"), "as configured");
	CHECK(!takes(GCM128, "P-256") && !takes(GCM256, "P-384"), "only as configured");
	use(NULL, NULL, NULL, true);
	CHECK(takes(GCM128, "P-256") && takes(GCM256, "P-384"), "approved ones");
	CHECK(!takes(CHACHA, "P-256") && !takes(GCM128, "X25519"), "others");
	both_ours(false, "1", "1");
	end_start(&client);
	wire_run(&client, &server, NULL, NULL);
	CHECK(connected(KSRTP_SUITE_AEAD_AES_128_GCM), "%s", reason(&server));
	end();
	use(NULL, NULL, NULL, false);
	tap_end("K5", "K5: cipher suites and groups of DTLS are the approved ones; more by configuration only");
}

/* The certificate is the announced one, and of RSA. */
static bool takes_rsa(void)
{
	EVP_PKEY *rsa = EVP_RSA_gen(2048);
	X509 *x509;
	bool taken;

	begin(false);
	x509 = X509_dup(client.cert->x509);
	X509_set_pubkey(x509, rsa);
	X509_sign(x509, rsa, EVP_sha256());
	X509_free(client.cert->x509);
	EVP_PKEY_free(client.cert->key);
	client.cert->x509 = x509;
	client.cert->key = rsa;
	ksrtpd_fingerprint_of(x509, &client.cert->fingerprint);
	end_plain(&client, false, EVERYTHING, true);
	end_ours(&server, true, &client, NULL, "1");
	end_start(&client);
	wire_run(&client, &server, NULL, NULL);
	taken = end_connected(&server);
	end();
	return taken;
}

static void test_rsa(void)
{
	CHECK(!takes_rsa(), "an RSA certificate by default");
	use(NULL, NULL, "ECDSA+SHA256 RSA-PSS+SHA256 RSA+SHA256", false);
	CHECK(takes_rsa(), "an RSA certificate where it is configured");
	use(NULL, NULL, NULL, false);
	tap_end("K1,K5", "peers with RSA certificates are taken by configuration only");
}

int main(void)
{
	tap.datapath = "-";
	test_loss(false);
	test_loss(true);
	test_cookie();
	test_guessed_cookie();
	test_fragmented_cookie();
	test_profiles();
	test_thumbprints();
	test_algorithms();
	test_rsa();
	return tap_done();
}
