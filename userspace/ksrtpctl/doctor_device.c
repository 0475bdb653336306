// SPDX-License-Identifier: GPL-2.0
/* A device: can it be on the XDP path, is it, and do frames that leave on it arrive? */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"

#define MTU_SMALLEST	1280	/* RFC 8200, section 5 */

static const char *mode_of(const char *name, const struct device_facts *facts)
{
	struct ksrtp_xdp_status status;
	int err = ksrtp_xdp_status(facts->ifindex, &status);

	if (err) {
		doctor_find(LEVEL_WARNING, name, "privilege", NULL,
			    "cannot see whether our XDP program is on it: %s (run as root)", strerror(-err));
		return "unknown";
	}
	return status.mode == KSRTP_XDP_MODE_NATIVE ? "native" :
	       status.mode == KSRTP_XDP_MODE_GENERIC ? "generic" : "none";
}

static void judge_attached(const char *name, const struct device_facts *facts, const char *mode,
			   bool native, bool module)
{
	char mend[128];

	if (!strcmp(mode, "native")) {
		doctor_find(LEVEL_OK, name, "xdp", NULL, "our XDP program is on it, in native mode");
	} else if (!strcmp(mode, "generic")) {
		snprintf(mend, sizeof(mend), "ksrtpctl xdp detach %s && ksrtpctl xdp attach %s native", name,
			 name);
		if (native)
			doctor_find(LEVEL_WARNING, name, "xdp-generic", mend,
				    "our XDP program is on it in generic mode, but its driver can do native");
		else
			doctor_find(LEVEL_OK, name, "xdp", NULL, "our XDP program is on it, in generic mode");
	} else if (facts->program && !strcmp(mode, "none")) {
		snprintf(mend, sizeof(mend), "ip link set dev %s xdp off", name);
		doctor_find(LEVEL_ERROR, name, "xdp-other", mend,
			    "another XDP program is on it: %s (id %u); ours cannot be attached",
			    facts->program_name[0] ? facts->program_name : "without a name", facts->program);
	} else if (module && !strcmp(mode, "none")) {
		snprintf(mend, sizeof(mend), "ksrtpctl xdp attach %s", name);
		doctor_find(LEVEL_WARNING, name, "xdp-none", mend,
			    "media that arrives here takes the skb path: no XDP program is on it");
	}
}

static void judge_native(const char *name, const struct device_facts *facts, bool native)
{
	if (!facts->xdp_known)
		doctor_find(LEVEL_WARNING, name, "xdp-unknown", NULL,
			    "the kernel does not tell what XDP its driver can do (before Linux 6.3)");
	else if (!native)
		doctor_find(LEVEL_WARNING, name, "no-native", NULL,
			    "its driver (%s) has no native XDP: generic mode is what there is",
			    facts->driver[0] ? facts->driver : "unknown");
}

/* Frames that are redirected to a device which does not take them are lost without a word. */
static void judge_egress(const char *name, const struct device_facts *facts)
{
	char mend[128];

	if (!facts->xdp_known)
		return;
	if (facts->xdp_features & XDP_FEATURE_NDO_XMIT) {
		doctor_find(LEVEL_OK, name, "egress", NULL, "it takes redirected frames");
		return;
	}
	if (!strcmp(facts->driver, "veth")) {
		doctor_find(LEVEL_WARNING, name, "egress", "ethtool -K PEER gro on",
			    "media that leaves here takes the skb path: a veth takes redirected frames only "
			    "while its peer has GRO on or an XDP program");
		return;
	}
	snprintf(mend, sizeof(mend), "ksrtpctl xdp attach %s native", name);
	if (facts->xdp_features & XDP_FEATURE_BASIC)
		doctor_find(LEVEL_WARNING, name, "egress", mend,
			    "media that leaves here takes the skb path: its driver (%s) takes redirected "
			    "frames only while it has a native program and a transmit queue for each CPU",
			    facts->driver);
	else
		doctor_find(LEVEL_WARNING, name, "egress", NULL,
			    "media that leaves here takes the skb path: its driver (%s) takes no redirected "
			    "frames", facts->driver[0] ? facts->driver : "unknown");
}

static void judge_queues(const char *name, const struct device_facts *facts)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned int want = (unsigned int)cpus;
	char mend[128];

	if (!facts->queues || cpus < 1)
		return;
	if (facts->queues_max && want > facts->queues_max)
		want = facts->queues_max;
	snprintf(mend, sizeof(mend), "ethtool -L %s %s %u", name,
		 strcmp(facts->driver, "veth") ? "combined" : "rx", want);
	if (facts->queues < want)
		doctor_find(LEVEL_WARNING, name, "queues", mend,
			    "%u receive queues for %ld CPUs: the media of this device is the work of %u of them",
			    facts->queues, cpus, facts->queues);
	else
		doctor_find(LEVEL_OK, name, "queues", NULL, "%u receive queues for %ld CPUs", facts->queues,
			    cpus);
}

static void judge_offloads(const char *name, const struct device_facts *facts)
{
	char mend[128];

	if (facts->lro) {
		snprintf(mend, sizeof(mend), "ethtool -K %s lro off", name);
		doctor_find(LEVEL_WARNING, name, "lro", mend,
			    "large receive offload is on: it merges packets, and drivers refuse native XDP with it");
	}
	if (facts->gro_hw) {
		snprintf(mend, sizeof(mend), "ethtool -K %s rx-gro-hw off", name);
		doctor_find(LEVEL_WARNING, name, "gro-hw", mend,
			    "the hardware merges packets (rx-gro-hw): drivers refuse native XDP with it");
	}
}

static void judge_host_settings(const char *name, const struct device_facts *facts)
{
	long all = doctor_number("/proc/sys/net/ipv4/conf/all/rp_filter");
	long own = doctor_number("/proc/sys/net/ipv4/conf/%s/rp_filter", name);
	char mend[128];

	if ((own > all ? own : all) == 1) {
		snprintf(mend, sizeof(mend), "sysctl -w net.ipv4.conf.%s.rp_filter=2", name);
		doctor_find(LEVEL_WARNING, name, "rp-filter", mend,
			    "strict reverse path filtering drops media that would be answered by another device");
	}
	if (facts->mtu && facts->mtu < MTU_SMALLEST) {
		snprintf(mend, sizeof(mend), "ip link set dev %s mtu 1500", name);
		doctor_find(LEVEL_WARNING, name, "mtu", mend,
			    "an MTU of %d is below what IPv6 wants (%d), and SRTP makes packets larger",
			    facts->mtu, MTU_SMALLEST);
	}
}

void doctor_device(const char *name, bool module, json_t *devices)
{
	struct device_facts facts;
	const char *mode;
	bool native;

	if (!device_facts(name, &facts)) {
		doctor_find(LEVEL_ERROR, name, "no-device", NULL,
			    "there is no such device in this network namespace");
		return;
	}
	native = facts.xdp_features & XDP_FEATURE_BASIC;
	if (!facts.up)
		doctor_find(LEVEL_ERROR, name, "down", NULL, "it is down");
	judge_native(name, &facts, native);
	mode = mode_of(name, &facts);
	judge_attached(name, &facts, mode, native, module);
	judge_egress(name, &facts);
	judge_queues(name, &facts);
	judge_offloads(name, &facts);
	judge_host_settings(name, &facts);
	json_array_append_new(devices, json_pack("{s:s, s:b, s:i, s:s, s:s, s:o, s:o, s:i, s:b, s:b, s:i}",
			      "device", name, "up", facts.up, "mtu", facts.mtu, "driver", facts.driver,
			      "xdp", mode,
			      "native_possible", facts.xdp_known ? json_boolean(native) : json_null(),
			      "takes_redirects", facts.xdp_known ?
			      json_boolean(facts.xdp_features & XDP_FEATURE_NDO_XMIT) : json_null(),
			      "queues", (int)facts.queues, "lro", facts.lro, "gro_hw", facts.gro_hw,
			      "program", (int)facts.program));
}
