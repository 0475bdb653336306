/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What somebody does who saw the packets of a call and can send with the
 * sender's address, but has no key.
 */
#include <string.h>

#include <openssl/rand.h>

#include "endpoint.h"

/*
 * Packet @number of @of that were recorded: one half from the beginning of the
 * call (behind any replay window, before the wrap), the other from its end
 * (inside the window). Without a key there is only the end: an old run of
 * consecutive numbers is what a source that began anew looks like.
 */
void attack_replay(struct endpoint *ep, struct line *line, uint32_t number, uint32_t of, bool stray)
{
	const struct blobs *recorded = &line->out.recorded;
	size_t half = of / 2, which;

	if (recorded->count < of)
		die("%u packets to replay, but only %zu were recorded", of, recorded->count);
	which = line->secure && number < half ? number : recorded->count - of + number;
	line_send(line, recorded->at[which].data, recorded->at[which].len, stray);
	line->phases[ep->phase].attack_sent++;
}

/*
 * A packet with the stream's SSRC and payload type, a sequence number far from
 * the last one, and random octets for payload and tag; every tenth of another
 * SSRC. The jumps never make two consecutive numbers: on a plain leg the second
 * would be the start of a new sequence (RFC 3550, A.1), which is no forgery
 * that anybody could tell.
 */
void attack_forge(struct endpoint *ep, struct line *line, uint32_t number, bool stray)
{
	static const uint16_t jumps[] = { 0x8001, 0x8000, 0x7fff };
	const struct blobs *recorded = &line->out.recorded;
	uint8_t packet[DATAGRAM_MAX];
	uint16_t jump, len;
	uint16_t seq;

	if (!recorded->count)
		die("nothing was recorded to forge after");
	len = recorded->at[recorded->count - 1].len;
	if (RAND_bytes(packet, len) != 1)
		die("no random octets");
	jump = jumps[number % 4 % 3];
	if (number % 4 == 3)
		jump = (uint16_t)(0x1000 + 2 * (number % 0x3000) + 1);
	if (stray)
		jump = (uint16_t)(1 + number);
	seq = (uint16_t)(line->out.seq - 1 + jump);
	packet[0] = 0x80;
	packet[1] = line->out.payload_type;
	packet[2] = (uint8_t)(seq >> 8);
	packet[3] = (uint8_t)seq;
	if (number % 10 != 9 || !line->secure) {
		packet[8] = (uint8_t)(line->out.ssrc >> 24);
		packet[9] = (uint8_t)(line->out.ssrc >> 16);
		packet[10] = (uint8_t)(line->out.ssrc >> 8);
		packet[11] = (uint8_t)line->out.ssrc;
	}
	line_send(line, packet, len, stray);
	line->phases[ep->phase].attack_sent++;
}
