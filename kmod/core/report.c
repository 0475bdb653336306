// SPDX-License-Identifier: GPL-2.0
/* Sender and receiver reports (RFC 3550, section 6.4). The octets are authentic, not trusted. */
#include "internal.h"
#include "report.h"

#define WORD		4
#define HDR_LEN		8	/* header and the sender's SSRC */
#define SENDER_INFO_LEN	20
#define NTP_MIDDLE_OFF	2	/* in the sender info */
#define REPORT_LEN	24

#define PT_SR		200
#define PT_RR		201

#define NS_PER_SEC	1000000000ULL
/* Two clocks that differ by 100 ppm do so by this between reports: then it was no time. */
#define NEGATIVE_NS	1000000ULL
/* An endpoint as far away has lost its consent (RFC 7675). */
#define RTT_MAX_NS	(30 * NS_PER_SEC)

static void read_block(const u8 *p, struct ksrtp_report *report)
{
	u32 lost = get_unaligned_be32(p + WORD);

	report->ssrc = get_unaligned_be32(p);
	report->fraction = lost >> 24;
	/* 24 bits in two's complement */
	report->lost = (s32)((lost & 0xffffff) ^ 0x800000) - 0x800000;
	report->highest = get_unaligned_be32(p + 2 * WORD);
	report->jitter = get_unaligned_be32(p + 3 * WORD);
	report->lsr = get_unaligned_be32(p + 4 * WORD);
	report->dlsr = get_unaligned_be32(p + 5 * WORD);
}

/* Its blocks, @budget at most; how many that were, or -EINVAL where they do not fit. */
static int read_blocks(const u8 *p, size_t left, int n, int budget,
		       const struct ksrtp_report_reader *reader)
{
	struct ksrtp_report report;
	int i;

	if ((size_t)n * REPORT_LEN > left)
		return -EINVAL;
	if (n > budget)
		n = budget;
	for (i = 0; reader->report && i < n; i++) {
		read_block(p + i * REPORT_LEN, &report);
		reader->report(reader->arg, &report);
	}
	return n;
}

void ksrtp_rtcp_read(const u8 *data, size_t len, const struct ksrtp_report_reader *reader)
{
	int blocks = KSRTP_REPORTS_MAX, senders = KSRTP_REPORTS_MAX, used;
	size_t n, at;

	for (; len >= WORD; data += n, len -= n) {
		n = WORD * ((size_t)get_unaligned_be16(data + 2) + 1);
		if (n > len)
			return;
		if (data[1] != PT_SR && data[1] != PT_RR)
			continue;
		at = HDR_LEN + (data[1] == PT_SR ? SENDER_INFO_LEN : 0);
		if (n < at)
			return;
		if (data[1] == PT_SR && reader->sender && senders--)
			reader->sender(reader->arg, get_unaligned_be32(data + WORD),
				       get_unaligned_be32(data + HDR_LEN + NTP_MIDDLE_OFF));
		used = read_blocks(data + at, n - at, data[0] & 0x1f, blocks, reader);
		if (used < 0 || !senders)
			return;
		blocks -= used;
	}
}

void ksrtp_quality_sent(struct ksrtp_quality *q, u32 ntp, u64 now)
{
	/* Who has no clock sends 0, which in an answer says that there was none. */
	if (!ntp)
		return;
	q->sent[q->next].ntp = ntp;
	q->sent[q->next].at = now;
	q->next = (q->next + 1) % KSRTP_REPORT_SENT;
}

/* When the last sender report with this time left; 0: not known. */
static u64 sent_at(const struct ksrtp_quality *q, u32 ntp)
{
	u64 at = 0;
	int i;

	for (i = 0; ntp && i < KSRTP_REPORT_SENT; i++)
		if (q->sent[i].ntp == ntp && q->sent[i].at > at)
			at = q->sent[i].at;
	return at;
}

static void measure(struct ksrtp_quality *q, const struct ksrtp_report *report, u64 now)
{
	u64 at = sent_at(q, report->lsr), elapsed = now - at;
	u64 delay = (u64)report->dlsr * NS_PER_SEC >> 16, rtt;

	if (!at || elapsed + NEGATIVE_NS < delay)
		return;
	rtt = elapsed > delay ? elapsed - delay : 0;
	if (rtt > RTT_MAX_NS)
		return;
	/* Through 32 bits: not every kernel can divide 64. */
	q->rtt_us = (u32)(rtt >> 3) / 125;
	q->rtt_at = now;
}

void ksrtp_quality_report(struct ksrtp_quality *q, const struct ksrtp_report *report, u64 now)
{
	q->reports++;
	q->last = *report;
	q->at = now;
	measure(q, report, now);
}
