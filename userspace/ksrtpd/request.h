/* SPDX-License-Identifier: GPL-2.0 */
/* The params of a call's methods, checked against PROTOCOL.md in every member. */
#ifndef KSRTPD_REQUEST_H
#define KSRTPD_REQUEST_H

#include <stddef.h>

#include <jansson.h>

#include "call.h"
#include "failure.h"

/* What a method takes; everything it takes but from and to is required. */
#define KSRTPD_TAKES_CALL	(1u << 0)
#define KSRTPD_TAKES_SDP	(1u << 1)
#define KSRTPD_TAKES_SIDES	(1u << 2)

struct ksrtpd_request {
	char call[KSRTPD_CALL_NAME];
	const char *sdp;	/* lives as long as the params */
	size_t sdp_len;
	struct ksrtpd_side sides[2];	/* by KSRTPD_CALLER (from) and KSRTPD_CALLEE (to) */
};

/* @params is an object. A failure has the reason "bad-request". */
int ksrtpd_request_parse(const json_t *params, unsigned int takes, struct ksrtpd_request *request,
			 struct ksrtpd_failure *failure);

#endif /* KSRTPD_REQUEST_H */
