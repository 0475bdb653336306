// SPDX-License-Identifier: GPL-2.0
/* Security codes, fingerprints and the certificates that they are of. */
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "ksrtpd/cert.h"
#include "ksrtpd/seccode.h"
#include "ksrtpd/seen.h"
#include "tap.h"
#include "vectors/seccode.h"

#define VECTORS	(sizeof(seccode_vectors) / sizeof(seccode_vectors[0]))

static struct ksrtpd_fingerprint from(const uint8_t octets[32])
{
	struct ksrtpd_fingerprint fp;

	memcpy(fp.octets, octets, sizeof(fp.octets));
	return fp;
}

static void test_vectors(void)
{
	char text[KSRTPD_SECCODE_TEXT];
	size_t i;

	for (i = 0; i < VECTORS; i++) {
		struct ksrtpd_fingerprint t1 = from(seccode_vectors[i].t1);
		struct ksrtpd_fingerprint t2 = from(seccode_vectors[i].t2);

		CHECK(ksrtpd_seccode(&t1, &t2, text), "vector %zu", i);
		CHECK(!strcmp(text, seccode_vectors[i].code), "vector %zu: %s, not %s", i, text,
		      seccode_vectors[i].code);
	}
	tap_end("K2", "codes equal those of another implementation");
}

static void test_refused(void)
{
	struct ksrtpd_fingerprint t = from(seccode_vectors[0].t1);
	char text[KSRTPD_SECCODE_TEXT] = "untouched";

	CHECK(!ksrtpd_seccode(&t, &t, text), "equal thumbprints");
	CHECK(!strcmp(text, "untouched"), "a code was written: %s", text);
	tap_end("K2", "two equal thumbprints have no code");
}

/* One bit of any octet of either thumbprint makes another code, their order none. */
static void test_sensitive(void)
{
	struct ksrtpd_fingerprint t[2] = { from(seccode_vectors[4].t1), from(seccode_vectors[4].t2) };
	char right[KSRTPD_SECCODE_TEXT], text[KSRTPD_SECCODE_TEXT];
	size_t i;

	CHECK(ksrtpd_seccode(&t[0], &t[1], right), "the code itself");
	for (i = 0; i < 64; i++) {
		t[i / 32].octets[i % 32] ^= 1 << i % 8;
		CHECK(ksrtpd_seccode(&t[0], &t[1], text) && strcmp(text, right), "octet %zu", i);
		t[i / 32].octets[i % 32] ^= 1 << i % 8;
	}
	CHECK(ksrtpd_seccode(&t[1], &t[0], text) && !strcmp(text, right), "the other order");
	tap_end("K2", "one bit of either thumbprint changes the code, their order does not");
}

#define HEX "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:" \
	    "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff"

static void test_fingerprint_text(void)
{
	static const char *const bad[] = {
		"", "00", HEX ":", HEX ":00", ":" HEX,
		"00-11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
		"00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff",
		"0G:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
		"00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff",
		" 0:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
		"00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff",
	};
	char text[KSRTPD_FINGERPRINT_TEXT];
	struct ksrtpd_fingerprint fp, again;
	size_t i;

	CHECK(ksrtpd_fingerprint_parse(HEX, strlen(HEX), &fp), "both cases");
	CHECK(fp.octets[0] == 0 && fp.octets[15] == 0xff && fp.octets[31] == 0xff &&
	      fp.octets[26] == 0xaa, "octets");
	ksrtpd_fingerprint_text(&fp, text);
	CHECK(!strncmp(text, "sha-256 00:11:22", 16) && strlen(text) == sizeof(text) - 1, "%s", text);
	CHECK(ksrtpd_fingerprint_parse(text + 8, strlen(text) - 8, &again) &&
	      ksrtpd_fingerprint_equal(&fp, &again), "there and back");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!ksrtpd_fingerprint_parse(bad[i], strlen(bad[i]), &fp), "'%s'", bad[i]);
	for (i = 0; i < strlen(HEX); i++)
		CHECK(!ksrtpd_fingerprint_parse(HEX, i, &fp), "%zu characters", i);
	tap_end("K1", "fingerprints are parsed strictly, in either case");
}

static void test_fingerprint_list(void)
{
	struct ksrtpd_fingerprints list = { .count = 0 };
	struct ksrtpd_fingerprint fp = from(seccode_vectors[5].t1);
	unsigned int i;

	CHECK(!ksrtpd_fingerprint_in(&fp, &list), "an empty list");
	for (i = 0; i < KSRTPD_FINGERPRINTS_MAX; i++) {
		list.list[i] = from(seccode_vectors[4].t1);
		list.list[i].octets[31] += i;
	}
	list.count = KSRTPD_FINGERPRINTS_MAX;
	CHECK(!ksrtpd_fingerprint_in(&fp, &list), "not among them");
	for (i = 0; i < KSRTPD_FINGERPRINTS_MAX; i++) {
		struct ksrtpd_fingerprint saved = list.list[i];

		list.list[i] = fp;
		CHECK(ksrtpd_fingerprint_in(&fp, &list), "at %u", i);
		list.list[i].octets[i] ^= 0x80;
		CHECK(!ksrtpd_fingerprint_in(&fp, &list), "one bit off at %u", i);
		list.list[i] = saved;
	}
	list.list[KSRTPD_FINGERPRINTS_MAX - 1] = fp;
	list.count--;
	CHECK(!ksrtpd_fingerprint_in(&fp, &list), "behind the end");
	tap_end("K1", "any fingerprint of a list matches, no other does");
}

static void test_certificate(void)
{
	struct ksrtpd_cert *a = ksrtpd_cert_create(), *b = ksrtpd_cert_create();
	unsigned char *der = NULL, digest[32];
	char group[32] = "";
	int len;

	CHECK(a && b, "made");
	if (a && b) {
		len = i2d_X509(a->x509, &der);
		CHECK(len > 0 && EVP_Digest(der, len, digest, NULL, EVP_sha256(), NULL), "DER");
		CHECK(!memcmp(digest, a->fingerprint.octets, 32), "fingerprint is of the DER");
		CHECK(!ksrtpd_fingerprint_equal(&a->fingerprint, &b->fingerprint), "fresh");
		CHECK(EVP_PKEY_eq(a->key, b->key) == 0, "a key of its own");
		CHECK(EVP_PKEY_get_group_name(a->key, group, sizeof(group), NULL) &&
		      !strcmp(group, "prime256v1"), "curve %s", group);
		CHECK(X509_verify(a->x509, a->key) == 1 && X509_verify(a->x509, b->key) != 1,
		      "self-signed");
		OPENSSL_free(der);
	}
	ksrtpd_cert_destroy(a);
	ksrtpd_cert_destroy(b);
	tap_end("K1", "each certificate is a fresh self-signed one of ECDSA P-256");
}

static void test_seen(void)
{
	struct ksrtpd_seen *seen = ksrtpd_seen_create();
	struct ksrtpd_fingerprint fp = from(seccode_vectors[4].t1);
	unsigned int i;

	CHECK(seen, "made");
	CHECK(!ksrtpd_seen_add(seen, &fp, 1), "first time");
	CHECK(!ksrtpd_seen_add(seen, &fp, 1), "again in the same call");
	CHECK(ksrtpd_seen_add(seen, &fp, 2), "in another call");
	for (i = 0; i < KSRTPD_SEEN_MAX; i++) {
		struct ksrtpd_fingerprint other = { .octets = { i >> 8, i, 1 } };

		CHECK(!ksrtpd_seen_add(seen, &other, 3), "%u", i);
	}
	CHECK(!ksrtpd_seen_add(seen, &fp, 4), "the oldest is forgotten");
	ksrtpd_seen_destroy(seen);
	tap_end("K2", "a certificate of an earlier call is recognised, in bounded memory");
}

int main(void)
{
	tap.datapath = "-";
	test_vectors();
	test_refused();
	test_sensitive();
	test_fingerprint_text();
	test_fingerprint_list();
	test_certificate();
	test_seen();
	return tap_done();
}
