/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which algorithms may be used, for all of the agent at once:
 *
 *	suites = aead-aes-128-gcm aead-aes-256-gcm aes-cm-128-hmac-sha1-80 ...
 *	dtls-ciphers = ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-ECDSA-AES256-GCM-SHA384
 *	dtls-groups = P-256 P-384
 *	dtls-sigalgs = ECDSA+SHA256 ECDSA+SHA384
 *	fips-algorithms = no
 *
 * Words are between blanks, commas or colons, in order of preference. Peers with RSA
 * certificates need RSA signature algorithms here, and as DTLS servers RSA cipher suites.
 * With fips-algorithms only what FIPS 140-3 approves is used for SRTP, DTLS and TLS:
 * AES-GCM, P-256 and P-384, ECDSA with SHA-2; a list that says otherwise is an error.
 */
#ifndef KSRTPD_ALGORITHMS_H
#define KSRTPD_ALGORITHMS_H

#include <stdbool.h>
#include <stdint.h>

#include "failure.h"

#define KSRTPD_SUITES_MAX	8
#define KSRTPD_LIST_TEXT	256

struct ksrtpd_algorithms {
	bool fips;
	uint32_t suites[KSRTPD_SUITES_MAX];	/* enum ksrtp_suite, of calls that name none */
	unsigned int suites_count;
	char ciphers[KSRTPD_LIST_TEXT], groups[KSRTPD_LIST_TEXT], sigalgs[KSRTPD_LIST_TEXT];
};

void ksrtpd_algorithms_init(struct ksrtpd_algorithms *algorithms);
/* Each takes a list of words; on failure nothing is changed. */
int ksrtpd_algorithms_suites(struct ksrtpd_algorithms *algorithms, const char *value,
			     struct ksrtpd_failure *failure);
int ksrtpd_algorithms_ciphers(struct ksrtpd_algorithms *algorithms, const char *value,
			      struct ksrtpd_failure *failure);
int ksrtpd_algorithms_groups(struct ksrtpd_algorithms *algorithms, const char *value,
			     struct ksrtpd_failure *failure);
int ksrtpd_algorithms_sigalgs(struct ksrtpd_algorithms *algorithms, const char *value,
			      struct ksrtpd_failure *failure);

/* What fips-algorithms forbids, by list; 0, or -1 with reason "config". */
int ksrtpd_algorithms_fit_suites(const struct ksrtpd_algorithms *algorithms,
				 struct ksrtpd_failure *failure);
int ksrtpd_algorithms_fit_ciphers(const struct ksrtpd_algorithms *algorithms,
				  struct ksrtpd_failure *failure);
int ksrtpd_algorithms_fit_groups(const struct ksrtpd_algorithms *algorithms,
				 struct ksrtpd_failure *failure);
int ksrtpd_algorithms_fit_sigalgs(const struct ksrtpd_algorithms *algorithms,
				  struct ksrtpd_failure *failure);

/* May media be protected by this suite? */
bool ksrtpd_algorithms_allow(const struct ksrtpd_algorithms *algorithms, uint32_t suite);

/* Those that the agent uses from now on; before, the defaults. */
void ksrtpd_algorithms_use(const struct ksrtpd_algorithms *algorithms);
const struct ksrtpd_algorithms *ksrtpd_algorithms(void);

#endif /* KSRTPD_ALGORITHMS_H */
