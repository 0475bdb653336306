// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "addr.h"
#include "ice.h"

/* RFC 8839, section 5.4 */
#define UFRAG_MIN	4
#define PWD_MIN		22

/* RFC 8445, section 5.1.2: type preference 126 (host). Families take turns, so that a broken
 * one costs no more than a check (RFC 8421, section 4).
 */
#define PRIORITY_TYPE	126
#define PRIORITY_SIX	65535
#define PRIORITY_FOUR	65534

/* @len characters of ALPHA / DIGIT / "+" / "/", 6 bits each. */
static bool random_text(char *text, size_t len)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i;

	if (RAND_bytes((unsigned char *)text, (int)len) != 1)
		return false;
	for (i = 0; i < len; i++)
		text[i] = alphabet[(unsigned char)text[i] & 63];
	text[len] = '\0';
	return true;
}

static void wipe_side(struct ksrtpd_ice_side *side)
{
	OPENSSL_secure_clear_free(side->pwd, KSRTPD_ICE_PWD + 1);
	memset(side, 0, sizeof(*side));
}

static bool make_side(struct ksrtpd_ice_side *side)
{
	memset(side, 0, sizeof(*side));
	side->pwd = OPENSSL_secure_zalloc(KSRTPD_ICE_PWD + 1);
	if (side->pwd && random_text(side->ufrag, KSRTPD_ICE_UFRAG) &&
	    random_text(side->pwd, KSRTPD_ICE_PWD))
		return true;
	wipe_side(side);
	return false;
}

static void show_newest(struct ksrtpd_ice *ice)
{
	ice->ufrag = ice->now.ufrag;
	ice->pwd = ice->now.pwd;
}

struct ksrtpd_ice *ksrtpd_ice_create(void)
{
	struct ksrtpd_ice *ice = calloc(1, sizeof(*ice));

	if (!ice || !make_side(&ice->now)) {
		free(ice);
		return NULL;
	}
	show_newest(ice);
	return ice;
}

void ksrtpd_ice_destroy(struct ksrtpd_ice *ice)
{
	if (!ice)
		return;
	wipe_side(&ice->now);
	wipe_side(&ice->old);
	free(ice);
}

/* -- credentials */

static bool ice_chars(const char *text, size_t min)
{
	size_t len = strlen(text), i;

	for (i = 0; i < len; i++) {
		if (!isalnum((unsigned char)text[i]) && text[i] != '+' && text[i] != '/')
			return false;
	}
	return len >= min && len <= KSRTPD_ICE_TEXT_MAX;
}

static void forget_checks(struct ksrtpd_ice *ice)
{
	ice->checked_count = 0;
	memset(&ice->selected, 0, sizeof(ice->selected));
}

int ksrtpd_ice_set_remote(struct ksrtpd_ice *ice, const char *ufrag, const char *pwd,
			  struct ksrtpd_failure *failure)
{
	bool same = !strcmp(ice->now.remote, ufrag);

	if (!ice_chars(ufrag, UFRAG_MIN) || !ice_chars(pwd, PWD_MIN))
		return ksrtpd_fail(failure, "bad-sdp",
				   "ice-ufrag wants 4 to 256 and ice-pwd 22 to 256 characters of "
				   "A-Z a-z 0-9 + /");
	/* Checks may overtake the answer; now it shows whose they were. */
	if (!ice->remote_known && *ice->now.remote && !same)
		forget_checks(ice);
	strcpy(ice->now.remote, ufrag);
	ice->remote_known = true;
	return 0;
}

int ksrtpd_ice_restart(struct ksrtpd_ice *ice, struct ksrtpd_failure *failure)
{
	struct ksrtpd_ice_side fresh;

	if (!make_side(&fresh))
		return ksrtpd_fail(failure, "internal", "no random credentials for ICE");
	/* A second restart before the first one's checks: the oldest that works stays. */
	if (ice->old.pwd) {
		wipe_side(&ice->now);
	} else {
		ice->old = ice->now;
	}
	ice->now = fresh;
	ice->remote_known = false;
	show_newest(ice);
	return 0;
}

/* -- checks */

static bool is_ufrag(const char *text, size_t len, const char *ufrag)
{
	return len == strlen(ufrag) && !CRYPTO_memcmp(text, ufrag, len);
}

/* Whose name is it, "ours:theirs"? NULL: nobody's. *@remote is their part. */
static struct ksrtpd_ice_side *side_of(struct ksrtpd_ice *ice, const struct ksrtpd_stun *request,
				       const char **remote, size_t *remote_len)
{
	const char *colon = memchr(request->username, ':', request->username_len);
	size_t local_len = colon ? (size_t)(colon - request->username) : 0;
	struct ksrtpd_ice_side *side = NULL;

	if (!colon)
		return NULL;
	*remote = colon + 1;
	*remote_len = request->username_len - local_len - 1;
	if (is_ufrag(request->username, local_len, ice->now.ufrag))
		side = &ice->now;
	else if (ice->old.pwd && is_ufrag(request->username, local_len, ice->old.ufrag))
		side = &ice->old;
	if (!side || *remote_len < UFRAG_MIN || *remote_len > KSRTPD_ICE_TEXT_MAX)
		return NULL;
	if (*side->remote && !is_ufrag(*remote, *remote_len, side->remote))
		return NULL;
	return side;
}

/* The first authentic check with the new credentials: the old ones are no more. */
static void use_new_side(struct ksrtpd_ice *ice)
{
	if (!ice->old.pwd)
		return;
	wipe_side(&ice->old);
	/* Media stays on the path that was selected until another one is. */
	ice->checked_count = 0;
}

static bool is_path(const struct ksrtpd_ice_path *a, const struct ksrtpd_ice_path *b)
{
	return a->socket == b->socket && ksrtpd_addr_equal(&a->remote, &b->remote);
}

static void remember(struct ksrtpd_ice *ice, const struct ksrtpd_ice_path *path)
{
	unsigned int i;

	for (i = 0; i < ice->checked_count; i++) {
		if (is_path(&ice->checked[i], path))
			break;
	}
	if (i == ice->checked_count && ice->checked_count < KSRTPD_ICE_CHECKED_MAX)
		ice->checked_count++;
	if (i == KSRTPD_ICE_CHECKED_MAX)
		i--;
	memmove(&ice->checked[1], &ice->checked[0], i * sizeof(ice->checked[0]));
	ice->checked[0] = *path;
}

static void take_check(struct ksrtpd_ice *ice, struct ksrtpd_ice_side *side,
		       const struct ksrtpd_stun *request, const struct ksrtpd_ice_path *path,
		       struct ksrtpd_ice_answer *answer)
{
	answer->checked = true;
	if (side == &ice->now) {
		use_new_side(ice);
		remember(ice, path);
	}
	if (request->use_candidate && !is_path(&ice->selected, path)) {
		ice->selected = *path;
		answer->nominated = true;
	}
}

static void refuse(const struct ksrtpd_stun *request, unsigned int code, const char *password,
		   struct ksrtpd_ice_answer *answer)
{
	answer->error = code;
	answer->len = ksrtpd_stun_error(request, code, password, answer->data);
}

void ksrtpd_ice_input(struct ksrtpd_ice *ice, const uint8_t *data, size_t len,
		      const struct ksrtpd_ice_path *path, struct ksrtpd_ice_answer *answer)
{
	struct ksrtpd_ice_side *side;
	struct ksrtpd_stun request;
	const char *remote;
	size_t remote_len;

	memset(answer, 0, sizeof(*answer));
	if (!ksrtpd_stun_parse(data, len, &request))
		return;
	/* RFC 8489, section 9.1.3 */
	if (!request.username || !request.integrity) {
		refuse(&request, KSRTPD_STUN_BAD_REQUEST, NULL, answer);
		return;
	}
	side = side_of(ice, &request, &remote, &remote_len);
	if (!side || !ksrtpd_stun_verify(&request, side->pwd)) {
		refuse(&request, KSRTPD_STUN_UNAUTHENTICATED, NULL, answer);
		return;
	}
	if (request.unknown_count) {
		refuse(&request, KSRTPD_STUN_UNKNOWN_ATTRIBUTE, side->pwd, answer);
		return;
	}
	/* RFC 8445, section 7.3.1.1: a lite side cannot take the other's role. */
	if (request.controlled) {
		refuse(&request, KSRTPD_STUN_ROLE_CONFLICT, side->pwd, answer);
		return;
	}
	answer->len = ksrtpd_stun_success(&request, &path->remote, side->pwd, answer->data);
	if (!answer->len)
		return;
	if (!*side->remote) {
		memcpy(side->remote, remote, remote_len);
		side->remote[remote_len] = '\0';
	}
	take_check(ice, side, &request, path, answer);
}

bool ksrtpd_ice_is_checked(const struct ksrtpd_ice *ice, const struct ksrtpd_ice_path *path)
{
	unsigned int i;

	for (i = 0; i < ice->checked_count; i++) {
		if (is_path(&ice->checked[i], path))
			return true;
	}
	return is_path(&ice->selected, path);
}

/* -- SDP */

void ksrtpd_ice_candidate(const struct sockaddr_storage *addr, unsigned int rank,
			  unsigned int component, char text[KSRTPD_CANDIDATE_TEXT])
{
	bool six = ksrtpd_addr_family(addr) == 6;
	uint32_t local = (six ? PRIORITY_SIX : PRIORITY_FOUR) - 2 * rank;
	uint32_t priority = (uint32_t)PRIORITY_TYPE << 24 | local << 8 | (256 - component);
	char host[KSRTPD_ADDR_TEXT], foundation[16] = "";

	/* One for each address, the same in all lines of an SDP. */
	if (rank)
		snprintf(foundation, sizeof(foundation), "%u", rank);
	snprintf(text, KSRTPD_CANDIDATE_TEXT, "%u%s %u udp %u %.45s %u typ host", six ? 6 : 4,
		 foundation, component, priority, ksrtpd_addr_host(addr, host),
		 ksrtpd_addr_port(addr));
}
