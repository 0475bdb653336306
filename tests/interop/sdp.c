/* SPDX-License-Identifier: GPL-2.0 */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint.h"

static const char *const kinds[] = { "audio", "video" };
static const char *const formats[] = {
	"a=rtpmap:0 PCMU/8000\r\na=ptime:20\r\n",
	"a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\n",
};

static unsigned int port_of(const struct sockaddr_storage *address)
{
	return ntohs(((const struct sockaddr_in *)address)->sin_port);
}

static void address_text(const struct sockaddr_storage *address, char *text, size_t len)
{
	const void *at = address->ss_family == AF_INET ?
		(const void *)&((const struct sockaddr_in *)address)->sin_addr :
		(const void *)&((const struct sockaddr_in6 *)address)->sin6_addr;

	if (!inet_ntop(address->ss_family, at, text, (socklen_t)len))
		die("inet_ntop failed");
}

/* Our own description; @setup NULL without DTLS. */
char *sdp_write(struct endpoint *ep, bool secure, const char *setup)
{
	const char *net = ep->address.ss_family == AF_INET ? "IP4" : "IP6";
	char address[INET6_ADDRSTRLEN], *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int i, k;

	if (!out)
		die("out of memory");
	address_text(&ep->address, address, sizeof(address));
	fprintf(out, "v=0\r\no=%s %u 1 IN %s %s\r\ns=-\r\nc=IN %s %s\r\nt=0 0\r\n", ep->name,
		(unsigned int)(ep->seed & 0x7fffffff), net, address, net, address);
	for (i = 0; i < LINES; i++) {
		struct line *line = &ep->lines[i];

		fprintf(out, "m=%s %u %s %u\r\n%sa=sendrecv\r\na=rtcp-mux\r\na=ssrc:%u cname:%s\r\n",
			kinds[line->kind], port_of(&line->local),
			secure ? "UDP/TLS/RTP/SAVPF" : "RTP/AVP", line->out.payload_type,
			formats[line->kind], line->out.ssrc, ep->name);
		if (!secure)
			continue;
		fprintf(out, "a=setup:%s\r\na=fingerprint:sha-256 ", setup);
		for (k = 0; k < THUMBPRINT_LEN; k++)
			fprintf(out, "%02X%s", line->cert.thumbprint[k],
				k < THUMBPRINT_LEN - 1 ? ":" : "\r\n");
	}
	fclose(out);
	return text;
}

static bool thumbprint_parse(const char *text, uint8_t thumbprint[THUMBPRINT_LEN])
{
	unsigned int value;
	int i;

	for (i = 0; i < THUMBPRINT_LEN; i++) {
		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]) ||
		    sscanf(text, "%2x", &value) != 1)
			return false;
		thumbprint[i] = (uint8_t)value;
		text += 2;
		if (i < THUMBPRINT_LEN - 1 && *text++ != ':')
			return false;
	}
	return *text == '\0';
}

static bool address_parse(const char *text, struct sockaddr_storage *address, socklen_t *len)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;
	struct sockaddr_in *in = (struct sockaddr_in *)address;
	char net[4], host[64];

	if (sscanf(text, "IN %3s %63s", net, host) != 2)
		return false;
	memset(address, 0, sizeof(*address));
	if (!strcmp(net, "IP4") && inet_pton(AF_INET, host, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		*len = sizeof(*in);
		return true;
	}
	if (!strcmp(net, "IP6") && inet_pton(AF_INET6, host, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		*len = sizeof(*in6);
		return true;
	}
	return false;
}

/* What the peer's description says at session level, or of one media line. */
struct part {
	struct sockaddr_storage address;
	socklen_t address_len;
	char setup[16];
	uint8_t thumbprints[8][THUMBPRINT_LEN];
	unsigned int thumbprint_count;
	bool rtcp_mux;
};

static const char *attribute(struct part *part, const char *text)
{
	if (!strncmp(text, "c=", 2)) {
		if (!address_parse(text + 2, &part->address, &part->address_len))
			return "SDP: connection address not understood";
	} else if (!strncmp(text, "a=setup:", 8)) {
		snprintf(part->setup, sizeof(part->setup), "%s", text + 8);
	} else if (!strcmp(text, "a=rtcp-mux")) {
		part->rtcp_mux = true;
	} else if (!strncasecmp(text, "a=fingerprint:sha-256 ", 22)) {
		if (part->thumbprint_count == 8 ||
		    !thumbprint_parse(text + 22, part->thumbprints[part->thumbprint_count++]))
			return "SDP: fingerprint not understood";
	}
	return NULL;
}

static const char *media_done(struct endpoint *ep, struct line *line, struct part *part,
			      unsigned int port, bool is_offer, char *setup_wanted)
{
	memcpy(&line->remote, &part->address, sizeof(line->remote));
	line->remote_len = part->address_len;
	((struct sockaddr_in *)&line->remote)->sin_port = htons((uint16_t)port);
	if (!part->address_len || !port)
		return "SDP: media line without address or port";
	if (part->address.ss_family != ep->address.ss_family)
		return "SDP: address family is not ours";
	if (!part->rtcp_mux)
		return "SDP: no rtcp-mux";
	if (!line->secure)
		return NULL;
	if (!part->thumbprint_count)
		return "SDP: no sha-256 fingerprint";
	memcpy(line->remote_thumbprints, part->thumbprints, sizeof(part->thumbprints));
	line->remote_thumbprint_count = part->thumbprint_count;
	if (is_offer) {
		/* Our answer follows the offer where that leaves no choice. */
		if (!strcmp(part->setup, "active"))
			strcpy(setup_wanted, "passive");
		else if (!strcmp(part->setup, "passive"))
			strcpy(setup_wanted, "active");
		else if (strcmp(part->setup, "actpass"))
			return "SDP: offer without a=setup";
		line->role = !strcmp(setup_wanted, "active") ? ROLE_CLIENT : ROLE_SERVER;
		return NULL;
	}
	if (!strcmp(part->setup, "active"))
		line->role = ROLE_SERVER;
	else if (!strcmp(part->setup, "passive"))
		line->role = ROLE_CLIENT;
	else
		return "SDP: answer's a=setup is neither active nor passive";
	return NULL;
}

/*
 * Takes the peer's offer or answer. @setup_wanted: in, the a=setup that our
 * answer would like; out, what it has to be. An offer decides whether the
 * lines are secure, an answer must agree with ours.
 */
const char *sdp_read(struct endpoint *ep, const char *sdp, bool is_offer, char *setup_wanted)
{
	char *copy = strdup(sdp), *save = NULL, *text;
	struct part session = { 0 }, media = { 0 };
	struct line *line = NULL;
	unsigned int port = 0, next = 0;
	const char *wrong = NULL;

	for (text = strtok_r(copy, "\r\n", &save); text && !wrong;
	     text = strtok_r(NULL, "\r\n", &save)) {
		char kind[16], protocol[32];
		bool secure;

		if (strncmp(text, "m=", 2)) {
			wrong = attribute(line ? &media : &session, text);
			continue;
		}
		if (line)
			wrong = media_done(ep, line, &media, port, is_offer, setup_wanted);
		if (wrong)
			break;
		if (next == LINES ||
		    sscanf(text, "m=%15s %u %31s", kind, &port, protocol) != 3 || port > 65535) {
			wrong = "SDP: media line not understood";
			break;
		}
		line = &ep->lines[next++];
		media = session;
		secure = !strncmp(protocol, "UDP/TLS/RTP/SAVP", 16);
		if (strcmp(kind, kinds[line->kind]))
			wrong = "SDP: media lines are not audio, then video";
		else if (!secure && strncmp(protocol, "RTP/AVP", 7))
			wrong = "SDP: protocol not understood";
		else if (is_offer)
			line->secure = secure;
		else if (line->secure != secure)
			wrong = "SDP: answer's protocol is not the offer's";
	}
	if (!wrong)
		wrong = line ? media_done(ep, line, &media, port, is_offer, setup_wanted) :
			"SDP: no media";
	if (!wrong && next != LINES)
		wrong = "SDP: a media line is missing";
	free(copy);
	return wrong;
}
