/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The security code of an end-to-end call: one, of the two certificates that its endpoints
 * named in signalling. This host took part in neither handshake, so its code is a
 * convenience; what counts is the code that the endpoints show. What people said after they
 * had compared it is kept with the call for as long as both certificates stay.
 */
#ifndef KSRTPD_CALL_CODE_H
#define KSRTPD_CALL_CODE_H

#include <stdbool.h>

#include "coder.h"
#include "failure.h"
#include "fingerprint.h"

struct ksrtpd_call;

enum ksrtpd_verdict {
	KSRTPD_VERDICT_NONE,
	KSRTPD_VERDICT_MATCHED,
	KSRTPD_VERDICT_MISMATCHED,
};

/* Of whom a verdict is: KSRTPD_CALLER, KSRTPD_CALLEE, or of one of them. */
#define KSRTPD_SAID_BY_ONE	2
#define KSRTPD_SAID_MAX		3

struct ksrtpd_said {
	enum ksrtpd_verdict verdict;
	char who[128];			/* brought it to us */
};

struct ksrtpd_call_code {
	bool there;			/* there are two thumbprints to make one of */
	struct ksrtpd_fingerprint pair[2];
	struct ksrtpd_code_job *job;
	bool done;
	char text[KSRTPD_SECCODE_TEXT];	/* "": not computed (yet) */
	bool certificate_reused;
	struct ksrtpd_said said[KSRTPD_SAID_MAX];
};

/* After what the two sides agreed has changed: other certificates make another code. */
void ksrtpd_call_code_settle(struct ksrtpd_call *call);
/* Has it computed, if it is not. */
void ksrtpd_call_code_start(struct ksrtpd_call *call);
void ksrtpd_call_code_cancel(struct ksrtpd_call *call);
/* Why an end-to-end call shows no code; 0: it shows one. */
int ksrtpd_call_code_missing(const struct ksrtpd_call *call, struct ksrtpd_failure *failure);

/* @by compared the code; @who told us. Refused where there is none. */
int ksrtpd_call_say(struct ksrtpd_call *call, int by, enum ksrtpd_verdict verdict, const char *who,
		    struct ksrtpd_failure *failure);
/* Of all that was said: one mismatch is one. */
enum ksrtpd_verdict ksrtpd_call_verdict(const struct ksrtpd_call *call);
const char *ksrtpd_verdict_name(enum ksrtpd_verdict verdict);

#endif /* KSRTPD_CALL_CODE_H */
