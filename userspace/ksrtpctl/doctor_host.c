// SPDX-License-Identifier: GPL-2.0
/* The host: module, BTF, crypto, and settings of the kernel that hurt media. */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "doctor.h"

#define HOST		"host"
#define RMEM_WANTED	1048576		/* a second of media on one socket */
#define KEYRING_FULL	80		/* percent; the agent's alarm */

static void judge_kernel(json_t *facts)
{
	unsigned int major = 0, minor = 0;
	struct utsname name;

	uname(&name);
	json_object_set_new(facts, "kernel", json_string(name.release));
	sscanf(name.release, "%u.%u", &major, &minor);
	if (major < 6 || (major == 6 && minor < 12))
		doctor_find(LEVEL_ERROR, HOST, "kernel-old", NULL,
			    "Linux %s: the module needs 6.12 or newer", name.release);
	else
		doctor_find(LEVEL_OK, HOST, "kernel", NULL, "Linux %s", name.release);
	if (strstr(name.version, "PREEMPT_RT") || doctor_number("/sys/kernel/realtime") == 1)
		doctor_find(LEVEL_ERROR, HOST, "preempt-rt", NULL,
			    "a PREEMPT_RT kernel: the module does not load there");
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		doctor_find(LEVEL_ERROR, HOST, "kernel-btf", NULL,
			    "the kernel has no BTF (CONFIG_DEBUG_INFO_BTF): no XDP");
	if (!doctor_number("/proc/sys/net/core/bpf_jit_enable"))
		doctor_find(LEVEL_WARNING, HOST, "no-jit", "sysctl -w net.core.bpf_jit_enable=1",
			    "BPF programs are interpreted, not compiled");
}

static bool processor_has_aes(void)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	bool has = false;
	char line[8192];

	while (file && !has && fgets(line, sizeof(line), file))
		has = (!strncmp(line, "flags", 5) || !strncmp(line, "Features", 8)) && strstr(line, " aes ");
	if (file)
		fclose(file);
	return has;
}

static void judge_crypto(const struct ksrtp_info *info, json_t *facts)
{
	bool generic = strstr(info->aead_driver, "ghash-generic") || strstr(info->aead_driver, "aes-generic");

	json_object_set_new(facts, "aead_driver", json_string(info->aead_driver));
	json_object_set_new(facts, "aead_accelerated", json_boolean(!generic));
	if (!generic)
		doctor_find(LEVEL_OK, HOST, "aead", NULL, "AES-GCM by %s, accelerated", info->aead_driver);
	else if (processor_has_aes())
		doctor_find(LEVEL_WARNING, HOST, "aead-slow",
			    "modprobe aesni_intel && systemctl restart ksrtp-load",
			    "AES-GCM by %s, though the processor has AES instructions", info->aead_driver);
	else
		doctor_find(LEVEL_WARNING, HOST, "aead-slow", NULL,
			    "AES-GCM by %s: the processor has no AES instructions", info->aead_driver);
}

static void judge_limits(const struct ksrtp_info *info)
{
	if (!info->legs_max)
		doctor_find(LEVEL_ERROR, HOST, "legs-max", "sysctl -w net.ksrtp.legs_max=4096",
			    "no leg is allowed in this network namespace");
	else if (info->legs >= info->legs_max)
		doctor_find(LEVEL_WARNING, HOST, "legs-max", "sysctl -w net.ksrtp.legs_max=NUMBER",
			    "all %u legs that are allowed are there", info->legs_max);
	if (info->keyring_max && (uint64_t)info->keyring_used * 100 >= (uint64_t)info->keyring_max * KEYRING_FULL)
		doctor_find(LEVEL_WARNING, HOST, "keyring",
			    "echo NUMBER >/sys/module/ksrtp/parameters/keyring_max",
			    "%u of the %u session keys that can be remembered are: a full table refuses calls",
			    info->keyring_used, info->keyring_max);
}

static void judge_module(json_t *facts)
{
	struct ksrtp_info info;
	struct ksrtp *handle;
	int err;

	json_object_set_new(facts, "module", json_null());
	if (access("/sys/module/ksrtp", F_OK)) {
		doctor_find(LEVEL_ERROR, HOST, "no-module", "modprobe ksrtp",
			    "the module is not loaded: the agent moves the media itself");
		return;
	}
	if (access("/sys/kernel/btf/ksrtp", R_OK))
		doctor_find(LEVEL_ERROR, HOST, "no-btf", "dkms remove ksrtp/" KSRTP_VERSION
			    " -k $(uname -r); dkms install ksrtp/" KSRTP_VERSION " -k $(uname -r)",
			    "the module was loaded without its BTF, so no XDP: it was built for another kernel");
	err = ksrtp_open(&handle);
	if (!err)
		err = ksrtp_info_get(handle, &info);
	if (err) {
		doctor_find(LEVEL_WARNING, HOST, "privilege", NULL, "cannot ask the module: %s",
			    ksrtp_error(handle));
		ksrtp_close(handle);
		return;
	}
	ksrtp_close(handle);
	json_object_set_new(facts, "module", json_string(info.version));
	if (strcmp(info.version, KSRTP_VERSION))
		doctor_find(LEVEL_WARNING, HOST, "version", "systemctl restart ksrtp-load",
			    "module %s and programs " KSRTP_VERSION " are of different versions", info.version);
	else
		doctor_find(LEVEL_OK, HOST, "module", NULL, "module %s", info.version);
	judge_crypto(&info, facts);
	judge_limits(&info);
}

static void judge_network(void)
{
	long rmem = doctor_number("/proc/sys/net/core/rmem_max");
	long tracked = doctor_number("/proc/sys/net/netfilter/nf_conntrack_count");

	/* With the module sockets see no media. */
	if (rmem >= 0 && rmem < RMEM_WANTED && access("/sys/module/ksrtp", F_OK))
		doctor_find(LEVEL_WARNING, HOST, "rmem", "sysctl -w net.core.rmem_max=1048576",
			    "sockets hold %ld octets at most, less than a second of video: an agent that moves the "
			    "media itself loses packets when it waits", rmem);
	if (tracked > 0)
		doctor_find(LEVEL_WARNING, HOST, "conntrack",
			    "nft 'add table inet ksrtp; add chain inet ksrtp in { type filter hook prerouting priority raw; };"
			    " add rule inet ksrtp in udp dport 40000-49999 notrack'",
			    "connections are tracked (%ld): on the skb path that costs more than the decryption",
			    tracked);
	if (doctor_number("/proc/sys/net/ipv4/ip_forward") == 1)
		doctor_find(LEVEL_OK, HOST, "ip-forward", NULL, "ip_forward is on, which media does not need");
}

static void judge_governor(void)
{
	char governor[64], driver[64];
	const char *cpufreq = "/sys/devices/system/cpu/cpu0/cpufreq";

	if (!doctor_read(governor, sizeof(governor), "%s/scaling_governor", cpufreq) ||
	    !doctor_read(driver, sizeof(driver), "%s/scaling_driver", cpufreq))
		return;
	/* Under these drivers `powersave` is the one that scales. */
	if (!strcmp(governor, "powersave") && strncmp(driver, "intel_pstate", 12) &&
	    strncmp(driver, "amd-pstate-epp", 14))
		doctor_find(LEVEL_WARNING, HOST, "governor", "cpupower frequency-set -g performance",
			    "the processor is kept at its lowest frequency (governor powersave)");
}

static void judge_agent(json_t *facts)
{
	struct agent *agent = agent_open(true);

	json_object_set_new(facts, "agent", json_boolean(agent));
	doctor_find(LEVEL_OK, HOST, agent ? "agent" : "no-agent", agent ? NULL : "systemctl start ksrtpd",
		    agent ? "the agent listens on %s" : "no agent listens on %s", options.agent);
	agent_close(agent);
}

void doctor_host(json_t *facts)
{
	judge_kernel(facts);
	judge_module(facts);
	judge_network();
	judge_governor();
	judge_agent(facts);
}
