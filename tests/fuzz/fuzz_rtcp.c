// SPDX-License-Identifier: GPL-2.0
/*
 * The walk through RTCP: nothing is read or written past the end, no length changes, and
 * what changes is four octets for each SSRC that the map was asked about.
 */
#include <ksrtp/wire.h>
#include "core/packet.h"
#include "core/rtcp.h"
#include "unit/exact.h"
#include "fuzz.h"

#define MAX_LEN		2048
#define CHANGE		0x80000001u

static unsigned int asked;

static u32 change(void *arg, enum ksrtp_ssrc_role role, u32 ssrc)
{
	MUST(arg == &asked);
	MUST(role == KSRTP_SSRC_SENDER || role == KSRTP_SSRC_TARGET);
	asked++;
	return ssrc ^ CHANGE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ksrtp_rtcp rtcp;
	unsigned int first;
	size_t i, n = 0;
	u8 *p;
	int err;

	if (size > MAX_LEN)
		return 0;
	p = exact_new(data, size);
	err = ksrtp_rtcp_parse(p, size, &rtcp);
	MUST(err == 0 || err == -EINVAL);
	MUST(!memcmp(p, data, size));
	if (!err)
		MUST(rtcp.body_len == size - KSRTP_RTCP_HDR_LEN && !rtcp.word);

	/* Also what the parser refuses: the contents are authentic, not trusted. */
	asked = 0;
	err = ksrtp_rtcp_map_ssrcs(p, size, change, &asked);
	MUST(err == 0 || err == -EINVAL);
	for (i = 0; i < size; i++)
		n += p[i] != data[i];
	/* An SSRC that was named twice in one place would be back where it was. */
	MUST(n == 2 * asked);

	/* A second time undoes it, if no length or type was taken for an SSRC. */
	first = asked;
	asked = 0;
	if (!err && !ksrtp_rtcp_map_ssrcs(p, size, change, &asked) && asked == first)
		MUST(!memcmp(p, data, size));
	exact_free(p);
	return 0;
}
