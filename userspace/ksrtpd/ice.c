// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "addr.h"
#include "ice.h"

/* RFC 8445, section 5.1.2: type preference 126 (host), one address of each family. */
#define PRIORITY_TYPE	126
#define PRIORITY_SIX	65535
#define PRIORITY_FOUR	65534

/* @len characters of ALPHA / DIGIT / "+" / "/", 6 bits each (RFC 8839, section 5.4). */
static bool random_text(char *text, size_t len)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;

	if (RAND_bytes((unsigned char *)text, (int)len) != 1)
		return false;
	for (i = 0; i < len; i++)
		text[i] = alphabet[(unsigned char)text[i] & 63];
	text[len] = '\0';
	return true;
}

struct ksrtpd_ice *ksrtpd_ice_create(void)
{
	struct ksrtpd_ice *ice = calloc(1, sizeof(*ice));

	if (ice)
		ice->pwd = OPENSSL_secure_zalloc(KSRTPD_ICE_PWD + 1);
	if (ice && ice->pwd && random_text(ice->ufrag, KSRTPD_ICE_UFRAG) &&
	    random_text(ice->pwd, KSRTPD_ICE_PWD))
		return ice;
	ksrtpd_ice_destroy(ice);
	return NULL;
}

void ksrtpd_ice_destroy(struct ksrtpd_ice *ice)
{
	if (!ice)
		return;
	OPENSSL_secure_clear_free(ice->pwd, KSRTPD_ICE_PWD + 1);
	free(ice);
}

void ksrtpd_ice_candidate(const struct sockaddr_storage *addr, unsigned int component,
			  char text[KSRTPD_CANDIDATE_TEXT])
{
	bool six = ksrtpd_addr_family(addr) == 6;
	uint32_t priority = (uint32_t)PRIORITY_TYPE << 24 |
			    (six ? PRIORITY_SIX : PRIORITY_FOUR) << 8 | (256 - component);
	char host[KSRTPD_ADDR_TEXT];

	snprintf(text, KSRTPD_CANDIDATE_TEXT, "%u %u udp %u %.45s %u typ host", six ? 6 : 4,
		 component, priority, ksrtpd_addr_host(addr, host), ksrtpd_addr_port(addr));
}
