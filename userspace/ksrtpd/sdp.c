// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sdp.h"

/* Attributes of one section (the session or one media line) while parsing. */
struct section {
	struct ksrtpd_sdp_span connection;	/* value of c=, len 0: none */
	enum ksrtpd_sdp_setup setup;
	unsigned int fingerprint_lines;
	struct ksrtpd_fingerprints fingerprints;
	bool rtcp_mux;
};

struct parser {
	struct ksrtpd_sdp *sdp;
	struct ksrtpd_failure *failure;
	unsigned int number;		/* of the line, from 1 */
	bool origin, name;		/* o= and s= were there */
	struct section session, media;
};

static const struct {
	const char *name;
	bool dtls;
} protocols[] = {
	{ "RTP/AVP", false },
	{ "RTP/AVPF", false },
	{ "UDP/TLS/RTP/SAVP", true },
	{ "UDP/TLS/RTP/SAVPF", true },
};

bool ksrtpd_sdp_proto_known(const char *name, bool *dtls)
{
	size_t i;

	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if (!strcmp(name, protocols[i].name)) {
			*dtls = protocols[i].dtls;
			return true;
		}
	}
	return false;
}

const char *ksrtpd_sdp_kind_name(enum ksrtpd_sdp_kind kind)
{
	if (kind == KSRTPD_SDP_AUDIO)
		return "audio";
	return kind == KSRTPD_SDP_VIDEO ? "video" : "other";
}

bool ksrtpd_sdp_attribute(const char *line, size_t len, const char *name)
{
	size_t name_len = strlen(name);

	return len >= 2 + name_len && line[0] == 'a' && !memcmp(line + 2, name, name_len) &&
	       (len == 2 + name_len || line[2 + name_len] == ':');
}

/* -- the text, cut into lines */

static int bad_line(struct parser *p, const char *what)
{
	return ksrtpd_fail(p->failure, "bad-sdp", "line %u: %s", p->number, what);
}

static int check_line(struct parser *p, const char *line, size_t len)
{
	size_t i;

	if (!len)
		return bad_line(p, "is empty");
	if (len > KSRTPD_SDP_LINE_MAX)
		return bad_line(p, "is too long");
	if (len < 2 || line[1] != '=' || line[0] < 'a' || line[0] > 'z')
		return bad_line(p, "is not of the form x=value");
	for (i = 0; i < len; i++) {
		if (((unsigned char)line[i] < 0x20 && line[i] != '\t') || line[i] == 0x7f)
			return bad_line(p, "has a control character in it");
	}
	return 0;
}

static int split_lines(struct parser *p)
{
	struct ksrtpd_sdp *sdp = p->sdp;
	size_t at = 0;

	while (at < sdp->len) {
		const char *line = sdp->text + at;
		const char *feed = memchr(line, '\n', sdp->len - at);
		size_t len = feed ? (size_t)(feed - line) : sdp->len - at;
		size_t end = feed ? 1 : 0;

		if (feed && len && line[len - 1] == '\r') {
			len--;
			end++;
		}
		p->number++;
		if (sdp->lines_count == KSRTPD_SDP_LINES_MAX)
			return bad_line(p, "there are too many lines");
		if (check_line(p, line, len))
			return -1;
		sdp->lines[sdp->lines_count++] = (struct ksrtpd_sdp_line){
			.text = { at, len }, .end = end, .media = -1,
		};
		at += len + end;
	}
	return 0;
}

/* -- the values of lines */

/* Takes the next word from @rest; words are parted by exactly one space. */
static struct ksrtpd_sdp_span next_word(const char *text, struct ksrtpd_sdp_span *rest)
{
	const char *from = text + rest->at;
	const char *space = memchr(from, ' ', rest->len);
	struct ksrtpd_sdp_span word = { rest->at, space ? (uint32_t)(space - from) : rest->len };
	uint32_t taken = word.len + (space ? 1 : 0);

	rest->at += taken;
	rest->len -= taken;
	return word;
}

static bool is_word(const char *text, struct ksrtpd_sdp_span span, const char *word)
{
	return span.len == strlen(word) && !memcmp(text + span.at, word, span.len);
}

/* A decimal number of at most five digits, or -1. */
static long number_of(const char *text, struct ksrtpd_sdp_span span)
{
	long n = 0;
	uint32_t i;

	if (!span.len || span.len > 5)
		return -1;
	for (i = 0; i < span.len; i++) {
		char c = text[span.at + i];

		if (c < '0' || c > '9')
			return -1;
		n = n * 10 + c - '0';
	}
	return n;
}

/* The i-th media line, for messages. */
static int bad_media(struct parser *p, const char *reason, const char *what)
{
	unsigned int i = p->sdp->media_count;

	return ksrtpd_fail(p->failure, reason, "media line %u (%s): %s", i,
			   ksrtpd_sdp_kind_name(p->sdp->media[i - 1].kind), what);
}

static int parse_formats(struct parser *p, struct ksrtpd_sdp_span rest)
{
	if (!rest.len)
		return bad_media(p, "bad-sdp", "names no payload type");
	while (rest.len) {
		long pt = number_of(p->sdp->text, next_word(p->sdp->text, &rest));

		if (pt < 0 || pt > 127)
			return bad_media(p, "bad-sdp", "a payload type is no number from 0 to 127");
		/* RFC 5761, section 4: with a marker bit these are RTCP. */
		if (pt >= 64 && pt <= 95)
			return bad_media(p, "bad-sdp",
					 "payload types 64 to 95 cannot be told from RTCP (rtcp-mux)");
	}
	return 0;
}

static int parse_proto(struct parser *p, struct ksrtpd_sdp_media *media)
{
	const char *text = p->sdp->text + media->proto.at;
	char what[128];

	if (media->proto.len < sizeof(media->proto_name)) {
		memcpy(media->proto_name, text, media->proto.len);
		media->proto_name[media->proto.len] = '\0';
	}
	if (media->rejected || ksrtpd_sdp_proto_known(media->proto_name, &media->dtls))
		return 0;
	snprintf(what, sizeof(what), "protocol '%.*s' is neither RTP/AVP(F) nor UDP/TLS/RTP/SAVP(F)",
		 media->proto.len > 40 ? 40 : (int)media->proto.len, text);
	return bad_media(p, "unsupported-protocol", what);
}

/* m=audio 5004 RTP/AVP 0 8 */
static int parse_media(struct parser *p, const struct ksrtpd_sdp_line *line)
{
	struct ksrtpd_sdp_span rest = { line->text.at + 2, line->text.len - 2 }, word;
	struct ksrtpd_sdp *sdp = p->sdp;
	struct ksrtpd_sdp_media *media;
	long port;

	if (sdp->media_count == KSRTPD_SDP_MEDIA_MAX)
		return bad_line(p, "there are too many media lines");
	media = &sdp->media[sdp->media_count++];
	word = next_word(sdp->text, &rest);
	media->kind = is_word(sdp->text, word, "audio") ? KSRTPD_SDP_AUDIO :
		      is_word(sdp->text, word, "video") ? KSRTPD_SDP_VIDEO : KSRTPD_SDP_OTHER;
	media->port = next_word(sdp->text, &rest);
	media->proto = next_word(sdp->text, &rest);
	if (!word.len || !media->proto.len || !rest.len)
		return bad_media(p, "bad-sdp", "is not of the form m=kind port protocol formats");
	if (memchr(sdp->text + media->port.at, '/', media->port.len))
		return bad_media(p, "bad-sdp", "has more than one port");
	port = number_of(sdp->text, media->port);
	if (port < 0 || port > 65535)
		return bad_media(p, "bad-sdp", "the port is no number from 0 to 65535");
	media->rejected = !port;
	if (parse_proto(p, media))
		return -1;
	if (media->rejected)
		return 0;
	if (media->kind == KSRTPD_SDP_OTHER)
		return bad_media(p, "unsupported-media", "is neither audio nor video");
	media->port_number = port;
	return parse_formats(p, rest);
}

static int parse_fingerprint(struct parser *p, struct section *section, struct ksrtpd_sdp_span value)
{
	struct ksrtpd_sdp_span hash = next_word(p->sdp->text, &value);
	struct ksrtpd_fingerprints *list = &section->fingerprints;

	section->fingerprint_lines++;
	/* Others may stand beside it, but none of them counts. */
	if (hash.len != 7 || strncasecmp(p->sdp->text + hash.at, "sha-256", 7))
		return 0;
	if (list->count == KSRTPD_FINGERPRINTS_MAX)
		return ksrtpd_fail(p->failure, "bad-fingerprint",
				   "line %u: more than %d SHA-256 fingerprints", p->number,
				   KSRTPD_FINGERPRINTS_MAX);
	if (!ksrtpd_fingerprint_parse(p->sdp->text + value.at, value.len, &list->list[list->count]))
		return ksrtpd_fail(p->failure, "bad-fingerprint",
				   "line %u: is not of the form sha-256 AB:CD:... with 32 octets",
				   p->number);
	list->count++;
	return 0;
}

static int parse_setup(struct parser *p, struct section *section, struct ksrtpd_sdp_span value)
{
	static const char *const names[] = { "", "actpass", "active", "passive", "holdconn" };
	unsigned int i;

	if (section->setup != KSRTPD_SDP_SETUP_NONE)
		return ksrtpd_fail(p->failure, "bad-setup", "line %u: a second a=setup", p->number);
	for (i = KSRTPD_SDP_ACTPASS; i <= KSRTPD_SDP_HOLDCONN; i++) {
		if (is_word(p->sdp->text, value, names[i])) {
			section->setup = i;
			return 0;
		}
	}
	return ksrtpd_fail(p->failure, "bad-setup",
			   "line %u: a=setup is none of actpass, active, passive", p->number);
}

static int parse_attribute(struct parser *p, struct section *section,
			   const struct ksrtpd_sdp_line *line)
{
	const char *text = p->sdp->text + line->text.at;
	size_t len = line->text.len;
	const char *colon = memchr(text, ':', len);
	struct ksrtpd_sdp_span value = { 0, 0 };

	if (colon) {
		value.at = colon + 1 - p->sdp->text;
		value.len = len - (colon + 1 - text);
	}
	if (ksrtpd_sdp_attribute(text, len, "fingerprint"))
		return parse_fingerprint(p, section, value);
	if (ksrtpd_sdp_attribute(text, len, "setup"))
		return parse_setup(p, section, value);
	if (ksrtpd_sdp_attribute(text, len, "rtcp-mux"))
		section->rtcp_mux = true;
	return 0;
}

/* -- what a media line and the session say together */

/* IN IP4 192.0.2.1 */
static int parse_connection(struct parser *p, struct ksrtpd_sdp_span value,
			    struct ksrtpd_sdp_media *media)
{
	const char *text = p->sdp->text;
	struct ksrtpd_sdp_span net = next_word(text, &value), type = next_word(text, &value);
	int family = is_word(text, type, "IP4") ? 4 : is_word(text, type, "IP6") ? 6 : 0;
	char host[INET6_ADDRSTRLEN], what[128];
	const char *why;

	if (!is_word(text, net, "IN") || !family)
		return bad_media(p, "bad-sdp", "c= is neither IN IP4 nor IN IP6");
	if (!value.len || value.len >= sizeof(host))
		return bad_media(p, "bad-sdp", "c= has no numeric address");
	memcpy(host, text + value.at, value.len);
	host[value.len] = '\0';
	if (!ksrtpd_addr_parse(host, family, &media->remote)) {
		snprintf(what, sizeof(what), "'%s' in c= is no single numeric IPv%d address", host,
			 family);
		return bad_media(p, "bad-sdp", what);
	}
	why = ksrtpd_addr_unusable(&media->remote);
	if (why) {
		snprintf(what, sizeof(what), "%s in c= %s", host, why);
		return bad_media(p, "no-address", what);
	}
	ksrtpd_addr_set_port(&media->remote, media->port_number);
	return 0;
}

static int finish_dtls(struct parser *p, struct ksrtpd_sdp_media *media)
{
	const struct section *from = p->media.fingerprint_lines ? &p->media : &p->session;

	media->setup = p->media.setup ? p->media.setup : p->session.setup;
	media->fingerprints = from->fingerprints;
	if (!from->fingerprint_lines)
		return bad_media(p, "no-fingerprint", "UDP/TLS/RTP/SAVP(F) without a=fingerprint");
	if (!media->fingerprints.count)
		return bad_media(p, "weak-fingerprint", "no SHA-256 among its a=fingerprint");
	if (media->setup == KSRTPD_SDP_SETUP_NONE)
		return bad_media(p, "bad-setup", "UDP/TLS/RTP/SAVP(F) without a=setup");
	if (media->setup == KSRTPD_SDP_HOLDCONN)
		return bad_media(p, "bad-setup", "a=setup:holdconn");
	return 0;
}

/* Called when a media section is complete. */
static int finish_media(struct parser *p)
{
	struct ksrtpd_sdp *sdp = p->sdp;
	struct ksrtpd_sdp_media *media;
	unsigned int i;

	if (!sdp->media_count)
		return 0;
	media = &sdp->media[sdp->media_count - 1];
	if (media->rejected)
		return 0;
	for (i = 0; i + 1 < sdp->media_count; i++) {
		if (!sdp->media[i].rejected && sdp->media[i].kind == media->kind)
			return bad_media(p, "unsupported-media", "is the second of its kind");
	}
	if (!p->media.connection.len && !p->session.connection.len)
		return bad_media(p, "no-address", "neither it nor the session has c=");
	if (parse_connection(p, p->media.connection.len ? p->media.connection :
							  p->session.connection, media))
		return -1;
	if (!p->media.rtcp_mux)
		return bad_media(p, "no-rtcp-mux", "without a=rtcp-mux");
	return media->dtls ? finish_dtls(p, media) : 0;
}

static int set_connection(struct parser *p, struct section *section,
			  const struct ksrtpd_sdp_line *line)
{
	if (section->connection.len)
		return bad_line(p, "a second c= of one section");
	section->connection = (struct ksrtpd_sdp_span){ line->text.at + 2, line->text.len - 2 };
	return section->connection.len ? 0 : bad_line(p, "c= is empty");
}

static int take_line(struct parser *p, struct ksrtpd_sdp_line *line)
{
	struct section *section = p->sdp->media_count ? &p->media : &p->session;
	char type = p->sdp->text[line->text.at];

	if (p->number == 1 && !is_word(p->sdp->text, line->text, "v=0"))
		return bad_line(p, "is not v=0");
	if (p->number > 1 && type == 'v')
		return bad_line(p, "a second v=");
	if (type == 'm') {
		if (!p->origin || !p->name)
			return bad_line(p, "o= or s= is missing before the first media line");
		if (finish_media(p))
			return -1;
		memset(&p->media, 0, sizeof(p->media));
		if (parse_media(p, line))
			return -1;
	}
	line->media = (int)p->sdp->media_count - 1;
	if (type == 'o')
		p->origin = true;
	else if (type == 's')
		p->name = true;
	else if (type == 'c')
		return set_connection(p, section, line);
	else if (type == 'a')
		return parse_attribute(p, section, line);
	return 0;
}

static int parse_lines(struct parser *p)
{
	unsigned int i;

	if (split_lines(p))
		return -1;
	for (i = 0; i < p->sdp->lines_count; i++) {
		p->number = i + 1;
		if (take_line(p, &p->sdp->lines[i]))
			return -1;
	}
	if (!p->sdp->media_count)
		return ksrtpd_fail(p->failure, "bad-sdp", "has no media line");
	return finish_media(p);
}

struct ksrtpd_sdp *ksrtpd_sdp_parse(const char *text, size_t len, struct ksrtpd_failure *failure)
{
	struct parser p = { .failure = failure };
	struct ksrtpd_sdp *sdp;

	if (!len || len > KSRTPD_SDP_MAX) {
		ksrtpd_fail(failure, "bad-sdp", len ? "is longer than %d octets" :
						      "is empty (at most %d octets)",
			    KSRTPD_SDP_MAX);
		return NULL;
	}
	sdp = calloc(1, sizeof(*sdp));
	if (sdp) {
		sdp->text = malloc(len);
		sdp->lines = calloc(KSRTPD_SDP_LINES_MAX, sizeof(*sdp->lines));
	}
	if (!sdp || !sdp->text || !sdp->lines) {
		ksrtpd_fail(failure, "no-memory", "no memory for the SDP");
		ksrtpd_sdp_free(sdp);
		return NULL;
	}
	memcpy(sdp->text, text, len);
	sdp->len = len;
	p.sdp = sdp;
	if (parse_lines(&p)) {
		ksrtpd_sdp_free(sdp);
		return NULL;
	}
	return sdp;
}

void ksrtpd_sdp_free(struct ksrtpd_sdp *sdp)
{
	if (!sdp)
		return;
	free(sdp->lines);
	free(sdp->text);
	free(sdp);
}
