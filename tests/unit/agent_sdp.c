// SPDX-License-Identifier: GPL-2.0
/* The SDP parser and rewriter: what is accepted, what is refused and why, and that
 * everything it does not understand stays as it was.
 */
#include <stdlib.h>
#include <string.h>

#include "ksrtpd/sdp.h"
#include "tap.h"

#define FP1 "0A:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:" \
	    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"
#define FP2 "FF:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:" \
	    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"

static const char head[] =
	"v=0\r\n"
	"o=- 1 1 IN IP4 198.51.100.1\r\n"
	"s=-\r\n"
	"c=IN IP4 198.51.100.1\r\n"
	"t=0 0\r\n";
static const char audio[] =
	"m=audio 5004 UDP/TLS/RTP/SAVPF 0 8 101\r\n"
	"a=rtcp-mux\r\n"
	"a=fingerprint:sha-256 " FP1 "\r\n"
	"a=setup:actpass\r\n";
static const char video[] =
	"m=video 5006 RTP/AVP 96\r\n"
	"c=IN IP6 2001:db8::5\r\n"
	"a=rtcp-mux\r\n";

static char *join(const char *a, const char *b, const char *c)
{
	char *text = malloc(strlen(a) + strlen(b) + strlen(c) + 1);

	strcpy(text, a);
	strcat(text, b);
	return strcat(text, c);
}

/* @text with the first @find replaced. */
static char *replaced(const char *text, const char *find, const char *with)
{
	const char *at = strstr(text, find);
	char *before, *out;

	if (!at) {
		CHECK(at, "the test looks for '%s'", find);
		return strdup(text);
	}
	before = strndup(text, at - text);
	out = join(before, with, at + strlen(find));
	free(before);
	return out;
}

static struct ksrtpd_sdp *parse(const char *text, struct ksrtpd_failure *failure)
{
	/* A copy of its own, so that a read past the end is noticed. */
	size_t len = strlen(text);
	char *copy = malloc(len);
	struct ksrtpd_sdp *sdp;

	memcpy(copy, text, len);
	failure->reason = "none";
	failure->message[0] = '\0';
	sdp = ksrtpd_sdp_parse(copy, len, failure);
	free(copy);
	return sdp;
}

static void test_accept(void)
{
	char *text = join(head, audio, video), host[KSRTPD_ADDR_TEXT];
	struct ksrtpd_failure failure;
	struct ksrtpd_sdp *sdp = parse(text, &failure);

	CHECK(sdp, "%s: %s", failure.reason, failure.message);
	if (sdp) {
		const struct ksrtpd_sdp_media *m = sdp->media;

		CHECK(sdp->media_count == 2, "%u lines", sdp->media_count);
		CHECK(!strcmp(m[0].kind, "audio") && m[0].keys == KSRTPD_SDP_DTLS && !m[0].rejected, "audio");
		CHECK(m[0].setup == KSRTPD_SDP_ACTPASS, "setup %d", m[0].setup);
		CHECK(m[0].fingerprints.count == 1 && m[0].fingerprints.list[0].octets[0] == 10, "fp");
		CHECK(!strcmp(ksrtpd_addr_text(&m[0].remote, host), "198.51.100.1:5004"), "%s", host);
		CHECK(!strcmp(m[0].proto_name, "UDP/TLS/RTP/SAVPF"), "%s", m[0].proto_name);
		CHECK(!strcmp(m[1].kind, "video") && m[1].keys == KSRTPD_SDP_PLAIN && !m[1].rejected, "video");
		CHECK(!strcmp(ksrtpd_addr_text(&m[1].remote, host), "[2001:db8::5]:5006"), "%s", host);
	}
	ksrtpd_sdp_free(sdp);
	free(text);
	tap_end("C1", "an offer of audio by DTLS-SRTP and plain video is understood");
}

/* What else is right: changes of the base, and how many SHA-256 fingerprints, and
 * which setup, audio then has.
 */
static void test_variants(void)
{
	static const struct {
		const char *find, *with;
		unsigned int fingerprints;
		enum ksrtpd_sdp_setup setup;
	} rows[] = {
		{ "a=fingerprint:sha-256 " FP1, "a=fingerprint:SHA-256 " FP1, 1, KSRTPD_SDP_ACTPASS },
		{ "a=fingerprint:sha-256 " FP1,
		  "a=fingerprint:sha-1 AA:BB\r\na=fingerprint:sha-256 " FP1, 1, KSRTPD_SDP_ACTPASS },
		{ "a=fingerprint:sha-256 " FP1,
		  "a=fingerprint:sha-256 " FP2 "\r\na=fingerprint:sha-256 " FP1, 2,
		  KSRTPD_SDP_ACTPASS },
		{ "t=0 0\r\n", "t=0 0\r\na=fingerprint:sha-256 " FP2 "\r\n", 1, KSRTPD_SDP_ACTPASS },
		{ "t=0 0\r\n", "t=0 0\r\na=setup:passive\r\n", 1, KSRTPD_SDP_ACTPASS },
		{ "a=setup:actpass", "a=setup:active", 1, KSRTPD_SDP_ACTIVE },
		{ "a=setup:actpass", "a=setup:passive", 1, KSRTPD_SDP_PASSIVE },
		{ "SAVPF", "SAVP", 1, KSRTPD_SDP_ACTPASS },
		{ "0 8 101", "127", 1, KSRTPD_SDP_ACTPASS },
		{ "0 8 101", "63 96", 1, KSRTPD_SDP_ACTPASS },
		{ "audio 5004", "audio 65535", 1, KSRTPD_SDP_ACTPASS },
		{ "t=0 0\r\n", "z=whatever\r\n", 1, KSRTPD_SDP_ACTPASS },
		{ "t=0 0\r\n", "t=0 0\r\na=x\xc3\xa4\ty\r\n", 1, KSRTPD_SDP_ACTPASS },
		{ "m=video 5006 RTP/AVP 96\r\n", "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n",
		  1, KSRTPD_SDP_ACTPASS },
		{ "m=video 5006 RTP/AVP 96\r\n", "m=audio 0 X y\r\n", 1, KSRTPD_SDP_ACTPASS },
		{ "m=video 5006 RTP/AVP 96\r\n", "m=video 5006 RTP/AVPF 96\r\n", 1, KSRTPD_SDP_ACTPASS },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *base = join(head, audio, video), *text = replaced(base, rows[i].find, rows[i].with);
		struct ksrtpd_failure failure;
		struct ksrtpd_sdp *sdp = parse(text, &failure);

		CHECK(sdp, "row %zu: %s: %s", i, failure.reason, failure.message);
		if (sdp)
			CHECK(sdp->media[0].fingerprints.count == rows[i].fingerprints &&
			      sdp->media[0].setup == rows[i].setup, "row %zu: %u fingerprints, setup %d",
			      i, sdp->media[0].fingerprints.count, sdp->media[0].setup);
		ksrtpd_sdp_free(sdp);
		free(base);
		free(text);
	}
	tap_end("C1,K1", "hash names, several fingerprints, session and media level, setup, unknown lines");
}

/* Session-level fingerprint and setup serve a media line that has none of its own. */
static void test_session_level(void)
{
	char *text = join("v=0\no=- 1 1 IN IP4 1.2.3.4\ns=-\na=fingerprint:sha-256 " FP2
			  "\na=setup:active\n", "m=audio 9000 UDP/TLS/RTP/SAVP 0\nc=IN IP4 1.2.3.4\n",
			  "a=rtcp-mux");
	struct ksrtpd_failure failure;
	struct ksrtpd_sdp *sdp = parse(text, &failure);

	CHECK(sdp, "%s: %s", failure.reason, failure.message);
	if (sdp)
		CHECK(sdp->media[0].fingerprints.count == 1 &&
		      sdp->media[0].fingerprints.list[0].octets[0] == 0xff &&
		      sdp->media[0].setup == KSRTPD_SDP_ACTIVE, "from the session");
	ksrtpd_sdp_free(sdp);
	free(text);
	tap_end("C1,K1", "fingerprint and setup of the session; LF alone; no end of the last line");
}

static void test_refuse(void)
{
	static const struct {
		const char *find, *with, *reason, *message;
	} rows[] = {
		/* the form */
		{ "v=0\r\n", "", "bad-sdp", "line 1: is not v=0" },
		{ "v=0\r\n", "v=1\r\n", "bad-sdp", "line 1: is not v=0" },
		{ "s=-\r\n", "s=-\r\nv=0\r\n", "bad-sdp", "line 4: a second v=" },
		{ "o=- 1 1 IN IP4 198.51.100.1\r\n", "", "bad-sdp", "o= or s= is missing" },
		{ "s=-\r\n", "", "bad-sdp", "o= or s= is missing" },
		{ "t=0 0\r\n", "\r\n", "bad-sdp", "line 5: is empty" },
		{ "t=0 0\r\n", "t\r\n", "bad-sdp", "line 5: is not of the form" },
		{ "t=0 0\r\n", "T=0 0\r\n", "bad-sdp", "line 5: is not of the form" },
		{ "t=0 0\r\n", "t:0 0\r\n", "bad-sdp", "line 5: is not of the form" },
		{ "t=0 0\r\n", "t=0\r0\r\n", "bad-sdp", "line 5: has a control character" },
		{ "t=0 0\r\n", "t=\x7f\r\n", "bad-sdp", "line 5: has a control character" },
		{ "t=0 0\r\n", "t=0 0\r\r\n", "bad-sdp", "line 5: has a control character" },
		{ "t=0 0\r\n", "t=0 0\r\nc=IN IP4 198.51.100.1\r\n", "bad-sdp", "line 6: a second c=" },
		/* the media line */
		{ "m=audio 5004 UDP/TLS/RTP/SAVPF 0 8 101", "m=audio", "bad-sdp",
		  "media line 1 (audio): is not of the form" },
		{ "m=audio 5004 UDP/TLS/RTP/SAVPF 0 8 101", "m=audio 5004", "bad-sdp", "is not of the form" },
		{ "5004 UDP/TLS/RTP/SAVPF 0 8 101", "5004 UDP/TLS/RTP/SAVPF", "bad-sdp", "is not of the form" },
		{ "5004", "5004/2", "bad-sdp", "has more than one port" },
		{ "5004", "65536", "bad-sdp", "the port is no number" },
		{ "5004", "+504", "bad-sdp", "the port is no number" },
		{ "5004", "", "bad-sdp", "the port is no number" },
		{ "5004", "000005004", "bad-sdp", "the port is no number" },
		{ "0 8 101", "0  8", "bad-sdp", "a payload type is no number" },
		{ "0 8 101", "128", "bad-sdp", "a payload type is no number" },
		{ "0 8 101", "webrtc", "bad-sdp", "a payload type is no number" },
		{ "0 8 101", "0 64", "bad-sdp", "payload types 64 to 95" },
		{ "0 8 101", "0 95", "bad-sdp", "payload types 64 to 95" },
		/* the address */
		{ "c=IN IP4 198.51.100.1", "b=AS:64", "no-address", "media line 1 (audio): neither it nor" },
		{ "c=IN IP4 198.51.100.1", "c=IN IP4 224.2.1.1", "no-address", "is a multicast address" },
		{ "c=IN IP4 198.51.100.1", "c=IN IP4 255.255.255.255", "no-address", "broadcast" },
		{ "c=IN IP4 198.51.100.1", "c=IN IP4 224.2.1.1/127", "bad-sdp", "'224.2.1.1/127' in c=" },
		{ "c=IN IP4 198.51.100.1", "c=IN IP4 host.example.com", "bad-sdp", "no single numeric IPv4" },
		{ "c=IN IP4 198.51.100.1", "c=IN IP4 198.51.100", "bad-sdp", "no single numeric IPv4" },
		{ "c=IN IP4 198.51.100.1", "c=IN IP4 2001:db8::1", "bad-sdp", "no single numeric IPv4" },
		{ "c=IN IP4 198.51.100.1", "c=IN IP6 198.51.100.1", "bad-sdp", "no single numeric IPv6" },
		{ "c=IN IP4 198.51.100.1", "c=IN IP7 198.51.100.1", "bad-sdp", "neither IN IP4 nor IN IP6" },
		{ "c=IN IP4 198.51.100.1", "c=IN  IP4 198.51.100.1", "bad-sdp", "neither IN IP4 nor IN IP6" },
		{ "c=IN IP4 198.51.100.1", "c=IN IP4 ", "bad-sdp", "c= has no numeric address" },
		{ "c=IN IP4 198.51.100.1", "c=", "bad-sdp", "line 4: c= is empty" },
		{ "2001:db8::5", "ff02::1", "no-address", "is a multicast address" },
		{ "2001:db8::5", "fe80::1", "no-address", "is a link-local address" },
		{ "2001:db8::5", "::ffff:192.0.2.1", "no-address", "IPv4 address in IPv6 form" },
		/* rtcp-mux, fingerprint, setup */
		{ "a=fingerprint:sha-256 " FP1 "\r\n", "", "no-fingerprint",
		  "media line 1 (audio): UDP/TLS/RTP/SAVP(F) without a=fingerprint" },
		{ "sha-256 " FP1, "md5 AA:BB", "weak-fingerprint", "no SHA-256 or longer among" },
		{ "sha-256 " FP1, "sha-1 AA:BB", "weak-fingerprint", "no SHA-256 or longer among" },
		{ "sha-256 " FP1, "sha-2567 " FP1, "weak-fingerprint", "no SHA-256 or longer among" },
		{ "sha-256 " FP1, "sha-256 " FP1 ":00", "bad-fingerprint", "line 8: is not of the form" },
		{ "sha-256 " FP1, "sha-256 AA:BB", "bad-fingerprint", "line 8: is not of the form" },
		{ "sha-256 " FP1, "sha-256", "bad-fingerprint", "line 8: is not of the form" },
		{ "sha-256 " FP1, "sha-256  " FP1, "bad-fingerprint", "line 8: is not of the form" },
		{ "sha-256 " FP1, "sha-384 " FP1, "bad-fingerprint", "sha-384 AB:CD:... with 48 octets" },
		{ "sha-256 " FP1, "sha-512 " FP1, "bad-fingerprint", "sha-512 AB:CD:... with 64 octets" },
		{ "a=setup:actpass\r\n", "", "bad-setup", "media line 1 (audio): UDP/TLS/RTP/SAVP(F) without" },
		{ "a=setup:actpass", "a=setup:holdconn", "bad-setup", "a=setup:holdconn" },
		{ "a=setup:actpass", "a=setup:Active", "bad-setup", "line 9: a=setup is none of" },
		{ "a=setup:actpass", "a=setup", "bad-setup", "line 9: a=setup is none of" },
		{ "a=setup:actpass", "a=setup:active\r\na=setup:active", "bad-setup", "a second a=setup" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *base = join(head, audio, video), *text = replaced(base, rows[i].find, rows[i].with);
		struct ksrtpd_failure failure;
		struct ksrtpd_sdp *sdp = parse(text, &failure);

		CHECK(!sdp, "row %zu was accepted", i);
		CHECK(!strcmp(failure.reason, rows[i].reason), "row %zu: %s, not %s (%s)", i,
		      failure.reason, rows[i].reason, failure.message);
		CHECK(strstr(failure.message, rows[i].message), "row %zu: '%s' lacks '%s'", i,
		      failure.message, rows[i].message);
		ksrtpd_sdp_free(sdp);
		free(base);
		free(text);
	}
	tap_end("C1,K1", "what is wrong is refused, with reason and place (%zu cases)", i);
}

static void test_bounds(void)
{
	struct ksrtpd_failure failure;
	char *big = malloc(KSRTPD_SDP_MAX + 2), *p;
	int i;

	memset(big, 'x', KSRTPD_SDP_MAX + 1);
	big[KSRTPD_SDP_MAX + 1] = '\0';
	CHECK(!parse(big, &failure) && strstr(failure.message, "longer than"), "%s", failure.message);
	CHECK(!parse("", &failure) && strstr(failure.message, "is empty"), "%s", failure.message);
	CHECK(!parse("v=0\r\no=-\r\ns=-\r\n", &failure) && strstr(failure.message, "no media line"),
	      "%s", failure.message);
	memcpy(big, "v=0\na=", 6);
	big[6 + KSRTPD_SDP_LINE_MAX] = '\0';
	CHECK(!parse(big, &failure) && strstr(failure.message, "line 2: is too long"), "%s",
	      failure.message);
	p = big + sprintf(big, "v=0\no=-\ns=-\n");
	for (i = 0; i <= KSRTPD_SDP_MEDIA_MAX; i++)
		p += sprintf(p, "m=text 0 x y\n");
	CHECK(!parse(big, &failure) && strstr(failure.message, "too many media lines"), "%s",
	      failure.message);
	p = big;
	for (i = 0; i <= KSRTPD_SDP_LINES_MAX; i++)
		p += sprintf(p, "v=0\n");
	CHECK(!parse(big, &failure) && strstr(failure.message, "too many lines"), "%s", failure.message);
	p = big + sprintf(big, "%s%s", head, "m=audio 5004 UDP/TLS/RTP/SAVPF 0\r\na=rtcp-mux\r\n");
	for (i = 0; i <= KSRTPD_FINGERPRINTS_MAX; i++)
		p += sprintf(p, "a=fingerprint:sha-256 " FP1 "\r\n");
	CHECK(!parse(big, &failure) && strstr(failure.message, "more than 8 SHA-256"), "%s",
	      failure.message);
	CHECK(!ksrtpd_sdp_parse("v=0\r\n\0=-\r\n", 10, &failure), "a NUL");
	free(big);
	tap_end("C1,S7", "octets, lines, media lines and fingerprints are bounded");
}

/* -- the rewriter */

static struct ksrtpd_sdp_out out_for(const char *host, uint16_t port, const char *proto,
				     const struct ksrtpd_fingerprint *fp, enum ksrtpd_sdp_setup setup)
{
	struct ksrtpd_sdp_out out = { .proto = proto, .fingerprint = fp, .setup = setup, .mux = true };

	ksrtpd_addr_parse(host, 0, &out.local);
	ksrtpd_addr_set_port(&out.local, port);
	return out;
}

static void check_rewrite(const char *what, const char *in, const struct ksrtpd_sdp_out *out,
			  const char *expected)
{
	struct ksrtpd_failure failure;
	struct ksrtpd_sdp *sdp = parse(in, &failure);
	struct sockaddr_storage host;
	char *text;

	CHECK(sdp, "%s: %s: %s", what, failure.reason, failure.message);
	if (!sdp)
		return;
	ksrtpd_addr_parse(ksrtpd_addr_family(&out->local) == 4 ? "192.0.2.1" : "2001:db8::1", 0, &host);
	text = ksrtpd_sdp_rewrite(sdp, out, &host, NULL);
	CHECK(text && !strcmp(text, expected), "%s: got\n%s", what, text ? text : "nothing");
	ksrtpd_sdp_text_free(text);
	ksrtpd_sdp_free(sdp);
}

/* Each line here that is ours to change, between lines that are not. */
static void test_rewrite_all(void)
{
	struct ksrtpd_fingerprint fp = { .octets = { 0x12, 0x34 } };
	char text[KSRTPD_FINGERPRINT_TEXT], expected[4096];
	struct ksrtpd_sdp_out out[3] = {
		out_for("2001:db8::1", 40001, "UDP/TLS/RTP/SAVPF", &fp, KSRTPD_SDP_ACTPASS),
		out_for("2001:db8::1", 40003, "UDP/TLS/RTP/SAVPF", &fp, KSRTPD_SDP_PASSIVE),
		{ .rejected = true },
	};
	static const char in[] =
		"v=0\r\n"
		"o=jdoe 2890844526 2890842807 IN IP4 198.51.100.1\r\n"
		"s= spaces  kept \r\n"
		"i=\xc3\xbc\xe2\x82\xac\r\n"
		"c=IN IP4 198.51.100.1\r\n"
		"b=AS:1000\r\n"
		"t=0 0\r\n"
		"k=clear:secret\r\n"
		"a=group:BUNDLE 0 1\r\n"
		"a=group:LS 0 1\r\n"
		"a=ice-lite\r\n"
		"a=ice-options:trickle\r\n"
		"a=msid-semantic: WMS *\r\n"
		"m=audio 5004 RTP/AVP 0 8\r\n"
		"i=title\r\n"
		"b=TIAS:64000\r\n"
		"a=mid:0\r\n"
		"a=rtcp:5005 IN IP4 198.51.100.1\r\n"
		"a=rtcp-mux\r\n"
		"a=rtcp-fb:* nack\r\n"
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc\r\n"
		"a=ssrc:1234 cname:x@y\r\n"
		"a=candidate:1 1 UDP 1 198.51.100.1 5004 typ host\r\n"
		"a=ice-ufrag:abcd\r\n"
		"a=ice-pwd:abcdefghijklmnopqrstuvwx\r\n"
		"a=end-of-candidates\r\n"
		"a=setup-like:x\r\n"
		"a=fingerprints\r\n"
		"m=video 5006 UDP/TLS/RTP/SAVP 96 97\r\n"
		"c=IN IP4 198.51.100.2\r\n"
		"a=setup:active\r\n"
		"a=fingerprint:sha-1 AA\r\n"
		"a=fingerprint:sha-256 " FP1 "\r\n"
		"a=tls-id:abcdefghijklmnopqrst\r\n"
		"a=rtcp-mux\r\n"
		"a=extmap:1 urn:x\r\n"
		"y=unknown type\r\n"
		"m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"
		"c=IN IP4 198.51.100.3\r\n"
		"a=bundle-only\r\n"
		"a=sctp-port:5000";

	ksrtpd_fingerprint_text(&fp, text);
	snprintf(expected, sizeof(expected),
		"v=0\r\n"
		"o=jdoe 2890844526 2890842807 IN IP4 198.51.100.1\r\n"
		"s= spaces  kept \r\n"
		"i=\xc3\xbc\xe2\x82\xac\r\n"
		"c=IN IP6 2001:db8::1\r\n"
		"b=AS:1000\r\n"
		"t=0 0\r\n"
		"a=group:LS 0 1\r\n"
		"a=msid-semantic: WMS *\r\n"
		"m=audio 40001 UDP/TLS/RTP/SAVPF 0 8\r\n"
		"i=title\r\n"
		"b=TIAS:64000\r\n"
		"a=fingerprint:%s\r\n"
		"a=setup:actpass\r\n"
		"a=mid:0\r\n"
		"a=rtcp-mux\r\n"
		"a=rtcp-fb:* nack\r\n"
		"a=ssrc:1234 cname:x@y\r\n"
		"a=setup-like:x\r\n"
		"a=fingerprints\r\n"
		"m=video 40003 UDP/TLS/RTP/SAVPF 96 97\r\n"
		"c=IN IP6 2001:db8::1\r\n"
		"a=fingerprint:%s\r\n"
		"a=setup:passive\r\n"
		"a=rtcp-mux\r\n"
		"a=extmap:1 urn:x\r\n"
		"y=unknown type\r\n"
		"m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"
		"c=IN IP6 2001:db8::1\r\n"
		"a=sctp-port:5000", text, text);
	check_rewrite("all", in, out, expected);
	tap_end("C1", "the rewritten offer: what is ours is changed, everything else stays to the byte");
}

static void test_rewrite_plain(void)
{
	struct ksrtpd_sdp_out out[1] = { out_for("192.0.2.1", 40000, "RTP/AVP", NULL, 0) };
	char *source = join(head, audio, "a=ptime:20\r\n");

	check_rewrite("to plain", source, out,
		      "v=0\r\n"
		      "o=- 1 1 IN IP4 198.51.100.1\r\n"
		      "s=-\r\n"
		      "c=IN IP4 192.0.2.1\r\n"
		      "t=0 0\r\n"
		      "m=audio 40000 RTP/AVP 0 8 101\r\n"
		      "a=rtcp-mux\r\n"
		      "a=ptime:20\r\n");
	out[0].rejected = true;
	check_rewrite("rejected", source, out,
		      "v=0\r\n"
		      "o=- 1 1 IN IP4 198.51.100.1\r\n"
		      "s=-\r\n"
		      "c=IN IP4 192.0.2.1\r\n"
		      "t=0 0\r\n"
		      "m=audio 0 RTP/AVP 0 8 101\r\n"
		      "a=rtcp-mux\r\n"
		      "a=ptime:20\r\n");
	free(source);
	tap_end("C1", "toward plain RTP the DTLS lines are gone; a rejected line has port 0");
}

/* Of a bundle one line may say rtcp-mux for all, but who does not bundle reads each alone. */
static void test_rewrite_mux(void)
{
	static const char in[] = "v=0\no=-\ns=-\nc=IN IP4 198.51.100.1\na=group:BUNDLE 0 1\n"
				 "m=audio 7 RTP/AVP 0\na=mid:0\na=rtcp-mux\n"
				 "m=video 7 RTP/AVP 96\na=mid:1\n";
	struct ksrtpd_sdp_out out[2] = {
		out_for("192.0.2.1", 40000, NULL, NULL, 0), out_for("192.0.2.1", 40002, NULL, NULL, 0),
	};

	check_rewrite("mux", in, out,
		      "v=0\no=-\ns=-\nc=IN IP4 192.0.2.1\n"
		      "m=audio 40000 RTP/AVP 0\na=mid:0\na=rtcp-mux\n"
		      "m=video 40002 RTP/AVP 96\na=rtcp-mux\na=mid:1\n");
	tap_end("C1", "rtcp-mux that one line of a bundle says for all is said in each");
}

/* Lines end with LF, and the last one not at all. */
static void test_rewrite_ends(void)
{
	struct ksrtpd_fingerprint fp = { .octets = { 1 } };
	struct ksrtpd_sdp_out out[1] = { out_for("192.0.2.1", 40000, NULL, &fp, KSRTPD_SDP_ACTIVE) };
	char text[KSRTPD_FINGERPRINT_TEXT], expected[1024];
	static const char lines[] = "v=0\no=-\ns=-\na=rtcp-mux\nm=audio 7 UDP/TLS/RTP/SAVP 0\n"
				    "c=IN IP4 10.0.0.1\na=rtcp-mux\na=setup:passive\n"
				    "a=fingerprint:sha-256 " FP1;

	snprintf(expected, sizeof(expected),
		 "v=0\no=-\ns=-\na=rtcp-mux\nm=audio 40000 UDP/TLS/RTP/SAVP 0\nc=IN IP4 192.0.2.1\n"
		 "a=fingerprint:%s\na=setup:active\na=rtcp-mux\n", ksrtpd_fingerprint_text(&fp, text));
	check_rewrite("LF", lines, out, expected);
	tap_end("C1", "lines that are put in end as the others do");
}

/* -- Cryptex, and header extensions by RFC 6904 */

static void test_cryptex(void)
{
	static const struct {
		const char *session, *first, *second;
		bool bundled, wanted[2];
	} rows[] = {
		{ "", "", "", false, { false, false } },
		{ "", "a=cryptex\r\n", "", false, { true, false } },
		{ "", "", "a=cryptex\r\n", false, { false, true } },
		{ "a=cryptex\r\n", "", "", false, { true, true } },
		{ "a=cryptex\r\n", "", "a=cryptex\r\n", false, { true, true } },
		{ "", "a=cryptex\r\n", "a=cryptex\r\n", true, { true, true } },
		{ "", "a=cryptex\r\n", "", true, { true, true } },
		{ "", "", "a=cryptex\r\n", true, { false, false } },
		{ "a=cryptex\r\n", "", "", true, { true, true } },
		{ "a=cryptexx\r\n", "a=ycryptex\r\n", "b=cryptex\r\n", false, { false, false } },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ksrtpd_failure failure;
		struct ksrtpd_sdp *sdp;
		char text[2048];

		snprintf(text, sizeof(text), "%s%s%s%s%sa=mid:0\r\nm=video 5006 RTP/AVP 96\r\n"
			 "a=rtcp-mux\r\na=mid:1\r\n%s", head,
			 rows[i].bundled ? "a=group:BUNDLE 0 1\r\n" : "", rows[i].session, audio,
			 rows[i].first, rows[i].second);
		sdp = parse(text, &failure);
		CHECK(sdp, "row %zu: %s: %s", i, failure.reason, failure.message);
		if (sdp)
			CHECK(sdp->media[0].cryptex == rows[i].wanted[0] &&
			      sdp->media[1].cryptex == rows[i].wanted[1], "row %zu: %d, %d", i,
			      sdp->media[0].cryptex, sdp->media[1].cryptex);
		ksrtpd_sdp_free(sdp);
	}
	tap_end("C1", "a=cryptex of the session, of lines, and of the line that a bundle is named after");
}

static void test_rewrite_cryptex(void)
{
	static const char in[] =
		"v=0\no=-\ns=-\nc=IN IP4 198.51.100.1\na=cryptex\n"
		"a=extmap:1 urn:ietf:params:rtp-hdrext:encrypt urn:x\n"
		"a=extmap:2 urn:x\n"
		"a=extmap-allow-mixed\n"
		"m=audio 7 RTP/AVP 0\n"
		"a=rtcp-mux\n"
		"a=cryptex\n"
		"a=cryptex-like\n"
		"a=extmap:3/sendrecv urn:ietf:params:rtp-hdrext:encrypt urn:x\n"
		"a=extmap:4  URN:IETF:params:rtp-hdrext:encrypt urn:x\n"
		"a=extmap:5 urn:ietf:params:rtp-hdrext:encrypt\n"
		"a=extmap:6 urn:ietf:params:rtp-hdrext:encrypted urn:x\n"
		"a=extmap:7/recvonly urn:x urn:ietf:params:rtp-hdrext:encrypt\n"
		"a=extmap:8\n";
	static const char kept[] =
		"a=extmap:6 urn:ietf:params:rtp-hdrext:encrypted urn:x\n"
		"a=extmap:7/recvonly urn:x urn:ietf:params:rtp-hdrext:encrypt\n"
		"a=extmap:8\n";
	struct ksrtpd_sdp_out out[1] = { out_for("192.0.2.1", 40000, NULL, NULL, 0) };
	char expected[1024], *relayed, *moved;

	snprintf(expected, sizeof(expected),
		 "v=0\no=-\ns=-\nc=IN IP4 192.0.2.1\na=extmap:2 urn:x\na=extmap-allow-mixed\n"
		 "m=audio 40000 RTP/AVP 0\na=rtcp-mux\na=cryptex-like\n%s", kept);
	check_rewrite("without", in, out, expected);
	out[0].cryptex = true;
	snprintf(expected, sizeof(expected),
		 "v=0\no=-\ns=-\nc=IN IP4 192.0.2.1\na=extmap:2 urn:x\na=extmap-allow-mixed\n"
		 "m=audio 40000 RTP/AVP 0\na=cryptex\na=rtcp-mux\na=cryptex-like\n%s", kept);
	check_rewrite("with", in, out, expected);
	out[0].rejected = true;
	snprintf(expected, sizeof(expected),
		 "v=0\no=-\ns=-\nc=IN IP4 192.0.2.1\na=extmap:2 urn:x\na=extmap-allow-mixed\n"
		 "m=audio 0 RTP/AVP 0\na=rtcp-mux\na=cryptex-like\n%s", kept);
	check_rewrite("rejected", in, out, expected);
	out[0].rejected = out[0].cryptex = false;
	out[0].relay = true;
	moved = replaced(in, "198.51.100.1", "192.0.2.1");
	relayed = replaced(moved, "audio 7", "audio 40000");
	check_rewrite("relayed", in, out, relayed);
	free(moved);
	free(relayed);
	tap_end("C1,C2", "encrypted header extensions of one side are not offered to the other, but end to end");
}

/* -- every damage */

static uint32_t random_state = 1;

static uint32_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	return random_state ^= random_state << 5;
}

/* Whatever gets through the parser gets through the rewriter, and its result through
 * the parser again, with all of ours in it.
 */
static bool round_trip(const char *text, size_t len)
{
	struct ksrtpd_fingerprint fp = { .octets = { 7 } };
	struct ksrtpd_sdp_out out[KSRTPD_SDP_MEDIA_MAX];
	struct ksrtpd_failure failure;
	struct ksrtpd_sdp *sdp = ksrtpd_sdp_parse(text, len, &failure), *again;
	struct sockaddr_storage host;
	bool ok = true;
	unsigned int i;
	char *result;

	if (!sdp)
		return failure.reason && *failure.message;
	ksrtpd_addr_parse("192.0.2.1", 4, &host);
	for (i = 0; i < sdp->media_count; i++) {
		out[i] = out_for("192.0.2.1", 40000 + i, "UDP/TLS/RTP/SAVPF", &fp, KSRTPD_SDP_PASSIVE);
		out[i].rejected = sdp->media[i].rejected;
	}
	result = ksrtpd_sdp_rewrite(sdp, out, &host, NULL);
	again = result ? ksrtpd_sdp_parse(result, strlen(result), &failure) : NULL;
	ok = again && again->media_count == sdp->media_count;
	for (i = 0; ok && i < again->media_count; i++) {
		const struct ksrtpd_sdp_media *m = &again->media[i];

		ok = m->rejected == out[i].rejected;
		if (ok && !m->rejected)
			ok = ksrtpd_addr_equal(&m->remote, &out[i].local) && m->keys == KSRTPD_SDP_DTLS &&
			     m->setup == KSRTPD_SDP_PASSIVE && m->fingerprints.count == 1 &&
			     ksrtpd_fingerprint_equal(&m->fingerprints.list[0], &fp);
	}
	ksrtpd_sdp_free(again);
	free(result);
	ksrtpd_sdp_free(sdp);
	return ok;
}

static void test_damage(void)
{
	char *text = join(head, audio, video);
	size_t len = strlen(text), i;

	for (i = 0; i <= len; i++) {
		char *cut = malloc(i ? i : 1);

		memcpy(cut, text, i);
		CHECK(round_trip(cut, i), "cut at %zu", i);
		free(cut);
	}
	for (i = 0; i < 200 * len; i++) {
		size_t at = next_random() % len;
		char saved = text[at];

		text[at] = next_random();
		CHECK(round_trip(text, len), "octet %zu as %02x", at, (unsigned char)text[at]);
		text[at] = saved;
	}
	free(text);
	tap_end("C1,S7", "every truncation and many damaged octets: refused, or rewritten rightly");
}

int main(void)
{
	tap.datapath = "-";
	test_accept();
	test_variants();
	test_session_level();
	test_refuse();
	test_bounds();
	test_rewrite_all();
	test_rewrite_plain();
	test_rewrite_mux();
	test_rewrite_ends();
	test_cryptex();
	test_rewrite_cryptex();
	test_damage();
	return tap_done();
}
