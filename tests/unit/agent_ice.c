// SPDX-License-Identifier: GPL-2.0
/* STUN with integrity (RFC 8489) and the ICE-lite side of a leg (RFC 8445). */
#include <string.h>

#include "exact.h"
#include "ksrtpd/addr.h"
#include "ksrtpd/ice.h"
#include "random.h"
#include "stun_peer.h"
#include "tap.h"

/* -- RFC 5769, section 2.1 to 2.3 */

static const char vector_password[] = "VOkJxbRl1RmTxUk/WvJxBt";

static const uint8_t vector_request[] = {
	0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34,
	0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e,
	0x20, 0x74, 0x65, 0x73, 0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24,
	0x00, 0x04, 0x6e, 0x00, 0x01, 0xff, 0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1,
	0x51, 0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09, 0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68,
	0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14, 0x9a, 0xea, 0xa7, 0x0c,
	0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49, 0xc1, 0xb5,
	0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf,
};

/* XOR-MAPPED-ADDRESS of the answers, for 192.0.2.1 and 2001:db8:1234:5678:11:2233:4455:6677,
 * port 32853
 */
static const uint8_t vector_four[] = { 0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43 };
static const uint8_t vector_six[] = {
	0x00, 0x02, 0xa1, 0x47, 0x01, 0x13, 0xa9, 0xfa, 0xa5, 0xd3, 0xf1, 0x79, 0xbc, 0x25,
	0xf4, 0xb5, 0xbe, 0xd2, 0xb9, 0xd9,
};

static struct sockaddr_storage addr(const char *host, uint16_t port)
{
	struct sockaddr_storage a;

	CHECK(ksrtpd_addr_parse(host, 0, &a), "%s", host);
	ksrtpd_addr_set_port(&a, port);
	return a;
}

static void check_mapped(const struct ksrtpd_stun *request, const char *host,
			 const uint8_t *wanted, size_t wanted_len)
{
	struct sockaddr_storage from = addr(host, 32853);
	uint8_t answer[KSRTPD_STUN_ANSWER_MAX];
	size_t len = ksrtpd_stun_success(request, &from, vector_password, answer), n = 0;
	const uint8_t *mapped = answer_find(answer, len, 0x0020, &n);

	CHECK(mapped && n == wanted_len && !memcmp(mapped, wanted, n), "%s", host);
	CHECK(answer_authentic(answer, len, vector_password), "%s", host);
}

static void test_vectors(void)
{
	struct ksrtpd_stun request;
	uint8_t changed[sizeof(vector_request)];
	size_t i;

	CHECK(ksrtpd_stun_parse(vector_request, sizeof(vector_request), &request), "parse");
	CHECK(request.username_len == 9 && !memcmp(request.username, "evtj:h6vY", 9), "username");
	CHECK(request.has_priority && request.priority == 0x6e0001ff && request.controlled &&
	      !request.controlling && !request.use_candidate && !request.unknown_count, "attributes");
	CHECK(ksrtpd_stun_verify(&request, vector_password), "integrity");
	CHECK(!ksrtpd_stun_verify(&request, "VOkJxbRl1RmTxUk/WvJxBT"), "another password");
	check_mapped(&request, "192.0.2.1", vector_four, sizeof(vector_four));
	check_mapped(&request, "2001:db8:1234:5678:11:2233:4455:6677", vector_six, sizeof(vector_six));
	for (i = 0; i < 8 * sizeof(changed); i++) {
		memcpy(changed, vector_request, sizeof(changed));
		changed[i / 8] ^= (uint8_t)(1 << i % 8);
		CHECK(!ksrtpd_stun_parse(changed, sizeof(changed), &request), "bit %zu", i);
	}
	tap_end("E2", "the vectors of RFC 5769 for IPv4 and IPv6; any bit changed is refused");
}

static void test_malformed(void)
{
	uint8_t wrong[64];
	struct check c;
	struct check_options good = { .local = "abcd", .remote = "efgh", .password = "p" };
	struct ksrtpd_stun request;
	size_t len;

	check_make(&c, &good);
	for (len = 0; len <= c.len; len++) {
		uint8_t *copy = exact_new(c.octets, len);

		CHECK(ksrtpd_stun_parse(copy, len, &request) == (len == c.len), "%zu octets", len);
		exact_free(copy);
	}
	/* An attribute that says it is longer than the message. */
	check_begin(&c, 0x0001, 1);
	check_add(&c, 0x0006, "abcd:efgh", 9);
	check_16(c.octets + 22, 0xfff0);
	check_fingerprint(&c);
	CHECK(!ksrtpd_stun_parse(c.octets, c.len, &request), "a length bomb");
	/* Twice the same, and of a wrong size. */
	check_begin(&c, 0x0001, 1);
	check_add(&c, 0x0006, "abcd:efgh", 9);
	check_add(&c, 0x0006, "abcd:efgh", 9);
	check_fingerprint(&c);
	CHECK(!ksrtpd_stun_parse(c.octets, c.len, &request), "two user names");
	check_begin(&c, 0x0001, 1);
	memset(wrong, 0, sizeof(wrong));
	check_add(&c, 0x0025, wrong, 4);
	check_fingerprint(&c);
	CHECK(!ksrtpd_stun_parse(c.octets, c.len, &request), "USE-CANDIDATE with a value");
	/* Behind the integrity nothing counts. */
	check_begin(&c, 0x0001, 1);
	check_add(&c, 0x0006, "abcd:efgh", 9);
	check_integrity(&c, "p");
	check_add(&c, 0x0025, NULL, 0);
	check_fingerprint(&c);
	CHECK(ksrtpd_stun_parse(c.octets, c.len, &request) && !request.use_candidate &&
	      ksrtpd_stun_verify(&request, "p"), "USE-CANDIDATE behind MESSAGE-INTEGRITY");
	/* Indications, answers and other methods are not for us. */
	check_begin(&c, 0x0011, 1);
	check_fingerprint(&c);
	CHECK(!ksrtpd_stun_parse(c.octets, c.len, &request), "an indication");
	check_begin(&c, 0x0101, 1);
	check_fingerprint(&c);
	CHECK(!ksrtpd_stun_parse(c.octets, c.len, &request), "an answer");
	check_begin(&c, 0x0003, 1);
	check_fingerprint(&c);
	CHECK(!ksrtpd_stun_parse(c.octets, c.len, &request), "Allocate");
	tap_end("E2,S7", "requests that are cut off, lie about lengths or are none are not answered");
}

/* -- ICE-lite */

static struct ksrtpd_ice *ice;
static struct ksrtpd_ice_answer answer;
static struct check sent;

static void input(const uint8_t *data, size_t len, unsigned int socket,
		  const struct sockaddr_storage *from)
{
	const struct ksrtpd_ice_path path = { .socket = socket, .remote = *from };

	ksrtpd_ice_input(ice, data, len, &path, &answer);
}

static void ask_at(const struct check_options *o, unsigned int socket,
		   const struct sockaddr_storage *from)
{
	check_make(&sent, o);
	input(sent.octets, sent.len, socket, from);
}

static void ask(const struct check_options *o, const struct sockaddr_storage *from)
{
	ask_at(o, 0, from);
}

static bool checked(unsigned int socket, const struct sockaddr_storage *from)
{
	const struct ksrtpd_ice_path path = { .socket = socket, .remote = *from };

	return ksrtpd_ice_is_checked(ice, &path);
}

static int code(void)
{
	return answer.len ? answer_code(answer.data, answer.len, &sent) : -1;
}

static void fresh(const char *remote)
{
	struct ksrtpd_failure failure;

	ksrtpd_ice_destroy(ice);
	ice = ksrtpd_ice_create();
	CHECK(ice, "created");
	if (remote)
		CHECK(!ksrtpd_ice_set_remote(ice, remote, "0123456789012345678901", &failure), "%s",
		      failure.message);
}

static void test_credentials(void)
{
	char ufrags[100][KSRTPD_ICE_UFRAG + 1], pwds[100][KSRTPD_ICE_PWD + 1];
	struct ksrtpd_failure failure;
	char longest[300];
	int i, j;

	for (i = 0; i < 100; i++) {
		fresh(NULL);
		CHECK(strlen(ice->ufrag) >= 4 && strlen(ice->pwd) >= 22, "%s %s", ice->ufrag, ice->pwd);
		strcpy(ufrags[i], ice->ufrag);
		strcpy(pwds[i], ice->pwd);
		for (j = 0; j < i; j++)
			CHECK(strcmp(ufrags[i], ufrags[j]) && strcmp(pwds[i], pwds[j]), "%d = %d", i, j);
	}
	memset(longest, 'x', sizeof(longest));
	longest[257] = '\0';
	CHECK(ksrtpd_ice_set_remote(ice, "abc", "0123456789012345678901", &failure), "3 characters");
	CHECK(ksrtpd_ice_set_remote(ice, "abcd", "012345678901234567890", &failure), "21 characters");
	CHECK(ksrtpd_ice_set_remote(ice, "ab:d", "0123456789012345678901", &failure), "a colon");
	CHECK(ksrtpd_ice_set_remote(ice, longest, "0123456789012345678901", &failure), "257 characters");
	CHECK(!strcmp(failure.reason, "bad-sdp") && !*ice->now.remote, "nothing was taken");
	tap_end("E2", "credentials are fresh each time, those of the peer are checked");
}

/* RFC 8445, section 5.1.2.1: (2^24)*126 + (2^8)*(local preference) + 256 - component */
static void test_candidates(void)
{
	static const struct {
		const char *host;
		unsigned int rank, component;
		const char *wanted;
	} rows[] = {
		{ "192.0.2.1", 0, 1, "4 1 udp 2130706175 192.0.2.1 40000 typ host" },
		{ "2001:db8::1", 0, 1, "6 1 udp 2130706431 2001:db8::1 40000 typ host" },
		{ "2001:db8::1", 0, 2, "6 2 udp 2130706430 2001:db8::1 40000 typ host" },
		{ "2001:db8::2", 1, 1, "61 1 udp 2130705919 2001:db8::2 40000 typ host" },
		{ "192.0.2.2", 1, 1, "41 1 udp 2130705663 192.0.2.2 40000 typ host" },
		{ "192.0.2.15", 15, 1, "415 1 udp 2130698495 192.0.2.15 40000 typ host" },
	};
	char text[KSRTPD_CANDIDATE_TEXT];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sockaddr_storage a = addr(rows[i].host, 40000);

		ksrtpd_ice_candidate(&a, rows[i].rank, rows[i].component, text);
		CHECK(!strcmp(text, rows[i].wanted), "%s", text);
	}
	tap_end("E2", "E2: candidates have priorities of their own, IPv6 before IPv4, and foundations of their own");
}

static void test_checks(void)
{
	struct sockaddr_storage from = addr("198.51.100.7", 5000), other = addr("198.51.100.8", 5000);
	struct check_options o;
	size_t n = 0;
	const uint8_t *list;

	fresh("peer");
	o = (struct check_options){ .local = ice->ufrag, .remote = "peer", .password = ice->pwd };
	ask(&o, &from);
	CHECK(code() == 0 && answer.checked && !answer.nominated, "%d", code());
	CHECK(answer_authentic(answer.data, answer.len, ice->pwd), "the answer's integrity");
	CHECK(checked(0, &from) && !checked(0, &other), "checked");
	CHECK(!ice->selected.remote.ss_family, "nothing was nominated");

	/* What is refused teaches nothing. */
	fresh("peer");
	o.local = ice->ufrag;
	o.password = "wrong";
	o.nominate = true;
	ask(&o, &from);
	CHECK(code() == 401 && !answer.checked && !answer.nominated, "wrong password: %d", code());
	CHECK(5 * answer.len <= 6 * sent.len, "%zu octets for %zu", answer.len, sent.len);
	o.password = ice->pwd;
	o.local = "nobody";
	ask(&o, &from);
	CHECK(code() == 401, "wrong local ufrag: %d", code());
	o.local = ice->ufrag;
	o.remote = "somebodyelse";
	ask(&o, &from);
	CHECK(code() == 401, "wrong remote ufrag: %d", code());
	o.remote = "peer";
	o.password = NULL;
	ask(&o, &from);
	CHECK(code() == 400, "no integrity: %d", code());
	o.password = ice->pwd;
	o.local = NULL;
	ask(&o, &from);
	CHECK(code() == 400, "no user name: %d", code());
	o.local = ice->ufrag;
	o.unknown = true;
	ask(&o, &from);
	CHECK(code() == 420 && answer_authentic(answer.data, answer.len, ice->pwd), "unknown: %d",
	      code());
	list = answer_find(answer.data, answer.len, 0x000a, &n);
	CHECK(list && n == 2 && list[0] == 0x7f && list[1] == 0xff, "the list of unknown ones");
	CHECK(list && !list[2] && !list[3], "padding is zero");
	o.unknown = false;
	o.controlled = true;
	ask(&o, &from);
	CHECK(code() == 487 && answer_authentic(answer.data, answer.len, ice->pwd), "role: %d", code());
	CHECK(!checked(0, &from) && !ice->selected.remote.ss_family, "nothing was learnt");
	/* Not even an answer. */
	check_make(&sent, &o);
	sent.octets[sent.len - 1] ^= 1;
	input(sent.octets, sent.len, 0, &from);
	CHECK(!answer.len && !answer.checked, "wrong fingerprint");
	tap_end("E2", "E2: good checks are answered; bad ones get 400, 401, 420, 487 or nothing, and teach nothing");
}

static void test_small_answers(void)
{
	struct sockaddr_storage from = addr("198.51.100.7", 5000);
	struct check c;

	fresh("peer");
	check_begin(&c, 0x0001, 3);
	check_fingerprint(&c);
	input(c.octets, c.len, 0, &from);
	CHECK(answer.error == 400 && !answer.len, "%zu octets for %zu", answer.len, c.len);
	tap_end("E2", "who is not authentic gets no answer of more than 6/5 of what he sent");
}

static void test_nomination(void)
{
	struct sockaddr_storage first = addr("198.51.100.7", 5000), second = addr("2001:db8::7", 6000);
	struct check_options o;

	fresh("peer");
	o = (struct check_options){ .local = ice->ufrag, .remote = "peer", .password = ice->pwd };
	ask(&o, &first);
	o.nominate = true;
	ask(&o, &first);
	CHECK(answer.nominated && ksrtpd_addr_equal(&ice->selected.remote, &first), "the first");
	ask(&o, &first);
	CHECK(!answer.nominated && answer.checked, "the same again is no news");
	o.password = "wrong";
	ask(&o, &second);
	CHECK(!answer.nominated && ksrtpd_addr_equal(&ice->selected.remote, &first), "forged");
	o.password = ice->pwd;
	o.nominate = false;
	ask(&o, &second);
	CHECK(!answer.nominated && ksrtpd_addr_equal(&ice->selected.remote, &first), "only checked");
	o.nominate = true;
	ask(&o, &second);
	CHECK(answer.nominated && ksrtpd_addr_equal(&ice->selected.remote, &second), "a second nomination");
	tap_end("E2", "E2: the path moves by USE-CANDIDATE with integrity alone, and again by a second one");
}

/* A path is both its ends: the same address of the peer's, at another socket, is another path. */
static void test_sockets(void)
{
	struct sockaddr_storage from = addr("198.51.100.7", 5000);
	struct check_options o;

	fresh("peer");
	o = (struct check_options){ .local = ice->ufrag, .remote = "peer", .password = ice->pwd,
				    .nominate = true };
	ask_at(&o, 1, &from);
	CHECK(answer.nominated && ice->selected.socket == 1 && checked(1, &from), "the second socket");
	CHECK(!checked(0, &from) && !checked(2, &from), "no other one");
	o.nominate = false;
	ask_at(&o, 2, &from);
	CHECK(code() == 0 && !answer.nominated && ice->selected.socket == 1 && checked(2, &from),
	      "a check moves nothing");
	o.nominate = true;
	o.password = "wrong";
	ask_at(&o, 2, &from);
	CHECK(code() == 401 && ice->selected.socket == 1, "nor does what is forged");
	o.password = ice->pwd;
	ask_at(&o, 2, &from);
	CHECK(answer.nominated && ice->selected.socket == 2 &&
	      ksrtpd_addr_equal(&ice->selected.remote, &from), "a nomination does");
	tap_end("E2", "E2: the path is one socket of ours and one address of the peer's, and moves as one");
}

static void test_restart(void)
{
	struct sockaddr_storage first = addr("198.51.100.7", 5000), second = addr("198.51.100.9", 7000);
	char ufrag[KSRTPD_ICE_UFRAG + 1], pwd[KSRTPD_ICE_PWD + 1];
	struct ksrtpd_failure failure;
	struct check_options old, now;

	fresh("peer");
	strcpy(ufrag, ice->ufrag);
	strcpy(pwd, ice->pwd);
	old = (struct check_options){ .local = ufrag, .remote = "peer", .password = pwd,
				      .nominate = true };
	ask(&old, &first);
	CHECK(answer.nominated, "%d", code());
	CHECK(!ksrtpd_ice_restart(ice, &failure) && strcmp(ice->ufrag, ufrag) &&
	      strcmp(ice->pwd, pwd), "new credentials");
	CHECK(!ksrtpd_ice_set_remote(ice, "newpeer", "0123456789012345678901", &failure), "remote");
	ask(&old, &first);
	CHECK(code() == 0 && answer.checked && answer_authentic(answer.data, answer.len, pwd),
	      "the old ones still work: %d", code());
	now = (struct check_options){ .local = ice->ufrag, .remote = "newpeer", .password = ice->pwd };
	ask(&now, &second);
	CHECK(code() == 0 && ksrtpd_addr_equal(&ice->selected.remote, &first),
	      "media stays until another path is nominated");
	ask(&old, &first);
	CHECK(code() == 401, "the old ones after the first new check: %d", code());
	now.nominate = true;
	ask(&now, &second);
	CHECK(answer.nominated && ksrtpd_addr_equal(&ice->selected.remote, &second), "the new path");
	tap_end("E2", "after a restart the old credentials are good until the first check with the new");
}

static void test_early(void)
{
	struct sockaddr_storage from = addr("198.51.100.7", 5000);
	struct ksrtpd_failure failure;
	struct check_options o;

	fresh(NULL);
	o = (struct check_options){ .local = ice->ufrag, .remote = "early", .password = ice->pwd,
				    .nominate = true };
	ask(&o, &from);
	CHECK(code() == 0 && answer.nominated, "before the answer: %d", code());
	CHECK(!ksrtpd_ice_set_remote(ice, "early", "0123456789012345678901", &failure) &&
	      ksrtpd_addr_equal(&ice->selected.remote, &from), "it was the answerer's");
	fresh(NULL);
	o.local = ice->ufrag;
	o.password = ice->pwd;
	ask(&o, &from);
	CHECK(!ksrtpd_ice_set_remote(ice, "late", "0123456789012345678901", &failure) &&
	      !ice->selected.remote.ss_family && !checked(0, &from), "it was not");
	tap_end("E2", "checks that overtake the answer count if the answer shows that they were its");
}

static void test_many(void)
{
	struct check_options o;
	struct sockaddr_storage from = addr("198.51.100.7", 5000), selected = from;
	unsigned int i;

	fresh("peer");
	o = (struct check_options){ .local = ice->ufrag, .remote = "peer", .password = ice->pwd,
				    .nominate = true };
	ask(&o, &from);
	o.nominate = false;
	for (i = 1; i < 1000; i++) {
		ksrtpd_addr_set_port(&from, (uint16_t)(5000 + i));
		ask(&o, &from);
	}
	CHECK(ice->checked_count == KSRTPD_ICE_CHECKED_MAX && checked(0, &from),
	      "%u", ice->checked_count);
	CHECK(checked(0, &selected), "the selected path is never forgotten");
	tap_end("E2,S7", "a bounded number of checked addresses is remembered");
}

static void test_rubbish(void)
{
	struct sockaddr_storage from = addr("198.51.100.7", 5000);
	struct check_options o;
	uint64_t seed = 1;
	unsigned int i;

	fresh("peer");
	o = (struct check_options){ .local = ice->ufrag, .remote = "peer", .password = ice->pwd,
				    .nominate = true };
	for (i = 0; i < 20000; i++) {
		size_t at;

		check_make(&sent, &o);
		/* Not what check_fingerprint() writes anew. */
		at = i % 2 ? 4 + random_below(&seed, sent.len - 12) : random_below(&seed, sent.len);
		sent.octets[at] ^= (uint8_t)(1 + random_below(&seed, 255));
		/* Right again for whoever looks at it alone. */
		if (i % 2) {
			sent.len -= 8;
			check_fingerprint(&sent);
		}
		input(sent.octets, sent.len, 0, &from);
		CHECK(!answer.checked && !answer.nominated, "round %u", i);
	}
	CHECK(!ice->checked_count, "nothing was learnt");
	tap_end("E2,S7", "20,000 damaged nominations, with right fingerprints and wrong: none counts");
}

int main(void)
{
	tap.datapath = "-";
	test_vectors();
	test_malformed();
	test_credentials();
	test_candidates();
	test_checks();
	test_small_answers();
	test_nomination();
	test_sockets();
	test_restart();
	test_early();
	test_many();
	test_rubbish();
	ksrtpd_ice_destroy(ice);
	return tap_done();
}
