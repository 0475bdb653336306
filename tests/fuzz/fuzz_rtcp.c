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

#define MAX_LEN		8192
#define CHANGE		0x80000001u	/* two octets of four */

static unsigned int asked;

static int change_sender(void *arg, u32 *ssrc)
{
	MUST(arg == &asked);
	asked++;
	*ssrc ^= CHANGE;
	return 0;
}

static void *change_target(void *arg, u32 *ssrc)
{
	change_sender(arg, ssrc);
	return NULL;
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

static int same_sender(void *arg, u32 *ssrc)
{
	MUST(arg == &asked);
	(void)ssrc;
	return 0;
}

static void *same_target(void *arg, u32 *ssrc)
{
	MUST(arg == &asked);
	(void)ssrc;
	return &asked;
}

/* Two octets again: of a number without cycles those that it has. */
static u32 change_number(void *arg, void *target, u32 number)
{
	MUST(arg == &asked && target == &asked);
	asked++;
	return number ^ 0x8001u;
}

static unsigned int refuse_at;

/* The senders alone; that with number @refuse_at is refused. */
static int refuse(void *arg, u32 *ssrc)
{
	MUST(arg == &asked);
	(void)ssrc;
	return ++asked == refuse_at ? -EEXIST : 0;
}

/* Whatever else there is in the packet, each sender is asked about, and changes nothing. */
static void senders(u8 *p, const uint8_t *data, size_t size)
{
	const struct ksrtp_rtcp_map map = { .sender = refuse, .arg = &asked };
	unsigned int n;
	int err;

	asked = refuse_at = 0;
	err = ksrtp_rtcp_rewrite(p, size, &map);
	MUST(err == 0 || err == -EINVAL || err == -E2BIG);
	MUST(asked <= KSRTP_RTCP_FIELDS_MAX);
	MUST(err != -E2BIG || asked == KSRTP_RTCP_FIELDS_MAX);
	n = asked;
	if (n) {
		asked = 0;
		refuse_at = n;
		MUST(ksrtp_rtcp_rewrite(p, size, &map) == -EEXIST && asked == n);
	}
	MUST(!memcmp(p, data, size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ksrtp_rtcp_map ssrcs = {
		.sender = change_sender, .target = change_target, .arg = &asked,
	}, numbers = {
		.sender = same_sender, .target = same_target, .number = change_number, .arg = &asked,
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
	senders(p, data, size);

	/* Also what the parser refuses: the contents are authentic, not trusted. */
	asked = 0;
	err = ksrtp_rtcp_rewrite(p, size, &ssrcs);
	MUST(err == 0 || err == -EINVAL || err == -E2BIG);
	MUST(asked <= KSRTP_RTCP_FIELDS_MAX);
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

	/*
	 * Numbers alone. A range's begin and end move together, and are asked about once; so
	 * are the three of a measurement, of ten octets.
	 */
	p = exact_new(data, size);
	asked = 0;
	err = ksrtp_rtcp_rewrite(p, size, &numbers);
	MUST(err == 0 || err == -EINVAL || err == -E2BIG);
	MUST(asked <= KSRTP_RTCP_FIELDS_MAX);
	for (i = n = 0; i < size; i++)
		n += p[i] != data[i];
	MUST(n <= 10 * asked && (!asked || n));
	exact_free(p);
	return 0;
}
