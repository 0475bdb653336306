// SPDX-License-Identifier: GPL-2.0
/*
 * STUN as a leg gets it from anybody. Nobody who does not know the password may learn
 * more than that there is a leg, move a path, or get more octets than he sent by a fifth.
 */
#include <string.h>

#include "fuzz.h"

#include "../../userspace/ksrtpd/failure.c"
#include "../../userspace/ksrtpd/addr.c"
#include "../../userspace/ksrtpd/stun.c"
#include "../../userspace/ksrtpd/ice.c"

static void check_request(const uint8_t *data, size_t size)
{
	struct ksrtpd_stun request;

	if (!ksrtpd_stun_parse(data, size, &request))
		return;
	MUST(request.data == data && request.len == size);
	MUST(!request.username || ((const uint8_t *)request.username >= data &&
				   (const uint8_t *)request.username + request.username_len <=
					   data + size));
	MUST(!request.integrity || request.integrity + ATTR_HEADER + INTEGRITY_LEN <= size);
	MUST(request.unknown_count <= KSRTPD_STUN_UNKNOWN_MAX);
}

/* What follows the header, with a length and a fingerprint that fit it. */
static size_t mend(const uint8_t *data, size_t size, uint8_t whole[KSRTPD_STUN_REQUEST_MAX])
{
	size_t len = size / 4 * 4;
	struct writer w = { .data = whole, .len = KSRTPD_STUN_HEADER };

	if (len > KSRTPD_STUN_REQUEST_MAX - KSRTPD_STUN_HEADER - 8)
		len = KSRTPD_STUN_REQUEST_MAX - KSRTPD_STUN_HEADER - 8;
	memset(whole, 7, KSRTPD_STUN_HEADER);
	put16(whole, BINDING_REQUEST);
	put32(whole + 4, MAGIC_COOKIE);
	memcpy(whole + w.len, data, len);
	w.len += len;
	return finish(&w, NULL);
}

static void check_input(struct ksrtpd_ice *ice, const uint8_t *data, size_t size)
{
	struct ksrtpd_ice_path from = { .socket = size % 3 };
	struct ksrtpd_ice_answer answer;

	ksrtpd_addr_parse("192.0.2.1", 4, &from.remote);
	ksrtpd_addr_set_port(&from.remote, 5000);
	ksrtpd_ice_input(ice, data, size, &from, &answer);
	MUST(answer.len <= KSRTPD_STUN_ANSWER_MAX && answer.len % 4 == 0);
	MUST(5 * answer.len <= 6 * size);
	/* Its password is random: no input knows it. */
	MUST(!answer.checked && !answer.nominated && !ice->checked_count);
	MUST(answer.error == 0 || answer.error == 400 || answer.error == 401);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t whole[KSRTPD_STUN_REQUEST_MAX];
	static struct ksrtpd_ice *ice;
	size_t len;

	if (!ice) {
		ice = ksrtpd_ice_create();
		MUST(ice);
		/* A name that inputs can hit. */
		strcpy(ice->now.ufrag, "abcd");
	}
	check_request(data, size);
	check_input(ice, data, size);
	len = mend(data, size, whole);
	check_request(whole, len);
	check_input(ice, whole, len);
	return 0;
}
