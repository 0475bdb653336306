// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"
#include "metrics.h"
#include "tally.h"

#define OUTCOMES	32	/* more kinds than there are reasons for a handshake to fail */

struct outcome {
	const char *name;	/* a reason, or "connected" */
	uint64_t count;
};

struct ksrtpd_metrics {
	struct outcome handshakes[OUTCOMES];
	uint64_t calls, calls_failed;
	unsigned int alarms;	/* that are raised now */
};

struct ksrtpd_metrics *ksrtpd_metrics_create(void)
{
	return calloc(1, sizeof(struct ksrtpd_metrics));
}

void ksrtpd_metrics_destroy(struct ksrtpd_metrics *metrics)
{
	free(metrics);
}

/* -- what happened */

static void count_handshake(struct ksrtpd_metrics *metrics, const char *name)
{
	unsigned int i;

	for (i = 0; i < OUTCOMES - 1 && metrics->handshakes[i].name; i++) {
		if (!strcmp(metrics->handshakes[i].name, name))
			break;
	}
	if (!metrics->handshakes[i].name)
		metrics->handshakes[i].name = i < OUTCOMES - 1 ? name : "other";
	metrics->handshakes[i].count++;
}

void ksrtpd_metrics_leg_changed(struct ksrtpd_metrics *metrics, const struct ksrtpd_leg *leg)
{
	if (leg->config.keying != KSRTPD_KEYING_DTLS)
		return;
	if (leg->state == KSRTPD_LEG_CONNECTED)
		count_handshake(metrics, "connected");
	else if (leg->state == KSRTPD_LEG_FAILED)
		count_handshake(metrics, leg->failure.reason);
}

void ksrtpd_metrics_call_changed(struct ksrtpd_metrics *metrics, const struct ksrtpd_call *call)
{
	if (call->state == KSRTPD_CALL_OFFERED)
		metrics->calls++;
	else if (call->state == KSRTPD_CALL_FAILED)
		metrics->calls_failed++;
}

void ksrtpd_metrics_alarm(struct ksrtpd_metrics *metrics, bool raised)
{
	metrics->alarms += raised ? 1 : -1;
}

/* -- the text */

static void head(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP ksrtpd_%s %s\n# TYPE ksrtpd_%s %s\n", name, help, name, type);
}

static const char *suite_name(unsigned int suite)
{
	return suite == KSRTPD_TALLY_KEYLESS ? "keyless" : ksrtp_suite_name(suite);
}

/* One counter for each suite that has one. */
static void by_suite(FILE *out, const struct ksrtpd_tally *tally, const char *name, size_t offset,
		     const char *help)
{
	unsigned int i;

	head(out, name, "counter", help);
	for (i = 0; i < KSRTPD_TALLY_SUITES; i++)
		fprintf(out, "ksrtpd_%s{suite=\"%s\"} %" PRIu64 "\n", name, suite_name(i),
			*(const uint64_t *)((const char *)&tally->sums[i] + offset));
}

/* The same by datapath: of the kernel's two, or the agent's own. */
static void by_datapath(FILE *out, const struct ksrtpd_tally *tally, bool user, const char *name,
			size_t all, size_t xdp, size_t skb, const char *help)
{
	unsigned int i;

	head(out, name, "counter", help);
	for (i = 0; i < KSRTPD_TALLY_SUITES; i++) {
		const char *stats = (const char *)&tally->sums[i];

		if (user) {
			fprintf(out, "ksrtpd_%s{suite=\"%s\",datapath=\"user\"} %" PRIu64 "\n", name,
				suite_name(i), *(const uint64_t *)(stats + all));
			continue;
		}
		fprintf(out, "ksrtpd_%s{suite=\"%s\",datapath=\"xdp\"} %" PRIu64 "\n", name,
			suite_name(i), *(const uint64_t *)(stats + xdp));
		fprintf(out, "ksrtpd_%s{suite=\"%s\",datapath=\"skb\"} %" PRIu64 "\n", name,
			suite_name(i), *(const uint64_t *)(stats + skb));
	}
}

static void drops(FILE *out, const struct ksrtpd_tally *tally)
{
	unsigned int i, reason;

	head(out, "media_dropped_packets_total", "counter", "Packets dropped, by reason.");
	for (reason = 1; reason <= KSRTP_REASON_MAX; reason++) {
		for (i = 0; i < KSRTPD_TALLY_SUITES; i++) {
			if (tally->sums[i].dropped[reason])
				fprintf(out, "ksrtpd_media_dropped_packets_total{suite=\"%s\",reason=\"%s\"} %"
					PRIu64 "\n", suite_name(i), ksrtp_reason_name(reason),
					tally->sums[i].dropped[reason]);
		}
	}
}

/* -- what RTCP tells; the relays of end-to-end calls have nothing to tell */

static void histogram(FILE *out, const struct ksrtpd_tally *tally, const char *name, size_t offset,
		      const double *bounds, const char *help)
{
	unsigned int n = ksrtpd_bounds_count(bounds), i, bucket;

	head(out, name, "histogram", help);
	for (i = 0; i < KSRTPD_TALLY_KEYLESS; i++) {
		const struct ksrtpd_histogram *h =
			(const void *)((const char *)&tally->quality[i] + offset);
		uint64_t below = 0;

		for (bucket = 0; bucket < n; bucket++) {
			below += h->counts[bucket];
			fprintf(out, "ksrtpd_%s_bucket{suite=\"%s\",le=\"%g\"} %" PRIu64 "\n", name,
				suite_name(i), bounds[bucket], below);
		}
		below += h->counts[KSRTPD_BOUNDS_MAX];
		fprintf(out, "ksrtpd_%s_bucket{suite=\"%s\",le=\"+Inf\"} %" PRIu64 "\n", name,
			suite_name(i), below);
		fprintf(out, "ksrtpd_%s_sum{suite=\"%s\"} %.9g\n", name, suite_name(i), h->sum);
		fprintf(out, "ksrtpd_%s_count{suite=\"%s\"} %" PRIu64 "\n", name, suite_name(i), below);
	}
}

static void lost_packets(FILE *out, const struct ksrtpd_tally *tally)
{
	unsigned int i;

	head(out, "media_lost_packets_total", "counter",
	     "RTP packets that were sent to legs under a key and did not arrive.");
	for (i = 0; i < KSRTPD_TALLY_KEYLESS; i++)
		fprintf(out, "ksrtpd_media_lost_packets_total{suite=\"%s\"} %" PRIu64 "\n", suite_name(i),
			tally->quality[i].lost);
	head(out, "rtcp_lost_packets_total", "counter",
	     "Packets sent from legs that their endpoints report as lost.");
	for (i = 0; i < KSRTPD_TALLY_KEYLESS; i++)
		fprintf(out, "ksrtpd_rtcp_lost_packets_total{suite=\"%s\"} %" PRIu64 "\n", suite_name(i),
			tally->quality[i].there_lost);
}

#define QUALITY(member)	offsetof(struct ksrtpd_quality, member)

static void quality(FILE *out, const struct ksrtpd_tally *tally)
{
	lost_packets(out, tally);
	histogram(out, tally, "rtcp_fraction_lost", QUALITY(fraction), ksrtpd_fraction_bounds,
		  "Share of packets lost toward endpoints, by the newest report of each stream at each look.");
	histogram(out, tally, "rtcp_jitter_seconds", QUALITY(jitter), ksrtpd_jitter_bounds,
		  "Interarrival jitter at endpoints, likewise, where the SDP says the clock rate.");
	histogram(out, tally, "rtcp_round_trip_seconds", QUALITY(rtt), ksrtpd_rtt_bounds,
		  "Round-trip time between this host and endpoints, likewise.");
}

#define STAT(member)	offsetof(struct ksrtp_stats, member)

static void media(FILE *out, struct ksrtpd_datapath *datapath)
{
	const struct ksrtpd_tally *tally = ksrtpd_tally_count(datapath);
	bool user = datapath->ops->reads;
	unsigned int i;

	head(out, "legs", "gauge", "Legs in the datapath, by suite.");
	for (i = 0; i < KSRTPD_TALLY_SUITES; i++)
		fprintf(out, "ksrtpd_legs{suite=\"%s\"} %u\n", suite_name(i), tally->legs[i]);
	by_suite(out, tally, "media_received_packets_total", STAT(received),
		 "Packets that arrived on legs.");
	by_suite(out, tally, "media_received_octets_total", STAT(received_bytes),
		 "Octets of UDP payload that arrived on legs.");
	by_datapath(out, tally, user, "media_forwarded_packets_total", STAT(forwarded), STAT(xdp),
		    STAT(skb), "Packets that arrived and left on at least one route.");
	by_suite(out, tally, "media_answered_packets_total", STAT(answered),
		 "STUN checks that the datapath answered.");
	by_suite(out, tally, "media_passed_up_packets_total", STAT(passed_up),
		 "DTLS and STUN for the agent.");
	drops(out, tally);
	by_datapath(out, tally, user, "media_sent_packets_total", STAT(sent), STAT(sent_xdp),
		    STAT(sent_skb), "Packets that left on legs.");
	by_suite(out, tally, "media_sent_octets_total", STAT(sent_bytes),
		 "Octets of UDP payload that left on legs.");
	by_suite(out, tally, "media_fragmented_packets_total", STAT(fragmented),
		 "Packets sent that had to be fragmented.");
	quality(out, tally);
}

static void keyring(FILE *out, struct ksrtpd_datapath *datapath)
{
	uint32_t used, max;

	if (!ksrtpd_datapath_keyring(datapath, &used, &max))
		return;
	head(out, "keyring_used", "gauge",
	     "Keys remembered so that none is used twice, each until a day after its call.");
	fprintf(out, "ksrtpd_keyring_used %" PRIu32 "\n", used);
	head(out, "keyring_max", "gauge", "Keys that can be remembered; then calls are refused.");
	fprintf(out, "ksrtpd_keyring_max %" PRIu32 "\n", max);
}

static void calls(FILE *out, struct ksrtpd_agent *agent)
{
	const struct ksrtpd_metrics *metrics = agent->metrics;
	unsigned int counts[KSRTPD_CALL_FAILED + 1] = { 0 }, i;
	const struct ksrtpd_call *call;

	for (call = ksrtpd_calls_first(agent->calls); call; call = LIST_NEXT(call, entry))
		counts[call->state]++;
	head(out, "calls", "gauge", "Calls, by state.");
	for (i = 0; i <= KSRTPD_CALL_FAILED; i++)
		fprintf(out, "ksrtpd_calls{state=\"%s\"} %u\n", ksrtpd_call_state_name(i), counts[i]);
	head(out, "calls_offered_total", "counter", "Calls that were offered.");
	fprintf(out, "ksrtpd_calls_offered_total %" PRIu64 "\n", metrics->calls);
	head(out, "calls_failed_total", "counter", "Calls that failed.");
	fprintf(out, "ksrtpd_calls_failed_total %" PRIu64 "\n", metrics->calls_failed);
	head(out, "handshakes_total", "counter", "DTLS handshakes that ended, by outcome.");
	for (i = 0; i < OUTCOMES && metrics->handshakes[i].name; i++)
		fprintf(out, "ksrtpd_handshakes_total{outcome=\"%s\"} %" PRIu64 "\n",
			metrics->handshakes[i].name, metrics->handshakes[i].count);
}

static void api(FILE *out, const struct ksrtpd_http *http)
{
	const struct ksrtpd_http_counters *counters = ksrtpd_http_counters(http);
	unsigned int i;

	head(out, "api_requests_total", "counter", "Requests over HTTPS that were answered, by status.");
	for (i = 0; i < KSRTPD_HTTP_STATUSES; i++) {
		if (counters->answers[i])
			fprintf(out, "ksrtpd_api_requests_total{status=\"%u\"} %" PRIu64 "\n", i,
				counters->answers[i]);
	}
	head(out, "api_connections", "gauge", "Connections over HTTPS.");
	fprintf(out, "ksrtpd_api_connections %u\n", ksrtpd_http_connections(http));
	head(out, "api_connections_refused_total", "counter",
	     "Connections refused because there were too many.");
	fprintf(out, "ksrtpd_api_connections_refused_total %" PRIu64 "\n",
		counters->connections_refused);
	head(out, "api_streams_dropped_total", "counter",
	     "Event streams ended because the client was too slow.");
	fprintf(out, "ksrtpd_api_streams_dropped_total %" PRIu64 "\n", counters->streams_dropped);
	head(out, "api_handshakes_refused_total", "counter", "TLS handshakes refused, by reason.");
	for (i = KSRTPD_TLS_ACCEPTED + 1; i < KSRTPD_TLS_REFUSALS; i++)
		fprintf(out, "ksrtpd_api_handshakes_refused_total{reason=\"%s\"} %" PRIu64 "\n",
			ksrtpd_tls_refusal_name(i), ksrtpd_tls_refused(ksrtpd_http_tls(http), i));
}

char *ksrtpd_metrics_text(struct ksrtpd_agent *agent, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);
	bool ok;

	if (!out)
		return NULL;
	head(out, "info", "gauge", "Version of the agent, and what moves its media.");
	fprintf(out, "ksrtpd_info{version=\"%s\",datapath=\"%s\"} 1\n", KSRTPD_VERSION,
		agent->datapath->ops->name);
	head(out, "draining", "gauge", "1: new calls are refused.");
	fprintf(out, "ksrtpd_draining %d\n", agent->draining);
	ksrtpd_datapath_watch_keyring(agent->datapath);
	head(out, "alarms", "gauge", "Alarms that are raised; events and log say which.");
	fprintf(out, "ksrtpd_alarms %u\n", agent->metrics->alarms);
	calls(out, agent);
	media(out, agent->datapath);
	keyring(out, agent->datapath);
	if (agent->http)
		api(out, agent->http);
	ok = !ferror(out);
	if (fclose(out) || !ok) {
		free(text);
		return NULL;
	}
	return text;
}

/* -- the same as JSON */

static json_t *view_stats(const struct ksrtp_stats *stats)
{
	json_t *dropped = json_object();
	unsigned int i;

	for (i = 1; i <= KSRTP_REASON_MAX; i++) {
		if (stats->dropped[i])
			json_object_set_new(dropped, ksrtp_reason_name(i),
					    json_integer((json_int_t)stats->dropped[i]));
	}
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:I}",
			 "received", (json_int_t)stats->received,
			 "received_bytes", (json_int_t)stats->received_bytes,
			 "forwarded", (json_int_t)stats->forwarded,
			 "xdp", (json_int_t)stats->xdp, "skb", (json_int_t)stats->skb,
			 "answered", (json_int_t)stats->answered, "dropped", dropped,
			 "passed_up", (json_int_t)stats->passed_up,
			 "sent", (json_int_t)stats->sent,
			 "sent_bytes", (json_int_t)stats->sent_bytes,
			 "sent_xdp", (json_int_t)stats->sent_xdp,
			 "sent_skb", (json_int_t)stats->sent_skb,
			 "fragmented", (json_int_t)stats->fragmented);
}

static json_t *view_histogram(const struct ksrtpd_histogram *histogram)
{
	return json_pack("{s:I, s:f}", "count", (json_int_t)ksrtpd_histogram_count(histogram),
			 "sum", histogram->sum);
}

static json_t *view_quality(const struct ksrtpd_quality *quality)
{
	return json_pack("{s:I, s:I, s:o, s:o, s:o}", "lost", (json_int_t)quality->lost,
			 "there_lost", (json_int_t)quality->there_lost,
			 "fraction_lost", view_histogram(&quality->fraction),
			 "jitter_seconds", view_histogram(&quality->jitter),
			 "round_trip_seconds", view_histogram(&quality->rtt));
}

json_t *ksrtpd_metrics_view(struct ksrtpd_agent *agent)
{
	const struct ksrtpd_tally *tally = ksrtpd_tally_count(agent->datapath);
	const struct ksrtpd_metrics *metrics = agent->metrics;
	json_t *media = json_object(), *legs = json_object(), *handshakes = json_object();
	json_t *qualities = json_object();
	unsigned int i;

	for (i = 0; i < KSRTPD_TALLY_SUITES; i++) {
		json_object_set_new(legs, suite_name(i), json_integer(tally->legs[i]));
		json_object_set_new(media, suite_name(i), view_stats(&tally->sums[i]));
		if (i != KSRTPD_TALLY_KEYLESS)
			json_object_set_new(qualities, suite_name(i), view_quality(&tally->quality[i]));
	}
	for (i = 0; i < OUTCOMES && metrics->handshakes[i].name; i++)
		json_object_set_new(handshakes, metrics->handshakes[i].name,
				    json_integer((json_int_t)metrics->handshakes[i].count));
	return json_pack("{s:s, s:b, s:I, s:I, s:o, s:o, s:o, s:o}",
			 "datapath", agent->datapath->ops->name, "draining", agent->draining,
			 "calls_offered", (json_int_t)metrics->calls,
			 "calls_failed", (json_int_t)metrics->calls_failed,
			 "handshakes", handshakes, "legs", legs, "media", media,
			 "quality", qualities);
}
