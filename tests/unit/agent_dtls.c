// SPDX-License-Identifier: GPL-2.0
/* DTLS-SRTP associations: against each other, against plain OpenSSL, against liars. */
#include <string.h>

#include <linux/ksrtp.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>

#include "agent/peer.h"
#include "tap.h"

#define BOTH	"SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM"

/* AddressSanitizer's, whose headers not every machine has. */
size_t __sanitizer_get_current_allocated_bytes(void);

static struct end client, server;

static void begin(void)
{
	end_cert(&client);
	end_cert(&server);
}

static void end(void)
{
	end_free(&client);
	end_free(&server);
}

static void both_ours(const char *client_suites, const char *server_suites)
{
	begin();
	end_ours(&client, false, &server, NULL, client_suites);
	end_ours(&server, true, &client, NULL, server_suites);
	end_start(&client);
}

static const char *reason(const struct end *e)
{
	return ksrtpd_dtls_state(e->dtls) == KSRTPD_DTLS_FAILED ?
		       ksrtpd_dtls_failure(e->dtls)->reason : "none";
}

/* It failed as it should, and gives no keys. */
static void check_failed(const char *what, const struct end *e, const char *why)
{
	struct ksrtpd_dtls_keys keys;

	CHECK(!strcmp(reason(e), why), "%s: %s (%s), not %s", what, reason(e),
	      ksrtpd_dtls_failure(e->dtls)->message, why);
	CHECK(!ksrtpd_dtls_keys(e->dtls, &keys) && !keys.suite && !keys.local_key[0],
	      "%s: keys were given", what);
}

/* The last thing that it sent is this fatal alert in clear. */
static void check_alert(const struct end *e, uint8_t alert)
{
	const uint8_t *o = e->last.octets;

	CHECK(e->last.len == 15 && o[0] == 21 && o[13] == 2 && o[14] == alert,
	      "%zu octets, type %u, alert %u, not %u", e->last.len, o[0], o[14], alert);
}

static bool zero(const uint8_t *octets, size_t len)
{
	while (len--) {
		if (*octets++)
			return false;
	}
	return true;
}

/* What one writes with, the other reads with. */
static void check_same_keys(const char *what, uint32_t suite)
{
	size_t len = suite == KSRTP_SUITE_AEAD_AES_128_GCM ? 16 : 32;
	struct ksrtpd_dtls_keys c, s;

	if (!end_connected(&client) || !end_connected(&server)) {
		CHECK(end_connected(&client), "%s: client: %s", what, reason(&client));
		CHECK(end_connected(&server), "%s: server: %s", what, reason(&server));
		return;
	}
	CHECK(ksrtpd_dtls_keys(client.dtls, &c) && ksrtpd_dtls_keys(server.dtls, &s), "%s", what);
	CHECK(c.suite == suite && s.suite == suite, "%s: suites %u and %u", what, c.suite, s.suite);
	CHECK(!memcmp(c.local_key, s.remote_key, 32) && !memcmp(c.remote_key, s.local_key, 32) &&
	      !memcmp(c.local_salt, s.remote_salt, 14) && !memcmp(c.remote_salt, s.local_salt, 14),
	      "%s: keys differ", what);
	CHECK(memcmp(c.local_key, c.remote_key, len) && memcmp(c.local_salt, c.remote_salt, 12),
	      "%s: one key for both directions", what);
	CHECK(!zero(c.local_key, len) && zero(c.local_key + len, 32 - len) &&
	      !zero(c.local_salt, 12) && zero(c.local_salt + 12, 2), "%s: lengths", what);
}

static void test_suites(void)
{
	static const struct {
		const char *client, *server;
		uint32_t suite;
	} rows[] = {
		{ "1", "1", KSRTP_SUITE_AEAD_AES_128_GCM },
		{ "2", "2", KSRTP_SUITE_AEAD_AES_256_GCM },
		{ "12", "12", KSRTP_SUITE_AEAD_AES_128_GCM },
		{ "21", "12", KSRTP_SUITE_AEAD_AES_128_GCM },
		{ "12", "21", KSRTP_SUITE_AEAD_AES_256_GCM },
		{ "12", "2", KSRTP_SUITE_AEAD_AES_256_GCM },
		{ "2", "12", KSRTP_SUITE_AEAD_AES_256_GCM },
	};
	char what[32];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(what, sizeof(what), "%s to %s", rows[i].client, rows[i].server);
		both_ours(rows[i].client, rows[i].server);
		wire_run(&client, &server, NULL, NULL);
		check_same_keys(what, rows[i].suite);
		end();
	}
	tap_end("K1", "handshakes agree on the suite that the server prefers, and on the keys");
}

static void test_peer_known(void)
{
	struct ksrtpd_fingerprint fp;

	both_ours("1", "1");
	wire_run(&client, &server, NULL, NULL);
	ksrtpd_dtls_peer(client.dtls, &fp);
	CHECK(ksrtpd_fingerprint_equal(&fp, &server.cert->fingerprint), "of the server");
	ksrtpd_dtls_peer(server.dtls, &fp);
	CHECK(ksrtpd_fingerprint_equal(&fp, &client.cert->fingerprint), "of the client");
	end();
	tap_end("K1", "each end says whose certificate the other showed");
}

/* Octets as RFC 5764 4.2 orders them, exported by an end that is not ours. */
static void check_exported(struct end *plain, struct end *ours, bool ours_is_server, uint32_t suite)
{
	size_t key = suite == KSRTP_SUITE_AEAD_AES_128_GCM ? 16 : 32, salt = 12;
	const uint8_t *client_key, *server_key, *client_salt, *server_salt;
	struct ksrtpd_dtls_keys keys;
	uint8_t m[88];

	CHECK(end_connected(plain) && end_connected(ours), "plain %d, ours %s", end_connected(plain),
	      reason(ours));
	if (!end_connected(plain) || !ksrtpd_dtls_keys(ours->dtls, &keys))
		return;
	CHECK(end_export(plain, m, 2 * (key + salt)), "export");
	client_key = m;
	server_key = m + key;
	client_salt = m + 2 * key;
	server_salt = client_salt + salt;
	CHECK(keys.suite == suite, "suite %u", keys.suite);
	CHECK(!memcmp(keys.local_key, ours_is_server ? server_key : client_key, key), "local key");
	CHECK(!memcmp(keys.remote_key, ours_is_server ? client_key : server_key, key), "remote key");
	CHECK(!memcmp(keys.local_salt, ours_is_server ? server_salt : client_salt, salt), "local salt");
	CHECK(!memcmp(keys.remote_salt, ours_is_server ? client_salt : server_salt, salt),
	      "remote salt");
}

static void test_plain_peer(void)
{
	begin();
	end_plain(&client, false, "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_256_GCM", true);
	end_ours(&server, true, &client, NULL, "12");
	end_start(&client);
	wire_run(&client, &server, NULL, NULL);
	check_exported(&client, &server, true, KSRTP_SUITE_AEAD_AES_256_GCM);
	end();
	begin();
	end_plain(&server, true, BOTH, true);
	end_ours(&client, false, &server, NULL, "12");
	end_start(&client);
	wire_run(&client, &server, NULL, NULL);
	check_exported(&server, &client, false, KSRTP_SUITE_AEAD_AES_128_GCM);
	CHECK(SSL_version(server.ssl) == DTLS1_2_VERSION, "version %x", SSL_version(server.ssl));
	CHECK(strstr(SSL_get_cipher(server.ssl), "ECDHE-ECDSA-AES"), "%s", SSL_get_cipher(server.ssl));
	end();
	tap_end("K1", "keys are split as RFC 5764 says, against plain OpenSSL in both roles");
}

static void test_wrong_fingerprint(void)
{
	struct ksrtpd_fingerprints list = { .count = 1 };
	int bit;

	for (bit = 0; bit < 256; bit += 85) {
		begin();
		list.list[0] = client.cert->fingerprint;
		list.list[0].octets[bit / 8] ^= 1 << bit % 8;
		end_ours(&client, false, &server, NULL, "12");
		end_ours(&server, true, &client, &list, "12");
		end_start(&client);
		wire_run(&client, &server, NULL, NULL);
		check_failed("server", &server, "fingerprint-mismatch");
		check_alert(&server, SSL_AD_BAD_CERTIFICATE);
		CHECK(!end_connected(&client), "the client went on");
		end();
		begin();
		list.list[0] = server.cert->fingerprint;
		list.list[0].octets[bit / 8] ^= 1 << bit % 8;
		end_ours(&client, false, &server, &list, "12");
		end_ours(&server, true, &client, NULL, "12");
		end_start(&client);
		wire_run(&client, &server, NULL, NULL);
		check_failed("client", &client, "fingerprint-mismatch");
		check_alert(&client, SSL_AD_BAD_CERTIFICATE);
		CHECK(!end_connected(&server), "the server went on");
		end();
	}
	tap_end("K1", "a certificate with another fingerprint gets bad_certificate and no keys");
}

static void test_several_fingerprints(void)
{
	struct ksrtpd_fingerprints list = { .count = 3 };
	unsigned int at;

	for (at = 0; at < 3; at++) {
		begin();
		memset(list.list, at, sizeof(list.list));
		list.list[at] = client.cert->fingerprint;
		end_ours(&client, false, &server, NULL, "12");
		end_ours(&server, true, &client, &list, "12");
		end_start(&client);
		wire_run(&client, &server, NULL, NULL);
		check_same_keys("one of three", KSRTP_SUITE_AEAD_AES_128_GCM);
		end();
	}
	begin();
	list.count = 0;
	end_ours(&client, false, &server, NULL, "12");
	end_ours(&server, true, &client, &list, "12");
	end_start(&client);
	wire_run(&client, &server, NULL, NULL);
	check_failed("no fingerprint at all", &server, "fingerprint-mismatch");
	end();
	tap_end("K1", "any of several fingerprints will do, none at all will not");
}

static void test_no_certificate(void)
{
	begin();
	end_plain(&client, false, BOTH, false);
	end_ours(&server, true, &client, NULL, "12");
	end_start(&client);
	wire_run(&client, &server, NULL, NULL);
	check_failed("server", &server, "no-certificate");
	CHECK(client.broken, "the client was not told");
	end();
	tap_end("K1", "a client without a certificate is refused");
}

static bool spoil_verify(struct datagram *datagram, bool from_client, void *arg)
{
	uint8_t *record = from_client ? find_handshake(datagram, 15) : NULL;
	size_t len;

	if (record) {
		len = record[11] << 8 | record[12];
		record[13 + len - 1] ^= 1;
		++*(int *)arg;
	}
	return true;
}

static void test_no_proof(void)
{
	int spoilt = 0;

	both_ours("1", "1");
	wire_run(&client, &server, spoil_verify, &spoilt);
	CHECK(spoilt == 1, "%d CertificateVerify", spoilt);
	check_failed("server", &server, "dtls-alert");
	end();
	tap_end("K1", "the right certificate without proof of its key is refused");
}

static void test_no_profile(void)
{
	begin();
	end_plain(&client, false, NULL, true);
	end_ours(&server, true, &client, NULL, "12");
	end_start(&client);
	wire_run(&client, &server, NULL, NULL);
	check_failed("client without use_srtp", &server, "no-profile");
	end();
	begin();
	end_plain(&client, false, "SRTP_AES128_CM_SHA1_80", true);
	end_ours(&server, true, &client, NULL, "12");
	end_start(&client);
	wire_run(&client, &server, NULL, NULL);
	check_failed("no profile in common", &server, "no-profile");
	end();
	begin();
	end_plain(&server, true, NULL, true);
	end_ours(&client, false, &server, NULL, "12");
	end_start(&client);
	wire_run(&client, &server, NULL, NULL);
	check_failed("server without use_srtp", &client, "no-profile");
	end();
	both_ours("1", "2");
	wire_run(&client, &server, NULL, NULL);
	check_failed("client of 128 with server of 256", &client, "no-profile");
	check_failed("server of 256 with client of 128", &server, "no-profile");
	end();
	tap_end("K1", "a handshake without a common SRTP profile fails as no-profile");
}

struct counts {
	int hellos, fragments;
	size_t largest;
};

static bool count_hellos(struct datagram *datagram, bool from_client, void *arg)
{
	uint8_t *hello = from_client ? find_handshake(datagram, 1) : NULL;
	struct counts *counts = arg;

	if (datagram->len > counts->largest)
		counts->largest = datagram->len;
	if (hello) {
		uint32_t whole = hello[14] << 16 | hello[15] << 8 | hello[16];
		uint32_t part = hello[22] << 16 | hello[23] << 8 | hello[24];

		counts->hellos++;
		counts->fragments += part < whole;
	}
	return true;
}

static void test_fragmented_hello(void)
{
	/* 800 octets of protocol names, as a browser with a large key share would. */
	unsigned char names[4 * 201];
	struct counts counts = { 0, 0, 0 };
	size_t i;

	for (i = 0; i < sizeof(names); i++)
		names[i] = i % 201 ? 'x' : 200;
	begin();
	end_plain(&client, false, BOTH, true);
	SSL_set_alpn_protos(client.ssl, names, sizeof(names));
	SSL_set_mtu(client.ssl, 300);
	end_ours(&server, true, &client, NULL, "12");
	end_start(&client);
	wire_run(&client, &server, count_hellos, &counts);
	CHECK(counts.hellos >= 3 && counts.fragments == counts.hellos, "%d datagrams, %d fragments",
	      counts.hellos, counts.fragments);
	check_exported(&client, &server, true, KSRTP_SUITE_AEAD_AES_128_GCM);
	CHECK(counts.largest <= KSRTPD_DTLS_MTU, "a datagram of %zu octets", counts.largest);
	end();
	tap_end("K1", "a ClientHello in several fragments is taken; no datagram is over 1200 octets");
}

static void put24(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 16);
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)v;
}

/* A record (RFC 6347, section 4.2.3) that says of itself: @len octets from @at on of handshake
 * message @number, which has @whole. Its content is the ClientHello's, as far as that goes.
 */
static void send_fragment(struct datagram *hello, unsigned int number, uint32_t whole, uint32_t at,
			  uint32_t len)
{
	static uint32_t record = 100;	/* a number comes once */
	size_t have = hello->len - 25;
	uint8_t o[2048] = { 0 };

	memcpy(o, hello->octets, 25);
	put24(o + 8, record++);
	o[11] = (uint8_t)((12 + len) >> 8);
	o[12] = (uint8_t)(12 + len);
	put24(o + 14, whole);
	o[17] = (uint8_t)(number >> 8);
	o[18] = (uint8_t)number;
	put24(o + 19, at);
	put24(o + 22, len);
	if (at < have)
		memcpy(o + 25, hello->octets + 25 + at, len < have - at ? len : have - at);
	end_input(&server, o, 25 + len);
}

/* A client's first datagram that nobody has got yet, and a server that waits for it. */
static struct datagram hello_kept(void)
{
	struct datagram hello;

	begin();
	end_plain(&client, false, BOTH, true);
	end_ours(&server, true, &client, NULL, "12");
	end_start(&client);
	hello = client.out[client.head];
	client.head = (client.head + 1) % WIRE_MAX;
	client.count--;
	return hello;
}

/* Records in clear get numbers behind those of send_fragment(). */
static bool number_anew(struct datagram *datagram, bool from_client, void *unused)
{
	size_t at, len;

	(void)unused;
	for (at = 0; from_client && at + 13 <= datagram->len; at += 13 + len) {
		uint8_t *record = datagram->octets + at;

		len = (size_t)(record[11] << 8 | record[12]);
		if (!record[3] && !record[4])
			record[8] = 1;
	}
	return true;
}

static void test_torn_hello(void)
{
	struct datagram hello = hello_kept();
	uint32_t whole = (uint32_t)hello.len - 25, at;

	/* From the end on, an octet new and one that was there, some of them twice. */
	for (at = whole - 1; at; at--) {
		send_fragment(&hello, 0, whole, at - 1, 2);
		if (at % 3 == 0)
			send_fragment(&hello, 0, whole, at, 1);
	}
	wire_run(&client, &server, number_anew, NULL);
	check_exported(&client, &server, true, KSRTP_SUITE_AEAD_AES_128_GCM);
	end();
	tap_end("K1,S7", "a ClientHello in overlapping fragments of two octets, the last first, is taken");
}

/* What a stranger's fragments say of themselves costs no more memory than a handshake may. */
static void test_hostile_hello(void)
{
	static const struct {
		const char *what;
		uint32_t whole, at, len;
		unsigned int number, step;	/* messages of so many numbers */
	} liars[] = {
		{ "16 MB claimed", 0xffffff, 0, 1, 0, 0 },
		{ "the end of 16 MB", 0xffffff, 0xfffff0, 15, 0, 0 },
		{ "messages to come of 16 MB", 0xffffff, 0, 1, 1, 1 },
		{ "messages to come of 16 KB", 16000, 0, 1000, 1, 1 },
		{ "behind its end", 100, 99, 50, 0, 0 },
		{ "no octets", 100, 0, 0, 0, 0 },
		{ "no message", 0, 0, 0, 0, 0 },
		{ "no message, to come", 0, 0, 0, 1, 1 },
	};
	struct ksrtpd_dtls_keys keys;
	size_t before, after, i;
	unsigned int k;

	for (i = 0; i < sizeof(liars) / sizeof(liars[0]); i++) {
		struct datagram hello = hello_kept();

		before = __sanitizer_get_current_allocated_bytes();
		for (k = 0; k < 2000; k++)
			send_fragment(&hello, liars[i].number + k * liars[i].step, liars[i].whole,
				      liars[i].at, liars[i].len);
		after = __sanitizer_get_current_allocated_bytes();
		CHECK(after < before + (512u << 10), "%s: %zu octets are held", liars[i].what,
		      after - before);
		ksrtpd_dtls_expire(server.dtls);
		CHECK(ksrtpd_dtls_state(server.dtls) == KSRTPD_DTLS_FAILED &&
		      !ksrtpd_dtls_keys(server.dtls, &keys), "%s: no failure", liars[i].what);
		CHECK(!strcmp(reason(&server), "dtls-timeout") || !strcmp(reason(&server), "dtls-alert"),
		      "%s: %s", liars[i].what, reason(&server));
		end();
	}
	tap_end("K1,S7", "fragments of a ClientHello that lie about it: memory is bounded, the handshake fails");
}

/* Loses the first datagram of each flight that a side sends. */
static bool lose_first(struct datagram *datagram, bool from_client, void *arg)
{
	int *lost = arg;

	(void)datagram;
	return ++lost[from_client] > 2;
}

static void test_loss(void)
{
	int lost[2] = { 0, 0 };

	both_ours("2", "2");
	wire_run_timed(&client, &server, lose_first, lost, 12);
	check_same_keys("after losses", KSRTP_SUITE_AEAD_AES_256_GCM);
	CHECK(lost[0] > 2 && lost[1] > 2, "%d and %d datagrams", lost[0], lost[1]);
	end();
	tap_end("K1", "lost flights are sent again");
}

/* Loses the server's last flight, its Finished, once. */
static bool lose_finished(struct datagram *datagram, bool from_client, void *arg)
{
	return from_client || datagram->octets[0] != 20 || ++*(int *)arg > 1;
}

static void test_lost_finished(void)
{
	int lost = 0;

	both_ours("1", "1");
	wire_run(&client, &server, lose_finished, &lost);
	CHECK(lost == 1 && end_connected(&server) && !end_connected(&client), "%d lost", lost);
	wire_run_timed(&client, &server, lose_finished, &lost, 5);
	check_same_keys("after the loss", KSRTP_SUITE_AEAD_AES_128_GCM);
	end();
	tap_end("K1", "a connected server sends its last flight again when the client asks");
}

static const uint8_t fatal[] = { 21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40 };

static bool inject_alert(struct datagram *datagram, bool from_client, void *arg)
{
	(void)datagram;
	(void)arg;
	end_input(from_client ? &server : &client, fatal, sizeof(fatal));
	return true;
}

static void test_clear_alerts(void)
{
	struct ksrtpd_dtls_keys before, after;

	both_ours("1", "1");
	wire_run(&client, &server, inject_alert, NULL);
	check_same_keys("alerts within the handshake", KSRTP_SUITE_AEAD_AES_128_GCM);
	ksrtpd_dtls_keys(server.dtls, &before);
	end_input(&server, fatal, sizeof(fatal));
	end_input(&client, fatal, sizeof(fatal));
	check_same_keys("alerts after it", KSRTP_SUITE_AEAD_AES_128_GCM);
	ksrtpd_dtls_keys(server.dtls, &after);
	CHECK(!memcmp(&before, &after, sizeof(before)), "the keys changed");
	end();
	tap_end("K1", "unauthenticated alerts end nothing, in the handshake and after it");
}

static void test_expire(void)
{
	both_ours("1", "1");
	ksrtpd_dtls_expire(client.dtls);
	check_failed("nobody answered", &client, "dtls-timeout");
	end();
	both_ours("1", "1");
	end_input(&client, fatal, sizeof(fatal));
	CHECK(!end_connected(&client) && !strcmp(reason(&client), "none"), "ended by the alert");
	ksrtpd_dtls_expire(client.dtls);
	check_failed("an alert was the only answer", &client, "dtls-alert");
	CHECK(strstr(ksrtpd_dtls_failure(client.dtls)->message, "handshake failure"), "%s",
	      ksrtpd_dtls_failure(client.dtls)->message);
	end();
	both_ours("1", "1");
	wire_run(&client, &server, NULL, NULL);
	ksrtpd_dtls_expire(client.dtls);
	ksrtpd_dtls_expire(server.dtls);
	check_same_keys("after the handshake", KSRTP_SUITE_AEAD_AES_128_GCM);
	end();
	tap_end("K1", "a handshake that does not end in time fails, and says what the peer said");
}

static uint32_t random_state = 7;

static uint8_t next_octet(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state >> 8;
}

static void send_rubbish(struct end *to)
{
	uint8_t octets[96];
	size_t len = next_octet() % sizeof(octets), i;

	for (i = 0; i < len; i++)
		octets[i] = next_octet();
	if (next_octet() & 1 && len > 13) {
		/* As far as the header goes, a record of epoch 1. */
		memcpy(octets, "\x17\xfe\xfd\0\1\0\0\0\0\0", 10);
		octets[11] = 0;
		octets[12] = len - 13;
	}
	end_input(to, octets, len);
}

static void test_rubbish(void)
{
	struct ksrtpd_dtls_keys before, after;
	int i;

	both_ours("2", "2");
	wire_run(&client, &server, NULL, NULL);
	ksrtpd_dtls_keys(client.dtls, &before);
	for (i = 0; i < 5000; i++) {
		send_rubbish(&client);
		send_rubbish(&server);
	}
	check_same_keys("after rubbish", KSRTP_SUITE_AEAD_AES_256_GCM);
	ksrtpd_dtls_keys(client.dtls, &after);
	CHECK(!memcmp(&before, &after, sizeof(before)), "the keys changed");
	end();
	tap_end("K1,S7", "rubbish to a connected association changes nothing");
}

static void test_renegotiation(void)
{
	struct ksrtpd_dtls_keys before, after;
	struct ksrtpd_fingerprints list = { .count = 1 };

	begin();
	list.list[0] = client.cert->fingerprint;
	end_plain(&client, false, BOTH, true);
	end_ours(&server, true, &client, &list, "12");
	end_start(&client);
	wire_run(&client, &server, NULL, NULL);
	CHECK(ksrtpd_dtls_keys(server.dtls, &before), "connected");
	SSL_renegotiate(client.ssl);
	SSL_do_handshake(client.ssl);
	wire_run(&client, &server, NULL, NULL);
	CHECK(ksrtpd_dtls_keys(server.dtls, &after) && !memcmp(&before, &after, sizeof(before)),
	      "the keys changed");
	end();
	tap_end("K1", "renegotiation is refused and changes no key");
}

static void test_old_versions(void)
{
	begin();
	end_plain(&client, false, BOTH, true);
	SSL_set_security_level(client.ssl, 0);
	SSL_set_min_proto_version(client.ssl, DTLS1_VERSION);
	SSL_set_max_proto_version(client.ssl, DTLS1_VERSION);
	SSL_set_cipher_list(client.ssl, "ALL:@SECLEVEL=0");
	end_ours(&server, true, &client, NULL, "12");
	end_start(&client);
	wire_run(&client, &server, NULL, NULL);
	CHECK(client.sent, "the client sent nothing");
	check_failed("DTLS 1.0", &server, "dtls-alert");
	end();
	begin();
	end_plain(&client, false, BOTH, true);
	SSL_set_cipher_list(client.ssl, "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-SHA256");
	end_ours(&server, true, &client, NULL, "12");
	end_start(&client);
	wire_run(&client, &server, NULL, NULL);
	check_failed("no AES-GCM", &server, "dtls-alert");
	end();
	tap_end("K1", "DTLS 1.0 and cipher suites other than ECDHE-ECDSA with AES-GCM are refused");
}

/* The certificate is the announced one, but not of ECDSA. */
static void test_rsa_client(void)
{
	EVP_PKEY *rsa = EVP_RSA_gen(2048);
	X509 *x509;

	begin();
	x509 = X509_dup(client.cert->x509);
	X509_set_pubkey(x509, rsa);
	X509_sign(x509, rsa, EVP_sha256());
	X509_free(client.cert->x509);
	EVP_PKEY_free(client.cert->key);
	client.cert->x509 = x509;
	client.cert->key = rsa;
	ksrtpd_fingerprint_of(x509, &client.cert->fingerprint);
	end_plain(&client, false, BOTH, true);
	end_ours(&server, true, &client, NULL, "12");
	end_start(&client);
	wire_run(&client, &server, NULL, NULL);
	CHECK(ksrtpd_dtls_state(server.dtls) == KSRTPD_DTLS_FAILED, "state %d",
	      ksrtpd_dtls_state(server.dtls));
	end();
	tap_end("K1", "a certificate that is not of ECDSA is refused");
}

int main(void)
{
	tap.datapath = "-";
	test_suites();
	test_peer_known();
	test_plain_peer();
	test_wrong_fingerprint();
	test_several_fingerprints();
	test_no_certificate();
	test_no_proof();
	test_no_profile();
	test_fragmented_hello();
	test_torn_hello();
	test_hostile_hello();
	test_loss();
	test_lost_finished();
	test_clear_alerts();
	test_expire();
	test_rubbish();
	test_renegotiation();
	test_old_versions();
	test_rsa_client();
	return tap_done();
}
