// SPDX-License-Identifier: GPL-2.0
/* Nonces, and what key derivation asks of the block cipher and its caller. */
#include <stdint.h>
#include <ksrtp/wire.h>
#include "core/iv.h"
#include "core/kdf.h"
#include "tap.h"
#include "core.h"

static const u8 salt[] = {
	0x51, 0x75, 0x69, 0x64, 0x20, 0x70, 0x72, 0x6f, 0x20, 0x71, 0x75, 0x6f, 0xd1, 0xd2,
};

static void iv_is(const u8 *got, const char *want, const char *what)
{
	char hex[2 * KSRTP_GCM_IV_LEN + 1];
	int i;

	for (i = 0; i < KSRTP_GCM_IV_LEN; i++)
		snprintf(hex + 2 * i, 3, "%02x", got[i]);
	CHECK(!strcmp(hex, want), "%s: %s, not %s", what, hex, want);
}

static void iv(void)
{
	static const u8 zero[KSRTP_GCM_IV_LEN];
	u8 got[KSRTP_GCM_IV_LEN];

	ksrtp_gcm_iv_rtp(got, salt, 0x5501a0b2, 0xf17b);
	iv_is(got, "51753c6580c2726f20718414", "RFC 7714, 16.1.1");
	ksrtp_gcm_iv_rtcp(got, salt, 0x4d617273, 0x5d4);
	iv_is(got, "517524055203726f207170bb", "RFC 7714, 17.1");
	ksrtp_gcm_iv_rtcp(got, salt, 0x4d617273, 0x800005d4);
	iv_is(got, "517524055203726f207170bb", "the E bit is not part of it");
	ksrtp_gcm_iv_rtp(got, zero, 0x01020304, 0x05060708090aULL);
	iv_is(got, "00000102030405060708090a", "each octet in its place, SRTP");
	ksrtp_gcm_iv_rtcp(got, zero, 0x01020304, 0x05060708);
	iv_is(got, "000001020304000005060708", "each octet in its place, SRTCP");
	ksrtp_gcm_iv_rtp(got, zero, 0xffffffff, KSRTP_INDEX_MAX);
	iv_is(got, "0000ffffffffffffffffffff", "last index, SRTP");
	ksrtp_gcm_iv_rtcp(got, zero, 0xffffffff, KSRTP_SRTCP_INDEX_MASK);
	iv_is(got, "0000ffffffff00007fffffff", "last index, SRTCP");
	tap_end("D1,S3", "iv: the nonces of RFC 7714 and each octet's place");
}

/* A block cipher that shows what it was asked and fails when told to. */
struct spy {
	u8 first[16], last[16];
	unsigned int calls, fail_at;
};

static int spy_block(void *cipher, const u8 in[16], u8 out[16])
{
	struct spy *spy = cipher;
	int i;

	if (!spy->calls)
		memcpy(spy->first, in, 16);
	memcpy(spy->last, in, 16);
	for (i = 0; i < 16; i++)
		out[i] = (u8)~in[i];
	return ++spy->calls == spy->fail_at ? -EIO : 0;
}

static void kdf(void)
{
	static u8 out[65536 * 16 + 1];
	static const size_t bad_salts[] = { 0, 8, 11, 13, 15, 16, SIZE_MAX };
	struct spy spy = { .calls = 0 };
	u8 want[16] = { 0 };
	size_t i, len;

	memcpy(want, salt, 14);
	want[7] ^= KSRTP_LABEL_SRTCP_SALT;
	CHECK(ksrtp_kdf(spy_block, &spy, salt, 14, KSRTP_LABEL_SRTCP_SALT, out, 33) == 0, "14");
	CHECK(!memcmp(spy.first, want, 16), "label in octet 7, counter 0");
	want[15] = 2;
	CHECK(!memcmp(spy.last, want, 16), "counter 2 at the end");
	CHECK(spy.calls == 3, "%u blocks for 33 octets", spy.calls);

	/* Erratum 4938: the short salt is followed by two octets of zero. */
	memset(&spy, 0, sizeof(spy));
	want[12] = want[13] = want[15] = 0;
	CHECK(ksrtp_kdf(spy_block, &spy, salt, 12, KSRTP_LABEL_SRTCP_SALT, out, 16) == 0, "12");
	CHECK(!memcmp(spy.first, want, 16) && spy.calls == 1, "12 octets, then zero");
	tap_end("D1,D5", "kdf: block input for salts of 14 and of 12 octets");

	for (len = 1; len <= 100; len++) {
		memset(out, 0x5a, 120);
		memset(&spy, 0, sizeof(spy));
		CHECK(ksrtp_kdf(spy_block, &spy, salt, 14, 0, out, len) == 0, "length %zu", len);
		for (i = 0; i < len; i++)
			CHECK(out[i] == (u8)~(i % 16 == 15 ? i / 16 : i % 16 == 14 ? 0 : salt[i % 16]),
			      "length %zu, octet %zu: %x", len, i, out[i]);
		CHECK(out[len] == 0x5a, "length %zu: an octet too many", len);
	}
	memset(&spy, 0, sizeof(spy));
	out[sizeof(out) - 1] = 0x5a;
	CHECK(ksrtp_kdf(spy_block, &spy, salt, 14, 0, out, sizeof(out) - 1) == 0, "the longest");
	CHECK(spy.last[14] == 0xff && spy.last[15] == 0xff, "the last counter");
	CHECK(out[sizeof(out) - 1] == 0x5a, "the longest: an octet too many");
	tap_end("D1,D5", "kdf: each short length and the longest");

	memset(&spy, 0, sizeof(spy));
	memset(out, 0x5a, 100);
	CHECK(ksrtp_kdf(spy_block, &spy, salt, 14, 0, out, 0) == -EINVAL, "length 0");
	CHECK(ksrtp_kdf(spy_block, &spy, salt, 14, 0, out, sizeof(out)) == -EINVAL, "too long");
	for (i = 0; i < sizeof(bad_salts) / sizeof(bad_salts[0]); i++)
		CHECK(ksrtp_kdf(spy_block, &spy, salt, bad_salts[i], 0, out, 16) == -EINVAL,
		      "salt of %zu", bad_salts[i]);
	CHECK(!spy.calls && out[0] == 0x5a, "the cipher was asked, or the output changed");

	for (len = 1; len <= 6; len++) {
		memset(out, 0x5a, 100);
		memset(&spy, 0, sizeof(spy));
		spy.fail_at = (unsigned int)len;
		CHECK(ksrtp_kdf(spy_block, &spy, salt, 14, 0, out, 94) == -EIO, "block %zu fails", len);
		for (i = 0; i < 94; i++)
			CHECK(out[i] == 0, "block %zu fails: octet %zu is left", len, i);
		CHECK(out[94] == 0x5a, "block %zu fails: wiped too much", len);
	}
	tap_end("D5,S5", "kdf: wrong lengths are refused, a failing cipher leaves no key behind");
}

void test_kdf(void)
{
	iv();
	kdf();
}
