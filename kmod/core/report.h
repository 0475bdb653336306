/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSRTP_CORE_REPORT_H
#define KSRTP_CORE_REPORT_H

/* Report blocks that are read of one compound; the rest is passed on unread. */
#define KSRTP_REPORTS_MAX	128
/* Sender reports that are remembered of a stream, for the answers to them. */
#define KSRTP_REPORT_SENT	4

/* One report block: what a receiver says of a source (RFC 3550, section 6.4.1). */
struct ksrtp_report {
	u32	ssrc;		/* the source's */
	u8	fraction;	/* lost since the report before, in 1/256 */
	s32	lost;		/* lost of all; negative where more came than it expected */
	u32	highest;	/* its cycles * 2^16 + highest sequence number */
	u32	jitter;		/* timestamp units */
	u32	lsr;		/* NTP time of the last sender report that it got, middle 32 bits; 0: none */
	u32	dlsr;		/* since then, in 1/65536 s */
};

struct ksrtp_report_reader {
	/* A sender report of @ssrc; @ntp: the middle 32 bits of its NTP time. NULL: not wanted. */
	void	(*sender)(void *arg, u32 ssrc, u32 ntp);
	/* NULL: not wanted. */
	void	(*report)(void *arg, const struct ksrtp_report *report);
	void	*arg;
};

/*
 * ksrtp_rtcp_read - give each sender report and report block of a compound to @reader
 * @data, @len: plain RTCP; nothing in it need be right
 *
 * Ends where a length or count does not fit, and after KSRTP_REPORTS_MAX of each.
 */
void ksrtp_rtcp_read(const u8 *data, size_t len, const struct ksrtp_report_reader *reader);

/**
 * struct ksrtp_quality - what the far end says of one stream that is sent to it
 * @reports: report blocks so far, modulo 2^32
 * @last: the last of them; all zeroes before the first
 * @at: when it came
 * @rtt_us: round-trip time in microseconds by the last block that let it be computed
 * @rtt_at: when that came; 0: none did
 * @sent: the last sender reports passed on, from @next on in a circle; @at 0: not used
 *
 * Times are nanoseconds of one clock that only goes forward and never shows 0. No locks:
 * they are the caller's.
 */
struct ksrtp_quality {
	u32			reports;
	struct ksrtp_report	last;
	u64			at;
	u32			rtt_us;
	u64			rtt_at;
	struct {
		u32	ntp;
		u64	at;
	} sent[KSRTP_REPORT_SENT];
	u32			next;
};

/* A sender report with this NTP time leaves at @now. */
void ksrtp_quality_sent(struct ksrtp_quality *q, u32 ntp, u64 now);
/*
 * A report block came at @now. The round-trip time is @now less the time at which the
 * sender report that it names left here, less the delay that it claims: none where that
 * sender report is not known, or the result is negative or too long to be one.
 */
void ksrtp_quality_report(struct ksrtp_quality *q, const struct ksrtp_report *report, u64 now);

#endif /* KSRTP_CORE_REPORT_H */
