// SPDX-License-Identifier: GPL-2.0
/*
 * The parser of connectivity checks, and the answer: nothing is read or written past the
 * end, what it finds is inside the message, and the answer would pass for no request.
 */
#include "core/stun.h"
#include "unit/exact.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const u8 zero[KSRTP_STUN_ANSWER_MAX];
	static const u8 ip[16] = { 192, 0, 2, 1 }, mac[KSRTP_STUN_MAC_LEN] = { 1, 2, 3 };
	struct ksrtp_stun stun, again;
	size_t len;
	u8 *p, *out;
	int err;

	p = exact_new(data, size);
	err = ksrtp_stun_parse(p, size, &stun);
	MUST(err == 0 || err == -EINVAL);
	MUST(!memcmp(p, data, size));
	if (!err) {
		MUST(size <= KSRTP_STUN_LEN_MAX && stun.integrity + 32u == size);
		MUST(stun.mac == p + stun.integrity + 4);
		MUST(stun.username >= p + 24 &&
		     stun.username + stun.username_len <= p + stun.integrity);
		len = data[8] & 1 ? 76 : 64;
		out = exact_new(zero, len);
		MUST(ksrtp_stun_answer(out, p, ip, data[8] & 1, get_unaligned_be16(data + 10)) ==
		     len - 32);
		MUST(ksrtp_stun_finish(out, len - 32, mac) == len);
		MUST(!memcmp(out + 4, p + 4, 16));
		MUST(ksrtp_stun_parse(out, len, &again) == -EINVAL);
		exact_free(out);
	}
	exact_free(p);
	return 0;
}
