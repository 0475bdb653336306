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

json_t *leg_json(const struct ksrtp_leg *leg)
{
	json_t *object, *stats = stats_json(&leg->stats);

	object = json_pack("{s:I, s:I, s:o, s:o, s:s, s:o, s:i, s:I, s:I, s:s, s:s, s:o}",
			   "leg", (json_int_t)leg->id,
			   "call", (json_int_t)leg->call_id,
			   "local", address_json(&leg->local),
			   "remote", address_json(&leg->remote),
			   "state", ksrtp_state_name(leg->state),
			   "flags", flags_json(leg->flags),
			   "dscp", leg->dscp,
			   "window", (json_int_t)leg->window,
			   "streams_max", (json_int_t)leg->streams_max,
			   "datapath", ksrtp_datapath_name(leg->datapath),
			   "slow", ksrtp_slow_name(leg->slow),
			   "idle_ms", leg->idle_known ? json_integer((json_int_t)leg->idle_ms) :
							json_null());
	json_object_update(object, stats);
	json_decref(stats);
	return object;
}
