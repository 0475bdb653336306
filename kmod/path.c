// SPDX-License-Identifier: GPL-2.0
#include "keys.h"
#include "leg.h"
#include "path.h"
#include "stream.h"

struct ksrtp_key *ksrtp_path_rx_key(const struct ksrtp_leg *leg, unsigned int slot)
{
	return rcu_dereference(leg->keys[KSRTP_DIRECTION_RX][slot]);
}

struct ksrtp_key *ksrtp_path_tx_key(const struct ksrtp_leg *leg)
{
	return rcu_dereference(leg->keys[KSRTP_DIRECTION_TX][READ_ONCE(leg->tx_slot)]);
}

bool ksrtp_leg_is_plain(const struct ksrtp_leg *leg)
{
	const struct ksrtp_key *key = ksrtp_path_rx_key(leg, READ_ONCE(leg->rx_slot)) ?:
				      ksrtp_path_rx_key(leg, !READ_ONCE(leg->rx_slot));

	return leg->relay || (key && key->suite == KSRTP_SUITE_NONE);
}

/*
 * What a packet grows by at most. Where two keys are live, it may have come under either,
 * and activation may change the key it leaves under while it is on its way: there has to
 * be room for all.
 */
bool ksrtp_path_growth(const struct ksrtp_leg *leg, const struct ksrtp_leg *to, bool rtcp,
		       int *growth)
{
	int in = -1, out = -1, slot, octets;

	*growth = 0;
	if (leg->relay)
		return true;
	for (slot = 0; slot < 2; slot++) {
		const struct ksrtp_key *rx = ksrtp_path_rx_key(leg, slot);
		const struct ksrtp_key *tx = rcu_dereference(to->keys[KSRTP_DIRECTION_TX][slot]);

		if (rx) {
			octets = rtcp ? rx->overhead_rtcp : rx->overhead_rtp;
			if (in < 0 || octets < in)
				in = octets;
		}
		if (tx) {
			octets = rtcp ? tx->overhead_rtcp : tx->overhead_rtp;
			if (octets > out)
				out = octets;
		}
	}
	if (in < 0 || out < 0)
		return false;
	*growth = out - in;
	return true;
}

bool ksrtp_path_use_key(struct ksrtp_leg *leg, struct ksrtp_key *key,
			struct ksrtp_stream *stream, bool rtcp)
{
	u64 *packets = rtcp ? &stream->rtcp_packets : &stream->packets;
	u64 step = *packets / (rtcp ? KSRTP_KEY_SRTCP_SETTLE : KSRTP_KEY_SRTP_SETTLE);
	struct ksrtp_share *share = &stream->shares[rtcp][key->slot];

	/* The share is settled before it is used, by each key that uses it. */
	if (unlikely(share->key != key->serial || share->step != step)) {
		if (!ksrtp_key_settle(leg, key, rtcp))
			return false;
		*share = (struct ksrtp_share){ .key = key->serial, .step = step };
		/* Of a receive stream's first packet the index is committed by now. */
		if (!*packets && !rtcp)
			stream->first = stream->rtp.highest;
	}
	++*packets;
	return true;
}
