// SPDX-License-Identifier: GPL-2.0
/* Clock rates by SDP, and what many looks at streams add up to. */
#include <math.h>
#include <string.h>

#include "ksrtpd/quality.h"
#include "ksrtpd/sdp.h"
#include "tap.h"

static const char text[] =
	"v=0\r\no=- 1 1 IN IP4 198.51.100.1\r\ns=-\r\nc=IN IP4 198.51.100.1\r\nt=0 0\r\n"
	"m=audio 5004 RTP/AVP 0 9 18 96 97 98 99 100 3\r\n"
	"a=rtcp-mux\r\n"
	"a=rtpmap:96 opus/48000/2\r\n"
	"a=rtpmap:97 L16/11025\r\n"
	"a=rtpmap:98 nothing\r\n"
	"a=rtpmap:99 huge/10000001\r\n"
	"a=rtpmap:100 zero/0\r\n"
	"a=rtpmap:3 GSM/16000\r\n"
	"a=rtpmap:128 x/8000\r\n"
	"a=rtpmap: 8000\r\n"
	"a=rtpmap:\r\n"
	"a=rtpmap\r\n"
	"a=rtpmap:96\r\n"
	"m=video 5006 RTP/AVP 34 102\r\n"
	"a=rtcp-mux\r\n"
	"a=rtpmap:102 H264/90000\r\n";

static void clocks(void)
{
	static const struct {
		int pt;
		uint32_t rate;
	} want[] = {
		{ 0, 8000 }, { 9, 8000 }, { 18, 8000 }, { 96, 48000 }, { 97, 11025 }, { 98, 0 }, { 99, 0 },
		{ 100, 0 }, { 3, 16000 }, { 8, 0 }, { 34, 0 }, { 127, 0 }, { 128, 0 }, { -1, 0 },
	};
	struct ksrtpd_failure failure;
	struct ksrtpd_sdp *sdp = ksrtpd_sdp_parse(text, strlen(text), &failure);
	struct ksrtpd_clocks both = { { 0 } };
	unsigned int i;

	CHECK(sdp, "%s", failure.message);
	if (!sdp)
		return;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		CHECK(ksrtpd_clocks_rate(&sdp->media[0].clocks, want[i].pt) == want[i].rate,
		      "audio %d: %u", want[i].pt,
		      ksrtpd_clocks_rate(&sdp->media[0].clocks, want[i].pt));
	CHECK(ksrtpd_clocks_rate(&sdp->media[1].clocks, -1) == 90000, "the only rate of video");
	ksrtpd_clocks_merge(&both, &sdp->media[0].clocks);
	ksrtpd_clocks_merge(&both, &sdp->media[1].clocks);
	CHECK(ksrtpd_clocks_rate(&both, 34) == 90000 && ksrtpd_clocks_rate(&both, 96) == 48000,
	      "of a bundle");
	ksrtpd_sdp_free(sdp);
	tap_end("O4,C1", "clock rates by a=rtpmap, else by RFC 3551; none where the SDP says none");
}

static const struct ksrtp_stream sent = {
	.leg_id = 1, .direction = KSRTP_DIRECTION_TX, .ssrc = 1, .out = 1, .packets = 1000,
	.has_pt = true, .pt = 0, .has_report = true, .reports = 1, .report_age_ms = 100,
	.report_fraction = 32, .report_lost = 7, .report_jitter = 160, .has_rtt = true,
	.rtt_us = 40000, .rtt_age_ms = 100,
};

static uint64_t count(const struct ksrtpd_histogram *h)
{
	return ksrtpd_histogram_count(h);
}

static void reports(void)
{
	struct ksrtpd_quality_streams streams = LIST_HEAD_INITIALIZER(streams);
	struct ksrtpd_clocks rates = { { [0] = 8000 } };
	struct ksrtpd_quality q = { .lost = 0 };
	struct ksrtp_stream s = sent;

	ksrtpd_quality_add(&q, &streams, &rates, &s, 1);
	CHECK(count(&q.fraction) == 1 && count(&q.jitter) == 1 && count(&q.rtt) == 1 && q.there_lost == 7,
	      "the first report");
	CHECK(fabs(q.fraction.sum - 0.125) < 1e-9 && fabs(q.jitter.sum - 0.02) < 1e-9 &&
	      fabs(q.rtt.sum - 0.04) < 1e-9, "%g, %g, %g", q.fraction.sum, q.jitter.sum, q.rtt.sum);
	/* 12.5% is above 10% and below 20%; 20 ms are 20 ms; 40 ms between 25 and 50. */
	CHECK(q.fraction.counts[7] == 1 && q.jitter.counts[4] == 1 && q.rtt.counts[4] == 1, "buckets");
	ksrtpd_quality_add(&q, &streams, &rates, &s, 2);
	CHECK(count(&q.fraction) == 1 && count(&q.rtt) == 1 && q.there_lost == 7, "the same again");

	/* A new one: later than the time that is known, its jitter absurd, more lost than sent. */
	s.reports = 2;
	s.report_age_ms = 10;
	s.rtt_age_ms = 5000;
	s.report_jitter = 0xffffffff;
	s.report_lost = 8000000;
	s.report_fraction = 0;
	ksrtpd_quality_add(&q, &streams, &rates, &s, 3);
	CHECK(count(&q.fraction) == 2 && q.fraction.counts[0] == 1 && count(&q.rtt) == 1, "the second");
	CHECK(q.jitter.counts[KSRTPD_BOUNDS_MAX] == 1 && q.jitter.sum < 11, "%g s", q.jitter.sum);
	CHECK(q.there_lost == 1000, "%llu lost there", (unsigned long long)q.there_lost);

	/* Less than before, then negative; no clock rate. */
	s.reports = 3;
	s.report_lost = -5;
	s.has_pt = true;
	s.pt = 111;
	ksrtpd_quality_add(&q, &streams, &rates, &s, 4);
	CHECK(count(&q.fraction) == 3 && count(&q.jitter) == 2 && q.there_lost == 1000, "the third");
	/* Another context of the same SSRC is another stream. */
	s = sent;
	s.context = 1;
	ksrtpd_quality_add(&q, &streams, &rates, &s, 4);
	CHECK(count(&q.fraction) == 4 && q.there_lost == 1007, "another context");
	ksrtpd_quality_forget(&streams, UINT64_MAX);
	tap_end("O4", "reports count once each; what cannot be is not believed");
}

static void losses(void)
{
	struct ksrtpd_quality_streams streams = LIST_HEAD_INITIALIZER(streams);
	struct ksrtpd_clocks rates = { { 0 } };
	struct ksrtpd_quality q = { .lost = 0 };
	struct ksrtp_stream s = { .leg_id = 1, .ssrc = 1, .has_lost = true, .lost = 10 }, other = s;
	static const uint64_t looks[][2] = { { 10, 10 }, { 8, 10 }, { 12, 12 }, { 12, 12 } };
	unsigned int i;

	for (i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		s.lost = looks[i][0];
		ksrtpd_quality_add(&q, &streams, &rates, &s, i + 1);
		CHECK(q.lost == looks[i][1], "look %u: %llu", i, (unsigned long long)q.lost);
	}
	other.ssrc = 2;
	ksrtpd_quality_add(&q, &streams, &rates, &other, 5);
	CHECK(q.lost == 22, "%llu", (unsigned long long)q.lost);
	/* Gone and come again, it begins anew. */
	ksrtpd_quality_forget(&streams, 5);
	s.lost = 3;
	ksrtpd_quality_add(&q, &streams, &rates, &s, 6);
	ksrtpd_quality_add(&q, &streams, &rates, &other, 6);
	CHECK(q.lost == 25, "%llu", (unsigned long long)q.lost);
	ksrtpd_quality_forget(&streams, UINT64_MAX);
	CHECK(LIST_EMPTY(&streams), "something is left");
	tap_end("O4", "losses only grow, whatever comes late, ends, or begins again");
}

int main(void)
{
	tap.datapath = "-";
	clocks();
	reports();
	losses();
	return tap_done();
}
