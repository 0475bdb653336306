// SPDX-License-Identifier: GPL-2.0
/* What the kernel knows, as JSON. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include "ctl.h"

struct ksrtp *kernel_open(void)
{
	struct ksrtp *handle;
	int err = ksrtp_open(&handle);

	if (!err)
		return handle;
	kernel_refused(NULL, err);
	return NULL;
}

int kernel_refused(const struct ksrtp *handle, int err)
{
	const char *reason = "kernel";

	switch (err) {
	case -EPERM:
		reason = "privilege";
		break;
	case -ENOENT:
		reason = handle ? "not-found" : "no-module";
		break;
	}
	return refused(reason, "%s", ksrtp_error(handle));
}

int kernel_table(const struct ksrtp *handle, int err, json_t *rows,
		 const struct column *columns, const char *none)
{
	/* On a busy host something comes or goes all the time. */
	if (err == -EINTR) {
		fprintf(stderr, "ksrtpctl: this changed while it was read: what came or went "
			"meanwhile may be missing\n");
		err = 0;
	}
	if (!err)
		return out_table(rows, columns, none);
	json_decref(rows);
	return kernel_refused(handle, err);
}

json_t *dropped_json(const uint64_t *dropped)
{
	json_t *object = json_object();
	uint32_t reason;

	for (reason = 0; reason <= KSRTP_REASON_MAX; reason++)
		if (dropped[reason])
			json_object_set_new(object, reason ? ksrtp_reason_name(reason) : "unknown",
					    json_integer((json_int_t)dropped[reason]));
	return object;
}

json_t *address_json(const struct sockaddr_storage *addr)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr;
	const struct sockaddr_in *in = (const struct sockaddr_in *)addr;
	char host[INET6_ADDRSTRLEN], text[INET6_ADDRSTRLEN + 16];

	switch (addr->ss_family) {
	case AF_INET:
		inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
		snprintf(text, sizeof(text), "%s:%u", host, ntohs(in->sin_port));
		return json_string(text);
	case AF_INET6:
		inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
		snprintf(text, sizeof(text), "[%s]:%u", host, ntohs(in6->sin6_port));
		return json_string(text);
	default:
		return json_null();
	}
}

json_t *stats_json(const struct ksrtp_stats *stats)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
			 "received", (json_int_t)stats->received,
			 "forwarded", (json_int_t)stats->forwarded,
			 "answered", (json_int_t)stats->answered,
			 "passed_up", (json_int_t)stats->passed_up,
			 "dropped", dropped_json(stats->dropped),
			 "xdp", (json_int_t)stats->xdp,
			 "skb", (json_int_t)stats->skb,
			 "received_bytes", (json_int_t)stats->received_bytes,
			 "sent", (json_int_t)stats->sent,
			 "sent_bytes", (json_int_t)stats->sent_bytes,
			 "sent_xdp", (json_int_t)stats->sent_xdp,
			 "sent_skb", (json_int_t)stats->sent_skb,
			 "fragmented", (json_int_t)stats->fragmented);
}

static json_t *flags_json(uint32_t flags)
{
	json_t *array = json_array();

	if (flags & KSRTP_LEG_F_LEARN)
		json_array_append_new(array, json_string("learn"));
	if (flags & KSRTP_LEG_F_NO_FRAG)
		json_array_append_new(array, json_string("no-frag"));
	return array;
}

/* For people: why the leg's last packet was not on XDP, and what mends it. */
static json_t *why_slow(uint32_t slow)
{
	static const char *const sentences[] = {
		[KSRTP_SLOW_NO_PROGRAM] = "its packets meet no XDP program (no-program): 'ksrtpctl xdp "
					  "attach' the device that they arrive on",
		[KSRTP_SLOW_NEXTHOP] = "the way to the other endpoint is not resolved yet (nexthop)",
		[KSRTP_SLOW_EGRESS] = "the device they leave on takes no redirected frames (egress): "
				      "'ksrtpctl doctor' says why",
		[KSRTP_SLOW_MTU] = "they outgrow the MTU and must be fragmented (mtu)",
		[KSRTP_SLOW_FANOUT] = "their copies are more than a CPU has frames for, or may send at "
				      "once (fanout)",
		[KSRTP_SLOW_ROOM] = "the driver's frames have no room to grow (room)",
		[KSRTP_SLOW_CHECKSUM] = "plain RTP whose checksum only the stack can verify (checksum)",
		[KSRTP_SLOW_DEVICE] = "the socket is bound to another device than XDP serves (device)",
		[KSRTP_SLOW_IPSEC] = "plain RTP where there are IPsec policies, which only the stack "
				     "enforces (ipsec)",
	};

	if (slow == KSRTP_SLOW_NONE)
		return json_null();
	if (slow < sizeof(sentences) / sizeof(sentences[0]) && sentences[slow])
		return json_string(sentences[slow]);
	return json_string(ksrtp_slow_name(slow));
}

json_t *leg_json(const struct ksrtp_leg *leg)
{
	json_t *object, *stats = stats_json(&leg->stats);

	object = json_pack("{s:I, s:I, s:o, s:o, s:s, s:o, s:i, s:I, s:I, s:o, s:o, s:o, s:s, s:s, s:o, s:o}",
			   "leg", (json_int_t)leg->id,
			   "call", (json_int_t)leg->call_id,
			   "local", address_json(&leg->local),
			   "remote", address_json(&leg->remote),
			   "state", ksrtp_state_name(leg->state),
			   "flags", flags_json(leg->flags),
			   "dscp", leg->dscp,
			   "window", (json_int_t)leg->window,
			   "streams_max", (json_int_t)leg->streams_max,
			   "rtcp_of", leg->rtcp_of ? json_integer((json_int_t)leg->rtcp_of) :
						     json_null(),
			   "rate", leg->rate ? json_integer((json_int_t)leg->rate) : json_null(),
			   "consent_ms", leg->consent_known ?
					 json_integer((json_int_t)leg->consent_ms) : json_null(),
			   "datapath", ksrtp_datapath_name(leg->datapath),
			   "slow", ksrtp_slow_name(leg->slow),
			   "slow_why", why_slow(leg->slow),
			   "idle_ms", leg->idle_known ? json_integer((json_int_t)leg->idle_ms) :
							json_null());
	json_object_update(object, stats);
	json_decref(stats);
	return object;
}
