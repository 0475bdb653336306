/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The security code, version 1: 20 decimal digits in four groups of five that two
 * people read to each other.
 *
 *	D    = PBKDF2-HMAC-SHA256(T1 | T2, "ksrtp security code v1", 100000, 32 octets)
 *	code = D as a big-endian integer modulo 10^20, zero-padded
 *
 * T1 and T2 are the SHA-256 thumbprints of the two certificates, the one that is
 * smaller as a string of octets first: the code is the same on both ends, whoever
 * called, offered, or was client or server of the DTLS handshake. T1 = T2 is refused:
 * then both ends showed one certificate, and the code would say nothing.
 */
#ifndef KSRTPD_SECCODE_H
#define KSRTPD_SECCODE_H

#include <stdbool.h>

#include "fingerprint.h"

#define KSRTPD_SECCODE_TEXT	24	/* "12345 12345 12345 12345" */

/* The two in any order. Takes some 20 ms of CPU: not for the event loop. */
bool ksrtpd_seccode(const struct ksrtpd_fingerprint *one, const struct ksrtpd_fingerprint *other,
		    char text[KSRTPD_SECCODE_TEXT]);

#endif /* KSRTPD_SECCODE_H */
