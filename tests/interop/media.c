/* SPDX-License-Identifier: GPL-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "endpoint.h"

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

void blobs_add(struct blobs *list, const struct blob *blob, const uint8_t *data)
{
	struct blob *to;

	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 1024;
		list->at = realloc(list->at, list->room * sizeof(*list->at));
		if (!list->at)
			die("out of memory");
	}
	to = &list->at[list->count];
	*to = *blob;
	to->arrival = (uint32_t)list->count++;
	to->data = malloc(blob->len + 1u);
	if (!to->data)
		die("out of memory");
	memcpy(to->data, data, blob->len);
}

static EVP_MD_CTX *hash_new(void)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (!ctx || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1)
		die("cannot make a SHA-256");
	return ctx;
}

static void hash_add(EVP_MD_CTX *ctx, const void *data, size_t len)
{
	if (EVP_DigestUpdate(ctx, data, len) != 1)
		die("SHA-256 failed");
}

void sender_init(struct endpoint *ep, struct line *line)
{
	struct sender *out = &line->out;
	uint32_t random[3];

	if (RAND_bytes((unsigned char *)random, sizeof(random)) != 1)
		die("no random octets");
	out->ssrc = random[0] | 1;
	out->timestamp = random[1];
	/* RFC 3711's advice is to start below 2^15; video starts where it soon wraps. */
	out->seq = line->kind == KIND_VIDEO ? ep->video_seq : (uint16_t)(random[2] & 0x3fff);
	out->payload_type = line->kind == KIND_VIDEO ? 96 : 0;
	out->random = ep->seed + line->kind;
	out->payload_hash = hash_new();
	out->header_hash = hash_new();
	out->rtcp_hash = hash_new();
}

/* SplitMix64: looks random, and is the same in every run of the same seed. */
static void video_payload(struct sender *out, uint8_t *payload)
{
	size_t i;

	for (i = 0; i < VIDEO_PAYLOAD; i += 8) {
		uint64_t z = (out->random += 0x9e3779b97f4a7c15ull);

		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
		z ^= z >> 31;
		memcpy(payload + i, &z, 8);
	}
}

static void audio_payload(const struct endpoint *ep, uint64_t number, uint8_t *payload)
{
	size_t whole = ep->speech_len / AUDIO_PAYLOAD;

	memcpy(payload, ep->speech + number % whole * AUDIO_PAYLOAD, AUDIO_PAYLOAD);
}

void media_send(struct endpoint *ep, struct line *line)
{
	_Alignas(8) uint8_t packet[DATAGRAM_MAX + SRTP_MAX_TRAILER_LEN] = { 0x80 };
	size_t payload = line->kind == KIND_VIDEO ? VIDEO_PAYLOAD : AUDIO_PAYLOAD;
	struct sender *out = &line->out;
	int len = (int)(RTP_HEADER + payload);
	struct blob blob = { .phase = ep->phase };

	packet[1] = out->payload_type;
	if (line->kind == KIND_VIDEO ? out->packets % 3 == 2 : !out->packets)
		packet[1] |= 0x80;	/* end of a picture, begin of speech */
	put16(packet + 2, out->seq);
	put32(packet + 4, out->timestamp);
	put32(packet + 8, out->ssrc);
	if (line->kind == KIND_VIDEO)
		video_payload(out, packet + RTP_HEADER);
	else
		audio_payload(ep, out->packets, packet + RTP_HEADER);
	hash_add(out->payload_hash, packet + RTP_HEADER, payload);
	hash_add(out->header_hash, packet, RTP_HEADER);
	if (line->secure && srtp_protect(line->tx, packet, &len) != srtp_err_status_ok)
		die("libsrtp2 does not protect");
	line_send(line, packet, (size_t)len, false);
	blob.len = (uint16_t)len;
	blobs_add(&out->recorded, &blob, packet);

	line->phases[ep->phase].rtp_sent++;
	out->packets++;
	out->octets += payload;
	if (line->kind == KIND_AUDIO)
		out->timestamp += AUDIO_PAYLOAD;
	else if (packet[1] & 0x80)
		out->timestamp += 3000;
	if (++out->seq == 0)
		out->wraps++;
}

/* A sender report and a CNAME (RFC 3550, section 6). Its NTP time is a counter. */
void media_send_rtcp(struct endpoint *ep, struct line *line)
{
	_Alignas(8) uint8_t packet[DATAGRAM_MAX + SRTP_MAX_TRAILER_LEN] = { 0x80, 200, 0, 6 };
	struct sender *out = &line->out;
	size_t name = strlen(ep->name), sdes = 28;
	size_t words = (8 + 2 + name + 1 + 3) / 4;
	int len = (int)(sdes + 4 * words);

	if (name > 64)
		die("the name is too long");
	put32(packet + 4, out->ssrc);
	put32(packet + 8, 0xe0000000u + (uint32_t)out->rtcp_packets);
	put32(packet + 12, 0);
	put32(packet + 16, out->timestamp);
	put32(packet + 20, (uint32_t)out->packets);
	put32(packet + 24, (uint32_t)out->octets);
	packet[sdes] = 0x81;
	packet[sdes + 1] = 202;
	put16(packet + sdes + 2, (uint32_t)words - 1);
	put32(packet + sdes + 4, out->ssrc);
	packet[sdes + 8] = 1;
	packet[sdes + 9] = (uint8_t)name;
	memcpy(packet + sdes + 10, ep->name, name);
	hash_add(out->rtcp_hash, packet, (size_t)len);
	if (line->secure && srtp_protect_rtcp(line->tx, packet, &len) != srtp_err_status_ok)
		die("libsrtp2 does not protect RTCP");
	line_send(line, packet, (size_t)len, false);
	line->phases[ep->phase].rtcp_sent++;
	out->rtcp_packets++;
}

/* The extended sequence number of a packet, by the nearest to the highest yet. */
static uint64_t extended(struct receiver *in, uint32_t ssrc, uint16_t seq)
{
	unsigned int i;
	uint64_t index;

	for (i = 0; i < in->ssrc_count; i++)
		if (in->ssrcs[i].ssrc == ssrc)
			break;
	if (i == in->ssrc_count) {
		if (i == SSRCS)
			die("more than %d sources came in", SSRCS);
		in->ssrc_count++;
		in->ssrcs[i].ssrc = ssrc;
		/* One wrap up, so that what came before the first has an index. */
		in->ssrcs[i].highest = 0x10000u + seq;
	}
	index = in->ssrcs[i].highest + (uint64_t)(int64_t)(int16_t)
		(uint16_t)(seq - (uint16_t)in->ssrcs[i].highest);
	if (index > in->ssrcs[i].highest)
		in->ssrcs[i].highest = index;
	return index;
}

/* Under the keys of this association, or else of the one before. */
static bool refused(struct line *line, struct phase *phase, bool rtcp, uint8_t *data, int *len)
{
	srtp_err_status_t (*unprotect)(srtp_t srtp, void *packet, int *packet_len) =
		rtcp ? srtp_unprotect_rtcp : srtp_unprotect;
	_Alignas(8) uint8_t copy[DATAGRAM_MAX + SRTP_MAX_TRAILER_LEN];
	int copy_len = *len;
	srtp_err_status_t status;

	memcpy(copy, data, (size_t)copy_len);
	status = unprotect(line->rx, data, len);
	if (status != srtp_err_status_ok && line->rx_old &&
	    unprotect(line->rx_old, copy, &copy_len) == srtp_err_status_ok) {
		memcpy(data, copy, (size_t)copy_len);
		*len = copy_len;
		return false;
	}
	switch (status) {
	case srtp_err_status_ok:
		return false;
	case srtp_err_status_replay_fail:
	case srtp_err_status_replay_old:
		phase->replay_refused++;
		return true;
	case srtp_err_status_auth_fail:
		phase->auth_refused++;
		return true;
	default:
		phase->malformed++;
		return true;
	}
}

static void receive_rtcp(struct endpoint *ep, struct line *line, uint8_t *data, int len)
{
	struct phase *phase = &line->phases[ep->phase];
	struct blob blob = { .phase = ep->phase };

	if (line->secure && refused(line, phase, true, data, &len))
		return;
	if (len < 28 || data[1] != 200) {
		phase->malformed++;
		return;
	}
	blob.ssrc = get32(data + 4);
	blob.index = (uint64_t)get32(data + 8) << 32 | get32(data + 12);
	blob.len = (uint16_t)len;
	blobs_add(&line->in.rtcp, &blob, data);
	phase->rtcp++;
}

void media_receive(struct endpoint *ep, struct line *line, uint8_t *data, size_t size)
{
	struct phase *phase = &line->phases[ep->phase];
	struct blob blob = { .phase = ep->phase };
	int len = (int)size;

	if (line->secure && !line->rx) {
		phase->malformed++;
		return;
	}
	if (size >= 8 && data[1] >= 192 && data[1] <= 223) {
		receive_rtcp(ep, line, data, len);
		return;
	}
	if (line->secure && refused(line, phase, false, data, &len))
		return;
	/* Our peers send neither CSRCs, extensions nor padding. */
	if (len < RTP_HEADER || data[0] != 0x80) {
		phase->malformed++;
		return;
	}
	blob.ssrc = get32(data + 8);
	blob.index = extended(&line->in, blob.ssrc, (uint16_t)(data[2] << 8 | data[3]));
	blob.len = (uint16_t)(len - RTP_HEADER);
	memcpy(blob.header, data, RTP_HEADER);
	blobs_add(&line->in.rtp, &blob, data + RTP_HEADER);
	phase->rtp++;
}
