// SPDX-License-Identifier: GPL-2.0
/*
 * The walk through RTCP: nothing is read or written past the end, no length changes, and
 * what changes is two octets for each SSRC and number that the map was asked about. And
 * the reader of reports: it is bounded, changes nothing, and finds what the map finds.
 */
#include <ksrtp/wire.h>
#include "core/packet.h"
#include "core/report.h"
#include "core/rtcp.h"
#include "unit/exact.h"
#include "fuzz.h"

#define MAX_LEN		2048
#define CHANGE		0x80000001u	/* two octets of four */

static unsigned int asked;

static u32 change(void *arg, enum ksrtp_ssrc_role role, u32 ssrc)
{
	MUST(arg == &asked);
	MUST(role == KSRTP_SSRC_SENDER || role == KSRTP_SSRC_TARGET);
	asked++;
	return ssrc ^ CHANGE;
}

struct found {
	unsigned int senders, reports;
	struct ksrtp_quality quality;
};

static void found_sender(void *arg, u32 ssrc, u32 ntp)
{
	struct found *found = arg;

	(void)ssrc;
	found->senders++;
	ksrtp_quality_sent(&found->quality, ntp, 1 + found->senders * 1000000000ULL);
}

static void found_report(void *arg, const struct ksrtp_report *report)
{
	struct found *found = arg;
	struct ksrtp_quality *q = &found->quality;
	u64 now = 1 + (found->senders + ++found->reports) * 1000000000ULL;

	MUST(report->lost >= -0x800000 && report->lost <= 0x7fffff);
	ksrtp_quality_report(q, report, now);
	MUST(q->reports == found->reports && q->at == now);
	MUST(q->last.ssrc == report->ssrc && q->last.jitter == report->jitter);
	MUST(q->rtt_us <= 30000000 && q->rtt_at <= now);
}

static void read_reports(const u8 *p, size_t size)
{
	struct found found, again;
	const struct ksrtp_report_reader reader = {
		.sender = found_sender, .report = found_report, .arg = &found,
	};

	memset(&found, 0, sizeof(found));
	ksrtp_rtcp_read(p, size, &reader);
	MUST(found.senders <= KSRTP_REPORTS_MAX && found.reports <= KSRTP_REPORTS_MAX);
	MUST(found.senders <= size / 28 && found.reports <= size / 24);
	again = found;
	memset(&found, 0, sizeof(found));
	ksrtp_rtcp_read(p, size, &reader);
	MUST(again.senders == found.senders && again.reports == found.reports);
	MUST(again.quality.rtt_us == found.quality.rtt_us &&
	     again.quality.rtt_at == found.quality.rtt_at);
}

static u32 same(void *arg, enum ksrtp_ssrc_role role, u32 ssrc)
{
	MUST(arg == &asked);
	(void)role;
	return ssrc;
}

/* Two octets again: of a number without cycles those that it has. */
static u32 change_number(void *arg, u32 ssrc, u32 number)
{
	MUST(arg == &asked);
	(void)ssrc;
	asked++;
	return number ^ 0x8001u;
}

static u32 same_number(void *arg, u32 ssrc, u32 number)
{
	MUST(arg == &asked);
	(void)ssrc;
	return number;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ksrtp_rtcp_map ssrcs = {
		.ssrc = change, .number = same_number, .arg = &asked,
	}, numbers = {
		.ssrc = same, .number = change_number, .arg = &asked,
	};
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

	read_reports(p, size);
	MUST(!memcmp(p, data, size));

	/* Also what the parser refuses: the contents are authentic, not trusted. */
	asked = 0;
	err = ksrtp_rtcp_rewrite(p, size, &ssrcs);
	MUST(err == 0 || err == -EINVAL);
	for (i = 0; i < size; i++)
		n += p[i] != data[i];
	/* An SSRC that was named twice in one place would be back where it was. */
	MUST(n == 2 * asked);

	/* A second time undoes it, if no length or type was taken for an SSRC. */
	first = asked;
	asked = 0;
	if (!err && !ksrtp_rtcp_rewrite(p, size, &ssrcs) && asked == first)
		MUST(!memcmp(p, data, size));
	exact_free(p);

	/* Numbers alone. A range's begin and end move together, and are asked about once. */
	p = exact_new(data, size);
	asked = 0;
	err = ksrtp_rtcp_rewrite(p, size, &numbers);
	MUST(err == 0 || err == -EINVAL);
	for (i = n = 0; i < size; i++)
		n += p[i] != data[i];
	MUST(n <= 4 * asked && (!asked || n));
	exact_free(p);
	return 0;
}
