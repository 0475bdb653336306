// SPDX-License-Identifier: GPL-2.0
/*
 * The keys of a leg in the datapath. A direction has two slots: new keys go into the free
 * one, so that the old ones work until that moment; what the peer sent under its old key
 * may still arrive for a while, and the datapath may be at a packet under ours.
 */
#include <string.h>

#include <ksrtp/ksrtp.h>

#include "leg_int.h"

#define OLD_SECONDS	5	/* that old keys stay */

static void drop_old(struct ksrtpd_leg *leg)
{
	if (leg->old_key)
		ksrtpd_datapath_key_del(leg->datapath, leg->id, KSRTP_DIRECTION_RX, !leg->slot);
	if (leg->old_tx_key)
		ksrtpd_datapath_key_del(leg->datapath, leg->id, KSRTP_DIRECTION_TX, !leg->slot);
	leg->old_key = leg->old_tx_key = false;
	event_del(leg->retire);
}

static void on_retire(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	drop_old(arg);
}

int leg_key_events(struct ksrtpd_leg *leg)
{
	leg->retire = evtimer_new(leg->base, on_retire, leg);
	return leg->retire ? 0 : -1;
}

/* A datapath tells two receive keys apart by MKIs of one length, or by trial without. */
static bool can_stand_beside(const struct ksrtpd_leg *leg, const struct ksrtpd_master *rx)
{
	return leg->mki_len == rx->mki_len &&
	       (!rx->mki_len || memcmp(leg->mki, rx->mki, rx->mki_len));
}

static void remember_mki(struct ksrtpd_leg *leg, const struct ksrtpd_master *rx)
{
	leg->mki_len = rx->mki_len;
	if (rx->mki_len)
		memcpy(leg->mki, rx->mki, rx->mki_len);
}

/* Beside the old one, if there is one, until then in use for both. */
static int add_keys(struct ksrtpd_leg *leg, uint32_t slot, const struct ksrtpd_master *rx,
		    const struct ksrtpd_master *tx, struct ksrtpd_failure *failure)
{
	if (ksrtpd_datapath_key_rx(leg->datapath, leg->id, slot, rx, failure))
		return -1;
	leg_dtls_flush(leg);
	return ksrtpd_datapath_key_tx(leg->datapath, leg->id, slot, leg->keyed, tx, failure);
}

/*
 * The old receive key must go before the new one can come. Most of what may be refused, a
 * transmit key used before, a full keyring, is asked before that.
 */
static int change_keys(struct ksrtpd_leg *leg, uint32_t slot, const struct ksrtpd_master *rx,
		       const struct ksrtpd_master *tx, struct ksrtpd_failure *failure)
{
	if (ksrtpd_datapath_key_tx_wait(leg->datapath, leg->id, slot, tx, failure))
		return -1;
	ksrtpd_datapath_key_del(leg->datapath, leg->id, KSRTP_DIRECTION_RX, leg->slot);
	if (ksrtpd_datapath_key_rx(leg->datapath, leg->id, slot, rx, failure)) {
		ksrtpd_datapath_key_del(leg->datapath, leg->id, KSRTP_DIRECTION_TX, slot);
		/* It hears nothing any more, and shall not look as if it did. */
		ksrtpd_leg_fail(leg, failure);
		return -1;
	}
	leg_dtls_flush(leg);
	return ksrtpd_datapath_key_use(leg->datapath, leg->id, slot, failure);
}

/* What a sender does is his own affair, unless the configuration makes it ours. */
static uint32_t cryptex_of(const struct ksrtpd_leg *leg, bool rx)
{
	if (!leg->cryptex)
		return KSRTP_CRYPTEX_OFF;
	return rx && leg->config.cryptex == KSRTP_CRYPTEX_REQUIRED ? KSRTP_CRYPTEX_REQUIRED :
								      KSRTP_CRYPTEX_ON;
}

int leg_use_keys(struct ksrtpd_leg *leg, const struct ksrtpd_master *rx,
		 const struct ksrtpd_master *tx, struct ksrtpd_failure *failure)
{
	const struct timeval keep = { .tv_sec = OLD_SECONDS };
	struct ksrtpd_master in = *rx, out = *tx;
	uint32_t slot = leg->keyed ? !leg->slot : 0;
	bool beside = !leg->keyed || can_stand_beside(leg, rx);

	in.cryptex = cryptex_of(leg, true);
	out.cryptex = cryptex_of(leg, false);
	/* The rekey before this one, where it is that young. */
	drop_old(leg);
	if (beside ? add_keys(leg, slot, &in, &out, failure) :
		     change_keys(leg, slot, &in, &out, failure))
		return -1;
	leg->old_key = leg->keyed && beside;
	leg->old_tx_key = leg->keyed;
	if (leg->keyed)
		event_add(leg->retire, &keep);
	leg->slot = slot;
	leg->keyed = true;
	leg->suite = rx->suite;
	ksrtpd_tally_suite(leg->datapath, leg->id, rx->suite);
	remember_mki(leg, rx);
	return 0;
}

int ksrtpd_leg_set_sdes(struct ksrtpd_leg *leg, const struct ksrtpd_sdes_key *tx,
			const struct ksrtpd_sdes_key *rx, enum ksrtpd_part part,
			struct ksrtpd_failure *failure)
{
	const struct ksrtpd_master in = {
		.suite = rx->suite, .part = part, .key = rx->key, .salt = rx->salt, .mki = rx->mki,
		.mki_len = rx->mki_len,
	};
	const struct ksrtpd_master out = {
		.suite = tx->suite, .part = part, .key = tx->key, .salt = tx->salt, .mki = tx->mki,
		.mki_len = tx->mki_len,
	};

	if (leg->config.keying != KSRTPD_KEYING_SDES)
		return ksrtpd_fail(failure, "internal", "the leg takes no keys from signalling");
	if (!ksrtp_suite_key_len(rx->suite) || !ksrtp_suite_key_len(tx->suite) ||
	    rx->mki_len > KSRTP_MKI_MAX || tx->mki_len > KSRTP_MKI_MAX)
		return ksrtpd_fail(failure, "bad-sdp", "no such suite, or the MKI is too long");
	if (!ksrtpd_algorithms_allow(ksrtpd_algorithms(), rx->suite) ||
	    !ksrtpd_algorithms_allow(ksrtpd_algorithms(), tx->suite))
		return ksrtpd_fail(failure, "bad-sdp", "%s is not allowed with fips-algorithms",
				   ksrtp_suite_name(rx->suite));
	return leg_use_keys(leg, &in, &out, failure);
}
