// SPDX-License-Identifier: GPL-2.0
/* Keys cannot be read by any means: neither while they live nor, from memory, afterwards. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/genetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#include "../unit/tap.h"
#include "call.h"
#include "hidden.h"
#include "incumbent.h"

/* -- where people look */

static struct hidden *wanted;
static unsigned int files, found;
static char where[512];

static void found_in(const char *name)
{
	if (!found++)
		snprintf(where, sizeof(where), "%s", name);
}

static int hex_digit(int c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* In hex, whatever stands between the digits, as long as it is not much. */
static void scan_hex(const char *name, const uint8_t *p, size_t len)
{
	uint8_t *octets = malloc(len / 2 + 1);
	size_t i, n = 0;
	int high, low;

	for (i = 0; octets && i + 1 < len; i++) {
		if (p[i] == '0' && p[i + 1] == 'x') {
			i++;
			continue;
		}
		high = hex_digit(p[i]);
		low = hex_digit(p[i + 1]);
		if (high < 0 || low < 0)
			continue;
		octets[n++] = (uint8_t)(high << 4 | low);
		i++;
	}
	for (i = 0; i + NEEDLE_MAX <= n; i++)
		if (hidden_find(wanted, octets + i))
			found_in(name);
	if (octets)
		explicit_bzero(octets, len / 2 + 1);
	free(octets);
}

static void scan(const char *name, const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i + NEEDLE_MAX <= len; i++)
		if (hidden_find(wanted, p + i))
			found_in(name);
	scan_hex(name, p, len);
}

#define READ_MAX	(2u << 20)

static void scan_stream(const char *name, int fd)
{
	uint8_t *p = malloc(READ_MAX);
	size_t len = 0;
	ssize_t n;

	while (p && len < READ_MAX && (n = read(fd, p + len, READ_MAX - len)) > 0)
		len += (size_t)n;
	if (len) {
		files++;
		scan(name, p, len);
	}
	free(p);
}

static bool not_to_be_read(const char *path)
{
	/* Memory, one's own and all, is for the other test; the rest waits or is huge. */
	static const char *const names[] = {
		"/proc/kcore", "/proc/kmsg", "/proc/kpage", "/proc/self", "/proc/thread-self",
		"/proc/kallsyms", "/proc/acpi", "/sys/kernel/debug/sched", "trace_pipe",
		"/sys/kernel/debug/tracing", "per_cpu", "/events/", "available_filter",
		"/sys/kernel/debug/kmemleak",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strstr(path, names[i]))
			return true;
	/* Processes */
	return !strncmp(path, "/proc/", 6) && path[6] >= '0' && path[6] <= '9';
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *at)
{
	int fd;

	(void)at;
	if (not_to_be_read(path))
		return type == FTW_D ? FTW_SKIP_SUBTREE : FTW_CONTINUE;
	if (type != FTW_F || !S_ISREG(st->st_mode))
		return FTW_CONTINUE;
	fd = open(path, O_RDONLY | O_NONBLOCK);
	if (fd < 0)
		return FTW_CONTINUE;
	scan_stream(path, fd);
	close(fd);
	return FTW_CONTINUE;
}

static void scan_tree(const char *path)
{
	nftw(path, visit, 16, FTW_ACTIONRETVAL | FTW_PHYS);
}

static void scan_command(const char *command)
{
	FILE *f = popen(command, "r");

	if (!f)
		return;
	scan_stream(command, fileno(f));
	pclose(f);
}

/* -- netlink, as it comes */

static int find_family(const struct nlmsghdr *nlh, void *arg)
{
	struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			*(uint16_t *)arg = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

static void scan_dump(struct mnl_socket *nl, uint16_t family, uint8_t command, int dump)
{
	uint8_t buf[65536];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;
	char name[32];
	ssize_t n;

	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | (dump ? NLM_F_DUMP : NLM_F_ACK));
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = command;
	genl->version = 1;
	snprintf(name, sizeof(name), "netlink command %u", command);
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return;
	while ((n = mnl_socket_recvfrom(nl, buf, sizeof(buf))) > 0) {
		files++;
		scan(name, buf, (size_t)n);
		nlh = (struct nlmsghdr *)buf;
		if (nlh->nlmsg_type == NLMSG_DONE || nlh->nlmsg_type == NLMSG_ERROR ||
		    mnl_cb_run(buf, (size_t)n, 0, 0, NULL, NULL) <= 0)
			break;
	}
}

static void scan_netlink(void)
{
	static const uint8_t dumps[] = {
		KSRTP_CMD_CALL_GET, KSRTP_CMD_LEG_GET, KSRTP_CMD_KEY_GET, KSRTP_CMD_ROUTE_GET,
		KSRTP_CMD_STREAM_GET,
	};
	struct mnl_socket *nl = mnl_socket_open(NETLINK_GENERIC);
	uint8_t buf[8192];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;
	uint16_t family = 0;
	ssize_t n;
	size_t i;

	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0)
		abort();
	nlh->nlmsg_type = GENL_ID_CTRL;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = CTRL_CMD_GETFAMILY;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, KSRTP_FAMILY_NAME);
	mnl_socket_sendto(nl, nlh, nlh->nlmsg_len);
	n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	if (n > 0)
		mnl_cb_run(buf, (size_t)n, 0, 0, find_family, &family);
	CHECK(family, "no family");
	for (i = 0; i < sizeof(dumps); i++)
		scan_dump(nl, family, dumps[i], 1);
	scan_dump(nl, family, KSRTP_CMD_STATS_GET, 0);
	mnl_socket_close(nl);
}

static void scan_log(void)
{
	int len = klogctl(10, NULL, 0);
	char *p = malloc((size_t)len);

	len = klogctl(3, p, len);
	CHECK(len > 0, "no kernel log");
	if (len > 0)
		scan("the kernel's log", (uint8_t *)p, (size_t)len);
	free(p);
}

static void nothing_in(const char *what, unsigned int at_least)
{
	CHECK(!found, "%s: a key, %u times, first in %s", what, found, where);
	CHECK(files >= at_least, "%s: only %u files were read", what, files);
	files = 0;
	found = 0;
}

/* The search finds what there is to find, or it shows nothing. */
static void search_works(void)
{
	uint8_t text[200], raw[64];
	int i, n = 0;

	random_octets(raw, sizeof(raw));
	hidden_show(&wanted->needle[1], raw + 20);
	for (i = 0; i < NEEDLE_MAX; i++) {
		n += snprintf((char *)text + n, sizeof(text) - (size_t)n, i % 8 ? "%02x " : "0x%02X,",
			      raw[20 + i]);
	}
	scan("raw", raw, sizeof(raw));
	scan("text", text, (size_t)n);
	CHECK(found == 2, "found %u of 2", found);
	explicit_bzero(raw, sizeof(raw));
	explicit_bzero(text, sizeof(text));
	found = 0;
}

/* -- all memory */

/* @n octets, of which the last but NEEDLE_MAX come again. */
static void scan_chunk(struct hidden *h, const uint8_t *p, size_t n)
{
	struct needle *needle;
	uint64_t octets;
	size_t i;

	for (i = 0; i + NEEDLE_MAX <= n; i++) {
		memcpy(&octets, p + i, sizeof(octets));
		/* No secret begins with four of them. */
		if (!octets) {
			i += 4;
			continue;
		}
		if (!hidden_may(h, p + i))
			continue;
		needle = hidden_find(h, p + i);
		if (needle)
			needle->hits++;
	}
}

/* Counts for each secret how often it is there. */
static void scan_memory(struct hidden *h)
{
	static uint8_t chunk[1 << 20] __attribute__((aligned(64)));
	int fd = open("/proc/kcore", O_RDONLY);
	uint64_t scanned = 0;
	Elf64_Ehdr head;
	Elf64_Phdr *ph;
	unsigned int k;
	int i;

	for (k = 0; k < h->n; k++)
		h->needle[k].hits = 0;
	CHECK(fd >= 0, "/proc/kcore: %s", strerror(errno));
	if (fd < 0 || pread(fd, &head, sizeof(head), 0) != sizeof(head))
		return;
	ph = calloc(head.e_phnum, sizeof(*ph));
	if (pread(fd, ph, head.e_phnum * sizeof(*ph), (off_t)head.e_phoff) < 0)
		abort();
	for (i = 0; i < head.e_phnum; i++) {
		uint64_t at;

		/* What is mapped elsewhere (vmalloc, text) is in here as well. */
		if (ph[i].p_type != PT_LOAD || ph[i].p_paddr + 1 <= 1 || ph[i].p_filesz > 1ull << 40)
			continue;
		for (at = 0; at < ph[i].p_filesz; at += sizeof(chunk) - NEEDLE_MAX) {
			uint64_t left = ph[i].p_filesz - at;
			ssize_t n = pread(fd, chunk, left < sizeof(chunk) ? left : sizeof(chunk),
					  (off_t)(ph[i].p_offset + at));

			if (n <= NEEDLE_MAX)
				continue;
			scanned += (uint64_t)n;
			scan_chunk(h, chunk, (size_t)n);
		}
	}
	explicit_bzero(chunk, sizeof(chunk));
	free(ph);
	close(fd);
	CHECK(scanned > 256u << 20, "only %llu octets of memory read", (unsigned long long)scanned);
}

static void end(struct hidden *h, pid_t pid)
{
	if (h->call)
		CHECK(!ksrtp_call_del(ksrtp, h->call), "%s", ksrtp_error(ksrtp));
	hidden_leave(pid);
}

static void reading(void)
{
	struct hidden *h;
	pid_t pid;

	/* As talkative as the kernel gets. */
	net_command("echo 'module ksrtp +p' >/sys/kernel/debug/dynamic_debug/control");
	/* But for the names of tasks: they are noted by a patch of the scheduler, see tests/vm/steady. */
	net_command("cd /sys/kernel/tracing && echo 0 >options/record-cmd && for e in net skb xdp netlink; do "
		    "[ ! -d events/$e ] || echo 1 >events/$e/enable; done");
	/* So that there are BPF maps to look into. */
	CHECK(!net_datapath(1), "XDP");
	tap.datapath = "core";
	h = wanted = hidden_open(&pid);
	search_works();
	scan_netlink();
	nothing_in("netlink", 6);
	scan_command("PATH=$PATH:/usr/sbin; for m in $(bpftool -j map list | tr '{,' '\\n\\n' | sed -n 's/^\"id\"://p'); do "
		     "bpftool map dump id $m; bpftool -j map dump id $m; done 2>/dev/null");
	nothing_in("bpftool", 1);
	scan_tree("/proc");
	nothing_in("/proc", 200);
	scan_tree("/sys/module/ksrtp");
	scan_tree("/sys/kernel/debug");
	nothing_in("/sys", 20);
	scan_tree("/sys/kernel/tracing");
	nothing_in("tracefs", 20);
	scan_log();
	nothing_in("the kernel's log", 0);
	net_command("cd /sys/kernel/tracing && echo 0 >events/enable && echo >trace && "
		    "echo 1 >options/record-cmd");
	end(h, pid);
	CHECK(!net_datapath(0), "no XDP");
	tap.datapath = "core";
	hidden_close(h);
	tap_end("S5", "rtpengine: keys, salts and ICE passwords are not in dumps, BPF maps, /proc, debugfs, tracefs or the log");
}

/* What has died in every way, beside what lives and is found. */
static void expect_dead(struct hidden *h)
{
	unsigned int i;

	scan_memory(h);
	for (i = 0; i < h->n; i++) {
		const struct needle *n = &h->needle[i];

		CHECK(!n->gone || !n->hits, "%s: %u times in memory", n->what, n->hits);
		CHECK(!n->plain || n->hits, "%s: not found: the search shows nothing", n->what);
	}
}

static void expect_nothing(struct hidden *h)
{
	unsigned int i;

	/* Its memory too. */
	usleep(1500000);
	scan_memory(h);
	for (i = 0; i < h->n; i++)
		CHECK(!h->needle[i].hits, "%s: %u times in memory", h->needle[i].what,
		      h->needle[i].hits);
}

/* As tests/vm/with-module does, which unloads it in the end. */
static void load(void)
{
	CHECK(!net_command("m=${MODULE:-build/kmod/%%r/ksrtp.ko} && "
			   "insmod $(echo $m | sed s/%%r/$(uname -r)/)"), "the module does not load again");
}

static void memory(void)
{
	/* At an odd address. */
	uint8_t *planted = malloc(NEEDLE_MAX + 1);
	struct hidden *h;
	pid_t pid;

	h = hidden_open(&pid);
	random_octets(planted, NEEDLE_MAX + 1);
	hidden_add(h, "what was put there", planted + 1, NEEDLE_MAX);
	expect_dead(h);
	tap_end("S5", "rtpengine: keys and salts that were deleted, replaced, refused or of a deleted call are nowhere in memory");
	CHECK(!net_command("rmmod ksrtp"), "the module does not unload");
	hidden_leave(pid);
	explicit_bzero(planted, NEEDLE_MAX + 1);
	expect_nothing(h);
	load();
	free(planted);
	hidden_close(h);
	tap_end("S5,O1", "rtpengine: keys, salts and ICE passwords of a living call are nowhere in memory when the module is gone");
}

/*
 * The agent dies of a fault, where everything is set for a core file of it; another process
 * that dies in the same way leaves one.
 */
static void core_files(void)
{
	static const char script[] =
		"cd /tmp && rm -rf ksrtp-cores && mkdir ksrtp-cores && cd ksrtp-cores && "
		"pattern=$(cat /proc/sys/kernel/core_pattern) && "
		"echo \"$PWD/core.%%p\" >/proc/sys/kernel/core_pattern && "
		"ulimit -c unlimited && "
		"{ sleep 60 & other=$!; } && "
		"{ %s/build/ksrtpd -s $PWD/socket -i a=192.0.2.1 >log 2>&1 & agent=$!; } && "
		"{ for i in $(seq 400); do [ ! -S socket ] || break; sleep 0.05; done; } && "
		"[ -S socket ] && kill -SEGV $other $agent && "
		"{ wait $other; [ $? -eq 139 ]; } && { wait $agent; [ $? -eq 139 ]; } && "
		"[ -s core.$other ] && [ ! -e core.$agent ]; ended=$?; "
		"echo \"$pattern\" >/proc/sys/kernel/core_pattern; "
		"[ $ended -eq 0 ] || { ls -l; cat log; }; "
		"cd / && rm -rf /tmp/ksrtp-cores; exit $ended";
	char *tree = getcwd(NULL, 0);

	CHECK(tree && !net_command(script, tree), "a core file of the agent, or none of anybody");
	free(tree);
	tap_end("S5", "rtpengine: an agent that crashes leaves no core file with keys");
}

void secrecy_tests(void)
{
	reading();
	core_files();
	memory();
}
