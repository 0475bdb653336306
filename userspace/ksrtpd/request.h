/* SPDX-License-Identifier: GPL-2.0 */
/* The params of a call's methods, checked against PROTOCOL.md in every member. */
#ifndef KSRTPD_REQUEST_H
#define KSRTPD_REQUEST_H

#include <stddef.h>

#include <jansson.h>

#include "call.h"
#include "failure.h"

/* What a method takes; everything it _TAKES but from, to and mode is required. */
#define KSRTPD_TAKES_CALL	(1u << 0)
#define KSRTPD_TAKES_SDP	(1u << 1)
#define KSRTPD_TAKES_SIDES	(1u << 2)
#define KSRTPD_TAKES_MODE	(1u << 3)
#define KSRTPD_TAKES_SIDE	(1u << 4)
#define KSRTPD_MAY_SIDE		(1u << 5)
#define KSRTPD_TAKES_WHAT	(1u << 6)

struct ksrtpd_request {
	char call[KSRTPD_CALL_NAME];
	int side;		/* KSRTPD_CALLER or KSRTPD_CALLEE */
	bool has_side;
	const char *what;	/* lives as long as the params */
	/* Its name and SDP live as long as this and the params; sides by KSRTPD_CALLER (from)
	 * and KSRTPD_CALLEE (to). Whether it came protected the params do not say.
	 */
	struct ksrtpd_call_request offer;
};

/* @params is an object. A failure has the reason "bad-request". */
int ksrtpd_request_parse(const json_t *params, unsigned int takes, struct ksrtpd_request *request,
			 struct ksrtpd_failure *failure);

#endif /* KSRTPD_REQUEST_H */
