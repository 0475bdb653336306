// SPDX-License-Identifier: GPL-2.0
/* Requests of the control protocol: what they say, and what is refused. */
#include <stdlib.h>
#include <string.h>

#include <linux/ksrtp.h>

#include "ksrtpd/line.h"
#include "ksrtpd/request.h"
#include "tap.h"

struct parsed {
	struct ksrtpd_line line;
	struct ksrtpd_request request;
};

/* What the methods take, as their tables have it. */
static unsigned int takes(const char *method)
{
	if (!strcmp(method, "call-offer"))
		return KSRTPD_TAKES_CALL | KSRTPD_TAKES_SDP | KSRTPD_TAKES_SIDES;
	if (!strcmp(method, "call-answer"))
		return KSRTPD_TAKES_CALL | KSRTPD_TAKES_SDP;
	if (!strcmp(method, "call-verify"))
		return KSRTPD_TAKES_CALL | KSRTPD_MAY_SIDE;
	if (!strcmp(method, "call-request"))
		return KSRTPD_TAKES_CALL | KSRTPD_TAKES_WHAT;
	return KSRTPD_TAKES_CALL;
}

static int parse(const char *text, struct parsed *parsed, struct ksrtpd_failure *failure)
{
	size_t len = strlen(text);
	char *copy = malloc(len + !len);
	int err;

	memcpy(copy, text, len);
	memset(failure, 0, sizeof(*failure));
	err = ksrtpd_line_parse(copy, len, &parsed->line, failure);
	free(copy);
	if (err || !strcmp(parsed->line.method, "ping"))
		return err;
	return ksrtpd_request_parse(parsed->line.params, takes(parsed->line.method),
				    &parsed->request, failure);
}

static void test_methods(void)
{
	static const struct {
		const char *line, *method, *call;
	} rows[] = {
		{ "{\"id\":1,\"method\":\"ping\"}", "ping", NULL },
		{ " { \"method\" : \"ping\" , \"params\" : { } , \"id\" : 1 } ", "ping", NULL },
		{ "{\"id\":1,\"method\":\"call-show\",\"params\":{\"call\":\"a.B_9-\"}}",
		  "call-show", "a.B_9-" },
		{ "{\"id\":1,\"method\":\"call-verify\",\"params\":{\"call\":\"x\"}}",
		  "call-verify", "x" },
		{ "{\"id\":1,\"method\":\"call-verify\",\"params\":{\"call\":\"x\",\"side\":\"callee\"}}",
		  "call-verify", "x" },
		{ "{\"id\":1,\"method\":\"call-request\",\"params\":{\"call\":\"x\",\"what\":\"park\"}}",
		  "call-request", "x" },
		{ "{\"id\":1,\"method\":\"call-del\",\"params\":{\"call\":\"x\"}}", "call-del", "x" },
		{ "{\"id\":1,\"method\":\"call-answer\",\"params\":{\"call\":\"x\",\"sdp\":\"v=0\"}}",
		  "call-answer", "x" },
		{ "{\"id\":1,\"method\":\"call-offer\",\"params\":{\"call\":\"x\",\"sdp\":\"v=0\"}}",
		  "call-offer", "x" },
	};
	struct parsed parsed;
	struct ksrtpd_failure failure;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(!parse(rows[i].line, &parsed, &failure), "row %zu: %s", i, failure.message);
		CHECK(parsed.line.has_id && parsed.line.id == 1 &&
		      !strcmp(parsed.line.method, rows[i].method), "row %zu", i);
		CHECK(!rows[i].call || !strcmp(parsed.request.call, rows[i].call), "row %zu", i);
		ksrtpd_line_free(&parsed.line);
	}
	tap_end("C1", "lines and what they ask for are understood");
}

static void test_sides(void)
{
	struct parsed parsed;
	struct ksrtpd_failure failure;
	const struct ksrtpd_side *from, *to;

	CHECK(!parse("{\"id\":-5,\"method\":\"call-offer\",\"params\":{\"call\":\"x\",\"sdp\":\"v=0\\r\\n\","
		     "\"from\":{\"interface\":\"a\",\"family\":4,\"protocol\":\"RTP/AVP\"},"
		     "\"to\":{\"family\":6,\"protocol\":\"UDP/TLS/RTP/SAVPF\","
		     "\"suites\":[\"aead-aes-256-gcm\",\"aead-aes-128-gcm\"]}}}", &parsed, &failure),
	      "%s", failure.message);
	from = &parsed.request.offer.sides[KSRTPD_CALLER];
	to = &parsed.request.offer.sides[KSRTPD_CALLEE];
	CHECK(parsed.line.id == -5 && parsed.request.offer.sdp && parsed.request.offer.sdp_len == 5, "id and sdp");
	CHECK(from->interfaces_count == 1 && !strcmp(from->interfaces[0], "a") && from->family == 4 &&
	      from->protocol == KSRTPD_PROTOCOL_PLAIN && !from->suites_count, "from");
	CHECK(!to->interfaces_count && to->family == 6 && to->protocol == KSRTPD_PROTOCOL_DTLS &&
	      to->suites_count == 2 && to->suites[0] == KSRTP_SUITE_AEAD_AES_256_GCM &&
	      to->suites[1] == KSRTP_SUITE_AEAD_AES_128_GCM, "to");
	ksrtpd_line_free(&parsed.line);
	CHECK(!parse("{\"id\":1,\"method\":\"call-offer\",\"params\":{\"call\":\"x\",\"sdp\":\"v=0\\r\\n\","
		     "\"from\":{\"interface\":[\"b\",\"a\"]},\"to\":{\"interface\":\"*\"}}}", &parsed, &failure),
	      "%s", failure.message);
	CHECK(from->interfaces_count == 2 && !strcmp(from->interfaces[0], "b") &&
	      !strcmp(from->interfaces[1], "a"), "interfaces, in their order");
	CHECK(to->interfaces_count == 1 && !strcmp(to->interfaces[0], "*"), "all interfaces");
	ksrtpd_line_free(&parsed.line);
	tap_end("C1", "what from and to ask for is understood");
}

#define OFFER(rest) "{\"id\":3,\"method\":\"call-offer\",\"params\":{\"call\":\"x\",\"sdp\":\"v\"," rest "}}"
#define SHOW(call) "{\"id\":3,\"method\":\"call-show\",\"params\":{\"call\":" call "}}"

static void test_refused(void)
{
	static const struct {
		const char *line, *message;
		bool has_id;
	} rows[] = {
		{ "", "no JSON", false },
		{ "hello", "no JSON", false },
		{ "{\"id\":3", "no JSON", false },
		{ "{\"id\":3,\"method\":\"ping\"} x", "no JSON", false },
		{ "{\"id\":3,\"id\":4,\"method\":\"ping\"}", "no JSON: duplicate object key", false },
		{ "{\"id\":3,\"method\":\"p\\u0000\"}", "no JSON", false },
		{ "{\"id\":3,\"method\":\"\xff\"}", "no JSON", false },
		{ "[]", "no JSON object", false },
		{ "{}", "id is missing", false },
		{ "{\"id\":\"3\",\"method\":\"ping\"}", "id is no integer", false },
		{ "{\"id\":1.5,\"method\":\"ping\"}", "id is no integer", false },
		{ "{\"id\":3}", "method is missing", true },
		{ "{\"id\":3,\"method\":7}", "method is no string", true },
		{ "{\"id\":3,\"method\":\"ping\",\"extra\":1}", "unknown member 'extra'", true },
		{ "{\"id\":3,\"method\":\"ping\",\"params\":[]}", "params is no object", true },
		{ "{\"id\":3,\"method\":\"ping\",\"params\":null}", "params is no object", true },
		{ "{\"id\":3,\"method\":\"call-show\"}", "params.call is missing", true },
		{ "{\"id\":3,\"method\":\"call-show\",\"params\":{\"call\":\"x\",\"sdp\":\"v\"}}",
		  "unknown member 'sdp'", true },
		{ "{\"id\":3,\"method\":\"call-answer\",\"params\":{\"call\":\"x\"}}",
		  "params.sdp is missing", true },
		{ "{\"id\":3,\"method\":\"call-answer\",\"params\":{\"call\":\"x\",\"sdp\":1}}",
		  "params.sdp is no string", true },
		{ "{\"id\":3,\"method\":\"call-answer\",\"params\":{\"call\":\"x\",\"sdp\":\"v\",\"to\":{}}}",
		  "unknown member 'to'", true },
		{ SHOW("1"), "params.call is no string", true },
		{ SHOW("\"\""), "is not 1 to 63 of", true },
		{ SHOW("\"a b\""), "'a b' is not 1 to 63 of", true },
		{ SHOW("\"a/b\""), "is not 1 to 63 of", true },
		{ SHOW("\"\xc3\xa4\""), "'\?\?' is not 1 to 63 of", true },
		{ SHOW("\"0123456789012345678901234567890123456789012345678901234567890123\""),
		  "is not 1 to 63 of", true },
		{ OFFER("\"from\":[]"), "params.from is no object", true },
		{ OFFER("\"to\":{\"port\":1}"), "params.to: unknown member 'port'", true },
		{ OFFER("\"to\":{\"interface\":\"\"}"), "params.to.interface is no name", true },
		{ OFFER("\"to\":{\"interface\":4}"), "params.to.interface is no name", true },
		{ OFFER("\"to\":{\"interface\":[]}"), "params.to.interface is no list of 1 to 16", true },
		{ OFFER("\"to\":{\"interface\":[\"a\",7]}"), "params.to.interface is no name", true },
		{ OFFER("\"to\":{\"interface\":[\"a\",\"b\",\"a\"]}"), "params.to.interface: a twice", true },
		{ OFFER("\"to\":{\"interface\":[\"a\",\"*\"]}"), "stands in no list", true },
		{ OFFER("\"to\":{\"interface\":[\"0\",\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"a\","
			"\"b\",\"c\",\"d\",\"e\",\"f\",\"g\"]}"), "params.to.interface is no list of 1 to 16", true },
		{ OFFER("\"to\":{\"family\":5}"), "params.to.family is neither 4 nor 6", true },
		{ OFFER("\"to\":{\"family\":\"4\"}"), "params.to.family is neither 4 nor 6", true },
		{ OFFER("\"from\":{\"protocol\":\"RTP/SAVQ\"}"), "params.from.protocol is none of", true },
		{ OFFER("\"to\":{\"suites\":\"aead-aes-128-gcm\"}"), "params.to.suites is no list", true },
		{ OFFER("\"to\":{\"suites\":[]}"), "params.to.suites is no list", true },
		{ OFFER("\"to\":{\"suites\":[1]}"), "params.to.suites: ''", true },
		{ OFFER("\"to\":{\"suites\":[\"none\"]}"), "'none' is no suite", true },
		{ OFFER("\"to\":{\"suites\":[\"rot13\"]}"), "'rot13' is no suite", true },
		{ OFFER("\"to\":{\"suites\":[\"aead-aes-128-gcm\",\"aead-aes-128-gcm\"]}"),
		  "aead-aes-128-gcm twice", true },
	};
	struct parsed parsed;
	struct ksrtpd_failure failure;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(parse(rows[i].line, &parsed, &failure), "row %zu was taken", i);
		CHECK(failure.reason && !strcmp(failure.reason, "bad-request"), "row %zu", i);
		CHECK(strstr(failure.message, rows[i].message), "row %zu: '%s' lacks '%s'", i,
		      failure.message, rows[i].message);
		CHECK(parsed.line.has_id == rows[i].has_id &&
		      (!parsed.line.has_id || parsed.line.id == 3),
		      "row %zu: id", i);
		ksrtpd_line_free(&parsed.line);
	}
	tap_end("C1", "unknown members, wrong types and values are refused by name (%zu cases)", i);
}

static void test_bounds(void)
{
	char *big = malloc(KSRTPD_LINE_MAX + 2);
	struct parsed parsed;
	struct ksrtpd_failure failure;

	memset(big, ' ', KSRTPD_LINE_MAX + 1);
	memcpy(big, "{\"id\":3,\"method\":\"ping\"}", 24);
	big[KSRTPD_LINE_MAX] = '\0';
	CHECK(!parse(big, &parsed, &failure), "the longest: %s", failure.message);
	ksrtpd_line_free(&parsed.line);
	big[KSRTPD_LINE_MAX] = ' ';
	big[KSRTPD_LINE_MAX + 1] = '\0';
	CHECK(parse(big, &parsed, &failure) && strstr(failure.message, "longer than 262144"), "%s",
	      failure.message);
	ksrtpd_line_free(&parsed.line);
	memset(big, '[', KSRTPD_LINE_MAX);
	big[KSRTPD_LINE_MAX] = '\0';
	CHECK(parse(big, &parsed, &failure), "a quarter million brackets");
	ksrtpd_line_free(&parsed.line);
	free(big);
	tap_end("C1,S7", "length and depth of a request are bounded");
}

int main(void)
{
	tap.datapath = "-";
	test_methods();
	test_sides();
	test_refused();
	test_bounds();
	return tap_done();
}
