// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "sdp_parse.h"

static const struct {
	const char *name;
	enum ksrtpd_sdp_keys keys;
	bool feedback;
} protocols[] = {
	{ "RTP/AVP", KSRTPD_SDP_PLAIN, false },
	{ "RTP/AVPF", KSRTPD_SDP_PLAIN, true },
	{ "RTP/SAVP", KSRTPD_SDP_SDES, false },
	{ "RTP/SAVPF", KSRTPD_SDP_SDES, true },
	{ "UDP/TLS/RTP/SAVP", KSRTPD_SDP_DTLS, false },
	{ "UDP/TLS/RTP/SAVPF", KSRTPD_SDP_DTLS, true },
};

bool ksrtpd_sdp_proto_known(const char *name, enum ksrtpd_sdp_keys *keys, bool *feedback)
{
	size_t i;

	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if (!strcmp(name, protocols[i].name)) {
			*keys = protocols[i].keys;
			*feedback = protocols[i].feedback;
			return true;
		}
	}
	return false;
}

int ksrtpd_sdp_bad(struct ksrtpd_failure *failure, const char *reason,
		   const struct ksrtpd_sdp *sdp, unsigned int line, const char *what)
{
	return ksrtpd_fail(failure, reason, "media line %u (%s): %s", line + 1,
			   sdp->media[line].kind, what);
}

bool ksrtpd_sdp_attribute(const char *line, size_t len, const char *name)
{
	size_t name_len = strlen(name);

	return len >= 2 + name_len && line[0] == 'a' && !memcmp(line + 2, name, name_len) &&
	       (len == 2 + name_len || line[2 + name_len] == ':');
}

/* -- the text, cut into lines */

static int bad_line(struct ksrtpd_sdp_parser *p, const char *what)
{
	return ksrtpd_fail(p->failure, "bad-sdp", "line %u: %s", p->number, what);
}

static int check_line(struct ksrtpd_sdp_parser *p, const char *line, size_t len)
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

static int split_lines(struct ksrtpd_sdp_parser *p)
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

struct ksrtpd_sdp_span ksrtpd_sdp_word(const char *text, struct ksrtpd_sdp_span *rest)
{
	const char *from = text + rest->at;
	const char *space = memchr(from, ' ', rest->len);
	struct ksrtpd_sdp_span word = { rest->at, space ? (uint32_t)(space - from) : rest->len };
	uint32_t taken = word.len + (space ? 1 : 0);

	rest->at += taken;
	rest->len -= taken;
	return word;
}

bool ksrtpd_sdp_is(const char *text, struct ksrtpd_sdp_span span, const char *word)
{
	return span.len == strlen(word) && !memcmp(text + span.at, word, span.len);
}

long ksrtpd_sdp_number(const char *text, struct ksrtpd_sdp_span span)
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

bool ksrtpd_sdp_copy(const char *text, struct ksrtpd_sdp_span span, char *to, size_t size)
{
	if (span.len >= size)
		return false;
	memcpy(to, text + span.at, span.len);
	to[span.len] = '\0';
	return true;
}

/* The last media line, for messages. */
static int bad_media(struct ksrtpd_sdp_parser *p, const char *what)
{
	return ksrtpd_sdp_bad(p->failure, "bad-sdp", p->sdp, p->sdp->media_count - 1, what);
}

static int parse_formats(struct ksrtpd_sdp_parser *p, struct ksrtpd_sdp_span rest)
{
	while (rest.len) {
		long pt = ksrtpd_sdp_number(p->sdp->text, ksrtpd_sdp_word(p->sdp->text, &rest));

		if (pt < 0 || pt > 127)
			return bad_media(p, "a payload type is no number from 0 to 127");
		/* RFC 5761, section 4: with a marker bit these are RTCP. */
		if (pt >= 64 && pt <= 95)
			return bad_media(p, "payload types 64 to 95 cannot be told from RTCP (rtcp-mux)");
		ksrtpd_clocks_format(&p->sdp->media[p->sdp->media_count - 1].clocks,
				     (unsigned int)pt);
	}
	return 0;
}

/* Something that we cannot carry does not keep the other lines from being set up. */
static bool known_protocol(struct ksrtpd_sdp *sdp, struct ksrtpd_sdp_media *media)
{
	const char *text = sdp->text + media->proto.at;
	char what[128];

	if (ksrtpd_sdp_copy(sdp->text, media->proto, media->proto_name, sizeof(media->proto_name)) &&
	    ksrtpd_sdp_proto_known(media->proto_name, &media->keys, &media->feedback))
		return true;
	snprintf(what, sizeof(what), "protocol '%.*s' is none of RTP/AVP(F), RTP/SAVP(F), "
		 "UDP/TLS/RTP/SAVP(F)", media->proto.len > 40 ? 40 : (int)media->proto.len, text);
	ksrtpd_sdp_bad(&media->refusal, "unsupported-protocol", sdp, sdp->media_count - 1, what);
	return false;
}

/* m=audio 5004 RTP/AVP 0 8 */
static int parse_media(struct ksrtpd_sdp_parser *p, const struct ksrtpd_sdp_line *line)
{
	struct ksrtpd_sdp_span rest = { line->text.at + 2, line->text.len - 2 }, word;
	struct ksrtpd_sdp *sdp = p->sdp;
	struct ksrtpd_sdp_media *media;
	long port;

	if (sdp->media_count == KSRTPD_SDP_MEDIA_MAX)
		return bad_line(p, "there are too many media lines");
	media = &sdp->media[sdp->media_count++];
	word = ksrtpd_sdp_word(sdp->text, &rest);
	memcpy(media->kind, sdp->text + word.at,
	       word.len < sizeof(media->kind) ? word.len : sizeof(media->kind) - 1);
	media->port = ksrtpd_sdp_word(sdp->text, &rest);
	media->proto = ksrtpd_sdp_word(sdp->text, &rest);
	if (!word.len || !media->proto.len || !rest.len)
		return bad_media(p, "is not of the form m=kind port protocol formats");
	if (memchr(sdp->text + media->port.at, '/', media->port.len))
		return bad_media(p, "has more than one port");
	port = ksrtpd_sdp_number(sdp->text, media->port);
	if (port < 0 || port > 65535)
		return bad_media(p, "the port is no number from 0 to 65535");
	media->port_number = port;
	media->rejected = !known_protocol(sdp, media);
	return media->rejected || !port ? 0 : parse_formats(p, rest);
}

static int set_connection(struct ksrtpd_sdp_parser *p, struct ksrtpd_sdp_section *section,
			  const struct ksrtpd_sdp_line *line)
{
	if (section->connection.len)
		return bad_line(p, "a second c= of one section");
	section->connection = (struct ksrtpd_sdp_span){ line->text.at + 2, line->text.len - 2 };
	return section->connection.len ? 0 : bad_line(p, "c= is empty");
}

static int take_line(struct ksrtpd_sdp_parser *p, struct ksrtpd_sdp_line *line)
{
	char type = p->sdp->text[line->text.at];
	struct ksrtpd_sdp_section *section;
	int media;

	if (p->number == 1 && !ksrtpd_sdp_is(p->sdp->text, line->text, "v=0"))
		return bad_line(p, "is not v=0");
	if (p->number > 1 && type == 'v')
		return bad_line(p, "a second v=");
	if (type == 'm') {
		if (!p->origin || !p->name)
			return bad_line(p, "o= or s= is missing before the first media line");
		if (parse_media(p, line))
			return -1;
	}
	media = (int)p->sdp->media_count - 1;
	section = media < 0 ? &p->session : &p->media[media];
	line->media = media;
	if (type == 'o')
		p->origin = true;
	else if (type == 's')
		p->name = true;
	else if (type == 'c')
		return set_connection(p, section, line);
	else if (type == 'a')
		return ksrtpd_sdp_take_attribute(p, section, media < 0 ? NULL : &p->sdp->media[media],
						 line);
	return 0;
}

static int parse_lines(struct ksrtpd_sdp_parser *p)
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
	return ksrtpd_sdp_whole(p);
}

static struct ksrtpd_sdp *make(const char *text, size_t len)
{
	struct ksrtpd_sdp *sdp = calloc(1, sizeof(*sdp));

	if (!sdp)
		return NULL;
	sdp->text = malloc(len);
	sdp->lines = calloc(KSRTPD_SDP_LINES_MAX, sizeof(*sdp->lines));
	if (!sdp->text || !sdp->lines) {
		ksrtpd_sdp_free(sdp);
		return NULL;
	}
	memcpy(sdp->text, text, len);
	sdp->len = len;
	sdp->bundle_first = -1;
	return sdp;
}

struct ksrtpd_sdp *ksrtpd_sdp_parse(const char *text, size_t len, struct ksrtpd_failure *failure)
{
	struct ksrtpd_sdp_parser *p;
	struct ksrtpd_sdp *sdp;
	int err;

	if (!len || len > KSRTPD_SDP_MAX) {
		ksrtpd_fail(failure, "bad-sdp", len ? "is longer than %d octets" :
						      "is empty (at most %d octets)",
			    KSRTPD_SDP_MAX);
		return NULL;
	}
	sdp = make(text, len);
	p = calloc(1, sizeof(*p));
	if (!sdp || !p) {
		ksrtpd_fail(failure, "internal", "no memory for the SDP");
		ksrtpd_sdp_free(sdp);
		free(p);
		return NULL;
	}
	p->sdp = sdp;
	p->failure = failure;
	err = parse_lines(p);
	free(p);
	if (err) {
		ksrtpd_sdp_free(sdp);
		return NULL;
	}
	return sdp;
}

/* Where an attribute did not parse there may still be keys in the text. */
void ksrtpd_sdp_free(struct ksrtpd_sdp *sdp)
{
	unsigned int i;

	if (!sdp)
		return;
	for (i = 0; i < sdp->media_count; i++)
		OPENSSL_secure_clear_free(sdp->media[i].cryptos,
					  KSRTPD_SDP_CRYPTOS_MAX * sizeof(struct ksrtpd_sdes));
	free(sdp->lines);
	if (sdp->text)
		OPENSSL_cleanse(sdp->text, sdp->len);
	free(sdp->text);
	free(sdp);
}
