/* SPDX-License-Identifier: GPL-2.0 */
/* What the policies of two parties make of a call between them. */
#ifndef KSRTPD_POLICY_DECIDE_H
#define KSRTPD_POLICY_DECIDE_H

#include "policy.h"

/* What the signalling knows of one side. All of it may be empty: then Global holds. */
struct ksrtpd_party {
	char user[KSRTPD_PARTY_NAME];
	char organisation[KSRTPD_PARTY_NAME];
	char groups[KSRTPD_PARTY_GROUPS][KSRTPD_PARTY_NAME];
	unsigned int groups_count;
	int wants;		/* 1, 0: what the user chose, as the signalling says; -1: as stored */
	bool pstn;		/* a leg to the telephone network, which is never end to end */
};

/* Which policy holds for a party, and by which grant. */
struct ksrtpd_policy_effect {
	struct ksrtpd_policy policy;
	enum ksrtpd_grantee by;
	char name[KSRTPD_PARTY_NAME];	/* of the grantee */
	bool wants;			/* end-to-end encryption, where the other side does too */
};

enum ksrtpd_wish {
	KSRTPD_WISH_POLICY,	/* end to end where both sides want it, else to this host */
	KSRTPD_WISH_E2EE,	/* end to end or not at all */
	KSRTPD_WISH_TRANSPORT,	/* to this host or not at all */
};

struct ksrtpd_decision {
	bool e2ee;		/* else an ordinary call */
	bool end_on_mismatch;	/* either side's policy says so */
	struct ksrtpd_policy_effect effects[2];
};

/* @asked: the request says that this call shall be end to end, which counts as the choice of
 * a user who has made none.
 */
int ksrtpd_policy_effect(struct ksrtpd_store *store, const struct ksrtpd_party *party, bool asked,
			 struct ksrtpd_policy_effect *effect, struct ksrtpd_failure *failure);
/* @parties: caller, callee. @cannot[side]: why an end-to-end call is impossible with what
 * that side's SDP says ("its SDP has no fingerprint"); NULL: it is possible. Refused with
 * `policy-requires-e2ee` where a policy requires what cannot be had, with
 * `e2ee-unavailable` where only the request did.
 */
int ksrtpd_policy_decide(struct ksrtpd_store *store, const struct ksrtpd_party parties[2],
			 const char *const cannot[2], enum ksrtpd_wish wish,
			 struct ksrtpd_decision *decision, struct ksrtpd_failure *failure);

#endif /* KSRTPD_POLICY_DECIDE_H */
