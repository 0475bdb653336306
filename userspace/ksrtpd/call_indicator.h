/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The indicator that people are shown: a shield with a lock where the call is encrypted
 * from end to end, a shield where it is encrypted to this host, or none. It is what the
 * datapath does with the call's legs at the moment of asking, whatever was asked for.
 */
#ifndef KSRTPD_CALL_INDICATOR_H
#define KSRTPD_CALL_INDICATOR_H

struct ksrtpd_call;

enum ksrtpd_indicator {
	KSRTPD_INDICATOR_NONE,
	KSRTPD_INDICATOR_SHIELD,
	KSRTPD_INDICATOR_SHIELD_LOCK,
};

/* Asks the datapath, once for the call and twice for each leg. */
enum ksrtpd_indicator ksrtpd_call_indicator(const struct ksrtpd_call *call);
const char *ksrtpd_indicator_name(enum ksrtpd_indicator indicator);

#endif /* KSRTPD_CALL_INDICATOR_H */
