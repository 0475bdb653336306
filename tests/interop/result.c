/* SPDX-License-Identifier: GPL-2.0 */
/* What this endpoint saw, as JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "endpoint.h"

static const char *const kinds[] = { "audio", "video" };
static const char *const roles[] = { NULL, "client", "server" };

static void hex(EVP_MD_CTX *ctx, char text[SHA256_HEX])
{
	EVP_MD_CTX *copy = EVP_MD_CTX_new();
	unsigned char digest[32];
	int i;

	if (!copy || EVP_MD_CTX_copy_ex(copy, ctx) != 1 ||
	    EVP_DigestFinal_ex(copy, digest, NULL) != 1)
		die("SHA-256 failed");
	EVP_MD_CTX_free(copy);
	for (i = 0; i < 32; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

static int by_index(const void *a, const void *b)
{
	const struct blob *x = a, *y = b;

	if (x->ssrc != y->ssrc)
		return x->ssrc < y->ssrc ? -1 : 1;
	if (x->index != y->index)
		return x->index < y->index ? -1 : 1;
	return x->arrival < y->arrival ? -1 : x->arrival > y->arrival;
}

static json_t *phases(const struct endpoint *ep, const struct line *line)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i <= ep->phase; i++) {
		const struct phase *p = &line->phases[i];

		json_array_append_new(list, json_pack(
			"{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
			"phase", p->name,
			"rtp_sent", (json_int_t)p->rtp_sent,
			"rtcp_sent", (json_int_t)p->rtcp_sent,
			"attack_sent", (json_int_t)p->attack_sent,
			"datagrams", (json_int_t)p->datagrams,
			"rtp", (json_int_t)p->rtp,
			"rtcp", (json_int_t)p->rtcp,
			"replay_refused", (json_int_t)p->replay_refused,
			"auth_refused", (json_int_t)p->auth_refused,
			"malformed", (json_int_t)p->malformed,
			"foreign", (json_int_t)p->foreign,
			"not_media", (json_int_t)p->not_media));
	}
	return list;
}

static json_t *line_state(const struct endpoint *ep, const struct line *line)
{
	return json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:i, s:i, s:o}",
			 "kind", kinds[line->kind],
			 "keying", line->secure ? "dtls" : "none",
			 "suite", line->secure ? line->suite : "none",
			 "role", roles[line->role],
			 "code", line->code[0] ? line->code : NULL,
			 "failure", line->dtls.failure[0] ? line->dtls.failure : NULL,
			 "associations", (int)line->dtls.associations,
			 "overflow", (int)line->overflow,
			 "phases", phases(ep, line));
}

struct json_t *result_counts(const struct endpoint *ep)
{
	json_t *lines = json_array();
	int i;

	for (i = 0; i < LINES; i++)
		json_array_append_new(lines, line_state(ep, &ep->lines[i]));
	return json_pack("{s:s, s:o}", "name", ep->name, "lines", lines);
}

static json_t *sent(const struct sender *out)
{
	char payload[SHA256_HEX], header[SHA256_HEX], rtcp[SHA256_HEX];

	hex(out->payload_hash, payload);
	hex(out->header_hash, header);
	hex(out->rtcp_hash, rtcp);
	return json_pack("{s:I, s:I, s:I, s:I, s:s, s:s, s:s}",
			 "ssrc", (json_int_t)out->ssrc,
			 "packets", (json_int_t)out->packets,
			 "wraps", (json_int_t)out->wraps,
			 "rtcp", (json_int_t)out->rtcp_packets,
			 "sha256", payload, "sha256_headers", header, "sha256_rtcp", rtcp);
}

/* Sorted packets of one SSRC: how many, twice or not, and their hashes. */
struct account {
	uint64_t packets, duplicates, missing, octets;
	char payload[SHA256_HEX], header[SHA256_HEX];
};

static void account(const struct blobs *list, uint32_t ssrc, struct account *sum)
{
	EVP_MD_CTX *payload = EVP_MD_CTX_new(), *header = EVP_MD_CTX_new();
	const struct blob *last = NULL;
	size_t i;

	memset(sum, 0, sizeof(*sum));
	if (!payload || !header || EVP_DigestInit_ex(payload, EVP_sha256(), NULL) != 1 ||
	    EVP_DigestInit_ex(header, EVP_sha256(), NULL) != 1)
		die("cannot make a SHA-256");
	for (i = 0; i < list->count; i++) {
		const struct blob *blob = &list->at[i];

		if (blob->ssrc != ssrc)
			continue;
		if (last && last->index == blob->index) {
			sum->duplicates++;
			continue;
		}
		if (last)
			sum->missing += blob->index - last->index - 1;
		last = blob;
		sum->packets++;
		sum->octets += blob->len;
		if (EVP_DigestUpdate(payload, blob->data, blob->len) != 1 ||
		    EVP_DigestUpdate(header, blob->header, RTP_HEADER) != 1)
			die("SHA-256 failed");
	}
	hex(payload, sum->payload);
	hex(header, sum->header);
	EVP_MD_CTX_free(payload);
	EVP_MD_CTX_free(header);
}

/* One entry per SSRC that came in, and what RTCP said under it. */
static json_t *received(struct line *line)
{
	struct receiver *in = &line->in;
	json_t *list = json_array();
	size_t i, k;

	qsort(in->rtp.at, in->rtp.count, sizeof(*in->rtp.at), by_index);
	qsort(in->rtcp.at, in->rtcp.count, sizeof(*in->rtcp.at), by_index);
	for (i = 0; i < in->rtcp.count; i++) {
		uint32_t ssrc = in->rtcp.at[i].ssrc;

		for (k = 0; k < in->ssrc_count && in->ssrcs[k].ssrc != ssrc; k++)
			;
		if (k == in->ssrc_count && k < SSRCS)
			in->ssrcs[in->ssrc_count++].ssrc = ssrc;
	}
	for (i = 0; i < in->ssrc_count; i++) {
		struct account rtp, rtcp;

		account(&in->rtp, in->ssrcs[i].ssrc, &rtp);
		account(&in->rtcp, in->ssrcs[i].ssrc, &rtcp);
		json_array_append_new(list, json_pack(
			"{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:s, s:s}",
			"ssrc", (json_int_t)in->ssrcs[i].ssrc,
			"packets", (json_int_t)rtp.packets,
			"octets", (json_int_t)rtp.octets,
			"duplicates", (json_int_t)rtp.duplicates,
			"missing", (json_int_t)rtp.missing,
			"rtcp", (json_int_t)rtcp.packets,
			"rtcp_duplicates", (json_int_t)rtcp.duplicates,
			"sha256", rtp.payload, "sha256_headers", rtp.header,
			"sha256_rtcp", rtcp.payload));
	}
	return list;
}

/* It takes a while: not during the handshake, whose timers run. */
static void code(const struct endpoint *ep, struct line *line)
{
	const uint8_t *own = line->cert.thumbprint, *peer = line->peer_thumbprint;

	if (line->dtls.connected && !line->code[0])
		security_code(ep->offerer ? own : peer, ep->offerer ? peer : own, line->code);
}

struct json_t *result_whole(struct endpoint *ep)
{
	json_t *lines = json_array();
	int i;

	for (i = 0; i < LINES; i++) {
		struct line *line = &ep->lines[i];
		json_t *state;

		code(ep, line);
		state = line_state(ep, line);
		json_object_set_new(state, "sent", sent(&line->out));
		json_object_set_new(state, "received", received(line));
		json_array_append_new(lines, state);
	}
	return json_pack("{s:s, s:o}", "name", ep->name, "lines", lines);
}
