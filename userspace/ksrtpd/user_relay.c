// SPDX-License-Identifier: GPL-2.0
/*
 * Legs of end-to-end calls: this host holds no key, so it can look at nothing but where a
 * packet came from, what it says it is, and how many there are (S6).
 */
#include "user_state.h"

/* Above the rate for this long, or this many octets if that takes longer. */
#define BURST_NS	250000000ULL
#define BURST_OCTETS	16384
/* The header of a record (RFC 6347, section 4.1). */
#define DTLS_LEN_MIN	13

static uint64_t time_of(uint64_t octets, uint64_t rate)
{
	return octets * 8 * 1000000000 / rate;
}

static bool rate_allows(struct leg *leg, size_t len)
{
	uint64_t now = now_ns(), burst = time_of(BURST_OCTETS, leg->rate);
	uint64_t cost = time_of(len, leg->rate);

	if (burst < BURST_NS)
		burst = BURST_NS;
	if (leg->rate_at < now)
		leg->rate_at = now;
	if (leg->rate_at + cost > now + burst)
		return false;
	leg->rate_at += cost;
	return true;
}

static bool well_formed(const struct packet *pkt)
{
	struct ksrtp_rtp rtp;

	if (pkt->dtls)
		return pkt->len >= DTLS_LEN_MIN;
	/* Only the first eight octets of SRTCP are as plain RTCP's; the rest is the endpoints'. */
	if (pkt->rtcp)
		return pkt->len >= KSRTP_RTCP_HDR_LEN;
	return !ksrtp_rtp_parse(pkt->data, pkt->len, 0, &rtp);
}

enum ksrtp_reason relay_receive(struct packet *pkt)
{
	if (!well_formed(pkt))
		return KSRTP_REASON_MALFORMED;
	return rate_allows(pkt->leg, pkt->len) ? KSRTP_REASON_NONE : KSRTP_REASON_RATE;
}
