// SPDX-License-Identifier: GPL-2.0
/* Connectivity checks: which ones can be answered, and the answer. */
#include "core/internal.h"
#include "core/stun.h"
#include "check.h"
#include "core.h"
#include "exact.h"
#include "tap.h"

/* RFC 5769: password and transaction of its messages, sections 2.1 to 2.3. */
#define PWD		"VOkJxbRl1RmTxUk/WvJxBt"
#define TRANSACTION	"\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae"

static const u8 request[] =
	"\x00\x01\x00\x58" CHECK_COOKIE TRANSACTION
	"\x80\x22\x00\x10" "STUN test client"
	"\x00\x24\x00\x04" "\x6e\x00\x01\xff"
	"\x80\x29\x00\x08" "\x93\x2f\xf9\xb1\x51\x26\x3b\x36"
	"\x00\x06\x00\x09" "evtj:h6vY   "
	"\x00\x08\x00\x14" "\x9a\xea\xa7\x0c\xbf\xd8\xcb\x56\x78\x1e\xf2\xb5"
	"\xb2\xd3\xf2\x49\xc1\xb5\x71\xa2"
	"\x80\x28\x00\x04" "\xe5\x7a\x3b\xcf";

static const u8 response4[] =
	"\x01\x01\x00\x3c" CHECK_COOKIE TRANSACTION
	"\x80\x22\x00\x0b" "test vector "
	"\x00\x20\x00\x08" "\x00\x01\xa1\x47\xe1\x12\xa6\x43"
	"\x00\x08\x00\x14" "\x2b\x91\xf5\x99\xfd\x9e\x90\xc3\x8c\x74\x89\xf9"
	"\x2a\xf9\xba\x53\xf0\x6b\xe7\xd7"
	"\x80\x28\x00\x04" "\xc0\x7d\x4c\x96";

static const u8 response6[] =
	"\x01\x01\x00\x48" CHECK_COOKIE TRANSACTION
	"\x80\x22\x00\x0b" "test vector "
	"\x00\x20\x00\x14" "\x00\x02\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79"
	"\xbc\x25\xf4\xb5\xbe\xd2\xb9\xd9"
	"\x00\x08\x00\x14" "\xa3\x82\x95\x4e\x4b\xe6\x7b\xf1\x17\x84\xc9\x7c"
	"\x82\x92\xc2\x75\xbf\xe3\xed\x41"
	"\x80\x28\x00\x04" "\xc8\xfb\x0b\x4c";

#define SIZE(literal)	(sizeof(literal) - 1)

static const u8 ip4[4] = { 192, 0, 2, 1 };
static const u8 ip6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0x12, 0x34, 0x56, 0x78,
			    0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77 };

static int parse(const u8 *data, size_t len, struct ksrtp_stun *stun)
{
	u8 *p = exact_new(data, len);
	int err = ksrtp_stun_parse(p, len, stun);

	/* What it points to, in @data, which outlives the copy. */
	if (!err) {
		stun->username = data + (stun->username - p);
		stun->mac = data + (stun->mac - p);
	}
	exact_free(p);
	return err;
}

static void mac_of(const struct ksrtp_stun *stun, const u8 *data, const char *pwd, u8 mac[20])
{
	u8 covered[CHECK_MAX];
	unsigned int n = 20;

	memcpy(covered, data, stun->integrity);
	memcpy(covered, stun->head, sizeof(stun->head));
	HMAC(EVP_sha1(), pwd, (int)strlen(pwd), covered, stun->integrity, mac, &n);
}

static size_t answer(const u8 *data, const u8 *ip, bool v6, u16 port, u8 *out)
{
	size_t len = ksrtp_stun_answer(out, data, ip, v6, port);
	unsigned int n = 20;
	u8 mac[20];

	HMAC(EVP_sha1(), PWD, (int)strlen(PWD), out, len, mac, &n);
	return ksrtp_stun_finish(out, len, mac);
}

/* What this file measures with is right by the vectors itself. */
static void measure(const u8 *vector, size_t len)
{
	u8 copy[CHECK_MAX];

	memcpy(copy, vector, len - 32);
	check_fingerprint(copy, check_integrity(copy, copy + len - 32, PWD));
	CHECK(!memcmp(copy, vector, len), "another message than in RFC 5769");
}

static void vectors(void)
{
	struct ksrtp_stun stun;
	u8 copy[CHECK_MAX], mac[20], out[KSRTP_STUN_ANSWER_MAX];
	size_t len;

	measure(request, SIZE(request));
	measure(response4, SIZE(response4));
	measure(response6, SIZE(response6));
	/* It comes from an agent that thinks itself the controlled one: not ours to settle. */
	CHECK(parse(request, SIZE(request), &stun) == -EINVAL, "ICE-CONTROLLED");
	memcpy(copy, request, SIZE(request));
	copy[20 + 20 + 8 + 1] = 0x2a;
	check_fingerprint(copy, check_integrity(copy, copy + SIZE(request) - 32, PWD));
	CHECK(!parse(copy, SIZE(request), &stun), "ICE-CONTROLLING");
	CHECK(stun.username_len == 9 && !memcmp(stun.username, "evtj:h6vY", 9), "USERNAME");
	mac_of(&stun, copy, PWD, mac);
	CHECK(!memcmp(mac, stun.mac, sizeof(mac)), "MESSAGE-INTEGRITY");

	len = answer(request, ip4, false, 32853, out);
	CHECK(len == 64 && !memcmp(out + 20, response4 + 36, 12), "XOR-MAPPED-ADDRESS, IPv4");
	len = answer(request, ip6, true, 32853, out);
	CHECK(len == 76 && !memcmp(out + 20, response6 + 36, 24), "XOR-MAPPED-ADDRESS, IPv6");
	tap_end("E2", "connectivity checks: the messages of RFC 5769");
}

static const struct row {
	const char *what;
	int err;
	struct check check;
} rows[] = {
#define ROW(w, e, ...) { w, e, { .username = "evtj:h6vY", .pwd = PWD, __VA_ARGS__ } }
	ROW("plain", 0, .method = 0),
	ROW("nominating", 0, .use_candidate = true),
	ROW("with what need not be understood", 0, .extra = 0x8022, .extra_len = 11),
	ROW("with more of it", 0, .extra = 0xffff, .extra_len = 1024),
	ROW("from a controlled agent", -EINVAL, .controlled = true),
	ROW("with what must be understood", -EINVAL, .extra = 0x7fff, .extra_len = 4),
	ROW("with MESSAGE-INTEGRITY-SHA256 alone", -EINVAL, .extra = 0x001c, .extra_len = 32),
	ROW("with REALM", -EINVAL, .extra = 0x0014, .extra_len = 5),
	ROW("with a second MESSAGE-INTEGRITY", -EINVAL, .extra = 0x0008, .extra_len = 20),
	ROW("with a second FINGERPRINT", -EINVAL, .extra = 0x8028, .extra_len = 4),
	ROW("without USERNAME", -EINVAL, .no_username = true),
	ROW("with two USERNAMEs", -EINVAL, .two_usernames = true),
	ROW("without MESSAGE-INTEGRITY", -EINVAL, .no_integrity = true),
	ROW("without FINGERPRINT", -EINVAL, .no_fingerprint = true),
	ROW("with a wrong FINGERPRINT", -EINVAL, .bad_fingerprint = true),
	ROW("with an attribute behind MESSAGE-INTEGRITY", -EINVAL, .late = 0x8022),
	ROW("a response", -EINVAL, .method = 0x0101),
	ROW("an error response", -EINVAL, .method = 0x0111),
	ROW("an indication", -EINVAL, .method = 0x0011),
	ROW("an Allocate request", -EINVAL, .method = 0x0003),
	ROW("longer than is looked at", -EINVAL, .extra = 0x8022, .extra_len = 1160),
	/* The caller's to see. */
	ROW("with a wrong MESSAGE-INTEGRITY", 0, .bad_integrity = true),
};

static void requests(void)
{
	struct ksrtp_stun stun;
	u8 msg[CHECK_MAX], mac[20];
	unsigned int i;
	size_t len;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];

		len = check_build(&row->check, msg);
		CHECK(parse(msg, len, &stun) == row->err, "%s: not %d", row->what, row->err);
		if (row->err)
			continue;
		mac_of(&stun, msg, PWD, mac);
		CHECK(!memcmp(mac, stun.mac, 20) == !row->check.bad_integrity, "%s: integrity",
		      row->what);
		CHECK(stun.username_len == 9 && !memcmp(stun.username, "evtj:h6vY", 9), "%s: name",
		      row->what);
	}
	tap_end("E2,S7", "connectivity checks: which ones are answered without an agent");
}

/* Cut anywhere, with any octet changed: it is refused, or says the same. */
static void spoiled(void)
{
	struct check c = { .username = "evtj:h6vY", .pwd = PWD };
	u8 msg[CHECK_MAX], mac[20];
	struct ksrtp_stun stun;
	size_t len = check_build(&c, msg), i;
	int bit;

	for (i = 0; i < len; i++)
		CHECK(parse(msg, i, &stun) == -EINVAL, "cut to %zu octets", i);
	for (i = 0; i < len; i++) {
		for (bit = 0; bit < 8; bit++) {
			msg[i] ^= (u8)(1 << bit);
			CHECK(parse(msg, len, &stun) == -EINVAL, "octet %zu, bit %d", i, bit);
			/* A forger would mend the FINGERPRINT, which is no secret (and the length). */
			if (i < len - 8 && i / 2 != 1) {
				check_fingerprint(msg, msg + len - 8);
				if (!parse(msg, len, &stun)) {
					mac_of(&stun, msg, PWD, mac);
					CHECK(memcmp(mac, stun.mac, 20), "octet %zu, bit %d, is right",
					      i, bit);
				}
			}
			len = check_build(&c, msg);
		}
	}
	tap_end("E2,S2,S7", "connectivity checks: cut, and with every bit changed");
}

static void answers(void)
{
	struct check c = { .username = "evtj:h6vY", .pwd = PWD };
	u8 msg[CHECK_MAX], out[KSRTP_STUN_ANSWER_MAX], want[CHECK_MAX];
	size_t len, n, request_len;
	unsigned int i;

	for (i = 0; i < 200; i++) {
		bool v6 = i % 2;

		memset(c.transaction, (int)i, 11);
		request_len = check_build(&c, msg);
		n = check_answer(&c, v6 ? ip6 : ip4, v6, (uint16_t)(300 * i), want);
		memset(out, 0x5a, sizeof(out));
		len = answer(msg, v6 ? ip6 : ip4, v6, (u16)(300 * i), out);
		CHECK(len == n && !memcmp(out, want, n), "answer %u: another one", i);
		CHECK(len <= request_len, "%zu octets for %zu", len, request_len);
	}
	tap_end("E2", "connectivity checks: the whole answer, never longer than what was asked");
}

void test_stun(void)
{
	vectors();
	requests();
	spoiled();
	answers();
}
