// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sdp.h"

/* What ends here and means nothing, or something wrong, to the other side. */
static const char *const dropped[] = {
	"fingerprint", "setup", "tls-id",
	"candidate", "end-of-candidates", "remote-candidates",
	"ice-ufrag", "ice-pwd", "ice-options", "ice-lite", "ice-mismatch", "ice-pacing",
	"crypto",
	"rtcp",		/* the RTCP port; with rtcp-mux there is none of its own */
	"bundle-only",
};

struct writer {
	const struct ksrtpd_sdp *sdp;
	const struct ksrtpd_sdp_out *out;
	const struct sockaddr_storage *host;	/* for c= of the session and of rejected lines */
	FILE *stream;
	bool open;	/* the last line written has no end yet */
};

static const char *line_end(const struct ksrtpd_sdp_line *line)
{
	return line->end == 1 ? "\n" : "\r\n";
}

static bool is_dropped(const char *line, size_t len)
{
	size_t i;

	if (line[0] == 'k')
		return true;
	if (ksrtpd_sdp_attribute(line, len, "group"))
		return len >= 14 && !memcmp(line, "a=group:BUNDLE", 14) &&
		       (len == 14 || line[14] == ' ');
	for (i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++) {
		if (ksrtpd_sdp_attribute(line, len, dropped[i]))
			return true;
	}
	return false;
}

/* a=fingerprint and a=setup of a media section, before its first attribute. */
static void write_dtls(struct writer *w, const struct ksrtpd_sdp_out *out, const char *end)
{
	char text[KSRTPD_FINGERPRINT_TEXT];

	if (w->open)
		fputs(end, w->stream);
	fprintf(w->stream, "a=fingerprint:%s%sa=setup:%s%s",
		ksrtpd_fingerprint_text(out->fingerprint, text), end,
		out->setup == KSRTPD_SDP_ACTPASS ? "actpass" :
		out->setup == KSRTPD_SDP_ACTIVE ? "active" : "passive", end);
	w->open = false;
}

static void write_span(struct writer *w, uint32_t from, uint32_t to)
{
	fwrite(w->sdp->text + from, 1, to - from, w->stream);
}

static void write_media(struct writer *w, const struct ksrtpd_sdp_line *line)
{
	const struct ksrtpd_sdp_media *media = &w->sdp->media[line->media];
	const struct ksrtpd_sdp_out *out = &w->out[line->media];

	write_span(w, line->text.at, media->port.at);
	fprintf(w->stream, "%u", out->rejected ? 0 : ksrtpd_addr_port(&out->local));
	write_span(w, media->port.at + media->port.len, media->proto.at);
	if (out->proto)
		fputs(out->proto, w->stream);
	else
		write_span(w, media->proto.at, media->proto.at + media->proto.len);
	write_span(w, media->proto.at + media->proto.len, line->text.at + line->text.len);
}

static void write_connection(struct writer *w, const struct ksrtpd_sdp_line *line)
{
	const struct sockaddr_storage *addr = w->host;
	char host[KSRTPD_ADDR_TEXT];

	if (line->media >= 0 && !w->out[line->media].rejected)
		addr = &w->out[line->media].local;
	fprintf(w->stream, "c=IN IP%d %s", ksrtpd_addr_family(addr), ksrtpd_addr_host(addr, host));
}

static void write_line(struct writer *w, const struct ksrtpd_sdp_line *line)
{
	char type = w->sdp->text[line->text.at];

	if (type == 'm')
		write_media(w, line);
	else if (type == 'c')
		write_connection(w, line);
	else
		write_span(w, line->text.at, line->text.at + line->text.len);
	write_span(w, line->text.at + line->text.len, line->text.at + line->text.len + line->end);
	w->open = !line->end;
}

static void write_sdp(struct writer *w)
{
	const struct ksrtpd_sdp *sdp = w->sdp;
	const struct ksrtpd_sdp_out *owed = NULL;	/* its DTLS lines are still to come */
	const char *end = "\r\n";
	unsigned int i;

	for (i = 0; i < sdp->lines_count; i++) {
		const struct ksrtpd_sdp_line *line = &sdp->lines[i];
		char type = sdp->text[line->text.at];

		if (owed && (type == 'a' || type == 'm')) {
			write_dtls(w, owed, end);
			owed = NULL;
		}
		if (type == 'm' && !w->out[line->media].rejected &&
		    w->out[line->media].fingerprint) {
			owed = &w->out[line->media];
			end = line_end(line);
		}
		if (!is_dropped(sdp->text + line->text.at, line->text.len))
			write_line(w, line);
	}
	if (owed)
		write_dtls(w, owed, end);
}

char *ksrtpd_sdp_rewrite(const struct ksrtpd_sdp *sdp, const struct ksrtpd_sdp_out *out,
			 const struct sockaddr_storage *host)
{
	struct writer w = { .sdp = sdp, .out = out, .host = host };
	char *text = NULL;
	size_t len;

	w.stream = open_memstream(&text, &len);
	if (!w.stream)
		return NULL;
	write_sdp(&w);
	if (ferror(w.stream) | fclose(w.stream)) {
		free(text);
		return NULL;
	}
	return text;
}
