// SPDX-License-Identifier: GPL-2.0
/*
 * Legs of end-to-end calls: this host holds no key, so it can look at nothing but where a
 * packet came from, what it says it is, and how many there are (S6).
 */
#include <linux/ktime.h>
#include <linux/math64.h>

#include "core/internal.h"
#include "core/packet.h"
#include "leg.h"
#include "path.h"

/* Above the rate for this long, or this many octets if that takes longer. */
#define BURST_NS	(NSEC_PER_SEC / 4)
#define BURST_OCTETS	16384
/* The header of a record (RFC 6347, section 4.1); a short one of RFC 9147 with its tag is longer. */
#define DTLS_LEN_MIN	13

static u64 time_of(u32 octets, u64 rate)
{
	return div64_u64((u64)octets * 8 * NSEC_PER_SEC, rate);
}

static bool rate_allows(struct ksrtp_leg *leg, u32 len)
{
	u64 now = ktime_get_ns(), burst, cost;
	bool allowed;

	spin_lock(&leg->lock);
	burst = max_t(u64, BURST_NS, time_of(BURST_OCTETS, leg->rate));
	cost = time_of(len, leg->rate);
	if (leg->rate_at < now)
		leg->rate_at = now;
	allowed = leg->rate_at + cost <= now + burst;
	if (allowed)
		leg->rate_at += cost;
	spin_unlock(&leg->lock);
	return allowed;
}

static bool well_formed(const struct ksrtp_packet *pkt)
{
	struct ksrtp_rtp rtp;

	if (pkt->dtls)
		return pkt->len >= DTLS_LEN_MIN;
	/* Only the first eight octets of SRTCP are as plain RTCP's; the rest is the endpoints'. */
	if (pkt->rtcp)
		return pkt->len >= KSRTP_RTCP_HDR_LEN;
	return !ksrtp_rtp_parse(pkt->data, pkt->len, 0, &rtp);
}

enum ksrtp_reason ksrtp_relay_receive(struct ksrtp_packet *pkt)
{
	if (!well_formed(pkt))
		return KSRTP_REASON_MALFORMED;
	return rate_allows(pkt->leg, pkt->len) ? KSRTP_REASON_NONE : KSRTP_REASON_RATE;
}
