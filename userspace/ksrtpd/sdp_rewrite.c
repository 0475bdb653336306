// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>

#include "sdp.h"
#include "wipe.h"

/* What ends here and means nothing, or something wrong, to the other side. */
static const char *const dropped[] = {
	"candidate", "end-of-candidates", "remote-candidates",
	"ice-ufrag", "ice-pwd", "ice-options", "ice-lite", "ice-mismatch", "ice-pacing",
	"crypto",
	"rtcp",		/* the RTCP port */
};
/* Those that endpoints of an end-to-end call say to each other. */
static const char *const endpoints[] = { "fingerprint", "setup", "tls-id", "cryptex" };
static const char *const mux[] = { "rtcp-mux", "rtcp-mux-only" };

struct writer {
	const struct ksrtpd_sdp *sdp;
	const struct ksrtpd_sdp_out *out;
	const struct sockaddr_storage *host;	/* for c= of the session and of rejected lines */
	const char *bundle;
	FILE *stream;
	bool open;	/* the last line written has no end yet */
	bool grouped;	/* the BUNDLE group has been written */
};

static const char *line_end(const struct ksrtpd_sdp_line *line)
{
	return line->end == 1 ? "\n" : "\r\n";
}

static bool is_one_of(const char *line, size_t len, const char *const *names, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (ksrtpd_sdp_attribute(line, len, names[i]))
			return true;
	}
	return false;
}

static bool is_bundle(const char *line, size_t len)
{
	return len >= 14 && !memcmp(line, "a=group:BUNDLE", 14) && (len == 14 || line[14] == ' ');
}

/*
 * a=extmap:3/sendrecv urn:ietf:params:rtp-hdrext:encrypt URI: a header extension that would be
 * encrypted by RFC 6904, on which the agent does not agree. Who leaves it out says so (section 4).
 */
static bool is_encrypted_extmap(const char *line, size_t len)
{
	static const char uri[] = "urn:ietf:params:rtp-hdrext:encrypt";
	const size_t uri_len = sizeof(uri) - 1;
	const char *end = line + len, *at;

	if (!ksrtpd_sdp_attribute(line, len, "extmap"))
		return false;
	for (at = line; at < end && *at != ' ' && *at != '\t'; at++)
		;
	for (; at < end && (*at == ' ' || *at == '\t'); at++)
		;
	return (size_t)(end - at) >= uri_len && !strncasecmp(at, uri, uri_len) &&
	       (at + uri_len == end || at[uri_len] == ' ' || at[uri_len] == '\t');
}

static bool any_relay(const struct writer *w)
{
	unsigned int i;

	for (i = 0; i < w->sdp->media_count; i++) {
		if (w->out[i].relay)
			return true;
	}
	return false;
}

static bool any_ice(const struct writer *w)
{
	unsigned int i;

	for (i = 0; i < w->sdp->media_count; i++) {
		if (!w->out[i].rejected && w->out[i].ufrag)
			return true;
	}
	return false;
}

static bool is_dropped(const struct writer *w, const struct ksrtpd_sdp_line *line)
{
	const struct ksrtpd_sdp_out *out = line->media < 0 ? NULL : &w->out[line->media];
	const char *text = w->sdp->text + line->text.at;
	size_t len = line->text.len;

	if (text[0] == 'k' || is_one_of(text, len, dropped, sizeof(dropped) / sizeof(dropped[0])))
		return true;
	if (is_one_of(text, len, endpoints, sizeof(endpoints) / sizeof(endpoints[0])) ||
	    is_encrypted_extmap(text, len))
		return out ? !out->relay : !any_relay(w);
	if (ksrtpd_sdp_attribute(text, len, "bundle-only"))
		return !out || !out->bundle_only;
	/* Who is told of a port for RTCP may decline mux (RFC 8858 would have him reject the line). */
	if (out && !out->rejected && out->rtcp.ss_family != AF_UNSPEC &&
	    ksrtpd_sdp_attribute(text, len, "rtcp-mux-only"))
		return true;
	/* In a rejected line it means nothing. */
	if (out && is_one_of(text, len, mux, sizeof(mux) / sizeof(mux[0])))
		return !out->mux && !out->rejected;
	return false;
}

/* -- what is put in */

static const char *setup_name(enum ksrtpd_sdp_setup setup)
{
	return setup == KSRTPD_SDP_ACTPASS ? "actpass" : setup == KSRTPD_SDP_ACTIVE ? "active" :
										  "passive";
}

void ksrtpd_sdp_tls_id(const struct ksrtpd_fingerprint *fingerprint, char text[41])
{
	unsigned int i;

	for (i = 0; i < 20; i++)
		sprintf(text + 2 * i, "%02x", fingerprint->octets[i]);
}

static void write_dtls(struct writer *w, const struct ksrtpd_sdp_out *out, const char *end)
{
	char text[KSRTPD_FINGERPRINT_TEXT];

	fprintf(w->stream, "a=fingerprint:%s%sa=setup:%s%s",
		ksrtpd_fingerprint_text(out->fingerprint, text), end, setup_name(out->setup), end);
	if (out->tls_id) {
		ksrtpd_sdp_tls_id(out->fingerprint, text);
		fprintf(w->stream, "a=tls-id:%s%s", text, end);
	}
}

static void write_ice(struct writer *w, const struct ksrtpd_sdp_out *out, const char *end)
{
	unsigned int i;

	fprintf(w->stream, "a=ice-ufrag:%s%sa=ice-pwd:%s%s", out->ufrag, end, out->pwd, end);
	for (i = 0; i < out->candidates_count; i++)
		fprintf(w->stream, "a=candidate:%s%s", out->candidates[i], end);
	fprintf(w->stream, "a=end-of-candidates%s", end);
}

static void write_rtcp(struct writer *w, const struct ksrtpd_sdp_out *out, const char *end)
{
	char host[KSRTPD_ADDR_TEXT];

	fprintf(w->stream, "a=rtcp:%u IN IP%d %s%s", ksrtpd_addr_port(&out->rtcp),
		ksrtpd_addr_family(&out->rtcp), ksrtpd_addr_host(&out->rtcp, host), end);
}

static void write_cryptos(struct writer *w, const struct ksrtpd_sdp_out *out, const char *end)
{
	char text[KSRTPD_SDES_TEXT];
	unsigned int i;

	for (i = 0; i < out->cryptos_count; i++) {
		ksrtpd_sdes_format(&out->cryptos[i], text);
		fprintf(w->stream, "a=crypto:%s%s", text, end);
	}
	OPENSSL_cleanse(text, sizeof(text));
}

/* Does this side have rtcp-mux, and the text does not say so, or only with another line? */
static bool adds_mux(const struct writer *w, const struct ksrtpd_sdp_out *out)
{
	return out->mux && !w->sdp->media[out - w->out].mux_line;
}

/* Ours of a media section, before its first attribute. */
static void write_ours(struct writer *w, const struct ksrtpd_sdp_out *out, const char *end)
{
	if (w->open)
		fputs(end, w->stream);
	w->open = false;
	if (out->fingerprint)
		write_dtls(w, out, end);
	if (out->ufrag)
		write_ice(w, out, end);
	if (out->rtcp.ss_family != AF_UNSPEC)
		write_rtcp(w, out, end);
	if (adds_mux(w, out))
		fprintf(w->stream, "a=rtcp-mux%s", end);
	if (out->cryptex)
		fprintf(w->stream, "a=cryptex%s", end);
	write_cryptos(w, out, end);
}

static bool has_ours(const struct writer *w, const struct ksrtpd_sdp_out *out)
{
	return !out->rejected && (out->fingerprint || out->ufrag || out->cryptos_count ||
				  out->cryptex || out->rtcp.ss_family != AF_UNSPEC || adds_mux(w, out));
}

/* -- the lines that are changed */

static void write_span(struct writer *w, uint32_t from, uint32_t to)
{
	fwrite(w->sdp->text + from, 1, to - from, w->stream);
}

static void write_media(struct writer *w, const struct ksrtpd_sdp_line *line)
{
	const struct ksrtpd_sdp_media *media = &w->sdp->media[line->media];
	const struct ksrtpd_sdp_out *out = &w->out[line->media];

	write_span(w, line->text.at, media->port.at);
	fprintf(w->stream, "%u", out->rejected || out->bundle_only ? 0 :
							ksrtpd_addr_port(&out->local));
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
	const char *text = w->sdp->text + line->text.at;

	if (line->media < 0 && is_bundle(text, line->text.len)) {
		if (!w->bundle || w->grouped)
			return;
		fprintf(w->stream, "a=group:BUNDLE %s", w->bundle);
		w->grouped = true;
	} else if (text[0] == 'm') {
		write_media(w, line);
	} else if (text[0] == 'c') {
		write_connection(w, line);
	} else {
		write_span(w, line->text.at, line->text.at + line->text.len);
	}
	write_span(w, line->text.at + line->text.len, line->text.at + line->text.len + line->end);
	w->open = !line->end;
}

static void write_sdp(struct writer *w)
{
	const struct ksrtpd_sdp *sdp = w->sdp;
	const struct ksrtpd_sdp_out *owed = NULL;	/* its lines are still to come */
	bool lite = any_ice(w);
	const char *end = "\r\n";
	unsigned int i;

	for (i = 0; i < sdp->lines_count; i++) {
		const struct ksrtpd_sdp_line *line = &sdp->lines[i];
		char type = sdp->text[line->text.at];

		if (type == 'm' && lite) {
			fprintf(w->stream, "a=ice-lite%s", line_end(line));
			lite = false;
		}
		if (owed && (type == 'a' || type == 'm')) {
			write_ours(w, owed, end);
			owed = NULL;
		}
		if (type == 'm' && has_ours(w, &w->out[line->media])) {
			owed = &w->out[line->media];
			end = line_end(line);
		}
		if (!is_dropped(w, line))
			write_line(w, line);
	}
	if (owed)
		write_ours(w, owed, end);
}

char *ksrtpd_sdp_rewrite(const struct ksrtpd_sdp *sdp, const struct ksrtpd_sdp_out *out,
			 const struct sockaddr_storage *host, const char *bundle)
{
	struct writer w = { .sdp = sdp, .out = out, .host = host, .bundle = bundle };
	struct ksrtpd_wipe_text text;

	w.stream = ksrtpd_wipe_open(&text);
	if (!w.stream)
		return NULL;
	write_sdp(&w);
	return ksrtpd_wipe_close(&text, w.stream);
}

void ksrtpd_sdp_text_free(char *text)
{
	ksrtpd_wipe_free(text);
}
